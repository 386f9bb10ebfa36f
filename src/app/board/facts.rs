//! What is known of a service: what runs, how far behind, since when, what comes next.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::compatibility::{self, Compatibility};
use crate::domain::question::{Changes, Running, Span, Tag, VersionShare};
use crate::domain::remote::Trouble;
use crate::domain::version::{self, parse_version};
use crate::domain::workspace::VersionsSource;
use crate::domain::{Environment, Face, Question, Release, Safe, Service, Stage, rollout};

/// How far back the history is asked, in seconds.
pub const HISTORY_SECONDS: u32 = 14 * 86_400;
/// How fine it is asked, in seconds.
pub const HISTORY_STEP: u32 = 3600;
/// Tags looked at for the newest version: the newest by date, among which it is found by order.
const TAGS_COMPARED: usize = 12;
/// Tags looked at for the date of a running version.
const TAGS_SEARCHED: usize = 400;

/// Something asked of the outside, as a cell shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known<'a, T> {
    /// There is nobody to ask, and so nothing to show.
    NotApplicable,
    /// The first answer is on its way.
    Waiting,
    /// An answer; with its age where it is too old to count as good.
    Value(T, Option<Duration>),
    /// The answer is partial and does not have it, which does not say that it is not there.
    Partial,
    /// There never was an answer.
    Unknown(&'a Trouble),
}

impl<'a, T> Known<'a, T> {
    /// The value, however old.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value, _) => Some(value),
            _ => None,
        }
    }

    fn of<U>(face: &Face<'a, U>, pick: impl FnOnce(&'a U) -> T) -> Self {
        match face {
            Face::NotAsked | Face::Loading => Self::Waiting,
            Face::Fresh(value) => Self::Value(pick(value), None),
            Face::Stale { value, age, .. } => Self::Value(pick(value), Some(*age)),
            Face::Failed(trouble) => Self::Unknown(trouble),
        }
    }
}

/// What runs of a service in an environment: versions with shares, the largest first as the
/// source gives them; none: it is not there.
pub fn running<'a>(
    state: &'a State,
    environment: &Environment,
    service: &str,
) -> Known<'a, &'a [VersionShare]> {
    if environment.versions.is_none() {
        return Known::NotApplicable;
    }
    let known = Known::of(&state.remotes.running(&environment.id, state.now), |running: &'a Running| {
        (running.services.get(service).map_or(&[][..], Vec::as_slice), !running.warnings.is_empty())
    });
    match known {
        Known::Value(([], true), _) | Known::Partial => Known::Partial,
        Known::Value((shares, _), age) => Known::Value(shares, age),
        Known::NotApplicable => Known::NotApplicable,
        Known::Waiting => Known::Waiting,
        Known::Unknown(trouble) => Known::Unknown(trouble),
    }
}

/// The version with the largest share.
pub fn main_version(shares: &[VersionShare]) -> Option<&Safe> {
    let mut best: Option<&VersionShare> = None;
    for share in shares {
        if best.is_none_or(|best| share.share > best.share) {
            best = Some(share);
        }
    }
    best.map(|share| &share.version)
}

/// The oldest version that runs: as long as any of it does, a service is that far behind. Where
/// one cannot be compared, the one with the largest share.
pub fn oldest_version(shares: &[VersionShare]) -> Option<&Safe> {
    let mut oldest: Option<(semver::Version, &Safe)> = None;
    for share in shares {
        let Some(number) = version_number(&share.version) else { return main_version(shares) };
        if oldest.as_ref().is_none_or(|(known, _)| number < *known) {
            oldest = Some((number, &share.version));
        }
    }
    oldest.map(|(_, version)| version)
}

/// How far what runs is behind the newest version.
#[derive(Debug, Clone, PartialEq)]
pub struct Behind<'a> {
    /// Commits between.
    pub count: u32,
    /// The newest version's tag; `None`: there is no tag, counted to HEAD.
    pub to: Option<Safe>,
    /// The commits themselves, where there are any.
    pub changes: Option<&'a Changes>,
}

