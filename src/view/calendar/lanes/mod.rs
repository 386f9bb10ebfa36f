//! The timeline: lanes by team, environment, region or service over an axis of time.

mod bars;
mod ground;
mod packing;
mod scale;

pub use scale::{Scale, period};

use std::collections::BTreeMap;

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use super::heat::Heat;
use super::marks::{self, Shown, Thing};
use crate::app::calendar::Zoom;
use crate::app::command::named;
use crate::app::{Axis, Context, Intent, ListId, State, list};
use crate::theme::Role;
use packing::{Extent, Names};

/// Rows of a lane that are not taken away for the others.
const LEAST_ROWS: usize = 2;
/// Rows of the windows above the lanes at most.
const MOST_WINDOWS: usize = 3;
/// Columns of a lane's name at least and at most.
const LABEL: (u16, u16) = (12, 24);

/// A lane made ready to be drawn.
struct Lane<'s, 'a> {
    /// Which of the workspace; `None`: the windows.
    number: Option<usize>,
    shown: Vec<&'s Shown<'a>>,
    bars: Vec<Extent>,
    /// The row of each; `None`: it has none.
    rows: Vec<Option<usize>>,
    /// Where the next bar of its row begins.
    next: Vec<Option<u16>>,
    height: usize,
    names: Names,
}

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let (from, to) = state.calendar.lanes.range(state.zone);
    let shown = marks::shown(state, from, to);
    let (by_lane, empty) = sorted(state, &shown);
    let label = label_width(state, &by_lane, area.width);
    let columns = Rect { x: area.x + label + 1, width: area.width.saturating_sub(label + 1), ..area };
    let scale = Scale::new(state, columns);
    ground::axis(canvas, columns.y, state, &scale);
    load(canvas, area, state, &scale);
    let note = u16::from(!empty.is_empty());
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2 + note), ..area };
    let lanes = laid_out(&scale, by_lane, usize::from(body.height));
    let windows = ground::by_window(&shown);
    let total: usize = lanes.iter().map(|lane| lane.height).sum();
    // Where there is room, lanes stand apart.
    let gap = usize::from(total + lanes.len() <= usize::from(body.height));
    let count = total + gap * lanes.len();
    let held = selected_row(&lanes, gap);
    let top = list::first_row(state.calendar.lanes.top, held, usize::from(body.height), count);
    canvas.list(ListId::Lanes, top, body.height);
    canvas.hit(body, Intent::Stay, Some(ListId::Lanes));
    canvas.field(Rect { x: scale.x, width: scale.width, ..body }, scale.from, scale.to, Axis::Across);
    let used = Rect { height: body.height.min((count - top).try_into().unwrap_or(u16::MAX)), ..body };
    ground::behind(canvas, used, state, &scale);
    let mut first = 0;
    for lane in &lanes {
        let rows = Rows { body, top, first };
        ground::windows(canvas, &rows, lane, state, &scale, &windows);
        name(canvas, &rows, lane, state, label);
        for (index, row) in lane.rows.iter().enumerate() {
            if let Some(y) = row.and_then(|row| rows.y(row)) {
                bars::draw(canvas, y, state, &scale, lane, index);
            }
        }
        first += lane.height + gap;
    }
    ground::now(canvas, used, state, &scale);
    let hidden = count.saturating_sub(top + usize::from(body.height));
    let y = area.bottom() - 1;
    let mut right = area.right();
    if hidden > 0 || top > 0 {
        let words = format!("{}–{} of {count} rows", top + 1, count - hidden);
        let used = canvas.text_right(area.x, y, area.width, &words, Role::Dim);
        right -= used + 2;
    }
    if note > 0 {
        let words = format!("nothing here: {}", empty.join(", "));
        canvas.text(area.x, y, right.saturating_sub(area.x), &words, Role::Dim);
    }
}

/// The load of each day, over its columns; where the axis has days.
fn load(canvas: &mut Canvas<'_>, area: Rect, state: &State, scale: &Scale) {
    if matches!(state.calendar.lanes.zoom, Zoom::Hours | Zoom::Day) {
        return;
    }
    let days = scale::days(state, scale);
    let heat = Heat::new(state, &days);
    if heat.is_empty() {
        return;
    }
    let y = area.y.saturating_sub(1);
    canvas.text(area.x, y, LABEL.0, &format!("load  ≤ {}", heat.most()), Role::Dim);
    for (index, day) in days.iter().enumerate() {
        let (first, after) = scale.columns(day.start.max(scale.from), day.end.min(scale.to));
        // Days stand apart where they are wide enough.
        let gap = u16::from(after - first > 1);
        heat.column(canvas, scale.x + first, y, after - first - gap, index);
    }
}

/// Rows of lanes on screen.
struct Rows {
    body: Rect,
    /// The first row of all that is on screen.
    top: usize,
    /// A lane's first row.
    first: usize,
}

