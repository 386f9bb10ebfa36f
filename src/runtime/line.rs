//! What comes from the terminal: events, and the answers to our own questions.
//!
//! crossterm's event stream reads the answer to a question for the cursor and keeps it to itself,
//! and its own call for it waits. So the line is read here, one reader for both.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::time::Instant;

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::decode::Decoder;
use super::tokens::{Token, Tokens};

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// A key, the mouse, a paste.
    Event(Event),
    /// The terminal says where its cursor is: row and column, counted from 1.
    Report(u16, u16),
}

/// The line from the terminal.
#[derive(Debug)]
pub struct Line {
    input: AsyncFd<File>,
    tokens: Tokens,
    decoder: Decoder,
    /// When bytes last came.
    read_at: Instant,
    /// How many rows the screen has.
    rows: u16,
}

/// The terminal's input: standard input, or where that is something else, the controlling terminal.
pub fn input() -> io::Result<File> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        Ok(File::from(stdin.as_fd().try_clone_to_owned()?))
    } else {
        File::open("/dev/tty")
    }
}

/// Whether there is something to read, now or within a time.
pub fn readable(input: &impl AsFd, within: std::time::Duration) -> io::Result<bool> {
    let mut line = [PollFd::new(input, PollFlags::IN)];
    let timeout = Timespec::try_from(within).map_err(io::Error::other)?;
    match poll(&mut line, Some(&timeout)) {
        Ok(_) => Ok(!line[0].revents().is_empty()),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl Line {
    /// Opens it; inside the runtime.
    #[expect(deprecated, reason = "a File keeps its descriptor open; the newer call is for what may not")]
    pub fn open() -> io::Result<Self> {
        Ok(Self {
            input: AsyncFd::with_interest(input()?, Interest::READABLE)?,
            tokens: Tokens::default(),
            decoder: Decoder::default(),
            read_at: Instant::now(),
            rows: 0,
        })
    }

    /// Says how many rows the screen has.
    pub fn sized(&mut self, rows: u16) {
        self.rows = rows;
    }

    /// Forgets what is half read: somebody else had the terminal.
    pub fn forget(&mut self) {
        self.tokens = Tokens::default();
    }

    /// What comes next. Nothing is lost where this is dropped before it ends.
    pub async fn next(&mut self) -> io::Result<Arrived> {
        loop {
            while let Some(token) = self.tokens.token() {
                if let Some(arrived) = self.told(token) {
                    return Ok(arrived);
                }
            }
            let Some(patience) = self.tokens.patience() else {
                self.read().await?;
                continue;
            };
            let settled = self.read_at + patience;
            tokio::select! {
                biased;
                read = self.read() => read?,
                () = tokio::time::sleep_until(settled.into()) => {
                    if let Some(arrived) = self.tokens.settle().and_then(|token| self.told(token)) {
                        return Ok(arrived);
                    }
                }
            }
        }
    }

    async fn read(&mut self) -> io::Result<()> {
        loop {
            let mut ready = self.input.readable().await?;
            // The descriptor blocks, and stays so: it is the shell's too. Never read in vain.
            if !readable(ready.get_inner(), std::time::Duration::ZERO)? {
                ready.clear_ready();
                continue;
            }
            let mut bytes = [0; 4096];
            match rustix::io::read(ready.get_inner(), &mut bytes) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.tokens.push(bytes.get(..count).unwrap_or_default());
                    self.read_at = Instant::now();
                    return Ok(());
                }
                Err(Errno::INTR | Errno::AGAIN) => ready.clear_ready(),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn told(&mut self, token: Token) -> Option<Arrived> {
        match token {
            Token::Sequence(bytes) => self.decoder.event(&bytes).map(Arrived::Event),
            Token::Paste(text) => Some(Arrived::Event(Event::Paste(text))),
            // We never ask while the cursor is in the first of several rows: this is a key.
            Token::Report(1, column @ 2..=16) if self.rows > 1 => {
                Some(Arrived::Event(Decoder::third_function_key(column)))
            }
            Token::Report(row, column) => Some(Arrived::Report(row, column)),
        }
    }
}
