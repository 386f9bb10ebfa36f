//! The rows of the lanes.

use chrono::{DateTime, Utc};

use crate::app::State;
use crate::app::remotes::value_of;
use crate::app::state::matches_filter;
use crate::domain::alerts::{Heard, Past};
use crate::domain::rollout::{EventKind, Phase};
use crate::domain::{Face, Question, format};

use super::super::past;
use super::super::rollouts::Seen;
use super::super::{listed, listed_alerts, selected};
use super::changes::configuration;
use super::facts::{self, commits_of, rises, tickets_of};
use super::{Certainty, Event, Held, Kind, Lane, Note, Row, Tone};

/// Every row, lane by lane; the filter lets rollouts, alerts and rises through.
pub fn rows(state: &State) -> Vec<Row> {
    let mut rows: Vec<Row> = listed(state).into_iter().map(|seen| of_rollout(state, seen)).collect();
    let (start, end) = (state.monitor.window.start(state.now.wall), state.monitor.window.end(state.now.wall));
    let alerts = listed_alerts(state).into_iter();
    rows.extend(alerts.filter(|heard| heard.alert.since <= end).map(|heard| of_alert(state, heard, start)));
    let filter = &state.monitor.filter;
    for (source, past) in past::beside(state).into_iter().filter(|(_, past)| past.touches(start, end)) {
        let row = of_past(state, source, past, start);
        let same = rows.iter_mut().find(|same| same.lane == Lane::Alert && same.label == row.label);
        if let Some(same) = same {
            join(same, row);
        } else if filter.is_empty() || matches_filter(filter, &row.label) {
            rows.push(row);
        }
    }
    rows.extend(of_rises(state));
    let chosen = selected(state);
    rows.extend(chosen.map(|seen| of_commits(state, seen)));
    rows.push(of_configuration(state));
    rows.extend(chosen.and_then(|seen| of_tickets(state, seen)));
    rows
}

fn plain(lane: Lane, label: String) -> Row {
    Row {
        lane,
        label,
        shares: Vec::new(),
        held: Vec::new(),
        events: Vec::new(),
        note: None,
        rollout: None,
        tone: Tone::Plain,
    }
}

fn of_rollout(state: &State, seen: &Seen) -> Row {
    let to = &seen.key.to;
    let first_share = |at: DateTime<Utc>| {
        seen.events.iter().find_map(|event| match event.kind {
            EventKind::ShareMoved { to, .. } if event.at == at => Some(format!(", {}", format::share(to))),
            _ => None,
        })
    };
    let began = |at: DateTime<Utc>| {
        seen.events.iter().any(|event| event.at == at && matches!(event.kind, EventKind::Appeared(_)))
    };
    let mut events: Vec<Event> = seen
        .events
        .iter()
        // The first share is told where it appears.
        .filter(|event| !matches!(event.kind, EventKind::ShareMoved { .. }) || !began(event.at))
        .map(|event| {
            let (kind, text) = match &event.kind {
                EventKind::Appeared(version) => {
                    let share = first_share(event.at).unwrap_or_default();
                    (Kind::Began, format!("{version} appeared{share}"))
                }
                EventKind::ShareMoved { from, to: share } => {
                    let words = format!("{to}  {} → {}", format::share(*from), format::share(*share));
                    (if share < from { Kind::Back } else { Kind::Advanced }, words)
                }
                EventKind::Completed => (Kind::Ended, format!("{to} is everywhere")),
                EventKind::RolledBack => {
                    let from = seen.from.as_deref().unwrap_or("the version before");
                    (Kind::Back, format!("back on {from}"))
                }
            };
            Event { at: event.at, kind, text }
        })
        .collect();
    let last = events.iter().map(|event| event.at).max();
    if let (Phase::Paused, Some(at)) = (seen.phase, last) {
        let at_share = format::share(seen.share);
        events.push(Event { at, kind: Kind::Paused, text: format!("{to} stands at {at_share} since") });
    }
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    let question = super::super::rollouts::present_question(state, &seen.key.environment);
    let is_fresh = matches!(state.remotes.history(&question, state.now), Face::Fresh(_));
    Row {
        shares: seen.shares.clone(),
        events,
        note: (!is_fresh).then(stale),
        rollout: Some(seen.key.clone()),
        tone: match seen.phase {
            Phase::RollingBack | Phase::RolledBack | Phase::Unknown => Tone::Attention,
            _ => Tone::Plain,
        },
        ..plain(Lane::Rollout, format!("{} {} {to}", seen.key.service, seen.key.place()))
    }
}

