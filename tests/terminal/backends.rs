//! Backends that misbehave never hold the cockpit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::WORKSPACE;
use super::server::{Behaviour, Server};
use super::terminal::Session;

/// A workspace whose versions and alerts come from one server.
pub fn with_prometheus(url: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let environment = "id = \"production\"\nversions = 'count by (service, version) (build)'";
    let text = WORKSPACE.replace("id = \"production\"", environment);
    let backend = format!("\n[backend.prometheus]\ntype = \"prometheus\"\nurl = \"{url}\"\n");
    std::fs::write(folder.path().join("tminus.toml"), text + &backend).unwrap();
    folder
}

#[test]
fn keys_and_the_end_never_wait_for_a_backend() {
    for behaviour in [Behaviour::Hang, Behaviour::Drip, Behaviour::Garbage] {
        let server = Server::start(behaviour);
        let folder = with_prometheus(&server.url);
        let mut session = Session::start(folder.path(), &[], (120, 40));
        session.wait_for("Storefront");
        let mut took = Vec::new();
        for _ in 0..25 {
            for (key, here) in [("2?", "Keys · Board"), ("\x1b[Z", ""), ("3?", "Keys · Monitor")] {
                if here.is_empty() {
                    continue;
                }
                let began = Instant::now();
                session.send(key);
                session.wait_for(here);
                took.push(began.elapsed());
            }
        }
        took.sort();
        // Two keys, and a look at the screen every ten milliseconds, on a machine full of tests.
        let most = took[took.len() * 9 / 10];
        assert!(most < Duration::from_millis(150), "{took:?}");
        session.send("\x1b");
        session.wait_without("Keys ·");
        session.send("q");
        let (status, ended) = session.wait();
        assert_eq!(status, 0);
        assert!(ended < Duration::from_millis(600), "{ended:?}");
    }
}

#[test]
fn who_does_not_answer_is_named_and_what_was_known_stays() {
    let good = |line: &str| {
        if line.contains("buildinfo") {
            return r#"{"status":"success","data":{"version":"2.42.0"}}"#.to_owned();
        }
        let now = chrono::Utc::now().timestamp();
        format!(
            r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{"service":"checkout","version":"4.1.3"}},"value":[{now},"3"]}}]}}}}"#
        )
    };
    let server = Server::start(Behaviour::Json(Arc::new(good)));
    let folder = with_prometheus(&server.url);
    let mut session = Session::start(folder.path(), &["--view", "board"], (160, 40));
    session.wait_for("4.1.3");
    server.become_(Behaviour::Gone);
    session.send("R");
    let contents = session.wait_for("again in");
    assert!(contents.contains("prometheus ✖") && contents.contains("again in"), "{contents}");
    session.wait_for("4.1.3");
}
