//! The cockpit's frames: when, how much of them, and what became of them.

use std::io;
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;

use super::Loop;
use crate::app::Message;
use crate::runtime::allowance::Allowance;
use crate::runtime::pacing::Cause;
use crate::runtime::screen::Part;
use crate::runtime::terminal::{self, Terminal};
use crate::view;

impl Loop {
    /// When the next frame may be drawn, where there is something to draw.
    pub(super) fn next_frame(&self, now: Instant) -> Option<Instant> {
        let cause = self.changed?;
        let paced = self.pacer.next(cause, now);
        // Where bytes are dear, what moves by itself is drawn once in a turn of the slow clock.
        let (turn, next_turn) = self.turn();
        if cause != Cause::Data || !self.state.look.low_bandwidth {
            return Some(paced);
        }
        let drawn = self.turn == Some(turn);
        let turned = if drawn { paced.max(now + next_turn) } else { paced };
        Some(turned.max(self.allowance.next(now)))
    }

    /// The turn of the clock, and how long until the next one.
    pub(super) fn turn(&self) -> (i64, Duration) {
        let seconds = i64::from(self.state.look.tick_seconds.max(1));
        let wall = self.clock.now().wall;
        let (turn, into) = (wall.timestamp().div_euclid(seconds), wall.timestamp().rem_euclid(seconds));
        let left = (seconds - into) * 1000 - i64::from(wall.timestamp_subsec_millis());
        (turn, Duration::from_millis(u64::try_from(left).unwrap_or(1).max(1)))
    }

    pub(super) fn draw(&mut self) -> io::Result<()> {
        let allowed = self.state.look.low_bandwidth.then(Allowance::share);
        let share = [self.pacer.share(), allowed].into_iter().flatten().min();
        let part = match (self.changed, share) {
            (Some(Cause::Data), Some(share)) => Part::Share(share),
            (Some(Cause::Hand), _) => Part::Done(self.pacer.words()),
            (Some(Cause::Left), _) => Part::Left,
            _ => Part::All,
        };
        let cause = self.changed.unwrap_or(Cause::Hand);
        let (state, theme, keymap) = (&self.state, &self.themes.current, &self.keymap);
        let paint = |buffer: &mut Buffer| view::draw(state, theme, keymap, buffer);
        let drawn = self.screen.draw(&mut self.out, part, self.pacer.asks(), paint);
        let now = Instant::now();
        match drawn {
            Ok(drawn) => {
                self.state.feedback = drawn.told;
                self.pacer.drew(now, cause, drawn.bytes, drawn.asked);
                let is_by_hand = matches!(part, Part::Done(_) | Part::Left);
                self.allowance.spend(now, drawn.bytes, is_by_hand);
                if !is_by_hand && drawn.through {
                    self.turn = Some(self.turn().0);
                }
                let behind = if drawn.left { Cause::Left } else { Cause::Data };
                self.changed = drawn.behind.then_some(behind);
            }
            // The line is gone; there is nobody left to tell.
            Err(error) if is_gone(&error) => self.end = Some(129),
            // A terminal that takes no more for now: what it shows is not known, so all is drawn
            // anew, at the next frame's time.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.screen.forget();
                self.pacer.drew(now, cause, 0, None);
            }
            Err(error) => return Err(error),
        }
        self.tell_awaited();
        Ok(())
    }

    /// Whoever gives the terminal back must know what it still sends.
    pub(super) fn tell_awaited(&self) {
        terminal::awaiting(self.pacer.awaited(), self.pacer.patience());
    }

    pub(super) fn give_back(&mut self) {
        terminal::give_back();
        self.pacer.forget();
    }

    /// Where the link is slow and something that moved by itself is not on the screen yet: what a
    /// person does now is drawn before it.
    pub(super) fn remember(&mut self, taken: &mut Terminal) -> io::Result<()> {
        if !matches!(self.changed, Some(Cause::Data | Cause::Left))
            || (self.pacer.share().is_none() && !self.state.look.low_bandwidth)
        {
            return Ok(());
        }
        // Time that passed until now is none of the person's doing.
        self.take(Message::Tick, taken)?;
        let (state, theme, keymap) = (&self.state, &self.themes.current, &self.keymap);
        self.screen.remember(|buffer| view::draw(state, theme, keymap, buffer));
        Ok(())
    }
}

/// Whether an error says that nobody is at the other end any more.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
        || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}
