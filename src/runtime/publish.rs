//! Publishing the plan to a CalDAV server: one resource an event, only what changed, and nothing
//! that others wrote is overwritten.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::backend::caldav::{Caldav, Condition, Outcome};
use crate::domain::Failure;
use crate::domain::icalendar::export::{Event, Revision, content_of, resource};
use crate::store::ledger::Ledger;

/// One thing to do on the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The event's UID.
    pub uid: String,
    /// The resource's name.
    pub name: String,
    /// What.
    pub action: Action,
}

/// What is done with a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// It is there as it should be.
    Keep,
    /// It is put there.
    Add {
        /// The resource's text.
        text: String,
        /// Its revision.
        revision: Revision,
    },
    /// It is replaced.
    Replace {
        /// The resource's text.
        text: String,
        /// Its revision.
        revision: Revision,
        /// The state it must be in.
        etag: String,
    },
    /// It is deleted: tminus made it, and the plan has it no more.
    Delete {
        /// The state it must be in.
        etag: String,
    },
    /// It was changed there since, and stays.
    ChangedThere,
    /// It was taken away there since tminus put it there, and the plan has it no more.
    Forget,
}

impl Action {
    /// Whether something is sent.
    pub fn is_change(&self) -> bool {
        matches!(self, Self::Add { .. } | Self::Replace { .. } | Self::Delete { .. })
    }
}

/// What has to be done, in order.
pub struct Plan {
    /// Whether the collection has to be made first.
    pub missing: bool,
    /// The steps, adds and replacements first.
    pub steps: Vec<Step>,
    ledger: Ledger,
    contents: BTreeMap<String, String>,
}

/// How a step ended.
#[derive(Debug)]
pub enum Done {
    /// As planned.
    Done,
    /// Not at all.
    Failed(Failure),
    /// Somebody else was faster.
    Conflict,
    /// Nobody knows.
    Unknown(Failure),
}

/// The name of an event's resource: the same for ever.
pub fn name_of(uid: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.@".contains(c) { c } else { '-' };
    let name: String = uid.chars().map(safe).collect();
    // Two UIDs that look alike now must still differ.
    if name == uid {
        format!("{name}.ics")
    } else {
        format!("{name}-{:016x}.ics", crate::domain::icalendar::hash(uid))
    }
}

/// Compares the plan with what is on the server.
pub async fn plan(
    root: Option<&Path>,
    address: &str,
    server: &Caldav,
    events: Vec<Event>,
    now: DateTime<Utc>,
) -> Result<Plan, Failure> {
    let there = server.list().await?;
    let missing = there.is_none();
    let there = there.unwrap_or_default();
    let ledger = Ledger::open(root, address);
    let mut plan = Plan { missing, steps: Vec::new(), ledger, contents: BTreeMap::new() };
    let wanted: BTreeSet<String> = events.iter().map(|event| event.uid.clone()).collect();
    for event in events {
        let (name, content) = (name_of(&event.uid), event.content());
        let known = plan.ledger.known(&event.uid);
        let action = match (known, there.get(&name)) {
            (Some(known), Some(etag)) if known.etag.as_ref() != Some(etag) => Action::ChangedThere,
            (Some(known), Some(_)) if known.says(&content) => Action::Keep,
            (Some(known), Some(etag)) => {
                let revision = known.next(now);
                Action::Replace { text: resource(&event, revision, now), revision, etag: etag.clone() }
            }
            (Some(known), None) => {
                let revision = if known.says(&content) { known.revision() } else { known.next(now) };
                Action::Add { text: resource(&event, revision, now), revision }
            }
            (None, None) => {
                let revision = Revision::default();
                Action::Add { text: resource(&event, revision, now), revision }
            }
            // Made by tminus on another machine: its name says so.
            (None, Some(etag)) => adopted(server, &event, &name, etag, now, &mut plan.ledger).await?,
        };
        plan.contents.insert(event.uid.clone(), content);
        plan.steps.push(Step { uid: event.uid, name, action });
    }
    let gone: Vec<String> =
        plan.ledger.uids().filter(|uid| !wanted.contains(*uid)).map(str::to_owned).collect();
    for uid in gone {
        let name = name_of(&uid);
        let known = plan.ledger.known(&uid).and_then(|known| known.etag.clone());
        let action = match (there.get(&name), known) {
            (None, _) => Action::Forget,
            (Some(etag), Some(known)) if *etag == known => Action::Delete { etag: known },
            (Some(_), _) => Action::ChangedThere,
        };
        plan.steps.push(Step { uid, name, action });
    }
    Ok(plan)
}

async fn adopted(
    server: &Caldav,
    event: &Event,
    name: &str,
    etag: &str,
    now: DateTime<Utc>,
    ledger: &mut Ledger,
) -> Result<Action, Failure> {
    let bytes = server.get(name).await?;
    let Some((content, revision)) = content_of(&bytes, &event.uid) else { return Ok(Action::ChangedThere) };
    ledger.put(&event.uid, content.clone(), revision, Some(etag.to_owned()));
    if content == event.sorted_content() {
        ledger.put(&event.uid, event.content(), revision, Some(etag.to_owned()));
        return Ok(Action::Keep);
    }
    let revision = Revision { sequence: revision.sequence + 1, modified: now };
    Ok(Action::Replace { text: resource(event, revision, now), revision, etag: etag.to_owned() })
}

impl Plan {
    /// How many steps change something.
    pub fn changes(&self) -> usize {
        self.steps.iter().filter(|step| step.action.is_change()).count()
    }

    /// Carries one step out, once, and remembers what is there now.
    pub async fn carry_out(&mut self, server: &Caldav, step: &Step) -> Done {
        let outcome = match &step.action {
            Action::Keep | Action::ChangedThere => return Done::Done,
            Action::Forget => Outcome::Done(None),
            Action::Add { text, .. } => server.put(&step.name, text, &Condition::Absent).await,
            Action::Replace { text, etag, .. } => {
                server.put(&step.name, text, &Condition::Is(etag.clone())).await
            }
            Action::Delete { etag } => server.delete(&step.name, etag).await,
        };
        match outcome {
            Outcome::Conflict => Done::Conflict,
            Outcome::Failed(failure) => Done::Failed(failure),
            Outcome::Unknown(failure) => Done::Unknown(failure),
            Outcome::Done(etag) => {
                match &step.action {
                    Action::Add { revision, .. } | Action::Replace { revision, .. } => {
                        let content = self.contents.get(&step.uid).cloned().unwrap_or_default();
                        self.ledger.put(&step.uid, content, *revision, etag);
                    }
                    _ => self.ledger.forget(&step.uid),
                }
                Done::Done
            }
        }
    }

    /// Learns the states that the server did not tell, and keeps what went out.
    pub async fn finish(&mut self, server: &Caldav) -> Result<(), Failure> {
        let untold: Vec<String> = self.ledger.without_etag();
        if !untold.is_empty()
            && let Some(there) = server.list().await?
        {
            for uid in untold {
                if let Some(etag) = there.get(&name_of(&uid)) {
                    self.ledger.tell(&uid, etag.clone());
                }
            }
        }
        self.ledger.save().map_err(|error| {
            Failure::new(
                crate::domain::FailureKind::File,
                format!("what was published cannot be remembered: {error}"),
                "make room in the state folder: the next time will look at everything there",
            )
        })
    }
}
