//! `tminus window skip` and `also`: one occurrence less, one more.

use chrono::NaiveDateTime;

use super::super::{CliError, Context, Exit};
use super::fields::wall;
use super::{Plan, place, show};
use crate::domain::icalendar::merge::time;
use crate::domain::recurrence::{Recurrence, upcoming};
use crate::domain::when::{Around, parse_when};
use crate::domain::window::WallTime;
use crate::domain::{Change, Value, Window};
use crate::store::Outcome;

/// Options of `tminus window skip` and `also`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The window
    #[arg(value_name = "ID")]
    id: String,
    /// Its day (2026-12-24), or its start where a day has several
    #[arg(value_name = "DATE")]
    when: String,
}

/// Leaves an occurrence out.
pub fn skip(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let window = plan.window(&args.id)?;
    let (day, exact) = said(context, &plan, window, &args.when)?;
    let found: Vec<NaiveDateTime> = starts_on(window, day)?
        .into_iter()
        .filter(|start| exact.is_none_or(|exact| exact == *start))
        .collect();
    let start = match found.as_slice() {
        [start] => *start,
        [] => return Err(nothing(context, &plan, window, &args.when)?),
        several => {
            let times: Vec<String> =
                several.iter().map(|start| start.format("%Y-%m-%dT%H:%M").to_string()).collect();
            return Err(CliError::wrong(
                format!("`{}` starts several times that day", args.id),
                format!("name one of {}", times.join(", ")),
            ));
        }
    };
    let mut skip = window.skip.clone();
    skip.push(WallTime::Local(start));
    let outcome = set(
        &plan,
        &args.id,
        "skip",
        &skip,
        format!("leave out {} of {}", start.format("%Y-%m-%d"), args.id),
    )?;
    plan.report(context, &args.id, "left out", outcome)
}

/// Adds an occurrence.
pub fn also(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let window = plan.window(&args.id)?;
    let (day, exact) = said(context, &plan, window, &args.when)?;
    let start = exact.unwrap_or_else(|| day.date().and_time(wall(window.start, window.time_zone).time()));
    let one = WallTime::Local(start);
    // What was left out comes back by not being left out.
    if window.skip.contains(&one) {
        let kept: Vec<WallTime> = window.skip.iter().copied().filter(|skip| *skip != one).collect();
        let outcome = set(
            &plan,
            &args.id,
            "skip",
            &kept,
            format!("bring back {} of {}", start.format("%Y-%m-%d"), args.id),
        )?;
        return plan.report(context, &args.id, "brought back", outcome);
    }
    if starts_on(window, day)?.contains(&start) {
        return plan.report(context, &args.id, "added", Outcome::Unchanged);
    }
    let mut also = window.also.clone();
    also.push(one);
    let outcome =
        set(&plan, &args.id, "also", &also, format!("add {} to {}", start.format("%Y-%m-%d"), args.id))?;
    plan.report(context, &args.id, "added", outcome)
}

/// The day that is meant, at midnight, and the start where one was said.
fn said(
    context: &Context,
    plan: &Plan,
    window: &Window,
    text: &str,
) -> Result<(NaiveDateTime, Option<NaiveDateTime>), CliError> {
    let now = context.now(plan.workspace())?;
    let zone = window.time_zone;
    let around = Around { now, zone, day: now.with_timezone(&zone).date_naive() };
    let read = parse_when(text, &around).map_err(|what| CliError::wrong("the DATE cannot be read", what))?;
    let local = wall(read, zone);
    let midnight = local.date().and_time(chrono::NaiveTime::MIN);
    Ok((midnight, text.contains(':').then_some(local)))
}

fn starts_on(window: &Window, midnight: NaiveDateTime) -> Result<Vec<NaiveDateTime>, CliError> {
    let recurrence = Recurrence::new(window)
        .map_err(|error| CliError::wrong("its rule cannot be used", error.to_string()))?;
    let (from, to) =
        (midnight.and_utc() - chrono::TimeDelta::days(2), midnight.and_utc() + chrono::TimeDelta::days(3));
    let found = recurrence
        .between(from, to)
        .map_err(|error| CliError::wrong("its rule cannot be used", error.to_string()))?;
    Ok(found.into_iter().map(|one| one.wall_start).filter(|start| start.date() == midnight.date()).collect())
}

fn nothing(context: &Context, plan: &Plan, window: &Window, text: &str) -> Result<CliError, CliError> {
    let now = context.now(plan.workspace())?;
    let next = upcoming(window, now, 3).unwrap_or_default();
    let days: Vec<String> = next.iter().map(|one| show::written(WallTime::Local(one.wall_start))).collect();
    let mend = if days.is_empty() {
        "it does not happen again".to_owned()
    } else {
        format!("its next are {}", days.join(", "))
    };
    Ok(CliError::wrong(format!("`{}` has no occurrence that starts on {text}", window.id), mend))
}

fn set(plan: &Plan, id: &str, key: &str, times: &[WallTime], title: String) -> Result<Outcome, CliError> {
    let mut times = times.to_vec();
    times.sort_by_key(|time| match time {
        WallTime::Local(local) => *local,
        WallTime::Instant(instant) => instant.naive_local(),
    });
    let list = times.iter().map(|one| time(*one)).collect();
    let value = (!times.is_empty()).then_some(Value::List(list));
    plan.change(title, vec![Change::Set { place: place(id), key: key.to_owned(), value }])
}
