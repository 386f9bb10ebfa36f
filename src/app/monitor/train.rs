//! The trains as the panel shows them: releases, their cars in the order in which they must go, and
//! the rollouts that no release plans.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::app::list::{step, walked};
use crate::app::state::{Tone, matches_filter};
use crate::app::{Effect, Intent, ListId};
use crate::domain::rollout::Since;
use crate::domain::rollout::plan::{At, Eta, Position};
use crate::domain::rollout::skew::{Skew, instant_of};
use crate::domain::rollout::train::{self, Car, Train};

use super::judge::{self, Word};
use super::rollouts::{Key, Seen};
use super::snapshot::time;

/// Releases within so long before and after the window's end are trains of the day.
const TODAY: TimeDelta = TimeDelta::hours(12);

/// What the view remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The row chosen; `None`: the one of the rollout that all views speak of.
    pub row: Option<Id>,
}

/// Which row: the same through every reload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    /// A release.
    Train(String),
    /// A service of a release at a place.
    Car(String, String, String),
    /// A rollout that no release plans.
    Loose(Key),
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Row<'a> {
    /// A release.
    Train(&'a Train),
    /// A car of it.
    Car(&'a Train, &'a Car),
    /// A rollout that no release plans.
    Loose(&'a Seen),
}

impl Row<'_> {
    /// Which.
    pub fn id(&self) -> Id {
        match self {
            Self::Train(train) => Id::Train(train.release.clone()),
            Self::Car(train, car) => Id::Car(train.release.clone(), car.service.clone(), car.place()),
            Self::Loose(seen) => Id::Loose(seen.key.clone()),
        }
    }
}

/// Couples the trains from what was seen.
pub(super) fn gather(state: &crate::app::State, rollouts: &[Seen], map: &Skew) -> Vec<Train> {
    let now = state.monitor.window.end(state.now.wall);
    couple(&state.workspace, rollouts, map, now)
}

/// Couples the trains of the hours around an instant.
pub fn couple(
    workspace: &crate::domain::Workspace,
    rollouts: &[Seen],
    map: &Skew,
    now: DateTime<Utc>,
) -> Vec<Train> {
    let seen: Vec<train::Seen<'_>> = rollouts
        .iter()
        .enumerate()
        .map(|(index, seen)| train::Seen {
            index,
            service: &seen.key.service,
            environment: &seen.key.environment,
            region: seen.key.region.as_deref(),
            to: &seen.key.to,
            phase: seen.phase,
            share: seen.share,
            position: seen.position.as_ref(),
        })
        .collect();
    train::trains(workspace, &seen, map, (now - TODAY, now + TODAY), now)
}

/// The rows that the filter lets through: each train with its cars, then what no release plans.
pub fn listed(state: &crate::app::State) -> Vec<Row<'_>> {
    let filter = &state.monitor.filter;
    let passes = |text: &str| filter.is_empty() || matches_filter(filter, text);
    let mut rows = Vec::new();
    for train in &state.monitor.index.trains {
        let name = format!("{} {}", train.release, train.title);
        let is_whole = passes(&name);
        let cars: Vec<&Car> = train
            .cars
            .iter()
            .filter(|car| {
                let words = [&name, &car.service, &car.version, &car.place(), car.state.word()];
                is_whole || passes(&words.map(ToOwned::to_owned).join(" "))
            })
            .collect();
        if is_whole || !cars.is_empty() {
            rows.push(Row::Train(train));
            rows.extend(cars.into_iter().map(|car| Row::Car(train, car)));
        }
    }
    let loose = super::listed(state).into_iter().filter(|seen| seen.position.is_none());
    rows.extend(loose.map(Row::Loose));
    rows
}

/// The rollout seen behind a row.
pub fn rollout_of<'a>(state: &'a crate::app::State, row: &Row<'a>) -> Option<&'a Seen> {
    match row {
        Row::Train(train) => {
            let car = train.holding().or_else(|| train.cars.iter().find(|car| car.rollout.is_some()))?;
            state.monitor.index.rollouts.get(car.rollout?)
        }
        Row::Car(_, car) => state.monitor.index.rollouts.get(car.rollout?),
        Row::Loose(seen) => Some(seen),
    }
}

