//! The steps as a list, with the details of the selected one below.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::rows::{Row, rows};
use super::{asking, role, standing};
use crate::app::show::{View, check_of};
use crate::app::{Intent, ListId, State, list};
use crate::domain::Face;
use crate::domain::format::{local_span, local_time};
use crate::domain::show::{Check, Reckoned, Reckoning, words};
use crate::theme::Role;
use crate::view::Canvas;
use crate::view::face::short_age;

/// Columns from which slack and what is waited for have columns of their own.
const WIDE: u16 = 108;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, view: &View, reckoning: &Reckoning<'_>) {
    heading(canvas, area, state, reckoning);
    let selected = view.place(reckoning);
    let rows_used = match &view.asking {
        Some(question) => asking(canvas, area, question),
        None => details(canvas, area, state, view, reckoning, selected),
    };
    let list_area = Rect { y: area.y + 3, height: area.height.saturating_sub(3 + rows_used), ..area };
    list_of_steps(canvas, list_area, state, reckoning, selected);
}

/// Title, count and how it stands; T-0.
fn heading(canvas: &mut Canvas<'_>, area: Rect, state: &State, reckoning: &Reckoning<'_>) {
    let clock = &reckoning.clock;
    let title = &reckoning.release.title;
    let zero = format!("T-0 {}", local_time(clock.counted, state.zone));
    let (over, all) = (reckoning.over(), reckoning.steps.len());
    let right = format!("{zero}   {over} of {all} done");
    let room = area.width.saturating_sub(right.width() as u16 + 2);
    let used = canvas.text(area.x, area.y, room, title, Role::Title);
    canvas.text(area.x + used, area.y, room.saturating_sub(used), "   run of show", Role::Dim);
    canvas.text_right(area.x, area.y, area.width, &right, Role::Text);
    let (sign, look) = standing(words::standing(reckoning));
    let count = words::count(clock, reckoning.now, state.look.tick_seconds);
    let mut x = area.x;
    x += canvas.text(x, area.y + 1, area.width, &count, Role::Now) + 3;
    let held =
        if clock.held.is_zero() { String::new() } else { format!("   held {}", words::minutes(clock.held)) };
    let sentence = format!("{sign} {}{held}", words::sentence(reckoning, state.zone));
    canvas.text(x, area.y + 1, area.right().saturating_sub(x), &sentence, look);
}

/// Where each column begins, and how wide it is.
struct Columns {
    when: u16,
    step: (u16, u16),
    owner: (u16, u16),
    state: (u16, u16),
    slip: (u16, u16),
    slack: Option<(u16, u16)>,
    waits: Option<(u16, u16)>,
}

impl Columns {
    fn of(area: Rect) -> Self {
        let when = area.x + 2 + 11;
        let step = when + 14;
        let is_wide = area.width >= WIDE;
        let waits_width = if is_wide { (area.width / 6).min(40) } else { 0 };
        let right = area.right() - if is_wide { waits_width + 12 } else { 0 };
        let slip = right - 11;
        let state = slip - 9;
        let owner_width = if area.width >= 150 { 18 } else { 10 };
        let owner = state - owner_width - 1;
        Self {
            when,
            step: (step, owner.saturating_sub(step + 1)),
            owner: (owner, owner_width),
            state: (state, 8),
            slip: (slip, 11),
            slack: is_wide.then_some((right + 1, 10)),
            waits: is_wide.then_some((right + 13, waits_width.saturating_sub(1))),
        }
    }
}

