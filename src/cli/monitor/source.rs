//! Answers from outside, each with its age: asked again while they can change, kept while they
//! cannot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use crate::backend::Backends;
use crate::domain::analysis::health;
use crate::domain::analysis::plan::Known;
use crate::domain::analysis::subject::{GRAIN, LOOKBACK, Subject};
use crate::domain::health::{HealthCheck, Outcome, Target, Told};
use crate::domain::question::{RunningHistory, Series, Span};
use crate::domain::workspace::VersionsSource;
use crate::domain::{Answer, Failure, Question, Service, Workspace};

/// The most points that are asked for at a time.
const MOST_POINTS: u32 = 10_800;
/// The least seconds between two points of an alert's history.
const ALERT_GRAIN: u32 = 15;

/// What a question was answered, the last time it was answered well, and what went wrong since.
#[derive(Debug, Default)]
struct Kept {
    answer: Option<(Answer, Instant)>,
    failure: Option<Failure>,
    /// When it was asked last.
    asked: Option<Instant>,
}

/// What ran, and why it is not known or only in part.
#[derive(Debug, Default)]
pub struct History {
    /// What was told.
    pub value: RunningHistory,
    /// Why it cannot be trusted.
    pub doubt: Option<String>,
}

/// Where answers come from.
pub struct Source {
    workspace: Arc<Workspace>,
    backends: Backends,
    kept: BTreeMap<Question, Kept>,
    now: DateTime<Utc>,
    replay: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// When the present look began: what was asked since is not asked again.
    look: Instant,
    /// Whether programs of health checks are run.
    runs_programs: bool,
}

impl Source {
    /// The backends of a workspace.
    pub fn new(workspace: Arc<Workspace>, runs_programs: bool) -> Self {
        let backends = Backends::new(Arc::clone(&workspace));
        Self {
            workspace,
            backends,
            kept: BTreeMap::new(),
            now: DateTime::UNIX_EPOCH,
            replay: None,
            look: Instant::now(),
            runs_programs,
        }
    }

    /// A new look: as of when, and over which history where it is one.
    pub fn begin(&mut self, now: DateTime<Utc>, replay: Option<(DateTime<Utc>, DateTime<Utc>)>) {
        self.now = now;
        self.replay = replay;
        self.look = Instant::now();
    }

    /// What ran in an environment.
    pub async fn history(&mut self, environment: &str) -> History {
        let source = self.workspace.environment(environment).and_then(|known| known.versions.as_ref());
        let is_told = matches!(source, Some(VersionsSource::Query { .. }));
        if self.replay.is_some() && !is_told {
            let doubt = format!("what ran in {environment} is not told over time: write versions as a query");
            return History { value: RunningHistory::default(), doubt: Some(doubt) };
        }
        let (end, seconds) = match self.replay {
            None => (None, LOOKBACK),
            Some((from, to)) => {
                let length = u32::try_from((to - from).num_seconds()).unwrap_or(u32::MAX - LOOKBACK);
                (Some(to), LOOKBACK.saturating_add(length))
            }
        };
        let step = seconds.div_ceil(MOST_POINTS).div_ceil(GRAIN).max(1) * GRAIN;
        let span = Span { end, seconds, step };
        let question = Question::RunningHistory { environment: environment.to_owned(), span };
        self.ask(std::slice::from_ref(&question)).await;
        let Some(kept) = self.kept.get(&question) else { return History::default() };
        let doubt = kept.failure.as_ref().map(ToString::to_string);
        match &kept.answer {
            Some((Answer::RunningHistory(history), _)) => History { value: history.clone(), doubt },
            _ => History { value: RunningHistory::default(), doubt },
        }
    }

    /// Asks, all at once, what can have changed since it was asked.
    pub async fn ask(&mut self, questions: &[Question]) {
        let due: Vec<&Question> = questions.iter().filter(|question| self.is_due(question)).collect();
        let clock = if self.replay.is_some() { self.now } else { Utc::now() };
        let limit = self.replay.map_or(clock, |(_, to)| to);
        // A series is asked for once, up to the end; what speaks of an instant is asked for at it.
        let as_of = |question: &Question| if is_of_an_instant(question) { clock } else { limit };
        let answers =
            join_all(due.iter().map(|question| self.backends.answer(question, as_of(question)))).await;
        for (question, answer) in due.into_iter().zip(answers) {
            let kept = self.kept.entry(question.clone()).or_default();
            let asked = Instant::now();
            kept.asked = Some(asked);
            match answer {
                Ok(answer) => {
                    kept.answer = Some((answer, asked));
                    kept.failure = None;
                }
                Err(failure) => kept.failure = Some(failure),
            }
        }
    }

