//! The loop: input first, then results, then timers; a frame when something changed.

mod frames;
mod input;

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::app::message::Pointer;
use crate::app::state::{Look, Tone};
use crate::app::{Effect, Message, Panel, State, update};
use crate::domain::{Person, Problem, Severity};
use crate::input::{Key, Keymap};

use super::allowance::Allowance;
use super::clock::Clock;
use super::editor::Editing;
use super::effects::Executor;
use super::line::{Arrived, Line};
use super::look::Themes;
use super::pacing::{Cause, Pacer};
use super::screen::{Screen, clamp};
use super::signals::{self, Signal};
use super::terminal::{self, Mouse, Terminal};
use super::world::{Source, World};
use super::{clipboard, wake};

/// The most messages taken before a frame is drawn.
const BATCH: usize = 512;
/// A resize that is told by the signal and by the event stream comes twice within this.
const TWICE: Duration = Duration::from_millis(100);
/// For so long after a person did something, first answers are what they wait for.
const ARRIVING: Duration = Duration::from_secs(10);
/// How long the first of two keys waits for the second.
const SEQUENCE: Duration = Duration::from_millis(800);

/// How the cockpit is opened.
#[derive(Debug, Default)]
pub struct Options {
    /// Where the workspace comes from.
    pub source: Source,
    /// The panel asked for.
    pub panel: Option<Panel>,
    /// The theme asked for.
    pub theme: Option<String>,
    /// What the person allows.
    pub look: Look,
}

/// Opens the cockpit on this thread, with the runtime for everything else; answers with the exit
/// status.
pub fn cockpit(runtime: &tokio::runtime::Runtime, options: Options) -> io::Result<u8> {
    terminal::install_panic_hook();
    let clock = Clock::start();
    let world = Arc::new(World::new(options.source));
    // However it ends, a panic included, what lives as long as the cockpit goes with it.
    let _closing = Closing(Arc::clone(&world));
    // Before the terminal is taken: a signal must find somebody who gives it back.
    let signals = listen(runtime, &world)?;
    let mut taken = Terminal::take(Mouse::Taken)?;
    let wanted = Wanted { panel: options.panel, theme: options.theme, look: options.look };
    let outcome = Loop::new(runtime, clock, Arc::clone(&world), &wanted)
        .and_then(|cockpit| cockpit.run(runtime, &mut taken, signals));
    drop(taken);
    outcome
}

