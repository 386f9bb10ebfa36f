//! The form of a release: everything that its file says.

use chrono::{DateTime, Utc};

use super::diff::{Changes, Table};
use super::draft::NAMELESS;
use super::offers::{is_person, people};
use super::reader::Reader;
use super::{Button, Draft, Field, Form, Name, Offers, Section, Setting, Subject, id, stage};
use crate::domain::edit::Rename;
use crate::domain::release::{Check, Item, TrackerRef};
use crate::domain::renaming::Named;
use crate::domain::{
    Before, Change, ChangeType, Edit, Patch, Place, PlanFile, Release, Status, Value, Workspace,
};

const TOP: Place = Place::Top;

/// A form for a release; `None`: a new one, whose first stage begins at some time.
pub fn form(setting: &Setting<'_>, release: Option<&Release>, start: Option<DateTime<Utc>>) -> Form {
    let workspace = setting.workspace;
    let subject = release.map_or(Subject::NewRelease, |release| Subject::Release(Box::new(release.clone())));
    let mut form = Form::new(subject, Vec::new());
    form.fields = head(release, setting.me);
    let stages = release.map_or(&[][..], |release| &release.stages);
    for (index, stage) in stages.iter().enumerate() {
        form.push_section(workspace, Some((index, stage)), None);
    }
    if release.is_none() {
        form.push_section(workspace, None, start);
    }
    form.fields.push(Field::button(Button::AddStage, "+ another stage"));
    form.fields.extend(tail(release));
    form
}

fn head(release: Option<&Release>, me: Option<&str>) -> Vec<Field> {
    let text = |read: &dyn Fn(&Release) -> Option<String>| release.and_then(read).unwrap_or_default();
    let (change, status) = release.map_or_else(Default::default, |release| (release.change, release.status));
    let owner = match release {
        Some(release) => release.owner.clone().unwrap_or_default(),
        None => me.unwrap_or_default().to_owned(),
    };
    let title = text(&|release| (release.title != release.id).then(|| release.title.clone()));
    let mut fields = vec![
        Field::offering(
            Name::Items,
            "services",
            text(&items),
            Offers::Items,
            "checkout@4.2.0, payments@8.1.0",
        ),
        Field::line(Name::Title, "title", title, "for people: Checkout 4.2"),
        Field::choice(
            Name::Change,
            "change",
            change.word(),
            ChangeType::ALL.map(ChangeType::word),
            "←/→ or the first letter",
        ),
        Field::choice(
            Name::Status,
            "status",
            status.word(),
            Status::ALL.map(Status::word),
            "←/→ or the first letter",
        ),
        Field::offering(Name::Owner, "owner", owner, Offers::People, "who answers for it"),
        Field::offering(
            Name::Tracker,
            "tracker",
            text(&|release| release.tracker.as_ref().map(ToString::to_string)),
            Offers::Trackers,
            "backend:project/version, jira:PAY/4.2.0",
        ),
    ];
    let id = release.map(|release| release.id.clone()).unwrap_or_default();
    let hint = "the file's name; empty: made from the services";
    fields
        .insert(2, Field::line(Name::Id, "id", id, if release.is_none() { hint } else { "the file's name" }));
    fields
}

fn tail(release: Option<&Release>) -> Vec<Field> {
    let checks = release.map(|release| release.checks.iter().map(check_line).collect::<Vec<_>>().join("\n"));
    let notes = release.and_then(|release| release.notes.clone());
    vec![
        Field::text(
            Name::Checks,
            "go/no-go poll",
            checks.unwrap_or_default(),
            Offers::Roles,
            "one a line: briefed: Support was told @support",
        ),
        Field::text(
            Name::Notes,
            "notes",
            notes.unwrap_or_default(),
            Offers::Nothing,
            "free words for people",
        ),
    ]
}

fn items(release: &Release) -> Option<String> {
    let items = release.items.iter().map(|item| format!("{}@{}", item.service, item.version));
    Some(items.collect::<Vec<_>>().join(", "))
}

