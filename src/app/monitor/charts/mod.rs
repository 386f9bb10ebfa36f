//! The charts: every metric of the selected rollout in a grid, one of them large, the same metric
//! at other places beside each other, and a cursor that reads values off.

mod kept;
mod past;
mod snapshot;
#[cfg(test)]
mod tests;

pub(in crate::app) use kept::keep;
pub use past::{LastWeeks, last_weeks};
pub use snapshot::difference_words;
pub(super) use snapshot::{selected_text, snapshot};

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::list::{step, walked};
use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, State as Cockpit};
use crate::domain::question::Span;
use crate::domain::{Metric, Question};

use super::metrics::{self, Reading, Subject};
use super::rollouts::Seen;
use super::{View, keys, listed, select, selected};

/// Lines of the screen that are no chart: header, views, heading, values, status.
const AROUND: u16 = 7;
/// The lowest a chart in a grid is drawn.
const LOWEST: u16 = 8;
/// Places and services that are compared at a time.
const MOST_COMPARED: usize = 24;
/// Versions of one place that are compared.
const MOST_VERSIONS: usize = 2;
/// Points that a far step of the cursor goes.
const FAR: i64 = 20;

/// What the view remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The chart chosen; `None`: the first.
    pub chosen: Option<Subject>,
    /// Whether the chosen one has all the room.
    pub is_large: bool,
    /// The instant that is read off.
    pub cursor: Option<DateTime<Utc>>,
    /// Whether the same hour of the weeks before is drawn.
    pub with_band: bool,
    /// The metric that is compared between places and services, in place of the rollout's metrics.
    pub compared: Option<Subject>,
    /// The chart that stays first, whatever rollout is selected.
    pub pinned: Option<Subject>,
    /// The workspace whose pin and band these are, as the person's file names it.
    kept_of: Option<String>,
}

/// A chart's subject with its metric as the workspace describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart<'a> {
    /// Of what.
    pub subject: Subject,
    /// The metric.
    pub metric: &'a Metric,
}

impl Chart<'_> {
    /// Whether it is the pinned one.
    pub fn is_pinned(&self, state: &Cockpit) -> bool {
        state.monitor.charts.pinned.as_ref().is_some_and(|pinned| pinned.is_same(&self.subject))
    }
}

/// How many charts are on screen: beside and below each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Beside each other.
    pub columns: usize,
    /// Below each other.
    pub rows: usize,
    /// The first chart on screen.
    pub first: usize,
}

/// Every chart of the view: the pinned one, and the selected rollout's or what is compared.
pub fn charts(state: &Cockpit) -> Vec<Chart<'_>> {
    let own = &state.monitor.charts;
    let subjects = match &own.compared {
        Some(compared) => comparable(state, compared),
        None => selected(state).map_or_else(Vec::new, |rollout| {
            let metrics = state.workspace.service(&rollout.key.service).map_or(&[][..], |it| &it.metrics);
            metrics.iter().map(|metric| Subject::of(rollout, metric)).collect()
        }),
    };
    let others = subjects
        .into_iter()
        .filter(|subject| own.pinned.as_ref().is_none_or(|pinned| !pinned.is_same(subject)));
    pinned(state).into_iter().chain(others.filter_map(|subject| chart(state, subject))).collect()
}

/// The pinned chart, with the versions that run there now; where none is known to, with those it
/// was pinned with.
pub fn pinned(state: &Cockpit) -> Option<Chart<'_>> {
    let mut subject = state.monitor.charts.pinned.clone()?;
    let versions = versions_at(state, &subject.service, &subject.environment, subject.region.as_deref());
    if !versions.is_empty() {
        subject.versions = versions;
    }
    chart(state, subject)
}

