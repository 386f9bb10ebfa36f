//! A release in one line: what was understood is read back below it while it is typed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::reader::Reader;
use super::{Draft, Field, Form, Name, Offers, Setting, Subject};
use crate::app::calendar;
use crate::domain::Edit;
use crate::domain::edit::{NewRelease, NewStage};
use crate::domain::quick_add::{Remark, quick_add};

/// A form of one line.
pub fn form(line: &str) -> Form {
    let about = vec![
        "One line says it all: service and version, then where, when and how; @owner, \"title\".".to_owned(),
        "checkout 4.2 canary prod eu tue 14:00-16:00 @payments".to_owned(),
    ];
    let mut field =
        Field::offering(Name::Line, "release", "", Offers::Quick, "checkout 4.2 prod eu tue 14:00-16:00");
    field.fill(line);
    Form::new(Subject::QuickAdd, vec![field]).about(about)
}

/// Reads the line.
pub fn read(reader: &mut Reader<'_>) -> Option<Edit> {
    let at = (Name::Line, None);
    let line = reader.raw(Name::Line);
    if line.trim().is_empty() {
        reader.missing(at.0, at.1, "a service and its version, an environment and a time are needed");
        return None;
    }
    let setting = reader.setting;
    let understood = match quick_add(line, setting.workspace, setting.now) {
        Ok(understood) => understood,
        Err(mistakes) => {
            for mistake in once(mistakes) {
                reader.wrong(at.0, at.1, placed(line, &mistake));
            }
            return None;
        }
    };
    reader.draft = Some(Draft::of_line(&understood, setting.now));
    for notice in once(understood.notices) {
        reader.notice(at.0, at.1, placed(line, &notice));
    }
    for words in head(&understood.new) {
        reader.reading(at.0, at.1, words);
    }
    for (stage, times) in understood.new.stages.iter().zip(&understood.times) {
        reader.reading(at.0, at.1, place(stage));
        reader.reading(at.0, at.1, format!("  {}", times.sentence()));
        if !calendar::same_wall(times.zone, setting.zone, times.start) {
            let here = calendar::span(times.start, times.end, setting.zone, setting.now);
            reader.reading(at.0, at.1, format!("  = {here}"));
        }
    }
    Some(Edit::AddRelease(understood.new))
}

/// The id of the release that the line makes, and when it begins.
pub fn lands(form: &Form, setting: Setting<'_>) -> Option<(String, Option<DateTime<Utc>>)> {
    let line = form.value(Name::Line, None);
    let understood = quick_add(line, setting.workspace, setting.now).ok()?;
    Some((understood.new.id, understood.times.first().map(|times| times.start)))
}

/// Each remark once: several words may earn the same one.
fn once(remarks: Vec<Remark>) -> Vec<Remark> {
    let mut seen = BTreeSet::new();
    remarks.into_iter().filter(|remark| seen.insert(remark.message.clone())).collect()
}

/// A remark with the word that it is about, where it does not name it itself.
fn placed(line: &str, remark: &Remark) -> String {
    let word = line.get(remark.span.clone()).unwrap_or_default().trim();
    if word.is_empty() || remark.message.contains(word) {
        return remark.message.clone();
    }
    format!("{word}: {}", remark.message)
}

fn head(new: &NewRelease) -> Vec<String> {
    let items: Vec<String> =
        new.items.iter().map(|(service, version)| format!("{service} → {version}")).collect();
    let mut first = items.join(", ");
    if let Some(title) = &new.title {
        first = format!("{title}: {first}");
    }
    let owner = new.owner.as_ref().map(|owner| format!(", owner {owner}")).unwrap_or_default();
    let second = format!("{} change{owner}, releases/{}.toml", new.change.word(), new.id);
    vec![first, second]
}

fn place(stage: &NewStage) -> String {
    let mut words = stage.environment.clone();
    if let Some(region) = &stage.region {
        words.push_str(&format!(" · {region}"));
    }
    if let Some(strategy) = &stage.strategy {
        words.push_str(&format!("  {strategy}"));
    }
    if !stage.steps.is_empty() {
        let steps: Vec<String> = stage.steps.iter().map(ToString::to_string).collect();
        words.push_str(&format!(" {} %", steps.join(" → ")));
    }
    if let Some(soak) = &stage.soak {
        words.push_str(&format!(", soak {soak}"));
    }
    words
}
