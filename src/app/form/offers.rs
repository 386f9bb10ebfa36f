//! What is offered while a field is typed.

use std::collections::BTreeSet;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{Control, Field, Form, Name, Offers, Setting, step};
use crate::app::message::Typed;
use crate::domain::quick_add;
use crate::domain::workspace::BackendKind;
use crate::domain::{ChangeType, Workspace};

/// The most words offered at a time.
const MOST: usize = 50;

/// Words offered under a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Popup {
    /// The words, best first.
    pub words: Vec<String>,
    /// Which is selected.
    pub selected: usize,
    /// Whether the person went to it.
    pub chosen: Chosen,
}

/// Whether the person went to a word that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// It is offered, no more.
    No,
    /// They went to it.
    Yes,
}

impl Form {
    /// Offers what fits the word at the cursor; `asked`: also where nothing is typed yet.
    pub fn offer(&mut self, setting: &Setting<'_>, asked: Asked) {
        let Some(field) = self.fields.get(self.focus) else { return };
        let (_, word) = split(field);
        if word.is_empty() && asked == Asked::No {
            self.popup = None;
            return;
        }
        let candidates = self.candidates(field, setting);
        // A quick line's words come in order already.
        let words = if field.offers() == Offers::Quick { candidates } else { matching(word, candidates) };
        let is_done = asked == Asked::No && words.first().is_some_and(|first| first == word);
        self.popup =
            (!words.is_empty() && !is_done).then_some(Popup { words, selected: 0, chosen: Chosen::No });
    }

    /// Takes the selected word of what is offered into the field.
    pub fn take_offer(&mut self) {
        let Some(popup) = self.popup.take() else { return };
        let Some(word) = popup.words.get(popup.selected) else { return };
        let Some(field) = self.fields.get_mut(self.focus) else { return };
        let (head, _) = split(field);
        let blank = if head.ends_with(',') { " " } else { "" };
        let more = match field.offers() {
            Offers::Items => "@",
            Offers::Quick => " ",
            _ => "",
        };
        let text = format!("{head}{blank}{word}{more}");
        field.apply(&Typed::DeleteToStart);
        field.apply(&Typed::Paste(text));
    }

    /// Whether more is typed after a word that was taken: a version, the rest of a line.
    pub fn goes_on_after_offer(&self) -> bool {
        let offers = self.fields.get(self.focus).map(Field::offers).unwrap_or_default();
        matches!(offers, Offers::Items | Offers::Quick)
    }

    /// Whether Tab takes the selected word: where only known words make sense, or the person
    /// went to it.
    pub fn takes_on_leaving(&self) -> bool {
        let Some(popup) = &self.popup else { return false };
        let offers = self.fields.get(self.focus).map(Field::offers).unwrap_or_default();
        let is_open = matches!(offers, Offers::People | Offers::Roles | Offers::Layers | Offers::Trackers);
        popup.chosen == Chosen::Yes || !is_open
    }

    fn candidates(&self, field: &Field, setting: &Setting<'_>) -> Vec<String> {
        let workspace = setting.workspace;
        match field.offers() {
            Offers::Nothing => Vec::new(),
            Offers::Quick => {
                let line = field.before_cursor();
                let found = quick_add::offers(line, line.len(), workspace);
                found.offers.into_iter().map(|offer| offer.word).collect()
            }
            Offers::Services => workspace.services.iter().map(|service| service.id.clone()).collect(),
            Offers::Items => {
                if split(field).1.contains('@') {
                    return Vec::new();
                }
                workspace.services.iter().map(|service| service.id.clone()).collect()
            }
            Offers::Environments => workspace.environments.iter().map(|known| known.id.clone()).collect(),
            Offers::Regions => {
                let environment = self.value(Name::Environment, field.section);
                regions(workspace, environment)
            }
            Offers::People => people(workspace, setting.me),
            Offers::Roles => {
                let checks = workspace.releases.iter().flat_map(|release| &release.checks);
                unique(checks.filter_map(|check| check.role.clone()))
            }
            Offers::Zones => chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect(),
            Offers::Layers => unique(workspace.windows.iter().filter_map(|window| window.layer.clone())),
            Offers::ChangeTypes => ChangeType::ALL.iter().map(|change| change.word().to_owned()).collect(),
            Offers::Weekdays => {
                let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
                days.iter().map(|day| (*day).to_owned()).collect()
            }
            Offers::Trackers => trackers(workspace),
            Offers::Steps => step::others(&self.subject),
        }
    }
}

