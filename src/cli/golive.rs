//! `tminus golive`: a stage a region, each at its own local hour.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::output::{print, print_json};
use super::table::Style;
use super::{CliError, Context, Exit, names, release};
use crate::domain::format::local_span;
use crate::domain::golive::{Fate, GoLive, Intent, NoticeKind, RegionIntent, plan};
use crate::domain::moment::parse_span;
use crate::domain::release::Strategy;
use crate::domain::{Before, Edit, Environment, Patch, PlanFile, Release, Safe};

/// Options of `tminus golive`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release that gets the stages
    #[arg(value_name = "RELEASE")]
    release: String,
    /// Where
    #[arg(long, value_name = "ENV")]
    environment: String,
    /// The hour, on every region's own clock
    #[arg(long, value_name = "HH:MM", value_parser = hour)]
    local: NaiveTime,
    /// The regions, in the order in which they go live; without it, all of the environment
    #[arg(long, value_name = "REGION,…", value_delimiter = ',')]
    regions: Vec<String>,
    /// The first day on which a region may go live; can be given several times
    #[arg(long = "not-before", value_name = "REGION=DATE")]
    not_before: Vec<String>,
    /// No stage begins before; without it, now
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// How long a stage takes
    #[arg(long, value_name = "DURATION", default_value = "2h", value_parser = parse_span)]
    duration: TimeDelta,
    /// How long it is watched before the next region begins
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_span)]
    soak: TimeDelta,
    /// canary, blue-green, rolling or all-at-once
    #[arg(long, value_name = "STRATEGY", value_parser = strategy)]
    strategy: Option<Strategy>,
    /// Percent, rising: 5,25,50,100
    #[arg(long, value_name = "PERCENT,…", value_delimiter = ',')]
    steps: Vec<f64>,
    /// Write the stages into the release; without it they are only shown
    #[arg(long)]
    write: bool,
}

fn hour(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "write an hour like 14:00".to_owned())
}

fn strategy(text: &str) -> Result<Strategy, String> {
    let found = Strategy::ALL.into_iter().find(|strategy| strategy.word() == text);
    found.ok_or_else(|| format!("one of {} is accepted", Strategy::ALL.map(Strategy::word).join(", ")))
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let planned = names::release(workspace, &args.release)?;
    let now = context.now(workspace)?;
    let from = match &args.from {
        Some(text) => Context::moment(workspace, now, "--from", text)?,
        None => now,
    };
    let environment = names::environment(workspace, &args.environment)?;
    if args.write && !planned.is_live() {
        let what = format!("{} is {}", planned.id, planned.status.word());
        return Err(CliError::refused(what, "only a release that has not ended can be planned"));
    }
    // A stage of all regions is taken apart: each goes as it did.
    let whole = planned.stages.iter().find(|it| it.environment == environment.id && it.region.is_none());
    let steps = match whole {
        Some(whole) if args.strategy.is_none() && args.steps.is_empty() => whole.steps.clone(),
        _ => args.steps.clone(),
    };
    let intent = Intent {
        environment: environment.id.clone(),
        regions: regions(environment, &args)?,
        local: args.local,
        from,
        duration: args.duration,
        soak: args.soak,
        strategy: args.strategy.or_else(|| whole.and_then(|whole| whole.strategy)),
        steps,
    };
    if intent.duration.is_zero() {
        return Err(CliError::wrong("a stage of no length cannot be planned", "give --duration, like 2h"));
    }
    let found = plan(workspace, planned, &intent, now);
    let complete = found.stages.len() == intent.regions.len();
    let fates = found.fates(workspace, planned, &intent);
    let is_written = args.write && complete;
    if is_written {
        let changes = found.changes(workspace, planned, &intent).map_err(blocked)?;
        let patch = Patch {
            file: PlanFile::Release(planned.id.clone()),
            title: format!("plan the go-live of {}", planned.id),
            before: Some(Box::new(Before::Release(planned.clone()))),
            changes,
        };
        release::apply(&release::writable(context)?, &Edit::Patch(patch))?;
    }
    if context.global.json {
        let mut document = document(&found, &intent, planned, &fates);
        document["release"] = json!(planned.id);
        document["written"] = json!(is_written);
        print_json("golive", document);
    } else {
        let written = match (is_written, args.write) {
            (true, _) => format!("written to releases/{}.toml\n", Safe::new(&planned.id)),
            (false, true) => "nothing was written: not every region found a day\n".to_owned(),
            (false, false) => "nothing was written: --write puts the stages into the release\n".to_owned(),
        };
        print(&(text(&found, planned, &fates) + "\n" + &written));
    }
    let exit = if complete && fates.is_ok() { Exit::Yes } else { Exit::No };
    Ok(Context::exit_with(&opened.problems, exit))
}

