//! The company's metrics: every series is a function of the story and of time, so that any query over
//! weeks is answered without a sample being stored.

mod catalog;
mod traffic;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub(super) use catalog::help;
use traffic::Traffic;

use super::promql::{Ends, Labels, Matching, Sample, Series, Source, stale};
use super::story::Story;

/// Between two samples of a series, in milliseconds: the scrape interval.
pub(super) const SCRAPE: i64 = 5_000;

/// How a series' value comes about.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// A count of events: whole numbers that only rise.
    Events,
    /// A count of rare events: whole numbers that rise unevenly.
    RareEvents,
    /// A sum that only rises.
    Sum,
    /// The piece's weight itself.
    Gauge,
}

/// A stretch of a series in which its weight does not change.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// From when on, in milliseconds.
    from: i64,
    /// Requests of the place up to then.
    requests: f64,
    /// The series' value at that moment.
    before: f64,
    /// Its share of the place's requests, or its value.
    weight: f64,
}

/// A series: its labels and how its value comes about.
#[derive(Debug)]
struct Line {
    labels: Labels,
    kind: Kind,
    traffic: usize,
    /// When in the scrape interval it is scraped, in milliseconds.
    offset: i64,
    pieces: Vec<Piece>,
    /// When it ends, in milliseconds; far away where it goes on.
    end: i64,
    /// Makes the unevenness of rare events its own.
    phase: f64,
}

/// All series of the story.
#[derive(Debug)]
pub(super) struct Metrics {
    traffics: Vec<Traffic>,
    lines: HashMap<&'static str, Vec<Line>>,
}

/// The metrics as they are at a moment; what is later has not been scraped yet.
pub(super) struct Scraped<'a> {
    /// The series.
    pub(super) metrics: &'a Metrics,
    /// In milliseconds.
    pub(super) now: i64,
}

type Curves = Rc<RefCell<HashMap<(usize, i64, i64), Rc<Vec<f64>>>>>;

struct Read<'a> {
    metrics: &'a Metrics,
    line: &'a Line,
    now: i64,
    curves: Curves,
}

impl Metrics {
    /// Makes every series of the story.
    pub(super) fn new(story: &Story) -> Self {
        catalog::build(story)
    }

    /// The names of all metrics, sorted.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.lines.keys().copied().collect();
        names.sort_unstable();
        names
    }
}

impl Source for Scraped<'_> {
    fn select<'a>(&'a self, matching: &Matching, from: i64, to: i64) -> Vec<Box<dyn Series + 'a>> {
        let curves: Curves = Rc::default();
        let mut found: Vec<Box<dyn Series + 'a>> = Vec::new();
        for name in self.metrics.names() {
            if !matching.may_have("__name__", name) {
                continue;
            }
            for line in &self.metrics.lines[name] {
                let begins = line.pieces.first().map_or(i64::MAX, |piece| piece.from);
                if begins <= to.min(self.now) && line.end + SCRAPE >= from && matching.accepts(&line.labels) {
                    let curves = Rc::clone(&curves);
                    found.push(Box::new(Read { metrics: self.metrics, line, now: self.now, curves }));
                }
            }
        }
        found
    }
}

impl Read<'_> {
    /// The first and last scrape within a closed range, as numbers; with the one that sees the end.
    fn scrapes(&self, from: i64, to: i64) -> (i64, i64) {
        let begins = self.line.pieces.first().map_or(i64::MAX, |piece| piece.from);
        let from = from.max(begins);
        let to = to.min(self.now).min(self.line.end.saturating_add(SCRAPE - 1));
        let first = (from - self.line.offset).div_euclid(SCRAPE)
            + i64::from((from - self.line.offset).rem_euclid(SCRAPE) != 0);
        (first, (to - self.line.offset).div_euclid(SCRAPE))
    }

    fn value(&self, time: i64, piece: &Piece, requests: f64) -> f64 {
        if time >= self.line.end {
            return stale();
        }
        let count = piece.before + piece.weight * (requests - piece.requests);
        match self.line.kind {
            Kind::Gauge => piece.weight,
            Kind::Sum => count,
            Kind::Events => count.floor(),
            // The slope of this stays above zero, so the counter never falls.
            Kind::RareEvents => {
                let uneven =
                    0.5 * (count + self.line.phase).sin() + 0.2 * (2.3 * count + self.line.phase).sin();
                (count + uneven + 0.7).floor().max(0.0)
            }
        }
    }

    fn piece(&self, time: i64) -> usize {
        self.line.pieces.partition_point(|piece| piece.from <= time).max(1) - 1
    }
}

