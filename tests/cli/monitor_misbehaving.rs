//! `tminus monitor` on a real Prometheus behind a proxy that slows, cuts, refuses, warns and answers
//! in part: never healthy on what cannot be trusted, never 0, and back to the truth afterwards.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::monitor::{time, workspace};

/// The kind of what Prometheus answers.
const JSON: &str = "application/json";

/// What the proxy does to an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    /// Nothing.
    Pass,
    /// It waits for longer than anybody does.
    Slow,
    /// It ends the connection in the middle of the body.
    Cut,
    /// This status, with Prometheus' own shape of an error, or a page of HTML.
    Refuse(u16),
    /// Status 200, with a page of HTML.
    Html,
    /// As Thanos and Mimir answer where a store is away.
    Warn,
    /// A remark on the query, which takes nothing away.
    Inform,
}

struct Proxy {
    url: String,
    mode: Arc<Mutex<Mode>>,
}

impl Proxy {
    fn before(server: &str) -> Self {
        let upstream: SocketAddr = server.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mode = Arc::new(Mutex::new(Mode::Pass));
        let shared = Arc::clone(&mode);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mode = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, upstream, *mode.lock().unwrap()));
            }
        });
        Self { url, mode }
    }

    fn set(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }
}

/// A request's head and body.
fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()
            });
            let body = end + 4;
            while bytes.len() < body + length.unwrap_or(0) {
                let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
                bytes.extend_from_slice(&chunk[..read]);
            }
            return Some((head, bytes.split_off(body)));
        }
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    }
}

/// Asks the server itself: the status line, and the body in one piece.
fn forwarded(upstream: SocketAddr, head: &str, body: &[u8]) -> Option<(String, String)> {
    // HTTP/1.0: one answer a connection, and none in chunks.
    let mut lines = head.lines();
    let request = lines.next()?.replace("HTTP/1.1", "HTTP/1.0");
    let kept = lines.filter(|line| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("accept-encoding:") && !line.starts_with("connection:")
    });
    let head = std::iter::once(request.as_str()).chain(kept).collect::<Vec<_>>().join("\r\n");
    let mut server = TcpStream::connect(upstream).ok()?;
    server.write_all(format!("{head}\r\n\r\n").as_bytes()).ok()?;
    server.write_all(body).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8(answer).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.lines().next()?.replace("HTTP/1.0", "HTTP/1.1"), body.to_owned()))
}

