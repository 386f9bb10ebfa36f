//! The next occurrences of a window, however far apart they are.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Occurrence, Recurrence, RecurrenceError};
use crate::domain::Window;

/// How far ahead is looked, in days: first near, where most are, then ever farther.
const REACHES: [i64; 6] = [2, 40, 400, 2_000, 10_000, 40_000];

/// The first `count` occurrences that end after `from`, sorted by start. Fewer: there are no more
/// within a century.
pub fn upcoming(
    window: &Window,
    from: DateTime<Utc>,
    count: usize,
) -> Result<Vec<Occurrence>, RecurrenceError> {
    let recurrence = Recurrence::new(window)?;
    let mut found = Vec::new();
    for days in REACHES {
        let to = from.checked_add_signed(TimeDelta::days(days)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        match recurrence.between(from, to) {
            Ok(more) => found = more,
            // The near ones are enough to go by where the far ones are too many.
            Err(error) if found.is_empty() => return Err(error),
            Err(_) => break,
        }
        if found.len() >= count {
            break;
        }
    }
    found.truncate(count);
    Ok(found)
}

/// Whether a window happens at all, now or ever.
pub fn ever(window: &Window) -> Result<bool, RecurrenceError> {
    let first = super::wall(window.start, window).and_utc() - TimeDelta::days(3);
    let also = window.also.iter().map(|also| super::wall(*also, window).and_utc() - TimeDelta::days(3));
    let from = also.fold(first, DateTime::min);
    Ok(!upcoming(window, from, 1)?.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::window::{WallTime, WindowKind};

    fn window(repeat: Option<&str>) -> Window {
        let mut window = crate::domain::samples::window("w", WindowKind::Freeze);
        window.repeat = repeat.map(str::to_owned);
        window
    }

    fn days(window: &Window, from: &str) -> Vec<String> {
        let found = upcoming(window, from.parse().unwrap(), 3).unwrap();
        found.iter().map(|one| one.start.format("%Y-%m-%d").to_string()).collect()
    }

    #[test]
    fn the_next_ones_are_found_however_rare() {
        assert_eq!(
            days(&window(Some("FREQ=DAILY")), "2026-06-01T12:00:00Z"),
            ["2026-06-01", "2026-06-02", "2026-06-03"]
        );
        let mut leap = window(Some("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"));
        assert_eq!(days(&leap, "2026-06-01T00:00:00Z"), ["2028-02-29", "2032-02-29", "2036-02-29"]);
        leap.repeat = None;
        assert!(days(&leap, "2026-06-01T00:00:00Z").is_empty());
    }

    #[test]
    fn a_recurrence_that_never_happens_is_known() {
        assert!(ever(&window(None)).unwrap());
        assert!(!ever(&window(Some("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"))).unwrap());
        let mut skipped = window(None);
        skipped.skip = vec![WallTime::Local("2026-01-01T00:00:00".parse().unwrap())];
        assert!(!ever(&skipped).unwrap());
        skipped.also = vec![WallTime::Local("2020-01-01T00:00:00".parse().unwrap())];
        assert!(ever(&skipped).unwrap());
    }
}
