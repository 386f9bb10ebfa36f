//! Would a version work with what runs there? (The idea of Pact's matrix, on semver.)

use serde::Serialize;

use super::version::{parse_requirement, parse_version};
use super::{DependencyKind, Service, Workspace};
use crate::domain::question::{Running, VersionShare};

/// What is known of what runs in an environment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known<'a> {
    /// The source answered.
    Running(&'a Running),
    /// There is no source, or it did not answer: why.
    Unknown(&'a str),
}

/// The answer, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compatibility {
    /// Whether it would work.
    pub verdict: Verdict,
    /// What speaks against it: about what it needs first, then about what needs it, by id.
    pub reasons: Vec<Reason>,
}

/// Whether it would work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that must fit fits.
    Yes,
    /// Something needed to know is not known. That is not yes.
    Unknown,
    /// Something does not fit.
    No,
}

/// One thing that speaks against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What kind of thing.
    pub code: ReasonCode,
    /// The provider or consumer it is about.
    pub service: String,
    /// The requirement between the two.
    pub requires: Option<String>,
    /// The version that was held against it.
    pub found: Option<String>,
    /// One sentence.
    pub message: String,
    /// What it makes of the verdict.
    #[serde(skip)]
    pub weight: Weight,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// A provider does not run there.
    ProviderMissing,
    /// A provider runs in a version that does not fit.
    ProviderVersion,
    /// Whether a provider runs there, and in which version, is not known.
    ProviderUnknown,
    /// A consumer needs another version.
    ConsumerVersion,
    /// A version or a requirement cannot be compared.
    NotSemver,
}

impl ReasonCode {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::ProviderMissing => "provider-missing",
            Self::ProviderVersion => "provider-version",
            Self::ProviderUnknown => "provider-unknown",
            Self::ConsumerVersion => "consumer-version",
            Self::NotSemver => "not-semver",
        }
    }
}

/// What a reason makes of the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nothing: the dependency is soft.
    Remark,
    /// It cannot be yes.
    Doubt,
    /// It is no.
    Refusal,
}

/// Whether `version` of `service` would work in `environment`, with what is known to run there:
/// every hard provider's running versions must meet what the service requires, and the version
/// must meet what every running consumer requires. Soft dependencies only give reasons.
///
/// Where several versions of a provider run, all must fit. A partial answer that lacks a
/// provider does not say that it is missing.
pub fn can_i_deploy(
    workspace: &Workspace,
    service: &str,
    version: &str,
    environment: &str,
    known: Known<'_>,
) -> Compatibility {
    let case = Case { service, version, environment, known };
    let mut reasons = Vec::new();
    if let Some(found) = workspace.service(service) {
        let mut dependencies: Vec<_> = found.depends_on.iter().collect();
        dependencies.sort_by(|one, other| one.service.cmp(&other.service));
        for dependency in dependencies.into_iter().filter(|dependency| dependency.service != service) {
            let edge = Edge {
                other: &dependency.service,
                requires: dependency.version.as_deref(),
                kind: dependency.kind,
            };
            case.provider(&edge, &mut reasons);
        }
    }
    let needs_it = |other: &&Service| other.depends_on.iter().any(|dependency| dependency.service == service);
    let others = workspace.services.iter().filter(|other| other.id != service);
    let mut consumers: Vec<_> = others.filter(needs_it).collect();
    consumers.sort_by(|one, other| one.id.cmp(&other.id));
    for consumer in consumers {
        for dependency in consumer.depends_on.iter().filter(|dependency| dependency.service == service) {
            let edge =
                Edge { other: &consumer.id, requires: dependency.version.as_deref(), kind: dependency.kind };
            case.consumer(&edge, &mut reasons);
        }
    }
    if let Known::Unknown(why) = known
        && reasons.iter().all(|reason| reason.weight == Weight::Remark)
    {
        let message = format!("what runs in {environment} is not known: {why}");
        reasons.push(Reason {
            code: ReasonCode::ProviderUnknown,
            service: service.to_owned(),
            requires: None,
            found: None,
            message,
            weight: Weight::Doubt,
        });
    }
    let verdict = match reasons.iter().map(|reason| reason.weight).max() {
        Some(Weight::Refusal) => Verdict::No,
        Some(Weight::Doubt) => Verdict::Unknown,
        Some(Weight::Remark) | None => Verdict::Yes,
    };
    Compatibility { verdict, reasons }
}

