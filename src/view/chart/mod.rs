//! Braille line charts with axes: values over time, gaps as gaps, a limit, a legend.

mod band;
mod bar;
pub mod clock;
mod cursor;
pub mod grid;
pub mod scale;

pub use bar::bar;
pub use clock::{Clock, Motion};
pub use grid::{Grid, Point, Stroke};
pub use scale::Axis;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use crate::domain::band::Between;
use crate::domain::format;
use crate::domain::service::Direction;
use crate::theme::Role;

/// A chart of a few traces over the same time.
#[derive(Debug, Clone)]
pub struct Plot<'a> {
    /// What is drawn.
    pub title: &'a str,
    /// In what: a metric's `unit`.
    pub unit: Option<&'a str>,
    /// The lines, the one drawn on top last; the legend names that one first.
    pub traces: Vec<Trace<'a>>,
    /// Between which values it lay at the same hour of other weeks; empty: not known.
    pub band: Vec<Between>,
    /// The instant that is read off.
    pub cursor: Option<DateTime<Utc>>,
    /// The value that should not be crossed, and which way crossing it is bad.
    pub limit: Option<(f64, Direction)>,
    /// The top of the axis, where it does not follow the values.
    pub top: Option<f64>,
    /// The newest instant.
    pub end: DateTime<Utc>,
    /// How long a time is shown, in seconds.
    pub seconds: u32,
    /// Local times below are in this zone.
    pub zone: Tz,
    /// How it moves.
    pub motion: Motion,
    /// What happened when: a sign below the axis and a word beside it.
    pub marks: Vec<(DateTime<Utc>, String)>,
    /// Why it is not as it should be, over the bottom of the chart.
    pub note: Option<(String, Role)>,
}

/// One line of a chart.
#[derive(Debug, Clone)]
pub struct Trace<'a> {
    /// Its name in the legend.
    pub label: &'a str,
    /// How the line is drawn.
    pub stroke: Stroke,
    /// What it means.
    pub role: Role,
    /// Its latest value as written, and how that is meant.
    pub latest: Option<(String, Role)>,
    /// Instants, ascending, with their values; `None`: a gap.
    pub points: Vec<(DateTime<Utc>, Option<f64>)>,
}

/// Draws a chart: title and legend, the lines, the time below.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, plot: &Plot<'_>) {
    if area.height < 4 || area.width < 20 {
        return;
    }
    let marks = u16::from(!plot.marks.is_empty() && area.height >= 10);
    let rows = area.height - 2 - marks;
    let clock_of = |width: u16| Clock::new(plot.end, plot.seconds, usize::from(width) * 2, plot.motion);
    let rough = clock_of(area.width - 6);
    let (axis, limit) = axis(plot, &rough, usize::from(rows));
    let gutter = axis.ticks().iter().map(|(_, label)| label.width()).max().unwrap_or(1) as u16;
    let field = Rect::new(area.x + gutter + 1, area.y + 1, area.width.saturating_sub(gutter + 1), rows);
    let clock = clock_of(field.width);
    title(canvas, Rect { height: 1, ..area }, plot, &axis);
    value_axis(canvas, Rect { height: rows, y: field.y, ..area }, gutter, &axis);
    lines(canvas, field, plot, &axis, &clock, limit);
    let below = Rect::new(field.x, field.bottom(), field.width, 1);
    let taken = cursor::name(canvas, below, plot, &clock).unwrap_or_default();
    time_axis(canvas, below, &clock, plot.zone, &taken);
    if marks > 0 {
        events(canvas, Rect::new(field.x, field.bottom() + 1, field.width, 1), plot, &clock);
    }
    if let Some((words, role)) = &plot.note {
        canvas.text(field.x + 1, field.bottom() - 1, field.width.saturating_sub(1), words, *role);
    }
}

