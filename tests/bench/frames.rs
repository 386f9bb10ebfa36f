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
use tminus::domain::workspace::Origin;
use tminus::domain::{
    Dependency, Environment, Now, Release, Service, Stage, Status, Strategy, Workspace, release,
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
    let (theme, keymap) = (default_theme(), Keymap::default());
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let (mut shown, mut next) = (Buffer::empty(area), Buffer::empty(area));
    let mut encoder = Encoder::default();
    let mut bytes = Vec::new();
    let mut down = true;
    bencher.bench_local(|| {
        down = !down;
        update(&mut state, now(), Message::Intent(if down { Intent::Down } else { Intent::Up }));
        next.reset();
        state.feedback = tminus::view::draw(&state, &theme, &keymap, &mut next);
        bytes.clear();
        encoder.frame(&shown, &next, &mut bytes);
        std::mem::swap(&mut shown, &mut next);
        bytes.len()
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
    let mut state = State::new(now(), Tz::Europe__Berlin, Look::default());
    state.size = SIZE;
    update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace()), Vec::new()));
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
    }
}