/// The versions of a service at a place, the new one first: a rollout's, else the newest that run.
fn versions_at(state: &Cockpit, service: &str, environment: &str, region: Option<&str>) -> Vec<String> {
    let is_here = |environment_there: &str, region_there: Option<&str>| {
        environment_there == environment && (region.is_none() || region_there == region)
    };
    let rolling = state.monitor.index.rollouts.iter().find(|seen| {
        let key = &seen.key;
        key.service == service && is_here(&key.environment, key.region.as_deref())
    });
    if let Some(seen) = rolling {
        return metrics::versions(seen).map(str::to_owned).collect();
    }
    let map = &state.monitor.index.skew;
    let here = map.places.iter().position(|place| is_here(&place.environment, place.region.as_deref()));
    let Some(here) = here else { return Vec::new() };
    let runs = |row: &&crate::domain::rollout::skew::Row| {
        row.service == service && row.counts[here].is_some_and(|count| count > 0.0)
    };
    map.rows.iter().filter(runs).map(|row| row.version.to_string()).take(MOST_VERSIONS).collect()
}

/// A subject with its metric; `None`: the workspace has it no more.
pub fn chart(state: &Cockpit, subject: Subject) -> Option<Chart<'_>> {
    let service = state.workspace.service(&subject.service)?;
    let metric = service.metrics.iter().find(|metric| metric.name == subject.metric)?;
    Some(Chart { subject, metric })
}

/// The same metric of the service at every place it runs, and of the other services that roll out.
fn comparable(state: &Cockpit, compared: &Subject) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = Vec::new();
    let metric_of = |service: &str| {
        let metrics = &state.workspace.service(service)?.metrics;
        metrics.iter().find(|metric| metric.name == compared.metric)
    };
    let mut add = |subject: Subject| match subjects.iter_mut().find(|known| known.is_same(&subject)) {
        Some(known) => {
            let new = subject.versions.into_iter().filter(|version| !known.versions.contains(version));
            let new: Vec<String> = new.collect();
            known.versions.extend(new);
            known.versions.truncate(MOST_VERSIONS);
        }
        None => subjects.push(subject),
    };
    if let Some(metric) = metric_of(&compared.service) {
        for place in &state.monitor.index.skew.places {
            let versions = versions_at(state, &compared.service, &place.environment, place.region.as_deref());
            if !versions.is_empty() {
                add(Subject {
                    service: compared.service.clone(),
                    environment: place.environment.clone(),
                    region: place.region.clone().filter(|_| metrics::asks_for(metric, "region")),
                    versions: versions.into_iter().take(MOST_VERSIONS).collect(),
                    metric: compared.metric.clone(),
                });
            }
        }
    }
    for seen in listed(state).into_iter().filter(|seen| seen.key.service != compared.service) {
        if let Some(metric) = metric_of(&seen.key.service) {
            let mut subject = Subject::of(seen, metric);
            subject.region = subject.region.filter(|_| metrics::asks_for(metric, "region"));
            add(subject);
        }
    }
    subjects.truncate(MOST_COMPARED);
    subjects
}

/// The rollout that a subject is about, where one is seen in this window.
pub fn rollout_of<'a>(state: &'a Cockpit, subject: &Subject) -> Option<&'a Seen> {
    let is_it = |seen: &&Seen| {
        let Seen { key, .. } = seen;
        subject.is_at(
            &key.service,
            &key.environment,
            key.region.as_deref().filter(|_| subject.region.is_some()),
        )
    };
    state.monitor.index.rollouts.iter().find(is_it)
}

