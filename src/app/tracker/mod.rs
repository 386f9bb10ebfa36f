//! The tracker beside the plan, in the cockpit: versions that nobody planned, what differs, and
//! dates that are brought over there.

pub mod list;
pub mod push;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};

use super::calendar::Selected;
use super::state::Tone;
use super::{Effect, State, update};
use crate::domain::question::TrackerVersion;
use crate::domain::release::TrackerRef;
use crate::domain::tracker::{
    Difference, Project, Push, Pushed, State as Standing, Wishes, adopt, compare, projects,
};
use crate::domain::{Answer, Edit, Face, Question};

pub use list::List;
pub use push::{Dialog, Phase};

/// Projects that are asked about; more than any team looks at.
const MOST_PROJECTS: usize = 16;

/// What is known of the tracker beside the plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tracked {
    /// The projects the workspace uses.
    projects: Vec<Project>,
    /// Versions to come, and those that differ, by date and name.
    pub rows: Vec<Row>,
    /// Versions that nobody planned and that have a date, as the calendar shows them.
    pub unplanned: Vec<Unplanned>,
    /// A change on its way.
    sending: Option<Push>,
    /// The person was told that leaving now would leave its outcome unknown.
    warned: bool,
    /// What became of changes that did not go well, until they are tried again.
    troubles: BTreeMap<TrackerRef, String>,
    /// Adoptions on their way: the edit's number, and what the person should know.
    adopting: Vec<(u64, Vec<String>)>,
}

/// A version: there, here, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which.
    pub reference: TrackerRef,
    /// As the tracker had it; `None`: it has no such version.
    pub version: Option<TrackerVersion>,
    /// The release that names it.
    pub release: Option<String>,
    /// The date the release's plan ends on, in the workspace's zone.
    pub ends: Option<NaiveDate>,
    /// Where the two differ.
    pub differences: Vec<Difference>,
}

/// A version that nobody planned, on its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplanned {
    /// Which.
    pub reference: TrackerRef,
    /// Its release date there: a civil date, the same in every zone.
    pub date: NaiveDate,
}

/// The questions whose answers tell of the tracker.
pub fn wanted(state: &State) -> Vec<Question> {
    state.tracker.projects.iter().take(MOST_PROJECTS).map(question).collect()
}

fn question(project: &Project) -> Question {
    Question::TrackerVersions { backend: project.backend.clone(), project: project.key.clone() }
}

/// The workspace was read anew.
pub fn reconcile(state: &mut State) {
    state.tracker.projects = projects(&state.workspace);
    compare_all(state);
}

/// A question was answered or refused. Whether what the calendar shows changed by it.
pub fn answered(state: &mut State, asked: &Question) -> bool {
    let Question::TrackerVersions { .. } = asked else { return false };
    let before = std::mem::take(&mut state.tracker.unplanned);
    compare_all(state);
    before != state.tracker.unplanned
}

fn compare_all(state: &mut State) {
    let (mut rows, mut unplanned) = (Vec::new(), Vec::new());
    for project in &state.tracker.projects {
        let Some(Answer::TrackerVersions(versions)) = state.remotes.last(&question(project)) else {
            continue;
        };
        for standing in compare(&state.workspace, project, versions) {
            if let (true, Some(version)) = (standing.is_unplanned(), standing.version)
                && let Some(date) = version.release_date
            {
                unplanned.push(Unplanned { reference: standing.reference.clone(), date });
            }
            let to_come =
                standing.version.is_some_and(|version| Standing::of(version) == Standing::Unreleased);
            if to_come || !standing.differences.is_empty() {
                rows.push(Row {
                    release: standing.release.map(|release| release.id.clone()),
                    version: standing.version.cloned(),
                    reference: standing.reference,
                    ends: standing.ends,
                    differences: standing.differences,
                });
            }
        }
    }
    rows.sort_by_cached_key(|row| {
        let date = row.version.as_ref().and_then(|version| version.release_date).or(row.ends);
        (date.is_none(), date, row.reference.clone(), row.release.clone())
    });
    unplanned
        .sort_by(|one: &Unplanned, other| (one.date, &one.reference).cmp(&(other.date, &other.reference)));
    let before = std::mem::replace(&mut state.tracker.rows, rows);
    list::keep_place(state, &before);
    state.tracker.unplanned = unplanned;
}

/// What is known of a version.
pub fn row<'a>(state: &'a State, reference: &TrackerRef) -> Option<&'a Row> {
    state.tracker.rows.iter().find(|row| row.reference == *reference)
}

/// A version as the tracker had it last.
fn version<'a>(state: &'a State, reference: &TrackerRef) -> Option<&'a TrackerVersion> {
    let project = Project { backend: reference.backend.clone(), key: reference.project.clone() };
    let Some(Answer::TrackerVersions(versions)) = state.remotes.last(&question(&project)) else {
        return None;
    };
    versions.iter().find(|version| version.name.as_str() == reference.version)
}

/// Where a release and its version differ.
pub fn differences<'a>(state: &'a State, release: &str) -> &'a [Difference] {
    let row = state.tracker.rows.iter().find(|row| row.release.as_deref() == Some(release));
    row.map_or(&[], |row| &row.differences)
}

