//! Health checks in the verdict: what they may take away from it, and what they never add.
//!
//! Metrics say how the new version does; checks say whether it works at all. A critical check that
//! fails fails the rollout; a critical one that is not known never lets it be healthy; one that is
//! not critical and fails leaves it marginal at best; one that is not critical and not known weighs
//! nothing, and is told. A check counts as it is at the time of the look.

use chrono::{DateTime, Utc};

use super::subject::{Phase, Subject};
use crate::domain::health::{CheckResult, HealthCheck, Probe, Told, targets};
use crate::domain::judge::Verdict;
use crate::domain::{Question, Service, Workspace};

/// Why a probe of the present says nothing of the past.
pub const NOT_OF_THE_PAST: &str = "it cannot be asked of the past";

/// The checks of a rollout's service where it goes on, and what to ask. What was brought back is
/// not what the checks see: it has none.
pub fn checks<'a>(
    workspace: &'a Workspace,
    service: &'a Service,
    subject: &Subject,
) -> Vec<(&'a HealthCheck, Question)> {
    if subject.phase == Phase::None || subject.phase.is_back() {
        return Vec::new();
    }
    let version = Some(subject.to.to_string()).filter(|version| !version.is_empty());
    let place = (subject.environment.as_str(), subject.region.as_deref());
    at_place(workspace, service, place, version.as_deref())
}

/// The checks of a service in an environment, and in one region of it where one is named.
pub fn at_place<'a>(
    workspace: &'a Workspace,
    service: &'a Service,
    (environment, region): (&str, Option<&str>),
    version: Option<&str>,
) -> Vec<(&'a HealthCheck, Question)> {
    let version = version.map(str::to_owned);
    let asked = targets(workspace, service, move |_, _| version.clone());
    let is_here = |question: &Question| {
        question.health_target().is_some_and(|target| {
            let regions = (target.region.as_deref(), region);
            target.environment == environment && !matches!(regions, (Some(one), Some(other)) if one != other)
        })
    };
    asked.into_iter().filter(|(_, question)| is_here(question)).collect()
}

/// Whether a check can be asked of a time that is over: a query can, of data that is kept.
pub fn knows_the_past(check: &HealthCheck) -> bool {
    matches!(check.probe, Probe::Query { .. })
}

/// What is known of a check from its answer: a fresh one, or why there is none.
pub fn told(
    check: &HealthCheck,
    question: &Question,
    known: Result<(&crate::domain::health::Outcome, DateTime<Utc>), String>,
) -> Option<Told> {
    let told = Told::new(check, question.health_target()?);
    Some(match known {
        Ok((outcome, at)) => {
            let result = if outcome.passes { CheckResult::Passes } else { CheckResult::Fails };
            told.found(result, outcome, at)
        }
        Err(why) => told.because(Some(why)),
    })
}

/// Whether a critical check fails.
pub fn is_fatal(checks: &[Told]) -> bool {
    checks.iter().any(|check| check.is_critical() && check.result() == CheckResult::Fails)
}

/// The verdict of the metrics, weighed with the checks.
pub fn weigh(verdict: Verdict, why: String, checks: &[Told]) -> (Verdict, String) {
    let those = |result: CheckResult, critical: Option<bool>| {
        let fits = move |check: &&Told| {
            check.result() == result && critical.is_none_or(|critical| check.is_critical() == critical)
        };
        checks.iter().filter(fits)
    };
    let mut fails: Vec<&Told> = those(CheckResult::Fails, Some(true)).collect();
    fails.extend(those(CheckResult::Fails, Some(false)));
    let open: Vec<&Told> = those(CheckResult::Unknown, Some(true)).collect();
    let verdict = match verdict {
        _ if is_fatal(checks) => return (Verdict::Failing, joined(verdict, &failing(&fails), &why)),
        Verdict::Healthy if !open.is_empty() => Verdict::Inconclusive,
        Verdict::Healthy if !fails.is_empty() => {
            return (Verdict::Marginal, joined(verdict, &failing(&fails), &why));
        }
        verdict => verdict,
    };
    let mut words = why;
    if !fails.is_empty() {
        words = format!("{words}; {}", failing(&fails));
    }
    match open.as_slice() {
        [] => {}
        [first, rest @ ..] => {
            words =
                format!("{words}; {} is not known{}: {}", first.named(), others(rest.len()), first.reason());
        }
    }
    if verdict == Verdict::Healthy && !checks.is_empty() {
        words = format!("{words}; {}", passing(checks));
    }
    (verdict, words)
}

/// What the checks come to, in one line, and what that is; `None`: there is none.
pub fn summary(checks: &[Told]) -> Option<(Verdict, String)> {
    let critical = |check: &&Told| !check.is_critical();
    let mut fails: Vec<&Told> = checks.iter().filter(|it| it.result() == CheckResult::Fails).collect();
    fails.sort_by_key(critical);
    if let Some(worst) = fails.first() {
        let verdict = if worst.is_critical() { Verdict::Failing } else { Verdict::Marginal };
        return Some((verdict, failing(&fails)));
    }
    let mut open: Vec<&Told> = checks.iter().filter(|it| it.result() == CheckResult::Unknown).collect();
    open.sort_by_key(critical);
    match open.split_first() {
        _ if checks.is_empty() => None,
        None => Some((Verdict::Healthy, passing(checks))),
        Some((first, rest)) => {
            let words = format!("{} is not known{}: {}", first.named(), others(rest.len()), first.reason());
            Some((Verdict::Inconclusive, words))
        }
    }
}

/// A failing verdict has its own reason, which stands first.
fn joined(verdict: Verdict, checks: &str, why: &str) -> String {
    if verdict == Verdict::Failing { format!("{why}; {checks}") } else { format!("{checks}; {why}") }
}