/// What must be asked to know how far a service is behind, once its tags are known.
pub fn behind_question(
    state: &State,
    environment: Option<&Environment>,
    service: &Service,
) -> Option<Question> {
    let tags = state.remotes.tags(&service.id, state.now);
    let newest = newest(value_of(&tags)?);
    let runs = match environment {
        None => None,
        Some(environment) => Some(oldest_version(running(state, environment, &service.id).value()?)?),
    };
    changes_between(service, runs, newest)
}

/// From what runs to the newest version; where nothing tells what runs, what came since the
/// newest version. `None`: nothing lies between.
fn changes_between(service: &Service, runs: Option<&Safe>, newest: Option<&Safe>) -> Option<Question> {
    let (from, to) = match (runs, newest) {
        (Some(runs), Some(newest)) if same_version(runs, newest) => return None,
        (Some(runs), newest) => (runs, newest),
        (None, newest) => (newest?, None),
    };
    Some(Question::Changes {
        service: service.id.clone(),
        from: Some(from.to_string()),
        to: to.map(ToString::to_string),
    })
}

/// How far a service is behind in an environment; without one, what came since its newest tag.
pub fn behind<'a>(
    state: &'a State,
    environment: Option<&Environment>,
    service: &Service,
) -> Known<'a, Behind<'a>> {
    let (mut runs, mut age) = (None, None);
    if let Some(environment) = environment {
        match running(state, environment, &service.id) {
            Known::NotApplicable => return Known::NotApplicable,
            Known::Waiting => return Known::Waiting,
            Known::Partial => return Known::Partial,
            Known::Unknown(trouble) => return Known::Unknown(trouble),
            Known::Value(shares, running_age) => (runs, age) = (oldest_version(shares), running_age),
        }
        if runs.is_none() {
            return Known::NotApplicable;
        }
    }
    let tags = match Known::of(&state.remotes.tags(&service.id, state.now), Vec::as_slice) {
        Known::Value(tags, _) => tags,
        Known::Unknown(trouble) => return Known::Unknown(trouble),
        Known::NotApplicable | Known::Waiting | Known::Partial => return Known::Waiting,
    };
    let newest = newest(tags);
    let Some(question) = changes_between(service, runs, newest) else {
        return match newest {
            None => Known::NotApplicable,
            Some(newest) => Known::Value(Behind { count: 0, to: Some(newest.clone()), changes: None }, age),
        };
    };
    let to = if environment.is_some() { newest.cloned() } else { None };
    let face = state.remotes.changes(&question, state.now);
    match Known::of(&face, |changes| Behind { count: changes.count, to, changes: Some(changes) }) {
        Known::Value(behind, own) => Known::Value(behind, own.max(age)),
        other => other,
    }
}

/// The newest version among tags: the highest of the newest few, releases before pre-releases.
pub fn newest(tags: &[Tag]) -> Option<&Safe> {
    let few = &tags[..tags.len().min(TAGS_COMPARED)];
    let parsed = few.iter().filter_map(|tag| Some((version_number(&tag.name)?, &tag.name)));
    let best = parsed.max_by(|(a, _), (b, _)| (a.pre.is_empty(), a).cmp(&(b.pre.is_empty(), b)));
    best.map(|(_, name)| name).or_else(|| tags.first().map(|tag| &tag.name))
}

/// The part of a tag that is a version: `checkout-4.2.0` and `checkout/v4.2.0` are understood.
fn version_part(tag: &str) -> &str {
    tag.find(|c: char| c.is_ascii_digit()).map_or(tag, |digits| &tag[digits..])
}

fn version_number(tag: &str) -> Option<semver::Version> {
    parse_version(tag).or_else(|| parse_version(version_part(tag)))
}

/// Whether a version or tag names the same version as another: `v4.2.0` and `4.2.0` do.
pub fn same_version(one: &str, other: &str) -> bool {
    version::same_version(one, other) || version::same_version(version_part(one), version_part(other))
}

/// Since when a version runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// It was seen to take over, to the step of the history.
    Seen(DateTime<Utc>),
    /// It was there all along; when it came is further back than was asked.
    Before(DateTime<Utc>),
    /// Nobody saw it come: its tag is from then.
    Tagged(DateTime<Utc>),
}

