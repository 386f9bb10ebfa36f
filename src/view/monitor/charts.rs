//! The charts view: what is charted on top, charts in a grid or one of them large, and below what
//! the cursor reads off.

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::signals;
use crate::app::command::named;
use crate::app::monitor::charts::{
    self, Chart, Page, chosen, cursor, difference_words, last_weeks, page, read_off, rollout_of,
};
use crate::app::monitor::metrics::{Reading, is_beyond, readings_of};
use crate::app::monitor::{View, selected};
use crate::app::{Context, Intent, ListId, State};
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::chart;
use crate::view::{Canvas, face};

/// Below so many columns the line of values leaves out what can be seen elsewhere.
const NARROW: u16 = 140;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    if area.height < 6 {
        return;
    }
    let charts = charts::charts(state);
    let heading = Rect { height: 1, ..area };
    let body = Rect { y: area.y + 1, height: area.height - 2, ..area };
    if charts.is_empty() {
        match selected(state) {
            Some(rollout) => signals::no_metrics(canvas, body, rollout),
            None => super::rollouts::nothing(canvas, body, state),
        }
        return;
    }
    let here = chosen(state, &charts);
    let size = (canvas.buffer.area.width, canvas.buffer.area.height);
    let page = page(state, size, charts.len(), here);
    title(canvas, heading, state, &charts, page);
    grid(canvas, body, state, &charts, here, page);
    values(canvas, Rect { y: area.bottom() - 1, height: 1, ..area }, state, &charts[here]);
}

/// What is charted, how many charts there are, and what is drawn besides.
fn title(canvas: &mut Canvas<'_>, area: Rect, state: &State, charts: &[Chart<'_>], page: Page) {
    let own = &state.monitor.charts;
    let words = match (&own.compared, selected(state)) {
        (Some(compared), _) => format!("{} compared, same scale", compared.metric),
        (None, Some(rollout)) => rollout.sentence(),
        (None, None) => "the pinned chart".to_owned(),
    };
    let last = (page.first + page.columns * page.rows).min(charts.len());
    let mut right = match charts.len() {
        1 => "1 chart".to_owned(),
        count if last - page.first == count => format!("{count} charts"),
        count if last - page.first == 1 => format!("chart {last} of {count}"),
        count => format!("charts {}–{last} of {count}", page.first + 1),
    };
    if let Some(weeks) = last_weeks(state, &charts[chosen(state, charts)]) {
        right = format!("{}   {right}", weeks.words());
    }
    let right_width = (right.width() as u16).min(area.width * 2 / 3);
    canvas.text(area.x, area.y, area.width.saturating_sub(right_width + 2), &words, Role::Title);
    canvas.text_right(area.right() - right_width, area.y, right_width, &right, Role::Dim);
}

fn grid(canvas: &mut Canvas<'_>, area: Rect, state: &State, charts: &[Chart<'_>], here: usize, page: Page) {
    let (columns, rows) = (page.columns as u16, page.rows as u16);
    let (width, height) = ((area.width - (columns - 1) * 3) / columns, area.height / rows);
    let top = shared_top(state, charts, page);
    for (index, chart) in charts.iter().enumerate().skip(page.first).take(page.columns * page.rows) {
        let place = (index - page.first) as u16;
        let (column, row) = (place % columns, place / columns);
        let cell = Rect { x: area.x + column * (width + 3), y: area.y + row * height, width, height };
        let sign = match (index == here, chart.is_pinned(state)) {
            (true, true) => "▸ pinned · ",
            (true, false) => "▸ ",
            (false, true) => "pinned · ",
            (false, false) => "",
        };
        // A line of air below each, but not where every line counts.
        let air = u16::from(rows > 1 && height > 9);
        draw_with_top(canvas, Rect { height: height - air, ..cell }, state, chart, sign, top);
        canvas.hit(cell, Intent::SelectRow(ListId::Charts, index), Some(ListId::Charts));
    }
    canvas.list(ListId::Charts, page.first, columns * rows);
}

