//! A proxy before a real server, which passes on what it answers, or slows, cuts, refuses, warns and
//! answers in part.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The kind of what Prometheus answers.
const JSON: &str = "application/json";

/// Longer than anybody waits.
const LONG: Duration = Duration::from_secs(20);

/// What the proxy does to an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// Nothing.
    Pass,
    /// It waits for longer than anybody does, or until it does something else.
    Slow,
    /// It ends the connection in the middle of the body.
    Cut,
    /// This status, with Prometheus' own shape of an error, or a page of HTML.
    Refuse(u16),
    /// Status 200, with a page of HTML.
    Html,
    /// As Thanos and Mimir answer where a store is away.
    Warn,
    /// It knows nothing, as a server that lost its data: every result is empty.
    Empty,
    /// A remark on the query, which takes nothing away.
    Inform,
}

/// It, for as long as the process lives.
pub struct Proxy {
    /// Its address.
    pub url: String,
    mode: Arc<Mutex<Mode>>,
}

impl Proxy {
    /// Starts it before a server; it passes everything on.
    pub fn before(server: &str) -> Self {
        let upstream: SocketAddr = server.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mode = Arc::new(Mutex::new(Mode::Pass));
        let shared = Arc::clone(&mode);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mode = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, upstream, &mode));
            }
        });
        Self { url, mode }
    }

    /// Does so from now on, to what is on its way too where that waits.
    pub fn set(&self, mode: Mode) {
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

/// The same answer without anything in it.
fn emptied(body: &str) -> String {
    let Ok(mut answer) = serde_json::from_str::<serde_json::Value>(body) else { return body.to_owned() };
    if let Some(result) = answer.pointer_mut("/data/result") {
        *result = serde_json::json!([]);
    }
    answer.to_string()
}

/// Whether it still does so.
fn is_still(mode: &Mutex<Mode>, wanted: Mode) -> bool {
    *mode.lock().unwrap() == wanted
}

fn serve(mut stream: TcpStream, upstream: SocketAddr, shared: &Mutex<Mode>) {
    let mode = *shared.lock().unwrap();
    let Some((head, body)) = read_request(&mut stream) else { return };
    let answer = |stream: &mut TcpStream, status: &str, kind: &str, body: &str| {
        let length = body.len();
        let _ = write!(
            stream,
            "{status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
    };
    match mode {
        Mode::Slow => {
            let begun = Instant::now();
            while begun.elapsed() < LONG && is_still(shared, mode) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Mode::Html => return answer(&mut stream, "HTTP/1.1 200 OK", "text/html", "<html>sign in</html>"),
        Mode::Refuse(422) => {
            let body = r#"{"status":"error","errorType":"execution","error":"query timed out in expression evaluation"}"#;
            return answer(&mut stream, "HTTP/1.1 422 Unprocessable Entity", JSON, body);
        }
        Mode::Refuse(status) => {
            return answer(&mut stream, &format!("HTTP/1.1 {status} No"), "text/html", "<h1>no</h1>");
        }
        Mode::Pass | Mode::Cut | Mode::Warn | Mode::Empty | Mode::Inform => {}
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
        Mode::Empty => answer(&mut stream, &status, JSON, &emptied(&body)),
        Mode::Inform => answer(&mut stream, &status, JSON, &told("infos", "metric might not be a counter")),
        _ => answer(&mut stream, &status, JSON, &body),
    }
}

/// Answers that cannot be trusted.
pub const WRONG: [Mode; 8] = [
    Mode::Cut,
    Mode::Refuse(422),
    Mode::Refuse(503),
    Mode::Refuse(429),
    Mode::Refuse(502),
    Mode::Html,
    Mode::Warn,
    Mode::Empty,
];
