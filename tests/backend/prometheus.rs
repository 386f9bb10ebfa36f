//! Recorded answers of Prometheus and Alertmanager.

use tminus::domain::question::{AlertState, Span};
use tminus::domain::workspace::{BackendKind, VersionsSource, Workspace};
use tminus::domain::{Answer, Failure, FailureKind, Question};

use super::ground::{alerts, backend, environment, fixture, identity, limits, now, one, workspace};
use super::server::{Server, json, reply};

async fn running(bytes: Vec<u8>) -> Result<Answer, Failure> {
    let server = Server::saying(bytes).await;
    let query = VersionsSource::Query { backend: None, query: "q".to_owned() };
    let company = Workspace {
        environments: vec![environment("e", query)],
        ..workspace("/nonexistent".as_ref(), vec![backend(BackendKind::Prometheus, &server.url)])
    };
    let backends = tminus::backend::Backends::with_limits(company.into(), limits());
    backends.answer(&Question::Running { environment: "e".to_owned() }, now()).await
}

#[tokio::test]
async fn recorded_results_are_read_or_refused_with_a_reason() {
    for name in ["query-vector", "query-matrix"] {
        let answer = running(json(fixture(&format!("prometheus/{name}.json")))).await;
        let Ok(Answer::Running(running)) = answer else { panic!("{name}: {answer:?}") };
        assert_eq!(running.services["checkout"][0].version.as_str(), "v2.4.0");
    }
    for name in ["query-nan-inf", "query-scalar", "query-stats"] {
        let failure = running(json(fixture(&format!("prometheus/{name}.json")))).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Garbled, "{name}");
        assert!(failure.what.contains("label service"), "{failure}");
    }
    let empty = running(json(fixture("prometheus/query-empty.json"))).await;
    assert!(matches!(empty, Ok(Answer::Running(running)) if running.services.is_empty()));
    let text = running(json(fixture("prometheus/query-string.json"))).await.unwrap_err();
    assert_eq!(text.kind, FailureKind::BadQuery);
}

#[tokio::test]
async fn recorded_errors_are_typed() {
    for (name, status, kind, words) in [
        ("err-400-parse", "400 Bad Request", FailureKind::BadQuery, "unclosed left parenthesis"),
        ("err-422-many-to-many", "422 Unprocessable Entity", FailureKind::BadQuery, "duplicate series"),
        ("err-503-timeout", "503 Service Unavailable", FailureKind::Timeout, "timed out"),
    ] {
        let failure =
            running(reply(status, "", fixture(&format!("prometheus/{name}.json")))).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.what.contains(words), "{failure}");
    }
}

#[tokio::test]
async fn warnings_and_histograms_are_not_hidden() {
    let body = r#"{"status":"success","warnings":["partial\u001b[2J"],"infos":["i"],"data":{"resultType":"vector","result":[
        {"metric":{"service":"a","version":"1"},"value":[1,"2"]},
        {"metric":{"service":"a","version":"2"},"histogram":[1,{"count":"1","sum":"2","buckets":[]}]},
        {"metric":{"service":"a","version":"3"},"value":[1,"NaN"]}]}}"#;
    let Ok(Answer::Running(running)) = running(json(body)).await else { panic!() };
    assert_eq!(running.services["a"].len(), 1);
    let warnings: Vec<_> = running.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings[..2], ["partial␛[2J", "i"]);
    assert!(warnings[2].contains("histograms"));
}

#[tokio::test]
async fn ranges_are_put_on_a_grid() {
    let server = Server::saying(json(fixture("prometheus/query_range-error-rate.json"))).await;
    let query = VersionsSource::Query { backend: None, query: "q".to_owned() };
    let company = Workspace {
        environments: vec![environment("e", query)],
        ..workspace("/nonexistent".as_ref(), vec![backend(BackendKind::Prometheus, &server.url)])
    };
    let backends = tminus::backend::Backends::with_limits(company.into(), limits());
    let question = Question::RunningHistory { environment: "e".to_owned(), span: Span::new(None, 600, 10) };
    // The recorded series has no version.
    let failure = backends.answer(&question, now()).await.unwrap_err();
    assert!(failure.what.contains("label version"), "{failure}");
    let request = &server.requests()[0];
    assert!(request.line.starts_with("POST /api/v1/query_range "), "{}", request.line);
    assert!(
        request.text.ends_with("&step=60") && request.text.contains("query=q&start="),
        "{}",
        request.text
    );
}

