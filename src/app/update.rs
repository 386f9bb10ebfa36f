//! The one place where the state changes.

use crate::domain::Now;

use super::history::Purpose;
use super::overlay::Palette;
use super::state::{Opening, Tone};
use super::{
    Effect, Intent, Message, Overlay, Panel, State, board, calendar, emergency, form, list, monitor, polling,
    rollback, snapshot, tracker,
};

/// Takes a message at an instant and answers with what the world should do.
pub fn update(state: &mut State, now: Now, message: Message) -> Vec<Effect> {
    state.now = state.now.max(now);
    state.now.wall = now.wall;
    if state.notice.as_ref().is_some_and(|notice| notice.until <= state.now.mono) {
        state.notice = None;
    }
    let mut effects = handle(state, message);
    super::person::keep(state);
    calendar::settle(state);
    emergency::settle(state);
    form::settle(state);
    effects.extend(monitor::judge::settle(state));
    monitor::watches::settle(state);
    monitor::advice::settle(state);
    monitor::watches::take_stock(state);
    monitor::silences::remind(state);
    effects.extend(super::ring::settle(state));
    effects.extend(calendar::conflicts::judge(state));
    effects.extend(polling::ask_overdue(state));
    effects.extend(polling::poll(state));
    effects
}

fn handle(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Pointer(pointer) if state.overlays.is_empty() && state.panel == Panel::Calendar => {
            calendar::pointer(state, pointer)
        }
        Message::Tick | Message::Pointer(_) => Vec::new(),
        Message::Intent(intent) => intend(state, intent),
        Message::Typed(typed) => type_into(state, &typed),
        Message::Resized(columns, rows) => {
            state.size = (columns, rows);
            Vec::new()
        }
        Message::WorkspaceLoaded(workspace, problems) => {
            state.workspace = workspace;
            state.problems = problems;
            state.opening = Opening::Open;
            reconcile(state);
            Vec::new()
        }
        Message::WorkspaceFailed(why) => {
            // The last good one stays on screen; only a first reading can leave it empty.
            if state.opening == Opening::Open {
                state.say(Tone::Refused, why);
            } else {
                state.opening = Opening::Failed(why);
            }
            Vec::new()
        }
        Message::PersonLoaded(person, problems) => {
            super::person::adopt(state, person, &problems);
            Vec::new()
        }
        Message::PersonNamed(names) => {
            state.names = names;
            Vec::new()
        }
        Message::Answered { question, generation, result } => {
            let now = state.now;
            if state.remotes.answer(&question, generation, now, result) {
                monitor::answered(state, &question);
                if tracker::answered(state, &question) {
                    calendar::arrange_anew(state);
                }
                calendar::answered(state, &question);
                return super::show::answered(state, &question);
            }
            Vec::new()
        }
        Message::Metered { backend, more } => {
            state.budgets.charge(&state.workspace, &backend, more, state.now);
            Vec::new()
        }
        Message::EditSaved { number, inverse, notices } => {
            form::saved(state, number);
            let notices = [notices, tracker::notices(state, number)].concat();
            if let Some(words) = state.history.saved(number, inverse) {
                let placed = state.calendar.placed.iter().find(|placed| placed.number == number);
                let collides = placed.and_then(|placed| placed.collides.clone());
                let tone = if collides.is_some() { Tone::Refused } else { Tone::Done };
                // What collides comes first: the line may be cut.
                let words = [Vec::from_iter(collides), vec![words], notices].concat().join("; ");
                state.say(tone, words);
            }
            match state.history.take_waiting() {
                Some(purpose) => travel(state, purpose),
                None => Vec::new(),
            }
        }
        Message::EditFailed { number, why } => {
            let title = state.history.refused(number).unwrap_or_default();
            tracker::notices(state, number);
            calendar::refused(state, number);
            form::refused(state, number, &why);
            state.say(Tone::Refused, format!("not saved: {title}: {why}"));
            Vec::new()
        }
        Message::HistoryLoaded(edits) => {
            state.history.load(edits);
            Vec::new()
        }
        Message::FileEdited(edit) => save(state, edit),
        Message::TextEdited(text) => {
            form::text_edited(state, &text);
            Vec::new()
        }
        Message::Pushed(push, outcome) => {
            tracker::pushed(state, &push, *outcome);
            Vec::new()
        }
        Message::Silenced(request, created) => {
            monitor::silences::silenced(state, &request, &created);
            Vec::new()
        }
        Message::Expired(outcomes) => {
            monitor::silences::expired(state, &outcomes);
            Vec::new()
        }
        Message::Judged { number, result } => {
            calendar::conflicts::judged(state, number, result);
            calendar::golive::reconcile(state);
            calendar::slots::reconcile(state)
        }
        Message::Assessed { number, result } => {
            monitor::judge::assessed(state, number, result);
            Vec::new()
        }
        Message::SlotsFound { number, result } => {
            calendar::slots::found(state, number, result);
            Vec::new()
        }
        Message::Copied(Ok(bytes)) => {
            state.say(Tone::Done, format!("copied {bytes} bytes"));
            Vec::new()
        }
        Message::Copied(Err(why)) | Message::EditorFailed(why) => {
            state.say(Tone::Refused, why);
            Vec::new()
        }
        Message::Noticed(text) => {
            state.say(Tone::Done, text);
            Vec::new()
        }
    }
}

