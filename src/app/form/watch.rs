//! The form that notes something in a release's watch: a note, a hand-over, an acknowledgement, the
//! end of the watch.

use super::acts::confirmed;
use super::reader::Reader;
use super::{Field, Form, Name, Offers, Setting, Subject};
use crate::domain::stabilisation::changes::{Said, add};
use crate::domain::stabilisation::watcher;
use crate::domain::{Edit, Release};

/// What is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchDeed {
    /// What was seen.
    Note,
    /// Somebody else watches from here on.
    HandOver,
    /// What is open is known to somebody.
    Acknowledge,
    /// Nobody has to watch any more.
    Close,
}

impl WatchDeed {
    /// For the form's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Note => "Note in the watch of",
            Self::HandOver => "Hand over the watch of",
            Self::Acknowledge => "Acknowledge what is open in the watch of",
            Self::Close => "Close the watch of",
        }
    }

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "watch-note",
            Self::HandOver => "watch-hand-over",
            Self::Acknowledge => "watch-acknowledge",
            Self::Close => "watch-close",
        }
    }
}

/// A form for a note of this kind.
pub fn form(setting: &Setting<'_>, release: &Release, deed: WatchDeed, about: Vec<String>) -> Form {
    let me = setting.me.unwrap_or_default();
    let mut fields = Vec::new();
    if deed == WatchDeed::HandOver {
        fields.push(Field::offering(Name::To, "to", "", Offers::People, "who watches from here on"));
    }
    let hint = match deed {
        WatchDeed::Note => "what you see, what you did",
        WatchDeed::HandOver => "what the next one should know",
        WatchDeed::Acknowledge => "what is done about it",
        WatchDeed::Close => "why nobody has to watch any more",
    };
    fields.push(Field::line(Name::Text, "text", "", hint));
    fields.push(Field::offering(Name::By, "by", me, Offers::People, "who says it"));
    if deed == WatchDeed::Close {
        fields.push(Field::line(Name::Confirm, "to close", "", "type the release's id"));
    }
    Form::new(Subject::Watch(Box::new(release.clone()), deed), fields).about(about)
}

/// Reads it.
pub fn read(reader: &mut Reader<'_>, release: &Release, deed: WatchDeed) -> Option<Edit> {
    let now = reader.setting.now;
    let by = reader.word(Name::By, None, "who says it");
    let text = reader.text(Name::Text, None);
    if deed == WatchDeed::Note && reader.value(Name::Text, None).is_empty() {
        reader.missing(Name::Text, None, "say what was seen");
    }
    let to = match deed {
        WatchDeed::HandOver => {
            let to = reader.word(Name::To, None, "who watches from here on");
            let before = watcher(release, None, now).map(|watcher| watcher.name);
            if let Some(to) = to.as_ref().filter(|to| before.as_ref() == Some(to)) {
                reader.wrong(Name::To, None, format!("{to} watches already"));
            }
            to
        }
        _ => None,
    };
    let is_ready = match deed {
        WatchDeed::Close => confirmed(reader, &[&release.id]),
        WatchDeed::HandOver => to.is_some(),
        WatchDeed::Note | WatchDeed::Acknowledge => true,
    };
    let said = Said {
        by: by?,
        to,
        acknowledge: deed == WatchDeed::Acknowledge,
        close: deed == WatchDeed::Close,
        text: text.unwrap_or_default(),
    };
    // A field that was not filled in is said under it.
    let patch = add(release, &said, now).ok().filter(|_| is_ready)?;
    Some(Edit::Patch(patch))
}
