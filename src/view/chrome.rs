//! What every screen has: the header and the status line.

use chrono::TimeDelta;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use super::face::short_age;
use crate::app::health::{self, HealthStatus};
use crate::app::state::{Opening, Tone};
use crate::app::{Intent, Overlay, Panel, State};
use crate::domain::workspace::Origin;
use crate::domain::{Release, Severity, Stage};
use crate::theme::Role;

/// Workspace, panels, now, next T-minus.
pub fn header(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let y = area.y;
    let mut x = area.x + 1;
    x += canvas.text(x, y, 6, "tminus", Role::Accent) + 1;
    if state.look.simulated {
        x += canvas.text(x, y, 11, " SIMULATED ", Role::Banner) + 1;
    }
    let name = if state.workspace.name.is_empty() { "…" } else { &state.workspace.name };
    let tabs_width = Panel::ALL.iter().map(|panel| panel.title().len() as u16 + 4).sum::<u16>() - 2;
    // What gives way first: the title beside the countdown, then the panels' names.
    let name_needs = (name.width() as u16 + 2).min(32);
    let fits = |right: &str| area.right().saturating_sub(x + right.width() as u16 + 2);
    let mut right = clock(state, Countdown::WithTitle);
    if fits(&right) < tabs_width + name_needs {
        right = clock(state, Countdown::Alone);
    }
    let room = fits(&right);
    let right_width = right.width() as u16 + 1;
    let short = room < tabs_width + name_needs.min(12);
    let name_width = if short { room.saturating_sub(24).min(24) } else { (room - tabs_width).min(30) };
    x += canvas.text(x, y, name_width, name, Role::Title) + 2;
    if matches!(state.workspace.origin, Origin::Git(_)) && !short {
        x += canvas.text(x, y, 10, "read-only", Role::Dim) + 2;
    }
    for (number, panel) in (1..).zip(Panel::ALL) {
        let current = panel == state.panel;
        let title = if short && !current { String::new() } else { format!(" {}", panel.title()) };
        let label = format!("{number}{title}");
        let left = room_left(area, x, right_width);
        let used = canvas.text(x, y, left, &label, if current { Role::Now } else { Role::Dim });
        canvas.hit(Rect::new(x, y, used.max(1), 1), Intent::ShowPanel(panel), None);
        x += used + 2;
    }
    canvas.text_right(area.x, y, area.width - 1, &right, Role::Text);
    canvas.rule(area.x, y + 1, area.width);
}

fn room_left(area: Rect, x: u16, right: u16) -> u16 {
    area.right().saturating_sub(x + right)
}

/// What stands beside the countdown.
#[derive(Clone, Copy, PartialEq)]
enum Countdown {
    WithTitle,
    Alone,
}

fn clock(state: &State, countdown_as: Countdown) -> String {
    let local = state.now.wall.with_timezone(&state.zone);
    let clock = local.format("%a %-d %b %H:%M %Z").to_string();
    // A run of show has a count of its own, which holds move: two would only confuse.
    if crate::app::show::view(state).is_some() {
        return clock;
    }
    match next_stage(state) {
        Some((_, stage)) if countdown_as == Countdown::Alone => {
            format!("{clock}  T-{}", countdown(stage.start - state.now.wall, state.look.tick_seconds))
        }
        Some((release, stage)) => {
            let countdown = countdown(stage.start - state.now.wall, state.look.tick_seconds);
            let title = super::canvas::cut(&release.title, 20).into_owned();
            format!("{clock}   T-{countdown} {title}")
        }
        None if state.opening == Opening::Open && countdown_as == Countdown::WithTitle => {
            format!("{clock}   T-  nothing planned")
        }
        None => clock,
    }
}

/// The next stage that begins, of a release that can still happen.
pub fn next_stage(state: &State) -> Option<(&Release, &Stage)> {
    crate::app::calendar::next_stage(state)
}