fn reconcile(state: &mut State) {
    if state.release.as_ref().is_some_and(|id| state.workspace.release(id).is_none()) {
        state.release = None;
    }
    emergency::reconcile(state);
    form::rebase(state);
    tracker::reconcile(state);
    calendar::reconcile(state);
    board::reconcile(state);
    monitor::reconcile(state);
    rollback::reconcile(state);
}

fn intend(state: &mut State, intent: Intent) -> Vec<Effect> {
    if !state.overlays.is_empty()
        && let Some(effects) = in_overlay(state, intent)
    {
        return effects;
    }
    let by_panel = match state.panel {
        Panel::Calendar => calendar::handle(state, intent),
        Panel::Board => board::handle(state, intent),
        Panel::Monitor => monitor::handle(state, intent),
        Panel::Rollback => rollback::handle(state, intent),
    };
    by_panel.unwrap_or_else(|| everywhere(state, intent))
}

/// What an intent means whatever the panel.
fn everywhere(state: &mut State, intent: Intent) -> Vec<Effect> {
    match intent {
        Intent::Quit if monitor::silences::holds_back(state) => {}
        Intent::Quit => return tracker::leave(state),
        Intent::Suspend => return vec![Effect::Suspend],
        Intent::Redraw => return vec![Effect::Redraw],
        Intent::ShowPanel(panel) => show(state, panel),
        Intent::NextPanel => show(state, neighbour(state.panel, 1)),
        Intent::PreviousPanel => show(state, neighbour(state.panel, 3)),
        Intent::QuickAdd => form::quick_add(state, ""),
        Intent::StopTheLine => form::stop_the_line(state),
        Intent::ShowHelp => state.overlays.push(Overlay::Help(0)),
        Intent::ShowRunOfShow => return super::show::open(state, super::show::Screen::Steps),
        Intent::ShowWarRoom => return super::show::open(state, super::show::Screen::WarRoom),
        Intent::ShowProblems => state.overlays.push(Overlay::Problems(0)),
        Intent::ShowBackends => state.overlays.push(Overlay::Backends(0)),
        Intent::ShowEdits => state.overlays.push(Overlay::Edits(0)),
        Intent::ShowPalette => state.overlays.push(Overlay::Palette(Palette::new(state.here()))),
        Intent::EditFilter => {
            let before = state.filter().to_owned();
            let line = super::line_edit::LineEdit::new(before.clone());
            state.overlays.push(Overlay::Filter { line, before });
        }
        Intent::Refresh => {
            polling::refresh(state);
            state.say(Tone::Done, "asking everything on screen again");
        }
        Intent::NextZone => {
            let zones = state.zones();
            let at = zones.iter().position(|zone| *zone == state.zone).map_or(0, |index| index + 1);
            state.zone = zones[at % zones.len()];
            state.person.time_zone = Some(state.zone);
            let name = state.zone.name();
            state.say(Tone::Done, format!("times are shown in {name}"));
            return vec![Effect::KeepPerson];
        }
        Intent::NextTheme => return vec![Effect::UseTheme(String::new())],
        Intent::Undo => return travel(state, Purpose::Undo),
        Intent::Redo => return travel(state, Purpose::Redo),
        Intent::CopyText => {
            let text = match state.panel {
                Panel::Calendar => calendar::selected_text(state),
                Panel::Board => board::selected_text(state),
                Panel::Monitor => monitor::selected_text(state),
                Panel::Rollback => rollback::selected_text(state),
            };
            match text {
                Some(text) => return vec![Effect::Copy(text)],
                None => state.say(Tone::Refused, "nothing is selected"),
            }
        }
        Intent::CopyJson => return vec![Effect::Copy(snapshot::of(state).to_string())],
        Intent::Back if !state.filter().is_empty() => state.set_filter(String::new()),
        _ => {}
    }
    Vec::new()
}

fn show(state: &mut State, panel: Panel) {
    state.overlays.clear();
    state.panel = panel;
}

fn neighbour(panel: Panel, steps: usize) -> Panel {
    let index = Panel::ALL.iter().position(|candidate| *candidate == panel).unwrap_or(0);
    Panel::ALL[(index + steps) % Panel::ALL.len()]
}

/// Saves an edit that the person made.
pub fn save(state: &mut State, edit: crate::domain::Edit) -> Vec<Effect> {
    if !state.workspace.is_writable() {
        state.say(Tone::Refused, "this workspace is read-only: `tminus init` makes one that can be changed");
        return Vec::new();
    }
    let number = state.history.begin(&edit, Purpose::Do);
    vec![Effect::Save { number, edit }]
}

