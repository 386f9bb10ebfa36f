//! The words of the trade and their rules: pure data and pure functions.
//!
//! Nothing here reads a file, a clock or a socket. Time is always an argument.

pub mod almanac;
pub mod backout;
pub mod burn;
pub mod calendar;
pub mod compatibility;
pub mod condition;
pub mod conflicts;
pub mod decision;
pub mod difference;
pub mod edit;
pub mod emergency;
pub mod failure;
pub mod format;
pub mod frozen;
pub mod golive;
pub mod graph;
pub mod hours;
pub mod icalendar;
pub mod intervals;
pub mod judge;
pub mod moment;
pub mod office;
pub mod patch;
pub mod person;
pub mod planning;
pub mod playbook;
pub mod problem;
pub mod question;
pub mod quick_add;
pub mod recurrence;
pub mod release;
pub mod remote;
pub mod rollout;
#[cfg(test)]
pub(crate) mod samples;
pub mod service;
pub mod show;
pub mod slots;
pub mod spelling;
pub mod subscription;
pub mod template;
pub mod text;
pub mod time;
pub mod tracker;
pub mod version;
pub mod when;
pub mod window;
pub mod workspace;

pub use edit::Edit;
pub use failure::{Failure, FailureKind};
pub use moment::{Resolved, parse_moment, resolve_local};
pub use patch::{Before, Change, Patch, Place, PlanFile, Value};
pub use person::Person;
pub use playbook::Playbook;
pub use problem::{Problem, Severity};
pub use question::{Answer, Question};
pub use release::{ChangeType, Release, Stage, Status, Strategy};
pub use remote::{Face, Remote};
pub use service::{Dependency, DependencyKind, Metric, Service};
pub use text::Safe;
pub use time::Now;
pub use window::{Window, WindowKind};
pub use workspace::{Environment, Region, Workspace};