/// What is compared is drawn on the same scale: up to the highest value of all.
fn shared_top(state: &State, charts: &[Chart<'_>], page: Page) -> Option<f64> {
    state.monitor.charts.compared.as_ref()?;
    let shown = charts.iter().skip(page.first).take(page.columns * page.rows);
    shown
        .flat_map(|chart| {
            let readings = readings_of(state, &chart.subject, chart.metric);
            let series = readings.iter().filter_map(Reading::series).flat_map(|series| &series.values);
            series.flatten().copied().collect::<Vec<_>>()
        })
        .filter(|value| value.is_finite())
        .reduce(f64::max)
}

/// Draws one chart; the sign says whether it is selected or pinned.
pub(super) fn draw_chart(canvas: &mut Canvas<'_>, area: Rect, state: &State, chart: &Chart<'_>, sign: &str) {
    draw_with_top(canvas, area, state, chart, sign, None);
}

fn draw_with_top(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    chart: &Chart<'_>,
    sign: &str,
    top: Option<f64>,
) {
    let readings = readings_of(state, &chart.subject, chart.metric);
    let title = format!("{sign}{}", name(state, chart));
    if readings.is_empty() {
        let subject = &chart.subject;
        canvas.text(area.x, area.y, area.width, &title, Role::Title);
        let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let words = format!("◌ no version of {} is seen in {}", subject.service, subject.place());
        face::message(canvas, below, Role::Unknown, &words, "");
        return;
    }
    if readings.iter().all(|reading| reading.series().is_none()) {
        signals::not_there(canvas, area, &title, &readings);
        return;
    }
    let plot = signals::plot(state, rollout_of(state, &chart.subject), &title, None);
    let mut plot = signals::filled(plot, state, chart.metric, &readings);
    if let Some(top) = top {
        plot.top = Some(plot.top.map_or(top, |own| own.max(top)));
    }
    if let Some(weeks) = last_weeks(state, chart) {
        plot.band = weeks.band.points;
    }
    plot.cursor = cursor(state);
    if let Some(at) = plot.cursor {
        let read = read_off(&readings, at);
        // The traces are drawn the new one last, and the readings have it first.
        for (trace, (_, value)) in plot.traces.iter_mut().rev().zip(&read.values) {
            trace.latest = Some(written(chart, *value));
        }
    }
    chart::draw(canvas, area, &plot);
}

/// The metric; of what and where, if that is not the selected rollout.
fn name(state: &State, chart: &Chart<'_>) -> String {
    let subject = &chart.subject;
    let is_here = selected(state).is_some_and(|rollout| {
        let key = &rollout.key;
        subject.is_at(&key.service, &key.environment, key.region.as_deref())
    });
    let where_it_is = format!("{} {}", subject.service, subject.place());
    match &state.monitor.charts.compared {
        Some(compared) if compared.metric == subject.metric => where_it_is,
        None if is_here => chart.metric.name.clone(),
        _ => format!("{} {where_it_is}", chart.metric.name),
    }
}

/// A value read off, against the limit.
fn written(chart: &Chart<'_>, value: Option<f64>) -> (String, Role) {
    match value {
        Some(value) if is_beyond(chart.metric, value) => {
            (format!("{} ✖", format::value(value, chart.metric.unit.as_deref())), Role::Bad)
        }
        Some(value) => (format::value(value, chart.metric.unit.as_deref()), Role::Text),
        None => ("◌ gap".to_owned(), Role::Unknown),
    }
}

/// The chosen chart's numbers at the cursor, or how they are had.
fn values(canvas: &mut Canvas<'_>, area: Rect, state: &State, chart: &Chart<'_>) {
    let Some(at) = cursor(state) else {
        canvas.text(area.x, area.y, area.width, &hint(canvas), Role::Dim);
        return;
    };
    let readings = readings_of(state, &chart.subject, chart.metric);
    let unit = chart.metric.unit.as_deref();
    let read = read_off(&readings, at);
    let form = if state.monitor.window.seconds() > 86_400 { "%-d %b %H:%M:%S" } else { "%H:%M:%S" };
    let time = at.with_timezone(&state.zone).format(form).to_string();
    // Where there is little room, the numbers matter more than the words around them.
    let is_narrow = area.width < NARROW;
    let mut spans = vec![canvas.span(time, Role::Accent)];
    if !is_narrow {
        spans.push(canvas.span(format!("  {}", chart.metric.name), Role::Title));
    }
    for ((version, value), reading) in read.values.iter().zip(&readings) {
        let (words, role) = written(chart, *value);
        spans.push(canvas.span(format!("   {version} "), Role::Dim));
        match reading.face {
            Face::Fresh(_) => spans.push(canvas.span(words, role)),
            _ => spans.push(canvas.span(format!("{} {words}", face::mark(&reading.face).0), Role::Stale)),
        }
    }
    if let Some((difference, ratio)) = read.difference {
        let words = difference_words(difference, ratio, unit);
        let words = if is_narrow { words.trim_start_matches("difference ") } else { &words };
        spans.push(canvas.span(format!("   {words}"), Role::Text));
    }
    if let Some(weeks) = last_weeks(state, chart) {
        let words = match weeks.band.at(at) {
            Some((low, high)) => {
                let (low, high) = (format::value(low, unit), format::value(high, unit));
                format!("   last weeks {low} to {high}")
            }
            None => "   last weeks not known".to_owned(),
        };
        // Half a number would be read as one.
        let used: usize = spans.iter().map(ratatui::text::Span::width).sum();
        if used + words.width() <= usize::from(area.width) {
            spans.push(canvas.span(words, Role::Dim));
        }
    }
    canvas.line(area.x, area.y, area.width, &Line::from(spans));
}

fn hint(canvas: &Canvas<'_>) -> String {
    let key = |name: &str| -> String {
        let command = named(Context::MonitorView(View::Charts), name);
        command.and_then(|command| canvas.keymap.labels(command).into_iter().next()).unwrap_or_default()
    };
    [
        ("cursor-back", "reads values off"),
        ("large", "large"),
        ("band", "last weeks"),
        ("compare", "compares"),
        ("pin", "pins"),
    ]
    .map(|(name, words)| format!("{} {words}", key(name)))
    .join("   ")
}
