//! How a window repeats, in fields: to and from RFC 5545's RRULE.

use chrono::{NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use super::reader::{Reader, words};
use super::{Field, Form, Name, Offers};
use crate::domain::recurrence::{Rule, Until};
use crate::domain::when::{Around, parse_day, parse_weekday, parse_when};
use crate::domain::window::WallTime;

/// The words of the choice, in order.
pub const CHOICES: [&str; 6] = [ONCE, "daily", "weekly", "monthly", "yearly", RULE];
/// It does not repeat.
pub const ONCE: &str = "once";
/// The rule is typed as it is.
pub const RULE: &str = "by a rule";

const DAYS: [(&str, &str, Weekday); 7] = [
    ("MO", "mon", Weekday::Mon),
    ("TU", "tue", Weekday::Tue),
    ("WE", "wed", Weekday::Wed),
    ("TH", "thu", Weekday::Thu),
    ("FR", "fri", Weekday::Fri),
    ("SA", "sat", Weekday::Sat),
    ("SU", "sun", Weekday::Sun),
];

/// What the fields hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Texts {
    choice: String,
    interval: String,
    weekdays: String,
    month_days: String,
    until: String,
    count: String,
    rule: String,
}

/// The fields for a rule as a file has it.
pub fn fields(rule: Option<&str>, zone: Tz) -> Vec<Field> {
    let texts = rule.map_or_else(
        || Texts { choice: ONCE.to_owned(), ..Texts::default() },
        |rule| {
            built(rule, zone).unwrap_or_else(|| Texts {
                choice: RULE.to_owned(),
                rule: rule.to_owned(),
                ..Texts::default()
            })
        },
    );
    vec![
        Field::choice(Name::Repeats, "repeats", texts.choice, CHOICES, "←/→ or the first letter"),
        Field::line(Name::Interval, "every", texts.interval, "1; 2: every second"),
        Field::offering(
            Name::Weekdays,
            "on weekdays",
            texts.weekdays,
            Offers::Weekdays,
            "mon, fri; in months also 2nd tue, last fri",
        ),
        Field::line(Name::MonthDays, "on days", texts.month_days, "of the month: 1, 15; -1 is the last"),
        Field::line(Name::Until, "until", texts.until, "the last day: 2027-12-31; empty: for ever"),
        Field::line(Name::Count, "times", texts.count, "how often in all; empty: no limit"),
        Field::line(Name::Rule, "rule", texts.rule, "RFC 5545: FREQ=MONTHLY;BYDAY=-1FR"),
    ]
}

/// Whether a field of a form means something.
pub fn is_shown_in(form: &Form, field: &Field) -> bool {
    let Some(choice) = form.at(Name::Repeats, None).map(|index| form.fields[index].value()) else {
        return true;
    };
    is_shown(field.name, choice)
}

/// Whether a field means something while the choice is this one.
pub fn is_shown(name: Name, choice: &str) -> bool {
    match name {
        Name::Interval | Name::Until | Name::Count => choice != ONCE && choice != RULE,
        Name::Weekdays => choice == "weekly" || choice == "monthly",
        Name::MonthDays => choice == "monthly",
        Name::Rule => choice == RULE,
        _ => true,
    }
}

/// A rule in fields, where they can say all of it.
fn built(rule: &str, zone: Tz) -> Option<Texts> {
    let upper = rule.trim().to_ascii_uppercase();
    let mut texts = Texts::default();
    for part in upper.trim_start_matches("RRULE:").split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        match name {
            "FREQ" => {
                let choice = value.to_lowercase();
                texts.choice = String::from(CHOICES.into_iter().find(|known| *known == choice)?);
            }
            "INTERVAL" => texts.interval = String::from(value),
            "COUNT" => texts.count = String::from(value),
            "BYDAY" => {
                let days: Option<Vec<String>> = value.split(',').map(weekday_words).collect();
                texts.weekdays = days?.join(", ");
            }
            "BYMONTHDAY" => texts.month_days = value.split(',').collect::<Vec<_>>().join(", "),
            "UNTIL" => {
                texts.until = match Rule::parse(rule).ok()?.until()? {
                    Until::Day(day) => day.format("%Y-%m-%d").to_string(),
                    Until::Wall(wall) => super::diff::typed(wall),
                    Until::Instant(instant) => {
                        let local = instant.with_timezone(&zone);
                        local.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
                    }
                };
            }
            _ => return None,
        }
    }
    let shown = |name, text: &str| text.is_empty() || is_shown(name, &texts.choice);
    let has_ordinal =
        texts.weekdays.contains(|letter: char| letter.is_ascii_digit()) || texts.weekdays.contains("last");
    let fits = shown(Name::Weekdays, &texts.weekdays)
        && shown(Name::MonthDays, &texts.month_days)
        && !(has_ordinal && texts.choice != "monthly")
        && !texts.choice.is_empty();
    // What the fields would make of it is the same rule.
    let again = fits.then(|| compose(&texts, zone, None).ok()).flatten()?;
    (normal(&again) == normal(rule)).then_some(texts)
}

