//! The cockpit's state machine: a pure core that knows no clock, no file and no socket.
//!
//! `update` takes a message and answers with effects; `view` draws the state. Both can be played
//! in a test, message by message.

pub mod board;
pub mod budgets;
pub mod calendar;
pub mod command;
pub mod effect;
pub mod emergency;
pub mod feedback;
pub mod form;
pub mod health;
pub mod history;
pub mod intent;
pub mod line_edit;
pub mod list;
pub mod message;
pub mod monitor;
pub mod overlay;
pub mod person;
pub mod polling;
pub mod remotes;
pub mod ring;
pub mod rollback;
pub mod show;
pub mod snapshot;
pub mod state;
pub mod text_edit;
pub mod tracker;
pub mod update;

pub use command::{COMMANDS, Command, Context};
pub use effect::Effect;
pub use feedback::{Axis, Feedback, Field, Hit, ListId};
pub use intent::{Intent, Panel};
pub use message::Message;
pub use overlay::Overlay;
pub use state::State;
pub use update::update;
