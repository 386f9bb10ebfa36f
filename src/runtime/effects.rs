//! The one place that carries out effects. Each that is started ends in exactly one message.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::AbortHandle;

use crate::app::Message;
use crate::app::calendar::conflicts::{Job, Judgement};
use crate::app::calendar::slots::Search;
use crate::app::monitor;
use crate::domain::ring::{Ring, RingSettings};
use crate::domain::silence::{Created, Ending, Expired, Request};
use crate::domain::tracker::{Push, Pushed};
use crate::domain::{Edit, Failure, FailureKind, Person, Question};

use crate::store::watch::{Changed, Watcher};

use super::clock::Clock;
use super::world::World;
use crate::backend::http::meter;

/// Questions on their way to one backend at a time.
const AT_A_TIME: usize = 8;
/// Messages that may wait for the loop.
const WAITING: usize = 256;

/// Carries out effects in the background.
pub struct Executor {
    handle: Handle,
    world: Arc<World>,
    clock: Clock,
    sender: mpsc::Sender<Message>,
    running: HashMap<Question, AbortHandle>,
    /// By backend, so that one that hangs keeps only its own questions waiting.
    turns: HashMap<Option<String>, Arc<Semaphore>>,
    /// Edits are saved one after the other, in the order they were made.
    saves: mpsc::UnboundedSender<(u64, Edit)>,
    watching: AtomicBool,
    watcher: Arc<Mutex<Option<Watcher>>>,
}

impl Executor {
    /// On a runtime; answers come out of the receiver.
    pub fn new(handle: Handle, world: Arc<World>, clock: Clock) -> (Self, mpsc::Receiver<Message>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let (saves, queue) = mpsc::unbounded_channel();
        let executor = Self {
            handle,
            world,
            clock,
            sender,
            running: HashMap::new(),
            turns: HashMap::new(),
            saves,
            watching: AtomicBool::new(false),
            watcher: Arc::default(),
        };
        executor.handle.spawn(save_in_order(queue, Arc::clone(&executor.world), executor.sender.clone()));
        (executor, receiver)
    }

    /// Where messages from elsewhere go in.
    pub fn sender(&self) -> mpsc::Sender<Message> {
        self.sender.clone()
    }

