//! Which versions run: from a file, from a command; and what dropping an answer does.

use std::path::Path;
use std::time::Duration;

use tminus::backend::Backends;
use tminus::domain::question::{Running, Span};
use tminus::domain::workspace::{VersionsSource, Workspace};
use tminus::domain::{Answer, Failure, FailureKind, Question};

use super::ground::{environment, limits, now, workspace};

fn backends(root: &Path, versions: VersionsSource) -> Backends {
    let company = Workspace { environments: vec![environment("e", versions)], ..workspace(root, Vec::new()) };
    Backends::with_limits(company.into(), limits())
}

async fn running(root: &Path, versions: VersionsSource) -> Result<Running, Failure> {
    let question = Question::Running { environment: "e".to_owned() };
    let Answer::Running(running) = backends(root, versions).answer(&question, now()).await? else { panic!() };
    Ok(running)
}

fn sh(script: &str) -> VersionsSource {
    VersionsSource::Command(vec!["sh".into(), "-c".into(), script.into()])
}

#[tokio::test]
async fn a_file_and_a_command_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"checkout": {"4.1.3": 9, "4.2.0": 1, "9": 0}, "search": "2.0.0", "nothing": {}}"#;
    std::fs::write(folder.path().join("running.json"), json).unwrap();
    for source in [VersionsSource::File("running.json".into()), sh("cat running.json")] {
        let running = running(folder.path(), source.clone()).await.unwrap();
        assert_eq!(running.services.keys().collect::<Vec<_>>(), ["checkout", "search"]);
        let shares: Vec<f64> = running.services["checkout"].iter().map(|version| version.share).collect();
        assert!((shares[0] - 0.9).abs() < 1e-9 && (shares[1] - 0.1).abs() < 1e-9 && shares.len() == 2);
        let span = Span::new(None, 3600, 60);
        let question = Question::RunningHistory { environment: "e".to_owned(), span };
        let answer = backends(folder.path(), source).answer(&question, now()).await;
        let Ok(Answer::RunningHistory(history)) = answer else { panic!("{answer:?}") };
        assert_eq!((history.times.len(), history.lines.len()), (1, 3));
    }
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (source, kind, words) in [
        (VersionsSource::File("gone.json".into()), FailureKind::File, "gone.json"),
        (VersionsSource::File(".".into()), FailureKind::File, "no plain file"),
        (sh("echo oh \x1b[2J >&2; exit 3"), FailureKind::Command, "oh ␛[2J"),
        (sh("echo '{\"a\": 7}'"), FailureKind::Garbled, "something unexpected"),
        (VersionsSource::Command(vec!["no-such-program".into()]), FailureKind::Command, "no-such-program"),
        (VersionsSource::Command(Vec::new()), FailureKind::Command, "empty"),
    ] {
        let failure = running(folder.path(), source).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.what.contains(words), "{failure}");
    }
}

#[tokio::test]
async fn giving_up_ends_the_command_and_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let script = "(sleep 0.6; touch survived) & sleep 5; echo '{}'";
    let question = Question::Running { environment: "e".to_owned() };
    let backends = backends(folder.path(), sh(script));
    let answer = tokio::time::timeout(Duration::from_millis(200), backends.answer(&question, now())).await;
    assert!(answer.is_err());
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert!(!folder.path().join("survived").exists(), "a grandchild outlived the question");
}
