//! From what a file says and what a form holds to the changes between them, and no more.

use chrono::{NaiveDateTime, TimeDelta};

use super::reader::Moment;
use crate::domain::window::WallTime;
use crate::domain::{Change, Place, Value};

/// Changes of one file, as they are collected.
#[derive(Debug, Default)]
pub struct Changes {
    sets: Vec<Change>,
    removals: Vec<(String, usize)>,
    additions: Vec<Change>,
}

impl Changes {
    /// Sets a key, or takes it away.
    pub fn set(&mut self, place: &Place, key: &str, value: Option<Value>) {
        self.sets.push(Change::Set { place: place.clone(), key: key.to_owned(), value });
    }

    /// Sets a key where what it stands for changed.
    pub fn differ<T: PartialEq>(
        &mut self,
        place: &Place,
        key: &str,
        before: Option<T>,
        after: Option<T>,
        value: impl FnOnce(T) -> Value,
    ) {
        if before != after {
            self.set(place, key, after.map(value));
        }
    }

    /// Takes an entry out of a list of tables.
    pub fn remove(&mut self, list: &str, index: usize) {
        self.removals.push((list.to_owned(), index));
    }

    /// Adds an entry to a list of tables.
    pub fn add(&mut self, list: &str, table: Vec<(String, Value)>) {
        self.additions.push(Change::Add { list: list.to_owned(), table });
    }

    /// All of them: first what is set, where it stands now, then what goes, from the end, then
    /// what comes.
    pub fn finish(mut self) -> Vec<Change> {
        self.removals.sort_by_key(|(_, index)| std::cmp::Reverse(*index));
        let removals =
            self.removals.into_iter().map(|(list, index)| Change::Remove { place: Place::Nth(list, index) });
        self.sets.into_iter().chain(removals).chain(self.additions).collect()
    }
}

/// A table's keys and values; what is absent is left out.
#[derive(Debug, Default)]
pub struct Table(Vec<(String, Value)>);

impl Table {
    /// A key with its value.
    #[must_use]
    pub fn with(mut self, key: &str, value: Option<Value>) -> Self {
        self.0.extend(value.map(|value| (key.to_owned(), value)));
        self
    }

    /// The keys and values.
    pub fn finish(self) -> Vec<(String, Value)> {
        self.0
    }
}

/// A time as it is written into a file.
pub fn time(moment: &Moment) -> Value {
    wall_time(moment.wall)
}

/// A wall time as it is written into a file.
pub fn wall_time(wall: WallTime) -> Value {
    Value::Time(match wall {
        WallTime::Local(local) => written(local),
        WallTime::Instant(instant) => instant.format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    })
}

/// A local time as it is written into a file: with seconds, so that every reader of TOML takes it.
pub fn written(local: NaiveDateTime) -> String {
    local.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A local time as it is shown in a field.
pub fn typed(local: NaiveDateTime) -> String {
    let seconds = chrono::Timelike::second(&local) != 0;
    local.format(if seconds { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" }).to_string()
}

/// A length of time as it is written into a file and shown in a field: `60m`, `2h 30m`, `3d`.
pub fn span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    match seconds {
        0 => "0s".to_owned(),
        // What people write: minutes up to two hours.
        _ if seconds % 60 == 0 && seconds <= 7200 => format!("{}m", seconds / 60),
        _ => humantime::format_duration(std::time::Duration::from_secs(seconds.unsigned_abs())).to_string(),
    }
}
