//! Smoke, synthetic and data checks of a service: what is asked, of which place, and what the
//! answers come to.
//!
//! A check passes or fails; who could not be asked says neither, and that is not known, which is
//! never good.

mod told;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Serialize;

pub use told::Told;

use super::condition::Condition;
use super::judge::Verdict;
use super::{Environment, Question, Safe, Service, Workspace, template};

/// What the templates of a check may be.
pub const TEMPLATES: &[&str] = &["environment", "region", "version", "service"];
/// Between two runs of a check, unless it says otherwise.
pub const INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The shortest interval.
pub const SHORTEST: TimeDelta = TimeDelta::seconds(5);

/// One `[[service.health]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthCheck {
    /// Its id, one of its kind in the service.
    pub id: String,
    /// For people.
    pub title: String,
    /// What is asked.
    pub probe: Probe,
    /// Only there; empty: everywhere.
    pub environments: Vec<String>,
    /// Between two runs.
    pub interval: TimeDelta,
    /// Failing alone fails the verdict.
    pub critical: bool,
    /// It looks at data (counts that must agree, a load that must be done), not at the service.
    pub data: bool,
}

/// What a check asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Probe {
    /// PromQL whose every series must meet a condition.
    Query {
        /// The query.
        query: String,
        /// What must hold.
        until: Condition,
    },
    /// A request over HTTP.
    Http(HttpProbe),
    /// A program that must end with 0.
    Command {
        /// The program and its arguments.
        argv: Vec<String>,
        /// How long it may take; `None`: the usual bound.
        timeout: Option<TimeDelta>,
    },
}

/// A GET, and what must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpProbe {
    /// Where.
    pub url: String,
    /// The statuses that are right; empty: 200 to 299.
    pub status: Vec<u16>,
    /// From connecting to the last byte.
    pub timeout: TimeDelta,
    /// What the body must hold.
    pub contains: Option<String>,
    /// Whether redirects are followed; without it one is an answer like any other.
    pub redirects: bool,
}

impl Probe {
    /// `query`, `http`, `command`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Query { .. } => "query",
            Self::Http(_) => "http",
            Self::Command { .. } => "command",
        }
    }

    /// Everything it is made of, templates unfilled.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Query { query, .. } => vec![query],
            Self::Http(http) => vec![&http.url],
            Self::Command { argv, .. } => argv.iter().map(String::as_str).collect(),
        }
    }

    /// What is asked, for people: the query, the address, the command line.
    pub fn words(&self) -> String {
        match self {
            Self::Query { query, until } => format!("{query} {until}"),
            Self::Http(http) => format!("GET {}", http.url),
            Self::Command { argv, .. } => argv.join(" "),
        }
    }
}

impl HealthCheck {
    /// Whether it looks at an environment.
    pub fn is_for(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|id| id == environment)
    }

    /// Whether it asks for a template.
    pub fn asks_for(&self, name: &str) -> bool {
        self.probe.texts().iter().any(|text| template::names(text).contains(&name))
    }

    /// The places of an environment it is asked of: its regions where it asks for one.
    pub fn regions(&self, environment: &Environment) -> Vec<Option<String>> {
        if !self.asks_for("region") || environment.regions.is_empty() {
            return vec![None];
        }
        environment.regions.iter().map(|region| Some(region.id.clone())).collect()
    }

    /// The question for one place; a version only where it asks for one.
    pub fn question(
        &self,
        service: &str,
        environment: &str,
        region: Option<&str>,
        version: Option<&str>,
    ) -> Question {
        let target = Target {
            service: service.to_owned(),
            check: self.id.clone(),
            environment: environment.to_owned(),
            region: region.map(str::to_owned),
            version: version.filter(|_| self.asks_for("version")).map(str::to_owned),
        };
        match self.probe {
            Probe::Command { .. } => Question::HealthCommand(target),
            _ => Question::Health { target, every: self.interval.num_seconds().clamp(5, 86_400) as u32 },
        }
    }
}

/// A check at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Target {
    /// The service.
    pub service: String,
    /// The check's id.
    pub check: String,
    /// The environment.
    pub environment: String,
    /// The region, where the check asks for one.
    pub region: Option<String>,
    /// The version, where the check asks for one.
    pub version: Option<String>,
}

impl Target {
    /// `production · eu`.
    pub fn place(&self) -> String {
        match &self.region {
            Some(region) => format!("{} · {region}", self.environment),
            None => self.environment.clone(),
        }
    }

    /// What the templates stand for. What nobody spoke of is not in it.
    pub fn values(&self) -> BTreeMap<&'static str, String> {
        let mut values =
            BTreeMap::from([("service", self.service.clone()), ("environment", self.environment.clone())]);
        values.extend(self.region.clone().map(|region| ("region", region)));
        values.extend(self.version.clone().map(|version| ("version", version)));
        values
    }
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it passes.
    pub passes: bool,
    /// What was found, in words.
    pub found: Safe,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// What is known of a check at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckResult {
    /// It passes, and that is fresh.
    Passes,
    /// It fails, and that is fresh.
    Fails,
    /// Nobody can tell: not asked, not answered, too old.
    Unknown,
}

