//! `tminus window list`

use serde_json::json;

use super::super::table::{Style, Table};
use super::super::{CliError, Context, Exit, output};
use super::{fields, show};
use crate::domain::format::local_span;
use crate::domain::recurrence::upcoming;
use crate::domain::{Window, WindowKind};

/// Options of `tminus window list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only freezes, or only change windows
    #[arg(long, value_name = "freeze|change", value_parser = fields::kind)]
    kind: Option<WindowKind>,
    /// Only of this layer
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let now = context.now(&opened.workspace)?;
    let wanted = |window: &&Window| {
        args.kind.is_none_or(|kind| kind == window.kind)
            && args.layer.as_ref().is_none_or(|layer| window.layer.as_ref() == Some(layer))
    };
    let windows: Vec<&Window> = opened.workspace.windows.iter().filter(wanted).collect();
    if context.global.json {
        let list: Vec<_> = windows.iter().map(|window| show::json(window, now)).collect();
        output::print_json("windows", json!({ "windows": list }));
    } else if windows.is_empty() {
        output::print("no windows\n");
    } else {
        let mut table = Table::new(&["ID", "KIND", "LAYER", "NEXT", "TITLE"]);
        for window in windows {
            let next = match upcoming(window, now, 1) {
                Ok(next) => next.first().map_or_else(
                    || "never again".to_owned(),
                    |one| local_span(one.start, one.end, window.time_zone),
                ),
                Err(_) => "not known".to_owned(),
            };
            let layer = window.layer.as_deref().unwrap_or("-");
            table.row([window.id.as_str(), window.kind.word(), layer, &next, &window.title]);
        }
        output::print(&table.render(Style::of_stdout()));
    }
    Ok(Context::exit_with(&opened.problems, Exit::Yes))
}
