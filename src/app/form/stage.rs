//! The fields of a stage, and what they say.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::diff::{self, Changes, Table};
use super::offers::regions;
use super::reader::{Moment, Reader};
use super::{Field, Form, Name, Offers, Setting};
use crate::app::calendar;
use crate::domain::moment::parse_span;
use crate::domain::{Change, Environment, Place, Stage, Strategy, Value, Workspace};

/// What a stage's fields say.
pub struct Said {
    environment: Option<String>,
    region: Option<String>,
    start: Option<Moment>,
    end: Option<Moment>,
    zone: Tz,
    typed_zone: Option<Tz>,
    strategy: Option<Strategy>,
    steps: Vec<f64>,
    soak: Option<TimeDelta>,
}

/// The fields of a stage; `None`: a new one that begins at some time.
pub fn fields(
    workspace: &Workspace,
    stage: Option<&Stage>,
    start: Option<DateTime<Utc>>,
    section: u32,
) -> Vec<Field> {
    let text = |read: &dyn Fn(&Stage) -> Option<String>| stage.and_then(read).unwrap_or_default();
    let zone = stage.map_or(workspace.time_zone, |stage| stage.time_zone);
    let typed_zone = text(&|stage| {
        let own = default_zone(workspace, &stage.environment, stage.region.as_deref());
        (own != stage.time_zone).then(|| stage.time_zone.name().to_owned())
    });
    let starts = stage.map(|stage| stage.start).or(start);
    let begins = starts.map(|start| start.with_timezone(&zone).naive_local());
    let begins = begins.map(diff::typed).unwrap_or_default();
    let strategies = [""].into_iter().chain(Strategy::ALL.iter().map(|strategy| strategy.word()));
    [
        Field::offering(
            Name::Environment,
            "environment",
            text(&|stage| Some(stage.environment.clone())),
            Offers::Environments,
            "where",
        ),
        Field::offering(
            Name::Region,
            "region",
            text(&|stage| stage.region.clone()),
            Offers::Regions,
            "one of the environment's; empty: all of them",
        ),
        Field::line(Name::Start, "start", begins, "2026-11-25 14:00, tue 14:00, +3d"),
        Field::line(
            Name::End,
            "end",
            stage.map(ends).unwrap_or_default(),
            "16:00, 2026-11-25 16:00, or how long: 2h",
        ),
        Field::offering(
            Name::TimeZone,
            "time zone",
            typed_zone,
            Offers::Zones,
            "empty: the region's, else the workspace's",
        ),
        Field::choice(
            Name::Strategy,
            "strategy",
            text(&|stage| stage.strategy.map(|strategy| strategy.word().to_owned())),
            strategies,
            "←/→ or the first letter",
        ),
        Field::line(
            Name::Steps,
            "steps",
            text(&|stage| Some(percents(&stage.steps))),
            "percent, rising: 5, 25, 50, 100",
        ),
        Field::line(
            Name::Soak,
            "soak",
            text(&|stage| stage.soak.map(diff::span)),
            "watched after its end: 60m",
        ),
    ]
    .map(|field| field.within(section))
    .to_vec()
}

/// The end as it is typed: a time alone where it is on the day of the start.
fn ends(stage: &Stage) -> String {
    let local = |instant: DateTime<Utc>| instant.with_timezone(&stage.time_zone).naive_local();
    let (start, end) = (local(stage.start), local(stage.end));
    let whole = diff::typed(end);
    if start.date() != end.date() {
        return whole;
    }
    whole.split_once(' ').map_or(whole.clone(), |(_, time)| time.to_owned())
}

