//! The form of a step of a run of show.

use chrono_tz::Tz;

use super::diff::{self, Changes, Table};
use super::id::{check, slug};
use super::reader::Reader;
use super::release::read_owner;
use super::{Field, Form, Name, Offers, Setting, Subject};
use crate::domain::backout::shell_words;
use crate::domain::condition::Condition;
use crate::domain::show::check::TEMPLATES;
use crate::domain::show::order::order;
use crate::domain::show::{Check, CountTime, Step, zero};
use crate::domain::template::unknown_in;
use crate::domain::{Before, Edit, Patch, Place, PlanFile, Release, Safe, Value};

/// A form for a step of a release; `None`: a new one.
pub fn form(release: &Release, step: Option<&Step>) -> Form {
    let text = |read: &dyn Fn(&Step) -> Option<String>| step.and_then(read).unwrap_or_default();
    let mut fields = vec![
        Field::line(Name::Title, "title", text(&titled), "for people: Freeze the release branch"),
        Field::line(
            Name::At,
            "at",
            text(&|step| step.at.map(|at| at.to_string())),
            "T-2d, T-30m, T-0, T+1h; empty: as soon as it may",
        ),
        Field::offering(
            Name::After,
            "after",
            text(&|step| Some(step.after.join(", "))),
            Offers::Steps,
            "the steps it waits for",
        ),
        Field::line(
            Name::Duration,
            "duration",
            text(&|step| (!step.duration.is_zero()).then(|| diff::span(step.duration))),
            "30m, 2h; empty: a moment",
        ),
        Field::offering(
            Name::Owner,
            "owner",
            text(&|step| step.owner.clone()),
            Offers::People,
            "who does it",
        ),
        Field::offering(
            Name::TimeZone,
            "time zone",
            text(&|step| step.time_zone.map(|zone| zone.name().to_owned())),
            Offers::Zones,
            "of who does it; empty: the count's",
        ),
    ];
    if step.is_none() {
        fields.insert(0, Field::line(Name::Id, "id", "", "empty: made from the title"));
    }
    fields.extend(check_fields(step.and_then(|step| step.check.as_ref())));
    let release = Box::new(release.clone());
    let subject =
        step.map_or(Subject::NewStep(release.clone()), |step| Subject::Step(release, step.id.clone()));
    Form::new(subject, fields)
}

fn check_fields(check: Option<&Check>) -> [Field; 4] {
    let [query, until, run, timeout] = match check {
        None => Default::default(),
        Some(Check::Query { query, until }) => {
            [query.trim().to_owned(), until.to_string(), String::new(), String::new()]
        }
        Some(Check::Command { argv, timeout }) => {
            let timeout = timeout.map(diff::span).unwrap_or_default();
            [String::new(), String::new(), shell_words(argv), timeout]
        }
    };
    let hint = "PromQL that tells that it is done";
    let query = if query.contains('\n') {
        Field::text(Name::Query, "check query", query, Offers::Nothing, hint)
    } else {
        Field::line(Name::Query, "check query", query, hint)
    };
    [
        query,
        Field::line(Name::Until, "until", until, "== 0, < 0.01: what every series must meet"),
        Field::line(Name::Run, "or run", run, "./smoke --env production: it ends with 0"),
        Field::line(Name::Timeout, "timeout", timeout, "of the program: 2m"),
    ]
}

fn titled(step: &Step) -> Option<String> {
    (step.title != step.id).then(|| step.title.clone())
}

/// The steps that a step of a form can wait for: all but itself.
pub fn others(subject: &Subject) -> Vec<String> {
    let (release, own) = match subject {
        Subject::NewStep(release) => (release, None),
        Subject::Step(release, id) => (release, Some(id)),
        _ => return Vec::new(),
    };
    let others = release.show.steps.iter().filter(|step| Some(&step.id) != own);
    others.map(|step| step.id.clone()).collect()
}

/// Reads the form of a step; `None`: a new one.
pub fn read(reader: &mut Reader<'_>, release: &Release, base: Option<&str>) -> Option<Edit> {
    let id = match base {
        Some(id) => Some(id.to_owned()),
        None => read_id(reader, release),
    };
    if base.is_some_and(|id| release.show.step(id).is_none()) {
        reader.wrong(Name::Title, None, "the step is gone from its file: Esc leaves it, a adds another");
        return None;
    }
    let known = base.and_then(|id| release.show.step(id));
    let title = reader.text(Name::Title, None);
    let at = read_at(reader, release);
    let own = id.clone().unwrap_or_default();
    let after = read_after(reader, release, &own);
    if reader.value(Name::At, None).is_empty() && reader.value(Name::After, None).is_empty() {
        reader.missing(
            Name::At,
            None,
            "it would begin never: write T-2d, T-30m or T+1h, or what it is after",
        );
    }
    let duration = reader.span(Name::Duration, None).unwrap_or_default();
    let owner = read_owner(reader);
    let time_zone = reader.zone(Name::TimeZone, None).ok().flatten();
    let check = read_check(reader, known.and_then(|step| step.check.as_ref()));
    let id = id?;
    let step = Step {
        title: title.filter(|title| *title != id).unwrap_or_else(|| id.clone()),
        id,
        at,
        after,
        duration,
        owner,
        time_zone,
        check,
        ..known.cloned().unwrap_or_default()
    };
    say_circle(reader, release, &step);
    match known {
        Some(known) => change(release, known, &step),
        None => Some(add(release, &step)),
    }
}

