//! Words of the workspace: environments, regions, services; strategies and change types.

use std::ops::Range;

use super::{Manner, Place, Reader};
use crate::domain::Safe;
use crate::domain::quick_add::vocabulary::{Meaning, NoMeaning, Vocabulary};

impl<'a> Reader<'a> {
    /// A word of the workspace.
    pub(super) fn named(&mut self) -> usize {
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
