//! `runway`: a stage's soak runs into a freeze that would deny it.

use super::{Code, Conflict, wording};
use crate::domain::Release;
use crate::domain::almanac::Almanac;
use crate::domain::decision::{Subject, runway};

/// One conflict a stage and occurrence: where the soak after the stage's end meets the freeze.
pub(super) fn check(almanac: &Almanac, release: &Release, index: usize, out: &mut Vec<Conflict>) {
    let stage = &release.stages[index];
    let Some(soak) = stage.soak else { return };
    let subject = Subject::of(release, stage);
    for frozen in runway(almanac, &subject, stage.end, Some(soak)) {
        let freeze = wording::named(&frozen.window.title, &frozen.window.id);
        let way_out = if frozen.occurrence.start > stage.end {
            let earlier = wording::when(frozen.occurrence.start - soak, stage);
            format!("end it by {earlier}, or soak for a shorter time")
        } else {
            format!("start it after {}", wording::when(frozen.occurrence.end, stage))
        };
        out.push(Conflict {
            code: Code::Runway,
            release: release.id.clone(),
            stage: index,
            with: vec![frozen.window.id.clone()],
            with_stage: None,
            start: frozen.start,
            end: frozen.end,
            message: format!(
                "{} soaks into the freeze {freeze} for {}",
                wording::who(release, stage),
                wording::length(frozen.start, frozen.end)
            ),
            way_out,
        });
    }
}