/// The id typed, or made from the title.
fn read_id(reader: &mut Reader<'_>, release: &Release) -> Option<String> {
    let typed = reader.value(Name::Id, None);
    let is_taken = |id: &str| release.show.step(id).is_some();
    let free = |id: &str| {
        let mut numbered = (2..).map(|number| format!("{id}-{number}"));
        numbered.find(|id| !is_taken(id)).unwrap_or_default()
    };
    if typed.is_empty() {
        let made = slug(reader.value(Name::Title, None));
        if made.is_empty() {
            reader.missing(Name::Id, None, "an id is needed, or a title to make it from: freeze-branch");
            return None;
        }
        let id = if is_taken(&made) { free(&made) } else { made };
        reader.reading(Name::Id, None, id.clone());
        return Some(id);
    }
    if let Err(why) = check(typed) {
        reader.wrong(Name::Id, None, why);
        return None;
    }
    if is_taken(typed) {
        let words = format!("the step {typed} is already there: choose another id, {}", free(typed));
        reader.wrong(Name::Id, None, words);
        return None;
    }
    Some(typed.to_owned())
}

/// The time on the count, read back on the wall.
fn read_at(reader: &mut Reader<'_>, release: &Release) -> Option<CountTime> {
    let text = reader.value(Name::At, None);
    if text.is_empty() {
        return None;
    }
    let at = CountTime::parse(text).map_err(|why| reader.wrong(Name::At, None, why)).ok()?;
    match zero(release, reader.setting.workspace.time_zone) {
        Ok(zero) => reader.say_moment(Name::At, None, at.resolve(zero), zero.zone),
        Err(why) => reader.notice(Name::At, None, why),
    }
    Some(at)
}

fn read_after(reader: &mut Reader<'_>, release: &Release, own: &str) -> Vec<String> {
    let mut after: Vec<String> = Vec::new();
    for word in reader.words(Name::After, None) {
        // That it cannot wait for itself is said as a circle.
        let known = release.show.steps.iter().map(|step| step.id.as_str());
        let is_known = word == own || reader.is_known((Name::After, None), "step", word, known);
        if is_known && !after.iter().any(|known| known == word) {
            after.push(word.to_owned());
        }
    }
    after
}

/// Steps that would wait for each other for ever.
fn say_circle(reader: &mut Reader<'_>, release: &Release, step: &Step) {
    let mut steps = release.show.steps.clone();
    match steps.iter_mut().find(|known| known.id == step.id) {
        Some(known) => *known = step.clone(),
        None => steps.push(step.clone()),
    }
    let Err(circle) = order(&steps) else { return };
    let names: Vec<&str> = circle.0.iter().map(|place| steps[*place].id.as_str()).collect();
    let words = match names.as_slice() {
        [_] => "it would wait for itself: take it out".to_owned(),
        _ => format!("these would wait for each other: {}: take one out", names.join(", ")),
    };
    reader.wrong(Name::After, None, words);
}

/// What tells that it is done: a query and what must hold, or a program, and not both.
fn read_check(reader: &mut Reader<'_>, before: Option<&Check>) -> Option<Check> {
    let query = reader.text(Name::Query, None);
    let until = reader.value(Name::Until, None);
    let run = reader.text(Name::Run, None);
    let timeout = reader.span(Name::Timeout, None);
    if query.is_some() && run.is_some() {
        reader.wrong(Name::Run, None, "a check asks or runs, not both: empty this, or the query above");
        return None;
    }
    if run.is_none() && !reader.value(Name::Timeout, None).is_empty() {
        reader.wrong(Name::Timeout, None, "only a program takes so long: empty this, or name the program");
    }
    for (name, text) in [(Name::Query, &query), (Name::Run, &run)] {
        if let Some(why) = text.as_deref().and_then(|text| unknown_in(text, TEMPLATES)) {
            reader.wrong(name, None, why);
        }
    }
    if let Some(run) = run {
        if !until.is_empty() {
            reader.wrong(Name::Until, None, "this belongs to a query: a program is done when it ends with 0");
        }
        return read_command(reader, &run, before).map(|argv| Check::Command { argv, timeout });
    }
    if until.is_empty() {
        if query.is_some() {
            reader.missing(Name::Until, None, "what must its answer meet? Write == 0, < 0.01 or >= 2");
        }
        return None;
    }
    let condition = Condition::parse(until).map_err(|why| reader.wrong(Name::Until, None, why)).ok();
    let Some(query) = query else {
        reader.missing(Name::Query, None, "a query is needed whose answer meets this");
        return None;
    };
    // Blanks around a query mean nothing: it is left as its file has it.
    let query = match before {
        Some(Check::Query { query: known, .. }) if known.trim() == query => known.clone(),
        _ => query,
    };
    Some(Check::Query { query, until: condition? })
}

