//! How conflicts are told.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::format::{duration, local_time};
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

/// A length: `90 min`, beyond three hours `2 d 21 h`; what is shorter than a minute says so.
pub fn length(start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    match (end - start).num_minutes() {
        0 => "less than 1 min".to_owned(),
        minutes @ ..180 => format!("{minutes} min"),
        minutes => duration(TimeDelta::minutes(minutes)),
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
