//! `tminus monitor` against a real Prometheus with two days of history.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::history::{Prometheus, Stretch};
use super::world::{Answered, World};

pub fn workspace(url: &str) -> World {
    let service = |id: &str, version: &str| {
        format!(
            r#"
[[service]]
id = "{id}"
[[service.metric]]
name = "errors"
kind = "error-rate"
unit = "ratio"
critical = true
interval = "1m"
query = 'sum(rate(http_requests_total{{service="{id}"{version},code="500"}}[2m])) / sum(rate(http_requests_total{{service="{id}"{version}}}[2m]))'
bad = 'sum(increase(http_requests_total{{service="{id}"{version},code="500"}}[{{{{window}}}}]))'
total = 'sum(increase(http_requests_total{{service="{id}"{version}}}[{{{{window}}}}]))'
[[service.metric]]
name = "latency"
unit = "seconds"
query = 'avg(latency{{service="{id}"{version}}})'
interval = "1m"
"#
        )
    };
    let told = r#",version="{{version}}""#;
    let text = format!(
        r#"
[workspace]
name = "Storefront"
[[environment]]
id = "production"
versions = 'sum by (service, version) (deployment)'
[backend.prometheus]
url = "{url}"
{}{}{}{}{}"#,
        service("checkout", ""),
        service("catalog", ""),
        service("payments", told),
        service("search", told),
        service("web", told),
    );
    World::new(&[("tminus.toml", &text)])
}

