//! The skew map as the panel shows it: versions by place, and what is astray.

use serde_json::{Value, json};

use crate::app::list::{step, walked};
use crate::app::remotes::value_of;
use crate::app::state::matches_filter;
use crate::app::{Effect, Intent, ListId};
use crate::domain::rollout::Since;
use crate::domain::rollout::skew::{self, Finding, Place, Row, Skew, Source};

use super::rollouts::{environments, present_question, question};

/// What the view remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The part that keys go to.
    pub pane: Pane,
    /// The row chosen, by service and version; `None`: the first.
    pub row: Option<(String, String)>,
    /// The finding chosen, by its sentence; `None`: the first.
    pub finding: Option<String>,
}

/// A part of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The map.
    #[default]
    Map,
    /// What is astray.
    Findings,
}

/// Draws the map from the answers there are. Where the window's own is still on its way, the one
/// that speaks of now stands in.
pub(super) fn gather(state: &crate::app::State) -> Skew {
    let of_environment = |environment| {
        let window = state.remotes.history(&question(state, environment), state.now);
        let present = state.remotes.history(&present_question(state, environment), state.now);
        Source { environment, history: value_of(&window).or(value_of(&present)) }
    };
    let sources: Vec<Source<'_>> = environments(&state.workspace).map(of_environment).collect();
    skew::skew(&sources, &state.workspace.releases, state.monitor.window.end(state.now.wall))
}

/// The rows that the filter lets through, those of services with something astray first.
pub fn listed(state: &crate::app::State) -> Vec<&Row> {
    let map = &state.monitor.index.skew;
    let filter = &state.monitor.filter;
    let is_listed =
        |row: &&Row| filter.is_empty() || matches_filter(filter, &format!("{} {}", row.service, row.version));
    let mut rows: Vec<&Row> = map.rows.iter().filter(is_listed).collect();
    let versions = |row: &Row| map.rows.iter().filter(|other| other.service == row.service).count();
    rows.sort_by_key(|row| {
        let is_astray = map.findings.iter().any(|finding| finding.service == row.service);
        (!is_astray, versions(row) == 1)
    });
    rows
}

/// The findings that the filter lets through.
pub fn listed_findings(state: &crate::app::State) -> Vec<&Finding> {
    let filter = &state.monitor.filter;
    let all = state.monitor.index.skew.findings.iter();
    all.filter(|finding| {
        let words = || format!("{} {}", finding.sentence(state.zone), finding.word());
        filter.is_empty() || matches_filter(filter, &words())
    })
    .collect()
}

/// What is astray with a version at a place.
pub fn finding_at<'a>(state: &'a crate::app::State, row: &Row, place: &Place) -> Option<&'a Finding> {
    let mut all = state.monitor.index.skew.findings.iter();
    all.find(|finding| {
        finding.service == row.service && finding.version == row.version && finding.place == *place
    })
}

/// The selected row of the map.
pub fn selected_row(state: &crate::app::State) -> usize {
    let chosen = state.monitor.skew.row.as_ref();
    let row = chosen.and_then(|(service, version)| {
        listed(state).iter().position(|row| row.service == *service && row.version.as_str() == version)
    });
    row.unwrap_or(0)
}

/// The selected row of the findings.
pub fn selected_finding(state: &crate::app::State) -> usize {
    let chosen = state.monitor.skew.finding.as_ref();
    let row = chosen.and_then(|words| {
        listed_findings(state).iter().position(|finding| finding.sentence(state.zone) == *words)
    });
    row.unwrap_or(0)
}

/// What the view's own keys do.
pub(super) fn handle(state: &mut crate::app::State, intent: Intent) -> Option<Vec<Effect>> {
    if let Some(by) = walked(intent, page(state)) {
        walk(state, by);
        return Some(Vec::new());
    }
    let own = &mut state.monitor.skew;
    match intent {
        Intent::NextPane => {
            own.pane = if own.pane == Pane::Map { Pane::Findings } else { Pane::Map };
        }
        Intent::Back if own.pane == Pane::Findings => own.pane = Pane::Map,
        Intent::SelectRow(list, row) => {
            own.pane = pane_of(list)?;
            choose(state, row);
        }
        Intent::ScrollList(list, rows) => {
            own.pane = pane_of(list)?;
            walk(state, isize::from(rows));
        }
        Intent::Open => open(state),
        _ => return None,
    }
    Some(Vec::new())
}

fn pane_of(list: ListId) -> Option<Pane> {
    match list {
        ListId::Skew => Some(Pane::Map),
        ListId::Findings => Some(Pane::Findings),
        _ => None,
    }
}

