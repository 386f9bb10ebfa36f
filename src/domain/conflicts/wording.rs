//! How conflicts are told.

use chrono::{DateTime, Utc};

use crate::domain::format::local_time;
use crate::domain::{Release, Stage};

/// `checkout-4.2 (production/eu)`
pub fn who(release: &Release, stage: &Stage) -> String {
    format!("{} ({})", release.id, place(stage))
}

/// `production/eu`
pub fn place(stage: &Stage) -> String {
    match &stage.region {
        Some(region) => format!("{}/{region}", stage.environment),
        None => stage.environment.clone(),
    }
}

/// A length in minutes: `90 min`; what is shorter than one says so.
pub fn minutes(start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    match (end - start).num_minutes() {
        0 => "less than 1 min".to_owned(),
        minutes => format!("{minutes} min"),
    }
}

/// An instant on the stage's own wall.
pub fn when(instant: DateTime<Utc>, stage: &Stage) -> String {
    local_time(instant, stage.time_zone)
}

/// `title (id)`, or the id alone where they are the same.
pub fn named(title: &str, id: &str) -> String {
    if title == id { id.to_owned() } else { format!("{title} ({id})") }
}

/// A list of words: `a, b and 3 more`.
pub fn list(words: &[String]) -> String {
    const SHOWN: usize = 3;
    match words.len() {
        0..=SHOWN => words.join(", "),
        count => format!("{} and {} more", words[..SHOWN].join(", "), count - SHOWN),
    }
}
