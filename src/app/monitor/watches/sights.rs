//! What was seen of the releases that may be in their watch: read out of a history that reaches
//! back as far as a watch lasts, once an answer.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::State as Cockpit;
use crate::app::monitor::rollouts::{self, Key, Seen as Rollout};
use crate::app::remotes::value_of;
use crate::domain::question::{RunningHistory, Span};
use crate::domain::release::Item;
use crate::domain::rollout::{EventKind, Phase, Since};
use crate::domain::stabilisation::{REMEMBERED, Seen, can_be_watched, environments, seen};
use crate::domain::version::same_version;
use crate::domain::{Face, Question, Release, Safe, Stage};

use super::Id;

/// Stages may be this much later or earlier than planned and are still found.
const SLACK: TimeDelta = TimeDelta::days(1);
/// Points of the history.
const POINTS: u32 = 480;
/// It reaches back no further, in seconds.
const LONGEST: i64 = 14 * 86_400;
/// Without an answer the sights are made again after this long: stages end as time goes on.
const ANEW: Duration = Duration::from_mins(1);

/// What was seen of a release's version at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    /// The version as it is seen there, or as the release names it.
    pub version: Safe,
    /// When its stage ends, as planned.
    pub planned_end: DateTime<Utc>,
    /// What was seen.
    pub seen: Seen,
    /// The rollout that brought it, where the history has it.
    pub rollout: Option<Rollout>,
}

/// The releases that may be in their watch, each with the stages that count.
fn candidates(state: &Cockpit) -> impl Iterator<Item = (&Release, &Stage)> {
    let now = state.now.wall;
    let releases = state.workspace.releases.iter().filter(|release| can_be_watched(release));
    releases.flat_map(move |release| {
        let lasts = release.watch.length + REMEMBERED + SLACK;
        let near = release
            .stages
            .iter()
            .filter(move |stage| stage.start - SLACK <= now && stage.end + lasts >= now)
            .filter(|stage| environments(release).contains(&stage.environment.as_str()));
        near.map(move |stage| (release, stage))
    })
}

/// The questions for what ran where somebody may watch.
fn questions(state: &Cockpit) -> Vec<Question> {
    let known: BTreeSet<&str> = rollouts::environments(&state.workspace).collect();
    let (mut longest, mut places) = (0, BTreeSet::new());
    for (release, stage) in candidates(state) {
        longest = longest.max((release.watch.length + REMEMBERED).num_seconds());
        places.extend(known.get(stage.environment.as_str()));
    }
    let seconds = u32::try_from(longest.min(LONGEST)).unwrap_or(0);
    // Whole minutes apart.
    let step = seconds.div_ceil(POINTS).next_multiple_of(60).max(60);
    let span = Span { end: None, seconds, step };
    places.into_iter().map(|environment| rollouts::question_over(environment, span)).collect()
}

/// How the histories look: the worst of them.
pub fn face(state: &Cockpit) -> Face<'_, ()> {
    let mut worst = Face::Fresh(&());
    for question in &state.monitor.watches.questions {
        match state.remotes.history(question, state.now) {
            Face::Failed(trouble) => return Face::Failed(trouble),
            Face::Stale { age, trouble, .. } => worst = Face::Stale { value: &(), age, trouble },
            Face::NotAsked | Face::Loading if matches!(worst, Face::Fresh(())) => worst = Face::Loading,
            _ => {}
        }
    }
    worst
}

/// What says that what runs in an environment is told in part.
pub fn told_in_part(state: &Cockpit, environment: &str) -> Option<String> {
    let is_its = |question: &&Question| matches!(question, Question::RunningHistory { environment: its, .. } if its == environment);
    let question = state.monitor.watches.questions.iter().find(is_its)?;
    let face = state.remotes.history(question, state.now);
    let warning = value_of(&face)?.warnings.first()?;
    Some(format!("what runs is told in part: {warning}"))
}

