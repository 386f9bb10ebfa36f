//! What was said to a release: which day, which instant, and whether it makes sense.

use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::read::{End, Manner, Place, Placed, Said, Start};
use super::{Remark, Times, Understood};
use crate::domain::edit::{NewRelease, NewStage};
use crate::domain::moment::{parse_span, skipped};
use crate::domain::when::{on_the_wall, parse_day};
use crate::domain::window::WallTime;
use crate::domain::{Resolved, Status, Workspace, resolve_local};

pub fn settle(
    mut said: Said,
    line: &str,
    workspace: &Workspace,
    now: DateTime<Utc>,
) -> Result<Understood, Vec<Remark>> {
    let mut mistakes = std::mem::take(&mut said.mistakes);
    let end = line.len()..line.len();
    if said.items.is_empty() && mistakes.is_empty() {
        let example = workspace.services.first().map_or("checkout", |service| service.id.as_str());
        let message = format!("no service and version: begin with one, {example} 4.2.0");
        mistakes.push(Remark { span: end.clone(), message });
    }
    for (index, ((service, _), span)) in said.items.iter().enumerate() {
        if said.items[..index].iter().any(|((earlier, _), _)| earlier == service) {
            let message = format!("`{service}` is there twice: one version of a service a release");
            mistakes.push(Remark { span: span.clone(), message });
        }
    }
    if said.places.is_empty() && !said.draft && mistakes.is_empty() {
        let known: Vec<&str> = workspace.environments.iter().map(|it| it.id.as_str()).collect();
        let message =
            format!("no environment: write one of {}, or `draft` to say it later", known.join(", "));
        mistakes.push(Remark { span: end, message });
    }
    let mut settler =
        Settler { workspace, now, notices: said.notices, mistakes, stages: Vec::new(), day: None };
    for place in &said.places {
        settler.place(place, &said.common);
    }
    settler.twice();
    if !settler.mistakes.is_empty() {
        return Err(settler.mistakes);
    }
    let items: Vec<(String, String)> = said.items.into_iter().map(|(item, _)| item).collect();
    let new = NewRelease {
        id: id_for(&items, workspace),
        title: Some(said.title.unwrap_or_else(|| title_for(&items))),
        change: said.change.unwrap_or_default(),
        status: if said.draft { Status::Draft } else { Status::default() },
        owner: said.owner,
        tracker: said.tracker,
        items,
        stages: settler.stages.iter().map(|(stage, _, _)| stage.clone()).collect(),
    };
    let times = settler.stages.iter().map(|(_, times, _)| *times).collect();
    settler.notices.sort_by_key(|notice| notice.span.start);
    Ok(Understood { new, times, notices: settler.notices })
}

struct Settler<'a> {
    workspace: &'a Workspace,
    now: DateTime<Utc>,
    notices: Vec<Remark>,
    mistakes: Vec<Remark>,
    stages: Vec<(NewStage, Times, Range<usize>)>,
    /// The day that was said last: it holds until another is said.
    day: Option<Placed<String>>,
}

