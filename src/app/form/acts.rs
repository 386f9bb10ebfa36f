//! Forms of single acts: stop the line and lift it, break the glass, cancel a release, remove a
//! window, leave an occurrence out or add one. What cannot be overlooked is confirmed by typing a
//! name.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::diff::{self, Changes, Table};
use super::id::free_window;
use super::offers::is_person;
use super::reader::Reader;
use super::window::read_time;
use super::window_edit::add;
use super::{Field, Form, Name, Offers, Setting, Subject};
use crate::app::calendar;
use crate::domain::almanac::Almanac;
use crate::domain::decision::{self, FreezeAnswer, Frozen};
use crate::domain::recurrence::clock_change;
use crate::domain::when::on_the_wall;
use crate::domain::window::{STOP_LAYER, STOP_THE_LINE, USUAL_STOP, WallTime};
use crate::domain::{
    Before, Change, Edit, Patch, Place, PlanFile, Release, Stage, Status, Value, Window, WindowKind,
};

/// What is typed to stop the line, the workspace's name apart.
const STOP: &str = "stop";
/// What is typed to lift a stop.
const LIFT: &str = "lift";

/// The freeze that stops the line now, where one does.
pub fn running_stop(setting: &Setting<'_>) -> Option<Window> {
    let stops = setting.workspace.windows.iter().filter(|window| window.stops_the_line());
    let later = setting.now + TimeDelta::seconds(1);
    let is_on = |window: &&Window| {
        crate::domain::recurrence::occurrences(window, setting.now, later)
            .is_ok_and(|found| !found.is_empty())
    };
    stops.into_iter().find(is_on).cloned()
}

/// A form that stops the line, or lifts the stop that is on.
pub fn stop(setting: &Setting<'_>) -> Form {
    if let Some(window) = running_stop(setting) {
        let since =
            said(setting, clock_change::start(window.kind, window.time_zone, local(setting, &window)));
        let about = vec![format!("The line is stopped since {since}: {}", window.title)];
        let fields = vec![Field::line(Name::Confirm, "to lift it", "", "type lift")];
        return Form::new(Subject::Lift(Box::new(window)), fields).about(about);
    }
    let about = vec![
        "A freeze of every environment, service and region, from now on.".to_owned(),
        "Only what carries a break-glass exception passes. The same key lifts it.".to_owned(),
    ];
    let fields = vec![
        Field::line(Name::Reason, "reason", "", "why, for everybody to read"),
        Field::line(Name::Until, "until", "", "18:00, tomorrow 9:00, +2h; empty: a day"),
        Field::line(Name::Confirm, "to stop", "", "type stop, or the workspace's name"),
    ];
    Form::new(Subject::Stop, fields).about(about)
}

fn local(setting: &Setting<'_>, window: &Window) -> NaiveDateTime {
    match window.start {
        WallTime::Local(local) => local,
        WallTime::Instant(instant) => instant.with_timezone(&setting.workspace.time_zone).naive_local(),
    }
}

fn said(setting: &Setting<'_>, instant: DateTime<Utc>) -> String {
    calendar::span(instant, instant, setting.zone, setting.now)
}

/// Reads the form that stops the line.
pub fn read_stop(reader: &mut Reader<'_>) -> Option<Edit> {
    let setting = reader.setting;
    let (workspace, zone) = (setting.workspace, setting.workspace.time_zone);
    let reason = reader.word(Name::Reason, None, "a reason");
    let start = on_the_wall(setting.now, zone);
    let until = reader.value(Name::Until, None);
    let end = if until.is_empty() {
        reader.say_moment(Name::Until, None, setting.now + USUAL_STOP, zone);
        Some(on_the_wall(setting.now + USUAL_STOP, zone))
    } else {
        read_time(reader, Name::Until, WindowKind::Freeze, zone, None)
    };
    let name = workspace.name.clone();
    let is_confirmed = confirmed(reader, &[STOP, &name]);
    let ends = end.map(|end| match end {
        WallTime::Local(local) => clock_change::end(WindowKind::Freeze, zone, local),
        WallTime::Instant(instant) => instant.to_utc(),
    });
    if let Some(ends) = ends.filter(|_| !until.is_empty()) {
        if ends <= setting.now {
            reader.wrong(Name::Until, None, "this is past: write a time to come, or +2h");
            return None;
        }
        reader.say_moment(Name::Until, None, ends, zone);
    }
    let at = setting.now.with_timezone(&zone);
    let window = Window {
        id: free_window(workspace, &format!("{STOP_THE_LINE}-{}", at.format("%Y%m%d-%H%M"))),
        kind: WindowKind::Freeze,
        title: reason?,
        start,
        end: end?,
        time_zone: zone,
        repeat: None,
        environments: None,
        services: None,
        regions: None,
        allow: Vec::new(),
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        layer: Some(STOP_LAYER.to_owned()),
        branches: Vec::new(),
    };
    let Edit::Patch(patch) = add(&window, Some(zone)) else { return None };
    is_confirmed.then(|| Edit::Patch(Patch { title: format!("stop the line: {}", window.title), ..patch }))
}

