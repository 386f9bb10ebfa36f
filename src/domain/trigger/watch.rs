//! Looking again and again: since when a condition holds, and whether that is long enough.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Observation, Trigger};

/// One look at one rollout.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// When the rollout began.
    pub began: DateTime<Utc>,
    /// The environment it is in.
    pub environment: &'a str,
    /// What is seen.
    pub seen: &'a Observation,
}

/// How a trigger stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its condition does not hold.
    Quiet,
    /// Its condition holds, not for long enough.
    Holding {
        /// For how long.
        held: TimeDelta,
    },
    /// It fired.
    Fired {
        /// When.
        at: DateTime<Utc>,
    },
    /// Whether its condition holds is not known.
    Unknown,
    /// The rollout began too long ago for it, or it is not for this environment.
    OutOfScope,
}

/// A trigger that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Its id.
    pub trigger: String,
    /// When its condition first held.
    pub since: DateTime<Utc>,
    /// When it had held for long enough.
    pub at: DateTime<Utc>,
}

/// What one rollout's triggers have seen so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watch {
    holds: BTreeMap<String, Hold>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Hold {
    /// When the condition first held.
    since: DateTime<Utc>,
    /// The last look at which it held; `None`: the one after it did not know.
    last: Option<DateTime<Utc>>,
    /// How long it was seen to hold.
    held: TimeDelta,
    fired: Option<DateTime<Utc>>,
}

impl Watch {
    /// Takes a look; answers how each trigger stands, in the order given.
    ///
    /// A condition counts from one look at which it holds to the next at which it still does. A
    /// look that does not know adds nothing and takes nothing away; one at which it does not hold
    /// begins anew. A look no later than the last one changes nothing.
    pub fn look(&mut self, triggers: &[Trigger], look: Look<'_>) -> Vec<Standing> {
        triggers.iter().map(|trigger| self.one(trigger, look)).collect()
    }

    fn one(&mut self, trigger: &Trigger, look: Look<'_>) -> Standing {
        let known = self.holds.get(&trigger.id);
        if !trigger.is_for(look.environment) {
            return Standing::OutOfScope;
        }
        let is_late = look.at - look.began > trigger.within || look.at < look.began;
        match look.seen.holds(&trigger.when) {
            // What fired in its time stays until its condition lets go.
            _ if is_late && known.and_then(|hold| hold.fired).is_none() => {
                self.holds.remove(&trigger.id);
                Standing::OutOfScope
            }
            None => {
                let Some(hold) = self.holds.get_mut(&trigger.id) else { return Standing::Unknown };
                hold.last = None;
                hold.fired.map_or(Standing::Unknown, |at| Standing::Fired { at })
            }
            Some(false) => {
                self.holds.remove(&trigger.id);
                Standing::Quiet
            }
            Some(true) => self.hold(trigger, look.at),
        }
    }

    fn hold(&mut self, trigger: &Trigger, at: DateTime<Utc>) -> Standing {
        let new = Hold { since: at, last: None, held: TimeDelta::zero(), fired: None };
        let hold = self.holds.entry(trigger.id.clone()).or_insert(new);
        if let Some(last) = hold.last {
            hold.held += (at - last).max(TimeDelta::zero());
        }
        hold.last = Some(hold.last.map_or(at, |last| last.max(at)));
        if hold.fired.is_none() && hold.held >= trigger.hold {
            hold.fired = Some(at);
        }
        match hold.fired {
            Some(at) => Standing::Fired { at },
            None => Standing::Holding { held: hold.held },
        }
    }

    /// Those that fired and whose condition has not let go, the first first.
    pub fn fired(&self) -> Vec<Fired> {
        let fired = self
            .holds
            .iter()
            .filter_map(|(id, hold)| Some(Fired { trigger: id.clone(), since: hold.since, at: hold.fired? }));
        let mut fired: Vec<Fired> = fired.collect();
        fired.sort_by(|one, other| (one.at, &one.trigger).cmp(&(other.at, &other.trigger)));
        fired
    }
}