/// The row of the chosen chart.
pub fn chosen(state: &Cockpit, charts: &[Chart<'_>]) -> usize {
    let chosen = state.monitor.charts.chosen.as_ref();
    let row = chosen.and_then(|chosen| charts.iter().position(|chart| chart.subject.is_same(chosen)));
    row.unwrap_or(0)
}

/// Which charts are on a screen of so many columns and lines: a page of them, the chosen one among
/// them.
pub fn page(state: &Cockpit, size: (u16, u16), count: usize, chosen: usize) -> Page {
    if state.monitor.charts.is_large {
        return Page { columns: 1, rows: 1, first: chosen };
    }
    let (width, height) = size;
    let columns = most_beside(width).min(count.max(1));
    let fit = usize::from((height.saturating_sub(AROUND) / LOWEST).max(1));
    let rows = fit.min(count.div_ceil(columns)).max(1);
    let pages_before = chosen / (columns * rows);
    Page { columns, rows, first: pages_before * columns * rows }
}

/// How many charts have room beside each other.
fn most_beside(width: u16) -> usize {
    match width {
        0..=99 => 1,
        100..=159 => 2,
        160..=239 => 3,
        _ => 4,
    }
}

/// The stretch that charts are asked over: with as many points as the widest of them has dots.
pub fn span(state: &Cockpit) -> Span {
    let own = &state.monitor.charts;
    let width = state.size.0;
    let beside = match (state.monitor.view, selected(state)) {
        (View::Charts, _) if own.is_large => 1,
        (View::Charts, Some(rollout)) if own.compared.is_none() => {
            let service = state.workspace.service(&rollout.key.service);
            let count =
                service.map_or(0, |service| service.metrics.len()) + usize::from(own.pinned.is_some());
            most_beside(width).min(count.max(1))
        }
        (View::Charts, _) => most_beside(width),
        // The overview has never more than three, and none of them is wider than here.
        _ => most_beside(width).min(3),
    };
    state.monitor.window.charted(width / beside as u16)
}

/// The charts on screen.
pub fn on_screen(state: &Cockpit) -> Vec<Chart<'_>> {
    let charts = charts(state);
    let page = page(state, state.size, charts.len(), chosen(state, &charts));
    charts.into_iter().skip(page.first).take(page.columns * page.rows).collect()
}

/// The questions of the charts on screen, and of the weeks before where they are drawn.
pub(super) fn wanted(state: &Cockpit) -> Vec<Question> {
    on_screen(state).iter().flat_map(|chart| wanted_of(state, chart)).collect()
}

/// The questions of one chart.
pub(super) fn wanted_of(state: &Cockpit, chart: &Chart<'_>) -> Vec<Question> {
    let window = &state.monitor.window;
    let mut spans = vec![window.present(), span(state)];
    spans.dedup();
    let of_version = |version: &String| {
        let question = |span| chart.subject.question(chart.metric, version, span);
        spans.iter().map(|span| question(*span)).collect::<Vec<_>>()
    };
    let mut wanted: Vec<Question> = chart.subject.versions.iter().flat_map(of_version).collect();
    if state.monitor.charts.with_band {
        wanted.extend(past::wanted(state, chart));
    }
    wanted
}

/// The instant that is read off, where it lies in the window.
pub fn cursor(state: &Cockpit) -> Option<DateTime<Utc>> {
    let window = &state.monitor.window;
    let inside = window.start(state.now.wall)..=window.end(state.now.wall);
    state.monitor.charts.cursor.filter(|at| inside.contains(at))
}

/// A chart's numbers at the cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadOff<'a> {
    /// Version and value; `None`: a gap.
    pub values: Vec<(&'a str, Option<f64>)>,
    /// The new version minus the old one, and how many times the old one it is.
    pub difference: Option<(f64, Option<f64>)>,
}

/// Reads the numbers off at an instant.
pub fn read_off<'a>(readings: &[Reading<'a>], at: DateTime<Utc>) -> ReadOff<'a> {
    let values: Vec<(&str, Option<f64>)> = readings
        .iter()
        .map(|reading| (reading.version, reading.series().and_then(|series| series.value_at(at))))
        .collect();
    let difference = match values[..] {
        [(_, Some(new)), (_, Some(old)), ..] => {
            Some((new - old, (old > 0.0 && new > 0.0).then(|| new / old)))
        }
        _ => None,
    };
    ReadOff { values, difference }
}

/// What the view's own keys do.
pub(super) fn handle(state: &mut Cockpit, intent: Intent) -> Option<Vec<Effect>> {
    let page = |state: &Cockpit| {
        let charts = charts(state);
        let page = page(state, state.size, charts.len(), chosen(state, &charts));
        (page.columns * page.rows).cast_signed()
    };
    if let Some(by) = walked(intent, page(state)) {
        walk(state, by);
        return Some(Vec::new());
    }
    match intent {
        Intent::NextMetric => walk(state, 1),
        Intent::SelectRow(ListId::Charts, row) => choose(state, row),
        Intent::ScrollList(ListId::Charts, rows) => walk(state, isize::from(rows.signum())),
        Intent::Open => state.monitor.charts.is_large ^= true,
        Intent::NextPane => next_rollout(state),
        Intent::CursorBack => move_cursor(state, -1),
        Intent::CursorForward => move_cursor(state, 1),
        Intent::CursorFarBack => move_cursor(state, -FAR),
        Intent::CursorFarForward => move_cursor(state, FAR),
        Intent::ToggleBand => toggle_band(state),
        Intent::PinChart => pin(state),
        Intent::CompareChart => compare(state),
        Intent::Back => return back(state),
        _ => return None,
    }
    Some(Vec::new())
}

