//! A workspace is read whole, and what is wrong is said as a compiler would.

use crate::help::{TMINUS, listed, read, storefront, write};
use tminus::domain::workspace::Origin;

#[test]
fn the_workspace_of_the_contract_is_read_whole() {
    let root = storefront();
    let mut opened = read(root.path());
    assert_eq!(listed(&opened), "");
    opened.workspace.origin = Origin::Nowhere;
    insta::assert_debug_snapshot!(opened.workspace);
}

#[test]
fn every_mistake_is_named_with_its_place_and_the_rest_is_read() {
    let root = storefront();
    let bad = |name: &str, text: &str| write(root.path(), &format!("releases/{name}.toml"), text.as_bytes());
    let stage = |lines: &str| format!("[[stage]]\nenvironment = \"production\"\n{lines}");
    bad("a-syntax", "title = \"x\nstatus = 1\n");
    bad("b-order", &stage("start = 2026-11-25T16:00:00\nend = 2026-11-25T14:00:00\n"));
    bad("c-gap", &stage("start = 2026-03-29T02:30:00\nend = 2026-03-29T05:00:00\n"));
    bad("d-twice", &stage("start = 2026-10-25T02:30:00\nend = 2026-10-25T05:00:00\n"));
    bad("e-soak", &stage("start = 2026-11-25\nend = 2026-11-26\nsoak = \"soon\"\n"));
    bad("f-steps", &stage("start = 2026-11-25\nend = 2026-11-26\nsteps = [5, 5]\n"));
    bad("g-zone", &stage("start = 2026-11-25\nend = 2026-11-26\ntime_zone = \"Europe/Berln\"\n"));
    bad("h-word", "status = \"plannd\"\n");
    bad("i-tracker", "tracker = \"PAY-1\"\n");
    bad("j-reference", "[[item]]\nservice = \"chekout\"\nversion = \"1\"\n");
    bad("k-key", "tracer = \"jira:PAY/1\"\n");
    write(root.path(), "releases/l-utf8.toml", b"title = \"caf\xe9\"\n");
    write(root.path(), "releases/m-nul.toml", b"a = 1\n\0\0");
    write(root.path(), "releases/n-mark.toml", b"\xef\xbb\xbftitle = \"with a mark\"\r\n");
    let opened = read(root.path());
    insta::assert_snapshot!(listed(&opened));
    let ids: Vec<&str> = opened.workspace.releases.iter().map(|release| release.id.as_str()).collect();
    assert_eq!(ids, ["checkout-4.2", "d-twice", "j-reference", "k-key", "n-mark"]);
}

#[test]
fn a_broken_tminus_toml_keeps_what_can_be_kept() {
    let root = storefront();
    let text = TMINUS
        .replace("token = { env = \"JIRA_TOKEN\" }", "token = \"hunter2\"")
        .replace("version = \"^4.1\"", "version = \"four\"")
        .replace("[{{window}}]))'\ntotal", "[{{windw}}]))'\ntotal")
        .replace("capacity = 1", "capacity = \"one\"");
    write(root.path(), "tminus.toml", text.as_bytes());
    let opened = read(root.path());
    insta::assert_snapshot!(listed(&opened));
    assert!(opened.problems.iter().all(|problem| !problem.rendered.contains("hunter2")));
    assert_eq!(opened.workspace.services.len(), 3);
    assert_eq!(opened.workspace.releases.len(), 1);

    write(root.path(), "tminus.toml", format!("{TMINUS}\nbroken = \n").as_bytes());
    let opened = read(root.path());
    assert_eq!((opened.problems.len(), opened.workspace.services.len()), (1, 3));
}

#[test]
fn a_budget_is_read_and_one_that_cannot_be_is_refused() {
    let with = |budget: &str| {
        let root = storefront();
        let text = format!(
            "schema = 1\n\n[backend.prometheus]\nurl = \"http://localhost:9090\"\nbudget = {budget}\n"
        );
        write(root.path(), "tminus.toml", text.as_bytes());
        let opened = read(root.path());
        let prometheus = opened.workspace.backend("prometheus");
        let budget = prometheus.and_then(tminus::domain::workspace::BackendConfig::requests_a_minute);
        (budget, listed(&opened))
    };
    assert_eq!(with("240").0, Some(240));
    let (none, said) = with("3");
    assert_eq!(none, None);
    assert!(said.contains("found a budget of 3: 10 to 60000 requests a minute are accepted"), "{said}");
    assert!(with("-1").1.contains("found a budget of -1"));
}
