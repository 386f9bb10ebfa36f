//! A stage of a release as an event.

use super::{Draft, Event};
use crate::domain::{Release, Stage, Status, Workspace};

/// The event of a stage.
pub fn event(workspace: &Workspace, release: &Release, index: usize, stage: &Stage) -> Event {
    let mut draft = Draft::default();
    let place = match &stage.region {
        Some(region) => format!("{}/{region}", stage.environment),
        None => stage.environment.clone(),
    };
    let title =
        if place.is_empty() { release.title.clone() } else { format!("{} → {place}", release.title) };
    draft.property("SUMMARY", &title);
    draft.span(stage.start, stage.end, stage.time_zone);
    draft.property("DESCRIPTION", &description(release, stage));
    if !place.is_empty() {
        draft.property("LOCATION", &place);
    }
    let status = match release.status {
        Status::Draft => "TENTATIVE",
        Status::Cancelled | Status::RolledBack => "CANCELLED",
        _ => "CONFIRMED",
    };
    draft.property("STATUS", status);
    let categories = ["release", release.change.word(), stage.environment.as_str()];
    let categories: Vec<&str> = categories.into_iter().filter(|word| !word.is_empty()).collect();
    draft.list("CATEGORIES", &categories);
    draft.property("TRANSP", "OPAQUE");
    draft.event(format!("stage-{index}.{}@{}", release.id, super::domain_of(workspace)))
}

fn description(release: &Release, stage: &Stage) -> String {
    let mut lines: Vec<String> =
        release.items.iter().map(|item| format!("{} {}", item.service, item.version)).collect();
    lines.push(format!("{} change, {}", release.change.word(), release.status.word()));
    lines.extend(release.owner.iter().map(|owner| format!("owner {owner}")));
    lines.extend(stage.strategy.iter().map(|strategy| strategy.word().to_owned()));
    lines.extend(release.tracker.iter().map(ToString::to_string));
    lines.extend(release.notes.iter().cloned());
    lines.join("\n")
}
