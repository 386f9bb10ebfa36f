//! The Alertmanager-style server: alerts, silences that take effect, and three shapes of errors.

use serde_json::{Value, json};
use tminus::demo::World;

use crate::world::{client, options};

async fn call(world: &World, request: &str, path: &str, body: Option<Value>) -> (u16, String) {
    let method = reqwest::Method::from_bytes(request.as_bytes()).unwrap();
    let mut request = client().request(method, format!("{}/api/v2/{path}", world.alertmanager_url()));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn alerts(world: &World, query: &str) -> Vec<Value> {
    let (code, text) = call(world, "GET", &format!("alerts?{query}"), None).await;
    assert_eq!(code, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn body(ends: &str) -> Value {
    json!({
        "matchers": [{"name": "service", "value": "sea.*", "isRegex": true, "isEqual": true}],
        "startsAt": "2026-11-25T14:00:00Z", "endsAt": ends, "createdBy": "mira", "comment": "quiet please",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn silences_take_effect() {
    let world = World::start(options()).await.unwrap();
    let all = alerts(&world, "").await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&all[0]["labels"]["alertname"], &all[0]["status"]["state"]),
        (&json!("SearchIndexLag"), &json!("suppressed"))
    );
    assert!(alerts(&world, "silenced=false").await.is_empty());
    assert!(alerts(&world, "filter=service%3D%22checkout%22").await.is_empty());
    assert_eq!(alerts(&world, "filter=service%3D~%22sea.%2B%22&active=false").await.len(), 1);
    let before = all[0]["status"]["silencedBy"][0].as_str().unwrap().to_owned();
    assert_eq!(call(&world, "DELETE", &format!("silence/{before}"), None).await, (200, String::new()));
    assert_eq!(alerts(&world, "silenced=false").await[0]["status"]["state"], "active");
    let (code, text) = call(&world, "POST", "silences", Some(body("2026-11-25T18:00:00Z"))).await;
    assert_eq!(code, 200);
    let id = serde_json::from_str::<Value>(&text).unwrap()["silenceID"].as_str().unwrap().to_owned();
    assert_eq!(alerts(&world, "").await[0]["status"]["silencedBy"], json!([id]));
    let (code, text) = call(&world, "GET", &format!("silence/{id}"), None).await;
    let silence: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, &silence["status"]["state"], &silence["createdBy"]),
        (200, &json!("active"), &json!("mira"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_come_in_three_shapes() {
    let world = World::start(options()).await.unwrap();
    let (code, text) = call(&world, "POST", "silences", Some(body("2020-01-01T00:00:00Z"))).await;
    assert_eq!((code, text.as_str()), (400, "\"Failed to create silence: end time can't be in the past\""));
    let mut without = body("2026-11-25T18:00:00Z");
    without["matchers"] = json!([]);
    let (code, text) = call(&world, "POST", "silences", Some(without)).await;
    let refusal: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, refusal),
        (422, json!({"code": 612, "message": "matchers in body should have at least 1 items"}))
    );
    let unknown = "silence/00000000-0000-0000-0000-000000000000";
    assert_eq!(call(&world, "GET", unknown, None).await, (404, String::new()));
    assert_eq!(call(&world, "DELETE", unknown, None).await, (404, String::new()));
    assert_eq!(call(&world, "GET", "silence/nonsense", None).await.0, 422);
}
