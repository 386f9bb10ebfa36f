//! Times of day, days and zones as they stand in a line.

use chrono::NaiveTime;
use chrono_tz::Tz;

use crate::domain::moment::parse_zone;
use crate::domain::when::parse_clock;

/// Letters that stand for several zones or for none, and the zone that is mostly meant.
const LETTERS: [(&str, &str); 16] = [
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("ET", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("PT", "America/Los_Angeles"),
    ("CET", "Europe/Berlin"),
    ("CEST", "Europe/Berlin"),
    ("BST", "Europe/London"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("AEST", "Australia/Sydney"),
];

/// A zone, where the word is one or tries to be; `None`: it is something else.
pub fn zone(word: &str) -> Option<Result<Tz, String>> {
    if word.eq_ignore_ascii_case("utc") || word.eq_ignore_ascii_case("gmt") {
        return Some(Ok(Tz::UTC));
    }
    if let Some((letters, meant)) = LETTERS.iter().find(|(letters, _)| *letters == word) {
        let message =
            format!("`{letters}` does not say which clocks change when: write {meant}, or another IANA name");
        return Some(Err(message));
    }
    let (area, _) = word.split_once('/')?;
    let is_area = !area.is_empty() && area.chars().all(|letter| letter.is_ascii_alphabetic());
    is_area.then(|| parse_zone(word))
}

/// A time of day: `14:00`, `9:30`, `2pm`, and where hours alone may stand, `14`.
pub fn time(text: &str) -> Option<NaiveTime> {
    let lower = text.to_lowercase();
    for (suffix, add) in [("am", 0), ("pm", 12)] {
        let Some(clock) = lower.strip_suffix(suffix) else { continue };
        let clock = if clock.contains(':') { clock.to_owned() } else { format!("{clock}:00") };
        let (hour, rest) = clock.split_once(':')?;
        let hour: u32 = hour.parse().ok().filter(|hour| (1..=12).contains(hour))?;
        return parse_clock(&format!("{}:{rest}", hour % 12 + add));
    }
    parse_clock(text)
}

/// `14:00-16:00`, `14-16`, `2pm-4pm`: where it begins and ends. 24:00 is midnight.
pub fn range(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (start, end) = text.split_once(['-', '–'])?;
    // `2-4pm` is in the afternoon, both of it.
    let suffix = ["am", "pm"].into_iter().find(|suffix| end.to_lowercase().ends_with(suffix));
    let start = match suffix {
        Some(suffix) if start.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') => {
            format!("{start}{suffix}")
        }
        _ => start.to_owned(),
    };
    Some((hour_or_time(&start)?, hour_or_time(end)?))
}

/// A time of day that a word such as `at` stands before.
pub fn hour_or_time(text: &str) -> Option<NaiveTime> {
    if text == "24" || text == "24:00" {
        return Some(NaiveTime::MIN);
    }
    time(text).or_else(|| {
        let is_hour = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        NaiveTime::from_hms_opt(text.parse().ok().filter(|_| is_hour)?, 0, 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_hours_in_every_spelling() {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        for (text, start, end) in [
            ("14:00-16:00", 14, 16),
            ("14-16", 14, 16),
            ("9–11", 9, 11),
            ("2pm-4pm", 14, 16),
            ("2-4pm", 14, 16),
            ("22:00-24:00", 22, 0),
            ("12am-12pm", 0, 12),
        ] {
            assert_eq!(range(text), Some((hour(start), hour(end))), "{text}");
        }
        for text in ["14", "25-26", "a-b", "2026-11-25", "13pm-2pm", "1.2-3"] {
            assert_eq!(range(text), None, "{text}");
        }
    }

    #[test]
    fn letters_are_no_zone() {
        assert_eq!(zone("America/New_York"), Some(Ok(Tz::America__New_York)));
        assert_eq!(zone("utc"), Some(Ok(Tz::UTC)));
        assert!(zone("EST").unwrap().unwrap_err().contains("America/New_York"));
        assert!(zone("Europe/Berln").unwrap().unwrap_err().contains("Europe/Berlin"));
        assert_eq!(zone("canary"), None);
        assert_eq!(zone("5/25"), None);
    }
}
