//! Emergencies and what is recommended, under the header, in every panel: nobody works on without
//! seeing them.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use super::canvas::cut;
use crate::app::emergency::{self, words};
use crate::app::monitor::advice::{self, Advice};
use crate::app::{Panel, State};
use crate::theme::Role;

/// The most rows that emergencies take; what is more is counted in the last of them.
const MOST: usize = 2;
/// The most columns of each thing said.
const LONGEST: usize = 48;

/// A screen lower than this has no row for reasons.
const HIGH: u16 = 24;

/// Rows it takes.
pub fn height(state: &State) -> u16 {
    emergency::live(state).len().min(MOST) as u16 + advice_rows(state)
}

/// What is recommended takes a row, and in the monitor one more that says why.
fn advice_rows(state: &State) -> u16 {
    let is_given = advice::foremost(state).is_some();
    let says_why = state.panel == Panel::Monitor && state.size.1 >= HIGH;
    u16::from(is_given) + u16::from(is_given && says_why)
}

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let below = advice_rows(state).min(area.height);
    let above = Rect { height: area.height - below, ..area };
    emergencies(canvas, above, state);
    if let Some(advice) = advice::foremost(state) {
        advise(canvas, Rect { y: above.bottom(), height: below, ..area }, state, advice);
    }
}

/// What is recommended: what, where, two clocks, how sure; and why.
fn advise(canvas: &mut Canvas<'_>, area: Rect, state: &State, advice: &Advice) {
    if area.height == 0 {
        return;
    }
    let row = Rect { height: 1, ..area };
    canvas.clear(row, Role::Alarm);
    let way = match state.panel {
        Panel::Monitor => "r: way back ",
        Panel::Rollback => "",
        Panel::Calendar | Panel::Board => "3 r: way back ",
    };
    let others = state.monitor.advisor.given.len().saturating_sub(1);
    let end = if others > 0 { format!("  +{others} more  {way}") } else { format!("  {way}") };
    let room = usize::from(row.width).saturating_sub(end.width() + 1);
    let (label, words) = advice::words(advice);
    let (text, said) = sentence(&label, &words, room, LONGEST);
    canvas.text(row.x, row.y, room as u16 + 1, &text, Role::Alarm);
    canvas.text_right(row.x, row.y, row.width, &end, Role::Alarm);
    if area.height > 1 {
        // What the first row had no room for comes before the reasons.
        let rest = words[said..].iter().chain(&advice.recommendation.reasons);
        let why = format!("   {}", rest.map(String::as_str).collect::<Vec<_>>().join(" · "));
        canvas.text(area.x, area.y + 1, area.width, &cut(&why, usize::from(area.width)), Role::Attention);
    }
}

/// A label and as many words as there is room for, and how many those are. A word is begun where
/// at least so many columns are left for it; a long one leaves room for the rest.
fn sentence(label: &str, words: &[String], room: usize, least: usize) -> (String, usize) {
    let mut text = format!(" ✖ {label}");
    for (said, word) in words.iter().enumerate() {
        if text.width() + least.min(word.width() + 3) > room {
            return (text, said);
        }
        text.push_str(" · ");
        text.push_str(&cut(word, LONGEST));
    }
    (text, words.len())
}

fn emergencies(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let live = emergency::live(state);
    let rows = usize::from(area.height);
    for (index, (y, emergency)) in (area.y..area.bottom()).zip(&live).enumerate() {
        let row = Rect { y, height: 1, ..area };
        canvas.clear(row, Role::Alarm);
        let hidden = if index + 1 == rows { live.len().saturating_sub(rows) } else { 0 };
        let more = if hidden > 0 { format!("  +{hidden} more ") } else { String::new() };
        let room = usize::from(row.width).saturating_sub(more.width() + 1);
        let (label, words) = words(state, emergency);
        canvas.text(row.x, y, room as u16 + 1, &sentence(label, &words, room, 12).0, Role::Alarm);
        canvas.text_right(row.x, y, row.width, &more, Role::Alarm);
    }
}
