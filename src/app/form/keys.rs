//! What the keys do in a form, and what happens to it when files and edits answer.

use super::offers::{Asked, Chosen};
use super::{
    Ask, Button, Control, Field, Form, Meaning, Name, Setting, Stand, Subject, Tried, quick, release, stage,
    step, window,
};
use crate::app::message::Typed;
use crate::app::monitor::silences;
use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, Overlay, State, calendar, list, show, update};
use crate::domain::Workspace;

/// What forms are filled in against.
pub fn setting<'a>(state: &'a State, workspace: &'a Workspace) -> Setting<'a> {
    let known = state.names.iter().find(|name| super::offers::is_person(workspace, name));
    let me = known.or(state.names.first()).map(String::as_str);
    Setting { workspace, now: state.now.wall, zone: state.zone, me }
}

/// Does something with the topmost form, which is read again after it.
fn with<T>(state: &mut State, act: impl FnOnce(&mut Form, &Setting<'_>) -> T) -> Option<T> {
    let Some(Overlay::Form(mut form)) = state.overlays.pop() else { return None };
    let workspace = state.workspace.clone();
    let setting = setting(state, &workspace);
    let answer = act(&mut form, &setting);
    form.read(&setting);
    state.overlays.push(Overlay::Form(form));
    Some(answer)
}

/// Takes what was typed into the field that has the keys.
pub fn type_into(state: &mut State, typed: &Typed) {
    let refused = with(state, |form, setting| {
        if form.stand == Stand::AskedToLeave {
            form.stand = Stand::Open;
        }
        if let Some(field) = form.fields.get_mut(form.focus) {
            // What was pasted was not read.
            if field.name == Name::Confirm && matches!(typed, Typed::Paste(_)) {
                return true;
            }
            field.apply(typed);
        }
        let grows = !matches!(typed, Typed::Left | Typed::Right | Typed::Home | Typed::End);
        if grows {
            form.offer(setting, Asked::No);
        } else {
            form.popup = None;
        }
        false
    });
    if refused == Some(true) {
        state.say(Tone::Refused, "type it: a paste confirms nothing");
    }
}

/// Enter on a name that was typed to confirm something, or on a quick line, means it.
fn is_on_confirmation(state: &State) -> bool {
    let Some(Overlay::Form(form)) = state.overlays.last() else { return false };
    let has_chosen = form.popup.as_ref().is_some_and(|popup| popup.chosen == Chosen::Yes);
    let means_it = |field: &Field| matches!(field.name, Name::Confirm | Name::Line);
    !has_chosen && form.fields.get(form.focus).is_some_and(means_it)
}

/// Hands the field's text to the person's editor, where it is one of several lines.
fn edit_outside(state: &mut State) -> Vec<Effect> {
    let field = match state.overlays.last() {
        Some(Overlay::Form(form)) => form.fields.get(form.focus).filter(|field| field.is_text()),
        _ => None,
    };
    let Some(text) = field.map(|field| field.value().to_owned()) else {
        state.say(Tone::Refused, "only a text of several lines opens in your editor");
        return Vec::new();
    };
    vec![Effect::EditText { name: "notes.md".to_owned(), text }]
}

/// Takes the text of the field that has the keys, as it came back from the person's editor.
pub fn text_edited(state: &mut State, text: &str) {
    with(state, |form, _| {
        form.popup = None;
        if let Some(field) = form.fields.get_mut(form.focus) {
            field.fill(text);
        }
    });
}

/// Carries out what the person wants of the topmost form; `None`: it is none of the form's.
pub fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    match intent {
        Intent::Suspend | Intent::Redraw | Intent::Quit | Intent::CopyJson => return None,
        Intent::SaveForm => return Some(save(state)),
        Intent::EditFile => return Some(edit_outside(state)),
        Intent::Open if is_on_confirmation(state) => return Some(save(state)),
        Intent::Back => leave(state),
        Intent::ScrollList(ListId::Form, rows) => {
            let by = isize::from(rows.signum());
            with(state, |form, _| form.step(by));
        }
        intent => {
            with(state, |form, setting| form.act(setting, intent));
        }
    }
    Some(Vec::new())
}

impl Form {
    fn act(&mut self, setting: &Setting<'_>, intent: Intent) {
        if self.stand == Stand::AskedToLeave {
            self.stand = Stand::Open;
        }
        match intent {
            Intent::NextField => {
                let unfinished = self.takes_on_leaving() && self.goes_on_after_offer();
                self.take_on_leaving();
                if !unfinished {
                    self.step(1);
                }
            }
            Intent::PreviousField => {
                self.take_on_leaving();
                self.step(-1);
            }
            Intent::Up => self.up_or_down(-1),
            Intent::Down => self.up_or_down(1),
            Intent::PageUp => self.page(-1),
            Intent::PageDown => self.page(1),
            Intent::Open => self.enter(setting),
            Intent::ShowOffers if self.popup.is_some() => self.up_or_down(1),
            Intent::ShowOffers => self.offer(setting, Asked::Yes),
            Intent::AddPart => self.add_stage(setting),
            Intent::RemovePart => self.remove_stage(),
            Intent::ResetField => self.reset(),
            Intent::SelectRow(ListId::Form, index) => self.click(setting, index),
            Intent::SelectRow(ListId::Offers, index) => {
                if let Some(popup) = &mut self.popup {
                    popup.selected = index;
                }
                self.take_offer();
            }
            _ => {}
        }
    }