#[tokio::test]
async fn recorded_alerts_and_silences() {
    let server = Server::saying(json(fixture("prometheus/alerts.json"))).await;
    let answer = alerts(&one(backend(BackendKind::Prometheus, &server.url)), "prometheus").await;
    let Ok(Answer::Alerts(found)) = answer else { panic!("{answer:?}") };
    assert_eq!(found[0].name.as_str(), "DeployErrorBudgetBurn");
    assert_eq!(found[0].state, AlertState::Firing);
    assert_eq!(found[0].summary.as_str(), "error ratio 18% on checkout");
    assert!(found[1..].iter().all(|alert| alert.state == AlertState::Pending));

    let server = Server::start(|request, _| {
        let name = if request.line.contains("/silences") {
            "am-silences"
        } else if request.line.contains("/status") {
            "am-status"
        } else {
            "am-alerts"
        };
        vec![super::server::Step::Send(json(fixture(&format!("prometheus/{name}.json"))))]
    })
    .await;
    let backends = one(backend(BackendKind::Alertmanager, &server.url));
    let Ok(Answer::Alerts(found)) = alerts(&backends, "alertmanager").await else { panic!() };
    assert_eq!((found.len(), found[0].state), (1, AlertState::Firing));
    assert_eq!(found[0].label("severity").map(tminus::domain::Safe::as_str), Some("critical"));
    let question = Question::Silences { backend: "alertmanager".to_owned() };
    let Ok(Answer::Silences(silences)) = backends.answer(&question, now()).await else { panic!() };
    let matchers: Vec<_> = silences[0].matchers.iter().map(ToString::to_string).collect();
    assert_eq!(matchers, ["service=checkout", r"version=~v2\.4\..*"]);
    assert!(matches!(identity(&backends, "alertmanager").await, Ok(Answer::Identity(_))));
}

#[tokio::test]
async fn alertmanagers_three_error_shapes_are_told_apart() {
    for (status, body, words) in [
        ("400 Bad Request", fixture("prometheus/am-err-400-past.json"), "end time can't be in the past"),
        ("422 Unprocessable Entity", fixture("prometheus/am-err-422-no-matchers.json"), "at least 1 items"),
        ("404 Not Found", Vec::new(), "answered 404 Not Found (without a word): "),
    ] {
        let server = Server::saying(reply(status, "", body)).await;
        let backends = one(backend(BackendKind::Alertmanager, &server.url));
        let failure = alerts(&backends, "alertmanager").await.unwrap_err();
        assert!(failure.to_string().contains(words), "{failure}");
    }
}

#[tokio::test]
async fn a_form_is_sent_once_whatever_is_answered() {
    for status in ["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"] {
        let server = Server::saying(reply(status, "", "")).await;
        let query = VersionsSource::Query { backend: None, query: "q".to_owned() };
        let company = Workspace {
            environments: vec![environment("e", query)],
            ..workspace("/nonexistent".as_ref(), vec![backend(BackendKind::Prometheus, &server.url)])
        };
        let backends = tminus::backend::Backends::with_limits(company.into(), limits());
        let span = Span::new(None, 600, 10);
        let question = Question::RunningHistory { environment: "e".to_owned(), span };
        assert!(backends.answer(&question, now()).await.is_err());
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_partial_list_of_alerts_says_so() {
    let body = r#"{"status":"success","data":{"alerts":[]},"warnings":["store eu-2 did not answer"]}"#;
    let server = Server::saying(json(body)).await;
    let answer = alerts(&one(backend(BackendKind::Prometheus, &server.url)), "prometheus").await;
    let Ok(Answer::Alerts(found)) = answer else { panic!("{answer:?}") };
    assert!(found.is_empty());
    assert_eq!(found.warnings, ["store eu-2 did not answer".into()]);
}
