//! The stretch of time the monitor looks at: how long, and whether its end follows the clock.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::question::Span;

/// The lengths one can zoom through, in seconds, with their names.
const ZOOMS: [(u32, &str); 6] =
    [(900, "15 m"), (3600, "1 h"), (10_800, "3 h"), (21_600, "6 h"), (86_400, "24 h"), (604_800, "7 d")];

/// Points asked for over a window by everything that is no wide chart: as many as a chart of 120
/// columns has dots. The same at every size of the terminal, so that all of it shares one question.
const POINTS: u32 = 240;

/// Points asked for by wider charts. A few classes: a resize within one asks nothing. Never more
/// than a Prometheus answers, 11,000.
const MORE_POINTS: [u32; 3] = [480, 960, 1920];

/// The stretch of time looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    zoom: usize,
    paused_at: Option<DateTime<Utc>>,
}

impl Default for Window {
    fn default() -> Self {
        Self { zoom: 1, paused_at: None }
    }
}

impl Window {
    /// At least so many seconds long, up to `end` or to the clock.
    pub fn over(seconds: u32, end: Option<DateTime<Utc>>) -> Self {
        let zoom = ZOOMS.iter().position(|(length, _)| *length >= seconds).unwrap_or(ZOOMS.len() - 1);
        Self { zoom, paused_at: end }
    }

    /// Its length, in seconds.
    pub fn seconds(&self) -> u32 {
        ZOOMS[self.zoom].0
    }

    /// Its length in words: `1 h`.
    pub fn length(&self) -> &'static str {
        ZOOMS[self.zoom].1
    }

    /// Its end; `None`: it follows the clock.
    pub fn paused_at(&self) -> Option<DateTime<Utc>> {
        self.paused_at
    }

    /// Its end, seen from `now`.
    pub fn end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.paused_at.unwrap_or(now)
    }

    /// Its start, seen from `now`.
    pub fn start(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.end(now) - TimeDelta::seconds(i64::from(self.seconds()))
    }

    /// As a part of a question.
    pub fn span(&self) -> Span {
        Span::new(self.paused_at, self.seconds(), POINTS)
    }

    /// As a part of a chart's question, of so many columns of two dots each: never fewer points
    /// than dots.
    pub fn charted(&self, columns: u16) -> Span {
        let dots = u32::from(columns) * 2;
        let enough = MORE_POINTS.into_iter().find(|points| *points >= dots).unwrap_or(MORE_POINTS[2]);
        Span::new(self.paused_at, self.seconds(), if dots <= POINTS { POINTS } else { enough })
    }

    /// The stretch that speaks of now. A long window's points lie minutes apart, and its last one
    /// may be as old: what is said of now is asked at a finer grain. A paused window speaks of its
    /// own end.
    pub fn present(&self) -> Span {
        let finest = Self::default().span();
        if self.paused_at.is_none() && self.span().step > finest.step { finest } else { self.span() }
    }

    /// Looks at less time.
    pub fn zoom_in(&mut self) {
        self.zoom = self.zoom.saturating_sub(1);
    }

    /// Looks at more time.
    pub fn zoom_out(&mut self) {
        self.zoom = (self.zoom + 1).min(ZOOMS.len() - 1);
    }

    /// Stops the clock, or follows it again.
    pub fn toggle_pause(&mut self, now: DateTime<Utc>) {
        self.paused_at = match self.paused_at {
            Some(_) => None,
            None => Some(self.aligned(now)),
        };
    }

    /// Follows the clock.
    pub fn follow(&mut self) {
        self.paused_at = None;
    }

    /// Moves by a quarter of its length, back or forward; at the present it follows again.
    pub fn pan(&mut self, quarters: i64, now: DateTime<Utc>) {
        let by = TimeDelta::seconds(i64::from(self.seconds()) / 4 * quarters);
        let end = self.aligned(self.end(now)) + by;
        self.paused_at = (end < now).then_some(end);
    }

    /// Down to the step, so that the same stretch is always the same question.
    fn aligned(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        Span::new(None, self.seconds(), POINTS).bounds(at).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_612_807, 0).unwrap()
    }

    #[test]
    fn a_window_that_follows_is_the_same_question_at_every_instant() {
        let window = Window::default();
        assert_eq!(window.span(), Span { end: None, seconds: 3600, step: 15 });
        assert_eq!(window.end(now()), now());
    }

    #[test]
    fn panning_back_pauses_and_panning_to_the_present_follows_again() {
        let mut window = Window::default();
        window.pan(-1, now());
        assert_eq!(window.paused_at(), DateTime::from_timestamp(1_795_612_800 - 900, 0));
        window.pan(1, now());
        assert_eq!(window.paused_at(), DateTime::from_timestamp(1_795_612_800, 0));
        window.pan(1, now());
        assert_eq!(window.paused_at(), None);
    }

    #[test]
    fn a_wide_chart_asks_for_as_many_points_as_it_has_dots() {
        let mut window = Window::default();
        (0..9).for_each(|_| window.zoom_out());
        for columns in 1..=960 {
            let span = window.charted(columns);
            let points = span.seconds / span.step;
            assert!(points + 1 >= u32::from(columns) * 2, "{columns} columns, {points} points");
            assert!(points <= 11_000 && points < (u32::from(columns) * 4).max(241), "{columns}, {points}");
        }
        let classes: std::collections::BTreeSet<u32> =
            (1..=1000).map(|columns| window.charted(columns).step).collect();
        assert_eq!(classes.len(), 4, "{classes:?}");
        assert_eq!(window.charted(120), window.span(), "what is not wide shares the question of the rest");
    }

    #[test]
    fn a_long_window_asks_finer_for_what_is_now() {
        let mut window = Window::default();
        assert_eq!(window.present(), window.span());
        window.zoom_out();
        assert_eq!(window.present(), Window::default().span());
        window.toggle_pause(now());
        assert_eq!(window.present(), window.span());
    }

    #[test]
    fn a_window_over_exactly_its_length_is_no_longer() {
        assert_eq!(Window::over(3600, None).seconds(), 3600);
        assert_eq!(Window::over(3601, None).seconds(), 10_800);
        // A span holds whole steps.
        let (start, end) = Span { end: None, seconds: 100, step: 30 }.bounds(now());
        assert_eq!(((end - start).num_seconds(), end.timestamp() % 30), (90, 0));
    }

    #[test]
    fn zooming_ends_at_a_quarter_of_an_hour_and_a_week() {
        let mut window = Window::default();
        (0..9).for_each(|_| window.zoom_in());
        assert_eq!((window.seconds(), window.length()), (900, "15 m"));
        (0..9).for_each(|_| window.zoom_out());
        assert_eq!((window.seconds(), window.span().step), (604_800, 2520));
    }
}
