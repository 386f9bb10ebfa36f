//! Real git repositories, built for the test.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tminus::backend::{Backends, Limits};
use tminus::domain::question::{Changes, Tag};
use tminus::domain::{Answer, Failure, FailureKind, Question, Service, Workspace};

use super::ground::{identity, limits, now, service, workspace};

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Mira", "-c", "user.email=mira@example.com", "-c", "tag.gpgSign=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(folder: &Path, subject: &str, second: u32) {
    let date = format!("2026-11-20T10:00:{second:02}Z");
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=Mira\u{202e}",
            "-c",
            "user.email=m@example.com",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            subject,
        ])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_DATE", &date)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn repository(folder: &Path) {
    git(folder, &["init", "-q", "-b", "main", "."]);
}

fn backends(service: Service) -> Backends {
    let company = Workspace { services: vec![service], ..workspace("/".as_ref(), Vec::new()) };
    Backends::with_limits(company.into(), Limits { program: Duration::from_secs(20), ..limits() })
}

async fn tags(service: Service) -> Result<Vec<Tag>, Failure> {
    let question = Question::Tags { service: service.id.clone() };
    let backends = backends(service);
    assert_eq!(backends.source_of(&question).as_deref(), Some("git"));
    let Answer::Tags(tags) = backends.answer(&question, now()).await? else { panic!() };
    Ok(tags)
}

async fn changes(service: Service, from: Option<&str>, to: Option<&str>) -> Result<Changes, Failure> {
    let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
    let question = Question::Changes { service: service.id.clone(), from, to };
    let Answer::Changes(changes) = backends(service).answer(&question, now()).await? else { panic!() };
    Ok(changes)
}

fn names(tags: &[Tag]) -> Vec<&str> {
    tags.iter().map(|tag| tag.name.as_str()).collect()
}

#[tokio::test]
async fn tags_of_every_kind_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    repository(root);
    commit(root, "first", 1);
    git(root, &["tag", "v1.0.0"]);
    commit(root, "second \x1b[31m", 2);
    git(root, &["tag", "-a", "v1.1.0", "-m", "annotated\n\nmore"]);
    git(root, &["tag", "experiment"]);
    git(root, &["tag", "v/ünïcode-日本"]);
    git(root, &["tag", "vtree", "HEAD^{tree}"]);
    let found = tags(service("checkout", root, Some("v*"))).await.unwrap();
    // The annotated tag was made just now; a tag of a tree is no version.
    assert_eq!(names(&found), ["v1.1.0", "v/ünïcode-日本", "v1.0.0"]);
    assert_eq!(found[0].subject.as_str(), "annotated");
    assert_eq!(found[1].subject.as_str(), "second ␛[31m");
    assert_eq!(found[2].at.to_rfc3339(), "2026-11-20T10:00:01+00:00");
    assert_eq!(tags(service("checkout", root, None)).await.unwrap().len(), 4);
}

#[tokio::test]
async fn bare_repositories_worktrees_and_addresses_are_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("clone");
    std::fs::create_dir(&root).unwrap();
    repository(&root);
    commit(&root, "first", 1);
    git(&root, &["tag", "1.0.0"]);
    git(folder.path(), &["clone", "-q", "--bare", "clone", "bare.git"]);
    git(&root, &["worktree", "add", "-q", "../tree", "-b", "other"]);
    for place in ["clone", "bare.git", "tree"] {
        let found = tags(service("a", &folder.path().join(place), None)).await.unwrap();
        assert_eq!(names(&found), ["1.0.0"], "{place}");
    }
    let mut addressed = service("a", &root, None);
    addressed.repository = Some(format!("file://{}", root.display()));
    assert_eq!(tags(addressed).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_lies_between_two_versions() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    repository(root);
    commit(root, "one", 1);
    git(root, &["tag", "v1.0.0"]);
    for second in 2..5 {
        commit(root, &format!("change {second}"), second);
    }
    git(root, &["tag", "-a", "v1.1.0", "-m", "x"]);
    (5..60).for_each(|second| commit(root, &format!("change {second}"), second % 60));
    let checkout = || service("checkout", root, Some("v*"));
    let between = changes(checkout(), Some("1.0.0"), Some("v1.1.0")).await.unwrap();
    assert_eq!((between.count, between.commits.len()), (3, 3));
    let newest = &between.commits[0];
    assert_eq!((newest.subject.as_str(), newest.author.as_str()), ("change 4", "Mira‹U+202E›"));
    assert_eq!((newest.id.len(), newest.at.to_rfc3339().as_str()), (40, "2026-11-20T10:00:04+00:00"));
    let coming = changes(checkout(), Some("1.1.0"), None).await.unwrap();
    assert_eq!((coming.count, coming.commits.len()), (55, 50));
    assert_eq!(changes(checkout(), None, Some(&newest.id)).await.unwrap().count, 4);
    assert_eq!(changes(checkout(), Some("1.1.0"), Some("1.1.0")).await.unwrap(), Changes::default());
    for version in ["9.9.9", "--output=/tmp/x", "", "..", "HEAD"] {
        let failure = changes(checkout(), Some(version), None).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotFound, "{version}: {failure}");
    }
}

