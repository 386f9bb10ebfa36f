//! The real program in a real pseudo-terminal.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::link::{Link, Sink};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the program reads; gone where the line was dropped.
type Writer = Arc<Mutex<Option<Box<dyn Write + Send>>>>;

/// A program in a pseudo-terminal, and what its screen shows.
pub struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Writer,
    keyboard: Mutex<Sink>,
    screen: Arc<Mutex<Shown>>,
    reader: Option<std::thread::JoinHandle<()>>,
    closing: Arc<AtomicBool>,
    paused: Arc<AtomicBool>,
    mute: Arc<AtomicBool>,
}

struct Shown {
    parser: vt100::Parser,
    bytes: usize,
    raw: Vec<u8>,
}

impl Shown {
    /// Takes what was written; what the terminal says to it: asked where its cursor is, it answers.
    fn take(&mut self, bytes: &[u8]) -> String {
        let mut told = String::new();
        for part in after_questions(&self.raw, bytes) {
            self.parser.process(part);
            self.raw.extend_from_slice(part);
            if self.raw.ends_with(QUESTION) && !part.is_empty() {
                let (row, column) = self.parser.screen().cursor_position();
                told.push_str(&format!("\x1b[{};{}R", row + 1, column + 1));
            }
        }
        self.bytes += bytes.len();
        told
    }
}

impl Session {
    /// Starts tminus with arguments, in a folder, with its home there too.
    pub fn start(folder: &Path, arguments: &[&str], size: (u16, u16)) -> Self {
        Self::start_with(folder, arguments, size, &[])
    }

    /// The same with more environment variables.
    pub fn start_with(
        folder: &Path,
        arguments: &[&str],
        size: (u16, u16),
        variables: &[(&str, &str)],
    ) -> Self {
        let whole = [&[env!("CARGO_BIN_EXE_tminus")], arguments].concat();
        Self::start_command(folder, &whole, size, variables)
    }

    /// tminus at the other end of a slow link.
    pub fn start_over(link: Link, folder: &Path, arguments: &[&str], size: (u16, u16)) -> Self {
        let whole = [&[env!("CARGO_BIN_EXE_tminus")], arguments].concat();
        Self::start_command_over(link, folder, &whole, size)
    }

    /// Any program at the other end of a slow link.
    pub fn start_command_over(link: Link, folder: &Path, arguments: &[&str], size: (u16, u16)) -> Self {
        Self::open(folder, arguments, size, &[], Some(link))
    }

    /// Any program, in the same surroundings.
    pub fn start_command(
        folder: &Path,
        arguments: &[&str],
        size: (u16, u16),
        variables: &[(&str, &str)],
    ) -> Self {
        Self::open(folder, arguments, size, variables, None)
    }

    fn open(
        folder: &Path,
        arguments: &[&str],
        size: (u16, u16),
        variables: &[(&str, &str)],
        link: Option<Link>,
    ) -> Self {
        let pair = native_pty_system().openpty(pty_size(size)).unwrap();
        let mut command = CommandBuilder::new(arguments[0]);
        command.args(&arguments[1..]);
        command.cwd(folder);
        command.env_clear();
        for name in ["PATH", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")] {
            command.env(name, value);
        }
        command.env("HOME", folder);
        command.env("TMINUS_CONFIG", folder.join("person.toml"));
        command.env("XDG_STATE_HOME", folder.join("state"));
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let parser = vt100::Parser::new(NonZero::new(size.1).unwrap(), NonZero::new(size.0).unwrap(), 0);
        let screen = Arc::new(Mutex::new(Shown { parser, bytes: 0, raw: Vec::new() }));
        let shown = Arc::clone(&screen);
        let closing = Arc::new(AtomicBool::new(false));
        let closed = Arc::clone(&closing);
        let paused = Arc::new(AtomicBool::new(false));
        let asleep = Arc::clone(&paused);
        let writer: Writer = Arc::new(Mutex::new(Some(pair.master.take_writer().unwrap())));
        let up = |writer: &Writer| -> Sink {
            let writer = Arc::clone(writer);
            let typed: Sink = Box::new(move |bytes| {
                if let Some(writer) = writer.lock().unwrap().as_mut() {
                    // Nobody may be there any more to read it.
                    let _ = writer.write_all(bytes).and_then(|()| writer.flush());
                }
            });
            match link {
                Some(link) => link.up(typed),
                None => typed,
            }
        };
        let mute = Arc::new(AtomicBool::new(false));
        let silent = Arc::clone(&mute);
        let mut answer = up(&writer);
        let keyboard = Mutex::new(up(&writer));
        let show: Sink = Box::new(move |bytes| {
            let told = shown.lock().unwrap().take(bytes);
            if !told.is_empty() && !silent.load(Ordering::SeqCst) {
                answer(told.as_bytes());
            }
        });
        let mut show = match link {
            Some(link) => link.down(show),
            None => show,
        };
        let reader = std::thread::spawn(move || {
            let mut chunk = [0; 8192];
            while let Ok(count) = reader.read(&mut chunk) {
                if count == 0 || closed.load(Ordering::SeqCst) {
                    break;
                }
                show(&chunk[..count]);
                while asleep.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        });
        let reader = Some(reader);
        Self { child, master: Some(pair.master), writer, keyboard, screen, reader, closing, paused, mute }
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.keyboard.lock().unwrap()(keys.as_bytes());
    }

    /// What the screen shows.
    pub fn contents(&self) -> String {
        self.screen.lock().unwrap().parser.screen().contents()
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> usize {
        self.screen.lock().unwrap().bytes
    }

    /// Every byte written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.screen.lock().unwrap().raw.clone()
    }

    /// Stops reading, as a terminal that hangs does; or goes on.
    pub fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
    }

