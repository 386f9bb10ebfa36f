//! A watch in words; the cockpit and the command line say the same.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    Because, Beginning, Ended, Note, Phase, Plan, Sensitivity, Timer, Watch, Watcher, Why, foremost,
};
use crate::domain::format;

/// A time of day, with its weekday where it is another day than now.
pub(super) fn clock(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let (local, today) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let form = if local.date_naive() == today.date_naive() { "%H:%M" } else { "%a %H:%M" };
    local.format(form).to_string()
}

/// A length in whole hours up to three days, as watches are counted: `71 h`, `45 m`.
pub fn length(length: TimeDelta) -> String {
    let hours = length.num_hours();
    if (2..=96).contains(&hours) { format!("{hours} h") } else { format::age(length) }
}

impl Watch {
    /// How long it still goes on.
    pub fn left(&self, now: DateTime<Utc>) -> TimeDelta {
        if self.phase.is_live() { (self.ends - now).max(TimeDelta::zero()) } else { TimeDelta::zero() }
    }

    /// `71 h left`, or how it ended: `closed by mira`.
    pub fn left_words(&self, now: DateTime<Utc>) -> String {
        match &self.ended {
            Some(ended) => ended.words(),
            None => format!("{} left", length(self.left(now))),
        }
    }

    /// `watch: mira, 71 h left`.
    pub fn line(&self, now: DateTime<Utc>) -> String {
        let watcher = self.watcher.as_ref().map_or("nobody watches", |watcher| watcher.name.as_str());
        let planned =
            if matches!(self.begins, Beginning::Planned(_)) { ", counted from the plan" } else { "" };
        format!("watch: {watcher}, {}{planned}", self.left_words(now))
    }

    /// When it began, and how that is known.
    pub fn begins_words(&self, now: DateTime<Utc>, zone: Tz) -> String {
        let at = clock(self.begins.at(), now, zone);
        match self.begins {
            Beginning::Observed(_) => format!("everywhere since {at}"),
            Beginning::Before(_) => format!("everywhere since before {at}"),
            Beginning::Planned(_) => format!("planned to be everywhere at {at}, not observed"),
        }
    }

    /// How much closer is looked, and until when:
    /// `sensitive: holds ×0.5 until 16:04, normal from Sat 14:00`.
    pub fn sensitivity_words(&self, plan: &Plan, now: DateTime<Utc>, zone: Tz) -> String {
        let s = self.sensitivity;
        let normal = clock(self.ends, now, zone);
        if s.is_normal() {
            return "normal".to_owned();
        }
        if self.phase == Phase::FirstHour {
            let first = clock(self.first_until, now, zone);
            return format!("sensitive: holds ×0.5 until {first}, normal from {normal}");
        }
        let pending = Sensitivity::pending_until(self.begins.at(), plan.first, plan.length);
        let pending = if now < pending {
            format!(", pending alerts ring until {}", clock(pending, now, zone))
        } else {
            String::new()
        };
        format!("{}: holds ×{:.2}{pending}, normal from {normal}", s.word(), s.factor())
    }
}

impl Ended {
    /// `replaced by 4.2.1`.
    pub fn words(&self) -> String {
        match &self.why {
            Why::Time => "over".to_owned(),
            Why::RolledBack => "rolled back".to_owned(),
            Why::Replaced(by) => format!("replaced by {by}"),
            Why::Closed(by) => format!("closed by {by}"),
        }
    }
}

impl Watcher {
    /// `sam, handed over by mira at 16:10`.
    pub fn words(&self, now: DateTime<Utc>, zone: Tz) -> String {
        let Self { name, because } = self;
        match because {
            Because::Named => name.clone(),
            Because::OwnsRelease => format!("{name}, who owns the release"),
            Because::OwnsService => format!("{name}, who owns the service"),
            Because::HandedOver { by, at } => {
                format!("{name}, handed over by {by} at {}", clock(*at, now, zone))
            }
        }
    }
}

impl Timer {
    /// Whom to call, or who is next: `call @duty-manager`, `@duty-manager in 4 m`.
    pub fn words(&self, now: DateTime<Utc>) -> String {
        if let Some((by, _)) = &self.acknowledged {
            return format!("acknowledged by {by}");
        }
        let next = self.next.as_ref().map(|(at, name)| {
            let left = (*at - now).max(TimeDelta::zero());
            format!("{name} in {}", format::age(left))
        });
        match (&self.call, next) {
            (Some(call), Some(next)) => format!("call {call}, then {next}"),
            (Some(call), None) => format!("call {call}, the last of the list"),
            (None, Some(next)) => next,
            (None, None) => "nobody is named to call".to_owned(),
        }
    }
}

/// What a note says: `hands over to sam: p95 a little up`.
pub fn note(note: &Note) -> String {
    let mut deeds = Vec::new();
    deeds.extend(note.acknowledge.then(|| "acknowledges".to_owned()));
    deeds.extend(note.to.as_ref().map(|to| format!("hands over to {to}")));
    deeds.extend(note.close.then(|| "closes the watch".to_owned()));
    match (deeds.is_empty(), note.text.trim()) {
        (true, text) => text.to_owned(),
        (false, "") => deeds.join(", "),
        (false, text) => format!("{}: {text}", deeds.join(", ")),
    }
}

/// What the escalation of a watch says now; `chain`: who can be called.
pub fn escalation(timers: &[Timer], chain: &[String], now: DateTime<Utc>) -> String {
    match foremost(timers) {
        Some(_) if chain.is_empty() => {
            "nobody to call: the service has no escalation list beyond the watcher".to_owned()
        }
        Some(timer) => timer.words(now),
        None if timers.is_empty() => "nothing is open".to_owned(),
        None => "all of it is acknowledged".to_owned(),
    }
}
