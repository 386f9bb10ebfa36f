//! What can happen: the one closed list of what wakes the cockpit.

use std::sync::Arc;

use crate::domain::edit::Recorded;
use crate::domain::silence::{Created, Ending, Expired, Request};
use crate::domain::slots::Slots;
use crate::domain::tracker::{Push, Pushed};
use crate::domain::{Answer, Edit, Failure, Person, Problem, Question, Workspace};

use super::Intent;
use super::calendar::conflicts::Judgement;
use super::monitor::judge::Verdicts;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Time passed.
    Tick,
    /// The person wants something.
    Intent(Intent),
    /// The person typed into a line.
    Typed(Typed),
    /// The person holds a mouse button down, or lets it go.
    Pointer(Pointer),
    /// The terminal has this size now, in columns and rows.
    Resized(u16, u16),
    /// The workspace was read, at the start or because its files changed.
    WorkspaceLoaded(Arc<Workspace>, Vec<Problem>),
    /// No workspace could be opened: what happened, what to do.
    WorkspaceFailed(String),
    /// The person's file was read.
    PersonLoaded(Person, Vec<Problem>),
    /// What the person at the keyboard may be called, likeliest first.
    PersonNamed(Vec<String>),
    /// A question ended: answered, failed, timed out, cancelled or panicked.
    Answered {
        /// What was asked.
        question: Question,
        /// Under which generation.
        generation: u64,
        /// What came.
        result: Result<Answer, Failure>,
    },
    /// A question took more requests than one: pages of a long answer, second attempts.
    Metered {
        /// Of which backend.
        backend: String,
        /// How many more.
        more: u32,
    },
    /// An edit was saved, and this is how to take it back.
    EditSaved {
        /// The edit's number.
        number: u64,
        /// What takes it back.
        inverse: Edit,
        /// What the person should know (an ambiguous local time).
        notices: Vec<String>,
    },
    /// An edit was refused or could not be saved.
    EditFailed {
        /// The edit's number.
        number: u64,
        /// What happened and what to do.
        why: String,
    },
    /// What was edited on this machine, the newest last.
    HistoryLoaded(Vec<Recorded>),
    /// A file came back from the person's editor with changes: the edit that saves them.
    FileEdited(Edit),
    /// A text came back from the person's editor.
    TextEdited(String),
    /// The person's editor could not do it, or what was typed cannot be used: what happened, and
    /// where it is kept.
    EditorFailed(String),
    /// A change of the tracker ended so.
    Pushed(Box<Push>, Box<Pushed>),
    /// A silence was asked for, and this became of it.
    Silenced(Box<Request>, Box<Created>),
    /// Silences were to end, and this became of each.
    Expired(Vec<(Ending, Expired)>),
    /// The plan was judged, or could not be.
    Judged {
        /// The number of the judgement.
        number: u64,
        /// What came.
        result: Result<Judgement, String>,
    },
    /// Rollouts were judged, or could not be.
    Assessed {
        /// The number of the judgement.
        number: u64,
        /// What came.
        result: Result<Verdicts, String>,
    },
    /// A search for slots ended.
    SlotsFound {
        /// The number of the search.
        number: u64,
        /// What was found.
        result: Result<Slots, String>,
    },
    /// Something was copied, or could not be.
    Copied(Result<usize, String>),
    /// A word to the person.
    Noticed(String),
}

/// What the left button of the mouse does, and in which cell: column and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pointer {
    /// It was pressed; what a click there wants is told apart.
    Pressed(u16, u16),
    /// The mouse was moved while it is held down.
    Dragged(u16, u16),
    /// It was let go.
    Released(u16, u16),
}

/// What the person typed into a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A character.
    Character(char),
    /// Several at once, pasted.
    Paste(String),
    /// Delete to the left.
    Backspace,
    /// Delete to the right.
    Delete,
    /// Delete the word to the left.
    DeleteWord,
    /// Delete everything to the left.
    DeleteToStart,
    /// One to the left.
    Left,
    /// One to the right.
    Right,
    /// To the start.
    Home,
    /// To the end.
    End,
}
