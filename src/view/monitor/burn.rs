//! Error budgets: a row a service, the worst first, and the four rows of the selected one.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::app::monitor::burn::{self, Entry};
use crate::app::{ListId, State};
use crate::domain::burn::{Account, Exhaustion, Firing, Judged, Severity, Standing, Unknown, words};
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::chart::bar;
use crate::view::{Canvas, Listing, face};

/// Rows of the selected service's part: a title, four rows, the budget, the release.
const DETAILS: u16 = 7;
/// Columns of a burn in the list.
const BURN: u16 = 7;
/// Columns of the bar of a budget.
const BAR: u16 = 12;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let entries = burn::listed(state);
    if entries.is_empty() {
        nothing(canvas, area, state);
        return;
    }
    let details = DETAILS.min(area.height.saturating_sub(4));
    let list = Rect { height: area.height - details - 1, ..area };
    draw_list(canvas, list, state, &entries);
    canvas.rule(area.x, list.bottom(), area.width);
    if let Some(entry) = entries.get(burn::selected_row(state, &entries)) {
        let below = Rect { y: list.bottom() + 1, height: details, ..area };
        draw_details(canvas, below, state, entry);
    }
}

fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let (all, _) = burn::counts(state);
    if all > 0 {
        let words = format!("none of {all} objectives has “{}” in its service", state.monitor.filter);
        face::message(canvas, area, Role::Dim, &words, "Esc clears the filter.");
        return;
    }
    let hint = "Add [service.slo] to a service in tminus.toml: objective = 99.9, and PromQL for errors and \
                total with {{window}}. How fast its error budget is spent is then shown here.";
    face::message(canvas, area, Role::Dim, "no service has an objective", hint);
}

/// The sign of a service: what is not fresh is never good.
fn mark(entry: &Entry<'_>) -> (&'static str, Role) {
    match (&entry.face, entry.account.standing) {
        (_, Standing::Page) => ("✖", Role::Bad),
        (_, Standing::Ticket) => ("▲", Role::Attention),
        (Face::Stale { .. }, _) => ("≈", Role::Stale),
        (Face::Loading | Face::NotAsked, Standing::Unknown) => ("·", Role::Dim),
        (_, Standing::Quiet) if is_spent(entry) => ("▲", Role::Attention),
        (_, Standing::Quiet) => ("●", Role::Good),
        (_, Standing::Unknown) => ("◌", Role::Unknown),
    }
}

/// Nothing burns, and there is nothing left that could: no good news.
fn is_spent(entry: &Entry<'_>) -> bool {
    entry.account.outlook.exhaustion == Exhaustion::Spent
}

fn draw_list(canvas: &mut Canvas<'_>, area: Rect, state: &State, entries: &[Entry<'_>]) {
    let widest = entries.iter().map(|entry| entry.service.id.width() as u16).max().unwrap_or(0);
    let name = widest.clamp(8, if area.width < 100 { 16 } else { 28 });
    let (all, asked) = burn::counts(state);
    let title = if asked < all && state.monitor.filter.is_empty() {
        format!("{asked} of {all} services")
    } else {
        "service".to_owned()
    };
    canvas.text(area.x + 2, area.y, name, &title, Role::Dim);
    let first = area.x + 2 + name + 1;
    let mut x = first + 10;
    for heading in ["1 h", "6 h", "1 d", "3 d"] {
        canvas.text_right(x, area.y, BURN, heading, Role::Dim);
        x += BURN;
    }
    canvas.text(x + 2, area.y, area.right().saturating_sub(x + 2), "budget left", Role::Dim);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let row = burn::selected_row(state, entries);
    let listing = Listing::alone(ListId::Burn, row);
    listing.draw(canvas, list, state, entries, |canvas, line, entry| {
        draw_row(canvas, line, state, entry, name);
    });
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, state: &State, entry: &Entry<'_>, name: u16) {
    let y = area.y;
    let (sign, role) = mark(entry);
    canvas.text(area.x, y, 1, sign, role);
    let shown = format::shorten(&entry.service.id, usize::from(name));
    canvas.text(area.x + 2, y, name, &shown, Role::Text);
    let mut x = area.x + 2 + name + 1;
    let word = match (&entry.face, entry.account.standing) {
        (Face::Loading | Face::NotAsked, Standing::Unknown) => "loading …",
        (Face::Stale { .. }, Standing::Unknown | Standing::Quiet) => "stale",
        (_, Standing::Quiet) if is_spent(entry) => "spent",
        (_, standing) => standing.word(),
    };
    canvas.text(x, y, 10, word, role);
    x += 10;
    for index in 0..4 {
        let (text, role) = number(entry, index);
        canvas.text_right(x, y, BURN, &text, role);
        x += BURN;
    }
    x += 2;
    let room = area.right().saturating_sub(x);
    budget(canvas, Rect { x, width: room, ..area }, state, entry);
}

