//! A release's text, changed where it must be and nowhere else: the bytes around a value
//! (comments, order, unknown keys, line ends) are never written anew.

use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use toml::de::{DeTable, DeValue};

use super::plan::{self, Written};
use super::times;
use super::{EditError, file_of};
use crate::domain::edit::StageMove;
use crate::domain::{Release, Severity, Stage, Status};
use crate::store::read::{names::Names, releases, values, workspace};
use crate::store::report::{Report, place};

/// A release's file: its text, and what it says.
pub struct ReleaseText {
    file: PathBuf,
    text: String,
    has_mark: bool,
    release: Release,
    notices: Vec<String>,
}

impl ReleaseText {
    /// Reads bytes as this release's file; a file with an error is none.
    pub fn read(root: &Path, id: &str, bytes: Vec<u8>) -> Result<Self, EditError> {
        let file = file_of(id)?;
        let Written { text, has_mark } = plan::written(&file, bytes)?;
        let broken = |problems| EditError::Broken { file: file.clone(), problems };
        // Only the zones matter here: what else is wrong with the workspace is said elsewhere.
        let mut names = Names { windows_partial: true, ..Names::default() };
        let zone = workspace::read_zones(root, &mut names);
        names.partial = true;
        let mut report = Report::new(&file, &text);
        let release = releases::read(id, &mut report, &text, &names, zone);
        let problems = report.finish();
        match release {
            Some(release) => {
                let notices = problems.into_iter().map(|problem| problem.message).collect();
                Ok(Self { file, text, has_mark, release, notices })
            }
            None => Err(broken(problems)),
        }
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What should be known of it: local times that occur twice.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// What it says.
    pub fn into_release(self) -> Release {
        self.release
    }

    /// Whether the file begins with a byte order mark.
    pub fn has_mark(&self) -> bool {
        self.has_mark
    }

    /// The text with some stages elsewhere.
    pub fn move_stages(&self, moves: &[StageMove]) -> Result<String, EditError> {
        let document = self.document()?;
        let mut changes = Vec::new();
        for StageMove { stage: index, from, to } in moves {
            let stage = self.stage(*index)?;
            if (stage.start, stage.end) != *from {
                return Err(EditError::changed(format!("stage {index} of `{}`", self.release.id)));
            }
            if to.1 <= to.0 {
                let what = "the stage would end before it starts";
                return Err(EditError::refused(what, "choose a later end"));
            }
            for (key, before, after) in [("start", from.0, to.0), ("end", from.1, to.1)] {
                if before != after {
                    let span = self.span_of_time(document.get_ref(), *index, key)?;
                    let text = self.written(stage, &span)?.at(after);
                    changes.push((span, text));
                }
            }
        }
        Ok(self.spliced(changes))
    }

    fn stage(&self, index: usize) -> Result<&Stage, EditError> {
        self.release.stages.get(index).ok_or_else(|| {
            EditError::refused(
                format!("the release `{}` has {} stages", self.release.id, self.release.stages.len()),
                "`tminus release show` lists them",
            )
        })
    }

    /// The text with every stage moved on the wall.
    pub fn move_all(&self, by: TimeDelta) -> Result<String, EditError> {
        if by.is_zero() {
            return Ok(self.text.clone());
        }
        let document = self.document()?;
        let mut changes = Vec::new();
        for (index, stage) in self.release.stages.iter().enumerate() {
            for key in ["start", "end"] {
                let span = self.span_of_time(document.get_ref(), index, key)?;
                let moved = self.written(stage, &span)?.moved(by);
                let text = moved.map_err(|what| {
                    let place = format!("stage {index} of `{}`: {what}", self.release.id);
                    EditError::refused(place, "move it by another amount")
                })?;
                changes.push((span, text));
            }
        }
        Ok(self.spliced(changes))
    }

    /// The text with another status.
    pub fn set_status(&self, from: Status, to: Status) -> Result<String, EditError> {
        if self.release.status != from {
            let what =
                format!("the status of `{}` (it is {} now)", self.release.id, self.release.status.word());
            return Err(EditError::changed(what));
        }
        if from == to {
            return Ok(self.text.clone());
        }
        let document = self.document()?;
        let span = document.get_ref().get("status").map(toml::Spanned::span);
        let new = format!("\"{}\"", to.word());
        Ok(match span {
            Some(span) => self.spliced(vec![(span, new)]),
            None => self.with_line(document.get_ref(), &format!("status = {new}")),
        })
    }

    fn document(&self) -> Result<toml::Spanned<DeTable<'_>>, EditError> {
        DeTable::parse(&self.text).map_err(|error| {
            let problem = place(
                Severity::Error,
                &self.file,
                &self.text,
                &error.span().unwrap_or(0..0),
                error.message(),
            );
            EditError::Broken { file: self.file.clone(), problems: vec![problem] }
        })
    }

    fn span_of_time(
        &self,
        document: &DeTable<'_>,
        stage: usize,
        key: &str,
    ) -> Result<Range<usize>, EditError> {
        let span = document
            .get("stage")
            .and_then(|value| value.get_ref().as_array())
            .and_then(|list| list.get(stage))
            .and_then(|value| value.get_ref().as_table())
            .and_then(|table| table.get(key))
            .map(toml::Spanned::span);
        span.ok_or_else(|| EditError::changed(format!("stage {stage} of `{}`", self.release.id)))
    }

    fn written(&self, stage: &Stage, span: &Range<usize>) -> Result<times::Written<'_>, EditError> {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let time = text.trim().parse().ok().and_then(|datetime| values::wall_time(&datetime));
        match time {
            Some(time) => Ok(times::Written { text, time, zone: stage.time_zone }),
            None => Err(EditError::refused(
                format!("`{text}` in {} is not a time", self.file.display()),
                "write a date and time there",
            )),
        }
    }

    fn spliced(&self, mut changes: Vec<(Range<usize>, String)>) -> String {
        changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut text = self.text.clone();
        for (span, new) in changes {
            text.replace_range(span, &new);
        }
        text
    }

    /// A new line among the keys at the top of the file, after the last of them.
    fn with_line(&self, table: &DeTable<'_>, line: &str) -> String {
        let break_ = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let is_plain = |value: &DeValue<'_>| !value.is_table() && !value.is_array();
        let last =
            table.values().filter(|value| is_plain(value.get_ref())).map(|value| value.span().end).max();
        let mut text = self.text.clone();
        match last {
            None => text.insert_str(0, &format!("{line}{break_}")),
            Some(end) => match text[end..].find('\n') {
                Some(at) => text.insert_str(end + at + 1, &format!("{line}{break_}")),
                None => text.push_str(&format!("{break_}{line}{break_}")),
            },
        }
        text
    }
}
