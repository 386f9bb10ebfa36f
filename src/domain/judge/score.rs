//! From metrics to one number: groups, weights, and what has no data.

use std::collections::BTreeMap;

use super::{Finding, Metric, Outcome};

/// A group of metrics: how many were judged, how many passed, its weight where it states one.
#[derive(Debug, Default, Clone, Copy)]
struct Group {
    judged: usize,
    passed: usize,
    weight: Option<f64>,
}

impl Group {
    fn score(self) -> Option<f64> {
        (self.judged > 0).then(|| 100.0 * self.passed as f64 / self.judged as f64)
    }
}

/// Why weights cannot be used: what is wrong, in words.
pub fn check_weights(metrics: &[Metric]) -> Result<(), String> {
    let mut stated: BTreeMap<&str, f64> = BTreeMap::new();
    let mut alone = 0.0;
    for metric in metrics {
        let Some(weight) = metric.weight else { continue };
        if !(0.0..=100.0).contains(&weight) {
            return Err(format!("the weight of `{}` is {weight}: a percentage is accepted", metric.name));
        }
        let Some(group) = metric.group.as_deref() else {
            alone += weight;
            continue;
        };
        if let Some(other) = stated.insert(group, weight)
            && other != weight
        {
            return Err(format!("the group `{group}` has weights {other} and {weight}: state it once"));
        }
    }
    let total = alone + stated.values().sum::<f64>();
    if total > 100.0 + 1e-9 {
        return Err(format!("the weights add up to {total}: 100 at most"));
    }
    Ok(())
}

/// The hardened score: groups without data are left out and their weight is shared among the
/// rest in proportion. `None`: nothing was judged.
pub fn hardened(metrics: &[Metric], findings: &[Finding]) -> Option<f64> {
    let groups = groups(metrics, findings);
    let weights = weights(&groups);
    let scored = || groups.iter().zip(&weights).filter_map(|(group, weight)| Some((group.score()?, *weight)));
    let count = scored().count();
    if count == 0 {
        return None;
    }
    let total: f64 = scored().map(|(_, weight)| weight).sum();
    let score = if total > 0.0 {
        scored().map(|(score, weight)| score * weight).sum::<f64>() / total
    } else {
        // All that has a weight has no data: the rest counts alike.
        scored().map(|(score, _)| score).sum::<f64>() / count as f64
    };
    Some(rounded(score))
}

/// Kayenta's score: a group without data counts 100; a critical metric that does not pass, or
/// half of the metrics without data, makes it 0.
pub fn kayenta(metrics: &[Metric], findings: &[Finding]) -> f64 {
    let blind = findings.iter().filter(|finding| finding.outcome == Outcome::Nodata).count();
    let is_blind = findings.is_empty() || 2 * blind >= findings.len();
    if is_blind || findings.iter().any(|finding| finding.fails_alone) {
        return 0.0;
    }
    let groups = groups(metrics, findings);
    let weights = weights(&groups);
    let score =
        groups.iter().zip(weights).map(|(group, weight)| group.score().unwrap_or(100.0) * weight / 100.0);
    rounded(score.sum())
}

fn groups(metrics: &[Metric], findings: &[Finding]) -> Vec<Group> {
    let mut named: BTreeMap<&str, Group> = BTreeMap::new();
    let mut groups = Vec::new();
    for (metric, finding) in metrics.iter().zip(findings) {
        let mut alone = Group::default();
        let group = match metric.group.as_deref() {
            Some(name) => named.entry(name).or_default(),
            None => &mut alone,
        };
        group.judged += usize::from(finding.outcome.is_judged());
        group.passed += usize::from(finding.outcome == Outcome::Pass);
        group.weight = group.weight.or(metric.weight);
        if metric.group.is_none() {
            groups.push(alone);
        }
    }
    groups.extend(named.into_values());
    groups
}

/// In percent: groups that state none share what is left.
fn weights(groups: &[Group]) -> Vec<f64> {
    let stated: f64 = groups.iter().filter_map(|group| group.weight).sum();
    let silent = groups.iter().filter(|group| group.weight.is_none()).count();
    let share = (100.0 - stated).max(0.0) / silent.max(1) as f64;
    groups.iter().map(|group| group.weight.unwrap_or(share)).collect()
}

fn rounded(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}
