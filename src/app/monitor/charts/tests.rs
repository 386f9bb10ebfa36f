//! What is charted, asked, read off, pinned and compared.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::*;
use crate::app::state::Look;
use crate::app::{Message, Panel, monitor::View, update};
use crate::domain::question::{RunningHistory, Series, ShareLine, Span};
use crate::domain::workspace::{BackendConfig, BackendKind, Origin, VersionsSource};
use crate::domain::{Answer, Environment, Failure, FailureKind, Now, Service, Workspace};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_612_800 + minutes * 60, 0).unwrap()
}

fn now() -> Now {
    Now { wall: at(0), mono: Duration::from_secs(10_000) }
}

fn metric(name: &str, query: &str) -> Metric {
    Metric { name: name.into(), query: query.into(), unit: Some("ratio".into()), ..Metric::default() }
}

/// cart rolls out in production · eu, and runs in two more places; mail rolls out too.
fn open() -> Cockpit {
    let environment = |id: &str| Environment {
        id: id.into(),
        regions: Vec::new(),
        capacity: None,
        versions: Some(VersionsSource::Query { backend: None, query: "q".into() }),
    };
    let metrics = (0..30).map(|number| metric(&format!("m{number:02}"), "m{v=\"{{version}}\"}"));
    let mut cart =
        vec![metric("errors", "e{v=\"{{version}}\",r=~\"{{region}}\"}"), metric("load", "no version here")];
    cart.extend(metrics);
    let service = |id: &str, metrics| Service { id: id.into(), metrics, ..Service::default() };
    let workspace = Workspace {
        environments: vec![environment("staging"), environment("production")],
        services: vec![
            service("cart", cart),
            service("mail", vec![metric("errors", "e{v=\"{{version}}\"}")]),
        ],
        backends: vec![BackendConfig::new("prom", BackendKind::Prometheus)],
        origin: Origin::Files("/srv/shop".into()),
        ..Workspace::default()
    };
    let mut state = Cockpit::new(now(), Tz::UTC, Look::default());
    (state.size, state.panel) = ((120, 40), Panel::Monitor);
    state.monitor.view = View::Charts;
    let effects = update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    serve(&mut state, effects);
    state
}

fn serve(state: &mut Cockpit, mut effects: Vec<Effect>) -> Vec<Question> {
    let mut asked = Vec::new();
    while let Some(effect) = effects.pop() {
        if let Effect::Ask { question, generation } = effect {
            let result = answer(&question);
            asked.push(question.clone());
            effects.extend(update(state, now(), Message::Answered { question, generation, result }));
        }
    }
    asked
}

fn press(state: &mut Cockpit, intent: Intent) -> Vec<Question> {
    let effects = update(state, now(), Message::Intent(intent));
    serve(state, effects)
}

fn answer(question: &Question) -> Result<Answer, Failure> {
    let week_back = |span: &Span| span.end.is_some_and(|end| end < at(0) - TimeDelta::days(2));
    Ok(match question {
        Question::RunningHistory { environment, span } => {
            let line = |service: &str, region: &str, version: &str, counts: [f64; 2]| ShareLine {
                service: service.into(),
                region: Some(region.into()),
                version: version.into(),
                counts: counts.map(|count| Some(count).filter(|count| *count > 0.0)).to_vec(),
            };
            let lines = match environment.as_str() {
                // Nothing is kept of three weeks ago.
                _ if span.end.is_some_and(|end| end < at(0) - TimeDelta::days(20)) => Vec::new(),
                _ if week_back(span) => vec![line("cart", "eu", "0.9", [4.0, 4.0])],
                "staging" => vec![line("cart", "eu", "2", [1.0, 1.0])],
                _ => vec![
                    line("cart", "eu", "1", [4.0, 2.0]),
                    line("cart", "eu", "2", [0.0, 2.0]),
                    line("cart", "us", "1", [4.0, 4.0]),
                    line("mail", "eu", "4", [4.0, 2.0]),
                    line("mail", "eu", "5", [0.0, 2.0]),
                ],
            };
            Answer::RunningHistory(RunningHistory { times: vec![at(-5), at(0)], lines, warnings: Vec::new() })
        }
        Question::Metric { version, span, .. } => {
            let (start, end) = span.bounds(at(0));
            let count = (end - start).num_seconds() / i64::from(span.step) + 1;
            let weeks = ((at(0) - end).num_days() as f64 / 7.0).round();
            let value = if version == "2" { 0.04 } else { 0.01 + weeks / 1000.0 };
            let values = (0..count).map(|index| (index % 10 != 3).then_some(value)).collect();
            Answer::Metric(Series { start, step: span.step, values, ..Series::default() })
        }
        Question::Alerts { .. } => Answer::Alerts(Vec::new().into()),
        _ => return Err(Failure::new(FailureKind::Internal, "not asked here", "look")),
    })
}

