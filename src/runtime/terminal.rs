//! The terminal: taken over, and given back however the program ends.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossterm::{cursor, event, execute, terminal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::app::state::Look;

use super::line;
use super::tokens::{Token, Tokens};

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// How long a terminal that takes nothing is waited for, in giving it back: below a second.
const PATIENCE: Duration = Duration::from_millis(250);

/// How many answers of the terminal may still come, and for how long, in milliseconds, they are
/// waited for before it is given back.
static AWAITED: AtomicUsize = AtomicUsize::new(0);
static WAIT: AtomicU64 = AtomicU64::new(0);

/// The longest wait for those answers.
const LONGEST_WAIT: Duration = Duration::from_millis(600);

/// Everything that may be on, switched off: mouse in all its modes, paste, focus, synchronized
/// output, then the other screen, the cursor, the style. The order leaves nothing half done.
const GIVE_BACK: &[u8] = b"\x1b[?2026l\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?2004l\
\x1b[?1004l\x1b[m\x1b[?1049l\x1b[?25h";

/// The terminal while it is ours; dropping gives it back.
#[derive(Debug)]
pub struct Terminal {
    mouse: Mouse,
}

/// Whether mouse events are taken; without, the terminal's own selection works as usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// They are.
    Taken,
    /// They are left to the terminal.
    Left,
}

impl Terminal {
    /// Takes the terminal over.
    pub fn take(mouse: Mouse) -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::other("standard output is not a terminal"));
        }
        let terminal = Self { mouse };
        terminal.enter()?;
        Ok(terminal)
    }

    /// Takes it again, after [`Terminal::give_back`].
    pub fn enter(&self) -> io::Result<()> {
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        execute!(out, terminal::EnterAlternateScreen, cursor::Hide, event::EnableBracketedPaste)?;
        if self.mouse == Mouse::Taken {
            // Clicks, wheel and what is dragged, reported as SGR; not every movement: that would
            // flood a slow link.
            out.write_all(b"\x1b[?1000h\x1b[?1002h\x1b[?1006h")?;
            out.flush()?;
        }
        Ok(())
    }

    /// Leaves mouse events to the terminal from now on.
    pub fn leave_mouse(&mut self) -> io::Result<()> {
        self.mouse = Mouse::Left;
        let mut out = io::stdout();
        out.write_all(b"\x1b[?1006l\x1b[?1002l\x1b[?1000l")?;
        out.flush()
    }

    /// Whether mouse events are taken.
    pub fn mouse(&self) -> Mouse {
        self.mouse
    }

    /// Its size, in columns and rows.
    pub fn size() -> (u16, u16) {
        terminal::size().unwrap_or((80, 24))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back. Safe to call twice, from any thread, and when it is gone or takes
/// nothing any more: then it waits a moment and lets it be.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let written = write_within(GIVE_BACK, PATIENCE);
        if written.is_ok() {
            // Whoever has the terminal next must not read our answers; while they come, the line
            // discipline must not show them either.
            swallow_answers();
        }
        // It can be set even where nothing can be written.
        let _ = terminal::disable_raw_mode();
    }
}

/// Says how many answers are to come, and how long they take at most.
pub fn awaiting(answers: usize, within: Duration) {
    AWAITED.store(answers, Ordering::SeqCst);
    let within = within.min(LONGEST_WAIT).as_millis();
    WAIT.store(u64::try_from(within).unwrap_or_default(), Ordering::SeqCst);
}

/// Reads the answers that are still to come, for as long as they may take.
fn swallow_answers() {
    let mut left = AWAITED.swap(0, Ordering::SeqCst);
    let until = Instant::now() + Duration::from_millis(WAIT.load(Ordering::SeqCst));
    if left == 0 {
        return;
    }
    let Ok(input) = line::input() else { return };
    let mut tokens = Tokens::default();
    while left > 0 {
        let within = until.saturating_duration_since(Instant::now());
        if within.is_zero() || !line::readable(&input, within).unwrap_or(false) {
            return;
        }
        let mut bytes = [0; 256];
        match rustix::io::read(&input, &mut bytes) {
            Ok(count @ 1..) => tokens.push(bytes.get(..count).unwrap_or_default()),
            Err(Errno::INTR) => {}
            Ok(0) | Err(_) => return,
        }
        while let Some(token) = tokens.token() {
            left -= usize::from(matches!(token, Token::Report(..))).min(left);
        }
    }
}

/// Writes a few bytes, past the lock and the buffer of standard output, where somebody takes them.
fn write_within(mut bytes: &[u8], patience: Duration) -> io::Result<()> {
    let out = io::stdout();
    let until = Instant::now() + patience;
    while !bytes.is_empty() {
        let left = until.saturating_duration_since(Instant::now());
        let mut line = [PollFd::new(&out, PollFlags::OUT)];
        let timeout = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
        match poll(&mut line, Some(&timeout)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        if !line[0].revents().contains(PollFlags::OUT) {
            if left.is_zero() || !line[0].revents().is_empty() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            continue;
        }
        match rustix::io::write(&out, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Puts any terminal back in order, whoever left it so (`tminus reset`).
pub fn reset() -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(GIVE_BACK)?;
    // Soft reset: margins, character sets, keypad and insert mode.
    out.write_all(b"\x1b[!p\x1b[?7h\x0f")?;
    out.flush()?;
    sane();
    Ok(())
}

/// The line discipline that a shell expects: echo, canonical input, signals, output processing.
fn sane() {
    use rustix::termios::{
        ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, tcgetattr, tcsetattr,
    };
    let stdin = io::stdin();
    if let Ok(mut modes) = tcgetattr(&stdin) {
        modes.input_modes |= InputModes::ICRNL | InputModes::IXON | InputModes::BRKINT | InputModes::IUTF8;
        modes.input_modes -= InputModes::INLCR | InputModes::IGNCR;
        modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        modes.local_modes |= LocalModes::ECHO
            | LocalModes::ECHOE
            | LocalModes::ECHOK
            | LocalModes::ICANON
            | LocalModes::ISIG
            | LocalModes::IEXTEN;
        modes.control_modes |= ControlModes::CREAD;
        let _ = tcsetattr(&stdin, OptionalActions::Now, &modes);
    }
}

/// Makes a panic of this thread give the terminal back before its report is printed; a panic of
/// another thread is only logged, because it becomes an error there.
pub fn install_panic_hook() {
    let main = std::thread::current().id();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == main {
            give_back();
            report(info);
            let mut err = io::stderr();
            let _ =
                writeln!(err, "tminus: this is a bug of tminus; if the terminal looks wrong: tminus reset");
        } else {
            tracing::error!("a task panicked: {info}");
        }
    }));
}

/// What the terminal and the environment allow.
pub fn look_from_environment(mut look: Look) -> Look {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
        .to_lowercase();
    look.week_start = super::locale::week_start(|name| std::env::var(name).ok());
    look.ascii |= !(locale.contains("utf-8") || locale.contains("utf8"));
    look
}