impl Since {
    /// The instant.
    pub fn at(self) -> DateTime<Utc> {
        match self {
            Self::Seen(at) | Self::Before(at) | Self::Tagged(at) => at,
        }
    }
}

/// The question for what ran in an environment; only Prometheus remembers.
pub fn history_question(environment: &Environment) -> Option<Question> {
    let remembers = matches!(environment.versions, Some(VersionsSource::Query { .. }));
    let span = Span { end: None, seconds: HISTORY_SECONDS, step: HISTORY_STEP };
    remembers.then(|| Question::RunningHistory { environment: environment.id.clone(), span })
}

/// Since when what mostly runs of a service runs in an environment.
pub fn since<'a>(state: &'a State, environment: &Environment, service: &str) -> Known<'a, Since> {
    let (version, age) = match running(state, environment, service) {
        Known::NotApplicable => return Known::NotApplicable,
        Known::Waiting => return Known::Waiting,
        Known::Partial => return Known::Partial,
        Known::Unknown(trouble) => return Known::Unknown(trouble),
        Known::Value(shares, age) => match main_version(shares) {
            Some(version) => (version, age),
            None => return Known::NotApplicable,
        },
    };
    let seen = history_question(environment).map(|question| {
        Known::of(&state.remotes.history(&question, state.now), |history| {
            Some(match rollout::since(history, service, None, version)? {
                rollout::Since::At(at) => Since::Seen(at),
                rollout::Since::Before(at) => Since::Before(at),
            })
        })
    });
    if let Some(Known::Value(Some(since), own)) = seen {
        return Known::Value(since, own.max(age));
    }
    if let Some(Known::Waiting) = seen {
        return Known::Waiting;
    }
    let tags = state.remotes.tags(service, state.now);
    let tagged = value_of(&tags)
        .and_then(|tags| tags.iter().take(TAGS_SEARCHED).find(|tag| same_version(&tag.name, version)));
    match (tagged, seen) {
        (Some(tag), _) => Known::Value(Since::Tagged(tag.at), age),
        (None, Some(Known::Unknown(trouble))) => Known::Unknown(trouble),
        (None, _) => Known::NotApplicable,
    }
}

/// What comes next: a planned version, and the stage that brings it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comes<'a> {
    /// The release.
    pub release: &'a Release,
    /// The version it brings.
    pub version: &'a str,
    /// The stage that brings it.
    pub stage: &'a Stage,
}

/// The next planned version of a service that does not run everywhere in the environment yet.
pub fn comes<'a>(state: &'a State, environment: Option<&Environment>, place: usize) -> Option<Comes<'a>> {
    let service = state.workspace.services.get(place)?;
    let runs = environment.and_then(|environment| running(state, environment, &service.id).value());
    let there = |version: &str| matches!(runs, Some([only]) if same_version(&only.version, version));
    let coming = state.board.index.coming(&state.workspace, place, state.now.wall);
    coming.into_iter().find_map(|(release, stage)| {
        let version = release.version_of(&service.id)?;
        let here = environment.is_none_or(|environment| environment.id == stage.environment);
        (here && !there(version)).then_some(Comes { release, version, stage })
    })
}

/// Whether a version would work with what runs in an environment; stale is not known.
pub fn compatibility(
    state: &State,
    environment: &Environment,
    service: &str,
    version: &str,
) -> Compatibility {
    let face = state.remotes.running(&environment.id, state.now);
    let why;
    let known = match face {
        Face::Fresh(running) => compatibility::Known::Running(running),
        Face::NotAsked if environment.versions.is_none() => {
            compatibility::Known::Unknown("no `versions` tells it in tminus.toml")
        }
        Face::NotAsked | Face::Loading => compatibility::Known::Unknown("no answer yet"),
        Face::Stale { age, .. } => {
            why = format!("the last answer is {} s old", age.as_secs());
            compatibility::Known::Unknown(&why)
        }
        Face::Failed(trouble) => compatibility::Known::Unknown(&trouble.failure.what),
    };
    compatibility::can_i_deploy(&state.workspace, service, version, &environment.id, known)
}
