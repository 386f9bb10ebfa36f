//! A stage that is moved keeps what its times meant when it was moved, where it kept that before.

use std::path::Path;

use toml::de::DeTable;

use super::EditError;
use super::patch::value::{Lines, text};
use super::release::ReleaseText;
use crate::domain::Edit;
use crate::domain::pinned::Pinned;

/// The text with the key `resolved` of the stages that an edit moves as it is by now.
pub fn renewed(root: &Path, release: &str, edit: &Edit, written: String) -> Result<String, EditError> {
    if !written.contains("resolved") {
        return Ok(written);
    }
    let after = ReleaseText::read(root, release, written.clone().into_bytes())?.into_release();
    let moved: Vec<usize> = match edit {
        Edit::MoveStage { stage, .. } => vec![*stage],
        Edit::MoveStages { stages, .. } => stages.iter().map(|moved| moved.stage).collect(),
        Edit::MoveRelease { .. } => (0..after.stages.len()).collect(),
        _ => return Ok(written),
    };
    let Ok(document) = DeTable::parse(&written) else { return Ok(written) };
    let stages = document.get_ref().get("stage").and_then(|value| value.get_ref().as_array());
    let mut changes = Vec::new();
    for index in moved {
        let table = stages.and_then(|stages| stages.get(index)).and_then(|stage| stage.get_ref().as_table());
        let span = table.and_then(|table| table.get("resolved")).map(toml::Spanned::span);
        let (Some(span), Some(stage)) = (span, after.stages.get(index)) else { continue };
        let pinned = Pinned::new(stage.start, stage.end, stage.time_zone);
        changes.push((span, text(&pinned.value(), Lines::One)?));
    }
    changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut renewed = written.clone();
    for (span, new) in changes {
        renewed.replace_range(span, &new);
    }
    Ok(renewed)
}
