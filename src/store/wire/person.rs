//! The person's `config.toml`

use std::collections::BTreeMap;

use serde::Deserialize;

use super::At;

/// What one person wants of the cockpit.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Person {
    /// The workspace to open when none is near.
    pub workspace: Option<String>,
    /// IANA zone times are shown in; absent: the machine's.
    pub time_zone: Option<At<String>>,
    /// monday, sunday…; absent: by locale, else monday.
    pub week_start: Option<At<String>>,
    /// The panel shown last: calendar, board, monitor or rollback.
    pub last_view: Option<String>,
    /// Fingerprints of acknowledged alerts.
    #[serde(default)]
    pub acknowledged: Vec<String>,
    /// How it looks.
    #[serde(default)]
    pub ui: Ui,
    /// What the calendar shows.
    #[serde(default)]
    pub calendar: Calendar,
    /// How the monitor's charts were left, kept by the cockpit: a workspace each.
    #[serde(default)]
    pub charts: Vec<Charts>,
    /// How the person is called.
    #[serde(default)]
    pub ring: Ring,
    /// The filter of each panel.
    #[serde(default)]
    pub filters: BTreeMap<String, String>,
    /// Actions and their keys; tables inside are contexts.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub keys: BTreeMap<String, toml::Value>,
}

/// `[[charts]]`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Charts {
    /// The workspace's folder.
    pub workspace: String,
    /// Whether the same hour of the last weeks is drawn.
    #[serde(default)]
    pub band: bool,
    /// The chart that stays first.
    pub pinned: Option<Pinned>,
}

/// `pinned = { service = "…", environment = "…", metric = "…" }`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Pinned {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The region, where the metric's query asks for one.
    pub region: Option<String>,
    /// The metric's name.
    pub metric: String,
}

/// `[ui]`
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ui {
    /// A theme's name, or a path to a theme file.
    pub theme: Option<String>,
    /// Seconds between ticks of the clock on screen: 1s, 10s…; absent: 1s.
    pub tick: Option<At<String>>,
    /// Spend as few bytes as possible.
    pub low_bandwidth: Option<bool>,
    /// Draw with ASCII only; absent: by locale.
    pub ascii: Option<bool>,
    /// Take mouse events; absent: yes.
    pub mouse: Option<bool>,
}

/// `[ring]`
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ring {
    /// Whether the terminal's bell rings; absent: yes.
    pub bell: Option<bool>,
    /// 9 or 777: the sequence that asks the terminal for a notification of the desktop.
    pub osc: Option<At<i64>>,
    /// Where a JSON document is posted.
    pub webhook: Option<At<String>>,
    /// A program and its arguments; it sees TMINUS_RING_TITLE and TMINUS_RING_TEXT.
    #[serde(default)]
    pub command: Vec<String>,
}

/// `[calendar]`
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Calendar {
    /// The hours of a day that have room first: 07:00-20:00; absent: 08:00-18:00.
    pub hours: Option<At<String>>,
    /// As what it was shown last, kept by the cockpit: month, week, agenda or timeline.
    pub view: Option<String>,
    /// What the timeline's lanes were last, kept by the cockpit: team, environment, region or service.
    pub lanes: Option<String>,
    /// How much time the timeline showed last, kept by the cockpit: 6 hours, day, 3 days, week,
    /// 2 weeks, month or quarter.
    pub zoom: Option<String>,
    /// Layers of windows that are not shown: kept by the cockpit.
    #[serde(default)]
    pub hidden_layers: Vec<String>,
}
