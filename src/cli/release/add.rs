//! `tminus release add`

use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::{CliError, Context, Exit};
use super::{apply, quick, report, writable};
use crate::domain::edit::{NewRelease, NewStage};
use crate::domain::moment::{parse_local, parse_span};
use crate::domain::release::TrackerRef;
use crate::domain::{ChangeType, Edit, Status, Strategy, Workspace, parse_moment};
use crate::store;

/// Options of `tminus release add`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The id: the file's name without .toml; with --quick it can be left out
    #[arg(value_name = "ID", required_unless_present = "quick")]
    id: Option<String>,
    /// All of it in one line: "checkout 4.2 canary production eu tue 14:00-16:00 @mira"
    #[arg(long, value_name = "LINE", conflicts_with_all = ["title", "items", "change", "owner", "tracker", "stages"])]
    quick: Option<String>,
    /// Only say what would be written
    #[arg(long)]
    dry_run: bool,
    /// For people
    #[arg(long)]
    title: Option<String>,
    /// A service and the version it goes to; can be given several times
    #[arg(long = "item", visible_alias = "service", value_name = "SERVICE@VERSION")]
    items: Vec<String>,
    /// standard, normal or emergency
    #[arg(long, value_name = "TYPE", default_value = "normal", value_parser = change)]
    change: ChangeType,
    /// The person who owns it
    #[arg(long)]
    owner: Option<String>,
    /// Its version in the tracker
    #[arg(long, value_name = "BACKEND:PROJECT/VERSION")]
    tracker: Option<String>,
    /// Where; can be given several times. The options below belong to the stages in their order;
    /// one that is given once holds for all
    #[arg(long = "stage", value_name = "ENV[/REGION]")]
    stages: Vec<String>,
    /// When the stage starts
    #[arg(long = "start", value_name = "TIME", allow_hyphen_values = true, requires = "stages")]
    starts: Vec<String>,
    /// When it ends
    #[arg(long = "end", value_name = "TIME", allow_hyphen_values = true, conflicts_with = "durations")]
    ends: Vec<String>,
    /// How long it lasts, instead of --end
    #[arg(long = "duration", value_name = "DURATION")]
    durations: Vec<String>,
    /// The zone of the stage's local times; absent: the region's, else the workspace's
    #[arg(long = "time-zone", value_name = "ZONE")]
    time_zones: Vec<String>,
    /// canary, blue-green, rolling or all-at-once
    #[arg(long = "strategy", value_name = "STRATEGY", value_parser = strategy)]
    strategies: Vec<Strategy>,
    /// Percent, rising: 5,25,50,100
    #[arg(long, value_name = "PERCENT,…")]
    steps: Vec<String>,
    /// How long it is watched after its end
    #[arg(long = "soak", value_name = "DURATION")]
    soaks: Vec<String>,
}

fn change(text: &str) -> Result<ChangeType, String> {
    let found = ChangeType::ALL.into_iter().find(|change| change.word() == text);
    found.ok_or_else(|| format!("one of {} is accepted", ChangeType::ALL.map(ChangeType::word).join(", ")))
}

fn strategy(text: &str) -> Result<Strategy, String> {
    let found = Strategy::ALL.into_iter().find(|strategy| strategy.word() == text);
    found.ok_or_else(|| format!("one of {} is accepted", Strategy::ALL.map(Strategy::word).join(", ")))
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let opened = context.open()?;
    let now = context.now(&opened.workspace)?;
    if let Some(line) = &args.quick {
        let add = quick::Add { line, id: args.id.as_deref(), dry_run: args.dry_run };
        return quick::run(context, &root, &opened.workspace, now, &add);
    }
    let items = args.items.iter().map(|text| item(&opened.workspace, text)).collect::<Result<_, _>>()?;
    if let Some(tracker) = &args.tracker
        && TrackerRef::parse(tracker).is_none()
    {
        let what = format!("`{tracker}` is not a version in a tracker");
        return Err(CliError::wrong(what, "write backend:project/version, jira:PAY/4.2.0"));
    }
    let count = args.stages.len();
    let mut stages = Vec::with_capacity(count);
    for index in 0..count {
        stages.push(stage(&args, index, &opened.workspace, now)?);
    }
    let new = NewRelease {
        id: args.id.unwrap_or_default(),
        title: args.title,
        change: args.change,
        status: Status::default(),
        owner: args.owner,
        tracker: args.tracker,
        items,
        stages,
    };
    if args.dry_run {
        let release = store::preview(&root, &new).map_err(super::error)?;
        quick::show(context, &release, "would be added", &[]);
        return Ok(Exit::Yes);
    }
    let id = new.id.clone();
    let outcome = apply(Path::new(&root), &Edit::AddRelease(new))?;
    report(context, &root, &id, "added", outcome)
}