/// A rule's parts in one order, for comparing.
fn normal(rule: &str) -> Vec<String> {
    let upper = rule.trim().to_ascii_uppercase();
    let parts = upper.trim_start_matches("RRULE:").split(';').map(|part| part.trim().to_owned());
    let mut parts: Vec<String> = parts.filter(|part| !part.is_empty() && part != "INTERVAL=1").collect();
    parts.sort();
    parts
}

/// `-1FR` as `last fri`.
fn weekday_words(code: &str) -> Option<String> {
    let (number, day) = code.split_at_checked(code.len().checked_sub(2)?)?;
    let (_, word, _) = DAYS.into_iter().find(|(code, _, _)| *code == day)?;
    let nth = match number {
        "" => return Some(word.to_owned()),
        "1" | "+1" => "1st",
        "2" | "+2" => "2nd",
        "3" | "+3" => "3rd",
        "4" | "+4" => "4th",
        "5" | "+5" => "5th",
        "-1" => "last",
        _ => return None,
    };
    Some(format!("{nth} {word}"))
}

/// `last fri` as `-1FR`.
fn weekday_code(words: &str) -> Option<String> {
    let words = words.to_lowercase();
    let (number, day) = match words.split_once(' ') {
        None => ("", words.as_str()),
        Some((nth, day)) => {
            let number = match nth {
                "1st" | "first" | "1" => "1",
                "2nd" | "second" | "2" => "2",
                "3rd" | "third" | "3" => "3",
                "4th" | "fourth" | "4" => "4",
                "5th" | "fifth" | "5" => "5",
                "last" | "-1" => "-1",
                _ => return None,
            };
            (number, day.trim())
        }
    };
    let weekday = parse_weekday(day)?;
    let (code, _, _) = DAYS.into_iter().find(|(_, _, known)| *known == weekday)?;
    Some(format!("{number}{code}"))
}

/// What is wrong with a field of a rule.
type Wrong = (Name, String);

/// The rule that texts stand for; `today`: what days without a year are counted from.
fn compose(texts: &Texts, zone: Tz, today: Option<NaiveDate>) -> Result<String, Wrong> {
    let mut rule = format!("FREQ={}", texts.choice.to_uppercase());
    let number = |name: Name, text: &str| -> Result<Option<u32>, Wrong> {
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse().ok().filter(|number| (1..=10_000).contains(number));
        number.map(Some).ok_or_else(|| (name, format!("`{text}` is not a number from 1 to 10000")))
    };
    if let Some(interval) = number(Name::Interval, &texts.interval)?.filter(|interval| *interval > 1) {
        rule.push_str(&format!(";INTERVAL={interval}"));
    }
    let mut days = Vec::new();
    for word in words(&texts.weekdays) {
        let code = weekday_code(word).ok_or_else(|| {
            (Name::Weekdays, format!("`{word}` is no weekday: write mon, fri, 2nd tue or last fri"))
        })?;
        if code.len() > 2 && texts.choice != "monthly" {
            let words = format!("`{word}` is of a month: choose monthly, or write the weekday alone");
            return Err((Name::Weekdays, words));
        }
        days.push(code);
    }
    let mut month_days = Vec::new();
    for word in words(&texts.month_days) {
        let day: Option<i32> = word.trim_end_matches('.').parse().ok();
        match day.filter(|day| (1..=31).contains(&day.abs())) {
            Some(day) => month_days.push(day.to_string()),
            None => return Err((Name::MonthDays, format!("`{word}` is no day of a month: 1 to 31, or -1"))),
        }
    }
    if texts.choice == "monthly" && !month_days.is_empty() {
        rule.push_str(&format!(";BYMONTHDAY={}", month_days.join(",")));
    }
    if is_shown(Name::Weekdays, &texts.choice) && !days.is_empty() {
        rule.push_str(&format!(";BYDAY={}", days.join(",")));
    }
    if !texts.until.is_empty() {
        rule.push_str(&format!(";UNTIL={}", until(&texts.until, zone, today)?));
    }
    if let Some(count) = number(Name::Count, &texts.count)? {
        if !texts.until.is_empty() {
            let words = "either a last day or how often, not both (RFC 5545)".to_owned();
            return Err((Name::Count, words));
        }
        rule.push_str(&format!(";COUNT={count}"));
    }
    Ok(rule)
}

