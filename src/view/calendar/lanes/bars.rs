//! A bar of the timeline: its sign, its name, its T-minus and who owns it, as far as there is room.

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::packing::{Extent, Names};
use super::{Canvas, Lane, Scale};
use crate::app::calendar::LanesBy;
use crate::app::{Intent, ListId, State};
use crate::domain::WindowKind;
use crate::theme::Role;
use crate::view::calendar::marks::{self, Shown, Thing, Way};
use crate::view::canvas::cut;

/// Columns that a name beside its bar is given at most.
const BESIDE: usize = 22;
/// A bar narrower than this has its name beside it.
const NARROW: u16 = 12;

/// Where a bar goes, and where its name ends.
pub(super) fn extent(scale: &Scale, shown: &Shown<'_>) -> Extent {
    let (first, after) = scale.columns(shown.start, shown.end);
    let (first, after) = if shown.start == shown.end { (first, first + 1) } else { (first, after) };
    // Windows are named where there happens to be room, and there may be thousands of them.
    if let Thing::Window(_) = shown.what {
        return Extent { first, after, named: after };
    }
    let name = shown.title().width().min(BESIDE) as u16;
    let inside = after - first >= NARROW.min(name + 2);
    let named = if inside { after } else { (after + name + 2).min(scale.width) };
    Extent { first, after, named }
}

/// Draws one bar of a lane.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    y: u16,
    state: &State,
    scale: &Scale,
    lane: &Lane<'_, '_>,
    index: usize,
) {
    let (shown, extent) = (lane.shown[index], lane.bars[index]);
    let x = scale.x + extent.first;
    let width = extent.after - extent.first;
    let role = shown.role();
    // The next bar of the row ends the room beside this one.
    let next = lane.next.get(index).copied().flatten().unwrap_or(scale.width);
    let room = next.saturating_sub(extent.after + 1);
    let title = shown.title();
    match shown.what {
        Thing::Tag(..) => {
            canvas.text(x, y, 1, "•", role);
            let name = title.trim_start_matches(['•', ' ']);
            beside(canvas, x + 1, y, room, lane.names, name, role);
        }
        Thing::Version(_) => {
            marks::cell(canvas, x, y, width, &" ".repeat(usize::from(width)), role);
            canvas.text(x, y, 1, "◇", role);
            beside(canvas, x + 1, y, width.saturating_sub(1).max(room), lane.names, &title[3..], role);
        }
        Thing::Window(window) => {
            let fill = match window.kind {
                WindowKind::Freeze if window.denies() => "╱",
                WindowKind::Freeze => " ",
                WindowKind::Change => "┄",
            };
            marks::cell(canvas, x, y, width, &fill.repeat(usize::from(width)), role);
            let sign = marks::window_sign(window);
            canvas.text(x, y, 1, sign, role);
            // Windows repeat: a name of which little could be read says nothing.
            if usize::from(width) > title.width() || width >= NARROW {
                canvas.text(x, y, width, &title, role);
            } else if usize::from(room) >= window.title.width() {
                canvas.text(x + width, y, room, &window.title, role);
            }
        }
        Thing::Stage(..) => {
            let inside = usize::from(width.saturating_sub(2));
            let words = words(state, shown, inside);
            block(canvas, Rect::new(x, y, width, 1), shown, &words, role);
            if words.is_empty() || words.width() < title.width().min(usize::from(NARROW) - 2) {
                let role = if shown.selected { Role::Selected } else { text_role(role) };
                let mut name = title;
                if let Some(left) = short_countdown(state, shown)
                    && name.width() + left.width() + 2 <= usize::from(room)
                {
                    name = format!("{name} {left}");
                }
                beside(canvas, x + width, y, room, lane.names, &name, role);
            }
        }
    }
    if let Some(place) = shown.place {
        let reach = width + room.min(4);
        let hit = Rect::new(x, y, reach.min(scale.x + scale.width - x), 1);
        canvas.hit(hit, Intent::SelectRow(ListId::Agenda, place), Some(ListId::Lanes));
    }
}

