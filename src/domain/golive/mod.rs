//! Staged go-live over regions: one intent, a stage a region at its own local hour.
//!
//! Each region begins at the latest of: its own local hour, its not-before date, the end of the
//! previous region's soak, and the first day on which the windows allow that hour.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

mod placing;

pub use placing::Fate;

use super::almanac::Almanac;
use super::decision::{Subject, Verdict, weigh};
use super::moment::{Resolved, resolve_local};
use super::release::Strategy;
use super::{Release, Workspace};

/// How many days ahead a region's day is looked for.
const DAYS: u64 = 90;

/// Night, on the wall of those who must watch: from 02:00 to 06:00.
const NIGHT: (u32, u32) = (2, 6);

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Where.
    pub environment: String,
    /// Its regions, in the order in which they go live.
    pub regions: Vec<RegionIntent>,
    /// The hour, on every region's own wall.
    pub local: NaiveTime,
    /// No stage begins before.
    pub from: DateTime<Utc>,
    /// How long a stage takes.
    pub duration: TimeDelta,
    /// How long it is watched before the next region begins.
    pub soak: TimeDelta,
    /// How the new version comes in.
    pub strategy: Option<Strategy>,
    /// Percent.
    pub steps: Vec<f64>,
}

/// A region of an [`Intent`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionIntent {
    /// Its id.
    pub id: String,
    /// The first day on which it may go live, on its own calendar.
    pub not_before: Option<NaiveDate>,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GoLive {
    /// A stage a region, in the order of the intent; those that found no day are left out.
    pub stages: Vec<RegionStage>,
    /// What should be known, in the order of the regions.
    pub notices: Vec<Notice>,
    /// When it was planned.
    pub now: DateTime<Utc>,
}

/// The stage of one region.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionStage {
    /// The region.
    pub region: String,
    /// Its zone.
    pub time_zone: Tz,
    /// Its start on the region's wall, as it will stand in the file.
    pub local_start: NaiveDateTime,
    /// Its end on the region's wall, as it will stand in the file.
    pub local_end: NaiveDateTime,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// When its soak ends.
    pub soaked: DateTime<Utc>,
}

/// Something that should be known of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The region.
    pub region: String,
    /// What.
    pub kind: NoticeKind,
    /// One sentence.
    pub message: String,
}

/// The kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A clock change lies between now and the start, or within stage and soak: both offsets.
    ClockChange,
    /// The hour does not occur on that day, and the next day on which it does was taken.
    NoSuchHour,
    /// It begins on a later day than it could have: why.
    Waits,
    /// Stage or soak lies at night for those who must watch.
    AtNight,
    /// Two soaks at once share one on-call.
    SharedOnCall,
    /// Windows allow it on no day.
    NoDay,
}

impl NoticeKind {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::ClockChange => "clock-change",
            Self::NoSuchHour => "no-such-hour",
            Self::Waits => "waits",
            Self::AtNight => "at-night",
            Self::SharedOnCall => "shared-on-call",
            Self::NoDay => "no-day",
        }
    }
}

/// Plans a go-live of a release. `now` is when it is planned; the workspace's zone is that of the
/// people who must watch.
pub fn plan(workspace: &Workspace, release: &Release, intent: &Intent, now: DateTime<Utc>) -> GoLive {
    let reach = TimeDelta::days(DAYS as i64 + 3) + intent.duration + intent.soak;
    let span = intent.from.checked_add_signed(reach * (intent.regions.len() as i32).max(1));
    let almanac = Almanac::new(&workspace.windows, span.map(|until| (intent.from, until)));
    let mut found = GoLive { now, ..GoLive::default() };
    let mut previous: Option<(String, DateTime<Utc>)> = None;
    for region in &intent.regions {
        let zone = zone_of(workspace, &intent.environment, &region.id);
        let place = Place { workspace, release, intent, almanac: &almanac, region, zone };
        let Some(stage) = place.stage(previous.as_ref(), &mut found.notices) else { continue };
        place.remark(&stage, now, &mut found.notices);
        previous = Some((region.id.clone(), stage.soaked));
        found.stages.push(stage);
    }
    found
}

