//! The slot finder: starts that clear every block and the stretches that do not, as they lie
//! ahead; below the days, in which the selected one is seen.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{Canvas, marks};
use crate::app::calendar::slots::{Finder, main_blocker};
use crate::app::calendar::{self, Scope};
use crate::app::{ListId, State};
use crate::domain::slots::{Ahead, HORIZON, Refused, Slot, Slots};
use crate::theme::Role;
use crate::view::listing::Listing;
use crate::view::overlay::window;

/// Draws it over the lower part of the screen.
pub fn draw(canvas: &mut Canvas<'_>, screen: Rect, state: &State, finder: &Finder) {
    let height = (screen.height / 2).clamp(12, 26).min(screen.height.saturating_sub(4));
    let part = Rect { y: screen.bottom().saturating_sub(height + 4), height: height + 3, ..screen };
    let inside = window(canvas, part, &title(state, finder), screen.width.min(132), height);
    let keys = " Enter moves it there · r whole release or stage · Esc leaves ";
    canvas.text(inside.x, inside.bottom(), inside.width.saturating_sub(16), keys, Role::Dim);
    match &finder.found {
        None => say(canvas, inside, "looking for starts that clear every block …", Role::Dim),
        Some(Err(why)) => say(canvas, inside, &format!("◌ {why}"), Role::Unknown),
        Some(Ok(found)) => answer(canvas, inside, state, finder, found),
    }
}

fn say(canvas: &mut Canvas<'_>, area: Rect, words: &str, role: Role) {
    canvas.paragraph(area, words, role);
}

fn title(state: &State, finder: &Finder) -> String {
    let release = state.workspace.release(&finder.release);
    let name = release.map_or(finder.release.as_str(), |release| release.title.as_str());
    let what = match (finder.scope, release.and_then(|it| it.stages.get(finder.stage))) {
        (Scope::Stage, Some(stage)) => marks::place(stage),
        _ => "all stages together".to_owned(),
    };
    format!("Slots for {name}, {what}")
}

fn answer(canvas: &mut Canvas<'_>, area: Rect, state: &State, finder: &Finder, found: &Slots) {
    let mut area = area;
    if found.slots.is_empty() {
        let used = none(canvas, area, found) + 1;
        area = Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area };
    }
    let ahead = found.by_time();
    let row = ahead.iter().position(|it| matches!(it, Ahead::Start(place, _) if *place == finder.selected));
    let listing = Listing { list: ListId::Overlay, row: row.unwrap_or(0), has_keys: row.is_some() };
    let top = listing.draw(canvas, area, state, &ahead, |canvas, line, ahead| match ahead {
        Ahead::Start(place, slot) => entry(canvas, line, state, finder, (*place, slot)),
        Ahead::Refused(refused) => why_not(canvas, line, state, finder, refused),
    });
    let rows = usize::from(area.height);
    if ahead.len() > rows {
        let words = format!(" {}–{} of {} ", top + 1, top + rows, ahead.len());
        canvas.text_right(area.x, area.bottom(), area.width, &words, Role::Dim);
    }
}

/// A stretch in which it cannot begin.
fn why_not(canvas: &mut Canvas<'_>, row: Rect, state: &State, finder: &Finder, refused: &Refused) {
    let times = calendar::span(refused.from, refused.to, state.zone, state.now.wall);
    let used = canvas.text(row.x, row.y, row.width, &format!("✖ {times}  "), Role::Dim);
    let told = calendar::conflicts::without_subject(&refused.message, &finder.release);
    canvas.text(row.x + used, row.y, row.width.saturating_sub(used), told, Role::Dim);
}

fn none(canvas: &mut Canvas<'_>, area: Rect, found: &Slots) -> u16 {
    let days = HORIZON.num_days();
    let mut words = format!("✖ No start within {days} days clears every block");
    if let Some((code, with, span)) = main_blocker(found) {
        let with = if with.is_empty() { String::new() } else { format!(" ({})", with.join(", ")) };
        let most = format!(": most of the time it is {}{with}, for {}", code.word(), calendar::length(span));
        words.push_str(&most);
    }
    canvas.paragraph(area, &words, Role::Bad)
}

fn entry(canvas: &mut Canvas<'_>, row: Rect, state: &State, finder: &Finder, (index, slot): (usize, &Slot)) {
    let placed = slot.stages.iter().find(|placed| placed.stage == finder.stage).or(slot.stages.first());
    let (start, end) = placed.map_or((slot.start, slot.start), |placed| (placed.start, placed.end));
    let times = calendar::span(start, end, state.zone, state.now.wall);
    let mut x = row.x + canvas.text(row.x, row.y, row.width, &format!("● {times}"), Role::Text) + 3;
    let mut more = vec![(format!("in {}", calendar::length(start - state.now.wall)), Role::Dim)];
    if index == finder.best && index > 0 {
        more.push(("the best of them".to_owned(), Role::Good));
    }
    if slot.at_work < slot.stages.len() {
        more.push(("▲ outside working hours".to_owned(), Role::Attention));
    }
    more.extend(slot.warnings.iter().map(|code| (format!("▲ {}", code.word()), Role::Attention)));
    for (text, role) in more {
        if x + text.width() as u16 > row.right() {
            break;
        }
        x += canvas.text(x, row.y, row.right().saturating_sub(x), &text, role) + 3;
    }
}
