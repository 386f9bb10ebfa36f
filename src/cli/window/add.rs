//! `tminus window add` and `edit`

use super::super::{CliError, Context, Exit};
use super::fields::{self, Fields};
use super::{FILE, LIST, Plan, place};
use crate::domain::window::WallTime;
use crate::domain::{Change, Safe, Value, Window, WindowKind};

/// Options of `tminus window add`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its id
    #[arg(value_name = "ID")]
    id: String,
    /// A freeze denies, a change window allows
    #[arg(long, value_name = "freeze|change", value_parser = fields::kind)]
    kind: WindowKind,
    #[command(flatten)]
    fields: Fields,
    /// Not even an exception passes the freeze
    #[arg(long)]
    hard: bool,
}

/// Options of `tminus window edit`.
#[derive(Debug, clap::Args)]
pub struct EditArgs {
    /// The window
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    fields: Fields,
    /// It happens once
    #[arg(long, conflicts_with = "repeat")]
    once: bool,
    /// It applies everywhere, to everything
    #[arg(long, conflicts_with_all = ["environments", "services", "regions"])]
    everywhere: bool,
    /// Not even an exception passes the freeze
    #[arg(long, conflicts_with = "soft")]
    hard: bool,
    /// Exceptions pass the freeze
    #[arg(long)]
    soft: bool,
}

/// Adds a window.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let workspace = plan.workspace();
    let id = args.id.trim();
    if id.is_empty() || Safe::new(id).as_str() != id {
        return Err(CliError::wrong(
            "the id is empty or holds what cannot be seen",
            "write letters, digits and dashes",
        ));
    }
    if workspace.windows.iter().any(|window| window.id == id) {
        return Err(CliError::refused(
            format!("there is a window `{id}` in {FILE} already"),
            format!("choose another id, or change it with `tminus window edit {id}`"),
        ));
    }
    if args.fields.start.is_none() || (args.fields.end.is_none() && args.fields.duration.is_none()) {
        return Err(CliError::wrong(
            "a window has a start and an end",
            "give --start, and --end or --duration",
        ));
    }
    let now = context.now(workspace)?;
    let nowhere = WallTime::Local(now.naive_utc());
    let blank = Window {
        id: id.to_owned(),
        kind: args.kind,
        title: id.to_owned(),
        start: nowhere,
        end: nowhere,
        time_zone: workspace.time_zone,
        repeat: None,
        environments: None,
        services: None,
        regions: None,
        allow: Vec::new(),
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        layer: None,
        branches: Vec::new(),
    };
    let (_, keys) = args.fields.applied(workspace, now, &blank)?;
    let mut table =
        vec![("id".to_owned(), Value::text(id)), ("kind".to_owned(), Value::text(args.kind.word()))];
    table.extend(keys);
    if args.hard {
        if args.kind == WindowKind::Change {
            return Err(CliError::wrong("only a freeze is hard", "leave --hard out, or write --kind freeze"));
        }
        table.push(("hard".to_owned(), Value::Boolean(true)));
    }
    let change = Change::Add { list: LIST.to_owned(), table };
    let outcome = plan.change(format!("add the window {id}"), vec![change])?;
    plan.report(context, id, "added", outcome)
}

/// Changes a window.
pub fn edit(context: &Context, args: &EditArgs) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let workspace = plan.workspace();
    let now = context.now(workspace)?;
    let mut before = plan.window(&args.id)?.clone();
    let mut keys: Vec<(String, Option<Value>)> = Vec::new();
    if args.once {
        before.repeat = None;
        keys.push(("repeat".to_owned(), None));
    }
    if args.everywhere {
        keys.extend(["environments", "services", "regions"].map(|key| (key.to_owned(), None)));
    }
    if args.hard {
        keys.push(("hard".to_owned(), Some(Value::Boolean(true))));
    }
    if args.soft {
        keys.push(("hard".to_owned(), None));
    }
    let (_, said) = args.fields.applied(workspace, now, &before)?;
    keys.extend(said.into_iter().map(|(key, value)| (key, Some(value))));
    if keys.is_empty() {
        return Err(CliError::wrong(
            "nothing to change",
            "say what: --title, --start, --end, --repeat…, see --help",
        ));
    }
    if before.uid.is_some() {
        super::super::output::complain(
            "tminus: notice: this window follows a calendar: importing again brings back its title, times and rule",
        );
    }
    let set = |(key, value)| Change::Set { place: place(&args.id), key, value };
    let outcome =
        plan.change(format!("change the window {}", args.id), keys.into_iter().map(set).collect())?;
    plan.report(context, &args.id, "changed", outcome)
}
