//! Releases and windows as a calendar that Outlook, Google and `khal` accept.
//!
//! A window whose rule others expand to the same instants goes out as that rule. Where our
//! reading of clock changes differs from theirs, the occurrence is left out of the rule and
//! stands beside it as an event of its own, so that everybody sees the same.

mod stages;
mod text;
mod windows;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

pub use text::slug;

use self::text::Lines;
use crate::domain::Workspace;
use crate::domain::recurrence::clock_change;

/// The layer that stages are in when layers are chosen.
pub const RELEASES: &str = "releases";

/// How far around now rules are compared with what others make of them.
const BEHIND: TimeDelta = TimeDelta::days(400);
const AHEAD: TimeDelta = TimeDelta::days(366 * 5);

/// What goes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Only what ends after this.
    pub from: Option<DateTime<Utc>>,
    /// Only what starts before this.
    pub to: Option<DateTime<Utc>>,
    /// Only these layers; empty: everything.
    pub layers: Vec<String>,
    /// Around which clock changes are looked at.
    pub now: DateTime<Utc>,
}

/// An event that goes out, without what changes when its content does.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its UID: the same for ever.
    pub uid: String,
    /// Its content lines, without DTSTAMP, SEQUENCE and LAST-MODIFIED.
    lines: Vec<String>,
    /// The zones its times are in, with the earliest instant that needs them.
    zones: BTreeMap<&'static str, DateTime<Utc>>,
}

/// Which revision of an event this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// Counted from 0.
    pub sequence: u32,
    /// Since when it says so.
    pub modified: DateTime<Utc>,
}

impl Default for Revision {
    /// Of what was never seen before: the same on every machine.
    fn default() -> Self {
        Self { sequence: 0, modified: DateTime::from_timestamp(1_577_836_800, 0).unwrap_or_default() }
    }
}

impl Event {
    /// What it says, to tell whether that changed.
    pub fn content(&self) -> String {
        self.lines.join("\n")
    }

    /// What it says, whatever the order: servers put lines in their own.
    pub fn sorted_content(&self) -> String {
        let text = self.lines.join("\r\n");
        sorted(super::lines::lines(text.as_bytes()))
    }

    fn write(&self, out: &mut Lines, revision: Revision) {
        let stamp = revision.modified.format("%Y%m%dT%H%M%SZ");
        out.line("BEGIN:VEVENT");
        out.line(&format!("UID:{}", text::escaped(&self.uid)));
        out.line(&format!("DTSTAMP:{stamp}"));
        out.line(&format!("LAST-MODIFIED:{stamp}"));
        out.line(&format!("SEQUENCE:{}", revision.sequence));
        self.lines.iter().for_each(|line| out.line(line));
        out.line("END:VEVENT");
    }
}

/// The events of a workspace, releases first, in a stable order.
pub fn events(workspace: &Workspace, wanted: &Wanted) -> Vec<Event> {
    let layer = |layer: Option<&str>| {
        wanted.layers.is_empty() || wanted.layers.iter().any(|wanted| Some(wanted.as_str()) == layer)
    };
    let touches = |start: DateTime<Utc>, end: DateTime<Utc>| {
        wanted.to.is_none_or(|to| start < to) && wanted.from.is_none_or(|from| from < end)
    };
    let mut events = Vec::new();
    if layer(Some(RELEASES)) {
        for release in &workspace.releases {
            for (index, stage) in
                release.stages.iter().enumerate().filter(|(_, stage)| touches(stage.start, stage.end))
            {
                events.push(stages::event(workspace, release, index, stage));
            }
        }
    }
    for window in workspace.windows.iter().filter(|window| layer(window.layer.as_deref())) {
        events.extend(windows::events(workspace, window, wanted));
    }
    events
}

/// A whole calendar of events, each with its revision.
pub fn calendar(name: &str, events: &[(Event, Revision)], now: DateTime<Utc>) -> String {
    let mut out = Lines::default();
    open(&mut out);
    out.line("METHOD:PUBLISH");
    out.line(&format!("X-WR-CALNAME:{}", text::escaped(name)));
    zones::write(&mut out, &merged(events.iter().map(|(event, _)| event)), now);
    for (event, revision) in events {
        event.write(&mut out, *revision);
    }
    out.line("END:VCALENDAR");
    out.finish()
}

/// One event as a resource of its own, as CalDAV wants it.
pub fn resource(event: &Event, revision: Revision, now: DateTime<Utc>) -> String {
    let mut out = Lines::default();
    open(&mut out);
    zones::write(&mut out, &event.zones, now);
    event.write(&mut out, revision);
    out.line("END:VCALENDAR");
    out.finish()
}

