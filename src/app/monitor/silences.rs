//! Silences in the cockpit: which there are, which were made here and are over, and the forms that
//! make and end them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::alerts::Heard;
use super::rollouts::Seen;
use super::{Pane, View, listed_alerts, selected, selected_alert};
use crate::app::remotes::value_of;
use crate::app::state::{Tone, matches_filter};
use crate::app::{Effect, Panel, State, form};
use crate::domain::question::{Silence, SilenceState};
use crate::domain::rollout::Phase;
use crate::domain::silence::request::{LabelNames, list};
use crate::domain::silence::{Created, Deployment, Draft, Ending, Expired, Over, Request, holds, own};
use crate::domain::workspace::BackendKind;
use crate::domain::{Face, Question, Release, Stage};

/// What is remembered of silences.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Control {
    /// Changes on their way.
    sending: usize,
    /// The person was told that leaving now would leave their outcome unknown.
    warned: bool,
    /// Releases of which the person knows that their silences outlast them.
    known: BTreeSet<String>,
}

/// A silence, and the Alertmanager that told of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told<'a> {
    /// The Alertmanager.
    pub source: &'a str,
    /// The silence.
    pub silence: &'a Silence,
}

/// One of ours that still holds though its deployment is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer<'a> {
    /// The silence.
    pub told: Told<'a>,
    /// What it is for.
    pub deployment: Deployment,
    /// Why that is over.
    pub over: Over,
}

/// The workspace's Alertmanagers.
pub fn managers(state: &State) -> impl Iterator<Item = &str> {
    let backends = state.workspace.backends.iter();
    backends.filter(|backend| backend.kind == BackendKind::Alertmanager).map(|backend| backend.name.as_str())
}

/// Every silence that is known, however old the answer; what mutes first.
pub fn all(state: &State) -> Vec<Told<'_>> {
    let mut all: Vec<Told<'_>> = managers(state)
        .flat_map(|source| {
            let known = value_of(&state.remotes.silences(source, state.now));
            known.into_iter().flatten().map(move |silence| Told { source, silence })
        })
        .collect();
    all.sort_by_key(|told| (told.silence.state, told.silence.ends, told.silence.id.clone()));
    all
}

/// Those that the filter lets through.
pub fn listed(state: &State) -> Vec<Told<'_>> {
    let filter = &state.monitor.filter;
    let words = |told: &Told<'_>| {
        let Silence { matchers, by, comment, state, .. } = told.silence;
        format!("{} {by} {comment} {}", list(matchers), state.word())
    };
    let mut all = all(state);
    all.retain(|told| filter.is_empty() || matches_filter(filter, &words(told)));
    all
}

/// Whether the silences of every Alertmanager are freshly known.
pub fn are_fresh(state: &State) -> bool {
    managers(state).all(|source| matches!(state.remotes.silences(source, state.now), Face::Fresh(_)))
}

/// The silence with this id.
pub fn by_id<'a>(state: &'a State, id: &str) -> Option<Told<'a>> {
    all(state).into_iter().find(|told| told.silence.id.as_str() == id)
}

/// Our own silences that hold though their deployment is over: by the plan, or as the series say.
pub fn offers(state: &State) -> Vec<Offer<'_>> {
    let found = all(state).into_iter().filter(|told| holds(told.silence)).filter_map(|told| {
        let deployment = own(told.silence)?;
        let over = deployment.over(&state.workspace, state.now.wall);
        let over = over.or_else(|| over_as_seen(state, &deployment))?;
        Some(Offer { told, deployment, over })
    });
    found.collect()
}

/// What is asked whatever the panel: a silence of ours can hold only while the window of its stage
/// is on, so that elsewhere nothing is asked.
pub fn wanted(state: &State) -> Vec<Question> {
    let now = state.now.wall;
    let mut stages = state.workspace.releases.iter().flat_map(|release| &release.stages);
    let is_on = stages.any(|stage| {
        let (from, to) = crate::domain::silence::window(stage);
        from <= now && now < to
    });
    let managers = managers(state).filter(|_| is_on);
    managers.map(|backend| Question::Silences { backend: backend.to_owned() }).collect()
}

/// After every message: says, whatever the panel, that silences outlast what they were made for;
/// once a release, and not while something else is said or a window is open.
pub fn remind(state: &mut State) {
    if state.notice.is_some() || !state.overlays.is_empty() {
        return;
    }
    let known = &state.monitor.control.known;
    let is_fresh = |source: &str| matches!(state.remotes.silences(source, state.now), Face::Fresh(_));
    let mut offers = offers(state);
    offers.retain(|offer| is_fresh(offer.told.source) && !known.contains(&offer.deployment.release));
    let Some(Offer { deployment, over, .. }) = offers.first() else { return };
    let release = deployment.release.clone();
    let count = offers.iter().filter(|offer| offer.deployment.release == release).count();
    let (silences, hold, them) =
        if count == 1 { ("silence", "holds", "it") } else { ("silences", "hold", "them") };
    let why = over.sentence(state.zone);
    let words = format!("{count} {silences} of {release} still {hold}: E in the monitor ends {them} ({why})");
    state.monitor.control.known.insert(release);
    // Where the offer itself is on screen, nothing needs to be said.
    if state.panel != Panel::Monitor || state.monitor.view != View::Alerts {
        state.say(Tone::Refused, words);
    }
}

