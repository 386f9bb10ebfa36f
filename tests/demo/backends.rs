//! The cockpit's own clients and the demo's servers: every question has a good answer.

use std::sync::Arc;

use tminus::backend::Backends;
use tminus::demo::World;
use tminus::domain::question::Span;
use tminus::domain::workspace::Origin;
use tminus::domain::{Answer, Question};
use tminus::store::{self, Located};

use crate::world::options;

fn backends(world: &World) -> Backends {
    let opened =
        store::open(&Located { origin: Origin::Files(world.workspace().to_owned()), problems: Vec::new() });
    Backends::new(Arc::new(opened.workspace))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_has_an_answer() {
    let world = World::start(options()).await.unwrap();
    let backends = backends(&world);
    let now = options().now;
    let ask = async |question: Question| match backends.answer(&question, now).await {
        Ok(answer) => answer,
        Err(failure) => panic!("{question:?}: {failure:?}"),
    };
    for (name, identity) in backends.probe_all().await {
        assert!(identity.is_ok(), "{name}: {identity:?}");
    }
    let workspace = Arc::clone(backends.workspace());
    let span = Span::new(None, 3600, 120);
    for environment in ["test", "staging", "production"] {
        let Answer::Running(running) = ask(Question::Running { environment: environment.into() }).await
        else {
            panic!("not what runs")
        };
        assert_eq!(running.services.len(), 12, "{environment}");
        if environment == "production" {
            let shares = &running.regions[&("checkout".into(), "eu".into())];
            let canary = shares.iter().map(|version| version.share).fold(1.0, f64::min);
            assert!((canary - 0.25).abs() < 1e-9, "{shares:?}");
        }
        let history = ask(Question::RunningHistory { environment: environment.into(), span }).await;
        assert!(matches!(history, Answer::RunningHistory(_)));
    }
    for service in &workspace.services {
        let id = &service.id;
        let Answer::Tags(tags) = ask(Question::Tags { service: id.clone() }).await else {
            panic!("not tags")
        };
        assert!(tags.len() > 10, "{id}: {tags:?}");
        let version = |index: usize| Some(tags[index].name.to_string().trim_start_matches('v').to_owned());
        let (from, to) = (version(1), version(0));
        let changes = ask(Question::Changes { service: id.clone(), from, to }).await;
        let Answer::Changes(changes) = changes else { panic!("not changes") };
        assert!(!changes.commits.is_empty(), "{id}");
    }
    let version = workspace
        .releases
        .iter()
        .find(|release| release.id.starts_with("checkout-") && release.status.word() == "in-progress");
    let version = version.unwrap().items[0].version.clone();
    for metric in ["error rate", "latency p95", "throughput"] {
        let question = Question::Metric {
            service: "checkout".into(),
            environment: "production".into(),
            region: Some("eu".into()),
            version: version.clone(),
            metric: metric.into(),
            span,
        };
        let Answer::Metric(series) = ask(question).await else { panic!("not a metric") };
        assert!(series.latest().is_some_and(|(_, value)| value > 0.0), "{metric}: {series:?}");
    }
    for backend in ["prometheus", "alertmanager"] {
        let Answer::Alerts(alerts) = ask(Question::Alerts { backend: backend.into() }).await else {
            panic!("not alerts")
        };
        assert_eq!(alerts.len(), 1, "{backend}");
    }
    let silences = ask(Question::Silences { backend: "alertmanager".into() }).await;
    assert!(matches!(silences, Answer::Silences(silences) if silences.len() == 1));
    for release in &workspace.releases {
        let Answer::Tracker(version) = ask(Question::Tracker { release: release.id.clone() }).await else {
            panic!("not a version")
        };
        if release.id == "orders-4.0.0" {
            assert!(format!("{version:?}").contains("Blocker"), "{version:?}");
        }
    }
    let versions = ask(Question::TrackerVersions { backend: "jira".into(), project: "PAY".into() }).await;
    assert!(matches!(versions, Answer::TrackerVersions(versions) if versions.len() > 5));
}
