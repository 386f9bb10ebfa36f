//! `tminus monitor`: a rollout's verdict as a stream of lines, live or over history.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use self::advice::Advisor;
use self::line::Teller;
use self::source::Source;
use self::target::Target;
use super::output::complain;
use super::{CliError, Context, Exit};
use crate::domain::analysis::memory::Memory;
use crate::domain::analysis::subject::{Phase, Subject, subjects};
use crate::domain::analysis::{self, Assessment, Evidence};
use crate::domain::judge::Verdict;
use crate::domain::moment::parse_span;
use crate::domain::trigger::Advised;
use crate::domain::{Service, Workspace};

mod advice;
mod line;
mod source;
mod stop;
mod target;

/// What is measured now may not have been scraped yet.
const SETTLED: TimeDelta = TimeDelta::seconds(5);
/// Between two looks at a live rollout, in seconds.
const LIVE: i64 = 15;
/// Between two looks at history, in seconds.
const REPLAY: i64 = 60;

/// Options of `tminus monitor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A release, or a service
    #[arg(value_name = "RELEASE|SERVICE")]
    name: String,
    /// Watch for so long: 60m, 2h; without it, until the rollout is over or fails
    #[arg(long = "for", value_name = "LENGTH")]
    length: Option<String>,
    /// Where; without it, where the release's latest stage began, or the last environment
    #[arg(long, value_name = "ID")]
    environment: Option<String>,
    /// In this region only
    #[arg(long, value_name = "ID")]
    region: Option<String>,
    /// Between two looks: 15s live, 1m over history
    #[arg(long, value_name = "LENGTH")]
    interval: Option<String>,
    /// Go on when the verdict is failing, as over history
    #[arg(long)]
    keep_on: bool,
    /// Run the programs of health checks too; without it they are not known
    #[arg(long)]
    run: bool,
    /// At the end, write the very numbers that were compared there, for `tminus judge FILE`
    #[arg(long, value_name = "FILE")]
    judge_file: Option<PathBuf>,
}

/// When to look, and when to stop.
#[derive(Debug, Clone, Copy)]
enum Watch {
    /// The clock's rollout; at most so long, if a length is given.
    Live { length: Option<TimeDelta> },
    /// History: from an instant to another.
    Replay { from: DateTime<Utc>, to: DateTime<Utc> },
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = Arc::new(opened.workspace);
    let clock = Context::clock();
    let as_of = context.now(&workspace)?;
    let length = span("--for", args.length.as_deref())?;
    let interval = span("--interval", args.interval.as_deref())?;
    let watch = match &context.global.at {
        None => Watch::Live { length },
        Some(_) if as_of > clock => {
            return Err(CliError::wrong("--at lies in the future", "what was not measured cannot be judged"));
        }
        // What was not measured yet cannot be judged.
        Some(_) => Watch::Replay { from: as_of, to: (as_of + length.unwrap_or_default()).min(clock) },
    };
    let targets = target::of(&workspace, args, as_of)?;
    let every = interval.unwrap_or(TimeDelta::seconds(match watch {
        Watch::Live { .. } => LIVE,
        Watch::Replay { .. } => REPLAY,
    }));
    let runtime = super::ask::runtime()?;
    let source = Source::new(Arc::clone(&workspace), args.run);
    let mut monitor = Monitor {
        workspace,
        targets,
        source,
        memory: Memory::default(),
        advisor: Advisor::default(),
        told: Teller::new(context.global.json),
    };
    let seen = runtime.block_on(async {
        match watch {
            Watch::Live { length } => monitor.live(length, every, args.keep_on).await,
            Watch::Replay { from, to } => monitor.replay(from, to, every).await,
        }
    });
    if let Some(file) = &args.judge_file {
        line::write_judge_file(file, &seen)?;
    }
    let exit = exit_of(&seen);
    Ok(Context::exit_with(&opened.problems, exit))
}

fn span(option: &str, text: Option<&str>) -> Result<Option<TimeDelta>, CliError> {
    let Some(text) = text else { return Ok(None) };
    match parse_span(text) {
        Ok(span) if span >= TimeDelta::seconds(1) => Ok(Some(span)),
        Ok(_) => Err(CliError::wrong(format!("{option} is shorter than a second"), "write 15s or 1m")),
        Err(what) => Err(CliError::wrong(format!("{option} cannot be read"), what)),
    }
}

/// One thing that was looked at, and what was said of it.
pub(super) struct Seen {
    pub(super) subject: Subject,
    pub(super) assessment: Assessment,
    /// What its triggers recommend.
    pub(super) advised: Option<Advised>,
    /// The watch was ended from outside.
    pub(super) stopped: bool,
}

impl Seen {
    /// The verdict as it counts: one that was stopped early is not healthy.
    pub(super) fn verdict(&self) -> Verdict {
        match self.assessment.verdict {
            Verdict::Healthy if self.stopped => Verdict::Inconclusive,
            verdict => verdict,
        }
    }
}