/// The bar itself: its edges tell where it begins and ends without colour too.
fn block(canvas: &mut Canvas<'_>, area: Rect, shown: &Shown<'_>, words: &str, role: Role) {
    let (left, right) = if shown.way == Way::To { ("┋", "┋") } else { ("▌", "▐") };
    marks::cell(canvas, area.x, area.y, area.width, left, role);
    if let Some(alarm) = shown.alarm() {
        canvas.text(area.x, area.y, 1, left, alarm);
    }
    if area.width < 2 {
        return;
    }
    canvas.text(area.x + 1, area.y, area.width - 1, words, role);
    // A bar that has a ground of its own shows its end by it.
    if !canvas.has_ground(role) {
        canvas.text(area.right() - 1, area.y, 1, right, role);
    }
}

/// A name beside its bar, where a readable part of it has room.
fn beside(canvas: &mut Canvas<'_>, x: u16, y: u16, room: u16, names: Names, name: &str, role: Role) {
    let least = match names {
        Names::Beside => 1,
        Names::Squeezed => name.width().min(6) as u16,
    };
    if room >= least && room > 0 {
        let name = cut(name, usize::from(room));
        canvas.text(x, y, room, &name, role);
    }
}

/// Names beside their bars need no ground of their own.
fn text_role(role: Role) -> Role {
    if role == Role::Planned { Role::Text } else { role }
}

/// What stands inside a bar: the name, then as much of the T-minus, the place and the owner as fits.
fn words(state: &State, shown: &Shown<'_>, room: usize) -> String {
    let Thing::Stage(release, stage) = shown.what else { return String::new() };
    let title = shown.title();
    if room + 2 < usize::from(NARROW) && title.width() > room {
        return String::new();
    }
    let mut words = cut(&title, room).into_owned();
    let place = match state.calendar.lanes.index.by() {
        LanesBy::Environment => stage.region.clone(),
        LanesBy::Region => Some(stage.environment.clone()),
        LanesBy::Team | LanesBy::Service => Some(marks::place(stage)),
    };
    let owner = release.owner.as_ref().map(|owner| format!("@{}", owner.trim_start_matches('@')));
    for more in [short_countdown(state, shown), place, owner].into_iter().flatten() {
        if words.width() + 2 + more.width() <= room {
            words.push_str("  ");
            words.push_str(&more);
        }
    }
    words
}

/// `T-3d`, `T-5h`, `T-40m` before it begins, `now` while it goes on; nothing of what is over.
fn short_countdown(state: &State, shown: &Shown<'_>) -> Option<String> {
    let Thing::Stage(release, _) = shown.what else { return None };
    release.is_live().then(|| countdown(shown.start, shown.end, state.now.wall)).flatten()
}

fn countdown(start: DateTime<Utc>, end: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let left = start - now;
    Some(match left {
        _ if end <= now => return None,
        left if left <= TimeDelta::zero() => "now".to_owned(),
        left if left >= TimeDelta::hours(48) => format!("T-{}d", left.num_days()),
        left if left >= TimeDelta::hours(2) => format!("T-{}h", left.num_hours()),
        left if left >= TimeDelta::hours(1) => format!("T-1h{:02}", left.num_minutes() - 60),
        left => format!("T-{}m", left.num_minutes()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_is_in_the_unit_people_would_say() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(10);
        let said = |minutes: i64| {
            countdown(now + TimeDelta::minutes(minutes), now + TimeDelta::minutes(minutes + 60), now)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(said(38), some("T-38m"));
        assert_eq!(said(5 * 60 + 59), some("T-5h"));
        assert_eq!(said(103), some("T-1h43"));
        assert_eq!(said(49 * 60), some("T-2d"));
        assert_eq!(said(-30), some("now"));
        assert_eq!(said(-60), None);
    }
}
