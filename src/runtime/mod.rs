//! The loop, the terminal, effects, timers, signals. The only place that looks at a clock.

pub mod allowance;
pub mod calendars;
pub mod clipboard;
pub mod clock;
pub mod cockpit;
pub mod decode;
pub mod editor;
pub mod effects;
pub mod encode;
pub mod following;
pub mod line;
pub mod locale;
pub mod log;
pub mod look;
pub mod pacing;
pub mod publish;
pub mod ring;
mod sabotage;
pub mod screen;
pub mod signals;
pub mod terminal;
pub mod tokens;
pub mod wake;
pub mod world;

pub use cockpit::{Options, cockpit};