fn of_alert(state: &State, heard: &Heard, start: DateTime<Utc>) -> Row {
    let alert = &heard.alert;
    let about = heard.about().join(" · ");
    let word = alert.state.word();
    let is_fresh = matches!(state.remotes.alerts(&heard.source, state.now), Face::Fresh(_));
    Row {
        note: (!is_fresh).then(stale),
        held: vec![Held { from: alert.since.max(start), to: None }],
        events: vec![Event {
            at: alert.since,
            kind: Kind::Wrong,
            text: format!("{} {word}  {}", alert.name, alert.summary),
        }],
        tone: match (heard.is_muted(), facts::fires(heard)) {
            (true, _) => Tone::Muted,
            (false, true) => Tone::Bad,
            (false, false) => Tone::Attention,
        },
        ..plain(Lane::Alert, format!("{} {about}", alert.name))
    }
}

/// An alert that is told of no more: it began and is over, or went on where the window ends.
fn of_past(state: &State, source: &str, past: &Past, start: DateTime<Utc>) -> Row {
    let heard = past.heard(source);
    let alert = &past.alert;
    let verb = if past.fired.is_some() { "fired" } else { "was pending" };
    let before = if past.began_before { " already" } else { "" };
    let silence = past::silenced_by(state, past);
    let muted = silence.map_or_else(String::new, |silence| format!(", silenced then by {}", silence.by));
    let mut events = vec![Event {
        at: alert.since,
        kind: Kind::Wrong,
        text: format!("{} {verb}{before}{muted}", alert.name),
    }];
    if let Some(ended) = past.ended {
        let text = format!("over after {}", format::duration(past.length()));
        events.insert(0, Event { at: ended, kind: Kind::Ended, text });
    }
    let questions = past::alert_questions(state);
    let its = questions
        .iter()
        .find(|question| matches!(question, Question::AlertHistory { backend, .. } if backend == source));
    let is_fresh =
        its.is_some_and(|its| matches!(state.remotes.alert_history(its, state.now), Face::Fresh(_)));
    Row {
        note: (!is_fresh).then(stale),
        held: vec![Held { from: alert.since.max(start), to: past.ended }],
        events,
        tone: match (silence, past.ended) {
            (Some(_), _) => Tone::Muted,
            (None, Some(_)) => Tone::Attention,
            (None, None) => {
                if past.fired.is_some() {
                    Tone::Bad
                } else {
                    Tone::Attention
                }
            }
        },
        ..plain(Lane::Alert, format!("{} {}", alert.name, heard.about().join(" · ")))
    }
}

/// An alert that came several times is one row.
fn join(row: &mut Row, other: Row) {
    row.held.extend(other.held);
    row.held.sort_by_key(|held| held.from);
    row.events.extend(other.events);
    row.events.sort_by_key(|event| std::cmp::Reverse(event.at));
    if row.tone == Tone::Muted || other.tone == Tone::Bad {
        row.tone = other.tone;
    }
    row.note = row.note.take().or(other.note);
}

fn of_rises(state: &State) -> Vec<Row> {
    let filter = &state.monitor.filter;
    let row = |(watched, rise): (facts::Watched<'_>, crate::domain::correlation::Rise)| {
        let unit = watched.metric.unit.as_deref();
        let (from, to) = (format::value(rise.from, unit), format::value(rise.to, unit));
        let why = if rise.beyond_limit { "beyond its limit" } else { "far from its usual" };
        Row {
            held: vec![Held { from: rise.at, to: None }],
            events: vec![Event {
                at: rise.at,
                kind: Kind::Wrong,
                text: format!("{} of {}: {from} → {to}, {why}", watched.metric.name, watched.version),
            }],
            tone: if rise.beyond_limit { Tone::Bad } else { Tone::Attention },
            ..plain(Lane::Rise, format!("{} {}", watched.service, watched.metric.name))
        }
    };
    let rows = rises(state).into_iter().map(row);
    rows.filter(|row| filter.is_empty() || matches_filter(filter, &row.label)).collect()
}

