//! The pin and the band, as the person left them in this workspace.

use crate::app::State as Cockpit;
use crate::app::state::Opening;
use crate::domain::Workspace;
use crate::domain::person::{ChartsLook, PinnedChart};

use super::super::metrics::Subject;

/// Workspaces whose looks are kept; the one that was changed longest ago goes first.
const MOST_KEPT: usize = 50;

/// How a workspace is named in the person's file; `None`: it has no place of its own.
fn name(workspace: &Workspace) -> Option<String> {
    workspace.origin.root().map(|root| root.display().to_string())
}

/// Takes over what was left here last time, once, and notes what is changed after that.
pub(in crate::app) fn keep(state: &mut Cockpit) {
    if !state.person_known || state.opening != Opening::Open {
        return;
    }
    let Some(name) = name(&state.workspace) else { return };
    if state.monitor.charts.kept_of.as_ref() != Some(&name) {
        let known = state.person.charts.iter().find(|look| look.workspace == name).cloned();
        let own = &mut state.monitor.charts;
        own.kept_of = Some(name);
        if let Some(look) = known {
            own.with_band |= look.band;
            own.pinned = own.pinned.take().or(look.pinned.map(subject));
        }
        return;
    }
    let own = &state.monitor.charts;
    let look = ChartsLook {
        workspace: name,
        band: own.with_band,
        pinned: own.pinned.as_ref().map(|subject| PinnedChart {
            service: subject.service.clone(),
            environment: subject.environment.clone(),
            region: subject.region.clone(),
            metric: subject.metric.clone(),
        }),
    };
    let looks = &mut state.person.charts;
    let known = looks.iter().position(|known| known.workspace == look.workspace);
    if known.is_some_and(|at| looks[at] == look) || (known.is_none() && look.is_usual()) {
        return;
    }
    known.map(|at| looks.remove(at));
    if !look.is_usual() {
        looks.push(look);
    }
    let surplus = looks.len().saturating_sub(MOST_KEPT);
    looks.drain(..surplus);
}

/// The versions are those that run there when it is drawn.
fn subject(pinned: PinnedChart) -> Subject {
    let PinnedChart { service, environment, region, metric } = pinned;
    Subject { service, environment, region, versions: Vec::new(), metric }
}
