//! RRULEs of the wild, made into rules that windows can have.

use chrono::{NaiveDate, NaiveDateTime};

use super::event::Form;
use crate::domain::recurrence::Rule;

/// A rule, and what had to be done to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mended {
    /// The rule as windows have it.
    pub rule: String,
    /// What should be known.
    pub notices: Vec<String>,
}

/// Makes a rule fit for a window that starts as `form` says in a zone that is UTC or not.
pub fn mend(text: &str, form: Form, is_utc: IsUtc) -> Result<Mended, String> {
    let shown = super::quoted(text);
    let upper = text.trim().trim_end_matches(';').to_ascii_uppercase();
    let upper = upper.strip_prefix("RRULE:").unwrap_or(&upper);
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut notices = Vec::new();
    for part in upper.split(';').filter(|part| !part.trim().is_empty()) {
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| format!("the rule {shown} cannot be read: `{part}` is no part of one"))?;
        let value: String = value.split_whitespace().collect();
        let name = name.trim();
        match name {
            // A whole day has no hours: RFC 5545 has them ignored.
            "BYHOUR" | "BYMINUTE" | "BYSECOND" if form == Form::Date => {}
            "UNTIL" => parts.push((name.to_owned(), until(&value, form, is_utc)?)),
            // Some write COUNT=-1 for "for ever".
            "COUNT" if value.starts_with('-') => notices.push(format!("COUNT={value} is read as: for ever")),
            _ if value.is_empty() => {}
            _ if name.starts_with("X-") => {
                notices.push(format!("{name} of the rule is not understood and left out"));
            }
            _ => parts.push((name.to_owned(), value.replace('+', ""))),
        }
    }
    if form == Form::Date
        && let Some((_, freq)) = parts.iter().find(|(name, _)| name == "FREQ")
        && ["HOURLY", "MINUTELY", "SECONDLY"].contains(&freq.as_str())
    {
        return Err(format!("the rule {shown} repeats a whole day every hour or faster"));
    }
    let parts = other_calendars(parts).map_err(|why| format!("the rule {shown} {why}"))?;
    let words: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let rule = words.join(";");
    Rule::parse(&rule).map_err(|error| error.to_string())?;
    Ok(Mended { rule, notices })
}

/// Whether a window's wall is UTC's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsUtc {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// UNTIL as it is meant: a day for whole days, wall time for floating ones.
fn until(value: &str, form: Form, is_utc: IsUtc) -> Result<String, String> {
    use super::value::{Written, time};
    let day = |date: NaiveDate| date.format("%Y%m%d").to_string();
    let wall = |wall: NaiveDateTime| wall.format("%Y%m%dT%H%M%S").to_string();
    let written = time(value).map_err(|why| format!("UNTIL: {why}"))?;
    Ok(match (written, form) {
        (Written::Date(date), _) => day(date),
        (Written::Wall(time) | Written::Utc(time), Form::Date) => day(time.date()),
        (Written::Wall(time), _) | (Written::Utc(time), Form::Floating) => wall(time),
        (Written::Utc(time), Form::Zoned) if is_utc == IsUtc::Yes => wall(time),
        (Written::Utc(time), Form::Zoned) => format!("{}Z", wall(time)),
    })
}