fn names(state: &Cockpit) -> Vec<String> {
    let charts = charts(state);
    charts
        .iter()
        .map(|chart| format!("{} {} {}", chart.subject.service, chart.subject.place(), chart.metric.name))
        .collect()
}

#[test]
fn only_what_is_on_screen_is_asked_and_scrolling_asks_for_the_next_page() {
    let mut state = open();
    assert_eq!(charts(&state).len(), 32);
    let asked: Vec<_> = wanted(&state);
    // Two beside and four below each other, two versions each.
    assert_eq!((on_screen(&state).len(), asked.len()), (8, 16));
    let next = press(&mut state, Intent::PageDown);
    assert_eq!(next.iter().filter(|question| matches!(question, Question::Metric { .. })).count(), 16);
    press(&mut state, Intent::Last);
    let charts = charts(&state);
    let (row, page) =
        (chosen(&state, &charts), page(&state, state.size, charts.len(), chosen(&state, &charts)));
    assert_eq!((row, page.first), (31, 24));
    drop(charts);
    press(&mut state, Intent::Open);
    assert_eq!(on_screen(&state).len(), 1);
    press(&mut state, Intent::Back);
    assert!(!state.monitor.charts.is_large);
}

#[test]
fn the_chosen_chart_is_on_screen_at_every_size() {
    let mut state = open();
    for size in [(60, 15), (80, 24), (120, 40), (200, 60), (300, 90)] {
        state.size = size;
        for row in 0..32 {
            choose(&mut state, row);
            let subject = state.monitor.charts.chosen.clone().unwrap();
            assert!(on_screen(&state).iter().any(|chart| chart.subject.is_same(&subject)), "{size:?} {row}");
        }
    }
}

#[test]
fn the_cursor_reads_both_versions_and_their_difference() {
    let mut state = open();
    assert_eq!(cursor(&state), None);
    press(&mut state, Intent::CursorBack);
    assert_eq!(cursor(&state), Some(at(0) - TimeDelta::seconds(15)));
    let text = selected_text(&state).unwrap();
    let words = "errors of cart in production · eu at 2026-11-25 13:19:45 UTC: 2 4 %, 1 1 %, \
                 difference +3 points, ×4";
    assert_eq!(text, words);
    // Of each ten points one is a gap, and is read as one.
    let gap = (0..10).find_map(|_| {
        press(&mut state, Intent::CursorBack);
        selected_text(&state).filter(|text| text.contains("no data"))
    });
    assert!(gap.is_some_and(|text| !text.contains("difference")));
    press(&mut state, Intent::Back);
    assert_eq!(cursor(&state), None);
}

#[test]
fn over_the_start_the_window_goes_along_and_over_the_end_the_cursor_goes() {
    let mut state = open();
    for _ in 0..15 {
        press(&mut state, Intent::CursorFarBack);
        assert!(cursor(&state).is_some(), "the window follows the cursor");
    }
    assert!(state.monitor.window.paused_at().is_some());
    press(&mut state, Intent::GoToNow);
    assert_eq!(cursor(&state), None, "it lies outside now, and is not drawn");
    press(&mut state, Intent::CursorBack);
    press(&mut state, Intent::CursorForward);
    press(&mut state, Intent::CursorForward);
    assert_eq!(state.monitor.charts.cursor, None);
}