fn page(state: &crate::app::State) -> isize {
    let list = if state.monitor.skew.pane == Pane::Map { ListId::Skew } else { ListId::Findings };
    state.feedback.list(list).map_or(5, |(_, rows)| rows.max(1).cast_signed())
}

fn walk(state: &mut crate::app::State, by: isize) {
    let (row, count) = match state.monitor.skew.pane {
        Pane::Map => (selected_row(state), listed(state).len()),
        Pane::Findings => (selected_finding(state), listed_findings(state).len()),
    };
    choose(state, step(row, by, count));
}

fn choose(state: &mut crate::app::State, row: usize) {
    match state.monitor.skew.pane {
        Pane::Map => {
            let row = listed(state).get(row).map(|row| (row.service.clone(), row.version.to_string()));
            state.monitor.skew.row = row;
        }
        Pane::Findings => {
            let words = listed_findings(state).get(row).map(|finding| finding.sentence(state.zone));
            state.monitor.skew.finding = words;
        }
    }
}

/// From a version to the findings about it, and from a finding to its row.
fn open(state: &mut crate::app::State) {
    match state.monitor.skew.pane {
        Pane::Map => {
            let Some((service, version)) =
                listed(state).get(selected_row(state)).map(|row| (row.service.clone(), row.version.clone()))
            else {
                return;
            };
            let findings = listed_findings(state);
            let about = findings
                .iter()
                .find(|finding| finding.service == service && finding.version == version)
                .or_else(|| findings.iter().find(|finding| finding.service == service));
            if let Some(words) = about.map(|finding| finding.sentence(state.zone)) {
                state.monitor.skew.finding = Some(words);
                state.monitor.skew.pane = Pane::Findings;
            } else {
                let words = format!("nothing known is astray with {service} {version}");
                state.say(crate::app::state::Tone::Done, words);
            }
        }
        Pane::Findings => {
            let findings = listed_findings(state);
            let Some(finding) = findings.get(selected_finding(state)) else { return };
            let row = (finding.service.clone(), finding.version.to_string());
            state.monitor.skew.row = Some(row);
            state.monitor.skew.pane = Pane::Map;
        }
    }
}

/// The view as JSON.
pub(super) fn snapshot(state: &crate::app::State) -> Value {
    let map = Skew {
        places: state.monitor.index.skew.places.clone(),
        rows: listed(state).into_iter().cloned().collect(),
        findings: listed_findings(state).into_iter().cloned().collect(),
    };
    let mut shown = document(&map, state.zone);
    let row = listed(state).get(selected_row(state)).map(|row| json!([row.service, row.version]));
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("selected".to_owned(), row.unwrap_or(Value::Null));
    }
    shown
}

/// A map as JSON.
pub fn document(map: &Skew, zone: chrono_tz::Tz) -> Value {
    let place = |place: &Place| json!({ "environment": place.environment, "region": place.region });
    let row = |row: &Row| json!({ "service": row.service, "version": row.version, "counts": row.counts });
    let finding = |finding: &Finding| {
        let (at, is_before) = match finding.since {
            Since::At(at) => (at, false),
            Since::Before(at) => (at, true),
        };
        json!({
            "kind": finding.word(),
            "service": finding.service,
            "version": finding.version,
            "environment": finding.place.environment,
            "region": finding.place.region,
            "count": finding.count.0,
            "of": finding.count.1,
            "since": super::snapshot::time(at),
            "since_before_window": is_before,
            "why": finding.why(zone),
        })
    };
    json!({
        "places": map.places.iter().map(place).collect::<Vec<_>>(),
        "versions": map.rows.iter().map(row).collect::<Vec<_>>(),
        "findings": map.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// What is selected, as text to copy.
pub(super) fn selected_text(state: &crate::app::State) -> Option<String> {
    match state.monitor.skew.pane {
        Pane::Map => {
            let rows = listed(state);
            let row = rows.get(selected_row(state))?;
            let counts = state.monitor.index.skew.places.iter().zip(&row.counts).map(|(place, count)| {
                let count = count.map_or_else(|| "?".to_owned(), crate::domain::format::number);
                format!("{} {count}", place.words())
            });
            let counts = counts.collect::<Vec<_>>().join(", ");
            Some(format!("{} {}: {counts}", row.service, row.version))
        }
        Pane::Findings => {
            listed_findings(state).get(selected_finding(state)).map(|finding| finding.sentence(state.zone))
        }
    }
}