fn check_line(check: &Check) -> String {
    let title = if check.title == check.id { String::new() } else { format!(": {}", check.title) };
    let role = check.role.as_ref().map(|role| format!(" @{role}")).unwrap_or_default();
    format!("{}{title}{role}", check.id)
}

impl Form {
    /// Adds the fields of a stage after those that are there.
    pub(super) fn push_section(
        &mut self,
        workspace: &Workspace,
        stage: Option<(usize, &crate::domain::Stage)>,
        start: Option<DateTime<Utc>>,
    ) -> usize {
        let id = self.next_section;
        self.next_section += 1;
        self.sections.push(Section { id, origin: stage.map(|(index, _)| index) });
        let last = self.fields.iter().rposition(|field| field.section.is_some());
        let button = self.fields.iter().position(|field| matches!(field.control, super::Control::Button(_)));
        let at = last.map(|last| last + 1).or(button).unwrap_or(self.fields.len());
        let fields = stage::fields(workspace, stage.map(|(_, stage)| stage), start, id);
        self.fields.splice(at..at, fields);
        at
    }
}

/// The id of the release that a form makes, and when it begins.
pub fn lands(form: &Form, setting: Setting<'_>) -> Option<(String, Option<DateTime<Utc>>)> {
    let mut reader = Reader::new(form, setting);
    let items = read_items(&mut reader);
    let id = id::of_new_release(&mut reader, &items)?;
    let first = form.sections.first();
    Some((id, first.and_then(|section| stage::start_of(form, setting, section.id))))
}

/// Reads the form; `base`: what its file says.
pub fn read(reader: &mut Reader<'_>, base: Option<&Release>) -> Option<Edit> {
    let items = read_items(reader);
    let id = match base {
        Some(release) => id::of_release(reader, release),
        None => id::of_new_release(reader, &items),
    };
    let title = reader.text(Name::Title, None);
    let change = ChangeType::ALL.into_iter().find(|known| known.word() == reader.value(Name::Change, None));
    let status = Status::ALL.into_iter().find(|known| known.word() == reader.value(Name::Status, None));
    let owner = read_owner(reader);
    let tracker = read_tracker(reader);
    let checks = read_checks(reader);
    let notes = reader.text(Name::Notes, None);
    let form = reader.form;
    let stages: Vec<(&Section, stage::Said)> =
        form.sections.iter().map(|section| (section, stage::read(reader, section.id))).collect();
    say_doubles(reader, &stages);
    reader.draft = Some(Draft {
        release: Release {
            id: id.clone().unwrap_or_else(|| NAMELESS.to_owned()),
            title: title.clone().or_else(|| id.clone()).unwrap_or_else(|| NAMELESS.to_owned()),
            change: change.unwrap_or_default(),
            status: status.unwrap_or_default(),
            owner: owner.clone(),
            items: items.clone(),
            ..base.map_or_else(Release::default, Clone::clone)
        },
        unread: 0,
    });
    if let Some(draft) = &mut reader.draft {
        draft.put(stages.iter().map(|(_, said)| said.stage()), reader.setting.now);
    }
    let mut changes = Changes::default();
    let before = base.map_or_else(Release::default, Clone::clone);
    let titled = |release: &Release| (release.title != release.id).then(|| release.title.clone());
    changes.differ(&TOP, "title", titled(&before), title, Value::Text);
    let (kind, stands) = (base.map(|base| base.change), base.map(|base| base.status));
    changes.differ(&TOP, "change", kind, change, |change| Value::text(change.word()));
    changes.differ(&TOP, "status", stands, status, |status| Value::text(status.word()));
    changes.differ(&TOP, "owner", before.owner.clone(), owner, Value::Text);
    changes
        .differ(&TOP, "tracker", before.tracker.clone(), tracker, |tracker| Value::text(tracker.to_string()));
    changes.differ(&TOP, "notes", before.notes.clone(), notes, Value::Text);
    change_items(&mut changes, &before.items, &items);
    for (section, said) in &stages {
        match section.origin.and_then(|index| Some((index, before.stages.get(index)?))) {
            Some((index, stage)) => {
                let own = stage::default_zone(
                    reader.setting.workspace,
                    &stage.environment,
                    stage.region.as_deref(),
                );
                let typed = (own != stage.time_zone).then_some(stage.time_zone);
                said.change(&mut changes, index, stage, typed);
            }
            None => changes.add("stage", said.table()),
        }
    }
    for index in 0..before.stages.len() {
        if stages.iter().all(|(section, _)| section.origin != Some(index)) {
            changes.remove("stage", index);
        }
    }
    change_checks(&mut changes, &before.checks, &checks);
    let changes = changes.finish();
    let id = id?;
    let Some(base) = base else {
        let (title, before) = (format!("plan {id}"), Some(Box::new(Before::Nothing)));
        let patch = Patch { file: PlanFile::Release(id), title, before, changes };
        return (!patch.changes.is_empty()).then_some(Edit::Patch(patch));
    };
    let patch = (!changes.is_empty()).then(|| Patch {
        file: PlanFile::Release(base.id.clone()),
        title: title_of(&base.id, &changes),
        before: Some(Box::new(Before::Release(base.clone()))),
        changes,
    });
    if id == base.id {
        return patch.map(Edit::Patch);
    }
    Some(Edit::Rename(Rename { what: Named::Release, from: base.id.clone(), to: id, patch }))
}