fn of_commits(state: &State, seen: &Seen) -> Row {
    let from = seen.from.as_deref().unwrap_or("·");
    let label = format!("{} {from} → {}", seen.key.service, seen.key.to);
    let mut row = plain(Lane::Commits, label);
    let Some(question) = commits_of(state, seen) else {
        let text = "the service has no repository, or the version before is not known".to_owned();
        row.note = Some(Note { text, certainty: Certainty::Unknown });
        return row;
    };
    let face = state.remotes.changes(&question, state.now);
    if let Some(changes) = value_of(&face) {
        row.events = changes
            .commits
            .iter()
            .map(|commit| Event {
                at: commit.at,
                kind: Kind::Changed,
                text: format!("{}  {}", commit.subject, commit.author),
            })
            .collect();
        row.note = before_window(state, &row.events, "commit", changes.count as usize);
    }
    unknown(&mut row, &face);
    row
}

fn of_configuration(state: &State) -> Row {
    let mut row = plain(Lane::Configuration, "the workspace's files".to_owned());
    row.events =
        configuration(state).into_iter().map(|(at, text)| Event { at, kind: Kind::Changed, text }).collect();
    row.note = before_window(state, &row.events, "change", row.events.len());
    let face = state.remotes.changes(&Question::WorkspaceChanges, state.now);
    if matches!(&face, Face::Fresh(changes) if changes.unkept) {
        let text = "the workspace is in no git repository: only what is edited here is told".to_owned();
        row.note = Some(Note { text, certainty: Certainty::Unknown });
    }
    unknown(&mut row, &face);
    row
}

fn of_tickets(state: &State, seen: &Seen) -> Option<Row> {
    let Some(Question::Tracker { release }) = tickets_of(state, seen) else { return None };
    let mut row = plain(Lane::Tickets, release.clone());
    let face = state.remotes.tracker(&release, state.now);
    if let Some(version) = value_of(&face) {
        let open = version.open.as_deref().unwrap_or_default();
        row.events = open
            .iter()
            .filter_map(|ticket| {
                let text = format!("{} {}: {}", ticket.key, ticket.status, ticket.summary);
                Some(Event { at: ticket.updated?, kind: Kind::Changed, text })
            })
            .collect();
        row.events.sort_by_key(|event| std::cmp::Reverse(event.at));
        let blockers = open.iter().filter(|ticket| ticket.blocker).count();
        let counted = version.open.as_ref().map(|open| {
            let blocking = if blockers > 0 { format!(", {blockers} blocking") } else { String::new() };
            format!("{} open{blocking}", open.len())
        });
        row.tone = if blockers > 0 { Tone::Attention } else { Tone::Plain };
        row.note = Some(match counted {
            Some(text) => Note { text, certainty: Certainty::Known },
            None => Note { text: "open ones are not known".to_owned(), certainty: Certainty::Unknown },
        });
    }
    unknown(&mut row, &face);
    Some(row)
}

/// How many events lie outside of the window, and how far back the newest of them is.
fn before_window(state: &State, events: &[Event], word: &str, count: usize) -> Option<Note> {
    let (start, end) = (state.monitor.window.start(state.now.wall), state.monitor.window.end(state.now.wall));
    let inside = events.iter().filter(|event| event.at >= start && event.at <= end).count();
    let newest = events.iter().filter(|event| event.at < start).map(|event| event.at).max();
    let plural = |count: usize| if count == 1 { word.to_owned() } else { format!("{word}s") };
    let text = match (count, inside, newest) {
        (0, ..) => format!("no {word}"),
        (_, 0, Some(at)) => {
            format!("{count} {}, the newest {} before this window", plural(count), format::age(start - at))
        }
        (_, _, Some(_)) => {
            let before = count - inside.min(count);
            format!("{before} {} before this window", plural(before))
        }
        _ => return None,
    };
    Some(Note { text, certainty: Certainty::Known })
}

fn stale() -> Note {
    Note { text: "stale".to_owned(), certainty: Certainty::Stale }
}

/// What was not answered, or not lately, is said in place of marks.
fn unknown<T>(row: &mut Row, face: &Face<'_, T>) {
    let (text, certainty) = match face {
        Face::Fresh(_) => return,
        Face::NotAsked | Face::Loading => ("loading …".to_owned(), Certainty::Unknown),
        Face::Stale { trouble: Some(trouble), .. } => {
            (format!("stale: {}", trouble.failure), Certainty::Stale)
        }
        Face::Stale { .. } => ("stale".to_owned(), Certainty::Stale),
        Face::Failed(trouble) => (trouble.failure.to_string(), Certainty::Unknown),
    };
    row.note = Some(Note { text, certainty });
}
