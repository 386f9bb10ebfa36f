//! Reading a form: texts to values, and what is to be said about each.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Draft, Form, Meaning, Name, Setting};
use crate::app::calendar;
use crate::domain::moment::{parse_span, parse_zone, skipped};
use crate::domain::spelling::nearest;
use crate::domain::when::{Around, parse_when};
use crate::domain::window::WallTime;
use crate::domain::{Resolved, Safe, resolve_local};

/// Whether something wrong is something missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// What was typed is wrong.
    Typed,
    /// Nothing was typed where something must be.
    Missing,
}

/// What is said about a field: which, how it is meant, whether it is for something missing, what.
pub type Finding = (usize, Meaning, Lack, String);

/// Reads a form and collects what is to be said about it.
pub struct Reader<'a> {
    /// The form.
    pub form: &'a Form,
    /// What it is filled in against.
    pub setting: Setting<'a>,
    /// The release that the form would make or leave, where it is about one.
    pub draft: Option<Draft>,
    /// What it asks of the world, where it is about that.
    pub ask: Option<super::Ask>,
    findings: Vec<Finding>,
}

/// A time that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// On the wall of its zone, or an instant.
    pub wall: WallTime,
    /// The instant it stands for.
    pub instant: DateTime<Utc>,
    /// On the wall of its zone.
    pub local: NaiveDateTime,
}

impl<'a> Reader<'a> {
    /// Of a form.
    pub fn new(form: &'a Form, setting: Setting<'a>) -> Self {
        Self { form, setting, draft: None, ask: None, findings: Vec::new() }
    }

    /// Whether something is wrong, and what is to be said.
    pub fn finish(self) -> (bool, Vec<Finding>) {
        let wrong = self.findings.iter().any(|(_, meaning, _, _)| *meaning == Meaning::Wrong);
        (wrong, self.findings)
    }

