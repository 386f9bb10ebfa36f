//! What is on screen, as JSON: running versions in the shape of `tminus versions`.

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use crate::app::State;
use crate::app::remotes::value_of;

use super::{Known, Since};

/// What is on screen, as JSON. `services` has the shape of `tminus versions`; `behind`, `since`
/// and `comes` speak of `environment`. Null is not known.
pub fn snapshot(state: &State) -> Value {
    let here = super::environment(state);
    let listed = super::listed(state);
    let mut services = Map::new();
    let mut facts = Map::new();
    for place in &listed {
        let service = &state.workspace.services[*place];
        let runs: Map<String, Value> = state
            .workspace
            .environments
            .iter()
            .filter_map(|environment| {
                let shares = super::running(state, environment, &service.id).value()?;
                Some((environment.id.clone(), json!(shares)))
            })
            .collect();
        services.insert(service.id.clone(), Value::Object(runs));
        facts.insert(service.id.clone(), facts_of(state, *place));
    }
    let unknown: Map<String, Value> = state
        .workspace
        .environments
        .iter()
        .filter_map(|environment| {
            let face = state.remotes.running(&environment.id, state.now);
            let why = match &face {
                crate::domain::Face::Fresh(_) => return None,
                crate::domain::Face::Stale { age, .. } => json!({ "stale_seconds": age.as_secs() }),
                crate::domain::Face::Failed(trouble) => json!({ "failure": trouble.failure.to_string() }),
                _ => json!({}),
            };
            Some((environment.id.clone(), why))
        })
        .collect();
    let selected = super::selected_place(state);
    json!({
        "environment": here.map(|environment| environment.id.as_str()),
        "selected": selected.map(|place| state.workspace.services[place].id.as_str()),
        "filter": state.board.filter,
        "services": services,
        "facts": facts,
        "not_known": unknown,
    })
}

fn facts_of(state: &State, place: usize) -> Value {
    let here = super::environment(state);
    let index = &state.board.index;
    let service = &state.workspace.services[place];
    let behind = match super::behind(state, here, service) {
        Known::Value(behind, age) => json!({
            "commits": behind.count,
            "to": behind.to,
            "stale_seconds": age.map(|age| age.as_secs()),
        }),
        _ => Value::Null,
    };
    let since = match here.map(|here| super::since(state, here, &service.id)) {
        Some(Known::Value(since, _)) => json!({
            "at": since.at().to_rfc3339_opts(SecondsFormat::Secs, true),
            "source": match since {
                Since::Seen(_) => "seen",
                Since::Before(_) => "before",
                Since::Tagged(_) => "tag",
            },
        }),
        _ => Value::Null,
    };
    let comes = super::comes(state, here, place);
    let tickets = comes.and_then(|comes| {
        let face = state.remotes.tracker(&comes.release.id, state.now);
        let tracker = value_of(&face)?;
        let open =
            tracker.open.as_ref().map(|open| open.iter().map(|ticket| &*ticket.key).collect::<Vec<_>>());
        Some(json!({
            "to_do": tracker.to_do, "in_progress": tracker.in_progress, "done": tracker.done, "open": open,
        }))
    });
    let consumers: BTreeSet<&str> = index
        .consumers(place)
        .iter()
        .map(|consumer| state.workspace.services[consumer.service].id.as_str())
        .collect();
    json!({
        "owner": service.owner,
        "escalation": service.escalation,
        "tier": service.tier,
        "behind": behind,
        "since": since,
        "comes": comes.map(|comes| json!({
            "release": comes.release.id,
            "version": comes.version,
            "start": comes.stage.start.to_rfc3339_opts(SecondsFormat::Secs, true),
        })),
        "tickets": tickets,
        "needs": service.depends_on,
        "needed_by": consumers,
        "wave": index.wave(place).0,
        "cycle": index.cycle(place),
    })
}