/// RFC 7529: RSCALE and SKIP, as far as a Gregorian rule can say the same.
fn other_calendars(mut parts: Vec<(String, String)>) -> Result<Vec<(String, String)>, String> {
    let mut take = |name: &str| {
        let at = parts.iter().position(|(known, _)| known == name)?;
        Some(parts.remove(at).1)
    };
    let (scale, skip) = (take("RSCALE"), take("SKIP"));
    if let Some(scale) = scale.filter(|scale| scale != "GREGORIAN") {
        return Err(format!("counts in another calendar (RSCALE={scale}), which is not understood"));
    }
    let skip = match skip.as_deref() {
        None | Some("OMIT") => return Ok(parts),
        Some(skip @ ("BACKWARD" | "FORWARD")) => skip,
        Some(other) => return Err(format!("has SKIP={other}: OMIT, BACKWARD or FORWARD is expected")),
    };
    let value = |name: &str| parts.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let (freq, day, month) = (value("FREQ").unwrap_or_default(), value("BYMONTHDAY"), value("BYMONTH"));
    let day = day.as_deref().map(str::parse::<u32>);
    let by: Vec<String> =
        parts.iter().map(|(name, _)| name.clone()).filter(|name| name.starts_with("BY")).collect();
    let simple = by.iter().all(|name| name == "BYMONTHDAY" || name == "BYMONTH");
    let replaced = match (freq.as_str(), day, month.as_deref(), skip) {
        // Days every month has are never skipped.
        (_, Some(Ok(1..=28)), _, _) if simple => return Ok(parts),
        ("MONTHLY", Some(Ok(31)), None, "BACKWARD") => vec![("BYMONTHDAY", "-1")],
        ("MONTHLY", Some(Ok(30)), None, "BACKWARD") => vec![("BYMONTHDAY", "28,29,30"), ("BYSETPOS", "-1")],
        ("MONTHLY", Some(Ok(29)), None, "BACKWARD") | ("YEARLY", Some(Ok(29)), Some("2"), "BACKWARD") => {
            vec![("BYMONTHDAY", "28,29"), ("BYSETPOS", "-1")]
        }
        // The 60th day of a year is the 29th of February or, without one, the 1st of March.
        ("YEARLY", Some(Ok(29)), Some("2"), "FORWARD") => vec![("BYYEARDAY", "60")],
        _ => return Err(format!("has SKIP={skip} in a way that is not understood")),
    };
    let yearly = replaced[0].0 == "BYYEARDAY";
    parts.retain(|(name, _)| name != "BYMONTHDAY" && (!yearly || name != "BYMONTH"));
    parts.extend(replaced.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str, form: Form) -> String {
        mend(text, form, IsUtc::No).map_or_else(|why| why, |mended| mended.rule)
    }

    #[test]
    fn until_is_of_the_kind_of_its_start() {
        for (until, form, expected) in [
            ("20261231T120000Z", Form::Zoned, "20261231T120000Z"),
            ("20261231T120000Z", Form::Floating, "20261231T120000"),
            ("20261231T230000Z", Form::Date, "20261231"),
            ("20261231", Form::Zoned, "20261231"),
            ("20261231T120000", Form::Zoned, "20261231T120000"),
        ] {
            let rule = mended(&format!("FREQ=DAILY;UNTIL={until}"), form);
            assert_eq!(rule, format!("FREQ=DAILY;UNTIL={expected}"), "{until}");
        }
        let utc = mend("FREQ=DAILY;UNTIL=20261231T120000Z", Form::Zoned, IsUtc::Yes).unwrap();
        assert_eq!(utc.rule, "FREQ=DAILY;UNTIL=20261231T120000");
    }

    #[test]
    fn sloppy_rules_are_understood_and_wrong_ones_named() {
        assert_eq!(
            mended("freq=weekly; byday=mo, +1we ;;", Form::Zoned),
            mended("FREQ=WEEKLY;BYDAY=MO,1WE", Form::Zoned)
        );
        assert_eq!(mended("FREQ=DAILY;COUNT=-1", Form::Zoned), "FREQ=DAILY");
        assert_eq!(mended("FREQ=DAILY;BYHOUR=9", Form::Date), "FREQ=DAILY");
        for (rule, said) in [
            ("FREQ=HOURLY", "whole day"),
            ("FREQ=DAILY;COUNT=0", "COUNT"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
            ("every day", "part"),
            ("FREQ=SOMETIMES", "RFC 5545"),
            ("RSCALE=CHINESE;FREQ=YEARLY", "RSCALE=CHINESE"),
            ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY=31", "SKIP=FORWARD"),
        ] {
            assert!(mended(rule, Form::Date).contains(said), "{rule}: {}", mended(rule, Form::Date));
        }
    }

    #[test]
    fn skipped_days_of_rfc_7529_go_where_they_should() {
        let starts = |rule: &str, first: &str, to: &str| {
            let at = |day: &str| day.parse::<NaiveDate>().unwrap().and_hms_opt(0, 0, 0).unwrap();
            let rule = Rule::parse(&mended(rule, Form::Date)).unwrap();
            let found = rule.starts(at(first), at(first), at(to)).unwrap();
            found.iter().map(|start| start.format("%y%m%d").to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            starts("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=30", "2026-01-30", "2026-04-01"),
            ["260130", "260228", "260330"]
        );
        let leap = |skip: &str| {
            let rule = format!("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP={skip};BYMONTH=2;BYMONTHDAY=29");
            starts(&rule, "2024-02-29", "2027-01-01")
        };
        assert_eq!(leap("FORWARD"), ["240229", "250301", "260301"]);
        assert_eq!(leap("BACKWARD"), ["240229", "250228", "260228"]);
        assert_eq!(leap("OMIT"), ["240229"]);
    }
}
