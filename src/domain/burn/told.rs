//! Everything that is known of an objective's burn: one account for screen, text and JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Caused, Exhaustion, Firing, Judged, Known, Outlook, Severity, Standing, Unknown, judge, outlook,
    standing, words,
};
use crate::domain::service::Slo;

/// An objective, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its rows.
    pub judged: Vec<Judged>,
    /// What they come to.
    pub standing: Standing,
    /// What is left of the budget.
    pub outlook: Outlook,
}

/// Judges an objective by what is known at an instant.
pub fn account(slo: &Slo, known: &Known, now: DateTime<Utc>) -> Account {
    let judged = judge(slo, &known.readings);
    let standing = standing(&judged);
    Account { judged, standing, outlook: outlook(slo, &known.readings, now).recorded(known.recorded) }
}

impl Account {
    /// The burn of the last five minutes, which a release's part is compared with: a rollout is
    /// often younger than an hour.
    pub fn lately(&self) -> Option<f64> {
        self.judged.iter().find(|judged| judged.row.short == super::Window::Minutes5)?.short.ok()
    }

    /// The burn of the last hour.
    pub fn last_hour(&self) -> Option<f64> {
        self.judged.iter().find(|judged| judged.row.long == super::Window::Hour1)?.long.ok()
    }

    /// For sorting: the worst first, then by how close the hottest row is to its threshold.
    pub fn heat(&self) -> (Standing, f64) {
        let close = |judged: &Judged| judged.long.ok().map(|burn| burn / judged.threshold);
        (self.standing, self.judged.iter().filter_map(close).fold(0.0, f64::max))
    }
}

/// An account as a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    service: String,
    environment: Option<String>,
    /// Percent.
    objective: f64,
    window_days: f64,
    standing: Standing,
    rows: Vec<ToldRow>,
    budget: Budget,
    release: Option<ToldCaused>,
    why: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ToldRow {
    severity: Severity,
    long: String,
    short: String,
    threshold: f64,
    long_burn: Option<f64>,
    short_burn: Option<f64>,
    state: Firing,
    sentence: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Budget {
    /// The share that is left; negative where overspent.
    left: Option<f64>,
    /// Where only a part of the period was recorded: of how many days there are numbers, and what
    /// is left by those alone.
    recorded_days: Option<f64>,
    left_by_recorded_days: Option<f64>,
    /// The burn taken for the forecast.
    rate: Option<f64>,
    /// `spent`, `never`, `at`, `unknown`.
    exhaustion: &'static str,
    exhausted_at: Option<DateTime<Utc>>,
    why: Option<String>,
}

/// The part of the release.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToldCaused {
    /// The version to come.
    pub to: String,
    from: Option<String>,
    canary_ratio: Option<f64>,
    stable_ratio: Option<f64>,
    share: Option<f64>,
    burn: Option<f64>,
    /// Whether the release is to blame.
    pub sentence: String,
}

impl ToldCaused {
    /// Of the burn of the last five minutes.
    pub fn new(caused: Option<&Caused>, total: Option<f64>, to: &str, from: Option<&str>) -> Self {
        Self {
            to: to.to_owned(),
            from: from.map(str::to_owned),
            canary_ratio: caused.map(|caused| caused.canary),
            stable_ratio: caused.map(|caused| caused.stable),
            share: caused.map(|caused| caused.share),
            burn: caused.map(|caused| caused.burn),
            sentence: words::blame(caused, total, to, from),
        }
    }
}

impl Told {
    /// What is told of a service; `why`: what kept an answer from counting.
    pub fn new(service: &str, environment: Option<&str>, slo: &Slo, account: &Account) -> Self {
        let row = |judged: &Judged| ToldRow {
            severity: judged.row.severity,
            long: judged.row.long.written(slo),
            short: judged.row.short.written(slo),
            threshold: judged.threshold,
            long_burn: judged.long.ok(),
            short_burn: judged.short.ok(),
            state: judged.firing,
            sentence: words::row(slo, judged),
        };
        Self {
            service: service.to_owned(),
            environment: environment.map(str::to_owned),
            objective: slo.objective,
            window_days: slo.window_days,
            standing: account.standing,
            rows: account.judged.iter().map(row).collect(),
            budget: Budget::new(&account.outlook),
            release: None,
            why: None,
        }
    }

    /// With the part of a release.
    #[must_use]
    pub fn with_release(self, caused: Option<ToldCaused>) -> Self {
        Self { release: caused, ..self }
    }

    /// With why an answer does not count, or is old.
    #[must_use]
    pub fn because(self, why: Option<String>) -> Self {
        Self { why, ..self }
    }
}

impl Budget {
    fn new(outlook: &Outlook) -> Self {
        let (exhaustion, exhausted_at) = match outlook.exhaustion {
            Exhaustion::Spent => ("spent", None),
            Exhaustion::Never => ("never", None),
            Exhaustion::At(at) => ("at", Some(at)),
            Exhaustion::Unknown => ("unknown", None),
        };
        let why = outlook.left.err().or(outlook.rate.err());
        Self {
            left: outlook.left.ok(),
            recorded_days: outlook.partly.map(|(recorded, _)| recorded.days),
            left_by_recorded_days: outlook.partly.map(|(_, left)| left),
            rate: outlook.rate.ok().map(|(_, burn)| burn),
            exhaustion,
            exhausted_at,
            why: why.map(|why: Unknown| why.to_string()),
        }
    }
}