/// Reads the form that lifts a stop: the freeze ends now, and stays in the record.
pub fn read_lift(reader: &mut Reader<'_>, window: &Window) -> Option<Edit> {
    let is_confirmed = confirmed(reader, &[LIFT]);
    let now = reader.setting.now;
    let begins = clock_change::start(window.kind, window.time_zone, local(&reader.setting, window));
    // A window is never empty: a stop that is lifted at once lasts a second.
    let end = on_the_wall(now.max(begins + TimeDelta::seconds(1)), window.time_zone);
    let mut changes = Changes::default();
    let place = Place::Id("window".to_owned(), window.id.clone());
    changes.set(&place, "end", Some(diff::wall_time(end)));
    let patch = window_patch(window, "lift the stop".to_owned(), changes);
    is_confirmed.then_some(patch)
}

fn window_patch(window: &Window, title: String, changes: Changes) -> Edit {
    let before = Some(Box::new(Before::Window(window.clone())));
    Edit::Patch(Patch { file: PlanFile::Windows, title, before, changes: changes.finish() })
}

/// Whether one of these words was typed to confirm it.
pub(super) fn confirmed(reader: &mut Reader<'_>, words: &[&str]) -> bool {
    let typed = reader.value(Name::Confirm, None);
    if words.iter().any(|word| !word.is_empty() && *word == typed) {
        return true;
    }
    let wanted = words.iter().find(|word| !word.is_empty()).copied().unwrap_or_default();
    if typed.is_empty() {
        reader.missing(Name::Confirm, None, format!("type {wanted} to confirm it"));
    } else if !words.iter().any(|word| word.starts_with(typed)) {
        reader.wrong(Name::Confirm, None, format!("this is not it: type {wanted}"));
    } else {
        reader.missing(Name::Confirm, None, format!("type all of it: {wanted}"));
        // Half a word is no yes, said or not.
    }
    false
}

/// The freezes that deny a stage, each once.
fn denying<'a>(almanac: &'a Almanac, release: &'a Release, stage: &'a Stage) -> Vec<Frozen<'a>> {
    let subject = decision::Subject::of(release, stage);
    let mut found = decision::freezes(almanac, &subject, stage.start, stage.end);
    found.retain(|frozen| frozen.answer == FreezeAnswer::Denies);
    found
}

/// A form for a break-glass exception, or why none helps.
pub fn exception(setting: &Setting<'_>, release: &Release, stage: &Stage) -> Result<Form, String> {
    let almanac = Almanac::new(&setting.workspace.windows, [(stage.start, stage.end)]);
    let denying = denying(&almanac, release, stage);
    let (hard, soft): (Vec<&Frozen<'_>>, Vec<&Frozen<'_>>) =
        denying.iter().partition(|frozen| frozen.window.hard);
    let Some(first) = soft.first() else {
        return Err(match hard.first() {
            Some(frozen) => {
                format!("{} is hard: not even an exception passes; move the stage", frozen.window.title)
            }
            None => "no freeze denies this stage: it needs no exception".to_owned(),
        });
    };
    let mut about: Vec<String> = soft
        .iter()
        .map(|frozen| {
            let overlap = calendar::span(frozen.start, frozen.end, setting.zone, setting.now);
            format!("{} denies {}: {overlap}", frozen.window.title, calendar::place(stage))
        })
        .collect();
    about.extend(hard.iter().map(|frozen| {
        format!("▲ {} denies it too, and is hard: an exception alone will not do", frozen.window.title)
    }));
    let mut windows: Vec<String> = soft.iter().map(|frozen| frozen.window.id.clone()).collect();
    windows.dedup();
    let expires = stage.end.with_timezone(&stage.time_zone).naive_local();
    let fields = vec![
        Field::choice(Name::Window, "window", first.window.id.clone(), windows, "the freeze that it passes"),
        Field::line(Name::Reason, "reason", "", "why it cannot wait"),
        Field::offering(Name::By, "by", setting.me.unwrap_or_default(), Offers::People, "who answers for it"),
        Field::line(Name::Ticket, "ticket", "", "SEC-77"),
        Field::line(
            Name::Expires,
            "expires",
            diff::typed(expires),
            "2026-12-20 00:00, +4h: it lapses by itself",
        ),
        Field::line(Name::Confirm, "to break it", "", "type the release's id"),
    ];
    let index = release.stages.iter().position(|known| known == stage).unwrap_or(0);
    Ok(Form::new(Subject::Exception(Box::new(release.clone()), index), fields).about(about))
}

