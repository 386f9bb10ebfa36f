//! The alerts of the past, from the series Prometheus keeps of them.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::http::Read;
use super::wire::{Rule, Rules};
use super::{Beside, Prometheus};
use crate::domain::alerts::past::{self, History, Instants, Track};
use crate::domain::question::Span;
use crate::domain::{Failure, FailureKind, Safe};

/// An alert that has been one for this long has left its series behind it.
const WRITTEN: TimeDelta = TimeDelta::minutes(5);

/// The query whose answer holds alerts, since when they hold, and where anything was recorded. An
/// alert shorter than a step would lie between two instants, so each instant looks back to the one
/// before; where it still goes on the sample of that very instant counts.
fn query(step: u32) -> String {
    let alerts = r#"{__name__=~"ALERTS|ALERTS_FOR_STATE"}"#;
    format!("{alerts} or max_over_time({alerts}[{step}s]) or max(up)")
}

impl Prometheus {
    /// Every coming of an alert within a span, and of which part of it nothing is known.
    pub(super) async fn history_of(&self, span: Span, now: DateTime<Utc>) -> Result<History, Failure> {
        let step = super::grid::Frame::of(span, now).step;
        let (frame, lines, beside) = self.lines_of(&query(step), span, now).await?;
        let tracks: Vec<Track<'_>> =
            lines.iter().map(|(labels, placed)| Track { labels, values: &placed.values }).collect();
        let instants = Instants { start: frame.start, step: frame.step, count: frame.points() };
        let (list, gaps) = past::read(instants, &tracks);
        let not_kept = if list.is_empty() { self.keeps_none(frame.start, frame.end).await? } else { None };
        let Beside { warnings, .. } = beside;
        Ok(History { list, gaps, not_kept, warnings, step: frame.step })
    }

    /// Why no series of alerts does not mean that there were none; `None`: it does.
    async fn keeps_none(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Option<Safe>, Failure> {
        let name = self.http.name();
        let (rules, _): (Rules, _) = match self.ask("rules", Read::Get(&[("type", "alert")])).await {
            Ok(answer) => answer,
            // Some that speak the API know nothing of rules.
            Err(failure) if matches!(failure.kind, FailureKind::NotFound | FailureKind::BadQuery) => {
                return Ok(Some(Safe::new(format!(
                    "{name} keeps no series of alerts, and does not say whether it has rules for any"
                ))));
            }
            Err(failure) => return Err(failure),
        };
        let all = || rules.groups.iter().flat_map(|group| &group.rules).filter(|rule| rule.is_alerting());
        if all().next().is_none() {
            return Ok(Some(Safe::new(format!(
                "{name} evaluates no rules for alerts, so it keeps no history of them"
            ))));
        }
        let should_show = |since: &DateTime<Utc>| *since >= from && *since + WRITTEN <= to;
        let active = all().flat_map(Rule::active).any(|since| should_show(&since));
        let why = format!("{name} tells of alerts, but keeps no series of them");
        Ok(active.then(|| Safe::new(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_instant_looks_back_to_the_one_before() {
        assert!(query(90).contains("[90s]"), "{}", query(90));
    }
}