/// Closes the world when it is dropped.
struct Closing(Arc<World>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn listen(runtime: &tokio::runtime::Runtime, world: &Arc<World>) -> io::Result<mpsc::Receiver<Signal>> {
    let _inside = runtime.enter();
    let (sender, arriving) = mpsc::channel(16);
    let world = Arc::clone(world);
    let line = signals::Line::new(sender, Arc::new(move || world.close()));
    signals::listen(&line)?;
    signals::watch_line(line)?;
    Ok(arriving)
}

/// What the person asked for, the workspace apart.
struct Wanted {
    panel: Option<Panel>,
    theme: Option<String>,
    look: Look,
}

struct Loop {
    clock: Clock,
    state: State,
    screen: Screen,
    /// The terminal itself, without the line buffering of standard output: a frame is one write.
    out: File,
    themes: Themes,
    keymap: Keymap,
    executor: Executor,
    messages: mpsc::Receiver<Message>,
    typed: Vec<Key>,
    typed_at: Instant,
    /// Where the mouse was dragged to, not taken over yet.
    dragged: Option<Pointer>,
    /// Why the next frame is drawn; `None`: there is nothing to draw.
    changed: Option<Cause>,
    /// Why what happens now happens.
    cause: Cause,
    pacer: Pacer,
    /// What may be spent on what moves by itself, where bytes are dear.
    allowance: Allowance,
    /// When a person last did something.
    acted_at: Instant,
    /// The turn of the slow clock in which all that moved by itself was drawn.
    turn: Option<i64>,
    resized_at: Option<Instant>,
    end: Option<u8>,
    asked_theme: bool,
    world: Arc<World>,
    /// What the person wants to open in their editor.
    editing: Option<Editing>,
    /// What the person's file says, as far as we know.
    kept: Person,
    person_read: bool,
}

impl Loop {
    fn new(
        runtime: &tokio::runtime::Runtime,
        clock: Clock,
        world: Arc<World>,
        options: &Wanted,
    ) -> io::Result<Self> {
        let zone = iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
        let look = terminal::look_from_environment(options.look);
        let mut state = State::new(clock.now(), zone.unwrap_or(chrono_tz::Tz::UTC), look);
        state.size = clamp(Terminal::size());
        state.who = crate::store::person::signed_in();
        state.asked_panel = options.panel;
        state.panel = options.panel.unwrap_or_default();
        let (mut themes, problem) = Themes::new(options.theme.as_deref());
        if look.low_bandwidth {
            themes.spare();
        }
        if let Some(problem) = problem {
            state.say(Tone::Refused, problem);
        }
        let (executor, messages) = Executor::new(runtime.handle().clone(), Arc::clone(&world), clock);
        Ok(Self {
            clock,
            screen: Screen::new(state.size, &std::env::var("TERM").unwrap_or_default()),
            out: File::from(io::stdout().as_fd().try_clone_to_owned()?),
            state,
            themes,
            keymap: Keymap::default(),
            executor,
            messages,
            typed: Vec::new(),
            typed_at: Instant::now(),
            dragged: None,
            changed: Some(Cause::Hand),
            cause: Cause::Data,
            pacer: Pacer::default(),
            allowance: Allowance::default(),
            acted_at: Instant::now(),
            turn: None,
            resized_at: None,
            end: None,
            asked_theme: options.theme.is_some(),
            world,
            editing: None,
            kept: Person::default(),
            person_read: false,
        })
    }

    fn run(
        mut self,
        runtime: &tokio::runtime::Runtime,
        taken: &mut Terminal,
        signals: mpsc::Receiver<Signal>,
    ) -> io::Result<u8> {
        // The first frame comes before anything is read or asked.
        self.screen.forget();
        self.draw()?;
        super::log::start();
        self.executor.load_person();
        self.executor.load_names();
        self.executor.load();
        let ended = runtime.block_on(self.wait(taken, signals));
        // However it ends: where the person was is there next time. The terminal is theirs first.
        terminal::give_back();
        if self.state.person_known
            && self.state.person != self.kept
            && let Err(why) = World::keep_person(&self.kept, &self.state.person)
        {
            let _ = writeln!(io::stderr(), "tminus: {why}");
        }
        ended
    }

    async fn wait(&mut self, taken: &mut Terminal, mut arriving: mpsc::Receiver<Signal>) -> io::Result<u8> {
        let mut line = Line::open()?;
        loop {
            if let Some(status) = self.end {
                return Ok(status);
            }
            if let Some(work) = self.editing.take() {
                // Nobody reads the line meanwhile.
                let message = self.edit(work, taken)?;
                line.forget();
                self.take(message, taken)?;
                continue;
            }
            line.sized(self.state.size.1);
            let now = Instant::now();
            self.pacer.lapse(now);
            let next_frame = self.next_frame(now);
            if next_frame.is_some_and(|at| at <= now) {
                self.draw()?;
                continue;
            }
            let wake = self.next_wake();
            let timer = next_frame.map_or(wake, |at| at.min(wake));
            tokio::select! {
                biased;
                signal = arriving.recv() => match signal {
                    Some(Signal::End(status)) => self.end = Some(status),
                    Some(Signal::Stop) => { self.suspend(taken)?; line.forget(); }
                    Some(Signal::Continue) => { self.give_back(); taken.enter()?; self.redraw(); line.forget(); }
                    Some(Signal::Resized) => self.resized(Terminal::size(), taken)?,
                    None => {}
                },
                arrived = line.next() => {
                    match arrived {
                        Ok(arrived) => self.arrived(arrived, taken)?,
                        // The line is gone.
                        Err(_) => self.end = Some(129),
                    }
                    // Drain what is there before drawing: a burst costs one frame.
                    for _ in 0..BATCH {
                        match at_once(&mut line).await {
                            Some(arrived) => self.arrived(arrived, taken)?,
                            None => break,
                        }
                    }
                    self.drag_on(taken)?;
                }
                message = self.messages.recv() => {
                    if let Some(message) = message { self.take(message, taken)?; }
                    for _ in 0..BATCH {
                        match self.messages.try_recv() {
                            Ok(message) => self.take(message, taken)?,
                            Err(_) => break,
                        }
                    }
                }
                () = tokio::time::sleep_until(timer.into()) => {
                    if wake <= Instant::now() { self.take(Message::Tick, taken)?; }
                }
            }
        }
    }

    fn next_wake(&self) -> Instant {
        let next = wake::next(&self.state);
        let keys = if self.typed.is_empty() { None } else { Some(self.typed_at + SEQUENCE) };
        let wake = self.clock.instant(next);
        keys.map_or(wake, |keys| keys.min(wake))
    }

    /// Told twice at once, it does it once; the same size again may still have moved what the
    /// terminal shows.
    fn resized(&mut self, size: (u16, u16), taken: &mut Terminal) -> io::Result<()> {
        let size = clamp(size);
        if size == self.state.size && self.resized_at.is_some_and(|at| at.elapsed() < TWICE) {
            return Ok(());
        }
        self.resized_at = Some(Instant::now());
        self.screen.resize(size);
        self.take(Message::Resized(size.0, size.1), taken)
    }

    fn redraw(&mut self) {
        self.state.size = clamp(Terminal::size());
        self.screen.resize(self.state.size);
        self.changed = Some(Cause::Hand);
    }

    fn take(&mut self, message: Message, taken: &mut Terminal) -> io::Result<()> {
        let person = match &message {
            Message::PersonLoaded(person, problems) => Some((person.clone(), problems.clone())),
            _ => None,
        };
        if matches!(message, Message::WorkspaceLoaded(..)) {
            self.executor.watch();
            super::sabotage::panic_where_asked("main");
        }
        let cause = self.cause_of(&message);
        self.changed = self.changed.max(Some(cause));
        let effects = update(&mut self.state, self.clock.now(), message);
        if let Some((person, problems)) = person {
            self.adopt_person(person, &problems);
            if self.state.person.mouse == Some(false) && taken.mouse() == Mouse::Taken {
                taken.leave_mouse()?;
            }
        }
        for effect in effects {
            self.execute(effect, taken)?;
        }
        Ok(())
    }

    /// Whether a message is a person's doing, or came by itself.
    fn cause_of(&self, message: &Message) -> Cause {
        match message {
            Message::Intent(_) | Message::Typed(_) | Message::Pointer(_) | Message::Resized(..) => {
                Cause::Hand
            }
            Message::Tick | Message::Metered { .. } => self.cause,
            Message::Answered { question, .. } if self.state.remotes.last(question).is_some() => self.cause,
            // What comes for the first time, and what was reckoned: what a person waits for, if one
            // is there.
            _ if self.acted_at.elapsed() < ARRIVING => Cause::Hand,
            _ => self.cause,
        }
    }

    /// The person's file was read: `read` is what it says.
    fn adopt_person(&mut self, mut read: Person, problems: &[Problem]) {
        // What the file does not say of the last view is where the cockpit opens anyway.
        read.last_view.get_or_insert_with(|| Panel::default().word().to_owned());
        // While it does not parse, the last good one holds.
        if !self.person_read || problems.iter().all(|problem| problem.severity != Severity::Error) {
            self.kept = read;
        }
        self.person_read = true;
        let (keymap, problems) = Keymap::new(&self.state.person.keys);
        self.keymap = keymap;
        if let Some(problem) = problems.first() {
            self.state.say(Tone::Refused, problem.to_string());
        }
        if self.state.look.low_bandwidth {
            self.themes.spare();
        }
        if let Some(theme) = self.state.person.theme.clone().filter(|_| !self.asked_theme)
            && let Err(problem) = self.themes.choose(&theme)
        {
            self.state.say(Tone::Refused, problem);
        }
    }

    fn execute(&mut self, effect: Effect, taken: &mut Terminal) -> io::Result<()> {
        match effect {
            Effect::Ask { question, generation } => self.executor.ask(question, generation),
            Effect::Cancel(question) => self.executor.cancel(&question),
            Effect::FindSlots(search) => self.executor.find_slots(*search),
            Effect::Judge(job) => self.executor.judge(*job),
            Effect::Assess(job) => self.executor.assess(*job),
            Effect::Save { number, edit } => self.executor.save(number, edit),
            Effect::EditFile(file) => self.editing = Some(Editing::File(file)),
            Effect::EditText { name, text } => self.editing = Some(Editing::Text { name, text }),
            Effect::Push(push) => self.executor.push(push),
            Effect::Silence(request) => self.executor.silence(request),
            Effect::Expire(endings) => self.executor.expire(endings),
            Effect::Ring(ring) => {
                let settings = &self.state.person.ring;
                // A terminal that takes no more for now is not waited for: a bell is no frame.
                let _ = self.out.write_all(&settings.sequence(&ring));
                self.executor.ring(settings.clone(), ring);
            }
            Effect::Copy(text) => {
                let in_tmux = std::env::var_os("TMUX").is_some();
                let copied = clipboard::copy(&text, in_tmux).and_then(|bytes| {
                    let mut out = io::stdout().lock();
                    let written = out.write_all(&bytes).and_then(|()| out.flush());
                    written.map(|()| text.len()).map_err(|error| error.to_string())
                });
                return self.take(Message::Copied(copied), taken);
            }
            Effect::KeepPerson => self.keep_person(),
            Effect::UseTheme(name) => {
                let chosen = if name.is_empty() {
                    Ok(format!("theme {}", self.themes.choose_next()))
                } else {
                    self.themes.choose(&name).map(|()| format!("theme {name}"))
                };
                self.state.person.theme = Some(self.themes.name().to_owned());
                match chosen {
                    Ok(words) => self.state.say(Tone::Done, words),
                    Err(why) => self.state.say(Tone::Refused, why),
                }
                self.keep_person();
            }
            Effect::Suspend => self.suspend(taken)?,
            Effect::Redraw => self.redraw(),
            Effect::Quit => self.end = Some(0),
        }
        Ok(())
    }

    fn keep_person(&mut self) {
        let before = std::mem::replace(&mut self.kept, self.state.person.clone());
        self.executor.keep_person(before, self.kept.clone());
    }

    /// Hands the terminal to the person's editor until it ends.
    fn edit(&mut self, work: Editing, taken: &mut Terminal) -> io::Result<Message> {
        self.give_back();
        let message = work.run(&self.world);
        taken.enter()?;
        self.redraw();
        Ok(message)
    }

    fn suspend(&mut self, taken: &mut Terminal) -> io::Result<()> {
        self.give_back();
        signals::stop_self();
        taken.enter()?;
        self.redraw();
        self.draw()
    }
}

/// What comes next, if it is there already.
async fn at_once(line: &mut Line) -> Option<Arrived> {
    tokio::select! {
        biased;
        arrived = line.next() => arrived.ok(),
        () = std::future::ready(()) => None,
    }
}
