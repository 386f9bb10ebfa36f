//! Health checks in the verdict of `tminus monitor`, live and over history.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use super::monitor::{time, workspace};
use super::world::World;

/// A server on loopback that answers every request so.
fn answering(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    url
}

/// The workspace with a check of a service, which stands last in its file.
fn with(prometheus: &str, service: &str, check: &str, critical: bool) -> World {
    let world = workspace(prometheus);
    let file = world.path().join("tminus.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let mark = format!("[[service]]\nid = \"{service}\"\n");
    let check = format!("{mark}[[service.health]]\nid = \"smoke\"\ncritical = {critical}\n{check}\n");
    std::fs::write(file, text.replace(&mark, &check)).unwrap();
    world
}

/// Run while the canary of `web` goes well, and over the history in which `search` went well.
pub fn checks_weigh(prometheus: &str, harmless: u64, now: u64) {
    let (good, bad) = (answering("204 No Content"), answering("503 Service Unavailable"));
    let http = |url: &str| format!("http = {{ url = \"{url}\" }}");
    let query = |query: &str, until: &str| format!("query = '{query}'\nuntil = \"{until}\"");
    let program = "run = [\"true\"]".to_owned();
    let live = "monitor web --for 1s --interval 1s --json".to_owned();
    let run = format!("{live} --run");
    let past = format!("monitor search --at {} --json", time(harmless + 2 * 3600));
    // At that time the clock had not come so far.
    let then = query("time()", &format!("< {}", now - 3600));
    for (words, service, check, critical, status, verdict, said) in [
        (&live, "web", query("vector(1)", "> 0"), true, 0, "healthy", "smoke (critical) passes"),
        (&live, "web", http(&good), true, 0, "healthy", "passes"),
        (&live, "web", http(&bad), true, 1, "failing", "health check smoke (critical) fails: status 503"),
        (&live, "web", http(&bad), false, 1, "marginal", "health check smoke fails: status 503"),
        (&live, "web", query("sum(", "> 0"), true, 3, "inconclusive", "smoke (critical) is not known"),
        (
            &live,
            "web",
            query("sum(", "> 0"),
            false,
            0,
            "healthy",
            "0 of 1 health checks pass, 1 is not known",
        ),
        (&live, "web", program.clone(), true, 3, "inconclusive", "its program was not run: --run does"),
        (&run, "web", program, true, 0, "healthy", "smoke (critical) passes"),
        (&past, "search", then.clone(), true, 0, "healthy", "smoke (critical) passes"),
        (&live, "web", then, true, 1, "failing", "smoke (critical) fails"),
        (&past, "search", http(&good), true, 3, "inconclusive", "it cannot be asked of the past"),
        (&past, "search", http(&bad), false, 0, "healthy", "1 is not known"),
    ] {
        let world = with(prometheus, service, &check, critical);
        let answered = world.run(words);
        let last: Value = serde_json::from_str(answered.out.lines().last().unwrap()).unwrap();
        assert_eq!((answered.status, &last["verdict"]), (status, &Value::from(verdict)), "{check}: {last:#}");
        let why = last["why"].as_str().unwrap();
        assert!(why.contains(said), "{check}: {why}");
        assert_eq!(last["health"][0]["check"], "smoke", "{last:#}");
        assert_eq!(last["health"][0]["critical"], critical, "{last:#}");
    }
}
