//! `promotion-order`: a stage starts before the same release's stage in an earlier environment
//! ends. Regions play no part.

use super::{Code, Conflict, wording};
use crate::domain::{Release, Stage, Workspace};

/// At most one conflict a stage, told against the earlier stage that ends last.
pub(super) fn check(workspace: &Workspace, release: &Release, out: &mut Vec<Conflict>) {
    if release.stages.len() < 2 {
        return;
    }
    let rank = |stage: &Stage| workspace.environments.iter().position(|it| it.id == stage.environment);
    let ranks: Vec<Option<usize>> = release.stages.iter().map(rank).collect();
    for (index, stage) in release.stages.iter().enumerate() {
        let Some(own) = ranks[index] else { continue };
        let before =
            release.stages.iter().zip(&ranks).filter(|(_, rank)| rank.is_some_and(|rank| rank < own));
        let Some((last, _)) = before.max_by_key(|(earlier, _)| earlier.end) else { continue };
        if stage.start >= last.end {
            continue;
        }
        out.push(Conflict {
            code: Code::PromotionOrder,
            release: release.id.clone(),
            stage: index,
            with: Vec::new(),
            with_stage: None,
            start: stage.start,
            end: stage.end,
            message: format!(
                "{} starts {} before its stage in {} ends",
                wording::who(release, stage),
                wording::length(stage.start, last.end),
                wording::place(last)
            ),
            way_out: format!("start it at {} or later", wording::when(last.end, stage)),
        });
    }
}
