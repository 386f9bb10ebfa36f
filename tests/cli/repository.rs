//! Where there are no files: `init`, `doctor`, and the workspace that is made from a repository.

use std::path::Path;
use std::process::Command;

use super::world::World;

/// Makes a repository of the folder, with a commit, a version tag and a commit after it.
fn repository(folder: &Path) {
    let git = |words: &[&str]| {
        let done = Command::new("git")
            .current_dir(folder)
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
            .args(words)
            .env("GIT_COMMITTER_DATE", "2026-03-01T12:00:00Z")
            .env("GIT_AUTHOR_DATE", "2026-03-01T12:00:00Z")
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q"]);
    git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    git(&["tag", "v1.0.0"]);
    git(&["commit", "-q", "--allow-empty", "-m", "second"]);
}

#[test]
fn init_writes_what_doctor_and_all_else_read() {
    let world = World::new(&[]);
    let written = world.run("init --json");
    assert_eq!(written.status, 0, "{written:?}");
    assert_eq!(written.json()["kind"], "init");
    let path = world.path().join("tminus.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("[policy]\n# "), "{text}");
    let doctor = world.run("doctor --json");
    assert_eq!(doctor.status, 0, "{doctor:?}");
    assert_eq!(world.run("calendar").status, 0);

    let again = world.run("init");
    assert_eq!((again.status, again.out.as_str()), (1, ""));
    assert!(again.err.starts_with("tminus: ") && again.err.contains("already there"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn init_finds_the_repository_and_how_its_tags_look() {
    let world = World::new(&[]);
    repository(world.path());
    assert_eq!(world.run("init").status, 0);
    let text = std::fs::read_to_string(world.path().join("tminus.toml")).unwrap();
    assert!(text.contains("repository = \".\"") && text.contains("tags = \"v*\""), "{text}");
    let doctor = world.run("doctor");
    assert!(doctor.status == 0 && doctor.out.contains("ok repositories: 1 readable"), "{doctor:?}");
}

#[test]
fn a_repository_is_a_workspace_whose_tags_are_past_releases() {
    let world = World::new(&[("sub/x", "")]);
    repository(world.path());
    let listed = world.run("release list --json");
    assert_eq!(listed.status, 0, "{listed:?}");
    let releases = listed.json()["releases"].clone();
    assert_eq!(releases.as_array().unwrap().len(), 2, "{releases}");
    assert_eq!((&releases[0]["id"], &releases[0]["status"]), (&"next".into(), &"draft".into()));
    assert_eq!(releases[0]["title"], "1 commit since v1.0.0");
    assert_eq!((&releases[1]["id"], &releases[1]["status"]), (&"v1.0.0".into(), &"completed".into()));
    assert_eq!(releases[1]["item"][0]["version"], "v1.0.0");
    assert_eq!(world.run("release show v1.0.0 --json").json()["stage"][0]["start"], "2026-03-01T12:00:00Z");

    let on = |from: &str, to: &str| {
        let calendar = world.run(&format!("calendar --json --from {from} --to {to}"));
        assert_eq!(calendar.status, 0, "{calendar:?}");
        calendar.json()["entries"].as_array().unwrap().len()
    };
    assert_eq!(on("2026-03-01T12:00:00Z", "2026-03-02"), 1);
    assert_eq!(on("2026-03-01", "2026-03-01T12:00:00Z"), 0);
}

#[test]
fn a_workspace_made_from_a_repository_is_read_only() {
    let world = World::new(&[]);
    repository(world.path());
    for words in ["add x", "move v1.0.0 --by 1h", "cancel v1.0.0", "edit v1.0.0"] {
        let answered = world.run(&format!("release {words}"));
        assert_eq!((answered.status, answered.out.as_str()), (2, ""), "{words}");
        assert!(answered.err.contains("read-only: run `tminus init`"), "{words}: {}", answered.err);
    }
    assert!(!world.path().join("releases").exists());
}

#[test]
fn doctor_says_what_is_wrong_and_keeps_its_statuses_apart() {
    let nowhere = World::new(&[]).run("doctor --json");
    assert_eq!(nowhere.status, 2, "{nowhere:?}");
    let check = &nowhere.json()["checks"][0];
    assert_eq!((&check["name"], &check["ok"]), (&"workspace".into(), &false.into()));

    let head = "[workspace]\nname = \"x\"\n\n[[environment]]\nid = \"e\"\n";
    for (more, status, name, detail) in [
        ("capcity = 1\nversions = 7\n", 2, "tminus.toml:", "versions"),
        ("versions = { file = \"none.json\" }\n", 1, "versions in e", "cannot be read"),
        ("\n[[service]]\nid = \"s\"\nrepository = \"gone\"\n", 1, "repository of s", "is not there"),
        ("\n[backend.prometheus]\nurl = \"http://127.0.0.1:1\"\n", 3, "backend prometheus", "refused"),
        (
            "\n[backend.jira]\nurl = \"http://127.0.0.1:1\"\ntoken = { env = \"NO_SUCH_TOKEN\" }\n",
            1,
            "backend jira",
            "NO_SUCH_TOKEN",
        ),
    ] {
        let world = World::new(&[("tminus.toml", &format!("{head}{more}"))]);
        let answered = world.run("doctor --json");
        assert_eq!(answered.status, status, "{more}: {answered:?}");
        let document = answered.json();
        let found = document["checks"].as_array().unwrap().iter().any(|check| {
            check["ok"] == false
                && check["name"].as_str().unwrap().starts_with(name)
                && check["detail"].as_str().unwrap().contains(detail)
        });
        assert!(found, "{more}: {document}");
        let text = world.run("doctor");
        assert!(text.status == status && text.out.contains("✖ "), "{text:?}");
    }
}

/// A placeholder or a newer dialect in a query closes nothing: who answers it decides.
#[test]
fn a_query_that_cannot_be_read_is_a_notice() {
    let files = [
        ("tminus.toml", "[workspace]\nname = \"x\"\n\n[[environment]]\nid = \"e\"\nversions = \"…\"\n"),
        ("releases/r.toml", "title = \"x\"\n"),
    ];
    let answered = World::new(&files).run("release list --json");
    assert_eq!(answered.status, 0, "{answered:?}");
    assert!(answered.err.starts_with("tminus: notice: tminus.toml:6:12: not PromQL"), "{}", answered.err);
}
