//! Values as people read them: durations, shares, numbers with units, names, local times.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A length of time with its two largest units: `9 d`, `2 h 05 m`, `12 m 30 s`, `45 s`.
/// Negative lengths carry a minus.
pub fn duration(length: TimeDelta) -> String {
    let seconds = length.num_seconds();
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    let text = match seconds {
        0..60 => format!("{rest} s"),
        60..3600 if rest == 0 => format!("{minutes} m"),
        60..3600 => format!("{minutes} m {rest:02} s"),
        3600..86_400 if minutes == 0 => format!("{hours} h"),
        3600..86_400 => format!("{hours} h {minutes:02} m"),
        _ if hours == 0 || days >= 7 => format!("{days} d"),
        _ => format!("{days} d {hours:02} h"),
    };
    format!("{sign}{text}")
}

/// An age with its largest unit only: `4 s`, `14 m`, `3 h`, `9 d`. Narrow enough for a column.
pub fn age(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} m", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// The time until (or since) something begins: `T-00:38`, `T-3d 04:10`, `T+00:05`; hours and
/// minutes. It counts up to whole minutes, so that `T-00:00` means less than a minute is left.
pub fn countdown(to: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (to - now).num_seconds();
    let sign = if seconds < 0 { '+' } else { '-' };
    let minutes = seconds.unsigned_abs() / 60;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    if days > 0 {
        format!("T{sign}{days}d {hours:02}:{minutes:02}")
    } else {
        format!("T{sign}{hours:02}:{minutes:02}")
    }
}

/// The same to the second, for when it is near: `T-00:38:12`.
pub fn countdown_seconds(to: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (to - now).num_seconds().unsigned_abs() % 60;
    format!("{}:{seconds:02}", countdown(to, now))
}

/// A share between 0 and 1: `25 %`, `0.4 %`, `99.9 %`; never rounded to all or nothing.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    let inside = percent > 0.0 && percent < 100.0;
    if !percent.is_finite() {
        "?".to_owned()
    } else if inside && !(1.0..=99.0).contains(&percent) {
        if percent < 0.1 {
            "<0.1 %".to_owned()
        } else if percent > 99.9 {
            ">99.9 %".to_owned()
        } else {
            format!("{percent:.1} %")
        }
    } else {
        format!("{percent:.0} %")
    }
}

/// `98 %`, `99.8 %`, `> 99.9 %`: how sure something is. Nothing is sure altogether.
pub fn confidence(confidence: f64) -> String {
    // 99.95 would be rounded up to 100.
    if confidence > 0.999 && confidence < 1.0 {
        return "> 99.9 %".to_owned();
    }
    format!("{} %", number(100.0 * confidence))
}

/// A value with its unit: `ratio` as percent, `seconds` as ms or s, anything else as written.
pub fn value(value: f64, unit: Option<&str>) -> String {
    match unit {
        _ if !value.is_finite() => "?".to_owned(),
        Some("ratio") => format!("{} %", number(value * 100.0)),
        Some("seconds") if value != 0.0 && value.abs() < 1e-4 => format!("{} µs", number(value * 1e6)),
        Some("seconds") if value.abs() < 10.0 => format!("{} ms", number(value * 1000.0)),
        Some("seconds") => format!("{} s", number(value)),
        Some("1/s") => format!("{}/s", number(value)),
        Some("bytes") => {
            let (size, word) = byte_unit(value);
            format!("{} {word}", number(value / size))
        }
        Some(unit) if !unit.is_empty() => format!("{} {unit}", number(value)),
        _ => number(value),
    }
}

/// A difference of two values with its sign: of shares in points, `+0.04 pt`; else in their unit.
pub fn difference(difference: f64, unit: Option<&str>) -> String {
    let text = match unit {
        Some("ratio") if difference.is_finite() => format!("{} pt", number(difference * 100.0)),
        unit => value(difference, unit),
    };
    if difference > 0.0 { format!("+{text}") } else { text }
}

/// Where a difference lies: `[-0.13, 0.13]` in points, `[-3 ms, 12 ms]`.
pub fn interval((low, high): (f64, f64), unit: Option<&str>) -> String {
    let end = |end: f64| match unit {
        Some("ratio") => number(end * 100.0),
        unit => value(end, unit),
    };
    format!("[{}, {}]", end(low), end(high))
}

