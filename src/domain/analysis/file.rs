//! The very numbers of a judgement as a file that `tminus judge` takes: argue with it.

use serde_json::{Value, json};

use super::Assessment;
use crate::domain::judge::effect::Effect;
use crate::domain::judge::samples::{NanStrategy, Outliers};
use crate::domain::judge::{Data, Metric};

/// The metrics that were compared, with their samples, in the shape of `tminus judge`.
pub fn document(assessment: &Assessment) -> Value {
    let compared = assessment.metrics.iter().filter_map(|metric| metric.compared.as_ref());
    json!({ "metrics": compared.map(|compared| metric(&compared.input)).collect::<Vec<_>>() })
}

fn metric(metric: &Metric) -> Value {
    let mut document = json!({
        "name": metric.name,
        "direction": metric.direction,
        "critical": metric.critical,
    });
    if let Some(group) = &metric.group {
        document["group"] = json!(group);
    }
    if let Some(weight) = metric.weight {
        document["weight"] = json!(weight);
    }
    match &metric.data {
        Data::Samples { canary, baseline, comparison } => {
            let effect = match comparison.effect {
                Effect::MeanRatio => "mean-ratio",
                Effect::Cles => "cles",
            };
            let nan = match comparison.nan {
                NanStrategy::Remove => "remove",
                NanStrategy::Replace => "replace",
            };
            let outliers = match comparison.outliers {
                Outliers::Keep => "keep",
                Outliers::Remove => "remove",
            };
            document["tolerance"] = json!(comparison.tolerance);
            document["confidence"] = json!(comparison.confidence);
            document["effect"] = json!(effect);
            document["allowed_increase"] = json!(comparison.allowed.increase);
            document["allowed_decrease"] = json!(comparison.allowed.decrease);
            document["critical_increase"] = json!(comparison.critical.increase);
            document["critical_decrease"] = json!(comparison.critical.decrease);
            document["nan"] = json!(nan);
            document["outliers"] = json!(outliers);
            document["baseline"] = json!(baseline);
            document["canary"] = json!(canary);
        }
        Data::Counts { looks, alpha } => {
            let side = |of: fn(&crate::domain::judge::Look) -> (f64, f64)| -> Vec<Value> {
                let pair = |look: &Option<crate::domain::judge::Look>| match look {
                    Some(look) => json!([of(look).0, of(look).1]),
                    None => Value::Null,
                };
                looks.iter().map(pair).collect()
            };
            document["alpha"] = json!(alpha);
            document["baseline"] = json!(side(|look| look.baseline));
            document["canary"] = json!(side(|look| look.canary));
        }
    }
    document
}