    /// Moves the focus some fields on; it stops at the ends.
    pub(super) fn step(&mut self, by: isize) {
        self.popup = None;
        let shown: Vec<usize> = (0..self.fields.len()).filter(|index| self.is_shown(*index)).collect();
        let here = shown.iter().position(|index| *index >= self.focus).unwrap_or(0);
        self.focus = shown.get(list::step(here, by, shown.len())).copied().unwrap_or(0);
    }

    /// To the first field of the part before or after: the form's own, or a stage.
    fn page(&mut self, by: isize) {
        self.popup = None;
        let starts: Vec<usize> = (0..self.fields.len())
            .filter(|index| *index == 0 || self.fields[*index].section != self.fields[*index - 1].section)
            .collect();
        let here = starts.iter().rposition(|start| *start <= self.focus).unwrap_or(0);
        let is_inside = by < 0 && self.focus > starts[here];
        let to = if is_inside { here } else { list::step(here, by, starts.len()) };
        self.focus = if by > 0 && to == here { self.fields.len().saturating_sub(1) } else { starts[to] };
    }

    fn up_or_down(&mut self, by: isize) {
        if let Some(popup) = &mut self.popup {
            if popup.chosen == Chosen::Yes || popup.selected > 0 || by > 0 {
                let first = popup.chosen == Chosen::No && by > 0;
                let by = if first { 0 } else { by };
                popup.selected = list::step(popup.selected, by, popup.words.len());
            }
            popup.chosen = Chosen::Yes;
            return;
        }
        let moved = match self.fields.get_mut(self.focus).map(|field| &mut field.control) {
            Some(Control::Text { text, .. }) => {
                if by < 0 {
                    text.up()
                } else {
                    text.down()
                }
            }
            _ => false,
        };
        if !moved {
            self.step(by);
        }
    }

    fn take_on_leaving(&mut self) {
        if self.takes_on_leaving() {
            self.take_offer();
        }
        self.popup = None;
    }

    fn enter(&mut self, setting: &Setting<'_>) {
        if self.takes_on_leaving() {
            self.take_offer();
            return;
        }
        self.popup = None;
        match self.fields.get_mut(self.focus).map(|field| &mut field.control) {
            Some(Control::Text { text, .. }) => text.break_line(),
            Some(Control::Button(Button::AddStage)) => self.add_stage(setting),
            _ => self.step(1),
        }
    }

    fn click(&mut self, setting: &Setting<'_>, index: usize) {
        let again = index == self.focus;
        self.popup = None;
        self.focus = index.min(self.fields.len().saturating_sub(1));
        match self.fields.get_mut(self.focus).map(|field| &mut field.control) {
            Some(Control::Choice { .. }) if again => {
                if let Some(field) = self.fields.get_mut(self.focus) {
                    field.apply(&Typed::Right);
                }
            }
            Some(Control::Button(Button::AddStage)) => self.add_stage(setting),
            _ => {}
        }
    }

    /// Another stage, after the last, which begins where that one ends.
    fn add_stage(&mut self, setting: &Setting<'_>) {
        if !self.has_stages() {
            return;
        }
        self.popup = None;
        let start = self.sections.last().and_then(|last| stage::end_of(self, *setting, last.id));
        self.focus = self.push_section(setting.workspace, None, start);
    }

    fn remove_stage(&mut self) {
        let Some(section) = self.fields.get(self.focus).and_then(|field| field.section) else { return };
        self.popup = None;
        let first = self.fields.iter().position(|field| field.section == Some(section)).unwrap_or(0);
        self.fields.retain(|field| field.section != Some(section));
        self.sections.retain(|known| known.id != section);
        self.focus = first.min(self.fields.len().saturating_sub(1));
    }

    /// The field as the file has it, or as it was when the form was opened.
    fn reset(&mut self) {
        self.popup = None;
        if let Some(field) = self.fields.get_mut(self.focus) {
            let before = field.before.clone();
            field.fill(&before);
        }
    }
}

fn leave(state: &mut State) {
    let stays = with(state, |form, _| {
        if form.popup.take().is_some() {
            return true;
        }
        if form.is_touched()
            && form.stand != Stand::AskedToLeave
            && !matches!(form.stand, Stand::Saving(_) | Stand::Sending)
        {
            form.stand = Stand::AskedToLeave;
            return true;
        }
        false
    });
    if stays == Some(false) {
        state.overlays.pop();
    }
}