fn list_of_steps(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    reckoning: &Reckoning<'_>,
    selected: usize,
) {
    let columns = Columns::of(area);
    let zone = reckoning.now.with_timezone(&state.zone).format("%Z").to_string();
    canvas.text(area.x + 2, area.y, 10, "count", Role::Dim);
    canvas.text(columns.when, area.y, 13, &zone, Role::Dim);
    canvas.text(columns.step.0, area.y, columns.step.1, "step", Role::Dim);
    canvas.text(columns.owner.0, area.y, columns.owner.1, "owner", Role::Dim);
    canvas.text(columns.state.0, area.y, columns.state.1, "state", Role::Dim);
    canvas.text_right(columns.slip.0, area.y, columns.slip.1 - 1, "slip", Role::Dim);
    if let Some((x, width)) = columns.slack {
        canvas.text_right(x, area.y, width, "slack", Role::Dim);
    }
    if let Some((x, width)) = columns.waits {
        canvas.text(x, area.y, width, "waits for", Role::Dim);
    }
    let rows = rows(reckoning);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let at = rows.iter().position(|row| *row == Row::Step(selected)).unwrap_or(0);
    let before = state.feedback.list(ListId::Steps).map_or(0, |(top, _)| top);
    let top = list::first_row(before, at, usize::from(body.height), rows.len());
    canvas.list(ListId::Steps, top, body.height);
    for (y, row) in (body.y..body.bottom()).zip(&rows[top..]) {
        let line = Rect { y, height: 1, ..body };
        match row {
            Row::Zero => marker(
                canvas,
                line,
                &format!("T-0  {}", local_time(reckoning.clock.counted, state.zone)),
                Role::Accent,
            ),
            Row::Now => marker(canvas, line, "now", Role::Now),
            Row::Step(place) => {
                let Some(step) = reckoning.steps.get(*place) else { continue };
                step_row(canvas, line, state, reckoning, step, &columns);
                if *place == selected {
                    canvas.select(line);
                }
                canvas.hit(line, Intent::SelectRow(ListId::Steps, *place), Some(ListId::Steps));
            }
        }
    }
    let hidden = rows.len().saturating_sub(top + usize::from(body.height));
    if hidden > 0 && body.height > 0 {
        let more = format!(" ↓ {hidden} more");
        canvas.text_right(body.x, body.bottom() - 1, body.width, &more, Role::Accent);
    }
}

/// A line across the list.
fn marker(canvas: &mut Canvas<'_>, line: Rect, text: &str, role: Role) {
    canvas.rule(line.x, line.y, line.width);
    canvas.text(line.x + 2, line.y, line.width.saturating_sub(2), &format!(" {text} "), role);
}

fn step_row(
    canvas: &mut Canvas<'_>,
    line: Rect,
    state: &State,
    reckoning: &Reckoning<'_>,
    step: &Reckoned<'_>,
    columns: &Columns,
) {
    let (y, look) = (line.y, role(step));
    let text = if step.state.is_over() { Role::Past } else { Role::Text };
    canvas.text(line.x, y, 1, words::sign(step), look);
    canvas.text(line.x + 2, y, 10, &words::at(step, &reckoning.clock), text);
    canvas.text(columns.when, y, 13, &short(step.expected.0, state), text);
    let critical = if step.is_critical { "* " } else { "" };
    let used = canvas.text(columns.step.0, y, columns.step.1, critical, Role::Accent);
    canvas.text(columns.step.0 + used, y, columns.step.1.saturating_sub(used), &step.step.title, text);
    canvas.text(columns.owner.0, y, columns.owner.1, step.step.owner.as_deref().unwrap_or("nobody"), text);
    canvas.text(columns.state.0, y, columns.state.1, step.word(), look);
    let slip_role = if step.late.is_zero() { text } else { Role::Attention };
    canvas.text_right(columns.slip.0, y, columns.slip.1 - 1, &words::slip(step.slip), slip_role);
    if let (Some((x, width)), Some(slack)) = (columns.slack, step.slack) {
        let look = if slack < chrono::TimeDelta::zero() { Role::Bad } else { Role::Dim };
        canvas.text_right(x, y, width, &words::minutes(slack), look);
    }
    if let Some((x, width)) = columns.waits {
        let waits = words::waits_for(step);
        let (night, look) = match (step.is_at_night, waits.is_empty()) {
            (false, _) => ("", Role::Dim),
            (true, true) => ("▲ at night", Role::Attention),
            (true, false) => ("▲ at night; ", Role::Attention),
        };
        let used = canvas.text(x, y, width, night, look);
        canvas.text(x + used, y, width.saturating_sub(used), &waits, Role::Dim);
    }
}

/// `25 Nov 14:00`.
fn short(at: DateTime<Utc>, state: &State) -> String {
    at.with_timezone(&state.zone).format("%-d %b %H:%M").to_string()
}

type Piece = (String, Role);