impl Rows {
    /// The row on screen of a lane's row.
    fn y(&self, row: usize) -> Option<u16> {
        let row = (self.first + row).checked_sub(self.top)?;
        (row < usize::from(self.body.height)).then(|| self.body.y + row as u16)
    }
}

/// What lies in which lane, lanes with nothing left out; and the names of those.
fn sorted<'s, 'a>(
    state: &State,
    shown: &'s [Shown<'a>],
) -> (BTreeMap<Option<usize>, Vec<&'s Shown<'a>>>, Vec<String>) {
    let index = &state.calendar.lanes.index;
    let mut by_lane: BTreeMap<Option<usize>, Vec<&Shown<'_>>> = BTreeMap::new();
    for it in shown {
        let lanes = match it.what {
            Thing::Window(_) | Thing::Version(_) => {
                by_lane.entry(None).or_default().push(it);
                continue;
            }
            Thing::Stage(release, stage) => index.of_stage(release, stage),
            Thing::Tag(service, ..) => vec![index.of_service(service)],
        };
        for lane in lanes {
            by_lane.entry(Some(lane)).or_default().push(it);
        }
    }
    // The last lane is for what belongs nowhere: nobody misses it.
    let lanes = 0..index.len().saturating_sub(1);
    let empty = lanes.filter(|lane| !by_lane.contains_key(&Some(*lane)));
    let empty = empty.map(|lane| index.title(lane).to_owned()).collect();
    (by_lane, empty)
}

fn label_width(state: &State, by_lane: &BTreeMap<Option<usize>, Vec<&Shown<'_>>>, width: u16) -> u16 {
    let longest = by_lane.keys().map(|lane| title(state, *lane).width() as u16 + 5).max().unwrap_or(0);
    longest.clamp(LABEL.0, LABEL.1).min(width / 5).max(LABEL.0)
}

fn title(state: &State, lane: Option<usize>) -> &str {
    lane.map_or("windows", |lane| state.calendar.lanes.index.title(lane))
}

fn laid_out<'s, 'a>(
    scale: &Scale,
    by_lane: BTreeMap<Option<usize>, Vec<&'s Shown<'a>>>,
    height: usize,
) -> Vec<Lane<'s, 'a>> {
    let mut lanes: Vec<Lane<'_, '_>> = by_lane
        .into_iter()
        .map(|(lane, mut shown)| {
            // What is on its way comes last on the line of time: it is sorted in here.
            shown.sort_by_key(|it| it.start);
            let bars: Vec<Extent> = shown.iter().map(|it| bars::extent(scale, it)).collect();
            Lane {
                number: lane,
                shown,
                bars,
                rows: Vec::new(),
                next: Vec::new(),
                height: 1,
                names: Names::Beside,
            }
        })
        .collect();
    let wanted: Vec<usize> = lanes.iter().map(|lane| lane.wanted(height.max(1))).collect();
    let rows = shared(&wanted, height);
    for (lane, most) in lanes.iter_mut().zip(rows) {
        lane.pack(most);
    }
    lanes
}

/// Rows for lanes that want so many: as wanted where all fit; else what is wanted is cut where most
/// of it is, but never below what a lane needs to be read.
fn shared(wanted: &[usize], height: usize) -> Vec<usize> {
    let fits = |most: usize| wanted.iter().map(|rows| *rows.min(&most)).sum::<usize>() <= height;
    let most = (LEAST_ROWS..=height).rev().find(|most| fits(*most)).unwrap_or(LEAST_ROWS);
    wanted.iter().map(|rows| *rows.min(&most)).collect()
}

impl Lane<'_, '_> {
    /// How many rows it would take with all names, `most` at most.
    fn wanted(&self, most: usize) -> usize {
        match self.number {
            // Windows repeat: their names are written where there happens to be room.
            None => packing::pack(&self.bars, MOST_WINDOWS, Names::Squeezed).1,
            Some(_) => packing::pack(&self.bars, most, Names::Beside).1,
        }
        .max(1)
    }

    /// Gives every bar a row, of `most`: with its name, or without where there are too many.
    fn pack(&mut self, most: usize) {
        let beside = self.number.is_some().then(|| packing::pack(&self.bars, most, Names::Beside));
        let fits = beside.filter(|(rows, _)| rows.iter().all(Option::is_some));
        let names = if fits.is_some() { Names::Beside } else { Names::Squeezed };
        let (rows, height) = fits.unwrap_or_else(|| packing::pack(&self.bars, most, names));
        (self.rows, self.height, self.names) = (rows, height.max(1), names);
        // What is selected or on its way is shown whatever lies there.
        for (row, it) in self.rows.iter_mut().zip(&self.shown) {
            if row.is_none() && (it.selected || it.way != marks::Way::There) {
                *row = Some(self.height - 1);
            }
        }
        // Bars are sorted by where they begin: seen from the end, the last one met is the next.
        let mut begins = vec![None; self.height];
        self.next = vec![None; self.rows.len()];
        for (index, row) in self.rows.iter().enumerate().rev() {
            if let Some(row) = row {
                self.next[index] = begins[*row].replace(self.bars[index].first);
            }
        }
    }
}

