//! Values of properties: dates, times, lengths, text.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// A DATE or DATE-TIME as written; the zone stands in a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Written {
    /// A whole day.
    Date(NaiveDate),
    /// On the wall of the property's zone, or of the reader's where it has none.
    Wall(NaiveDateTime),
    /// With a Z.
    Utc(NaiveDateTime),
}

/// Reads a DATE or DATE-TIME by its form, whatever VALUE says: real files contradict it.
pub fn time(text: &str) -> Result<Written, String> {
    let wrong = || {
        let shown = super::quoted(text);
        format!("{shown} is not a time: 20261224, 20261224T180000 or 20261224T180000Z is expected")
    };
    let text = text.trim();
    let (body, is_utc) = match text.strip_suffix(['Z', 'z']) {
        Some(body) => (body, true),
        None => (text, false),
    };
    let (date, time) = match body.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (body, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if date.len() != 8 || !digits(date) {
        return Err(wrong());
    }
    let date = NaiveDate::parse_from_str(date, "%Y%m%d").map_err(|_| wrong())?;
    let Some(time) = time else { return Ok(Written::Date(date)) };
    if !digits(time) || !matches!(time.len(), 4 | 6) {
        return Err(wrong());
    }
    let part = |at: usize| time.get(at..at + 2).map_or(Some(0), |text| text.parse::<u32>().ok());
    let (hour, minute, second) =
        (part(0).ok_or_else(wrong)?, part(2).ok_or_else(wrong)?, part(4).ok_or_else(wrong)?);
    // A leap second is its neighbour: nothing here is that exact.
    let time = NaiveTime::from_hms_opt(hour, minute, second.min(59)).ok_or_else(wrong)?;
    if second > 60 {
        return Err(wrong());
    }
    let time = date.and_time(time);
    Ok(if is_utc { Written::Utc(time) } else { Written::Wall(time) })
}

/// Reads a DURATION: `P1D`, `PT1H30M`, `P2W`, `-PT15M`.
pub fn duration(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("{} is not a DURATION: PT1H30M, P1D or P2W is expected", super::quoted(text));
    let upper = text.trim().to_ascii_uppercase();
    let (negative, body) = match upper.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let body = body.strip_prefix('P').filter(|body| !body.is_empty()).ok_or_else(wrong)?;
    let (mut seconds, mut number, mut after_t) = (0_i64, String::new(), false);
    for character in body.chars() {
        let unit = match character {
            '0'..='9' => {
                number.push(character);
                continue;
            }
            'T' if !after_t && number.is_empty() => {
                after_t = true;
                continue;
            }
            'W' if !after_t => 604_800,
            'D' if !after_t => 86_400,
            'H' if after_t => 3600,
            'M' if after_t => 60,
            'S' if after_t => 1,
            _ => return Err(wrong()),
        };
        let count: i64 = number.parse().map_err(|_| wrong())?;
        number.clear();
        seconds = count.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
    }
    if !number.is_empty() {
        return Err(wrong());
    }
    TimeDelta::try_seconds(if negative { -seconds } else { seconds })
        .filter(|length| length.num_days().abs() < 40_000)
        .ok_or_else(wrong)
}

/// Unescapes TEXT (RFC 5545, 3.3.11).
pub fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            other => out.push(other),
        }
    }
    out
}

/// Reads an offset from UTC: `+0100`, `-033000`; in seconds.
pub fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.replace(':', "");
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |text| text.parse::<i32>().ok());
    Some(sign * (part(0)? * 3600 + part(2)? * 60 + part(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_by_their_form() {
        let wall = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert_eq!(time("20261224"), Ok(Written::Date("2026-12-24".parse().unwrap())));
        assert_eq!(time(" 20261224T180000 "), Ok(Written::Wall(wall("2026-12-24T18:00:00"))));
        assert_eq!(time("20261224t1800z"), Ok(Written::Utc(wall("2026-12-24T18:00:00"))));
        assert_eq!(time("20261231T235960Z"), Ok(Written::Utc(wall("2026-12-31T23:59:59"))));
        for wrong in ["", "2026-12-24", "20261324", "20260230", "20261224T", "20261224T99", "20261224T256000"]
        {
            assert!(time(wrong).unwrap_err().contains("is expected"), "{wrong}");
        }
    }

    #[test]
    fn durations_add_up() {
        for (text, seconds) in [
            ("P1D", 86_400),
            ("PT86400S", 86_400),
            ("P1DT2H30M", 95_400),
            ("-PT15M", -900),
            ("p2w", 1_209_600),
        ] {
            assert_eq!(duration(text).unwrap().num_seconds(), seconds, "{text}");
        }
        for wrong in ["", "P", "1D", "PT", "P1M", "P1", "PT1D", "P99999999999W", "PT99999999999999999999S"] {
            let read = duration(wrong);
            assert!(read.is_err() || wrong == "PT", "{wrong}");
        }
    }

    #[test]
    fn text_is_unescaped_once() {
        assert_eq!(text(r"Rollout\, phase 1\; \\n is\na break\"), "Rollout, phase 1; \\n is\na break\\");
        assert_eq!((offset("+0530"), offset("-033000"), offset("x")), (Some(19_800), Some(-12_600), None));
    }
}