impl Series for Read<'_> {
    fn labels(&self) -> &Labels {
        &self.line.labels
    }

    fn read(&self, from: i64, to: i64, out: &mut Vec<Sample>) {
        let (first, last) = self.scrapes(from, to);
        if last < first {
            return;
        }
        let curve = (self.line.kind != Kind::Gauge).then(|| self.curve(first, last));
        let mut piece = self.piece(first * SCRAPE + self.line.offset);
        out.reserve((last - first + 1) as usize);
        for scrape in first..=last {
            let time = scrape * SCRAPE + self.line.offset;
            while self.line.pieces.get(piece + 1).is_some_and(|next| next.from <= time) {
                piece += 1;
            }
            let requests = curve.as_ref().map_or(0.0, |curve| curve[(scrape - first) as usize]);
            out.push((time, self.value(time, &self.line.pieces[piece], requests)));
        }
    }

    fn latest(&self, from: i64, to: i64) -> Option<Sample> {
        let (first, last) = self.scrapes(from, to);
        if last < first {
            return None;
        }
        let time = last * SCRAPE + self.line.offset;
        let requests = match self.line.kind {
            Kind::Gauge => 0.0,
            _ => self.metrics.traffics[self.line.traffic].requests(time),
        };
        Some((time, self.value(time, &self.line.pieces[self.piece(time)], requests)))
    }

    fn ends(&self, from: i64, to: i64) -> Option<Ends> {
        if self.line.kind == Kind::Gauge {
            return None;
        }
        let (first, mut last) = self.scrapes(from, to);
        let time = |scrape: i64| scrape * SCRAPE + self.line.offset;
        while last >= first && time(last) >= self.line.end {
            last -= 1;
        }
        if last < first {
            return None;
        }
        let sample = |scrape: i64| {
            let time = time(scrape);
            let requests = self.metrics.traffics[self.line.traffic].requests(time);
            (time, self.value(time, &self.line.pieces[self.piece(time)], requests))
        };
        let count = usize::try_from(last - first + 1).ok()?;
        Some(Ends { first: sample(first), last: sample(last), count })
    }
}

impl Read<'_> {
    /// The place's requests at each scrape: the same for all of its series, so computed once a query.
    fn curve(&self, first: i64, last: i64) -> Rc<Vec<f64>> {
        let key = (self.line.traffic, first, last);
        let mut curves = self.curves.borrow_mut();
        let curve = curves.entry(key).or_insert_with(|| {
            let traffic = &self.metrics.traffics[self.line.traffic];
            let times = (first..=last).map(|scrape| scrape * SCRAPE + self.line.offset);
            Rc::new(times.map(|time| traffic.requests(time)).collect())
        });
        Rc::clone(curve)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::demo::promql::{self, Answer};

    /// A series that must be read sample by sample.
    struct Plain<'a>(Box<dyn Series + 'a>);

    impl Series for Plain<'_> {
        fn labels(&self) -> &Labels {
            self.0.labels()
        }
        fn read(&self, from: i64, to: i64, out: &mut Vec<Sample>) {
            self.0.read(from, to, out);
        }
    }

    struct Unhurried<'a>(Scraped<'a>);

    impl Source for Unhurried<'_> {
        fn select<'a>(&'a self, matching: &Matching, from: i64, to: i64) -> Vec<Box<dyn Series + 'a>> {
            let found = self.0.select(matching, from, to).into_iter();
            found.map(|series| Box::new(Plain(series)) as Box<dyn Series + 'a>).collect()
        }
    }

    #[test]
    fn a_rise_told_from_its_ends_is_the_rise_of_all_its_samples() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let story = Story::new(now, 1.0, 7);
        let metrics = Metrics::new(&story);
        let scraped = || Scraped { metrics: &metrics, now: now.timestamp_millis() };
        // The versions of one place are read by one curve, so each is asked alone.
        let versions = &story.history("checkout").unwrap().versions;
        let asked = ["5m", "2h", "6d"].into_iter().flat_map(|window| {
            versions[versions.len() - 2..].iter().map(move |version| (window, &version.number))
        });
        for (window, version) in asked {
            let place =
                format!("service=\"checkout\",env=\"production\",region=\"eu\",version=\"{version}\"");
            let query = format!("rate(http_requests_total{{{place}}}[{window}])");
            let query = promql::parse(&query).unwrap();
            let answer = |source: &dyn Source| promql::instant(source, &query, now.timestamp_millis());
            let Answer::Vector(quick) = answer(&scraped()).unwrap() else { panic!("no vector") };
            let Answer::Vector(whole) = answer(&Unhurried(scraped())).unwrap() else { panic!("no vector") };
            assert!(quick.len() == 4 && quick.len() == whole.len(), "{window}");
            for (quick, whole) in quick.iter().zip(&whole) {
                assert_eq!(quick.0, whole.0);
                assert!((quick.1 - whole.1).abs() <= 1e-9 * whole.1.abs(), "{window}: {quick:?} {whole:?}");
            }
        }
    }
}