/// What an edit of a release does, for the undo list.
fn title_of(id: &str, changes: &[Change]) -> String {
    let mut keys: Vec<&str> = Vec::new();
    for change in changes {
        let key = match change {
            _ if stage::is_of_stage(change) => "stages",
            Change::Set { place: Place::Top, key, .. } => key,
            Change::Set { place: Place::Nth(list, _), .. }
            | Change::Remove { place: Place::Nth(list, _) }
            | Change::Add { list, .. } => match list.as_str() {
                "item" => "services",
                "check" => "checks",
                other => other,
            },
            _ => continue,
        };
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    format!("change {id}: {}", keys.join(", "))
}

fn read_items(reader: &mut Reader<'_>) -> Vec<Item> {
    let at = (Name::Items, None);
    let workspace = reader.setting.workspace;
    let mut items: Vec<Item> = Vec::new();
    for word in reader.words(Name::Items, None) {
        let (service, version) = word.split_once('@').unwrap_or((word, ""));
        let (service, version) = (service.trim(), version.trim());
        let ids = workspace.services.iter().map(|service| service.id.as_str());
        if !reader.is_known(at, "service", service, ids) {
            continue;
        }
        if version.is_empty() {
            reader.wrong(at.0, None, format!("which version of {service}? Write {service}@4.2.0"));
        } else if items.iter().any(|known| known.service == service) {
            reader.wrong(at.0, None, format!("{service} is there twice: one version of a service a release"));
        } else {
            items.push(Item { service: service.to_owned(), version: version.to_owned() });
        }
    }
    reader.text(Name::Items, None);
    if reader.value(at.0, None).is_empty() {
        reader.missing(at.0, None, "a release brings at least one service: checkout@4.2.0");
    }
    items
}

/// The owner typed; one whom no file knows is told, with who was probably meant.
pub(super) fn read_owner(reader: &mut Reader<'_>) -> Option<String> {
    let owner = reader.text(Name::Owner, None)?;
    let setting = reader.setting;
    if !is_person(setting.workspace, &owner) && setting.me != Some(&*owner) {
        let known = people(setting.workspace, setting.me);
        let near = crate::domain::spelling::nearest(&owner, known.iter().map(String::as_str));
        let meant = near.map(|near| format!(": did you mean {near}?")).unwrap_or_default();
        reader.notice(Name::Owner, None, format!("{owner} is new here{meant}"));
    }
    Some(owner)
}

fn read_tracker(reader: &mut Reader<'_>) -> Option<TrackerRef> {
    let text = reader.text(Name::Tracker, None)?;
    let Some(tracker) = TrackerRef::parse(&text) else {
        reader.wrong(Name::Tracker, None, "write backend:project/version, jira:PAY/4.2.0");
        return None;
    };
    let workspace = reader.setting.workspace;
    if workspace.backend(&tracker.backend).is_none() {
        let names = workspace.backends.iter().map(|backend| backend.name.as_str());
        let words = super::reader::unknown("backend", &tracker.backend, names);
        reader.notice(Name::Tracker, None, words);
    }
    Some(tracker)
}

fn read_checks(reader: &mut Reader<'_>) -> Vec<Check> {
    let text = reader.text(Name::Checks, None).unwrap_or_default();
    let mut checks: Vec<Check> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (rest, role) = match line.rsplit_once('@') {
            Some((rest, role)) if !role.trim().is_empty() => (rest.trim(), Some(role.trim().to_owned())),
            _ => (line, None),
        };
        let (id, title) = rest.split_once(':').unwrap_or((rest, ""));
        let (id, title) = (id.trim(), title.trim());
        if let Err(why) = id::check(id).and_then(|()| if id.is_empty() { Err(String::new()) } else { Ok(()) })
        {
            let example = "write id: title @role, support-briefed: Support has the summary @support";
            let why = if why.is_empty() { example.to_owned() } else { why };
            reader.wrong(Name::Checks, None, why);
            continue;
        }
        if checks.iter().any(|known| known.id == id) {
            reader.wrong(Name::Checks, None, format!("the check {id} is there twice: ids must differ"));
            continue;
        }
        let title = if title.is_empty() { id } else { title };
        checks.push(Check { id: id.to_owned(), title: title.to_owned(), role });
    }
    checks
}

