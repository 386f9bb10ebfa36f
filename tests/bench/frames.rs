//! What a key costs: the state's update, the frame, and its bytes, on a workspace of the size
//! tminus is designed for. `cargo bench`.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use divan::Bencher;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tminus::app::state::Look;
use tminus::app::{Intent, Message, Panel, State, update};
use tminus::domain::release::Item;
use tminus::domain::window::WallTime;
use tminus::domain::workspace::Origin;
use tminus::domain::{
    Dependency, Environment, Now, Release, Service, Stage, Status, Strategy, Window, WindowKind, Workspace,
    release,
};
use tminus::input::Keymap;
use tminus::runtime::encode::Encoder;
use tminus::theme::default_theme;

fn main() {
    divan::main();
}

const SIZE: (u16, u16) = (200, 60);

#[divan::bench(args = [Panel::Calendar, Panel::Board, Panel::Monitor, Panel::Rollback])]
fn a_key(bencher: Bencher<'_, '_>, panel: Panel) {
    let mut state = open();
    update(&mut state, now(), Message::Intent(Intent::ShowPanel(panel)));
    keys(bencher, state, [Intent::Down, Intent::Up]);
}

/// One key and then another, each to the bytes of its frame.
fn keys(bencher: Bencher<'_, '_>, mut state: State, there_and_back: [Intent; 2]) {
    let (theme, keymap) = (default_theme(), Keymap::default());
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let (mut shown, mut next) = (Buffer::empty(area), Buffer::empty(area));
    let mut encoder = Encoder::default();
    let mut bytes = Vec::new();
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        update(&mut state, now(), Message::Intent(there_and_back[turn % 2]));
        next.reset();
        state.feedback = tminus::view::draw(&state, &theme, &keymap, &mut next);
        bytes.clear();
        encoder.frame(&shown, &next, &mut bytes);
        std::mem::swap(&mut shown, &mut next);
        bytes.len()
    });
}

/// The calendar as it is planned in: 20,000 stages and 500 recurring windows.
#[divan::bench(args = [
    Intent::ShowWeek, Intent::ShowMonth, Intent::ShowAgenda, Intent::ShowTimeline, Intent::ZoomOut,
])]
fn a_key_in_a_full_calendar(bencher: Bencher<'_, '_>, show: Intent) {
    let mut state = open_with(full());
    update(&mut state, now(), Message::Intent(Intent::ShowPanel(Panel::Calendar)));
    if show == Intent::ZoomOut {
        // A quarter of it.
        for intent in [Intent::ShowTimeline, Intent::ZoomOut, Intent::ZoomOut] {
            update(&mut state, now(), Message::Intent(intent));
        }
    } else {
        update(&mut state, now(), Message::Intent(show));
    }
    keys(bencher, state, [Intent::Right, Intent::Left]);
}

/// A stage on its way, an hour there and back.
#[divan::bench(args = [Intent::ShowWeek, Intent::ShowMonth, Intent::ShowTimeline])]
fn a_step_of_a_move_in_a_full_calendar(bencher: Bencher<'_, '_>, show: Intent) {
    let mut state = open_with(full());
    for intent in [show, Intent::GoToNow, Intent::MoveStage] {
        update(&mut state, now(), Message::Intent(intent));
    }
    assert!(state.calendar.moving.is_some(), "a stage is under the hand");
    keys(bencher, state, [Intent::PageDown, Intent::PageUp]);
}

/// A file changed: everything is read anew, and only the windows that changed are expanded.
#[divan::bench]
fn taking_over_a_full_calendar_again(bencher: Bencher<'_, '_>) {
    let workspace = full();
    let mut state = open_with(workspace.clone());
    let mut other = workspace;
    other.releases[7].title = "Another".into();
    let both = [Arc::new(other), state.workspace.clone()];
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        update(&mut state, now(), Message::WorkspaceLoaded(Arc::clone(&both[turn % 2]), Vec::new()))
    });
}

