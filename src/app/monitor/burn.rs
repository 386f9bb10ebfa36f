//! Error budgets as the panel shows them: how fast each is spent, what is left, and what of it the
//! rollout on its way causes.

use serde_json::{Value, json};

use crate::app::list::{step, walked};
use crate::app::remotes::value_of;
use crate::app::state::{Tone, matches_filter};
use crate::app::{Effect, Intent, ListId, State as Cockpit};
use crate::domain::burn::{self, Account, Caused, Known, Part, Standing, Told, ToldCaused, Window, words};
use crate::domain::metric::MetricKind;
use crate::domain::question::Series;
use crate::domain::service::Slo;
use crate::domain::{Face, Metric, Question, Service};

use super::metrics;
use super::rollouts::Seen;
use super::view::View;

/// Objectives asked for at a time, the most critical services first: each costs three questions, of four
/// requests.
const MOST: usize = 60;
/// The stretch over which the errors of two versions are compared, in seconds: the first row's
/// short window.
const COMPARED: i64 = 300;

/// What the view remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The service chosen; `None`: the first.
    pub service: Option<String>,
}

/// A service's objective, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The service.
    pub service: &'a Service,
    /// Its objective.
    pub slo: &'a Slo,
    /// Where it is asked for, where its queries want to know.
    pub environment: Option<String>,
    /// Judged by what is fresh.
    pub account: Account,
    /// Judged by the last answers, however old: to show, never to count.
    pub last: Account,
    /// Whether any answer is old, and how old the oldest is.
    pub face: Face<'a, ()>,
    /// Why something is missing.
    pub why: Option<String>,
}

/// The questions for the objectives on screen, and for their rollouts' part.
pub(super) fn wanted(state: &Cockpit) -> Vec<Question> {
    let mut wanted = Vec::new();
    for (service, slo) in objectives(state) {
        wanted.extend(questions(state, service, slo));
    }
    wanted.extend(wanted_of_rollouts(state));
    wanted
}

/// The questions for the part of every rollout that goes on.
pub fn wanted_of_rollouts(state: &Cockpit) -> Vec<Question> {
    let rollouts = state.monitor.index.rollouts.iter().filter(|seen| seen.phase.is_active());
    rollouts.flat_map(|rollout| wanted_of_rollout(state, rollout)).collect()
}

/// The questions for the objective of one rollout's service, and for the rollout's part of it.
pub(super) fn wanted_beside(state: &Cockpit, rollout: &Seen) -> Vec<Question> {
    let Some((service, slo)) = objective(state, &rollout.key.service) else { return Vec::new() };
    let mut wanted: Vec<Question> = questions(state, service, slo).into();
    wanted.extend(wanted_of_rollout(state, rollout));
    wanted
}

/// The questions for the objective of a service; none where it has none.
pub(super) fn wanted_of_service(state: &Cockpit, service: &str) -> Vec<Question> {
    objective(state, service).map_or_else(Vec::new, |(service, slo)| questions(state, service, slo).into())
}

fn wanted_of_rollout(state: &Cockpit, rollout: &Seen) -> Vec<Question> {
    let Some((_, slo)) = objective(state, &rollout.key.service) else { return Vec::new() };
    let versions = metrics::versions(rollout);
    if burn::query::tells_versions_apart(slo) {
        return versions.map(|version| by_version(rollout, slo, version)).collect();
    }
    let Some(metric) = error_rate(state, rollout) else { return Vec::new() };
    let present = state.monitor.window.present();
    versions.map(|version| metrics::question(rollout, metric, version, present)).collect()
}

fn objective<'a>(state: &'a Cockpit, service: &str) -> Option<(&'a Service, &'a Slo)> {
    let service = state.workspace.service(service)?;
    Some((service, service.slo.as_ref()?))
}

/// The objectives that the filter lets through, those of critical services first.
fn objectives(state: &Cockpit) -> Vec<(&Service, &Slo)> {
    let filter = &state.monitor.filter;
    let passes = |service: &Service| {
        let owner = service.owner.as_deref().unwrap_or_default();
        filter.is_empty() || matches_filter(filter, &format!("{} {owner}", service.id))
    };
    let with = state.workspace.services.iter().filter(|service| passes(service));
    let mut found: Vec<(&Service, &Slo)> =
        with.filter_map(|service| Some((service, service.slo.as_ref()?))).collect();
    found.sort_by_key(|(service, _)| service.tier.unwrap_or(u8::MAX));
    found.truncate(MOST);
    found
}

/// How many objectives there are, and how many of them are asked for.
pub fn counts(state: &Cockpit) -> (usize, usize) {
    let all = state.workspace.services.iter().filter(|service| service.slo.is_some()).count();
    (all, objectives(state).len())
}

fn questions(state: &Cockpit, service: &Service, slo: &Slo) -> [Question; 3] {
    burn::query::questions(&service.id, burn::query::place(&state.workspace, slo).as_deref())
}

fn by_version(rollout: &Seen, slo: &Slo, version: &str) -> Question {
    let environment = burn::query::asks_for_environment(slo).then(|| rollout.key.environment.clone());
    let service = rollout.key.service.clone();
    Question::Burn { service, environment, version: Some(version.to_owned()), part: Part::Short }
}

