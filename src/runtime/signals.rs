//! Signals and the dropped line.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::Sender;

use super::terminal;

/// How long the loop may take to end by itself before it is ended.
const GRACE: Duration = Duration::from_millis(700);

/// What came from the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// End, with this exit status.
    End(u8),
    /// Stop, as the shell's job control asks.
    Stop,
    /// Go on after a stop that we did not see coming.
    Continue,
    /// The terminal has another size. The event stream tells it too, but loses it where a key
    /// comes at the same moment.
    Resized,
}

/// What must be done before the program is ended from outside its loop.
pub type Farewell = Arc<dyn Fn() + Send + Sync>;

/// How the loop is told to end, and how the program ends where the loop does not.
#[derive(Clone)]
pub struct Line {
    sender: Sender<Signal>,
    farewell: Farewell,
}

impl Line {
    /// To a loop.
    pub fn new(sender: Sender<Signal>, farewell: Farewell) -> Self {
        Self { sender, farewell }
    }
}

/// Listens for signals; each is sent on. Ends the program itself where the loop does not.
pub fn listen(line: &Line) -> io::Result<()> {
    for (kind, status) in [
        (SignalKind::terminate(), 143),
        (SignalKind::hangup(), 129),
        (SignalKind::interrupt(), 130),
        (SignalKind::quit(), 131),
    ] {
        let mut stream = signal(kind)?;
        let line = line.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                end(&line, status);
            }
        });
    }
    // A log that grew too large must not end the program with the terminal in disorder.
    let mut too_large = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    tokio::spawn(async move { while too_large.recv().await.is_some() {} });
    for (raw, what) in [
        (rustix::process::Signal::TSTP, Signal::Stop),
        (rustix::process::Signal::CONT, Signal::Continue),
        (rustix::process::Signal::WINCH, Signal::Resized),
    ] {
        let mut stream = signal(SignalKind::from_raw(raw.as_raw()))?;
        let sender = line.sender.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                let _ = sender.send(what).await;
            }
        });
    }
    Ok(())
}

/// Watches for the line being dropped: not every hang-up comes with a signal.
pub fn watch_line(told: Line) -> io::Result<()> {
    let watch = move || {
        let stdin = io::stdin();
        let mut line = [PollFd::new(&stdin, PollFlags::empty())];
        loop {
            match poll(&mut line, None) {
                Ok(_) if line[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => {
                    return end(&told, 129);
                }
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
    };
    std::thread::Builder::new().name("line".into()).stack_size(64 * 1024).spawn(watch)?;
    Ok(())
}

/// Stops this process as the shell's job control expects it; returns when it goes on.
pub fn stop_self() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}

fn end(line: &Line, status: u8) {
    let _ = line.sender.try_send(Signal::End(status));
    // A loop that is stuck in a write to a dead line cannot end by itself.
    let farewell = Arc::clone(&line.farewell);
    let last_resort = move || {
        std::thread::sleep(GRACE);
        terminal::give_back();
        // The farewell may be stuck too: it gets its time, not more.
        let (done, waiting) = std::sync::mpsc::channel();
        let said = std::thread::Builder::new().name("farewell".into()).spawn(move || {
            farewell();
            let _ = done.send(());
        });
        if said.is_ok() {
            let _ = waiting.recv_timeout(GRACE);
        }
        std::process::exit(i32::from(status));
    };
    let _ = std::thread::Builder::new().name("end".into()).stack_size(64 * 1024).spawn(last_resort);
}
