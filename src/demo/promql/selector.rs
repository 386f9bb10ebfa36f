//! Where samples come from, and how a selector reads them.

use promql_parser::label::Matcher;
use promql_parser::parser::{AtModifier, Offset, VectorSelector};

use super::evaluate::Context;
use super::labels::NAME;
use super::{Column, Labels, QueryError};

/// How long a sample stands for its series when no newer one comes, in milliseconds.
pub(super) const LOOKBACK: i64 = 300_000;

/// Steps closer than this, in milliseconds, are answered from one dense read.
const DENSE_STEP: i64 = 60_000;

/// A sample: milliseconds since the epoch, and the value.
pub type Sample = (i64, f64);

/// One series of a source.
pub trait Series {
    /// Its labels, the metric's name among them.
    fn labels(&self) -> &Labels;
    /// Appends its samples in the closed range of milliseconds, oldest first.
    fn read(&self, from: i64, to: i64, out: &mut Vec<Sample>);
    /// The newest sample in the closed range.
    fn latest(&self, from: i64, to: i64) -> Option<Sample> {
        let mut samples = Vec::new();
        self.read(from, to, &mut samples);
        samples.pop()
    }
    /// The ends of its samples in the closed range, where it is a counter that never falls and is
    /// scraped evenly, so that a rise over weeks can be told without reading them; else `None`.
    fn ends(&self, _from: i64, _to: i64) -> Option<Ends> {
        None
    }
}

/// What is enough to tell a counter's rise from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// The first sample.
    pub first: Sample,
    /// The last sample.
    pub last: Sample,
    /// How many there are.
    pub count: usize,
}

/// Where samples come from.
pub trait Source {
    /// The series that match and may have samples in the closed range of milliseconds.
    fn select<'a>(&'a self, matching: &Matching, from: i64, to: i64) -> Vec<Box<dyn Series + 'a>>;
}

/// The matchers of a selector, the metric's name among them.
#[derive(Debug, Clone)]
pub struct Matching(Vec<Matcher>);

impl Matching {
    /// Whether these labels match.
    pub fn accepts(&self, labels: &Labels) -> bool {
        self.0.iter().all(|matcher| matcher.is_match(labels.get(&matcher.name)))
    }

    /// Whether a label may have this value, as far as its own matchers say.
    pub fn may_have(&self, name: &str, value: &str) -> bool {
        self.0.iter().filter(|matcher| matcher.name == name).all(|matcher| matcher.is_match(value))
    }
}

/// The mark that a series has ended: a NaN with bits of its own, as in Prometheus.
pub fn stale() -> f64 {
    f64::from_bits(0x7ff0_0000_0000_0002)
}

/// Whether a value is that mark.
pub(super) fn is_stale(value: f64) -> bool {
    value.to_bits() == 0x7ff0_0000_0000_0002
}

/// The matchers of a selector.
pub fn matching(selector: &VectorSelector) -> Result<Matching, QueryError> {
    if !selector.matchers.or_matchers.is_empty() {
        return Err(QueryError::BadData("parse error: unexpected \"or\" in label matching".to_owned()));
    }
    let mut matchers = selector.matchers.matchers.clone();
    if let Some(name) = &selector.name {
        matchers.push(Matcher::new(promql_parser::label::MatchOp::Equal, NAME, name));
    }
    Ok(Matching(matchers))
}

/// For each step the time a selector looks at, in milliseconds.
pub(super) fn moments(
    context: &Context<'_>,
    at: Option<&AtModifier>,
    offset: Option<&Offset>,
) -> Result<Vec<i64>, QueryError> {
    let shift = match offset {
        None => 0,
        Some(Offset::Pos(duration)) => milliseconds(*duration)?,
        Some(Offset::Neg(duration)) => -milliseconds(*duration)?,
    };
    let fixed = match at {
        None => None,
        Some(AtModifier::Start) => Some(context.asked.from),
        Some(AtModifier::End) => Some(context.asked.to),
        Some(AtModifier::At(time)) => Some(match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => milliseconds(after)?,
            Err(before) => -milliseconds(before.duration())?,
        }),
    };
    Ok(context.grid.times().map(|time| fixed.unwrap_or(time) - shift).collect())
}

/// A duration in milliseconds.
pub(super) fn milliseconds(duration: std::time::Duration) -> Result<i64, QueryError> {
    i64::try_from(duration.as_millis())
        .ok()
        .filter(|milliseconds| *milliseconds < i64::MAX / 8)
        .ok_or_else(|| QueryError::BadData("parse error: duration out of range".to_owned()))
}

/// A series, and the sample that stands for it at each step.
type Found = (Labels, Vec<Option<Sample>>);

/// An instant vector a step, with the times of its samples.
pub(super) fn instant(context: &Context<'_>, selector: &VectorSelector) -> Result<Vec<Found>, QueryError> {
    let moments = moments(context, selector.at.as_ref(), selector.offset.as_ref())?;
    let (Some(first), Some(last)) = (moments.iter().min(), moments.iter().max()) else {
        return Ok(Vec::new());
    };
    let (from, to) = (first - LOOKBACK, *last);
    let dense = context.grid.step <= DENSE_STEP && moments.len() > 1;
    let mut found = Vec::new();
    let mut samples = Vec::new();
    for series in context.source.select(&matching(selector)?, from, to) {
        let mut points = Vec::with_capacity(moments.len());
        if dense {
            samples.clear();
            series.read(from, to, &mut samples);
            let mut next = 0;
            for &moment in &moments {
                while next < samples.len() && samples[next].0 <= moment {
                    next += 1;
                }
                let sample = next.checked_sub(1).map(|index| samples[index]);
                points.push(sample.filter(|sample| sample.0 >= moment - LOOKBACK));
            }
        } else {
            points.extend(moments.iter().map(|&moment| series.latest(moment - LOOKBACK, moment)));
        }
        for point in &mut points {
            *point = point.filter(|sample| !is_stale(sample.1));
        }
        context.spend(points.len())?;
        if points.iter().any(Option::is_some) {
            found.push((series.labels().clone(), points));
        }
    }
    Ok(found)
}

/// The values of an instant vector.
pub(super) fn columns(context: &Context<'_>, selector: &VectorSelector) -> Result<Vec<Column>, QueryError> {
    let found = instant(context, selector)?;
    Ok(found
        .into_iter()
        .map(|(labels, points)| {
            let points = points.into_iter().map(|point| point.map(|sample| sample.1)).collect();
            Column { labels, points }
        })
        .collect())
}
