//! `outside-window`: change windows apply to a stage and none contains it.

use super::{Code, Conflict, wording};
use crate::domain::almanac::Almanac;
use crate::domain::decision::{Subject, applies, opening, openings};
use crate::domain::{Release, WindowKind};

/// One conflict a stage, with the windows that apply.
pub(super) fn check(almanac: &Almanac, release: &Release, index: usize, out: &mut Vec<Conflict>) {
    let stage = &release.stages[index];
    let subject = Subject::of(release, stage);
    if opening(almanac, &subject, stage.start, stage.end).is_some() {
        return;
    }
    let mut with: Vec<String> =
        openings(almanac, &subject).into_iter().map(|window| window.id.clone()).collect();
    if with.is_empty() {
        return;
    }
    with.sort_unstable();
    let length = stage.end - stage.start;
    let next = almanac
        .starting_from(WindowKind::Change, stage.start)
        .filter(|(window, occurrence)| {
            occurrence.end - occurrence.start >= length && applies(window, &subject)
        })
        .map(|(window, occurrence)| {
            let start = wording::when(occurrence.start, stage);
            format!("start it at {start}, when {} opens", wording::named(&window.title, &window.id))
        })
        .next();
    out.push(Conflict {
        code: Code::OutsideWindow,
        release: release.id.clone(),
        stage: index,
        start: stage.start,
        end: stage.end,
        message: format!(
            "{} takes {} and lies wholly in no occurrence of {}",
            wording::who(release, stage),
            wording::length(stage.start, stage.end),
            wording::list(&with)
        ),
        way_out: next
            .unwrap_or_else(|| format!("move it wholly into one occurrence of {}", wording::list(&with))),
        with,
        with_stage: None,
    });
}
