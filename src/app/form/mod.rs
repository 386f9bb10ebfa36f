//! Forms: everything in the files of the plan can be made and changed in fields.
//!
//! A form is pure data. Every change of a field reads all of it again: what is wrong is said
//! under its field, and what was understood too. Saving it is one edit with what changed and
//! nothing else; what was typed stays until the edit is on disk.

mod acts;
mod collisions;
mod diff;
mod draft;
mod field;
mod follow;
mod id;
mod json;
mod keys;
mod occurrences;
mod offers;
mod opening;
mod quick;
mod reader;
mod release;
mod repeat;
mod silence;
mod stage;
mod step;
mod step_removal;
mod watch;
mod window;
mod window_edit;

pub use collisions::{Entry, Telling, is_about_release, settle, tell};
pub use draft::Draft;
pub use field::{Button, Control, Field, Meaning, Name, Offers};
pub use follow::rebase;
pub use json::snapshot;
pub use keys::{handle, refused, saved, sent, text_edited, type_into};
pub use offers::Popup;
pub use opening::{
    add_occurrence, add_step, cancel_release, edit_release, edit_step, edit_window, end_silences, except,
    new_release, new_window, note_in_watch, quick_add, remove_step, remove_window, silence_news,
    silence_stage, skip_occurrence, stop_the_line,
};

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use crate::domain::{Edit, Release, Window, Workspace};

use crate::domain::silence::{Ending, Request};

use reader::Reader;
pub use silence::Silencing;
pub use watch::WatchDeed;

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
    /// What it is about, above its fields.
    pub about: Vec<String>,
    /// What happened to the file under the form.
    pub news: Vec<String>,
    /// The release that it would make or leave, as far as that can be read; `None`: it is about
    /// something else, or nothing of it can be read.
    pub draft: Option<Draft>,
    /// What a form that changes no file would ask of the world; `None`: it cannot yet.
    pub ask: Option<Ask>,
    /// What that would collide with.
    collisions: Option<collisions::Collisions>,
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
    /// A new window.
    NewWindow,
    /// A new release, said in one line.
    QuickAdd,
    /// A window, as its file says.
    Window(Box<Window>),
    /// A break-glass exception for a stage of a release, counted from 0.
    Exception(Box<Release>, usize),
    /// The line, stopped.
    Stop,
    /// The line, going again: this freeze ends.
    Lift(Box<Window>),
    /// A release that will not happen.
    Cancel(Box<Release>),
    /// A window that is taken out.
    Remove(Box<Window>),
    /// An occurrence of a window that is left out, by its start on the wall.
    Skip(Box<Window>, NaiveDateTime),
    /// Another occurrence of a window.
    Also(Box<Window>),
    /// A new step of a release's run of show.
    NewStep(Box<Release>),
    /// A step of a release's run of show, by its id.
    Step(Box<Release>, String),
    /// A step that is taken out, by its id.
    RemoveStep(Box<Release>, String),
    /// A note in a release's watch.
    Watch(Box<Release>, WatchDeed),
    /// A silence for a stage of a release.
    Silence(Box<Silencing>),
    /// Silences that are ended; the release's id confirms it.
    Expire(String, Vec<Ending>),
}

