//! `tminus burn` without a Prometheus that answers: nothing is quiet, and the way out is said.

use serde_json::Value;

use crate::world::World;

const WORKSPACE: &str = r#"
[workspace]
name = "Shop"

[[environment]]
id = "production"

[[service]]
id = "checkout"

[service.slo]
objective = 99.9
errors = 'sum(rate(x{code="500"}[{{window}}]))'
total = 'sum(rate(x[{{window}}]))'

[[service]]
id = "web"
"#;

#[test]
fn without_an_answer_nothing_is_quiet() {
    let world = World::new(&[("tminus.toml", WORKSPACE)]);
    let answered = world.run("burn --json");
    assert_eq!(answered.status, 3, "{answered:?}");
    let service = &answered.json()["services"][0];
    assert_eq!(service["service"], "checkout");
    assert_eq!(service["standing"], "unknown");
    assert!(service["why"].as_str().unwrap().contains("no Prometheus is configured"), "{service}");
    assert_eq!(service["budget"]["left"], Value::Null);
    let thresholds: Vec<f64> =
        service["rows"].as_array().unwrap().iter().map(|row| row["threshold"].as_f64().unwrap()).collect();
    assert_eq!(thresholds, [14.4, 6.0, 3.0, 1.0]);
    let text = world.run("burn");
    assert_eq!(text.status, 3);
    assert!(text.out.starts_with("checkout: 99.9 % over 30d: ◌ not known\n"), "{}", text.out);
    assert!(!text.out.contains('●'), "{}", text.out);
}

#[test]
fn a_service_without_an_objective_and_one_that_is_not_there_say_what_to_do() {
    let world = World::new(&[("tminus.toml", WORKSPACE)]);
    for (words, told) in [
        ("burn web", "tminus: web has no objective: write [service.slo]"),
        ("burn chekout", "did you mean `checkout`?"),
    ] {
        let answered = world.run(words);
        assert_eq!(answered.status, 2, "{answered:?}");
        assert!(answered.err.contains(told), "{}", answered.err);
    }
}

#[test]
fn an_objective_that_can_never_page_is_told_when_the_workspace_is_read() {
    let world = World::new(&[("tminus.toml", &WORKSPACE.replace("99.9", "90"))]);
    let answered = world.run("burn");
    assert_eq!(answered.status, 3, "a notice is no error: {answered:?}");
    let told =
        "notice: tminus.toml:12:13: at an objective of 90 % burn cannot exceed 10.0, so the rows over 1h";
    assert!(answered.err.contains(told), "{}", answered.err);
}