    /// What a field holds, without blanks around it.
    pub fn value(&self, name: Name, section: Option<u32>) -> &'a str {
        self.form.value(name, section)
    }

    /// What a field of the form's own holds, blanks and all.
    pub fn raw(&self, name: Name) -> &'a str {
        self.form.at(name, None).map_or("", |index| self.form.fields[index].value())
    }

    /// Whether a field holds something else than when it was opened.
    pub fn is_touched(&self, name: Name, section: Option<u32>) -> bool {
        self.form.at(name, section).is_some_and(|index| self.form.fields[index].is_touched())
    }

    /// Says that a field is wrong.
    pub fn wrong(&mut self, name: Name, section: Option<u32>, text: impl Into<String>) {
        self.find(name, section, Meaning::Wrong, Lack::Typed, text.into());
    }

    /// Says that a field must be filled in.
    pub fn missing(&mut self, name: Name, section: Option<u32>, text: impl Into<String>) {
        self.find(name, section, Meaning::Wrong, Lack::Missing, text.into());
    }

    /// Says something that should be known.
    pub fn notice(&mut self, name: Name, section: Option<u32>, text: impl Into<String>) {
        self.find(name, section, Meaning::Notice, Lack::Typed, text.into());
    }

    /// Says how a field is read.
    pub fn reading(&mut self, name: Name, section: Option<u32>, text: impl Into<String>) {
        self.find(name, section, Meaning::Reading, Lack::Typed, text.into());
    }

    fn find(&mut self, name: Name, section: Option<u32>, meaning: Meaning, lack: Lack, text: String) {
        if let Some(index) = self.form.at(name, section) {
            self.findings.push((index, meaning, lack, text));
        }
    }

    /// A text for people; `None` where it is empty or holds what cannot be seen.
    pub fn text(&mut self, name: Name, section: Option<u32>) -> Option<String> {
        let text = self.value(name, section);
        if text.is_empty() {
            return None;
        }
        let field = self.form.at(name, section).map(|index| &self.form.fields[index]);
        let shown =
            if field.is_some_and(super::Field::is_text) { Safe::multiline(text) } else { Safe::new(text) };
        if shown.as_str() != text {
            let what =
                if text.len() > shown.len() { "it is too long" } else { "it holds what cannot be seen" };
            self.wrong(
                name,
                section,
                format!("{what}: {}", Safe::new(shown.chars().take(60).collect::<String>())),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// A word that must be there.
    pub fn word(&mut self, name: Name, section: Option<u32>, what: &str) -> Option<String> {
        if self.value(name, section).is_empty() {
            self.missing(name, section, format!("{what} is needed"));
            return None;
        }
        self.text(name, section)
    }

    /// Words separated by commas.
    pub fn words(&self, name: Name, section: Option<u32>) -> Vec<&'a str> {
        words(self.value(name, section))
    }

    /// Whether a word is one of those that are known; else it is said which was meant.
    pub fn is_known<'k>(
        &mut self,
        (name, section): (Name, Option<u32>),
        what: &str,
        word: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) -> bool {
        if known.clone().any(|known| known == word) {
            return true;
        }
        self.wrong(name, section, unknown(what, word, known));
        false
    }

    /// A zone, where one is typed.
    pub fn zone(&mut self, name: Name, section: Option<u32>) -> Result<Option<Tz>, ()> {
        let text = self.value(name, section);
        if text.is_empty() {
            return Ok(None);
        }
        parse_zone(text).map(Some).map_err(|why| self.wrong(name, section, why))
    }

    /// A length of time, where one is typed.
    pub fn span(&mut self, name: Name, section: Option<u32>) -> Option<TimeDelta> {
        let text = self.value(name, section);
        if text.is_empty() {
            return None;
        }
        match parse_span(text) {
            Ok(span) => Some(span),
            Err(why) => {
                self.wrong(name, section, why);
                None
            }
        }
    }

    /// A time that must be there, on the wall of a zone. A time that a clock change skips is
    /// wrong; one that occurs twice is the earlier, and that is said.
    pub fn moment(
        &mut self,
        (name, section): (Name, Option<u32>),
        what: &str,
        zone: Tz,
        day: NaiveDate,
    ) -> Option<Moment> {
        let text = self.value(name, section);
        if text.is_empty() {
            self.missing(name, section, format!("{what} is needed: 2026-11-25 14:00, tue 14:00 or +3d"));
            return None;
        }
        let around = Around { now: self.setting.now, zone, day };
        match parse_when(text, &around) {
            Ok(wall) => self.resolve((name, section), wall, zone),
            Err(why) => {
                self.wrong(name, section, why);
                None
            }
        }
    }

    /// What a wall time stands for.
    pub fn resolve(
        &mut self,
        (name, section): (Name, Option<u32>),
        wall: WallTime,
        zone: Tz,
    ) -> Option<Moment> {
        let local = match wall {
            WallTime::Instant(instant) => {
                let instant = instant.to_utc();
                let local = instant.with_timezone(&zone).naive_local();
                return Some(Moment { wall, instant, local });
            }
            WallTime::Local(local) => local,
        };
        match resolve_local(zone, local) {
            Resolved::Unique(instant) => Some(Moment { wall, instant, local }),
            Resolved::Ambiguous { earlier, later } => {
                let offset = later.with_timezone(&zone).format("%:z");
                let later = local.format("%Y-%m-%dT%H:%M");
                let words = format!(
                    "clocks go back: {} occurs twice in {}, the earlier is taken; write {later}{offset} for the later",
                    local.format("%H:%M"),
                    zone.name(),
                );
                self.notice(name, section, words);
                Some(Moment { wall, instant: earlier, local })
            }
            Resolved::Skipped { next_valid, .. } => {
                self.wrong(name, section, skipped(zone, local, next_valid));
                None
            }
        }
    }

    /// Says what an instant is in its zone, in UTC, and on the screen's clock.
    pub fn say_moment(&mut self, name: Name, section: Option<u32>, instant: DateTime<Utc>, zone: Tz) {
        let setting = self.setting;
        let said = |zone: Tz| {
            let today = setting.now.with_timezone(&zone).date_naive();
            let local = instant.with_timezone(&zone);
            format!("{} {}", calendar::day_of(local.date_naive(), today), local.format("%H:%M %Z"))
        };
        let mut words = said(zone);
        if !calendar::same_wall(zone, Tz::UTC, instant) {
            words.push_str(&format!("  = {}", instant.format("%H:%M UTC")));
        }
        let is_else = !calendar::same_wall(zone, setting.zone, instant);
        if is_else && !calendar::same_wall(Tz::UTC, setting.zone, instant) {
            words.push_str(&format!("  = {}", said(setting.zone)));
        }
        if !calendar::same_wall_over(zone, setting.now, instant) && instant > setting.now {
            words.push_str("  clocks change before then");
        }
        self.reading(name, section, words);
    }
}

/// Words separated by commas, without the empty ones.
pub fn words(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

/// The sentence about a word that is not known, with what was probably meant.
pub fn unknown<'k>(what: &str, word: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    let shown = Safe::new(word);
    let contains = || known.clone().find(|known| word.chars().count() > 2 && known.starts_with(word));
    if let Some(meant) = nearest(word, known.clone()).or_else(contains) {
        return format!("there is no {what} `{shown}`: did you mean `{meant}`?");
    }
    let mut list: Vec<&str> = known.clone().take(8).collect();
    if known.clone().count() > list.len() {
        list.push("…");
    }
    if list.is_empty() {
        return format!("there is no {what} `{shown}`: the workspace has none");
    }
    format!("there is no {what} `{shown}`: there are {}", list.join(", "))
}
