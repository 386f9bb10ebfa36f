//! The form of a freeze or a change window.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::diff;
use super::reader::Reader;
use super::{Field, Form, Name, Offers, Setting, Subject, id, occurrences, repeat, window_edit};
use crate::domain::edit::Rename;
use crate::domain::moment::{Resolved, parse_span, resolve_local};
use crate::domain::recurrence::{clock_change, upcoming};
use crate::domain::renaming::Named;
use crate::domain::when::{Around, parse_when};
use crate::domain::window::WallTime;
use crate::domain::{ChangeType, Edit, Window, WindowKind, Workspace};

/// A form for a window; `None`: a new one that begins at some time.
pub fn form(setting: &Setting<'_>, window: Option<&Window>, start: Option<DateTime<Utc>>) -> Form {
    let subject = window.map_or(Subject::NewWindow, |window| Subject::Window(Box::new(window.clone())));
    let zone = window.map_or(setting.workspace.time_zone, |window| window.time_zone);
    let text = |read: &dyn Fn(&Window) -> Option<String>| window.and_then(read).unwrap_or_default();
    let list = |list: Option<&Vec<String>>| list.map(|list| list.join(", "));
    let begins = match window {
        Some(window) => shown(window.start),
        None => start.map(|start| diff::typed(start.with_timezone(&zone).naive_local())).unwrap_or_default(),
    };
    let kind = window.map_or(WindowKind::Freeze, |window| window.kind);
    let mut fields = vec![
        Field::choice(
            Name::Kind,
            "kind",
            kind.word(),
            ["freeze", "change"],
            "a freeze denies, a change window allows",
        ),
        Field::line(
            Name::Title,
            "title",
            text(&|window| (window.title != window.id).then(|| window.title.clone())),
            "for people: Year-end close",
        ),
        Field::line(Name::Start, "start", begins, "2026-12-18 18:00, fri 18:00, +3d"),
        Field::line(
            Name::End,
            "end",
            window.map(ends).unwrap_or_default(),
            "2027-01-04 06:00, 20:00, or how long: 3d",
        ),
        Field::offering(
            Name::TimeZone,
            "time zone",
            text(&|window| (zone != setting.workspace.time_zone).then(|| window.time_zone.name().to_owned())),
            Offers::Zones,
            "empty: the workspace's",
        ),
    ];
    fields.extend(repeat::fields(window.and_then(|window| window.repeat.as_deref()), zone));
    fields.extend([
        Field::offering(
            Name::Environments,
            "environments",
            text(&|window| list(window.environments.as_ref())),
            Offers::Environments,
            "empty: all of them",
        ),
        Field::offering(
            Name::Services,
            "services",
            text(&|window| list(window.services.as_ref())),
            Offers::Services,
            "empty: all of them",
        ),
        Field::offering(
            Name::Regions,
            "regions",
            text(&|window| list(window.regions.as_ref())),
            Offers::Regions,
            "empty: all of them",
        ),
        Field::offering(
            Name::Allow,
            "lets through",
            text(&|window| {
                Some(window.allow.iter().map(|change| change.word()).collect::<Vec<_>>().join(", "))
            }),
            Offers::ChangeTypes,
            "change types that pass: emergency",
        ),
        Field::choice(
            Name::Hard,
            "hard",
            text(&|window| Some(yes(window.hard))),
            ["no", "yes"],
            "yes: not even an exception passes",
        ),
        Field::line(
            Name::Skip,
            "left out",
            text(&|window| Some(times(&window.skip))),
            "starts of occurrences: 2027-12-18 18:00",
        ),
        Field::line(
            Name::Also,
            "added",
            text(&|window| Some(times(&window.also))),
            "starts of more occurrences",
        ),
        Field::line(
            Name::Branches,
            "branches",
            text(&|window| Some(window.branches.join(", "))),
            "frozen branches: main, release/*",
        ),
        Field::offering(
            Name::Layer,
            "layer",
            text(&|window| window.layer.clone()),
            Offers::Layers,
            "can be shown and hidden: holidays",
        ),
    ]);
    let hint = if window.is_none() { "empty: made from the title" } else { "exceptions name it" };
    fields.insert(2, Field::line(Name::Id, "id", text(&|window| Some(window.id.clone())), hint));
    if window.is_none() {
        let hard = fields.iter_mut().find(|field| field.name == Name::Hard);
        if let Some(hard) = hard {
            *hard = Field::choice(Name::Hard, "hard", "no", ["no", "yes"], hard.hint);
        }
    }
    Form::new(subject, fields)
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn times(times: &[WallTime]) -> String {
    times.iter().map(|time| shown(*time)).collect::<Vec<_>>().join(", ")
}

/// A time of a file as it is shown in a field.
pub fn shown(time: WallTime) -> String {
    match time {
        WallTime::Local(local) => diff::typed(local),
        WallTime::Instant(instant) => instant.format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    }
}

/// The end as it is typed: a time alone where it is on the day of the start.
fn ends(window: &Window) -> String {
    let whole = shown(window.end);
    match (window.start, window.end) {
        (WallTime::Local(start), WallTime::Local(end)) if start.date() == end.date() => {
            whole.split_once(' ').map_or(whole.clone(), |(_, time)| time.to_owned())
        }
        _ => whole,
    }
}

/// A time of a window on the wall of its zone.
pub fn wall(time: WallTime, zone: Tz) -> NaiveDateTime {
    match time {
        WallTime::Local(local) => local,
        WallTime::Instant(instant) => instant.with_timezone(&zone).naive_local(),
    }
}

/// Where a new window lies: its id and when it is next; its first start where it is over.
pub fn lands(form: &Form, setting: Setting<'_>) -> Option<(String, DateTime<Utc>)> {
    let (window, _, _) = window_of(&mut Reader::new(form, setting), None)?;
    let next = upcoming(&window, setting.now, 1).ok().and_then(|next| next.first().map(|one| one.start));
    let first = || clock_change::start(window.kind, window.time_zone, wall(window.start, window.time_zone));
    let start = next.unwrap_or_else(first);
    Some((window.id, start))
}

/// Reads the form; `base`: what its file says.
pub fn read(reader: &mut Reader<'_>, base: Option<&Window>) -> Option<Edit> {
    let (window, typed_zone, id) = window_of(reader, base)?;
    let Some(base) = base else { return Some(window_edit::add(&window, typed_zone)) };
    let edit = window_edit::change(base, &window, typed_zone);
    if id == base.id {
        return edit;
    }
    let patch = match edit {
        Some(Edit::Patch(patch)) => Some(patch),
        _ => None,
    };
    Some(Edit::Rename(Rename { what: Named::Window, from: base.id.clone(), to: id, patch }))
}

/// The window that a form says, the zone that was typed, and the id.
fn window_of(reader: &mut Reader<'_>, base: Option<&Window>) -> Option<(Window, Option<Tz>, String)> {
    let workspace = reader.setting.workspace;
    let kind =
        if reader.value(Name::Kind, None) == "change" { WindowKind::Change } else { WindowKind::Freeze };
    let title = reader.text(Name::Title, None);
    let id = match base {
        Some(window) => id::of_window(reader, window),
        None => id::of_new_window(reader, title.as_deref()),
    };
    let typed_zone = reader.zone(Name::TimeZone, None);
    let zone = typed_zone.ok().flatten().unwrap_or(workspace.time_zone);
    let start = read_time(reader, Name::Start, kind, zone, None);
    let end = read_end(reader, kind, zone, start);
    let repeat = repeat::read(reader, zone);
    let environments = read_list(reader, Name::Environments, "environment", |workspace| {
        workspace.environments.iter().map(|known| known.id.clone()).collect()
    });
    let services = read_list(reader, Name::Services, "service", |workspace| {
        workspace.services.iter().map(|known| known.id.clone()).collect()
    });
    let regions =
        read_list(reader, Name::Regions, "region", |workspace| super::offers::regions(workspace, ""));
    let allow = read_allow(reader, kind);
    let hard = reader.value(Name::Hard, None) == "yes";
    let skip = read_times(reader, Name::Skip, zone);
    let also = read_times(reader, Name::Also, zone);
    let branches: Vec<String> = reader.words(Name::Branches, None).into_iter().map(str::to_owned).collect();
    let layer = reader.text(Name::Layer, None);
    let (Some(start), Some(end), Ok(repeat)) = (start, end, repeat) else { return None };
    // What else changes is said of the window under the id that it has so far.
    let own = base.map_or_else(|| id.clone().unwrap_or_default(), |base| base.id.clone());
    let window = Window {
        id: own.clone(),
        kind,
        title: title.unwrap_or(own),
        start,
        end,
        time_zone: zone,
        repeat,
        environments,
        services,
        regions,
        allow,
        hard,
        skip,
        also,
        uid: base.and_then(|window| window.uid.clone()),
        layer,
        branches,
    };
    occurrences::say(reader, &window);
    Some((window, typed_zone.ok().flatten(), id?))
}

/// A time on the wall: a clock change does not make it wrong, and what it does is said.
pub fn read_time(
    reader: &mut Reader<'_>,
    name: Name,
    kind: WindowKind,
    zone: Tz,
    day: Option<NaiveDateTime>,
) -> Option<WallTime> {
    let text = reader.value(name, None);
    if text.is_empty() {
        reader.missing(name, None, "a time is needed: 2026-12-18 18:00, fri 18:00 or +3d");
        return None;
    }
    let today = reader.setting.now.with_timezone(&zone).naive_local();
    let around = Around { now: reader.setting.now, zone, day: day.unwrap_or(today).date() };
    let time = match parse_when(text, &around) {
        Ok(time) => time,
        Err(why) => {
            reader.wrong(name, None, why);
            return None;
        }
    };
    if let WallTime::Local(local) = time {
        let (instant, does) = match name {
            Name::End => (clock_change::end(kind, zone, local), "ends"),
            _ => (clock_change::start(kind, zone, local), "begins"),
        };
        let happens = match resolve_local(zone, local) {
            Resolved::Unique(_) => None,
            Resolved::Ambiguous { .. } => Some("occurs twice"),
            Resolved::Skipped { .. } => Some("does not occur"),
        };
        if let Some(happens) = happens {
            let at = instant.with_timezone(&zone).format("%H:%M %Z");
            let what = if kind == WindowKind::Freeze { "freeze" } else { "change window" };
            let words = format!(
                "clocks change: {} {happens} in {}, the {what} {does} at {at}",
                local.format("%H:%M"),
                zone.name()
            );
            reader.notice(name, None, words);
        }
    }
    Some(time)
}

fn read_end(
    reader: &mut Reader<'_>,
    kind: WindowKind,
    zone: Tz,
    start: Option<WallTime>,
) -> Option<WallTime> {
    let text = reader.value(Name::End, None);
    let begins = start.map(|start| wall(start, zone));
    let length = parse_span(text.strip_prefix('+').unwrap_or(text)).ok();
    let end = match (length, begins) {
        (Some(length), Some(begins)) => WallTime::Local(begins.checked_add_signed(length)?),
        (Some(_), None) => return None,
        _ => read_time(reader, Name::End, kind, zone, begins)?,
    };
    if begins.is_some_and(|begins| wall(end, zone) <= begins) {
        let after = begins.map(|begins| begins.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
        let words = format!("it would end before it starts: write the day too, after {after}");
        reader.wrong(Name::End, None, words);
        return None;
    }
    Some(end)
}

/// The words of a list, each of which must be known; `None`: all.
fn read_list(
    reader: &mut Reader<'_>,
    name: Name,
    what: &str,
    known: impl Fn(&Workspace) -> Vec<String>,
) -> Option<Vec<String>> {
    let known = known(reader.setting.workspace);
    let words = reader.words(name, None);
    for word in &words {
        reader.is_known((name, None), what, word, known.iter().map(String::as_str));
    }
    (!words.is_empty()).then(|| words.into_iter().map(str::to_owned).collect())
}

fn read_allow(reader: &mut Reader<'_>, kind: WindowKind) -> Vec<ChangeType> {
    let mut allow = Vec::new();
    for word in reader.words(Name::Allow, None) {
        let known = ChangeType::ALL.into_iter().find(|known| known.word() == word);
        reader.is_known(
            (Name::Allow, None),
            "change type",
            word,
            ChangeType::ALL.iter().map(|known| known.word()),
        );
        allow.extend(known);
    }
    if kind == WindowKind::Change && !allow.is_empty() {
        reader.notice(Name::Allow, None, "only a freeze lets change types through");
    }
    allow
}

fn read_times(reader: &mut Reader<'_>, name: Name, zone: Tz) -> Vec<WallTime> {
    let today = reader.setting.now.with_timezone(&zone).date_naive();
    let around = Around { now: reader.setting.now, zone, day: today };
    let mut times = Vec::new();
    for word in reader.words(name, None) {
        match parse_when(word, &around) {
            Ok(time) => times.push(time),
            Err(why) => reader.wrong(name, None, why),
        }
    }
    times
}