/// The unit in which so many bytes are told, and how many bytes it has.
pub fn byte_unit(bytes: f64) -> (f64, &'static str) {
    match bytes.abs() {
        size if size >= 1e12 => (1e12, "TB"),
        size if size >= 1e9 => (1e9, "GB"),
        size if size >= 1e6 => (1e6, "MB"),
        size if size >= 1e3 => (1e3, "kB"),
        _ => (1.0, "B"),
    }
}

/// A number with three significant digits, k, M, G above 10,000, and as `3.3e-7` where it would be
/// rounded to nothing.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    let size = value.abs();
    if size > 0.0 && size < 1e-4 {
        return format!("{value:.1e}");
    }
    let (scaled, suffix) = match size {
        _ if size >= 1e10 => (value / 1e9, "G"),
        _ if size >= 1e7 => (value / 1e6, "M"),
        _ if size >= 1e4 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let decimals = match scaled.abs() {
        size if size == 0.0 || size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        _ => 4,
    };
    let mut text = format!("{scaled:.decimals$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if text == "-0" {
        text.remove(0);
    }
    text + suffix
}

/// A name in at most `width` columns, shortened in the middle: `payments-…-worker`.
pub fn shorten(name: &str, width: usize) -> String {
    shorten_with(name, width, "…")
}

/// The same with another sign for what was left out, where `…` cannot be drawn.
pub fn shorten_with(name: &str, width: usize, sign: &str) -> String {
    if name.width() <= width {
        return name.to_owned();
    }
    if width < sign.width() + 2 {
        return take(name.graphemes(true), width).concat();
    }
    let room = width - sign.width();
    let front = take(name.graphemes(true), room.div_ceil(2)).concat();
    let mut back = take(name.graphemes(true).rev(), room - front.width());
    back.reverse();
    format!("{front}{sign}{}", back.concat())
}

fn take<'a>(clusters: impl Iterator<Item = &'a str>, width: usize) -> Vec<&'a str> {
    let mut used = 0;
    clusters
        .take_while(|cluster| {
            used += cluster.width();
            used <= width
        })
        .collect()
}

/// A local time with its day and its zone's abbreviation: `Wed 25 Nov 14:00 CET`.
pub fn local_time(instant: DateTime<Utc>, zone: Tz) -> String {
    instant.with_timezone(&zone).format("%a %-d %b %H:%M %Z").to_string()
}