/// Two stages in the same place: seldom meant.
fn say_doubles(reader: &mut Reader<'_>, stages: &[(&Section, stage::Said)]) {
    for (index, (section, said)) in stages.iter().enumerate() {
        let Some(place) = said.place() else { continue };
        if stages[..index].iter().any(|(_, earlier)| earlier.place() == Some(place)) {
            reader.notice(Name::Environment, Some(section.id), "another stage is in the same place");
        }
    }
}

fn change_items(changes: &mut Changes, before: &[Item], after: &[Item]) {
    for (index, item) in before.iter().enumerate() {
        match after.iter().find(|known| known.service == item.service) {
            Some(known) if known.version != item.version => {
                let place = Place::Nth("item".to_owned(), index);
                changes.set(&place, "version", Some(Value::text(&*known.version)));
            }
            Some(_) => {}
            None => changes.remove("item", index),
        }
    }
    for item in after.iter().filter(|item| before.iter().all(|known| known.service != item.service)) {
        let table = Table::default()
            .with("service", Some(Value::text(&*item.service)))
            .with("version", Some(Value::text(&*item.version)));
        changes.add("item", table.finish());
    }
}

fn change_checks(changes: &mut Changes, before: &[Check], after: &[Check]) {
    for (index, check) in before.iter().enumerate() {
        let Some(known) = after.iter().find(|known| known.id == check.id) else {
            changes.remove("check", index);
            continue;
        };
        let place = Place::Nth("check".to_owned(), index);
        let titled = |check: &Check| (check.title != check.id).then(|| check.title.clone());
        changes.differ(&place, "title", titled(check), titled(known), Value::Text);
        changes.differ(&place, "role", check.role.clone(), known.role.clone(), Value::Text);
    }
    for check in after.iter().filter(|check| before.iter().all(|known| known.id != check.id)) {
        let titled = (check.title != check.id).then(|| Value::text(&*check.title));
        let table = Table::default()
            .with("id", Some(Value::text(&*check.id)))
            .with("title", titled)
            .with("role", check.role.as_deref().map(Value::text));
        changes.add("check", table.finish());
    }
}