/// A row's burn over its long window; what is old is marked so, and what is not known is `?`.
fn number(entry: &Entry<'_>, index: usize) -> (String, Role) {
    let Some(judged) = entry.account.judged.get(index) else { return ("–".to_owned(), Role::Dim) };
    match (judged.firing, judged.long) {
        (Firing::Fires, Ok(burn)) if judged.row.severity == Severity::Page => {
            (format!("✖{}", words::burn(burn)), Role::Bad)
        }
        (Firing::Fires, Ok(burn)) => (format!("▲{}", words::burn(burn)), Role::Attention),
        (_, Ok(burn)) => (words::burn(burn), Role::Text),
        (_, Err(_)) => match entry.last.judged.get(index).map(|judged| judged.long) {
            Some(Ok(burn)) => (format!("≈{}", words::burn(burn)), Role::Stale),
            _ => ("?".to_owned(), Role::Unknown),
        },
    }
}

/// A bar, the number, and until when.
fn budget(canvas: &mut Canvas<'_>, area: Rect, state: &State, entry: &Entry<'_>) {
    let Rect { x, y, .. } = area;
    let outlook = &entry.account.outlook;
    let (account, is_old) = if outlook.left.is_err() && entry.last.outlook.left.is_ok() {
        (&entry.last, true)
    } else {
        (&entry.account, false)
    };
    let Ok(left) = account.outlook.left else {
        canvas.text(x, y, area.width, "◌ not known", Role::Unknown);
        return;
    };
    let role = match left {
        _ if is_old => Role::Stale,
        left if left <= 0.0 => Role::Bad,
        left if left < 0.25 => Role::Attention,
        _ => Role::Good,
    };
    let mut used = canvas.text(x, y, BAR, &bar(left, BAR.min(area.width)), role) + 1;
    let sign = match role {
        Role::Stale => "≈ ",
        Role::Bad => "✖ ",
        Role::Attention => "▲ ",
        _ => "",
    };
    let words = format!("{sign}{}", words::left(&account.outlook));
    used += canvas.text(x + used, y, area.width.saturating_sub(used), &words, role) + 2;
    let until = until(state, account);
    if usize::from(area.width.saturating_sub(used)) >= until.width() {
        canvas.text(x + used, y, area.width.saturating_sub(used), &until, Role::Dim);
    }
}

fn until(state: &State, account: &Account) -> String {
    match account.outlook.exhaustion {
        Exhaustion::Spent => String::new(),
        _ => words::exhaustion(&account.outlook, state.now.wall, state.zone),
    }
}

