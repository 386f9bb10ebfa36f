//! Offices: the regions of a workspace as places where people are awake, at work or asleep, and
//! what each of them sees of a stage.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDateTime, NaiveTime, Offset, TimeZone, Timelike, Utc, Weekday,
};
use chrono_tz::Tz;

use super::Workspace;

/// The hours of a night on any wall: [22:00, 06:00).
const NIGHT: (u32, u32) = (22, 6);

/// Hours of a day, in minutes from midnight: [from, to).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayHours {
    /// The first minute.
    pub from: u32,
    /// The first after the last, at most 1440.
    pub to: u32,
}

impl Default for DayHours {
    /// From 8 to 18.
    fn default() -> Self {
        Self { from: 8 * 60, to: 18 * 60 }
    }
}

impl DayHours {
    /// Reads `07:00-20:00`; `24:00` is the day's end.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(['-', '–'])?;
        let minute = |text: &str| match text.trim() {
            "24:00" | "24" => Some(1440),
            text => {
                let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
                let hour = || NaiveTime::from_hms_opt(text.parse().ok()?, 0, 0);
                time.or_else(hour).map(|time| time.hour() * 60 + time.minute())
            }
        };
        let hours = Self { from: minute(from)?, to: minute(to)? };
        (hours.from < hours.to).then_some(hours)
    }

    /// Whether a time of day lies in them.
    pub fn contains(self, time: NaiveTime) -> bool {
        (self.from..self.to).contains(&(time.hour() * 60 + time.minute()))
    }
}

/// A region of a workspace and the zone its people live in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Office<'a> {
    /// The region's id.
    pub region: &'a str,
    /// Its zone; the workspace's where the file names none.
    pub zone: Tz,
}

/// How far along the day an office is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// Working hours.
    Working,
    /// Neither working hours nor night: early, late, at the weekend.
    Awake,
    /// Between 22:00 and 06:00.
    Night,
}

/// What an office sees of an interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its start on the office's wall.
    pub start: NaiveDateTime,
    /// Its end on the office's wall.
    pub end: NaiveDateTime,
    /// The zone's name at the start and at the end: `CET`, `CEST`, `+05`.
    pub names: (String, String),
    /// How many days its start lies later than on the wall of the reader: -1, 0 or 1.
    pub day_shift: i64,
    /// Some of it is at night.
    pub night: bool,
    /// All of it lies in working hours of one working day.
    pub working: bool,
    /// The office's clock changes between now and the end: its offset now, and at the end.
    pub change: Option<(FixedOffset, FixedOffset)>,
}

/// The offices of a workspace, each once, in file order.
pub fn offices(workspace: &Workspace) -> Vec<Office<'_>> {
    let mut offices: Vec<Office<'_>> = Vec::new();
    for region in workspace.environments.iter().flat_map(|environment| &environment.regions) {
        let office = Office { region: &region.id, zone: region.time_zone.unwrap_or(workspace.time_zone) };
        if !offices.contains(&office) {
            offices.push(office);
        }
    }
    offices
}

/// How far along its day a zone is at an instant.
pub fn light(zone: Tz, at: DateTime<Utc>, hours: DayHours) -> Light {
    let local = at.with_timezone(&zone).naive_local();
    if is_night(local.time()) {
        Light::Night
    } else if hours.contains(local.time()) && !is_weekend(local) {
        Light::Working
    } else {
        Light::Awake
    }
}

/// What a zone sees of [start, end), read by somebody in `here` at `now`.
pub fn seen(
    zone: Tz,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    here: Tz,
    now: DateTime<Utc>,
    hours: DayHours,
) -> Seen {
    let (from, to) = (start.with_timezone(&zone), end.with_timezone(&zone));
    let (begins, ends) = (from.naive_local(), to.naive_local());
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    let (before, after) = (offset(now.min(end)), offset(end));
    let last = to.naive_local() - chrono::TimeDelta::seconds(1);
    let working = begins.date() == last.date()
        && !is_weekend(begins)
        && hours.contains(begins.time())
        && hours.contains(last.max(begins).time());
    Seen {
        start: begins,
        end: ends,
        names: (from.format("%Z").to_string(), to.format("%Z").to_string()),
        day_shift: (begins.date() - start.with_timezone(&here).date_naive()).num_days(),
        night: touches_night(begins, ends),
        working,
        change: (before != after).then_some((before, after)),
    }
}

fn is_weekend(local: NaiveDateTime) -> bool {
    matches!(local.weekday(), Weekday::Sat | Weekday::Sun)
}

