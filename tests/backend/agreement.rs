//! The cockpit and the backends say the same of who answers what.

use std::sync::Arc;

use tminus::app::health;
use tminus::backend::Backends;
use tminus::domain::question::Span;
use tminus::domain::workspace::{BackendConfig, BackendKind, VersionsSource};
use tminus::domain::{Question, Workspace};

use super::ground::{backend, environment, workspace};
use super::jira::release;

fn named(name: &str, kind: BackendKind) -> BackendConfig {
    BackendConfig { name: name.to_owned(), ..backend(kind, "http://127.0.0.1:1") }
}

fn questions() -> Vec<Question> {
    let span = Span::new(None, 3600, 60);
    let mut questions = vec![
        Question::Tags { service: "checkout".to_owned() },
        Question::Changes { service: "checkout".to_owned(), from: None, to: None },
        Question::Metric {
            service: "checkout".to_owned(),
            environment: "asked".to_owned(),
            region: None,
            version: "1".to_owned(),
            metric: "errors".to_owned(),
            span,
        },
    ];
    for environment in ["asked", "first", "file", "command", "nothing", "unknown"].map(str::to_owned) {
        questions.push(Question::Running { environment: environment.clone() });
        questions.push(Question::RunningHistory { environment, span });
    }
    questions
        .extend(["r", "none", "unknown"].map(|release| Question::Tracker { release: release.to_owned() }));
    for backend in ["git", "repositories", "one", "two", "jira", "unknown"].map(str::to_owned) {
        questions.push(Question::Identity { backend: backend.clone() });
        questions.push(Question::Alerts { backend: backend.clone() });
        questions.push(Question::Silences { backend: backend.clone() });
        questions.push(Question::TrackerVersions { backend, project: "PAY".to_owned() });
    }
    questions
}

#[test]
fn the_cockpit_and_the_backends_name_the_same_source() {
    let query = |backend: Option<&str>| VersionsSource::Query {
        backend: backend.map(str::to_owned),
        query: "q".to_owned(),
    };
    let mut nothing = environment("nothing", query(None));
    nothing.versions = None;
    let environments = vec![
        environment("asked", query(Some("two"))),
        environment("first", query(None)),
        environment("file", VersionsSource::File("running.json".into())),
        environment("command", VersionsSource::Command(vec!["true".to_owned()])),
        nothing,
    ];
    let untracked = tminus::domain::Release { id: "none".to_owned(), tracker: None, ..release("1") };
    let all = [
        named("one", BackendKind::Prometheus),
        named("two", BackendKind::Prometheus),
        named("jira", BackendKind::Jira),
        named("repositories", BackendKind::Git),
    ];
    let mut answered = 0;
    // Everything; without git; nothing at all.
    for count in [4, 3, 0] {
        let company = Arc::new(Workspace {
            environments: environments.clone(),
            releases: vec![release("1"), untracked.clone()],
            ..workspace("/nonexistent".as_ref(), all[..count].to_vec())
        });
        let backends = Backends::new(Arc::clone(&company));
        for question in questions() {
            let cockpit = health::source(&company, &question);
            assert_eq!(cockpit, backends.source_of(&question).as_deref(), "{count}: {question:?}");
            answered += usize::from(cockpit.is_some());
        }
    }
    assert!(answered > 60, "{answered}");
}
