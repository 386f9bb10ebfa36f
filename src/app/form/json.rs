//! The topmost form as JSON, with what is said about each field and what it would collide with.

use serde_json::{Value, json};

use crate::app::calendar::conflicts::document;
use crate::app::{Overlay, State};

use super::{Control, Field, Form, Meaning, Stand, Subject, tell};

/// The topmost form as JSON; `None`: none is open.
pub fn snapshot(state: &State) -> Option<Value> {
    let form = state.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Form(form) => Some(form),
        _ => None,
    })?;
    let (stand, why) = match &form.stand {
        Stand::Open => ("open", None),
        Stand::AskedToLeave => ("asked-to-leave", None),
        Stand::Saving(_) => ("saving", None),
        Stand::Sending => ("sending", None),
        Stand::Refused(why) => ("refused", Some(why)),
    };
    let fields = form
        .fields
        .iter()
        .enumerate()
        .filter(|(index, field)| form.is_shown(*index) && !matches!(field.control, Control::Button(_)));
    Some(json!({
        "kind": kind(&form.subject),
        "title": form.title(),
        "touched": form.is_touched(),
        "stand": stand,
        "refused": why,
        "about": form.about,
        "news": form.news,
        "fields": fields.map(|(index, field)| of_field(form, index, field)).collect::<Vec<_>>(),
        "conflicts": collisions(state, form),
    }))
}

fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::NewRelease => "new-release",
        Subject::Release(_) => "release",
        Subject::NewWindow => "new-window",
        Subject::QuickAdd => "quick-add",
        Subject::Window(_) => "window",
        Subject::Exception(..) => "exception",
        Subject::Stop => "stop-the-line",
        Subject::Lift(_) => "lift-the-stop",
        Subject::Cancel(_) => "cancel",
        Subject::Remove(_) => "remove",
        Subject::Skip(..) => "skip-occurrence",
        Subject::Also(_) => "add-occurrence",
        Subject::NewStep(_) => "new-step",
        Subject::Step(..) => "step",
        Subject::RemoveStep(..) => "remove-step",
        Subject::Watch(_, deed) => deed.word(),
        Subject::Silence(_) => "silence",
        Subject::Expire(..) => "end-silences",
    }
}

/// A field; its stage is counted from 0.
fn of_field(form: &Form, index: usize, field: &Field) -> Value {
    let said = |meaning: Meaning| -> Vec<&str> {
        let of_it = field.said.iter().filter(|(known, _)| *known == meaning);
        of_it.map(|(_, text)| text.as_str()).collect()
    };
    json!({
        "label": field.label,
        "stage": form.sections.iter().position(|section| Some(section.id) == field.section),
        "text": field.value(),
        "touched": field.is_touched(),
        "focused": index == form.focus,
        "errors": said(Meaning::Wrong),
        "notices": said(Meaning::Notice),
        "readings": said(Meaning::Reading),
    })
}

fn collisions(state: &State, form: &Form) -> Option<Value> {
    let telling = tell(state, form)?;
    Some(json!({
        "standing": telling.standing.word(),
        "unknown": telling.unknown,
        "found": telling.entries.iter().map(|entry| document(entry.conflict)).collect::<Vec<_>>(),
    }))
}