/// What several checks come to: a critical one that fails fails all; a critical one that is not
/// known leaves it open; else what fails is worth a look. `None`: there is no check.
pub fn standing(results: &[(CheckResult, bool)]) -> Option<Verdict> {
    let any = |wanted: CheckResult, critical: bool| results.contains(&(wanted, critical));
    if results.is_empty() {
        None
    } else if any(CheckResult::Fails, true) {
        Some(Verdict::Failing)
    } else if any(CheckResult::Unknown, true) {
        Some(Verdict::Inconclusive)
    } else if any(CheckResult::Fails, false) {
        Some(Verdict::Marginal)
    } else if any(CheckResult::Unknown, false) {
        Some(Verdict::Inconclusive)
    } else {
        Some(Verdict::Healthy)
    }
}

/// Every check of a service at every place it is asked of, in promotion order.
pub fn targets<'a>(
    workspace: &'a Workspace,
    service: &'a Service,
    version_at: impl Fn(&str, Option<&str>) -> Option<String> + 'a,
) -> Vec<(&'a HealthCheck, Question)> {
    let mut found = Vec::new();
    for environment in &workspace.environments {
        for check in service.health.iter().filter(|check| check.is_for(&environment.id)) {
            for region in check.regions(environment) {
                let version = version_at(&environment.id, region.as_deref());
                let question =
                    check.question(&service.id, &environment.id, region.as_deref(), version.as_deref());
                found.push((check, question));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(probe: Probe) -> HealthCheck {
        HealthCheck {
            id: "smoke".to_owned(),
            title: "Smoke".to_owned(),
            probe,
            environments: Vec::new(),
            interval: INTERVAL,
            critical: true,
            data: false,
        }
    }

    fn http(url: &str) -> Probe {
        let timeout = TimeDelta::seconds(5);
        Probe::Http(HttpProbe {
            url: url.to_owned(),
            status: vec![],
            timeout,
            contains: None,
            redirects: false,
        })
    }

    #[test]
    fn what_fails_weighs_more_than_what_is_not_known_and_that_more_than_what_passes() {
        use CheckResult::{Fails, Passes, Unknown};
        for (results, expected) in [
            (&[][..], None),
            (&[(Passes, true), (Passes, false)], Some(Verdict::Healthy)),
            (&[(Passes, true), (Fails, false)], Some(Verdict::Marginal)),
            (&[(Passes, true), (Unknown, false)], Some(Verdict::Inconclusive)),
            (&[(Unknown, true), (Fails, false)], Some(Verdict::Inconclusive)),
            (&[(Unknown, true), (Fails, true)], Some(Verdict::Failing)),
        ] {
            assert_eq!(standing(results), expected, "{results:?}");
        }
    }

    #[test]
    fn a_check_is_asked_once_a_region_only_where_it_asks_for_one() {
        let region = |id: &str| crate::domain::Region { id: id.to_owned(), time_zone: None };
        let production = Environment {
            id: "production".to_owned(),
            regions: vec![region("eu"), region("us")],
            capacity: None,
            versions: None,
        };
        let workspace = Workspace { environments: vec![production], ..Workspace::default() };
        let mut service = Service { id: "checkout".to_owned(), ..Service::default() };
        service.health =
            vec![check(http("https://{{region}}.example/health")), check(http("https://example/"))];
        let targets = targets(&workspace, &service, |_, _| Some("4.2.0".to_owned()));
        let places: Vec<String> = targets
            .iter()
            .map(|(_, question)| match question {
                Question::Health { target, .. } => format!("{} {:?}", target.place(), target.version),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(places, ["production · eu None", "production · us None", "production None"]);
    }

    #[test]
    fn a_program_is_only_run_when_somebody_wants_it() {
        let command = check(Probe::Command { argv: vec!["./smoke".to_owned()], timeout: None });
        assert!(command.question("checkout", "production", None, None).is_on_demand());
        assert!(!check(http("https://x/")).question("checkout", "production", None, None).is_on_demand());
    }

    #[test]
    fn a_check_is_asked_as_often_as_it_says_and_only_where_it_is_for() {
        let every = |interval| {
            let check = HealthCheck { interval, ..check(http("https://{{region}}.example/")) };
            match check.question("checkout", "production", None, None) {
                Question::Health { every, .. } => every,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(every(TimeDelta::seconds(10)), 10);
        assert_eq!((every(TimeDelta::zero()), every(TimeDelta::days(9))), (5, 86_400));
        let here = HealthCheck { environments: vec!["production".into()], ..check(http("https://x/")) };
        assert!(here.is_for("production") && !here.is_for("staging"));
        // An environment without regions is one place, whatever the check asks for.
        let one = Environment { id: "staging".into(), regions: vec![], capacity: None, versions: None };
        assert_eq!(check(http("https://{{region}}.example/")).regions(&one), [None]);
    }

    proptest! {
        /// Nothing that is not known makes it healthier.
        #[test]
        fn an_unknown_is_never_healthy(count in 0_usize..6, place in 0_usize..6, critical: bool) {
            let mut results = vec![(CheckResult::Passes, true); count];
            results.insert(place.min(count), (CheckResult::Unknown, critical));
            prop_assert_eq!(standing(&results), Some(Verdict::Inconclusive));
        }
    }
}
