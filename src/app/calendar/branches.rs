//! Frozen branches in the calendar: whether freezes on screen were kept, and what landed.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Row, Said, Selected, What, selecting};
use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::frozen::{BranchLog, Excuses, Frozen, Rewritten, is_kept, unauthorised};
use crate::domain::recurrence::{Occurrence, occurrences};
use crate::domain::{Answer, Face, Question, Window, WindowKind};

/// Repositories looked at for freezes on screen.
const MOST_QUESTIONS: usize = 24;
/// Commits named in the details of each branch.
const NAMED: usize = 8;

/// Whether a freeze's branches were kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It watches no branch, or has not begun.
    NotWatched,
    /// All were.
    Yes,
    /// So many commits landed that nothing excuses, branches that were rewritten among them.
    No(usize),
    /// It is not known of all of them.
    Unknown,
}

/// The questions about freezes on screen and the selected one.
pub fn wanted(state: &State) -> Vec<Question> {
    let mut wanted = Vec::new();
    for (window, start) in on_screen(state) {
        if let Some(frozen) = begun(state, window, start) {
            wanted.extend(frozen.questions(&state.workspace, DateTime::<Utc>::MAX_UTC));
        }
        if wanted.len() >= MOST_QUESTIONS {
            break;
        }
    }
    wanted.truncate(MOST_QUESTIONS);
    wanted
}

fn on_screen(state: &State) -> Vec<(&Window, DateTime<Utc>)> {
    let mut found = Vec::new();
    if let Some(Selected::Window { window, start }) = &state.calendar.selected {
        found.extend(state.workspace.windows.iter().find(|it| it.id == *window).map(|it| (it, *start)));
    }
    let watched = |window: &&Window| window.kind == WindowKind::Freeze && !window.branches.is_empty();
    if state.workspace.windows.iter().any(|window| watched(&window)) {
        let (from, to) = selecting::period(state);
        found.extend(state.calendar.timeline.touching(from, to).filter_map(|mark| match mark.what {
            What::Window(index) => {
                state.workspace.windows.get(index as usize).filter(watched).map(|window| (window, mark.start))
            }
            _ => None,
        }));
    }
    found
}

/// The occurrence of a freeze with branches, where it has begun.
fn begun<'a>(state: &'a State, window: &'a Window, start: DateTime<Utc>) -> Option<Frozen<'a>> {
    let is_watched = window.kind == WindowKind::Freeze && !window.branches.is_empty();
    if !is_watched || start > state.now.wall {
        return None;
    }
    let found: Vec<Occurrence> = occurrences(window, start, start + TimeDelta::seconds(1)).ok()?;
    let occurrence = found.into_iter().find(|occurrence| occurrence.start == start)?;
    Some(Frozen { window, occurrence })
}

/// Whether a freeze that begins at an instant was kept so far.
pub fn kept(state: &State, window: &Window, start: DateTime<Utc>) -> Kept {
    let Some(frozen) = begun(state, window, start) else { return Kept::NotWatched };
    let questions = frozen.questions(&state.workspace, DateTime::<Utc>::MAX_UTC);
    let (mut landed, mut unknown) = (0, questions.is_empty());
    for question in &questions {
        let face = state.remotes.face(question, state.now);
        unknown |= !matches!(face, Face::Fresh(_));
        let Some(Answer::FrozenBranches(logs)) = value_of(&face) else { continue };
        for log in logs {
            landed += unauthorised(&state.workspace, window, log);
            landed += usize::from(matches!(log.rewritten, Rewritten::Yes { .. }));
            unknown |= is_kept(&state.workspace, window, log).is_none();
        }
    }
    match (landed, unknown) {
        (1.., _) => Kept::No(landed),
        (0, true) => Kept::Unknown,
        (0, false) => Kept::Yes,
    }
}

