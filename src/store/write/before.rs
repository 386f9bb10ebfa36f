//! Whether a file still says, in the keys that a patch changes, what the person looked at.

use super::EditError;
use super::plan::Content;
use crate::domain::Release;
use crate::domain::difference::{self, Difference};
use crate::domain::patch::{Before, Change, Patch, Place, PlanFile, Value};

/// These keys of a window mean nothing one without the other.
const WHEN: [&str; 4] = ["start", "end", "time_zone", "repeat"];

/// Refuses a patch whose keys were changed by somebody else since the person looked.
pub fn check(patch: &Patch, is_there: bool, now: &Content) -> Result<(), EditError> {
    let Some(before) = &patch.before else { return Ok(()) };
    let differences = match (&**before, now) {
        (Before::Nothing, _) => return nothing(patch, is_there, now),
        (Before::Release(before), Content::Release(now)) if is_there => {
            steps(patch, before, now)?;
            let touched = touched(patch, before);
            let differences = difference::of_releases(before, now).into_iter();
            differences.filter(|difference| is_touched(difference, &touched)).collect()
        }
        (Before::Window(before), Content::Windows(windows)) => {
            let Some(now) = windows.iter().find(|window| window.id == before.id) else {
                return Err(EditError::changed(format!("the window `{}` (it is not there now)", before.id)));
            };
            let touched = keys(patch);
            let is_touched = |key: &str| {
                touched.is_none_or_has(key)
                    || (WHEN.contains(&key) && WHEN.iter().any(|other| touched.is_none_or_has(other)))
            };
            let differences = difference::of_windows(before, now).into_iter();
            differences.filter(|difference| is_touched(difference.key)).collect()
        }
        _ => return Err(EditError::changed(format!("{} (it is not there now)", subject(patch)))),
    };
    let differences: Vec<Difference> = differences;
    if differences.is_empty() {
        return Ok(());
    }
    Err(EditError::Changed { what: subject(patch), differences })
}

/// Steps of a run of show are known by their ids: those that the patch changes must say what the
/// person saw.
fn steps(patch: &Patch, before: &Release, now: &Release) -> Result<(), EditError> {
    for step in &before.show.steps {
        let is_its = |place: &Place| matches!(place, Place::Id(list, id) if list == "step" && *id == step.id);
        let mut is_touched = false;
        let mut keys: Option<Vec<&str>> = Some(Vec::new());
        for change in &patch.changes {
            match change {
                Change::Set { place, key, .. } if is_its(place) => {
                    is_touched = true;
                    keys = keys.map(|keys| keys.into_iter().chain([key.as_str()]).collect());
                }
                Change::Remove { place } if is_its(place) => (is_touched, keys) = (true, None),
                _ => {}
            }
        }
        if !is_touched {
            continue;
        }
        let Some(now) = now.show.steps.iter().find(|now| now.id == step.id) else {
            let what = format!("the step `{}` of `{}` (it is not there now)", step.id, before.id);
            return Err(EditError::changed(what));
        };
        let counts = |key: &str| keys.as_ref().is_none_or(|keys| keys.contains(&key));
        let all = difference::of_steps(step, now).into_iter();
        let differences: Vec<Difference> = all.filter(|difference| counts(difference.key)).collect();
        if !differences.is_empty() {
            return Err(EditError::Changed { what: format!("the step `{}`", step.id), differences });
        }
    }
    Ok(())
}

/// There must not be one yet.
fn nothing(patch: &Patch, is_there: bool, now: &Content) -> Result<(), EditError> {
    match (&patch.file, now) {
        (PlanFile::Release(id), _) if is_there => Err(EditError::refused(
            format!("the release `{id}` is already there"),
            "choose another id, or change that one",
        )),
        (PlanFile::Windows, Content::Windows(windows)) => {
            let new = patch.changes.iter().filter_map(|change| match change {
                Change::Add { table, .. } => table.iter().find(|(key, _)| key == "id"),
                _ => None,
            });
            let taken = new.filter_map(|(_, value)| match value {
                Value::Text(id) => windows.iter().find(|window| window.id == *id),
                _ => None,
            });
            match taken.into_iter().next() {
                Some(window) => Err(EditError::refused(
                    format!("the window `{}` is already there (`{}`)", window.id, window.title),
                    "choose another id, or change that one",
                )),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn subject(patch: &Patch) -> String {
    match (patch.before.as_deref(), &patch.file) {
        (Some(Before::Window(window)), _) => format!("the window `{}`", window.id),
        (_, PlanFile::Release(id)) => format!("the release `{id}`"),
        (_, PlanFile::Windows) => "windows.toml".to_owned(),
        (_, PlanFile::Workspace) => "tminus.toml".to_owned(),
    }
}

/// A part of a release that a patch changes.
#[derive(Debug, PartialEq)]
enum Touched {
    Key(String),
    Entry(String, usize),
}

/// What a patch changes of what the person saw. Entries that the patch itself adds are not among
/// it, and those behind a removed one are counted as the person saw them.
fn touched(patch: &Patch, before: &Release) -> Vec<Touched> {
    let mut lists: Vec<(String, Vec<Option<usize>>)> = [
        ("item", before.items.len()),
        ("stage", before.stages.len()),
        ("check", before.checks.len()),
        ("exception", before.exceptions.len()),
    ]
    .map(|(list, count)| (list.to_owned(), (0..count).map(Some).collect()))
    .into();
    let mut touched = Vec::new();
    for change in &patch.changes {
        match change {
            Change::Set { place: Place::Top, key, .. } => touched.push(Touched::Key(key.clone())),
            Change::Add { list, .. } => {
                if let Some((_, numbers)) = lists.iter_mut().find(|(name, _)| name == list) {
                    numbers.push(None);
                }
            }
            Change::Set { place: Place::Nth(list, index), .. }
            | Change::Remove { place: Place::Nth(list, index) } => {
                let numbers = lists.iter_mut().find(|(name, _)| name == list).map(|(_, numbers)| numbers);
                let Some(numbers) = numbers else { continue };
                if let Some(Some(number)) = numbers.get(*index) {
                    touched.push(Touched::Entry(list.clone(), *number));
                }
                if matches!(change, Change::Remove { .. }) && *index < numbers.len() {
                    numbers.remove(*index);
                }
            }
            Change::Set { .. } | Change::Remove { .. } => {}
        }
    }
    touched
}

fn is_touched(difference: &Difference, touched: &[Touched]) -> bool {
    touched.iter().any(|touched| match (touched, difference.entry) {
        (Touched::Key(key), None) => key == difference.key,
        (Touched::Entry(list, index), Some((of, number))) => list == of && *index == number,
        _ => false,
    })
}

/// The keys that a patch sets; all where it takes a whole table away.
struct Keys(Option<Vec<String>>);

impl Keys {
    fn is_none_or_has(&self, key: &str) -> bool {
        self.0.as_ref().is_none_or(|keys| keys.iter().any(|known| known == key))
    }
}

fn keys(patch: &Patch) -> Keys {
    let mut keys = Vec::new();
    for change in &patch.changes {
        match change {
            Change::Set { key, .. } => keys.push(key.clone()),
            Change::Remove { .. } => return Keys(None),
            Change::Add { .. } => {}
        }
    }
    Keys(Some(keys))
}
