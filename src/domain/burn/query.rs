//! What an objective's queries can be asked.

use super::Part;
use crate::domain::service::Slo;
use crate::domain::{Question, Workspace, template};

/// Whether a query with `{{version}}` compares it by `=`, where all versions at once cannot be
/// asked for.
pub fn compares_version_by_equality(query: &str) -> bool {
    let plain: String = query.chars().filter(|character| !character.is_whitespace()).collect();
    ["=\"{{version}}\"", "='{{version}}'", "=`{{version}}`"].iter().any(|found| plain.contains(found))
}

/// Whether an objective can tell versions apart.
pub fn tells_versions_apart(slo: &Slo) -> bool {
    both(slo, |query| template::names(query).contains(&"version"))
}

/// Whether an objective is asked for an environment at a time.
pub fn asks_for_environment(slo: &Slo) -> bool {
    let asks =
        |query: &str| template::names(query).iter().any(|name| ["environment", "region"].contains(name));
    asks(&slo.errors) || asks(&slo.total)
}

/// Where an objective is asked for, where its queries want to know: where a release goes last.
pub fn place(workspace: &Workspace, slo: &Slo) -> Option<String> {
    let last = workspace.environments.last().filter(|_| asks_for_environment(slo));
    last.map(|environment| environment.id.clone())
}

/// The questions for all windows of a service's objective.
pub fn questions(service: &str, environment: Option<&str>) -> [Question; 3] {
    Part::ALL.map(|part| Question::Burn {
        service: service.to_owned(),
        environment: environment.map(str::to_owned),
        version: None,
        part,
    })
}

fn both(slo: &Slo, holds: impl Fn(&str) -> bool) -> bool {
    holds(&slo.errors) && holds(&slo.total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_with_the_version_is_noticed() {
        assert!(compares_version_by_equality("x{v = \"{{ version }}\"}"));
        assert!(!compares_version_by_equality("x{v=~\"{{version}}\"}"));
        assert!(!compares_version_by_equality("x{v=\"1\"}"));
    }

    #[test]
    fn both_queries_must_tell_versions_apart_and_one_is_enough_to_ask_for_a_place() {
        let slo = |errors: &str, total: &str| Slo {
            objective: 99.9,
            window_days: 30.0,
            errors: errors.to_owned(),
            total: total.to_owned(),
        };
        assert!(tells_versions_apart(&slo("a{{version}}", "b{{ version }}")));
        assert!(!tells_versions_apart(&slo("a{{version}}", "b")));
        assert!(asks_for_environment(&slo("a", "b{{region}}")) && !asks_for_environment(&slo("a", "b")));
    }
}