/// Whether every rollout of a deployment has come to its end, or every one went back.
fn over_as_seen(state: &State, deployment: &Deployment) -> Option<Over> {
    let release = state.workspace.release(&deployment.release)?;
    let stage = release.stages.get(deployment.stage)?;
    let rollouts = &state.monitor.index.rollouts;
    let mut its = rollouts.iter().filter(|seen| is_of(seen, release, stage)).peekable();
    its.peek()?;
    let phases: Vec<Phase> = its.map(|seen| seen.phase).collect();
    if phases.iter().all(|phase| *phase == Phase::RolledBack) {
        return Some(Over::Back);
    }
    phases.iter().all(|phase| *phase == Phase::Completed).then_some(Over::Everywhere)
}

fn is_of(seen: &Seen, release: &Release, stage: &Stage) -> bool {
    seen.release.as_ref() == Some(&release.id)
        && seen.key.environment == stage.environment
        && (stage.region.is_none() || seen.key.region.is_none() || seen.key.region == stage.region)
}

/// The alert that the keys speak of; `None`: they speak of the rollout.
fn alert_in_hand(state: &State) -> Option<&Heard> {
    let in_hand = match state.monitor.view {
        View::Overview => state.monitor.pane == Pane::Alerts,
        View::Alerts => state.monitor.alerts.pane == super::alert_list::Pane::Alerts,
        _ => false,
    };
    in_hand.then(|| listed_alerts(state).get(selected_alert(state)).copied()).flatten()
}

/// The stage that a silence would be for: of the release of the rollout that the alert is about,
/// else of the selected one, else of the release all panels speak of.
fn stage_in_hand<'a>(state: &'a State, alert: Option<&Heard>) -> Result<(&'a Release, usize), String> {
    let rollouts = &state.monitor.index.rollouts;
    let about = alert.and_then(|heard| rollouts.iter().find(|seen| super::alerts::concerns(heard, seen)));
    let rollout = about.or_else(|| selected(state));
    let planned = rollout.and_then(|seen| Some((seen, state.workspace.release(seen.release.as_ref()?)?)));
    let now = state.now.wall;
    if let Some((seen, release)) = planned {
        let place = &seen.key;
        let here = current(release, now, |stage| is_of(seen, release, stage));
        return here.map(|index| (release, index)).ok_or_else(|| {
            format!("{} plans no stage in {}: a silence is bounded to one", release.id, place.place())
        });
    }
    let spoken_of = state.release.as_ref().and_then(|id| state.workspace.release(id));
    let release = spoken_of.ok_or_else(|| match rollout {
        Some(seen) => format!(
            "no release plans {} {}: a silence is bounded to a planned stage",
            seen.key.service, seen.key.to
        ),
        None => "no rollout is selected: a silence is bounded to a planned stage".to_owned(),
    })?;
    let here = current(release, now, |_| true);
    here.map(|index| (release, index)).ok_or_else(|| format!("{} has no stage: plan one first", release.id))
}

/// The stage that runs or soaks now, else the next one, else the last.
fn current(release: &Release, now: DateTime<Utc>, fits: impl Fn(&Stage) -> bool) -> Option<usize> {
    let fitting: Vec<usize> =
        (0..release.stages.len()).filter(|index| fits(&release.stages[*index])).collect();
    let window = |index: &usize| crate::domain::silence::window(&release.stages[*index]);
    let runs = fitting.iter().filter(|index| window(index).0 <= now && now < window(index).1);
    let next = fitting.iter().filter(|index| window(index).0 > now).min_by_key(|index| window(index).0);
    runs.max_by_key(|index| window(index).0).or(next).or(fitting.last()).copied()
}

/// Opens the form that silences the alert in hand, or the rollout, for its stage.
pub fn begin(state: &mut State) {
    let (draft, backend) = match draft(state) {
        Ok(draft) => draft,
        Err(why) => return state.say(Tone::Refused, why),
    };
    form::silence_stage(state, &draft, backend);
}

fn draft(state: &State) -> Result<(Draft, String), String> {
    let alert = alert_in_hand(state);
    // The one that knows the alert, even where another's word of it is the fresher.
    let knows = |name: &str| {
        alert.is_some_and(|heard| heard.source == name || heard.also.iter().any(|also| also == name))
    };
    let manager = managers(state).find(|name| knows(name)).or_else(|| managers(state).next());
    let Some(manager) = manager else {
        return Err("there is no Alertmanager: add [backend.alertmanager]".to_owned());
    };
    let (release, stage) = stage_in_hand(state, alert)?;
    let labels = label_names(state);
    let draft = Draft::of(release, stage, alert.map(|heard| &heard.alert), &labels, state.now.wall)?;
    Ok((draft, manager.to_owned()))
}

