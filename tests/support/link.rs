//! A slow link between a program and its terminal: half a round trip each way, and so many bytes a
//! second towards the terminal. Nothing is lost, and bytes queue as they do in a connection.

use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The link.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// Bytes a second towards the terminal.
    pub rate: f64,
    /// There and back.
    pub round_trip: Duration,
}

/// Bytes that are carried at a time.
const PIECE: usize = 200;

/// A function that takes bytes.
pub type Sink = Box<dyn FnMut(&[u8]) + Send>;

impl Link {
    /// Towards the terminal.
    pub fn down(self, sink: Sink) -> Sink {
        let mut free = Instant::now();
        let mut later = later(sink);
        Box::new(move |bytes| {
            for piece in bytes.chunks(PIECE) {
                free = free.max(Instant::now()) + Duration::from_secs_f64(piece.len() as f64 / self.rate);
                later(free + self.round_trip / 2, piece);
            }
        })
    }

    /// Towards the program.
    pub fn up(self, sink: Sink) -> Sink {
        let mut later = later(sink);
        Box::new(move |bytes| later(Instant::now() + self.round_trip / 2, bytes))
    }
}

/// Hands bytes on at their time.
fn later(mut sink: Sink) -> impl FnMut(Instant, &[u8]) {
    let (sender, receiver) = mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        for (at, bytes) in receiver {
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            sink(&bytes);
        }
    });
    move |at, bytes| {
        // The other side may be gone.
        let _ = sender.send((at, bytes.to_vec()));
    }
}
