//! What the release of a form would collide with as it is typed: told, never asked about. The
//! same checker judges it that judges a move.

use crate::app::calendar::conflicts::{self, Judgement, Standing, counted, counts, told_of};
use crate::app::{Overlay, State, calendar};
use crate::domain::Release;
use crate::domain::conflicts::{Conflict, Severity};

use super::Form;

/// What a release would collide with, kept while neither it nor the judged plan changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Collisions {
    release: Release,
    judgement: Judgement,
    /// Blocks first, then by start.
    found: Vec<Conflict>,
}

/// What is told of a form's release.
#[derive(Debug, Clone, PartialEq)]
pub struct Telling<'f> {
    /// What collides, blocks first.
    pub entries: Vec<Entry<'f>>,
    /// What is not known, each in a sentence: nothing is called clear of what it would say.
    pub unknown: Vec<String>,
    /// How well the plan around it is known.
    pub standing: Standing,
}

/// One thing that it would collide with.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'f> {
    /// What collides.
    pub conflict: &'f Conflict,
    /// The rule and with what, where, and when: `freeze year-end  production · eu  Thu 26 Nov 14:00–16:00 CET`.
    pub head: String,
    /// With what and for how long, in a sentence.
    pub words: &'f str,
}

impl Telling<'_> {
    /// How many block and how many warn: `1 block, 2 warnings`; `None`: nothing that is known.
    pub fn counted(&self) -> Option<String> {
        counted(counts(self.entries.iter().map(|entry| entry.conflict)))
    }

    /// The worst of it; `None`: nothing that is known.
    pub fn worst(&self) -> Option<Severity> {
        conflicts::worst(self.entries.iter().map(|entry| entry.conflict))
    }
}

/// After every message: judges what is typed where it or the plan changed since.
pub fn settle(state: &mut State) {
    let Some(judgement) = state.calendar.conflicts.judgement().cloned() else { return };
    let Some(form) = state.overlays.iter_mut().rev().find_map(as_form) else { return };
    let Some(draft) = &form.draft else {
        form.collisions = None;
        return;
    };
    let is_known = form
        .collisions
        .as_ref()
        .is_some_and(|known| known.judgement == judgement && known.release == draft.release);
    if is_known {
        return;
    }
    let mut found = judgement.checker().what_if(&draft.release);
    // Stable: within a severity they stay by start.
    found.sort_by_key(Conflict::severity);
    form.collisions = Some(Collisions { release: draft.release.clone(), judgement, found });
}

/// Whether a form is open in which a release is typed.
pub fn is_about_release(state: &State) -> bool {
    let is_it = |overlay: &Overlay| matches!(overlay, Overlay::Form(form) if form.draft.is_some());
    state.overlays.iter().any(is_it)
}

fn as_form(overlay: &mut Overlay) -> Option<&mut Form> {
    match overlay {
        Overlay::Form(form) => Some(form),
        _ => None,
    }
}

/// What is told of a form's release; `None`: it is about none, or there is nothing to judge yet.
pub fn tell<'f>(state: &State, form: &'f Form) -> Option<Telling<'f>> {
    let draft = form.draft.as_ref()?;
    let found = form.collisions.as_ref().map(|known| known.found.as_slice()).unwrap_or_default();
    if draft.release.stages.is_empty() && found.is_empty() {
        return None;
    }
    let standing = conflicts::standing(state);
    let mut unknown = Vec::new();
    if standing == Standing::Unknown && state.calendar.conflicts.failed().is_none() {
        unknown.push("the plan is being judged: what this collides with is not known yet".to_owned());
    }
    unknown.extend(conflicts::unknown_of(state, &draft.release));
    match draft.unread {
        0 => {}
        1 => unknown.push("1 stage is not judged: where or when does not read, or is too far off".to_owned()),
        count => unknown
            .push(format!("{count} stages are not judged: where or when does not read, or is too far off")),
    }
    let entries = found.iter().map(|conflict| entry(state, &draft.release, conflict)).collect();
    Some(Telling { entries, unknown, standing })
}

fn entry<'f>(state: &State, release: &Release, conflict: &'f Conflict) -> Entry<'f> {
    let others = std::iter::once(&conflict.release).chain(&conflict.with);
    let with: Vec<&str> = others.filter(|it| **it != release.id).map(String::as_str).collect();
    let mut head = vec![format!("{} {}", conflict.code.word(), with.join(", ")).trim_end().to_owned()];
    // Of two releases one is told of the other: it may be the one that is typed, or not.
    let own = if conflict.release == release.id {
        Some(conflict.stage)
    } else {
        conflict.with_stage.filter(|_| conflict.names(&release.id))
    };
    if let Some(stage) = own.and_then(|stage| release.stages.get(stage)) {
        head.push(calendar::place(stage));
    }
    head.push(calendar::span(conflict.start, conflict.end, state.zone, state.now.wall));
    Entry { conflict, head: head.join("  "), words: told_of(conflict, &release.id) }
}

#[cfg(test)]
mod tests;