/// What went wrong with the last change of a version.
pub fn trouble<'a>(state: &'a State, reference: &TrackerRef) -> Option<&'a str> {
    state.tracker.troubles.get(reference).map(String::as_str)
}

/// How the answer about a version's project looks: `None`, it is fresh.
pub fn doubt(state: &State, reference: &TrackerRef) -> Option<String> {
    let project = Project { backend: reference.backend.clone(), key: reference.project.clone() };
    let asked = question(&project);
    match state.remotes.face(&asked, state.now) {
        Face::Fresh(_) => None,
        Face::NotAsked | Face::Loading => Some("not read yet".to_owned()),
        Face::Failed(trouble) => Some(format!("not known: {}", trouble.failure.kind.word())),
        Face::Stale { age, trouble, .. } => {
            let age = super::calendar::length(TimeDelta::from_std(age).unwrap_or_default());
            let why = trouble.map(|trouble| format!(", {}", trouble.failure.kind.word())).unwrap_or_default();
            Some(format!("read {age} ago{why}"))
        }
    }
}

/// What keeps the tracker's part of the calendar from being whole; `None`: all is well.
pub fn news(state: &State) -> Option<String> {
    state.tracker.projects.iter().take(MOST_PROJECTS).find_map(|project| {
        let name = format!("{} of {}", project.key, project.backend);
        match state.remotes.face(&question(project), state.now) {
            Face::Failed(trouble) => Some(format!("◌ {name} {}", trouble.failure.kind.word())),
            Face::Stale { trouble: Some(trouble), .. } => {
                Some(format!("≈ {name} {}", trouble.failure.kind.word()))
            }
            _ => None,
        }
    })
}

/// Plans the selected version of the tracker as a draft.
pub fn adopt_selected(state: &mut State) -> Vec<Effect> {
    if let Some(Selected::Version { reference }) = state.calendar.selected.clone() {
        return adopt_version(state, &reference);
    }
    let words = "select a version of the tracker that is not planned (◇), or open the list with I";
    state.say(Tone::Refused, words);
    Vec::new()
}

/// Plans a version of the tracker as a draft.
fn adopt_version(state: &mut State, reference: &TrackerRef) -> Vec<Effect> {
    let Some(version) = row(state, reference).and_then(|row| row.version.clone()) else {
        state.say(Tone::Refused, format!("{reference} is not known any more"));
        return Vec::new();
    };
    match adopt(&state.workspace, reference, &version, &Wishes::default()) {
        Ok(adoption) => {
            let effects = update::save(state, Edit::AddRelease(adoption.new));
            let numbers = effects.iter().filter_map(|effect| match effect {
                Effect::Save { number, .. } => Some(*number),
                _ => None,
            });
            state.tracker.adopting.extend(numbers.map(|number| (number, adoption.notices.clone())));
            effects
        }
        Err(why) => {
            state.say(Tone::Refused, why.to_string());
            Vec::new()
        }
    }
}

/// What the person should know of an adoption that was saved.
pub fn notices(state: &mut State, number: u64) -> Vec<String> {
    let adopting = &mut state.tracker.adopting;
    let found = adopting.iter().position(|(saving, _)| *saving == number);
    found.map(|index| adopting.swap_remove(index).1).unwrap_or_default()
}

/// Whether a change is on its way.
pub fn is_sending(state: &State) -> bool {
    state.tracker.sending.is_some()
}

/// Leaves the cockpit; while a change is on its way only when asked a second time.
pub fn leave(state: &mut State) -> Vec<Effect> {
    match &state.tracker.sending {
        Some(push) if !state.tracker.warned => {
            let word = push.word();
            state.tracker.warned = true;
            let words = format!("{word} is on its way to the tracker: q again leaves without its outcome");
            state.say(Tone::Refused, words);
            Vec::new()
        }
        _ => vec![Effect::Quit],
    }
}

/// A change of the tracker ended.
pub fn pushed(state: &mut State, push: &Push, outcome: Pushed) {
    state.tracker.sending = None;
    state.tracker.warned = false;
    // What is there now is asked at once, whatever became of it.
    let project = Project { backend: push.reference.backend.clone(), key: push.reference.project.clone() };
    state.overdue.insert(question(&project));
    state.overdue.insert(Question::Tracker { release: push.release.clone() });
    let words = outcome.sentence(push);
    let tone = if matches!(outcome, Pushed::Written { .. }) { Tone::Done } else { Tone::Refused };
    if tone == Tone::Refused {
        state.tracker.troubles.insert(push.reference.clone(), words.clone());
    }
    if !push::ended(state, push, outcome) || tone == Tone::Done {
        state.say(tone, words);
    }
}

/// The list as JSON.
pub fn snapshot(state: &State) -> Value {
    let zone = state.workspace.time_zone;
    let rows = state.tracker.rows.iter().map(|row| {
        let version = row.version.as_ref();
        json!({
            "tracker": row.reference.to_string(),
            "state": version.map(|version| Standing::of(version).word()),
            "release_date": version.and_then(|version| version.release_date),
            "release": row.release,
            "plan_ends": row.ends,
            "differences": row.differences.iter().map(|it| it.sentence(zone)).collect::<Vec<_>>(),
            "doubt": doubt(state, &row.reference),
        })
    });
    rows.collect()
}