/// Whether the person asked for what could be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// They type.
    No,
    /// They asked.
    Yes,
}

/// Everybody the files know of, sorted: who owns something, who is called, who made exceptions.
pub fn people(workspace: &Workspace, me: Option<&str>) -> Vec<String> {
    let services = workspace.services.iter();
    let owners = services.clone().filter_map(|service| service.owner.clone());
    let called = services.flat_map(|service| service.escalation.clone());
    let planning = workspace.releases.iter().filter_map(|release| release.owner.clone());
    let steps = workspace.releases.iter().flat_map(|release| &release.show.steps);
    let doing = steps.filter_map(|step| step.owner.clone());
    let excepted =
        workspace.releases.iter().flat_map(|release| release.exceptions.iter().map(|known| known.by.clone()));
    unique(owners.chain(called).chain(planning).chain(doing).chain(excepted).chain(me.map(str::to_owned)))
}

/// Whether the files know of this person.
pub fn is_person(workspace: &Workspace, name: &str) -> bool {
    let owns = |owner: &Option<String>| owner.as_deref() == Some(name);
    let called = |service: &crate::domain::Service| service.escalation.iter().any(|known| known == name);
    workspace.services.iter().any(|service| owns(&service.owner) || called(service))
        || workspace.releases.iter().any(|release| {
            owns(&release.owner)
                || release.exceptions.iter().any(|known| known.by == name)
                || release.show.steps.iter().any(|step| owns(&step.owner))
        })
}

/// The regions of an environment; of all of them where it is not known.
pub fn regions(workspace: &Workspace, environment: &str) -> Vec<String> {
    let named = workspace.environment(environment);
    let of = |id: &str| named.is_none_or(|named| named.id == id);
    let regions =
        workspace.environments.iter().filter(|known| of(&known.id)).flat_map(|known| &known.regions);
    unique(regions.map(|region| region.id.clone()))
}

fn trackers(workspace: &Workspace) -> Vec<String> {
    let known = workspace.releases.iter().filter_map(|release| release.tracker.as_ref());
    let projects = known.map(|tracker| format!("{}:{}/", tracker.backend, tracker.project));
    let backends = workspace.backends.iter().filter(|backend| backend.kind == BackendKind::Jira);
    unique(projects.chain(backends.map(|backend| format!("{}:", backend.name))))
}

fn unique(words: impl Iterator<Item = String>) -> Vec<String> {
    words.filter(|word| !word.is_empty()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What stands before the word at the cursor, and the word.
fn split(field: &Field) -> (&str, &str) {
    let before = field.before_cursor();
    let start = match field.offers() {
        Offers::Quick => before.rfind(char::is_whitespace).map_or(0, |at| at + 1),
        Offers::Roles => before.rfind('@').map_or(before.len(), |at| at + 1),
        offers if offers.is_list() => before.rfind(',').map_or(0, |at| at + 1),
        _ if !matches!(field.control, Control::Line { .. } | Control::Text { .. }) => before.len(),
        _ => 0,
    };
    let (head, word) = before.split_at(start);
    (head, word.trim_start())
}

/// The words that match what was typed, best first; a word that begins so comes before one that
/// only holds the letters.
fn matching(typed: &str, candidates: Vec<String>) -> Vec<String> {
    if typed.is_empty() {
        return candidates.into_iter().take(MOST).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let lower = typed.to_lowercase();
    let mut scored: Vec<_> = candidates
        .into_iter()
        .filter_map(|word| {
            let score = pattern.score(Utf32Str::new(&word, &mut buffer), &mut matcher)?;
            let begins = word.to_lowercase().starts_with(&lower);
            Some((!begins, std::cmp::Reverse(score), word))
        })
        .collect();
    scored.sort();
    scored.into_iter().map(|(_, _, word)| word).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_a_zone() {
        let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect();
        assert_eq!(matching("berl", zones).first().map(String::as_str), Some("Europe/Berlin"));
    }

    #[test]
    fn the_word_at_the_cursor_is_the_last_of_a_list() {
        let field = Field::offering(Name::Services, "services", "checkout, pay", Offers::Services, "");
        assert_eq!(split(&field), ("checkout,", "pay"));
    }
}