/// `38:20` under an hour (by minutes where the clock ticks slower), `02:38` under a day, `3d 04h`.
pub fn countdown(left: TimeDelta, tick_seconds: u32) -> String {
    let seconds = left.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    if days > 0 {
        format!("{days}d {hours:02}h")
    } else if hours > 0 || tick_seconds > 1 {
        format!("{hours:02}:{minutes:02}")
    } else {
        format!("00:{minutes:02}:{:02}", seconds % 60)
    }
}

/// Backends, problems, a word, hints.
pub fn status(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    canvas.rule(area.x, area.y, area.width);
    let y = area.y + 1;
    let mut x = area.x + 1;
    for backend in health::backends(state) {
        if area.right().saturating_sub(x) < 16 {
            break;
        }
        let (mark, role, more) = match &backend.status {
            HealthStatus::Unknown | HealthStatus::Loading => ("·", Role::Dim, String::new()),
            HealthStatus::Good { .. } if backend.spent.is_some_and(|spent| spent.waiting > 0) => {
                ("▲", Role::Attention, " budget spent, slower".to_owned())
            }
            HealthStatus::Good { .. } => ("●", Role::Good, String::new()),
            HealthStatus::Partial { .. } => ("▲", Role::Attention, " answers in part".to_owned()),
            HealthStatus::Silent { age } => ("≈", Role::Stale, format!(" stale {}", short_age(*age))),
            HealthStatus::Down { failure, since, next_try } => {
                let since = since.wall.with_timezone(&state.zone).format("%H:%M");
                let next = short_age(*next_try);
                ("✖", Role::Bad, format!(" {} since {since}, again in {next}", failure.kind.word()))
            }
        };
        let start = x;
        x += canvas.text(x, y, 20, backend.name, Role::Dim) + 1;
        x += canvas.text(x, y, area.right().saturating_sub(x + 1), &format!("{mark}{more}"), role) + 2;
        canvas.hit(Rect::new(start, y, x - start, 1), Intent::ShowBackends, None);
    }
    let errors = state.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if errors > 0 {
        let words = format!("✖ {errors} in files");
        let start = x;
        x += canvas.text(x, y, area.right().saturating_sub(x + 1), &words, Role::Bad) + 2;
        canvas.hit(Rect::new(start, y, x - start, 1), Intent::ShowProblems, None);
    }
    if state.history.unsaved() > 0 {
        x += canvas.text(x, y, area.right().saturating_sub(x + 1), "UNSAVED", Role::Attention) + 2;
    }
    if !state.filter().is_empty() {
        let words = format!("/{}", state.filter());
        x += canvas.text(x, y, area.right().saturating_sub(x + 1).min(24), &words, Role::Accent) + 2;
    }
    let room = area.right().saturating_sub(x + 1);
    if let Some(notice) = &state.notice {
        let role = if notice.tone == Tone::Done { Role::Accent } else { Role::Attention };
        canvas.text_right(x, y, room, &super::canvas::cut(&notice.text, usize::from(room)), role);
    } else {
        hints(canvas, Rect::new(x, y, room, 1), state);
    }
}

/// Whether a key does something in what lies on top: only a release's form has stages to add.
fn helps(state: &State, intent: Intent) -> bool {
    match (intent, state.overlays.last()) {
        (Intent::AddPart, Some(Overlay::Form(form))) => form.has_stages(),
        _ => true,
    }
}

fn hints(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let mut spans = Vec::new();
    let mut used = 0;
    // The last hints are the ones everybody needs (commands, keys, quit): they stay longest.
    let all = canvas.keymap.hints(state.context(), |intent| helps(state, intent));
    let mut kept = Vec::new();
    for (key, word) in all.iter().rev() {
        let width = key.width() + word.width() + 3;
        if used + width > usize::from(area.width) {
            break;
        }
        used += width;
        kept.push((key, word));
    }
    for (key, word) in kept.into_iter().rev() {
        spans.push(canvas.span(format!("{key} "), Role::Accent));
        spans.push(canvas.span(format!("{word}  "), Role::Dim));
    }
    let x = area.right().saturating_sub(used as u16);
    canvas.line(x, area.y, area.width, &Line::from(spans));
}
