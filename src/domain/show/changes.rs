//! What a person does to a run of show, as changes of the release's file.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use chrono_tz::Tz;

use super::{CountTime, Reckoning, StepState, reckon};
use crate::domain::{Before, Change, Patch, Place, PlanFile, Release, Value};

/// What can be done to a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepDeed {
    /// It begins.
    Start,
    /// It is done.
    Finish,
    /// It is left out.
    Skip {
        /// Why.
        reason: String,
    },
    /// As if nothing had happened yet.
    Reopen,
    /// To another time on the count.
    Move(CountTime),
}

/// Something that cannot be done now, and what can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {mend}")]
pub struct Refused {
    /// What is in the way.
    pub what: String,
    /// What to do.
    pub mend: String,
}

fn refused<T>(what: impl Into<String>, mend: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { what: what.into(), mend: mend.into() })
}

/// Does something to a step at an instant.
pub fn change_step(
    release: &Release,
    workspace: Tz,
    id: &str,
    deed: &StepDeed,
    by: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Patch, Refused> {
    let reckoning = counting(release, workspace, now)?;
    let Some(step) = reckoning.step(id) else {
        let known: Vec<&str> = release.show.steps.iter().map(|step| step.id.as_str()).collect();
        let id = crate::domain::Safe::new(id);
        return refused(
            format!("{} has no step `{id}`", release.id),
            format!("there are {}", known.join(", ")),
        );
    };
    let state = step.state;
    let waits = || step.waits_for.iter().map(|other| other.id.as_str()).collect::<Vec<_>>().join(", ");
    let is_blocked = !step.waits_for.is_empty();
    match deed {
        StepDeed::Start | StepDeed::Finish | StepDeed::Skip { .. } if state.is_over() => {
            return refused(format!("{id} is {} already", state.word()), "reopen it first if that is wrong");
        }
        StepDeed::Start if state == StepState::Running => {
            return refused(format!("{id} runs already"), "say when it is done");
        }
        StepDeed::Start | StepDeed::Finish if is_blocked => {
            return refused(format!("{id} waits for {}", waits()), "finish or skip that first");
        }
        StepDeed::Start if reckoning.clock.hold.is_some() => {
            return refused("the count is held", "nothing begins meanwhile, resume first");
        }
        StepDeed::Skip { reason } if reason.trim().is_empty() => {
            return refused("no reason is given", "say why it is left out");
        }
        StepDeed::Reopen if step.step.is_untouched() => {
            return refused(format!("nothing has happened to {id} yet"), "there is nothing to take back");
        }
        StepDeed::Move(_) if state.is_over() || state == StepState::Running => {
            return refused(format!("{id} is {}", state.word()), "what happened stays where it happened");
        }
        _ => {}
    }
    let known = step.step;
    let place = Place::Id("step".to_owned(), id.to_owned());
    let set =
        |key: &str, value: Option<Value>| Change::Set { place: place.clone(), key: key.to_owned(), value };
    let at = || Some(time(now));
    let person = by.map(Value::text);
    let changes = match deed {
        StepDeed::Start => vec![set("started", at()), set("by", person)],
        StepDeed::Finish => vec![set("done", at()), set("by", person)],
        StepDeed::Skip { reason } => {
            vec![set("done", at()), set("by", person), set("skipped", Some(Value::text(reason.trim())))]
        }
        StepDeed::Reopen => {
            let there = [
                ("started", known.started.is_some()),
                ("done", known.done.is_some()),
                ("by", known.by.is_some()),
                ("skipped", known.skipped.is_some()),
            ];
            there.into_iter().filter(|(_, is_there)| *is_there).map(|(key, _)| set(key, None)).collect()
        }
        StepDeed::Move(to) => vec![set("at", Some(Value::text(to.to_string())))],
    };
    let title = match deed {
        StepDeed::Start => format!("start {id}"),
        StepDeed::Finish => format!("{id} done"),
        StepDeed::Skip { .. } => format!("skip {id}"),
        StepDeed::Reopen => format!("reopen {id}"),
        StepDeed::Move(to) => format!("move {id} to {to}"),
    };
    Ok(patch(release, &title, changes))
}

/// Holds the count.
pub fn hold(
    release: &Release,
    workspace: Tz,
    reason: &str,
    by: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Patch, Refused> {
    let reckoning = counting(release, workspace, now)?;
    if let Some(hold) = release.show.open_hold() {
        let by = hold.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        return refused(format!("the count is held{by} already: {}", hold.reason), "resume it first");
    }
    if reason.trim().is_empty() {
        return refused("no reason is given", "say why the count is held");
    }
    if reckoning.steps.iter().all(|step| step.state.is_over()) {
        return refused("every step is done", "there is nothing to hold");
    }
    // Clocks of different machines differ a little: one hold begins where the one before ended.
    let before = release.show.holds.last().and_then(|hold| hold.until);
    let mut table = vec![("since".to_owned(), time(before.map_or(now, |before| before.max(now))))];
    table.extend(by.map(|by| ("by".to_owned(), Value::text(by))));
    table.push(("reason".to_owned(), Value::text(reason.trim())));
    Ok(patch(release, "hold", vec![Change::Add { list: "hold".to_owned(), table }]))
}

/// Lets the count go on.
pub fn resume(release: &Release, workspace: Tz, now: DateTime<Utc>) -> Result<Patch, Refused> {
    counting(release, workspace, now)?;
    let Some(hold) = release.show.open_hold() else {
        return refused("the count is not held", "there is nothing to resume");
    };
    let change = Change::Set {
        place: Place::Nth("hold".to_owned(), release.show.holds.len() - 1),
        key: "until".to_owned(),
        value: Some(time(now.max(hold.since))),
    };
    Ok(patch(release, "resume", vec![change]))
}

/// The run of show, where there is one that still counts.
fn counting(release: &Release, workspace: Tz, now: DateTime<Utc>) -> Result<Reckoning<'_>, Refused> {
    if release.show.is_empty() {
        return refused(
            format!("{} has no run of show", release.id),
            "write its steps as [[step]] in its file",
        );
    }
    if !release.is_live() {
        return refused(format!("{} is {}", release.id, release.status.word()), "nothing counts any more");
    }
    reckon(release, workspace, now)
        .map_err(|what| Refused { what, mend: format!("mend releases/{}.toml", release.id) })
}

fn patch(release: &Release, deed: &str, changes: Vec<Change>) -> Patch {
    Patch {
        file: PlanFile::Release(release.id.clone()),
        title: format!("{}: {deed}", release.id),
        before: Some(Box::new(Before::Release(release.clone()))),
        changes,
    }
}

fn time(at: DateTime<Utc>) -> Value {
    Value::Time(at.trunc_subsecs(0).to_rfc3339_opts(SecondsFormat::Secs, true))
}
