//! Messages played against the board: what is selected, what is asked, what it says.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::*;
use crate::app::state::Look;
use crate::app::{Message, Panel, State, update};
use crate::domain::compatibility::Verdict;
use crate::domain::question::{Running, Tag, VersionShare};
use crate::domain::release::Item;
use crate::domain::workspace::VersionsSource;
use crate::domain::{
    Answer, ChangeType, Dependency, DependencyKind, Environment, Failure, FailureKind, Now, Release, Safe,
    Service, Stage, Status, Workspace,
};

fn now() -> Now {
    Now { wall: instant("2026-11-25T13:00:00Z"), mono: Duration::from_secs(1000) }
}

fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn service(id: &str, needs: &[(&str, &str)]) -> Service {
    let depends_on = needs.iter().map(|(service, version)| Dependency {
        service: (*service).into(),
        version: Some((*version).into()),
        kind: DependencyKind::Hard,
    });
    Service {
        id: id.into(),
        owner: Some(format!("team-{id}")),
        depends_on: depends_on.collect(),
        ..Service::default()
    }
}

fn release(id: &str, service: &str, version: &str, stages: &[(&str, i64)]) -> Release {
    Release {
        id: id.into(),
        title: id.into(),
        change: ChangeType::Normal,
        status: Status::Planned,
        owner: None,
        tracker: None,
        items: vec![Item { service: service.into(), version: version.into() }],
        stages: stages
            .iter()
            .map(|(environment, hours)| Stage {
                environment: (*environment).into(),
                region: None,
                start: now().wall + TimeDelta::hours(*hours),
                end: now().wall + TimeDelta::hours(hours + 2),
                time_zone: Tz::UTC,
                strategy: None,
                steps: Vec::new(),
                soak: None,
            })
            .collect(),
        checks: Vec::new(),
        exceptions: Vec::new(),
        notes: None,
        show: crate::domain::show::RunOfShow::default(),
        watch: crate::domain::stabilisation::Plan::default(),
    }
}

fn workspace() -> Workspace {
    let environment = |id: &str| Environment {
        id: id.into(),
        regions: Vec::new(),
        capacity: None,
        versions: Some(VersionsSource::Query {
            backend: None,
            query: "count by (service, version) (up)".into(),
        }),
    };
    Workspace {
        environments: ["test", "staging", "production"].map(environment).into(),
        services: vec![
            service("checkout", &[("payments", "^8.0"), ("catalog", "^1.7")]),
            service("payments", &[]),
            service("catalog", &[]),
            service("web", &[("checkout", "^4.0")]),
        ],
        releases: vec![
            release("catalog-1.6", "catalog", "1.6.0", &[("production", -5)]),
            release("catalog-1.7", "catalog", "1.7.0", &[("staging", 1), ("production", 9)]),
            release("catalog-1.8", "catalog", "1.8.0", &[("production", 90)]),
            release("checkout-4.2", "checkout", "4.2.0", &[("production", 2)]),
        ],
        ..Workspace::default()
    }
}

fn open(workspace: Workspace) -> State {
    let mut state = State::new(now(), Tz::UTC, Look::default());
    state.panel = Panel::Board;
    update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    state
}

fn press(state: &mut State, intent: Intent) {
    update(state, now(), Message::Intent(intent));
}

fn selected(state: &State) -> &str {
    selected_place(state).map_or("", |place| &state.workspace.services[place].id)
}

fn answer(state: &mut State, question: Question, result: Result<Answer, Failure>) {
    let generation = state.remotes.ask(&question, now());
    state.remotes.answer(&question, generation, now(), result);
}

fn runs(state: &mut State, environment: &str, services: &[(&str, &[(&str, f64)])]) {
    let share = |(version, share): &(&str, f64)| VersionShare { version: Safe::new(version), share: *share };
    let services = services
        .iter()
        .map(|(id, versions)| ((*id).to_owned(), versions.iter().map(share).collect()))
        .collect();
    let running = Running { services, ..Running::default() };
    answer(state, Question::Running { environment: environment.into() }, Ok(Answer::Running(running)));
}

fn tagged(state: &mut State, service: &str, tags: &[&str]) {
    let tag = |name: &&str| Tag { name: Safe::new(name), at: now().wall, subject: Safe::default() };
    let tags = tags.iter().map(tag).collect();
    answer(state, Question::Tags { service: service.into() }, Ok(Answer::Tags(tags)));
}

#[test]
fn the_selection_stays_with_its_service_when_the_files_are_read_anew() {
    let mut state = open(workspace());
    press(&mut state, Intent::Last);
    assert_eq!(selected(&state), "web");
    let mut changed = workspace();
    changed.services.insert(0, service("auth", &[]));
    update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(changed), Vec::new()));
    assert_eq!(selected(&state), "web");
    let mut without = workspace();
    without.services.pop();
    update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(without), Vec::new()));
    assert_eq!((selected(&state), state.board.chosen.as_deref()), ("checkout", None));
}