/// Reads the form of an exception.
pub fn read_exception(reader: &mut Reader<'_>, release: &Release, stage: usize) -> Option<Edit> {
    let stage = release.stages.get(stage)?;
    let setting = reader.setting;
    let id = reader.value(Name::Window, None).to_owned();
    let window = setting.workspace.windows.iter().find(|window| window.id == id);
    match window {
        None => reader.wrong(Name::Window, None, format!("{id} is gone from windows.toml")),
        Some(window) if window.hard => {
            reader.wrong(
                Name::Window,
                None,
                format!("{} is hard: not even an exception passes", window.title),
            );
        }
        Some(_) if release.exceptions.iter().any(|known| known.window == id) => {
            reader.notice(Name::Window, None, "the release has an exception to it already");
        }
        Some(_) => {}
    }
    let reason = reader.word(Name::Reason, None, "a reason");
    let by = reader.word(Name::By, None, "who answers for it");
    if let Some(by) = by.as_deref().filter(|by| !is_person(setting.workspace, by) && setting.me != Some(by)) {
        reader.notice(Name::By, None, format!("{by} is new here"));
    }
    let ticket = reader.text(Name::Ticket, None);
    if ticket.is_none() {
        reader.notice(Name::Ticket, None, "no ticket: others will ask for one");
    }
    let today = setting.now.with_timezone(&stage.time_zone).date_naive();
    let expires = reader.moment((Name::Expires, None), "an expiry", stage.time_zone, today);
    if let Some(expires) = expires {
        reader.say_moment(Name::Expires, None, expires.instant, stage.time_zone);
        say_expiry(reader, release, stage, &id, expires.instant);
    }
    let is_confirmed = confirmed(reader, &[&release.id]);
    let expires = expires?.instant.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let table = Table::default()
        .with("window", Some(Value::text(&*id)))
        .with("reason", Some(Value::text(reason?)))
        .with("by", Some(Value::text(by?)))
        .with("ticket", ticket.map(Value::Text))
        .with("expires", Some(Value::Time(expires)));
    let patch = Patch {
        file: PlanFile::Release(release.id.clone()),
        title: format!("except {} from {id}", release.id),
        before: Some(Box::new(Before::Release(release.clone()))),
        changes: vec![Change::Add { list: "exception".to_owned(), table: table.finish() }],
    };
    is_confirmed.then_some(Edit::Patch(patch))
}

/// An exception that lapses before the stage is through lets nothing through.
fn say_expiry(reader: &mut Reader<'_>, release: &Release, stage: &Stage, id: &str, expires: DateTime<Utc>) {
    let setting = reader.setting;
    if expires <= setting.now {
        return reader.wrong(Name::Expires, None, "this is past: it would lapse before it counts");
    }
    let almanac = Almanac::new(&setting.workspace.windows, [(stage.start, stage.end)]);
    let needed = denying(&almanac, release, stage);
    let needed = needed.iter().filter(|frozen| frozen.window.id == id).map(|frozen| frozen.end).max();
    if let Some(needed) = needed.filter(|needed| expires < *needed) {
        let until = said(&setting, needed);
        reader.wrong(Name::Expires, None, format!("too early: the stage is in the freeze until {until}"));
    }
}

/// A form that cancels a release, or why it cannot be.
pub fn cancel(setting: &Setting<'_>, release: &Release) -> Result<Form, String> {
    if !release.is_live() {
        return Err(format!("{} is {} already", release.title, release.status.word()));
    }
    let mut about = vec![format!("{}, {}", release.title, release.status.word())];
    about.extend(release.stages.iter().map(|stage| {
        format!(
            "{}  {}",
            calendar::place(stage),
            calendar::span(stage.start, stage.end, setting.zone, setting.now)
        )
    }));
    about.push("It stays in the plan as cancelled and collides with nothing; u takes it back.".to_owned());
    let fields = vec![Field::line(Name::Confirm, "to cancel", "", "type the release's id")];
    Ok(Form::new(Subject::Cancel(Box::new(release.clone())), fields).about(about))
}

/// Reads the form that cancels a release.
pub fn read_cancel(reader: &mut Reader<'_>, release: &Release) -> Option<Edit> {
    let edit = Edit::SetStatus { release: release.id.clone(), from: release.status, to: Status::Cancelled };
    confirmed(reader, &[&release.id]).then_some(edit)
}

