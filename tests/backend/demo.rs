//! The demo's company, asked everything the cockpit can ask, by the real code.

use std::sync::Arc;

use chrono::Utc;
use tminus::backend::Backends;
use tminus::demo::{Options, World};
use tminus::domain::question::Span;
use tminus::domain::{Answer, Question};
use tminus::store;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_question_has_an_answer() {
    let world = World::start(Options { speed: 1.0, seed: 1, now: Utc::now() }).await.unwrap();
    let opened = store::open(&store::locate(Some(world.workspace())).unwrap());
    let workspace = Arc::new(opened.workspace);
    let backends = Backends::new(Arc::clone(&workspace));
    let span = Span::new(None, 3600, 60);
    let mut questions = Vec::new();
    for environment in &workspace.environments {
        let environment = environment.id.clone();
        questions.push(Question::Running { environment: environment.clone() });
        questions.push(Question::RunningHistory { environment, span });
    }
    for service in &workspace.services {
        let service = service.id.clone();
        questions.push(Question::Tags { service: service.clone() });
        questions.push(Question::Changes { service, from: None, to: None });
    }
    for backend in ["prometheus", "alertmanager"] {
        questions.push(Question::Alerts { backend: backend.to_owned() });
    }
    questions.push(Question::Silences { backend: "alertmanager".to_owned() });
    let live = workspace.releases.iter().filter(|release| release.is_live() && release.tracker.is_some());
    questions.extend(live.map(|release| Question::Tracker { release: release.id.clone() }));
    for question in &questions {
        let answer = backends.answer(question, Utc::now()).await;
        assert!(answer.is_ok(), "{question:?}: {answer:?}");
        if let Ok(Answer::Tracker(version)) = answer {
            let begun = version.to_do.unwrap() + version.in_progress.unwrap();
            assert_eq!(version.open.unwrap().len(), begun as usize, "{question:?}");
        }
    }
    assert!(questions.iter().any(|question| matches!(question, Question::Tracker { .. })));
    let canary = Question::Running { environment: "production".to_owned() };
    let Ok(Answer::Running(running)) = backends.answer(&canary, Utc::now()).await else { panic!() };
    let service = workspace.services.iter().find(|service| {
        running.services.get(&service.id).is_some_and(|versions| versions.len() > 1)
            && !service.metrics.is_empty()
    });
    let service = service.expect("a canary runs");
    for version in &running.services[&service.id] {
        for metric in &service.metrics {
            let question = Question::Metric {
                service: service.id.clone(),
                environment: "production".to_owned(),
                region: None,
                version: version.version.to_string(),
                metric: metric.name.clone(),
                span: Span::new(None, 60, 12),
            };
            let answer = backends.answer(&question, Utc::now()).await;
            let Ok(Answer::Metric(series)) = answer else { panic!("{question:?}: {answer:?}") };
            assert!(series.latest().is_some(), "{question:?} has no numbers");
        }
    }
}
