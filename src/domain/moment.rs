//! Times as people write them: a TIME of the command line, and local times over clock changes.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// What a local time means in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// It occurs once.
    Unique(DateTime<Utc>),
    /// It occurs twice: clocks go back.
    Ambiguous {
        /// The first time.
        earlier: DateTime<Utc>,
        /// The second time.
        later: DateTime<Utc>,
    },
    /// It does not occur: clocks go forward.
    Skipped {
        /// The first local time after the gap.
        next_valid: NaiveDateTime,
        /// The instant at which the clocks go forward.
        transition: DateTime<Utc>,
        /// The skipped time read with the offset before the gap: not before the transition.
        read_before: DateTime<Utc>,
    },
}

/// What this local time means in this zone.
pub fn resolve_local(zone: Tz, local: NaiveDateTime) -> Resolved {
    match zone.from_local_datetime(&local) {
        chrono::LocalResult::Single(time) => Resolved::Unique(time.to_utc()),
        chrono::LocalResult::Ambiguous(one, other) => {
            let (one, other) = (one.to_utc(), other.to_utc());
            Resolved::Ambiguous { earlier: one.min(other), later: one.max(other) }
        }
        chrono::LocalResult::None => resolve_gap(zone, local),
    }
}

/// The first instant of a day in a zone, also where midnight is skipped or occurs twice.
pub fn midnight(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    match resolve_local(zone, date.and_time(NaiveTime::MIN)) {
        Resolved::Unique(time) | Resolved::Ambiguous { earlier: time, .. } => time,
        Resolved::Skipped { transition, .. } => transition,
    }
}

/// Reads a TIME: RFC 3339; a date, or a local date and time, in `zone`; or relative to `now`
/// (`now`, `-2h`, `+3d`). A local time that occurs twice is the earlier one.
pub fn parse_moment(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(now);
    }
    if let Some(span) = text.strip_prefix('+') {
        return shift(now, parse_span(span)?);
    }
    if let Some(span) = text.strip_prefix('-') {
        return shift(now, -parse_span(span)?);
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return in_range(text, date.and_time(NaiveTime::MIN)).map(|_| midnight(zone, date));
    }
    if let Some(time) = parse_offset(text) {
        return in_range(text, time.naive_utc()).map(|_| time.to_utc());
    }
    let local = parse_local(text).ok_or_else(|| {
        format!(
            "`{text}` is not a time: write 2026-11-25, 2026-11-25T14:00, 2026-11-25T14:00:00Z, now, -2h or +3d"
        )
    })?;
    match resolve_local(zone, in_range(text, local)?) {
        Resolved::Unique(time) | Resolved::Ambiguous { earlier: time, .. } => Ok(time),
        Resolved::Skipped { next_valid, .. } => Err(skipped(zone, local, next_valid)),
    }
}

/// Reads a length of time: `60m`, `2h 30m`, `90s`, `3d`.
pub fn parse_span(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("`{text}` is not a length of time: write 90s, 60m, 2h 30m or 3d");
    let span = humantime::parse_duration(text.trim()).map_err(|_| wrong())?;
    let span = TimeDelta::from_std(span).map_err(|_| wrong())?;
    if span > TimeDelta::days(36_600) {
        return Err(format!("`{text}` is longer than a century"));
    }
    Ok(span)
}

/// An IANA time zone, or the sentence about what is none.
pub fn parse_zone(name: &str) -> Result<Tz, String> {
    name.parse::<Tz>().map_err(|_| {
        let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let same = known.clone().find(|known| known.eq_ignore_ascii_case(name));
        let name = super::Safe::new(name);
        match same.or_else(|| super::spelling::nearest(&name, known)) {
            Some(meant) => format!("unknown time zone `{name}`: did you mean `{meant}`?"),
            None => format!("unknown time zone `{name}`: write an IANA name such as Europe/Berlin or UTC"),
        }
    })
}

/// Reads a local date and time: `2026-11-25T14:00`, with or without seconds, `T` or a space.
pub fn parse_local(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

/// How the sentence about a skipped local time goes, the same everywhere.
pub fn skipped(zone: Tz, local: NaiveDateTime, next_valid: NaiveDateTime) -> String {
    format!(
        "{} does not occur in {}, where clocks go forward: the next valid time is {}",
        local.format("%Y-%m-%dT%H:%M:%S"),
        zone.name(),
        next_valid.format("%Y-%m-%dT%H:%M:%S"),
    )
}

/// Reads a date and time with an offset: RFC 3339, also without seconds or with a space.
pub fn parse_offset(text: &str) -> Option<DateTime<chrono::FixedOffset>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time);
    }
    let text = text.strip_suffix(['Z', 'z']).map_or_else(|| text.to_owned(), |rest| format!("{rest}+00:00"));
    ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%d %H:%M%:z", "%Y-%m-%d %H:%M:%S%.f%:z"]
        .iter()
        .find_map(|format| DateTime::parse_from_str(&text, format).ok())
}