/// The selected step, below a line. Answers with the rows used.
fn details(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    view: &View,
    reckoning: &Reckoning<'_>,
    selected: usize,
) -> u16 {
    let Some(step) = reckoning.steps.get(selected) else { return 0 };
    let lines = lines(state, view, reckoning, step);
    let most = if area.height >= 30 { 7 } else { 5 };
    let height = (lines.len() as u16 + 1).min(most);
    let top = area.bottom() - height;
    canvas.rule(area.x, top, area.width);
    for (y, line) in (top + 1..area.bottom()).zip(lines) {
        let spans: Vec<_> = line.iter().map(|(text, role)| canvas.span(text.as_str(), *role)).collect();
        canvas.line(area.x, y, area.width, &Line::from(spans));
    }
    height
}

fn lines(state: &State, view: &View, reckoning: &Reckoning<'_>, step: &Reckoned<'_>) -> Vec<Vec<Piece>> {
    let known = step.step;
    let mut lines = Vec::new();
    let mut title = vec![(known.title.clone(), Role::Title), (format!("   {}", known.id), Role::Dim)];
    if step.is_critical {
        title.push(("   * T-0 waits for it most".to_owned(), Role::Accent));
    }
    if step.is_at_night {
        title.push(("   ▲ at night for who does it".to_owned(), Role::Attention));
    }
    lines.push(title);
    let planned = local_span(step.planned.0, step.planned.1, state.zone);
    let mut times = vec![("planned ".to_owned(), Role::Dim), (planned, Role::Text)];
    if step.expected != step.planned {
        let word = if step.state.is_over() { "   was " } else { "   expected " };
        times.push((word.to_owned(), Role::Dim));
        times.push((local_span(step.expected.0, step.expected.1, state.zone), Role::Text));
    }
    lines.push(times);
    let mut more = Vec::new();
    if !step.waits_for.is_empty() {
        more.push(("waits for ".to_owned(), Role::Dim));
        more.push((words::waits_for(step), Role::Text));
    } else if !known.after.is_empty() {
        more.push((format!("after {}", known.after.join(", ")), Role::Dim));
    }
    if let Some(by) = &known.by {
        more.push((format!("{}by {by}", if more.is_empty() { "" } else { "   " }), Role::Dim));
    }
    if let Some(slack) = step.slack {
        more.push((
            format!("{}slack to T-0 {}", if more.is_empty() { "" } else { "   " }, words::minutes(slack)),
            Role::Dim,
        ));
    }
    if !more.is_empty() {
        lines.push(more);
    }
    if let Some(reason) = &known.skipped {
        lines.push(vec![("skipped: ".to_owned(), Role::Dim), (reason.clone(), Role::Text)]);
    }
    if let Some(check) = &known.check {
        lines.push(check_line(state, view, step, check));
    }
    if let Some(hold) = reckoning.clock.hold {
        let by = hold.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        lines.push(vec![(format!("✖ the count is held{by}: r lets it go on"), Role::Bad)]);
    }
    lines
}

/// What a step's check asks, and what is known of it.
fn check_line(state: &State, view: &View, step: &Reckoned<'_>, check: &Check) -> Vec<Piece> {
    let asks = match check {
        Check::Query { query, until } => format!("{query} {until}"),
        Check::Command { argv, .. } => argv.join(" "),
    };
    let (sign, role, said) = match check_of(state, &view.release, step.step) {
        _ if step.state.is_over() => ("·", Role::Dim, "not asked any more".to_owned()),
        Face::NotAsked if matches!(check, Check::Command { .. }) => ("·", Role::Dim, "c runs it".to_owned()),
        Face::NotAsked => ("·", Role::Dim, "asked when its time has come".to_owned()),
        Face::Loading => ("·", Role::Dim, "asking …".to_owned()),
        Face::Fresh(checked) if checked.holds => ("●", Role::Good, format!("holds, {}", checked.found)),
        Face::Fresh(checked) => ("▲", Role::Attention, format!("not yet, {}", checked.found)),
        Face::Stale { value, age, .. } => {
            ("≈", Role::Stale, format!("{} ago: {}", short_age(age), value.found))
        }
        Face::Failed(trouble) => ("◌", Role::Unknown, trouble.failure.to_string()),
    };
    vec![
        ("check ".to_owned(), Role::Dim),
        (format!("{sign} {said}"), role),
        (format!("   {asks}"), Role::Dim),
    ]
}
