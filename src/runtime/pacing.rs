//! The pace of frames: the terminal's own.
//!
//! After a frame the terminal is asked where its cursor is. Its answer says that everything before
//! the question has been drawn, so the next frame never queues behind one that is still on its way
//! through a slow link. What the answers take says how slow the link is:
//!
//! - a person's key is drawn at once while little that a person did is on its way (what the link
//!   carries in [`AHEAD`]), otherwise when the answer comes;
//! - of a key's frame the words come first; what the link does not carry in [`WORDS`] follows when
//!   the answer comes;
//! - what moves by itself waits until nothing is on its way, and then sends only so many rows as
//!   the link carries in [`SHARE`], so that a key never waits long behind it;
//! - an answer that does not come within a limit is not waited for; after [`MOST_MISSED`] of them
//!   the terminal counts as one that never answers, and frames are only kept [`FRAME`] apart until
//!   one comes after all.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// A key's frame may have this much of other keys' before it in the link. What moves by itself is
/// little, and there is never more than one frame of it: to wait for its answer would take longer.
const AHEAD: Duration = Duration::from_millis(100);
/// So much of a person's frame is sent at once: the rest, charts most of all, follows.
const WORDS: Duration = Duration::from_millis(125);
/// What moves by itself may keep the link busy for this long at a time.
const SHARE: Duration = Duration::from_millis(75);
/// A share is never smaller than this, in bytes: a few rows.
const SMALLEST_SHARE: usize = 400;
/// A link that carries a share as large as this, in bytes, is not slow.
const LARGE_SHARE: usize = 16 * 1024;
/// Bounds of the limit, in which an answer counts as in time.
const LIMIT: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(1));
/// The most that the bytes themselves add to the limit.
const LONGEST_FRAME: Duration = Duration::from_secs(2);
/// So many limits in a row without an answer, and the terminal is not waited for any more.
const MOST_MISSED: u8 = 3;
/// The most frames on their way.
const MOST_ASKED: usize = 4;
/// A frame of fewer bytes says nothing of the link's rate.
const TELLING: usize = 256;
/// So many of those that do are remembered.
const MOST_TELLING: usize = 4;
/// A question this old is not answered any more.
const FORGOTTEN: Duration = Duration::from_secs(30);

/// Why a frame is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Time passed, or an answer came that was asked by itself.
    Data,
    /// A person did something, and not all of it is on the screen yet.
    Left,
    /// A person did something, or what they asked for is there.
    Hand,
}

/// A cursor's place, as a terminal reports it: row and column, from 1; `None`: not known.
pub type Place = Option<(u16, u16)>;

/// A question that is not answered yet.
#[derive(Debug)]
struct Asked {
    at: Instant,
    cause: Cause,
    bytes: usize,
    /// Bytes on their way when it was asked, its own frame's among them.
    ahead: usize,
    place: Place,
    given_up: bool,
}

/// When the next frame may be drawn.
#[derive(Debug, Default)]
pub struct Pacer {
    /// Oldest first.
    asked: VecDeque<Asked>,
    drawn_at: Option<Instant>,
    missed: u8,
    missed_at: Option<Instant>,
    /// How long an answer takes when nothing but the question is on its way.
    round_trip: Option<Duration>,
    /// The last frames that tell of the link's rate: how long the answer took, and the bytes.
    telling: VecDeque<(Duration, usize)>,
    /// Seconds that the link takes for a byte.
    per_byte: Option<f64>,
}

impl Pacer {
    /// Whether the terminal is one that does not answer.
    pub fn is_mute(&self) -> bool {
        self.missed >= MOST_MISSED
    }

    /// Whether a frame should ask.
    pub fn asks(&self) -> bool {
        !self.is_mute()
    }

    /// When a frame may be drawn; an answer makes it earlier.
    pub fn next(&self, cause: Cause, now: Instant) -> Instant {
        let soonest = self.drawn_at.map_or(now, |at| at + FRAME);
        let waits = match cause {
            Cause::Hand => {
                let of_a_person = self.open().filter(|asked| asked.cause != Cause::Data);
                let on_their_way: usize = of_a_person.map(|asked| asked.bytes).sum();
                on_their_way > self.carried(AHEAD).unwrap_or(0) || self.open().count() >= MOST_ASKED
            }
            Cause::Data | Cause::Left => self.open().next().is_some(),
        };
        let last = self.open().last().filter(|_| waits && !self.is_mute());
        last.map_or(soonest, |asked| soonest.max(asked.at + self.limit(asked.ahead)))
    }