/// A form that removes a window.
pub fn remove(setting: &Setting<'_>, window: &Window) -> Form {
    let mut about = vec![format!("{}, {}", window.title, calendar::window_scope(window))];
    about.extend(window.repeat.as_ref().map(|rule| format!("repeats: {rule}")));
    if window.kind == WindowKind::Freeze {
        about.push("What it denies is allowed from then on.".to_owned());
    }
    let excepted = setting.workspace.releases.iter();
    let named = excepted.filter(|release| release.exceptions.iter().any(|known| known.window == window.id));
    let named: Vec<&str> = named.map(|release| release.id.as_str()).collect();
    if !named.is_empty() {
        about.push(format!("▲ exceptions name it: {}", named.join(", ")));
    }
    about.push("It is taken out of windows.toml; u takes that back.".to_owned());
    let fields = vec![Field::line(Name::Confirm, "to remove", "", "type the window's id")];
    Form::new(Subject::Remove(Box::new(window.clone())), fields).about(about)
}

/// Reads the form that removes a window.
pub fn read_remove(reader: &mut Reader<'_>, window: &Window) -> Option<Edit> {
    let patch = Patch {
        file: PlanFile::Windows,
        title: format!("remove {}", window.id),
        before: Some(Box::new(Before::Window(window.clone()))),
        changes: vec![Change::Remove { place: Place::Id("window".to_owned(), window.id.clone()) }],
    };
    confirmed(reader, &[&window.id]).then_some(Edit::Patch(patch))
}

/// A form that leaves one occurrence of a window out.
pub fn skip(setting: &Setting<'_>, window: &Window, start: DateTime<Utc>) -> Result<Form, String> {
    let later = start + TimeDelta::seconds(1);
    let found =
        crate::domain::recurrence::occurrences(window, start, later).map_err(|why| why.to_string())?;
    let occurrence = found.into_iter().find(|found| found.start == start);
    let Some(occurrence) = occurrence else {
        return Err("this occurrence is gone from the file: look, and try again".to_owned());
    };
    let span = calendar::span(occurrence.start, occurrence.end, window.time_zone, setting.now);
    let mut about = vec![format!("{}: {span}", window.title)];
    if window.repeat.is_none() && window.also.is_empty() {
        return Err(format!("{} happens once: D removes it", window.title));
    }
    if window.kind == WindowKind::Freeze {
        about.push("What it denies then is allowed.".to_owned());
    }
    about.push("The others stay; u brings it back.".to_owned());
    let fields = vec![Field::line(Name::Confirm, "to leave out", "", "type the window's id")];
    let subject = Subject::Skip(Box::new(window.clone()), occurrence.wall_start);
    Ok(Form::new(subject, fields).about(about))
}

/// Reads the form that leaves an occurrence out.
pub fn read_skip(reader: &mut Reader<'_>, window: &Window, start: NaiveDateTime) -> Option<Edit> {
    let is_confirmed = confirmed(reader, &[&window.id]);
    let mut changes = Changes::default();
    let place = Place::Id("window".to_owned(), window.id.clone());
    let times = window.skip.iter().copied().chain([WallTime::Local(start)]);
    changes.set(&place, "skip", Some(Value::List(times.map(diff::wall_time).collect())));
    let title = format!("leave out {} of {}", window.id, diff::typed(start));
    is_confirmed.then(|| window_patch(window, title, changes))
}

/// A form that adds an occurrence to a window.
pub fn also(window: &Window) -> Form {
    let about = vec![format!("Another occurrence of {}, as long as the others.", window.title)];
    let fields = vec![Field::line(Name::Start, "start", "", "2026-12-18 18:00, fri 18:00, +3d")];
    Form::new(Subject::Also(Box::new(window.clone())), fields).about(about)
}

/// Reads the form that adds an occurrence.
pub fn read_also(reader: &mut Reader<'_>, window: &Window) -> Option<Edit> {
    let start = read_time(reader, Name::Start, window.kind, window.time_zone, None)?;
    let mut more = window.clone();
    more.also.push(start);
    let begins = match start {
        WallTime::Local(local) => clock_change::start(window.kind, window.time_zone, local),
        WallTime::Instant(instant) => instant.to_utc(),
    };
    let day = TimeDelta::days(1);
    let found = crate::domain::recurrence::occurrences(&more, begins - day, begins + day).unwrap_or_default();
    let Some(occurrence) = found.iter().find(|found| found.start == begins) else {
        reader.wrong(
            Name::Start,
            None,
            "nothing would come of it: it is left out, or a clock change leaves it empty",
        );
        return None;
    };
    let span = calendar::span(occurrence.start, occurrence.end, window.time_zone, reader.setting.now);
    reader.reading(Name::Start, None, span);
    let there =
        crate::domain::recurrence::occurrences(window, begins - day, begins + day).unwrap_or_default();
    if there.iter().any(|found| found.start == begins) {
        reader.wrong(Name::Start, None, "it happens then already");
        return None;
    }
    let mut changes = Changes::default();
    let place = Place::Id("window".to_owned(), window.id.clone());
    let times = more.also.iter().map(|time| diff::wall_time(*time)).collect();
    changes.set(&place, "also", Some(Value::List(times)));
    Some(window_patch(window, format!("add an occurrence to {}", window.id), changes))
}