/// Every objective that is asked for, the worst first.
pub fn listed(state: &Cockpit) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> =
        objectives(state).into_iter().map(|(service, slo)| entry(state, service, slo)).collect();
    // By the last answers, so that an outage does not stir the list.
    let place = |entry: &Entry<'_>| entry.account.heat().max_by_standing(entry.last.heat());
    entries.sort_by(|one, other| {
        let ((a, heat), (b, other_heat)) = (place(one), place(other));
        b.cmp(&a).then(other_heat.total_cmp(&heat)).then_with(|| one.service.id.cmp(&other.service.id))
    });
    entries
}

/// The hotter of two places in the list.
trait Hotter {
    fn max_by_standing(self, other: Self) -> Self;
}

impl Hotter for (Standing, f64) {
    fn max_by_standing(self, other: Self) -> Self {
        if other.0 > self.0 || (other.0 == self.0 && other.1 > self.1) { other } else { self }
    }
}

/// A service's objective, where it has one.
pub fn of_service<'a>(state: &'a Cockpit, service: &str) -> Option<Entry<'a>> {
    let (service, slo) = objective(state, service)?;
    Some(entry(state, service, slo))
}

/// The burn of a service over the last hour, where it is known and fresh: what triggers look at.
pub fn last_hour(state: &Cockpit, service: &str) -> Option<f64> {
    of_service(state, service)?.account.last_hour()
}

fn entry<'a>(state: &'a Cockpit, service: &'a Service, slo: &'a Slo) -> Entry<'a> {
    let (mut known, mut last) = (Known::default(), Known::default());
    let mut worst = Face::Fresh(&());
    for question in questions(state, service, slo) {
        let face = state.remotes.burned(&question, state.now);
        if let Some(burned) = value_of(&face) {
            last.take(burned);
        }
        match &face {
            Face::Fresh(burned) => known.take(burned),
            Face::Stale { age, trouble, .. } => {
                known.miss(trouble.map_or("stale".to_owned(), |trouble| trouble.failure.to_string()));
                let is_older = !matches!(&worst, Face::Stale { age: other, .. } if other >= age);
                if is_older && !matches!(worst, Face::Failed(_)) {
                    worst = Face::Stale { value: &(), age: *age, trouble: *trouble };
                }
            }
            Face::Failed(trouble) => {
                known.miss(trouble.failure.to_string());
                if last.readings.is_empty() {
                    worst = Face::Failed(trouble);
                }
            }
            Face::Loading | Face::NotAsked if matches!(worst, Face::Fresh(())) => worst = Face::Loading,
            Face::Loading | Face::NotAsked => {}
        }
    }
    let account = burn::account(slo, &known, state.now.wall);
    let last = burn::account(slo, &last, state.now.wall);
    let environment = burn::query::place(&state.workspace, slo);
    Entry { service, slo, environment, account, last, face: worst, why: known.why }
}

/// The rollout of a service that its objective is seen beside: the one selected, else one that
/// goes on.
pub fn rollout_of<'a>(state: &'a Cockpit, service: &str) -> Option<&'a Seen> {
    let selected = super::selected(state).filter(|seen| seen.key.service == service);
    let active = || {
        let all = state.monitor.index.rollouts.iter();
        all.filter(|seen| seen.key.service == service).find(|seen| seen.phase.is_active())
    };
    selected.filter(|seen| seen.phase.is_active()).or_else(active)
}

/// The part of a rollout in its service's burn; `None`: the numbers do not tell.
pub fn caused(state: &Cockpit, rollout: &Seen) -> Option<Caused> {
    let (_, slo) = objective(state, &rollout.key.service)?;
    let from = rollout.from.as_deref()?;
    let (canary, stable) = if burn::query::tells_versions_apart(slo) {
        let ratio = |version: &str| {
            let question = by_version(rollout, slo, version);
            let Face::Fresh(burned) = state.remotes.burned(&question, state.now) else { return None };
            let mut known = Known::default();
            known.take(burned);
            burn::burn(slo, known.readings.get(&Window::Minutes5)).ok().map(|burn| burn * burn::allowed(slo))
        };
        (ratio(&rollout.key.to), ratio(from))
    } else {
        let metric = error_rate(state, rollout)?;
        let series = |version: &str| {
            let question = metrics::question(rollout, metric, version, state.monitor.window.present());
            match state.remotes.series(&question, state.now) {
                Face::Fresh(series) if series.warnings.is_empty() => Some(series),
                _ => None,
            }
        };
        let (canary, stable) = (series(&rollout.key.to)?, series(from)?);
        let (canary, stable) = means(canary, stable)?;
        (Some(canary), Some(stable))
    };
    burn::caused(slo, canary, stable, rollout.share)
}

/// The metric that says which share of a version's requests fails.
fn error_rate<'a>(state: &'a Cockpit, rollout: &Seen) -> Option<&'a Metric> {
    let metrics = metrics::of(state, rollout);
    let named = |metric: &&Metric| metric.name.to_lowercase().contains("error") && metric.kind.is_none();
    metrics
        .iter()
        .find(|metric| metric.kind == Some(MetricKind::ErrorRate))
        .or_else(|| metrics.iter().filter(|metric| metric.unit.as_deref() == Some("ratio")).find(named))
}

