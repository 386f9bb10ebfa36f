//! The rollouts as a list, and the calm face where there is none.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{heading, mark_of_running, watches};
use crate::app::command::named;
use crate::app::list::first_row;
use crate::app::monitor::rollouts::{Seen, environments, present_question};
use crate::app::monitor::{self, Pane, alerts, judge};
use crate::app::remotes::value_of;
use crate::app::{Context, Intent, ListId, State};
use crate::domain::question::AlertState;
use crate::domain::rollout::Phase;
use crate::domain::rollout::plan::Eta;
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::chart::bar;
use crate::view::{Canvas, face};

/// Cells of the longest sparkline of a share over time.
const SPARK: u16 = 30;
/// Cells of the longest phase.
const PHASE: u16 = 12;

/// How many rows the list would like: a heading where there is room, rollouts, what is wrong.
pub fn rows_wanted(state: &State, high: u16) -> u16 {
    // One row tells where the selected one is on its plan, one who watches it.
    let watch = usize::from(watches::line(state).is_some());
    let rows = monitor::listed(state).len() + troubles(state).len() + 1 + watch;
    u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(heading_rows(high))
}

/// A low panel has no row to spare for a heading.
fn heading_rows(high: u16) -> u16 {
    u16::from(high >= 24)
}

/// Draws the list.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, high: u16) {
    let listed = monitor::listed(state);
    let troubles = troubles(state);
    let below = (troubles.len() as u16).min(area.height.saturating_sub(1));
    let plan = u16::from(area.height > below + 1);
    let watch = watches::line(state).filter(|_| area.height > below + 1 + plan);
    let below_plan = u16::from(watch.is_some());
    let has_heading = heading_rows(high).min(area.height.saturating_sub(1 + plan + below_plan));
    let rows = area.height.saturating_sub(below + plan + below_plan + has_heading);
    let list = Rect { y: area.y + has_heading, height: rows.max(1), ..area };
    let selected = monitor::selected(state);
    let row = selected.and_then(|chosen| listed.iter().position(|seen| seen.key == chosen.key)).unwrap_or(0);
    let top = state.feedback.list(ListId::Rollouts).map_or(0, |(top, _)| top);
    let top = first_row(top, row, usize::from(list.height), listed.len());
    canvas.list(ListId::Rollouts, top, list.height);
    canvas.hit(list, Intent::ScrollList(ListId::Rollouts, 0), Some(ListId::Rollouts));
    let visible = &listed[top..listed.len().min(top + usize::from(list.height))];
    let columns = Columns::new(state, visible, list.width);
    if has_heading > 0 {
        let more = listed.len().saturating_sub(visible.len());
        let words = if more > 0 { format!("rollouts  {more} more, scroll") } else { "rollouts".to_owned() };
        heading(canvas, area, state, Pane::Rollouts, &words);
    }
    for ((index, seen), y) in (top..).zip(visible).zip(list.y..) {
        let line = Rect { y, height: 1, ..list };
        draw_row(canvas, line, state, seen, &columns);
        if index == row {
            canvas.select(line);
        }
        canvas.hit(line, Intent::SelectRow(ListId::Rollouts, index), Some(ListId::Rollouts));
    }
    if let (Some(seen), 1) = (selected, plan) {
        plan_line(canvas, Rect { y: list.bottom(), height: 1, ..area }, state, seen);
    }
    if let Some((words, role)) = watch {
        canvas.text(area.x, list.bottom() + plan, area.width, &words, role);
    }
    for ((sign, words, role), y) in
        troubles.iter().take(usize::from(below)).zip(list.bottom() + plan + below_plan..)
    {
        canvas.text(area.x, y, area.width, &format!("{sign} {words}"), *role);
    }
}