#[test]
fn the_selection_follows_the_release_all_panels_speak_of_until_another_service_is_chosen() {
    let mut state = open(workspace());
    state.release = Some("catalog-1.7".into());
    assert_eq!(selected(&state), "catalog");
    press(&mut state, Intent::Down);
    assert_eq!(selected(&state), "web");
    assert_eq!(state.release.as_deref(), Some("catalog-1.7"), "web has no release of its own");
    press(&mut state, Intent::First);
    assert_eq!((selected(&state), state.release.as_deref()), ("checkout", Some("checkout-4.2")));
}

#[test]
fn a_filter_lists_what_holds_every_word_of_it() {
    let mut state = open(workspace());
    state.board.filter = "TEAM cat".into();
    assert_eq!((listed(&state), selected(&state)), (vec![2], "catalog"));
    state.board.filter = "nothing".into();
    assert_eq!((listed(&state), selected_place(&state)), (vec![], None));
    press(&mut state, Intent::Down);
    assert_eq!(selected_text(&state), None);
}

#[test]
fn keys_walk_the_environments_and_stop_at_the_ends() {
    let mut state = open(workspace());
    let here = |state: &State| environment(state).map(|environment| environment.id.clone());
    assert_eq!(here(&state).as_deref(), Some("production"), "the last in promotion order");
    press(&mut state, Intent::NextEnvironment);
    assert_eq!(here(&state).as_deref(), Some("production"));
    for _ in 0..5 {
        press(&mut state, Intent::Left);
    }
    assert_eq!(here(&state).as_deref(), Some("test"));
    press(&mut state, Intent::Right);
    assert_eq!(here(&state).as_deref(), Some("staging"));
}

#[test]
fn enter_goes_in_and_back_comes_out_and_the_keys_go_along() {
    let mut state = open(workspace());
    state.size = (80, 24);
    press(&mut state, Intent::Open);
    assert!(state.board.inside);
    press(&mut state, Intent::Down);
    assert_eq!((selected(&state), state.board.details_top), ("checkout", 1), "the details scroll");
    press(&mut state, Intent::Back);
    assert!(!state.board.inside);
    press(&mut state, Intent::Down);
    assert_eq!((selected(&state), state.board.details_top), ("payments", 0));
    state.size = (200, 60);
    press(&mut state, Intent::Open);
    assert!(!state.board.inside, "there is room beside the list");
    assert_eq!(state.board.pane, Pane::Details);
    press(&mut state, Intent::NextPane);
    assert_eq!(state.board.pane, Pane::List);
}

#[test]
fn what_comes_is_the_next_stage_in_the_environment_that_has_not_ended() {
    let mut state = open(workspace());
    let version = |state: &State| comes(state, environment(state), 2).map(|comes| comes.version.to_owned());
    assert_eq!(version(&state).as_deref(), Some("1.7.0"), "catalog 1.6 is over");
    runs(&mut state, "production", &[("catalog", &[("1.7.0", 0.9), ("1.6.0", 0.1)])]);
    assert_eq!(version(&state).as_deref(), Some("1.7.0"), "it does not run everywhere yet");
    runs(&mut state, "production", &[("catalog", &[("v1.7.0", 1.0)])]);
    assert_eq!(version(&state).as_deref(), Some("1.8.0"), "what runs does not come again");
    state.board.environment = Some("test".into());
    assert_eq!(version(&state), None);
}

#[test]
fn behind_is_counted_from_the_oldest_that_runs_to_the_highest_version() {
    let mut state = open(workspace());
    let asked =
        |state: &State| facts::behind_question(state, environment(state), &state.workspace.services[0]);
    assert_eq!(asked(&state), None, "nothing is known yet");
    runs(&mut state, "production", &[("checkout", &[("4.2.0", 0.95), ("4.1.3", 0.05)])]);
    // A hotfix of the old line was tagged after the new one; a candidate is no release.
    tagged(&mut state, "checkout", &["v4.1.4", "v5.0.0-rc.1", "v4.2.0", "v4.1.3"]);
    let question = Question::Changes {
        service: "checkout".into(),
        from: Some("4.1.3".into()),
        to: Some("v4.2.0".into()),
    };
    assert_eq!(asked(&state), Some(question));
    runs(&mut state, "production", &[("checkout", &[("4.2.0", 1.0)])]);
    assert_eq!(asked(&state), None, "the newest is not behind itself");
    let known = behind(&state, environment(&state), &state.workspace.services[0]);
    assert!(matches!(known, Known::Value(Behind { count: 0, .. }, None)), "{known:?}");
    tagged(&mut state, "checkout", &[]);
    let Some(Question::Changes { to: None, .. }) = asked(&state) else { panic!("no tag: up to HEAD") };
}

