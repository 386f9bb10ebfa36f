//! Break-glass exceptions and stopped lines that are live: shown in every panel, gone by
//! themselves.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::State;
use super::calendar::span;
use crate::domain::emergency::{Emergency, EmergencyKind, emergencies};

/// How far ahead emergencies are known, so that they come and go without reading anything.
const AHEAD: TimeDelta = TimeDelta::days(2);
/// An end farther away than this is nobody's plan: the line is stopped until somebody lifts it.
const UNTIL_LIFTED: TimeDelta = TimeDelta::days(366);

/// What is known of emergencies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Emergencies {
    known: Vec<Emergency>,
    /// The range they are known for.
    range: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// The workspace was read anew.
pub fn reconcile(state: &mut State) {
    state.emergencies.range = None;
}

/// After every message: looks ahead again where the time that is known runs out.
pub fn settle(state: &mut State) {
    let now = state.now.wall;
    let is_known = state.emergencies.range.is_some_and(|(from, to)| from <= now && now + AHEAD / 2 <= to);
    if is_known {
        return;
    }
    let to = now.checked_add_signed(AHEAD).unwrap_or(DateTime::<Utc>::MAX_UTC);
    state.emergencies = Emergencies { known: emergencies(&state.workspace, now, to), range: Some((now, to)) };
}

/// Those that are live now, stops first.
pub fn live(state: &State) -> Vec<&Emergency> {
    let now = state.now.wall;
    let mut live: Vec<_> =
        state.emergencies.known.iter().filter(|emergency| emergency.is_live(now)).collect();
    live.sort_by_key(|emergency| matches!(emergency.kind, EmergencyKind::Exception { .. }));
    live
}

/// The next instant at which one begins or lapses.
pub fn next_change(state: &State) -> Option<DateTime<Utc>> {
    let known = &state.emergencies.known;
    let instants = known.iter().flat_map(|emergency| [emergency.start, emergency.end]);
    instants.filter(|instant| *instant > state.now.wall).min()
}

/// An emergency as a label and words, what matters most first: what, until when, who, why.
pub fn words(state: &State, emergency: &Emergency) -> (&'static str, Vec<String>) {
    let now = state.now.wall;
    let until = if emergency.end - now > UNTIL_LIFTED {
        "until it is lifted".to_owned()
    } else {
        format!("until {}", until(emergency.end, state.zone, now))
    };
    match &emergency.kind {
        EmergencyKind::Stop => ("THE LINE IS STOPPED", vec![emergency.title.clone(), until]),
        EmergencyKind::Exception { title, reason, by, ticket, .. } => {
            let mut words = vec![title.clone(), until, by.clone()];
            words.extend(ticket.clone());
            words.push(reason.clone());
            words.push(format!("passes {}", emergency.title));
            ("BREAK-GLASS", words)
        }
    }
}

/// `18:00 CET` today, `Fri 27 Nov 06:00 CET` later.
fn until(end: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let local = end.with_timezone(&zone);
    if local.date_naive() == now.with_timezone(&zone).date_naive() {
        return local.format("%H:%M %Z").to_string();
    }
    span(end, end, zone, now)
}

/// The live ones, as JSON.
pub fn snapshot(state: &State) -> Value {
    let time = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
    live(state)
        .into_iter()
        .map(|emergency| {
            let mut value = json!({
                "kind": "stop", "window": emergency.window, "title": emergency.title,
                "start": time(emergency.start), "end": time(emergency.end),
            });
            if let EmergencyKind::Exception { release, reason, by, ticket, .. } = &emergency.kind {
                value["kind"] = json!("exception");
                value["release"] = json!(release);
                value["reason"] = json!(reason);
                value["by"] = json!(by);
                value["ticket"] = json!(ticket);
            }
            value
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use chrono_tz::Tz;

    use super::*;
    use crate::app::state::Look;
    use crate::app::{Message, update};
    use crate::domain::release::Exception;
    use crate::domain::{Now, WindowKind, Workspace, samples};

    fn at(text: &str) -> Now {
        Now { wall: text.parse().unwrap(), mono: Duration::from_secs(100) }
    }

    /// A freeze over the first of January, and a release that passes it until noon.
    fn open(now: &str) -> State {
        let mut release = samples::release("fix", &[("a", "1.0.1")], Vec::new());
        release.exceptions.push(Exception {
            window: "freeze".into(),
            reason: "CVE".into(),
            by: "mira".into(),
            ticket: None,
            commits: Vec::new(),
            expires: "2026-01-01T12:00:00Z".parse().unwrap(),
        });
        let workspace = Workspace {
            releases: vec![release],
            windows: vec![samples::window("freeze", WindowKind::Freeze)],
            ..Workspace::default()
        };
        let mut state = State::new(at(now), Tz::UTC, Look::default());
        update(&mut state, at(now), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
        state
    }

    #[test]
    fn it_comes_and_lapses_by_itself_and_says_when() {
        let mut state = open("2025-12-31T20:00:00Z");
        assert_eq!(live(&state).len(), 0);
        assert_eq!(next_change(&state), Some(at("2026-01-01T00:00:00Z").wall));
        update(&mut state, at("2026-01-01T00:00:00Z"), Message::Tick);
        assert_eq!(live(&state).len(), 1);
        assert_eq!(next_change(&state), Some(at("2026-01-01T12:00:00Z").wall));
        let shown = snapshot(&state);
        assert_eq!((&shown[0]["kind"], &shown[0]["by"]), (&json!("exception"), &json!("mira")));
        update(&mut state, at("2026-01-01T12:00:00Z"), Message::Tick);
        assert_eq!(live(&state).len(), 0);
    }

    #[test]
    fn one_that_begins_days_later_is_found_when_its_time_comes() {
        let mut state = open("2025-12-20T00:00:00Z");
        assert_eq!(next_change(&state), None);
        update(&mut state, at("2026-01-01T06:00:00Z"), Message::Tick);
        assert_eq!(live(&state).len(), 1);
    }

    #[test]
    fn an_exception_that_is_taken_out_of_the_file_is_gone() {
        let mut state = open("2026-01-01T06:00:00Z");
        assert_eq!(live(&state).len(), 1);
        let now = state.now;
        update(&mut state, now, Message::WorkspaceLoaded(Arc::default(), Vec::new()));
        assert_eq!(live(&state).len(), 0);
    }
}
