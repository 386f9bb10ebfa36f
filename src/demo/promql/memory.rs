//! A source that holds its samples.

use super::Labels;
use super::selector::{Matching, Sample, Series, Source};

/// Series with their samples, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Each label set once.
    pub series: Vec<(Labels, Vec<Sample>)>,
}

struct Held<'a>(&'a Labels, &'a [Sample]);

impl Series for Held<'_> {
    fn labels(&self) -> &Labels {
        self.0
    }

    fn read(&self, from: i64, to: i64, out: &mut Vec<Sample>) {
        let first = self.1.partition_point(|sample| sample.0 < from);
        let end = self.1.partition_point(|sample| sample.0 <= to);
        out.extend_from_slice(&self.1[first..end.max(first)]);
    }
}

impl Source for Memory {
    fn select<'a>(&'a self, matching: &Matching, _from: i64, _to: i64) -> Vec<Box<dyn Series + 'a>> {
        let found = self.series.iter().filter(|(labels, _)| matching.accepts(labels));
        found.map(|(labels, samples)| Box::new(Held(labels, samples)) as Box<dyn Series + 'a>).collect()
    }
}
