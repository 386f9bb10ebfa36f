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
    let warnings: Vec<_> = running.warnings.iter().map(tminus::domain::Safe::as_str).collect();
    // A remark on how a query is written is no doubt of its answer.
    assert_eq!((warnings.len(), warnings[0]), (2, "partial␛[2J"));
    assert!(warnings[1].contains("histograms"));
}

/// A metric's series over a minute in steps of 15 s, from a server that answers so.
async fn series(body: &str) -> (Result<tminus::domain::question::Series, Failure>, Server) {
    let server = Server::saying(json(body)).await;
    let answer = ask_series(&server.url, now(), 60).await;
    let answer = answer.map(|answer| match answer {
        Answer::Metric(series) => series,
        other => panic!("{other:?}"),
    });
    (answer, server)
}

async fn ask_series(url: &str, now: chrono::DateTime<chrono::Utc>, seconds: u32) -> Result<Answer, Failure> {
    let metric = tminus::domain::Metric {
        name: "m".to_owned(),
        query: "m".to_owned(),
        ..tminus::domain::Metric::default()
    };
    let query = VersionsSource::Query { backend: None, query: "q".to_owned() };
    let service = tminus::domain::Service { id: "s".to_owned(), metrics: vec![metric], ..Default::default() };
    let company = Workspace {
        environments: vec![environment("e", query)],
        services: vec![service],
        ..workspace("/nonexistent".as_ref(), vec![backend(BackendKind::Prometheus, url)])
    };
    let question = Question::Metric {
        service: "s".to_owned(),
        environment: "e".to_owned(),
        region: None,
        version: "1".to_owned(),
        metric: "m".to_owned(),
        span: Span { end: None, seconds, step: 15 },
    };
    tminus::backend::Backends::with_limits(company.into(), limits()).answer(&question, now).await
}

/// The shape of a native histogram, as the API documents it and Prometheus 2.42 answers it.
const HISTOGRAMS: &str = r#""histograms":[[15,{"count":"3","sum":"1.5","buckets":[[0,"0.25","0.5","3"]]}]]"#;

#[tokio::test]
async fn native_histograms_alone_are_refused_with_the_mend() {
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},{HISTOGRAMS}}}]}}}}"#
    );
    let failure = series(&body).await.0.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadQuery);
    assert!(failure.what.contains("native histograms"), "{failure}");
    assert!(failure.mend.contains("histogram_quantile(0.95, …)"), "{failure}");
    let instant = r#"{"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"service":"a","version":"2"},"histogram":[1,{"count":"1","sum":"2","buckets":[]}]}]}}"#;
    let failure = running(json(instant)).await.unwrap_err();
    assert!(failure.what.contains("native histograms"), "{failure}");
}

#[tokio::test]
async fn native_histograms_beside_numbers_are_warned_of() {
    let at = (now().timestamp() / 15) * 15;
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[[{at},"2"]],{HISTOGRAMS}}}]}}}}"#
    );
    let found = series(&body).await.0.unwrap();
    assert_eq!(found.latest().map(|(_, value)| value), Some(2.0));
    assert!(found.warnings[0].contains("native histograms are left out"), "{:?}", found.warnings);
}

#[tokio::test]
async fn no_series_no_sample_and_no_number_are_three_things() {
    let of = |result: String| async move {
        let body = format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{result}]}}}}"#);
        series(&body).await.0.unwrap()
    };
    let end = (now().timestamp() / 15) * 15;
    let (early, late) = (end - 45, end - 15);
    let absent = of(String::new()).await;
    assert!(absent.absent && absent.latest().is_none() && absent.undefined.is_none());
    let stopped = of(format!(r#"{{"metric":{{}},"values":[[{early},"1"]]}}"#)).await;
    assert!(!stopped.absent && stopped.undefined.is_none());
    assert_eq!(stopped.latest().map(|(at, _)| at.timestamp()), Some(early));
    let undefined = of(format!(r#"{{"metric":{{}},"values":[[{early},"1"],[{late},"NaN"]]}}"#)).await;
    assert_eq!(undefined.undefined.map(|at| at.timestamp()), Some(late));
    assert_eq!(undefined.latest().map(|(at, _)| at.timestamp()), Some(early));
    let endless = of(format!(r#"{{"metric":{{}},"values":[[{late},"+Inf"]]}}"#)).await;
    assert!(endless.undefined.is_some() && endless.latest().is_none());
}

#[tokio::test]
async fn remarks_and_partial_answers_are_told_apart() {
    let info = "PromQL info: metric might not be a counter";
    let (found, _) = series(&format!(
        r#"{{"status":"success","infos":["{info}"],"data":{{"resultType":"matrix","result":[]}}}}"#
    ))
    .await;
    let found = found.unwrap();
    assert_eq!((found.warnings.len(), found.infos[0].as_str()), (0, info));
    // VictoriaMetrics says it in its own way.
    let (found, _) = series(
        r#"{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]},"stats":{"seriesFetched":"1"}}"#,
    )
    .await;
    assert!(found.unwrap().warnings[0].contains("partial"));
}

#[tokio::test]
async fn ranges_within_a_step_are_the_same_request() {
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    let server = Server::saying(json(body)).await;
    for second in [1_795_612_800, 1_795_612_814, 1_795_612_815] {
        let at = chrono::DateTime::from_timestamp(second, 0).unwrap();
        ask_series(&server.url, at, 3600).await.unwrap();
    }
    let bodies: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.text.rsplit("\r\n\r\n").next().unwrap_or_default().to_owned())
        .collect();
    // What caches in front of Prometheus can keep: Mimir's, Cortex's, Thanos' query frontend.
    assert_eq!(bodies[0], bodies[1]);
    assert_ne!(bodies[1], bodies[2]);
    assert!(bodies[0].contains("start=1795609200&end=1795612800&step=15"), "{}", bodies[0]);
}

#[tokio::test]
async fn a_tenant_and_a_path_prefix_reach_mimir() {
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    let server = Server::saying(json(body)).await;
    let mut config = backend(BackendKind::Prometheus, &format!("{}/prometheus", server.url));
    let tenant = tminus::domain::workspace::HeaderValue::Text("team-shop".to_owned());
    config.headers.push(("X-Scope-OrgID".to_owned(), tenant));
    let query = VersionsSource::Query { backend: None, query: "q".to_owned() };
    let company = Workspace {
        environments: vec![environment("e", query)],
        ..workspace("/nonexistent".as_ref(), vec![config])
    };
    let backends = tminus::backend::Backends::with_limits(company.into(), limits());
    let span = Span::new(None, 600, 10);
    backends.answer(&Question::RunningHistory { environment: "e".to_owned(), span }, now()).await.unwrap();
    let request = &server.requests()[0];
    assert!(request.line.starts_with("POST /prometheus/api/v1/query_range "), "{}", request.line);
    assert!(request.text.to_ascii_lowercase().contains("x-scope-orgid: team-shop"), "{}", request.text);
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
