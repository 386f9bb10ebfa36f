//! A server that behaves as badly as it is told to.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How it answers.
#[derive(Clone)]
pub enum Behaviour {
    /// It takes the request and says nothing.
    Hang,
    /// A byte now and then, for ever.
    Drip,
    /// What no client can read.
    Garbage,
    /// JSON, chosen by the request's first line.
    Json(Arc<dyn Fn(&str) -> String + Send + Sync>),
    /// It is gone: connections are dropped.
    Gone,
}

/// A server on a free loopback port.
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    behaviour: Arc<Mutex<Behaviour>>,
    ended: Arc<AtomicBool>,
}

impl Server {
    /// Starts it.
    pub fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let behaviour = Arc::new(Mutex::new(behaviour));
        let ended = Arc::new(AtomicBool::new(false));
        let (now, stop) = (Arc::clone(&behaviour), Arc::clone(&ended));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (now, stop) = (now.lock().unwrap().clone(), Arc::clone(&stop));
                std::thread::spawn(move || serve(stream, &now, &stop));
            }
        });
        Self { url, behaviour, ended }
    }

    /// Answers otherwise from now on.
    pub fn become_(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
    }
}

fn serve(mut stream: TcpStream, behaviour: &Behaviour, ended: &AtomicBool) -> Option<()> {
    if matches!(behaviour, Behaviour::Gone) {
        return None;
    }
    let request = read(&mut stream)?;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    match behaviour {
        Behaviour::Hang | Behaviour::Gone => {
            while !ended.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Behaviour::Drip => {
            write!(stream, "{head}content-length: 1000000\r\n\r\n").ok()?;
            while !ended.load(Ordering::SeqCst) {
                stream.write_all(b" ").ok()?;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Behaviour::Garbage => stream.write_all(b"\x00\xff\x1b]0;owned\x07 HTTP/9.9 !!\r\n\r\n{{{").ok()?,
        Behaviour::Json(answer) => {
            let body = answer(&request);
            write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).ok()?;
        }
    }
    Some(())
}

/// The request: its first line, and its body if it has one.
fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
            .unwrap_or(0);
        if body.len() >= length {
            return Some(format!("{} {body}", head.lines().next().unwrap_or_default()));
        }
    }
}
