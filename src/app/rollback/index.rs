//! What can be brought back, in the order in which it is looked for. Sorted once a reading of
//! the workspace; a frame only walks it.

use chrono::{DateTime, Utc};

use crate::app::{self, remotes};
use crate::domain::question::Running;
use crate::domain::{Release, Status, Workspace};

use super::subject::RolloutId;

/// Releases by how near their way back is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Index {
    /// Those that can still happen, by their first start; what is under way counts as begun.
    live: Vec<(DateTime<Utc>, usize)>,
    /// Completed ones, the latest end first.
    done: Vec<(DateTime<Utc>, usize)>,
}

/// Which part of the list an entry stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// It is out there now, at least in part.
    UnderWay,
    /// Two versions run, and no release says why.
    NoRelease,
    /// Completed.
    Done,
    /// Its first stage is still to come.
    Planned,
}

impl Section {
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::UnderWay => "UNDER WAY",
            Self::NoRelease => "SEEN, BUT IN NO RELEASE",
            Self::Done => "COMPLETED",
            Self::Planned => "TO COME",
        }
    }
}

/// One thing that can be brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A release, by its place in the workspace.
    Release(usize),
    /// A service of which two versions run, and no release knows.
    Rollout(RolloutId),
}

impl Index {
    /// Sorts a workspace's releases.
    pub fn new(workspace: &Workspace) -> Self {
        let mut index = Self::default();
        for (place, release) in workspace.releases.iter().enumerate() {
            let begins = release.stages.iter().map(|stage| stage.start).min();
            let ends = release.stages.iter().map(|stage| stage.end).max();
            match release.status {
                Status::InProgress | Status::Paused => {
                    index.live.push((begins.unwrap_or(DateTime::<Utc>::MIN_UTC), place));
                }
                Status::Completed => index.done.push((ends.unwrap_or(DateTime::<Utc>::MIN_UTC), place)),
                Status::RolledBack | Status::Cancelled => {}
                _ => index.live.push((begins.unwrap_or(DateTime::<Utc>::MAX_UTC), place)),
            }
        }
        index.live.sort_unstable();
        index.done.sort_unstable_by(|a, b| b.cmp(a));
        index
    }

    /// Completed releases, the latest end first.
    pub fn done<'a>(&'a self, workspace: &'a Workspace) -> impl Iterator<Item = &'a Release> {
        self.done.iter().filter_map(|(_, place)| workspace.releases.get(*place))
    }

    /// The place of the release to speak of when nobody has chosen one: what began last, else
    /// what was completed last, else what comes first.
    pub fn first(&self, now: DateTime<Utc>) -> Option<usize> {
        let begun = self.live.iter().rev().find(|(begins, _)| *begins <= now);
        begun.or(self.done.first()).or(self.live.first()).map(|(_, place)| *place)
    }

    /// What is listed now, under the panel's filter.
    pub fn entries(&self, state: &app::State) -> Vec<(Section, Entry)> {
        let workspace = &state.workspace;
        let filter = Filter::new(&state.rollback.filter);
        let wanted = |place: &usize| {
            filter.is_empty() || workspace.releases.get(*place).is_some_and(|release| filter.takes(release))
        };
        let under_way = |(begins, place): &&(DateTime<Utc>, usize)| {
            is_under_way(workspace, *begins, *place, state.now.wall)
        };
        let places = |section: Section, list: Vec<usize>| {
            list.into_iter()
                .filter(wanted)
                .map(move |place| (section, Entry::Release(place)))
                .collect::<Vec<_>>()
        };
        let live: Vec<usize> = self.live.iter().filter(under_way).map(|(_, place)| *place).rev().collect();
        let to_come = self.live.iter().filter(|entry| !under_way(entry)).map(|(_, place)| *place).collect();
        let done = self.done.iter().map(|(_, place)| *place).collect();
        let seen = unexplained(state).into_iter().filter(|rollout| {
            filter.is_empty() || filter.all_in(&[rollout.service.as_str(), rollout.environment.as_str()])
        });
        let mut entries = places(Section::UnderWay, live);
        entries.extend(seen.map(|rollout| (Section::NoRelease, Entry::Rollout(rollout))));
        entries.extend(places(Section::Done, done));
        entries.extend(places(Section::Planned, to_come));
        entries
    }
}

fn is_under_way(workspace: &Workspace, begins: DateTime<Utc>, place: usize, now: DateTime<Utc>) -> bool {
    let status = workspace.releases.get(place).map(|release| release.status);
    begins <= now || matches!(status, Some(Status::InProgress | Status::Paused))
}

/// Services of which two versions run somewhere, where no live release goes there with them.
fn unexplained(state: &app::State) -> Vec<RolloutId> {
    let mut seen = Vec::new();
    for environment in &state.workspace.environments {
        let face = state.remotes.running(&environment.id, state.now);
        let Some(running) = remotes::value_of(&face) else { continue };
        for service in mixed(running) {
            let id = RolloutId { environment: environment.id.clone(), service: service.to_owned() };
            if !is_explained(state, &id, running) {
                seen.push(id);
            }
        }
    }
    seen
}

