//! `tminus silence add`: a preview, a confirmation, one attempt, and what is there then.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use super::super::output::{complain, print, print_json};
use super::super::table::{Style, Table};
use super::super::{CliError, Context, Exit, alerts, ask, names};
use crate::backend::Backends;
use crate::domain::alerts::merge;
use crate::domain::question::{Alert, Silence};
use crate::domain::silence::request::{LabelNames, check_end, check_reach, check_start, replaced};
use crate::domain::silence::{Created, Draft, Matcher, Request};
use crate::domain::{Safe, Workspace, format};

/// Options of `tminus silence add`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release it is for
    #[arg(long, value_name = "ID")]
    release: String,
    /// Its stage, counted from 0
    #[arg(long, value_name = "N")]
    stage: usize,
    /// Why; without it, the release and its title
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// What it mutes: service=checkout, alertname=~"A|B"; without it, the release's services where
    /// the stage is
    #[arg(long = "matcher", value_name = "LABEL=VALUE")]
    matchers: Vec<String>,
    /// From when; without it, now or when the stage begins
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    start: Option<String>,
    /// Until when; without it, when the stage and its soak end, which is the latest
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    end: Option<String>,
    /// Who; without it, who is signed in
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Which Alertmanager; without it, the first
    #[arg(long, value_name = "NAME")]
    backend: Option<String>,
    /// Show what it would mute, and send nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Send it without asking
    #[arg(long)]
    yes: bool,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let now = Context::clock();
    let backend = backend(workspace, args.backend.as_deref())?;
    let known = known(workspace, &backend, now)?;
    let request = request(workspace, args, &known, backend, now)?;
    let mutes = Request::mutes(&request.matchers, known.alerts.iter());
    if !context.global.json {
        print(&preview(workspace, &request, &mutes));
    }
    if args.dry_run {
        return Ok(tell(context, workspace, &request, &mutes, None));
    }
    super::confirm(args.yes, &request.deployment.release)?;
    let runtime = ask::runtime()?;
    let backends = Backends::new(Arc::new(workspace.clone()));
    let made = runtime.block_on(backends.silence(&request));
    Ok(tell(context, workspace, &request, &mutes, Some(&made)))
}

fn backend(workspace: &Workspace, wanted: Option<&str>) -> Result<String, CliError> {
    let managers = super::managers(workspace)?;
    match wanted {
        Some(wanted) if !managers.contains(&wanted) => Err(CliError::wrong(
            format!("there is no Alertmanager `{}`", Safe::new(wanted)),
            format!("there are {}", managers.join(", ")),
        )),
        Some(wanted) => Ok(wanted.to_owned()),
        None => Ok(managers.first().copied().unwrap_or_default().to_owned()),
    }
}

/// What is known of the outside before anything is asked for.
struct Known {
    alerts: Vec<Alert>,
    silences: Vec<Silence>,
}

fn known(workspace: &Workspace, backend: &str, now: DateTime<Utc>) -> Result<Known, CliError> {
    let told = alerts::told(workspace, now)?;
    for (name, told) in &told {
        if let Err(failure) = told {
            complain(&format!("tminus: what it would mute is not known of {name}: {failure}"));
        }
    }
    let good = told.iter().filter_map(|(name, told)| {
        let alerts: &[Alert] = told.as_ref().ok()?;
        Some((name.as_str(), alerts))
    });
    let alerts = merge(good).into_iter().map(|heard| heard.alert).collect();
    // Without the silences nobody could tell afterwards which one was made.
    let silences = super::silences(workspace, now)?.into_iter().find(|(name, _)| name == backend);
    let silences = match silences {
        Some((_, Ok(silences))) => silences,
        Some((_, Err(failure))) => {
            let what = format!("nothing was sent: {}", failure.what);
            return Err(CliError::unknown(what, failure.mend.to_string()));
        }
        None => Vec::new(),
    };
    Ok(Known { alerts, silences })
}

