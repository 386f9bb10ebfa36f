//! What the triggers say of the rollouts that go on: looked at again and again, whatever is on
//! screen. A recommendation is words and two clocks; it never acts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{Effect, Panel, State, rollback};
use crate::domain::backout;
use crate::domain::burn::Exhaustion;
use crate::domain::compatibility::Known;
use crate::domain::health::CheckResult;
use crate::domain::question::AlertState;
use crate::domain::trigger::{
    self, Baseline, Look, Observation, Recommendation, Situation, Standing, Trigger, Watch, When,
};
use crate::domain::{Face, Question, Service};

use super::rollouts::{self, Key, Seen};
use super::{alerts, burn, health, metrics, watches};

/// The shortest time between two looks.
const BETWEEN: Duration = Duration::from_secs(1);
/// The most rollouts that are looked at, those that began last first.
const MOST: usize = 12;

/// What the triggers saw.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advisor {
    watches: BTreeMap<Key, Watch>,
    looked: Option<Duration>,
    /// What is recommended now, the first that was found out first.
    pub given: Vec<Advice>,
    /// How each trigger of each rollout stands.
    pub standings: BTreeMap<Key, Vec<Standing>>,
}

/// What is recommended for one rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// Which.
    pub key: Key,
    /// The version to return to.
    pub from: Option<String>,
    /// The release that brings it.
    pub release: Option<String>,
    /// What.
    pub recommendation: Recommendation,
}

/// The rollouts that triggers look at: those that go on, those of the last hour, and those in their
/// watch.
fn watched(state: &State) -> impl Iterator<Item = (&Seen, &Service)> {
    let now = state.now.wall;
    let is_recent = move |seen: &&Seen| trigger::is_watched(seen.phase, seen.since, now);
    let recent: Vec<&Seen> = state.monitor.index.rollouts.iter().filter(is_recent).take(MOST).collect();
    let known: BTreeSet<&Key> = recent.iter().map(|seen| &seen.key).collect();
    let settling: Vec<&Seen> = watches::rollouts(state).filter(|seen| !known.contains(&seen.key)).collect();
    let rollouts = recent.into_iter().chain(settling);
    rollouts.filter_map(|seen| Some((seen, state.workspace.service(&seen.key.service)?)))
}

/// Whether a trigger looks at a rollout now: in its time and place, or it fired and has not let go.
fn still_looks(state: &State, seen: &Seen, trigger: &Trigger) -> bool {
    let watch = state.monitor.advisor.watches.get(&seen.key);
    let has_fired =
        || watch.is_some_and(|watch| watch.fired().iter().any(|fired| fired.trigger == trigger.id));
    let is_in_time = state.now.wall - seen.since <= trigger.within;
    trigger.is_for(&seen.key.environment) && (is_in_time || has_fired())
}

/// What must be asked so that the triggers see, whatever panel is on screen.
pub fn wanted(state: &State) -> Vec<Question> {
    let span = state.monitor.window.present();
    let mut wanted = Vec::new();
    if state.workspace.services.iter().all(|service| service.triggers.is_empty()) {
        return wanted;
    }
    for environment in rollouts::environments(&state.workspace) {
        wanted.push(rollouts::question_over(environment, span));
    }
    wanted.extend(alerts::backends(state).map(|backend| Question::Alerts { backend: backend.to_owned() }));
    for (seen, service) in watched(state) {
        for trigger in service.triggers.iter().filter(|trigger| still_looks(state, seen, trigger)) {
            match &trigger.when {
                When::Metric { name, .. } => {
                    let metric = service.metrics.iter().find(|metric| metric.name == *name);
                    wanted.extend(metric.map(|metric| metrics::question(seen, metric, &seen.key.to, span)));
                }
                When::Burn(_) => wanted.extend(burn::wanted_beside(state, seen)),
                When::Health(id) => {
                    let checks = health::of_rollout(state, seen).into_iter();
                    let questions = checks.filter(|entry| entry.check.id == *id).map(|entry| entry.question);
                    wanted.extend(questions.filter(|question| !question.is_on_demand()));
                }
                When::Verdict(_) | When::Alert(_) => {}
            }
        }
    }
    wanted
}