/// Makes the sights anew where an answer came or time went on.
pub fn settle(state: &mut Cockpit) {
    let mono = state.now.mono;
    if state.monitor.watches.sighted.is_some_and(|sighted| mono < sighted + ANEW) {
        return;
    }
    let questions = questions(state);
    let mut sights = std::collections::BTreeMap::new();
    for environment in candidates(state).map(|(_, stage)| &stage.environment).collect::<BTreeSet<_>>() {
        let is_its = |question: &&Question| matches!(question, Question::RunningHistory { environment: its, .. } if its == environment);
        let face = questions.iter().find(is_its).map(|question| state.remotes.history(question, state.now));
        let history = face.as_ref().and_then(value_of);
        let seen_there = history.map(|history| {
            (
                history,
                rollouts::of_history(state, environment, history),
                crate::domain::rollout::rollouts(history, state.now.wall),
            )
        });
        for (release, stage) in candidates(state).filter(|(_, stage)| stage.environment == *environment) {
            for item in &release.items {
                let places = regions(history, item, stage);
                for region in places {
                    let id = Id {
                        release: release.id.clone(),
                        service: item.service.clone(),
                        environment: environment.clone(),
                        region,
                    };
                    let sight = match &seen_there {
                        Some((history, rows, all)) => {
                            let place = (item.service.as_str(), id.region.as_deref());
                            let seen = seen(history, all, place, &item.version);
                            let row = rows.iter().find(|row| is_of(row, &id, &item.version));
                            sight(state, item, stage, seen, row)
                        }
                        None => sight(state, item, stage, Seen::NotTold(why(face.as_ref())), None),
                    };
                    sights.insert(id, sight);
                }
            }
        }
    }
    state.monitor.watches.sights = sights;
    state.monitor.watches.questions = questions;
    state.monitor.watches.sighted = Some(mono);
    state.monitor.watches.looked = None;
}

fn why(face: Option<&Face<'_, RunningHistory>>) -> String {
    match face {
        None => "the environment does not say which versions run: write versions = …".to_owned(),
        Some(Face::Failed(trouble)) => trouble.failure.to_string(),
        Some(_) => "not told yet".to_owned(),
    }
}

/// The regions in which a stage is looked at: its own, else those that the source tells apart.
fn regions(history: Option<&RunningHistory>, item: &Item, stage: &Stage) -> BTreeSet<Option<String>> {
    let lines = history.map_or(&[][..], |history| &history.lines);
    let told: BTreeSet<Option<String>> =
        lines.iter().filter(|line| line.service == item.service).map(|line| line.region.clone()).collect();
    match &stage.region {
        // Where the source does not tell regions apart, all of them are looked at as one.
        Some(region) if told.is_empty() || told.contains(&Some(region.clone())) => {
            [Some(region.clone())].into()
        }
        None if !told.is_empty() => told,
        Some(_) | None => [None].into(),
    }
}

fn is_of(row: &Rollout, id: &Id, version: &str) -> bool {
    let Key { environment, region, service, to } = &row.key;
    (environment, region, service) == (&id.environment, &id.region, &id.service) && same_version(to, version)
}

fn sight(state: &Cockpit, item: &Item, stage: &Stage, seen: Seen, row: Option<&Rollout>) -> Sight {
    let version = row.map_or_else(|| Safe::new(&item.version), |row| row.key.to.clone());
    let seen = row.map_or_else(|| seen.clone(), |row| finer(state, &seen, &row.key));
    Sight { version, planned_end: stage.end, seen, rollout: row.cloned() }
}

/// The window on screen may know to the quarter of a minute when it was everywhere.
fn finer(state: &Cockpit, seen: &Seen, key: &Key) -> Seen {
    let Seen::Everywhere { since: Since::At(coarse), last } = seen else { return seen.clone() };
    let row =
        state.monitor.index.rollouts.iter().find(|row| row.key == *key && row.phase == Phase::Completed);
    let fine = row.and_then(|row| {
        let completed = row.events.iter().rev().find(|event| event.kind == EventKind::Completed)?;
        Some(completed.at)
    });
    let at = fine.filter(|fine| fine < coarse).unwrap_or(*coarse);
    Seen::Everywhere { since: Since::At(at), last: *last }
}
