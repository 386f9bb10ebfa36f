//! One VEVENT, read: when, how long, how often.

use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Reading;
use super::lines::{Component, Line};
use super::value::{self, Written};
use super::zones::{Zone, Zones};
use crate::domain::Safe;
use crate::domain::recurrence::clock_change;

/// More exceptions and additions than any calendar has.
const MAX_DATES: usize = 20_000;

/// A time of an event, on the wall of a zone.
#[derive(Debug, Clone)]
pub struct Time {
    /// On the wall.
    pub wall: NaiveDateTime,
    /// Of this zone.
    pub zone: Zone,
    /// As which it was written.
    pub form: Form,
}

/// How a time was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A whole day: its midnight.
    Date,
    /// Without a zone.
    Floating,
    /// With a zone, or in UTC.
    Zoned,
}

impl Time {
    /// The instant, as RFC 5545 reads it.
    pub fn instant(&self) -> DateTime<Utc> {
        match &self.zone {
            Zone::Known(zone) => clock_change::as_calendars_do(*zone, self.wall),
            Zone::Custom(definition) => definition.instant(self.wall),
        }
    }

    /// Whether both stand on the wall of the same zone.
    pub fn beside(&self, other: &Self) -> bool {
        match (&self.zone, &other.zone) {
            (Zone::Known(one), Zone::Known(other)) => one == other,
            (Zone::Custom(one), Zone::Custom(other)) => std::rc::Rc::ptr_eq(one, other),
            _ => false,
        }
    }
}

/// An added occurrence.
#[derive(Debug, Clone)]
pub struct Added {
    /// Its start.
    pub start: Time,
    /// Its own length, where it is a PERIOD; else the event's.
    pub length: Option<TimeDelta>,
    /// Where it stands.
    pub line: usize,
}

/// Which occurrence of a series an event changes.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The start it had.
    pub start: Time,
    /// This one, or all later ones too.
    pub range: Range,
}

/// How far a change reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// This occurrence.
    This,
    /// This one and the later ones.
    ThisAndFuture,
}

/// A VEVENT.
#[derive(Debug, Clone)]
pub struct Event {
    /// The line of its BEGIN.
    pub line: usize,
    /// Its UID.
    pub uid: Option<String>,
    /// Its SUMMARY.
    pub title: String,
    /// When it (first) starts.
    pub start: Time,
    /// How long it is on the wall.
    pub length: TimeDelta,
    /// Its rules as written, with their lines.
    pub rules: Vec<(usize, String)>,
    /// Occurrences left out.
    pub left_out: Vec<Time>,
    /// Occurrences added.
    pub added: Vec<Added>,
    /// The occurrence it changes; `None`: it is a series (or a single event) of its own.
    pub changes: Option<Changes>,
    /// Its revision.
    pub sequence: i64,
    /// Whether it was called off.
    pub standing: Standing,
    /// Its recurring properties as written, to know it again where it has no UID.
    pub fingerprint: String,
}

/// Whether an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Stands,
    /// STATUS:CANCELLED.
    Cancelled,
}

/// Why an event cannot be read: the line and the reason.
pub type Unread = (usize, String);

/// What the events of a file are read with.
pub struct Reader<'a> {
    /// The file's zones.
    pub zones: &'a Zones,
    /// The zone of what has none.
    pub local: Tz,
}

