//! The faces every panel has: loading, empty, stale, failing.

use std::time::Duration;

use ratatui::layout::Rect;

use super::Canvas;
use crate::domain::Face;
use crate::domain::remote::Trouble;
use crate::theme::Role;

/// A few calm words in the middle of an area, and what to do about it.
pub fn message(canvas: &mut Canvas<'_>, area: Rect, role: Role, title: &str, hint: &str) {
    if area.height == 0 || area.width < 4 {
        return;
    }
    let width = area.width.min(72);
    let rows = if hint.is_empty() { 1 } else { 4 };
    let x = area.x + (area.width - width) / 2;
    let y = area.y + area.height.saturating_sub(rows) / 3;
    let titled = super::canvas::cut(title, usize::from(width)).into_owned();
    let used = unicode_width::UnicodeWidthStr::width(titled.as_str()) as u16;
    canvas.text(x + (width - used) / 2, y, width, &titled, role);
    if !hint.is_empty() {
        let below = Rect::new(x, y + 2, width, (area.bottom()).saturating_sub(y + 2));
        canvas.paragraph(below, hint, Role::Dim);
    }
}

/// The mark and the role of a face: every colour has a sign beside it.
pub fn mark<T>(face: &Face<'_, T>) -> (&'static str, Role) {
    match face {
        Face::NotAsked | Face::Loading => ("·", Role::Dim),
        Face::Fresh(_) => ("●", Role::Good),
        Face::Stale { .. } => ("≈", Role::Stale),
        Face::Failed(_) => ("◌", Role::Unknown),
    }
}

/// A short word for why there is nothing good: `loading …`, `stale 3 m`, `unreachable`.
pub fn word<T>(face: &Face<'_, T>) -> String {
    match face {
        Face::NotAsked => "not asked".to_owned(),
        Face::Loading => "loading …".to_owned(),
        Face::Fresh(_) => String::new(),
        Face::Stale { age, .. } => format!("stale {}", short_age(*age)),
        Face::Failed(trouble) => trouble.failure.kind.word().to_owned(),
    }
}

/// Why, in one line, and the mend.
pub fn why(trouble: &Trouble) -> String {
    trouble.failure.to_string()
}

/// `4 s`, `3 m`, `2 h`, `9 d`: one unit, rounded down.
pub fn short_age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} m", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}
