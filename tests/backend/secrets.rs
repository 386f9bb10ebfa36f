//! Secrets: from where the files say, refused when others can read them, never shown.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tminus::backend::Backends;
use tminus::domain::workspace::{BackendConfig, BackendKind, SecretSource};
use tminus::domain::{Failure, FailureKind};

use super::ground::{alerts, backend, limits, workspace};
use super::server::{Server, json};

const OK: &str = r#"{"status":"success","data":{"alerts":[]}}"#;

/// What arrives at a server when the token comes from here.
async fn sent(root: &Path, source: SecretSource) -> Result<String, Failure> {
    let server = Server::saying(json(OK)).await;
    let config = BackendConfig { token: Some(source), ..backend(BackendKind::Prometheus, &server.url) };
    let backends = Backends::with_limits(workspace(root, vec![config]).into(), limits());
    alerts(&backends, "prometheus").await?;
    let text = server.requests()[0].text.clone();
    let line =
        text.lines().find(|line| line.to_lowercase().starts_with("authorization:")).unwrap().to_owned();
    Ok(line.split_once(": ").unwrap().1.to_owned())
}

fn write(path: &Path, text: &str, mode: u32) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn sh(script: &str) -> SecretSource {
    SecretSource::Command(vec!["sh".into(), "-c".into(), script.into()])
}

#[tokio::test]
async fn every_source_is_read() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("token"), "from-file\n", 0o600);
    assert_eq!(sent(folder.path(), SecretSource::File("token".into())).await.unwrap(), "Bearer from-file");
    assert_eq!(sent(folder.path(), sh("echo from-command; echo more")).await.unwrap(), "Bearer from-command");
    let variable = std::env::var("CARGO_PKG_NAME").unwrap();
    let read = sent(folder.path(), SecretSource::Env("CARGO_PKG_NAME".into())).await.unwrap();
    assert_eq!(read, format!("Bearer {variable}"));
}

#[tokio::test]
async fn a_file_that_others_can_read_or_replace_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    for mode in [0o644, 0o640, 0o604, 0o660, 0o601] {
        write(&path, "canary", mode);
        let failure = sent(folder.path(), SecretSource::File("token".into())).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Secret);
        assert!(
            failure.mend.contains("chmod 600") && !format!("{failure:?}").contains("canary"),
            "{failure}"
        );
    }
    write(&path, "canary", 0o600);
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let failure = sent(folder.path(), SecretSource::File("token".into())).await.unwrap_err();
    assert!(failure.what.contains("world-writable"), "{failure}");
}

#[tokio::test]
async fn what_goes_wrong_is_named_and_shows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("empty"), "\n", 0o600);
    write(&folder.path().join("lines"), "canary\nmore\x01", 0o600);
    for (source, words) in [
        (SecretSource::Env("TMINUS_NO_SUCH_VARIABLE".into()), "TMINUS_NO_SUCH_VARIABLE is not set"),
        (SecretSource::File("gone".into()), "cannot be read"),
        (SecretSource::File(".".into()), "is not a file"),
        (SecretSource::File("empty".into()), "is empty"),
        (SecretSource::File("lines".into()), "no header can carry"),
        (sh("echo canary; echo canary >&2; exit 1"), "exit status: 1"),
        (sh("exit 0"), "is empty"),
        (sh("sleep 20 & sleep 20"), "longer than"),
        (SecretSource::Command(vec!["no-such-program".into(), "canary".into()]), "no-such-program"),
    ] {
        let failure = sent(folder.path(), source).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Secret, "{failure}");
        assert!(failure.what.contains(words), "{failure}");
        assert!(!format!("{failure} {failure:?}").contains("canary"), "{failure}");
    }
}

#[cfg(not(feature = "keyring"))]
#[tokio::test]
async fn without_the_feature_a_keyring_is_refused_with_the_way_out() {
    let failure = sent("/".as_ref(), SecretSource::Keyring("tminus/mira".into())).await.unwrap_err();
    assert!(failure.mend.contains("--features keyring"), "{failure}");
}