/// After every message: looks again when it is time.
pub fn settle(state: &mut State) {
    // A paused window speaks of the past: nothing is recommended by it.
    if state.monitor.window.paused_at().is_some() {
        return;
    }
    let now = state.now;
    if state.monitor.advisor.looked.is_some_and(|looked| now.mono < looked + BETWEEN) {
        return;
    }
    let mut watches = std::mem::take(&mut state.monitor.advisor.watches);
    let (mut given, mut standings) = (Vec::new(), BTreeMap::new());
    let mut kept = BTreeMap::new();
    for (seen, service) in watched(state) {
        // While a release settles, conditions must hold for less time.
        let sensitivity = watches::sensitivity(state, seen);
        let triggers: Vec<Trigger> =
            trigger::of_service(service).iter().map(|trigger| sensitivity.eager(trigger)).collect();
        let observation = observe(state, seen);
        let mut watch = watches.remove(&seen.key).unwrap_or_default();
        let look =
            Look { at: now.wall, began: seen.since, environment: &seen.key.environment, seen: &observation };
        standings.insert(seen.key.clone(), watch.look(&triggers, look));
        given.extend(advice(state, seen, service, &triggers, &watch));
        kept.insert(seen.key.clone(), watch);
    }
    given.sort_by(|one, other| {
        let place = |advice: &Advice| (advice.recommendation.detected, advice.key.clone());
        place(one).cmp(&place(other))
    });
    state.monitor.advisor = Advisor { watches: kept, looked: Some(now.mono), given, standings };
}

/// What is seen of a rollout now. What is not fresh is not known.
fn observe(state: &State, seen: &Seen) -> Observation {
    let mut observation =
        Observation { burn: burn::last_hour(state, &seen.key.service), ..Observation::default() };
    for check in state.workspace.service(&seen.key.service).map_or(&[][..], |service| &service.health) {
        let passes = match health::result_of(state, seen, &check.id) {
            Some(CheckResult::Passes) => true,
            Some(CheckResult::Fails) => false,
            Some(CheckResult::Unknown) | None => continue,
        };
        observation.health.insert(check.id.clone(), passes);
    }
    let history = state.remotes.history(&rollouts::present_question(state, &seen.key.environment), state.now);
    if !matches!(history, Face::Fresh(_)) {
        return observation;
    }
    for metric in metrics::of(state, seen) {
        let readings = metrics::readings(state, seen, metric);
        let Some(new) = readings.first() else { continue };
        let is_whole = matches!(
            new.present,
            Face::Fresh(series) if series.warnings.is_empty() && !series.ambiguous
        );
        if let Some((_, value)) = new.latest().filter(|_| is_whole) {
            observation.values.insert(metric.name.clone(), value);
        }
    }
    observation.verdict = super::judge::fresh_verdict(state, &seen.key);
    observation.alerts = firing(state, seen);
    observation
}

/// Names of the alerts that fire for a rollout and began after it; `None`: a backend does not say.
fn firing(state: &State, seen: &Seen) -> Option<Vec<String>> {
    let mut faces = alerts::backends(state).map(|name| state.remotes.alerts(name, state.now)).peekable();
    faces.peek()?;
    if !faces.all(|face| matches!(face, Face::Fresh(alerts) if alerts.warnings.is_empty())) {
        return None;
    }
    let heard = state.monitor.index.alerts.iter();
    let firing = heard.filter(|heard| {
        heard.alert.state == AlertState::Firing
            && alerts::concerns(heard, seen)
            && heard.alert.since >= seen.since
    });
    Some(firing.map(|heard| heard.alert.name.to_string()).collect())
}