/// The worst counts; what is not known is worse than what is good.
fn exit_of(seen: &[Seen]) -> Exit {
    let any = |verdicts: &[Verdict]| seen.iter().any(|seen| verdicts.contains(&seen.verdict()));
    if any(&[Verdict::Failing, Verdict::Marginal]) {
        Exit::No
    } else if seen.is_empty() || any(&[Verdict::Inconclusive]) {
        Exit::Unknown
    } else {
        Exit::Yes
    }
}

struct Monitor {
    workspace: Arc<Workspace>,
    targets: Vec<Target>,
    source: Source,
    memory: Memory,
    advisor: Advisor,
    told: Teller,
}

impl Monitor {
    /// Looks until the rollouts are over, one fails, the time is up, or somebody stops it.
    async fn live(&mut self, length: Option<TimeDelta>, every: TimeDelta, keep_on: bool) -> Vec<Seen> {
        let begun = Instant::now();
        let length = length.and_then(|length| length.to_std().ok());
        let every = every.to_std().unwrap_or(Duration::from_secs(1));
        let mut stop = std::pin::pin!(stop::asked());
        loop {
            let looked = tokio::select! {
                looked = self.look(Context::clock() - SETTLED, None) => Some(looked),
                () = &mut stop => None,
            };
            let Some(seen) = looked else { return self.stopped(Vec::new()) };
            let left = length.map(|length| length.saturating_sub(begun.elapsed()));
            let fails = !keep_on && seen.iter().any(|seen| seen.verdict() == Verdict::Failing);
            let is_over = match left {
                Some(left) => left.is_zero(),
                None => seen.iter().all(|seen| seen.subject.is_finished(seen.assessment.now)),
            };
            if fails || is_over {
                self.told.last(&seen);
                return seen;
            }
            self.told.changes(&seen);
            tokio::select! {
                () = tokio::time::sleep(left.map_or(every, |left| left.min(every))) => {}
                () = &mut stop => return self.stopped(seen),
            }
        }
    }

    fn stopped(&mut self, mut seen: Vec<Seen>) -> Vec<Seen> {
        for seen in &mut seen {
            seen.stopped = true;
        }
        if seen.is_empty() {
            complain("tminus: stopped before anything was known: run it again");
        }
        self.told.last(&seen);
        seen
    }

    /// Goes through history as fast as the data comes.
    async fn replay(&mut self, from: DateTime<Utc>, to: DateTime<Utc>, every: TimeDelta) -> Vec<Seen> {
        let mut stop = std::pin::pin!(stop::asked());
        let mut now = from;
        loop {
            let looked = tokio::select! {
                looked = self.look(now, Some((from, to))) => Some(looked),
                () = &mut stop => None,
            };
            let Some(seen) = looked else { return self.stopped(Vec::new()) };
            if now > from || to > from {
                self.told.changes(&seen);
            }
            if now >= to {
                self.told.last(&seen);
                return seen;
            }
            now = (now + every).min(to);
        }
    }

    /// Asks what has to be asked, and judges.
    async fn look(
        &mut self,
        now: DateTime<Utc>,
        replay: Option<(DateTime<Utc>, DateTime<Utc>)>,
    ) -> Vec<Seen> {
        self.source.begin(now, replay);
        self.memory.begin_round();
        let targets = self.targets.clone();
        let mut found: Vec<(Subject, Service)> = Vec::new();
        for target in &targets {
            let Some(service) = self.workspace.service(&target.service) else { continue };
            let history = self.source.history(&target.environment).await;
            let here = subjects(&history.value, &target.service, &target.environment, now);
            for mut subject in here {
                if target.region.is_some() && subject.region.is_some() && subject.region != target.region {
                    continue;
                }
                subject.doubt = history.doubt.clone().or(subject.doubt);
                if let Some(release) = target.release.as_ref().and_then(|id| self.workspace.release(id)) {
                    subject = subject.planned(release);
                }
                found.push((target.fitting(subject), service.clone()));
            }
        }
        let mut seen = Vec::new();
        for (subject, service) in found {
            let metrics = if subject.phase == Phase::None { &[][..] } else { service.judged() };
            self.source.ask(&analysis::plan::questions(&subject, metrics)).await;
            let health = self.source.checks(&service, &subject).await;
            let source = &self.source;
            let known = |question: &crate::domain::Question| source.known(question);
            let evidence = Evidence { subject: &subject, metrics, health: &health, known: &known, now };
            let assessment = analysis::assess(&evidence, &mut self.memory);
            let (workspace, source) = (&self.workspace, &mut self.source);
            let advised = self.advisor.look(workspace, source, (&service, &subject), &assessment).await;
            seen.push(Seen { subject, assessment, advised, stopped: false });
        }
        seen
    }
}
