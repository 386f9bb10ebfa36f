//! `tminus versions` and `tminus can-i-deploy`

use serde_json::{Value, json};

use super::world::World;

const TMINUS: &str = r#"
[workspace]
name = "Shop"

[[environment]]
id = "test"

[[environment]]
id = "staging"
versions = { command = ["false"] }

[[environment]]
id = "production"
versions = { file = "running.json" }

[[service]]
id = "checkout"
depends_on = [ { service = "payments", version = "^4.1" }, { service = "catalog", version = "^1.7", kind = "soft" } ]

[[service]]
id = "payments"

[[service]]
id = "catalog"

[[service]]
id = "web"
depends_on = [ { service = "checkout", version = "^4" } ]
"#;

fn world(running: &str) -> World {
    World::new(&[("tminus.toml", TMINUS), ("running.json", running)])
}

/// Verdict, exit status, and each reason's code, service, requirement and finding.
fn ask(running: &str, words: &str) -> (String, i32, Vec<Value>) {
    let answered = world(running).run(&format!("can-i-deploy {words} --json"));
    let document = answered.json();
    let reasons = document["reasons"].as_array().unwrap().iter();
    let of = |reason: &Value| {
        assert!(reason["message"].as_str().unwrap().len() > 10);
        json!([reason["code"], reason["service"], reason["requires"], reason["found"]])
    };
    (document["verdict"].as_str().unwrap().to_owned(), answered.status, reasons.map(of).collect())
}

#[test]
fn yes_no_and_every_reason() {
    let all = r#"{"payments": "v4.3.0", "catalog": "1.7.2", "web": "9.0.0"}"#;
    assert_eq!(ask(all, "checkout@4.2.0 --to production"), ("yes".into(), 0, vec![]));
    assert_eq!(
        ask(all, "checkout@5.0.0 --to production"),
        ("no".into(), 1, vec![json!(["consumer-version", "web", "^4", "5.0.0"])])
    );
    assert_eq!(
        ask(
            r#"{"payments": {"4.3.0": 0.9, "3.0.0": 0.1}, "catalog": "1.7.2"}"#,
            "checkout@4.2.0 --to production"
        ),
        ("no".into(), 1, vec![json!(["provider-version", "payments", "^4.1", "3.0.0"])])
    );
    assert_eq!(
        ask(r#"{"catalog": "1.7.2"}"#, "checkout@4.2.0 --to production"),
        ("no".into(), 1, vec![json!(["provider-missing", "payments", "^4.1", null])])
    );
    assert_eq!(
        ask(r#"{"payments": "main-4711", "catalog": "1.7.2"}"#, "checkout@4.2.0 --to production"),
        ("unknown".into(), 3, vec![json!(["not-semver", "payments", "^4.1", "main-4711"])])
    );
    assert_eq!(
        ask(r#"{"payments": "4.1.0", "catalog": "1.6.9"}"#, "checkout@4.2.0 --to production"),
        ("yes".into(), 0, vec![json!(["provider-version", "catalog", "^1.7", "1.6.9"])])
    );
}

#[test]
fn a_source_that_is_missing_broken_or_silent_is_not_known() {
    let unknown = vec![
        json!(["provider-unknown", "catalog", "^1.7", null]),
        json!(["provider-unknown", "payments", "^4.1", null]),
    ];
    for (running, words) in [
        ("{}", "checkout@4.2.0 --to test"),
        ("{}", "checkout@4.2.0 --to staging"),
        ("{ not json", "checkout@4.2.0 --to production"),
    ] {
        assert_eq!(ask(running, words), ("unknown".into(), 3, unknown.clone()), "{words}");
    }
    let gone = World::new(&[("tminus.toml", TMINUS)]);
    assert_eq!(gone.run("can-i-deploy checkout@4.2.0 --to production").status, 3);
}

#[test]
fn a_wrong_call_says_what_would_be_right() {
    for (words, said) in [
        ("can-i-deploy chekout@4.2.0 --to production", "did you mean `checkout`?"),
        ("can-i-deploy checkout@4.2.0 --to prodcution", "did you mean `production`?"),
        ("can-i-deploy checkout --to production", "checkout@4.2.0"),
        ("can-i-deploy @1 --to production", "SERVICE@VERSION"),
        ("can-i-deploy checkout@1", "--to"),
        ("versions --environment stagign", "did you mean `staging`?"),
    ] {
        let answered = world("{}").run(words);
        assert_eq!((answered.status, answered.out.as_str()), (2, ""), "{words}");
        assert!(answered.err.contains(said), "{words}: {}", answered.err);
    }
}

#[test]
fn versions_tells_what_runs_what_does_not_and_what_is_not_known() {
    let world = world(r#"{"checkout": {"4.1.3": 0.75, "4.2.0": 0.25}, "legacy": "1.0.0"}"#);
    let answered = world.run("versions --json");
    assert_eq!(answered.status, 3);
    assert!(answered.err.contains("tminus: staging: "), "{}", answered.err);
    let document = answered.json();
    assert_eq!((&document["schema"], &document["kind"]), (&json!("tminus/1"), &json!("versions")));
    let services = &document["services"];
    assert_eq!(
        services["checkout"],
        json!({
            "test": null, "staging": null,
            "production": [{ "version": "4.1.3", "share": 0.75 }, { "version": "4.2.0", "share": 0.25 }],
        })
    );
    assert_eq!(services["payments"]["production"], json!([]));
    assert_eq!(services["legacy"]["production"], json!([{ "version": "1.0.0", "share": 1.0 }]));
    let one = world.run("versions --environment production");
    assert_eq!(one.status, 0, "{one:?}");
    assert_eq!(
        one.out,
        "SERVICE   production\ncatalog   -\ncheckout  4.1.3 75 %, 4.2.0 25 %\nlegacy    1.0.0\n\
         payments  -\nweb       -\n"
    );
    let all = world.run("versions").out;
    assert!(all.contains("checkout  ?     ?        4.1.3 75 %"), "{all}");
    assert_eq!(world.run("versions --environment test").status, 3);
    let bare = World::new(&[("tminus.toml", "[workspace]\nname = \"Bare\"\n")]);
    assert_eq!(bare.run("versions").status, 0);
}

/// Left out, it would let any version through.
#[test]
fn a_requirement_that_cannot_be_read_is_not_met() {
    let text = "[workspace]\nname = \"x\"\n\n[[environment]]\nid = \"e\"\nversions = { file = \"v.json\" }\n\n\
                [[service]]\nid = \"a\"\ndepends_on = [{ service = \"b\", version = \"^^1\" }]\n\n\
                [[service]]\nid = \"b\"\n";
    let world = World::new(&[("tminus.toml", text), ("v.json", r#"{"a": "1.0.0", "b": "1.0.0"}"#)]);
    for what in ["a@1.0.0", "b@1.0.0"] {
        let answered = world.run(&format!("can-i-deploy {what} --to e --json"));
        let document = answered.json();
        assert_eq!((answered.status, &document["verdict"]), (2, &"unknown".into()), "{answered:?}");
        assert_eq!(document["reasons"][0]["code"], "not-semver", "{document}");
    }
}
