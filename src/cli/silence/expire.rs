//! `tminus silence expire`

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::output::{print, print_json};
use super::super::{CliError, Context, Exit, ask, names};
use crate::backend::Backends;
use crate::domain::question::Silence;
use crate::domain::silence::{Expired, holds, own, request};
use crate::domain::{Safe, format};

/// Options of `tminus silence expire`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ids of silences that were made here
    #[arg(value_name = "ID", required_unless_present = "release", conflicts_with = "release")]
    ids: Vec<String>,
    /// All that were made here for this release and still hold
    #[arg(long, value_name = "ID")]
    release: Option<String>,
    /// Send it without asking
    #[arg(long)]
    yes: bool,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let now = Context::clock();
    let told = super::silences(workspace, now)?;
    if let Some((_, Err(failure))) = told.iter().find(|(_, told)| told.is_err()) {
        return Err(CliError::unknown(
            format!("nothing was sent: {}", failure.what),
            failure.mend.to_string(),
        ));
    }
    let all: Vec<(&str, &Silence)> = told
        .iter()
        .flat_map(|(name, told)| told.iter().flatten().map(move |silence| (name.as_str(), silence)))
        .collect();
    let chosen = match &args.release {
        Some(id) => {
            // One whose release is gone from the plan can still be ended by its id.
            let release = names::release(workspace, id)?;
            let is_its = |silence: &Silence| own(silence).is_some_and(|own| own.release == release.id);
            all.into_iter().filter(|(_, silence)| holds(silence) && is_its(silence)).collect()
        }
        None => by_id(&all, &args.ids)?,
    };
    if !context.global.json {
        for (_, silence) in &chosen {
            let until = format::local_time(silence.ends, workspace.time_zone);
            print(&format!("{}  {}, until {until}\n", silence.id, request::list(&silence.matchers)));
        }
    }
    let Some((_, first)) = chosen.first() else {
        let message = "nothing to end: none of them holds".to_owned();
        say(context, &[], &message);
        return Ok(Context::exit_with(&opened.problems, Exit::Yes));
    };
    let word = own(first).map_or_else(|| first.id.to_string(), |own| own.release);
    super::confirm(args.yes, &word)?;
    let runtime = ask::runtime()?;
    let backends = Backends::new(Arc::new(workspace.clone()));
    let ended: Vec<(&Silence, Expired)> = chosen
        .into_iter()
        .map(|(name, silence)| (silence, runtime.block_on(backends.expire(name, &silence.id))))
        .collect();
    let lines: Vec<String> = ended
        .iter()
        .map(|(silence, expired)| expired.sentence(&format!("the silence {}", silence.id)))
        .collect();
    say(context, &ended, &lines.join("\n"));
    let has = |wanted: fn(&Expired) -> bool| ended.iter().any(|(_, expired)| wanted(expired));
    Ok(if has(|expired| matches!(expired, Expired::Unknown { .. })) {
        Exit::Unknown
    } else if has(|expired| matches!(expired, Expired::Refused(_))) {
        Exit::No
    } else {
        Exit::Yes
    })
}

/// Those with these ids; others' silences are theirs to end.
fn by_id<'a>(
    all: &[(&'a str, &'a Silence)],
    ids: &[String],
) -> Result<Vec<(&'a str, &'a Silence)>, CliError> {
    let mut chosen = Vec::new();
    for id in ids {
        let shown = Safe::new(id);
        let Some((name, silence)) = all.iter().find(|(_, silence)| silence.id.as_str() == id) else {
            let mend = "`tminus silence list` names those that are";
            return Err(CliError::wrong(format!("there is no silence {shown}"), mend));
        };
        if own(silence).is_none() {
            let what = format!("{shown} was not made here, but by {}: {}", silence.by, silence.comment);
            return Err(CliError::refused(what, "end it in the Alertmanager, or ask who made it"));
        }
        if holds(silence) {
            chosen.push((*name, *silence));
        }
    }
    Ok(chosen)
}

fn say(context: &Context, ended: &[(&Silence, Expired)], message: &str) {
    if !context.global.json {
        return print(&format!("{message}\n"));
    }
    let silences: Vec<Value> = ended
        .iter()
        .map(|(silence, expired)| {
            json!({
                "id": silence.id,
                "outcome": expired.word(),
                "message": expired.sentence(&format!("the silence {}", silence.id)),
            })
        })
        .collect();
    print_json("expire", json!({ "silences": silences, "message": message }));
}
