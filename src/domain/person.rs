//! The person's own settings: `config.toml` in the platform's config folder.

use std::path::PathBuf;

use chrono::Weekday;
use chrono_tz::Tz;

use super::office::DayHours;
use super::ring::RingSettings;

/// What one person wants of the cockpit, whichever workspace is open.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Person {
    /// The workspace to open when none is near.
    pub workspace: Option<PathBuf>,
    /// The zone times are shown in; absent: the machine's.
    pub time_zone: Option<Tz>,
    /// The name of a theme in `config/themes`, or a path to a theme file.
    pub theme: Option<String>,
    /// The first column of a week; absent: by locale, else Monday.
    pub week_start: Option<Weekday>,
    /// The hours of a day that the calendar gives room to first, and in which people work;
    /// absent: 8 to 18.
    pub hours: Option<DayHours>,
    /// Layers of windows that are not shown in the calendar; what they hold counts all the same.
    pub hidden_layers: Vec<String>,
    /// `calendar`, `board`, `monitor` or `rollback`: the panel shown last.
    pub last_view: Option<String>,
    /// As what the calendar was shown last: `month`, `week`, `agenda` or `timeline`.
    pub calendar_view: Option<String>,
    /// What the timeline's lanes were last: `team`, `environment`, `region` or `service`.
    pub lanes_by: Option<String>,
    /// How much time the timeline showed last: `6 hours` to `quarter`.
    pub zoom: Option<String>,
    /// Seconds between ticks of the clock on screen; absent: 1.
    pub tick_seconds: Option<u32>,
    /// Spend as few bytes as possible.
    pub low_bandwidth: Option<bool>,
    /// Draw with ASCII only; absent: by locale.
    pub ascii: Option<bool>,
    /// Take mouse events; absent: yes.
    pub mouse: Option<bool>,
    /// `[keys]` and `[keys.CONTEXT]`: context (`global`, `calendar`…), action name, keys as
    /// written (`ctrl-k`, `g g`); an empty list unbinds.
    pub keys: Vec<KeyBinding>,
    /// The filter of each panel, by the panel's name.
    pub filters: Vec<(String, String)>,
    /// How the monitor's charts were left, a workspace each.
    pub charts: Vec<ChartsLook>,
    /// Fingerprints of alerts the person has acknowledged.
    pub acknowledged: Vec<String>,
    /// How the person is called.
    pub ring: RingSettings,
}

/// How the monitor's charts were left in one workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChartsLook {
    /// The workspace's folder.
    pub workspace: String,
    /// Whether the same hour of the last weeks is drawn.
    pub band: bool,
    /// The chart that stays first.
    pub pinned: Option<PinnedChart>,
}

impl ChartsLook {
    /// Whether it is as every workspace begins: nothing has to be kept of it.
    pub fn is_usual(&self) -> bool {
        !self.band && self.pinned.is_none()
    }
}

/// A chart that stays first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedChart {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The region, where the metric's query asks for one.
    pub region: Option<String>,
    /// The metric's name.
    pub metric: String,
}

/// One line of `[keys]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// `global` or a panel's or overlay's name.
    pub context: String,
    /// The action's name, as `?` shows it.
    pub action: String,
    /// Its keys; empty: none.
    pub keys: Vec<String>,
}
