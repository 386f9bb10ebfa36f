//! How the word under the cursor could go on.

use std::ops::Range;

use super::read;
use super::token::tokens;
use super::vocabulary::{Vocabulary, owners};
use crate::domain::Workspace;

/// More than this nobody reads.
const MOST: usize = 12;

/// What could stand in the place of the word under the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    /// Which bytes of the line would be replaced.
    pub span: Range<usize>,
    /// The best first.
    pub offers: Vec<Offer>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What would stand there.
    pub word: String,
    /// What it is: `service`, `environment`, `region`…
    pub kind: &'static str,
}

/// What the word that ends at the cursor (a byte of the line) could become.
pub fn offers(line: &str, cursor: usize, workspace: &Workspace) -> Offers {
    let cursor = (0..=cursor.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let start = line[..cursor]
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
    // Inside a title nothing is offered.
    let open = tokens(&line[..cursor]).pop().filter(|token| token.kind == super::token::Kind::Open);
    if open.is_some() {
        return Offers { span: cursor..cursor, offers: Vec::new() };
    }
    let word = &line[start..cursor];
    let words: Vec<(String, &'static str)> = if let Some(name) = word.strip_prefix('@') {
        let fitting = owners(workspace).into_iter().filter(|owner| owner.contains(name));
        fitting.map(|owner| (format!("@{owner}"), "owner")).collect()
    } else {
        let said = read::read(&line[..start], workspace, chrono::DateTime::UNIX_EPOCH);
        let environment = said.places.last().map(|place| place.environment.0.as_str());
        let known = Vocabulary::new(workspace, environment);
        let mut all: Vec<(String, &'static str)> =
            known.words().map(|(word, kind)| (word.to_owned(), kind)).collect();
        all.extend(
            ["soak", "steps", "for", "until", "today", "tomorrow", "next"]
                .map(|word| (word.to_owned(), "word")),
        );
        // What was said needs no second offer; regions come first once the place is known.
        all.retain(|(word, kind)| {
            let is_said = said.items.iter().any(|((service, _), _)| service == word);
            !(*kind == "service" && is_said)
        });
        let has_items = !said.items.is_empty();
        all.sort_by_key(|(_, kind)| match *kind {
            "service" => usize::from(has_items) * 4,
            "environment" => 1 + usize::from(environment.is_some()),
            "region" => 2 - usize::from(environment.is_some()),
            "strategy" => 3,
            _ => 5,
        });
        if word.chars().count() >= 3 {
            let zones =
                chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|zone| zone.contains('/'));
            all.extend(zones.map(|zone| (zone.to_owned(), "time zone")));
        }
        all
    };
    let lower = word.to_lowercase();
    let rank = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        if candidate.starts_with(&lower) { Some(0) } else { candidate.contains(&lower).then_some(1) }
    };
    let mut found: Vec<(usize, Offer)> = words
        .into_iter()
        .filter(|(candidate, _)| *candidate != word)
        .filter_map(|(candidate, kind)| Some((rank(&candidate)?, Offer { word: candidate, kind })))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.truncate(MOST);
    Offers { span: start..cursor, offers: found.into_iter().map(|(_, offer)| offer).collect() }
}
