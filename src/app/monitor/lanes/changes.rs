//! Everything that changed, as the correlation looks at it: rollouts of a day, commits, changes of
//! the workspace, tickets and silences.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::correlation::{Change, ChangeKind};
use crate::domain::rollout::EventKind;
use crate::domain::silence::{Sign, request};
use crate::domain::{Question, format};

use super::super::rollouts::Seen;
use super::super::{selected, silences};
use super::facts::{commits_of, tickets_of};

/// Two answers that look at the same rollout through grids of their own see it begin this far apart
/// at most.
const SAME: TimeDelta = TimeDelta::minutes(6);

/// Everything up to the window's end.
pub fn all(state: &State) -> Vec<Change> {
    let index = &state.monitor.index;
    let mut all: Vec<Change> = index.rollouts.iter().flat_map(of_rollout).collect();
    // The day's answer reaches further back; of what both show the finer one tells when.
    for change in index.day.iter().flat_map(of_rollout) {
        let is_known = |known: &Change| {
            known.kind == change.kind
                && known.service == change.service
                && known.environment == change.environment
                && known.region == change.region
                && known.what == change.what
                && (known.at - change.at).abs() <= SAME
        };
        if !all.iter().any(is_known) {
            all.push(change);
        }
    }
    all.extend(
        configuration(state)
            .into_iter()
            .map(|(at, what)| Change { kind: ChangeKind::Configuration, ..of_nothing(at, what) }),
    );
    all.extend(commits(state));
    all.extend(tickets(state));
    all.extend(of_silences(state));
    let end = state.monitor.window.end(state.now.wall);
    all.retain(|change| change.at <= end);
    all
}

fn of_nothing(at: DateTime<Utc>, what: String) -> Change {
    Change { at, kind: ChangeKind::Configuration, service: None, environment: None, region: None, what }
}

fn of_rollout(seen: &Seen) -> Vec<Change> {
    let (service, to) = (&seen.key.service, &seen.key.to);
    let change = |event: &crate::domain::rollout::Event| {
        let (kind, what) = match &event.kind {
            EventKind::Appeared(version) => (ChangeKind::Deployment, format!("{service} {version}")),
            EventKind::ShareMoved { from, to: share } if share > from && *from > 0.0 => {
                (ChangeKind::Step, format!("{service} {to} at {}", format::share(*share)))
            }
            EventKind::RolledBack => (ChangeKind::Rollback, format!("{service} back from {to}")),
            EventKind::ShareMoved { .. } | EventKind::Completed => return None,
        };
        Some(Change {
            kind,
            service: Some(service.clone()),
            environment: Some(seen.key.environment.clone()),
            region: seen.key.region.clone(),
            ..of_nothing(event.at, what)
        })
    };
    seen.events.iter().filter_map(change).collect()
}

/// What the selected rollout's version brings.
fn commits(state: &State) -> Vec<Change> {
    let Some(seen) = selected(state) else { return Vec::new() };
    let Some(question) = commits_of(state, seen) else { return Vec::new() };
    let face = state.remotes.changes(&question, state.now);
    let commits = value_of(&face).into_iter().flat_map(|changes| &changes.commits);
    let of_commit = |commit: &crate::domain::question::Commit| Change {
        kind: ChangeKind::Commit,
        service: Some(seen.key.service.clone()),
        ..of_nothing(commit.at, format!("commit {}", commit.subject))
    };
    commits.map(of_commit).collect()
}

/// The release's tickets: the last time each was changed is all the tracker tells.
fn tickets(state: &State) -> Vec<Change> {
    let Some(seen) = selected(state) else { return Vec::new() };
    let Some(Question::Tracker { release }) = tickets_of(state, seen) else { return Vec::new() };
    let face = state.remotes.tracker(&release, state.now);
    let open = value_of(&face).into_iter().flat_map(|version| version.open.iter().flatten());
    let of_ticket = |ticket: &crate::domain::question::Ticket| {
        let what = format!("ticket {} {}", ticket.key, ticket.status);
        Some(Change { kind: ChangeKind::Ticket, ..of_nothing(ticket.updated?, what) })
    };
    open.filter_map(of_ticket).collect()
}

/// Silences that began, and those that ended: what was quiet may be heard from then on.
fn of_silences(state: &State) -> Vec<Change> {
    let mut changes = Vec::new();
    for told in silences::all(state) {
        let silence = told.silence;
        let of = |names: &[&str]| {
            let fits = silence
                .matchers
                .iter()
                .find(|matcher| matcher.sign == Sign::Equal && names.contains(&matcher.name.as_str()));
            fits.map(|matcher| matcher.value.to_string())
        };
        let what = request::list(&silence.matchers);
        for (at, word) in [(silence.starts, "began"), (silence.ends, "ended")] {
            changes.push(Change {
                at,
                kind: ChangeKind::Silence,
                service: of(&["service", "app"]),
                environment: of(&["environment", "env"]),
                region: of(&["region"]),
                what: format!("silence of {what} by {} {word}", silence.by),
            });
        }
    }
    changes
}

/// Changes of the workspace's files: commits of its repository, and edits made here that no commit
/// may hold yet; newest first.
pub fn configuration(state: &State) -> Vec<(DateTime<Utc>, String)> {
    let face = state.remotes.changes(&Question::WorkspaceChanges, state.now);
    let commits = value_of(&face).into_iter().flat_map(|changes| &changes.commits);
    let mut all: Vec<(DateTime<Utc>, String)> =
        commits.map(|commit| (commit.at, format!("{}  {}", commit.subject, commit.author))).collect();
    let edits = state.history.journal().iter();
    all.extend(edits.map(|edit| (edit.time, format!("{}  {}", edit.title, edit.file))));
    all.sort_by(|one, other| other.cmp(one));
    all
}
