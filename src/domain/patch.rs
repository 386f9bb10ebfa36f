//! Changes of a file key by key: what a form, a key or a command wants of it, as data.
//!
//! The store splices the bytes at the values' places, so comments, order and unknown keys stay.

use super::{Release, Window};

/// A file of the workspace that edits change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanFile {
    /// `releases/<id>.toml`
    Release(String),
    /// `windows.toml`
    Windows,
    /// `tminus.toml`
    Workspace,
}

/// Changes of one file that belong together: all of them are made, or none.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// The file; it is made where there is none (but `tminus.toml`).
    pub file: PlanFile,
    /// What it does, for the undo list: `rename checkout-4.2`.
    pub title: String,
    /// What the person looked at: the patch is refused when the file says something else there
    /// by now. `None`: whatever it says.
    pub before: Option<Box<Before>>,
    /// In order; an index counts what is there after the changes before it.
    pub changes: Vec<Change>,
}

/// What the person looked at when they decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Before {
    /// This release.
    Release(Release),
    /// This window, by its id.
    Window(Window),
    /// There was no such release or window yet.
    Nothing,
}

/// One change of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Sets a key, or takes it away (`None`). A value that is there is replaced where it stands.
    Set {
        /// The table.
        place: Place,
        /// The key, bare.
        key: String,
        /// Its value.
        value: Option<Value>,
    },
    /// Adds a table to a list of tables (`[[stage]]`), after the last of them.
    Add {
        /// The list's key.
        list: String,
        /// Keys and values, in order.
        table: Vec<(String, Value)>,
    },
    /// Takes a table out of a list, with the comments above it.
    Remove {
        /// Which.
        place: Place,
    },
}

/// A table of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The keys above the first header.
    Top,
    /// The table with this name (`[run_of_show]`); it is made where there is none.
    Table(String),
    /// An entry of a list of tables, counted from 0.
    Nth(String, usize),
    /// The entry of a list of tables whose `id` this is.
    Id(String, String),
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string; one with line breaks is written over several lines.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A TOML date-time, as it will be written: `2026-11-25T14:00:00`, with an offset or without.
    Time(String),
    /// A list.
    List(Vec<Value>),
    /// An inline table: `{ url = "…" }`.
    Inline(Vec<(String, Value)>),
}

impl Value {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list of strings.
    pub fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::List(words.into_iter().map(Self::text).collect())
    }
}
