//! Rollouts as the panel lists them: where, from what to what, and for which release.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::question::{RunningHistory, Span};
use crate::domain::rollout::plan::{self, Observed, Position};
use crate::domain::rollout::{self, Phase, Since};
use crate::domain::{Question, Release, Safe, Workspace, format};

use super::{Changed, Index};

/// Which rollout: the same through every reload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The environment.
    pub environment: String,
    /// The region, where the source tells regions apart.
    pub region: Option<String>,
    /// The service.
    pub service: String,
    /// The version to come.
    pub to: Safe,
}

impl Key {
    /// `production · eu`.
    pub fn place(&self) -> String {
        match &self.region {
            Some(region) => format!("{} · {region}", self.environment),
            None => self.environment.clone(),
        }
    }
}

/// One rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Which.
    pub key: Key,
    /// The version to leave; `None`: the service was not seen before.
    pub from: Option<Safe>,
    /// How it stands.
    pub phase: Phase,
    /// The share of the new version, between 0 and 1, when last seen.
    pub share: f64,
    /// Instances (or what the source counts) of the new version, and of all.
    pub instances: (f64, f64),
    /// When it began; where it began before the window, the window's first point.
    pub since: DateTime<Utc>,
    /// Whether it began before the window.
    pub began_before: bool,
    /// The share of the new version over the window; `None`: a gap.
    pub shares: Vec<(DateTime<Utc>, Option<f64>)>,
    /// What happened.
    pub events: Vec<rollout::Event>,
    /// The release that brings this version here.
    pub release: Option<String>,
    /// Where it is on its plan; `None`: no release plans it.
    pub position: Option<Position>,
}

impl Seen {
    /// What a filter looks at.
    pub fn text(&self) -> String {
        let Key { environment, region, service, to } = &self.key;
        let words = [
            service,
            environment,
            region.as_deref().unwrap_or_default(),
            self.from.as_deref().unwrap_or_default(),
            to,
            self.phase.word(),
            self.release.as_deref().unwrap_or_default(),
        ];
        words.join(" ")
    }

    /// As the rules look at it.
    pub fn observed(&self) -> Observed<'_> {
        Observed {
            service: &self.key.service,
            environment: &self.key.environment,
            region: self.key.region.as_deref(),
            to: &self.key.to,
            phase: self.phase,
            share: self.share,
            instances: self.instances,
            began: if self.began_before { Since::Before(self.since) } else { Since::At(self.since) },
            shares: &self.shares,
            events: &self.events,
        }
    }

    /// Where it is on its plan, in one line; where no release plans it, that.
    pub fn plan_words(&self, now: DateTime<Utc>, zone: chrono_tz::Tz) -> String {
        match &self.position {
            Some(position) => format!("{}: {}", position.release, position.sentence(self.share, now, zone)),
            None => match &self.release {
                Some(release) => format!("not planned: {release} brings this version, but not here"),
                None => "not planned: no release brings this version".to_owned(),
            },
        }
    }

    /// `checkout 4.1.3 → 4.2.0 in production · eu, 25 %`.
    pub fn sentence(&self) -> String {
        let from = self.from.as_deref().map_or_else(String::new, |from| format!("{from} → "));
        let Key { service, to, .. } = &self.key;
        format!("{service} {from}{to} in {}, {}", self.key.place(), format::share(self.share))
    }
}

/// What runs in an environment, in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    /// The environment.
    pub environment: String,
    /// Services that run.
    pub services: usize,
    /// Their instances, or what the source counts.
    pub instances: f64,
}

/// The environments whose versions somebody tells, in promotion order.
pub fn environments(workspace: &Workspace) -> impl Iterator<Item = &str> {
    let known = workspace.environments.iter().filter(|environment| environment.versions.is_some());
    known.map(|environment| environment.id.as_str())
}

/// The question for what ran in an environment over the window.
pub fn question(state: &State, environment: &str) -> Question {
    question_over(environment, state.monitor.window.span())
}

/// The question whose answer speaks of now.
pub fn present_question(state: &State, environment: &str) -> Question {
    question_over(environment, state.monitor.window.present())
}

/// The question for what ran in an environment over a span.
pub fn question_over(environment: &str, span: Span) -> Question {
    Question::RunningHistory { environment: environment.to_owned(), span }
}

