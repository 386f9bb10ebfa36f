//! The tracker beside the plan, and frozen branches: marks, details, the list, a date on its way.

use tminus::app::calendar::Selected;
use tminus::app::message::Typed;
use tminus::app::{Effect, Intent, Message, State, update};
use tminus::domain::frozen::{BranchLog, Dispute, FrozenCommit, Rewritten};
use tminus::domain::question::TrackerVersion;
use tminus::domain::release::{Exception, TrackerRef};
use tminus::domain::tracker::{Dates, Push, Pushed};
use tminus::domain::window::WallTime;
use tminus::domain::{Answer, ChangeType, Failure, FailureKind, Question, Window, WindowKind, Workspace};

use crate::{assert_screens, sample};

fn freeze() -> Window {
    let local = |text: &str| WallTime::Local(text.parse().unwrap());
    Window {
        id: "code-freeze".into(),
        kind: WindowKind::Freeze,
        title: "Code freeze".into(),
        start: local("2026-11-24T18:00:00"),
        end: local("2026-11-27T18:00:00"),
        time_zone: chrono_tz::Tz::Europe__Berlin,
        repeat: None,
        environments: Some(vec!["staging".into()]),
        services: Some(vec!["web".into()]),
        regions: None,
        allow: vec![ChangeType::Emergency],
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        layer: None,
        branches: vec!["main".into(), "release/*".into()],
    }
}

fn workspace() -> Workspace {
    let mut workspace = sample::workspace();
    for release in &mut workspace.releases {
        if release.id != "checkout-4.2" {
            release.tracker = None;
        }
    }
    workspace.releases[0].exceptions = vec![Exception {
        window: "code-freeze".into(),
        reason: "a hole".into(),
        by: "noor".into(),
        ticket: Some("SEC-77".into()),
        expires: sample::instant("2026-12-20T00:00:00Z"),
        commits: Vec::new(),
    }];
    for service in workspace.services.iter_mut().filter(|service| service.id == "web") {
        service.repository = Some("../web".into());
    }
    workspace.windows = vec![freeze()];
    workspace
}

fn version(name: &str, date: Option<&str>) -> TrackerVersion {
    TrackerVersion {
        id: "10200".into(),
        name: name.into(),
        start_date: Some("2026-11-02".parse().unwrap()),
        release_date: date.map(|date| date.parse().unwrap()),
        to_do: Some(3),
        in_progress: Some(2),
        done: Some(14),
        url: Some("https://jira.example/projects/PAY/versions/10200".into()),
        ..TrackerVersion::default()
    }
}

fn commit(id: &str, author: &str, at: &str, subject: &str, dispute: Option<Dispute>) -> FrozenCommit {
    FrozenCommit {
        id: id.into(),
        author: author.into(),
        committer: author.into(),
        authored: sample::instant(at),
        committed: sample::instant(at),
        subject: subject.into(),
        message: subject.into(),
        merge: false,
        dispute,
    }
}

fn logs() -> Vec<BranchLog> {
    let branch = |name: &str, commits: Vec<FrozenCommit>, rewritten: Rewritten| BranchLog {
        name: name.into(),
        reference: format!("refs/remotes/origin/{name}").into(),
        head: "0a1b2c3d".into(),
        commits,
        more: 0,
        rewritten,
        late: Some(0),
        warnings: Vec::new(),
    };
    let commits = vec![
        commit("a1b2c3d4e5", "Jonas Keller", "2026-11-25T10:12:00Z", "one more teaser for Friday", None),
        commit("b2c3d4e5f6", "Noor Haddad", "2026-11-25T08:40:00Z", "close the hole (SEC-77)", None),
        commit("c3d4e5f6a7", "Luc Moreau", "2026-11-24T12:00:00Z", "tidy up", Some(Dispute::BeforeParent)),
    ];
    vec![branch("main", commits, Rewritten::No), branch("release/5.6", Vec::new(), Rewritten::Unknown)]
}

fn world(question: &Question) -> Option<Result<Answer, Failure>> {
    match question {
        Question::TrackerVersions { .. } => Some(Ok(Answer::TrackerVersions(vec![
            version("4.2.0", Some("2026-11-27")),
            version("checkout 5.0.0", Some("2026-11-26")),
            version("Wallets everywhere", Some("2026-12-10")),
            version("Some day", None),
        ]))),
        Question::Tracker { .. } => Some(Ok(Answer::Tracker(version("4.2.0", Some("2026-11-27"))))),
        Question::FrozenBranches { .. } => Some(Ok(Answer::FrozenBranches(logs()))),
        _ => None,
    }
}

