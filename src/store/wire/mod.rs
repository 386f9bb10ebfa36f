//! The files' shapes: one file a kind. Unknown keys are let through; `read` says a word where one
//! looks like a slip of the hand.

pub mod at;
pub mod health;
pub mod keys;
pub mod person;
pub mod playbook;
pub mod release;
#[cfg(test)]
mod schema;
pub mod show;
pub mod watch;
pub mod windows;
pub mod workspace;

pub use at::At;
