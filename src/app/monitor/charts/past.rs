//! The same hour of the weeks before: which version ran then, and what its numbers were.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::State as Cockpit;
use crate::app::remotes::value_of;
use crate::domain::band::{self, Band, WEEKS, weeks_before};
use crate::domain::question::{RunningHistory, Series, Span};
use crate::domain::{Face, Question};

use super::super::metrics::{self, Subject};
use super::super::rollouts::question_over;
use super::Chart;

/// Points over which the version of that time is looked for.
const VERSION_POINTS: u32 = 24;

/// What is known of the weeks before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LastWeeks {
    /// Between which values it lay.
    pub band: Band,
    /// Why not all weeks are in it.
    pub missing: Option<String>,
}

impl LastWeeks {
    /// In words: `3 weeks`, `1 of 3 weeks: …`.
    pub fn words(&self) -> String {
        let known = match self.band.weeks {
            weeks if weeks == WEEKS as usize => format!("band: last {weeks} weeks, same hour"),
            weeks => format!("band: {weeks} of the last {WEEKS} weeks"),
        };
        match &self.missing {
            Some(why) => format!("{known} ({why})"),
            None => known,
        }
    }
}

/// A week before: how much earlier, and the span that is asked for.
struct Week {
    shift: TimeDelta,
    span: Span,
}

/// The weeks of the window. Their spans are longer than the window and begin at round times, so that
/// the same question serves while the window follows the clock: an answer of the past is kept.
fn weeks(state: &Cockpit) -> Vec<Week> {
    let window = &state.monitor.window;
    let (start, end) = (window.start(state.now.wall), window.end(state.now.wall));
    let round = i64::from(window.seconds().clamp(3600, 86_400));
    (1..=WEEKS)
        .filter_map(|week| {
            let shift = end - weeks_before(end, week, state.zone);
            let from = (start - shift).timestamp().div_euclid(round) * round;
            let to = -(-(end - shift).timestamp()).div_euclid(round) * round;
            let span = Span {
                end: Some(DateTime::from_timestamp(to, 0)?),
                seconds: u32::try_from(to - from).ok()?,
                step: super::span(state).step,
            };
            Some(Week { shift, span })
        })
        .collect()
}

fn version_span(span: Span) -> Span {
    Span::new(span.end, span.seconds, VERSION_POINTS)
}

/// The version that most instances ran over a history.
fn version_of(history: &RunningHistory, subject: &Subject) -> Option<String> {
    let lines = history.lines.iter().filter(|line| {
        line.service == subject.service && (subject.region.is_none() || line.region == subject.region)
    });
    let mut sums = std::collections::BTreeMap::new();
    for line in lines {
        *sums.entry(line.version.as_str()).or_insert(0.0) += line.counts.iter().flatten().sum::<f64>();
    }
    let most = sums.into_iter().filter(|(_, sum)| *sum > 0.0).max_by(|one, other| one.1.total_cmp(&other.1));
    most.map(|(version, _)| version.to_owned())
}

/// The version of that time: as it was seen, or any where the query does not tell versions apart.
fn version<'a>(state: &'a Cockpit, chart: &Chart<'_>, week: &Week) -> Face<'a, RunningHistory> {
    let question = question_over(&chart.subject.environment, version_span(week.span));
    state.remotes.history(&question, state.now)
}

fn tells_versions(chart: &Chart<'_>) -> bool {
    metrics::asks_for(chart.metric, "version")
}

/// What has to be asked: first which version ran, then its numbers.
pub(super) fn wanted(state: &Cockpit, chart: &Chart<'_>) -> Vec<Question> {
    let mut wanted = Vec::new();
    for week in weeks(state) {
        if tells_versions(chart) {
            wanted.push(question_over(&chart.subject.environment, version_span(week.span)));
        }
        wanted.extend(numbers(state, chart, &week));
    }
    wanted
}

/// The question for a week's numbers, where the version is known.
fn numbers(state: &Cockpit, chart: &Chart<'_>, week: &Week) -> Option<Question> {
    let ran = if tells_versions(chart) {
        version_of(value_of(&version(state, chart, week))?, &chart.subject)?
    } else {
        chart.subject.versions.first()?.clone()
    };
    Some(chart.subject.question(chart.metric, &ran, week.span))
}

/// The band behind a chart's lines; `None`: nobody wants it.
pub fn last_weeks(state: &Cockpit, chart: &Chart<'_>) -> Option<LastWeeks> {
    if !state.monitor.charts.with_band {
        return None;
    }
    let span = super::span(state);
    let (start, end) = span.bounds(state.now.wall);
    let count = (end - start).num_seconds() / i64::from(span.step.max(1));
    let times: Vec<DateTime<Utc>> =
        (0..=count).map(|index| start + TimeDelta::seconds(index * i64::from(span.step))).collect();
    let mut known: Vec<(TimeDelta, &Series)> = Vec::new();
    let mut missing = None;
    for week in weeks(state) {
        match series(state, chart, &week) {
            Ok(series) => known.push((week.shift, series)),
            Err(why) => missing = missing.or(Some(why)),
        }
    }
    let band = band::band(&times, &known);
    if missing.is_none() && band.weeks < known.len() {
        missing = Some("no samples of that time are kept".to_owned());
    }
    Some(LastWeeks { band, missing })
}

/// A week's numbers, or why there are none.
fn series<'a>(state: &'a Cockpit, chart: &Chart<'_>, week: &Week) -> Result<&'a Series, String> {
    let loading = || "loading …".to_owned();
    if tells_versions(chart) {
        match version(state, chart, week) {
            Face::NotAsked | Face::Loading => return Err(loading()),
            Face::Failed(trouble) => return Err(trouble.failure.kind.word().to_owned()),
            Face::Fresh(_) | Face::Stale { .. } => {}
        }
    }
    let question = numbers(state, chart, week)
        .ok_or_else(|| format!("{} is not seen at that time", chart.subject.service))?;
    // The past does not change: an old answer is as good as a new one.
    match state.remotes.series(&question, state.now) {
        Face::NotAsked | Face::Loading => Err(loading()),
        Face::Failed(trouble) => Err(trouble.failure.kind.word().to_owned()),
        Face::Fresh(series) | Face::Stale { value: series, .. } => match series.warnings.first() {
            Some(warning) => Err(format!("partial: {warning}")),
            None => Ok(series),
        },
    }
}
