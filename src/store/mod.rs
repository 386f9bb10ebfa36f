//! Files to domain and back: finding a workspace, reading it whole, writing it safely, watching
//! it, and the person's own settings.
//!
//! | file | does |
//! |---|---|
//! | [`locate`](mod@locate) | finds the workspace, in the contract's order |
//! | [`open`](fn@open) (`read/`) | reads every file; what is wrong becomes a [`Problem`](crate::domain::Problem) |
//! | `wire/` | the files' shapes, one file a kind |
//! | `report`, `source` | a file's text, and what is wrong with it as a compiler would show it |
//! | [`apply`] (`write/`) | carries out an edit under a lock, and answers with its inverse |
//! | [`Journal`] | what was edited on this machine, and how to take it back |
//! | [`watch`](fn@watch) | changes on disk, within a second |
//! | [`fetched`] | when each calendar was read |
//! | [`ledger`] | which revision of each event went out |
//! | [`person`] | the person's own settings |

pub mod fetched;
pub mod journal;
pub mod ledger;
pub mod locate;
pub mod person;
mod person_save;
mod read;
mod report;
mod source;
pub mod watch;
mod wire;
mod write;

pub use journal::Journal;
pub use locate::{LocateError, Located, locate};
pub use person_save::save as save_person;
pub use read::{Opened, folder_name, open};
pub use watch::{Changed, Watcher, watch};
pub use wire::keys::nearest;
pub use write::{
    Applied, EditError, Outcome, apply, bytes_of as release_bytes, check, copy, hint, plan_text, preview,
    read_release, read_zone,
};
