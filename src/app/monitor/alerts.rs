//! Alerts of all backends as one list: each alert once, what matters to the rollout first.

use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::Face;
use crate::domain::alerts::{Began, Place, merge};
use crate::domain::question::Alert;
use crate::domain::workspace::BackendKind;

use super::rollouts::Seen;

pub use crate::domain::alerts::Heard;

/// Where a rollout takes place.
pub fn place(rollout: &Seen) -> Place<'_> {
    let key = &rollout.key;
    Place {
        service: &key.service,
        environment: &key.environment,
        region: key.region.as_deref(),
        version: Some(&key.to),
    }
}

/// Whether an alert's labels fit a rollout.
pub fn concerns(heard: &Heard, rollout: &Seen) -> bool {
    heard.concerns(&place(rollout))
}

/// The backends that know alerts, the better informed first: only an Alertmanager knows what is
/// silenced, only a Prometheus what is pending.
pub fn backends(state: &State) -> impl Iterator<Item = &str> {
    let of = |kind| state.workspace.backends.iter().filter(move |backend| backend.kind == kind);
    of(BackendKind::Alertmanager).chain(of(BackendKind::Prometheus)).map(|backend| backend.name.as_str())
}

/// Every alert once. One that two backends tell of is taken from the one whose answer is fresh,
/// then from the better informed.
pub fn gather(state: &State) -> Vec<Heard> {
    let faces = backends(state).map(|name| (name, state.remotes.alerts(name, state.now)));
    let (fresh, rest): (Vec<_>, Vec<_>) = faces.partition(|(_, face)| matches!(face, Face::Fresh(_)));
    let told = fresh.iter().chain(&rest).filter_map(|(name, face)| {
        let alerts: &[Alert] = value_of(face)?;
        Some((*name, alerts))
    });
    merge(told)
}

/// First what fires, what began after the rollout before the rest; last what is muted.
pub fn sort(heard: &mut [Heard], rollout: Option<&Seen>) {
    let of_it = |heard: &Heard| rollout.is_some_and(|rollout| concerns(heard, rollout));
    crate::domain::alerts::sort(heard, rollout.map(|rollout| rollout.since), of_it);
}

/// Whether an alert began after the selected rollout; `None`: there is no rollout.
pub fn began(state: &State, heard: &Heard) -> Option<Began> {
    super::selected(state).map(|rollout| Began::of(&heard.alert, rollout.since))
}
