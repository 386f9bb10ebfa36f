//! A step's check, filled in for its release, and what an answer to it means.

use std::collections::BTreeMap;

use super::{Anchor, stage_at_zero};
use crate::domain::Release;
use crate::domain::condition::Condition;
use crate::domain::question::Checked;
use crate::domain::template::{Escape, UnknownTemplate, fill};
use crate::domain::{Safe, format};

/// The templates that a check may hold.
pub const TEMPLATES: &[&str] = &["environment", "region", "release", "service", "version"];

/// What the templates of a check stand for: the release, its first item, and where it is at T-0.
/// What the release does not say is not there, and a check that wants it cannot be asked.
pub fn values(release: &Release) -> BTreeMap<&'static str, String> {
    let mut values = BTreeMap::from([("release", release.id.clone())]);
    if let Some(item) = release.items.first() {
        values.insert("service", item.service.clone());
        values.insert("version", item.version.clone());
    }
    let stage = match release.show.anchor {
        Anchor::Instant(_) => release.stages.iter().min_by_key(|stage| stage.start),
        _ => stage_at_zero(release),
    };
    if let Some(stage) = stage {
        values.insert("environment", stage.environment.clone());
        values.extend(stage.region.clone().map(|region| ("region", region)));
    }
    values
}

/// A check's query with its templates filled in.
pub fn query(release: &Release, query: &str) -> Result<String, UnknownTemplate> {
    fill(query, &values(release), Escape::PromQl)
}

/// A check's command with its templates filled in, argument by argument.
pub fn command(release: &Release, argv: &[String]) -> Result<Vec<String>, UnknownTemplate> {
    let values = values(release);
    argv.iter().map(|argument| fill(argument, &values, Escape::None)).collect()
}

/// What the values of a query's series mean; `None`: nothing (no series, or what is not a number),
/// which is not a yes.
pub fn judge(values: &[f64], until: Condition) -> Option<Checked> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    // What speaks against it is what people want to see.
    let against = values.iter().find(|value| !until.holds(**value));
    let shown = format::number(*against.or(values.first())?);
    let series = if values.len() > 1 { format!(" of {} series", values.len()) } else { String::new() };
    Some(Checked { holds: against.is_none(), found: Safe::new(format!("{shown}{series}, wanted {until}")) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    #[test]
    fn every_series_must_meet_the_condition_and_none_is_no_yes() {
        let until = Condition::parse("< 0.01").unwrap();
        let said =
            |values: &[f64]| judge(values, until).map(|checked| (checked.holds, checked.found.to_string()));
        assert_eq!(said(&[0.002]), Some((true, "0.002, wanted < 0.01".to_owned())));
        assert_eq!(said(&[0.002, 0.5, 0.001]), Some((false, "0.5 of 3 series, wanted < 0.01".to_owned())));
        for unknown in [&[][..], &[f64::NAN], &[0.002, f64::INFINITY]] {
            assert_eq!(said(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn a_check_is_filled_in_for_its_release() {
        let mut release = samples::release("checkout-4.2", &[("checkout", "4.2.0")], vec![]);
        let argv = ["./smoke", "{{service}}@{{version}}", "{{environment}}"].map(str::to_owned);
        assert!(command(&release, &argv).unwrap_err().to_string().contains("environment"));
        release.stages = vec![samples::stage("production", "2026-11-25T14:00:00Z", "2026-11-25T16:00:00Z")];
        assert_eq!(command(&release, &argv).unwrap(), ["./smoke", "checkout@4.2.0", "production"]);
        let hostile = samples::release("r", &[("a\"} or vector(1)", "1")], vec![]);
        assert_eq!(query(&hostile, r#"x{s="{{service}}"}"#).unwrap(), r#"x{s="a\x22} or vector(1)"}"#);
    }
}
