//! What a person notes in a watch, as a change of the release's file.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};

use super::can_be_watched;
use crate::domain::show::changes::Refused;
use crate::domain::{Before, Change, Patch, PlanFile, Release, Safe, Value};

/// The list in the release's file.
pub const LIST: &str = "watch.note";

/// What is noted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Who says it.
    pub by: String,
    /// Who watches from here on.
    pub to: Option<String>,
    /// Whether everything that is open is acknowledged.
    pub acknowledge: bool,
    /// Whether the watch is closed.
    pub close: bool,
    /// What; may be empty where one of the others says enough.
    pub text: String,
}

impl Said {
    /// What it does, for the undo list.
    fn title(&self) -> String {
        match (&self.to, self.acknowledge, self.close) {
            (_, _, true) => "close the watch".to_owned(),
            (Some(to), false, _) => format!("hand the watch over to {}", Safe::new(to)),
            (Some(to), true, _) => format!("acknowledge, and hand the watch over to {}", Safe::new(to)),
            (None, true, _) => "acknowledge what is open".to_owned(),
            (None, false, _) => "note in the watch".to_owned(),
        }
    }
}

/// Adds a note to a release's watch.
pub fn add(release: &Release, said: &Said, now: DateTime<Utc>) -> Result<Patch, Refused> {
    let refused = |what: String, mend: &str| Err(Refused { what, mend: mend.to_owned() });
    let (by, text) = (said.by.trim(), said.text.trim());
    let to = said.to.as_deref().map(str::trim);
    if !can_be_watched(release) {
        let what = format!("{} is {}: nobody watches it", release.id, release.status.word());
        return refused(what, "choose a release that has gone out");
    }
    if by.is_empty() {
        return refused("nobody says it".to_owned(), "say who does");
    }
    if to == Some("") {
        return refused("it is handed over to nobody".to_owned(), "say to whom");
    }
    if text.is_empty() && to.is_none() && !said.acknowledge && !said.close {
        return refused("the note says nothing".to_owned(), "say what was seen");
    }
    let time = Value::Time(now.trunc_subsecs(0).to_rfc3339_opts(SecondsFormat::Secs, true));
    let mut table = vec![("time".to_owned(), time), ("by".to_owned(), Value::text(by))];
    table.extend(to.map(|to| ("to".to_owned(), Value::text(to))));
    table.extend(said.acknowledge.then(|| ("acknowledge".to_owned(), Value::Boolean(true))));
    table.extend(said.close.then(|| ("close".to_owned(), Value::Boolean(true))));
    table.extend((!text.is_empty()).then(|| ("text".to_owned(), Value::text(text))));
    Ok(Patch {
        file: PlanFile::Release(release.id.clone()),
        title: format!("{}: {}", release.id, said.title()),
        before: Some(Box::new(Before::Release(release.clone()))),
        changes: vec![Change::Add { list: LIST.to_owned(), table }],
    })
}
