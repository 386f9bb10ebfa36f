//! What the cockpit asks of the world. Each effect that is started ends in exactly one message.

use super::calendar::conflicts::Job;
use super::calendar::slots::Search;
use super::monitor;
use crate::domain::ring::Ring;
use crate::domain::silence::{Ending, Request};
use crate::domain::tracker::Push;
use crate::domain::{Edit, PlanFile, Question};

/// Something for the runtime to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask a question; ends in `Answered`.
    Ask {
        /// What.
        question: Question,
        /// Under which generation.
        generation: u64,
    },
    /// Nobody waits for this answer any more; the question ends as cancelled.
    Cancel(Question),
    /// Save an edit; ends in `EditSaved` or `EditFailed`.
    Save {
        /// Its number.
        number: u64,
        /// What.
        edit: Edit,
    },
    /// Open a file of the plan in the person's editor; ends in `FileEdited` or `EditorFailed`.
    EditFile(PlanFile),
    /// Open a text in the person's editor; ends in `TextEdited` or `EditorFailed`.
    EditText {
        /// A file name for it, whose ending tells the editor what it is: `notes.md`.
        name: String,
        /// The text.
        text: String,
    },
    /// Change a version in the tracker, once; ends in `Pushed`, also where nobody knows what became
    /// of it.
    Push(Box<Push>),
    /// Make a silence, once; ends in `Silenced`, also where nobody knows what became of it.
    Silence(Box<Request>),
    /// End silences, each once; ends in `Expired`.
    Expire(Vec<Ending>),
    /// Judge the plan, beside everything else; ends in `Judged`.
    Judge(Box<Job>),
    /// Judge rollouts, beside everything else; ends in `Assessed`.
    Assess(Box<monitor::judge::Job>),
    /// Look for slots, beside everything else; ends in `SlotsFound`.
    FindSlots(Box<Search>),
    /// Put text on the person's clipboard, through the terminal; ends in `Copied`.
    Copy(String),
    /// Keep the person's choices: zone, theme, last panel, filters, acknowledged alerts.
    KeepPerson,
    /// Call the person, as their settings say; what did not work ends in `Noticed`.
    Ring(Ring),
    /// Use another theme.
    UseTheme(String),
    /// Hand the terminal to the shell until it comes back.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}