/// Where the selected rollout is on its plan; what leaves the plan stands out.
fn plan_line(canvas: &mut Canvas<'_>, area: Rect, state: &State, seen: &Seen) {
    let words = seen.plan_words(state.monitor.window.end(state.now.wall), state.zone);
    let is_off = seen.position.as_ref().is_none_or(|position| !position.off.is_empty());
    let history = state.remotes.history(&present_question(state, &seen.key.environment), state.now);
    let (sign, role) = match history {
        Face::Fresh(_) if is_off => ("▲", Role::Attention),
        Face::Fresh(_) => (" ", Role::Dim),
        known => face::mark(&known),
    };
    canvas.text(area.x, area.y, area.width, &format!("{sign} {words}"), role);
}

/// Its place on its plan in a column: `step 2 of 4  19 m left`.
fn plan_cell(seen: &Seen, now: DateTime<Utc>) -> String {
    let Some(position) = &seen.position else { return "not planned".to_owned() };
    let left = position.left_words(now).map_or_else(String::new, |left| format!("  {left}"));
    format!("{}{left}", position.at_words())
}

/// When it will be everywhere, in a column.
fn full_cell(state: &State, seen: &Seen) -> String {
    let now = state.monitor.window.end(state.now.wall);
    match seen.position.as_ref().map(|position| position.full) {
        Some(Eta::Reached(_)) | None => String::new(),
        Some(Eta::NotKnown) => "ETA not known".to_owned(),
        Some(full) => format!("ETA {}", full.words(now, state.zone)),
    }
}

/// How wide the columns are, so that they align.
struct Columns {
    service: u16,
    place: u16,
    versions: u16,
    bar: u16,
    spark: u16,
    /// The verdict on it, in a word.
    verdict: u16,
    /// Its place on its plan.
    plan: u16,
    /// When it will be everywhere.
    full: u16,
    /// Between two columns.
    gap: u16,
}

impl Columns {
    fn new(state: &State, visible: &[&Seen], width: u16) -> Self {
        let widest = |text: fn(&Seen) -> String, most: u16| {
            visible.iter().map(|seen| text(seen).width() as u16).max().unwrap_or(0).min(most)
        };
        let most = if width < 100 { 24 } else { 32 };
        let mut columns = Self {
            service: widest(|seen| seen.key.service.clone(), most),
            place: widest(|seen| seen.key.place(), most + 2),
            versions: widest(versions, most + 4),
            bar: if width < 100 { 6 } else { 10 },
            spark: 0,
            verdict: 0,
            plan: 0,
            full: 0,
            gap: 2,
        };
        let free = |columns: &Self| {
            // Mark, percent, phase and age are fixed; five gaps lie between the columns.
            let fixed = 2 + columns.bar + 1 + 6 + PHASE + 5 + columns.gap * 5;
            i32::from(width) - i32::from(fixed + columns.service + columns.place + columns.versions)
        };
        if free(&columns) < 0 {
            columns.gap = 1;
        }
        while free(&columns) < 0 && columns.versions.max(columns.service).max(columns.place) > 6 {
            let Self { service, place, versions, .. } = &mut columns;
            let widest = [versions, place, service].into_iter().max_by_key(|width| **width);
            if let Some(width) = widest {
                *width -= 1;
            }
        }
        // The release's name comes last; the line below the list names the selected one's.
        let releases = visible.iter().filter_map(|seen| seen.release.as_ref());
        let release = releases.map(|id| id.width() as u16 + 2).max().unwrap_or(0).min(20);
        let mut left = free(&columns) - 2;
        let now = state.monitor.window.end(state.now.wall);
        let widest_of = |text: &dyn Fn(&Seen) -> String| {
            visible.iter().map(|seen| text(seen).width() as u16).max().unwrap_or(0)
        };
        for (column, wanted) in [
            (&mut columns.verdict, if visible.is_empty() { 0 } else { super::judge::WORD }),
            (&mut columns.plan, widest_of(&|seen| plan_cell(seen, now))),
            (&mut columns.full, widest_of(&|seen| full_cell(state, seen))),
        ] {
            if wanted > 0 && i32::from(wanted) + 2 <= left {
                *column = wanted;
                left -= i32::from(wanted) + 2;
            }
        }
        left -= i32::from(release);
        if left >= 10 {
            columns.spark = (left as u16).min(SPARK);
        }
        columns
    }
}