fn percents(steps: &[f64]) -> String {
    steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The zone of a stage that names none.
pub fn default_zone(workspace: &Workspace, environment: &str, region: Option<&str>) -> Tz {
    let known = workspace.environment(environment);
    let known = known.and_then(|known| known.regions.iter().find(|known| Some(known.id.as_str()) == region));
    known.and_then(|region| region.time_zone).unwrap_or(workspace.time_zone)
}

/// Reads the fields of a stage.
pub fn read(reader: &mut Reader<'_>, section: u32) -> Said {
    let at = Some(section);
    let workspace = reader.setting.workspace;
    let environment = reader.word(Name::Environment, at, "an environment");
    let known = environment.as_deref().and_then(|id| workspace.environment(id));
    if let Some(environment) = environment.as_deref().filter(|_| known.is_none()) {
        let ids = workspace.environments.iter().map(|known| known.id.as_str());
        reader.is_known((Name::Environment, at), "environment", environment, ids);
    }
    let region = reader.text(Name::Region, at);
    if let (Some(region), Some(known)) = (&region, known) {
        check_region(reader, at, known, region);
    }
    let own = default_zone(workspace, environment.as_deref().unwrap_or_default(), region.as_deref());
    let typed_zone = reader.zone(Name::TimeZone, at).ok().flatten();
    let zone = typed_zone.unwrap_or(own);
    if typed_zone.is_none() && zone != workspace.time_zone {
        reader.reading(Name::TimeZone, at, zone.name());
    }
    let today = reader.setting.now.with_timezone(&zone).date_naive();
    let start = reader.moment((Name::Start, at), "a start", zone, today);
    if let Some(start) = start {
        reader.say_moment(Name::Start, at, start.instant, zone);
        if start.instant < reader.setting.now && reader.is_touched(Name::Start, at) {
            reader.notice(Name::Start, at, "this is past");
        }
    }
    let end = read_end(reader, at, zone, start, today);
    let strategy = Strategy::ALL.into_iter().find(|known| known.word() == reader.value(Name::Strategy, at));
    let steps = read_steps(reader, at);
    let soak = reader.span(Name::Soak, at);
    Said { environment, region, start, end, zone, typed_zone, strategy, steps, soak }
}

fn check_region(reader: &mut Reader<'_>, at: Option<u32>, environment: &Environment, region: &str) {
    if environment.regions.iter().any(|known| known.id == region) {
        return;
    }
    if environment.regions.is_empty() {
        let words = format!("{} has no regions: leave it empty", environment.id);
        reader.wrong(Name::Region, at, words);
        return;
    }
    let known = regions(reader.setting.workspace, &environment.id);
    let what = format!("region of {}", environment.id);
    reader.is_known((Name::Region, at), &what, region, known.iter().map(String::as_str));
}

/// The end: a time, a time alone on the day of the start, or how long it takes.
fn read_end(
    reader: &mut Reader<'_>,
    at: Option<u32>,
    zone: Tz,
    start: Option<Moment>,
    today: NaiveDate,
) -> Option<Moment> {
    let text = reader.value(Name::End, at);
    let length = parse_span(text.strip_prefix('+').unwrap_or(text)).ok();
    let end = match (length, start) {
        (Some(length), Some(start)) => {
            let instant = start.instant.checked_add_signed(length)?;
            let wall = crate::domain::when::on_the_wall(instant, zone);
            Some(Moment { wall, instant, local: instant.with_timezone(&zone).naive_local() })
        }
        // How long it takes says nothing before the start is known.
        (Some(_), None) => return None,
        (None, _) if text.is_empty() => {
            reader.missing(Name::End, at, "an end is needed: 16:00, or how long it takes: 2h");
            None
        }
        (None, _) => {
            let day = start.map_or(today, |start| start.local.date());
            reader.moment((Name::End, at), "an end", zone, day)
        }
    }?;
    if let Some(start) = start {
        if end.instant <= start.instant {
            let begins = start.local.format("%Y-%m-%d %H:%M");
            reader.wrong(
                Name::End,
                at,
                format!("it would end before it starts: write a time after {begins}"),
            );
            return None;
        }
        let taken = crate::domain::format::duration(end.instant - start.instant);
        let span = calendar::span(start.instant, end.instant, zone, reader.setting.now);
        let over = if calendar::same_wall_over(zone, start.instant, end.instant) {
            ""
        } else {
            "  a clock change lies between"
        };
        reader.reading(Name::End, at, format!("{span}  ({taken}){over}"));
    }
    Some(end)
}

fn read_steps(reader: &mut Reader<'_>, at: Option<u32>) -> Vec<f64> {
    let mut steps: Vec<f64> = Vec::new();
    for word in reader.words(Name::Steps, at) {
        let step: Option<f64> = word.trim_end_matches('%').trim().parse().ok();
        let above = steps.last().copied().unwrap_or(0.0);
        let Some(step) = step.filter(|step| *step > above && *step <= 100.0) else {
            let words = format!("`{word}` is no step here: percent above {above} and up to 100");
            reader.wrong(Name::Steps, at, words);
            return Vec::new();
        };
        steps.push(step);
    }
    steps
}

impl Said {
    /// The environment and region, for telling stages apart.
    pub fn place(&self) -> Option<(&str, Option<&str>)> {
        Some((self.environment.as_deref()?, self.region.as_deref()))
    }

    /// The stage that they say; `None`: where or when cannot be read.
    pub fn stage(&self) -> Option<Stage> {
        Some(Stage {
            environment: self.environment.clone()?,
            region: self.region.clone(),
            start: self.start?.instant,
            end: self.end?.instant,
            time_zone: self.zone,
            strategy: self.strategy,
            steps: self.steps.clone(),
            soak: self.soak,
        })
    }

    /// The changes that make a stage of the file say this.
    pub fn change(&self, changes: &mut Changes, index: usize, before: &Stage, typed_zone: Option<Tz>) {
        let place = Place::Nth("stage".to_owned(), index);
        let environment = self.environment.clone();
        changes.differ(&place, "environment", Some(before.environment.clone()), environment, Value::Text);
        changes.differ(&place, "region", before.region.clone(), self.region.clone(), Value::Text);
        let moved = self.zone != before.time_zone;
        for (key, was, is) in [("start", before.start, self.start), ("end", before.end, self.end)] {
            if let Some(is) = is.filter(|is| is.instant != was || moved) {
                changes.set(&place, key, Some(diff::time(&is)));
            }
        }
        if moved || self.typed_zone != typed_zone {
            changes.set(&place, "time_zone", self.typed_zone.map(|zone| Value::text(zone.name())));
        }
        let word = |strategy: Strategy| Value::text(strategy.word());
        changes.differ(&place, "strategy", before.strategy, self.strategy, word);
        let list = |steps: &[f64]| (!steps.is_empty()).then(|| steps.to_vec());
        changes.differ(&place, "steps", list(&before.steps), list(&self.steps), numbers);
        changes.differ(&place, "soak", before.soak, self.soak, |soak| Value::text(diff::span(soak)));
    }

    /// It as a new entry of the file.
    pub fn table(&self) -> Vec<(String, Value)> {
        Table::default()
            .with("environment", self.environment.as_deref().map(Value::text))
            .with("region", self.region.as_deref().map(Value::text))
            .with("start", self.start.as_ref().map(diff::time))
            .with("end", self.end.as_ref().map(diff::time))
            .with("time_zone", self.typed_zone.map(|zone| Value::text(zone.name())))
            .with("strategy", self.strategy.map(|strategy| Value::text(strategy.word())))
            .with("steps", (!self.steps.is_empty()).then(|| numbers(self.steps.clone())))
            .with("soak", self.soak.map(|soak| Value::text(diff::span(soak))))
            .finish()
    }
}

fn numbers(numbers: Vec<f64>) -> Value {
    Value::List(numbers.into_iter().map(Value::Number).collect())
}

/// Whether a change is one of a stage.
pub fn is_of_stage(change: &Change) -> bool {
    match change {
        Change::Set { place: Place::Nth(list, _), .. } | Change::Remove { place: Place::Nth(list, _) } => {
            list == "stage"
        }
        Change::Add { list, .. } => list == "stage",
        _ => false,
    }
}

/// When a stage of a form ends, where that can be read.
pub fn end_of(form: &Form, setting: Setting<'_>, section: u32) -> Option<DateTime<Utc>> {
    read(&mut Reader::new(form, setting), section).end.map(|end| end.instant)
}

/// When a stage of a form begins, where that can be read.
pub fn start_of(form: &Form, setting: Setting<'_>, section: u32) -> Option<DateTime<Utc>> {
    read(&mut Reader::new(form, setting), section).start.map(|start| start.instant)
}