fn travel(state: &mut State, purpose: Purpose) -> Vec<Effect> {
    if state.history.unsaved() > 0 {
        state.history.wait(purpose);
        return Vec::new();
    }
    let edit = match purpose {
        Purpose::Undo => state.history.take_undo(),
        _ => state.history.take_redo(),
    };
    let Some(edit) = edit else {
        let what = if purpose == Purpose::Undo { "nothing to take back" } else { "nothing to do again" };
        state.say(Tone::Refused, what);
        return Vec::new();
    };
    let number = state.history.begin(&edit, purpose);
    vec![Effect::Save { number, edit }]
}

/// What an intent means to the topmost window; `None`: it goes to what is below.
fn in_overlay(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    if let Some(Overlay::Form(_)) = state.overlays.last() {
        return form::handle(state, intent);
    }
    if let Some(Overlay::Show(_)) = state.overlays.last() {
        return super::show::handle(state, intent);
    }
    if matches!(intent, Intent::ShowPanel(_) | Intent::Quit | Intent::Suspend | Intent::Redraw) {
        return None;
    }
    if let Some(effects) = calendar::golive::in_dialog(state, intent) {
        return Some(effects);
    }
    if let Some(effects) = calendar::slots::in_finder(state, intent) {
        return Some(effects);
    }
    if calendar::conflicts::in_list(state, intent) {
        return Some(Vec::new());
    }
    let page = state.feedback.list(super::ListId::Overlay).map_or(10, |(_, rows)| rows.max(1));
    let page_step = isize::try_from(page).unwrap_or(1);
    let overlay = state.overlays.last_mut()?;
    let by = match intent {
        Intent::ScrollList(super::ListId::Overlay, rows) => isize::from(rows),
        _ => list::walked(intent, page_step).unwrap_or(0),
    };
    match (overlay, intent) {
        (Overlay::Filter { before, .. }, Intent::Back) => {
            let before = std::mem::take(before);
            state.overlays.pop();
            state.set_filter(before);
        }
        (Overlay::Filter { .. }, Intent::Open) => {
            state.overlays.pop();
            return Some(vec![Effect::KeepPerson]);
        }
        (Overlay::Palette(palette), Intent::Open) => {
            let chosen = palette.matches().get(palette.selected).map(|command| command.intent);
            state.overlays.pop();
            return Some(chosen.map_or_else(Vec::new, |intent| intend(state, intent)));
        }
        (Overlay::Palette(palette), Intent::SelectRow(super::ListId::Overlay, index)) => {
            palette.selected = index;
            return in_overlay(state, Intent::Open);
        }
        (Overlay::Palette(palette), _) if by != 0 => {
            palette.selected = list::step(palette.selected, by, palette.matches().len());
        }
        (Overlay::Layers(selected), Intent::Open) => {
            let selected = *selected;
            return Some(calendar::layers::toggle(state, selected));
        }
        (Overlay::Layers(selected), Intent::SelectRow(super::ListId::Overlay, index)) => {
            *selected = index;
            return in_overlay(state, Intent::Open);
        }
        (Overlay::Layers(selected), _) if by != 0 => {
            let layers = calendar::layers::layers_of(&state.workspace).len();
            *selected = list::step(*selected, by, layers);
        }
        // How far a text scrolls is known when it is drawn; drawing clamps, and so does this.
        (Overlay::Help(top) | Overlay::Problems(top) | Overlay::Backends(top) | Overlay::Edits(top), _)
            if by != 0 =>
        {
            let drawn = state.feedback.list(super::ListId::Overlay).map_or(*top, |(drawn, _)| drawn);
            *top = drawn.saturating_add_signed(by).min(100_000);
        }
        (Overlay::Push(_), Intent::Open) => return Some(tracker::push::confirm(state)),
        (Overlay::Versions(list), _) if intent != Intent::Back => {
            let list = *list;
            return Some(tracker::list::handle(state, list, intent, by).unwrap_or_default());
        }
        (_, Intent::Back) => {
            state.overlays.pop();
        }
        _ => {}
    }
    Some(Vec::new())
}

fn type_into(state: &mut State, typed: &super::message::Typed) -> Vec<Effect> {
    match state.overlays.last_mut() {
        Some(Overlay::Palette(palette)) => {
            palette.line.apply(typed);
            palette.selected = 0;
        }
        Some(Overlay::Filter { line, .. }) => {
            line.apply(typed);
            let filter = line.text().to_owned();
            state.set_filter(filter);
        }
        Some(Overlay::Form(_)) => form::type_into(state, typed),
        Some(Overlay::Push(dialog)) => dialog.apply(typed),
        Some(Overlay::Show(_)) => super::show::type_into(state, typed),
        _ => {}
    }
    Vec::new()
}
