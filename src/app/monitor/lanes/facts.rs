//! What the lanes ask, and what is made of the answers for the correlation.

use chrono::{DateTime, Utc};

use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::alerts::Heard;
use crate::domain::correlation::{self, Correlated, Signal, SignalKind};
use crate::domain::graph::Graph;
use crate::domain::question::{AlertState, Series, Span};
use crate::domain::service::Direction;
use crate::domain::{Metric, Question, Safe};

use super::super::rollouts::Seen;
use super::super::{metrics, past, selected};
use super::changes;

/// Services whose numbers are watched besides the selected rollout's: those that need it.
const MOST_CONSUMERS: usize = 4;
/// Numbers watched of each of those.
const MOST_METRICS: usize = 2;

/// A number that is watched for a rise.
pub struct Watched<'a> {
    /// Of which service.
    pub service: &'a str,
    /// Where.
    pub environment: &'a str,
    /// In which region.
    pub region: Option<&'a str>,
    /// Of which version.
    pub version: Safe,
    /// Which number.
    pub metric: &'a Metric,
    /// The questions for it: over the window, and from before the rollout began.
    pub questions: Vec<Question>,
}

/// The questions of the view: the version's commits, the workspace's changes, the release's tickets,
/// and the numbers of the service and of those that need it.
pub fn wanted(state: &State) -> Vec<Question> {
    let mut wanted = vec![Question::WorkspaceChanges];
    wanted.extend(past::rollout_questions(state));
    if let Some(seen) = selected(state) {
        wanted.extend(commits_of(state, seen));
        wanted.extend(tickets_of(state, seen));
    }
    wanted.extend(watched(state).into_iter().flat_map(|watched| watched.questions));
    wanted
}

/// The question for what a rollout's version brings.
pub fn commits_of(state: &State, seen: &Seen) -> Option<Question> {
    let service = state.workspace.service(&seen.key.service)?;
    let from = seen.from.as_ref()?;
    service.repository.as_ref()?;
    Some(Question::Changes {
        service: service.id.clone(),
        from: Some(from.to_string()),
        to: Some(seen.key.to.to_string()),
    })
}

/// The question for a rollout's tickets.
pub fn tickets_of(state: &State, seen: &Seen) -> Option<Question> {
    let release = state.workspace.release(seen.release.as_ref()?)?;
    release.tracker.as_ref()?;
    Some(Question::Tracker { release: release.id.clone() })
}

/// The numbers watched: those of the selected rollout's service, and the first of those services
/// that need it directly, at the same place.
pub fn watched(state: &State) -> Vec<Watched<'_>> {
    let Some(seen) = selected(state) else { return Vec::new() };
    let spans = past::number_spans(state, seen);
    let mut watched: Vec<Watched<'_>> = metrics::of(state, seen)
        .iter()
        .map(|metric| Watched {
            service: &seen.key.service,
            environment: &seen.key.environment,
            region: seen.key.region.as_deref(),
            version: seen.key.to.clone(),
            metric,
            questions: spans
                .iter()
                .map(|span| metrics::question(seen, metric, &seen.key.to, *span))
                .collect(),
        })
        .collect();
    let consumers =
        state.workspace.services.iter().filter(|service| {
            service.depends_on.iter().any(|dependency| dependency.service == seen.key.service)
        });
    for service in consumers.take(MOST_CONSUMERS) {
        let Some(version) = running(state, seen, &service.id) else { continue };
        let worse = |metric: &&Metric| metric.direction != Direction::Either;
        for metric in service.metrics.iter().filter(worse).take(MOST_METRICS) {
            let asks_for_region = metric.query.replace(' ', "").contains("{{region}}");
            let question = |span: &Span| Question::Metric {
                service: service.id.clone(),
                environment: seen.key.environment.clone(),
                region: seen.key.region.clone().filter(|_| asks_for_region),
                version: version.to_string(),
                metric: metric.name.clone(),
                span: *span,
            };
            watched.push(Watched {
                service: &service.id,
                environment: &seen.key.environment,
                region: seen.key.region.as_deref(),
                version: version.clone(),
                metric,
                questions: spans.iter().map(question).collect(),
            });
        }
    }
    watched
}

