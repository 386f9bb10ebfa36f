//! Recorded answers of Jira, both dialects, and pages that never end.

use tminus::backend::{Backends, Limits};
use tminus::domain::question::TrackerVersion;
use tminus::domain::release::TrackerRef;
use tminus::domain::workspace::{BackendKind, SecretSource, Workspace};
use tminus::domain::{Answer, Failure, FailureKind, Question, Release};

use super::ground::{backend, fixture, identity, limits, now, one, workspace};
use super::server::{Request, Server, Step, json, reply};

const CLOUD: &str = r#"{"deploymentType":"Cloud","version":"1001.0.0"}"#;
const CENTER: &str = r#"{"deploymentType":"Server","version":"9.12.0","versionNumbers":[9,12,0]}"#;

/// A tracker that answers by what a request's line contains; the first that fits.
async fn tracker(routes: Vec<(&'static str, Vec<u8>)>) -> Server {
    Server::start(move |request, _| {
        let route = routes.iter().find(|(part, _)| request.line.contains(part));
        vec![Step::Send(route.map_or_else(|| reply("404 Not Found", "", ""), |(_, bytes)| bytes.clone()))]
    })
    .await
}

/// A release that names a version of the project PAY.
pub fn release(version: &str) -> Release {
    let tracker =
        TrackerRef { backend: "jira".to_owned(), project: "PAY".to_owned(), version: version.to_owned() };
    Release {
        id: "r".to_owned(),
        title: String::new(),
        change: tminus::domain::ChangeType::Normal,
        status: tminus::domain::Status::Planned,
        owner: None,
        tracker: Some(tracker),
        items: Vec::new(),
        stages: Vec::new(),
        checks: Vec::new(),
        exceptions: Vec::new(),
        notes: None,
        show: tminus::domain::show::RunOfShow::default(),
        watch: tminus::domain::stabilisation::Plan::default(),
    }
}

async fn ask_version(server: &Server, version: &str, limits: Limits) -> Result<TrackerVersion, Failure> {
    let company = Workspace {
        releases: vec![release(version)],
        ..workspace(
            "/nonexistent".as_ref(),
            vec![backend(BackendKind::Jira, &format!("{}/jira", server.url))],
        )
    };
    let backends = Backends::with_limits(company.into(), limits);
    let answer = backends.answer(&Question::Tracker { release: "r".to_owned() }, now()).await?;
    let Answer::Tracker(version) = answer else { panic!("{answer:?}") };
    Ok(version)
}

#[tokio::test]
async fn cloud_versions_come_in_pages_with_odd_dates_and_counts() {
    let page = |values: &str, last: bool| json(format!(r#"{{"values":{values},"isLast":{last}}}"#));
    let all = String::from_utf8(fixture("jira/cloud-project-versions-epoch-date.json")).unwrap();
    let expanded = format!("[{}]", String::from_utf8(fixture("jira/cloud-version-expanded.json")).unwrap());
    let server = tracker(vec![
        ("serverInfo", json(fixture("jira/cloud-serverInfo.json"))),
        ("startAt=0", page(&all, false)),
        ("startAt=2", page(&expanded, true)),
    ])
    .await;
    let question = Question::TrackerVersions { backend: "jira".to_owned(), project: "PAY".to_owned() };
    let answer = one(backend(BackendKind::Jira, &server.url)).answer(&question, now()).await;
    let Ok(Answer::TrackerVersions(versions)) = answer else { panic!("{answer:?}") };
    assert_eq!(versions.len(), 3);
    assert!(versions.iter().step_by(2).all(|v| v.release_date.unwrap().to_string() == "2010-07-06"));
    assert_eq!(
        (versions[1].to_do, versions[1].in_progress, versions[1].done),
        (Some(10), Some(20), Some(100))
    );
    let line = &server.requests()[1].line;
    assert!(
        line.starts_with("GET /rest/api/3/project/PAY/version?") && line.contains("expand=issuesstatus"),
        "{line}"
    );
}

#[tokio::test]
async fn data_center_versions_are_one_list() {
    let server = tracker(vec![
        ("serverInfo", json(CENTER)),
        ("/jira/rest/api/2/project/SLING/versions", json(fixture("jira/dc-project-versions.json"))),
    ])
    .await;
    let question = Question::TrackerVersions { backend: "jira".to_owned(), project: "SLING".to_owned() };
    let backends = one(backend(BackendKind::Jira, &format!("{}/jira/", server.url)));
    let answer = backends.answer(&question, now()).await;
    let Ok(Answer::TrackerVersions(versions)) = answer else { panic!("{answer:?}") };
    assert_eq!(versions.len(), 201);
    assert_eq!(versions.iter().filter(|version| version.released).count(), 191);
    assert_eq!(versions[0].release_date.unwrap().to_string(), "2015-03-20");
    let url = versions[0].url.as_ref().unwrap();
    assert!(url.ends_with("/jira/projects/SLING/versions/12329024"), "{url}");
}

#[tokio::test]
async fn a_release_on_data_center_has_counts_and_open_issues() {
    let name = "XSS Protection API 1.0.2";
    let server = Server::start(move |request, _| {
        let line = &request.line;
        vec![Step::Send(if line.contains("serverInfo") {
            json(CENTER)
        } else if line.contains("/project/PAY/versions") {
            json(fixture("jira/dc-project-versions.json"))
        } else if line.contains("relatedIssueCounts") {
            json(r#"{"issuesFixedCount":12}"#)
        } else if line.contains("unresolvedIssueCount") {
            json(r#"{"issuesUnresolvedCount":10}"#)
        } else if line.contains("startAt=0&") {
            json(fixture("jira/dc-search-v2-total.json"))
        } else {
            reply("404 Not Found", "", "")
        })]
    })
    .await;
    let version = ask_version(&server, name, limits()).await.unwrap();
    assert_eq!((version.name.as_str(), version.done), (name, Some(2)));
    // The recorded page says that nine is all there is, and the paging believes it.
    assert_eq!(version.open.as_ref().map(Vec::len), Some(9));
    let search = server.requests().into_iter().find(|request| request.line.contains("/search?")).unwrap();
    assert!(search.line.contains("fixVersion+%3D+%22XSS+Protection+API+1.0.2%22"), "{}", search.line);
}

fn offset(request: &Request) -> usize {
    let (_, rest) = request.line.split_once("startAt=").unwrap();
    rest.split(['&', ' ']).next().unwrap().parse().unwrap()
}

fn issues(range: std::ops::Range<usize>) -> String {
    let one = |n: usize| {
        let category = if n.is_multiple_of(2) { "new" } else { "indeterminate" };
        format!(
            r#"{{"id":{n},"key":"PAY-{n}","fields":{{"summary":"s","priority":{{"name":"Highest"}},
                "status":{{"name":"Offen","statusCategory":{{"key":"{category}"}}}}}}}}"#
        )
    };
    range.map(one).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn data_center_pages_advance_by_what_was_returned() {
    for (total, per_page, expected, more) in [(7, 3, 7, false), (2000, 50, 500, true), (500, 100, 500, false)]
    {
        let server = Server::start(move |request, _| {
            let line = &request.line;
            vec![Step::Send(if line.contains("serverInfo") {
                json(CENTER)
            } else if line.contains("/versions") {
                json(r#"[{"id":7,"name":"1"}]"#)
            } else if line.contains("IssueCount") {
                json(format!(r#"{{"issuesFixedCount":{},"issuesUnresolvedCount":{total}}}"#, total + 5))
            } else {
                let start = offset(request);
                let end = (start + per_page).min(total);
                json(format!(r#"{{"total":{total},"issues":[{}]}}"#, issues(start..end)))
            })]
        })
        .await;
        let version = ask_version(&server, "1", limits()).await.unwrap();
        let open = version.open.unwrap();
        assert_eq!((open.len(), version.warnings.len() == 1, version.done), (expected, more, Some(5)));
        assert!(open[0].blocker && open[0].category.as_str() == "new");
        if !more {
            assert_eq!(version.to_do.unwrap() + version.in_progress.unwrap(), total as u32);
        }
    }
}

#[tokio::test]
async fn cloud_pages_end_when_the_token_does() {
    let server = Server::start(|request, _| {
        let line = &request.line;
        let page = |issues: String, rest: &str| json(format!(r#"{{"issues":[{issues}]{rest}}}"#));
        vec![Step::Send(if line.contains("serverInfo") {
            json(CLOUD)
        } else if line.contains("/version?") {
            json(r#"{"values":[{"id":"1","name":"1","issuesStatusForFixVersion":{"toDo":1,"inProgress":2,"done":3,"unmapped":1}}],"isLast":true}"#)
        } else if line.contains("nextPageToken=b") {
            page(issues(3..5), "")
        } else if line.contains("nextPageToken=a") {
            page(String::new(), r#","nextPageToken":"b""#)
        } else {
            page(issues(0..3), r#","nextPageToken":"a","isLast":false"#)
        })]
    })
    .await;
    let version = ask_version(&server, "1", limits()).await.unwrap();
    assert_eq!(version.open.as_ref().map(Vec::len), Some(5));
    assert_eq!((version.to_do, version.in_progress, version.done), (Some(2), Some(2), Some(3)));
    let search = server.requests().into_iter().find(|request| request.line.contains("/search/jql")).unwrap();
    assert!(search.line.contains("fields=summary%2Cstatus"), "{}", search.line);
}

#[tokio::test]
async fn pages_without_end_are_noticed() {
    for (name, page) in [
        ("the same token", r#"{"issues":[{"key":"A-1"}],"nextPageToken":"a"}"#),
        ("empty pages", r#"{"issues":[],"nextPageToken":"a"}"#),
    ] {
        let version = r#"{"values":[{"id":"1","name":"1"}],"isLast":true}"#;
        let server =
            tracker(vec![("serverInfo", json(CLOUD)), ("/version?", json(version)), ("/jql", json(page))])
                .await;
        let failure = ask_version(&server, "1", limits()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Garbled, "{name}: {failure}");
        assert!(server.requests().len() < 10, "{name}");
    }
    let server = tracker(vec![
        ("serverInfo", json(CENTER)),
        ("/versions", json(r#"[{"id":1,"name":"1"}]"#)),
        ("IssueCount", json(r#"{"issuesFixedCount":5,"issuesUnresolvedCount":5}"#)),
        ("/search", json(r#"{"issues":[],"total":5}"#)),
    ])
    .await;
    let version = ask_version(&server, "1", limits()).await.unwrap();
    assert_eq!(version.open.map(|open| open.len()), Some(0));
}

#[tokio::test]
async fn refusals_are_read() {
    for (status, body, headers, kind, words) in [
        (
            "410 Gone",
            fixture("jira/error-410-search-removed.json"),
            "",
            FailureKind::Gone,
            "has been removed",
        ),
        (
            "400 Bad Request",
            fixture("jira/error-400-create-issue.json"),
            "",
            FailureKind::BadQuery,
            "'priority' is required",
        ),
        ("401 Unauthorized", b"<html>".to_vec(), "", FailureKind::Unauthorized, "401"),
        (
            "403 Forbidden",
            Vec::new(),
            "X-Authentication-Denied-Reason: CAPTCHA_CHALLENGE; login-url=https://x\r\n",
            FailureKind::Unauthorized,
            "CAPTCHA",
        ),
    ] {
        let server = Server::saying(reply(status, headers, body)).await;
        let failure = identity(&one(backend(BackendKind::Jira, &server.url)), "jira").await.unwrap_err();
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.to_string().contains(words), "{failure}");
        assert_eq!(server.requests().len(), 1, "{status} is not tried again");
    }
}

#[tokio::test]
async fn who_i_am_is_asked_where_there_is_a_token() {
    let routes = vec![
        ("serverInfo", json(fixture("jira/cloud-serverInfo.json"))),
        ("/rest/api/3/myself", json(fixture("jira/cloud-myself.json"))),
    ];
    let server = tracker(routes).await;
    let token = SecretSource::Env("CARGO_MANIFEST_DIR".into());
    let config = tminus::domain::workspace::BackendConfig {
        token: Some(token),
        user: Some("mia@example.com".into()),
        ..backend(BackendKind::Jira, &server.url)
    };
    let Ok(Answer::Identity(who)) = identity(&one(config), "jira").await else { panic!() };
    assert_eq!(who.product.as_str(), "Jira Cloud 1001.0.0-SNAPSHOT");
    assert_eq!(who.user.as_deref(), Some("Mia Krystof"));
}

#[tokio::test]
async fn a_question_of_many_slow_pages_is_given_up_in_time() {
    // Each page comes well within the time for a call, names another one, and never the last.
    let server = Server::start(|request, before| {
        let page =
            |body: String| vec![Step::Pause(std::time::Duration::from_millis(100)), Step::Send(json(body))];
        if request.line.contains("serverInfo") {
            return vec![Step::Send(json(CLOUD))];
        }
        if request.line.contains("search") {
            return page(format!(
                r#"{{"issues":[{{"id":"1","key":"PAY-{before}","fields":{{}}}}],"nextPageToken":"{before}"}}"#
            ));
        }
        vec![Step::Send(json(r#"{"values":[{"id":"1","name":"4.2"}],"isLast":true}"#))]
    })
    .await;
    let short = Limits { question: std::time::Duration::from_millis(600), ..limits() };
    let begun = std::time::Instant::now();
    let failure = ask_version(&server, "4.2", short).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
    assert!(failure.what.contains("jira") && failure.what.contains("in full"), "{failure}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(1), "{:?}", begun.elapsed());
    let asked = server.requests().len();
    assert!((4..12).contains(&asked), "{asked} requests");
}
