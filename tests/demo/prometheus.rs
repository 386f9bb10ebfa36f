//! The Prometheus-style server: its calls, shapes and errors.

use serde_json::{Value, json};
use tminus::demo::World;

use crate::world::{ask, client, options};

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_those_of_prometheus() {
    let world = World::start(options()).await.unwrap();
    let (code, body) = ask(&world, "query", &[("query", "sum(rate(up[1m])")]).await;
    let message = "invalid parameter \"query\": 1:17: parse error: unclosed left parenthesis";
    assert_eq!((code, body), (400, json!({"status": "error", "errorType": "bad_data", "error": message})));
    let (code, body) = ask(&world, "query", &[("query", "up + on (job) up")]).await;
    assert_eq!((code, &body["errorType"]), (422, &json!("execution")));
    assert!(body["error"].as_str().unwrap().contains("many-to-many matching not allowed"));
    let wide = [("query", "up"), ("start", "0"), ("end", "11001"), ("step", "1")];
    let (code, body) = ask(&world, "query_range", &wide).await;
    assert!(code == 400 && body["error"].as_str().unwrap().contains("11,000 points"), "{body}");
    for parameters in [
        [("query", "up"), ("start", "10"), ("end", "5"), ("step", "1")],
        [("query", "up"), ("start", "10"), ("end", "50"), ("step", "0")],
        [("query", "up"), ("start", "x"), ("end", "50"), ("step", "1")],
        [("query", "up[5m]"), ("start", "10"), ("end", "50"), ("step", "1")],
    ] {
        let (code, body) = ask(&world, "query_range", &parameters).await;
        assert_eq!((code, &body["errorType"]), (400, &json!("bad_data")), "{parameters:?}");
    }
    let (code, _) = ask(&world, "series", &[]).await;
    assert_eq!(code, 400);
    let answer = client().get(format!("{}/nowhere", world.prometheus_url())).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.text().await.unwrap().as_str()),
        (404, "404 page not found\n")
    );
    let answer = client().delete(format!("{}/api/v1/query", world.prometheus_url())).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 405);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_answers() {
    let world = World::start(options()).await.unwrap();
    let data = async |path: &str, parameters: &[(&str, &str)]| {
        let (code, body) = ask(&world, path, parameters).await;
        assert_eq!((code, &body["status"]), (200, &json!("success")), "{path}: {body}");
        body["data"].clone()
    };
    let labels = data("labels", &[]).await;
    assert!(labels.as_array().unwrap().contains(&json!("version")));
    assert_eq!(data("label/env/values", &[]).await, json!(["production", "staging", "test"]));
    let names = data("label/__name__/values", &[]).await;
    for name in names.as_array().unwrap() {
        let found = data("query", &[("query", name.as_str().unwrap())]).await;
        assert!(!found["result"].as_array().unwrap().is_empty(), "{name} has no series");
    }
    assert!(names.as_array().unwrap().len() > 8);
    assert!(!data("series", &[("match[]", "up{service=\"cart\"}")]).await.as_array().unwrap().is_empty());
    assert_eq!(data("metadata", &[("metric", "up")]).await["up"][0]["type"], "gauge");
    assert!(data("rules", &[]).await["groups"][0]["rules"].as_array().unwrap().len() > 2);
    assert!(data("alerts", &[]).await["alerts"].is_array());
    assert!(data("targets", &[]).await["activeTargets"].as_array().unwrap().len() > 50);
    assert!(data("status/buildinfo", &[]).await["version"].is_string());
    let form = client()
        .post(format!("{}/api/v1/query", world.prometheus_url()))
        .form(&[("query", "vector(1)"), ("time", "1795616400.5")]);
    let body: Value = form.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        body["data"],
        json!({"resultType": "vector", "result": [{"metric": {}, "value": [1_795_616_400.5, "1"]}]})
    );
}

/// What the board and the monitor ask: the metrics of the workspace's own file have numbers.
#[tokio::test(flavor = "multi_thread")]
async fn the_workspaces_queries_have_numbers() {
    let world = World::start(options()).await.unwrap();
    let text = std::fs::read_to_string(world.workspace().join("tminus.toml")).unwrap();
    let file: toml::Table = text.parse().unwrap();
    for environment in file["environment"].as_array().unwrap() {
        let query = environment["versions"].as_str().unwrap();
        let (_, body) = ask(&world, "query", &[("query", query)]).await;
        assert!(body["data"]["result"].as_array().unwrap().len() >= 12, "{query}: {body}");
    }
    for service in file["service"].as_array().unwrap() {
        let id = service["id"].as_str().unwrap();
        let now = format!("app_build_info{{service=\"{id}\",env=\"production\"}}");
        let (_, body) = ask(&world, "query", &[("query", &now)]).await;
        let version = body["data"]["result"][0]["metric"]["version"].as_str().unwrap().to_owned();
        for metric in service["metric"].as_array().unwrap() {
            let query = metric["query"].as_str().unwrap();
            let query = query
                .replace("{{environment}}", "production")
                .replace("{{region}}", ".*")
                .replace("{{version}}", &version);
            let (_, body) = ask(&world, "query", &[("query", &query)]).await;
            let value: f64 = body["data"]["result"][0]["value"][1].as_str().unwrap().parse().unwrap();
            assert!(value.is_finite() && value > 0.0, "{query}: {value}");
            if let Some(limit) = metric.get("limit").and_then(toml::Value::as_float) {
                assert!(value < limit, "{query}: {value} is over {limit} before anything went wrong");
            }
        }
    }
}