pub fn time(seconds: u64) -> String {
    DateTime::<Utc>::from_timestamp(seconds as i64, 0).unwrap().to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn lines(answered: &Answered) -> Vec<Value> {
    assert_eq!(answered.err, "");
    answered.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn seconds(value: &Value) -> u64 {
    DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap().timestamp() as u64
}

fn metric<'a>(line: &'a Value, name: &str) -> &'a Value {
    line["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == name).unwrap()
}

/// Whether a time lies no earlier than another, and not more than so many minutes later.
fn is_soon_after(found: u64, truth: u64, minutes: u64) -> bool {
    (truth..=truth + minutes * 60).contains(&found)
}

#[test]
fn two_days_of_history_tell_the_bad_rollouts_from_the_harmless_ones() {
    let Some(mut server) = Prometheus::start(Stretch::two_days()) else { return };
    let world = workspace(&server.url());
    let times = server.times;
    let replay = |service: &str, from: u64, length: &str| {
        let answered = world.run(&format!("monitor {service} --at {} --for {length} --json", time(from)));
        (lines(&answered), answered.status)
    };

    for service in ["checkout", "payments"] {
        let (told, status) = replay(service, times.bad - 600, "2h");
        assert_eq!(status, 1, "{service}: {told:#?}");
        let failing = told.iter().find(|line| line["verdict"] == "failing").unwrap();
        let found = seconds(&failing["time"]);
        assert!(
            is_soon_after(found, times.bad, 3),
            "{service}: found at {} of {}",
            time(found),
            time(times.bad)
        );
        assert_eq!(metric(failing, "errors")["result"], "high", "{service}");
        assert_eq!(seconds(&failing["since"]) / 60, (times.bad + 29) / 60, "{service}");
        assert!(!metric(failing, "latency")["result"].as_str().unwrap().contains("high"), "{service}");
        recommends(&told, service);
        let last = told.last().unwrap();
        assert_eq!((&last["phase"], &last["final"]), (&Value::from("rolled-back"), &Value::from(true)));
        let back = told.iter().find(|line| line["phase"] == "rolling-back" || line["phase"] == "rolled-back");
        assert!(is_soon_after(seconds(&back.unwrap()["time"]), times.back, 2), "{service}: {back:#?}");
        assert_eq!(metric(last, "latency")["result"], "pass", "{service}: {last:#}");
        // Nothing later than the instant may leak in: one look at it says what the replay said.
        let once = world.run(&format!("monitor {service} --at {} --json", failing["time"].as_str().unwrap()));
        let once = lines(&once).remove(0);
        assert_eq!(once["metrics"], failing["metrics"], "{service}");
        let before = world.run(&format!("monitor {service} --at {} --json", time(times.bad + 20)));
        assert_ne!(lines(&before)[0]["verdict"], "failing", "{service}");
    }

    for service in ["catalog", "search"] {
        let (told, status) = replay(service, times.harmless - 300, "90m");
        let last = told.last().unwrap();
        assert_eq!((status, &last["verdict"]), (0, &Value::from("healthy")), "{service}: {last:#}");
        assert!(told.iter().all(|line| line["verdict"] != "failing"), "{service}");
        assert!(told.iter().all(|line| line["recommendation"].is_null()), "{service}");
        assert_eq!(last["phase"], "completed", "{service}");
    }

    the_numbers_can_be_judged_again(&world, times.bad + 1800);
    super::monitor_health::checks_weigh(&server.url(), times.harmless, times.end);
    super::monitor_misbehaving::whatever_becomes_of_answers_nothing_is_healthy_by_them(
        &server.url(),
        times.bad,
        times.harmless,
    );
    never_green_while_it_is_away(&world, &mut server);
}

/// A failing verdict that held for a minute recommends the way back, once, until it is gone.
fn recommends(told: &[Value], service: &str) {
    let failing = told.iter().find(|line| line["verdict"] == "failing").unwrap();
    let first = told.iter().find(|line| !line["recommendation"].is_null()).unwrap();
    let advised = &first["recommendation"];
    assert_eq!(
        (&advised["remedy"], &advised["previous"]),
        (&"rollback".into(), &"v1.0.0".into()),
        "{service}: {advised:#}"
    );
    let held = seconds(&first["time"]) - seconds(&failing["time"]);
    assert!((60..=120).contains(&held), "{service}: after {held} s");
    assert_eq!(seconds(&advised["detected"]), seconds(&failing["time"]), "{service}");
    let expected = if service == "payments" { "high" } else { "medium" };
    assert_eq!(advised["confidence"], expected, "{service}: {advised:#}");
    assert!(advised["clocks"]["back"]["rests_on"].is_string(), "{advised:#}");
    let last = told.last().unwrap();
    assert!(last["recommendation"].is_null(), "{service}: brought back: {last:#}");
}

/// What was compared, as a file, gets the same numbers from `tminus judge`.
fn the_numbers_can_be_judged_again(world: &World, at: u64) {
    let answered = world.run(&format!("monitor payments --at {} --json --judge-file numbers.json", time(at)));
    let told = lines(&answered).remove(0);
    let judged = world.run("judge numbers.json --json").json();
    assert_eq!(judged["verdict"], told["verdict"]);
    for name in ["errors", "latency"] {
        for key in ["result", "n", "estimate", "interval", "effect", "p", "e_value"] {
            assert_eq!(metric(&judged, name)[key], metric(&told, name)[key], "{name} {key}");
        }
    }
}

/// A live canary: healthy, then the server is killed, then it comes back.
fn never_green_while_it_is_away(world: &World, server: &mut Prometheus) {
    let program = world.command().get_program().to_owned();
    let mut child = Command::new(program)
        .args(["monitor", "web", "--interval", "1s", "--for", "12s", "--json"])
        .current_dir(world.path())
        .env("TMINUS_CONFIG", world.path().join("none.toml"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut next = || -> Option<Value> {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        serde_json::from_str(&line).ok()
    };
    let first = next().unwrap();
    assert_eq!(first["verdict"], "healthy", "{first:#}");
    assert_eq!(first["to"], "v1.1.0");
    server.kill();
    let away = next().unwrap();
    assert_eq!(away["verdict"], "inconclusive", "{away:#}");
    assert!(away["why"].as_str().unwrap().contains("not known"), "{away:#}");
    std::thread::sleep(Duration::from_secs(1));
    server.restart();
    let back = next().unwrap();
    assert_eq!(back["verdict"], "healthy", "{back:#}");
    server.kill();
    let mut last = back;
    while let Some(line) = next() {
        assert_ne!(line["verdict"], "healthy", "{line:#}");
        last = line;
    }
    assert_eq!((&last["final"], &last["verdict"]), (&Value::from(true), &Value::from("inconclusive")));
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn what_cannot_be_watched_says_what_to_do() {
    let world = workspace("http://127.0.0.1:1");
    for (words, status, said) in [
        ("monitor chekout", 2, "unknown release or service `chekout`: did you mean `checkout`?"),
        ("monitor checkout --for soon", 2, "--for cannot be read: `soon` is not a length of time"),
        ("monitor checkout --at +3d", 2, "--at lies in the future"),
        ("monitor checkout --environment prod", 2, "unknown environment `prod`"),
        ("monitor checkout --interval 0s", 2, "--interval is shorter than a second"),
    ] {
        let answered = world.run(words);
        assert_eq!(answered.status, status, "{words}: {}", answered.err);
        assert!(answered.err.contains(said), "{words}: {}", answered.err);
    }
    let down = world.run("monitor checkout --json");
    assert_eq!(down.status, 3);
    let told: Value = serde_json::from_str(down.out.lines().next().unwrap()).unwrap();
    assert_eq!((&told["phase"], &told["verdict"]), (&Value::from("none"), &Value::from("inconclusive")));
}
