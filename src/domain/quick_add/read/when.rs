//! Days, times and zones.

use chrono::NaiveDate;

use super::{End, Reader, Start};
use crate::domain::Safe;
use crate::domain::mistaken;
use crate::domain::moment::parse_span;
use crate::domain::quick_add::clock;
use crate::domain::quick_add::vocabulary::{Meaning, Vocabulary};
use crate::domain::when::parse_day;
use std::ops::Range;

impl Reader<'_> {
    /// Days, times, lengths and zones: how many words they take.
    pub(super) fn when(&mut self) -> Option<usize> {
        let word = self.peek(0)?;
        if let Some((start, end)) = clock::range(word) {
            let span = self.span(1);
            self.times(Start::Clock(start), Some(End::Clock(end)), span);
            return Some(1);
        }
        if let Some(why) = mistaken::range(word).or_else(|| mistaken::clock(word)) {
            let span = self.span(1);
            self.mistimed(span, why);
            return Some(1);
        }
        if let Some(start) = clock::time(word) {
            let joined = self.peek(1).is_some_and(|word| ["-", "–", "to", "until", "till"].contains(&word));
            let end = self.peek(2).filter(|_| joined).and_then(clock::hour_or_time);
            let count = if end.is_some() { 3 } else { 1 };
            let span = self.span(count);
            self.times(Start::Clock(start), end.map(End::Clock), span);
            return Some(count);
        }
        // `production/eu` is no zone.
        let is_place = word.split('/').next().is_some_and(|area| {
            matches!(Vocabulary::new(self.workspace, None).meaning(area), Ok(Meaning::Environment(_)))
        });
        if let Some(zone) = clock::zone(word).filter(|_| !is_place) {
            let span = self.span(1);
            match zone {
                Ok(zone) => self.manner().zone = Some((zone, span)),
                Err(message) => self.mistake(span, message),
            }
            return Some(1);
        }
        if let Some(text) = word.strip_prefix('+') {
            let span = self.span(1);
            let ahead = parse_span(text).ok().and_then(|by| Some((by, self.now.checked_add_signed(by)?)));
            match ahead {
                Some((by, _)) if by.num_seconds() % 86_400 == 0 => {
                    self.manner().day = Some((word.to_owned(), span));
                }
                Some((_, at)) => self.times(Start::Instant(at), None, span),
                None => {
                    self.mistake(
                        span,
                        format!("`{}` is no time from now: write +3d or +2h", Safe::new(word)),
                    );
                }
            }
            return Some(1);
        }
        self.day()
    }

    fn day(&mut self) -> Option<usize> {
        let today = self.now.date_naive();
        self.real_day(today).or_else(|| {
            (1..=3_usize).rev().find_map(|count| {
                let words: Vec<&str> = (0..count).map(|ahead| self.peek(ahead)).collect::<Option<_>>()?;
                let why = mistaken::day(words.join(" ").trim_end_matches(','), today)?;
                let span = self.span(count);
                self.mistimed(span, why);
                Some(count)
            })
        })
    }

    fn real_day(&mut self, today: NaiveDate) -> Option<usize> {
        (1..=3_usize).rev().find_map(|count| {
            let words: Vec<&str> = (0..count).map(|ahead| self.peek(ahead)).collect::<Option<_>>()?;
            let text = words.join(" ");
            let text = text.trim_end_matches(',');
            // `4.2` is a version, `25.11.` a date.
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b' ');
            if is_number && !(count == 1 && (text.ends_with('.') || text.matches('.').count() == 2)) {
                return None;
            }
            parse_day(text, today)?;
            let span = self.span(count);
            self.manner().day = Some((text.to_owned(), span));
            Some(count)
        })
    }

    fn times(&mut self, start: Start, end: Option<End>, span: Range<usize>) {
        if self.manner().start.is_some() {
            let message = "a second time for the same stages: name the environment before each, staging 10-11 production 14-16";
            return self.mistake(span, message);
        }
        let manner = self.manner();
        manner.start = Some((start, span.clone()));
        if let Some(end) = end {
            manner.end = Some((end, span));
        }
    }
}
