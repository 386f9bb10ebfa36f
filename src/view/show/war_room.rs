//! The war room: the count as large as the screen allows, what runs, what comes, who is late, the
//! go/no-go poll, and how the environment is. To be read from the other end of a room.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{asking, big, role, standing};
use crate::app::State;
use crate::app::monitor::{alert_backends, gather_alerts};
use crate::app::remotes::value_of;
use crate::app::show::View;
use crate::domain::Face;
use crate::domain::format::local_time;
use crate::domain::question::AlertState;
use crate::domain::show::words::{self, Standing};
use crate::domain::show::{Reckoned, Reckoning, StepState, stage_at_zero};
use crate::theme::Role;
use crate::view::Canvas;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, view: &View, reckoning: &Reckoning<'_>) {
    let clock = &reckoning.clock;
    let stands = words::standing(reckoning);
    let (sign, look) = standing(stands);
    heading(canvas, area, state, reckoning);

    let count = words::count(clock, reckoning.now, state.look.tick_seconds);
    let most = area.height / 3;
    let air = u16::from(area.height > 24);
    let mut y = area.y + 1 + air;
    let digits = if stands == Standing::Held { Role::Bad } else { Role::Now };
    match big::fitting(&count, area.width, most) {
        Some(scale) => {
            big::draw(canvas, Rect { y, ..area }, &count, scale, digits);
            y += big::height(scale) + 1;
        }
        None => y += canvas.text(area.x, y, area.width, &count, digits).min(1) + 1,
    }
    if stands == Standing::Held
        && let Some(scale) = big::fitting("HOLD", area.width / 2, area.height / 6)
    {
        big::draw(canvas, Rect { y, ..area }, "HOLD", scale, Role::Bad);
        y += big::height(scale) + 1;
    }
    let held = if clock.held.is_zero() {
        String::new()
    } else {
        format!(", held {} so far", words::minutes(clock.held))
    };
    centred(canvas, area, y, &format!("{sign} {}{held}", words::sentence(reckoning, state.zone)), look);
    y += 1 + air;

    let foot = foot_rows(reckoning, area);
    let bottom = area.bottom().saturating_sub(foot);
    let body = Rect { y, height: bottom.saturating_sub(y), ..area };
    columns(canvas, body, reckoning);
    foot_of(canvas, Rect { y: bottom, height: foot, ..area }, state, reckoning);
    if let Some(question) = &view.asking {
        asking(canvas, area, question);
    }
}

fn heading(canvas: &mut Canvas<'_>, area: Rect, state: &State, reckoning: &Reckoning<'_>) {
    let place = stage_at_zero(reckoning.release).map(|stage| match &stage.region {
        Some(region) => format!("   {} · {region}", stage.environment),
        None => format!("   {}", stage.environment),
    });
    let (over, all) = (reckoning.over(), reckoning.steps.len());
    let right = format!("T-0 {}   {over} of {all} done", local_time(reckoning.clock.counted, state.zone));
    let room = area.width.saturating_sub(right.width() as u16 + 2);
    let used = canvas.text(area.x, area.y, room, &reckoning.release.title, Role::Title);
    canvas.text(area.x + used, area.y, room.saturating_sub(used), &place.unwrap_or_default(), Role::Dim);
    canvas.text_right(area.x, area.y, area.width, &right, Role::Text);
}

fn centred(canvas: &mut Canvas<'_>, area: Rect, y: u16, text: &str, role: Role) {
    let width = (text.width() as u16).min(area.width);
    canvas.text(area.x + (area.width - width) / 2, y, width, text, role);
}

