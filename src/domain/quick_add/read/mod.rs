//! Words to what was said, one after the other.

mod item;
mod keyword;
mod named;
mod when;

use std::ops::Range;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Remark;
use super::token::{Kind, Token, tokens};
use crate::domain::{ChangeType, Strategy, Workspace};

/// Something with its place in the line.
pub type Placed<T> = (T, Range<usize>);

/// What a line said, before it is known whether it makes sense.
#[derive(Debug, Default)]
pub struct Said {
    pub items: Vec<Placed<(String, String)>>,
    pub title: Option<String>,
    pub owner: Option<String>,
    pub change: Option<ChangeType>,
    pub tracker: Option<String>,
    pub draft: bool,
    /// What holds for every stage that says nothing else.
    pub common: Manner,
    /// In the line's order.
    pub places: Vec<Place>,
    pub notices: Vec<Remark>,
    pub mistakes: Vec<Remark>,
}

/// An environment and what was said after it.
#[derive(Debug)]
pub struct Place {
    pub environment: Placed<String>,
    pub regions: Vec<Placed<String>>,
    pub manner: Manner,
}

/// When and how.
#[derive(Debug, Default, Clone)]
pub struct Manner {
    /// As written: which day it is depends on the zone.
    pub day: Option<Placed<String>>,
    pub start: Option<Placed<Start>>,
    pub end: Option<Placed<End>>,
    pub zone: Option<Placed<Tz>>,
    /// A time or a day was said that is none, and told: that one is missing need not be said too.
    pub mistimed: bool,
    pub strategy: Option<Strategy>,
    pub steps: Vec<f64>,
    pub soak: Option<String>,
}

/// When a stage begins.
#[derive(Debug, Clone, Copy)]
pub enum Start {
    Clock(NaiveTime),
    Instant(DateTime<Utc>),
}

/// When it ends.
#[derive(Debug, Clone, Copy)]
pub enum End {
    Clock(NaiveTime),
    After(TimeDelta),
}

/// Words that only connect others.
const CONNECTING: [&str; 9] = ["at", "on", "in", "from", "the", "and", "with", "by", "of"];

pub fn read(line: &str, workspace: &Workspace, now: DateTime<Utc>) -> Said {
    let tokens = tokens(line);
    let mut reader =
        Reader { tokens: &tokens, next: 0, workspace, now, said: Said::default(), waiting: Vec::new() };
    while reader.next < tokens.len() {
        reader.word();
    }
    for (region, span) in std::mem::take(&mut reader.waiting) {
        let message = format!("`{region}` is a region: say in which environment, production {region}");
        reader.said.mistakes.push(Remark { span, message });
    }
    reader.said
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    next: usize,
    workspace: &'a Workspace,
    now: DateTime<Utc>,
    said: Said,
    /// Regions that were said before their environment.
    waiting: Vec<Placed<String>>,
}

impl<'a> Reader<'a> {
    fn peek(&self, ahead: usize) -> Option<&'a str> {
        let token = self.tokens.get(self.next + ahead)?;
        (token.kind == Kind::Word).then_some(token.text)
    }

    /// The place of the next words.
    fn span(&self, count: usize) -> Range<usize> {
        let last = (self.next + count - 1).min(self.tokens.len() - 1);
        self.tokens[self.next].span.start..self.tokens[last].span.end
    }

    fn manner(&mut self) -> &mut Manner {
        match self.said.places.last_mut() {
            Some(place) => &mut place.manner,
            None => &mut self.said.common,
        }
    }

    /// A time or a day that is none.
    fn mistimed(&mut self, span: Range<usize>, message: String) {
        self.manner().mistimed = true;
        self.mistake(span, message);
    }

    fn mistake(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.said.mistakes.push(Remark { span, message: message.into() });
    }

    fn word(&mut self) {
        let token = &self.tokens[self.next];
        let span = token.span.clone();
        match token.kind {
            Kind::Title => {
                self.said.title = Some(token.text.trim().to_owned()).filter(|title| !title.is_empty());
                self.next += 1;
            }
            Kind::Open => {
                self.mistake(span, "the title does not end: close it with the sign it began with");
                self.next += 1;
            }
            Kind::Word => {
                let count =
                    self.when().or_else(|| self.keyword()).or_else(|| self.marked()).or_else(|| self.item());
                let count = match count {
                    Some(count) => count,
                    None => self.named(),
                };
                self.next += count;
            }
        }
    }
}
