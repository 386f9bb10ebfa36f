//! The text of a new release, as a person would have written it.

use std::fmt::Write;

use super::EditError;
use super::patch::value::time;
use crate::domain::edit::{NewRelease, NewStage};

/// The text of a new release's file.
pub fn text(new: &NewRelease) -> Result<String, EditError> {
    let mut text = String::new();
    if let Some(title) = &new.title {
        line(&mut text, "title", &quoted(title));
    }
    line(&mut text, "change", &quoted(new.change.word()));
    line(&mut text, "status", &quoted(new.status.word()));
    if let Some(owner) = &new.owner {
        line(&mut text, "owner", &quoted(owner));
    }
    if let Some(tracker) = &new.tracker {
        line(&mut text, "tracker", &quoted(tracker));
    }
    for (service, version) in &new.items {
        text.push_str("\n[[item]]\n");
        line(&mut text, "service", &quoted(service));
        line(&mut text, "version", &quoted(version));
    }
    for stage in &new.stages {
        push_stage(&mut text, stage)?;
    }
    Ok(text)
}

fn push_stage(text: &mut String, stage: &NewStage) -> Result<(), EditError> {
    text.push_str("\n[[stage]]\n");
    line(text, "environment", &quoted(&stage.environment));
    if let Some(region) = &stage.region {
        line(text, "region", &quoted(region));
    }
    line(text, "start", &time(&stage.start)?);
    line(text, "end", &time(&stage.end)?);
    if let Some(zone) = &stage.time_zone {
        line(text, "time_zone", &quoted(zone));
    }
    if let Some(strategy) = &stage.strategy {
        line(text, "strategy", &quoted(strategy));
    }
    if !stage.steps.is_empty() {
        let steps: Vec<String> = stage.steps.iter().map(ToString::to_string).collect();
        line(text, "steps", &format!("[{}]", steps.join(", ")));
    }
    if let Some(soak) = &stage.soak {
        line(text, "soak", &quoted(soak));
    }
    Ok(())
}

fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {value}");
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}