fn draw_details(canvas: &mut Canvas<'_>, area: Rect, state: &State, entry: &Entry<'_>) {
    let place = entry.environment.as_deref().map(|id| format!(" in {id}")).unwrap_or_default();
    let period = crate::domain::burn::Window::Period.written(entry.slo);
    let title = format!("{}{place}: {} % over {period}", entry.service.id, entry.slo.objective);
    let used = canvas.text(area.x, area.y, area.width, &title, Role::Title) + 2;
    if let Some(why) = &entry.why {
        let sign = if matches!(entry.face, Face::Stale { .. }) { "≈" } else { "◌" };
        let age = face::word(&entry.face);
        let words = format!("{sign} {age}{}{why}", if age.is_empty() { "" } else { ": " });
        let role = if sign == "≈" { Role::Stale } else { Role::Unknown };
        canvas.text(area.x + used, area.y, area.width.saturating_sub(used), &words, role);
    }
    let mut y = area.y + 1;
    for judged in &entry.account.judged {
        if y < area.bottom() {
            draw_judged(canvas, Rect { y, height: 1, ..area }, entry, judged);
            y += 1;
        }
    }
    let outlook = &entry.account.outlook;
    let forecast = match outlook.rate {
        Ok((window, burn)) => {
            format!("at the last {}'s {}", window.written(entry.slo), words::burn(burn))
        }
        Err(why) => format!("rate not known: {why}"),
    };
    let left = words::left(outlook);
    let until = until(state, &entry.account);
    let separator = if until.is_empty() { "" } else { ", " };
    let words = format!("budget    {left}{separator}{until}  ({forecast})");
    if y < area.bottom() {
        canvas.text(area.x, y, area.width, &words, Role::Text);
        y += 1;
    }
    let words = match burn::rollout_of(state, &entry.service.id) {
        Some(rollout) => format!("release   {}", burn::blame(state, entry, rollout)),
        None => "release   nothing is on its way".to_owned(),
    };
    if y < area.bottom() {
        canvas.text(area.x, y, area.width, &words, Role::Text);
    }
}

/// One row of the table: severity, windows, burns, a bar up to the threshold, the sentence.
fn draw_judged(canvas: &mut Canvas<'_>, area: Rect, entry: &Entry<'_>, judged: &Judged) {
    let (sign, role) = match judged.firing {
        Firing::Fires if judged.row.severity == Severity::Page => ("✖", Role::Bad),
        Firing::Fires => ("▲", Role::Attention),
        Firing::Quiet => ("●", Role::Good),
        Firing::Never => ("–", Role::Dim),
        Firing::Unknown => ("◌", Role::Unknown),
    };
    let y = area.y;
    canvas.text(area.x, y, 1, sign, role);
    canvas.text(area.x + 2, y, 7, judged.row.severity.word(), Role::Text);
    let number = |burn: Result<f64, Unknown>| burn.map_or("?".to_owned(), words::burn);
    let mut x = area.x + 10;
    for (window, burn) in [(judged.row.long, judged.long), (judged.row.short, judged.short)] {
        canvas.text(x, y, 3, &window.written(entry.slo), Role::Dim);
        canvas.text_right(x + 4, y, 5, &number(burn), if burn.is_ok() { Role::Text } else { Role::Unknown });
        x += 11;
    }
    // How close the slower window is to the threshold: only both together fire.
    let closest = judged.long.ok().zip(judged.short.ok()).map(|(long, short)| long.min(short));
    let width = if area.width < 100 { 8 } else { 16 };
    match closest {
        Some(burn) => canvas.text(x, y, width, &bar(burn / judged.threshold, width), role),
        None => canvas.text(x, y, width, "◌ ?", Role::Unknown),
    };
    x += width + 1;
    let room = area.right().saturating_sub(x);
    canvas.text(x, y, room, &words::row_beside_numbers(entry.slo, judged), Role::Dim);
}

/// The line in the overview: the selected rollout's service.
pub fn line(state: &State, service: &str) -> Option<(String, Role)> {
    let entry = burn::of_service(state, service)?;
    let (sign, role) = mark(&entry);
    let summary = words::summary(&entry.account.judged, &entry.account.outlook);
    let blame = burn::rollout_of(state, service).map(|rollout| burn::blame(state, &entry, rollout));
    let words = match (&entry.face, entry.account.standing) {
        (Face::Loading | Face::NotAsked, Standing::Unknown) => "burn loading …".to_owned(),
        (Face::Failed(_) | Face::Stale { .. }, Standing::Unknown) => {
            format!("burn {}", face::word(&entry.face))
        }
        _ => [vec![format!("burn {summary}")], Vec::from_iter(blame)].concat().join(" · "),
    };
    Some((format!("{sign} {words}"), role))
}