    /// How many bytes a frame of data may have; `None`: as many as it has.
    pub fn share(&self) -> Option<usize> {
        let share = self.carried(SHARE).filter(|_| !self.is_mute())?;
        (share < LARGE_SHARE).then_some(share.max(SMALLEST_SHARE))
    }

    /// How many bytes of a person's frame are sent at once; `None`: all.
    pub fn words(&self) -> Option<usize> {
        self.share().and_then(|_| self.carried(WORDS))
    }

    /// A frame was written; `asked`: with a question at its end, the cursor there.
    pub fn drew(&mut self, now: Instant, cause: Cause, bytes: usize, asked: Option<Place>) {
        self.drawn_at = Some(now);
        if let Some(place) = asked {
            let ahead = self.open().map(|asked| asked.bytes).sum::<usize>() + bytes;
            self.asked.push_back(Asked { at: now, cause, bytes, ahead, place, given_up: false });
        }
    }

    /// Gives up what was not answered within its limit.
    pub fn lapse(&mut self, now: Instant) {
        self.asked.retain(|asked| now.saturating_duration_since(asked.at) < FORGOTTEN);
        let limits: Vec<Duration> = self.asked.iter().map(|asked| self.limit(asked.ahead)).collect();
        for (asked, limit) in self.asked.iter_mut().zip(limits) {
            if asked.given_up || now < asked.at + limit {
                continue;
            }
            asked.given_up = true;
            // Several frames sent together that are late together are one miss.
            if self.missed_at.is_none_or(|at| at + limit <= now) {
                self.missed = self.missed.saturating_add(1);
                self.missed_at = Some(now);
            }
        }
    }

    /// An answer came; `false`: nothing was asked.
    pub fn answered(&mut self, now: Instant, place: (u16, u16)) -> bool {
        // Answers come in order; one that a terminal left out is told by the place.
        let index = self.asked.iter().position(|asked| asked.place == Some(place)).unwrap_or(0);
        let Some(asked) = self.asked.drain(..self.asked.len().min(index + 1)).next_back() else {
            return false;
        };
        (self.missed, self.missed_at) = (0, None);
        self.learn(now.saturating_duration_since(asked.at), asked.ahead);
        true
    }

    /// The terminal was somebody else's: nothing is on its way any more.
    pub fn forget(&mut self) {
        self.asked.clear();
    }

    /// How many answers may still come.
    pub fn awaited(&self) -> usize {
        if self.is_mute() { 0 } else { self.asked.len() }
    }

    /// How long an answer may take.
    pub fn patience(&self) -> Duration {
        self.limit(self.open().last().map_or(0, |asked| asked.ahead))
    }

    fn open(&self) -> impl DoubleEndedIterator<Item = &Asked> {
        self.asked.iter().filter(|asked| !asked.given_up)
    }

    fn limit(&self, ahead: usize) -> Duration {
        let base = self.round_trip.map_or(LIMIT.0, |trip| (trip * 4).clamp(LIMIT.0, LIMIT.1));
        base + self.carrying(ahead).min(LONGEST_FRAME)
    }

