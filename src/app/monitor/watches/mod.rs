//! Releases in their stabilisation watch, as the panel knows them: where each arrived, who watches
//! it, what is open and who is called next. Looked at whatever is on screen, and always of now: a
//! paused window does not stop the clock of whom to call.

mod keys;
mod sights;
mod snapshot;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::app::State as Cockpit;
use crate::app::state::matches_filter;
use crate::domain::alerts::Place;
use crate::domain::burn::Standing;
use crate::domain::judge::Verdict;
use crate::domain::question::AlertState;
use crate::domain::stabilisation::{self, Beginning, Facts, Kind, Open, Sensitivity, Timer, Watch};
use crate::domain::{Face, Question, Release, Safe};

use super::rollouts::{Key, Seen};
use super::{advice, alerts, burn, judge};

pub(super) use keys::handle;
pub use sights::Sight;
pub use snapshot::document;
pub(super) use snapshot::{selected_text, snapshot};

/// The shortest time between two looks.
const BETWEEN: Duration = Duration::from_secs(1);
/// The most watches whose numbers are asked for: those that began last.
const MOST: usize = 12;

/// Which watch: the same through every reload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    /// The release.
    pub release: String,
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The region, where the source tells regions apart.
    pub region: Option<String>,
}

impl Id {
    /// `production · eu`.
    pub fn place(&self) -> String {
        match &self.region {
            Some(region) => format!("{} · {region}", self.environment),
            None => self.environment.clone(),
        }
    }
}

/// What the panel remembers of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The one chosen; `None`: the first.
    pub chosen: Option<Id>,
    /// What was seen of each, read out of the answers when they came.
    sights: BTreeMap<Id, Sight>,
    /// What is asked for them.
    questions: Vec<Question>,
    /// When the sights were made.
    sighted: Option<Duration>,
    /// The watches, those that go on first.
    entries: Vec<Entry>,
    /// When they were looked at.
    looked: Option<Duration>,
    /// Since when something is open of which nobody says when it began.
    first_seen: BTreeMap<(Id, Kind, String), DateTime<Utc>>,
}

/// A release in its watch at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Which.
    pub id: Id,
    /// The release's title.
    pub title: String,
    /// The version as it is seen there, or as the release names it.
    pub version: Safe,
    /// How it stands.
    pub watch: Watch,
    /// What is open, each with its clock.
    pub timers: Vec<Timer>,
    /// Who can be called, in order.
    pub chain: Vec<String>,
    /// What could not be looked at, and why.
    pub unknown: Vec<String>,
}

impl Entry {
    /// The rollout that brought it.
    pub fn key(&self) -> Key {
        Key {
            environment: self.id.environment.clone(),
            region: self.id.region.clone(),
            service: self.id.service.clone(),
            to: self.version.clone(),
        }
    }

    /// What is open and nobody acknowledged.
    pub fn unacknowledged(&self) -> impl Iterator<Item = &Timer> {
        self.timers.iter().filter(|timer| timer.is_unacknowledged())
    }

    /// What a filter looks at.
    fn text(&self) -> String {
        let watcher = self.watch.watcher.as_ref().map_or("nobody", |watcher| watcher.name.as_str());
        let Id { release, service, environment, region } = &self.id;
        let region = region.as_deref().unwrap_or_default();
        let phase = self.watch.phase.word();
        format!(
            "{release} {service} {} {environment} {region} {watcher} {phase} {}",
            self.version, self.title
        )
    }
}

/// Every watch, those that go on first, what is open before the rest.
pub fn all(state: &Cockpit) -> &[Entry] {
    &state.monitor.watches.entries
}

/// Those that the filter lets through.
pub fn listed(state: &Cockpit) -> Vec<&Entry> {
    let filter = &state.monitor.filter;
    all(state).iter().filter(|entry| filter.is_empty() || matches_filter(filter, &entry.text())).collect()
}

/// The row of the selected one.
pub fn selected_row(state: &Cockpit, listed: &[&Entry]) -> usize {
    let chosen = state.monitor.watches.chosen.as_ref();
    chosen.and_then(|id| listed.iter().position(|entry| entry.id == *id)).unwrap_or(0)
}

/// The selected one.
pub fn selected(state: &Cockpit) -> Option<&Entry> {
    let listed = listed(state);
    listed.get(selected_row(state, &listed)).copied()
}

/// The watch of a rollout that has arrived, while it goes on.
pub fn of_rollout<'a>(state: &'a Cockpit, seen: &Seen) -> Option<&'a Entry> {
    live(state).find(|entry| {
        let Id { service, environment, region, .. } = &entry.id;
        let Key { service: its, environment: there, region: beside, to } = &seen.key;
        (service, environment, region) == (its, there, beside)
            && crate::domain::version::same_version(&entry.version, to)
    })
}

