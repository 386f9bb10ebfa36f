//! What the cockpit asks of the world. Each effect that is started ends in exactly one message.

use super::calendar::conflicts::Job;
use super::calendar::slots::Search;
use crate::domain::tracker::Push;
use crate::domain::{Edit, Question};

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
    /// Change a version in the tracker, once; ends in `Pushed`, also where nobody knows what became
    /// of it.
    Push(Box<Push>),
    /// Judge the plan, beside everything else; ends in `Judged`.
    Judge(Box<Job>),
    /// Look for slots, beside everything else; ends in `SlotsFound`.
    FindSlots(Box<Search>),
    /// Put text on the person's clipboard, through the terminal; ends in `Copied`.
    Copy(String),
    /// Keep the person's choices: zone, theme, last panel, filters, acknowledged alerts.
    KeepPerson,
    /// Use another theme.
    UseTheme(String),
    /// Hand the terminal to the shell until it comes back.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}
