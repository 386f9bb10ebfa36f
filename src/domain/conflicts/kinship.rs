//! Which services depend on which, directly or not, over hard and soft edges.

use super::plan::{Name, Names};
use crate::domain::Workspace;

/// The closure of `depends_on`.
#[derive(Debug, Clone, Default)]
pub struct Kinship {
    /// For each service, a bit for each service that it needs.
    needs: Vec<Vec<u64>>,
    /// For each service, itself and all that it needs or that need it, sorted.
    related: Vec<Vec<Name>>,
}

impl Kinship {
    /// Follows the edges between the services of a workspace. A dependency on a service that is
    /// not in it is no edge: the store says so as a problem of the file.
    pub fn new(workspace: &Workspace, services: &Names) -> Self {
        let count = services.len();
        let mut edges: Vec<Vec<Name>> = vec![Vec::new(); count];
        for service in &workspace.services {
            let Some(from) = services.get(&service.id) else { continue };
            let known = service.depends_on.iter().filter(|it| workspace.service(&it.service).is_some());
            edges[from as usize].extend(known.filter_map(|it| services.get(&it.service)));
        }
        let mut needs = vec![vec![0_u64; count.div_ceil(64)]; count];
        let mut related: Vec<Vec<Name>> = (0..count as Name).map(|service| vec![service]).collect();
        for from in 0..count {
            let mut open = edges[from].clone();
            while let Some(to) = open.pop() {
                if has(&needs[from], to) {
                    continue;
                }
                needs[from][to as usize / 64] |= 1 << (to % 64);
                related[from].push(to);
                related[to as usize].push(from as Name);
                open.extend(&edges[to as usize]);
            }
        }
        for list in &mut related {
            list.sort_unstable();
            list.dedup();
        }
        Self { needs, related }
    }

    /// Whether a service needs another.
    pub fn needs(&self, service: Name, provider: Name) -> bool {
        self.needs.get(service as usize).is_some_and(|needs| has(needs, provider))
    }

    /// The service itself and all that it needs or that need it.
    pub fn related(&self, service: Name) -> &[Name] {
        self.related.get(service as usize).map(Vec::as_slice).unwrap_or_default()
    }
}

fn has(bits: &[u64], name: Name) -> bool {
    bits.get(name as usize / 64).is_some_and(|word| word & (1 << (name % 64)) != 0)
}