/// How the alerts here name service, environment and region.
pub fn label_names(state: &State) -> LabelNames {
    LabelNames::of(state.monitor.index.alerts.iter().map(|heard| &heard.alert))
}

/// Opens the form that ends silences: the selected one, or those whose deployment is over, or all of
/// the selected rollout's release.
pub fn end(state: &mut State) {
    match endings(state) {
        Ok(endings) => {
            state.monitor.control.known.insert(endings.0.clone());
            form::end_silences(state, endings);
        }
        Err(why) => state.say(Tone::Refused, why),
    }
}

/// Silences to end and the release they are for, which confirms it.
fn endings(state: &State) -> Result<(String, Vec<Ending>), String> {
    let ending = |told: &Told<'_>| Ending {
        backend: told.source.to_owned(),
        id: told.silence.id.clone(),
        what: list(&told.silence.matchers),
    };
    if state.monitor.view == View::Alerts && state.monitor.alerts.pane == super::alert_list::Pane::Silences {
        let silences = listed(state);
        let Some(told) = silences.get(super::alert_list::selected_silence(state)) else {
            return Err("there is no silence to end".to_owned());
        };
        if told.silence.state == SilenceState::Expired {
            return Err("it has ended already".to_owned());
        }
        let Some(own) = own(told.silence) else {
            let by = &told.silence.by;
            return Err(format!("it was not made here, but by {by}: end it in the Alertmanager, or ask"));
        };
        return Ok((own.release, vec![ending(told)]));
    }
    let offers = offers(state);
    if let Some(first) = offers.first() {
        let release = first.deployment.release.clone();
        let its = offers.iter().filter(|offer| offer.deployment.release == release);
        let its = its.map(|offer| ending(&offer.told)).collect();
        return Ok((release, its));
    }
    let release = selected(state).and_then(|seen| seen.release.clone()).or_else(|| state.release.clone());
    let release = release.ok_or_else(|| "no silence of ours is over".to_owned())?;
    let all = all(state);
    let its = all.iter().filter(|told| holds(told.silence));
    let its: Vec<Ending> =
        its.filter(|told| own(told.silence).is_some_and(|own| own.release == release)).map(ending).collect();
    if its.is_empty() {
        return Err(format!("no silence that was made here for {release} holds"));
    }
    Ok((release, its))
}

/// A silence is sent, once.
pub fn send(state: &mut State, request: Request) -> Vec<Effect> {
    state.monitor.control.sending += 1;
    vec![Effect::Silence(Box::new(request))]
}

/// Silences are ended, each once.
pub fn send_endings(state: &mut State, endings: Vec<Ending>) -> Vec<Effect> {
    state.monitor.control.sending += 1;
    vec![Effect::Expire(endings)]
}

/// A silence was made, or not.
pub fn silenced(state: &mut State, request: &Request, created: &Created) {
    ended(state);
    let words = created.sentence(request, state.zone);
    let tone = if created.is_good() { Tone::Done } else { Tone::Refused };
    // Where it was not made, the form that asked for it stays, with everything typed.
    if !form::sent(state, matches!(created, Created::Made { .. }), &words) || tone == Tone::Done {
        state.say(tone, words);
    }
}

/// Silences were ended, or not.
pub fn expired(state: &mut State, outcomes: &[(Ending, Expired)]) {
    ended(state);
    let good = outcomes.iter().filter(|(_, expired)| expired.is_good()).count();
    let bad: Vec<String> = outcomes
        .iter()
        .filter(|(_, expired)| !expired.is_good())
        .map(|(ending, expired)| expired.sentence(&ending.what))
        .collect();
    let words = match (good, bad.is_empty()) {
        (1, true) => "1 silence was ended".to_owned(),
        (count, true) => format!("{count} silences were ended"),
        (0, false) => bad.join("; "),
        (count, false) => format!("{}; {count} ended", bad.join("; ")),
    };
    let tone = if bad.is_empty() { Tone::Done } else { Tone::Refused };
    if !form::sent(state, bad.is_empty(), &words) || tone == Tone::Done {
        state.say(tone, words);
    }
}

/// A change ended: what is there now is asked at once, whatever became of it.
fn ended(state: &mut State) {
    let control = &mut state.monitor.control;
    control.sending = control.sending.saturating_sub(1);
    control.warned = false;
    let managers: Vec<String> = managers(state).map(str::to_owned).collect();
    for backend in managers {
        state.overdue.insert(Question::Silences { backend: backend.clone() });
        state.overdue.insert(Question::Alerts { backend });
    }
}

/// Why leaving should wait: a change is on its way, and this was not said yet.
pub fn holds_back(state: &mut State) -> bool {
    let control = &mut state.monitor.control;
    if control.sending == 0 || control.warned {
        return false;
    }
    control.warned = true;
    state.say(
        Tone::Refused,
        "a silence is on its way to the Alertmanager: q again leaves without its outcome",
    );
    true
}