/// The zone of a region's local times: its own, else the workspace's.
pub fn zone_of(workspace: &Workspace, environment: &str, region: &str) -> Tz {
    let regions = workspace.environment(environment).map(|it| it.regions.as_slice()).unwrap_or_default();
    let own = regions.iter().find(|known| known.id == region).and_then(|known| known.time_zone);
    own.unwrap_or(workspace.time_zone)
}

/// One region of an intent.
struct Place<'a> {
    workspace: &'a Workspace,
    release: &'a Release,
    intent: &'a Intent,
    almanac: &'a Almanac,
    region: &'a RegionIntent,
    zone: Tz,
}

impl Place<'_> {
    /// The first day at whose local hour everything is fulfilled.
    fn stage(
        &self,
        previous: Option<&(String, DateTime<Utc>)>,
        notices: &mut Vec<Notice>,
    ) -> Option<RegionStage> {
        let Intent { environment, local, from, .. } = self.intent;
        let subject = Subject {
            environment,
            region: Some(&self.region.id),
            services: self.release.services().collect(),
            change: self.release.change,
            exceptions: &self.release.exceptions,
        };
        let earliest = previous.map_or(*from, |(_, soaked)| (*from).max(*soaked));
        let first = from.with_timezone(&self.zone).date_naive();
        // Why a day on which it could have begun does not do; the last reason of a kind stays.
        let mut waits: Vec<String> = Vec::new();
        let mut wait = |why: String| {
            if waits.last() != Some(&why) {
                waits.push(why);
            }
        };
        let mut ahead = 0;
        let beyond = earliest.max(*from).with_timezone(&self.zone).date_naive();
        let start_of_search = self.region.not_before.map_or(beyond, |day| day.max(beyond));
        let limit = (start_of_search - first).num_days().unsigned_abs() + DAYS;
        while ahead <= limit {
            let day = first.checked_add_days(Days::new(ahead))?;
            ahead += 1;
            let wall = day.and_time(*local);
            let Some(stage) = self.at(wall) else {
                let zone = self.zone.name();
                let message = format!(
                    "{} does not occur on {day} in {zone}, where clocks go forward",
                    wall.format("%H:%M")
                );
                self.say(notices, NoticeKind::NoSuchHour, message);
                continue;
            };
            if stage.start < *from {
                continue;
            }
            if let Some(legal) = self.region.not_before.filter(|legal| day < *legal) {
                wait(format!("not before {legal}"));
                continue;
            }
            if let Some((region, soaked)) = previous.filter(|(_, soaked)| stage.start < *soaked) {
                let soaked = soaked.with_timezone(&self.zone).format("%a %-d %b %H:%M %Z");
                wait(format!("{region} soaks until {soaked}"));
                continue;
            }
            let decision = weigh(self.almanac, &subject, stage.start, stage.end, None);
            if decision.verdict != Verdict::Deny {
                if !waits.is_empty() {
                    let why = waits.join("; then ");
                    self.say(notices, NoticeKind::Waits, format!("{} waits: {why}", self.region.id));
                }
                return Some(stage);
            }
            match decision.denying().next() {
                Some(frozen) => wait(format!("the freeze {}", frozen.window.title)),
                None => wait("outside its change windows".to_owned()),
            }
        }
        let message = format!("{} finds no day in {DAYS} days: {}", self.region.id, waits.join("; then "));
        self.say(notices, NoticeKind::NoDay, message);
        None
    }

    /// The stage that begins at a wall time; `None`: it or its end does not occur.
    fn at(&self, local_start: NaiveDateTime) -> Option<RegionStage> {
        let start = self.instant(local_start)?;
        // What stands in the file is wall time; how long it takes is counted in real time.
        let end = start.checked_add_signed(self.intent.duration)?;
        let local_end = end.with_timezone(&self.zone).naive_local();
        Some(RegionStage {
            region: self.region.id.clone(),
            time_zone: self.zone,
            local_start,
            local_end,
            start,
            // The second of two equal hours cannot be said on the wall.
            end: self.instant(local_end).filter(|said| *said == end)?,
            soaked: end.checked_add_signed(self.intent.soak)?,
        })
    }

    fn instant(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        match resolve_local(self.zone, local) {
            Resolved::Unique(instant) | Resolved::Ambiguous { earlier: instant, .. } => Some(instant),
            Resolved::Skipped { .. } => None,
        }
    }

    /// What should be known of a stage that was found.
    fn remark(&self, stage: &RegionStage, now: DateTime<Utc>, notices: &mut Vec<Notice>) {
        let offset = |instant: DateTime<Utc>| self.zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
        let id = &self.region.id;
        let (today, then) = (offset(now), offset(stage.start));
        if today != then {
            let message = format!(
                "{id}: clocks change before it begins: {} is UTC{today} now and UTC{then} then",
                self.zone.name()
            );
            self.say(notices, NoticeKind::ClockChange, message);
        }
        let after = offset(stage.soaked);
        if then != after {
            let message = format!(
                "{id}: clocks change within it: {} is UTC{then} at its start and UTC{after} when its soak ends",
                self.zone.name()
            );
            self.say(notices, NoticeKind::ClockChange, message);
        }
        if let Some(night) = night(stage.start, stage.soaked, self.workspace.time_zone) {
            let zone = self.workspace.time_zone;
            let from = night.with_timezone(&zone).format("%a %-d %b %H:%M %Z");
            let message = format!("{id}: it must be watched at night, from {from} in {}", zone.name());
            self.say(notices, NoticeKind::AtNight, message);
        }
        self.shared(stage, notices);
    }

    /// Soaks of other releases at the same time whose on-call is the same person.
    fn shared(&self, stage: &RegionStage, notices: &mut Vec<Notice>) {
        let own = on_call(self.workspace, self.release);
        let others =
            self.workspace.releases.iter().filter(|other| other.is_live() && other.id != self.release.id);
        for other in others {
            let Some(who) = on_call(self.workspace, other).into_iter().find(|who| own.contains(who)) else {
                continue;
            };
            let soaks = |it: &&super::Stage| {
                let soaked = it.soak.and_then(|soak| it.end.checked_add_signed(soak));
                soaked.is_some_and(|soaked| it.end < stage.soaked && stage.end < soaked)
            };
            if let Some(meets) = other.stages.iter().find(soaks) {
                let message = format!(
                    "{}: its soak and that of {} in {} are at once, and {who} is on call for both",
                    self.region.id, other.id, meets.environment
                );
                self.say(notices, NoticeKind::SharedOnCall, message);
            }
        }
    }

    fn say(&self, notices: &mut Vec<Notice>, kind: NoticeKind, message: String) {
        notices.push(Notice { region: self.region.id.clone(), kind, message });
    }
}

/// Whom the services of a release call first.
fn on_call<'a>(workspace: &'a Workspace, release: &'a Release) -> Vec<&'a str> {
    let services = release.services().filter_map(|service| workspace.service(service));
    services.filter_map(|service| service.escalation.first()).map(String::as_str).collect()
}

/// Where [start, end) first lies between 02:00 and 06:00 on the wall of a zone.
fn night(start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let mut day = start.with_timezone(&zone).date_naive();
    loop {
        let wall = |hour: u32| {
            let local = day.and_hms_opt(hour, 0, 0)?;
            Some(match resolve_local(zone, local) {
                Resolved::Unique(instant) | Resolved::Ambiguous { earlier: instant, .. } => instant,
                Resolved::Skipped { transition, .. } => transition,
            })
        };
        let (from, to) = (wall(NIGHT.0)?, wall(NIGHT.1)?);
        if from >= end {
            return None;
        }
        if start < to {
            return Some(from.max(start));
        }
        day = day.succ_opt()?;
    }
}

#[cfg(test)]
mod tests;