impl Reader<'_> {
    /// Reads one VEVENT.
    pub fn event(&self, component: &Component, reading: &mut Reading) -> Result<Event, Unread> {
        let start_line = component.first("DTSTART").ok_or_else(|| {
            (component.line, "the event has no DTSTART: when it is, nobody can tell".to_owned())
        })?;
        let start = self.time(start_line, &start_line.value)?;
        let length = self.length(component, start_line, &start, reading)?;
        let text = |name: &str| component.first(name).map(|line| line.value.trim().to_owned());
        let status = text("STATUS").unwrap_or_default();
        let mut event = Event {
            line: component.line,
            uid: text("UID").filter(|uid| !uid.is_empty()).map(|uid| Safe::new(uid).to_string()),
            title: title(component),
            rules: component.all("RRULE").map(|line| (line.number, line.value.trim().to_owned())).collect(),
            left_out: Vec::new(),
            added: Vec::new(),
            changes: self.changes(component)?,
            sequence: text("SEQUENCE").and_then(|number| number.parse().ok()).unwrap_or(-1),
            standing: if status.eq_ignore_ascii_case("CANCELLED") {
                Standing::Cancelled
            } else {
                Standing::Stands
            },
            fingerprint: fingerprint(component),
            start,
            length,
        };
        for line in component.all("EXDATE") {
            for text in values(line) {
                match self.time(line, text) {
                    Ok(time) => event.left_out.push(time),
                    Err((line, why)) => reading.note(line, format!("an exception is left out: {why}")),
                }
            }
        }
        for line in component.all("RDATE") {
            for text in values(line) {
                match self.added(line, text) {
                    Ok(added) => event.added.push(added),
                    Err((line, why)) => reading.skip(line, format!("an added occurrence is left out: {why}")),
                }
            }
        }
        if event.left_out.len() + event.added.len() > MAX_DATES {
            let why = format!("more than {MAX_DATES} exceptions and additions: is this one event?");
            return Err((component.line, why));
        }
        for line in component.all("EXRULE") {
            let why = "EXRULE is not part of RFC 5545 any more: what it leaves out stays in".to_owned();
            reading.skip(line.number, why);
        }
        Ok(event)
    }

    fn time(&self, line: &Line, text: &str) -> Result<Time, Unread> {
        let written = value::time(text).map_err(|why| (line.number, format!("{}: {why}", line.name)))?;
        let known = |wall, zone, form| Time { wall, zone: Zone::Known(zone), form };
        Ok(match written {
            Written::Date(date) => known(date.and_time(NaiveTime::MIN), self.local, Form::Date),
            Written::Utc(wall) => known(wall, Tz::UTC, Form::Zoned),
            Written::Wall(wall) => match line.parameter("TZID").filter(|id| !id.trim().is_empty()) {
                None => known(wall, self.local, Form::Floating),
                Some(id) => {
                    let zone = self.zones.find(id, wall.year()).ok_or_else(|| {
                        let shown = super::quoted(id);
                        let why = format!(
                            "{}: the zone {shown} is neither one of IANA's nor Microsoft's nor defined in the file",
                            line.name
                        );
                        (line.number, why)
                    })?;
                    Time { wall, zone, form: Form::Zoned }
                }
            },
        })
    }

    /// How long the event is on the wall, as every implementation reads it.
    fn length(
        &self,
        component: &Component,
        start_line: &Line,
        start: &Time,
        reading: &mut Reading,
    ) -> Result<TimeDelta, Unread> {
        let day = TimeDelta::days(1);
        let (line, length) = if let Some(line) = component.first("DTEND") {
            let end = self.time(line, &line.value)?;
            // A date beside a time is its midnight on the same wall.
            let same = start.beside(&end) || (end.form == Form::Date) != (start.form == Form::Date);
            let length = match &start.zone {
                _ if same => end.wall - start.wall,
                // In another zone: as long on the wall as it is from the first start on.
                Zone::Known(zone) => end.instant().with_timezone(zone).naive_local() - start.wall,
                Zone::Custom(_) => end.instant() - start.instant(),
            };
            if length == TimeDelta::zero() && start.form == Form::Date {
                reading.note(line.number, "DTEND is the day of DTSTART, but ends it before: read as one day");
                return Ok(day);
            }
            (line.number, length)
        } else if let Some(line) = component.first("DURATION") {
            (line.number, value::duration(&line.value).map_err(|why| (line.number, why))?)
        } else if start.form == Form::Date {
            (start_line.number, day)
        } else {
            let why = "the event takes no time: it has neither DTEND nor DURATION, and nothing can lie in it";
            return Err((start_line.number, why.to_owned()));
        };
        if length < TimeDelta::zero() {
            return Err((line, "the event ends before it starts".to_owned()));
        }
        if length == TimeDelta::zero() {
            let why = "the event takes no time: it ends when it starts, and nothing can lie in it";
            return Err((line, why.to_owned()));
        }
        Ok(length)
    }

    fn added(&self, line: &Line, text: &str) -> Result<Added, Unread> {
        let Some((start, end)) = text.split_once('/') else {
            return Ok(Added { start: self.time(line, text)?, length: None, line: line.number });
        };
        let start = self.time(line, start)?;
        let length = if end.trim_start_matches(['+', '-']).starts_with(['P', 'p']) {
            value::duration(end).map_err(|why| (line.number, why))?
        } else {
            self.time(line, end)?.wall - start.wall
        };
        if length <= TimeDelta::zero() {
            return Err((line.number, format!("{} takes no time", super::quoted(text))));
        }
        Ok(Added { start, length: Some(length), line: line.number })
    }

    fn changes(&self, component: &Component) -> Result<Option<Changes>, Unread> {
        let Some(line) = component.first("RECURRENCE-ID") else { return Ok(None) };
        let range = match line.parameter("RANGE") {
            Some(range) if range.eq_ignore_ascii_case("THISANDFUTURE") => Range::ThisAndFuture,
            _ => Range::This,
        };
        Ok(Some(Changes { start: self.time(line, &line.value)?, range }))
    }
}

fn values(line: &Line) -> impl Iterator<Item = &str> {
    line.value.split(',').map(str::trim).filter(|text| !text.is_empty())
}

/// The SUMMARY in one line.
fn title(component: &Component) -> String {
    let summary = component.first("SUMMARY").map(|line| value::text(&line.value)).unwrap_or_default();
    let words: Vec<&str> = summary.split_whitespace().collect();
    let title: String = words.join(" ").chars().take(400).collect();
    if title.is_empty() { "(no title)".to_owned() } else { Safe::new(title).to_string() }
}

/// What makes an event without a UID itself.
fn fingerprint(component: &Component) -> String {
    let names = ["DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "SUMMARY"];
    let parts: Vec<&str> =
        names.iter().map(|name| component.first(name).map_or("", |line| line.value.trim())).collect();
    parts.join("/")
}
