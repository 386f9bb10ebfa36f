//! The heat strip: how many changes begin on each day, above the days.

use chrono::NaiveDate;

use super::Canvas;
use crate::app::State;
use crate::app::calendar::{self, heat_level};
use crate::domain::calendar::Day;
use crate::theme::Role;

/// Nothing, and eight levels of something.
const BLOCKS: [&str; 9] = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// The same without blocks.
const PLAIN: [&str; 9] = [" ", ".", ":", "-", "=", "+", "*", "#", "@"];
/// Columns of a day's bar at most: a strip is a hint, not a chart.
const WIDEST: u16 = 3;
/// Days of the strip where it has no columns to follow.
const MOST_DAYS: usize = 62;

/// The loads of some days, made ready to be drawn.
pub struct Heat {
    counts: Vec<u32>,
    most: u32,
    ascii: bool,
}

impl Heat {
    /// Of these days.
    pub fn new(state: &State, days: &[Day]) -> Self {
        let counts = calendar::heat(state, days);
        let most = counts.iter().copied().max().unwrap_or(0);
        Self { counts, most, ascii: state.look.ascii }
    }

    /// Whether nothing begins on any of them.
    pub fn is_empty(&self) -> bool {
        self.most == 0
    }

    /// How many begin on the busiest.
    pub fn most(&self) -> u32 {
        self.most
    }

    /// A day's sign, and how it looks.
    pub fn sign(&self, day: usize) -> (&'static str, Role) {
        let count = self.counts.get(day).copied().unwrap_or(0);
        let level = heat_level(count, self.most) as usize;
        let signs = if self.ascii { &PLAIN } else { &BLOCKS };
        let role = if count > 0 && count == self.most { Role::Accent } else { Role::Dim };
        (signs[level.min(8)], role)
    }

    /// At the left of a day's columns; its number beside it where there is room for both.
    pub fn column(&self, canvas: &mut Canvas<'_>, x: u16, y: u16, width: u16, day: usize) {
        let (sign, role) = self.sign(day);
        let count = self.counts.get(day).copied().unwrap_or(0);
        let number = if count > 0 && width >= 6 { format!(" {count}") } else { String::new() };
        let bar = width.saturating_sub(number.len() as u16).min(WIDEST);
        let text = if count == 0 { sign.to_owned() } else { sign.repeat(usize::from(bar)) };
        canvas.text(x, y, bar, &text, role);
        canvas.text(x + bar, y, number.len() as u16, &number, role);
    }
}

/// The strip in one line, a cell a day, and which day is the busiest: where days are no columns.
pub fn line(canvas: &mut Canvas<'_>, x: u16, y: u16, width: u16, state: &State, days: &[Day]) {
    let days = &days[..days.len().min(MOST_DAYS).min(usize::from(width.saturating_sub(30)))];
    let heat = Heat::new(state, days);
    if heat.is_empty() {
        return;
    }
    let mut at = x + canvas.text(x, y, width, "load  ", Role::Dim);
    for day in 0..days.len() {
        let (sign, role) = heat.sign(day);
        canvas.text(at, y, 1, sign, role);
        at += 1;
    }
    let busiest = heat.counts.iter().position(|count| *count == heat.most).and_then(|day| days.get(day));
    if let Some(day) = busiest {
        let words = format!("   busiest {}: {}", said(state, day.date), heat.most);
        canvas.text(at, y, (x + width).saturating_sub(at), &words, Role::Dim);
    }
}

fn said(state: &State, date: NaiveDate) -> String {
    calendar::day_of(date, state.now.wall.with_timezone(&state.zone).date_naive())
}
