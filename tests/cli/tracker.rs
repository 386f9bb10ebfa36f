//! `tminus tracker` against a Jira-style server: what differs, adopting, and a date that is sent on
//! confirmation only.

use std::path::Path;

use serde_json::Value;
use tminus::demo;

use crate::world::{Answered, World};

/// The made-up company, and the program run in its workspace.
struct Company {
    runtime: tokio::runtime::Runtime,
    servers: Option<demo::World>,
    ground: World,
}

impl Company {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let now = "2026-11-25T14:20:00Z".parse().unwrap();
        let options = demo::Options { speed: 1.0, seed: 7, now };
        let servers = runtime.block_on(demo::World::start(options)).unwrap();
        Self { runtime, servers: Some(servers), ground: World::new(&[]) }
    }

    fn workspace(&self) -> &Path {
        self.servers.as_ref().unwrap().workspace()
    }

    fn run(&self, words: &[&str]) -> Answered {
        let mut command = self.ground.command();
        let output = command.arg("-w").arg(self.workspace()).args(words).output().unwrap();
        Answered {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn versions(&self) -> Vec<Value> {
        let listed = self.run(&["tracker", "list", "--json"]);
        assert_eq!(listed.status, 0, "{}", listed.err);
        listed.json()["versions"].as_array().unwrap().clone()
    }

    fn version(&self, name: &str) -> Value {
        self.versions().into_iter().find(|version| version["version"] == name).unwrap()
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        drop(self.servers.take());
    }
}

#[test]
fn what_is_there_and_not_here_is_listed_adopted_and_no_longer_offered() {
    let company = Company::new();
    let listed = company.run(&["tracker", "list"]);
    assert_eq!(listed.status, 0, "{}", listed.err);
    assert!(listed.out.contains("tminus tracker adopt 'jira:ACC/accounts 4.0.0'"), "{}", listed.out);
    assert!(listed.out.contains("plans end on dates of Europe/Berlin"), "{}", listed.out);
    let offered = company.version("accounts 4.0.0");
    assert_eq!((&offered["release"], &offered["state"]), (&Value::Null, &"unreleased".into()));
    assert_eq!(offered["release_date"], "2026-12-19");

    let adopted = company.run(&["tracker", "adopt", "jira:ACC/accounts 4.0.0", "--json"]);
    assert_eq!(adopted.status, 0, "{}", adopted.err);
    assert!(adopted.err.contains("only the day is known"), "{}", adopted.err);
    let release = adopted.json();
    assert_eq!(release["status"], "draft");
    let text = std::fs::read_to_string(company.workspace().join("releases/accounts-4.0.0.toml")).unwrap();
    assert_eq!(
        text,
        "title = \"accounts 4.0.0\"\nchange = \"normal\"\nstatus = \"draft\"\n\
         tracker = \"jira:ACC/accounts 4.0.0\"\n\n[[item]]\nservice = \"accounts\"\nversion = \"4.0.0\"\n\n\
         [[stage]]\nenvironment = \"production\"\nstart = 2026-12-19T10:00:00\nend = 2026-12-19T11:00:00\n\
         time_zone = \"Europe/Berlin\"\n"
    );
    let planned = company.version("accounts 4.0.0");
    assert_eq!(
        (&planned["release"], &planned["differences"]),
        (&"accounts-4.0.0".into(), &Value::Array(vec![]))
    );

    let again = company.run(&["tracker", "adopt", "jira:ACC/accounts 4.0.0"]);
    assert_eq!(again.status, 1);
    assert!(again.err.contains("is planned already, as the release accounts-4.0.0"), "{}", again.err);
    let wrong = company.run(&["tracker", "adopt", "jira:ACC/accounts 4.0.1"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("did you mean `accounts 4.0.0`"), "{}", wrong.err);
    let undated = company.run(&["tracker", "adopt", "WEB/storefront 8.0.0", "--id", "shop-8"]);
    assert_eq!(undated.status, 0, "{}", undated.err);
    assert!(undated.err.contains("no release date there"), "{}", undated.err);
}

#[test]
fn a_date_goes_to_the_tracker_only_when_it_is_confirmed_by_name() {
    let company = Company::new();
    let campaign = company.version("Winter campaign");
    assert_eq!(
        (&campaign["release_date"], &campaign["plan_ends"]),
        (&"2026-12-05".into(), &"2026-12-03".into())
    );
    let words = ["tracker", "push", "winter-campaign"];
    let dry = company.run(&[&words[..], &["--dry-run"]].concat());
    assert_eq!(dry.status, 0, "{}", dry.err);
    assert!(dry.out.contains("→ 2026-12-03") && dry.out.contains("nothing was sent"), "{}", dry.out);
    let unconfirmed = company.run(&words);
    assert_eq!(unconfirmed.status, 1);
    assert!(unconfirmed.err.contains("add --confirm 'WEB/Winter campaign'"), "{}", unconfirmed.err);
    let misspelt = company.run(&[&words[..], &["--confirm", "web/Winter campaign"]].concat());
    assert_eq!(misspelt.status, 1);
    assert_eq!(company.version("Winter campaign")["release_date"], "2026-12-05");

    let sent = company.run(&[&words[..], &["--confirm", "WEB/Winter campaign", "--json"]].concat());
    assert_eq!(sent.status, 0, "{}", sent.err);
    let sent = sent.json();
    assert_eq!((&sent["outcome"], &sent["now"]["release date"]), (&"written".into(), &"2026-12-03".into()));
    let changed: Vec<&Value> =
        sent["fields"].as_array().unwrap().iter().filter(|field| field["changes"] == true).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0]["there"], "2026-12-05");
    assert_eq!(company.version("Winter campaign")["differences"], Value::Array(vec![]));
    let again = company.run(&[&words[..], &["--json"]].concat());
    assert_eq!((again.status, &again.json()["outcome"]), (0, &"same".into()));
}