    fn is_due(&self, question: &Question) -> bool {
        let Some(kept) = self.kept.get(question) else { return true };
        if kept.asked.is_some_and(|asked| asked >= self.look) {
            return false;
        }
        if kept.failure.is_some() || kept.answer.is_none() {
            return true;
        }
        match question {
            _ if is_of_an_instant(question) && self.replay.is_some() => true,
            Question::Health { .. } | Question::HealthCommand(_) => {
                let check = question.health_target().and_then(|target| self.check(target));
                let every = check.and_then(|check| check.interval.to_std().ok()).unwrap_or_default();
                kept.asked.is_none_or(|asked| self.look.saturating_duration_since(asked) >= every)
            }
            // History does not change.
            _ if self.replay.is_some() => false,
            Question::Measured { until: Some(until), .. } => *until + TimeDelta::minutes(1) > self.now,
            _ => true,
        }
    }

    /// Whether history is gone through.
    pub fn is_of_the_past(&self) -> bool {
        self.replay.is_some()
    }

    /// The question for the alerts of the history that is gone through, and of the day before it;
    /// `None`: none is.
    pub fn past_alerts(&self, backend: &str) -> Option<Question> {
        let (from, to) = self.replay?;
        let length = u32::try_from((to - from).num_seconds()).unwrap_or(u32::MAX - LOOKBACK);
        let seconds = LOOKBACK.saturating_add(length);
        let step = seconds.div_ceil(MOST_POINTS).div_ceil(ALERT_GRAIN).max(1) * ALERT_GRAIN;
        let span = Span { end: Some(to), seconds, step };
        Some(Question::AlertHistory { backend: backend.to_owned(), span })
    }

    /// The answer to a question of this look, or to one about a history that does not change; `None`:
    /// it failed, or was not asked.
    pub fn fresh(&self, question: &Question) -> Option<&Answer> {
        let kept = self.kept.get(question)?;
        let is_lasting = self.replay.is_some() && !is_of_an_instant(question);
        let is_new = is_lasting || kept.asked.is_some_and(|asked| asked >= self.look);
        kept.answer.as_ref().filter(|_| is_new && kept.failure.is_none()).map(|(answer, _)| answer)
    }

    fn check(&self, target: &Target) -> Option<&HealthCheck> {
        let service = self.workspace.service(&target.service)?;
        service.health.iter().find(|check| check.id == target.check)
    }

    /// Asks the health checks of a rollout, as far as they can be asked, and says what is known.
    pub async fn checks(&mut self, service: &Service, subject: &Subject) -> Vec<Told> {
        let workspace = Arc::clone(&self.workspace);
        let checks = health::checks(&workspace, service, subject);
        let asked = checks.iter().filter(|(check, question)| self.why_not_asked(check, question).is_none());
        let asked: Vec<Question> = asked.map(|(_, question)| question.clone()).collect();
        self.ask(&asked).await;
        let told = checks
            .iter()
            .filter_map(|(check, question)| health::told(check, question, self.outcome(check, question)));
        told.collect()
    }

    fn why_not_asked(&self, check: &HealthCheck, question: &Question) -> Option<String> {
        if self.replay.is_some() && !health::knows_the_past(check) {
            return Some(health::NOT_OF_THE_PAST.to_owned());
        }
        let is_left_out = question.is_on_demand() && !self.runs_programs;
        is_left_out.then(|| "its program was not run: --run does".to_owned())
    }

    fn outcome(&self, check: &HealthCheck, question: &Question) -> Result<(&Outcome, DateTime<Utc>), String> {
        if let Some(why) = self.why_not_asked(check, question) {
            return Err(why);
        }
        let kept = self.kept.get(question).ok_or_else(|| "no answer yet".to_owned())?;
        match (&kept.answer, &kept.failure) {
            (_, Some(failure)) => Err(failure.to_string()),
            (Some((Answer::Health(outcome), at)), None) => {
                let age = if self.replay.is_some() { TimeDelta::zero() } else { age(*at) };
                Ok((outcome, self.now - age))
            }
            _ => Err("no answer yet".to_owned()),
        }
    }

    /// What is known of a series. A question that failed since is not known to be as it was: its
    /// last answer counts as stale at once.
    pub fn known(&self, question: &Question) -> Known<'_> {
        let Some(kept) = self.kept.get(question) else { return Known::Waiting };
        let why = kept.failure.as_ref().map(|failure| failure.what.as_str());
        let series: Option<(&Series, TimeDelta)> = match &kept.answer {
            Some((Answer::Metric(series), at)) => {
                // Over history there is no age: what was measured then is what was measured.
                Some((series, if self.replay.is_some() { TimeDelta::zero() } else { age(*at) }))
            }
            _ => None,
        };
        match (series, why) {
            (Some((series, age)), None) => Known::Fresh(series, age),
            (Some((series, age)), Some(why)) => Known::Stale(series, age, Some(why)),
            (None, Some(why)) => Known::Failed(why),
            (None, None) => Known::Waiting,
        }
    }
}

fn age(at: Instant) -> TimeDelta {
    TimeDelta::from_std(at.elapsed()).unwrap_or(TimeDelta::MAX)
}

/// Whether an answer speaks of one instant, and so is another one at each look at history.
fn is_of_an_instant(question: &Question) -> bool {
    matches!(question, Question::Health { .. } | Question::HealthCommand(_) | Question::Burn { .. })
}