/// `SERVICE@VERSION`, as typed.
pub fn item(workspace: &Workspace, text: &str) -> Result<(String, String), CliError> {
    let (service, version) = text
        .rsplit_once('@')
        .filter(|(service, version)| !service.is_empty() && !version.is_empty())
        .ok_or_else(|| {
            CliError::wrong(format!("`{text}` is not an item"), "write SERVICE@VERSION, checkout@4.2.0")
        })?;
    if !workspace.services.is_empty() && workspace.service(service).is_none() {
        let known = workspace.services.iter().map(|service| service.id.as_str());
        return Err(unknown("service", service, known));
    }
    Ok((service.to_owned(), version.to_owned()))
}

fn unknown<'a>(what: &str, id: &str, known: impl Iterator<Item = &'a str> + Clone) -> CliError {
    let mend = match store::nearest(id, known.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known are {}", known.take(12).collect::<Vec<_>>().join(", ")),
    };
    CliError::wrong(format!("unknown {what} `{id}`"), mend)
}

/// The option of the stage at this index: one for each, or one for all.
fn of<'a, T>(list: &'a [T], index: usize, count: usize, option: &str) -> Result<Option<&'a T>, CliError> {
    match list.len() {
        0 => Ok(None),
        1 => Ok(list.first()),
        length if length == count => Ok(list.get(index)),
        length => Err(CliError::wrong(
            format!("{count} --stage and {length} {option}"),
            format!("give {option} once for each stage, or once for all"),
        )),
    }
}

fn stage(args: &Args, index: usize, workspace: &Workspace, now: DateTime<Utc>) -> Result<NewStage, CliError> {
    let count = args.stages.len();
    let (environment, region) = match args.stages[index].split_once('/') {
        Some((environment, region)) => (environment, Some(region)),
        None => (args.stages[index].as_str(), None),
    };
    let Some(known) = workspace.environment(environment) else {
        return Err(unknown(
            "environment",
            environment,
            workspace.environments.iter().map(|e| e.id.as_str()),
        ));
    };
    let mut zone = workspace.time_zone;
    if let Some(region) = region {
        let Some(known) = known.regions.iter().find(|known| known.id == region) else {
            return Err(unknown("region", region, known.regions.iter().map(|region| region.id.as_str())));
        };
        zone = known.time_zone.unwrap_or(zone);
    }
    let time_zone = of(&args.time_zones, index, count, "--time-zone")?;
    if let Some(name) = time_zone {
        zone = name.parse().map_err(|_| {
            CliError::wrong(format!("unknown time zone `{name}`"), "write an IANA name such as Europe/Berlin")
        })?;
    }
    let missing = |option: &str| {
        CliError::wrong(
            format!("the stage {environment} has no {option}"),
            "give --start and --end, or --duration",
        )
    };
    let start = of(&args.starts, index, count, "--start")?.ok_or_else(|| missing("--start"))?;
    let (start, begins) = written(start, now, zone)?;
    let end = match (of(&args.ends, index, count, "--end")?, of(&args.durations, index, count, "--duration")?)
    {
        (Some(end), _) => written(end, now, zone)?.0,
        (None, Some(duration)) => {
            let span =
                parse_span(duration).map_err(|what| CliError::wrong("--duration cannot be read", what))?;
            local(begins + span, zone)
        }
        (None, None) => return Err(missing("--end")),
    };
    let steps = match of(&args.steps, index, count, "--steps")? {
        Some(text) => steps(text)?,
        None => Vec::new(),
    };
    Ok(NewStage {
        environment: environment.to_owned(),
        region: region.map(str::to_owned),
        start,
        end,
        time_zone: time_zone.cloned(),
        strategy: of(&args.strategies, index, count, "--strategy")?
            .map(|strategy| strategy.word().to_owned()),
        steps,
        soak: of(&args.soaks, index, count, "--soak")?.cloned(),
    })
}

/// Rising percentages, as typed.
pub fn steps(text: &str) -> Result<Vec<f64>, CliError> {
    let step = |text: &str| text.trim().trim_end_matches('%').trim().parse::<f64>().ok();
    let steps: Option<Vec<f64>> = text.split(',').map(step).collect();
    steps.ok_or_else(|| {
        CliError::wrong(format!("`{text}` are no steps"), "write rising percentages: 5,25,50,100")
    })
}

/// A TIME as it will stand in the file, and its instant: what was typed with an offset keeps it,
/// all else becomes a local time.
pub fn written(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<(String, DateTime<Utc>), CliError> {
    let instant = parse_moment(text, now, zone)
        .map_err(|what| CliError::wrong("a stage's TIME cannot be read", what))?;
    if let Some(local) = parse_local(text.trim()) {
        return Ok((local.format("%Y-%m-%dT%H:%M:%S%.f").to_string(), instant));
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text.trim()) {
        let is_utc = text.trim().ends_with(['Z', 'z']);
        return Ok((time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, is_utc), instant));
    }
    Ok((local(instant, zone), instant))
}

/// An instant as a local time; where that occurs twice, with its offset.
fn local(instant: DateTime<Utc>, zone: Tz) -> String {
    let time = instant.with_timezone(&zone);
    match crate::domain::resolve_local(zone, time.naive_local()) {
        crate::domain::Resolved::Unique(_) => time.format("%Y-%m-%dT%H:%M:%S").to_string(),
        _ => time.format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    }
}