    /// Asks a question; ends in `Answered`, whatever happens.
    pub fn ask(&mut self, question: Question, generation: u64) {
        let world = Arc::clone(&self.world);
        let backend = world.source_of(&question);
        let turns = self.turns.entry(backend.clone());
        let turns = Arc::clone(turns.or_insert_with(|| Arc::new(Semaphore::new(AT_A_TIME))));
        let (asked, clock) = (question.clone(), self.clock);
        let task = self.handle.spawn(async move {
            let _turn = turns.acquire().await;
            super::sabotage::panic_where_asked("task");
            meter::counted(world.answer(&asked, clock.now().wall)).await
        });
        self.running.retain(|_, handle| !handle.is_finished());
        self.running.insert(question.clone(), task.abort_handle());
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            let (result, sent) = match task.await {
                Ok(counted) => counted,
                Err(error) if error.is_cancelled() => {
                    (Err(Failure::new(FailureKind::Cancelled, "nobody waits for the answer", "ask again")), 0)
                }
                Err(error) => {
                    let failure = Failure::new(
                        FailureKind::Internal,
                        format!("a task panicked: {error}"),
                        "this is a bug of tminus: please report it with the log",
                    );
                    (Err(failure), 0)
                }
            };
            let _ = sender.send(Message::Answered { question, generation, result }).await;
            // One was counted when it was asked.
            if let (Some(backend), Some(more)) = (backend, sent.checked_sub(1).filter(|more| *more > 0)) {
                let _ = sender.send(Message::Metered { backend, more }).await;
            }
        });
    }

    /// Nobody waits for this answer any more.
    pub fn cancel(&mut self, question: &Question) {
        if let Some(handle) = self.running.remove(question) {
            handle.abort();
        }
    }

    /// Saves an edit; ends in `EditSaved` or `EditFailed`.
    pub fn save(&self, number: u64, edit: Edit) {
        let _ = self.saves.send((number, edit));
    }

    /// Changes a version in the tracker, once; ends in `Pushed`. Nobody can take it back on its way:
    /// what became of it would not be known.
    pub fn push(&self, push: Box<Push>) {
        let world = Arc::clone(&self.world);
        let sent = push.clone();
        let task = self.handle.spawn(async move { world.push(&sent).await });
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            let outcome = task.await.unwrap_or_else(|error| {
                let why = Failure::new(
                    FailureKind::Internal,
                    format!("a task panicked: {error}"),
                    "this is a bug of tminus: please report it with the log",
                );
                Pushed::Unknown { why: Some(why.clone()), now: Err(why) }
            });
            let _ = sender.send(Message::Pushed(push, Box::new(outcome))).await;
        });
    }

    /// Makes a silence, once; ends in `Silenced`. Nobody can take it back on its way.
    pub fn silence(&self, request: Box<Request>) {
        let world = Arc::clone(&self.world);
        let sent = request.clone();
        let task = self.handle.spawn(async move { world.silence(&sent).await });
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            let created = task.await.unwrap_or_else(|error| Created::Unknown {
                why: Some(panicked(&error)),
                unread: Some(panicked(&error)),
            });
            let _ = sender.send(Message::Silenced(request, Box::new(created))).await;
        });
    }

    /// Calls the person by post and program; what did not work ends in `Noticed`.
    pub fn ring(&self, settings: RingSettings, ring: Ring) {
        if settings.webhook.is_none() && settings.command.is_empty() {
            return;
        }
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            for why in super::ring::call(&settings, &ring).await {
                let _ = sender.send(Message::Noticed(why)).await;
            }
        });
    }

    /// Ends silences, one after the other, each once; ends in `Expired`.
    pub fn expire(&self, endings: Vec<Ending>) {
        let sender = self.sender.clone();
        let world = Arc::clone(&self.world);
        let handle = self.handle.clone();
        self.handle.spawn(async move {
            let mut outcomes = Vec::new();
            for ending in endings {
                let (world, sent) = (Arc::clone(&world), ending.clone());
                let task = handle.spawn(async move { world.expire(&sent.backend, &sent.id).await });
                let expired = task.await.unwrap_or_else(|error| Expired::Unknown {
                    why: Some(panicked(&error)),
                    now: Err(panicked(&error)),
                });
                outcomes.push((ending, expired));
            }
            let _ = sender.send(Message::Expired(outcomes)).await;
        });
    }

    /// Judges a plan; ends in `Judged`.
    pub fn judge(&self, job: Job) {
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            let number = job.number;
            let judged = tokio::task::spawn_blocking(move || Judgement::of(&job)).await;
            let result = judged.map_err(|error| format!("judging the plan failed: {error}"));
            let _ = sender.send(Message::Judged { number, result }).await;
        });
    }

    /// Judges rollouts; ends in `Assessed`.
    pub fn assess(&self, job: monitor::judge::Job) {
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            let number = job.number;
            let judged = tokio::task::spawn_blocking(move || job.run()).await;
            let result = judged.map_err(|error| format!("judging the rollouts failed: {error}"));
            let _ = sender.send(Message::Assessed { number, result }).await;
        });
    }

    /// Looks for slots; ends in `SlotsFound`.
    pub fn find_slots(&self, search: Search) {
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            let number = search.number;
            let found = tokio::task::spawn_blocking(move || search.run()).await;
            let result = found.map_err(|error| format!("looking for slots failed: {error}"));
            let _ = sender.send(Message::SlotsFound { number, result }).await;
        });
    }

    /// Reads the workspace; ends in `WorkspaceLoaded` or `WorkspaceFailed`.
    pub fn load(&self) {
        let (world, sender) = (Arc::clone(&self.world), self.sender.clone());
        self.handle.spawn(async move { load_and_tell(&world, &sender).await });
    }

    /// Reads the person's settings; ends in `PersonLoaded`.
    pub fn load_person(&self) {
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            if let Ok((person, problems)) = tokio::task::spawn_blocking(World::person).await {
                let _ = sender.send(Message::PersonLoaded(person, problems)).await;
            }
        });
    }

    /// Asks who is at the keyboard; ends in `PersonNamed`.
    pub fn load_names(&self) {
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            if let Ok(names) = tokio::task::spawn_blocking(World::names).await {
                let _ = sender.send(Message::PersonNamed(names)).await;
            }
        });
    }

    /// Keeps what changed of the person's settings; a failure ends in `Noticed`.
    pub fn keep_person(&self, before: Person, after: Person) {
        let sender = self.sender.clone();
        self.handle.spawn(async move {
            let kept = tokio::task::spawn_blocking(move || World::keep_person(&before, &after)).await;
            if let Ok(Err(why)) = kept {
                let _ = sender.send(Message::Noticed(why)).await;
            }
        });
    }

    /// Watches the files, and reads the calendars that the workspace follows when they are due; a
    /// change reads the workspace again. Watching a second time does nothing.
    pub fn watch(&self) {
        if self.watching.swap(true, Ordering::SeqCst) {
            return;
        }
        let (world, sender, watcher) =
            (Arc::clone(&self.world), self.sender.clone(), Arc::clone(&self.watcher));
        let (changes, changed) = mpsc::channel(4);
        let watched = Arc::clone(&world);
        self.handle.spawn_blocking(move || {
            let started = watched.watch(move |change| {
                // A full channel already holds a change that will be read.
                let _ = changes.try_send(change);
            });
            *watcher.lock().unwrap_or_else(PoisonError::into_inner) = started;
        });
        self.handle.spawn(super::following::follow(Arc::clone(&world), sender.clone()));
        self.handle.spawn(read_again(changed, world, sender));
    }
}