/// A span of local time; the day of the end is left out where it is that of the start:
/// `Wed 25 Nov 14:00–16:00 CET`. Over a clock change both zones are named.
pub fn local_span(start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> String {
    let (from, to) = (start.with_timezone(&zone), end.with_timezone(&zone));
    let same_day = from.date_naive() == to.date_naive();
    let zone_of = |time: &DateTime<Tz>| time.format("%Z").to_string();
    let first = from.format("%a %-d %b %H:%M");
    let first_zone =
        if zone_of(&from) == zone_of(&to) { String::new() } else { format!(" {}", zone_of(&from)) };
    if same_day {
        format!("{first}{first_zone}–{}", to.format("%H:%M %Z"))
    } else {
        format!("{first}{first_zone} – {}", to.format("%a %-d %b %H:%M %Z"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn lengths_of_time() {
        for (seconds, long, short) in [
            (0, "0 s", "0 s"),
            (45, "45 s", "45 s"),
            (60, "1 m", "1 m"),
            (750, "12 m 30 s", "12 m"),
            (3600, "1 h", "1 h"),
            (7500, "2 h 05 m", "2 h"),
            (100_000, "1 d 03 h", "27 h"),
            (777_600, "9 d", "9 d"),
            (-90, "-1 m 30 s", "0 s"),
        ] {
            let length = TimeDelta::seconds(seconds);
            assert_eq!((duration(length).as_str(), age(length).as_str()), (long, short), "{seconds}");
        }
    }

    #[test]
    fn countdowns() {
        let now = utc("2026-11-25T12:22:00Z");
        assert_eq!(countdown(utc("2026-11-25T13:00:00Z"), now), "T-00:38");
        assert_eq!(countdown(utc("2026-11-28T16:32:59Z"), now), "T-3d 04:10");
        assert_eq!(countdown(utc("2026-11-25T12:17:00Z"), now), "T+00:05");
        assert_eq!(countdown_seconds(utc("2026-11-25T13:00:12Z"), now), "T-00:38:12");
    }

    #[test]
    fn shares_are_never_rounded_to_all_or_nothing() {
        for (value, expected) in [
            (0.0, "0 %"),
            (0.0001, "<0.1 %"),
            (0.004, "0.4 %"),
            (0.25, "25 %"),
            (0.999, "99.9 %"),
            (0.99999, ">99.9 %"),
            (1.0, "100 %"),
            (f64::NAN, "?"),
        ] {
            assert_eq!(share(value), expected);
        }
    }

    #[test]
    fn differences_of_shares_are_told_in_points() {
        assert_eq!(difference(0.000_376, Some("ratio")), "+0.0376 pt");
        assert_eq!(difference(-0.0123, Some("ratio")), "-1.23 pt");
        assert_eq!(difference(0.0123, Some("seconds")), "+12.3 ms");
        assert_eq!(difference(0.0, None), "0");
        assert_eq!(interval((-0.0013, 0.0013), Some("ratio")), "[-0.13, 0.13]");
        assert_eq!(interval((-0.003, 0.012), Some("seconds")), "[-3 ms, 12 ms]");
    }

    #[test]
    fn nothing_below_certainty_is_shown_as_certain() {
        for (sure, shown) in [
            (0.98, "98 %"),
            (0.9878, "98.8 %"),
            (0.999, "99.9 %"),
            (0.9994, "> 99.9 %"),
            (0.9998, "> 99.9 %"),
            (0.999_999, "> 99.9 %"),
        ] {
            assert_eq!(confidence(sure), shown);
        }
        for thousandth in 0..=100_000 {
            let sure = f64::from(thousandth) / 100_000.0;
            assert!(sure >= 1.0 || !confidence(sure).starts_with("100"), "{sure}");
        }
    }

    #[test]
    fn values_carry_units() {
        for (number, unit, expected) in [
            (0.0123, Some("ratio"), "1.23 %"),
            (0.25, Some("seconds"), "250 ms"),
            (0.001_234, Some("seconds"), "1.23 ms"),
            (3.3e-7, Some("seconds"), "0.33 µs"),
            (0.0, Some("seconds"), "0 ms"),
            (-3.3e-7, None, "-3.3e-7"),
            (12.5, Some("seconds"), "12.5 s"),
            (118.0, Some("1/s"), "118/s"),
            (12_345.0, Some("1/s"), "12.3k/s"),
            (0.0, None, "0"),
            (1_234.0, None, "1234"),
            (-0.000_001, None, "-1.0e-6"),
            (f64::INFINITY, Some("ratio"), "?"),
        ] {
            assert_eq!(value(number, unit), expected, "{number} {unit:?}");
        }
    }

    #[test]
    fn names_are_shortened_in_the_middle_by_columns() {
        assert_eq!(shorten("payments", 8), "payments");
        assert_eq!(shorten("payments-settlement-worker", 12), "paymen…orker");
        assert_eq!(shorten("支払いサービス", 7), "支…ビス");
        assert_eq!(shorten("checkout", 2), "ch");
        assert_eq!(shorten("checkout", 0), "");
        assert_eq!(shorten_with("checkout-api", 7, "~"), "che~api");
    }

    #[test]
    fn local_times_name_their_zone() {
        let berlin: Tz = "Europe/Berlin".parse().unwrap();
        assert_eq!(local_time(utc("2026-11-25T13:00:00Z"), berlin), "Wed 25 Nov 14:00 CET");
        let span = |start: &str, end: &str| local_span(utc(start), utc(end), berlin);
        assert_eq!(span("2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z"), "Wed 25 Nov 14:00–16:00 CET");
        assert_eq!(
            span("2026-11-25T22:00:00Z", "2026-11-26T01:00:00Z"),
            "Wed 25 Nov 23:00 – Thu 26 Nov 02:00 CET"
        );
        assert_eq!(span("2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"), "Sun 25 Oct 01:00 CEST–04:00 CET");
    }

    proptest::proptest! {
        #[test]
        fn a_shortened_name_fits(name in "\\PC{0,40}", width in 0_usize..50) {
            proptest::prop_assert!(shorten(&name, width).width() <= width.max(name.width().min(width)));
        }
    }
}
