//! The person's settings and the state: one follows the other.

use crate::domain::{Person, Problem, Severity};

use super::calendar::Shape;
use super::calendar::lanes::{self, LanesBy, Zoom};
use super::state::Tone;
use super::{Panel, State};

/// Seconds between two turns of the clock where bytes are dear, unless the person says otherwise.
pub const SLOW_TICK: u32 = 10;

/// Takes over what the person's file says. Where they were last time counts only when the
/// cockpit opens, and only where nothing else was asked for.
pub fn adopt(state: &mut State, person: Person, problems: &[Problem]) {
    if let Some(problem) = problems.first() {
        state.say(Tone::Refused, format!("{}: {}", problem.file.display(), problem.message));
    }
    // A file that is being edited and does not parse yet changes nothing: the last good one holds.
    if state.person_known && problems.iter().any(|problem| problem.severity == Severity::Error) {
        return;
    }
    state.zone = person.time_zone.unwrap_or(state.machine_zone);
    let look = &mut state.look;
    look.ascii = look.ascii || person.ascii == Some(true);
    look.low_bandwidth = look.low_bandwidth || person.low_bandwidth == Some(true);
    let tick = if look.low_bandwidth { look.tick_seconds.max(SLOW_TICK) } else { look.tick_seconds };
    look.tick_seconds = person.tick_seconds.unwrap_or(tick).max(1);
    let is_first = !state.person_known;
    if is_first {
        state.person_known = true;
        for (word, filter) in &person.filters {
            if let Some(panel) = Panel::from_word(word).filter(|panel| remembers_filter(*panel)) {
                state.filter_of(panel).clone_from(filter);
            }
        }
        let last = person.last_view.as_deref().and_then(Panel::from_word);
        state.panel = state.asked_panel.or(last).unwrap_or(state.panel);
    }
    state.person = person;
    if is_first {
        reopen_calendar(state);
    }
}

/// The calendar as it was left: its view, the timeline's lanes and how much time it shows.
fn reopen_calendar(state: &mut State) {
    let Person { calendar_view, lanes_by, zoom, .. } = &state.person;
    let shape = calendar_view.as_deref().and_then(Shape::from_word);
    let by = lanes_by.as_deref().and_then(LanesBy::from_word);
    let zoom = zoom.as_deref().and_then(Zoom::from_word);
    lanes::reopen(state, shape, by, zoom);
}

/// Notes how the calendar is looked at; what it opens with by itself is not written.
fn keep_calendar(state: &mut State) {
    let note = |known: &mut Option<String>, standard: &str, now: &str| {
        if known.as_deref().unwrap_or(standard) != now {
            *known = Some(now.to_owned());
        }
    };
    let (calendar, person) = (&state.calendar, &mut state.person);
    note(&mut person.calendar_view, Shape::default().word(), calendar.shape.word());
    note(&mut person.lanes_by, LanesBy::default().word(), calendar.lanes.index.by().word());
    note(&mut person.zoom, Zoom::default().word(), calendar.lanes.zoom.word());
}

/// Whether a panel's filter is there next time: one of another day must not hide what goes wrong now.
fn remembers_filter(panel: Panel) -> bool {
    !matches!(panel, Panel::Monitor | Panel::Rollback)
}

