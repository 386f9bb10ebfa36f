//! `tminus tracker adopt`

use super::super::release::{apply, item, report, writable};
use super::super::{CliError, Context, Exit, names, output};
use crate::domain::Edit;
use crate::domain::tracker::{Wishes, adopt};

/// Options of `tminus tracker adopt`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The version, as `tminus tracker list` names it
    #[arg(value_name = "BACKEND:PROJECT/VERSION")]
    version: String,
    /// The release's id; without it, one is made from the service and the version
    #[arg(long)]
    id: Option<String>,
    /// A service and the version it goes to; without it, those that can be told
    #[arg(long = "item", visible_alias = "service", value_name = "SERVICE@VERSION")]
    items: Vec<String>,
    /// Where its stage is; without it, the last environment
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let reference = super::reference(workspace, &args.version)?;
    if let Some(environment) = &args.environment {
        names::environment(workspace, environment)?;
    }
    let wishes = Wishes {
        id: args.id.clone(),
        items: args.items.iter().map(|text| item(workspace, text)).collect::<Result<_, _>>()?,
        environment: args.environment.clone(),
    };
    let version = super::version(workspace, &reference)?;
    let adoption = adopt(workspace, &reference, &version, &wishes)
        .map_err(|error| CliError::refused(error.to_string(), "`tminus release show` shows it"))?;
    let id = adoption.new.id.clone();
    let outcome = apply(&root, &Edit::AddRelease(adoption.new))?;
    for notice in &adoption.notices {
        output::complain(&format!("tminus: notice: {notice}"));
    }
    report(context, &root, &id, "adopted", outcome)
}