#[test]
fn a_tracker_that_does_not_say_is_unknown() {
    let world = World::new(&[
        (
            "tminus.toml",
            "[workspace]\nname = \"w\"\n\n[backend.jira]\nurl = \"http://127.0.0.1:9\"\nprojects = [\"PAY\"]\n",
        ),
        ("releases/r.toml", "tracker = \"jira:PAY/4.2.0\"\n"),
    ]);
    let listed = world.run("tracker list --json");
    assert_eq!(listed.status, 3, "{}", listed.err);
    assert_eq!(listed.json()["unknown"][0]["project"], "PAY");
    assert!(listed.err.contains("PAY of jira is not known"), "{}", listed.err);
    assert_eq!(world.run("tracker adopt jira:PAY/4.2.0").status, 3);
    assert_eq!(world.run("tracker push r --dry-run").status, 3);
    let nowhere = World::new(&[("tminus.toml", "[workspace]\nname = \"w\"\n")]);
    let listed = nowhere.run("tracker list");
    assert_eq!(listed.status, 2);
    assert!(listed.err.contains("projects = [\"PAY\"]"), "{}", listed.err);
}

#[test]
fn the_company_has_one_commit_on_a_frozen_branch() {
    let company = Company::new();
    let answered = company.run(&["branches", "--json", "--at", "2026-11-25T14:20:00Z"]);
    assert_eq!(answered.status, 1, "{}", answered.err);
    let document = answered.json();
    let branch = &document["freezes"][0]["branches"][0];
    assert_eq!((&branch["service"], &branch["branch"]), (&"storefront".into(), &"main".into()));
    assert_eq!((branch["commits"].as_array().unwrap().len(), &document["unauthorised"]), (1, &1.into()));
    assert!(branch["commits"][0]["subject"].as_str().unwrap().contains("one more teaser"));
}
