//! Labels, as Prometheus and Alertmanager share them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::Safe;
use crate::domain::question::{Alert, AlertState};

/// Labels by name.
pub type Labels = BTreeMap<String, String>;

/// No labels at all.
pub fn none() -> Labels {
    Labels::new()
}

/// A label's value; an empty one is as good as none, as in Prometheus.
pub fn value<'a>(labels: &'a Labels, name: &str) -> Option<&'a str> {
    labels.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// An alert from what both say of one.
pub fn alert(labels: Labels, annotations: &Labels, state: AlertState, since: DateTime<Utc>) -> Alert {
    let summary = ["summary", "description", "message"].iter().find_map(|name| value(annotations, name));
    Alert {
        name: Safe::new(value(&labels, "alertname").unwrap_or("(unnamed alert)")),
        summary: Safe::new(summary.unwrap_or_default()),
        labels: labels.iter().map(|(name, value)| (Safe::new(name), Safe::new(value))).collect(),
        state,
        since,
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    }
}
