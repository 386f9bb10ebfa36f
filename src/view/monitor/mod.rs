//! The monitor panel: a line that names its views, and the one on screen. The overview has the
//! rollouts on top, their numbers in the middle, alerts and what happened below.

mod alert_list;
mod alerts;
mod burn;
mod charts;
mod health;
mod judge;
mod lanes;
mod rollouts;
mod signals;
mod skew;
mod timeline;
mod train;
mod views;
mod watches;

use ratatui::layout::Rect;

use super::{Canvas, face};
use crate::app::State;
use crate::app::monitor::{self, Pane, View};
use crate::domain::Face;
use crate::domain::question::RunningHistory;
use crate::theme::Role;

/// The parts of the panel at a size.
struct Parts {
    rollouts: Rect,
    charts: Vec<Rect>,
    /// The verdict beside the charts, where there is room.
    verdict: Option<Rect>,
    share: Option<Rect>,
    alerts: Rect,
    timeline: Rect,
}

/// Draws the view on screen below a line that names all of them.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    views::draw(canvas, Rect { height: 1, ..area }, state);
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    match state.monitor.view {
        View::Overview => overview(canvas, body, state),
        View::Judge => judge::draw(canvas, body, state),
        View::Charts => charts::draw(canvas, body, state),
        View::Train => train::draw(canvas, body, state),
        View::Skew => skew::draw(canvas, body, state),
        View::Lanes => lanes::draw(canvas, body, state),
        View::Burn => burn::draw(canvas, body, state),
        View::Health => health::draw(canvas, body, state),
        View::Alerts => alert_list::draw(canvas, body, state),
        View::Watch => watches::draw(canvas, body, state),
    }
}

fn overview(canvas: &mut Canvas<'_>, body: Rect, state: &State) {
    let parts = parts(body, rollouts::rows_wanted(state, body.height));
    if monitor::listed(state).is_empty() {
        let bottom = parts.charts.first().map_or(body.bottom(), |chart| chart.bottom());
        let quiet = Rect { height: bottom.saturating_sub(body.y), ..body };
        rollouts::nothing(canvas, quiet, state);
    } else {
        rollouts::draw(canvas, parts.rollouts, state, body.height);
        signals::draw(canvas, &parts.charts, parts.share, state);
        if let Some(verdict) = parts.verdict {
            judge::beside(canvas, verdict, state);
        }
        budget(canvas, body, &parts, state);
    }
    let below = parts.alerts.y.saturating_sub(1);
    canvas.rule(body.x, below, body.width);
    if parts.verdict.is_none()
        && let Some((words, role)) = judge::line(state)
    {
        canvas.text(body.x + 1, below, body.width.saturating_sub(2), &words, role);
    }
    alerts::draw(canvas, parts.alerts, state);
    canvas.divider(parts.alerts.right(), parts.alerts.y, parts.alerts.height);
    timeline::draw(canvas, parts.timeline, state);
}

/// The error budget of the selected rollout's service, on the line that parts rollouts and charts.
fn budget(canvas: &mut Canvas<'_>, body: Rect, parts: &Parts, state: &State) {
    let service = monitor::selected(state).map(|rollout| rollout.key.service.clone());
    let Some((words, role)) = service.and_then(|service| burn::line(state, &service)) else { return };
    if let Some(chart) = parts.charts.first() {
        canvas.text(body.x, chart.y, body.width, &words, role);
    }
}

/// Where the parts lie. Narrow: one chart; wider: two beside each other; wide and high: three,
/// and the share, the alerts and the timeline below them.
fn parts(body: Rect, rollouts_wanted: u16) -> Parts {
    let high = body.height;
    let most = match high {
        0..=24 => 4,
        25..=44 => 8,
        _ => 12,
    };
    let rollouts = Rect { height: rollouts_wanted.clamp(1, most).min(high / 3), ..body };
    let rest = Rect { y: rollouts.bottom(), height: high - rollouts.height, ..body };
    let columns: u16 = match body.width {
        0..=99 => 1,
        100..=159 => 2,
        _ => 3,
    };
    let is_grid = columns == 3 && high >= 40;
    let bottom_height = match rest.height {
        0..=18 => (rest.height / 3).max(3),
        19..=32 => rest.height * 2 / 5,
        _ => rest.height / 2,
    };
    let mut charts = Rect { height: rest.height - bottom_height - 1, ..rest };
    // Beside the charts where that leaves them wide, else below them where that leaves them high,
    // else one line.
    let beside = columns == 3;
    let verdict = if beside {
        // Below the line that the error budget is written on.
        let (y, height) = (charts.y + 1, charts.height.saturating_sub(1));
        Some(Rect { x: charts.right() - judge::BESIDE, y, width: judge::BESIDE, height })
    } else if columns == 2 && charts.height > 3 * judge::BELOW {
        charts.height -= judge::BELOW;
        Some(Rect { y: charts.bottom(), height: judge::BELOW, ..charts })
    } else {
        None
    };
    let taken = verdict.filter(|_| beside).map_or(0, |verdict| verdict.width + 2);
    let bottom = Rect { y: rest.bottom() - bottom_height, height: bottom_height, ..rest };
    let cells = |area: Rect, columns: u16| -> Vec<Rect> {
        let width = (area.width - (columns - 1) * 3) / columns;
        (0..columns).map(|column| Rect { x: area.x + column * (width + 3), width, ..area }).collect()
    };
    let (share, lists) = if is_grid {
        let thirds = cells(bottom, 3);
        let lists = Rect { x: thirds[1].x, width: bottom.right() - thirds[1].x, ..bottom };
        (Some(thirds[0]), lists)
    } else {
        (None, bottom)
    };
    let left = if is_grid { lists.width / 2 } else { lists.width * 9 / 20 };
    Parts {
        rollouts,
        charts: cells(Rect { width: charts.width - taken, ..charts }, columns),
        verdict,
        share,
        alerts: Rect { width: left - 1, ..lists },
        timeline: Rect { x: lists.x + left + 2, width: lists.width - left - 2, ..lists },
    }
}

/// A part's heading: it says where the keys go.
fn heading(canvas: &mut Canvas<'_>, area: Rect, state: &State, pane: Pane, words: &str) -> u16 {
    heading_of(canvas, area, state.monitor.pane == pane, words)
}

/// The heading of a part of any view.
fn heading_of(canvas: &mut Canvas<'_>, area: Rect, has_keys: bool, words: &str) -> u16 {
    let (sign, role) = if has_keys { ("▸ ", Role::Now) } else { ("  ", Role::Dim) };
    let used = canvas.text(area.x, area.y, area.width, sign, role);
    used + canvas.text(area.x + used, area.y, area.width.saturating_sub(used), words, role)
}

/// The mark of something fresh or not: a face that is not fresh is never good.
fn mark_of<T>(face: &Face<'_, T>, good: (&'static str, Role)) -> (&'static str, Role) {
    match face {
        Face::Fresh(_) => good,
        _ => face::mark(face),
    }
}

/// The mark of what was seen to run: told in part, or not lately, it is never good.
fn mark_of_running(face: &Face<'_, RunningHistory>, seen: (&'static str, Role)) -> (&'static str, Role) {
    match face {
        Face::Fresh(history) if seen.1 == Role::Good && !history.warnings.is_empty() => {
            ("▲", Role::Attention)
        }
        face => mark_of(face, seen),
    }
}