/// The means over the instants of the last minutes at which both series have a number.
fn means(canary: &Series, stable: &Series) -> Option<(f64, f64)> {
    let end = canary.time_of(canary.values.len().saturating_sub(1));
    let (mut sums, mut count) = ((0.0, 0.0), 0.0);
    for (index, value) in canary.values.iter().enumerate() {
        let at = canary.time_of(index);
        let place = (at - stable.start).num_seconds();
        let step = i64::from(stable.step.max(1));
        let beside = usize::try_from(place / step).ok().filter(|_| place % step == 0);
        let beside = beside.and_then(|index| stable.values.get(index).copied().flatten());
        if let (Some(one), Some(other)) = (*value, beside)
            && (end - at).num_seconds() < COMPARED
        {
            sums = (sums.0 + one, sums.1 + other);
            count += 1.0;
        }
    }
    (count > 0.0).then(|| (sums.0 / count, sums.1 / count))
}

/// Whether the rollout is to blame, as a sentence.
pub fn blame(state: &Cockpit, entry: &Entry<'_>, rollout: &Seen) -> String {
    let caused = caused(state, rollout);
    words::blame(caused.as_ref(), entry.account.lately(), &rollout.key.to, rollout.from.as_deref())
}

/// The selected row.
pub fn selected_row(state: &Cockpit, entries: &[Entry<'_>]) -> usize {
    let chosen = state.monitor.burn.service.as_ref();
    let row = chosen.and_then(|id| entries.iter().position(|entry| entry.service.id == *id));
    row.unwrap_or(0)
}

/// What the view's own keys do.
pub(super) fn handle(state: &mut Cockpit, intent: Intent) -> Option<Vec<Effect>> {
    let page = state.feedback.list(ListId::Burn).map_or(5, |(_, rows)| rows.max(1).cast_signed());
    if let Some(by) = walked(intent, page) {
        walk(state, by);
        return Some(Vec::new());
    }
    match intent {
        Intent::ScrollList(ListId::Burn, rows) => walk(state, isize::from(rows)),
        Intent::SelectRow(ListId::Burn, row) => choose(state, row),
        Intent::Open => open(state),
        _ => return None,
    }
    Some(Vec::new())
}

fn walk(state: &mut Cockpit, by: isize) {
    let entries = listed(state);
    let row = step(selected_row(state, &entries), by, entries.len());
    choose(state, row);
}

fn choose(state: &mut Cockpit, row: usize) {
    let service = listed(state).get(row).map(|entry| entry.service.id.clone());
    state.monitor.burn.service = service;
}

/// From a service to its rollout in the overview.
fn open(state: &mut Cockpit) {
    let entries = listed(state);
    let Some(entry) = entries.get(selected_row(state, &entries)) else { return };
    let id = entry.service.id.clone();
    let found = rollout_of(state, &id)
        .or_else(|| state.monitor.index.rollouts.iter().find(|seen| seen.key.service == id));
    match found.map(|seen| seen.key.clone()) {
        Some(key) => {
            super::select(state, &key);
            state.monitor.view = View::Overview;
        }
        None => state.say(Tone::Refused, format!("no rollout of {id} in this window")),
    }
}

/// The view as JSON.
pub(super) fn snapshot(state: &Cockpit) -> Value {
    let entries = listed(state);
    let selected = entries.get(selected_row(state, &entries)).map(|entry| entry.service.id.clone());
    let (all, asked) = counts(state);
    let told = entries.iter().map(|entry| told(state, entry)).collect::<Vec<_>>();
    json!({ "services": told, "selected": selected, "objectives": all, "asked": asked })
}

/// The part of a service's burn that the rollout beside it causes; `None`: there is none beside it.
pub fn part(state: &Cockpit, service: &str, account: &Account) -> Option<ToldCaused> {
    let rollout = rollout_of(state, service)?;
    let caused = caused(state, rollout);
    let (to, from) = (&rollout.key.to, rollout.from.as_deref());
    Some(ToldCaused::new(caused.as_ref(), account.lately(), to, from))
}

/// One objective as a document.
pub fn told(state: &Cockpit, entry: &Entry<'_>) -> Told {
    let release = part(state, &entry.service.id, &entry.account);
    Told::new(&entry.service.id, entry.environment.as_deref(), entry.slo, &entry.account)
        .with_release(release)
        .because(entry.why.clone())
}

/// What is selected, as text to copy.
pub(super) fn selected_text(state: &Cockpit) -> Option<String> {
    let entries = listed(state);
    let entry = entries.get(selected_row(state, &entries))?;
    let mut lines = vec![format!(
        "{}: {}, {}",
        entry.service.id,
        entry.account.standing.word(),
        words::summary(&entry.account.judged, &entry.account.outlook)
    )];
    lines.extend(rollout_of(state, &entry.service.id).map(|rollout| blame(state, entry, rollout)));
    Some(lines.join("\n"))
}