/// The program and its arguments, as a shell would take them apart; no shell runs it.
fn read_command(reader: &mut Reader<'_>, run: &str, before: Option<&Check>) -> Option<Vec<String>> {
    // What no quotes on a line can say is left as its file has it.
    if let Some(Check::Command { argv, .. }) = before.filter(|_| !reader.is_touched(Name::Run, None)) {
        return Some(argv.clone());
    }
    match shell_words::split(run) {
        Ok(argv) if !argv.is_empty() => {
            if argv.len() > 1 {
                let parts: Vec<String> = argv.iter().map(|word| Safe::new(word).to_string()).collect();
                reader.reading(
                    Name::Run,
                    None,
                    format!("{} words, no shell: {}", parts.len(), parts.join(" · ")),
                );
            }
            Some(argv)
        }
        Ok(_) => {
            reader.wrong(Name::Run, None, "there is no program in it: write ./smoke --env production");
            None
        }
        Err(_) => {
            reader.wrong(Name::Run, None, "a quote is not closed: write './my smoke' --env production");
            None
        }
    }
}

fn words(words: &[String]) -> Value {
    Value::words(words.iter().map(String::as_str))
}

fn check_value(check: &Check) -> Value {
    let table = match check {
        Check::Query { query, until } => Table::default()
            .with("query", Some(Value::text(&**query)))
            .with("until", Some(Value::text(until.to_string()))),
        Check::Command { argv, timeout } => Table::default()
            .with("run", Some(words(argv)))
            .with("timeout", timeout.map(|timeout| Value::text(diff::span(timeout)))),
    };
    Value::Inline(table.finish())
}

/// The edit that makes a step of the file say something else; `None`: it says so already.
fn change(release: &Release, before: &Step, step: &Step) -> Option<Edit> {
    let mut changes = Changes::default();
    let place = Place::Id("step".to_owned(), before.id.clone());
    let at = &place;
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let length = |step: &Step| (!step.duration.is_zero()).then_some(step.duration);
    let zone = |zone: Tz| Value::text(zone.name());
    changes.differ(at, "title", titled(before), titled(step), Value::Text);
    changes.differ(at, "at", before.at, step.at, |at| Value::text(at.to_string()));
    changes.differ(at, "after", some(&before.after), some(&step.after), |after| words(&after));
    changes.differ(at, "duration", length(before), length(step), |span| Value::text(diff::span(span)));
    changes.differ(at, "owner", before.owner.clone(), step.owner.clone(), Value::Text);
    changes.differ(at, "time_zone", before.time_zone, step.time_zone, zone);
    changes.differ(at, "check", before.check.as_ref(), step.check.as_ref(), check_value);
    let changes = changes.finish();
    let keys = changes.iter().filter_map(|change| match change {
        crate::domain::Change::Set { key, .. } => Some(key.as_str()),
        _ => None,
    });
    let title = format!("change {}: {}", step.id, keys.collect::<Vec<_>>().join(", "));
    (!changes.is_empty()).then(|| Edit::Patch(patch(release, &title, changes)))
}

/// The edit that adds a step.
fn add(release: &Release, step: &Step) -> Edit {
    let table = Table::default()
        .with("id", Some(Value::text(&*step.id)))
        .with("title", titled(step).map(Value::Text))
        .with("at", step.at.map(|at| Value::text(at.to_string())))
        .with("after", (!step.after.is_empty()).then(|| words(&step.after)))
        .with("duration", (!step.duration.is_zero()).then(|| Value::text(diff::span(step.duration))))
        .with("owner", step.owner.clone().map(Value::Text))
        .with("time_zone", step.time_zone.map(|zone| Value::text(zone.name())))
        .with("check", step.check.as_ref().map(check_value));
    let mut changes = Changes::default();
    changes.add("step", table.finish());
    Edit::Patch(patch(release, &format!("add {}", step.id), changes.finish()))
}

/// Changes of a release's run of show, with what they do.
pub fn patch(release: &Release, deed: &str, changes: Vec<crate::domain::Change>) -> Patch {
    Patch {
        file: PlanFile::Release(release.id.clone()),
        title: format!("{}: {deed}", release.id),
        before: Some(Box::new(Before::Release(release.clone()))),
        changes,
    }
}

/// The step to look at once a form is saved: the new one, or what stood beside the one that went.
pub fn lands(form: &Form, setting: Setting<'_>) -> Option<String> {
    match &form.subject {
        Subject::NewStep(release) => read_id(&mut Reader::new(form, setting), release),
        Subject::RemoveStep(release, id) => super::step_removal::beside(release, id, setting),
        _ => None,
    }
}