/// A bare day includes that whole day; a time is wall time; with an offset it is an instant.
fn until(text: &str, zone: Tz, today: Option<NaiveDate>) -> Result<String, Wrong> {
    let today = today.unwrap_or(NaiveDate::MIN);
    if let Some(day) = parse_day(text, today).filter(|_| !text.contains(':')) {
        return Ok(day.format("%Y%m%d").to_string());
    }
    let now = zone.from_utc_datetime(&today.and_time(NaiveTime::MIN)).with_timezone(&Utc);
    match parse_when(text, &Around { now, zone, day: today }) {
        Ok(WallTime::Local(local)) => Ok(local.format("%Y%m%dT%H%M%S").to_string()),
        Ok(WallTime::Instant(instant)) => Ok(instant.to_utc().format("%Y%m%dT%H%M%SZ").to_string()),
        Err(_) => Err((Name::Until, format!("`{text}` is no day: write 2027-12-31 or 31 dec 2027"))),
    }
}

/// Reads the fields: the rule as it is written, `None` where it does not repeat.
pub fn read(reader: &mut Reader<'_>, zone: Tz) -> Result<Option<String>, ()> {
    let value = |name| reader.value(name, None).to_owned();
    let texts = Texts {
        choice: value(Name::Repeats),
        interval: value(Name::Interval),
        weekdays: value(Name::Weekdays),
        month_days: value(Name::MonthDays),
        until: value(Name::Until),
        count: value(Name::Count),
        rule: value(Name::Rule),
    };
    if texts.choice == ONCE {
        return Ok(None);
    }
    if texts.choice == RULE {
        if texts.rule.is_empty() {
            reader.missing(Name::Rule, None, "a rule is needed: FREQ=MONTHLY;BYDAY=-1FR");
            return Err(());
        }
        return match Rule::parse(&texts.rule) {
            Ok(_) => Ok(Some(texts.rule.trim_start_matches("RRULE:").to_owned())),
            Err(why) => {
                reader.wrong(Name::Rule, None, why.to_string());
                Err(())
            }
        };
    }
    let shown = |name, text: String| if is_shown(name, &texts.choice) { text } else { String::new() };
    let texts = Texts {
        weekdays: shown(Name::Weekdays, texts.weekdays.clone()),
        month_days: shown(Name::MonthDays, texts.month_days.clone()),
        ..texts.clone()
    };
    let today = reader.setting.now.with_timezone(&zone).date_naive();
    match compose(&texts, zone, Some(today)) {
        Ok(rule) => match Rule::parse(&rule) {
            Ok(_) => Ok(Some(rule)),
            Err(why) => {
                reader.wrong(Name::Repeats, None, why.to_string());
                Err(())
            }
        },
        Err((name, why)) => {
            reader.wrong(name, None, why);
            Err(())
        }
    }
}

/// Whether two rules say the same, however they are written.
pub fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
    one.map(normal) == other.map(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_goes_into_fields_and_comes_back() {
        for rule in [
            "FREQ=YEARLY",
            "FREQ=DAILY;INTERVAL=3;COUNT=10",
            "FREQ=WEEKLY;BYDAY=MO,FR",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20271231",
            "FREQ=MONTHLY;BYDAY=2TU,-1FR",
            "FREQ=MONTHLY;BYMONTHDAY=1,15,-1;UNTIL=20271231T180000",
            "FREQ=WEEKLY;UNTIL=20271231T180000Z",
        ] {
            let texts = built(rule, Tz::Europe__Berlin).unwrap_or_else(|| panic!("{rule}"));
            assert_eq!(compose(&texts, Tz::Europe__Berlin, None).unwrap(), rule);
        }
    }

    #[test]
    fn what_the_fields_cannot_say_stays_a_rule() {
        for rule in [
            "FREQ=HOURLY",
            "FREQ=YEARLY;BYMONTH=3",
            "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1",
            "FREQ=MONTHLY;BYDAY=-2FR",
        ] {
            assert_eq!(built(rule, Tz::UTC), None, "{rule}");
            let fields = fields(Some(rule), Tz::UTC);
            assert_eq!(fields[0].value(), RULE);
            assert_eq!(fields[6].value(), rule);
        }
    }

    #[test]
    fn what_is_wrong_names_its_field() {
        let texts = |change: &dyn Fn(&mut Texts)| {
            let mut texts = Texts { choice: "weekly".into(), ..Texts::default() };
            change(&mut texts);
            compose(&texts, Tz::UTC, NaiveDate::from_ymd_opt(2026, 11, 25)).unwrap_err().0
        };
        assert_eq!(texts(&|texts| texts.interval = "0".into()), Name::Interval);
        assert_eq!(texts(&|texts| texts.weekdays = "funday".into()), Name::Weekdays);
        assert_eq!(texts(&|texts| texts.weekdays = "2nd tue".into()), Name::Weekdays);
        assert_eq!(texts(&|texts| texts.month_days = "32".into()), Name::MonthDays);
        assert_eq!(texts(&|texts| texts.until = "soon".into()), Name::Until);
        assert_eq!(
            texts(&|texts| (texts.until, texts.count) = ("2027-01-01".into(), "3".into())),
            Name::Count
        );
    }
}
