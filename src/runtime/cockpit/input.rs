//! What comes from the terminal, to messages.

use std::io;
use std::time::Instant;

use crossterm::event::{Event, KeyEventKind};

use super::{Loop, SEQUENCE};
use crate::app::Message;
use crate::app::message::{Pointer, Typed};
use crate::input::{Key, Resolution, mouse, typing};
use crate::runtime::line::Arrived;
use crate::runtime::pacing::Cause;
use crate::runtime::terminal::Terminal;

impl Loop {
    /// Something came from the terminal.
    pub(super) fn arrived(&mut self, arrived: Arrived, taken: &mut Terminal) -> io::Result<()> {
        match arrived {
            Arrived::Report(row, column) => {
                self.pacer.answered(Instant::now(), (row, column));
                self.tell_awaited();
                Ok(())
            }
            Arrived::Event(event) => {
                self.remember(taken)?;
                self.cause = Cause::Hand;
                self.acted_at = Instant::now();
                let done = self.input(event, taken);
                self.cause = Cause::Data;
                done
            }
        }
    }

    pub(super) fn input(&mut self, event: Event, taken: &mut Terminal) -> io::Result<()> {
        if let Event::Mouse(event) = event
            && let Some(dragged @ Pointer::Dragged(..)) = mouse::pointer(&event)
        {
            // Of a movement only the last place counts before the next frame.
            self.dragged = Some(dragged);
            return Ok(());
        }
        self.drag_on(taken)?;
        match event {
            Event::Key(event) if event.kind != KeyEventKind::Release => {
                self.key(Key::from_event(&event), taken)
            }
            Event::Mouse(event) => {
                if let Some(intent) = mouse::intent(&event, &self.state.feedback) {
                    self.take(Message::Intent(intent), taken)?;
                }
                match mouse::pointer(&event) {
                    Some(pointer) => self.take(Message::Pointer(pointer), taken),
                    None => Ok(()),
                }
            }
            Event::Paste(text) => self.take(Message::Typed(Typed::Paste(text)), taken),
            Event::Resize(columns, rows) => self.resized((columns, rows), taken),
            _ => Ok(()),
        }
    }

    /// Takes over where the mouse was dragged to.
    pub(super) fn drag_on(&mut self, taken: &mut Terminal) -> io::Result<()> {
        match self.dragged.take() {
            Some(dragged) => self.take(Message::Pointer(dragged), taken),
            None => Ok(()),
        }
    }

    pub(super) fn key(&mut self, key: Key, taken: &mut Terminal) -> io::Result<()> {
        if self.typed_at.elapsed() > SEQUENCE {
            self.typed.clear();
        }
        self.typed.push(key);
        self.typed_at = Instant::now();
        let context = self.state.context();
        match self.keymap.resolve(context, &self.typed) {
            Resolution::Intent(intent) => {
                self.typed.clear();
                self.take(Message::Intent(intent), taken)
            }
            Resolution::Prefix => Ok(()),
            Resolution::Nothing => {
                let alone = self.typed.len() == 1;
                self.typed.clear();
                if context.types() {
                    return match typing::typed(key) {
                        Some(typed) => self.take(Message::Typed(typed), taken),
                        None => Ok(()),
                    };
                }
                // The second key may mean something by itself.
                if alone { Ok(()) } else { self.key(key, taken) }
            }
        }
    }
}
