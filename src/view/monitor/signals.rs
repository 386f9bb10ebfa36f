//! The selected rollout's numbers: a chart a metric, new version against old.

use ratatui::layout::Rect;

use crate::app::State;
use crate::app::monitor::metrics::{self, Reading};
use crate::app::monitor::rollouts::{Seen, present_question};
use crate::app::monitor::{charts, selected};
use crate::domain::metric::MetricKind;
use crate::domain::rollout::EventKind;
use crate::domain::{Face, Metric, format};
use crate::theme::Role;
use crate::view::chart::{self, Motion, Plot, Stroke, Trace};
use crate::view::{Canvas, face};

/// What a chart can show.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Metric(&'a Metric),
    Share,
}

/// Draws as many charts as there is room for, beginning with the chosen metric.
pub fn draw(canvas: &mut Canvas<'_>, areas: &[Rect], share: Option<Rect>, state: &State) {
    let Some(rollout) = selected(state) else { return };
    let metrics = metrics::of(state, rollout);
    let mut subjects: Vec<Subject<'_>> = metrics.iter().map(Subject::Metric).collect();
    if share.is_none() {
        subjects.push(Subject::Share);
    }
    // The pinned chart stays first, whatever rollout is selected.
    let pinned = charts::pinned(state);
    if let (Some(chart), Some(area)) = (&pinned, areas.first()) {
        let area = Rect { height: area.height.saturating_sub(1), y: area.y + 1, ..*area };
        super::charts::draw_chart(canvas, area, state, chart, "pinned · ");
    }
    let areas = &areas[usize::from(pinned.is_some()).min(areas.len())..];
    for (index, area) in areas.iter().enumerate() {
        let area = Rect { height: area.height.saturating_sub(1), y: area.y + 1, ..*area };
        if index >= subjects.len() {
            if metrics.is_empty() && index == subjects.len() {
                no_metrics(canvas, area, rollout);
            }
            continue;
        }
        match subjects[(state.monitor.metric + index) % subjects.len()] {
            Subject::Metric(metric) => draw_metric(canvas, area, state, rollout, metric),
            Subject::Share => draw_share(canvas, area, state, rollout),
        }
    }
    if let Some(area) = share {
        draw_share(canvas, area, state, rollout);
    }
}

pub(super) fn no_metrics(canvas: &mut Canvas<'_>, area: Rect, rollout: &Seen) {
    let service = &rollout.key.service;
    let title = format!("no metric is set up for {service}");
    let hint = "Add [[service.metric]] tables to it in tminus.toml: error rate, latency, throughput, each a \
                PromQL query with {{version}}.";
    face::message(canvas, area, Role::Dim, &title, hint);
}

/// A plot over the panel's window, still empty.
pub(super) fn plot<'a>(
    state: &State,
    rollout: Option<&Seen>,
    title: &'a str,
    unit: Option<&'a str>,
) -> Plot<'a> {
    let events = rollout.map_or(&[][..], |rollout| &rollout.events);
    let moved = events.iter().filter_map(|event| match event.kind {
        EventKind::ShareMoved { to, .. } => Some((event.at, format::share(to))),
        _ => None,
    });
    Plot {
        title,
        unit,
        traces: Vec::new(),
        band: Vec::new(),
        cursor: None,
        limit: None,
        top: None,
        end: state.monitor.window.end(state.now.wall),
        seconds: state.monitor.window.seconds(),
        zone: state.zone,
        motion: if state.look.low_bandwidth { Motion::Sweeping } else { Motion::Scrolling },
        marks: moved.collect(),
        note: None,
    }
}

fn draw_metric(canvas: &mut Canvas<'_>, area: Rect, state: &State, rollout: &Seen, metric: &Metric) {
    let readings = metrics::readings(state, rollout, metric);
    if readings.iter().all(|reading| reading.series().is_none()) {
        not_there(canvas, area, &metric.name, &readings);
        return;
    }
    chart::draw(
        canvas,
        area,
        &filled(plot(state, Some(rollout), &metric.name, None), state, metric, &readings),
    );
}

/// A plot with a metric's lines, its limit, and what is to be said of them.
pub(super) fn filled<'a>(
    mut plot: Plot<'a>,
    state: &State,
    metric: &'a Metric,
    readings: &[Reading<'a>],
) -> Plot<'a> {
    plot.unit = metric.unit.as_deref();
    plot.limit = metric.limit.map(|limit| (limit, metric.direction));
    // What can be full is drawn up to full.
    let fills = metric.kind == Some(MetricKind::Saturation) && plot.unit == Some("ratio");
    plot.top = fills.then_some(1.0);
    plot.note = note(readings, state.zone);
    for (index, reading) in readings.iter().enumerate().rev() {
        plot.traces.push(trace(metric, reading, index == 0));
    }
    plot
}

fn trace<'a>(metric: &Metric, reading: &Reading<'a>, is_new: bool) -> Trace<'a> {
    let (role, stroke) =
        if is_new { (Role::ChartNew, Stroke::Solid) } else { (Role::ChartOld, Stroke::Dotted) };
    let is_fresh = matches!(reading.face, Face::Fresh(_));
    let points = reading.series().map_or_else(Vec::new, |series| {
        let values = series.values.iter().enumerate();
        values.map(|(index, value)| (series.time_of(index), *value)).collect()
    });
    Trace {
        label: reading.version,
        stroke,
        role: if is_fresh { role } else { Role::Dim },
        latest: Some(latest(metric, reading)),
        points,
    }
}