fn is_night(time: NaiveTime) -> bool {
    time.hour() >= NIGHT.0 || time.hour() < NIGHT.1
}

fn touches_night(start: NaiveDateTime, end: NaiveDateTime) -> bool {
    let evening = start.date().and_hms_opt(NIGHT.0, 0, 0).unwrap_or(start);
    is_night(start.time()) || evening < end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn see(zone: &str, start: &str, end: &str) -> Seen {
        let span = (utc(start), utc(end));
        seen(
            zone.parse().unwrap(),
            span,
            Tz::Europe__Berlin,
            utc("2026-10-20T08:00:00Z"),
            DayHours::default(),
        )
    }

    #[test]
    fn the_same_stage_is_work_here_and_night_there() {
        let (start, end) = ("2026-10-21T12:00:00Z", "2026-10-21T14:00:00Z");
        let berlin = see("Europe/Berlin", start, end);
        assert!(berlin.working && !berlin.night && berlin.day_shift == 0);
        assert_eq!(
            (berlin.start.to_string(), berlin.names.0.as_str()),
            ("2026-10-21 14:00:00".into(), "CEST")
        );
        let tokyo = see("Asia/Tokyo", start, end);
        assert!(!tokyo.working && tokyo.night && tokyo.day_shift == 0, "21:00 to 23:00");
        let auckland = see("Pacific/Auckland", start, end);
        assert!(auckland.night && auckland.day_shift == 1, "01:00 the day after");
        assert!(!see("America/Los_Angeles", start, end).working, "05:00");
    }

    #[test]
    fn a_night_ends_at_six_and_begins_at_ten() {
        let night = |start: &str, end: &str| see("UTC", start, end).night;
        assert!(!night("2026-10-21T06:00:00Z", "2026-10-21T22:00:00Z"));
        assert!(night("2026-10-21T05:59:00Z", "2026-10-21T07:00:00Z"));
        assert!(night("2026-10-21T21:00:00Z", "2026-10-21T22:01:00Z"));
        assert!(night("2026-10-21T12:00:00Z", "2026-10-23T12:00:00Z"));
    }

    #[test]
    fn both_offsets_are_said_where_the_clock_changes_in_between() {
        let hours = |offset: FixedOffset| offset.local_minus_utc() / 3600;
        let after = see("Europe/Berlin", "2026-10-26T12:00:00Z", "2026-10-26T13:00:00Z");
        assert_eq!(after.change.map(|(now, then)| (hours(now), hours(then))), Some((2, 1)));
        let during = see("Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z");
        assert_eq!(during.names, ("CEST".to_owned(), "CET".to_owned()));
        assert_eq!(see("Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-24T13:00:00Z").change, None);
        // New York changes a week later.
        assert_eq!(see("America/New_York", "2026-10-26T12:00:00Z", "2026-10-26T13:00:00Z").change, None);
    }

    #[test]
    fn weekends_are_no_working_hours() {
        assert!(!see("Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-24T13:00:00Z").working);
        let at = |text: &str| light(Tz::Europe__Berlin, utc(text), DayHours::default());
        assert_eq!(at("2026-10-23T12:00:00Z"), Light::Working);
        assert_eq!(at("2026-10-24T12:00:00Z"), Light::Awake);
        assert_eq!(at("2026-10-24T20:00:00Z"), Light::Night);
    }

    #[test]
    fn hours_read_as_people_write_them() {
        let hours = |text: &str| DayHours::parse(text).map(|hours| (hours.from, hours.to));
        assert_eq!(hours("07:00-20:00"), Some((420, 1200)));
        assert_eq!(hours("8 - 24:00"), Some((480, 1440)));
        for wrong in ["", "07:00", "20:00-07:00", "7am-8pm", "07:00-25:00"] {
            assert_eq!(hours(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_region_of_two_environments_is_one_office() {
        use crate::domain::{Environment, Region};
        let environment = |id: &str, zone: Option<Tz>| Environment {
            id: id.to_owned(),
            regions: vec![Region { id: "eu".to_owned(), time_zone: zone }],
            capacity: None,
            versions: None,
        };
        let workspace = Workspace {
            time_zone: Tz::Europe__Berlin,
            environments: vec![
                environment("staging", None),
                environment("production", Some(Tz::Europe__Berlin)),
                environment("backup", Some(Tz::Europe__Dublin)),
            ],
            ..Workspace::default()
        };
        let found: Vec<_> = offices(&workspace).iter().map(|office| office.zone).collect();
        assert_eq!(found, [Tz::Europe__Berlin, Tz::Europe__Dublin]);
    }
}
