//! Taking an edit back: the text before it is put there again, and what others changed elsewhere
//! in the file meanwhile stays (a merge of three texts, as `git merge` does it).

use std::path::Path;

use super::plan::{self, PlanText};
use super::{Applied, EditError, Outcome, merge, replace};
use crate::domain::{Edit, PlanFile, Problem};

/// Whether `then` could be put where `now` was written; nothing is written.
pub fn check(root: &Path, file: &PlanFile, now: &str, then: &str) -> Result<(), EditError> {
    let path = plan::path_of(file)?;
    let text = merged(&path, now, &there(root, &path)?, then)?;
    if !text.is_empty() {
        PlanText::read(root, file, text.into_bytes())?;
    }
    Ok(())
}

/// The text of a file of the plan as it is now; none stands for no file.
pub fn text_of(root: &Path, file: &PlanFile) -> Result<String, EditError> {
    there(root, &plan::path_of(file)?)
}

/// A file's text as it is now; none stands for no file.
pub(super) fn there(root: &Path, path: &Path) -> Result<String, EditError> {
    match plan::bytes_of(root, path)? {
        Some(bytes) => String::from_utf8(bytes)
            .map_err(|_| EditError::refused(format!("{} is not UTF-8", path.display()), "save it as UTF-8")),
        None => Ok(String::new()),
    }
}

/// Puts `then` where `now` was written. No text stands for no file.
pub fn restore(
    root: &Path,
    file: &PlanFile,
    title: &str,
    now: &str,
    then: &str,
) -> Result<Applied, EditError> {
    let path = plan::path_of(file)?;
    let there = there(root, &path)?;
    let text = merged(&path, now, &there, then)?;
    let inverse = |text: &str| Edit::Restore {
        file: file.clone(),
        title: title.to_owned(),
        now: text.to_owned(),
        then: there.clone(),
    };
    if text == there {
        let inverse = inverse(&text);
        return Ok(Applied { inverse, file: path, outcome: Outcome::Unchanged, notices: Vec::new() });
    }
    if text.is_empty() {
        replace::remove(&root.join(&path))?;
        let inverse = inverse("");
        return Ok(Applied { inverse, file: path, outcome: Outcome::Written, notices: Vec::new() });
    }
    let read = PlanText::read(root, file, text.clone().into_bytes())?;
    let known =
        PlanText::read(root, file, there.clone().into_bytes()).map(|text| text.problems).unwrap_or_default();
    let said = |problem: &Problem| problem.message.clone();
    let mut notices: Vec<String> = read.news(&known).map(said).collect();
    notices.splice(0..0, plan::write(root, &path, &text)?);
    Ok(Applied { inverse: inverse(&text), file: path, outcome: Outcome::Written, notices })
}

pub(super) fn merged(path: &Path, now: &str, there: &str, then: &str) -> Result<String, EditError> {
    if there == now || there == then {
        return Ok(then.to_owned());
    }
    let name = path.display();
    if there.is_empty() {
        return Err(EditError::refused(format!("{name} is gone"), "nothing can be taken back in it"));
    }
    if now.is_empty() {
        return Err(EditError::changed(format!("{name} (somebody wrote another meanwhile)")));
    }
    if then.is_empty() {
        return Err(EditError::changed(format!(
            "{name} (it would be removed, with what others wrote in it)"
        )));
    }
    merge::three(now, there, then)
        .ok_or_else(|| EditError::changed(format!("{name} (the same lines were changed by somebody else)")))
}