#[test]
fn the_last_weeks_are_asked_when_wanted_of_the_version_that_ran_then_and_once() {
    let mut state = open();
    let before = wanted(&state).len();
    let asked = press(&mut state, Intent::ToggleBand);
    let past: Vec<_> = asked
        .iter()
        .filter_map(|question| match question {
            Question::Metric { version, span, metric, .. } if span.end.is_some() => {
                Some((version.as_str(), metric.as_str()))
            }
            _ => None,
        })
        .collect();
    assert!(past.contains(&("0.9", "errors")), "{past:?}");
    // A query that does not tell versions apart needs no version of that time.
    assert_eq!(past.iter().filter(|(_, metric)| *metric == "load").count(), 3);
    let charts = charts(&state);
    let weeks = last_weeks(&state, &charts[0]).unwrap();
    assert_eq!(weeks.band.weeks, 2);
    assert_eq!(weeks.words(), "band: 2 of the last 3 weeks (cart is not seen at that time)");
    assert_eq!(weeks.band.at(at(-30)).map(|(low, high)| (low > 0.0105, high < 0.0125)), Some((true, true)));
    assert_eq!(last_weeks(&state, &charts[1]).unwrap().band.weeks, 3);
    drop(charts);
    // A minute later nothing of the past is asked again.
    let later = Now { wall: at(1), mono: now().mono + Duration::from_mins(1) };
    let effects = update(&mut state, later, Message::Tick);
    let again = effects.iter().filter(|effect| {
        matches!(effect, Effect::Ask { question: Question::Metric { span, .. } | Question::RunningHistory { span, .. }, .. } if span.end.is_some())
    });
    assert_eq!(again.count(), 0);
    press(&mut state, Intent::ToggleBand);
    assert_eq!(wanted(&state).len(), before);
}

#[test]
fn a_metric_is_compared_between_places_and_services() {
    let mut state = open();
    press(&mut state, Intent::CompareChart);
    assert_eq!(
        names(&state),
        [
            "cart staging · eu errors",
            "cart production · eu errors",
            "cart production · us errors",
            "mail production errors"
        ]
    );
    let json = snapshot(&state);
    assert_eq!(json["comparing"], "errors");
    assert_eq!(json["charts"][1]["lines"][0]["version"], "2");
    press(&mut state, Intent::CompareChart);
    assert_eq!(charts(&state).len(), 32);
    // Where the query does not tell regions apart, an environment is one place.
    press(&mut state, Intent::Down);
    press(&mut state, Intent::CompareChart);
    assert_eq!(names(&state), ["cart staging load", "cart production load"]);
}

#[test]
fn a_pinned_chart_stays_first_over_other_rollouts_and_in_the_overview() {
    let mut state = open();
    press(&mut state, Intent::Down);
    press(&mut state, Intent::PinChart);
    press(&mut state, Intent::NextPane);
    assert_eq!(selected(&state).map(|seen| seen.key.service.as_str()), Some("mail"));
    assert_eq!(names(&state), ["cart production · eu load", "mail production · eu errors"]);
    state.monitor.view = View::Overview;
    let is_pinned =
        |question: &Question| matches!(question, Question::Metric { metric, .. } if metric == "load");
    assert!(crate::app::monitor::wanted(&state).iter().any(is_pinned));
    state.monitor.view = View::Charts;
    press(&mut state, Intent::First);
    press(&mut state, Intent::PinChart);
    assert_eq!(names(&state), ["mail production · eu errors"]);
}