/// `health check smoke (critical) fails and 2 more: status 503, wanted 200`.
fn failing(fails: &[&Told]) -> String {
    let Some((first, rest)) = fails.split_first() else { return String::new() };
    format!("{} fails{}: {}", first.named(), others(rest.len()), first.reason())
}

fn others(count: usize) -> String {
    if count == 0 { String::new() } else { format!(", and {count} more") }
}

/// `3 of 4 health checks pass, 1 is not known`. None of them fails.
fn passing(checks: &[Told]) -> String {
    let unknown = checks.iter().filter(|check| check.result() == CheckResult::Unknown).count();
    let pass = checks.len() - unknown;
    match (checks, unknown) {
        ([only], 0) => format!("{} passes", only.named()),
        (_, 0) => format!("all {pass} health checks pass"),
        (_, 1) => format!("{pass} of {} health checks pass, 1 is not known", checks.len()),
        (_, unknown) => format!("{pass} of {} health checks pass, {unknown} are not known", checks.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::health::{Outcome, Target};

    fn check(id: &str, result: CheckResult, critical: bool) -> Told {
        let probe = Probe::Command { argv: vec!["./smoke".into()], timeout: None };
        let check = HealthCheck {
            id: id.into(),
            title: id.into(),
            probe,
            environments: Vec::new(),
            interval: crate::domain::health::INTERVAL,
            critical,
            data: false,
        };
        let target = Target {
            service: "checkout".into(),
            check: id.into(),
            environment: "production".into(),
            region: None,
            version: None,
        };
        let told = Told::new(&check, &target);
        let outcome = |passes| Outcome { passes, found: "status 503".into(), milliseconds: 3 };
        match result {
            CheckResult::Unknown => told.because(Some("no route".into())),
            known => told.found(known, &outcome(known == CheckResult::Passes), DateTime::UNIX_EPOCH),
        }
    }

    #[test]
    fn what_a_check_takes_away_from_a_verdict() {
        use CheckResult::{Fails, Passes, Unknown};
        use Verdict::{Failing, Healthy, Inconclusive, Marginal};
        for (verdict, checks, expected, said) in [
            (Healthy, &[][..], Healthy, "WHY"),
            (Healthy, &[(Passes, true)][..], Healthy, "WHY; health check c0 (critical) passes"),
            (
                Healthy,
                &[(Passes, true), (Unknown, false)][..],
                Healthy,
                "WHY; 1 of 2 health checks pass, 1 is not known",
            ),
            (
                Healthy,
                &[(Passes, false), (Fails, true)][..],
                Failing,
                "health check c1 (critical) fails: status 503; WHY",
            ),
            (
                Failing,
                &[(Fails, true), (Fails, true)][..],
                Failing,
                "WHY; health check c0 (critical) fails, and 1 more: status 503",
            ),
            (
                Inconclusive,
                &[(Fails, true)][..],
                Failing,
                "health check c0 (critical) fails: status 503; WHY",
            ),
            (
                Healthy,
                &[(Unknown, true)][..],
                Inconclusive,
                "WHY; health check c0 (critical) is not known: no route",
            ),
            (Healthy, &[(Fails, false)][..], Marginal, "health check c0 fails: status 503; WHY"),
            (
                Healthy,
                &[(Fails, false), (Unknown, true)][..],
                Inconclusive,
                "WHY; health check c0 fails: status 503; health check c1 (critical) is not known: no route",
            ),
            (Inconclusive, &[(Fails, false)][..], Inconclusive, "WHY; health check c0 fails: status 503"),
            (
                Marginal,
                &[(Unknown, true)][..],
                Marginal,
                "WHY; health check c0 (critical) is not known: no route",
            ),
            (Failing, &[(Passes, true)][..], Failing, "WHY"),
        ] {
            let checks: Vec<Told> = checks
                .iter()
                .enumerate()
                .map(|(index, (result, critical))| check(&format!("c{index}"), *result, *critical))
                .collect();
            assert_eq!(weigh(verdict, "WHY".into(), &checks), (expected, said.to_owned()));
        }
    }

    fn results() -> impl Strategy<Value = Vec<(CheckResult, bool)>> {
        let result =
            prop_oneof![Just(CheckResult::Passes), Just(CheckResult::Fails), Just(CheckResult::Unknown)];
        prop::collection::vec((result, any::<bool>()), 0..6)
    }

    proptest! {
        /// Checks never make a verdict better, and what is critical and does not pass is never healthy.
        #[test]
        fn checks_only_ever_take_away(
            results in results(),
            verdict in prop_oneof![
                Just(Verdict::Healthy), Just(Verdict::Inconclusive), Just(Verdict::Marginal), Just(Verdict::Failing)
            ],
        ) {
            let checks: Vec<Told> =
                results.iter().map(|(result, critical)| check("c", *result, *critical)).collect();
            let (weighed, why) = weigh(verdict, "WHY".into(), &checks);
            let rank = |verdict| [Verdict::Healthy, Verdict::Inconclusive, Verdict::Marginal, Verdict::Failing]
                .iter().position(|known| *known == verdict);
            prop_assert!(rank(weighed) >= rank(verdict));
            prop_assert!(why.contains("WHY"));
            let is_open = results.iter().any(|(result, critical)| *critical && *result != CheckResult::Passes);
            let fails = results.iter().any(|(result, _)| *result == CheckResult::Fails);
            prop_assert!(weighed != Verdict::Healthy || (!is_open && !fails));
            let fatal = results.contains(&(CheckResult::Fails, true));
            prop_assert!(!fatal || weighed == Verdict::Failing);
        }
    }
}