/// Every rollout of the window, those that go on first, and the fleets they are part of. An
/// environment that has not answered for this window yet keeps what was known of it.
pub fn gather(state: &State, before: &Index, changed: Changed<'_>) -> (Vec<Seen>, Vec<Fleet>) {
    let (mut seen, mut fleets) = (Vec::new(), Vec::new());
    let is_new = |environment: &str| match changed {
        Changed::Environment(changed) => changed == environment,
        Changed::Everything | Changed::Alerts => true,
    };
    for environment in environments(&state.workspace) {
        let face = state.remotes.history(&question(state, environment), state.now);
        let Some(history) = value_of(&face).filter(|_| is_new(environment)) else {
            seen.extend(before.rollouts.iter().filter(|seen| seen.key.environment == environment).cloned());
            fleets.extend(before.fleets.iter().filter(|fleet| fleet.environment == environment).cloned());
            continue;
        };
        let mut here = of_history(state, environment, history);
        let mut newest = history;
        if state.monitor.window.present() != state.monitor.window.span() {
            let face = state.remotes.history(&present_question(state, environment), state.now);
            if let Some(present) = value_of(&face) {
                newest = present;
                for rollout in of_history(state, environment, present) {
                    update(&mut here, rollout);
                }
            }
        }
        seen.extend(here);
        fleets.push(fleet(environment, newest));
    }
    seen.sort_by(|one, other| {
        let place = |seen: &Seen| (!seen.phase.is_active(), std::cmp::Reverse(seen.since));
        place(one).cmp(&place(other)).then_with(|| one.key.cmp(&other.key))
    });
    // A version that came, went and came again in one window is one row, its latest coming; what
    // happened before stays in the timeline.
    let mut rows: Vec<Seen> = Vec::new();
    for next in seen {
        match rows.iter_mut().find(|row| row.key == next.key) {
            Some(row) => row.events.extend(next.events),
            None => rows.push(next),
        }
    }
    let now = state.monitor.window.end(state.now.wall);
    for row in &mut rows {
        row.position = plan::position(&row.observed(), &state.workspace.releases, now);
        if let Some(position) = &row.position {
            row.release = Some(position.release.clone());
        }
    }
    (rows, fleets)
}

/// The rollouts of one answer.
pub(super) fn of_history(state: &State, environment: &str, history: &RunningHistory) -> Vec<Seen> {
    let end = state.monitor.window.end(state.now.wall);
    let of_rollout = |rollout: rollout::Rollout| {
        let first = history.times.first().copied().unwrap_or(rollout.last_change);
        let key = Key {
            environment: environment.to_owned(),
            region: rollout.region,
            service: rollout.service,
            to: rollout.to,
        };
        let release = release_of(&state.workspace, &key).map(|release| release.id.clone());
        Seen {
            from: rollout.from,
            phase: rollout.phase,
            share: rollout.share_now,
            instances: rollout.instances,
            since: rollout.began.unwrap_or(first),
            began_before: rollout.began.is_none(),
            shares: history.times.iter().copied().zip(rollout.share_series).collect(),
            events: rollout.events,
            position: None,
            release,
            key,
        }
    };
    rollout::rollouts(history, end).into_iter().map(of_rollout).collect()
}

/// What the finer answer knows of a rollout wins where the two speak of the same; what only one
/// of them has seen stays.
fn update(here: &mut Vec<Seen>, present: Seen) {
    let is_same_place = |seen: &&mut Seen| {
        (&seen.key.service, &seen.key.region) == (&present.key.service, &present.key.region)
    };
    let is_same = |seen: &Seen| seen.key.to == present.key.to;
    // Where nothing moved lately the finer answer cannot tell which version comes.
    let is_turned = |seen: &Seen| seen.from.as_ref() == Some(&present.key.to) && seen.phase.is_active();
    match here.iter_mut().filter(is_same_place).find(|seen| is_same(seen) || is_turned(seen)) {
        Some(seen) if is_same(seen) => {
            let newest = seen.shares.last().map(|(at, _)| *at);
            let is_newer = |at: DateTime<Utc>| newest.is_none_or(|newest| at > newest);
            seen.phase = present.phase;
            seen.share = present.share;
            seen.instances = present.instances;
            seen.shares.extend(present.shares.into_iter().filter(|(at, _)| is_newer(*at)));
            seen.events.extend(present.events.into_iter().filter(|event| is_newer(event.at)));
        }
        Some(seen) => {
            seen.phase = present.phase;
            seen.share = 1.0 - present.share;
            seen.instances = (present.instances.1 - present.instances.0, present.instances.1);
        }
        None => here.push(present),
    }
}

/// The release that brings this version here; where several do, the one whose stage is latest.
fn release_of<'a>(workspace: &'a Workspace, key: &Key) -> Option<&'a Release> {
    let plain = |version: &str| version.trim_start_matches('v').to_owned();
    let brings = |release: &&Release| {
        release.version_of(&key.service).is_some_and(|version| plain(version) == plain(&key.to))
    };
    let start = |release: &&Release| {
        let stages = release.stages.iter().filter(|stage| stage.environment == key.environment);
        (release.is_live(), stages.map(|stage| stage.start).max())
    };
    workspace.releases.iter().filter(brings).max_by_key(start)
}

fn fleet(environment: &str, history: &RunningHistory) -> Fleet {
    let mut services = BTreeSet::new();
    let mut instances = 0.0;
    for line in &history.lines {
        // The newest point may not have been scraped yet.
        let latest = line.counts.iter().rev().take(3).find_map(|count| *count);
        if let Some(count) = latest.filter(|count| *count > 0.0) {
            services.insert(line.service.as_str());
            instances += count;
        }
    }
    Fleet { environment: environment.to_owned(), services: services.len(), instances }
}
