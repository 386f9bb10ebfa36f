//! Who needs whom: edges, cycles, deployment waves, and what a change reaches.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use serde::Serialize;

use super::{DependencyKind, Release, Workspace};

/// Services and the dependencies between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph<'a> {
    /// Sorted by id.
    services: Vec<&'a str>,
    /// Sorted by `from`, `to`.
    edges: Vec<Edge<'a>>,
}

/// One dependency, between two services that are both known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge<'a> {
    /// The service that needs.
    pub from: &'a str,
    /// The service it needs.
    pub to: &'a str,
    /// A semver requirement; absent: any version.
    pub version: Option<&'a str>,
    /// Whether it must be there.
    pub kind: DependencyKind,
}

/// Which dependencies are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// Those that must be there.
    Hard,
    /// Hard and soft ones.
    All,
}

impl<'a> Graph<'a> {
    /// All services of a workspace. A dependency on a service that is not in it is no edge: the
    /// store says so as a problem of the file.
    pub fn of(workspace: &'a Workspace) -> Self {
        Self::over(workspace, workspace.services.iter().map(|service| service.id.as_str()).collect())
    }

    /// The services of a release, and the dependencies between them.
    pub fn of_release(workspace: &'a Workspace, release: &'a Release) -> Self {
        Self::over(workspace, release.services().collect())
    }

    fn over(workspace: &'a Workspace, services: BTreeSet<&'a str>) -> Self {
        let mut edges: Vec<Edge<'a>> = workspace
            .services
            .iter()
            .filter(|service| services.contains(service.id.as_str()))
            .flat_map(|service| {
                service.depends_on.iter().map(|dependency| Edge {
                    from: &service.id,
                    to: &dependency.service,
                    version: dependency.version.as_deref(),
                    kind: dependency.kind,
                })
            })
            .filter(|edge| services.contains(edge.to))
            .collect();
        edges.sort_unstable();
        Self { services: services.into_iter().collect(), edges }
    }

    /// The services' ids, sorted.
    pub fn services(&self) -> &[&'a str] {
        &self.services
    }

    /// The dependencies, sorted by `from` and `to`.
    pub fn edges(&self) -> &[Edge<'a>] {
        &self.edges
    }

