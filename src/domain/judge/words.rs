//! Every finding as a sentence.

use super::sequential::Seen;
use super::{Finding, Metric, Outcome};
use crate::domain::format;

/// A side has nothing.
pub(super) fn no_data(metric: &Metric, canary: usize, baseline: usize) -> String {
    let whose = match (canary, baseline) {
        (0, 0) => "neither side has",
        (0, _) => "the canary has",
        _ => "the baseline has",
    };
    let not = if canary == 0 && baseline == 0 { "samples" } else { "no samples" };
    format!("{}: {whose} {not}: not judged", metric.name)
}

/// Too few on a side.
pub(super) fn insufficient(metric: &Metric, finding: &Finding, floor: usize, confidence: f64) -> String {
    let (canary, baseline) = finding.n;
    let short = |n: u64| (floor as u64).saturating_sub(n);
    let missing = match (short(canary), short(baseline)) {
        (canary, 0) => format!("{canary} more of the canary"),
        (0, baseline) => format!("{baseline} more of the baseline"),
        (canary, baseline) => format!("{canary} more of the canary and {baseline} of the baseline"),
    };
    format!(
        "{}: {canary} against {baseline} samples cannot support {}, needs {missing}",
        metric.name,
        format::confidence(confidence),
    )
}

/// Samples, judged.
pub(super) fn samples(metric: &Metric, finding: &Finding) -> String {
    let (canary, baseline) = finding.n;
    let estimate = finding.estimate.unwrap_or(f64::NAN);
    let (low, high) = finding.interval.unwrap_or((f64::NAN, f64::NAN));
    let effect = finding.effect.map(|effect| format!(", effect {}", number(effect))).unwrap_or_default();
    format!(
        "{} {} [{}, {}] over baseline{effect}, {canary} against {baseline} samples: {}",
        metric.name,
        signed(estimate),
        number(low),
        number(high),
        ending(finding),
    )
}

/// Counts, judged.
pub(super) fn counts(metric: &Metric, finding: &Finding, seen: &Seen, alpha: f64) -> String {
    let name = &metric.name;
    if finding.outcome == Outcome::Nodata {
        return format!("{name}: no look has counts of both sides: not judged");
    }
    let side = |(events, trials): (f64, f64)| {
        format!("{} % of {}", format::number(100.0 * events / trials), number(trials))
    };
    let shares = format!("{} against {}", side(seen.canary), side(seen.baseline));
    let bar = number(1.0 / alpha);
    let ending = match (finding.outcome, finding.alarm_at_look) {
        (Outcome::Insufficient, _) => "too few to tell anything".to_owned(),
        (_, Some(look)) => format!("alarm at look {look}, fails"),
        _ => "passes".to_owned(),
    };
    format!("{name} {shares}, e = {} (alarm at {bar}): {ending}", number(seen.e_value))
}

fn ending(finding: &Finding) -> &'static str {
    match (finding.outcome, finding.fails_alone) {
        (Outcome::High | Outcome::Low, true) => "fails, and is critical",
        (Outcome::High | Outcome::Low, false) => "fails",
        _ => "passes",
    }
}

fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", number(value)) } else { number(value) }
}

/// Four significant digits, without trailing zeros.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-5..9).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let digits = (3 - magnitude).max(0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