#[test]
fn a_failure_is_not_known_and_no_zero() {
    let mut state = open(workspace());
    runs(&mut state, "production", &[("checkout", &[("4.1.3", 1.0)])]);
    let failure = Failure::new(FailureKind::NotFound, "no such repository", "correct `repository`");
    answer(&mut state, Question::Tags { service: "checkout".into() }, Err(failure));
    let known = behind(&state, environment(&state), &state.workspace.services[0]);
    assert!(matches!(known, Known::Unknown(_)), "{known:?}");
    let json = snapshot(&state);
    assert!(json["facts"]["checkout"]["behind"].is_null());
}

#[test]
fn stale_meets_no_requirement_and_deploys_nothing() {
    let mut state = open(workspace());
    runs(&mut state, "production", &[("payments", &[("8.0.1", 1.0)]), ("catalog", &[("1.7.0", 1.0)])]);
    let production = state.workspace.environments[2].clone();
    let fit = |state: &State| requirement_fit(Some("^8.0"), running(state, &production, "payments"));
    let verdict = |state: &State| compatibility(state, &production, "checkout", "4.2.0").verdict;
    assert_eq!((fit(&state), verdict(&state)), (Fit::Meets, Verdict::Yes));
    state.now.mono += Duration::from_mins(5);
    assert_eq!((fit(&state), verdict(&state)), (Fit::Unknown, Verdict::Unknown));
}

#[test]
fn several_versions_must_all_meet_a_requirement() {
    let mut state = open(workspace());
    runs(
        &mut state,
        "production",
        &[("catalog", &[("1.7.0", 0.5), ("1.6.9", 0.5)]), ("web", &[("main", 1.0)])],
    );
    let production = &state.workspace.environments[2];
    assert_eq!(requirement_fit(Some("^1.7"), running(&state, production, "catalog")), Fit::Misses);
    assert_eq!(requirement_fit(Some("^1.6"), running(&state, production, "catalog")), Fit::Meets);
    assert_eq!(requirement_fit(Some("^1.6"), running(&state, production, "web")), Fit::Unknown);
    assert_eq!(requirement_fit(None, running(&state, production, "web")), Fit::Meets);
    assert_eq!(requirement_fit(None, running(&state, production, "payments")), Fit::Misses);
}

#[test]
fn the_json_has_running_versions_in_the_shape_of_the_versions_command() {
    let mut state = open(workspace());
    runs(&mut state, "production", &[("checkout", &[("4.1.3", 0.75), ("4.2.0", 0.25)])]);
    let json = snapshot(&state);
    assert_eq!(
        json["services"]["checkout"],
        serde_json::json!({ "production": [
            { "version": "4.1.3", "share": 0.75 },
            { "version": "4.2.0", "share": 0.25 },
        ] })
    );
    assert_eq!(json["services"]["web"], serde_json::json!({ "production": [] }), "known not to be there");
    assert_eq!(json["facts"]["checkout"]["comes"]["release"], "checkout-4.2");
    assert_eq!(json["facts"]["checkout"]["needed_by"], serde_json::json!(["web"]));
    assert!(json["not_known"].as_object().unwrap().contains_key("staging"));
    let text = selected_text(&state).unwrap();
    assert!(text.starts_with("checkout  owner team-checkout\n"), "{text}");
    assert!(text.contains("production: 4.1.3 75 % · 4.2.0 25 %"), "{text}");
}

#[test]
fn waves_cycles_and_consumers_are_worked_out_once() {
    let mut looped = workspace();
    looped.services[1].depends_on = service("", &[("checkout", "^4")]).depends_on;
    let index = Index::of(&looped);
    assert_eq!(index.wave(2), (1, 3));
    assert_eq!((index.wave(0), index.wave(1), index.wave(3)), ((2, 3), (2, 3), (3, 3)));
    assert_eq!(index.cycle(0), Some(&["checkout".to_owned(), "payments".to_owned()][..]));
    assert_eq!(index.cycle(2), None);
    assert_eq!(index.consumers(0).iter().map(|consumer| consumer.service).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn columns_always_fit_and_the_service_is_always_there() {
    let mut state = open(workspace());
    runs(&mut state, "production", &[("checkout", &[("4.1.3", 0.75), ("4.2.0", 0.25)])]);
    for width in 20..200 {
        let columns = columns(&state, width);
        let used: u16 = columns.iter().map(|(_, width)| width + GAP).sum::<u16>() - GAP;
        assert!(used <= width, "{width}: {columns:?}");
        assert_eq!(columns[0].0, Column::Service);
        assert!(width < 60 || columns.iter().any(|(column, _)| *column == Column::Environment(2)));
    }
}
