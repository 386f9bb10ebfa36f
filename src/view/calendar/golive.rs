//! A staged go-live: a row a region, and what should be known of each.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{Canvas, conflicts};
use crate::app::calendar::conflicts::told_of;
use crate::app::calendar::golive::Dialog;
use crate::app::calendar::{self, length};
use crate::app::{Intent, ListId, State};
use crate::domain::golive::{NoticeKind, RegionIntent};
use crate::theme::Role;
use crate::view::overlay::window;

/// Draws it over the screen.
pub fn draw(canvas: &mut Canvas<'_>, screen: Rect, state: &State, dialog: &Dialog) {
    let title = state.workspace.release(&dialog.release).map_or("", |release| release.title.as_str());
    let below = below(state, dialog);
    let width = usize::from(screen.width.saturating_sub(8)).clamp(1, 112);
    let needed: usize = below.iter().map(|(text, _)| text.width().div_ceil(width)).sum();
    let rows = 2 + 2 * dialog.intent.regions.len() + 1 + needed;
    let heading = format!("Go-live of {title}, {}", dialog.intent.environment);
    let inside = window(canvas, screen, &heading, 116, rows as u16 + 2);
    let keys = " Enter writes it · h l day · + - hour · [ ] order · Esc leaves ";
    canvas.text(inside.x, inside.bottom(), inside.width, keys, Role::Dim);
    let intent = &dialog.intent;
    let words = format!(
        "{} on every region's own clock, {} long, soak {}",
        intent.local.format("%H:%M"),
        length(intent.duration),
        length(intent.soak)
    );
    canvas.text(inside.x, inside.y, inside.width, &words, Role::Accent);
    let mut y = inside.y + 2;
    for (index, region) in intent.regions.iter().enumerate() {
        if y + 1 >= inside.bottom() {
            break;
        }
        let row = Rect { y, height: 2, ..inside };
        entry(canvas, row, state, dialog, region);
        if index == dialog.selected {
            canvas.select(Rect { height: 1, ..row });
        }
        canvas.hit(row, Intent::SelectRow(ListId::Overlay, index), Some(ListId::Overlay));
        y += 2;
    }
    if y < inside.bottom() {
        canvas.rule(inside.x, y, inside.width);
        y += 1;
    }
    for (text, role) in below {
        let height = inside.bottom().saturating_sub(y);
        if height == 0 {
            break;
        }
        y += canvas.paragraph(Rect { y, height, ..inside }, &text, role);
    }
}

fn entry(canvas: &mut Canvas<'_>, row: Rect, state: &State, dialog: &Dialog, region: &RegionIntent) {
    let now = state.now.wall;
    let x = row.x + canvas.text(row.x, row.y, 12, &region.id, Role::Title).max(6) + 2;
    let room = row.right().saturating_sub(x);
    let Some(stage) = dialog.stage_of(&region.id) else {
        canvas.text(x, row.y, room, "✖ no day within 90 days", Role::Bad);
        return;
    };
    let own = calendar::span(stage.start, stage.end, stage.time_zone, now);
    let offset = stage.start.with_timezone(&stage.time_zone).format("UTC%:z");
    let used = canvas.text(x, row.y, room, &format!("{own}  {offset}"), Role::Text);
    let soaked = stage.soaked.with_timezone(&stage.time_zone).format("%H:%M");
    let day = region.not_before.map(|day| {
        let today = now.with_timezone(&stage.time_zone).date_naive();
        format!(", not before {}", calendar::day_of(day, today))
    });
    let more = format!("soak until {soaked}{}", day.unwrap_or_default());
    let left = room.saturating_sub(used + 3);
    canvas.text(x + used + 3, row.y, left, &more, Role::Dim);
    let here = calendar::span(stage.start, stage.end, state.zone, now);
    let here = (here != own).then(|| format!("= {here}"));
    let fate = dialog.fate_of(&region.id).zip(state.workspace.release(&dialog.release));
    let fate = fate.map(|(fate, release)| fate.told(release));
    let second: Vec<String> = here.into_iter().chain(fate).collect();
    canvas.text(x, row.y + 1, room, &second.join("   "), Role::Dim);
}

/// What should be known: of the regions, then what the release would collide with.
fn below(state: &State, dialog: &Dialog) -> Vec<(String, Role)> {
    let notices = dialog.plan.notices.iter().map(|notice| {
        let role = match notice.kind {
            NoticeKind::NoDay => Role::Bad,
            NoticeKind::Waits => Role::Dim,
            _ => Role::Attention,
        };
        let sign = if role == Role::Bad { "✖" } else { "▲" };
        (format!("{sign} {}", notice.message), role)
    });
    let mut rows: Vec<(String, Role)> = notices.collect();
    match &dialog.collides {
        // What is not whole cannot be said to be free.
        _ if dialog.plan.stages.len() < dialog.intent.regions.len() || dialog.fates.is_err() => {}
        None => rows.push(("◌ what it would collide with is not known yet".to_owned(), Role::Unknown)),
        Some(found) if found.is_empty() => {
            let unknown = calendar::conflicts::unknowns(state).into_iter().next();
            rows.push(match unknown {
                Some(unknown) => (format!("◌ nothing known collides; {unknown}"), Role::Unknown),
                None => ("● nothing that is known collides".to_owned(), Role::Good),
            });
        }
        Some(found) => rows.extend(found.iter().take(4).map(|conflict| {
            let (sign, role) = conflicts::sign(conflict.severity());
            (format!("{sign} {}", told_of(conflict, &dialog.release)), role)
        })),
    }
    if let Err(why) = &dialog.fates {
        rows.insert(0, (format!("✖ {why}"), Role::Bad));
    }
    rows
}
