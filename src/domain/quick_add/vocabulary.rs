//! What a word can mean in a workspace.

use crate::domain::spelling::nearest;
use crate::domain::{ChangeType, Strategy, Workspace};

/// What a word means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A service.
    Service(String),
    /// An environment.
    Environment(String),
    /// A region, of the environments that have it.
    Region(String),
    /// A strategy.
    Strategy(Strategy),
    /// A change type.
    Change(ChangeType),
    /// `draft`
    Draft,
}

/// Why a word has no one meaning.
#[derive(Debug, PartialEq, Eq)]
pub enum NoMeaning {
    /// It begins several.
    Several(Vec<String>),
    /// It begins none; this is near.
    None(Option<String>),
}

/// The words of a workspace.
pub struct Vocabulary {
    words: Vec<(String, Meaning)>,
}

impl Vocabulary {
    /// Every word that means something here; regions only of `environment` where one is named.
    pub fn new(workspace: &Workspace, environment: Option<&str>) -> Self {
        let mut words: Vec<(String, Meaning)> = Vec::new();
        let mut add = |word: &str, meaning: Meaning| {
            if !words.iter().any(|(_, known)| *known == meaning) {
                words.push((word.to_owned(), meaning));
            }
        };
        for service in &workspace.services {
            add(&service.id, Meaning::Service(service.id.clone()));
        }
        for known in &workspace.environments {
            add(&known.id, Meaning::Environment(known.id.clone()));
        }
        let here = |known: &&crate::domain::Environment| environment.is_none_or(|wanted| wanted == known.id);
        for region in workspace.environments.iter().filter(here).flat_map(|known| &known.regions) {
            add(&region.id, Meaning::Region(region.id.clone()));
        }
        for strategy in Strategy::ALL {
            add(strategy.word(), Meaning::Strategy(strategy));
        }
        for change in ChangeType::ALL {
            add(change.word(), Meaning::Change(change));
        }
        add("draft", Meaning::Draft);
        Self { words }
    }

    /// The meaning of a word: itself, or the only one it begins. Where two kinds share a word, the
    /// first of services, environments, regions.
    pub fn meaning(&self, word: &str) -> Result<Meaning, NoMeaning> {
        let lower = word.to_lowercase();
        if let Some((_, meaning)) = self.words.iter().find(|(known, _)| *known == word) {
            return Ok(meaning.clone());
        }
        if let Some((_, meaning)) = self.words.iter().find(|(known, _)| known.to_lowercase() == lower) {
            return Ok(meaning.clone());
        }
        let begun: Vec<&(String, Meaning)> =
            self.words.iter().filter(|(known, _)| known.to_lowercase().starts_with(&lower)).collect();
        match begun.as_slice() {
            [(_, meaning)] if lower.chars().count() >= 2 => Ok(meaning.clone()),
            [] => {
                let known = self.words.iter().map(|(known, _)| known.as_str());
                Err(NoMeaning::None(nearest(&lower, known).map(str::to_owned)))
            }
            several => Err(NoMeaning::Several(several.iter().map(|(known, _)| known.clone()).collect())),
        }
    }

    /// Every word with its kind's name.
    pub fn words(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.words.iter().map(|(word, meaning)| (word.as_str(), kind(meaning)))
    }
}

fn kind(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Service(_) => "service",
        Meaning::Environment(_) => "environment",
        Meaning::Region(_) => "region",
        Meaning::Strategy(_) => "strategy",
        Meaning::Change(_) => "change type",
        Meaning::Draft => "status",
    }
}

/// Who can own a release here: owners of services and releases, and whoever is called, sorted.
pub fn owners(workspace: &Workspace) -> Vec<String> {
    let services = workspace.services.iter();
    let called = services.clone().flat_map(|service| &service.escalation);
    let owners = services.filter_map(|service| service.owner.as_ref());
    let planned = workspace.releases.iter().filter_map(|release| release.owner.as_ref());
    let mut all: Vec<String> =
        called.chain(owners).chain(planned).map(|name| name.trim_start_matches('@').to_owned()).collect();
    all.sort();
    all.dedup();
    all
}
