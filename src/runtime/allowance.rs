//! What may be spent on what moves by itself where bytes are dear: less than 20 kB a minute,
//! whatever the data does.
//!
//! Every frame is a debt that time pays back, [`RATE`] bytes a second. A frame of data waits until
//! nothing is owed, and is cut to [`SHARE`] bytes; the rows that are left come with the next. So of
//! any minute no more than `RATE · 60 + SHARE` and a row is data: the larger the frames, the longer
//! it is between them. What a person does is drawn at once, and is owed too, up to [`MOST_OWED`]:
//! after a large repaint data waits for it, but not for long.

use std::time::{Duration, Instant};

/// Bytes a second that are paid back.
const RATE: f64 = 240.0;
/// The most bytes a frame of data begins a row with. One row more may follow: about 1.5 kB.
const SHARE: usize = 3600;
/// The longest that data waits, as bytes: twenty seconds.
const MOST_OWED: f64 = 20.0 * RATE;

/// What is owed at the moment.
#[derive(Debug, Default)]
pub struct Allowance {
    owed: f64,
    at: Option<Instant>,
}

impl Allowance {
    /// The bytes of a frame of data.
    pub fn share() -> usize {
        SHARE
    }

    /// When data may be drawn again.
    pub fn next(&self, now: Instant) -> Instant {
        now + Duration::from_secs_f64(self.owed_at(now) / RATE)
    }

    /// A frame was written; what a person did counts only so far that data comes again soon.
    pub fn spend(&mut self, now: Instant, bytes: usize, by_hand: bool) {
        let owed = self.owed_at(now);
        let sum = owed + bytes as f64;
        self.owed = if by_hand { sum.min(MOST_OWED.max(owed)) } else { sum };
        self.at = Some(now);
    }

    fn owed_at(&self, now: Instant) -> f64 {
        let passed = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        (self.owed - passed.as_secs_f64() * RATE).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const LONGEST_ROW: usize = 1500;

    /// The most bytes of data in any minute of an hour, where every moment there is something to
    /// draw and each frame is as large as it may be; and the longest time between two.
    fn spent(larger: impl Fn(usize) -> usize, by_hand: impl Fn(u64) -> usize) -> (usize, Duration) {
        let (mut allowance, began) = (Allowance::default(), Instant::now());
        let mut frames: Vec<(Instant, usize)> = Vec::new();
        for tenth in 0..36_000 {
            let now = began + Duration::from_millis(tenth * 100);
            let hand = by_hand(tenth);
            if hand > 0 {
                allowance.spend(now, hand, true);
            } else if allowance.next(now) <= now {
                let bytes = larger(frames.len()).min(Allowance::share() + LONGEST_ROW);
                allowance.spend(now, bytes, false);
                frames.push((now, bytes));
            }
        }
        let of_a_minute = |from: &(Instant, usize)| -> usize {
            let inside = frames.iter().filter(|(at, _)| (from.0..from.0 + MINUTE).contains(at));
            inside.map(|(_, bytes)| bytes).sum()
        };
        let gaps = frames.windows(2).map(|pair| pair[1].0 - pair[0].0);
        (frames.iter().map(of_a_minute).max().unwrap(), gaps.max().unwrap())
    }

    #[test]
    fn no_minute_costs_more_than_was_promised_whatever_the_frames_are() {
        let sizes: [fn(usize) -> usize; 4] = [
            |_| usize::MAX,
            |_| 700,
            |frame| if frame % 7 == 0 { usize::MAX } else { 50 },
            |frame| frame * 7919 % 6000 + 1,
        ];
        for larger in sizes {
            let (most, longest) = spent(larger, |_| 0);
            assert!(most < 20_000, "{most} bytes in a minute");
            assert!(longest <= Duration::from_secs(22), "{longest:?} between two frames");
        }
    }

    #[test]
    fn small_frames_hardly_wait() {
        let (mut allowance, now) = (Allowance::default(), Instant::now());
        assert_eq!(allowance.next(now), now);
        allowance.spend(now, 300, false);
        assert!(allowance.next(now) <= now + Duration::from_millis(1300));
    }

    #[test]
    fn what_a_person_does_is_added_and_takes_nothing_off() {
        let now = Instant::now();
        let waits = |spent: &[(usize, bool)]| {
            let mut allowance = Allowance::default();
            for (bytes, by_hand) in spent {
                allowance.spend(now, *bytes, *by_hand);
            }
            allowance.next(now) - now
        };
        assert_eq!(waits(&[(1200, true), (1200, true)]), Duration::from_secs(10));
        // A large frame of data is paid back whole, whatever key comes after it.
        assert_eq!(waits(&[(6000, false), (10, true)]), Duration::from_secs(25));
    }

    #[test]
    fn after_what_a_person_did_data_comes_again_soon() {
        // A view is changed four times a second for a while in each minute: six kilobytes each.
        let (most, longest) =
            spent(|_| usize::MAX, |tenth| if tenth % 600 < 80 && tenth % 3 == 0 { 6000 } else { 0 });
        assert!(most < 20_000, "{most} bytes of data in a minute");
        assert!(longest <= Duration::from_secs(50), "{longest:?}");
        // A large repaint by itself costs no more than twenty seconds.
        let (mut allowance, now) = (Allowance::default(), Instant::now());
        allowance.spend(now, 60_000, true);
        assert_eq!(allowance.next(now), now + Duration::from_secs(20));
    }
}
