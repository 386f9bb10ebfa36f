//! `tminus graph`

use serde_json::json;

use super::world::World;

const TMINUS: &str = r#"
[workspace]
name = "Shop"

[[service]]
id = "web"
depends_on = [ { service = "checkout" }, { service = "search", kind = "soft" } ]

[[service]]
id = "checkout"
depends_on = [ { service = "payments", version = "^4.1" } ]

[[service]]
id = "payments"
depends_on = [ { service = "ledger" } ]

[[service]]
id = "ledger"
depends_on = [ { service = "payments", version = ">=4" } ]

[[service]]
id = "search"
"#;

const RELEASE: &str = r#"
title = "Two"

[[item]]
service = "web"
version = "2.0.0"

[[item]]
service = "checkout"
version = "4.2.0"
"#;

fn world() -> World {
    World::new(&[("tminus.toml", TMINUS), ("releases/two.toml", RELEASE)])
}

#[test]
fn edges_cycles_and_waves_come_as_the_contract_says() {
    let answered = world().run("graph --json");
    assert_eq!((answered.status, answered.err.as_str()), (0, ""));
    assert_eq!(
        answered.json(),
        json!({
            "schema": "tminus/1", "kind": "graph",
            "services": ["checkout", "ledger", "payments", "search", "web"],
            "edges": [
                { "from": "checkout", "to": "payments", "version": "^4.1", "kind": "hard" },
                { "from": "ledger", "to": "payments", "version": ">=4", "kind": "hard" },
                { "from": "payments", "to": "ledger", "version": null, "kind": "hard" },
                { "from": "web", "to": "checkout", "version": null, "kind": "hard" },
                { "from": "web", "to": "search", "version": null, "kind": "soft" },
            ],
            "cycles": [["ledger", "payments"]],
            "waves": [["ledger", "payments", "search"], ["checkout"], ["web"]],
        })
    );
}

#[test]
fn a_release_sees_only_its_own() {
    let document = world().run("graph --json --release two").json();
    assert_eq!(document["services"], json!(["checkout", "web"]));
    assert_eq!(document["waves"], json!([["checkout"], ["web"]]));
    assert_eq!(document["edges"].as_array().unwrap().len(), 1);
}

#[test]
fn a_release_that_is_not_there_is_a_wrong_call() {
    let answered = world().run("graph --release tow --json");
    assert_eq!((answered.status, answered.out.as_str()), (2, ""));
    assert_eq!(answered.err, "tminus: unknown release `tow`: did you mean `two`?\n");
}

#[test]
fn people_see_waves_and_cycles() {
    let out = world().run("graph").out;
    assert!(out.contains("1     ledger    payments >=4"), "{out}");
    assert!(out.ends_with("cycle: ledger, payments need each other, so they go together\n"), "{out}");
    assert!(!out.contains('\x1b'));
}
