//! What differs between what a person looked at and what the file says now, key by key.

use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::show::{Check, Step};
use super::window::WallTime;
use super::{Release, Stage, Window};

/// One key that says something else by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The list and the number of its entry (from 0); `None`: a key of the thing itself.
    pub entry: Option<(&'static str, usize)>,
    /// The key; empty: the whole entry came or went.
    pub key: &'static str,
    /// What it said, for people.
    pub before: String,
    /// What it says.
    pub now: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((list, index)) = self.entry {
            write!(formatter, "{list} {index} ")?;
        }
        if !self.key.is_empty() {
            write!(formatter, "{} ", self.key)?;
        }
        write!(formatter, "was {}, is {} now", self.before, self.now)
    }
}

/// Keys and what they say.
type Fields = Vec<(&'static str, String)>;

const UNSET: &str = "not set";

/// What differs between two readings of a release.
pub fn of_releases(before: &Release, now: &Release) -> Vec<Difference> {
    let mut differences = compare(None, &release(before), &release(now));
    for (list, before, now) in lists(before, now) {
        for index in 0..before.len().max(now.len()) {
            let entry = Some((list, index));
            match (before.get(index), now.get(index)) {
                (Some(before), Some(now)) => differences.extend(compare(entry, before, now)),
                (before, _) => {
                    let word = |there| if there { "there" } else { "not there" }.to_owned();
                    let (before, now) = (word(before.is_some()), word(before.is_none()));
                    differences.push(Difference { entry, key: "", before, now });
                }
            }
        }
    }
    differences
}

/// What differs between two readings of a window.
pub fn of_windows(before: &Window, now: &Window) -> Vec<Difference> {
    compare(None, &window(before), &window(now))
}

/// What differs between two readings of a step of a run of show.
pub fn of_steps(before: &Step, now: &Step) -> Vec<Difference> {
    compare(None, &step(before), &step(now))
}

fn step(step: &Step) -> Fields {
    let maybe_at = |time: Option<DateTime<Utc>>| time.map_or(UNSET.to_owned(), |time| moment(time, Tz::UTC));
    let check = step.check.as_ref().map(|check| match check {
        Check::Query { query, until } => format!("{query} {until}"),
        Check::Command { argv, .. } => argv.join(" "),
    });
    vec![
        ("title", quoted(&step.title)),
        ("at", maybe(step.at.map(|at| at.to_string()).as_deref())),
        ("after", if step.after.is_empty() { UNSET.to_owned() } else { step.after.join(", ") }),
        ("duration", format!("{} s", step.duration.num_seconds())),
        ("owner", maybe(step.owner.as_deref())),
        ("time_zone", maybe(step.time_zone.map(Tz::name))),
        ("check", maybe(check.as_deref())),
        ("started", maybe_at(step.started)),
        ("done", maybe_at(step.done)),
        ("by", maybe(step.by.as_deref())),
        ("skipped", maybe(step.skipped.as_deref())),
    ]
}

fn compare(entry: Option<(&'static str, usize)>, before: &Fields, now: &Fields) -> Vec<Difference> {
    let pairs = before.iter().zip(now);
    let differing = pairs.filter(|((_, before), (_, now))| before != now);
    differing
        .map(|((key, before), (_, now))| Difference { entry, key, before: before.clone(), now: now.clone() })
        .collect()
}

fn release(release: &Release) -> Fields {
    vec![
        ("title", quoted(&release.title)),
        ("change", release.change.word().to_owned()),
        ("status", release.status.word().to_owned()),
        ("owner", maybe(release.owner.as_deref())),
        ("tracker", release.tracker.as_ref().map_or_else(|| UNSET.to_owned(), ToString::to_string)),
        ("notes", maybe(release.notes.as_deref())),
    ]
}

fn lists(before: &Release, now: &Release) -> [(&'static str, Vec<Fields>, Vec<Fields>); 4] {
    let items = |release: &Release| -> Vec<Fields> {
        let item = |item: &super::release::Item| {
            vec![("service", quoted(&item.service)), ("version", quoted(&item.version))]
        };
        release.items.iter().map(item).collect()
    };
    let stages = |release: &Release| -> Vec<Fields> { release.stages.iter().map(stage).collect() };
    let checks = |release: &Release| -> Vec<Fields> {
        let check = |check: &super::release::Check| {
            vec![
                ("id", quoted(&check.id)),
                ("title", quoted(&check.title)),
                ("role", maybe(check.role.as_deref())),
            ]
        };
        release.checks.iter().map(check).collect()
    };
    let exceptions = |release: &Release| -> Vec<Fields> {
        let exception = |exception: &super::release::Exception| {
            vec![
                ("window", quoted(&exception.window)),
                ("reason", quoted(&exception.reason)),
                ("by", quoted(&exception.by)),
                ("ticket", maybe(exception.ticket.as_deref())),
                ("expires", moment(exception.expires, Tz::UTC)),
            ]
        };
        release.exceptions.iter().map(exception).collect()
    };
    [
        ("item", items(before), items(now)),
        ("stage", stages(before), stages(now)),
        ("check", checks(before), checks(now)),
        ("exception", exceptions(before), exceptions(now)),
    ]
}

fn stage(stage: &Stage) -> Fields {
    let steps: Vec<String> = stage.steps.iter().map(ToString::to_string).collect();
    vec![
        ("environment", quoted(&stage.environment)),
        ("region", maybe(stage.region.as_deref())),
        ("start", moment(stage.start, stage.time_zone)),
        ("end", moment(stage.end, stage.time_zone)),
        ("time_zone", stage.time_zone.name().to_owned()),
        ("strategy", stage.strategy.map_or(UNSET, super::Strategy::word).to_owned()),
        ("steps", if steps.is_empty() { UNSET.to_owned() } else { steps.join(", ") }),
        ("soak", stage.soak.map_or_else(|| UNSET.to_owned(), |soak| format!("{} s", soak.num_seconds()))),
    ]
}

fn window(window: &Window) -> Fields {
    let words = |words: Option<&Vec<String>>| words.map_or_else(|| "all".to_owned(), |list| list.join(", "));
    let times = |times: &[WallTime]| {
        let times: Vec<String> = times.iter().map(|time| wall(*time)).collect();
        if times.is_empty() { "none".to_owned() } else { times.join(", ") }
    };
    let allow: Vec<&str> = window.allow.iter().map(|change| change.word()).collect();
    vec![
        ("id", quoted(&window.id)),
        ("kind", window.kind.word().to_owned()),
        ("title", quoted(&window.title)),
        ("start", wall(window.start)),
        ("end", wall(window.end)),
        ("time_zone", window.time_zone.name().to_owned()),
        ("repeat", maybe(window.repeat.as_deref())),
        ("environments", words(window.environments.as_ref())),
        ("services", words(window.services.as_ref())),
        ("regions", words(window.regions.as_ref())),
        ("allow", if allow.is_empty() { "none".to_owned() } else { allow.join(", ") }),
        ("hard", window.hard.to_string()),
        ("skip", times(&window.skip)),
        ("also", times(&window.also)),
        ("uid", maybe(window.uid.as_deref())),
        ("layer", maybe(window.layer.as_deref())),
    ]
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

fn maybe(text: Option<&str>) -> String {
    text.map_or_else(|| UNSET.to_owned(), quoted)
}

fn moment(time: DateTime<Utc>, zone: Tz) -> String {
    time.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

fn wall(time: WallTime) -> String {
    match time {
        WallTime::Local(local) => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
        WallTime::Instant(time) => time.to_rfc3339(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_with_both_values() {
        let stage = |hour: u32| Stage {
            environment: "staging".into(),
            region: None,
            start: format!("2026-11-25T{hour:02}:00:00Z").parse().unwrap(),
            end: "2026-11-25T23:00:00Z".parse().unwrap(),
            time_zone: Tz::UTC,
            strategy: None,
            steps: Vec::new(),
            soak: None,
        };
        let before = Release { title: "One".into(), stages: vec![stage(9)], ..Release::default() };
        let now = Release {
            title: "Two".into(),
            owner: Some("mira".into()),
            stages: vec![stage(10), stage(11)],
            ..Release::default()
        };
        let said: Vec<String> = of_releases(&before, &now).iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "title was `One`, is `Two` now",
                "owner was not set, is `mira` now",
                "stage 0 start was 2026-11-25 09:00:00 +00:00, is 2026-11-25 10:00:00 +00:00 now",
                "stage 1 was not there, is there now",
            ]
        );
        assert!(of_releases(&now, &now).is_empty());
    }
}