/// The versions of a service that run: none with no share.
pub fn running_versions<'r>(running: &'r Running, service: &str) -> Vec<&'r VersionShare> {
    let versions = running.services.get(service).map(Vec::as_slice).unwrap_or_default();
    versions.iter().filter(|version| version.share > 0.0).collect()
}

struct Case<'a> {
    service: &'a str,
    version: &'a str,
    environment: &'a str,
    known: Known<'a>,
}

struct Edge<'a> {
    /// The service at the other end.
    other: &'a str,
    requires: Option<&'a str>,
    kind: DependencyKind,
}

impl Edge<'_> {
    fn reason(&self, code: ReasonCode, found: Option<&str>, weight: Weight, message: String) -> Reason {
        let (weight, message) = match self.kind {
            DependencyKind::Hard => (weight, message),
            DependencyKind::Soft => (Weight::Remark, format!("{message} (a soft dependency)")),
        };
        Reason {
            code,
            service: self.other.to_owned(),
            requires: self.requires.map(str::to_owned),
            found: found.map(str::to_owned),
            message,
            weight,
        }
    }
}

impl Case<'_> {
    fn provider(&self, edge: &Edge<'_>, reasons: &mut Vec<Reason>) {
        let Self { service, environment, .. } = self;
        let provider = edge.other;
        let wanted = edge.requires.map_or_else(|| provider.to_owned(), |r| format!("{provider} {r}"));
        let running = match self.known {
            Known::Running(running) => running,
            Known::Unknown(why) => {
                let message =
                    format!("{service} needs {wanted}; what runs in {environment} is not known: {why}");
                reasons.push(edge.reason(ReasonCode::ProviderUnknown, None, Weight::Doubt, message));
                return;
            }
        };
        let versions = running_versions(running, provider);
        if versions.is_empty() {
            let reason = match running.warnings.first() {
                None => {
                    let message = format!("{service} needs {wanted}, which does not run in {environment}");
                    edge.reason(ReasonCode::ProviderMissing, None, Weight::Refusal, message)
                }
                Some(warning) => {
                    let message = format!(
                        "{service} needs {wanted}, which is not in a partial answer of {environment}: {warning}"
                    );
                    edge.reason(ReasonCode::ProviderUnknown, None, Weight::Doubt, message)
                }
            };
            reasons.push(reason);
            return;
        }
        let Some(requires) = edge.requires else { return };
        for running in versions {
            let found = running.version.as_str();
            match fits(requires, found) {
                Fit::Fits => {}
                Fit::DoesNot => {
                    let message = format!("{service} needs {wanted}; {environment} runs {provider} {found}");
                    reasons.push(edge.reason(
                        ReasonCode::ProviderVersion,
                        Some(found),
                        Weight::Refusal,
                        message,
                    ));
                }
                Fit::NotComparable(what) => {
                    let message =
                        format!("{service} needs {wanted}; {environment} runs {provider} {found}: {what}");
                    reasons.push(edge.reason(ReasonCode::NotSemver, Some(found), Weight::Doubt, message));
                }
            }
        }
    }

    fn consumer(&self, edge: &Edge<'_>, reasons: &mut Vec<Reason>) {
        let Self { service, version, environment, .. } = self;
        let consumer = edge.other;
        let Some(requires) = edge.requires else { return };
        let (runs, may) = match self.known {
            Known::Running(running) if running_versions(running, consumer).is_empty() => return,
            Known::Running(_) => ("", None),
            Known::Unknown(why) => (", if it runs there", Some(why)),
        };
        let found = Some(*version);
        match fits(requires, version) {
            Fit::Fits => {}
            Fit::DoesNot => {
                let weight = if may.is_some() { Weight::Doubt } else { Weight::Refusal };
                let why = may.map(|why| format!("; what runs is not known: {why}")).unwrap_or_default();
                let message = format!(
                    "{consumer} in {environment} needs {service} {requires}{runs}; {version} is not{why}"
                );
                reasons.push(edge.reason(ReasonCode::ConsumerVersion, found, weight, message));
            }
            Fit::NotComparable(what) => {
                let message = format!("{consumer} in {environment} needs {service} {requires}{runs}: {what}");
                reasons.push(edge.reason(ReasonCode::NotSemver, found, Weight::Doubt, message));
            }
        }
    }
}