    /// Stops answering, as a terminal that knows no such question; or goes on.
    pub fn mute(&self, mute: bool) {
        self.mute.store(mute, Ordering::SeqCst);
    }

    /// Waits until the screen shows a text.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |contents| contents.contains(text))
    }

    /// Waits until the screen no longer shows a text.
    pub fn wait_without(&self, text: &str) -> String {
        self.wait_until(&format!("no {text}"), |contents| !contents.contains(text))
    }

    /// Waits until the screen is as wanted.
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let contents = self.contents();
            if wanted(&contents) {
                return contents;
            }
            assert!(began.elapsed() < PATIENCE, "waited for {what} in vain; the screen shows:\n{contents}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Changes the terminal's size.
    pub fn resize(&mut self, size: (u16, u16)) {
        let mut shown = self.screen.lock().unwrap();
        shown.parser.screen_mut().set_size(
            NonZero::new(size.1.clamp(1, 500)).unwrap(),
            NonZero::new(size.0.clamp(1, 1000)).unwrap(),
        );
        drop(shown);
        self.master.as_ref().unwrap().resize(pty_size(size)).unwrap();
    }

    /// Sends a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// The program's process.
    pub fn pid(&self) -> rustix::process::Pid {
        let id = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::Pid::from_raw(id).unwrap()
    }

    /// The line discipline, as text that can be compared.
    pub fn discipline(&self) -> String {
        format!("{:?}", self.master.as_ref().unwrap().get_termios())
    }

    /// Drops the line, as when the connection dies.
    pub fn hang_up(&mut self) {
        // The reader holds the line too: one more repaint lets it go.
        self.closing.store(true, Ordering::SeqCst);
        self.send("?");
        self.reader.take().unwrap().join().unwrap();
        *self.writer.lock().unwrap() = None;
        self.master = None;
    }

    /// Waits for the end: the exit status, and how long it took.
    pub fn wait(&mut self) -> (u32, Duration) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What was written last may still be on its way.
                std::thread::sleep(Duration::from_millis(60));
                return (status.exit_code(), began.elapsed());
            }
            assert!(began.elapsed() < PATIENCE, "it does not end; the screen shows:\n{}", self.contents());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether any cell has a colour of its own.
    pub fn has_colour(&self) -> bool {
        let shown = self.screen.lock().unwrap();
        let screen = shown.parser.screen();
        let (rows, columns) = screen.size();
        let cells = (0..u16::from(rows)).flat_map(|y| (0..u16::from(columns)).map(move |x| (y, x)));
        cells
            .filter_map(|(y, x)| screen.cell(y, x))
            .any(|cell| cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default)
    }

    /// What the cells of the screen hold, row by row, each with the colour of its text.
    pub fn cells(&self) -> Vec<Vec<(String, vt100::Color)>> {
        let shown = self.screen.lock().unwrap();
        let screen = shown.parser.screen();
        let (rows, columns) = screen.size();
        let cell = |y, x| {
            screen.cell(y, x).map_or((String::new(), vt100::Color::Default), |cell| {
                (cell.contents().to_owned(), cell.fgcolor())
            })
        };
        let row = |y| (0..u16::from(columns)).map(|x| cell(y, x)).collect();
        (0..u16::from(rows)).map(row).collect()
    }

    /// What is still switched on in the terminal.
    pub fn left_on(&self) -> Vec<&'static str> {
        let shown = self.screen.lock().unwrap();
        let screen = shown.parser.screen();
        let mut left = Vec::new();
        let states = [
            (screen.alternate_screen(), "alternate screen"),
            (screen.hide_cursor(), "hidden cursor"),
            (screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None, "mouse"),
            (screen.bracketed_paste(), "bracketed paste"),
        ];
        left.extend(states.into_iter().filter(|(on, _)| *on).map(|(_, name)| name));
        left
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.pause(false);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The question where the cursor is.
const QUESTION: &[u8] = b"\x1b[6n";

/// Cuts after every question, one that began in what came before too.
fn after_questions<'a>(before: &[u8], bytes: &'a [u8]) -> Vec<&'a [u8]> {
    let begun = &before[before.len().saturating_sub(QUESTION.len() - 1)..];
    let both = [begun, bytes].concat();
    let ends = (0..both.len()).filter(|at| both[*at..].starts_with(QUESTION));
    let mut cuts: Vec<usize> = ends.map(|at| at + QUESTION.len() - begun.len()).collect();
    cuts.push(bytes.len());
    let mut from = 0;
    let parts = cuts.into_iter().map(|to| &bytes[std::mem::replace(&mut from, to)..to]);
    parts.collect()
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}