/// The latest number against the limit; what is not fresh is never good nor bad, only old.
fn latest(metric: &Metric, reading: &Reading<'_>) -> (String, Role) {
    let written = |value| format::value(value, metric.unit.as_deref());
    match (&reading.present, reading.latest()) {
        (Face::Fresh(_), Some((_, value))) if metrics::is_beyond(metric, value) => {
            (format!("{} ✖", written(value)), Role::Bad)
        }
        (Face::Fresh(_), Some((_, value))) => (written(value), Role::Text),
        (Face::Fresh(_), None) => {
            let why = reading.absence().map_or("no data", metrics::Absence::short);
            (format!("◌ {why}"), Role::Unknown)
        }
        (Face::Stale { .. }, Some((_, value))) => (format!("≈ {}", written(value)), Role::Stale),
        (Face::Stale { .. }, None) => ("≈".to_owned(), Role::Stale),
        (Face::Failed(_), _) => ("◌".to_owned(), Role::Unknown),
        (Face::NotAsked | Face::Loading, _) => ("…".to_owned(), Role::Dim),
    }
}

/// What is wrong with what is drawn, the worst first.
fn note(readings: &[Reading<'_>], zone: chrono_tz::Tz) -> Option<(String, Role)> {
    for reading in readings {
        match &reading.face {
            Face::Stale { trouble, .. } => {
                let why = trouble.map(|trouble| format!(": {}", face::why(trouble))).unwrap_or_default();
                return Some((format!("≈ {}{why}", face::word(&reading.face)), Role::Stale));
            }
            Face::Failed(trouble) => {
                let words = format!("◌ {} not known: {}", reading.version, face::why(trouble));
                return Some((words, Role::Unknown));
            }
            Face::NotAsked | Face::Loading => return Some(("loading …".to_owned(), Role::Dim)),
            Face::Fresh(_) => {}
        }
    }
    let series = || readings.iter().filter_map(Reading::series);
    if let Some(warning) = series().find_map(|series| series.warnings.first()) {
        return Some((format!("▲ {warning}"), Role::Attention));
    }
    if series().any(|series| series.ambiguous) {
        let words = "▲ several series answered, the first is drawn: sum them in the query";
        return Some((words.to_owned(), Role::Attention));
    }
    let absent =
        |reading: &Reading<'_>| reading.absence().map(|absence| (reading.version.to_owned(), absence));
    let absences: Vec<_> = readings.iter().filter_map(absent).collect();
    if let Some((version, absence)) = absences.first() {
        let words = absence.words(zone);
        // What holds for all of them needs no name.
        let all = absences.len() == readings.len() && absences.iter().all(|(_, other)| other == absence);
        let words = if all { format!("◌ {words}") } else { format!("◌ {version}: {words}") };
        return Some((words, Role::Unknown));
    }
    let info = series().find_map(|series| series.infos.first());
    info.map(|info| (info.to_string(), Role::Dim))
}

/// In place of a chart of which nothing is known: who, why, and the mend.
pub(super) fn not_there(canvas: &mut Canvas<'_>, area: Rect, title: &str, readings: &[Reading<'_>]) {
    canvas.text(area.x, area.y, area.width, title, Role::Title);
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let failed = readings.iter().find_map(|reading| match &reading.face {
        Face::Failed(trouble) => Some(trouble),
        _ => None,
    });
    match failed {
        Some(trouble) => {
            let title = format!("◌ {}", trouble.failure.kind.word());
            face::message(canvas, below, Role::Unknown, &title, &face::why(trouble));
        }
        None => face::message(canvas, below, Role::Dim, "loading …", ""),
    }
}

fn draw_share(canvas: &mut Canvas<'_>, area: Rect, state: &State, rollout: &Seen) {
    let mut plot = plot(state, Some(rollout), "share", Some("ratio"));
    let history = state.remotes.history(&present_question(state, &rollout.key.environment), state.now);
    let is_fresh = matches!(history, Face::Fresh(_));
    plot.top = Some(1.0);
    plot.marks.clear();
    let share = format::share(rollout.share);
    let old: Vec<_> =
        rollout.shares.iter().map(|(at, share)| (*at, share.map(|share| 1.0 - share))).collect();
    let role = |role| if is_fresh { role } else { Role::Dim };
    if let Some(from) = &rollout.from {
        plot.traces.push(Trace {
            label: from,
            stroke: Stroke::Dotted,
            role: role(Role::ChartOld),
            latest: None,
            points: old,
        });
    }
    plot.traces.push(Trace {
        label: &rollout.key.to,
        stroke: Stroke::Solid,
        role: role(Role::ChartNew),
        latest: Some(if is_fresh { (share, Role::Text) } else { (format!("≈ {share}"), Role::Stale) }),
        points: rollout.shares.clone(),
    });
    if !is_fresh {
        let (sign, role) = face::mark(&history);
        plot.note = Some((format!("{sign} {}", face::word(&history)), role));
    }
    chart::draw(canvas, area, &plot);
}