/// The part of a freeze's details that tells of its branches.
pub fn rows(state: &State, window: &Window, start: DateTime<Utc>) -> Vec<Row> {
    if window.branches.is_empty() {
        return Vec::new();
    }
    let globs = window.branches.join(", ");
    let mut rows = vec![Vec::new(), vec![("frozen branches  ".into(), Said::Dim), (globs, Said::Text)]];
    let Some(frozen) = begun(state, window, start) else {
        rows.push(vec![("watched from its beginning on".into(), Said::Dim)]);
        return rows;
    };
    let services: Vec<_> = frozen.services(&state.workspace).collect();
    if services.is_empty() {
        let words = "◌ no service it applies to names a repository".to_owned();
        rows.push(vec![(words, Said::Unknown)]);
    }
    for service in services {
        let question = frozen.question(&service.id, frozen.occurrence.end);
        match state.remotes.face(&question, state.now) {
            Face::NotAsked | Face::Loading => {
                rows.push(vec![(format!("{}  reading …", service.id), Said::Dim)]);
            }
            Face::Failed(trouble) => {
                let words = format!("◌ {}  {}", service.id, trouble.failure.kind.word());
                rows.push(vec![(words, Said::Unknown)]);
                rows.push(vec![(format!("  {}: {}", trouble.failure.what, trouble.failure.mend), Said::Dim)]);
            }
            Face::Fresh(answer) => logs(state, &mut rows, window, &service.id, answer),
            Face::Stale { value, age, .. } => {
                let age = super::length(TimeDelta::from_std(age).unwrap_or_default());
                rows.push(vec![(format!("≈ {}  read {age} ago", service.id), Said::Stale)]);
                logs(state, &mut rows, window, &service.id, value);
            }
        }
    }
    rows.push(vec![("by committer date, along first parents".into(), Said::Dim)]);
    rows
}

fn logs(state: &State, rows: &mut Vec<Row>, window: &Window, service: &str, answer: &Answer) {
    let Answer::FrozenBranches(logs) = answer else { return };
    for log in logs {
        log_rows(state, rows, window, service, log);
    }
}

fn log_rows(state: &State, rows: &mut Vec<Row>, window: &Window, service: &str, log: &BranchLog) {
    let landed = log.commits.len() + log.more;
    let found = unauthorised(&state.workspace, window, log);
    let (words, said) = match (landed, found) {
        (0, _) => (format!("● {} of {service}  nothing landed", log.name), Said::Good),
        (_, 0) => (format!("● {} of {service}  {landed} landed, all excused", log.name), Said::Good),
        _ => (format!("✖ {} of {service}  {landed} landed, {found} UNAUTHORISED", log.name), Said::Attention),
    };
    rows.push(vec![(words, said)]);
    match &log.rewritten {
        Rewritten::No => {}
        Rewritten::Yes { lost, .. } => {
            let words = format!("  ✖ REWRITTEN: {lost} that it held when the freeze began are gone");
            rows.push(vec![(words, Said::Attention)]);
        }
        Rewritten::Unknown => {
            rows.push(vec![("  whether it was rewritten is not known".into(), Said::Dim)]);
        }
    }
    if let Some(late @ 1..) = log.late {
        let words = format!("  ▲ {late} dated before the freeze came after it began");
        rows.push(vec![(words, Said::Attention)]);
    }
    for warning in &log.warnings {
        rows.push(vec![(format!("  ◌ {warning}"), Said::Unknown)]);
    }
    let excuses = Excuses::new(&state.workspace, window);
    for commit in log.commits.iter().take(NAMED) {
        let excuse = excuses.of(commit);
        let short: String = commit.id.chars().take(8).collect();
        let at = commit.committed.with_timezone(&state.zone).format("%a %-d %b %H:%M");
        let said = if excuse.is_some() { Said::Text } else { Said::Attention };
        rows.push(vec![(format!("  {short}  {at}  "), Said::Dim), (commit.author.to_string(), said)]);
        let merge = if commit.merge { "merge: " } else { "" };
        rows.push(vec![(format!("    {merge}{}", commit.subject), Said::Text)]);
        let verdict = excuse.map_or_else(|| "UNAUTHORISED".to_owned(), |excuse| excuse.sentence());
        rows.push(vec![(format!("    {verdict}"), if said == Said::Text { Said::Dim } else { said })]);
        if let Some(dispute) = commit.dispute {
            rows.push(vec![(format!("    ▲ {}", dispute.sentence()), Said::Attention)]);
        }
    }
    let rest = landed.saturating_sub(NAMED);
    if rest > 0 {
        rows.push(vec![(format!("  and {rest} more: tminus branches"), Said::Dim)]);
    }
}
