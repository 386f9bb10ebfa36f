//! Words that say what follows them: `for 2h`, `until 16:00`, `soak 60m`, `steps 5,25,100`.

use chrono::TimeDelta;

use super::{CONNECTING, End, Reader};
use crate::domain::mistaken;
use crate::domain::moment::parse_span;
use crate::domain::quick_add::clock;

impl Reader<'_> {
    /// `for 2h`, `until 16:00`, `soak 60m`, `steps 5,25,100`.
    pub(super) fn keyword(&mut self) -> Option<usize> {
        let word = self.peek(0)?;
        match word.to_lowercase().as_str() {
            "for" => {
                let (length, count) = self.length(1);
                let span = self.span(1 + count);
                match length {
                    Some(length) if length > TimeDelta::zero() => {
                        self.manner().end = Some((End::After(length), span));
                    }
                    _ => self.mistake(span, "`for` needs a length of time: for 2h, for 90m"),
                }
                Some(1 + count)
            }
            "until" | "till" => {
                let end = self.peek(1).and_then(clock::hour_or_time);
                let span = self.span(2);
                if let Some(end) = end {
                    self.manner().end = Some((End::Clock(end), span));
                } else {
                    let why = self.peek(1).and_then(mistaken::clock);
                    let why = why.unwrap_or_else(|| "`until` needs a time of day: until 16:00".to_owned());
                    self.mistimed(span, why);
                }
                Some(2)
            }
            "soak" => {
                let (length, count) = self.length(1);
                let span = self.span(1 + count);
                let text: Vec<&str> = (1..=count).filter_map(|ahead| self.peek(ahead)).collect();
                match length {
                    Some(_) => self.manner().soak = Some(text.join(" ")),
                    None => self.mistake(span, "`soak` needs a length of time: soak 60m"),
                }
                Some(1 + count)
            }
            "steps" => {
                let percent = |text: &str| text.trim_end_matches('%').parse::<f64>().ok();
                let text = self.peek(1).unwrap_or_default();
                let steps: Option<Vec<f64>> = text.split([',', '/']).map(percent).collect();
                let rises = |steps: &[f64]| {
                    let mut before = 0.0;
                    steps.iter().all(|step| {
                        let fits = *step > before && *step <= 100.0;
                        before = *step;
                        fits
                    })
                };
                let span = self.span(2);
                match steps.filter(|steps| rises(steps)) {
                    Some(steps) => self.manner().steps = steps,
                    None => {
                        self.mistake(span, "`steps` needs rising percentages up to 100: steps 5,25,50,100");
                    }
                }
                Some(2)
            }
            lower if CONNECTING.contains(&lower) || lower == "to" || lower == "," => Some(1),
            _ => None,
        }
    }

    /// A length of time in one word or two (`1h 30m`), and how many words it took.
    fn length(&self, from: usize) -> (Option<TimeDelta>, usize) {
        let one = self.peek(from);
        let two = one.zip(self.peek(from + 1)).map(|(one, two)| format!("{one} {two}"));
        if let Some(length) = two.and_then(|two| parse_span(&two).ok()) {
            return (Some(length), 2);
        }
        (one.and_then(|one| parse_span(one).ok()), usize::from(one.is_some()))
    }
}
