//! What local times meant when they were planned. The time zone database changes: governments
//! move clocks at short notice, and 14:00 of next March may be another instant by then. A stage
//! that keeps what its times meant can be told apart from one whose meaning changed.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{IANA_TZDB_VERSION, Tz};

use super::Value;

/// What the local start and end of a stage meant, each with its offset of then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The start.
    pub start: DateTime<FixedOffset>,
    /// The end.
    pub end: DateTime<FixedOffset>,
    /// In which zone they were read.
    pub time_zone: String,
    /// The version of the time zone database: `2025b`.
    pub tz: Option<String>,
}

impl Pinned {
    /// What the times of a stage mean by the database of this program.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> Self {
        let fixed = |instant: DateTime<Utc>| {
            let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
            instant.with_timezone(&offset)
        };
        Self {
            start: fixed(start),
            end: fixed(end),
            time_zone: zone.name().to_owned(),
            tz: Some(IANA_TZDB_VERSION.to_owned()),
        }
    }

    /// As it stands in a file.
    pub fn value(&self) -> Value {
        let time = |time: DateTime<FixedOffset>| Value::Time(time.format("%Y-%m-%dT%H:%M:%S%:z").to_string());
        let mut pairs = vec![
            ("start".to_owned(), time(self.start)),
            ("end".to_owned(), time(self.end)),
            ("time_zone".to_owned(), Value::text(&self.time_zone)),
        ];
        pairs.extend(self.tz.as_ref().map(|tz| ("tz".to_owned(), Value::text(tz))));
        Value::Inline(pairs)
    }

    /// The first of a stage's times that means another instant by now: what it meant. A stage that
    /// was moved since, or is read in another zone, says nothing of the database.
    pub fn changed(
        &self,
        local: (NaiveDateTime, NaiveDateTime),
        now: (DateTime<Utc>, DateTime<Utc>),
        zone: Tz,
    ) -> Option<Changed> {
        if self.time_zone != zone.name() || (self.start.naive_local(), self.end.naive_local()) != local {
            return None;
        }
        let differs = self.start.to_utc() != now.0 || self.end.to_utc() != now.1;
        differs.then(|| Changed {
            meant: (self.start.to_utc(), self.end.to_utc()),
            means: now,
            then: self.tz.clone().unwrap_or_else(|| "an older version".to_owned()),
        })
    }
}

/// Local times whose meaning changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The instants that were planned.
    pub meant: (DateTime<Utc>, DateTime<Utc>),
    /// The instants that the same local times mean now.
    pub means: (DateTime<Utc>, DateTime<Utc>),
    /// By which version of the database it was planned.
    pub then: String,
}

impl Changed {
    /// Both instants, and how either is chosen.
    pub fn told(&self, release: &str, stage: usize, zone: Tz) -> String {
        let time = |instant: DateTime<Utc>| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (meant, means) = (time(self.meant.0), time(self.means.0));
        let command = format!("tminus release move {release} --stage {stage} --only --to");
        format!(
            "the clocks of {} changed since this was planned: its start was {meant} (tz database {}) and is {means} now \
             ({IANA_TZDB_VERSION}); it goes by the local hour; choose with `{command} {means}` (keeps the hour) or \
             `{command} {meant}` (keeps the instant)",
            zone.name(),
            self.then
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_changes_what_the_same_local_times_of_the_same_zone_mean() {
        let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = (utc("2026-11-25T13:00:00Z"), utc("2026-11-25T15:00:00Z"));
        let zone = chrono_tz::Europe::Berlin;
        let local = |hour: u32| {
            chrono::NaiveDate::from_ymd_opt(2026, 11, 25).unwrap().and_hms_opt(hour, 0, 0).unwrap()
        };
        let pinned = Pinned::new(now.0, now.1, zone);
        assert_eq!(pinned.changed((local(14), local(16)), now, zone), None);
        // As if Berlin had stayed on summer time when it was planned.
        let older = Pinned {
            start: "2026-11-25T14:00:00+02:00".parse().unwrap(),
            end: "2026-11-25T16:00:00+02:00".parse().unwrap(),
            tz: Some("2020a".to_owned()),
            ..pinned
        };
        let changed = older.changed((local(14), local(16)), now, zone).unwrap();
        let told = changed.told("r", 1, zone);
        for part in [
            "2026-11-25T12:00:00Z (tz database 2020a)",
            "is 2026-11-25T13:00:00Z now",
            "--stage 1 --only --to",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(older.changed((local(15), local(16)), now, zone), None, "it was moved since");
        assert_eq!(
            older.changed((local(14), local(16)), now, chrono_tz::Europe::Paris),
            None,
            "another zone"
        );
    }
}
