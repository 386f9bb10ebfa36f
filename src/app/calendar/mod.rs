//! The calendar panel's state and what its keys do.

pub mod branches;
pub mod conflicts;
mod details;
mod directory;
pub mod golive;
mod heat;
mod keys;
pub mod lanes;
pub mod layers;
mod moving;
pub mod offices;
mod plan;
mod planning;
mod selecting;
mod settling;
pub mod slots;
mod snapshot;
mod timeline;
mod unreleased;
mod versions;
mod words;

pub use branches::Kept;
pub use details::{Row, Said, details, length, past_news, place, plain};
pub use heat::{heat, heat_level};
pub use keys::{SIDE_FROM, handle};
pub use lanes::{Extent, Lane, Lanes, LanesBy, Zoom, arranged};
pub use moving::{By, Held, Moving, Placed, Press, Preview, Scope, pointer};
pub use plan::{Plan, next_stage, upcoming};
pub use planning::{renamed, select_release, select_window};
pub use selecting::{
    Selected, cursor, grid, hours, identify, instant, minute_of, period, select_day, selected_place,
    week_start,
};
pub use settling::{answered, arrange_anew, reconcile, refused, settle};
pub use snapshot::{selected_text, snapshot};
pub use timeline::{AgendaDay, Mark, Timeline, What};
pub use words::{clock, day_of, same_wall, same_wall_over, span, status_sign, window_scope};

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::Question;

/// Questions about tags in view at a time: with hundreds of services the rest waits its turn.
const MOST_TAG_QUESTIONS: usize = 48;

/// What the panel remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Words that what is listed must hold.
    pub filter: String,
    /// A stage that is being moved.
    pub moving: Option<Moving>,
    /// Searches for slots so far.
    searches: u64,
    /// What collides.
    pub conflicts: conflicts::Conflicts,
    /// A button of the mouse that is held down on a stage.
    pub press: Option<Press>,
    /// Stages that were put down, until the files say so.
    pub placed: Vec<Placed>,
    /// The instant the view is about: its day is where the cursor is.
    pub focus: DateTime<Utc>,
    /// As what the calendar is drawn.
    pub shape: Shape,
    /// Which part of the panel has the keys.
    pub pane: Pane,
    /// The entry whose details are shown, by its id.
    pub selected: Option<Selected>,
    /// The agenda's first row on screen.
    pub top: usize,
    /// The first row of the details on screen.
    pub details_top: usize,
    /// The timeline's own.
    pub lanes: Lanes,
    /// The place of the selected entry on the line of time, as of the last message.
    pub held: Option<usize>,
    /// What the workspace plans, made ready to be looked up.
    pub plan: Plan,
    /// Everything on one line of time.
    pub timeline: Timeline,
    /// Past releases came that are not on the line of time yet.
    unarranged: bool,
    /// When everything was last put in order, on the monotonic clock.
    arranged: Duration,
    /// The agenda's row of the selected entry, or of the cursor's day.
    row: usize,
    /// The services' ids, as the plan counts them.
    services: Vec<String>,
    /// The release that was followed last, as other panels speak of it.
    followed: Option<String>,
}

/// As what the calendar is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// Weeks as rows.
    Month,
    /// Hours as rows, days as columns.
    #[default]
    Week,
    /// One list of days and entries.
    Agenda,
    /// Lanes by team, environment, region or service over an axis of time.
    Lanes,
}

impl Shape {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Month, Self::Week, Self::Agenda, Self::Lanes];

    /// From its name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.word() == word)
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Week => "week",
            Self::Agenda => "agenda",
            Self::Lanes => "timeline",
        }
    }
}

/// Which part of the panel has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The days.
    #[default]
    Days,
    /// The details; where there is no room beside the days, they take their place.
    Details,
}

impl State {
    /// A calendar about this instant.
    pub fn new(focus: DateTime<Utc>) -> Self {
        Self {
            filter: String::new(),
            moving: None,
            searches: 0,
            conflicts: conflicts::Conflicts::default(),
            press: None,
            placed: Vec::new(),
            focus,
            shape: Shape::default(),
            pane: Pane::default(),
            selected: None,
            top: 0,
            details_top: 0,
            lanes: Lanes::default(),
            held: None,
            plan: Plan::default(),
            timeline: Timeline::default(),
            unarranged: false,
            arranged: Duration::ZERO,
            row: 0,
            services: Vec::new(),
            followed: None,
        }
    }
}

/// The questions whose answers the panel shows: tags of the services that were not asked for a
/// while and of those on screen, and the tracker of the selected release.
pub fn wanted(state: &super::State) -> Vec<Question> {
    let calendar = &state.calendar;
    let mut services: Vec<u32> = calendar.plan.tags_due(state.now.mono, MOST_TAG_QUESTIONS);
    let (from, to) = period(state);
    for mark in calendar.timeline.touching(from, to) {
        if let What::Tag(tag) = mark.what
            && services.len() < MOST_TAG_QUESTIONS
            && let Some(past) = calendar.plan.past.get(tag as usize)
            && !services.contains(&past.service)
        {
            services.push(past.service);
        }
    }
    let names = services.into_iter().filter_map(|index| state.workspace.services.get(index as usize));
    let mut wanted: Vec<Question> =
        names.map(|service| Question::Tags { service: service.id.clone() }).collect();
    if let Some(Selected::Stage { release, .. }) = &calendar.selected
        && state.workspace.release(release).is_some_and(|release| release.tracker.is_some())
    {
        wanted.push(Question::Tracker { release: release.clone() });
    }
    wanted.extend(unreleased::question(state));
    wanted.extend(crate::app::tracker::wanted(state));
    wanted.extend(branches::wanted(state));
    wanted.extend(conflicts::wanted(state));
    wanted
}

#[cfg(test)]
mod tests;