/// The version that most of a service's instances run at a rollout's place.
fn running(state: &State, seen: &Seen, service: &str) -> Option<Safe> {
    let map = &state.monitor.index.skew;
    let place = map.places.iter().position(|place| {
        place.environment == seen.key.environment
            && (place.region.is_none() || seen.key.region.is_none() || place.region == seen.key.region)
    })?;
    let rows = map.rows.iter().filter(|row| row.service == service);
    let counted = rows.filter_map(|row| Some((row, row.counts.get(place).copied().flatten()?)));
    let most = counted.filter(|(_, count)| *count > 0.0).max_by(|one, other| one.1.total_cmp(&other.1));
    most.map(|(row, _)| row.version.clone())
}

/// The numbers that rose: a series whose answer is partial, or not one series, says nothing. Of the
/// stretches asked for the finest that shows a rise tells when.
pub fn rises<'a>(state: &'a State) -> Vec<(Watched<'a>, correlation::Rise)> {
    let over = |watched: &Watched<'a>, question: &Question| {
        let face = state.remotes.series(question, state.now);
        let series: &Series = value_of(&face)?;
        if series.ambiguous || !series.warnings.is_empty() {
            return None;
        }
        let rise = correlation::rise(series, watched.metric.limit, watched.metric.direction)?;
        Some((series.step, rise))
    };
    let rose = |watched: Watched<'a>| {
        let found = watched.questions.iter().filter_map(|question| over(&watched, question));
        let (_, rise) = found.min_by_key(|(step, _)| *step)?;
        Some((watched, rise))
    };
    // Traffic grows with the share by design: where any change is bad a rise says nothing yet.
    let watched = watched(state).into_iter();
    watched.filter(|watched| watched.metric.direction != Direction::Either).filter_map(rose).collect()
}

/// What went wrong, and what changed before it, the earliest first: from the selected rollout's
/// beginning on, whatever the window shows.
pub fn correlated(state: &State) -> Vec<Correlated> {
    let index = &state.monitor.index;
    let mut signals: Vec<Signal> =
        index.alerts.iter().filter(|heard| !heard.is_muted()).map(|heard| of_alert(heard, None)).collect();
    let over = past::beside(state).into_iter();
    let over = over.filter(|(_, past)| past::silenced_by(state, past).is_none());
    signals.extend(over.map(|(source, past)| of_alert(&past.heard(source), past.ended)));
    signals.extend(rises(state).into_iter().map(|(watched, rise)| Signal {
        at: rise.at,
        kind: SignalKind::Rise,
        name: watched.metric.name.clone(),
        service: Some(watched.service.to_owned()),
        environment: Some(watched.environment.to_owned()),
        region: watched.region.map(str::to_owned),
        ended: None,
    }));
    let (start, end) = (past::told_from(state), state.monitor.window.end(state.now.wall));
    let known = signals.clone();
    signals.retain(|signal| signal.at >= start && signal.at <= end);
    let graph = Graph::of(&state.workspace);
    correlation::correlate(&changes::all(state), &signals, &known, graph.edges())
}

fn of_alert(heard: &Heard, ended: Option<DateTime<Utc>>) -> Signal {
    let label =
        |names: &[&str]| names.iter().find_map(|name| heard.alert.label(name)).map(ToString::to_string);
    Signal {
        at: heard.alert.since,
        kind: SignalKind::Alert,
        name: heard.alert.name.to_string(),
        service: label(&["service", "app"]),
        environment: label(&["environment", "env"]),
        region: label(&["region"]),
        ended,
    }
}

/// Whether an alert fires already.
pub fn fires(heard: &Heard) -> bool {
    heard.alert.state == AlertState::Firing
}
