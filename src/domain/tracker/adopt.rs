//! A version of the tracker becomes a release of the plan: a draft, with what can be told of it.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::State;
use crate::domain::edit::{NewRelease, NewStage};
use crate::domain::question::TrackerVersion;
use crate::domain::release::TrackerRef;
use crate::domain::{Service, Status, Workspace};

/// When a stage begins of which only the day is known; it is a draft, to be moved.
const BEGINS: NaiveTime = match NaiveTime::from_hms_opt(10, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// And how long it lasts.
const LASTS: TimeDelta = TimeDelta::hours(1);

/// What the person wants of it, where they say so.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wishes {
    /// Its id; absent: made from the service and the version.
    pub id: Option<String>,
    /// Services and versions; empty: those that can be told.
    pub items: Vec<(String, String)>,
    /// Where its stage is; absent: the last environment in promotion order.
    pub environment: Option<String>,
}

/// A release to be written, and what the person should know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// The release.
    pub new: NewRelease,
    /// What could not be told, and what to look at.
    pub notices: Vec<String>,
}

/// Why a version is not adopted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAdoption {
    /// A release names it already.
    #[error("{reference} is planned already, as the release {release}")]
    Planned {
        /// The version.
        reference: TrackerRef,
        /// The release's id.
        release: String,
    },
}

/// Plans the release that a version of the tracker would be. Nothing is written.
pub fn adopt(
    workspace: &Workspace,
    reference: &TrackerRef,
    version: &TrackerVersion,
    wishes: &Wishes,
) -> Result<Adoption, NoAdoption> {
    let planned = workspace.releases.iter().find(|release| release.tracker.as_ref() == Some(reference));
    if let Some(release) = planned {
        let (reference, release) = (reference.clone(), release.id.clone());
        return Err(NoAdoption::Planned { reference, release });
    }
    let mut notices = Vec::new();
    let items = if wishes.items.is_empty() { told(workspace, reference) } else { wishes.items.clone() };
    if items.is_empty() {
        notices.push(format!("which services {reference} brings could not be told: add them as items"));
    }
    let environment = wishes
        .environment
        .clone()
        .or_else(|| workspace.environments.last().map(|environment| environment.id.clone()));
    let mut stages = Vec::new();
    match (version.release_date, environment) {
        (None, _) => notices.push("it has no release date there: it has no stage yet".to_owned()),
        (_, None) => notices.push("the workspace has no environment: it has no stage yet".to_owned()),
        (Some(date), Some(environment)) => {
            stages.push(stage(workspace, date, environment.clone()));
            let (from, to) = (BEGINS.format("%H:%M"), (BEGINS + LASTS).format("%H:%M"));
            notices.push(format!(
                "only the day is known: its stage in {environment} is put at {from} to {to} on {date}, move it"
            ));
        }
    }
    if State::of(version) != State::Unreleased {
        notices.push(format!("it is {} there", State::of(version).word()));
    }
    let id = wishes.id.clone().unwrap_or_else(|| free_id(workspace, reference, &items));
    let new = NewRelease {
        id,
        title: Some(title(reference)),
        status: Status::Draft,
        tracker: Some(reference.to_string()),
        items,
        stages,
        ..NewRelease::default()
    };
    Ok(Adoption { new, notices })
}

fn stage(workspace: &Workspace, date: NaiveDate, environment: String) -> NewStage {
    let written = |time: NaiveTime| date.and_time(time).format("%Y-%m-%dT%H:%M:%S").to_string();
    NewStage {
        environment,
        start: written(BEGINS),
        end: written(BEGINS + LASTS),
        // The version's date is compared in this zone, so the stage is planned in it.
        time_zone: Some(workspace.time_zone.name().to_owned()),
        ..NewStage::default()
    }
}

/// The service and version that a version's name tells of: a service's id in the name, with what
/// is left as the version; else the one service called like the project; else the one service
/// that every other release of the project brings, alone.
fn told(workspace: &Workspace, reference: &TrackerRef) -> Vec<(String, String)> {
    let name = reference.version.as_str();
    let in_name: Vec<(&Service, String)> = workspace
        .services
        .iter()
        .filter_map(|service| Some((service, rest_after(name, &service.id)?)))
        .collect();
    // `pay` and `pay-api`: the longer one is meant.
    if let Some((service, rest)) = in_name.iter().max_by_key(|(service, _)| service.id.len()) {
        return vec![(service.id.clone(), rest.clone())];
    }
    let Some(version) = number(name) else { return Vec::new() };
    let like = workspace.services.iter().find(|service| service.id.eq_ignore_ascii_case(&reference.project));
    let service = like.map(|service| service.id.as_str()).or_else(|| usual(workspace, reference));
    service.map(|service| vec![(service.to_owned(), version.to_owned())]).unwrap_or_default()
}

/// `checkout 4.2.0`, `checkout-v4.2.0`: what follows a service's id, where it is a version.
fn rest_after(name: &str, service: &str) -> Option<String> {
    let start = name.get(..service.len()).filter(|start| start.eq_ignore_ascii_case(service))?;
    let rest = name[start.len()..].trim_start_matches(|c: char| c.is_whitespace() || "-_/@:".contains(c));
    let separated = rest.len() < name.len() - start.len();
    separated.then(|| number(rest)).flatten().map(str::to_owned)
}

/// A version's number, without the `v` that people write before it.
fn number(text: &str) -> Option<&str> {
    let text = text.trim();
    let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let is_number = bare.starts_with(|c: char| c.is_ascii_digit()) && !bare.contains(char::is_whitespace);
    is_number.then_some(bare)
}

/// The one service that the project's releases bring, where that is always the same one, alone.
fn usual<'a>(workspace: &'a Workspace, reference: &TrackerRef) -> Option<&'a str> {
    let mut usual = None;
    let of_project = workspace.releases.iter().filter(|release| {
        release.tracker.as_ref().is_some_and(|tracker| {
            tracker.backend == reference.backend && tracker.project == reference.project
        })
    });
    for release in of_project.filter(|release| !release.items.is_empty()) {
        let [item] = release.items.as_slice() else { return None };
        match usual {
            None => usual = Some(item.service.as_str()),
            Some(known) if known == item.service => {}
            Some(_) => return None,
        }
    }
    usual
}

/// The version's name; one that is only a number says which project it is of.
fn title(reference: &TrackerRef) -> String {
    match number(&reference.version) {
        Some(_) => format!("{} {}", reference.project, reference.version),
        None => reference.version.clone(),
    }
}

/// `checkout-4.2.0`, or the project and the version's name; with a number where that is taken.
fn free_id(workspace: &Workspace, reference: &TrackerRef, items: &[(String, String)]) -> String {
    let wanted = match items {
        [(service, version)] => format!("{service}-{version}"),
        _ => format!("{}-{}", reference.project, reference.version),
    };
    let mut id = String::new();
    for character in wanted.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' | '.' | '_' => id.push(character),
            _ if id.ends_with('-') || id.is_empty() => {}
            _ => id.push('-'),
        }
    }
    let cut: String = id.chars().take(100).collect();
    let id = cut.trim_matches(['-', '.']);
    let id = if id.is_empty() { "adopted" } else { id };
    let mut free = id.to_owned();
    let mut next = 2;
    while workspace.release(&free).is_some() {
        free = format!("{id}-{next}");
        next += 1;
    }
    free
}
