//! What lies before the window, and what is not known of the past.

use super::tests::*;
use super::*;
use crate::app::Intent;
use crate::app::monitor::past;
use crate::domain::alerts::{Gap, History, Past};
use crate::domain::correlation::Correlated;
use crate::domain::question::{AlertState, Silence, SilenceState};
use crate::domain::silence::Matcher;
use crate::domain::{Answer, Question};

/// An alert of `web` that came and went.
fn over(name: &str, from: i64, to: Option<i64>) -> Past {
    Past {
        alert: firing(name, "web", from),
        fired: Some(at(from)),
        ended: to.map(at),
        seen: at(to.unwrap_or(0)),
        began_before: false,
    }
}

fn told(list: Vec<Past>) -> History {
    History { list, step: 60, ..History::default() }
}

fn answer_past(state: &mut Cockpit, history: &History) {
    for question in past::alert_questions(state) {
        answer(state, &question, Ok(Answer::AlertHistory(history.clone())));
    }
}

fn no_alert_now(state: &mut Cockpit) {
    let question = Question::Alerts { backend: "prom".into() };
    answer(state, &question, Ok(Answer::Alerts(Vec::new().into())));
}

fn sentences(state: &Cockpit) -> Vec<String> {
    correlated(state).iter().map(Correlated::sentence).collect()
}

#[test]
fn an_alert_that_began_and_ended_is_told_and_one_that_is_heard_now_is_not_told_twice() {
    let mut state = open();
    no_alert_now(&mut state);
    answer_past(&mut state, &told(vec![over("WebSlow", -15, Some(-9)), over("WebErrors", -6, None)]));
    assert_eq!(
        sentences(&state),
        [
            "WebSlow of web (over after 6 m): 5 m after cart 2.0.0, its provider; the like followed 1 of 1 within 5 m (n = 1)",
            // The series say that it goes on, and the alerts of now that it does not.
            "WebErrors of web (over after 6 m): 14 m after cart 2.0.0, its provider; the like followed 1 of 1 within 30 m (n = 1)",
        ]
    );
    alert(&mut state, "WebErrors", "web", -6);
    let alerts: Vec<_> = rows(&state).into_iter().filter(|row| row.lane == Lane::Alert).collect();
    let held: Vec<_> = alerts.iter().map(|row| (row.label.as_str(), row.held.clone())).collect();
    assert_eq!(
        held,
        [
            ("WebErrors web", vec![Held { from: at(-6), to: None }]),
            ("WebSlow web", vec![Held { from: at(-15), to: Some(at(-9)) }]),
        ]
    );
    let words: Vec<_> = alerts[1].events.iter().map(|event| event.text.as_str()).collect();
    assert_eq!(words, ["over after 6 m", "WebSlow fired"]);
    let events: Vec<_> = state.monitor.index.events.iter().map(|event| event.kind.word()).collect();
    assert!(events.contains(&"alert-ended"), "{events:?}");
    assert_eq!(snapshot(&state)["before"][0]["ended"], "2026-11-25T13:11:00Z");
}

#[test]
fn it_counts_from_the_beginning_of_the_rollout_whatever_the_zoom() {
    let mut state = open();
    no_alert_now(&mut state);
    answer_past(&mut state, &told(vec![over("WebSlow", -19, Some(-17))]));
    let wide = sentences(&state);
    press(&mut state, Intent::ZoomIn);
    assert_eq!(state.monitor.window.seconds(), 900);
    // The window's own answer shows two versions that stand; the day's tells since when.
    let question = rollouts::question(&state, "production");
    answer(&mut state, &question, Ok(Answer::RunningHistory(history(-15))));
    let day = past::rollout_question(&state, "production").unwrap();
    answer(&mut state, &day, Ok(Answer::RunningHistory(history(-60))));
    answer_past(&mut state, &told(vec![over("WebSlow", -19, Some(-17))]));
    let seen = selected(&state).unwrap();
    assert!(seen.began_before && past::began(&state, seen) == Some(at(-20)));
    assert_eq!((wide.len(), sentences(&state)), (1, wide));
    let spans: Vec<_> = past::number_spans(&state, seen).iter().map(|span| span.seconds).collect();
    assert_eq!(spans, [900, 3600], "its numbers are asked from before it began");
}

#[test]
fn an_alert_that_was_silenced_then_is_told_as_muted_and_is_no_signal() {
    let mut state = open();
    no_alert_now(&mut state);
    answer_past(&mut state, &told(vec![over("WebSlow", -15, Some(-9))]));
    let silence = Silence {
        id: "1".into(),
        matchers: vec![Matcher::equal("service", "web")],
        starts: at(-18),
        ends: at(-2),
        by: "mira".into(),
        comment: "planned".into(),
        state: SilenceState::Expired,
    };
    let question = Question::Silences { backend: "am".into() };
    answer(&mut state, &question, Ok(Answer::Silences(vec![silence])));
    assert_eq!(sentences(&state), Vec::<String>::new());
    let row = row(&state, Lane::Alert);
    assert_eq!(
        (row.tone, row.events[1].text.as_str()),
        (Tone::Muted, "WebSlow fired, silenced then by mira")
    );
    // The silence itself is something that changed, with the service it is about.
    answer_past(&mut state, &told(vec![over("WebSlow", -15, Some(-9)), over("WebErrors", -1, Some(0))]));
    let found = correlated(&state);
    let what: Vec<_> = found[0].before.iter().map(|before| before.change.what.as_str()).collect();
    assert_eq!(what[..2], ["silence of service=web by mira ended", "silence of service=web by mira began"]);
}

#[test]
fn what_is_not_known_of_the_past_is_said() {
    let mut state = open();
    no_alert_now(&mut state);
    assert_eq!(past::unknown(&state), ["alerts of the past of prom: not told yet"]);
    answer_past(&mut state, &told(Vec::new()));
    assert_eq!(past::unknown(&state), Vec::<String>::new());
    let gap = Gap { from: at(-30), to: at(-25) };
    answer_past(&mut state, &History { gaps: vec![gap], ..told(Vec::new()) });
    let unknown = past::unknown(&state);
    assert_eq!(unknown, ["alerts of the past of prom: nothing was recorded Wed 25 Nov 12:50–12:55 UTC"]);
    answer_past(&mut state, &History { not_kept: Some("no rules".into()), ..told(Vec::new()) });
    assert_eq!(past::unknown(&state), ["alerts of the past of prom: no rules"]);
    // Of an instant in the past neither the Alertmanager nor the tracker tells everything.
    press(&mut state, Intent::TogglePause);
    answer_past(&mut state, &told(Vec::new()));
    let unknown = past::unknown(&state);
    assert_eq!(unknown[0], "alerts of am then: it tells of now alone");
    assert_eq!(unknown[1], "tickets of cart-2 then: not told");
    assert_eq!(snapshot(&state)["not_known"], serde_json::json!(unknown));
}

#[test]
fn alerts_of_now_count_as_firing_until_they_are_known_to_be_over() {
    assert_eq!(over("A", -3, None).alert.state, AlertState::Firing);
    let mut state = open();
    // The alerts of now are not known: the series' word stands.
    answer_past(&mut state, &told(vec![over("WebErrors", -6, None)]));
    assert_eq!(row(&state, Lane::Alert).held, [Held { from: at(-6), to: None }]);
}
