//! Frozen branches in real repositories: commits, merges, forged dates, force-pushes.

use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Utc};
use tminus::backend::Backends;
use tminus::domain::frozen::{BranchLog, Dispute, Rewritten};
use tminus::domain::{Answer, Failure, FailureKind, Question, Workspace};

use super::ground::{limits, service, workspace};

/// The freeze: the 20th from noon to six.
const FROM: &str = "2026-11-20T12:00:00Z";
const TO: &str = "2026-11-20T18:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Runs git as of an instant: commits and the reflog carry it.
fn git(folder: &Path, clock: &str, words: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Mira", "-c", "user.email=mira@example.com", "-c", "commit.gpgSign=false"])
        .args(words)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", clock)
        .env("GIT_COMMITTER_DATE", clock)
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path, clock: &str, message: &str) -> String {
    git(folder, clock, &["commit", "-q", "--allow-empty", "-m", message]);
    git(folder, clock, &["rev-parse", "HEAD"])
}

/// A repository with two commits before the freeze.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), FROM, &["init", "-q", "-b", "main", "."]);
    commit(folder.path(), "2026-11-20T09:00:00Z", "first");
    commit(folder.path(), "2026-11-20T10:00:00Z", "second");
    folder
}

async fn landed(folder: &Path, globs: &[&str]) -> Result<Vec<BranchLog>, Failure> {
    let company =
        Workspace { services: vec![service("shop", folder, None)], ..workspace("/".as_ref(), Vec::new()) };
    let limits = tminus::backend::Limits { program: std::time::Duration::from_secs(20), ..limits() };
    let backends = Backends::with_limits(company.into(), limits);
    let question = Question::FrozenBranches {
        service: "shop".into(),
        branches: globs.iter().map(|glob| (*glob).to_owned()).collect(),
        from: at(FROM),
        to: at(TO),
    };
    assert_eq!(backends.source_of(&question).as_deref(), Some("git"));
    let answer = backends.answer(&question, at("2026-11-21T00:00:00Z")).await?;
    let Answer::FrozenBranches(logs) = answer else { panic!("{answer:?}") };
    Ok(logs)
}

async fn main_of(folder: &Path) -> BranchLog {
    landed(folder, &["main"]).await.unwrap().remove(0)
}

fn subjects(log: &BranchLog) -> Vec<&str> {
    log.commits.iter().map(|commit| commit.subject.as_str()).collect()
}

#[tokio::test]
async fn what_landed_while_the_freeze_ran_and_nothing_else() {
    let folder = repository();
    let root = folder.path();
    assert_eq!(subjects(&main_of(root).await), Vec::<&str>::new());
    commit(root, "2026-11-20T12:00:00Z", "at noon sharp\n\nTicket: SEC-77");
    commit(root, "2026-11-20T17:59:59Z", "the last second");
    let after = commit(root, "2026-11-20T18:00:00Z", "thawed");
    let log = main_of(root).await;
    assert_eq!(subjects(&log), ["the last second", "at noon sharp"]);
    assert_eq!(log.commits[1].message.trim_end(), "at noon sharp\n\nTicket: SEC-77");
    assert_eq!(
        (log.commits[0].author.as_str(), log.commits[0].committed),
        ("Mira", at("2026-11-20T17:59:59Z"))
    );
    assert_eq!((log.head.as_str(), log.reference.as_str()), (after.as_str(), "refs/heads/main"));
    assert_eq!((&log.rewritten, log.late, log.more), (&Rewritten::No, Some(0), 0));
    assert!(log.commits.iter().all(|commit| commit.dispute.is_none() && !commit.merge));
}

#[tokio::test]
async fn a_merge_counts_once_as_the_act_that_changed_the_branch() {
    let folder = repository();
    let root = folder.path();
    git(root, FROM, &["checkout", "-q", "-b", "feature"]);
    commit(root, "2026-11-20T13:00:00Z", "work on the feature");
    git(root, FROM, &["checkout", "-q", "main"]);
    git(root, "2026-11-20T14:00:00Z", &["merge", "-q", "--no-ff", "-m", "bring the feature in", "feature"]);
    let log = main_of(root).await;
    assert_eq!(subjects(&log), ["bring the feature in"]);
    assert!(log.commits[0].merge);
}

