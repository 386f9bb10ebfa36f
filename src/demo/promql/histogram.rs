//! `histogram_quantile` of classic histograms.

use std::collections::HashMap;

use super::labels::NAME;
use super::{Column, Labels};

/// The φ-quantile of every histogram, a step at a time; `shares` has one φ a step.
pub(super) fn quantile(shares: &[f64], columns: &[Column]) -> Vec<Column> {
    let ignored = [NAME.to_owned(), "le".to_owned()];
    let mut order: Vec<Labels> = Vec::new();
    let mut groups: HashMap<Labels, Vec<(f64, &Column)>> = HashMap::new();
    for column in columns {
        let Some(bound) = bound(column.labels.get("le")) else { continue };
        let labels = column.labels.except(&ignored);
        let group = groups.entry(labels.clone()).or_insert_with(|| {
            order.push(labels);
            Vec::new()
        });
        group.push((bound, column));
    }
    order
        .into_iter()
        .map(|labels| {
            let mut group = groups.remove(&labels).unwrap_or_default();
            group.sort_by(|left, right| left.0.total_cmp(&right.0));
            let points = shares.iter().enumerate().map(|(step, share)| {
                let buckets = group.iter().filter_map(|(bound, column)| Some((*bound, column.points[step]?)));
                let buckets: Vec<(f64, f64)> = buckets.collect();
                (!buckets.is_empty()).then(|| of_buckets(*share, buckets))
            });
            Column { labels, points: points.collect() }
        })
        .collect()
}

fn bound(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// The φ-quantile of cumulative buckets, sorted by their upper bounds.
fn of_buckets(share: f64, sorted: Vec<(f64, f64)>) -> f64 {
    if share.is_nan() {
        return f64::NAN;
    }
    if share < 0.0 {
        return f64::NEG_INFINITY;
    }
    if share > 1.0 {
        return f64::INFINITY;
    }
    let mut buckets: Vec<(f64, f64)> = Vec::with_capacity(sorted.len());
    for (bound, count) in sorted {
        match buckets.last_mut() {
            #[expect(clippy::float_cmp, reason = "the same bound, written in two ways")]
            Some(last) if last.0 == bound => last.1 += count,
            _ => buckets.push((bound, count)),
        }
    }
    let mut most = f64::NEG_INFINITY;
    for bucket in &mut buckets {
        // Buckets scraped at different moments may shrink; they are held up instead.
        most = most.max(bucket.1);
        bucket.1 = most;
    }
    let Some(last) = buckets.last().copied() else { return f64::NAN };
    if last.0 != f64::INFINITY || buckets.len() < 2 || last.1 == 0.0 || last.1.is_nan() {
        return f64::NAN;
    }
    let mut rank = share * last.1;
    let finite = buckets.len() - 1;
    let index = buckets[..finite].partition_point(|bucket| bucket.1 < rank);
    if index == finite {
        return buckets[finite - 1].0;
    }
    if index == 0 && buckets[0].0 <= 0.0 {
        return buckets[0].0;
    }
    let (end, mut count) = buckets[index];
    let mut start = 0.0;
    if index > 0 {
        start = buckets[index - 1].0;
        count -= buckets[index - 1].1;
        rank -= buckets[index - 1].1;
    }
    start + (end - start) * (rank / count)
}