/// What runs, what comes, who is late, side by side.
fn columns(canvas: &mut Canvas<'_>, area: Rect, reckoning: &Reckoning<'_>) {
    let late: Vec<&Reckoned<'_>> = reckoning.late().collect();
    let running: Vec<&Reckoned<'_>> = reckoning.running().collect();
    let next: Vec<&Reckoned<'_>> = reckoning.next().filter(|step| !step.is_late()).collect();
    let late_title =
        if late.is_empty() { "● NOBODY IS LATE".to_owned() } else { format!("▲ LATE  {}", late.len()) };
    let late_role = if late.is_empty() { Role::Good } else { Role::Attention };
    let nothing =
        if reckoning.steps.iter().all(|step| step.state.is_over()) { "all is done" } else { "nothing" };
    let parts: [(&str, Role, &[&Reckoned<'_>], &str); 3] = [
        ("▶ NOW", Role::Accent, &running, nothing),
        ("› NEXT", Role::Title, &next, nothing),
        (late_title.as_str(), late_role, &late, ""),
    ];
    let gap = 2;
    let width = (area.width.saturating_sub(2 * gap)) / 3;
    for (number, (title, look, steps, empty)) in (0_u16..).zip(parts) {
        let column = Rect { x: area.x + number * (width + gap), width, ..area };
        if column.height == 0 {
            return;
        }
        canvas.text(column.x, column.y, column.width, title, look);
        let mut y = column.y + 1;
        if steps.is_empty() && y < column.bottom() {
            canvas.text(column.x, y, column.width, empty, Role::Dim);
        }
        let each = 2;
        let fits = usize::from(column.bottom().saturating_sub(y) / each);
        let shown = if steps.len() > fits { fits.saturating_sub(usize::from(fits > 1)) } else { steps.len() };
        for step in &steps[..shown.min(steps.len())] {
            canvas.text(
                column.x,
                y,
                column.width,
                &step.step.title,
                if step.is_late() { Role::Attention } else { Role::Text },
            );
            canvas.text(
                column.x + 2,
                y + 1,
                column.width.saturating_sub(2),
                &about(step, reckoning),
                role_below(step),
            );
            y += each;
        }
        if steps.len() > shown && y < column.bottom() {
            canvas.text(column.x, y, column.width, &format!("and {} more", steps.len() - shown), Role::Dim);
        }
    }
}

fn role_below(step: &Reckoned<'_>) -> Role {
    if step.is_late() { role(step) } else { Role::Dim }
}

/// Who, and how long: `mira · 12 m left`.
fn about(step: &Reckoned<'_>, reckoning: &Reckoning<'_>) -> String {
    let owner = step.step.owner.as_deref().unwrap_or("nobody");
    let now = reckoning.now;
    let when = match step.state {
        _ if step.is_late() => format!("{} behind", words::minutes(step.late)),
        StepState::Running if step.step.duration.is_zero() => {
            format!("for {}", words::minutes(now - step.expected.0))
        }
        StepState::Running => format!("{} left", words::minutes(step.expected.1 - now)),
        StepState::Ready => "can begin".to_owned(),
        StepState::Waiting => format!("waits for {}", words::waits_for(step)),
        _ => format!("{}, in {}", words::at(step, &reckoning.clock), words::minutes(step.expected.0 - now)),
    };
    format!("{owner} · {when}")
}

/// Rows for the poll and the environment.
fn foot_rows(reckoning: &Reckoning<'_>, area: Rect) -> u16 {
    let most = if area.height >= 30 { 5 } else { 2 };
    let checks = reckoning.release.checks.len() as u16;
    (checks.min(most) + 2).max(2)
}

/// The go/no-go poll at the left, how the environment is at the right.
fn foot_of(canvas: &mut Canvas<'_>, area: Rect, state: &State, reckoning: &Reckoning<'_>) {
    canvas.rule(area.x, area.y, area.width);
    let half = area.width / 2;
    let y = area.y + 1;
    let checks = &reckoning.release.checks;
    if checks.is_empty() {
        canvas.text(area.x, y, half, "go/no-go   no poll is planned", Role::Dim);
    } else {
        canvas.text(area.x, y, half, "go/no-go", Role::Title);
        let fits = usize::from(area.bottom().saturating_sub(y + 1));
        for (row, check) in (y + 1..).zip(checks.iter().take(fits)) {
            let who = check.role.as_ref().map(|role| format!("   {role}")).unwrap_or_default();
            let used = canvas.text(area.x, row, half, "◌ not known  ", Role::Unknown);
            canvas.text(
                area.x + used,
                row,
                half.saturating_sub(used + 2),
                &format!("{}{who}", check.title),
                Role::Text,
            );
        }
        if checks.len() > fits {
            canvas.text(
                area.x + 10,
                y,
                half.saturating_sub(10),
                &format!("{} of {}", fits, checks.len()),
                Role::Dim,
            );
        }
    }
    let right = Rect { x: area.x + half, width: area.width - half, ..area };
    let (place, words, look) = health(state, reckoning);
    let used = canvas.text(right.x, y, right.width, &format!("{place}  "), Role::Title);
    canvas.text(right.x + used, y, right.width.saturating_sub(used), &words, look);
}

/// How the environment at T-0 is, by the alerts that fire there. Only fresh answers of every
/// backend that knows alerts say that none does.
fn health(state: &State, reckoning: &Reckoning<'_>) -> (String, String, Role) {
    let Some(stage) = stage_at_zero(reckoning.release) else {
        return ("environment".to_owned(), "◌ T-0 has no stage".to_owned(), Role::Unknown);
    };
    let place = stage.environment.clone();
    let faces: Vec<_> =
        alert_backends(state).map(|backend| state.remotes.alerts(backend, state.now)).collect();
    let fires = gather_alerts(state)
        .into_iter()
        .filter(|heard| {
            let label = |names: [&str; 2]| names.iter().find_map(|name| heard.alert.label(name));
            heard.alert.state == AlertState::Firing
                && label(["environment", "env"]).is_none_or(|found| found.as_str() == place)
        })
        .count();
    if fires > 0 {
        let alerts = if fires == 1 { "1 alert fires".to_owned() } else { format!("{fires} alerts fire") };
        return (place, format!("▲ {alerts}"), Role::Attention);
    }
    let is_whole = |face: &Face<'_, _>| {
        matches!(face, Face::Fresh(_))
            && value_of(face)
                .is_some_and(|alerts: &crate::domain::question::Alerts| alerts.warnings.is_empty())
    };
    if faces.is_empty() {
        (place, "◌ nobody tells of alerts".to_owned(), Role::Unknown)
    } else if faces.iter().all(is_whole) {
        (place, "● no alert fires".to_owned(), Role::Good)
    } else {
        (place, "◌ alerts are not known".to_owned(), Role::Unknown)
    }
}