#[tokio::test]
async fn a_date_that_ancestry_contradicts_hides_nothing() {
    let folder = repository();
    let root = folder.path();
    commit(root, "2026-11-20T13:00:00Z", "openly");
    // Dated back, on top of a commit of the freeze.
    commit(root, "2026-11-20T11:00:00Z", "dated back");
    // And one that says it comes from the future.
    commit(root, "2031-01-01T00:00:00Z", "from the future");
    let log = main_of(root).await;
    assert_eq!(subjects(&log), ["from the future", "dated back", "openly"]);
    let disputes: Vec<_> = log.commits.iter().map(|commit| commit.dispute).collect();
    assert_eq!(disputes, [Some(Dispute::Future), Some(Dispute::BeforeParent), None]);
}

#[tokio::test]
async fn written_after_it_was_committed_is_flagged() {
    let folder = repository();
    let root = folder.path();
    let words = ["commit", "-q", "--allow-empty", "-m", "odd", "--date", "2026-11-20T16:00:00Z"];
    git(root, "2026-11-20T13:00:00Z", &words);
    assert_eq!(main_of(root).await.commits[0].dispute, Some(Dispute::AuthoredLater));
}

#[tokio::test]
async fn a_rewritten_branch_is_said_to_be_rewritten() {
    let folder = repository();
    let root = folder.path();
    let held = git(root, FROM, &["rev-parse", "HEAD"]);
    git(root, "2026-11-20T13:00:00Z", &["reset", "-q", "--hard", "HEAD~1"]);
    commit(root, "2026-11-20T13:30:00Z", "instead");
    let log = main_of(root).await;
    assert_eq!(log.rewritten, Rewritten::Yes { held: held.as_str().into(), lost: 1 });
    assert_eq!(subjects(&log), ["instead"]);
    // A rewrite after the thaw is no matter of the freeze.
    let calm = repository();
    git(calm.path(), "2026-11-20T19:00:00Z", &["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(main_of(calm.path()).await.rewritten, Rewritten::No);
    // Without a record nobody can tell, and that is said.
    std::fs::remove_dir_all(root.join(".git/logs")).unwrap();
    let log = main_of(root).await;
    assert_eq!((log.rewritten, log.late), (Rewritten::Unknown, None));
}

#[tokio::test]
async fn what_is_dated_before_and_came_after_is_counted() {
    let folder = repository();
    let root = folder.path();
    git(root, FROM, &["checkout", "-q", "-b", "prepared"]);
    commit(root, "2026-11-20T11:00:00Z", "prepared before, or dated back");
    git(root, FROM, &["checkout", "-q", "main"]);
    git(root, "2026-11-20T14:00:00Z", &["merge", "-q", "--ff-only", "prepared"]);
    let log = main_of(root).await;
    assert_eq!((subjects(&log).len(), log.late), (0, Some(1)));
}

#[tokio::test]
async fn branches_are_found_by_glob_and_the_teams_own_before_the_clones() {
    let folder = repository();
    let root = folder.path();
    for branch in ["release/4.1", "release/4.2", "topic"] {
        git(root, FROM, &["branch", branch]);
    }
    let clone = tempfile::tempdir().unwrap();
    let there = root.to_str().unwrap();
    git(clone.path(), FROM, &["clone", "-q", there, "."]);
    commit(clone.path(), "2026-11-20T13:00:00Z", "mine alone, not pushed");
    let names = |logs: &[BranchLog]| logs.iter().map(|log| log.name.to_string()).collect::<Vec<_>>();
    let logs = landed(clone.path(), &["main", "release/*"]).await.unwrap();
    assert_eq!(names(&logs), ["main", "release/4.1", "release/4.2"]);
    assert_eq!((logs[0].reference.as_str(), logs[0].commits.len()), ("refs/remotes/origin/main", 0));
    let failure = landed(root, &["trunk"]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound, "{failure}");
    assert!(failure.to_string().contains("shop has no branch trunk"), "{failure}");
}

#[tokio::test]
async fn a_shallow_clone_that_does_not_reach_back_says_so() {
    let folder = repository();
    commit(folder.path(), "2026-11-20T13:00:00Z", "third");
    let clone = tempfile::tempdir().unwrap();
    let there = format!("file://{}", folder.path().display());
    git(clone.path(), FROM, &["clone", "-q", "--depth", "1", &there, "."]);
    let log = main_of(clone.path()).await;
    assert!(log.warnings[0].contains("does not go back"), "{log:?}");
}