/// The axis that shows every value in view, and the limit where it fits on it.
fn axis(plot: &Plot<'_>, clock: &Clock, rows: usize) -> (Axis, Option<f64>) {
    let points = plot.traces.iter().flat_map(|trace| &trace.points);
    let values = points.filter(|(at, _)| clock.dot(*at).is_some()).filter_map(|(_, value)| *value);
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = if low <= high { (low, high) } else { (0.0, 0.0) };
    let limit = scale::limit_on_axis(plot.limit.map(|(limit, _)| limit), high);
    let band = band::top(plot, clock, high);
    let high = [limit, plot.top, band].into_iter().flatten().fold(high, f64::max);
    let intervals = match rows {
        0..=4 => 1,
        5..=7 => 2,
        8..=11 => 3,
        _ => 4,
    };
    (Axis::new(plot.unit, low, high, intervals), limit)
}

fn title(canvas: &mut Canvas<'_>, area: Rect, plot: &Plot<'_>, axis: &Axis) {
    let mut spans = Vec::new();
    for trace in plot.traces.iter().rev() {
        let sample = stroke(canvas, trace).sample();
        let label = super::canvas::cut(trace.label, 12).into_owned();
        spans.push(canvas.span(format!("  {label} {sample}"), trace.role));
        if let Some((written, role)) = &trace.latest {
            spans.push(canvas.span(format!(" {written}"), *role));
        }
    }
    let legend = Line::from(spans);
    let legend_width = (legend.width() as u16).min(area.width);
    canvas.line(area.right() - legend_width, area.y, legend_width, &legend);
    let room = area.width - legend_width;
    let used = canvas.text(area.x, area.y, room, plot.title, Role::Title);
    if room > used + 1 {
        canvas.text(area.x + used + 1, area.y, room - used - 1, &axis.unit, Role::Dim);
    }
}

fn value_axis(canvas: &mut Canvas<'_>, area: Rect, gutter: u16, axis: &Axis) {
    let dots = usize::from(area.height) * 4;
    for row in 0..area.height {
        canvas.text(area.x + gutter, area.y + row, 1, "│", Role::Border);
    }
    for (value, label) in axis.ticks() {
        let y = area.y + (axis.row(value, dots) / 4) as u16;
        canvas.text_right(area.x, y, gutter, &label, Role::Dim);
        canvas.text(area.x + gutter, y, 1, "┤", Role::Border);
    }
    canvas.text(area.x + gutter, area.bottom(), 1, "└", Role::Border);
}

fn lines(
    canvas: &mut Canvas<'_>,
    field: Rect,
    plot: &Plot<'_>,
    axis: &Axis,
    clock: &Clock,
    limit: Option<f64>,
) {
    let mut grid = Grid::new(usize::from(field.width), usize::from(field.height));
    for trace in &plot.traces {
        draw_trace(&mut grid, trace, stroke(canvas, trace), axis, clock);
    }
    if clock.motion() == Motion::Sweeping {
        // The gap that walks ahead of the newest value: behind it the old picture begins.
        grid.clear_column((clock.cursor() / 2 + 1) % usize::from(field.width.max(1)));
    }
    dots(canvas, field, &band::draw(&grid, plot, axis, clock));
    cursor::draw(canvas, field, plot, clock);
    dots(canvas, field, &grid);
    if let Some((value, direction)) = plot.limit {
        let words = format!("{} {}", scale::limit_word(direction), format::value(value, plot.unit));
        match limit {
            Some(_) => limit_line(canvas, field, &grid, axis.row(value, grid.height()), &words),
            None => name_limit(canvas, field, &grid, 0, &format!("{words} ↑")),
        }
    }
}

/// Writes a field's dots.
fn dots(canvas: &mut Canvas<'_>, field: Rect, grid: &Grid) {
    for (column, row, symbol, role) in grid.cells() {
        let style = canvas.style(role);
        if let Some(cell) = canvas.buffer.cell_mut((field.x + column as u16, field.y + row as u16)) {
            cell.set_char(symbol).set_style(style);
        }
    }
}

/// How a line is drawn here: where there are no colours, what is dotted has fewer dots.
fn stroke(canvas: &Canvas<'_>, trace: &Trace<'_>) -> Stroke {
    let has_colours = canvas.style(Role::ChartNew).fg != canvas.style(Role::ChartOld).fg;
    if trace.stroke == Stroke::Dotted && !has_colours { Stroke::Sparse } else { trace.stroke }
}