fn versions(seen: &Seen) -> String {
    let from = seen.from.as_deref().unwrap_or("·");
    format!("{from} → {}", seen.key.to)
}

/// Both versions in so many columns: each is shortened, the arrow between them stays.
fn short_versions(seen: &Seen, width: usize) -> String {
    let (from, to) = (seen.from.as_deref().unwrap_or("·"), &seen.key.to);
    let room = width.saturating_sub(3);
    let from_room = from.width().min(room.saturating_sub(to.width()).max(room / 2));
    let to_room = room.saturating_sub(from_room);
    format!("{} → {}", format::shorten(from, from_room), format::shorten(to, to_room))
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, state: &State, seen: &Seen, columns: &Columns) {
    let history = state.remotes.history(&present_question(state, &seen.key.environment), state.now);
    let (mark, role) = mark_of_running(&history, standing(state, seen));
    let text = if matches!(history, Face::Fresh(_)) { Role::Text } else { Role::Dim };
    let mut x = area.x;
    let y = area.y;
    canvas.text(x, y, 1, mark, role);
    x += 2;
    let mut column = |canvas: &mut Canvas<'_>, width: u16, words: &str, role: Role| {
        canvas.text(x, y, width.min(area.right().saturating_sub(x)), words, role);
        x += width + columns.gap;
    };
    let short = |words: &str, width: u16| format::shorten(words, usize::from(width));
    column(canvas, columns.service, &short(&seen.key.service, columns.service), Role::Title);
    column(canvas, columns.place, &short(&seen.key.place(), columns.place), text);
    column(canvas, columns.versions, &short_versions(seen, usize::from(columns.versions)), text);
    let bar_role = if text == Role::Text { Role::ChartNew } else { Role::Dim };
    column(canvas, columns.bar, &bar(seen.share, columns.bar), bar_role);
    x = x + 1 - columns.gap;
    let mut column = |canvas: &mut Canvas<'_>, width: u16, words: &str, role: Role| {
        canvas.text(x, y, width.min(area.right().saturating_sub(x)), words, role);
        x += width + columns.gap;
    };
    column(canvas, 6, &format!("{:>6}", format::share(seen.share)), text);
    let role = if text == Role::Text { phase_role(seen.phase) } else { Role::Dim };
    column(canvas, PHASE, seen.phase.word(), role);
    column(canvas, 5, &format!("{:>5}", since(seen, state.monitor.window.end(state.now.wall))), Role::Dim);
    if columns.verdict > 0 {
        let word = judge::word(state, seen);
        let (sign, role) = super::judge::sign_of_word(word);
        column(canvas, columns.verdict, &format!("{sign} {}", word.word()), role);
    }
    if columns.plan > 0 {
        let now = state.monitor.window.end(state.now.wall);
        let is_off = seen.position.as_ref().is_none_or(|position| !position.off.is_empty());
        let role = if text == Role::Text && is_off { Role::Attention } else { text };
        column(canvas, columns.plan, &plan_cell(seen, now), role);
    }
    if columns.full > 0 {
        column(canvas, columns.full, &full_cell(state, seen), text);
    }
    // A sparkline scrolls; where bytes are dear the share's own chart sweeps instead.
    if columns.spark > 0 && !state.look.low_bandwidth {
        column(canvas, columns.spark, &spark(&seen.shares, usize::from(columns.spark)), bar_role);
    }
    if let Some(release) = &seen.release {
        let room = area.right().saturating_sub(x);
        if room >= 8 {
            canvas.text(x, y, room, &short(release, room), Role::Dim);
        }
    }
}

/// The sign of a rollout: the worse of what is seen and what is judged. Only what was judged healthy,
/// or what nothing is there to judge by, is good.
fn standing(state: &State, seen: &Seen) -> (&'static str, Role) {
    let seen_sign = seen_as(state, seen);
    let rank = |role: Role| {
        [Role::Good, Role::Stale, Role::Unknown, Role::Attention, Role::Bad]
            .iter()
            .position(|known| *known == role)
            .unwrap_or(0)
    };
    match judge::word(state, seen) {
        judge::Word::Nothing => seen_sign,
        word => {
            let judged = super::judge::sign_of_word(word);
            if rank(judged.1) > rank(seen_sign.1) { judged } else { seen_sign }
        }
    }
}