/// What a form asks of the world instead of changing a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Make a silence.
    Silence(Box<Request>),
    /// End silences.
    Expire(Vec<Ending>),
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
    /// What it asks is on its way.
    Sending,
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
            about: Vec::new(),
            news: Vec::new(),
            draft: None,
            ask: None,
            collisions: None,
            tried: Tried::No,
            next_section: 0,
        }
    }

    /// The new id of what it changed, where that has another one.
    fn renamed(&self) -> Option<&str> {
        let before = match &self.subject {
            Subject::Release(release) => &release.id,
            Subject::Window(window) => &window.id,
            _ => return None,
        };
        Some(self.value(Name::Id, None)).filter(|id| !id.is_empty() && id != before)
    }

    /// Whether it is about a release, whose stages can be added and taken out.
    pub fn has_stages(&self) -> bool {
        matches!(self.subject, Subject::NewRelease | Subject::Release(_))
    }

    /// The same with what it is about.
    #[must_use]
    fn about(mut self, about: Vec<String>) -> Self {
        self.about = about;
        self
    }

    /// What it does, for its title.
    pub fn title(&self) -> String {
        match &self.subject {
            Subject::NewRelease => "New release".to_owned(),
            Subject::Release(release) => format!("Release {}", release.id),
            Subject::QuickAdd => "Quick add".to_owned(),
            Subject::NewWindow => "New window".to_owned(),
            Subject::Window(window) => format!("Window {}", window.id),
            Subject::Exception(release, _) => format!("Break the glass for {}", release.id),
            Subject::Stop => "STOP THE LINE".to_owned(),
            Subject::Lift(_) => "Lift the stop".to_owned(),
            Subject::Cancel(release) => format!("Cancel {}", release.id),
            Subject::Remove(window) => format!("Remove {}", window.id),
            Subject::Skip(window, _) => format!("Leave out an occurrence of {}", window.id),
            Subject::Also(window) => format!("Add an occurrence to {}", window.id),
            Subject::NewStep(release) => format!("New step of {}", release.id),
            Subject::Step(release, step) => format!("Step {step} of {}", release.id),
            Subject::Watch(release, deed) => format!("{} {}", deed.title(), release.id),
            Subject::Silence(silencing) => silence::title(silencing),
            Subject::Expire(release, endings) => match endings.len() {
                1 => format!("End a silence of {release}"),
                count => format!("End {count} silences of {release}"),
            },
            Subject::RemoveStep(release, step) => format!("Remove {step} from {}", release.id),
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
            _ => 0,
        };
        let added = self.sections.iter().any(|section| section.origin.is_none())
            && !matches!(self.subject, Subject::NewRelease);
        self.fields.iter().any(Field::is_touched) || added || self.sections.len() != base
    }

    /// Whether it asks something of the world instead of changing a file.
    pub fn changes_no_file(&self) -> bool {
        matches!(self.subject, Subject::Silence(_) | Subject::Expire(..))
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

    /// Whether a field means something while the others say what they do.
    pub fn is_shown(&self, index: usize) -> bool {
        let Some(field) = self.fields.get(index) else { return false };
        repeat::is_shown_in(self, field)
    }

    /// Reads all of it again: what is said under each field follows. Answers with the edit that
    /// saving it is; `None`: something is wrong, or nothing changed.
    pub fn read(&mut self, setting: &Setting<'_>) -> Option<Edit> {
        let mut reader = Reader::new(self, *setting);
        let edit = match &self.subject {
            Subject::NewRelease => release::read(&mut reader, None),
            Subject::Release(release) => release::read(&mut reader, Some(release)),
            Subject::QuickAdd => quick::read(&mut reader),
            Subject::NewWindow => window::read(&mut reader, None),
            Subject::Window(window) => window::read(&mut reader, Some(window)),
            Subject::Exception(release, stage) => acts::read_exception(&mut reader, release, *stage),
            Subject::Stop => acts::read_stop(&mut reader),
            Subject::Lift(window) => acts::read_lift(&mut reader, window),
            Subject::Cancel(release) => acts::read_cancel(&mut reader, release),
            Subject::Remove(window) => acts::read_remove(&mut reader, window),
            Subject::Skip(window, start) => acts::read_skip(&mut reader, window, *start),
            Subject::Also(window) => acts::read_also(&mut reader, window),
            Subject::NewStep(release) => step::read(&mut reader, release, None),
            Subject::Step(release, id) => step::read(&mut reader, release, Some(id)),
            Subject::RemoveStep(release, id) => step_removal::read(&mut reader, release, id),
            Subject::Watch(release, deed) => watch::read(&mut reader, release, *deed),
            Subject::Silence(silencing) => {
                silence::read(&mut reader, silencing);
                None
            }
            Subject::Expire(release, endings) => {
                silence::read_expire(&mut reader, release, endings);
                None
            }
        };
        let draft = reader.draft.take();
        let ask = reader.ask.take();
        let (wrong, findings) = reader.finish();
        self.draft = draft;
        self.ask = ask.filter(|_| !wrong);
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
mod step_tests;
#[cfg(test)]
mod tests;
