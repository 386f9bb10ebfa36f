//! The loop: input first, then results, then timers; a frame when something changed.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::app::message::Pointer;
use crate::app::state::{Look, Tone};
use crate::app::{Effect, Message, Panel, State, update};
use crate::domain::{Person, Problem, Severity};
use crate::input::{Key, Keymap, Resolution, mouse, typing};
use crate::view;

use super::clock::Clock;
use super::editor::Editing;
use super::effects::Executor;
use super::look::Themes;
use super::screen::{Screen, clamp};
use super::signals::{self, Signal};
use super::terminal::{self, Mouse, Terminal};
use super::world::{Source, World};
use super::{clipboard, wake};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// The most messages taken before a frame is drawn.
const BATCH: usize = 512;
/// A resize that is told by the signal and by the event stream comes twice within this.
const TWICE: Duration = Duration::from_millis(100);
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
    changed: bool,
    drawn_at: Option<Instant>,
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
        let (themes, problem) = Themes::new(options.theme.as_deref());
        if let Some(problem) = problem {
            state.say(Tone::Refused, problem);
        }
        let (executor, messages) = Executor::new(runtime.handle().clone(), Arc::clone(&world));
        Ok(Self {
            clock,
            screen: Screen::new(state.size),
            out: File::from(io::stdout().as_fd().try_clone_to_owned()?),
            state,
            themes,
            keymap: Keymap::default(),
            executor,
            messages,
            typed: Vec::new(),
            typed_at: Instant::now(),
            dragged: None,
            changed: true,
            drawn_at: None,
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
        let mut events = EventStream::new();
        loop {
            if let Some(status) = self.end {
                return Ok(status);
            }
            if let Some(work) = self.editing.take() {
                // Nobody else may read the keys meanwhile.
                drop(events);
                let message = self.edit(work, taken);
                events = EventStream::new();
                self.take(message?, taken)?;
                continue;
            }
            let now = Instant::now();
            let next_frame = self.drawn_at.map_or(now, |at| at + FRAME);
            if self.changed && next_frame <= now {
                self.draw()?;
                continue;
            }
            let timer = if self.changed { next_frame } else { self.next_wake() };
            tokio::select! {
                biased;
                signal = arriving.recv() => match signal {
                    Some(Signal::End(status)) => self.end = Some(status),
                    Some(Signal::Stop) => { self.suspend(taken)?; events = EventStream::new(); }
                    Some(Signal::Continue) => { terminal::give_back(); taken.enter()?; self.redraw(); }
                    Some(Signal::Resized) => self.resized(Terminal::size(), taken)?,
                    None => {}
                },
                event = events.next() => {
                    match event {
                        Some(Ok(event)) => self.input(event, taken)?,
                        // The line is gone.
                        Some(Err(_)) | None => self.end = Some(129),
                    }
                    // Drain what is there before drawing: a burst costs one frame.
                    for _ in 0..BATCH {
                        match at_once(&mut events).await {
                            Some(event) => self.input(event, taken)?,
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
                    if !self.changed { self.take(Message::Tick, taken)?; }
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

    fn draw(&mut self) -> io::Result<()> {
        let (state, theme, keymap) = (&self.state, &self.themes.current, &self.keymap);
        let drawn = self.screen.draw(&mut self.out, |buffer| view::draw(state, theme, keymap, buffer));
        match drawn {
            Ok(feedback) => self.state.feedback = feedback,
            // The line is gone; there is nobody left to tell.
            Err(error) if is_gone(&error) => self.end = Some(129),
            // A terminal that takes no more for now: what it shows is not known, so all is drawn
            // anew, at the next frame's time.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.screen.forget();
                self.drawn_at = Some(Instant::now());
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.changed = false;
        self.drawn_at = Some(Instant::now());
        Ok(())
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
        self.changed = true;
    }

    fn input(&mut self, event: Event, taken: &mut Terminal) -> io::Result<()> {
        if let Event::Mouse(event) = event
            && let Some(dragged @ Pointer::Dragged(..)) = mouse::pointer(&event)
        {
            // Of a movement only the last place counts before the next frame.
            self.dragged = Some(dragged);
            return Ok(());
        }
        self.drag_on(taken)?;
        match event {
            Event::Key(event) if event.kind != KeyEventKind::Release => {
                self.key(Key::from_event(&event), taken)
            }
            Event::Mouse(event) => {
                if let Some(intent) = mouse::intent(&event, &self.state.feedback) {
                    self.take(Message::Intent(intent), taken)?;
                }
                match mouse::pointer(&event) {
                    Some(pointer) => self.take(Message::Pointer(pointer), taken),
                    None => Ok(()),
                }
            }
            Event::Paste(text) => self.take(Message::Typed(crate::app::message::Typed::Paste(text)), taken),
            Event::Resize(columns, rows) => self.resized((columns, rows), taken),
            _ => Ok(()),
        }
    }

    /// Takes over where the mouse was dragged to.
    fn drag_on(&mut self, taken: &mut Terminal) -> io::Result<()> {
        match self.dragged.take() {
            Some(dragged) => self.take(Message::Pointer(dragged), taken),
            None => Ok(()),
        }
    }

    fn key(&mut self, key: Key, taken: &mut Terminal) -> io::Result<()> {
        if self.typed_at.elapsed() > SEQUENCE {
            self.typed.clear();
        }
        self.typed.push(key);
        self.typed_at = Instant::now();
        let context = self.state.context();
        match self.keymap.resolve(context, &self.typed) {
            Resolution::Intent(intent) => {
                self.typed.clear();
                self.take(Message::Intent(intent), taken)
            }
            Resolution::Prefix => Ok(()),
            Resolution::Nothing => {
                let alone = self.typed.len() == 1;
                self.typed.clear();
                if context.types() {
                    return match typing::typed(key) {
                        Some(typed) => self.take(Message::Typed(typed), taken),
                        None => Ok(()),
                    };
                }
                // The second key may mean something by itself.
                if alone { Ok(()) } else { self.key(key, taken) }
            }
        }
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
        self.changed = true;
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
            Effect::Save { number, edit } => self.executor.save(number, edit),
            Effect::EditFile(file) => self.editing = Some(Editing::File(file)),
            Effect::EditText { name, text } => self.editing = Some(Editing::Text { name, text }),
            Effect::Push(push) => self.executor.push(push),
            Effect::Silence(request) => self.executor.silence(request),
            Effect::Expire(endings) => self.executor.expire(endings),
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
        terminal::give_back();
        let message = work.run(&self.world);
        taken.enter()?;
        self.redraw();
        Ok(message)
    }

    fn suspend(&mut self, taken: &mut Terminal) -> io::Result<()> {
        terminal::give_back();
        signals::stop_self();
        taken.enter()?;
        self.redraw();
        self.draw()
    }
}

/// The next event, if there is one already. The stream must be asked with this task's own waker:
/// it remembers the last one that asked.
async fn at_once(events: &mut EventStream) -> Option<Event> {
    tokio::select! {
        biased;
        event = events.next() => event.and_then(Result::ok),
        () = std::future::ready(()) => None,
    }
}

/// Whether an error says that nobody is at the other end any more.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
        || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}
