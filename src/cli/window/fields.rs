//! What a window can be told to say, as options.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::{CliError, names};
use crate::domain::icalendar::merge::time;
use crate::domain::moment::{parse_span, parse_zone, skipped};
use crate::domain::recurrence::{Rule, ever};
use crate::domain::when::{Around, parse_when};
use crate::domain::window::WallTime;
use crate::domain::{ChangeType, Resolved, Value, Window, WindowKind, Workspace, resolve_local};

/// Options of `add` and `edit`.
#[derive(Debug, Default, clap::Args)]
pub struct Fields {
    /// For people
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// When it (first) starts: 2026-12-18T18:00, fri 18:00
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub start: Option<String>,
    /// When it (first) ends
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, conflicts_with = "duration")]
    pub end: Option<String>,
    /// How long it is: 2h, 3d
    #[arg(long, value_name = "DURATION")]
    pub duration: Option<String>,
    /// The zone of its times; absent: the workspace's
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// How it repeats: FREQ=WEEKLY;BYDAY=FR
    #[arg(long, value_name = "RRULE")]
    pub repeat: Option<String>,
    /// Where it applies; absent: everywhere; can be given several times
    #[arg(long = "environment", value_name = "ENV")]
    pub environments: Vec<String>,
    /// To which services; absent: all
    #[arg(long = "service", value_name = "SERVICE")]
    pub services: Vec<String>,
    /// In which regions; absent: all
    #[arg(long = "region", value_name = "REGION")]
    pub regions: Vec<String>,
    /// Change types that pass a freeze
    #[arg(long, value_name = "TYPE", value_parser = change)]
    pub allow: Vec<ChangeType>,
    /// The layer it lies in: holidays, marketing…
    #[arg(long, value_name = "NAME")]
    pub layer: Option<String>,
}

/// `freeze` or `change`.
pub fn kind(text: &str) -> Result<WindowKind, String> {
    let known = [WindowKind::Freeze, WindowKind::Change];
    known
        .into_iter()
        .find(|kind| kind.word() == text)
        .ok_or_else(|| "freeze or change is accepted".to_owned())
}

/// `standard`, `normal` or `emergency`.
pub fn change(text: &str) -> Result<ChangeType, String> {
    let known = ChangeType::ALL;
    let accepted = || format!("one of {} is accepted", known.map(ChangeType::word).join(", "));
    known.into_iter().find(|change| change.word() == text).ok_or_else(accepted)
}

impl Fields {
    /// The window with these fields said anew, and the keys that change, in the file's order.
    pub fn applied(
        &self,
        workspace: &Workspace,
        now: DateTime<Utc>,
        before: &Window,
    ) -> Result<(Window, Vec<(String, Value)>), CliError> {
        names::scope(workspace, &self.environments, &self.services, &self.regions)?;
        let mut window = before.clone();
        let mut keys: Vec<(&str, Value)> = Vec::new();
        if let Some(title) = &self.title {
            window.title.clone_from(title);
            keys.push(("title", Value::text(title)));
        }
        let zone_said = match &self.time_zone {
            None => None,
            Some(name) => {
                Some(parse_zone(name).map_err(|what| CliError::wrong("--time-zone cannot be read", what))?)
            }
        };
        window.time_zone = zone_said.unwrap_or(window.time_zone);
        let zone = window.time_zone;
        if let Some(text) = &self.start {
            let length = wall(window.end, zone) - wall(window.start, zone);
            window.start = read("--start", text, now, zone, None)?;
            keys.push(("start", time(window.start)));
            // A window that is moved keeps its length.
            if self.end.is_none() && self.duration.is_none() && length > chrono::TimeDelta::zero() {
                window.end = WallTime::Local(wall(window.start, zone) + length);
                keys.push(("end", time(window.end)));
            }
        }
        if let Some(text) = &self.end {
            window.end = read("--end", text, now, zone, Some(window.start))?;
            keys.push(("end", time(window.end)));
        }
        if let Some(text) = &self.duration {
            let span = parse_span(text).map_err(|what| CliError::wrong("--duration cannot be read", what))?;
            window.end = WallTime::Local(wall(window.start, zone) + span);
            keys.push(("end", time(window.end)));
        }
        keys.extend(zone_said.map(|zone| ("time_zone", Value::text(zone.name()))));
        if let Some(rule) = &self.repeat {
            Rule::parse(rule)
                .map_err(|error| CliError::wrong("--repeat cannot be read", error.to_string()))?;
            window.repeat = Some(rule.clone());
            keys.push(("repeat", Value::text(rule)));
        }
        for (key, said, list) in [
            ("environments", &self.environments, &mut window.environments),
            ("services", &self.services, &mut window.services),
            ("regions", &self.regions, &mut window.regions),
        ] {
            if !said.is_empty() {
                *list = Some(said.clone());
                keys.push((key, Value::words(said.iter().map(String::as_str))));
            }
        }
        if !self.allow.is_empty() {
            window.allow.clone_from(&self.allow);
            keys.push(("allow", Value::words(self.allow.iter().map(|change| change.word()))));
        }
        if let Some(layer) = &self.layer {
            window.layer = Some(layer.clone());
            keys.push(("layer", Value::text(layer)));
        }
        check(&window)?;
        Ok((window, keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
    }
}

/// Refuses a window that ends before it starts or never happens.
pub fn check(window: &Window) -> Result<(), CliError> {
    let zone = window.time_zone;
    let (start, end) = (wall(window.start, zone), wall(window.end, zone));
    if end <= start {
        let format = "%Y-%m-%d %H:%M";
        return Err(CliError::wrong(
            format!("the window ends ({}) before it starts ({})", end.format(format), start.format(format)),
            "give a later --end, or a --duration",
        ));
    }
    match ever(window) {
        Ok(true) => Ok(()),
        Ok(false) => Err(CliError::wrong(
            "the window never happens: its rule brings no occurrence after its start",
            "choose another --repeat or --start: a day that exists, an UNTIL after the start",
        )),
        Err(error) => Err(CliError::wrong("--repeat cannot be used", error.to_string())),
    }
}

/// A time of a window, on the wall where possible. One that the clocks skip or repeat is taken,
/// with a word about how it is read.
fn read(
    option: &str,
    text: &str,
    now: DateTime<Utc>,
    zone: Tz,
    start: Option<WallTime>,
) -> Result<WallTime, CliError> {
    let today = now.with_timezone(&zone).date_naive();
    // An end that names no day is on the day of the start.
    let day = start.map_or(today, |start| wall(start, zone).date());
    let around = Around { now, zone, day };
    let time = parse_when(text, &around)
        .map_err(|what| CliError::wrong(format!("{option} cannot be read"), what))?;
    if let WallTime::Local(local) = time {
        match resolve_local(zone, local) {
            Resolved::Skipped { next_valid, .. } => {
                return Err(CliError::wrong(
                    format!("{option} does not exist"),
                    skipped(zone, local, next_valid),
                ));
            }
            Resolved::Ambiguous { .. } => super::super::output::complain(&format!(
                "tminus: notice: {option} {} occurs twice in {}: the window is read closed (a freeze from the first \
                 to the second, a change window the other way round)",
                local.format("%Y-%m-%d %H:%M"),
                zone.name()
            )),
            Resolved::Unique(_) => {}
        }
    }
    Ok(time)
}

/// On the wall of a zone.
pub fn wall(time: WallTime, zone: Tz) -> chrono::NaiveDateTime {
    match time {
        WallTime::Local(local) => local,
        WallTime::Instant(instant) => instant.with_timezone(&zone).naive_local(),
    }
}
