//! Words to what was said, one after the other.

use std::ops::Range;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::token::{Kind, Token, tokens};
use super::vocabulary::{Meaning, NoMeaning, Vocabulary, owners};
use super::{Remark, clock};
use crate::domain::moment::parse_span;
use crate::domain::spelling::nearest;
use crate::domain::when::parse_day;
use crate::domain::{ChangeType, Safe, Strategy, Workspace};

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

    /// Days, times, lengths and zones: how many words they take.
    fn when(&mut self) -> Option<usize> {
        let word = self.peek(0)?;
        if let Some((start, end)) = clock::range(word) {
            let span = self.span(1);
            self.times(Start::Clock(start), Some(End::Clock(end)), span);
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

    /// `for 2h`, `until 16:00`, `soak 60m`, `steps 5,25,100`.
    fn keyword(&mut self) -> Option<usize> {
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
                match end {
                    Some(end) => self.manner().end = Some((End::Clock(end), span)),
                    None => self.mistake(span, "`until` needs a time of day: until 16:00"),
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

    /// `@owner`, `jira:PAY/4.2.0`.
    fn marked(&mut self) -> Option<usize> {
        let word = self.peek(0)?;
        let span = self.span(1);
        if let Some(name) = word.strip_prefix('@') {
            self.owner(name, span);
            return Some(1);
        }
        if let Some(tracker) = crate::domain::release::TrackerRef::parse(word) {
            if self.workspace.backend(&tracker.backend).is_none() {
                let known: Vec<&str> = self.workspace.backends.iter().map(|it| it.name.as_str()).collect();
                let message =
                    format!("unknown backend `{}`: known are {}", tracker.backend, known.join(", "));
                self.mistake(span, message);
            } else {
                self.said.tracker = Some(word.to_owned());
            }
            return Some(1);
        }
        None
    }

    fn owner(&mut self, name: &str, span: Range<usize>) {
        let known = owners(self.workspace);
        if name.is_empty() {
            return self.mistake(span, "`@` needs a name: @mira");
        }
        let begun: Vec<&String> = known.iter().filter(|known| known.starts_with(name)).collect();
        let owner = match (known.iter().any(|known| known == name), begun.as_slice()) {
            (false, [one]) => {
                let message = format!("`@{name}` is taken as {one}");
                self.said.notices.push(Remark { span, message });
                (*one).clone()
            }
            (true, _) => name.to_owned(),
            (false, _) => {
                let meant = nearest(name, known.iter().map(String::as_str))
                    .or_else(|| known.iter().map(String::as_str).find(|known| known.contains(name)));
                let hint = meant.map_or(String::new(), |meant| format!("; did you mean @{meant}?"));
                if !known.is_empty() {
                    let message = format!("nobody here is called {} yet{hint}", Safe::new(name));
                    self.said.notices.push(Remark { span, message });
                }
                name.to_owned()
            }
        };
        self.said.owner = Some(owner);
    }

    /// A service and its version: `checkout 4.2` or `checkout@4.2`.
    fn item(&mut self) -> Option<usize> {
        let word = self.peek(0)?;
        if let Some((service, version)) = word.rsplit_once('@') {
            let span = self.span(1);
            if version.is_empty() {
                self.mistake(span, format!("`{}` has no version: write {service}@4.2.0", Safe::new(word)));
            } else if let Some(service) = self.service(service, &span) {
                self.said.items.push(((service, version.to_owned()), span));
            }
            return Some(1);
        }
        let version = self.peek(1).filter(|version| is_version(version))?;
        if is_version(word) {
            return None;
        }
        // A place or a strategy before a number is none; a word that is nothing else may be a service.
        match Vocabulary::new(self.workspace, None).meaning(word) {
            Ok(Meaning::Service(service)) => {
                self.said.items.push(((service, version.to_owned()), self.span(2)));
                Some(2)
            }
            Err(NoMeaning::None(_)) if !word.contains([',', '/', '+']) && !self.is_when(1) => {
                let span = self.span(1);
                if let Some(service) = self.service(word, &span) {
                    self.said.items.push(((service, version.to_owned()), self.span(2)));
                }
                Some(2)
            }
            _ => None,
        }
    }

    /// Whether a day or a time begins so many words ahead.
    fn is_when(&self, ahead: usize) -> bool {
        let Some(word) = self.peek(ahead) else { return false };
        let two = self.peek(ahead + 1).map(|next| format!("{word} {next}"));
        clock::range(word).is_some()
            || two.is_some_and(|two| parse_day(&two, self.now.date_naive()).is_some())
    }

    fn service(&mut self, word: &str, span: &Range<usize>) -> Option<String> {
        let services = &self.workspace.services;
        if services.is_empty() || services.iter().any(|service| service.id == word) {
            return Some(word.to_owned());
        }
        let begun: Vec<&str> =
            services.iter().map(|service| service.id.as_str()).filter(|id| id.starts_with(word)).collect();
        if let [one] = begun.as_slice() {
            return Some((*one).to_owned());
        }
        let known = || services.iter().map(|service| service.id.as_str());
        let shown = Safe::new(word);
        let message = match (begun.is_empty(), nearest(word, known())) {
            (false, _) => format!("`{shown}` may be {}: write more of it", begun.join(" or ")),
            (true, Some(meant)) => format!("unknown service `{shown}`: did you mean `{meant}`?"),
            (true, None) => {
                let some: Vec<&str> = known().take(8).collect();
                format!("unknown service `{shown}`: known are {}", some.join(", "))
            }
        };
        self.mistake(span.clone(), message);
        None
    }

    /// A word of the workspace.
    fn named(&mut self) -> usize {
        let Some(word) = self.peek(0) else { return 1 };
        let span = self.span(1);
        let parts: Vec<&str> = word.split([',', '+', '/']).filter(|part| !part.is_empty()).collect();
        let vocabulary = |reader: &Self| {
            let environment = reader.said.places.last().map(|place| place.environment.0.clone());
            (Vocabulary::new(reader.workspace, environment.as_deref()), environment)
        };
        let (known, _) = vocabulary(self);
        if known.meaning(word).is_err() && parts.len() > 1 {
            // `production/eu`, `eu,us`
            let mut from = span.start;
            for part in parts {
                let start = from + self.tokens[self.next].text[from - span.start..].find(part).unwrap_or(0);
                from = start + part.len();
                self.one(part, start..from);
            }
        } else {
            self.one(word.trim_end_matches(','), span);
        }
        1
    }

    fn one(&mut self, word: &str, span: Range<usize>) {
        let environment = self.said.places.last().map(|place| place.environment.0.clone());
        let known = Vocabulary::new(self.workspace, environment.as_deref());
        let shown = Safe::new(word);
        match known.meaning(word) {
            Ok(Meaning::Environment(id)) => {
                let regions = std::mem::take(&mut self.waiting);
                self.said.places.push(Place { environment: (id, span), regions, manner: Manner::default() });
            }
            Ok(Meaning::Region(id)) => match self.said.places.last_mut() {
                Some(place) => place.regions.push((id, span)),
                None => self.waiting.push((id, span)),
            },
            Ok(Meaning::Strategy(strategy)) => self.manner().strategy = Some(strategy),
            Ok(Meaning::Change(change)) => self.said.change = Some(change),
            Ok(Meaning::Draft) => self.said.draft = true,
            Ok(Meaning::Service(id)) => {
                self.mistake(span, format!("`{id}` has no version: write {id} 4.2.0"));
            }
            Err(NoMeaning::Several(several)) => {
                self.mistake(span, format!("`{shown}` may be {}: write more of it", several.join(" or ")));
            }
            Err(NoMeaning::None(Some(meant))) => {
                self.mistake(span, format!("`{shown}` means nothing here: did you mean `{meant}`?"));
            }
            Err(NoMeaning::None(None)) => {
                let message = match &environment {
                    Some(environment) if !self.regions_of(environment).is_empty() => {
                        let regions = self.regions_of(environment).join(", ");
                        format!("`{shown}` means nothing here: regions of {environment} are {regions}")
                    }
                    _ => format!(
                        "`{shown}` means nothing here: a service with its version, an environment, a day, a time, @owner and a \"title\" do"
                    ),
                };
                self.mistake(span, message);
            }
        }
    }

    fn regions_of(&self, environment: &str) -> Vec<&'a str> {
        let known = self.workspace.environment(environment);
        known.map_or_else(Vec::new, |known| known.regions.iter().map(|region| region.id.as_str()).collect())
    }
}

/// Whether a word could be a version: it begins with a digit, or `v` and one.
fn is_version(word: &str) -> bool {
    let bare = word.strip_prefix(['v', 'V']).unwrap_or(word);
    bare.starts_with(|letter: char| letter.is_ascii_digit()) && !word.contains(':')
}
