//! Who owns what a release changes, and whom to call: an owner nobody knows is said.

use crate::domain::{Release, Service, Workspace};

use super::details::{Row, Said};

/// The services of a release: version, tier, owner, and whom to call in which order.
pub(super) fn rows(workspace: &Workspace, release: &Release) -> Vec<Row> {
    let mut rows = Vec::new();
    for item in &release.items {
        let title = format!("{} → {}", item.service, item.version);
        let Some(service) = workspace.service(&item.service) else {
            rows.push(vec![(title, Said::Text), ("  ◌ not a service of tminus.toml".into(), Said::Unknown)]);
            continue;
        };
        let tier = service.tier.map(|tier| format!("  tier {tier}")).unwrap_or_default();
        let mut row = vec![(title, Said::Text), (tier, Said::Dim)];
        match &service.owner {
            Some(owner) => row.push((format!("  @{}", owner.trim_start_matches('@')), Said::Dim)),
            None => row.push(("  ◌ owner not known".into(), Said::Unknown)),
        }
        rows.push(row);
        rows.extend(calls(service));
    }
    rows
}

fn calls(service: &Service) -> Option<Row> {
    if service.escalation.is_empty() {
        return None;
    }
    Some(vec![("  call ".into(), Said::Dim), (service.escalation.join(", then "), Said::Dim)])
}
