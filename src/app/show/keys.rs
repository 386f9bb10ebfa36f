//! What the keys do in a run of show.

use super::{About, Screen, View, checks, deeds, reckoning, refuse, shows, view, view_mut, wanted_release};
use crate::app::message::Typed;
use crate::app::{Effect, Intent, ListId, Overlay, State, form, list};
use crate::domain::show::{Reckoned, StepDeed, words};

/// Opens the run of show of the selected release.
pub fn open(state: &mut State, screen: Screen) -> Vec<Effect> {
    let Some(release) = wanted_release(state) else {
        return refuse(state, "no release is selected: choose one of its stages first");
    };
    let view = View { release, screen, selected: None, asking: None };
    state.overlays.push(Overlay::Show(Box::new(view)));
    Vec::new()
}

/// Carries out what the person wants of the run of show on top; `None`: it goes to what is below.
pub fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    let view = view_mut(state)?;
    if view.asking.is_some() {
        return Some(match intent {
            Intent::Open => deeds::answer(state),
            Intent::Back => {
                view.asking = None;
                Vec::new()
            }
            _ => Vec::new(),
        });
    }
    match intent {
        Intent::Back => {
            state.overlays.pop();
        }
        Intent::ShowRunOfShow if view.screen == Screen::Steps => {
            state.overlays.pop();
        }
        Intent::ShowWarRoom if view.screen == Screen::Steps => view.screen = Screen::WarRoom,
        Intent::ShowRunOfShow | Intent::ShowWarRoom => view.screen = Screen::Steps,
        Intent::StartStep => return Some(deeds::to_selected(state, &StepDeed::Start)),
        Intent::FinishStep => return Some(deeds::to_selected(state, &StepDeed::Finish)),
        Intent::ReopenStep => return Some(deeds::to_selected(state, &StepDeed::Reopen)),
        Intent::SkipStep => return Some(deeds::ask_about_selected(state, About::Skip)),
        Intent::MoveStep => return Some(deeds::ask_about_selected(state, About::Move)),
        Intent::AddStep => {
            let release = view.release.clone();
            form::add_step(state, &release);
        }
        Intent::EditSelected => return Some(by_form(state, form::edit_step)),
        Intent::Remove => return Some(by_form(state, form::remove_step)),
        Intent::HoldCount => return Some(deeds::ask_to_hold(state)),
        Intent::ResumeCount => return Some(deeds::resume(state)),
        Intent::CheckStep => return Some(checks::ask(state)),
        Intent::NextPeriod => return Some(turn(state, 1)),
        Intent::PreviousPeriod => return Some(turn(state, -1)),
        Intent::CopyText => return Some(copy(state)),
        Intent::SelectRow(ListId::Steps, row) => select(state, |_, _| row),
        Intent::ScrollList(ListId::Steps, rows) => {
            select(state, |at, count| list::step(at, isize::from(rows), count));
        }
        Intent::Up | Intent::Down | Intent::PageUp | Intent::PageDown | Intent::First | Intent::Last => {
            let page = state.feedback.list(ListId::Steps).map_or(10, |(_, rows)| rows.max(2)) as isize - 1;
            let by = list::walked(intent, page).unwrap_or(0);
            select(state, |at, count| list::step(at, by, count));
        }
        // What means the same everywhere.
        Intent::Quit
        | Intent::Suspend
        | Intent::Redraw
        | Intent::ShowPanel(_)
        | Intent::NextPanel
        | Intent::PreviousPanel
        | Intent::ShowHelp
        | Intent::ShowPalette
        | Intent::ShowProblems
        | Intent::ShowBackends
        | Intent::Refresh
        | Intent::NextZone
        | Intent::NextTheme
        | Intent::Undo
        | Intent::Redo
        | Intent::CopyJson => return None,
        _ => {}
    }
    Some(Vec::new())
}

/// Opens a form about the selected step.
fn by_form(state: &mut State, open: impl Fn(&mut State, &str, &str)) -> Vec<Effect> {
    let Some(release) = view(state).map(|view| view.release.clone()) else { return Vec::new() };
    match deeds::selected(state) {
        Ok(step) => open(state, &release, &step),
        Err(_) if state.workspace.release(&release).is_some_and(|known| known.show.is_empty()) => {
            return refuse(state, "there is no step yet: a adds the first");
        }
        Err(why) => return refuse(state, why),
    }
    Vec::new()
}

/// Takes what was typed into the line.
pub fn type_into(state: &mut State, typed: &Typed) {
    if let Some(asking) = view_mut(state).and_then(|view| view.asking.as_mut())
        && !matches!(asking.about, About::Run { .. })
    {
        asking.line.apply(typed);
        asking.trouble = None;
    }
}

/// To the next release that has a run of show, by T-0, round and round.
fn turn(state: &mut State, by: isize) -> Vec<Effect> {
    let Some(view) = view(state) else { return Vec::new() };
    let shows = shows(state);
    let count = shows.len() as isize;
    if count == 0 {
        return refuse(state, "no release has a run of show");
    }
    let here = shows.iter().position(|(_, id)| *id == view.release);
    let at = here.map_or(if by > 0 { 0 } else { count - 1 }, |here| (here as isize + by).rem_euclid(count));
    let release = shows[at as usize].1.to_owned();
    state.release = Some(release.clone());
    if let Some(view) = view_mut(state) {
        view.release = release;
        view.selected = None;
    }
    Vec::new()
}

fn select(state: &mut State, step: impl Fn(usize, usize) -> usize) {
    let Some(view) = view(state) else { return };
    let Ok(reckoning) = reckoning(state, &view.release) else { return };
    let place = step(view.place(&reckoning), reckoning.steps.len());
    let chosen = reckoning.steps.get(place).map(|step| step.step.id.clone());
    if let Some(view) = view_mut(state) {
        view.selected = chosen;
    }
}

fn copy(state: &mut State) -> Vec<Effect> {
    let text = view(state).and_then(|view| {
        let reckoning = reckoning(state, &view.release).ok()?;
        let step = reckoning.steps.get(view.place(&reckoning))?;
        Some(text(step, state))
    });
    match text {
        Some(text) => vec![Effect::Copy(text)],
        None => refuse(state, "nothing is selected"),
    }
}

fn text(step: &Reckoned<'_>, state: &State) -> String {
    let at = crate::domain::format::local_time(step.expected.0, state.zone);
    let owner = step.step.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
    let slip = words::slip(step.slip);
    let slip = if slip.is_empty() { slip } else { format!(", {slip}") };
    format!("{}: {}{owner}, {}, {at}{slip}", step.step.id, step.step.title, step.word())
}
