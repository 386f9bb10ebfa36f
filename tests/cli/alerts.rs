//! `tminus alerts` and `tminus silence` against an Alertmanager-style server: what fires, silences
//! that stay within their stage, and their end.

use std::path::Path;

use serde_json::Value;
use tminus::demo;

use crate::world::{Answered, World};

/// The made-up company as of now, and the program run in its workspace.
struct Company {
    runtime: tokio::runtime::Runtime,
    servers: Option<demo::World>,
    ground: World,
}

impl Company {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let options = demo::Options { speed: 1.0, seed: 7, now: chrono::Utc::now() };
        let servers = runtime.block_on(demo::World::start(options)).unwrap();
        Self { runtime, servers: Some(servers), ground: World::new(&[]) }
    }

    fn workspace(&self) -> &Path {
        self.servers.as_ref().unwrap().workspace()
    }

    fn run(&self, words: &[&str]) -> Answered {
        let mut command = self.ground.command();
        command.env("USER", "mira");
        let output = command.arg("-w").arg(self.workspace()).args(words).output().unwrap();
        Answered {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn silences(&self, words: &[&str]) -> Vec<Value> {
        let listed = self.run(&[&["silence", "list", "--json"], words].concat());
        assert_eq!(listed.status, 0, "{}", listed.err);
        listed.json()["silences"].as_array().unwrap().clone()
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        drop(self.servers.take());
    }
}

/// The release that goes on in production · eu, and its stage there.
fn going_on(company: &Company) -> (String, String) {
    let shown = company.run(&["release", "list", "--json"]);
    let releases = shown.json()["releases"].as_array().unwrap().clone();
    let release = releases
        .iter()
        .find(|release| {
            release["id"].as_str().unwrap().starts_with("checkout-") && release["status"] == "in-progress"
        })
        .unwrap();
    let shown = company.run(&["release", "show", release["id"].as_str().unwrap(), "--json"]).json();
    let stages = shown["stage"].as_array().unwrap();
    let stage = stages
        .iter()
        .position(|stage| stage["environment"] == "production" && stage["region"] == "eu")
        .unwrap();
    (release["id"].as_str().unwrap().to_owned(), stage.to_string())
}

#[test]
fn alerts_say_why_they_are_quiet_and_the_exit_says_whether_one_fires() {
    let company = Company::new();
    let listed = company.run(&["alerts"]);
    assert_eq!(listed.status, 0, "{}{}", listed.out, listed.err);
    let alerts = company.run(&["alerts", "--json"]).json();
    let alert = &alerts["alerts"][0];
    assert_eq!((&alert["name"], &alert["state"]), (&"SearchIndexLag".into(), &"silenced".into()));
    assert_eq!(alert["also_from"], serde_json::json!(["prometheus"]), "both tell of it: one row");
    let id = alert["silenced_by"][0].as_str().unwrap();
    assert!(listed.out.contains(&format!("silence {id}")), "{}", listed.out);
    assert_eq!(company.silences(&[])[0]["id"], id);

    // Nobody hides it any more: it fires, and the exit says so.
    let url = company.servers.as_ref().unwrap().alertmanager_url();
    let gone = company.runtime.block_on(async {
        reqwest::Client::new().delete(format!("{url}/api/v2/silence/{id}")).send().await.unwrap().status()
    });
    assert_eq!(gone.as_u16(), 200);
    assert_eq!(company.run(&["alerts"]).status, 1);
    let (release, _) = going_on(&company);
    let other = company.run(&["alerts", "--release", &release, "--json"]);
    assert_eq!((other.status, &other.json()["elsewhere"]), (0, &1.into()), "{}", other.out);
    assert_eq!(company.run(&["alerts", "--at", "tomorrow"]).status, 2);
    assert_eq!(company.run(&["alerts", "--from", "now"]).status, 2);
    assert_eq!(company.run(&["alerts", "--release", "nonsense"]).status, 2);
}

#[test]
fn a_silence_is_made_for_a_stage_alone_and_ended_with_it() {
    let company = Company::new();
    let (release, stage) = going_on(&company);
    let words = ["silence", "add", "--release", &release, "--stage", &stage];
    let dry = company.run(&[&words[..], &["--dry-run"]].concat());
    assert_eq!(dry.status, 0, "{}", dry.err);
    assert!(dry.out.contains("service=checkout, env=production, region=eu"), "{}", dry.out);
    assert!(dry.out.contains("by mira") && dry.out.contains("nothing was sent"), "{}", dry.out);
    let unasked = company.run(&words);
    assert_eq!((unasked.status, company.silences(&[]).len()), (1, 1));
    assert!(unasked.err.contains("not confirmed: add --yes"), "{}", unasked.err);

    let made = company.run(&[&words[..], &["--yes", "--json"]].concat());
    assert_eq!(made.status, 0, "{}", made.err);
    let made = made.json();
    assert_eq!((&made["outcome"], &made["in_place_of"]), (&"made".into(), &Value::Null));
    let held = company.silences(&["--release", &release]);
    assert_eq!((held.len(), &held[0]["id"], &held[0]["end"]), (1, &made["id"], &made["end"]));
    assert_eq!(held[0]["stage"].to_string(), stage);
    assert_eq!(held[0]["comment"].as_str().unwrap(), made["comment"].as_str().unwrap());

    // Never extended: the same again takes its place.
    let again = company.run(&[&words[..], &["--yes", "--json", "--reason", "still noisy"]].concat());
    assert_eq!(again.status, 0, "{}", again.err);
    let again = again.json();
    assert_eq!((&again["in_place_of"], &again["the_one_before"]), (&made["id"], &"ended".into()));
    let held = company.silences(&["--release", &release, "--all"]);
    let states: Vec<&str> = held.iter().map(|silence| silence["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["active", "expired"]);

    let ended = company.run(&["silence", "expire", "--release", &release, "--yes"]);
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(company.silences(&["--release", &release]).is_empty());
    let nothing = company.run(&["silence", "expire", "--release", &release, "--yes"]);
    assert!(nothing.status == 0 && nothing.out.contains("nothing to end"), "{}", nothing.out);
}

#[test]
fn a_silence_that_would_mute_too_much_or_too_long_is_refused_before_anything_is_sent() {
    let company = Company::new();
    let (release, stage) = going_on(&company);
    let words = ["silence", "add", "--release", &release, "--stage", &stage, "--yes"];
    for (more, status, said) in [
        (&["--matcher", "env=production"][..], 1, "it would mute every alert of env=production"),
        (&["--matcher", "service=~.*"], 1, "fits every alert without the label service"),
        (&["--matcher", "service"], 2, "write label=value"),
        (&["--matcher", "service=checkout", "--matcher", "env=staging"], 1, "is not where the stage is"),
        (&["--end", "+9d"], 1, "at the latest"),
        (&["--start", "-3d"], 1, "the stage begins"),
        (&["--reason", " "], 2, "needs a reason"),
        (&["--backend", "nobody"], 2, "there are alertmanager"),
    ] {
        let refused = company.run(&[&words[..], more].concat());
        assert_eq!(refused.status, status, "{more:?}: {}{}", refused.out, refused.err);
        assert!(refused.err.contains(said), "{more:?}: {}", refused.err);
    }
    let no_stage = company.run(&["silence", "add", "--release", &release, "--stage", "99", "--yes"]);
    assert_eq!(no_stage.status, 1);
    let over = company.run(&["silence", "add", "--release", &release, "--stage", "0", "--yes"]);
    assert!(over.status == 1 && over.err.contains("nothing of it is left to silence"), "{}", over.err);
    let silences = company.silences(&["--all"]);
    assert_eq!(silences.len(), 1, "nothing was sent: {silences:?}");
    let theirs = silences[0]["id"].as_str().unwrap();
    let expire = company.run(&["silence", "expire", theirs, "--yes"]);
    assert_eq!(expire.status, 1, "{}", expire.err);
    assert!(expire.err.contains("was not made here, but by hana"), "{}", expire.err);
    assert_eq!(company.run(&["silence", "expire", "nonsense", "--yes"]).status, 2);
}

#[test]
fn an_alertmanager_that_is_away_is_not_good_news() {
    let away = World::new(&[(
        "tminus.toml",
        "schema = 1\n\n[backend.alertmanager]\nurl = \"http://127.0.0.1:9\"\n",
    )]);
    let run = |words: &[&str]| {
        let output = away.command().args(words).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for words in [&["alerts"][..], &["silence", "list"]] {
        let (status, err) = run(words);
        assert_eq!(status, 3, "{words:?}: {err}");
        assert!(err.contains("not known"), "{err}");
    }
    let none = World::new(&[("tminus.toml", "schema = 1\n")]);
    let output = none.command().arg("alerts").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