fn serve(mut stream: TcpStream, upstream: SocketAddr, mode: Mode) {
    let Some((head, body)) = read_request(&mut stream) else { return };
    let answer = |stream: &mut TcpStream, status: &str, kind: &str, body: &str| {
        let length = body.len();
        let _ = write!(
            stream,
            "{status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
    };
    match mode {
        Mode::Slow => std::thread::sleep(Duration::from_secs(20)),
        Mode::Html => return answer(&mut stream, "HTTP/1.1 200 OK", "text/html", "<html>sign in</html>"),
        Mode::Refuse(422) => {
            let body = r#"{"status":"error","errorType":"execution","error":"query timed out in expression evaluation"}"#;
            return answer(&mut stream, "HTTP/1.1 422 Unprocessable Entity", JSON, body);
        }
        Mode::Refuse(status) => {
            return answer(&mut stream, &format!("HTTP/1.1 {status} No"), "text/html", "<h1>no</h1>");
        }
        Mode::Pass | Mode::Cut | Mode::Warn | Mode::Inform => {}
    }
    let Some((status, body)) = forwarded(upstream, &head, &body) else { return };
    let told = |key: &str, words: &str| {
        body.replacen("\"status\":\"success\"", &format!("\"status\":\"success\",\"{key}\":[\"{words}\"]"), 1)
    };
    match mode {
        Mode::Cut => {
            let length = body.len();
            let _ = write!(stream, "{status}\r\nContent-Type: {JSON}\r\nContent-Length: {length}\r\n\r\n");
            let _ = stream.write_all(&body.as_bytes()[..length / 2]);
        }
        Mode::Warn => {
            answer(&mut stream, &status, JSON, &told("warnings", "store-1 is away: partial response"));
        }
        Mode::Inform => answer(&mut stream, &status, JSON, &told("infos", "metric might not be a counter")),
        _ => answer(&mut stream, &status, JSON, &body),
    }
}

const WRONG: [Mode; 7] = [
    Mode::Cut,
    Mode::Refuse(422),
    Mode::Refuse(503),
    Mode::Refuse(429),
    Mode::Refuse(502),
    Mode::Html,
    Mode::Warn,
];

/// Run on the history in which `payments` went bad and `search` and `web` went well.
pub fn whatever_becomes_of_answers_nothing_is_healthy_by_them(server: &str, bad: u64, harmless: u64) {
    let proxy = Proxy::before(server);
    let world = workspace(&proxy.url);
    let once = |service: &str, at: u64| {
        let answered = world.run(&format!("monitor {service} --at {} --json", time(at)));
        let line: Value = serde_json::from_str(answered.out.lines().last().unwrap()).unwrap();
        (answered.status, line)
    };
    let (failing, healthy) = (bad + 1500, harmless + 2 * 3600);
    // The truth, through the same proxy; remarks take nothing away from it.
    for mode in [Mode::Pass, Mode::Inform] {
        proxy.set(mode);
        let (status, line) = once("payments", failing);
        assert_eq!((status, &line["verdict"]), (1, &Value::from("failing")), "{mode:?}: {line:#}");
        let (status, line) = once("search", healthy);
        assert_eq!((status, &line["verdict"]), (0, &Value::from("healthy")), "{mode:?}: {line:#}");
    }
    for mode in WRONG.into_iter().chain([Mode::Slow]) {
        proxy.set(mode);
        // Waiting takes its time: once is enough.
        let is_slow = mode == Mode::Slow;
        for (service, at) in [("search", healthy), ("payments", failing)] {
            if is_slow && service == "payments" {
                continue;
            }
            let (status, line) = once(service, at);
            assert_ne!(status, 0, "{mode:?}: {line:#}");
            assert_ne!(line["verdict"], "healthy", "{mode:?}: {line:#}");
            assert!(line["why"].as_str().is_some_and(|why| !why.is_empty()), "{mode:?}: {line:#}");
        }
    }
    proxy.set(Mode::Pass);
    live(&world, &proxy);
}

/// One process that watches a canary that does well, while its source misbehaves in every way in turn.
fn live(world: &super::world::World, proxy: &Proxy) {
    let program = world.command().get_program().to_owned();
    let mut child = Command::new(program)
        .args(["monitor", "web", "--interval", "1s", "--for", "45s", "--json"])
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
    for mode in [Mode::Refuse(503), Mode::Cut, Mode::Warn, Mode::Refuse(422)] {
        proxy.set(mode);
        let away = next().unwrap();
        assert_eq!(away["verdict"], "inconclusive", "{mode:?}: {away:#}");
        proxy.set(Mode::Pass);
        // What runs and what is measured may come back one after the other.
        let mut back = next().unwrap();
        while back["verdict"] == "inconclusive" {
            back = next().unwrap();
        }
        assert_eq!(
            (&back["verdict"], &back["final"]),
            (&"healthy".into(), &false.into()),
            "{mode:?}: {back:#}"
        );
    }
    proxy.set(Mode::Refuse(503));
    let mut last = next().unwrap();
    while let Some(line) = next() {
        last = line;
        assert_ne!(last["verdict"], "healthy", "{last:#}");
    }
    assert_eq!((&last["final"], &last["verdict"]), (&true.into(), &"inconclusive".into()), "{last:#}");
    assert_eq!(child.wait().unwrap().code(), Some(3));
}