fn advice(
    state: &State,
    seen: &Seen,
    service: &Service,
    triggers: &[Trigger],
    watch: &Watch,
) -> Option<Advice> {
    let fired = watch.fired();
    if fired.is_empty() {
        return None;
    }
    let running = state.remotes.running(&seen.key.environment, state.now);
    let known = match running {
        Face::Fresh(running) => Known::Running(running),
        _ => Known::Unknown("what runs is not known"),
    };
    let tags = state.remotes.tags(&seen.key.service, state.now);
    let tags = crate::app::remotes::value_of(&tags)
        .map(|tags| BTreeMap::from([(seen.key.service.as_str(), tags.as_slice())]))
        .unwrap_or_default();
    let place = backout::Place {
        environment: &seen.key.environment,
        region: seen.key.region.as_deref(),
        known,
        tags: &tags,
        now: state.now.wall,
    };
    let budget = burn::of_service(state, &seen.key.service);
    let advised = trigger::advise(&Situation {
        workspace: &state.workspace,
        service,
        version: &seen.key.to,
        seen_before: seen.from.as_deref(),
        place,
        triggers,
        fired: &fired,
        baseline: super::judge::of(state, &seen.key).map_or(Baseline::None, super::judge::Judged::baseline),
        burn: budget.as_ref().and_then(|entry| {
            let caused = burn::caused(state, seen).map(|caused| caused.burn);
            Some((entry.account.lately()?, caused))
        }),
        budget_lasts: budget.as_ref().and_then(|entry| match entry.account.outlook.exhaustion {
            Exhaustion::At(at) => Some(at - state.now.wall),
            _ => None,
        }),
    })?;
    Some(Advice {
        key: seen.key.clone(),
        from: advised.previous,
        release: seen.release.clone(),
        recommendation: advised.recommendation,
    })
}

/// The advice that counts most now: of the selected rollout, else the first.
pub fn foremost(state: &State) -> Option<&Advice> {
    let given = &state.monitor.advisor.given;
    let selected = super::selected(state).map(|seen| &seen.key);
    given.iter().find(|advice| Some(&advice.key) == selected).or_else(|| given.first())
}

/// Takes the person to the way back of the advice that counts most, else of the selected rollout.
/// It only shows it.
pub fn go_back(state: &mut State) -> Vec<Effect> {
    let advised = foremost(state).map(|advice| (advice.key.clone(), advice.release.clone()));
    let chosen = || super::selected(state).map(|seen| (seen.key.clone(), seen.release.clone()));
    let Some((key, release)) = advised.or_else(chosen) else {
        state.say(crate::app::state::Tone::Refused, "no rollout is seen: there is nothing to bring back");
        return Vec::new();
    };
    super::select(state, &key);
    rollback::show_rollout(state, release, &key);
    state.panel = Panel::Rollback;
    Vec::new()
}

/// How long is left of something, or by how much it is missed: `6 m left`, `2 m over`.
pub fn left(seconds: i64) -> String {
    let length = crate::domain::format::age(TimeDelta::seconds(seconds.abs()));
    if seconds < 0 { format!("{length} over") } else { format!("{length} left") }
}

/// Advice as a label and words, what matters most first.
pub fn words(advice: &Advice) -> (String, Vec<String>) {
    let Key { service, to, .. } = &advice.key;
    let Recommendation { remedy, clocks, confidence, .. } = &advice.recommendation;
    let label = remedy.label(service, to, advice.from.as_deref());
    let at_most = if clocks.back.seconds.is_some() { "≤ " } else { "" };
    let mut words = vec![
        advice.key.place(),
        format!("back {at_most}{}, forward {}", clocks.back.words(), clocks.forward.words()),
    ];
    words.extend(clocks.objective_left_seconds.map(|seconds| format!("objective {}", left(seconds))));
    words.extend(clocks.budget_lasts_seconds.map(|seconds| {
        format!("error budget lasts {}", crate::domain::format::age(TimeDelta::seconds(seconds)))
    }));
    words.push(format!("confidence {}", confidence.word()));
    (label, words)
}

/// What is recommended, as JSON.
pub fn snapshot(state: &State) -> Value {
    let of = |advice: &Advice| {
        let Key { environment, region, service, to } = &advice.key;
        json!({
            "service": service,
            "environment": environment,
            "region": region,
            "version": to,
            "previous": advice.from,
            "release": advice.release,
            "recommendation": advice.recommendation,
        })
    };
    state.monitor.advisor.given.iter().map(of).collect()
}