/// Out of what was gone into last.
fn back(state: &mut Cockpit) -> Option<Vec<Effect>> {
    let own = &mut state.monitor.charts;
    if own.cursor.take().is_some() {
    } else if own.is_large {
        own.is_large = false;
    } else {
        own.compared.take()?;
    }
    Some(Vec::new())
}

fn walk(state: &mut Cockpit, by: isize) {
    let charts = charts(state);
    let row = step(chosen(state, &charts), by, charts.len());
    choose(state, row);
}

fn choose(state: &mut Cockpit, row: usize) {
    let subject = charts(state).get(row).map(|chart| chart.subject.clone());
    state.monitor.charts.chosen = subject;
}

/// The next rollout of the list, round and round; the chart of the same metric stays chosen.
fn next_rollout(state: &mut Cockpit) {
    let listed = listed(state);
    let here = selected(state).and_then(|here| listed.iter().position(|seen| seen.key == here.key));
    let next = here.map_or(0, |here| (here + 1) % listed.len());
    let Some(key) = listed.get(next).map(|seen| seen.key.clone()) else { return };
    let metric = state.monitor.charts.chosen.take().map(|chosen| chosen.metric);
    select(state, &key);
    let same = charts(state)
        .into_iter()
        .find(|chart| metric.as_ref() == Some(&chart.subject.metric) && chart.subject.service == key.service);
    state.monitor.charts.chosen = same.map(|chart| chart.subject);
}

/// Moves the cursor by points; over the window's start the window goes along, over its end the
/// cursor goes.
fn move_cursor(state: &mut Cockpit, points: i64) {
    let now = state.now.wall;
    let span = span(state);
    let by = TimeDelta::seconds(i64::from(span.step) * points);
    let (start, end) = span.bounds(now);
    let at = cursor(state).unwrap_or(end) + by;
    if at > end {
        state.monitor.charts.cursor = None;
        return;
    }
    state.monitor.charts.cursor = Some(at);
    if at <= start {
        keys::look(state, |window| window.pan(-1, now));
    }
}

fn toggle_band(state: &mut Cockpit) {
    let own = &mut state.monitor.charts;
    own.with_band ^= true;
    let words = if own.with_band {
        format!("the same hour of the last {} weeks is drawn, and asked for", crate::domain::band::WEEKS)
    } else {
        "the last weeks are no longer drawn".to_owned()
    };
    state.say(Tone::Done, words);
}

/// Pins the chosen chart, or lets the pinned one go where it is the chosen one.
fn pin(state: &mut Cockpit) {
    let charts = charts(state);
    let Some(chart) = charts.get(chosen(state, &charts)) else {
        return state.say(Tone::Refused, "there is no chart to pin");
    };
    let (was_pinned, subject) = (chart.is_pinned(state), chart.subject.clone());
    let words = if was_pinned {
        format!("{} of {} is no longer pinned", subject.metric, subject.service)
    } else {
        format!(
            "{} of {} in {} stays first, here and in the overview",
            subject.metric,
            subject.service,
            subject.place()
        )
    };
    state.monitor.charts.chosen = Some(subject.clone());
    state.monitor.charts.pinned = (!was_pinned).then_some(subject);
    state.say(Tone::Done, words);
}

/// Shows the chosen metric at every place and of every service that rolls out, or the rollout's
/// metrics again.
fn compare(state: &mut Cockpit) {
    if state.monitor.charts.compared.take().is_some() {
        return;
    }
    let charts = charts(state);
    let subject = charts.get(chosen(state, &charts)).map(|chart| chart.subject.clone());
    match subject {
        Some(subject) => {
            state.monitor.charts.is_large = false;
            state.monitor.charts.compared = Some(subject);
        }
        None => state.say(Tone::Refused, "there is no chart to compare"),
    }
}