fn mixed(running: &Running) -> impl Iterator<Item = &str> {
    let services = running.services.iter().filter(|(_, shares)| shares.len() > 1);
    services.map(|(service, _)| service.as_str())
}

fn is_explained(state: &app::State, id: &RolloutId, running: &Running) -> bool {
    let versions = &running.services[&id.service];
    let index = &state.rollback.index;
    index.live.iter().chain(&index.done).filter_map(|(_, place)| state.workspace.releases.get(*place)).any(
        |release| {
            let brings = release.version_of(&id.service);
            brings.is_some_and(|version| versions.iter().any(|share| share.version.as_str() == version))
                && release.stages.iter().any(|stage| {
                    let near =
                        release.is_live() || stage.touches(state.now.wall - SOON, state.now.wall + SOON);
                    stage.environment == id.environment && near
                })
        },
    )
}

/// A completed release still explains what is seen around its stages.
const SOON: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// A filter's words, made ready to be looked for in thousands of releases a frame.
struct Filter {
    words: Vec<String>,
}

impl Filter {
    fn new(text: &str) -> Self {
        Self { words: text.split_whitespace().map(str::to_lowercase).collect() }
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn takes(&self, release: &Release) -> bool {
        self.words.iter().all(|word| {
            [release.id.as_str(), release.title.as_str(), release.status.word()]
                .into_iter()
                .chain(release.services())
                .any(|text| holds(text, word))
        })
    }

    fn all_in(&self, texts: &[&str]) -> bool {
        self.words.iter().all(|word| texts.iter().any(|text| holds(text, word)))
    }
}

/// Whether a text holds a word that is in lower case already.
fn holds(text: &str, word: &str) -> bool {
    if text.is_ascii() && word.is_ascii() {
        let mut windows = text.as_bytes().windows(word.len());
        return windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    }
    text.to_lowercase().contains(word)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;
    use chrono_tz::Tz;

    use super::*;
    use crate::app::state::Look;
    use crate::app::{Message, State, update};
    use crate::domain::{ChangeType, Now, Stage};

    fn release(id: &str, status: Status, hours: i64) -> Release {
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(100) + TimeDelta::hours(hours);
        Release {
            id: id.into(),
            title: id.to_uppercase(),
            change: ChangeType::Normal,
            status,
            owner: None,
            tracker: None,
            items: Vec::new(),
            stages: vec![Stage {
                environment: "production".into(),
                region: None,
                start,
                end: start + TimeDelta::hours(1),
                time_zone: Tz::UTC,
                strategy: None,
                steps: Vec::new(),
                soak: None,
            }],
            checks: Vec::new(),
            exceptions: Vec::new(),
            notes: None,
            show: crate::domain::show::RunOfShow::default(),
            watch: crate::domain::stabilisation::Plan::default(),
        }
    }

    fn open() -> State {
        let now = Now { wall: DateTime::UNIX_EPOCH + TimeDelta::days(100), ..Now::default() };
        let releases = vec![
            release("a-soon", Status::Planned, 2),
            release("b-old", Status::Completed, -90),
            release("c-going", Status::InProgress, 5),
            release("d-later", Status::Approved, 9),
            release("e-begun", Status::Planned, -1),
            release("f-new", Status::Completed, -3),
            release("g-gone", Status::Cancelled, -2),
        ];
        let mut state = State::new(now, Tz::UTC, Look::default());
        let workspace = Workspace { releases, ..Workspace::default() };
        update(&mut state, now, Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
        state
    }

    fn listed(state: &State) -> Vec<(Section, &str)> {
        let entries = state.rollback.index.entries(state);
        let id = |entry: Entry| match entry {
            Entry::Release(place) => state.workspace.releases[place].id.as_str(),
            Entry::Rollout(_) => "rollout",
        };
        entries.into_iter().map(|(section, entry)| (section, id(entry))).collect()
    }

    #[test]
    fn what_is_out_there_comes_first_then_what_was_completed_last() {
        assert_eq!(
            listed(&open()),
            [
                (Section::UnderWay, "c-going"),
                (Section::UnderWay, "e-begun"),
                (Section::Done, "f-new"),
                (Section::Done, "b-old"),
                (Section::Planned, "a-soon"),
                (Section::Planned, "d-later"),
            ]
        );
    }

    #[test]
    fn a_release_whose_stage_begins_goes_under_way_by_itself() {
        let mut state = open();
        state.now.wall += TimeDelta::hours(3);
        assert!(listed(&state).contains(&(Section::UnderWay, "a-soon")));
    }

    #[test]
    fn a_filter_needs_every_word_in_any_case() {
        let mut state = open();
        state.rollback.filter = "completed F-N".into();
        assert_eq!(listed(&state), [(Section::Done, "f-new")]);
        assert!(holds("ÜBERGANG", "über") && !holds("a", "ab"));
    }
}