    /// How long so many bytes take.
    fn carrying(&self, bytes: usize) -> Duration {
        let seconds = self.per_byte.unwrap_or(0.0) * bytes as f64;
        Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_FRAME)
    }

    /// How many bytes the link carries in a time; `None`: not known.
    fn carried(&self, time: Duration) -> Option<usize> {
        // A link faster than can be told carries anything.
        self.per_byte.map(|per_byte| (time.as_secs_f64() / per_byte.max(1e-9)) as usize)
    }

    /// What an answer says of the link: the time for nothing, and the time for a byte more.
    fn learn(&mut self, took: Duration, ahead: usize) {
        let alone = took.saturating_sub(if ahead < TELLING { self.carrying(ahead) } else { Duration::ZERO });
        let trip = match self.round_trip {
            Some(trip) if alone > trip => {
                trip + alone.saturating_sub(trip) / if ahead < TELLING { 8 } else { 64 }
            }
            _ => alone,
        };
        self.round_trip = Some(trip);
        if ahead >= TELLING {
            self.telling.truncate(MOST_TELLING - 1);
            self.telling.push_front((took, ahead));
        }
        // Reckoned anew each time: a small frame says better what the large ones took.
        let seconds: f64 = self.telling.iter().map(|(took, _)| took.saturating_sub(trip).as_secs_f64()).sum();
        let bytes: usize = self.telling.iter().map(|(_, bytes)| bytes).sum();
        self.per_byte = (bytes > 0).then(|| seconds / bytes as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A link: half a round trip, a rate, half a round trip; and the terminal answers at once.
    struct Link {
        now: Instant,
        began: Instant,
        round_trip: Duration,
        /// Bytes a second.
        rate: f64,
        free_at: Instant,
        answers: VecDeque<(Instant, (u16, u16))>,
        pacer: Pacer,
        /// When each frame was all on the screen, and its cause.
        shown: Vec<(Instant, Cause)>,
        next_place: u16,
    }

    impl Link {
        fn new(round_trip: u64, rate: f64) -> Self {
            let now = Instant::now();
            Self {
                now,
                began: now,
                round_trip: Duration::from_millis(round_trip),
                rate,
                free_at: now,
                answers: VecDeque::new(),
                pacer: Pacer::default(),
                shown: Vec::new(),
                next_place: 2,
            }
        }

        fn send(&mut self, bytes: usize, cause: Cause) {
            self.free_at = self.free_at.max(self.now) + Duration::from_secs_f64(bytes as f64 / self.rate);
            let there = self.free_at + self.round_trip / 2;
            self.shown.push((there, cause));
            self.next_place = self.next_place % 30 + 2;
            let place = (self.next_place, 7);
            if self.pacer.asks() {
                self.answers.push_back((there + self.round_trip / 2, place));
            }
            let asked = self.pacer.asks().then_some(Some(place));
            self.pacer.drew(self.now, cause, bytes, asked);
        }

        /// One millisecond.
        fn step(&mut self) {
            self.now += Duration::from_millis(1);
            while let Some((at, place)) = self.answers.front().copied().filter(|(at, _)| *at <= self.now) {
                self.answers.pop_front();
                assert!(self.pacer.answered(at.max(self.now), place));
            }
            self.pacer.lapse(self.now);
        }

        fn may(&self, cause: Cause) -> bool {
            self.pacer.next(cause, self.now) <= self.now
        }

        fn at(&self) -> u128 {
            (self.now - self.began).as_millis()
        }
    }

    /// From a key pressed to its frame on the screen, in milliseconds, 95 of 100 and at worst:
    /// data moves all the time, three kilobytes of it, a key comes every 1.37 seconds.
    fn keys_while_data_moves(round_trip: u64, rate: f64, key_bytes: usize) -> (u128, u128) {
        let mut link = Link::new(round_trip, rate);
        link.send(6000, Cause::Hand);
        let mut waiting: Option<Instant> = None;
        let mut took = Vec::new();
        let (mut left, mut second) = (0, 0);
        for _ in 0..300_000 {
            link.step();
            if link.at() / 1000 > second {
                second = link.at() / 1000;
                left = 3000;
            }
            if link.at().is_multiple_of(1370) {
                // It takes half a round trip from the person to us.
                waiting = Some(link.now);
            }
            let arrived = waiting.is_some_and(|at| at + link.round_trip / 2 <= link.now);
            if arrived {
                if link.may(Cause::Hand) {
                    link.send(key_bytes, Cause::Hand);
                    let (there, _) = link.shown[link.shown.len() - 1];
                    took.push((there - waiting.take().unwrap()).as_millis());
                }
            } else if left > 0 && link.may(Cause::Data) {
                // A row that is longer than a share goes by itself.
                let row = link.at() as usize * 7919 % 900;
                let share = link.pacer.share().map_or(left, |share| share.max(row).min(left));
                left -= share;
                link.send(share, Cause::Data);
            }
        }
        took.drain(..3);
        took.sort_unstable();
        (took[took.len() * 95 / 100], took[took.len() - 1])
    }

    #[test]
    fn a_key_is_on_the_screen_in_time_though_data_moves() {
        // 64 kbit/s and 250 ms: 250 + 38 by itself.
        let (slow, worst) = keys_while_data_moves(250, 8000.0, 300);
        assert!(slow <= 400 && worst <= 430, "{slow} ms, at worst {worst}");
        let (local, _) = keys_while_data_moves(1, 100e6, 300);
        assert!(local <= 4, "{local} ms");
        let (far, worst) = keys_while_data_moves(250, 1e6, 300);
        assert!(far <= 270 && worst <= 290, "{far} ms, at worst {worst}");
    }

    #[test]
    fn frames_never_pile_up() {
        // A key held down: 30 a second, 600 bytes a frame, on a link for 13 of them.
        let mut link = Link::new(250, 8000.0);
        link.send(6000, Cause::Hand);
        for _ in 0..3000 {
            link.step();
        }
        let mut worst = Duration::ZERO;
        for step in 0..20_000 {
            link.step();
            if step % 33 == 0 && link.may(Cause::Hand) {
                link.send(600, Cause::Hand);
                worst = worst.max(link.free_at - link.now);
            }
        }
        assert!(worst <= Duration::from_millis(300), "{worst:?} of bytes before the newest");
        assert!(link.shown.len() > 100, "{} frames in 20 seconds", link.shown.len());
    }

    #[test]
    fn a_terminal_that_never_answers_is_not_waited_for_long() {
        let mut pacer = Pacer::default();
        let mut now = Instant::now();
        let began = now;
        let mut frames = 0;
        while now - began < Duration::from_secs(3) {
            pacer.lapse(now);
            if pacer.next(Cause::Hand, now) <= now {
                let asked = pacer.asks().then_some(Some((5, 5)));
                pacer.drew(now, Cause::Hand, 300, asked);
                frames += 1;
            }
            now += Duration::from_millis(1);
        }
        assert!(pacer.is_mute() && pacer.awaited() == 0);
        assert_eq!(pacer.share(), None);
        // Three limits, then one every 16 ms.
        assert!(frames > 130, "{frames}");
        // A late answer, and it is waited for again.
        assert!(pacer.answered(now, (5, 5)));
        assert!(!pacer.is_mute() && pacer.asks());
    }

    /// A pacer that knows its link: so many bytes a second, and an answer at once.
    fn knowing(rate: f64) -> Pacer {
        Pacer { per_byte: Some(1.0 / rate), round_trip: Some(Duration::ZERO), ..Pacer::default() }
    }

    #[test]
    fn a_key_waits_for_more_than_the_link_carries_in_a_tenth_of_a_second() {
        let now = Instant::now();
        let waits = |bytes: &[usize]| {
            let mut pacer = knowing(8000.0);
            for bytes in bytes {
                pacer.drew(now, Cause::Hand, *bytes, Some(None));
            }
            pacer.next(Cause::Hand, now) > now + FRAME
        };
        assert_eq!([waits(&[800]), waits(&[801]), waits(&[500, 400])], [false, true, true]);
        // There is never more than one frame of data: its answer would take longer.
        let mut pacer = knowing(8000.0);
        pacer.drew(now, Cause::Data, 2000, Some(None));
        assert!(pacer.next(Cause::Hand, now) <= now + FRAME);
        assert!(pacer.next(Cause::Left, now) > now + FRAME);
        // What is before a question counts for its answer: 4000 and 4000 bytes are a second.
        let mut pacer = knowing(8000.0);
        pacer.drew(now, Cause::Hand, 4000, Some(None));
        pacer.drew(now, Cause::Hand, 4000, Some(None));
        assert_eq!(pacer.asked[1].ahead, 8000);
        assert_eq!(pacer.next(Cause::Data, now), now + LIMIT.0 + Duration::from_secs(1));
    }

    #[test]
    fn a_share_is_a_few_rows_at_least_and_none_where_the_link_is_fast_or_mute() {
        assert_eq!(knowing(8000.0).share(), Some(600));
        assert_eq!(knowing(1000.0).share(), Some(SMALLEST_SHARE));
        assert_eq!(knowing(1e6).share(), None);
        assert_eq!(Pacer { missed: MOST_MISSED, ..knowing(8000.0) }.share(), None);
    }

    #[test]
    fn frames_late_together_are_one_miss_and_old_questions_are_forgotten() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        for _ in 0..3 {
            pacer.drew(now, Cause::Hand, 10, Some(None));
        }
        pacer.lapse(now + LIMIT.0);
        assert_eq!((pacer.missed, pacer.awaited()), (1, 3));
        pacer.lapse(now + FORGOTTEN);
        assert_eq!(pacer.awaited(), 0);
    }

    #[test]
    fn an_answer_left_out_does_not_shift_the_others() {
        let mut pacer = Pacer::default();
        let now = Instant::now();
        pacer.drew(now, Cause::Hand, 100, Some(Some((2, 2))));
        pacer.drew(now + Duration::from_secs(1), Cause::Hand, 100, Some(Some((3, 3))));
        assert!(pacer.answered(now + Duration::from_millis(1010), (3, 3)));
        assert_eq!(pacer.awaited(), 0);
        assert!(pacer.round_trip.unwrap() <= Duration::from_millis(10));
        assert!(!pacer.answered(now, (3, 3)), "nothing was asked");
    }

    #[test]
    fn a_slow_answer_of_a_large_frame_is_no_miss() {
        let mut link = Link::new(600, 8000.0);
        link.send(6000, Cause::Hand);
        for _ in 0..8000 {
            link.step();
            if link.may(Cause::Hand) && link.shown.len() < 5 {
                link.send(if link.shown.len() < 4 { 6000 } else { 100 }, Cause::Hand);
            }
        }
        assert!(!link.pacer.is_mute());
        // It knows the link by now.
        let share = link.pacer.share().unwrap();
        assert!((SMALLEST_SHARE..1200).contains(&share), "{share}");
    }
}