enum Fit {
    Fits,
    DoesNot,
    NotComparable(String),
}

fn fits(requires: &str, version: &str) -> Fit {
    let Some(requirement) = parse_requirement(requires) else {
        return Fit::NotComparable(format!("`{requires}` is not a semver requirement like ^4.1"));
    };
    match parse_version(version) {
        None => Fit::NotComparable(format!("`{version}` is not a version like 4.1.3")),
        Some(version) if requirement.matches(&version) => Fit::Fits,
        Some(_) => Fit::DoesNot,
    }
}

#[cfg(test)]
mod tests {
    use super::ReasonCode as Code;
    use super::*;
    use crate::domain::samples;

    fn shop() -> Workspace {
        Workspace {
            services: vec![
                samples::service("checkout", &[("payments", "^4.1"), ("?catalog", "^1.7"), ("mail", "")]),
                samples::service("payments", &[]),
                samples::service("catalog", &[]),
                samples::service("mail", &[]),
                samples::service("web", &[("checkout", "^4")]),
                samples::service("app", &[("?checkout", "^3")]),
            ],
            ..Workspace::default()
        }
    }

    fn running(versions: &[(&str, &[&str])]) -> Running {
        let shares = |versions: &[&str]| -> Vec<VersionShare> {
            let share = 1.0 / versions.len() as f64;
            versions.iter().map(|version| VersionShare { version: (*version).into(), share }).collect()
        };
        Running {
            services: versions.iter().map(|(id, versions)| ((*id).to_owned(), shares(versions))).collect(),
            ..Running::default()
        }
    }

    fn ask(version: &str, versions: &[(&str, &[&str])]) -> (Verdict, Vec<(Code, String)>) {
        let running = running(versions);
        let found = can_i_deploy(&shop(), "checkout", version, "production", Known::Running(&running));
        (found.verdict, found.reasons.into_iter().map(|reason| (reason.code, reason.service)).collect())
    }

    fn reasons(expected: &[(Code, &str)]) -> Vec<(Code, String)> {
        expected.iter().map(|(code, service)| (*code, (*service).to_owned())).collect()
    }

    #[test]
    fn all_that_runs_must_fit() {
        let good: &[(&str, &[&str])] =
            &[("payments", &["v4.1.0", "4.2"]), ("catalog", &["1.7.0"]), ("mail", &["whatever"])];
        assert_eq!(ask("4.2.0", good), (Verdict::Yes, vec![]));
        let one_old: &[(&str, &[&str])] =
            &[("payments", &["4.0.9", "4.2.0"]), ("catalog", &["1.7.0"]), ("mail", &["1"])];
        assert_eq!(ask("4.2.0", one_old), (Verdict::No, reasons(&[(Code::ProviderVersion, "payments")])));
    }

    #[test]
    fn a_hard_provider_that_is_missing_is_a_no_and_a_soft_one_a_remark() {
        let (verdict, found) = ask("4.2.0", &[("payments", &["4.1.0"]), ("mail", &["1.0.0"])]);
        assert_eq!((verdict, found), (Verdict::Yes, reasons(&[(Code::ProviderMissing, "catalog")])));
        let (verdict, found) = ask("4.2.0", &[("payments", &["4.1.0"]), ("catalog", &["1.7.1"])]);
        assert_eq!((verdict, found), (Verdict::No, reasons(&[(Code::ProviderMissing, "mail")])));
    }

