//! Silences are made and ended in an Alertmanager: once, bounded, and judged by what is there
//! afterwards. What the server does wrong must never pass for success, and never be tried again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json as value};
use tminus::backend::{Backends, Limits};
use tminus::domain::question::{AlertState, Silence, SilenceState};
use tminus::domain::silence::{Created, Deployment, Expired, Matcher, Request, own};
use tminus::domain::workspace::BackendKind;
use tminus::domain::{Answer, FailureKind, Question};

use super::ground::{alerts, backend, limits, now, one};
use super::server::{Request as Http, Server, Step, json, reply};
use super::servers::Servers;

fn request() -> Request {
    let now = DateTime::from_timestamp(now().timestamp(), 0).unwrap();
    Request {
        backend: "alertmanager".into(),
        deployment: Deployment { release: "checkout-4.2".into(), stage: 0 },
        matchers: vec![Matcher::equal("service", "checkout"), Matcher::equal("env", "production")],
        start: now,
        end: now + TimeDelta::hours(2),
        by: "mira".into(),
        reason: "release checkout-4.2: Checkout 4.2".into(),
        replaces: None,
    }
}

async fn silences(backends: &Backends) -> Vec<Silence> {
    let question = Question::Silences { backend: "alertmanager".to_owned() };
    let answer = backends.answer(&question, now()).await;
    let Ok(Answer::Silences(silences)) = answer else { panic!("{answer:?}") };
    silences
}

#[tokio::test]
async fn a_real_alertmanager_mutes_what_was_asked_until_it_is_ended() {
    let Some(servers) = Servers::start() else { return };
    let backends = one(backend(BackendKind::Alertmanager, &servers.alertmanager));
    servers.tell_alertmanager(
        "alerts",
        r#"[{"labels": {"alertname": "Slow", "service": "checkout", "env": "production"}},
            {"labels": {"alertname": "Slow", "service": "checkout", "env": "staging"}}]"#,
    );
    let mut wanted = request();
    let made = backends.silence(&wanted).await;
    let Created::Made { silence, replaced: None } = &made else { panic!("{made:?}") };
    assert_eq!((silence.state, silence.ends), (SilenceState::Active, wanted.end));
    assert_eq!(own(silence), Some(wanted.deployment.clone()), "{}", silence.comment);
    assert_eq!((silence.by.as_str(), &silence.matchers), ("mira", &wanted.matchers));
    let muted = wait_for(&backends, AlertState::Silenced).await;
    assert_eq!(muted, [("production".to_owned(), vec![silence.id.to_string()])]);

    // A longer one is a new one, and the one before ends.
    wanted.end += TimeDelta::hours(1);
    wanted.replaces = Some(silence.id.clone());
    let longer = backends.silence(&wanted).await;
    let Created::Made { silence: second, replaced: Some(replaced) } = &longer else { panic!("{longer:?}") };
    assert_eq!((replaced.as_ref(), second.ends), (&Expired::Ended, wanted.end));
    let states: Vec<_> =
        silences(&backends).await.into_iter().map(|silence| (silence.id, silence.state)).collect();
    assert_eq!(
        states,
        [(second.id.clone(), SilenceState::Active), (silence.id.clone(), SilenceState::Expired)]
    );

    assert_eq!(backends.expire("alertmanager", &second.id).await, Expired::Ended);
    assert_eq!(backends.expire("alertmanager", &second.id).await, Expired::Ended, "ended already");
    assert!(silences(&backends).await.iter().all(|silence| silence.state == SilenceState::Expired));
    refused_by_a_real_one(&backends).await;
}

/// Where alerts are in a state, and which silences mute them.
async fn wait_for(backends: &Backends, state: AlertState) -> Vec<(String, Vec<String>)> {
    for _ in 0..100 {
        let Ok(Answer::Alerts(alerts)) = alerts(backends, "alertmanager").await else { panic!() };
        let found: Vec<_> = alerts
            .iter()
            .filter(|alert| alert.state == state)
            .map(|alert| {
                let by = alert.silenced_by.iter().map(ToString::to_string).collect();
                (alert.label("env").unwrap().to_string(), by)
            })
            .collect();
        if !found.is_empty() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing is {state:?}");
}

/// The three shapes, from the server itself.
async fn refused_by_a_real_one(backends: &Backends) {
    let mut past = request();
    past.start -= TimeDelta::hours(4);
    past.end = past.start + TimeDelta::hours(1);
    let Created::Refused(why) = backends.silence(&past).await else { panic!() };
    assert_eq!(why.kind, FailureKind::BadQuery);
    assert!(
        why.what.contains("end time can't be in the past") && !why.what.contains("its own code"),
        "{why}"
    );
    assert!(why.mend.contains("correct the silence"), "{why}");
    let nothing = Request { matchers: Vec::new(), ..request() };
    let Created::Refused(why) = backends.silence(&nothing).await else { panic!() };
    assert!(why.what.contains("at least 1 items; its own code 612"), "{why}");
    let gone = "00000000-0000-0000-0000-000000000000";
    let ended = backends.expire("alertmanager", gone).await;
    let Expired::Refused(why) = &ended else { panic!("{ended:?}") };
    // 0.25 answers 500 with a bare text here, later ones 404 without a word.
    assert!(why.what.contains("not found") || why.what.contains("without a word"), "{why}");
    assert!(why.mend.contains("no such silence"), "{why}");
}

/// What the server does with a change.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    /// Carries it out and says so.
    Honest,
    /// Says no with this status and body.
    Refuses(&'static str, &'static str),
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
    /// Says yes with a page for people, and carries it out.
    Page,
}