#[tokio::test]
async fn a_repository_without_a_commit_has_nothing_and_that_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    assert_eq!(tags(service("a", folder.path(), None)).await.unwrap(), []);
    assert_eq!(changes(service("a", folder.path(), None), None, None).await.unwrap().count, 0);
}

#[tokio::test]
async fn what_is_no_repository_is_said_with_a_mend() {
    let folder = tempfile::tempdir().unwrap();
    let failure = tags(service("a", folder.path(), None)).await.unwrap_err();
    assert!(failure.what.contains("is not a git repository"), "{failure}");
    let failure = tags(service("a", &folder.path().join("gone"), None)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::File);
    for remote in [
        "https://mira:canary@github.com/a/b.git",
        "git@github.com:a/b.git",
        "ssh://git@host/a",
        "ext::sh -c x",
    ] {
        let failure =
            tags(Service { repository: Some(remote.into()), ..service("a", folder.path(), None) }).await;
        let failure = failure.unwrap_err();
        assert!(failure.mend.contains("git clone") && !failure.to_string().contains("canary"), "{failure}");
    }
    let failure = tags(Service { repository: None, ..service("a", folder.path(), None) }).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotConfigured);
}

#[tokio::test]
async fn a_repositorys_own_configuration_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    repository(root);
    commit(root, "one", 1);
    git(root, &["tag", "v1"]);
    let trap = root.join("trap.sh");
    std::fs::write(&trap, format!("#!/bin/sh\ntouch {}/sprung\n", root.display())).unwrap();
    std::fs::set_permissions(&trap, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for key in ["core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand", "diff.external"] {
        git(root, &["config", key, trap.to_str().unwrap()]);
    }
    git(root, &["config", "log.showSignature", "true"]);
    git(root, &["config", "core.hooksPath", root.to_str().unwrap()]);
    assert_eq!(tags(service("a", root, None)).await.unwrap().len(), 1);
    assert_eq!(changes(service("a", root, None), None, None).await.unwrap().count, 1);
    assert!(!root.join("sprung").exists());
}

#[tokio::test]
async fn twelve_thousand_tags_are_listed_quickly() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    repository(root);
    commit(root, "one", 1);
    let output = Command::new("git").current_dir(root).args(["rev-parse", "HEAD"]).output().unwrap();
    let id = String::from_utf8(output.stdout).unwrap();
    let packed =
        (0..12_000).fold(String::new(), |all, n| all + &format!("{} refs/tags/v{n:05}\n", id.trim()));
    std::fs::write(root.join(".git/packed-refs"), format!("# pack-refs with: sorted\n{packed}")).unwrap();
    let begun = Instant::now();
    assert_eq!(tags(service("a", root, Some("v*"))).await.unwrap().len(), 12_000);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn git_is_there_without_being_configured() {
    let backends = Backends::new(workspace("/".as_ref(), Vec::new()).into());
    let Ok(Answer::Identity(who)) = identity(&backends, "git").await else { panic!() };
    assert!(who.product.starts_with("git version "), "{}", who.product);
}

async fn of_workspace(root: &Path) -> Result<Changes, Failure> {
    let limits = Limits { program: Duration::from_secs(20), ..limits() };
    let backends = Backends::with_limits(workspace(root, Vec::new()).into(), limits);
    let Answer::Changes(changes) = backends.answer(&Question::WorkspaceChanges, now()).await? else {
        panic!()
    };
    Ok(changes)
}

#[tokio::test]
async fn changes_of_the_workspace_are_those_of_its_own_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    // In no repository: nothing is known, and there is nothing to mend.
    let unkept = of_workspace(root).await.unwrap();
    assert!(unkept.unkept && unkept.commits.is_empty());

    repository(root);
    let empty = of_workspace(root).await.unwrap();
    assert_eq!((empty.unkept, empty.count), (false, 0), "a repository without a commit");
    let write = |path: &str, text: &str, subject: &str, second: u32| {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        git(root, &["add", "."]);
        commit(root, subject, second);
    };
    write("tminus.toml", "[workspace]\nname = \"Shop\"\n", "the workspace", 1);
    write("src/main.rs", "fn main() {}\n", "a program", 2);
    write("releases/cart-2.toml", "title = \"Cart 2\"\n", "plan cart 2 \u{1b}[31m", 3);
    write("README.md", "Shop\n", "words", 4);
    let changes = of_workspace(root).await.unwrap();
    let subjects: Vec<_> = changes.commits.iter().map(|commit| commit.subject.as_str()).collect();
    assert_eq!(subjects, ["plan cart 2 ␛[31m", "the workspace"]);
    assert_eq!((changes.count, changes.unkept), (2, false));
    assert_eq!(changes.commits[0].at.to_rfc3339(), "2026-11-20T10:00:03+00:00");
}