/// A bug of ours, told as a failure.
fn panicked(error: &tokio::task::JoinError) -> Failure {
    Failure::new(
        FailureKind::Internal,
        format!("a task panicked: {error}"),
        "this is a bug of tminus: please report it with the log",
    )
}

/// Reads the workspace, and what was edited in it.
async fn load_and_tell(world: &Arc<World>, sender: &mpsc::Sender<Message>) {
    let _ = sender.send(load(Arc::clone(world)).await).await;
    let reader = Arc::clone(world);
    if let Ok(Some(edits)) = tokio::task::spawn_blocking(move || reader.edits()).await {
        let _ = sender.send(Message::HistoryLoaded(edits)).await;
    }
}

async fn load(world: Arc<World>) -> Message {
    match tokio::task::spawn_blocking(move || world.load()).await {
        Ok(Ok((workspace, problems))) => Message::WorkspaceLoaded(workspace, problems),
        Ok(Err(why)) => Message::WorkspaceFailed(why),
        Err(error) => Message::WorkspaceFailed(format!("reading the workspace panicked: {error}")),
    }
}

/// Reads again what changed on disk.
async fn read_again(mut changed: mpsc::Receiver<Changed>, world: Arc<World>, sender: mpsc::Sender<Message>) {
    while let Some(change) = changed.recv().await {
        let message = match change {
            Changed::Workspace => {
                load_and_tell(&world, &sender).await;
                continue;
            }
            Changed::Person => match tokio::task::spawn_blocking(World::person).await {
                Ok((person, problems)) => Message::PersonLoaded(person, problems),
                Err(_) => continue,
            },
        };
        let _ = sender.send(message).await;
    }
}

async fn save_in_order(
    mut queue: mpsc::UnboundedReceiver<(u64, Edit)>,
    world: Arc<World>,
    sender: mpsc::Sender<Message>,
) {
    while let Some((number, edit)) = queue.recv().await {
        let saver = Arc::clone(&world);
        let saved = tokio::task::spawn_blocking(move || saver.save(&edit)).await;
        let message = match saved {
            Ok(Ok((inverse, notices))) => Message::EditSaved { number, inverse, notices },
            Ok(Err(why)) => Message::EditFailed { number, why },
            Err(error) => Message::EditFailed { number, why: format!("saving panicked: {error}") },
        };
        let saved = matches!(message, Message::EditSaved { .. });
        let _ = sender.send(message).await;
        if saved {
            // Do not wait for the watcher: the person looks at what they just did.
            load_and_tell(&world, &sender).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::runtime::world::Source;

    #[test]
    fn a_backend_that_hangs_keeps_no_other_waiting() {
        // Takes connections and never says a word.
        let hanging = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "schema = 1\n\n[backend.prometheus]\nurl = \"http://{}\"\n\n\
             [backend.alertmanager]\nurl = \"http://{closed}\"\n",
            hanging.local_addr().unwrap()
        );
        std::fs::write(folder.path().join("tminus.toml"), text).unwrap();
        let world = Arc::new(World::new(Source::Folder(folder.path().to_owned())));
        let (workspace, _) = world.load().unwrap();
        assert_eq!(workspace.backends.len(), 2);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (mut executor, mut messages) = Executor::new(runtime.handle().clone(), world, Clock::start());
        for number in 0..3 * AT_A_TIME {
            let backend = "prometheus".to_owned();
            let question = match number % 2 {
                0 => Question::Alerts { backend },
                _ => Question::Identity { backend },
            };
            executor.ask(question, number as u64);
        }
        let quick = Question::Alerts { backend: "alertmanager".to_owned() };
        executor.ask(quick.clone(), 99);
        let first = runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(8), messages.recv()).await.expect("nobody answers")
        });
        let Some(Message::Answered { question, generation: 99, result }) = first else { panic!("{first:?}") };
        assert_eq!(question, quick);
        assert_eq!(result.unwrap_err().kind, FailureKind::Unreachable);
        runtime.shutdown_background();
    }
}