fn save(state: &mut State) -> Vec<Effect> {
    let edit = with(state, |form, setting| {
        if matches!(form.stand, Stand::Saving(_) | Stand::Sending) {
            return Outcome::Waits;
        }
        if form.subject == Subject::QuickAdd {
            // Enter takes the line as it stands.
            form.popup = None;
        }
        form.take_on_leaving();
        form.tried = Tried::Yes;
        form.stand = Stand::Open;
        if let Some(edit) = form.read(setting) {
            return Outcome::Edit(edit);
        }
        if let Some(ask) = form.ask.take() {
            form.stand = Stand::Sending;
            return Outcome::Ask(ask);
        }
        match form.fields.iter().position(Field::is_wrong) {
            Some(first) => {
                if !form.fields.get(form.focus).is_some_and(Field::is_wrong) {
                    form.focus = first;
                }
                Outcome::Wrong(form.fields.iter().filter(|field| field.is_wrong()).count())
            }
            None => Outcome::Nothing,
        }
    });
    match edit {
        Some(Outcome::Edit(edit)) => {
            let effects = update::save(state, edit);
            let number = effects.iter().find_map(|effect| match effect {
                Effect::Save { number, .. } => Some(*number),
                _ => None,
            });
            let why = state.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
            with(state, |form, _| form.stand = number.map_or(Stand::Refused(why), Stand::Saving));
            return effects;
        }
        Some(Outcome::Ask(Ask::Silence(request))) => return silences::send(state, *request),
        Some(Outcome::Ask(Ask::Expire(endings))) => return silences::send_endings(state, endings),
        Some(Outcome::Wrong(count)) => {
            let fields = if count == 1 { "1 field is" } else { &format!("{count} fields are") };
            state.say(Tone::Refused, format!("not saved: {fields} not right yet"));
        }
        Some(Outcome::Nothing) => {
            state.overlays.pop();
            state.say(Tone::Done, "nothing changed");
        }
        Some(Outcome::Waits) | None => {}
    }
    Vec::new()
}

/// What saving a form comes to.
enum Outcome {
    Edit(crate::domain::Edit),
    Ask(Ask),
    Wrong(usize),
    Nothing,
    Waits,
}

/// Where the form with an edit of this number is among the overlays.
fn waiting(state: &State, number: u64) -> Option<usize> {
    let waits =
        |overlay: &Overlay| matches!(overlay, Overlay::Form(form) if form.stand == Stand::Saving(number));
    state.overlays.iter().position(waits)
}

/// An edit is on disk: the form that waited for it goes, and what it made is shown.
pub fn saved(state: &mut State, number: u64) {
    let Some(index) = waiting(state, number) else { return };
    let Overlay::Form(form) = state.overlays.remove(index) else { return };
    let workspace = state.workspace.clone();
    let setting = setting(state, &workspace);
    if let Some(step) = step::lands(&form, setting) {
        return show::select_step(state, step);
    }
    if let Some(id) = form.renamed() {
        return calendar::renamed(state, &form.subject, id);
    }
    if form.subject == Subject::NewWindow
        && let Some((window, start)) = window::lands(&form, setting)
    {
        return calendar::select_window(state, window, start);
    }
    let lands = match form.subject {
        Subject::NewRelease => release::lands(&form, setting),
        Subject::QuickAdd => quick::lands(&form, setting),
        _ => None,
    };
    if let Some((release, start)) = lands {
        state.calendar.focus = start.unwrap_or(state.calendar.focus);
        calendar::select_release(state, release);
    }
}

/// What a form asked of the world ended: it goes where that went well, and else stays, with why.
/// Whether there was one.
pub fn sent(state: &mut State, good: bool, words: &str) -> bool {
    let waits = |overlay: &Overlay| matches!(overlay, Overlay::Form(form) if form.stand == Stand::Sending);
    let Some(index) = state.overlays.iter().position(waits) else { return false };
    if good {
        state.overlays.remove(index);
    } else if let Some(Overlay::Form(form)) = state.overlays.get_mut(index) {
        form.stand = Stand::Refused(words.to_owned());
    }
    true
}

/// An edit could not be saved: the form that waited for it stays, with everything typed.
pub fn refused(state: &mut State, number: u64, why: &str) {
    let Some(index) = waiting(state, number) else { return };
    if let Some(Overlay::Form(form)) = state.overlays.get_mut(index) {
        form.stand = Stand::Refused(why.to_owned());
    }
}

impl Form {
    /// Everything wrong with it that is said, for tests and scripts.
    pub fn wrongs(&self) -> Vec<(Name, &str)> {
        let said = self.fields.iter().flat_map(|field| {
            let wrong = field.said.iter().filter(|(meaning, _)| *meaning == Meaning::Wrong);
            wrong.map(|(_, text)| (field.name, text.as_str()))
        });
        said.collect()
    }
}