/// The row of what is selected, among all rows; of the lane with the keys it lies in.
fn selected_row(lanes: &[Lane<'_, '_>], gap: usize) -> usize {
    let mut first = 0;
    for lane in lanes {
        let found = lane.shown.iter().zip(&lane.rows).find(|(it, _)| it.selected);
        if let Some((_, row)) = found {
            return first + row.unwrap_or(0);
        }
        first += lane.height + gap;
    }
    0
}

/// A lane's name, and how many stages lie in it.
fn name(canvas: &mut Canvas<'_>, rows: &Rows, lane: &Lane<'_, '_>, state: &State, width: u16) {
    let Some(y) = rows.y(0).or_else(|| (rows.first < rows.top).then_some(rows.body.y)) else { return };
    // The name of a lane whose first row has left the screen stays as long as its last is there.
    if rows.y(lane.height - 1).is_none() && rows.y(0).is_none() {
        return;
    }
    let x = rows.body.x;
    let stages = lane.shown.iter().filter(|it| matches!(it.what, Thing::Stage(..))).count();
    let hidden = lane.rows.iter().filter(|row| row.is_none()).count();
    let count = match (lane.number, stages) {
        (None, _) | (_, 0) => String::new(),
        (_, stages) => stages.to_string(),
    };
    let has_keys = lane.shown.iter().any(|it| it.selected);
    let role = match (has_keys, lane.number) {
        (true, _) => Role::Accent,
        (_, None) => Role::Dim,
        _ => Role::Text,
    };
    let used = canvas.text_right(x, y, width, &count, Role::Dim);
    let title = middle(title(state, lane.number), usize::from(width.saturating_sub(used + 1)));
    canvas.text(x, y, width.saturating_sub(used + 1), &title, role);
    let more = if lane.number.is_some() { Role::Attention } else { Role::Dim };
    if hidden > 0
        && let Some(below) = rows.y(lane.height - 1).filter(|below| *below > y)
    {
        canvas.text_right(x, below, width, &format!("+{hidden}"), more);
    } else if hidden > 0 {
        canvas.text_right(x, y, width, &format!("{count} +{hidden}"), more);
    }
    if let Some(first) = lane.shown.iter().find_map(|it| it.place) {
        let height = lane.height as u16;
        let hit = Rect::new(x, y, width, height.min(rows.body.bottom() - y));
        canvas.hit(hit, Intent::SelectRow(ListId::Agenda, first), Some(ListId::Lanes));
    }
}

/// A name shortened in the middle.
fn middle(text: &str, width: usize) -> String {
    if text.width() <= width || width < 5 {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let tail = (width - 1) / 2;
    let head = width - 1 - tail;
    if characters.len() < head + tail {
        return text.to_owned();
    }
    let head: String = characters[..head].iter().collect();
    let tail: String = characters[characters.len() - tail..].iter().collect();
    format!("{head}…{tail}")
}

/// What the lanes stand for and how much time is on screen, each with its keys, for the title.
/// Answers with the columns used.
pub fn words(canvas: &mut Canvas<'_>, x: u16, y: u16, width: u16, state: &State) -> u16 {
    let lanes = &state.calendar.lanes;
    let key = |canvas: &Canvas<'_>, name: &str| {
        let command = named(Context::Calendar, name);
        let labels = command.map(|command| canvas.keymap.labels(command)).unwrap_or_default();
        labels.into_iter().next().unwrap_or_default()
    };
    let parts = [
        (format!("by {} ", lanes.index.by().word()), Role::Dim),
        (key(canvas, "group-lanes"), Role::Accent),
        (format!("   {} ", lanes.zoom.word()), Role::Dim),
        (format!("{} {}", key(canvas, "zoom-in"), key(canvas, "zoom-out")), Role::Accent),
    ];
    let mut at = x;
    for (text, role) in parts {
        at += canvas.text(at, y, (x + width).saturating_sub(at), &text, role);
    }
    at - x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_share_the_rows_and_the_fullest_give_way_first() {
        assert_eq!(shared(&[3, 9, 1], 40), [3, 9, 1]);
        assert_eq!(shared(&[3, 9, 1], 10), [3, 6, 1]);
        assert_eq!(shared(&[9, 9, 1], 9), [4, 4, 1]);
        assert_eq!(shared(&[9; 20], 10), [LEAST_ROWS; 20], "more lanes than rows scroll");
    }

    #[test]
    fn a_long_name_is_shortened_in_the_middle() {
        assert_eq!(middle("team-catalogue", 12), "team-c…logue");
        assert_eq!(middle("short", 12), "short");
    }
}