/// What an event of this UID says in a resource that a server keeps, in the order of
/// [`Event::sorted_content`], and its revision.
pub fn content_of(bytes: &[u8], uid: &str) -> Option<(String, Revision)> {
    let components = super::lines::components(bytes);
    let event = components.iter().flat_map(|calendar| &calendar.inner).find(|inner| {
        let own = inner.first("UID").is_some_and(|line| super::value::text(&line.value) == uid);
        inner.name == "VEVENT" && own
    })?;
    let sequence = event.first("SEQUENCE").and_then(|line| line.value.trim().parse().ok()).unwrap_or(0);
    let modified = event.first("LAST-MODIFIED").and_then(|line| match super::value::time(&line.value) {
        Ok(super::value::Written::Utc(time)) => Some(time.and_utc()),
        _ => None,
    });
    let modified = modified.unwrap_or(Revision::default().modified);
    let own = ["UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "CREATED"];
    let lines = event.lines.iter().filter(|line| !own.contains(&line.name.as_str())).cloned().collect();
    Some((sorted(lines), Revision { sequence, modified }))
}

fn sorted(lines: Vec<super::lines::Line>) -> String {
    let mut said: Vec<String> = lines
        .into_iter()
        .map(|line| {
            let parameters: Vec<String> =
                line.parameters.iter().map(|(name, value)| format!(";{name}={value}")).collect();
            format!("{}{}:{}", line.name, parameters.concat(), line.value)
        })
        .collect();
    said.sort_unstable();
    said.join("\n")
}

fn open(out: &mut Lines) {
    out.line("BEGIN:VCALENDAR");
    out.line("VERSION:2.0");
    out.line(concat!("PRODID:-//tminus//tminus ", env!("CARGO_PKG_VERSION"), "//EN"));
    out.line("CALSCALE:GREGORIAN");
}

/// Every zone, with the earliest instant that any event needs it for.
fn merged<'a>(events: impl Iterator<Item = &'a Event>) -> BTreeMap<&'static str, DateTime<Utc>> {
    let mut zones: BTreeMap<&'static str, DateTime<Utc>> = BTreeMap::new();
    for (zone, from) in events.flat_map(|event| &event.zones) {
        let known = zones.entry(zone).or_insert(*from);
        *known = (*known).min(*from);
    }
    zones
}

/// The UIDs that are there twice cannot be: ids of releases and windows differ.
pub fn uids(events: &[Event]) -> BTreeSet<&str> {
    events.iter().map(|event| event.uid.as_str()).collect()
}

/// The end of the UIDs of a workspace.
pub(super) fn domain_of(workspace: &Workspace) -> String {
    format!("{}.tminus", slug(&workspace.name))
}

/// Content lines of an event under way.
#[derive(Debug, Default)]
struct Draft {
    lines: Vec<String>,
    zones: BTreeMap<&'static str, DateTime<Utc>>,
}

impl Draft {
    fn property(&mut self, name: &str, value: &str) {
        self.lines.push(format!("{name}:{}", text::escaped(value)));
    }

    fn list(&mut self, name: &str, values: &[&str]) {
        let values: Vec<String> = values.iter().map(|value| text::escaped(value)).collect();
        self.lines.push(format!("{name}:{}", values.join(",")));
    }

    /// Start and end on the wall of their zone where others read that the same, else in UTC: a
    /// mixture is read in as many ways as there are programs.
    fn span(&mut self, start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) {
        let wall = |instant: DateTime<Utc>| instant.with_timezone(&zone).naive_local();
        let same = |instant| clock_change::as_calendars_do(zone, wall(instant)) == instant;
        let on_the_wall = zone != Tz::UTC && same(start) && same(end);
        for (name, instant) in [("DTSTART", start), ("DTEND", end)] {
            self.lines.push(if on_the_wall {
                format!("{name};TZID={}:{}", zone.name(), wall(instant).format("%Y%m%dT%H%M%S"))
            } else {
                format!("{name}:{}", instant.format("%Y%m%dT%H%M%SZ"))
            });
        }
        if on_the_wall {
            self.needs(zone, start);
        }
    }

    fn needs(&mut self, zone: Tz, from: DateTime<Utc>) {
        let known = self.zones.entry(zone.name()).or_insert(from);
        *known = (*known).min(from);
    }

    fn event(self, uid: String) -> Event {
        Event { uid, lines: self.lines, zones: self.zones }
    }
}

#[cfg(test)]
mod tests;