struct Manager {
    server: Server,
    held: Arc<Mutex<Vec<Value>>>,
}

/// A manager with one silence of ours that holds.
async fn manager(mood: Mood) -> Manager {
    let first = value!({
        "id": "11111111-0000-4000-a000-000000000000", "status": {"state": "active"},
        "matchers": [{"name": "service", "value": "checkout", "isRegex": false, "isEqual": true}],
        "startsAt": rfc(now()), "endsAt": rfc(now() + TimeDelta::hours(1)), "createdBy": "mira",
        "comment": "release checkout-4.2: Checkout 4.2 [tminus:checkout-4.2/0]",
    });
    let held = Arc::new(Mutex::new(vec![first]));
    let inside = Arc::clone(&held);
    let server = Server::start(move |request: &Http, _| {
        let mut held = inside.lock().unwrap();
        if request.line.starts_with("GET") {
            return vec![Step::Send(json(serde_json::to_vec(&*held).unwrap()))];
        }
        let carry_out = |held: &mut Vec<Value>| {
            if request.line.starts_with("DELETE") {
                held[0]["status"]["state"] = value!("expired");
                return Vec::new();
            }
            let body = request.text.split("\r\n\r\n").nth(1).unwrap();
            let mut silence: Value = serde_json::from_str(body).unwrap();
            assert!(silence.get("id").is_none(), "a silence is never extended");
            silence["id"] = value!("22222222-0000-4000-a000-000000000000");
            silence["status"] = value!({"state": "active"});
            held.push(silence);
            br#"{"silenceID":"22222222-0000-4000-a000-000000000000"}"#.to_vec()
        };
        match mood {
            Mood::Honest => vec![Step::Send(json(carry_out(&mut held)))],
            Mood::Refuses(status, body) => vec![Step::Send(reply(status, "", body))],
            Mood::LiesAbout(status) => {
                carry_out(&mut held);
                vec![Step::Send(reply(status, "", ""))]
            }
            Mood::Mute => {
                carry_out(&mut held);
                vec![Step::Pause(Duration::from_secs(5))]
            }
            Mood::Deaf => vec![Step::Pause(Duration::from_secs(5))],
            Mood::Drops => {
                carry_out(&mut held);
                vec![Step::Reset]
            }
            Mood::Idle => {
                vec![Step::Send(json(r#"{"silenceID":"33333333-0000-4000-a000-000000000000"}"#))]
            }
            Mood::Page => {
                carry_out(&mut held);
                vec![Step::Send(json("<html>ok</html>"))]
            }
        }
    })
    .await;
    Manager { server, held }
}

fn rfc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Manager {
    fn backends(&self) -> Backends {
        let config = backend(BackendKind::Alertmanager, &format!("{}/am", self.server.url));
        let workspace = super::ground::workspace("/nonexistent".as_ref(), vec![config]);
        Backends::with_limits(workspace.into(), Limits { total: Duration::from_millis(300), ..limits() })
    }

    fn changes(&self) -> Vec<String> {
        let changes = self.server.requests().into_iter().filter(|request| !request.line.starts_with("GET"));
        changes.map(|request| request.line.split(" HTTP").next().unwrap().to_owned()).collect()
    }

    fn first_state(&self) -> String {
        self.held.lock().unwrap()[0]["status"]["state"].as_str().unwrap().to_owned()
    }
}

const FIRST: &str = "11111111-0000-4000-a000-000000000000";

#[tokio::test]
async fn what_was_carried_out_without_an_answer_is_found_by_reading_again() {
    for mood in [Mood::Honest, Mood::Mute, Mood::Drops, Mood::LiesAbout("502 Bad Gateway"), Mood::Page] {
        let manager = manager(mood).await;
        let made = manager.backends().silence(&request()).await;
        assert_eq!(made.word(), "made", "{mood:?}: {made:?}");
        assert_eq!(manager.changes(), ["POST /am/api/v2/silences"], "{mood:?}");
        let ended = manager.backends().expire("alertmanager", FIRST).await;
        assert_eq!(ended, Expired::Ended, "{mood:?}");
        assert_eq!(manager.changes()[1..], [format!("DELETE /am/api/v2/silence/{FIRST}")], "{mood:?}");
    }
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_said_to_be_unknown() {
    for mood in [
        Mood::Deaf,
        Mood::Refuses("500 Internal Server Error", ""),
        Mood::Refuses("408 Request Timeout", ""),
        Mood::Idle,
    ] {
        let manager = manager(mood).await;
        let wanted = Request { replaces: Some(FIRST.into()), ..request() };
        let made = manager.backends().silence(&wanted).await;
        assert_eq!(made.word(), "unknown", "{mood:?}: {made:?}");
        let said = made.sentence(&wanted, chrono_tz::Tz::UTC);
        assert!(said.contains("is not known") && said.contains("there is no such silence"), "{said}");
        assert_eq!(manager.changes().len(), 1, "{mood:?}: not again, and the one before stays");
        assert_eq!(manager.first_state(), "active");
        let ended = manager.backends().expire("alertmanager", FIRST).await;
        assert!(
            matches!(ended, Expired::Unknown { now: Ok(SilenceState::Active), .. }),
            "{mood:?}: {ended:?}"
        );
        assert!(ended.sentence("it").contains("read again, it is active"), "{ended:?}");
        assert_eq!(manager.changes().len(), 2);
    }
}

#[tokio::test]
async fn a_refusal_says_which_of_the_three_it_is_and_the_one_before_stays() {
    for (status, body, kind, words) in [
        (
            "400 Bad Request",
            "\"end time can't be in the past\"",
            FailureKind::BadQuery,
            "(end time can't be in the past): correct the silence",
        ),
        (
            "422 Unprocessable Entity",
            r#"{"code":612,"message":"too few"}"#,
            FailureKind::BadQuery,
            "(too few; its own code 612)",
        ),
        ("404 Not Found", "", FailureKind::NotFound, "(without a word)"),
        ("403 Forbidden", "", FailureKind::Forbidden, "the right to change silences"),
        ("429 Too Many Requests", "", FailureKind::RateLimited, "wait a little"),
    ] {
        let manager = manager(Mood::Refuses(status, body)).await;
        let wanted = Request { replaces: Some(FIRST.into()), ..request() };
        let made = manager.backends().silence(&wanted).await;
        let Created::Refused(failure) = &made else { panic!("{status}: {made:?}") };
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.to_string().contains(words), "{status}: {failure}");
        assert!(made.sentence(&wanted, chrono_tz::Tz::UTC).starts_with("nothing was silenced"), "{made:?}");
        assert_eq!((manager.changes().len(), manager.first_state().as_str()), (1, "active"), "{status}");
    }
}

#[tokio::test]
async fn the_one_before_ends_only_once_the_new_one_is_there() {
    let manager = manager(Mood::Honest).await;
    let wanted = Request { replaces: Some(FIRST.into()), ..request() };
    let made = manager.backends().silence(&wanted).await;
    assert!(made.is_good(), "{made:?}");
    let delete = format!("DELETE /am/api/v2/silence/{FIRST}");
    assert_eq!(manager.changes(), ["POST /am/api/v2/silences", delete.as_str()]);
    let said = made.sentence(&wanted, chrono_tz::Tz::UTC);
    assert!(said.contains("service=checkout, env=production is silenced until"), "{said}");
    assert!(said.ends_with("the one before was ended"), "{said}");
}

#[tokio::test]
async fn nothing_is_sent_where_nobody_listens_or_nobody_can() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let manager = one(backend(BackendKind::Alertmanager, &format!("http://{closed}")));
    let made = manager.silence(&request()).await;
    assert!(matches!(&made, Created::Refused(why) if why.kind == FailureKind::Unreachable), "{made:?}");
    let ended = manager.expire("alertmanager", "").await;
    assert!(matches!(&ended, Expired::Refused(why) if why.kind == FailureKind::NotFound), "{ended:?}");
    let config = tminus::domain::workspace::BackendConfig {
        name: "alertmanager".into(),
        ..backend(BackendKind::Prometheus, &format!("http://{closed}"))
    };
    let made = one(config).silence(&request()).await;
    assert!(matches!(&made, Created::Refused(why) if why.kind == FailureKind::NotConfigured), "{made:?}");
}
