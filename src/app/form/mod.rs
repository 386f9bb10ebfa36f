//! Forms: everything in the files of the plan can be made and changed in fields.
//!
//! A form is pure data. Every change of a field reads all of it again: what is wrong is said
//! under its field, and what was understood too. Saving it is one edit with what changed and
//! nothing else; what was typed stays until the edit is on disk.

mod diff;
mod field;
mod keys;
mod offers;
mod reader;
mod release;
mod stage;

pub use field::{Button, Control, Field, Meaning, Name, Offers};
pub use keys::{edit_release, handle, new_release, rebase, refused, saved, text_edited, type_into};
pub use offers::Popup;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::{Edit, Release, Workspace};

use reader::Reader;

/// A form on screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What it makes or changes.
    pub subject: Subject,
    /// Its fields, in order; those of a section stand together.
    pub fields: Vec<Field>,
    /// Its sections, in order.
    pub sections: Vec<Section>,
    /// Which field has the keys.
    pub focus: usize,
    /// What is offered under the field that has the keys.
    pub popup: Option<Popup>,
    /// Where it stands.
    pub stand: Stand,
    /// What happened to the file under the form.
    pub news: Vec<String>,
    /// Whether it was tried to save it: from then on what is missing is said too.
    tried: Tried,
    /// The next section's number.
    next_section: u32,
}

/// What a form makes or changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// A new release.
    NewRelease,
    /// A release, as its file says.
    Release(Box<Release>),
}

/// Fields that belong together and can be removed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its number, for its fields.
    pub id: u32,
    /// Which entry of the file it is, counted from 0; `None`: a new one.
    pub origin: Option<usize>,
}

/// Where a form stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Stand {
    /// It is being filled in.
    #[default]
    Open,
    /// Something was typed, and the person was asked whether to leave it.
    AskedToLeave,
    /// It is being saved, under this number.
    Saving(u64),
    /// It could not be saved: what happened, what to do.
    Refused(String),
}

/// Whether it was tried to save a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Tried {
    #[default]
    No,
    Yes,
}

/// What a form is filled in against.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// Now.
    pub now: DateTime<Utc>,
    /// The zone times are shown in.
    pub zone: Tz,
    /// The person at the keyboard, where it is known.
    pub me: Option<&'a str>,
}

impl Form {
    /// A form with these fields.
    fn new(subject: Subject, fields: Vec<Field>) -> Self {
        Self {
            subject,
            fields,
            sections: Vec::new(),
            focus: 0,
            popup: None,
            stand: Stand::Open,
            news: Vec::new(),
            tried: Tried::No,
            next_section: 0,
        }
    }

    /// What it does, for its title.
    pub fn title(&self) -> String {
        match &self.subject {
            Subject::NewRelease => "New release".to_owned(),
            Subject::Release(release) => format!("Release {}", release.id),
        }
    }

    /// The title of a section: what it is, and which.
    pub fn section_title(&self, section: u32) -> String {
        let place = self.sections.iter().position(|known| known.id == section).unwrap_or(0);
        let count = self.sections.len();
        if count > 1 { format!("stage {} of {count}", place + 1) } else { "stage".to_owned() }
    }

    /// Whether something was typed that is not saved.
    pub fn is_touched(&self) -> bool {
        let base = match &self.subject {
            Subject::Release(release) => release.stages.len(),
            Subject::NewRelease => 1,
        };
        let added = self.sections.iter().any(|section| section.origin.is_none())
            && !matches!(self.subject, Subject::NewRelease);
        self.fields.iter().any(Field::is_touched) || added || self.sections.len() != base
    }

    /// Where a field stands.
    fn at(&self, name: Name, section: Option<u32>) -> Option<usize> {
        let is_it = |field: &Field| {
            field.name == name && field.section == section && !matches!(field.control, Control::Button(_))
        };
        self.fields.iter().position(is_it)
    }

    /// What a field holds, without blanks around it.
    fn value(&self, name: Name, section: Option<u32>) -> &str {
        self.at(name, section).map_or("", |index| self.fields[index].value().trim())
    }

    /// Reads all of it again: what is said under each field follows. Answers with the edit that
    /// saving it is; `None`: something is wrong, or nothing changed.
    pub fn read(&mut self, setting: &Setting<'_>) -> Option<Edit> {
        let mut reader = Reader::new(self, *setting);
        let edit = match &self.subject {
            Subject::NewRelease => release::read(&mut reader, None),
            Subject::Release(release) => release::read(&mut reader, Some(release)),
        };
        let (wrong, findings) = reader.finish();
        for field in &mut self.fields {
            field.said.clear();
        }
        for (index, meaning, missing, text) in findings {
            // What was not typed yet is not wrong before somebody says it is finished.
            if missing == reader::Lack::Missing && self.tried == Tried::No {
                continue;
            }
            if let Some(field) = self.fields.get_mut(index) {
                field.say(meaning, text);
            }
        }
        for field in &mut self.fields {
            if let Some(meanwhile) = field.meanwhile.clone().filter(|now| now != field.value()) {
                let shown = if meanwhile.is_empty() { "nothing".to_owned() } else { meanwhile };
                let words = format!("the file says {shown} by now; saving writes what is typed here");
                field.say(Meaning::Notice, words);
            }
        }
        edit.filter(|_| !wrong)
    }
}

#[cfg(test)]
mod tests;