#[test]
fn the_json_says_what_the_charts_show() {
    let mut state = open();
    press(&mut state, Intent::ToggleBand);
    press(&mut state, Intent::CursorBack);
    let json = snapshot(&state);
    let first = &json["charts"][0];
    assert_eq!(
        (&first["metric"], &first["selected"], &first["unit"]),
        (&"errors".into(), &true.into(), &"ratio".into())
    );
    assert_eq!(first["lines"][0]["values"].as_array().map(Vec::len), Some(241));
    assert_eq!(first["lines"][0]["values"][3], serde_json::Value::Null, "a gap is a gap");
    assert_eq!(first["at_cursor"]["values"][0]["value"], 0.04);
    assert_eq!(first["last_weeks"]["weeks"], 2);
    assert_eq!(first["last_weeks"]["low"].as_array().map(Vec::len), Some(241));
    assert!(json["charts"][20].get("lines").is_none(), "what is not on screen is only named");
}

#[test]
fn a_wide_chart_asks_for_more_points_and_a_resize_within_its_class_asks_nothing() {
    let mut state = open();
    let metric_spans = |asked: &[Question]| -> Vec<u32> {
        let of = |question: &Question| match question {
            Question::Metric { span, .. } => Some(span.step),
            _ => None,
        };
        asked.iter().filter_map(of).collect()
    };
    let resize = |state: &mut Cockpit, columns: u16| {
        let effects = update(state, now(), Message::Resized(columns, 40));
        serve(state, effects)
    };
    // Two beside each other: of 120 dots each. Large it has 240, and on a wider screen 400.
    press(&mut state, Intent::Open);
    assert_eq!(span(&state).step, 15);
    assert_eq!(metric_spans(&resize(&mut state, 200)), [8, 8]);
    assert_eq!(metric_spans(&resize(&mut state, 230)), Vec::<u32>::new());
    assert_eq!(metric_spans(&resize(&mut state, 121)), Vec::<u32>::new());
    assert_eq!(metric_spans(&resize(&mut state, 120)), Vec::<u32>::new(), "known since before");
    resize(&mut state, 200);
    let json = snapshot(&state);
    let large = json["charts"].as_array().unwrap().iter().find(|chart| chart["selected"] == true).unwrap();
    assert_eq!(
        (&large["lines"][0]["step"], large["lines"][0]["values"].as_array().map(Vec::len)),
        (&8.into(), Some(451))
    );
    // Whatever looks at the same series elsewhere shares its question.
    press(&mut state, Intent::Back);
    let charts: Vec<Question> = wanted(&state);
    state.monitor.view = View::Overview;
    let overview = crate::app::monitor::wanted(&state);
    let first = charts.iter().find(|question| matches!(question, Question::Metric { .. })).unwrap();
    assert!(overview.contains(first), "{first:?}");
}

#[test]
fn the_pin_and_the_band_are_there_next_time_in_this_workspace_alone() {
    let mut state = open();
    let known = |state: &mut Cockpit, person: crate::domain::Person| {
        update(state, now(), Message::PersonLoaded(person, Vec::new()));
    };
    known(&mut state, crate::domain::Person::default());
    assert!(state.person.charts.is_empty(), "what is usual is not written");
    press(&mut state, Intent::PinChart);
    press(&mut state, Intent::ToggleBand);
    let left = state.person.clone();
    assert_eq!(
        (left.charts.len(), left.charts[0].workspace.as_str(), left.charts[0].band),
        (1, "/srv/shop", true)
    );

    let mut again = open();
    known(&mut again, left.clone());
    assert!(again.monitor.charts.with_band);
    // The versions are those that run now.
    assert_eq!(
        pinned(&again).map(|chart| chart.subject.versions),
        Some(vec!["2".to_owned(), "1".to_owned()])
    );
    assert_eq!(again.person, left);
    press(&mut again, Intent::PinChart);
    press(&mut again, Intent::ToggleBand);
    assert!(again.person.charts.is_empty());

    let mut elsewhere = open();
    let mut workspace = (*elsewhere.workspace).clone();
    workspace.origin = Origin::Files("/srv/other".into());
    update(&mut elsewhere, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    known(&mut elsewhere, left);
    assert_eq!((elsewhere.monitor.charts.with_band, pinned(&elsewhere)), (false, None));
}
