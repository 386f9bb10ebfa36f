//! Keys and mouse to intents.

pub mod key;
pub mod keymap;
pub mod mouse;
pub mod typing;

pub use key::Key;
pub use keymap::{KeyProblem, Keymap, Resolution};