/// The sign of what is seen of a rollout whose numbers are fresh: an alert about it since it began, a
/// way back, or nothing of the kind.
fn seen_as(state: &State, seen: &Seen) -> (&'static str, Role) {
    let about =
        state.monitor.index.alerts.iter().filter(|heard| !heard.is_muted() && alerts::concerns(heard, seen));
    let since = about.filter(|heard| heard.alert.since >= seen.since);
    let worst = since.map(|heard| heard.alert.state).min();
    let mut faces = alerts::backends(state).map(|name| state.remotes.alerts(name, state.now)).peekable();
    let asks_nobody = faces.peek().is_none();
    let knows_alerts =
        asks_nobody || faces.any(|face| matches!(face, Face::Fresh(alerts) if alerts.warnings.is_empty()));
    match (worst, seen.phase) {
        (Some(AlertState::Firing), _) => ("✖", Role::Bad),
        (Some(_), _) | (None, Phase::RollingBack | Phase::RolledBack) => ("▲", Role::Attention),
        (None, Phase::Unknown) => ("◌", Role::Unknown),
        (None, _) if !knows_alerts => ("◌", Role::Unknown),
        (None, _) => ("●", Role::Good),
    }
}

fn phase_role(phase: Phase) -> Role {
    match phase {
        Phase::Progressing | Phase::Paused => Role::Text,
        Phase::RollingBack | Phase::RolledBack => Role::Attention,
        Phase::Unknown => Role::Unknown,
        Phase::Completed => Role::Dim,
    }
}

fn since(seen: &Seen, end: DateTime<Utc>) -> String {
    let age = format::age(end - seen.since);
    if seen.began_before { format!(">{age}") } else { age }
}

/// A share over time in eighths of a cell's height; gaps are blank.
fn spark(shares: &[(DateTime<Utc>, Option<f64>)], width: usize) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let of_cell = |cell: usize| {
        let range = cell * shares.len() / width..((cell + 1) * shares.len() / width).min(shares.len());
        let latest = shares[range].iter().rev().find_map(|(_, share)| *share);
        latest.map_or(' ', |share| BLOCKS[(share.clamp(0.0, 1.0) * 7.0).round() as usize])
    };
    (0..width).map(of_cell).collect()
}

