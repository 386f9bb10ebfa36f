//! A version's date is changed in the tracker: once, and only while it is as it was read. What the
//! server does wrong must never pass for success, and never be tried again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tminus::backend::{Backends, Limits};
use tminus::domain::question::TrackerVersion;
use tminus::domain::tracker::{Dates, Push, Pushed};
use tminus::domain::workspace::BackendKind;
use tminus::domain::{Answer, FailureKind, Question, release::TrackerRef};

use super::ground::{backend, limits, now, one};
use super::server::{Request, Server, Step, json, reply};

const CLOUD: &str = r#"{"deploymentType":"Cloud","version":"1001.0.0"}"#;
const CENTER: &str = r#"{"deploymentType":"Server","version":"9.12.0"}"#;

/// What the server does with a change.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    /// Carries it out and says so.
    Honest,
    /// Says no with this status.
    Refuses(&'static str),
    /// Says no with this status, having carried it out.
    LiesAbout(&'static str),
    /// Carries it out and then says nothing.
    Mute,
    /// Says nothing and does nothing.
    Deaf,
    /// Carries it out and drops the line.
    Drops,
    /// Says yes and does nothing.
    Idle,
    /// Somebody else moves the version right before.
    Raced,
}

struct Tracker {
    server: Server,
    date: Arc<Mutex<String>>,
}

/// A tracker with one version, `4.2.0` of PAY, released on the given date; ids and dates in the
/// shapes of the dialect.
async fn tracker(info: &'static str, mood: Mood) -> Tracker {
    let date = Arc::new(Mutex::new("2026-11-20".to_owned()));
    let held = Arc::clone(&date);
    let center = info == CENTER;
    let server = Server::start(move |request: &Request, _| {
        let line = &request.line;
        let version = |date: &str| {
            let facts = r#""name":"4.2.0","archived":false,"released":false,"startDate":"2026-11-01""#;
            if center {
                return format!(r#"{{"id":"10200",{facts},"releaseDate":"{date}","projectId":10000}}"#);
            }
            // Numbers where texts should be, as a documented example of Cloud has them.
            let at: chrono::NaiveDate = date.parse().unwrap();
            let millis = at.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
            format!(r#"{{"id":10200,{facts},"releaseDate":{millis}}}"#)
        };
        let mut date = held.lock().unwrap();
        if line.contains("serverInfo") {
            return vec![Step::Send(json(info))];
        }
        if line.starts_with("PUT") {
            let body: serde_json::Value =
                serde_json::from_str(request.text.split("\r\n\r\n").nth(1).unwrap()).unwrap();
            let wanted = body["releaseDate"].as_str().unwrap().to_owned();
            let refusal = |status| reply(status, "", r#"{"errorMessages":["Not so."],"errors":{}}"#);
            return match mood {
                Mood::Honest | Mood::Raced => {
                    *date = wanted;
                    vec![Step::Send(json(version(&date)))]
                }
                Mood::Refuses(status) => vec![Step::Send(refusal(status))],
                Mood::LiesAbout(status) => {
                    *date = wanted;
                    vec![Step::Send(refusal(status))]
                }
                Mood::Mute => {
                    *date = wanted;
                    vec![Step::Pause(Duration::from_secs(5))]
                }
                Mood::Deaf => vec![Step::Pause(Duration::from_secs(5))],
                Mood::Drops => {
                    *date = wanted;
                    vec![Step::Reset]
                }
                Mood::Idle => vec![Step::Send(json(version(&date)))],
            };
        }
        if line.contains("/version/10200") {
            if mood == Mood::Raced {
                "2026-12-24".clone_into(&mut date);
            }
            return vec![Step::Send(json(version(&date)))];
        }
        if line.contains("/project/PAY/version") {
            let list = format!("[{}]", version(&date));
            let page = format!(r#"{{"values":{list},"isLast":true}}"#);
            return vec![Step::Send(json(if center { list } else { page }))];
        }
        vec![Step::Send(reply("404 Not Found", "", ""))]
    })
    .await;
    Tracker { server, date }
}

impl Tracker {
    fn backends(&self, limits: Limits) -> Backends {
        let config = backend(BackendKind::Jira, &format!("{}/jira", self.server.url));
        let workspace = super::ground::workspace("/nonexistent".as_ref(), vec![config]);
        Backends::with_limits(workspace.into(), limits)
    }

    /// As it is read before a person decides.
    async fn read(&self, backends: &Backends) -> TrackerVersion {
        let question = Question::TrackerVersions { backend: "jira".into(), project: "PAY".into() };
        let answer = backends.answer(&question, now()).await;
        let Ok(Answer::TrackerVersions(mut versions)) = answer else { panic!("{answer:?}") };
        versions.remove(0)
    }

    /// Reads the version, and moves it to the 25th.
    async fn push(&self) -> (Push, Pushed) {
        let backends = self.backends(Limits { total: Duration::from_millis(300), ..limits() });
        let push = push(&self.read(&backends).await);
        let outcome = backends.push(&push).await;
        (push, outcome)
    }

    fn puts(&self) -> Vec<Request> {
        self.server.requests().into_iter().filter(|request| request.line.starts_with("PUT")).collect()
    }

    fn date(&self) -> String {
        self.date.lock().unwrap().clone()
    }
}

fn push(version: &TrackerVersion) -> Push {
    Push {
        release: "checkout-4.2".into(),
        reference: TrackerRef::parse("jira:PAY/4.2.0").unwrap(),
        id: version.id.clone(),
        read: Dates::from(version),
        release_date: "2026-11-25".parse().unwrap(),
    }
}

#[tokio::test]
async fn a_date_is_written_in_both_dialects_and_read_again() {
    for (info, path) in
        [(CLOUD, "PUT /jira/rest/api/3/version/10200 "), (CENTER, "PUT /jira/rest/api/2/version/10200 ")]
    {
        let tracker = tracker(info, Mood::Honest).await;
        let (push, outcome) = tracker.push().await;
        assert!(matches!(&outcome, Pushed::Written { now } if *now == push.wanted()), "{outcome:?}");
        assert_eq!(tracker.date(), "2026-11-25");
        let puts = tracker.puts();
        assert_eq!(puts.len(), 1);
        assert!(puts[0].line.starts_with(path), "{}", puts[0].line);
        assert!(puts[0].text.ends_with(r#"{"releaseDate":"2026-11-25"}"#), "nothing else is touched");
        assert!(puts[0].text.to_lowercase().contains("content-type: application/json"));
    }
}

#[tokio::test]
async fn what_changed_there_meanwhile_is_not_overwritten() {
    let tracker = tracker(CENTER, Mood::Raced).await;
    let (push, outcome) = tracker.push().await;
    let Pushed::Changed { now } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(now.release_date, Some("2026-12-24".parse().unwrap()));
    assert!(tracker.puts().is_empty(), "nothing was sent");
    let said = outcome.sentence(&push);
    assert!(said.contains("release date 2026-11-20 → 2026-12-24"), "{said}");
}

#[tokio::test]
async fn every_field_that_was_shown_must_still_hold() {
    let tracker = tracker(CENTER, Mood::Honest).await;
    let backends = tracker.backends(limits());
    let read = tracker.read(&backends).await;
    let name = TrackerVersion { name: "4.2.1".into(), ..read.clone() };
    let start = TrackerVersion { start_date: None, ..read.clone() };
    let released = TrackerVersion { released: true, ..read.clone() };
    let archived = TrackerVersion { archived: true, ..read };
    for other in [name, start, released, archived] {
        let outcome = backends.push(&push(&other)).await;
        assert_eq!(outcome.word(), "changed", "{outcome:?}");
    }
    assert!(tracker.puts().is_empty());
}

#[tokio::test]
async fn a_refusal_changes_nothing_is_not_repeated_and_says_the_mend() {
    for (status, kind, mend) in [
        ("403 Forbidden", FailureKind::Forbidden, "the right to administer PAY"),
        ("404 Not Found", FailureKind::NotFound, "or you lack the right to administer PAY"),
        ("409 Conflict", FailureKind::Garbled, "/jira/projects/PAY/versions/10200"),
        ("429 Too Many Requests", FailureKind::RateLimited, "wait a little"),
        ("400 Bad Request", FailureKind::BadQuery, "mend the date"),
        ("401 Unauthorized", FailureKind::Unauthorized, "token"),
    ] {
        let tracker = tracker(CLOUD, Mood::Refuses(status)).await;
        let (push, outcome) = tracker.push().await;
        let Pushed::Refused(failure) = &outcome else { panic!("{status}: {outcome:?}") };
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.mend.contains(mend), "{status}: {failure}");
        assert!(outcome.sentence(&push).starts_with("nothing was changed: jira: PUT http"), "{outcome:?}");
        assert_eq!(tracker.puts().len(), 1, "{status}");
        assert_eq!(tracker.date(), "2026-11-20");
    }
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_said_to_be_unknown_and_read_again() {
    for mood in [
        Mood::Deaf,
        Mood::Refuses("500 Internal Server Error"),
        Mood::Refuses("503 Service Unavailable"),
        Mood::Refuses("302 Found"),
        Mood::Refuses("408 Request Timeout"),
        Mood::Idle,
    ] {
        let tracker = tracker(CENTER, mood).await;
        let (push, outcome) = tracker.push().await;
        let Pushed::Unknown { now: Ok(now), .. } = &outcome else { panic!("{mood:?}: {outcome:?}") };
        assert_eq!(now.release_date, push.read.release_date, "{mood:?}");
        let said = outcome.sentence(&push);
        assert!(said.contains("is not known") && said.contains("2026-11-20"), "{said}");
        assert_eq!(tracker.puts().len(), 1, "{mood:?} is not tried again");
    }
}

#[tokio::test]
async fn what_was_carried_out_without_an_answer_is_found_by_reading_again() {
    for mood in [
        Mood::Mute,
        Mood::Drops,
        Mood::LiesAbout("500 Internal Server Error"),
        Mood::LiesAbout("502 Bad Gateway"),
    ] {
        let tracker = tracker(CLOUD, mood).await;
        let (_, outcome) = tracker.push().await;
        assert_eq!(outcome.word(), "written", "{mood:?}: {outcome:?}");
        assert_eq!((tracker.puts().len(), tracker.date().as_str()), (1, "2026-11-25"), "{mood:?}");
    }
}

#[tokio::test]
async fn nothing_is_sent_where_nobody_listens_or_nobody_can() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let version = TrackerVersion { id: "7".into(), name: "4.2.0".into(), ..TrackerVersion::default() };
    let jira = one(backend(BackendKind::Jira, &format!("http://{closed}")));
    let outcome = jira.push(&push(&version)).await;
    assert!(matches!(&outcome, Pushed::Refused(failure) if failure.kind == FailureKind::Unreachable));
    // Another kind of backend under the same name has no way to change a version.
    let config = tminus::domain::workspace::BackendConfig {
        name: "jira".into(),
        ..backend(BackendKind::Prometheus, &format!("http://{closed}"))
    };
    let outcome = one(config).push(&push(&version)).await;
    assert!(matches!(&outcome, Pushed::Refused(failure) if failure.kind == FailureKind::NotConfigured));
    // A version without an id would address the whole list.
    let nameless = TrackerVersion { id: "".into(), ..version };
    assert_eq!(jira.push(&push(&nameless)).await.word(), "refused");
}
