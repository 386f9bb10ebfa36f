//! How fast a service spends its error budget, in four rows of two windows each.
//!
//! After the SRE workbook, chapter 5 ("Alerting on SLOs", multiwindow, multi-burn-rate alerts),
//! and Sloth's table. Burn is the share of bad events over a window divided by the share that the
//! objective allows: at 1 the budget is spent exactly at the end of the period. A row fires when
//! both its windows burn faster than *budget share × period / long window*: the long one says that
//! it matters, the short one that it still goes on.
//!
//! What is not known is never quiet: a window without data, a partial answer, a short window with
//! fewer than [`FEWEST`] events.

mod caused;
mod known;
mod outlook;
pub mod query;
#[cfg(test)]
mod tests;
mod told;
pub mod words;

pub use caused::{Caused, caused};
pub use known::Known;
pub use outlook::{Exhaustion, Outlook, Recorded, outlook};
pub use told::{Account, Told, ToldCaused, account};

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::service::Slo;

/// Events that the short window of a row must hold: a share of fewer says nothing.
pub const FEWEST: f64 = 100.0;
/// Burns within this relative distance of a threshold are at it, not above it: shares and
/// objectives are decimal, and their quotients are not exact.
const EXACT: f64 = 1e-9;
/// Events counted as bad and all events may come from scrapes of different instants.
const SLACK: f64 = 1.01;

/// A stretch of time that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// Five minutes.
    Minutes5,
    /// Thirty minutes.
    Minutes30,
    /// An hour.
    Hour1,
    /// Two hours.
    Hours2,
    /// Six hours.
    Hours6,
    /// A day.
    Day1,
    /// Three days.
    Days3,
    /// The objective's own period.
    Period,
}

impl Window {
    /// Its length, where the period has this many seconds.
    pub fn seconds(self, period: f64) -> f64 {
        match self {
            Self::Minutes5 => 300.0,
            Self::Minutes30 => 1_800.0,
            Self::Hour1 => 3_600.0,
            Self::Hours2 => 7_200.0,
            Self::Hours6 => 21_600.0,
            Self::Day1 => 86_400.0,
            Self::Days3 => 259_200.0,
            Self::Period => period,
        }
    }

    /// As PromQL and people write it: `5m`, `1h`, `30d`.
    pub fn written(self, slo: &Slo) -> String {
        match self {
            Self::Minutes5 => "5m".to_owned(),
            Self::Minutes30 => "30m".to_owned(),
            Self::Hour1 => "1h".to_owned(),
            Self::Hours2 => "2h".to_owned(),
            Self::Hours6 => "6h".to_owned(),
            Self::Day1 => "1d".to_owned(),
            Self::Days3 => "3d".to_owned(),
            Self::Period if slo.window_days.fract() == 0.0 => format!("{}d", slo.window_days),
            Self::Period => format!("{}s", period(slo).round().max(1.0)),
        }
    }
}

/// Windows asked for together: the longer, the dearer to answer and the slower to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Up to two hours.
    Short,
    /// Six hours to three days.
    Long,
    /// The whole period.
    Period,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Short, Self::Long, Self::Period];

    /// Its windows.
    pub fn windows(self) -> &'static [Window] {
        match self {
            Self::Short => &[Window::Minutes5, Window::Minutes30, Window::Hour1, Window::Hours2],
            Self::Long => &[Window::Hours6, Window::Day1, Window::Days3],
            Self::Period => &[Window::Period],
        }
    }
}

/// Events a second over a window; `None`: the query answered no series, or what is no number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// Bad ones.
    pub errors: Option<f64>,
    /// All of them.
    pub total: Option<f64>,
}

/// What is known of every window; one that is not there was not answered.
pub type Readings = BTreeMap<Window, Rates>;

/// Why a burn is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unknown {
    /// Nobody answered for this window, or not lately.
    Unanswered,
    /// There is no series of bad events.
    NoErrors,
    /// There is no series of events.
    NoTotal,
    /// Nothing happened.
    NoEvents,
    /// Fewer events than a share can be told from.
    TooFew(f64),
    /// More bad events than events, or negative ones: the queries do not fit each other.
    Odd,
    /// Only a part of the period was recorded.
    Partly(Recorded),
}

impl fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unanswered => formatter.write_str("not answered"),
            Self::NoErrors => formatter
                .write_str("no series of errors (add `or vector(0)` to the query where that means none)"),
            Self::NoTotal => formatter.write_str("no series of events"),
            Self::NoEvents => formatter.write_str("no events"),
            Self::TooFew(events) => write!(formatter, "{events:.0} events, needs {FEWEST}"),
            Self::Partly(recorded) => write!(formatter, "only {} are recorded", recorded.words()),
            Self::Odd => formatter.write_str("more errors than events: the two queries do not fit"),
        }
    }
}

/// How bad a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody looks at it in working hours.
    Ticket,
    /// Somebody is woken.
    Page,
}

impl Severity {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Page => "page",
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// What it does when it fires.
    pub severity: Severity,
    /// The long window.
    pub long: Window,
    /// The short one, a twelfth of it.
    pub short: Window,
    /// The share of the period's budget that is spent within the long window when it fires.
    pub budget: f64,
}

/// The table: SRE workbook, chapter 5, table 5-8, with the fourth row of Sloth.
pub const ROWS: [Row; 4] = [
    Row { severity: Severity::Page, long: Window::Hour1, short: Window::Minutes5, budget: 0.02 },
    Row { severity: Severity::Page, long: Window::Hours6, short: Window::Minutes30, budget: 0.05 },
    Row { severity: Severity::Ticket, long: Window::Day1, short: Window::Hours2, budget: 0.10 },
    Row { severity: Severity::Ticket, long: Window::Days3, short: Window::Hours6, budget: 0.10 },
];

