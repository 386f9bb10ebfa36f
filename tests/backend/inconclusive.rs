//! No data is not good data: whatever is odd about an answer shows in it.

use tminus::backend::Backends;
use tminus::domain::Metric;
use tminus::domain::question::{Series, Span};
use tminus::domain::workspace::{BackendKind, VersionsSource, Workspace};
use tminus::domain::{Answer, Failure, Question, Service};

use super::ground::{backend, environment, limits, now, workspace};
use super::server::{Server, Step, json, reply};

async fn series(bytes: Vec<u8>) -> Result<Series, Failure> {
    let server = Server::start(move |_, _| vec![Step::Send(bytes.clone())]).await;
    let metric =
        Metric { name: "errors".to_owned(), query: "errors".to_owned(), critical: true, ..Metric::default() };
    let query = VersionsSource::Query { backend: None, query: "q".to_owned() };
    let company = Workspace {
        services: vec![Service { id: "s".to_owned(), metrics: vec![metric], ..Service::default() }],
        environments: vec![environment("e", query)],
        ..workspace("/nonexistent".as_ref(), vec![backend(BackendKind::Prometheus, &server.url)])
    };
    let end = chrono::DateTime::from_timestamp(1_000, 0);
    let question = Question::Metric {
        service: "s".to_owned(),
        environment: "e".to_owned(),
        region: None,
        version: "1".to_owned(),
        metric: "errors".to_owned(),
        span: Span { end, seconds: 60, step: 10 },
    };
    match Backends::with_limits(company.into(), limits()).answer(&question, now()).await? {
        Answer::Metric(series) => Ok(series),
        other => panic!("{other:?}"),
    }
}

/// Whether an answer could be taken for one that is whole and has a value.
fn is_good(answer: &Result<Series, Failure>) -> bool {
    answer
        .as_ref()
        .is_ok_and(|series| series.latest().is_some() && !series.ambiguous && series.warnings.is_empty())
}

fn matrix(result: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{result}]}}}}"#)
}

fn line(labels: &str, value: &str) -> String {
    format!(r#"{{"metric":{{{labels}}},"values":[[1000,{value}]]}}"#)
}

#[tokio::test]
async fn what_is_odd_is_never_a_good_value() {
    let zero = line("", r#""0""#);
    assert!(is_good(&series(json(matrix(&zero))).await), "the table proves nothing");
    let with = |more: &str| matrix(&zero).replacen('{', &format!("{{{more},"), 1);
    let data = |text: &str| format!(r#"{{"status":"success","data":{text}}}"#);
    let error = |kind: &str| format!(r#"{{"status":"error","errorType":"{kind}","error":"no"}}"#);
    let mut table: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| table.push((name.to_owned(), bytes));
    add("no series", json(matrix("")));
    add("no values", json(matrix(r#"{"metric":{},"values":[]}"#)));
    add("values left out", json(matrix(r#"{"metric":{}}"#)));
    for value in ["NaN", "nan", "-NaN", "+Inf", "-Inf", "Inf", "infinity", "1e999", "-1e999"] {
        add(value, json(matrix(&line("", &format!("\"{value}\"")))));
    }
    for value in ["0", "null", "true", "[]", "{}", "\"\"", "\"0x0\"", "\"1,5\"", "\" 1\"", "\"one\""] {
        add(value, json(matrix(&line("", value))));
    }
    for at in ["-1", "1e300", "5000", "\"1000\"", "null"] {
        add(at, json(matrix(&format!(r#"{{"metric":{{}},"values":[[{at},"0"]]}}"#))));
    }
    add("a warning", json(with(r#""warnings":["partial response"]"#)));
    add("an empty warning", json(with(r#""warnings":[""]"#)));
    add(
        "two series",
        json(matrix(&format!("{},{}", line(r#""a":"1""#, r#""0""#), line(r#""a":"2""#, r#""0""#)))),
    );
    add("the same series twice", json(matrix(&format!("{zero},{zero}"))));
    add("a histogram", json(matrix(r#"{"metric":{},"histograms":[[1000,{"count":"1"}]]}"#)));
    add("beside a histogram", json(matrix(r#"{"metric":{},"values":[[1000,"0"]],"histograms":[]}"#)));
    add("a vector", json(data(r#"{"resultType":"vector","result":[{"metric":{},"value":[1000,"0"]}]}"#)));
    add("a scalar", json(data(r#"{"resultType":"scalar","result":[1000,"0"]}"#)));
    add("a text", json(data(r#"{"resultType":"string","result":[1000,"0"]}"#)));
    add("an unknown type", json(data(r#"{"resultType":"tensor","result":[]}"#)));
    add("no type", json(data(r#"{"result":[]}"#)));
    add("no data", json(r#"{"status":"success"}"#));
    add("null data", json(data("null")));
    add("an error with data", json(matrix(&zero).replace("success", "error")));
    add("another status", json(matrix(&zero).replace("success", "maybe")));
    add("cut", json(&matrix(&zero)[..60]));
    add("followed by more", json(matrix(&zero) + "{}"));
    for (status, kind) in [
        ("400 Bad Request", "bad_data"),
        ("422 Unprocessable Entity", "execution"),
        ("503 Service Unavailable", "timeout"),
        ("500 Internal Server Error", "internal"),
        ("200 OK", "execution"),
    ] {
        add(&format!("{status} {kind}"), reply(status, "", error(kind)));
    }
    for status in ["422 Unprocessable Entity", "503 Service Unavailable", "302 Found", "204 No Content"] {
        let body = if status.starts_with("204") { String::new() } else { matrix(&zero) };
        add(status, reply(status, "", body));
    }
    assert!(table.len() >= 40, "{} cases", table.len());
    for (name, bytes) in table {
        let answer = series(bytes).await;
        assert!(!is_good(&answer), "{name}: {answer:?}");
    }
}

/// A remark on the query is no doubt of its answer: it is carried beside it.
#[tokio::test]
async fn a_remark_is_told_and_the_value_counts() {
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}},"infos":["metric might not be a counter"]}}"#,
        line("", r#""0""#)
    );
    let answer = series(json(body)).await;
    assert!(is_good(&answer), "{answer:?}");
    let Ok(series) = answer else { panic!("{answer:?}") };
    assert_eq!(
        series.infos.iter().map(tminus::domain::Safe::as_str).collect::<Vec<_>>(),
        ["metric might not be a counter"]
    );
}
