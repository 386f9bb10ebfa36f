//! New ids: a release's file gets another name, a window's `id` changes with every exception that
//! names it. All of it is one change of several files.

use std::path::Path;

use super::plan::{self, Content, PlanText};
use super::together::together;
use super::{Applied, EditError, before, file_of, patch};
use crate::domain::edit::{FileText, Rename};
use crate::domain::patch::{Change, Patch, Place, PlanFile, Value};
use crate::domain::renaming::Named;
use crate::store::read::folder;

/// Carries a renaming out.
pub fn rename(root: &Path, rename: &Rename) -> Result<Applied, EditError> {
    if rename.from == rename.to {
        let what = format!("it is called `{}` already", rename.to);
        return Err(EditError::refused(what, "choose another id"));
    }
    let files = match rename.what {
        Named::Release => release(root, rename)?,
        Named::Window => window(root, rename)?,
    };
    together(root, &rename.title(), &files)
}

/// The file under its new name, and none under the old.
fn release(root: &Path, rename: &Rename) -> Result<Vec<FileText>, EditError> {
    let (old, new) = (PlanFile::Release(rename.from.clone()), PlanFile::Release(rename.to.clone()));
    if root.join(file_of(&rename.to)?).symlink_metadata().is_ok() {
        let what = format!("the release `{}` is already there", rename.to);
        return Err(EditError::refused(what, "choose another id"));
    }
    let bytes = super::bytes_of(root, &rename.from)?;
    let now = PlanText::read(root, &old, bytes)?;
    let text = changed(&now, true, &old, rename.patch.as_ref(), &[])?;
    let mark = now.written.has_mark;
    let (before, after) = (plan::with_mark(mark, &now.written.text), plan::with_mark(mark, &text));
    match PlanText::read(root, &new, after.clone().into_bytes()) {
        Ok(_) => {}
        Err(EditError::Broken { file, problems }) => return Err(EditError::Wrong { file, problems }),
        Err(error) => return Err(error),
    }
    Ok(vec![
        FileText { file: new, now: String::new(), then: after },
        FileText { file: old, now: before, then: String::new() },
    ])
}

/// `windows.toml` with the new id, and every release whose exceptions name the window.
fn window(root: &Path, rename: &Rename) -> Result<Vec<FileText>, EditError> {
    folder::check_id(&rename.to).map_err(|what| EditError::refused(what, "choose another id"))?;
    let file = PlanFile::Windows;
    let path = plan::path_of(&file)?;
    let bytes = plan::bytes_of(root, &path)?;
    let now = PlanText::read(root, &file, bytes.unwrap_or_default())?;
    let Content::Windows(windows) = &now.content else {
        return Err(EditError::changed("windows.toml"));
    };
    let is_there = |id: &str| windows.iter().any(|window| window.id == id);
    if !is_there(&rename.from) {
        let what = format!("there is no window `{}`", crate::domain::Safe::new(&rename.from));
        return Err(EditError::refused(what, "`tminus window list` shows them"));
    }
    if is_there(&rename.to) {
        let what = format!("the window `{}` is already there", rename.to);
        return Err(EditError::refused(what, "choose another id"));
    }
    let id = Change::Set {
        place: Place::Id("window".to_owned(), rename.from.clone()),
        key: "id".to_owned(),
        value: Some(Value::text(&rename.to)),
    };
    let text = changed(&now, true, &file, rename.patch.as_ref(), &[id])?;
    let put = |text: &str| plan::with_mark(now.written.has_mark, text);
    let mut files = vec![FileText { file, now: put(&now.written.text), then: put(&text) }];
    files.extend(exceptions(root, rename)?);
    Ok(files)
}

/// The releases with exceptions to a window, naming it anew.
fn exceptions(root: &Path, rename: &Rename) -> Result<Vec<FileText>, EditError> {
    let mut files = Vec::new();
    for entry in folder::list(root, "releases", &mut Vec::new()) {
        let file = PlanFile::Release(entry.id.clone());
        let Some(bytes) = plan::bytes_of(root, &plan::path_of(&file)?)? else { continue };
        // Nearly every release names no window: those are not read as more than bytes.
        if !holds(&bytes, rename.from.as_bytes()) {
            continue;
        }
        let now = match PlanText::read(root, &file, bytes) {
            Ok(now) => now,
            Err(EditError::Broken { file, .. }) => {
                let what = format!("{} is wrong, and may name `{}`", file.display(), rename.from);
                return Err(EditError::refused(what, "mend it first: `tminus doctor` says where"));
            }
            Err(error) => return Err(error),
        };
        let Content::Release(release) = &now.content else { continue };
        let named = release.exceptions.iter().enumerate().filter(|(_, it)| it.window == rename.from);
        let changes: Vec<Change> = named
            .map(|(index, _)| Change::Set {
                place: Place::Nth("exception".to_owned(), index),
                key: "window".to_owned(),
                value: Some(Value::text(&rename.to)),
            })
            .collect();
        if changes.is_empty() {
            continue;
        }
        let text = patch::patched(&now.written.text, &file, &changes)?;
        let put = |text: &str| plan::with_mark(now.written.has_mark, text);
        files.push(FileText { file, now: put(&now.written.text), then: put(&text) });
    }
    Ok(files)
}

/// The text with what else is changed in the file, and then this.
fn changed(
    now: &PlanText,
    is_there: bool,
    file: &PlanFile,
    also: Option<&Patch>,
    changes: &[Change],
) -> Result<String, EditError> {
    let mut all: Vec<Change> = Vec::new();
    if let Some(also) = also {
        before::check(also, is_there, &now.content)?;
        all.extend(also.changes.iter().cloned());
    }
    all.extend(changes.iter().cloned());
    if all.is_empty() { Ok(now.written.text.clone()) } else { patch::patched(&now.written.text, file, &all) }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    !word.is_empty() && bytes.windows(word.len()).any(|part| part == word)
}

#[cfg(test)]
mod tests;
