//! Several files that change together: all of them, or none.

use std::path::{Path, PathBuf};

use super::plan::{self, PlanText};
use super::restore::{merged, there};
use super::{Applied, EditError, Outcome, replace};
use crate::domain::Edit;
use crate::domain::edit::FileText;

/// A file, what it says now, and what it will say; no text stands for no file.
struct Step<'a> {
    of: &'a FileText,
    path: PathBuf,
    there: String,
    text: String,
}

/// Whether all of it could be put there; nothing is written.
pub fn check(root: &Path, files: &[FileText]) -> Result<(), EditError> {
    steps(root, files).map(|_| ())
}

/// Puts every file's text there. What others changed elsewhere in the files meanwhile stays.
pub fn together(root: &Path, title: &str, files: &[FileText]) -> Result<Applied, EditError> {
    let mut steps = steps(root, files)?;
    let inverse = Edit::RestoreAll {
        title: title.to_owned(),
        files: steps
            .iter()
            .map(|step| FileText {
                file: step.of.file.clone(),
                now: step.text.clone(),
                then: step.there.clone(),
            })
            .collect(),
    };
    let file = steps.first().map(|step| step.path.clone()).unwrap_or_default();
    steps.retain(|step| step.text != step.there);
    if steps.is_empty() {
        return Ok(Applied { inverse, file, outcome: Outcome::Unchanged, notices: Vec::new() });
    }
    // Removals come last: what is cut short is there twice, and never lost.
    steps.sort_by_key(|step| step.text.is_empty());
    let mut notices = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        match put(root, &step.path, &step.text) {
            Ok(said) => notices.extend(said),
            Err(error) => {
                for done in steps[..index].iter().rev() {
                    put(root, &done.path, &done.there)?;
                }
                return Err(error);
            }
        }
    }
    Ok(Applied { inverse, file, outcome: Outcome::Written, notices })
}

fn steps<'a>(root: &Path, files: &'a [FileText]) -> Result<Vec<Step<'a>>, EditError> {
    let mut steps = Vec::with_capacity(files.len());
    for of in files {
        let path = plan::path_of(&of.file)?;
        let there = there(root, &path)?;
        let text = merged(&path, &of.now, &there, &of.then)?;
        if !text.is_empty() {
            PlanText::read(root, &of.file, text.clone().into_bytes())?;
        }
        steps.push(Step { of, path, there, text });
    }
    Ok(steps)
}

fn put(root: &Path, path: &Path, text: &str) -> Result<Vec<String>, EditError> {
    if text.is_empty() {
        return replace::remove(&root.join(path)).map(|()| Vec::new());
    }
    plan::write(root, path, text)
}