/// Notes what should be there next time.
pub fn keep(state: &mut State) {
    if !state.person_known {
        return;
    }
    keep_calendar(state);
    super::monitor::charts::keep(state);
    let word = state.panel.word();
    if state.person.last_view.as_deref() != Some(word) {
        state.person.last_view = Some(word.to_owned());
    }
    if !remembers_filter(state.panel) {
        return;
    }
    let filter = state.filter();
    let known = state.person.filters.iter().find(|(panel, _)| panel == word);
    if known.map_or("", |(_, filter)| filter) != filter {
        let filter = filter.to_owned();
        state.person.filters.retain(|(panel, _)| panel != word);
        if !filter.is_empty() {
            state.person.filters.push((word.to_owned(), filter));
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::super::state::Look;
    use super::super::{Intent, Message, update};
    use super::*;
    use crate::domain::Now;

    fn cockpit() -> State {
        State::new(Now::default(), Tz::UTC, Look::default())
    }

    fn person(last_view: &str) -> Person {
        Person {
            last_view: Some(last_view.to_owned()),
            filters: vec![("board".to_owned(), "pay".to_owned())],
            time_zone: Some(Tz::Asia__Kolkata),
            ..Person::default()
        }
    }

    #[test]
    fn it_opens_where_the_person_left() {
        let mut state = cockpit();
        update(&mut state, Now::default(), Message::PersonLoaded(person("board"), Vec::new()));
        assert_eq!((state.panel, state.filter(), state.zone), (Panel::Board, "pay", Tz::Asia__Kolkata));
    }

    #[test]
    fn a_filter_of_another_day_hides_nothing_that_goes_on_now() {
        let mut state = cockpit();
        let filters = ["board", "monitor", "rollback"].map(|panel| (panel.to_owned(), "pay".to_owned()));
        let person = Person { filters: filters.into(), ..person("monitor") };
        update(&mut state, Now::default(), Message::PersonLoaded(person, Vec::new()));
        assert_eq!((state.panel, state.filter()), (Panel::Monitor, ""));
        assert_eq!(state.filter_of(Panel::Rollback), "");
        state.filter_of(Panel::Monitor).push_str("cart");
        let before = state.person.filters.clone();
        keep(&mut state);
        assert_eq!(state.person.filters, before);
    }

    #[test]
    fn the_calendar_opens_as_it_was_left() {
        let mut state = cockpit();
        update(&mut state, Now::default(), Message::PersonLoaded(Person::default(), Vec::new()));
        assert_eq!((&state.person.calendar_view, &state.person.zoom), (&None, &None));
        for intent in [Intent::ShowTimeline, Intent::GroupLanes, Intent::ZoomOut] {
            update(&mut state, Now::default(), Message::Intent(intent));
        }
        let left = state.person.clone();
        let words = (left.calendar_view.as_deref(), left.lanes_by.as_deref(), left.zoom.as_deref());
        assert_eq!(words, (Some("timeline"), Some("environment"), Some("month")));

        let mut again = cockpit();
        update(&mut again, Now::default(), Message::PersonLoaded(left.clone(), Vec::new()));
        let calendar = &again.calendar;
        assert_eq!(
            (calendar.shape, calendar.lanes.index.by(), calendar.lanes.zoom),
            (Shape::Lanes, LanesBy::Environment, Zoom::Month)
        );
        assert_eq!(again.person, left);
        // A word that nobody knows moves nothing.
        let strange = Person { calendar_view: Some("wheel".to_owned()), ..Person::default() };
        let mut other = cockpit();
        update(&mut other, Now::default(), Message::PersonLoaded(strange, Vec::new()));
        assert_eq!(other.calendar.shape, Shape::Week);
    }

    #[test]
    fn what_was_asked_for_wins_and_a_later_reading_moves_nothing() {
        let mut state = cockpit();
        state.asked_panel = Some(Panel::Monitor);
        update(&mut state, Now::default(), Message::PersonLoaded(person("board"), Vec::new()));
        assert_eq!(state.panel, Panel::Monitor);
        update(&mut state, Now::default(), Message::Intent(Intent::ShowPanel(Panel::Rollback)));
        update(&mut state, Now::default(), Message::PersonLoaded(person("board"), Vec::new()));
        assert_eq!(state.panel, Panel::Rollback);
    }

    #[test]
    fn where_they_are_is_kept() {
        let mut state = cockpit();
        update(&mut state, Now::default(), Message::PersonLoaded(Person::default(), Vec::new()));
        update(&mut state, Now::default(), Message::Intent(Intent::ShowPanel(Panel::Board)));
        assert_eq!(state.person.last_view.as_deref(), Some("board"));
        update(&mut state, Now::default(), Message::Intent(Intent::NextZone));
        assert_eq!(state.person.time_zone, Some(state.zone));
    }
}