/// What keeps rollouts from being known well: sign, words, role. Environments with the same
/// trouble share a line.
fn troubles(state: &State) -> Vec<(&'static str, String, Role)> {
    let mut found: Vec<(&'static str, String, Role, Vec<&str>)> = Vec::new();
    for (environment, (sign, why, role)) in troubles_by_environment(state) {
        match found.iter_mut().find(|(_, other, ..)| *other == why) {
            Some((.., environments)) => environments.push(environment),
            None => found.push((sign, why, role, vec![environment])),
        }
    }
    let line = |(sign, why, role, environments): (_, String, _, Vec<&str>)| {
        (sign, format!("{}  {why}", environments.join(", ")), role)
    };
    found.into_iter().map(line).collect()
}

fn troubles_by_environment(state: &State) -> Vec<(&str, (&'static str, String, Role))> {
    let mut lines = Vec::new();
    for environment in environments(&state.workspace) {
        let history = state.remotes.history(&present_question(state, environment), state.now);
        let (sign, role) = face::mark(&history);
        match &history {
            Face::Fresh(history) => {
                if let Some(warning) = history.warnings.first() {
                    let line = ("▲", format!("partial answer: {warning}"), Role::Attention);
                    lines.push((environment, line));
                }
            }
            Face::Failed(trouble) => {
                lines.push((environment, (sign, face::why(trouble), role)));
            }
            Face::Stale { trouble, .. } => {
                let why = trouble.map(face::why).unwrap_or_default();
                lines.push((environment, (sign, format!("{}  {why}", face::word(&history)), role)));
            }
            Face::NotAsked | Face::Loading => {}
        }
    }
    lines
}

/// Why there is no rollout to see, and what would make one appear.
pub fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let filter = &state.monitor.filter;
    let total = state.monitor.index.rollouts.len();
    if total > 0 && !filter.is_empty() {
        let words = format!("none of {total} rollouts has “{filter}” in it");
        face::message(canvas, area, Role::Dim, &words, "Esc clears the filter.");
        return;
    }
    let faces: Vec<_> = environments(&state.workspace)
        .map(|environment| state.remotes.history(&present_question(state, environment), state.now))
        .collect();
    if faces.is_empty() {
        let hint = "A rollout is seen when an environment tells which versions run in it: give an \
                    [[environment]] in tminus.toml `versions`, a PromQL query, a file or a command.";
        face::message(canvas, area, Role::Title, "no environment says what runs in it", hint);
        return;
    }
    let known: Vec<_> =
        faces.iter().filter(|face| matches!(face, Face::Fresh(_) | Face::Stale { .. })).collect();
    if known.is_empty() {
        let failed = faces.iter().find_map(|face| match face {
            Face::Failed(trouble) => Some(face::why(trouble)),
            _ => None,
        });
        match failed {
            Some(why) => face::message(canvas, area, Role::Bad, "◌ what runs is not known", &why),
            None => face::message(canvas, area, Role::Dim, "asking what runs …", ""),
        }
        return;
    }
    let fleets = state.monitor.index.fleets.iter();
    let counted = fleets.map(|fleet| {
        let instances = format::number(fleet.instances);
        format!("{} {} services, {instances} instances", fleet.environment, fleet.services)
    });
    let counted = counted.collect::<Vec<_>>().join(" · ");
    let window = state.monitor.window.length();
    let all_fresh = faces.iter().all(|face| matches!(face, Face::Fresh(_)));
    let in_part = faces.iter().any(|face| value_of(face).is_some_and(|it| !it.warnings.is_empty()));
    // Where nothing at all is seen, the source may have lost what it knew.
    let is_empty = state.monitor.index.fleets.iter().any(|fleet| fleet.services == 0);
    // A file or a command tells of now alone: a share that changed before is not seen.
    let has_past = faces.iter().all(|face| value_of(face).is_some_and(|history| history.times.len() > 1));
    let (title, role) = match (all_fresh, has_past) {
        (true, _) if in_part => {
            (format!("▲ no rollout known within {window}: what runs is told in part"), Role::Attention)
        }
        (true, _) if is_empty => ("◌ no rollout is seen, and nothing that runs".to_owned(), Role::Unknown),
        (true, true) => (format!("● no rollout within {window}"), Role::Good),
        (true, false) => ("◌ no rollout now; what was before is not known".to_owned(), Role::Unknown),
        (false, _) => (format!("≈ no rollout known within {window}"), Role::Stale),
    };
    let keys = named(Context::Monitor, "zoom-out").map(|command| canvas.keymap.labels(command));
    let key = keys.and_then(|keys| keys.into_iter().next()).map(|key| format!(" {key} looks at more time."));
    let hint = format!(
        "{counted}. A rollout appears here when a service runs more than one version in an environment, \
         or when a version's share changes.{}",
        key.unwrap_or_default()
    );
    face::message(canvas, area, role, &title, &hint);
    let below = troubles(state);
    let rows = (below.len() as u16).min(area.height / 4);
    for ((sign, words, role), y) in below.iter().take(usize::from(rows)).zip(area.bottom() - rows..) {
        canvas.text(area.x, y, area.width, &format!("{sign} {words}"), *role);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spark_keeps_its_gaps() {
        let at = DateTime::UNIX_EPOCH;
        let shares = [Some(0.0), Some(0.5), None, Some(1.0)].map(|share| (at, share));
        assert_eq!(spark(&shares, 4), "▁▅ █");
        assert_eq!(spark(&[], 3), "   ");
    }
}