/// The watches that go on.
pub fn live(state: &Cockpit) -> impl Iterator<Item = &Entry> {
    all(state).iter().filter(|entry| entry.watch.phase.is_live())
}

/// How much closer than usual a rollout is looked at.
pub fn sensitivity(state: &Cockpit, seen: &Seen) -> Sensitivity {
    of_rollout(state, seen).map_or(Sensitivity::NORMAL, |entry| entry.watch.sensitivity)
}

/// The rollouts whose watch goes on, read out of the long history: those that began last first.
pub fn rollouts(state: &Cockpit) -> impl Iterator<Item = &Seen> {
    let sights = &state.monitor.watches.sights;
    live(state).take(MOST).filter_map(|entry| sights.get(&entry.id)?.rollout.as_ref())
}

/// What must be asked so that watches are known, whatever panel is on screen.
pub fn wanted(state: &Cockpit) -> Vec<Question> {
    let mut wanted = state.monitor.watches.questions.clone();
    if live(state).next().is_some() {
        wanted
            .extend(alerts::backends(state).map(|backend| Question::Alerts { backend: backend.to_owned() }));
    }
    for entry in live(state).take(MOST) {
        wanted.extend(burn::wanted_of_service(state, &entry.id.service));
    }
    wanted
}

/// An answer came.
pub fn answered(state: &mut Cockpit, question: &Question) {
    if state.monitor.watches.questions.contains(question) {
        state.monitor.watches.sighted = None;
    }
}

/// The workspace was read anew.
pub fn reconcile(state: &mut Cockpit) {
    state.monitor.watches.sighted = None;
}

/// After every message, before the triggers look: which releases are in their watch.
pub fn settle(state: &mut Cockpit) {
    sights::settle(state);
    let mono = state.now.mono;
    if state.monitor.watches.looked.is_some_and(|looked| mono < looked + BETWEEN) {
        return;
    }
    let now = state.now.wall;
    let entries = state.monitor.watches.sights.iter().filter_map(|(id, sight)| entry(state, id, sight, now));
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort_by(|one, other| {
        let place =
            |entry: &Entry| (!entry.watch.phase.is_live(), std::cmp::Reverse(entry.watch.begins.at()));
        place(one).cmp(&place(other)).then_with(|| one.id.cmp(&other.id))
    });
    // Until stock is taken, what was open stays.
    for entry in &mut entries {
        if let Some(before) = all(state).iter().find(|before| before.id == entry.id) {
            entry.timers.clone_from(&before.timers);
            entry.unknown.clone_from(&before.unknown);
        }
    }
    state.monitor.watches.entries = entries;
}

fn entry(state: &Cockpit, id: &Id, sight: &Sight, now: DateTime<Utc>) -> Option<Entry> {
    let release = state.workspace.release(&id.release)?;
    let service = state.workspace.service(&id.service);
    let facts = Facts { release, service, planned_end: sight.planned_end, seen: &sight.seen, now };
    let watch = stabilisation::watch(&facts)?;
    let watcher = watch.watcher.as_ref().map(|watcher| watcher.name.as_str());
    let escalation = service.map_or(&[][..], |service| &service.escalation);
    let chain = stabilisation::chain(escalation, watcher).to_vec();
    Some(Entry {
        id: id.clone(),
        title: release.title.clone(),
        version: sight.version.clone(),
        watch,
        timers: Vec::new(),
        chain,
        unknown: Vec::new(),
    })
}

/// After every message, once the triggers looked: what is open, since when, and whose turn it is.
pub fn take_stock(state: &mut Cockpit) {
    let mono = state.now.mono;
    if state.monitor.watches.looked.is_some_and(|looked| mono < looked + BETWEEN) {
        return;
    }
    state.monitor.watches.looked = Some(mono);
    let mut entries = std::mem::take(&mut state.monitor.watches.entries);
    let mut first_seen = std::mem::take(&mut state.monitor.watches.first_seen);
    let now = state.now.wall;
    let mut kept = BTreeMap::new();
    for entry in &mut entries {
        entry.timers.clear();
        entry.unknown = Vec::from_iter(entry.watch.doubt.clone());
        if !entry.watch.phase.is_live() {
            continue;
        }
        let Some(release) = state.workspace.release(&entry.id.release) else { continue };
        let mut open = open(state, entry);
        for thing in open.iter_mut().filter(|thing| !thing.is_exact) {
            let id = (entry.id.clone(), thing.kind, thing.what.clone());
            thing.since = first_seen.remove(&id).unwrap_or(now);
            kept.insert(id, thing.since);
        }
        open.sort_by_key(|thing| (thing.since, thing.kind));
        entry.timers = stabilisation::timers(&release.watch, open, &entry.chain, now);
    }
    state.monitor.watches.first_seen = kept;
    state.monitor.watches.entries = entries;
}