#[divan::bench]
fn taking_over_a_workspace_that_was_read(bencher: Bencher<'_, '_>) {
    let workspace = Arc::new(workspace());
    bencher.with_inputs(|| State::new(now(), Tz::Europe__Berlin, Look::default())).bench_local_values(
        |mut state| {
            update(&mut state, now(), Message::WorkspaceLoaded(Arc::clone(&workspace), Vec::new()));
            state
        },
    );
}

fn open() -> State {
    open_with(workspace())
}

fn open_with(workspace: Workspace) -> State {
    let mut state = State::new(now(), Tz::Europe__Berlin, Look::default());
    state.size = SIZE;
    update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    state
}

fn now() -> Now {
    let wall = DateTime::from_timestamp(1_795_612_920, 0).unwrap_or_default();
    Now { wall, mono: std::time::Duration::from_secs(1000) }
}

fn workspace() -> Workspace {
    let services = (0..500).map(|index| Service {
        id: format!("service-{index:03}"),
        owner: Some(format!("team-{}", index % 20)),
        tier: Some(index as u8 % 4 + 1),
        depends_on: (index > 3)
            .then(|| Dependency {
                service: format!("service-{:03}", index / 2),
                version: Some("^1".into()),
                kind: tminus::domain::DependencyKind::Hard,
            })
            .into_iter()
            .collect(),
        ..Service::default()
    });
    let environments = ["test", "staging", "production"].map(|id| Environment {
        id: id.into(),
        regions: Vec::new(),
        capacity: None,
        versions: None,
    });
    Workspace {
        name: "Large".into(),
        time_zone: Tz::Europe__Berlin,
        environments: environments.to_vec(),
        services: services.collect(),
        releases: (0..5000).map(|index| planned(index, now().wall)).collect(),
        origin: Origin::Files("/srv/large".into()),
        ..Workspace::default()
    }
}

/// 10,000 releases of two stages, 500 windows that recur: daily, weekly, monthly, half of them freezes.
fn full() -> Workspace {
    let window = |index: usize| Window {
        id: format!("window-{index:03}"),
        kind: if index.is_multiple_of(2) { WindowKind::Freeze } else { WindowKind::Change },
        title: format!("Window {index}"),
        start: WallTime::Local(DateTime::from_timestamp(1_767_600_000, 0).unwrap_or_default().naive_utc()),
        end: WallTime::Local(DateTime::from_timestamp(1_767_607_200, 0).unwrap_or_default().naive_utc()),
        time_zone: Tz::Europe__Berlin,
        repeat: Some(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=MONTHLY;BYDAY=-1FR"][index % 3].into()),
        environments: Some(vec!["production".into()]),
        services: Some(vec![format!("service-{index:03}")]),
        regions: None,
        allow: Vec::new(),
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        branches: Vec::new(),
        layer: index.is_multiple_of(5).then(|| "holidays".into()),
    };
    Workspace {
        windows: (0..500).map(window).collect(),
        releases: (0..10_000)
            .map(|index| planned(index, now().wall - TimeDelta::minutes(3300 * 79)))
            .collect(),
        ..workspace()
    }
}

fn planned(index: i64, now: DateTime<Utc>) -> Release {
    let start = now + TimeDelta::minutes((index - 3300) * 158);
    let stage = |environment: &str, later: i64| Stage {
        environment: environment.into(),
        region: None,
        start: start + TimeDelta::hours(later),
        end: start + TimeDelta::hours(later + 2),
        time_zone: Tz::Europe__Berlin,
        strategy: Some(Strategy::Canary),
        steps: vec![5.0, 25.0, 50.0, 100.0],
        soak: Some(TimeDelta::hours(1)),
    };
    Release {
        id: format!("rel-{index:05}"),
        title: format!("Service {} 1.{index}", index % 500),
        change: release::ChangeType::Normal,
        status: if start < now { Status::Completed } else { Status::Planned },
        owner: Some(format!("person-{}", index % 40)),
        tracker: None,
        items: vec![Item { service: format!("service-{:03}", index % 500), version: format!("1.{index}.0") }],
        stages: vec![stage("staging", 0), stage("production", 3)],
        checks: Vec::new(),
        exceptions: Vec::new(),
        notes: None,
        show: tminus::domain::show::RunOfShow::default(),
        watch: tminus::domain::stabilisation::Plan::default(),
    }
}
