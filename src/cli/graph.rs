//! `tminus graph`

use serde_json::json;

use super::output::{print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, names};
use crate::domain::graph::Graph;
use crate::domain::{DependencyKind, Safe};

/// Options of `tminus graph`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only the services of this release, and the edges between them
    #[arg(long, value_name = "ID")]
    release: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let graph = match &args.release {
        Some(id) => Graph::of_release(workspace, names::release(workspace, id)?),
        None => Graph::of(workspace),
    };
    if context.global.json {
        print_json(
            "graph",
            json!({
                "services": graph.services(),
                "edges": graph.edges(),
                "cycles": graph.cycles(),
                "waves": graph.waves(),
            }),
        );
    } else {
        print(&text(&graph));
    }
    Ok(Context::exit_with(&opened.problems, Exit::Yes))
}

fn text(graph: &Graph<'_>) -> String {
    if graph.services().is_empty() {
        return "no services: name them in tminus.toml, or let `tminus init` find them\n".to_owned();
    }
    let mut table = Table::new(&["WAVE", "SERVICE", "NEEDS", "NEEDED BY"]);
    for (index, wave) in graph.waves().into_iter().enumerate() {
        for service in wave {
            let needs = graph.edges().iter().filter(|edge| edge.from == service).map(|edge| {
                let version = edge.version.map(|version| format!(" {version}")).unwrap_or_default();
                let soft = if edge.kind == DependencyKind::Soft { " (soft)" } else { "" };
                format!("{}{version}{soft}", edge.to)
            });
            let needed_by = graph.edges().iter().filter(|edge| edge.to == service).map(|edge| edge.from);
            table.row([
                (index + 1).to_string(),
                service.to_owned(),
                needs.collect::<Vec<_>>().join(", "),
                needed_by.collect::<Vec<_>>().join(", "),
            ]);
        }
    }
    let mut out = table.render(Style::of_stdout());
    for cycle in graph.cycles() {
        let cycle = Safe::new(cycle.join(", "));
        out.push_str(&format!("cycle: {cycle} need each other, so they go together\n"));
    }
    out
}
