//! The Jira-style server: the dialect's traps, and a real client that must be content.

use std::sync::Arc;

use serde_json::{Value, json};
use tminus::backend::Backends;
use tminus::demo::World;
use tminus::domain::tracker::{self, Pushed};
use tminus::domain::workspace::Origin;
use tminus::domain::{Answer, Question};
use tminus::store::{self, Located};

use crate::real;
use crate::world::{client, options};

fn token(world: &World) -> String {
    std::fs::read_to_string(world.workspace().join("../tracker-token")).unwrap().trim().to_owned()
}

async fn get(world: &World, path: &str, parameters: &[(&str, &str)]) -> (u16, Value) {
    let request = client().get(format!("{}/rest/api/{path}", world.jira_url())).query(parameters);
    let answer = request.basic_auth("demo@example.com", Some(token(world))).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn find(world: &World, jql: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut parameters = vec![("jql", jql), ("fields", "summary"), ("maxResults", "7")];
        parameters.extend(next.as_deref().map(|next| ("nextPageToken", next)));
        let (code, page) = get(world, "3/search/jql", &parameters).await;
        assert_eq!(code, 200, "{jql}: {page}");
        assert!(page.get("total").is_none());
        keys.extend(
            page["issues"].as_array().unwrap().iter().map(|issue| issue["key"].as_str().unwrap().to_owned()),
        );
        next = page["nextPageToken"].as_str().map(str::to_owned);
        assert_eq!(page["isLast"], json!(next.is_none()));
        if next.is_none() {
            return keys;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cloud_dialect_has_its_traps() {
    let world = World::start(options()).await.unwrap();
    let (code, body) = get(&world, "3/search", &[("jql", "project = PAY")]).await;
    assert_eq!(code, 410);
    assert!(body["errorMessages"][0].as_str().unwrap().contains("search/jql"));
    let (code, body) = get(&world, "3/search/jql", &[("jql", "order by key")]).await;
    assert_eq!((code, &body["errors"]), (400, &json!({})));
    let (_, body) = get(&world, "3/search/jql", &[("jql", "project = PAY")]).await;
    assert_eq!(body["issues"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["id"]);
    let (code, body) = get(&world, "3/search/jql", &[("jql", "project = NOPE")]).await;
    assert_eq!(
        (code, &body["errorMessages"]),
        (400, &json!(["The value 'NOPE' does not exist for the field 'project'."]))
    );
    let (code, _) = get(&world, "3/mypermissions", &[]).await;
    assert_eq!(code, 400);
    let (code, _) = get(&world, "3/issue/PAY-1", &[]).await;
    assert_eq!(code, 404);
    let wrong = client().get(format!("{}/rest/api/3/myself", world.jira_url()));
    let wrong = wrong.basic_auth("demo@example.com", Some("wrong")).send().await.unwrap();
    assert_eq!(wrong.status().as_u16(), 401);
    assert!(wrong.headers().contains_key("www-authenticate"));
    let anonymous = client().get(format!("{}/rest/api/3/serverInfo", world.jira_url())).send().await.unwrap();
    assert_eq!(anonymous.json::<Value>().await.unwrap()["deploymentType"], "Cloud");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tracker_knows_what_the_plan_does_not_and_takes_a_date() {
    let world = World::start(options()).await.unwrap();
    let opened =
        store::open(&Located { origin: Origin::Files(world.workspace().to_owned()), problems: Vec::new() });
    let workspace = Arc::new(opened.workspace);
    let backends = Backends::new(Arc::clone(&workspace));
    let mut said = Vec::new();
    for project in tracker::projects(&workspace) {
        let question =
            Question::TrackerVersions { backend: project.backend.clone(), project: project.key.clone() };
        let Ok(Answer::TrackerVersions(versions)) = backends.answer(&question, options().now).await else {
            panic!("{question:?}")
        };
        for standing in tracker::compare(&workspace, &project, &versions) {
            let name = &standing.reference.version;
            if standing.is_unplanned() {
                said.push(format!("{name}: not planned"));
            }
            let differences = standing.differences.iter();
            said.extend(differences.map(|it| format!("{name}: {}", it.sentence(workspace.time_zone))));
            if name == "Winter campaign" {
                let release = standing.release.unwrap();
                let push = tracker::propose(&workspace, release, standing.version.unwrap()).unwrap();
                let outcome = backends.push(&push).await;
                assert!(matches!(&outcome, Pushed::Written { now } if *now == push.wanted()), "{outcome:?}");
            }
        }
    }
    assert_eq!(
        said,
        [
            "accounts 4.0.0: not planned",
            "Winter campaign: release date 2026-12-05 there, the plan ends on 2026-12-03 here (Europe/Berlin)",
            "storefront 8.0.0: not planned",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn jql_finds_what_a_release_asks_for() {
    let world = World::start(options()).await.unwrap();
    let all = find(&world, "project in (ORD, \"Payments\") ORDER BY created DESC").await;
    let mut unique = all.clone();
    unique.sort();
    unique.dedup();
    assert!(all.len() > 40 && unique.len() == all.len());
    let blockers =
        find(&world, "fixVersion = \"orders 4.0.0\" AND priority = Blocker AND resolution IS EMPTY").await;
    assert_eq!(blockers.len(), 3);
    let rest = find(
        &world,
        "fixVersion = \"orders 4.0.0\" AND NOT (priority = Blocker AND resolution = Unresolved)",
    )
    .await;
    let together = find(&world, "fixVersion in (\"orders 4.0.0\")").await;
    assert_eq!(blockers.len() + rest.len(), together.len());
    let done = find(&world, "project = ORD AND statusCategory = Done").await;
    let open = find(&world, "project = ORD AND statusCategory != Done").await;
    assert_eq!(done.len() + open.len(), find(&world, "project = ORD").await.len());
    let key = &blockers[0];
    assert_eq!(&find(&world, &format!("key = {key}")).await, std::slice::from_ref(key));
    assert!(
        find(&world, "labels = release-blocker AND assignee is not EMPTY OR key = ORD-1").await.len() <= 3
    );
    // What blocks, in the words of a link.
    let (_, linked) = get(
        &world,
        "3/search/jql",
        &[("jql", "fixVersion = \"orders 4.0.0\""), ("fields", "*all"), ("maxResults", "50")],
    )
    .await;
    let links = linked["issues"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|issue| issue["fields"]["issuelinks"].as_array().unwrap());
    let sides: Vec<bool> = links.map(|link| link.get("inwardIssue").is_some()).collect();
    assert!(sides.contains(&true) && sides.contains(&false), "{sides:?}");
    // One call counts every version's issues.
    let (_, page) =
        get(&world, "3/project/ORD/version", &[("expand", "issuesstatus"), ("status", "unreleased")]).await;
    let version =
        page["values"].as_array().unwrap().iter().find(|version| version["name"] == "orders 4.0.0").unwrap();
    let counts = &version["issuesStatusForFixVersion"];
    let sum = ["toDo", "inProgress", "done"].map(|name| counts[name].as_u64().unwrap()).iter().sum::<u64>();
    assert_eq!(sum as usize, together.len());
    let (_, unresolved) =
        get(&world, &format!("3/version/{}/unresolvedIssueCount", version["id"].as_str().unwrap()), &[])
            .await;
    assert_eq!(unresolved["issuesUnresolvedCount"].as_u64(), Some(sum - counts["done"].as_u64().unwrap()));
}

/// The PyPI client `jira` against the server; `TMINUS_PYTHON` may name another interpreter.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_client_is_content() {
    let python = std::env::var("TMINUS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = std::process::Command::new(&python).args(["-c", "import jira"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        return real::skip("the Python package jira is not installed (pip install jira)");
    }
    let world = World::start(options()).await.unwrap();
    let script = r#"
import sys
from jira import JIRA, JIRAError
jira = JIRA(sys.argv[1], basic_auth=("demo@example.com", sys.argv[2]), max_retries=0)
assert jira.server_info()["deploymentType"] == "Cloud"
assert [project.key for project in jira.projects()] == ["PAY", "WEB", "CAT", "ORD", "ACC"]
version = [version for version in jira.project_versions("ORD") if version.name == "orders 4.0.0"][0]
assert not version.released and version.releaseDate
found = jira.enhanced_search_issues('fixVersion = "orders 4.0.0" ORDER BY key', maxResults=False)
assert len(found) == jira.version_count_related_issues(version.id)["issuesFixedCount"]
assert all(issue.fields.fixVersions[0].name == "orders 4.0.0" for issue in found)
everything = jira.enhanced_search_issues("project is not EMPTY", maxResults=False)
assert len(everything) > 200 and len({issue.key for issue in everything}) == len(everything)
assert jira.approximate_issue_count("project is not EMPTY") == len(everything)
issue = jira.issue(found[0].key, expand="changelog")
assert issue.changelog.histories[0].items[0].field == "Fix Version"
assert issue.fields.status.statusCategory.key in ("new", "indeterminate", "done")
assert issue.fields.description and isinstance(issue.fields.description, str)
assert jira.transitions(issue) and jira.priorities() and jira.statuses() and jira.fields()
assert jira.myself()["accountId"]
before = version.releaseDate
version.update(releaseDate="2027-02-03")
again = jira.version(version.id)
assert again.releaseDate == "2027-02-03" and again.name == "orders 4.0.0" and not again.released, again.raw
try:
    version.update(releaseDate="2001-01-01")
    raise SystemExit("a release before its start was accepted")
except JIRAError as error:
    assert error.status_code == 400 and "start date" in error.text, error
again.update(releaseDate=before)
assert jira.version(version.id).releaseDate == before
try:
    jira.enhanced_search_issues("colour = red")
    raise SystemExit("an unknown field was accepted")
except JIRAError as error:
    assert error.status_code == 400 and "colour" in error.text, error
try:
    JIRA(sys.argv[1], basic_auth=("demo@example.com", "wrong"), max_retries=0).myself()
    raise SystemExit("a wrong token was accepted")
except JIRAError as error:
    assert error.status_code == 401, error
"#;
    let mut command = tokio::process::Command::new(&python);
    command.args(["-c", script, world.jira_url(), &token(&world)]).env("NO_PROXY", "127.0.0.1");
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