/// A go-live that the stages of the release do not allow.
fn blocked(why: String) -> CliError {
    match why.split_once(": ") {
        Some((what, mend)) => CliError::wrong(what, mend),
        None => CliError::wrong(why, "`tminus release edit` changes its stages"),
    }
}

fn regions(environment: &Environment, args: &Args) -> Result<Vec<RegionIntent>, CliError> {
    let known = || environment.regions.iter().map(|region| region.id.as_str());
    let all = || known().collect::<Vec<_>>().join(", ");
    let id = Safe::new(&environment.id);
    if environment.regions.is_empty() {
        return Err(CliError::wrong(
            format!("{id} has no regions"),
            "name them in tminus.toml, or plan a stage with `tminus release add`",
        ));
    }
    let check = |region: &str| {
        if known().any(|known| known == region) {
            return Ok(region.to_owned());
        }
        let what = format!("{id} has no region `{}`", Safe::new(region));
        Err(CliError::wrong(what, format!("it has {}", all())))
    };
    let mut legal: Vec<(String, NaiveDate)> = Vec::new();
    for text in &args.not_before {
        let parts = text.split_once('=').and_then(|(region, day)| Some((region, day.parse().ok()?)));
        let (region, day) = parts.ok_or_else(|| {
            let what = format!("--not-before `{}` cannot be read", Safe::new(text));
            CliError::wrong(what, "write REGION=DATE, us=2026-12-01")
        })?;
        legal.push((check(region)?, day));
    }
    let chosen: Vec<String> =
        if args.regions.is_empty() { known().map(str::to_owned).collect() } else { args.regions.clone() };
    let mut regions: Vec<RegionIntent> = Vec::new();
    for region in &chosen {
        let id = check(region)?;
        if regions.iter().any(|known| known.id == id) {
            let what = format!("the region {} is there twice", Safe::new(&id));
            return Err(CliError::wrong(what, "name each region once"));
        }
        let not_before = legal.iter().find(|(of, _)| *of == id).map(|(_, day)| *day);
        regions.push(RegionIntent { id, not_before });
    }
    if let Some((region, _)) = legal.iter().find(|(of, _)| !chosen.contains(of)) {
        let what = format!("--not-before names {}, which does not go live", Safe::new(region));
        return Err(CliError::wrong(what, "add it to --regions"));
    }
    Ok(regions)
}

/// What becomes of the planned stages, or what is in their way.
type Fates = Result<Vec<Fate>, String>;

fn document(found: &GoLive, intent: &Intent, release: &Release, fates: &Fates) -> Value {
    let stages = found.stages.iter().enumerate().map(|(index, stage)| {
        let fate = fates.as_ref().ok().and_then(|fates| fates.get(index)).copied();
        let there = fate.and_then(Fate::stage).and_then(|index| Some((index, release.stages.get(index)?)));
        let before = there.map(|(index, stage)| {
            json!({ "stage": index, "region": stage.region, "start": rfc3339(stage.start), "end": rfc3339(stage.end) })
        });
        json!({
            "change": fate.map(Fate::word),
            "before": before,
            "region": stage.region,
            "time_zone": stage.time_zone.name(),
            "local_start": stage.local_start.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "local_end": stage.local_end.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "start": rfc3339(stage.start),
            "end": rfc3339(stage.end),
            "soaked": rfc3339(stage.soaked),
        })
    });
    let notices = found
        .notices
        .iter()
        .map(|notice| json!({ "region": notice.region, "code": notice.kind, "message": notice.message }));
    json!({
        "environment": intent.environment,
        "stages": stages.collect::<Vec<_>>(),
        "notices": notices.collect::<Vec<_>>(),
        "blocked": fates.as_ref().err(),
    })
}

fn text(found: &GoLive, release: &Release, fates: &Fates) -> String {
    let style = Style::of_stdout();
    let mut out = String::new();
    for (index, stage) in found.stages.iter().enumerate() {
        let when = local_span(stage.start, stage.end, stage.time_zone);
        let utc = stage.start.format("%a %-d %b %H:%M UTC");
        let fate = fates.as_ref().ok().and_then(|fates| fates.get(index));
        let does = fate.map(|fate| format!(": {}", fate.told(release))).unwrap_or_default();
        let _ = writeln!(out, "{}  {when}  ({utc}){does}", Safe::new(&stage.region));
    }
    if !found.notices.is_empty() || fates.is_err() {
        out.push('\n');
    }
    if let Err(why) = fates {
        let _ = writeln!(out, "! {}", style.bad(Safe::new(why).as_str()));
    }
    for notice in &found.notices {
        let message = Safe::new(&notice.message);
        let line = match notice.kind {
            NoticeKind::NoDay => style.bad(message.as_str()),
            _ => style.doubtful(message.as_str()),
        };
        let _ = writeln!(out, "! {line}");
    }
    out
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
