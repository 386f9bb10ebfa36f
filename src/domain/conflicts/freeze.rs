//! `freeze`: a stage touches a freeze that applies to it and does not allow its change type.

use super::{Code, Conflict, wording};
use crate::domain::almanac::Almanac;
use crate::domain::decision::{FreezeAnswer, Frozen, Subject, freezes};
use crate::domain::{Release, Stage};

/// One conflict a stage and occurrence.
pub(super) fn check(almanac: &Almanac, release: &Release, index: usize, out: &mut Vec<Conflict>) {
    let stage = &release.stages[index];
    let subject = Subject::of(release, stage);
    let denying = freezes(almanac, &subject, stage.start, stage.end).into_iter();
    out.extend(denying.filter(|frozen| frozen.answer == FreezeAnswer::Denies).map(|frozen| Conflict {
        code: Code::Freeze,
        release: release.id.clone(),
        stage: index,
        with: vec![frozen.window.id.clone()],
        with_stage: None,
        start: frozen.start,
        end: frozen.end,
        message: format!(
            "{} lies in the {}freeze {} for {}",
            wording::who(release, stage),
            if frozen.window.hard { "hard " } else { "" },
            wording::named(&frozen.window.title, &frozen.window.id),
            wording::length(frozen.start, frozen.end)
        ),
        way_out: way_out(&frozen, stage),
    }));
}

/// The freeze's end; where it only begins towards the stage's end, ending before it is nearer.
fn way_out(frozen: &Frozen<'_>, stage: &Stage) -> String {
    let exception = if frozen.window.hard {
        "nothing but its end lets this change type through"
    } else {
        "or ask for an exception"
    };
    let begins = frozen.occurrence.start;
    if stage.start < begins {
        format!("end it by {}, {exception}", wording::when(begins, stage))
    } else {
        format!("start it at {} or later, {exception}", wording::when(frozen.occurrence.end, stage))
    }
}
