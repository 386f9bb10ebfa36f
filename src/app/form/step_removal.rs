//! The form that takes a step out of a run of show.

use super::acts::confirmed;
use super::diff::Changes;
use super::reader::Reader;
use super::{Field, Form, Name, Setting, Subject, step};
use crate::domain::show::reckon;
use crate::domain::show::removal::heirs;
use crate::domain::{Change, Edit, Place, Release, Value};

/// A form that takes a step out, or why there is none.
pub fn form(release: &Release, id: &str) -> Result<Form, String> {
    let known = release.show.step(id);
    let known = known.ok_or_else(|| format!("{id} is gone from releases/{}.toml by now", release.id))?;
    let owner = known.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
    let mut about = vec![format!("{}{owner}", known.title)];
    if !known.is_untouched() {
        about.push("▲ what happened to it goes from the record too; x skips it and keeps that.".to_owned());
    }
    about.extend(heirs(&release.show, id).into_iter().map(|heir| match (heir.after.is_empty(), heir.at) {
        (false, _) => format!("{} waits for {} instead.", heir.id, heir.after.join(", ")),
        (true, Some(at)) => format!("{} waits for nothing any more: it begins at {at}.", heir.id),
        (true, None) => format!("{} waits for nothing any more.", heir.id),
    }));
    about.push(format!("It is taken out of releases/{}.toml; u takes that back.", release.id));
    let fields = vec![Field::line(Name::Confirm, "to remove", "", "type the step's id")];
    Ok(Form::new(Subject::RemoveStep(Box::new(release.clone()), id.to_owned()), fields).about(about))
}

/// Reads the form that takes a step out: it goes, and those that waited for it go on.
pub fn read(reader: &mut Reader<'_>, release: &Release, id: &str) -> Option<Edit> {
    let mut changes = Changes::default();
    for heir in heirs(&release.show, id) {
        let before = release.show.step(&heir.id)?;
        let place = Place::Id("step".to_owned(), heir.id.clone());
        let after = Value::words(heir.after.iter().map(String::as_str));
        changes.set(&place, "after", (!heir.after.is_empty()).then_some(after));
        changes.differ(&place, "at", before.at, heir.at, |at| Value::text(at.to_string()));
    }
    let mut changes = changes.finish();
    changes.push(Change::Remove { place: Place::Id("step".to_owned(), id.to_owned()) });
    confirmed(reader, &[id]).then(|| Edit::Patch(step::patch(release, &format!("remove {id}"), changes)))
}

/// The step after one, as they are listed; before it where it is the last.
pub fn beside(release: &Release, id: &str, setting: Setting<'_>) -> Option<String> {
    let reckoning = reckon(release, setting.workspace.time_zone, setting.now).ok()?;
    let place = reckoning.steps.iter().position(|step| step.step.id == id)?;
    let beside = reckoning.steps.get(place + 1).or_else(|| reckoning.steps.get(place.checked_sub(1)?))?;
    Some(beside.step.id.clone())
}
