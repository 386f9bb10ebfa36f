//! Alerts of the past from end to end: `tminus alerts --from` and `--at`, and triggers over history, by
//! a real Prometheus that kept series of its alerts, one that kept none, and one that is away.

use chrono::DateTime;
use serde_json::Value;

use super::history::{FIRED, Prometheus, Stretch, Times};
use super::monitor::{time, workspace};
use super::world::World;

/// A day of the service that went bad.
fn server(has_alerts: bool) -> Option<Prometheus> {
    Prometheus::start(Stretch { past: 24 * 3600, services: &["payments"], has_alerts, ..Stretch::two_days() })
}

fn seconds(value: &Value) -> u64 {
    DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap().timestamp() as u64
}

/// A series ends five minutes after its last sample, and is read to the quarter of a minute.
const ENDS: u64 = 300 + 15;

#[test]
fn alerts_that_ended_are_told_and_triggers_see_them_as_they_were_then() {
    let Some(server) = server(true) else { return };
    let (world, times) = (workspace(&server.url()), server.times);
    let stretch = format!("--from {} --at {}", time(times.bad - 600), time(times.back + 1200));

    let told = world.run(&format!("alerts {stretch} --json"));
    assert_eq!((told.status, told.err.as_str()), (1, ""), "{}", told.out);
    let told = told.json();
    assert_eq!((told["alerts"].as_array().unwrap().len(), &told["unknown"]), (1, &serde_json::json!([])));
    let alert = &told["alerts"][0];
    assert_eq!((&alert["name"], &alert["state"]), (&"PaymentsErrors".into(), &"firing".into()));
    assert_eq!(alert["began_before"], false, "{alert:#}");
    let fired = seconds(&alert["fired"]);
    assert!((times.bad + FIRED..=times.bad + FIRED + 15).contains(&fired), "{alert:#}");
    let ended = seconds(&alert["ended"]);
    assert!((times.back - 15..=times.back + ENDS).contains(&ended), "{alert:#}");

    let text = world.run(&format!("alerts {stretch}"));
    assert_eq!(text.status, 1);
    for words in ["PaymentsErrors", "firing", "payments", "between"] {
        assert!(text.out.contains(words), "{}", text.out);
    }
    let firing = world.run(&format!("alerts --at {}", time(times.bad + 1800)));
    assert!(firing.status == 1 && firing.out.contains("PaymentsErrors"), "{firing:?}");
    // Before it fired it was about to, which is no firing; before that, and after its end, none went on.
    let pending = world.run(&format!("alerts --at {}", time(times.bad + 200)));
    assert!(pending.status == 0 && pending.out.contains("pending"), "{pending:?}");
    for at in [times.bad - 600, times.back + ENDS + 60] {
        let none = world.run(&format!("alerts --at {} --json", time(at)));
        assert_eq!((none.status, none.err.as_str()), (0, ""), "{}", none.out);
        assert_eq!(none.json()["alerts"], serde_json::json!([]));
    }
    // Of what lies before the history nothing is known.
    let before = world.run(&format!("alerts --at {} --json", time(times.end - 30 * 3600)));
    assert_eq!(before.status, 3, "{before:?}");
    assert!(before.err.contains("not known of prometheus"), "{}", before.err);

    triggers_see_them(&server.url(), times);
    drop(server);
    let away = world.run(&format!("alerts {stretch} --json"));
    assert_eq!(away.status, 3, "{away:?}");
    assert!(away.err.contains("not known of prometheus"), "{}", away.err);
    let told: Value = away.json();
    assert_eq!(told["unknown"][0]["backend"], "prometheus", "{told:#}");
}

/// The workspace with a trigger that waits for an alert, and for nothing else.
fn with_trigger(url: &str, alert: &str) -> World {
    let world = workspace(url);
    let file = world.path().join("tminus.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let mark = "[[service]]\nid = \"payments\"\n";
    let trigger = format!(
        "{mark}[[service.trigger]]\nid = \"paged\"\nalert = \"{alert}\"\nfor = \"1m\"\nwithin = \"3h\"\n"
    );
    std::fs::write(file, text.replace(mark, &trigger)).unwrap();
    world
}

/// Lines of a replay from before the rollout until it was brought back.
fn replayed(world: &World, times: Times) -> Vec<Value> {
    let words = format!("monitor payments --at {} --for 80m --json", time(times.bad - 600));
    let answered = world.run(&words);
    assert_eq!(answered.err, "");
    answered.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn triggers_see_them(url: &str, times: Times) {
    let world = with_trigger(url, "PaymentsErrors");
    let told = replayed(&world, times);
    let first = told.iter().find(|line| !line["recommendation"].is_null()).unwrap();
    // It held for a minute, a look a minute, and never before it fired.
    let (at, fired) = (seconds(&first["time"]), times.bad + FIRED);
    assert!((fired + 60..=fired + 60 + 75).contains(&at), "{} {}", time(at), time(fired));
    let reasons = first["recommendation"]["reasons"].to_string();
    assert!(reasons.contains("PaymentsErrors"), "{reasons}");
    assert!(told.last().unwrap()["recommendation"].is_null(), "brought back: {:#}", told.last().unwrap());
    // As of a look before it fired nothing of what came later is known.
    let words = format!("monitor payments --at {} --for 4m --json", time(times.bad + 30));
    let early = world.run(&words);
    assert!(early.out.contains("\"recommendation\":null"), "{}", early.out);
    assert!(!early.out.contains("PaymentsErrors"), "{}", early.out);
    let other = replayed(&with_trigger(url, "CheckoutErrors"), times);
    assert!(other.iter().all(|line| line["recommendation"].is_null()));
}

#[test]
fn where_no_series_are_kept_alerts_are_not_known_and_never_none() {
    let Some(server) = server(false) else { return };
    let (world, times) = (workspace(&server.url()), server.times);
    let stretch = format!("--from {} --at {}", time(times.bad - 600), time(times.back + 1200));
    for words in [format!("alerts {stretch}"), format!("alerts --at {}", time(times.bad + 1800))] {
        let told = world.run(&words);
        assert_eq!(told.status, 3, "{told:?}");
        assert!(told.err.contains("not known of prometheus"), "{}", told.err);
        assert!(told.err.contains("evaluates no rules for alerts"), "{}", told.err);
        assert!(told.out.contains("no alert that is known"), "{}", told.out);
        let told = world.run(&format!("{words} --json")).json();
        assert_eq!(told["alerts"], serde_json::json!([]));
        assert!(told["unknown"][0]["why"].as_str().unwrap().contains("keeps no history"), "{told:#}");
    }
    // The rollout fails, but a trigger that waits for an alert neither fires nor says that none came.
    let told = replayed(&with_trigger(&server.url(), "PaymentsErrors"), times);
    assert!(told.iter().any(|line| line["verdict"] == "failing"));
    assert!(told.iter().all(|line| line["recommendation"].is_null()));
}
