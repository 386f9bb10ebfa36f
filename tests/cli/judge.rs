//! `tminus judge`, against other implementations (fixtures/SOURCES.md) and as scripts use it.

use serde_json::{Value, json};

use crate::world::World;

fn near(found: &Value, expected: &Value, tolerance: f64) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= tolerance * expected.abs().max(1.0),
        (found, expected) => found.is_none() && expected.is_none(),
    }
}

#[test]
fn sixty_judgements_are_those_of_other_implementations() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("fixtures/judgements.json")).unwrap();
    let metrics: Vec<Value> = cases
        .iter()
        .enumerate()
        .map(|(number, case)| {
            json!({
                "name": number.to_string(), "direction": case["direction"], "confidence": case["confidence"],
                "effect": case["effect_is"], "canary": case["canary"], "baseline": case["baseline"],
            })
        })
        .collect();
    let world = World::new(&[("judge.json", &json!({ "metrics": metrics }).to_string())]);
    let hardened = world.run("judge judge.json --json").json();
    let kayenta = world.run("judge judge.json --json --kayenta").json();
    for (number, case) in cases.iter().enumerate() {
        for found in [&hardened["metrics"][number], &kayenta["metrics"][number]] {
            assert_eq!(found["result"], case["result"], "{found}");
            for end in 0..2 {
                assert!(near(&found["interval"][end], &case["interval"][end], 1e-9), "{found} {case}");
            }
            for key in ["estimate", "effect", "p"] {
                assert!(near(&found[key], &case[key], 1e-9), "{key}: {found} {case}");
            }
        }
        let companions = &hardened["metrics"][number]["companions"];
        assert!(near(&companions[0]["p"], &case["tail"], 1e-7), "{companions} {case}");
    }
}

#[test]
fn eighty_streams_are_judged_number_for_number_as_by_another_implementation() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("fixtures/sequential.json")).unwrap();
    let metric = |(number, case): (usize, &Value)| {
        json!({
            "name": number.to_string(), "direction": case["direction"], "alpha": case["alpha"],
            "canary": case["canary"], "baseline": case["baseline"],
        })
    };
    let metrics: Vec<Value> = cases.iter().enumerate().map(metric).collect();
    let world = World::new(&[("judge.json", &json!({ "metrics": metrics }).to_string())]);
    let found = world.run("judge judge.json --json").json();
    for (number, case) in cases.iter().enumerate() {
        let found = &found["metrics"][number];
        assert_eq!(found["alarm_at_look"], case["alarm_at_look"], "{found} {case}");
        let is_counted = found["n"][0].as_f64().unwrap() > 0.0;
        assert!(!is_counted || near(&found["e_value"], &case["e_value"], 1e-9), "{found} {case}");
    }
}

#[test]
fn the_answer_has_the_contracts_shape_and_status() {
    let file = json!({ "metrics": [
        { "name": "latency", "direction": "increase",
          "baseline": [10, 11, 12, 11, 10, null], "canary": [10, 12, 11, 11, 10] },
        { "name": "errors", "direction": "increase", "critical": true,
          "baseline": [[3, 900], [1, 910], [2, 905]], "canary": [[1, 100], null, [30, 98]] } ] });
    let world = World::new(&[("judge.json", &file.to_string())]);
    let answered = world.run("judge judge.json --json");
    assert_eq!(answered.status, 1, "{answered:?}");
    assert!(answered.out.starts_with(r#"{"schema":"tminus/1","kind":"judgement","#), "{}", answered.out);
    let document = answered.json();
    assert_eq!(document["verdict"], "failing");
    assert_eq!(document["metrics"][0]["n"], json!([5, 5]));
    assert_eq!(document["metrics"][0]["e_value"], Value::Null);
    let errors = &document["metrics"][1];
    assert_eq!((&errors["result"], &errors["alarm_at_look"]), (&json!("high"), &json!(3)));
    assert_eq!(errors["n"], json!([198, 1805]));
    assert!(errors["e_value"].as_f64().unwrap() >= 20.0 && errors["p"].as_f64().unwrap() <= 0.05);
    let text = world.run("judge judge.json");
    assert!(text.out.contains("alarm at look 3"), "{}", text.out);
    assert!(text.out.ends_with("failing: errors is critical and fails\n"), "{}", text.out);
}

#[test]
fn too_little_is_not_known_and_a_wrong_file_is_said() {
    let world = World::new(&[
        ("few.json", r#"{"metrics": [{"name": "m", "baseline": [1, 2], "canary": [1]}]}"#),
        ("wrong.json", r#"{"metrics": [{"name": "m", "baseline": [1, "2"], "canary": [1]}]}"#),
    ]);
    let few = world.run("judge few.json --json");
    assert_eq!((few.status, few.json()["verdict"].clone()), (3, json!("inconclusive")));
    assert_eq!(few.json()["metrics"][0]["result"], "insufficient");
    let wrong = world.run("judge wrong.json --json");
    assert_eq!((wrong.status, wrong.out.as_str()), (2, ""));
    assert!(
        wrong.err.starts_with("tminus: wrong.json cannot be judged: metrics[0].baseline[1]:"),
        "{}",
        wrong.err
    );
    assert_eq!(world.run("judge none.json").status, 2);
    let piped = world.command().args(["judge", "-"]).write_stdin(r#"{"metrics": []}"#).output().unwrap();
    assert_eq!(piped.status.code(), Some(3));
}
