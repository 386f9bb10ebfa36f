//! iCalendar (RFC 5545, and 7529 where it can be said in a rule): files to windows, and back.
//!
//! | file | does |
//! |---|---|
//! | `lines`, `value` | content lines with their places, and their values |
//! | `zones` | what a TZID means |
//! | `event`, `rules` | one VEVENT; RRULEs of the wild |
//! | `series`, `later` | events of one UID to windows |
//! | `clocks` | where a series meets a clock change |
//! | `own` | events that tminus itself sent out |
//! | [`merge`] | read windows into those that are there, as a patch |
//! | [`export`] | releases and windows as a calendar |
//!
//! Nothing fails as a whole: what cannot be read is named with its line, the rest comes in.

mod clocks;
mod event;
pub mod export;
mod later;
mod lines;
pub mod merge;
mod own;
mod rules;
mod series;
mod value;
mod zones;

use std::collections::BTreeSet;

use chrono_tz::Tz;

use self::event::Reader;
use self::lines::{Closing, Component};
use self::zones::Zones;
use super::window::WallTime;
use super::{Safe, Window, WindowKind};

/// The largest file read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// How many events of a file are read.
pub const MAX_EVENTS: usize = 200_000;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Its windows-to-be, in file order.
    pub drafts: Vec<Draft>,
    /// The UIDs that were read whole: windows of theirs that are not among the drafts are gone.
    pub told: BTreeSet<String>,
    /// The UIDs of which something could not be read: their windows stay as they are.
    pub unread: BTreeSet<String>,
    /// Whether the file was there to its end.
    pub whole: bool,
    /// How many events are called off, and so bring nothing.
    pub cancelled: usize,
    /// What could not be read.
    pub skipped: Vec<Note>,
    /// What came in, but not as one might think.
    pub notices: Vec<Note>,
}

/// A word about a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// From 1.
    pub line: usize,
    /// What is wrong there.
    pub why: String,
}

/// A window as an event wants it; the rest is the importer's choice.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The line of the event.
    pub line: usize,
    /// By which it is known again: the event's UID, and after a `#` the occurrence it changes.
    pub uid: String,
    /// For people.
    pub title: String,
    /// First start.
    pub start: WallTime,
    /// First end.
    pub end: WallTime,
    /// Of its wall times.
    pub time_zone: Tz,
    /// The rule.
    pub repeat: Option<String>,
    /// Occurrences left out.
    pub skip: Vec<WallTime>,
    /// Occurrences added.
    pub also: Vec<WallTime>,
}

impl Draft {
    /// The window it makes, with nothing said of where it applies.
    pub fn window(&self, id: &str, kind: WindowKind) -> Window {
        Window {
            id: id.to_owned(),
            kind,
            title: self.title.clone(),
            start: self.start,
            end: self.end,
            time_zone: self.time_zone,
            repeat: self.repeat.clone(),
            environments: None,
            services: None,
            regions: None,
            allow: Vec::new(),
            hard: false,
            skip: self.skip.clone(),
            also: self.also.clone(),
            uid: Some(self.uid.clone()),
            branches: Vec::new(),
            layer: None,
        }
    }
}

impl Reading {
    /// Whether there was nothing of a calendar in the file.
    pub fn is_nothing(&self) -> bool {
        !self.whole && self.drafts.is_empty() && self.skipped.is_empty()
    }

    fn skip(&mut self, line: usize, why: impl AsRef<str>) {
        self.skipped.push(Note { line, why: Safe::new(why).to_string() });
    }

    fn note(&mut self, line: usize, why: impl AsRef<str>) {
        self.notices.push(Note { line, why: Safe::new(why).to_string() });
    }
}

/// Reads a file. Floating times and whole days are in `local`.
pub fn read(bytes: &[u8], local: Tz) -> Reading {
    let mut reading = Reading { whole: true, ..Reading::default() };
    let components = lines::components(bytes);
    let zones = Zones::new(&components);
    let reader = Reader { zones: &zones, local };
    let mut events = Vec::new();
    let mut seen = 0;
    for (calendar, component) in events_of(&components) {
        if component.name != "VEVENT" {
            other(component, &mut reading);
            continue;
        }
        seen += 1;
        if seen > MAX_EVENTS {
            reading.skip(component.line, format!("more than {MAX_EVENTS} events: the rest is not read"));
            break;
        }
        let uid = component.first("UID").map(|line| Safe::new(line.value.trim()).to_string());
        if component.closing == Closing::EndOfFile {
            reading.skip(component.line, "the file ends inside this event: is it whole?");
            reading.unread.extend(uid);
            continue;
        }
        let called_off = calendar.and_then(|calendar| calendar.first("METHOD"));
        let called_off = called_off.is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCEL"));
        match reader.event(component, &mut reading) {
            Ok(mut event) => {
                if called_off {
                    event.standing = event::Standing::Cancelled;
                }
                events.push(event);
            }
            Err((line, why)) => {
                reading.skip(line, why);
                reading.unread.extend(uid);
            }
        }
    }
    series::drafts(events, &mut reading);
    // A file without a single component is not whole either: a page for people, or nothing.
    reading.whole =
        !components.is_empty() && components.iter().all(|component| component.closing != Closing::EndOfFile);
    let Reading { told, unread, .. } = &mut reading;
    told.retain(|uid| !unread.contains(uid));
    reading.skipped.sort();
    reading.notices.sort();
    reading
}

/// The components that are no frame, each with the calendar around it.
fn events_of(components: &[Component]) -> impl Iterator<Item = (Option<&Component>, &Component)> {
    components.iter().flat_map(|outer| {
        let (calendar, inner) = match outer.name.as_str() {
            "VCALENDAR" => (Some(outer), outer.inner.as_slice()),
            _ => (None, std::slice::from_ref(outer)),
        };
        inner.iter().map(move |component| (calendar, component))
    })
}

fn other(component: &Component, reading: &mut Reading) {
    let what = match component.name.as_str() {
        "VTODO" => "a to-do",
        "VJOURNAL" => "a journal entry",
        "VFREEBUSY" => "a list of busy times",
        _ => return,
    };
    reading.skip(component.line, format!("{what} is no event and makes no window"));
}

/// FNV-1a: the same on every machine, for ever.
pub fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Text of a file as it is repeated in a message.
fn quoted(text: &str) -> String {
    let cut: String = text.trim().chars().take(80).collect();
    let more = if text.trim().chars().count() > 80 { "…" } else { "" };
    format!("`{}{more}`", Safe::new(cut))
}
