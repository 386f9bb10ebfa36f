//! What becomes of a silence that is sent, and of one that is ended: known only by reading again.

use super::Request;
use crate::domain::question::{Silence, SilenceState};
use crate::domain::{Failure, Safe};

/// What came of sending a change, by its answer alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent<T> {
    /// Yes.
    Accepted(T),
    /// No, and so nothing was changed.
    Refused(Failure),
    /// Nothing that tells: it was sent, and no answer came, or one of a server in trouble.
    Unclear(Failure),
}

/// What became of a silence that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is there, read again afterwards.
    Made {
        /// As it is there.
        silence: Box<Silence>,
        /// What became of the one it takes the place of.
        replaced: Option<Box<Expired>>,
    },
    /// It was not sent, or was refused: nothing was changed there.
    Refused(Failure),
    /// It was sent, and nobody can say what became of it.
    Unknown {
        /// Why; `None`: the Alertmanager said yes.
        why: Option<Failure>,
        /// Why it could not be read again; `None`: it was, and there is no such silence.
        unread: Option<Failure>,
    },
}

impl Created {
    /// By what was sent, the ids there before, and what is there now. A silence is ours when it
    /// says what was asked and was not there before.
    pub fn settle(
        request: &Request,
        sent: Sent<Safe>,
        before: &[Safe],
        now: Result<Vec<Silence>, Failure>,
    ) -> Self {
        let (id, why) = match sent {
            Sent::Refused(failure) => return Self::Refused(failure),
            Sent::Accepted(id) => (Some(id), None),
            Sent::Unclear(failure) => (None, Some(failure)),
        };
        let silences = match now {
            Ok(silences) => silences,
            Err(failure) => return Self::Unknown { why, unread: Some(failure) },
        };
        let found = silences.into_iter().find(|silence| match &id {
            Some(id) => silence.id == *id,
            None => !before.contains(&silence.id) && request.is_same(silence),
        });
        match found {
            Some(silence) => Self::Made { silence: Box::new(silence), replaced: None },
            None => Self::Unknown { why, unread: None },
        }
    }

    /// The word for it, as JSON has it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Made { .. } => "made",
            Self::Refused(_) => "refused",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Whether all of it went well.
    pub fn is_good(&self) -> bool {
        match self {
            Self::Made { replaced, .. } => replaced.as_ref().is_none_or(|expired| expired.is_good()),
            _ => false,
        }
    }

    /// For people, in one sentence.
    pub fn sentence(&self, request: &Request, zone: chrono_tz::Tz) -> String {
        let what = request.what();
        match self {
            Self::Made { silence, replaced } => {
                let until = crate::domain::format::local_time(silence.ends, zone);
                let made = format!("{what} is silenced until {until}");
                match replaced.as_deref() {
                    None => made,
                    Some(Expired::Ended) => format!("{made}; the one before was ended"),
                    Some(other) => {
                        let id = request.replaces.as_ref().map_or("", Safe::as_str);
                        format!("{made}; {}", other.sentence(&format!("the one before, {id}")))
                    }
                }
            }
            Self::Refused(failure) => format!("nothing was silenced: {failure}"),
            Self::Unknown { why, unread } => {
                let why = why.as_ref().map_or_else(
                    || "the Alertmanager said yes".to_owned(),
                    |why| format!("it was sent, and {}", why.what),
                );
                let there = match unread {
                    None => "read again, there is no such silence; it may still arrive".to_owned(),
                    Some(failure) => format!("it could not be read again ({})", failure.what),
                };
                format!("whether {what} is silenced is not known: {why}; {there}: look before trying again")
            }
        }
    }
}

/// A silence that is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The Alertmanager.
    pub backend: String,
    /// Its id.
    pub id: Safe,
    /// What it mutes, in words.
    pub what: String,
}

/// What became of a silence that was to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expired {
    /// It ended, read again afterwards.
    Ended,
    /// It was not sent, or was refused: nothing was changed there.
    Refused(Failure),
    /// It was sent, and nobody can say what became of it.
    Unknown {
        /// Why; `None`: the Alertmanager said yes.
        why: Option<Failure>,
        /// What it does now, as far as it could be read.
        now: Result<SilenceState, Failure>,
    },
}

impl Expired {
    /// By what was sent and what is there now. Ended silences stay in the list for days: one that
    /// is not there at all was never there, or so long ago that it mutes nothing.
    pub fn settle(id: &str, sent: Sent<()>, now: Result<Vec<Silence>, Failure>) -> Self {
        let why = match sent {
            Sent::Refused(failure) => return Self::Refused(failure),
            Sent::Accepted(()) => None,
            Sent::Unclear(failure) => Some(failure),
        };
        let state = now.map(|silences| {
            let found = silences.iter().find(|silence| silence.id.as_str() == id);
            found.map(|silence| silence.state)
        });
        match (state, why) {
            (Ok(Some(SilenceState::Expired)), _) | (Ok(None), None) => Self::Ended,
            (Ok(None), Some(failure)) => {
                let mend = Safe::new("there is no such silence: look at the list again");
                Self::Refused(Failure { mend, ..failure })
            }
            (Ok(Some(state)), why) => Self::Unknown { why, now: Ok(state) },
            (Err(failure), why) => Self::Unknown { why, now: Err(failure) },
        }
    }

    /// The word for it, as JSON has it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Refused(_) => "refused",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Whether it ended.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Ended)
    }

    /// For people, in one sentence about `what`.
    pub fn sentence(&self, what: &str) -> String {
        match self {
            Self::Ended => format!("{what} was ended"),
            Self::Refused(failure) => format!("{what} was not ended: {failure}"),
            Self::Unknown { why, now } => {
                let why = why.as_ref().map_or_else(
                    || "the Alertmanager said yes".to_owned(),
                    |why| format!("it was sent, and {}", why.what),
                );
                let there = match now {
                    Ok(state) => format!("read again, it is {}", state.word()),
                    Err(failure) => format!("it could not be read again ({})", failure.what),
                };
                format!("whether {what} ended is not known: {why}; {there}: look before trying again")
            }
        }
    }
}