impl Settler<'_> {
    fn place(&mut self, place: &Place, common: &Manner) {
        let own = &place.manner;
        let manner = Manner {
            day: own.day.clone().or_else(|| common.day.clone()).or_else(|| self.day.clone()),
            start: own.start.clone().or_else(|| common.start.clone()),
            end: own.end.clone().or_else(|| common.end.clone()),
            mistimed: own.mistimed || common.mistimed,
            zone: own.zone.clone().or_else(|| common.zone.clone()),
            strategy: own.strategy.or(common.strategy),
            steps: if own.steps.is_empty() { common.steps.clone() } else { own.steps.clone() },
            soak: own.soak.clone().or_else(|| common.soak.clone()),
        };
        self.day.clone_from(&manner.day);
        let regions: Vec<Option<&Placed<String>>> =
            if place.regions.is_empty() { vec![None] } else { place.regions.iter().map(Some).collect() };
        for region in regions {
            self.stage(place, region, &manner);
        }
    }

    fn stage(&mut self, place: &Place, region: Option<&Placed<String>>, manner: &Manner) {
        let (environment, span) = &place.environment;
        let own = self
            .workspace
            .environment(environment)
            .and_then(|known| known.regions.iter().find(|known| Some(&known.id) == region.map(|(id, _)| id)));
        let usual = own.and_then(|region| region.time_zone).unwrap_or(self.workspace.time_zone);
        let zone = manner.zone.as_ref().map_or(usual, |(zone, _)| *zone);
        if manner.mistimed {
            return;
        }
        let Some((start, at)) = &manner.start else {
            let message =
                format!("no time for {environment}: write one after it, {environment} tue 14:00-16:00");
            return self.mistake(span, message);
        };
        let Some((end, until)) = &manner.end else {
            let message = "no end: write 14:00-16:00, or how long, 14:00 for 2h";
            return self.mistake(at, message);
        };
        let begin = match start {
            Start::Instant(instant) => Some((*instant, on_the_wall(*instant, zone))),
            Start::Clock(clock) => self.date(manner, *clock, zone, at).and_then(|day| {
                let local = day.and_time(*clock);
                self.resolve(local, zone, at).map(|instant| (instant, WallTime::Local(local)))
            }),
        };
        let Some((begins, start)) = begin else { return };
        let end = match end {
            End::After(length) => {
                let ends = begins + *length;
                Some((ends, on_the_wall(ends, zone)))
            }
            End::Clock(clock) => {
                let first = begins.with_timezone(&zone).naive_local();
                let mut local = first.date().and_time(*clock);
                if local <= first {
                    local = local.checked_add_days(Days::new(1)).unwrap_or(local);
                    let message = format!("ends on the next day, {}", local.format("%a %Y-%m-%d"));
                    self.notice(until, message);
                }
                self.resolve(local, zone, until).map(|instant| (instant, WallTime::Local(local)))
            }
        };
        let Some((ends, end)) = end else { return };
        if ends <= begins {
            return self.mistake(until, "the stage would end before it starts: write a later end");
        }
        if begins < self.now {
            self.notice(at, "this lies in the past");
        }
        let stage = NewStage {
            environment: environment.clone(),
            region: region.map(|(id, _)| id.clone()),
            start: written(start),
            end: written(end),
            time_zone: (zone != usual).then(|| zone.name().to_owned()),
            strategy: manner.strategy.map(|strategy| strategy.word().to_owned()),
            steps: manner.steps.clone(),
            soak: manner.soak.clone(),
        };
        let times = Times { zone, start: begins, end: ends };
        self.stages.push((stage, times, region.map_or(span, |(_, span)| span).clone()));
    }

    /// The day of a stage; where none is said, the next on which that hour comes.
    fn date(
        &mut self,
        manner: &Manner,
        clock: chrono::NaiveTime,
        zone: Tz,
        at: &Range<usize>,
    ) -> Option<NaiveDate> {
        let local = self.now.with_timezone(&zone).naive_local();
        let Some((text, span)) = &manner.day else {
            let day = if clock > local.time() {
                local.date()
            } else {
                local.date().checked_add_days(Days::new(1))?
            };
            self.notice(at, format!("no day is said: {} is taken", day.format("%a %Y-%m-%d")));
            return Some(day);
        };
        let day = match text.strip_prefix('+') {
            Some(ahead) => parse_span(ahead).ok().and_then(|ahead| local.date().checked_add_signed(ahead)),
            None => parse_day(text, local.date()),
        };
        if day.is_none() {
            self.mistake(span, format!("`{text}` is no day: write tue, 25 nov or 2026-11-25"));
        }
        day
    }

    fn resolve(&mut self, local: NaiveDateTime, zone: Tz, span: &Range<usize>) -> Option<DateTime<Utc>> {
        match resolve_local(zone, local) {
            Resolved::Unique(instant) => Some(instant),
            Resolved::Ambiguous { earlier, later } => {
                let offset =
                    |time: DateTime<Utc>| zone.from_utc_datetime(&time.naive_utc()).format("%:z").to_string();
                let message = format!(
                    "{} occurs twice in {}, where clocks go back: the earlier ({}) is taken, not the later ({})",
                    local.format("%Y-%m-%d %H:%M"),
                    zone.name(),
                    offset(earlier),
                    offset(later),
                );
                self.notice(span, message);
                Some(earlier)
            }
            Resolved::Skipped { next_valid, .. } => {
                self.mistake(span, skipped(zone, local, next_valid));
                None
            }
        }
    }

    /// Two stages at once in one place.
    fn twice(&mut self) {
        for (index, (stage, times, span)) in self.stages.iter().enumerate() {
            let same = self.stages[..index].iter().any(|(earlier, other, _)| {
                earlier.environment == stage.environment
                    && (earlier.region == stage.region || earlier.region.is_none() || stage.region.is_none())
                    && other.start < times.end
                    && times.start < other.end
            });
            if same {
                let message = "two stages at once in the same place: say another place or time";
                self.mistakes.push(Remark { span: span.clone(), message: message.to_owned() });
            }
        }
    }

    fn mistake(&mut self, span: &Range<usize>, message: impl Into<String>) {
        let mistake = Remark { span: span.clone(), message: message.into() };
        if !self.mistakes.contains(&mistake) {
            self.mistakes.push(mistake);
        }
    }

    fn notice(&mut self, span: &Range<usize>, message: impl Into<String>) {
        let notice = Remark { span: span.clone(), message: message.into() };
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

fn written(time: WallTime) -> String {
    match time {
        WallTime::Local(local) => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
        WallTime::Instant(instant) => instant.format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    }
}

/// An id that no release has: `checkout-4.2`, then `checkout-4.2-2`.
fn id_for(items: &[(String, String)], workspace: &Workspace) -> String {
    let mut parts: Vec<String> =
        items.iter().take(3).map(|(service, version)| format!("{service}-{version}")).collect();
    if items.len() > 3 {
        parts.push(format!("and-{}-more", items.len() - 3));
    }
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&letter);
    let id: String =
        parts.join("-").chars().map(|letter| if fits(letter) { letter } else { '-' }).take(150).collect();
    let id = id.trim_start_matches(['.', '-']).to_owned();
    let id = if id.is_empty() { "release".to_owned() } else { id };
    let is_taken = |id: &str| workspace.releases.iter().any(|release| release.id.eq_ignore_ascii_case(id));
    if !is_taken(&id) {
        return id;
    }
    // One of these is free: there are more numbers than releases.
    let numbers = 2..=workspace.releases.len() + 2;
    numbers.map(|number| format!("{id}-{number}")).find(|id| !is_taken(id)).unwrap_or(id)
}

/// `Checkout 4.2 and payments 5.1`
fn title_for(items: &[(String, String)]) -> String {
    let all: Vec<String> = items.iter().map(|(service, version)| format!("{service} {version}")).collect();
    let title = match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.join(""),
    };
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
