//! A run of show for people.

use std::fmt::Write;

use super::Checks;
use crate::cli::table::{Style, Table};
use crate::domain::format::{duration, local_time};
use crate::domain::show::words::{self, Standing};
use crate::domain::show::{Reckoned, Reckoning};
use crate::domain::{Release, Safe};

/// The count, how it stands, and the steps in the order of the plan.
pub fn of(release: &Release, reckoning: &Reckoning<'_>, checks: &Checks) -> String {
    let style = Style::of_stdout();
    let clock = &reckoning.clock;
    let zone = clock.zero.zone;
    let mut out = format!("{}  {}\n", Safe::new(&release.id), Safe::new(&release.title));
    let sentence = Safe::new(words::sentence(reckoning, zone)).to_string();
    let sentence = match words::standing(reckoning) {
        Standing::OnPlan => style.good(&sentence),
        Standing::Over => sentence,
        Standing::Late => style.doubtful(&sentence),
        Standing::Held | Standing::Slips => style.bad(&sentence),
    };
    let count = words::count(clock, reckoning.now, 1);
    let _ = writeln!(out, "{count}   {sentence}");
    let held = if clock.held.is_zero() { String::new() } else { format!(", held {}", duration(clock.held)) };
    let (over, all) = (reckoning.over(), reckoning.steps.len());
    let at = local_time(clock.counted, zone);
    let _ = writeln!(out, "T-0 {at} ({}){held}; {over} of {all} steps done\n", zone.name());
    let mut table =
        Table::new(&["", "COUNT", "EXPECTED", "STEP", "OWNER", "STATE", "SLIP", "SLACK", "WAITS FOR"]);
    for step in &reckoning.steps {
        table.row([
            words::sign(step).to_owned(),
            words::at(step, clock),
            local_time(step.expected.0, zone),
            step.step.id.clone(),
            step.step.owner.clone().unwrap_or_default(),
            state(step),
            words::slip(step.slip),
            slack(step),
            notes(step, checks),
        ]);
    }
    out.push_str(&table.render(style));
    if reckoning.steps.iter().any(|step| step.is_critical) {
        out.push_str("\n* T-0 waits for it most\n");
    }
    out
}

fn state(step: &Reckoned<'_>) -> String {
    if step.is_late() { format!("late, {}", step.state.word()) } else { step.state.word().to_owned() }
}

fn slack(step: &Reckoned<'_>) -> String {
    let mark = if step.is_critical { " *" } else { "" };
    step.slack.map(|slack| format!("{}{mark}", duration(slack))).unwrap_or_default()
}

/// What it waits for, what its check says, and that it falls in somebody's night.
fn notes(step: &Reckoned<'_>, checks: &Checks) -> String {
    let mut notes = Vec::new();
    if !step.waits_for.is_empty() {
        notes.push(words::waits_for(step));
    }
    if let Some(reason) = &step.step.skipped {
        notes.push(format!("skipped: {reason}"));
    }
    let answer = checks.iter().find(|(id, _)| *id == step.step.id);
    notes.extend(answer.map(|(_, answer)| match answer {
        Ok(checked) if checked.holds => format!("check holds: {}", checked.found),
        Ok(checked) => format!("check: {}", checked.found),
        Err(failure) => format!("check not known: {}", failure.kind.word()),
    }));
    if step.is_at_night {
        notes.push("at night".to_owned());
    }
    notes.join("; ")
}
