//! Events of one UID to windows: a series is one, a changed occurrence another.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::event::{Event, Form, Range, Standing, Time};
use super::rules::{self, IsUtc};
use super::zones::Zone;
use super::{Draft, Reading, clocks, later};
use crate::domain::recurrence::{Rule, Until, clock_change, occurrences};
use crate::domain::window::{WallTime, WindowKind};

/// How far ahead occurrences are written out where no rule can say them.
const WRITTEN_OUT: Days = Days::new(366 * 20);
/// And how many at most.
const MOST_WRITTEN_OUT: usize = 2000;

/// The events of one UID.
struct Group {
    uid: String,
    master: Option<Event>,
    /// By the start they change.
    changes: BTreeMap<String, Event>,
}

/// Makes windows of events.
pub fn drafts(events: Vec<Event>, reading: &mut Reading) {
    let mut clocks = clocks::Clocks::default();
    for group in groups(events, reading) {
        reading.told.insert(group.uid.clone());
        group.drafts(reading, &mut clocks);
    }
}

fn groups(events: Vec<Event>, reading: &mut Reading) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for event in events {
        let uid =
            event.uid.clone().unwrap_or_else(|| format!("content:{:016x}", super::hash(&event.fingerprint)));
        let at = *places.entry(uid.clone()).or_insert_with(|| {
            groups.push(Group { uid: uid.clone(), master: None, changes: BTreeMap::new() });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(at) else { continue };
        let slot = match event.changes.as_ref().filter(|_| event.uid.is_some()) {
            Some(changes) => group.changes.get_mut(&key(&changes.start)),
            None => group.master.as_mut(),
        };
        match slot {
            None => match event.changes.as_ref().filter(|_| event.uid.is_some()) {
                Some(changes) => {
                    group.changes.insert(key(&changes.start), event);
                }
                None => group.master = Some(event),
            },
            Some(known) => {
                let (kept, left) = if event.sequence > known.sequence {
                    let (old, new) = (known.line, event.line);
                    *known = event;
                    (new, old)
                } else {
                    (known.line, event.line)
                };
                let shown = super::quoted(&uid);
                let why = format!(
                    "the UID {shown} is there twice: the event in line {kept}, of the higher SEQUENCE or the first, is taken"
                );
                reading.skip(left, why);
            }
        }
    }
    groups
}

/// The name of an occurrence among its siblings: its start in UTC, or its day.
pub(super) fn key(start: &Time) -> String {
    match start.form {
        Form::Date => start.wall.format("%Y%m%d").to_string(),
        Form::Floating => start.wall.format("%Y%m%dT%H%M%S").to_string(),
        Form::Zoned => start.instant().format("%Y%m%dT%H%M%SZ").to_string(),
    }
}

impl Group {
    fn drafts(mut self, reading: &mut Reading, clocks: &mut clocks::Clocks) {
        let mut left_out: Vec<String> = Vec::new();
        match self.master.take() {
            Some(master) if master.standing == Standing::Cancelled => reading.cancelled += 1,
            Some(master) => {
                left_out = master.left_out.iter().map(key).collect();
                if let Err((line, why)) = self.series(&master, reading, clocks) {
                    reading.skip(line, why);
                    reading.unread.insert(self.uid.clone());
                }
            }
            None => {}
        }
        for (key, event) in &self.changes {
            if event.standing == Standing::Cancelled {
                reading.cancelled += 1;
            } else if !left_out.contains(key) {
                reading.drafts.push(single(event, format!("{}#{key}", self.uid), event.length));
            }
        }
    }

    fn series(
        &self,
        master: &Event,
        reading: &mut Reading,
        clocks: &mut clocks::Clocks,
    ) -> Result<(), (usize, String)> {
        let mut drafts = Vec::new();
        let is_utc = if matches!(master.start.zone, Zone::Known(Tz::UTC)) { IsUtc::Yes } else { IsUtc::No };
        let mut rules = Vec::new();
        for (line, text) in &master.rules {
            let mended = rules::mend(text, master.start.form, is_utc).map_err(|why| (*line, why))?;
            mended.notices.iter().for_each(|notice| reading.note(*line, notice));
            let rule = Rule::parse(&mended.rule).map_err(|error| (*line, error.to_string()))?;
            if rule.is_dense() {
                let why = format!("the rule {} brings far too many occurrences", super::quoted(text));
                return Err((*line, why));
            }
            rules.push((*line, mended.rule, rule));
        }
        let Zone::Known(zone) = master.start.zone else {
            drafts.push(written_out(master, &self.uid, &rules, reading));
            self.finish(master, drafts, reading);
            return Ok(());
        };
        let first = master.start.wall;
        let mut main = single(master, self.uid.clone(), master.length);
        if let Some((line, text, rule)) = rules.first() {
            main.repeat = Some(text.clone());
            if is_past(rule, zone, first) {
                return Err((
                    *line,
                    format!(
                        "the rule {} ends before the event starts: it never happens",
                        super::quoted(text)
                    ),
                ));
            }
            // A DTSTART beside its rule is an occurrence all the same: everybody shows it.
            if rule.starts(first, first, first).unwrap_or_default().is_empty() {
                main.also.push(WallTime::Local(first));
                if !happens(rule, first) {
                    reading.skip(
                        *line,
                        format!("the rule {} never happens: only its DTSTART comes in", super::quoted(text)),
                    );
                    main.repeat = None;
                    main.also.clear();
                }
            }
        }
        let mut periods = Vec::new();
        for added in &master.added {
            let start = place(&added.start, zone, first, &rules, master);
            match added.length.filter(|length| *length != master.length) {
                None => main.also.extend(start),
                Some(length) => {
                    let event = Event { start: added.start.clone(), line: added.line, ..master.clone() };
                    periods
                        .push((start, single(&event, format!("{}#{}", self.uid, key(&added.start)), length)));
                }
            }
        }
        for time in &master.left_out {
            main.skip.extend(place(time, zone, first, &rules, master));
        }
        // What is changed stands elsewhere, and what is left out cannot be changed.
        for event in self.changes.values() {
            if let Some(changes) = &event.changes {
                main.skip.extend(place(&changes.start, zone, first, &rules, master));
            }
        }
        periods.retain(|(start, _)| start.iter().all(|start| !main.skip.contains(start)));
        main.skip.extend(periods.iter().flat_map(|(start, _)| start.iter().copied()));
        dedup(&mut main.skip);
        dedup(&mut main.also);
        let mut more = Vec::new();
        for (index, (_, text, rule)) in rules.iter().enumerate().skip(1) {
            more.push(second_rule(&main, index, text, rule, first));
        }
        for event in self.changes.values() {
            if let Some(changes) = &event.changes
                && changes.range == Range::ThisAndFuture
                && event.standing == Standing::Stands
            {
                later::split(&mut main, &mut more, rules.first().map(|rule| &rule.2), master, event, reading);
            }
        }
        clocks.look(&main, rules.first().map(|rule| &rule.2), reading);
        drafts.push(main);
        drafts.extend(more);
        drafts.extend(periods.into_iter().map(|(_, draft)| draft));
        self.finish(master, drafts, reading);
        Ok(())
    }

    /// Keeps what happens at all.
    fn finish(&self, master: &Event, drafts: Vec<Draft>, reading: &mut Reading) {
        let mut any = !self.changes.is_empty();
        for draft in drafts {
            if exists(&draft) {
                any = true;
                reading.drafts.push(draft);
            }
        }
        if !any {
            reading.skip(master.line, "the event never happens: all its occurrences are left out");
        }
    }
}

/// A rule beside the first one: a window of its own, without what the first brings too.
fn second_rule(main: &Draft, index: usize, text: &str, rule: &Rule, first: NaiveDateTime) -> Draft {
    let mut draft = Draft {
        uid: format!("{}#rule{}", main.uid, index + 1),
        repeat: Some(text.to_owned()),
        also: Vec::new(),
        ..main.clone()
    };
    let horizon = first.checked_add_days(WRITTEN_OUT).unwrap_or(first);
    let own = rule.starts(first, first, horizon).unwrap_or_default();
    let others = main.repeat.as_deref().and_then(|text| Rule::parse(text).ok());
    let others =
        others.map(|rule| rule.starts(first, first, horizon).unwrap_or_default()).unwrap_or_default();
    let twice = own.into_iter().filter(|start| others.binary_search(start).is_ok() || *start == first);
    draft.skip.extend(twice.take(MOST_WRITTEN_OUT).map(WallTime::Local));
    dedup(&mut draft.skip);
    draft
}

/// A window with one occurrence.
fn single(event: &Event, uid: String, length: TimeDelta) -> Draft {
    let wall_end = event.start.wall + length;
    let (start, end, time_zone) = match &event.start.zone {
        Zone::Known(zone) => (event.start.wall, wall_end, *zone),
        Zone::Custom(definition) => {
            (event.start.instant().naive_utc(), definition.instant(wall_end).naive_utc(), Tz::UTC)
        }
    };
    Draft {
        line: event.line,
        uid,
        title: event.title.clone(),
        start: WallTime::Local(start),
        end: WallTime::Local(end),
        time_zone,
        repeat: None,
        skip: Vec::new(),
        also: Vec::new(),
    }
}

/// The starts that a time of EXDATE, RDATE or RECURRENCE-ID means in a series on the wall of
/// `zone`: one, or those of a day.
fn place(
    time: &Time,
    zone: Tz,
    first: NaiveDateTime,
    rules: &[(usize, String, Rule)],
    master: &Event,
) -> Vec<WallTime> {
    match (time.form, master.start.form) {
        (Form::Date, Form::Date) => vec![WallTime::Local(time.wall)],
        // A time where only days are: its day.
        (_, Form::Date) => vec![WallTime::Local(time.wall.date().and_time(NaiveTime::MIN))],
        (Form::Date, _) => {
            let (from, to) = (time.wall, time.wall + TimeDelta::seconds(86_399));
            let mut starts: Vec<NaiveDateTime> = rules
                .iter()
                .flat_map(|(_, _, rule)| rule.starts(first, from, to).unwrap_or_default())
                .collect();
            starts.extend((first.date() == time.wall.date()).then_some(first));
            if starts.is_empty() {
                starts.push(time.wall);
            }
            starts.into_iter().map(WallTime::Local).collect()
        }
        (Form::Floating, _) => vec![WallTime::Local(time.wall)],
        (Form::Zoned, _) if time.beside(&master.start) => vec![WallTime::Local(time.wall)],
        (Form::Zoned, _) => vec![on_the_wall(zone, time.instant(), first)],
    }
}

/// An instant as a start in a series: wall time where that is the same, and clear.
fn on_the_wall(zone: Tz, instant: DateTime<Utc>, first: NaiveDateTime) -> WallTime {
    let local = instant.with_timezone(&zone).naive_local();
    let clear = local.time() == first.time() && clock_change::as_calendars_do(zone, local) == instant;
    if clear {
        WallTime::Local(local)
    } else {
        WallTime::Instant(Utc.from_utc_datetime(&instant.naive_utc()).fixed_offset())
    }
}

/// Whether a rule ends before the series begins.
fn is_past(rule: &Rule, zone: Tz, first: NaiveDateTime) -> bool {
    match rule.until() {
        Some(Until::Day(day)) => first.date() > day,
        Some(Until::Wall(wall)) => first > wall,
        Some(Until::Instant(instant)) => clock_change::as_calendars_do(zone, first) > instant,
        None => false,
    }
}

/// Whether a rule brings anything within a century.
fn happens(rule: &Rule, first: NaiveDateTime) -> bool {
    [31, 400, 5_000, 36_600].into_iter().any(|days| {
        let to = first.checked_add_days(Days::new(days)).unwrap_or(first);
        !rule.starts(first, first, to).unwrap_or_default().is_empty()
    })
}

/// Whether a window ever happens, looked for in growing steps.
fn exists(draft: &Draft) -> bool {
    let window = draft.window("draft", WindowKind::Freeze);
    let WallTime::Local(start) = draft.start else { return true };
    let from = start.and_utc() - TimeDelta::days(3);
    if window.repeat.is_none() && window.skip.is_empty() {
        return true;
    }
    let also = window.also.iter().any(|also| !window.skip.contains(also));
    also || [8, 70, 400, 5_000, 36_600].into_iter().any(|days| {
        let to = start.checked_add_days(Days::new(days)).unwrap_or(start).and_utc();
        occurrences(&window, from, to).is_ok_and(|found| !found.is_empty())
    })
}

/// A series in a zone that only its VTIMEZONE knows: its occurrences one by one, in UTC.
fn written_out(master: &Event, uid: &str, rules: &[(usize, String, Rule)], reading: &mut Reading) -> Draft {
    let mut draft = single(master, uid.to_owned(), master.length);
    let Zone::Custom(definition) = &master.start.zone else { return draft };
    let first = master.start.wall;
    let horizon = first.checked_add_days(WRITTEN_OUT).unwrap_or(first);
    let mut walls: Vec<NaiveDateTime> = Vec::new();
    for (_, _, rule) in rules {
        let starts = rule.starts(first, first, horizon).unwrap_or_default();
        let until = |wall: &NaiveDateTime| match rule.until() {
            Some(Until::Instant(until)) => definition.instant(*wall) <= until,
            _ => true,
        };
        walls.extend(starts.into_iter().filter(until));
        if rule.is_endless() {
            let until = horizon.format("%Y-%m-%d");
            let why = format!(
                "its zone is known only from the file, so its occurrences are written out, until {until}"
            );
            reading.note(master.line, why);
        }
    }
    walls.retain(|wall| *wall != first);
    walls.truncate(MOST_WRITTEN_OUT);
    let mut also: Vec<DateTime<Utc>> = walls.iter().map(|wall| definition.instant(*wall)).collect();
    also.extend(master.added.iter().map(|added| added.start.instant()));
    draft.also = also.into_iter().map(|instant| WallTime::Local(instant.naive_utc())).collect();
    let out = |time: &Time| match time.form {
        Form::Zoned => time.instant(),
        Form::Floating => definition.instant(time.wall),
        Form::Date => definition.instant(time.wall.date().and_time(first.time())),
    };
    draft.skip = master.left_out.iter().map(|time| WallTime::Local(out(time).naive_utc())).collect();
    dedup(&mut draft.also);
    dedup(&mut draft.skip);
    draft
}

fn dedup(times: &mut Vec<WallTime>) {
    let order = |time: &WallTime| match time {
        WallTime::Local(local) => *local,
        WallTime::Instant(instant) => instant.naive_local(),
    };
    times.sort_by_key(order);
    times.dedup();
}
