//! The run of show of a release: read whole, and every mistake said in place.

use tminus::domain::Edit;
use tminus::domain::patch::{Before, Change, Patch, Place, PlanFile, Value};
use tminus::domain::show::{Anchor, Check};
use tminus::store::apply;

use crate::help::{listed, read, storefront, write};

const STAGES: &str = r#"
[[stage]]
environment = "staging"
start = 2026-11-24T10:00:00
end = 2026-11-24T12:00:00

[[stage]]
environment = "production"
region = "eu"
start = 2026-11-25T14:00:00
end = 2026-11-25T16:00:00
"#;

#[test]
fn a_run_of_show_is_read_whole() {
    let root = storefront();
    let text = format!(
        r#"{STAGES}
[count]
environment = "production"             # T-0: the first stage there

[[hold]]
since = 2026-11-25T12:10:00Z
until = 2026-11-25T13:25:00+01:00
by = "mira"
reason = "the ledger migration is slow"

[[hold]]
since = 2026-11-25T13:30:00Z
reason = "again"

[[step]]
id = "freeze-branch"
title = "Freeze the release branch"
at = "T-2d"
duration = "30m"
owner = "mira"
started = 2026-11-23T14:02:00Z
done = 2026-11-23T14:20:00Z
by = "mira"

[[step]]
id = "tests-green"
after = ["freeze-branch"]
check = {{ query = 'sum(ci_failed{{release="{{{{release}}}}"}})', until = "== 0" }}

[[step]]
id = "smoke"
at = "T-1d2h"
time_zone = "Asia/Kolkata"
check = {{ run = ["./smoke", "{{{{version}}}}"], timeout = "2m" }}
skipped = "staging is down"
"#
    );
    write(root.path(), "releases/show.toml", text.as_bytes());
    let opened = read(root.path());
    assert_eq!(listed(&opened), "");
    let show = &opened.workspace.release("show").unwrap().show;
    assert_eq!(show.anchor, Anchor::Environment { environment: "production".into(), region: None });
    assert_eq!(show.holds.len(), 2);
    assert_eq!(show.holds[0].until, Some("2026-11-25T12:25:00Z".parse().unwrap()));
    assert_eq!(show.open_hold().map(|hold| hold.reason.as_str()), Some("again"));
    let ids: Vec<&str> = show.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["freeze-branch", "tests-green", "smoke"]);
    assert_eq!(show.steps[1].title, "tests-green", "the id where there is no title");
    assert!(matches!(&show.steps[1].check, Some(Check::Query { until, .. }) if until.to_string() == "== 0"));
    assert!(
        matches!(&show.steps[2].check, Some(Check::Command { argv, timeout: Some(_) }) if argv.len() == 2)
    );
    assert_eq!(show.steps[2].at.map(|at| at.to_string()).as_deref(), Some("T-1d2h"));
}

#[test]
fn every_mistake_in_a_run_of_show_is_said_in_place() {
    let root = storefront();
    let bad = |name: &str, text: &str| {
        write(root.path(), &format!("releases/{name}.toml"), format!("{STAGES}\n{text}").as_bytes());
    };
    let step = |lines: &str| format!("[[step]]\nid = \"a\"\n{lines}\n");
    bad("a-at", &step("at = \"T-2\""));
    bad("b-never", &step("title = \"nothing says when\""));
    bad("c-after", &format!("{}\n[[step]]\nid = \"freeze\"\nat = \"T-1d\"\n", step("after = [\"freze\"]")));
    bad("d-circle", &format!("{}\n[[step]]\nid = \"b\"\nafter = [\"a\"]\n", step("after = [\"b\"]")));
    bad("e-itself", &step("after = [\"a\"]"));
    bad("f-twice", &format!("{}\n{}", step("at = \"T-1d\""), step("at = \"T-2d\"")));
    bad("g-check", &step("at = \"T-1d\"\ncheck = { query = \"up\" }"));
    bad("h-until", &step("at = \"T-1d\"\ncheck = { query = \"up\", until = \"is 1\" }"));
    bad("i-template", &step("at = \"T-1d\"\ncheck = { run = [\"./x\", \"{{versoin}}\"] }"));
    bad("j-done", &step("at = \"T-1d\"\nstarted = 2026-11-24T10:00:00Z\ndone = 2026-11-24T09:00:00Z"));
    bad("k-duration", &step("at = \"T-1d\"\nduration = \"soon\""));
    bad(
        "l-hold",
        "[[hold]]\nsince = 2026-11-24T10:00:00Z\nreason = \"x\"\n\n[[hold]]\nsince = 2026-11-24T11:00:00Z\nreason = \"y\"\n",
    );
    bad("m-hold", "[[hold]]\nsince = 2026-11-24T10:00:00Z\nuntil = 2026-11-24T09:00:00Z\nreason = \" \"\n");
    bad("n-count", "[count]\nzero = 2026-11-25T14:00:00\nenvironment = \"production\"\n");
    bad("o-count", "[count]\nregion = \"eu\"\n");
    bad("p-place", "[count]\nenvironment = \"productoin\"\n");
    bad("q-skipped", &step("at = \"T-1d\"\nskipped = \"\""));
    let opened = read(root.path());
    insta::assert_snapshot!(listed(&opened));
    assert!(opened.workspace.release("p-place").is_some(), "a reference to nothing leaves nothing out");
    assert!(opened.workspace.release("d-circle").is_none());
}

/// Two people at one step: the second is told what the first wrote, and a step beside it does not
/// matter.
#[test]
fn a_step_that_changed_meanwhile_is_not_overwritten() {
    let root = storefront();
    let step = |id: &str, more: &str| format!("\n[[step]]\nid = \"{id}\"\nat = \"T-1d\"\n{more}");
    let file = |one: &str, two: &str| format!("{STAGES}{}{}", step("one", one), step("two", two));
    write(root.path(), "releases/show.toml", file("", "").as_bytes());
    let seen = read(root.path()).workspace.release("show").unwrap().clone();
    let edit = |id: &str, key: &str, value: Option<Value>| {
        let place = Place::Id("step".to_owned(), id.to_owned());
        Edit::Patch(Patch {
            file: PlanFile::Release("show".to_owned()),
            title: format!("change {id}"),
            before: Some(Box::new(Before::Release(seen.clone()))),
            changes: vec![Change::Set { place, key: key.to_owned(), value }],
        })
    };
    let ana = "owner = \"ana\"\n";
    write(root.path(), "releases/show.toml", file(ana, "").as_bytes());
    let error = apply(root.path(), &edit("one", "owner", Some(Value::text("mira")))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the step `one` changed meanwhile (owner was not set, is `ana` now): look at it and try again"
    );
    apply(root.path(), &edit("two", "owner", Some(Value::text("mira")))).unwrap();
    apply(root.path(), &edit("one", "duration", Some(Value::text("30m")))).unwrap();
    let now = read(root.path()).workspace.release("show").unwrap().clone();
    let owners: Vec<_> = now.show.steps.iter().map(|step| step.owner.as_deref()).collect();
    assert_eq!(owners, [Some("ana"), Some("mira")]);
    write(root.path(), "releases/show.toml", format!("{STAGES}{}", step("two", "")).as_bytes());
    let error = apply(root.path(), &edit("one", "owner", None)).unwrap_err();
    assert!(error.to_string().contains("the step `one` of `show` (it is not there now)"), "{error}");
}