impl Row {
    /// The burn above which it fires, for a period of so many seconds.
    pub fn threshold(&self, period: f64) -> f64 {
        self.budget * period / self.long.seconds(period)
    }

    /// Whether burn can exceed the threshold at all.
    pub fn can_fire(&self, slo: &Slo) -> bool {
        exceeds(most_burn(slo), self.threshold(period(slo)))
    }

    /// The objective, in percent, at and below which it can never fire.
    pub fn lowest_objective(&self, period: f64) -> f64 {
        100.0 * (1.0 - 1.0 / self.threshold(period).max(1.0))
    }
}

/// The rows of an objective: those whose long window the period holds.
pub fn rows(slo: &Slo) -> impl Iterator<Item = Row> {
    let period = period(slo);
    ROWS.into_iter().filter(move |row| row.long.seconds(period) <= period)
}

/// The rows of an objective that can never fire.
pub fn rows_that_cannot_fire(slo: &Slo) -> Vec<Row> {
    rows(slo).filter(|row| !row.can_fire(slo)).collect()
}

/// The period of an objective, in seconds.
pub fn period(slo: &Slo) -> f64 {
    slo.window_days * 86_400.0
}

/// The share of bad events that the objective allows.
pub fn allowed(slo: &Slo) -> f64 {
    (100.0 - slo.objective) / 100.0
}

/// The burn when every event is bad.
pub fn most_burn(slo: &Slo) -> f64 {
    1.0 / allowed(slo)
}

fn exceeds(burn: f64, threshold: f64) -> bool {
    burn > threshold * (1.0 + EXACT)
}

/// The burn over a window, with no regard to how many events there were.
pub fn burn(slo: &Slo, rates: Option<&Rates>) -> Result<f64, Unknown> {
    let rates = rates.ok_or(Unknown::Unanswered)?;
    let total = rates.total.filter(|total| total.is_finite()).ok_or(Unknown::NoTotal)?;
    if total == 0.0 {
        return Err(Unknown::NoEvents);
    }
    let errors = rates.errors.filter(|errors| errors.is_finite()).ok_or(Unknown::NoErrors)?;
    if errors < 0.0 || total < 0.0 || errors > total * SLACK {
        return Err(Unknown::Odd);
    }
    Ok((errors / total).min(1.0) / allowed(slo))
}

/// How many events a window holds.
pub fn events(slo: &Slo, window: Window, rates: &Rates) -> Option<f64> {
    Some(rates.total?.max(0.0) * window.seconds(period(slo))).filter(|events| events.is_finite())
}

/// How a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Firing {
    /// It does not fire.
    Quiet,
    /// It cannot: no share of errors burns as fast at this objective.
    Never,
    /// Nobody can tell.
    Unknown,
    /// Both windows exceed its threshold.
    Fires,
}

impl Firing {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Never => "can never fire",
            Self::Unknown => "not known",
            Self::Fires => "fires",
        }
    }
}

/// A row, judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// Which row.
    pub row: Row,
    /// The burn above which it fires.
    pub threshold: f64,
    /// The burn over its long window.
    pub long: Result<f64, Unknown>,
    /// The burn over its short window.
    pub short: Result<f64, Unknown>,
    /// How it stands.
    pub firing: Firing,
}

impl Judged {
    /// Why it is not known, the short window first.
    pub fn unknown(&self) -> Option<(Window, Unknown)> {
        let short = self.short.err().map(|why| (self.row.short, why));
        short.or_else(|| self.long.err().map(|why| (self.row.long, why)))
    }
}

/// Every row of an objective, judged by what is known.
pub fn judge(slo: &Slo, readings: &Readings) -> Vec<Judged> {
    rows(slo).map(|row| judge_row(slo, row, readings)).collect()
}

fn judge_row(slo: &Slo, row: Row, readings: &Readings) -> Judged {
    let threshold = row.threshold(period(slo));
    let long = burn(slo, readings.get(&row.long));
    let short = burn(slo, readings.get(&row.short)).and_then(|burn| {
        let events = readings.get(&row.short).and_then(|rates| events(slo, row.short, rates));
        match events {
            Some(events) if events < FEWEST * (1.0 - EXACT) => Err(Unknown::TooFew(events)),
            _ => Ok(burn),
        }
    });
    let firing = match (long, short) {
        _ if !row.can_fire(slo) => Firing::Never,
        (Ok(long), Ok(short)) if exceeds(long, threshold) && exceeds(short, threshold) => Firing::Fires,
        (Ok(_), Ok(_)) => Firing::Quiet,
        _ => Firing::Unknown,
    };
    Judged { row, threshold, long, short, firing }
}

/// What the rows come to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// No row fires, and every one that could is known.
    Quiet,
    /// No row is known to fire, and at least one is not known.
    Unknown,
    /// A ticket row fires, no page row is known to.
    Ticket,
    /// A page row fires.
    Page,
}

impl Standing {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Unknown => "not known",
            Self::Ticket => "ticket",
            Self::Page => "page",
        }
    }
}

/// What the rows come to. An objective none of whose rows can fire is not known, and never quiet.
pub fn standing(judged: &[Judged]) -> Standing {
    let fires = |severity| {
        judged.iter().any(|judged| judged.firing == Firing::Fires && judged.row.severity == severity)
    };
    let speaks = judged.iter().any(|judged| judged.firing != Firing::Never);
    if fires(Severity::Page) {
        Standing::Page
    } else if fires(Severity::Ticket) {
        Standing::Ticket
    } else if !speaks || judged.iter().any(|judged| judged.firing == Firing::Unknown) {
        Standing::Unknown
    } else {
        Standing::Quiet
    }
}
