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
//! | [`person`] | the person's own settings |

pub mod locate;
pub mod person;
mod read;
mod report;
mod source;
mod wire;
mod write;

pub use locate::{LocateError, Located, locate};
pub use read::{Opened, open};
pub use wire::keys::nearest;
pub use write::{Applied, EditError, Outcome, apply};