fn down(_: &Question) -> Option<Result<Answer, Failure>> {
    Some(Err(Failure::new(
        FailureKind::Unauthorized,
        "jira: GET https://jira.example/rest/api/3/project/PAY/version answered 401 Unauthorized",
        "check the variable JIRA_TOKEN: it was refused",
    )))
}

/// Answers until nothing more is asked.
fn answer(state: &mut State, reply: impl Fn(&Question) -> Option<Result<Answer, Failure>>) {
    let now = state.now;
    for _ in 0..3 {
        update(state, now, Message::Tick);
        let pending: Vec<_> = state
            .remotes
            .iter()
            .filter_map(|(question, remote)| Some((question.clone(), remote.pending()?.0)))
            .collect();
        for (question, generation) in pending {
            if let Some(result) = reply(&question) {
                update(state, now, Message::Answered { question, generation, result });
            }
        }
    }
}

fn press(state: &mut State, intents: &[Intent]) -> Vec<Effect> {
    let now = state.now;
    intents.iter().flat_map(|intent| update(state, now, Message::Intent(*intent))).collect()
}

fn cockpit() -> State {
    let mut state = sample::with(workspace());
    answer(&mut state, world);
    state
}

fn select(state: &mut State, selected: Selected) {
    state.calendar.selected = Some(selected);
    answer(state, world);
}

fn stage() -> Selected {
    Selected::Stage { release: "checkout-4.2".into(), stage: 2 }
}

#[test]
fn a_week_with_a_version_that_nobody_planned() {
    let mut state = cockpit();
    let reference = TrackerRef::parse("jira:PAY/checkout 5.0.0").unwrap();
    select(&mut state, Selected::Version { reference });
    assert_screens("tracker-week", &state);
    press(&mut state, &[Intent::ShowMonth]);
    assert_screens("tracker-month", &state);
    press(&mut state, &[Intent::ShowAgenda]);
    assert_screens("tracker-agenda", &state);
    press(&mut state, &[Intent::ShowTimeline]);
    assert_screens("tracker-timeline", &state);
}

#[test]
fn a_release_whose_date_differs() {
    let mut state = cockpit();
    select(&mut state, stage());
    press(&mut state, &[Intent::Open]);
    assert_screens("tracker-differs", &state);
}

#[test]
fn a_freeze_that_was_not_kept() {
    let mut state = cockpit();
    select(
        &mut state,
        Selected::Window { window: "code-freeze".into(), start: sample::instant("2026-11-24T17:00:00Z") },
    );
    press(&mut state, &[Intent::Open]);
    assert_screens("tracker-freeze", &state);
}

#[test]
fn the_list_of_versions() {
    let mut state = cockpit();
    press(&mut state, &[Intent::ShowVersions, Intent::Down]);
    assert_screens("tracker-list", &state);
    let mut state = sample::with(workspace());
    answer(&mut state, down);
    press(&mut state, &[Intent::ShowVersions]);
    assert_screens("tracker-list-down", &state);
}

#[test]
fn a_date_on_its_way_to_the_tracker() {
    let mut state = cockpit();
    select(&mut state, stage());
    press(&mut state, &[Intent::PushDate]);
    let now = state.now;
    update(&mut state, now, Message::Typed(Typed::Paste("PAY/4.".into())));
    assert_screens("tracker-push", &state);
    press(&mut state, &[Intent::Open]);
    assert_screens("tracker-push-mistyped", &state);
    update(&mut state, now, Message::Typed(Typed::Paste("2.0".into())));
    let effects = press(&mut state, &[Intent::Open]);
    let Some(Effect::Push(push)) = effects.into_iter().next() else { panic!("nothing was sent") };
    let ended = |name: &str, outcome: &dyn Fn(&Push) -> Pushed| {
        let mut state = state.clone();
        update(&mut state, now, Message::Pushed(push.clone(), Box::new(outcome(&push))));
        assert_screens(name, &state);
    };
    ended("tracker-push-written", &|push| Pushed::Written { now: push.wanted() });
    ended("tracker-push-changed", &|push| Pushed::Changed {
        now: Dates { release_date: Some("2026-12-01".parse().unwrap()), ..push.read.clone() },
    });
    ended("tracker-push-unknown", &|push| Pushed::Unknown {
        why: Some(Failure::new(
            FailureKind::Timeout,
            "jira: PUT https://jira.example/rest/api/3/version/10200 was not answered within 15s",
            "look there",
        )),
        now: Ok(push.read.clone()),
    });
}