fn draw_trace(grid: &mut Grid, trace: &Trace<'_>, stroke: Stroke, axis: &Axis, clock: &Clock) {
    let height = grid.height();
    let parity = clock.parity();
    let mut last: Option<Point> = None;
    let mut alone: Option<Point> = None;
    for (at, value) in &trace.points {
        let value = value.filter(|value| value.is_finite());
        let here = clock.dot(*at).zip(value).map(|(x, value)| Point { x, y: axis.row(value, height) });
        if let Some(point) = here {
            // Where a sweep comes round, the line is not drawn back across the chart.
            let from = last.filter(|last| last.x <= point.x).unwrap_or(point);
            grid.connect(from, point, stroke, parity, trace.role);
        }
        alone = match (last, here, alone) {
            (None, Some(point), _) => Some(point),
            (Some(_), None, Some(point)) => {
                grid.mark(point, trace.role);
                None
            }
            _ => None,
        };
        last = here;
    }
    if let Some(point) = alone {
        grid.mark(point, trace.role);
    }
}

/// Dashes on the exact row of dots, wherever no value is.
fn limit_line(canvas: &mut Canvas<'_>, field: Rect, grid: &Grid, dot_row: usize, words: &str) {
    let row = dot_row / 4;
    let dash = ["⠉", "⠒", "⠤", "⣀"][dot_row % 4];
    for column in (0..field.width).step_by(2) {
        if grid.is_empty(usize::from(column), row) {
            canvas.text(field.x + column, field.y + row as u16, 1, dash, Role::ChartLimit);
        }
    }
    name_limit(canvas, field, grid, row, words);
}

/// Writes what the limit is where no value is hidden by it: on its line, or beside it.
fn name_limit(canvas: &mut Canvas<'_>, field: Rect, grid: &Grid, row: usize, words: &str) {
    let width = words.width();
    let columns = usize::from(field.width);
    if width + 1 > columns {
        return;
    }
    let rows = [Some(row), row.checked_sub(1), Some(row + 1)];
    let places = rows.into_iter().flatten().filter(|row| *row < usize::from(field.height));
    let mut places = places.flat_map(|row| [(row, columns - width), (row, 1)]);
    let free = |(row, first): &(usize, usize)| (*first..first + width).all(|c| grid.is_empty(c, *row));
    if let Some((row, column)) = places.find(free) {
        canvas.text(field.x + column as u16, field.y + row as u16, width as u16, words, Role::ChartLimit);
    }
}

/// Round local times, where nothing else is written.
fn time_axis(canvas: &mut Canvas<'_>, area: Rect, clock: &Clock, zone: Tz, taken: &std::ops::Range<u16>) {
    let mut free = 0;
    let mut ticks = clock.ticks(zone);
    ticks.sort_by_key(|(dot, _)| *dot);
    for (dot, label) in ticks {
        let column = (dot / 2) as u16;
        let width = label.width() as u16;
        let is_clear = taken.is_empty() || column + width <= taken.start || column >= taken.end;
        if column >= free && column + width <= area.width && is_clear {
            canvas.text(area.x + column, area.y, width, &label, Role::Dim);
            free = column + width + 2;
        }
    }
}

/// The newest first: where two would lie on each other, the older one gives way.
fn events(canvas: &mut Canvas<'_>, area: Rect, plot: &Plot<'_>, clock: &Clock) {
    let mut marks: Vec<&(DateTime<Utc>, String)> = plot.marks.iter().collect();
    marks.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut taken: Vec<std::ops::Range<u16>> = Vec::new();
    for (at, word) in marks {
        let Some(dot) = clock.dot(*at) else { continue };
        let column = (dot / 2) as u16;
        let width = word.width() as u16 + 2;
        // At the right edge the word stands before its sign.
        let (start, words) = if column + width <= area.width {
            (column, format!("▲ {word}"))
        } else {
            ((column + 1).saturating_sub(width), format!("{word} ▲"))
        };
        let end = start + width;
        if taken.iter().all(|other| end < other.start || other.end < start) {
            canvas.text(area.x + start, area.y, width, &words, Role::Dim);
            taken.push(start..end);
        }
    }
}

#[cfg(test)]
mod tests;
