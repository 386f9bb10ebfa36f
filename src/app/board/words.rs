//! The board's facts in words, alike on screen and in what is copied.

use std::fmt::Write as _;

use crate::app::State;
use crate::domain::format;
use crate::domain::question::VersionShare;
use crate::domain::version::{parse_requirement, parse_version};

use super::{Behind, Known, Since};

/// Versions with their shares: `4.1.3`, or `4.1.3 75 % · 4.2.0 25 %`.
pub fn shares_words(shares: &[VersionShare]) -> String {
    if let [only] = shares {
        return only.version.to_string();
    }
    let words: Vec<String> =
        shares.iter().map(|share| format!("{} {}", share.version, format::share(share.share))).collect();
    words.join(" · ")
}

/// Whether what runs meets a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Every version that runs does.
    Meets,
    /// One does not, or nothing runs.
    Misses,
    /// It is not known, or too old to say.
    Unknown,
}

/// Whether what runs of a provider meets a requirement; stale is not known.
pub fn requirement_fit(requirement: Option<&str>, runs: Known<'_, &[VersionShare]>) -> Fit {
    let Known::Value(shares, None) = runs else { return Fit::Unknown };
    if shares.is_empty() {
        return Fit::Misses;
    }
    let Some(requirement) = requirement else { return Fit::Meets };
    let Some(requirement) = parse_requirement(requirement) else { return Fit::Unknown };
    let mut fit = Fit::Meets;
    for share in shares {
        match parse_version(&share.version) {
            Some(version) if requirement.matches(&version) => {}
            Some(_) => return Fit::Misses,
            None => fit = Fit::Unknown,
        }
    }
    fit
}

/// What is selected, as text to copy: the service, what runs everywhere, how far behind.
pub fn selected_text(state: &State) -> Option<String> {
    let place = super::selected_place(state)?;
    let service = state.workspace.services.get(place)?;
    let here = super::environment(state);
    let mut text = service.id.clone();
    if let Some(owner) = &service.owner {
        let _ = write!(text, "  owner {owner}");
    }
    if let Some(tier) = service.tier {
        let _ = write!(text, "  tier {tier}");
    }
    for environment in &state.workspace.environments {
        let words = match super::running(state, environment, &service.id) {
            Known::NotApplicable => continue,
            Known::Waiting => "not known yet".to_owned(),
            Known::Partial => "unknown: not in a partial answer".to_owned(),
            Known::Unknown(trouble) => format!("unknown: {}", trouble.failure),
            Known::Value(shares, age) => {
                let shares = if shares.is_empty() { "not there".to_owned() } else { shares_words(shares) };
                let stale = age.map_or_else(String::new, |age| format!(" (stale, {} s old)", age.as_secs()));
                format!("{shares}{stale}")
            }
        };
        let _ = write!(text, "\n{}: {words}", environment.id);
    }
    if let Known::Value(Behind { count, to, .. }, _) = super::behind(state, here, service) {
        let to = to.as_deref().unwrap_or("HEAD");
        let place = here.map_or_else(String::new, |here| format!("{} is ", here.id));
        let _ = write!(text, "\n{place}{count} commits behind {to}");
    }
    if let Some(Known::Value(since, _)) = here.map(|here| super::since(state, here, &service.id)) {
        let at = since.at().with_timezone(&state.zone).format("%Y-%m-%d %H:%M %Z");
        let _ = match since {
            Since::Seen(_) => write!(text, ", since {at}"),
            Since::Before(_) => write!(text, ", since before {at}"),
            Since::Tagged(_) => write!(text, ", tagged {at}"),
        };
    }
    if let Some(comes) = super::comes(state, here, place) {
        let at = comes.stage.start.with_timezone(&state.zone).format("%Y-%m-%d %H:%M %Z");
        let _ = write!(text, "\ncomes: {} with {} at {at}", comes.version, comes.release.id);
    }
    Some(text)
}