/// The selected row: the one chosen here, else that of the rollout all views speak of.
pub fn selected_row(state: &crate::app::State) -> usize {
    let rows = listed(state);
    let chosen = state.monitor.train.row.as_ref();
    let by_id = chosen.and_then(|id| rows.iter().position(|row| row.id() == *id));
    let spoken_of = || {
        let key = &super::selected(state)?.key;
        rows.iter().position(|row| {
            !matches!(row, Row::Train(_)) && rollout_of(state, row).is_some_and(|seen| seen.key == *key)
        })
    };
    by_id.or_else(spoken_of).unwrap_or(0)
}

/// What the view's own keys do.
pub(super) fn handle(state: &mut crate::app::State, intent: Intent) -> Option<Vec<Effect>> {
    let page = state.feedback.list(ListId::Train).map_or(5, |(_, rows)| rows.max(1).cast_signed());
    if let Some(by) = walked(intent, page) {
        walk(state, by);
        return Some(Vec::new());
    }
    match intent {
        Intent::SelectRow(ListId::Train, row) => choose(state, row),
        Intent::ScrollList(ListId::Train, rows) => walk(state, isize::from(rows)),
        Intent::Open => open(state),
        _ => return None,
    }
    Some(Vec::new())
}

fn walk(state: &mut crate::app::State, by: isize) {
    let row = step(selected_row(state), by, listed(state).len());
    choose(state, row);
}

/// A row that speaks of a rollout lets all views speak of it.
fn choose(state: &mut crate::app::State, row: usize) {
    let rows = listed(state);
    let Some(row) = rows.get(row) else { return };
    let id = row.id();
    let key = match row {
        Row::Train(_) => None,
        row => rollout_of(state, row).map(|seen| seen.key.clone()),
    };
    let release = match row {
        Row::Train(train) | Row::Car(train, _) => Some(train.release.clone()),
        Row::Loose(_) => None,
    };
    if let Some(key) = key {
        super::select(state, &key);
    } else if release.is_some() {
        state.release = release;
    }
    state.monitor.train.row = Some(id);
}

/// To the rollout behind the row, in the overview.
fn open(state: &mut crate::app::State) {
    let rows = listed(state);
    let row = rows.get(selected_row(state));
    match row.and_then(|row| rollout_of(state, row)).map(|seen| seen.key.clone()) {
        Some(key) => {
            super::select(state, &key);
            state.monitor.view = super::View::Overview;
        }
        None => state.say(Tone::Refused, "no rollout of it is seen in this window"),
    }
}

/// The view as JSON.
pub(super) fn snapshot(state: &crate::app::State) -> Value {
    let rows = listed(state);
    let selected = rows.get(selected_row(state)).map(|row| match row.id() {
        Id::Train(release) => json!({ "release": release }),
        Id::Car(release, service, place) => json!({ "release": release, "service": service, "place": place }),
        Id::Loose(key) => json!({ "release": null, "service": key.service, "place": key.place() }),
    });
    let trains = rows.iter().filter_map(|row| match row {
        Row::Train(train) => Some(judged(state, train)),
        _ => None,
    });
    let loose = rows.iter().filter_map(|row| match row {
        Row::Loose(seen) => Some(seen.sentence()),
        _ => None,
    });
    json!({
        "trains": trains.collect::<Vec<_>>(),
        "not_planned": loose.collect::<Vec<_>>(),
        "selected": selected,
    })
}

/// A train as JSON, with its verdicts.
fn judged(state: &crate::app::State, train: &Train) -> Value {
    let mut value = document(train);
    value["verdict"] = json!(verdict(state, train).map(Word::word));
    for (index, car) in train.cars.iter().enumerate() {
        let seen = car.rollout.and_then(|rollout| state.monitor.index.rollouts.get(rollout));
        value["cars"][index]["verdict"] = seen.map_or(Value::Null, |seen| judge::row(state, seen));
    }
    value
}