/// What is open in a watch; what could not be looked at is noted in it.
fn open(state: &Cockpit, entry: &mut Entry) -> Vec<Open> {
    let mut open = Vec::new();
    let key = entry.key();
    entry.unknown.extend(sights::told_in_part(state, &entry.id.environment));
    let given = state.monitor.advisor.given.iter().filter(|advice| advice.key == key);
    open.extend(given.map(|given| Open {
        kind: Kind::Recommendation,
        what: advice::words(given).0,
        since: given.recommendation.detected,
        is_exact: true,
    }));
    firing(state, entry, &mut open);
    bad_verdict(state, &key, &mut open);
    budget(state, entry, &mut open);
    open
}

/// Alerts that fire at the place and began after the rollout did.
fn firing(state: &Cockpit, entry: &mut Entry, open: &mut Vec<Open>) {
    let mut is_known = false;
    for name in alerts::backends(state) {
        match state.remotes.alerts(name, state.now) {
            Face::Fresh(alerts) => {
                is_known = true;
                let warning = alerts.warnings.first();
                entry.unknown.extend(warning.map(|it| format!("alerts of {name}, told in part: {it}")));
            }
            Face::NotAsked | Face::Loading => entry.unknown.push(format!("alerts of {name}: not told yet")),
            Face::Stale { trouble: Some(trouble), .. } | Face::Failed(trouble) => {
                entry.unknown.push(format!("alerts of {name}: {}", trouble.failure));
            }
            Face::Stale { .. } => entry.unknown.push(format!("alerts of {name}: stale")),
        }
    }
    if !is_known && alerts::backends(state).next().is_none() {
        entry.unknown.push("alerts: no backend tells of them".to_owned());
    }
    let began = began(state, entry);
    let place = place(entry);
    let heard = state.monitor.index.alerts.iter();
    let concerned = heard.filter(|heard| {
        heard.alert.state == AlertState::Firing && heard.alert.since >= began && heard.concerns(&place)
    });
    open.extend(concerned.map(|heard| Open {
        kind: Kind::Alert,
        what: format!("{} fires", heard.alert.name),
        since: heard.alert.since,
        is_exact: true,
    }));
}

/// Where it is, as alerts know it.
pub fn place(entry: &Entry) -> Place<'_> {
    Place {
        service: &entry.id.service,
        environment: &entry.id.environment,
        region: entry.id.region.as_deref(),
        version: Some(&entry.version),
    }
}

/// When the rollout of a watch began: what is older has nothing to do with it.
pub fn began(state: &Cockpit, entry: &Entry) -> DateTime<Utc> {
    let rollout = state.monitor.watches.sights.get(&entry.id).and_then(|sight| sight.rollout.as_ref());
    let begins = entry.watch.begins.at();
    match rollout {
        Some(rollout) if !rollout.began_before => rollout.since.min(begins),
        _ => begins,
    }
}

/// The verdict on the rollout of a watch, while one is reached from fresh numbers.
pub fn verdict(state: &Cockpit, entry: &Entry) -> Option<Verdict> {
    judge::fresh_verdict(state, &entry.key())
}

fn bad_verdict(state: &Cockpit, key: &Key, open: &mut Vec<Open>) {
    let (Some(verdict), Some(judged)) = (judge::fresh_verdict(state, key), judge::of(state, key)) else {
        return;
    };
    if !matches!(verdict, Verdict::Failing | Verdict::Marginal) {
        return;
    }
    let bad = judged.assessment.metrics.iter().filter(|metric| metric.found.is_bad());
    let found = bad.filter_map(|metric| metric.found_at).min();
    open.push(Open {
        kind: Kind::Verdict,
        what: format!("the verdict is {}", verdict.word()),
        since: found.unwrap_or(state.now.wall),
        is_exact: found.is_some(),
    });
}

fn budget(state: &Cockpit, entry: &mut Entry, open: &mut Vec<Open>) {
    let Some(known) = burn::of_service(state, &entry.id.service) else { return };
    match known.account.standing {
        Standing::Page | Standing::Ticket => open.push(Open {
            kind: Kind::Burn,
            what: format!("the error budget burns: {}", known.account.standing.word()),
            since: state.now.wall,
            is_exact: false,
        }),
        Standing::Unknown => {
            let why = known.why.unwrap_or_else(|| "not told yet".to_owned());
            entry.unknown.push(format!("error budget: {why}"));
        }
        Standing::Quiet => {}
    }
}

/// The release of a watch.
pub fn release<'a>(state: &'a Cockpit, entry: &Entry) -> Option<&'a Release> {
    state.workspace.release(&entry.id.release)
}

/// Whether a watch is counted from the plan alone.
pub fn is_planned_only(entry: &Entry) -> bool {
    matches!(entry.watch.begins, Beginning::Planned(_))
}

/// How what the watches rest on looks now: the worst of the histories asked for.
pub fn face(state: &Cockpit) -> Face<'_, ()> {
    sights::face(state)
}