    /// Groups of services that need each other, over hard edges: the ids of a group sorted, the
    /// groups sorted by their first.
    pub fn cycles(&self) -> Vec<Vec<&'a str>> {
        let itself = |id: &str| self.hard().any(|edge| edge.from == id && edge.to == id);
        let mut cycles: Vec<_> =
            self.groups().into_iter().filter(|group| group.len() > 1 || itself(group[0])).collect();
        cycles.sort_unstable();
        cycles
    }

    /// Deployment waves over hard edges: providers first, each service as early as it can be,
    /// the services of a cycle together; ids sorted within a wave.
    pub fn waves(&self) -> Vec<Vec<&'a str>> {
        // Groups come providers first, so each one's providers already have their wave.
        let mut wave_of: BTreeMap<&str, usize> = BTreeMap::new();
        let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for edge in self.hard() {
            needs.entry(edge.from).or_default().push(edge.to);
        }
        let mut waves: Vec<Vec<&'a str>> = Vec::new();
        for group in self.groups() {
            let providers = group.iter().filter_map(|id| needs.get(id)).flatten();
            let wave = providers.filter_map(|id| wave_of.get(id)).map(|wave| wave + 1).max().unwrap_or(0);
            if waves.len() <= wave {
                waves.resize(wave + 1, Vec::new());
            }
            waves[wave].extend(&group);
            wave_of.extend(group.into_iter().map(|id| (id, wave)));
        }
        for wave in &mut waves {
            wave.sort_unstable();
        }
        waves
    }

    /// Everything a service needs, directly or not; itself only where it lies on a cycle.
    pub fn needs(&self, service: &str, follow: Follow) -> BTreeSet<&'a str> {
        self.reach(service, follow, |edge| (edge.from, edge.to))
    }

    /// Everything that needs a service, directly or not; itself only where it lies on a cycle.
    pub fn needed_by(&self, service: &str, follow: Follow) -> BTreeSet<&'a str> {
        self.reach(service, follow, |edge| (edge.to, edge.from))
    }

    fn reach(
        &self,
        service: &str,
        follow: Follow,
        step: impl Fn(&Edge<'a>) -> (&'a str, &'a str),
    ) -> BTreeSet<&'a str> {
        let mut next: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
        for edge in &self.edges {
            if follow == Follow::All || edge.kind == DependencyKind::Hard {
                let (here, there) = step(edge);
                next.entry(here).or_default().push(there);
            }
        }
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = vec![service];
        while let Some(here) = open.pop() {
            for there in next.get(here).into_iter().flatten() {
                if found.insert(*there) {
                    open.push(there);
                }
            }
        }
        found
    }

    fn hard(&self) -> impl Iterator<Item = &Edge<'a>> {
        self.edges.iter().filter(|edge| edge.kind == DependencyKind::Hard)
    }

    /// Strongly connected groups over hard edges, providers first, the ids of each sorted.
    fn groups(&self) -> Vec<Vec<&'a str>> {
        let mut graph: DiGraph<&'a str, ()> = DiGraph::with_capacity(self.services.len(), self.edges.len());
        let nodes: BTreeMap<&str, NodeIndex> =
            self.services.iter().map(|service| (*service, graph.add_node(service))).collect();
        for edge in self.hard() {
            graph.add_edge(nodes[edge.from], nodes[edge.to], ());
        }
        let named = |group: Vec<NodeIndex>| {
            let mut ids: Vec<&'a str> = group.into_iter().map(|node| graph[node]).collect();
            ids.sort_unstable();
            ids
        };
        // Kosaraju's groups come in post order: what an edge points to before where it begins.
        kosaraju_scc(&graph).into_iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    fn workspace(services: &[(&str, &[(&str, &str)])]) -> Workspace {
        Workspace {
            services: services.iter().map(|(id, needs)| samples::service(id, needs)).collect(),
            ..Workspace::default()
        }
    }

    #[test]
    fn providers_come_first_and_soft_edges_do_not_order() {
        let workspace = workspace(&[
            ("web", &[("checkout", ""), ("search", "")]),
            ("checkout", &[("payments", "^4.1"), ("?catalog", "")]),
            ("payments", &[("ledger", "")]),
            ("ledger", &[]),
            ("catalog", &[("?web", "")]),
            ("search", &[("elsewhere", "")]),
        ]);
        let graph = Graph::of(&workspace);
        assert_eq!(
            graph.waves(),
            [vec!["catalog", "ledger", "search"], vec!["payments"], vec!["checkout"], vec!["web"]]
        );
        assert!(graph.cycles().is_empty());
        assert_eq!(graph.edges().len(), 6, "an edge to a service nobody knows is left out");
        assert_eq!(graph.edges()[0].kind, DependencyKind::Soft);
        assert_eq!(graph.needs("checkout", Follow::Hard), BTreeSet::from(["ledger", "payments"]));
        assert_eq!(
            graph.needs("checkout", Follow::All),
            BTreeSet::from(["catalog", "checkout", "ledger", "payments", "search", "web"])
        );
        assert_eq!(graph.needed_by("ledger", Follow::Hard), BTreeSet::from(["checkout", "payments", "web"]));
        assert!(graph.needed_by("web", Follow::Hard).is_empty());
    }

    #[test]
    fn the_services_of_a_cycle_share_a_wave() {
        let workspace = workspace(&[
            ("z", &[]),
            ("a", &[("b", "")]),
            ("b", &[("c", ""), ("z", "")]),
            ("c", &[("a", "")]),
            ("top", &[("a", "")]),
            ("selfish", &[("selfish", "")]),
        ]);
        let graph = Graph::of(&workspace);
        assert_eq!(graph.cycles(), [vec!["a", "b", "c"], vec!["selfish"]]);
        assert_eq!(graph.waves(), [vec!["selfish", "z"], vec!["a", "b", "c"], vec!["top"]]);
        assert!(graph.needs("a", Follow::Hard).contains("a"));
    }

    #[test]
    fn a_release_sees_only_its_services_and_the_edges_between_them() {
        let workspace =
            workspace(&[("web", &[("bff", "")]), ("bff", &[("api", "")]), ("api", &[]), ("other", &[])]);
        let release = samples::release("r", &[("web", "2.0.0"), ("api", "1.0.0"), ("bff", "1.1.0")], vec![]);
        let graph = Graph::of_release(&workspace, &release);
        assert_eq!(graph.services(), ["api", "bff", "web"]);
        assert_eq!(graph.waves(), [["api"], ["bff"], ["web"]]);
        let release = samples::release("r", &[("web", "2.0.0"), ("api", "1.0.0")], vec![]);
        assert_eq!(Graph::of_release(&workspace, &release).waves(), [["api", "web"]]);
    }

    proptest::proptest! {
        #[test]
        fn every_hard_edge_goes_to_an_earlier_wave_or_inside_a_cycle(
            edges in proptest::collection::vec((0..12_usize, 0..12_usize, proptest::bool::ANY), 0..40)
        ) {
            let ids: Vec<String> = (0..12).map(|index| format!("s{index}")).collect();
            let services = ids.iter().enumerate().map(|(index, id)| {
                let needs: Vec<String> = edges.iter().filter(|edge| edge.0 == index)
                    .map(|edge| format!("{}{}", if edge.2 { "" } else { "?" }, ids[edge.1])).collect();
                let needs: Vec<(&str, &str)> = needs.iter().map(|need| (need.as_str(), "")).collect();
                samples::service(id, &needs)
            }).collect();
            let workspace = Workspace { services, ..Workspace::default() };
            let graph = Graph::of(&workspace);
            let (waves, cycles) = (graph.waves(), graph.cycles());
            let wave = |id: &str| waves.iter().position(|wave| wave.contains(&id)).unwrap();
            proptest::prop_assert_eq!(waves.iter().map(Vec::len).sum::<usize>(), 12);
            for edge in graph.edges().iter().filter(|edge| edge.kind == DependencyKind::Hard) {
                let coupled = cycles.iter().any(|cycle| cycle.contains(&edge.from) && cycle.contains(&edge.to));
                proptest::prop_assert_eq!(coupled, graph.needs(edge.to, Follow::Hard).contains(edge.from) || edge.from == edge.to);
                if coupled {
                    proptest::prop_assert_eq!(wave(edge.from), wave(edge.to));
                } else {
                    proptest::prop_assert!(wave(edge.from) > wave(edge.to));
                }
            }
            // As early as can be: a later wave is there because of a provider just before it.
            for (index, wave_ids) in waves.iter().enumerate().skip(1) {
                let justified = wave_ids.iter().any(|id| {
                    let mut needs = graph.edges().iter().filter(|edge| edge.from == *id);
                    needs.any(|edge| edge.kind == DependencyKind::Hard && wave(edge.to) == index - 1)
                });
                proptest::prop_assert!(justified);
            }
        }
    }
}
