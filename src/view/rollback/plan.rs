//! The way back of one release or rollout.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::rows;
use super::text::{Block, Row};
use crate::app::command::named;
use crate::app::rollback::plan::{self, Knowledge};
use crate::app::rollback::subject::{self, Subject};
use crate::app::rollback::{Pane, Plan, item};
use crate::app::{Context, Intent, ListId, State};
use crate::theme::Role;
use crate::view::face::short_age;
use crate::view::{Canvas, face};

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let Some(subject) = subject::selected(state) else {
        let hint = "Choose a release here or in the calendar: its way back is shown.";
        return face::message(canvas, area, Role::Dim, "no release", hint);
    };
    let Some(plan) = plan::of(state) else {
        if let Subject::Rollout(rollout) = &subject {
            let title = format!("asking what runs in {} …", rollout.environment);
            return face::message(canvas, area, Role::Dim, &title, "");
        }
        let title = format!("{} goes nowhere yet", subject.title());
        let hint = "It has no stage, so there is nowhere to bring it back from. `[[stage]]` in its file \
                    says where it goes.";
        return face::message(canvas, area, Role::Dim, &title, hint);
    };
    let below = head(canvas, area, state, &subject, &plan);
    let foot = area.bottom().saturating_sub(1);
    if foot > below {
        let room = Rect::new(area.x, below, area.width, foot - below);
        let room = Rect { height: room.height.saturating_sub(1), ..room };
        body(canvas, room, state, &plan);
    }
    let copy = key(canvas, Context::Global, "copy");
    let words = if area.width < 96 {
        format!("Shown, not run: tminus cannot run it yet. {copy} copies the command.")
    } else {
        format!("This shows the way back; tminus does not run it yet. {copy} copies the selected command.")
    };
    canvas.text(area.x, foot, area.width, &words, Role::Dim);
}

fn key(canvas: &Canvas<'_>, context: Context, name: &str) -> String {
    let labels = named(context, name).map(|command| canvas.keymap.labels(command)).unwrap_or_default();
    labels.into_iter().next().unwrap_or_else(|| "–".to_owned())
}

/// What, where, and how well it is known what runs there. Answers with the row below.
fn head(canvas: &mut Canvas<'_>, area: Rect, state: &State, subject: &Subject<'_>, plan: &Plan) -> u16 {
    let Rect { x, mut y, width, .. } = area;
    let (mark, role, word) = match &plan.knowledge {
        Knowledge::Fresh { at, .. } => {
            // To the minute: an age in seconds would draw something every second.
            ("●", Role::Good, format!("seen {}", at.with_timezone(&state.zone).format("%H:%M")))
        }
        Knowledge::Stale { age, .. } => ("≈", Role::Stale, short_age(*age)),
        Knowledge::Loading => ("·", Role::Dim, "asking what runs …".to_owned()),
        Knowledge::Unknown { .. } => ("◌", Role::Unknown, "unknown".to_owned()),
    };
    let used = canvas.text_right(x, y, width, &format!("{mark} {word}"), role);
    let title = format!("{}, {}", plan.headline(), plan.target);
    canvas.text(x, y, width.saturating_sub(used + 2), &title, Role::Title);
    y += 1;
    let targets = subject::targets(&state.workspace, subject);
    let at = targets.iter().position(|target| *target == plan.target).unwrap_or(0);
    let right = match targets.len() {
        0 | 1 => String::new(),
        count => {
            let next = key(canvas, Context::Rollback, "next-environment");
            format!("place {} of {count}   {next} next", at + 1)
        }
    };
    let used = canvas.text_right(x, y, width, &right, Role::Dim);
    let about = match subject {
        Subject::Release(release) => {
            format!("{} · {}", release.title, release.status.word().replace('-', " "))
        }
        Subject::Rollout(_) => "two versions run, and no release says why".to_owned(),
    };
    canvas.text(x, y, width.saturating_sub(used + 2), &about, Role::Dim);
    y += 1;
    let room = Rect::new(x, y, width, area.bottom().saturating_sub(y).min(3));
    y += match &plan.knowledge {
        Knowledge::Fresh { .. } => 0,
        Knowledge::Loading => canvas.paragraph(
            room,
            "What runs now is being asked; until then this is only the plan.",
            Role::Dim,
        ),
        Knowledge::Stale { age, why } => {
            let why = why.as_ref().map(|why| format!(" {why}")).unwrap_or_default();
            let words = format!(
                "≈ What runs was last seen {} ago: look before you trust this.{why}",
                short_age(*age)
            );
            canvas.paragraph(room, &words, Role::Stale)
        }
        Knowledge::Unknown { why, mend } => {
            let words = format!("◌ What runs is not known, so this cannot be trusted. {why}: {mend}");
            canvas.paragraph(room, &words, Role::Unknown)
        }
    };
    y + 1
}

