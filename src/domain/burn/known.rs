//! What counts as known of the answers that came.

use super::{Readings, Recorded};
use crate::domain::question::Burned;

/// Readings of answers that count, and why others do not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    /// By window.
    pub readings: Readings,
    /// How much of the period there are numbers of; `None`: not told.
    pub recorded: Option<Recorded>,
    /// Why some are missing, the first reason.
    pub why: Option<String>,
}

impl Known {
    /// Takes an answer; one that is partial or came with warnings does not count.
    pub fn take(&mut self, burned: &Burned) {
        if let Some(warning) = burned.warnings.first() {
            return self.miss(format!("the answer came with a warning: {warning}"));
        }
        self.readings.extend(burned.readings.iter().map(|(window, rates)| (*window, *rates)));
        self.recorded = burned.recorded.or(self.recorded);
    }

    /// Notes why an answer is missing.
    pub fn miss(&mut self, why: impl Into<String>) {
        self.why.get_or_insert(why.into());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Rates, Window};
    use super::*;

    #[test]
    fn an_answer_with_a_warning_does_not_count() {
        let readings = Readings::from([(Window::Hour1, Rates { errors: Some(1.0), total: Some(10.0) })]);
        let mut known = Known::default();
        known.take(&Burned {
            readings: readings.clone(),
            warnings: vec!["a store is away".into()],
            recorded: None,
        });
        assert!(known.readings.is_empty());
        assert_eq!(known.why.as_deref(), Some("the answer came with a warning: a store is away"));
        known.take(&Burned { readings: readings.clone(), warnings: Vec::new(), recorded: None });
        assert_eq!(known.readings, readings);
    }
}
