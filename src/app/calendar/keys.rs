//! What the keys do in the calendar.

use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, Overlay, State, tracker};

use super::{Pane, Selected, Shape, conflicts, golive, lanes, moving, planning, selecting, slots};

/// Terminals at least this wide show the details beside the days.
pub const SIDE_FROM: u16 = 100;

/// Carries out what the person wants; `None`: it means nothing here.
pub fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    // The agenda scrolls from where it was drawn.
    if let Some((top, _)) = state.feedback.list(ListId::Agenda) {
        state.calendar.top = top;
    }
    if let Some((top, _)) = state.feedback.list(ListId::Lanes) {
        state.calendar.lanes.top = top;
    }
    let effects = match moving::handle(state, intent) {
        Some(effects) => effects,
        None if state.calendar.pane == Pane::Details && in_details(state, intent) => Vec::new(),
        None => in_days(state, intent)?,
    };
    super::settle(state);
    Some(effects)
}

/// The details have the keys: whether the intent meant something to them.
fn in_details(state: &mut State, intent: Intent) -> bool {
    let (top, rows) =
        state.feedback.list(ListId::CalendarDetails).unwrap_or((state.calendar.details_top, 10));
    let page = rows.max(2) as isize - 1;
    let by = match intent {
        Intent::Back | Intent::NextPane => {
            state.calendar.pane = Pane::Days;
            return true;
        }
        Intent::Open => return true,
        _ => match crate::app::list::walked(intent, page) {
            Some(by) => by,
            None => return false,
        },
    };
    // Drawing keeps it inside the text.
    state.calendar.details_top = top.saturating_add_signed(by).min(100_000);
    true
}

fn in_days(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    match intent {
        Intent::Left => selecting::step_days(state, -1),
        Intent::Right => selecting::step_days(state, 1),
        Intent::Up => selecting::step(state, -1),
        Intent::Down => selecting::step(state, 1),
        Intent::PageUp => page(state, -1),
        Intent::PageDown => page(state, 1),
        Intent::First => selecting::go_to_end(state, false),
        Intent::Last => selecting::go_to_end(state, true),
        Intent::PreviousPeriod => selecting::step_period(state, -1),
        Intent::NextPeriod => selecting::step_period(state, 1),
        Intent::GoToNow => selecting::go_to_now(state),
        Intent::ShowMonth => state.calendar.shape = Shape::Month,
        Intent::ShowWeek => state.calendar.shape = Shape::Week,
        Intent::ShowAgenda => show_agenda(state),
        Intent::MoveStage => moving::begin(state, moving::Scope::Stage),
        Intent::PlanGoLive => golive::open(state),
        Intent::SplitStage => return Some(golive::split(state)),
        Intent::CopyRelease => moving::begin_copy(state),
        Intent::FindSlots => return Some(slots::open(state)),
        Intent::ShowConflicts => conflicts::open(state),
        Intent::MoveRelease => moving::begin(state, moving::Scope::Release),
        Intent::ShowTimeline => lanes::show(state),
        Intent::ShowLayers => state.overlays.push(Overlay::Layers(0)),
        Intent::GroupLanes => group(state),
        Intent::ZoomIn => zoom(state, 1),
        Intent::ZoomOut => zoom(state, -1),
        Intent::EditFile => return Some(planning::edit_file(state)),
        Intent::NewRelease | Intent::NewWindow => planning::new(state, intent),
        Intent::EditSelected
        | Intent::BreakGlass
        | Intent::Remove
        | Intent::SkipOccurrence
        | Intent::AddOccurrence => planning::change(state, intent),
        Intent::Open | Intent::NextPane => state.calendar.pane = Pane::Details,
        Intent::SelectRow(ListId::Agenda, place) => {
            selecting::select(state, place);
        }
        Intent::SelectRow(ListId::CalendarDays, day) => {
            let (first, _) = selecting::grid(state);
            let date = first.checked_add_days(chrono::Days::new(day as u64)).unwrap_or(first);
            selecting::go_to(state, date);
        }
        Intent::ScrollList(ListId::Agenda, rows) => selecting::step(state, isize::from(rows)),
        Intent::ScrollList(ListId::Lanes, rows) => lanes::step_lanes(state, isize::from(rows.signum())),
        Intent::ScrollList(ListId::CalendarDays, rows) => {
            selecting::step_period(state, i32::from(rows.signum()));
        }
        Intent::ScrollList(ListId::CalendarDetails, rows) => {
            let top = state.feedback.list(ListId::CalendarDetails).map_or(0, |(top, _)| top);
            state.calendar.details_top = top.saturating_add_signed(isize::from(rows));
        }
        Intent::AdoptVersion => return Some(tracker::adopt_selected(state)),
        Intent::PushDate => match state.calendar.selected.clone() {
            Some(Selected::Stage { release, .. }) => tracker::push::begin(state, &release),
            _ => state.say(Tone::Refused, "select a stage of a release: its date goes to the tracker"),
        },
        Intent::ShowVersions => state.overlays.push(Overlay::Versions(tracker::List::default())),
        Intent::Refresh => {
            state.calendar.plan.ask_again();
            return None;
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// The next grouping of the lanes; shows the timeline first where it is not on screen.
fn group(state: &mut State) {
    if state.calendar.shape != Shape::Lanes {
        return lanes::show(state);
    }
    let by = state.calendar.lanes.index.by().next();
    let workspace = state.workspace.clone();
    state.calendar.lanes.group(&workspace, by);
    state.feedback.lists.retain(|(list, _, _)| *list != ListId::Lanes);
}

/// Closer or farther: the timeline's axis, else from the month to the week and back.
fn zoom(state: &mut State, by: isize) {
    match (state.calendar.shape, by > 0) {
        (Shape::Lanes, _) => lanes::zoom(state, by),
        (Shape::Month, true) => state.calendar.shape = Shape::Week,
        (Shape::Week, false) => state.calendar.shape = Shape::Month,
        _ => {}
    }
}

fn page(state: &mut State, direction: isize) {
    if state.calendar.shape == Shape::Lanes {
        lanes::page_lanes(state, direction);
    } else if state.calendar.shape == Shape::Agenda {
        let rows = state.feedback.list(ListId::Agenda).map_or(10, |(_, rows)| rows.max(2));
        selecting::step(state, direction * (rows as isize - 1));
    } else {
        selecting::step_period(state, direction as i32);
    }
}

fn show_agenda(state: &mut State) {
    state.calendar.shape = Shape::Agenda;
    let row = match selecting::selected_place(state) {
        Some(place) => state.calendar.timeline.row_of(place),
        None => state.calendar.timeline.row_of_day(selecting::cursor(state)),
    };
    // A little of what was before stays on screen.
    state.calendar.top = row.saturating_sub(4);
}