    #[test]
    fn only_consumers_that_run_have_a_say() {
        let base: Vec<(&str, &[&str])> =
            vec![("payments", &["4.1.0"]), ("catalog", &["1.7.0"]), ("mail", &["1.0.0"])];
        assert_eq!(ask("5.0.0", &base).0, Verdict::Yes);
        let mut with_web = base.clone();
        with_web.push(("web", &["9.9.9"]));
        assert_eq!(ask("5.0.0", &with_web), (Verdict::No, reasons(&[(Code::ConsumerVersion, "web")])));
        let mut with_app = base;
        with_app.push(("app", &["1.0.0"]));
        assert_eq!(ask("5.0.0", &with_app), (Verdict::Yes, reasons(&[(Code::ConsumerVersion, "app")])));
    }

    #[test]
    fn what_cannot_be_compared_is_not_known() {
        let (verdict, found) =
            ask("4.2.0", &[("payments", &["main-abc"]), ("catalog", &["1.7.0"]), ("mail", &["1.0.0"])]);
        assert_eq!((verdict, found), (Verdict::Unknown, reasons(&[(Code::NotSemver, "payments")])));
        let (verdict, found) = ask(
            "nightly",
            &[("payments", &["4.1.0"]), ("catalog", &["1.7.0"]), ("mail", &["1"]), ("web", &["1.0.0"])],
        );
        assert_eq!((verdict, found), (Verdict::Unknown, reasons(&[(Code::NotSemver, "web")])));
    }

    #[test]
    fn a_no_outweighs_what_is_not_known() {
        let (verdict, _) = ask("4.2.0", &[("payments", &["main-abc"]), ("catalog", &["1.7.0"])]);
        assert_eq!(verdict, Verdict::No);
    }

    #[test]
    fn a_silent_source_is_never_a_yes() {
        let workspace = shop();
        let ask = |service: &str, version: &str| {
            let known = Known::Unknown("no answer");
            let found = can_i_deploy(&workspace, service, version, "production", known);
            assert!(found.reasons.iter().all(|reason| reason.message.contains("no answer")));
            let said: Vec<_> =
                found.reasons.iter().map(|reason| (reason.code, reason.service.as_str())).collect();
            (found.verdict, format!("{said:?}"))
        };
        assert_eq!(
            ask("checkout", "4.2.0"),
            (
                Verdict::Unknown,
                r#"[(ProviderUnknown, "catalog"), (ProviderUnknown, "mail"), (ProviderUnknown, "payments"), (ConsumerVersion, "app")]"#
                    .to_owned()
            )
        );
        assert_eq!(ask("mail", "1.0.0"), (Verdict::Unknown, r#"[(ProviderUnknown, "mail")]"#.to_owned()));
    }

    #[test]
    fn a_partial_answer_does_not_say_that_a_provider_is_missing() {
        let mut partial = running(&[("payments", &["4.1.0"]), ("catalog", &["1.7.0"])]);
        partial.warnings.push("one shard did not answer".into());
        let found = can_i_deploy(&shop(), "checkout", "4.2.0", "production", Known::Running(&partial));
        assert_eq!(found.verdict, Verdict::Unknown);
        assert_eq!(found.reasons[0].code, Code::ProviderUnknown);
    }

    #[test]
    fn a_version_without_a_share_does_not_run() {
        let mut running =
            running(&[("payments", &["4.1.0", "3.0.0"]), ("catalog", &["1.7.0"]), ("mail", &["1"])]);
        running.services.get_mut("payments").unwrap()[1].share = 0.0;
        let found = can_i_deploy(&shop(), "checkout", "4.2.0", "production", Known::Running(&running));
        assert_eq!(found.verdict, Verdict::Yes);
    }
}