/// Four-digit years only: what lies outside is a slip of the hand, and arithmetic may overflow.
fn in_range(text: &str, local: NaiveDateTime) -> Result<NaiveDateTime, String> {
    use chrono::Datelike;
    if (1..=9999).contains(&local.year()) {
        Ok(local)
    } else {
        Err(format!("`{text}` is outside the years 0001 to 9999"))
    }
}

fn shift(now: DateTime<Utc>, by: TimeDelta) -> Result<DateTime<Utc>, String> {
    now.checked_add_signed(by).ok_or_else(|| "that time is out of range".to_owned())
}

/// The clocks of no zone jump further than a day, so the gap lies within two days of `local`
/// read as UTC; the first instant whose local time is not before `local` is the transition.
fn resolve_gap(zone: Tz, local: NaiveDateTime) -> Resolved {
    let guess = local.and_utc();
    let reach = Days::new(2);
    let mut before = guess.checked_sub_days(reach).unwrap_or(guess).timestamp();
    let mut after = guess.checked_add_days(reach).unwrap_or(guess).timestamp();
    let wall = |timestamp: i64| {
        let instant = DateTime::from_timestamp(timestamp, 0).unwrap_or(guess);
        zone.from_utc_datetime(&instant.naive_utc()).naive_local()
    };
    while after - before > 1 {
        let middle = before.midpoint(after);
        if wall(middle) < local {
            before = middle;
        } else {
            after = middle;
        }
    }
    let transition = DateTime::from_timestamp(after, 0).unwrap_or(guess);
    let last = DateTime::from_timestamp(before, 0).unwrap_or(guess);
    let offset = zone.offset_from_utc_datetime(&last.naive_utc()).fix();
    let read_before = local.checked_sub_offset(offset).unwrap_or(local).and_utc();
    Resolved::Skipped { next_valid: wall(after), transition, read_before }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Tz = chrono_tz::Europe::Berlin;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn local(text: &str) -> NaiveDateTime {
        parse_local(text).unwrap()
    }

    #[test]
    fn every_way_to_write_a_time() {
        let now = utc("2026-11-21T12:00:00Z");
        for (text, expected) in [
            ("now", "2026-11-21T12:00:00Z"),
            ("-2h", "2026-11-21T10:00:00Z"),
            ("+3d", "2026-11-24T12:00:00Z"),
            ("+1h 30m", "2026-11-21T13:30:00Z"),
            ("2026-11-25", "2026-11-24T23:00:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"),
            ("2026-11-25T14:00", "2026-11-25T13:00:00Z"),
            ("2026-11-25 14:00:30", "2026-11-25T13:00:30Z"),
            ("2026-11-25T14:00:00Z", "2026-11-25T14:00:00Z"),
            ("2026-11-25T14:00Z", "2026-11-25T14:00:00Z"),
            ("2026-11-25T14:00+02:00", "2026-11-25T12:00:00Z"),
            ("2026-11-25 14:00:00-05:00", "2026-11-25T19:00:00Z"),
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ] {
            assert_eq!(parse_moment(text, now, BERLIN), Ok(utc(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_says_what_would_be() {
        let now = utc("2026-11-21T12:00:00Z");
        for text in
            ["", "tomorrow", "2026-13-01", "2026-02-30", "25:00", "+", "-x", "+99999999d", "12026-01-01"]
        {
            assert!(parse_moment(text, now, BERLIN).is_err(), "{text}");
        }
        let error = parse_moment("2026-03-29T02:30", now, BERLIN).unwrap_err();
        assert!(error.contains("the next valid time is 2026-03-29T03:00:00"), "{error}");
    }

    #[test]
    fn a_gap_knows_its_transition() {
        let Resolved::Skipped { next_valid, transition, read_before } =
            resolve_local(BERLIN, local("2026-03-29T02:30:00"))
        else {
            panic!("not skipped")
        };
        assert_eq!(next_valid, local("2026-03-29T03:00:00"));
        assert_eq!(transition, utc("2026-03-29T01:00:00Z"));
        assert_eq!(read_before, utc("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn a_whole_day_can_be_skipped() {
        let Resolved::Skipped { next_valid, transition, .. } =
            resolve_local(chrono_tz::Pacific::Apia, local("2011-12-30T12:00:00"))
        else {
            panic!("not skipped")
        };
        assert_eq!(next_valid, local("2011-12-31T00:00:00"));
        assert_eq!(transition, utc("2011-12-30T10:00:00Z"));
    }

    #[test]
    fn a_skipped_midnight_is_the_first_instant_of_its_day() {
        let date = NaiveDate::from_ymd_opt(2024, 4, 26).unwrap();
        assert_eq!(midnight(chrono_tz::Africa::Cairo, date), utc("2024-04-25T22:00:00Z"));
    }

    #[test]
    fn an_hour_that_occurs_twice() {
        assert_eq!(
            resolve_local(BERLIN, local("2026-10-25T02:30:00")),
            Resolved::Ambiguous { earlier: utc("2026-10-25T00:30:00Z"), later: utc("2026-10-25T01:30:00Z") }
        );
    }
}
