//! What is released, by whom, and its version in the tracker.

use std::ops::Range;

use super::Reader;
use crate::domain::Safe;
use crate::domain::quick_add::vocabulary::{Meaning, NoMeaning, Vocabulary, owners};
use crate::domain::quick_add::{Remark, clock};
use crate::domain::spelling::nearest;
use crate::domain::when::parse_day;

impl Reader<'_> {
    /// `@owner`, `jira:PAY/4.2.0`.
    pub(super) fn marked(&mut self) -> Option<usize> {
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
    pub(super) fn item(&mut self) -> Option<usize> {
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
}

/// Whether a word could be a version: it begins with a digit, or `v` and one.
fn is_version(word: &str) -> bool {
    let bare = word.strip_prefix(['v', 'V']).unwrap_or(word);
    bare.starts_with(|letter: char| letter.is_ascii_digit()) && !word.contains(':')
}