fn body(canvas: &mut Canvas<'_>, area: Rect, state: &State, plan: &Plan) {
    let items = item::items(plan);
    let blocks = rows::blocks(plan, state, area.width);
    debug_assert_eq!(items.len(), blocks.len());
    let selected = item::position(&items, state.rollback.item.as_ref());
    let (top, _) = state.feedback.list(ListId::Plan).unwrap_or((0, 0));
    let fits = usize::from(area.height);
    let top = first_block(&blocks, top, selected, fits);
    let mut y = area.y;
    let mut whole = 0;
    for (place, block) in blocks.iter().enumerate().skip(top) {
        if y >= area.bottom() {
            break;
        }
        let start = y;
        for (index, row) in block.rows.iter().enumerate() {
            if y >= area.bottom() {
                break;
            }
            draw_row(canvas, Rect::new(area.x, y, area.width, 1), row);
            if place == selected && state.rollback.pane == Pane::Plan && block.own.contains(&index) {
                canvas.select(Rect::new(area.x, y, area.width, 1));
                if index == block.own.start {
                    canvas.text(area.x, y, 1, "▸", Role::Selected);
                }
            }
            y += 1;
        }
        whole += usize::from(usize::from(y - start) == block.rows.len());
        let lead = u16::try_from(block.own.start).unwrap_or(0).min(y - start);
        let hit = Rect::new(area.x, start + lead, area.width, y - start - lead);
        canvas.hit(hit, Intent::SelectRow(ListId::Plan, place), Some(ListId::Plan));
    }
    canvas.list(ListId::Plan, top, u16::try_from(whole.max(1)).unwrap_or(u16::MAX));
    let left = blocks.len().saturating_sub(top + whole);
    if left > 0 || top > 0 {
        let words = match (top, left) {
            (0, left) => format!("↓ {left} more"),
            (above, 0) => format!("↑ {above} more"),
            (above, left) => format!("↑ {above}  ↓ {left} more"),
        };
        canvas.text_right(area.x, area.bottom(), area.width, &words, Role::Dim);
    }
}

/// The first block to draw, so that the selected one is on screen as a whole where it fits, and
/// as little moves as can be.
fn first_block(blocks: &[Block], top: usize, selected: usize, fits: usize) -> usize {
    let heights: Vec<usize> = blocks.iter().map(|block| block.rows.len()).collect();
    let sum = |from: usize, to: usize| heights.get(from..=to).map_or(0, |part| part.iter().sum::<usize>());
    let last = blocks.len().saturating_sub(1);
    let mut lowest = last;
    while lowest > 0 && sum(lowest - 1, last) <= fits {
        lowest -= 1;
    }
    let mut top = top.min(lowest).min(selected);
    while top < selected && sum(top, selected) > fits {
        top += 1;
    }
    top
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, row: &Row) {
    let spans: Vec<_> = row.left.iter().map(|(text, role)| canvas.span(text.as_str(), *role)).collect();
    let used = match &row.right {
        Some((text, role)) => canvas.text_right(area.x, area.y, area.width, text, *role) + 2,
        None => 0,
    };
    canvas.line(area.x, area.y, area.width.saturating_sub(used), &Line::from(spans));
}