fn request(
    workspace: &Workspace,
    args: &Args,
    known: &Known,
    backend: String,
    now: DateTime<Utc>,
) -> Result<Request, CliError> {
    let release = names::release(workspace, &args.release)?;
    let labels = LabelNames::of(known.alerts.iter());
    let draft = Draft::of(release, args.stage, None, &labels, now)
        .map_err(|why| CliError::refused(format!("nothing was sent: {why}"), "see tminus release show"))?;
    let refused = |why: String| CliError::refused(format!("nothing was sent: {why}"), "see --help");
    let Some(stage) = release.stages.get(args.stage) else { return Err(refused("no such stage".to_owned())) };
    let mut matchers = Vec::new();
    for text in &args.matchers {
        matchers.extend(
            Matcher::parse_list(text).map_err(|why| CliError::wrong("--matcher cannot be read", why))?,
        );
    }
    if args.matchers.is_empty() {
        matchers = draft.matchers;
    }
    for notice in check_reach(&matchers, release, stage, &labels).map_err(refused)? {
        complain(&format!("tminus: notice: {notice}"));
    }
    let moment = |option: &str, text: &Option<String>, or: DateTime<Utc>| match text {
        Some(text) => Context::moment(workspace, now, option, text),
        None => Ok(or),
    };
    let start = moment("--start", &args.start, draft.from)?;
    let end = moment("--end", &args.end, draft.to)?;
    check_start(stage, start).map_err(refused)?;
    check_end(stage, start, end, now).map_err(refused)?;
    let by = args.by.clone().or_else(crate::store::person::signed_in).unwrap_or_default();
    if by.trim().is_empty() {
        return Err(CliError::wrong("nobody is signed in here", "say who with --by NAME"));
    }
    let reason = args.reason.clone().unwrap_or(draft.reason);
    if reason.trim().is_empty() {
        return Err(CliError::wrong("a silence needs a reason", "say why with --reason TEXT"));
    }
    let replaces =
        replaced(&draft.deployment, &matchers, known.silences.iter()).map(|silence| silence.id.clone());
    Ok(Request { backend, deployment: draft.deployment, matchers, start, end, by, reason, replaces })
}

fn preview(workspace: &Workspace, request: &Request, mutes: &[&Alert]) -> String {
    let style = Style::of_stdout();
    let span = format::local_span(request.start, request.end, workspace.time_zone);
    let mut out = format!(
        "{}\n{span}, by {}: {}\n",
        style.heading(&request.what()),
        Safe::new(&request.by),
        Safe::new(&request.reason)
    );
    if let Some(id) = &request.replaces {
        out.push_str(&format!("in place of {id}, which ends once this one is there\n"));
    }
    if mutes.is_empty() {
        out.push_str("it mutes nothing that is known to fire now\n");
        return out;
    }
    let mut table = Table::new(&["WOULD MUTE", "STATE", "SUMMARY"]);
    for alert in mutes {
        table.row([alert.name.as_str(), alert.state.word(), &alert.summary]);
    }
    out.push_str(&table.render(style));
    out
}

/// Says what became of it, and with which status that ends; `None`: nothing was to be sent.
fn tell(
    context: &Context,
    workspace: &Workspace,
    request: &Request,
    mutes: &[&Alert],
    made: Option<&Created>,
) -> Exit {
    let zone = workspace.time_zone;
    let (outcome, message) = match made {
        None => ("dry-run", "nothing was sent".to_owned()),
        Some(made) => (made.word(), made.sentence(request, zone)),
    };
    if context.global.json {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (id, replaced) = match made {
            Some(Created::Made { silence, replaced }) => {
                (Some(&silence.id), replaced.as_ref().map(|expired| expired.word()))
            }
            _ => (None, None),
        };
        print_json(
            "silence",
            json!({
                "outcome": outcome,
                "id": id,
                "release": request.deployment.release,
                "stage": request.deployment.stage,
                "matchers": request.matchers.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "start": time(request.start),
                "end": time(request.end),
                "by": request.by,
                "comment": request.comment(),
                "source": request.backend,
                "mutes": mutes.iter().map(|alert| &alert.name).collect::<Vec<_>>(),
                "in_place_of": request.replaces,
                "the_one_before": replaced,
                "message": message,
            }),
        );
    } else {
        print(&format!("{message}\n"));
    }
    match made {
        None => Exit::Yes,
        Some(made @ Created::Made { .. }) if made.is_good() => Exit::Yes,
        Some(Created::Refused(_)) => Exit::No,
        Some(_) => Exit::Unknown,
    }
}