/// The verdict on a train: the worst of its rollouts that were seen; `None`: none was.
pub fn verdict(state: &crate::app::State, train: &Train) -> Option<Word> {
    let seen = train.cars.iter().filter_map(|car| state.monitor.index.rollouts.get(car.rollout?));
    Word::worst(seen.map(|seen| judge::word(state, seen)))
}

/// A train as JSON.
pub fn document(train: &Train) -> Value {
    let car = |car: &Car| {
        json!({
            "service": car.service,
            "version": car.version,
            "environment": car.environment,
            "region": car.region,
            "wave": car.wave,
            "planned": { "start": time(car.planned.0), "end": time(car.planned.1) },
            "state": car.state.word(),
            "progress": car.progress,
            "everywhere": car.full.map(eta),
        })
    };
    json!({
        "release": train.release,
        "title": train.title,
        "progress": train.progress,
        "done": train.done(),
        "of": train.cars.len(),
        "held_by": train.holding().map(|car| json!({ "service": car.service, "place": car.place() })),
        "everywhere": train.full.map(eta),
        "cars": train.cars.iter().map(car).collect::<Vec<_>>(),
    })
}

/// When something will be, as JSON: from when to when at the latest; `null`s: not known.
pub fn eta(eta: Eta) -> Value {
    let (from, to, reached) = match eta {
        Eta::Reached(since) => (Some(instant_of(since)), Some(instant_of(since)), true),
        Eta::About(at) => (Some(at), Some(at), false),
        Eta::Between(from, to) => (Some(from), Some(to), false),
        Eta::NotKnown => (None, None, false),
    };
    json!({ "earliest": from.map(time), "latest": to.map(time), "reached": reached })
}

/// Where a rollout is on its plan, as JSON.
pub fn plan(position: &Position, share: f64, now: DateTime<Utc>, zone: Tz) -> Value {
    let (since, since_before) = match position.at {
        At::Step { since: Since::At(at), .. } => (Some(at), false),
        At::Step { since: Since::Before(at), .. } => (Some(at), true),
        _ => (None, false),
    };
    json!({
        "release": position.release,
        "stage": position.stage,
        "start": time(position.planned.0),
        "end": time(position.planned.1),
        "strategy": position.strategy.map(crate::domain::Strategy::word),
        "steps": position.steps.iter().map(|step| step * 100.0).collect::<Vec<_>>(),
        "step": position.step(),
        "at": position.at_words(),
        "step_since": since.map(time),
        "step_since_before_window": since_before,
        "seconds_left": position.left(now).map(|left| left.num_seconds()),
        "everywhere": eta(position.full),
        "watched": position.done.map(eta),
        "seconds_behind": position.delay.map(|delay| delay.num_seconds()),
        "off_plan": position.off.iter().map(|off| off.words(position, share)).collect::<Vec<_>>(),
        "words": position.sentence(share, now, zone),
    })
}

/// What is selected, as text to copy.
pub(super) fn selected_text(state: &crate::app::State) -> Option<String> {
    let now = state.monitor.window.end(state.now.wall);
    let rows = listed(state);
    let row = rows.get(selected_row(state))?;
    Some(match row {
        Row::Train(train) => {
            let full = train.full.map_or_else(
                || "everywhere".to_owned(),
                |full| format!("everywhere {}", full.words(now, state.zone)),
            );
            format!("{}: {} of {} done, {full}", train.title, train.done(), train.cars.len())
        }
        Row::Car(_, car) => match rollout_of(state, row) {
            Some(seen) => format!("{}; {}", seen.sentence(), seen.plan_words(now, state.zone)),
            None => format!("{} {} in {}: {}", car.service, car.version, car.place(), car.state.word()),
        },
        Row::Loose(seen) => format!("{}; {}", seen.sentence(), seen.plan_words(now, state.zone)),
    })
}
