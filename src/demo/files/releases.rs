//! `releases/*.toml`.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::demo::plan::Plan;
use crate::demo::story::zone;

/// The text of one.
pub(super) fn text(plan: &Plan) -> String {
    let mut text = String::new();
    if !plan.comment.is_empty() {
        let _ = writeln!(text, "# {}", plan.comment);
    }
    let _ = write!(
        text,
        "title = \"{}\"\nchange = \"{}\"\nstatus = \"{}\"\nowner = \"{}\"\ntracker = \"jira:{}/{}\"\n",
        plan.title,
        plan.change,
        plan.status,
        plan.owner,
        plan.project,
        plan.tracked()
    );
    for (service, version) in &plan.items {
        let _ = write!(text, "\n[[item]]\nservice = \"{service}\"\nversion = \"{version}\"\n");
    }
    for stage in &plan.stages {
        let zone = zone(stage.place);
        let _ = write!(text, "\n[[stage]]\nenvironment = \"{}\"\n", stage.place.environment);
        if stage.place.environment == "production" {
            let _ = writeln!(text, "region = \"{}\"", stage.place.region);
        }
        let _ = write!(
            text,
            "start = {}\nend = {}\ntime_zone = \"{zone}\"\nstrategy = \"{}\"\n",
            local(stage.start, zone),
            local(stage.end, zone),
            stage.strategy
        );
        match stage.strategy {
            "canary" => text.push_str("steps = [5, 25, 50, 100]\nsoak = \"60m\"\n"),
            "blue-green" => {
                text.push_str("soak = \"2h\"                            # green stays up so long\n");
            }
            "rolling" => text.push_str("steps = [50, 100]\n"),
            _ => {}
        }
    }
    if plan.change == "normal" {
        text.push_str(
            "\n[[check]]\nid = \"support-briefed\"\ntitle = \"Support has the impact summary\"\nrole = \"support\"\n",
        );
        if plan.items.len() > 1 {
            text.push_str(
                "\n[[check]]\nid = \"marketing\"\ntitle = \"Marketing knows the hour\"\nrole = \"marketing\"\n",
            );
        }
    }
    if let Some((window, expires)) = plan.exception {
        let _ = write!(
            text,
            "\n[[exception]]\nwindow = \"{window}\"\nreason = \"The passkey library has a known hole; it cannot wait for January\"\nby = \"noor\"\nticket = \"{}-77\"\nexpires = {}\n",
            plan.project,
            expires.format("%Y-%m-%dT%H:%M:%SZ")
        );
    }
    text
}

/// A local time, unless the zone's clocks make it unclear: then with its offset.
fn local(time: DateTime<Utc>, zone: Tz) -> String {
    let there = time.with_timezone(&zone);
    let wall = there.naive_local();
    let clear = matches!(wall.and_local_timezone(zone), chrono::LocalResult::Single(_));
    let format = if clear { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%:z" };
    there.format(format).to_string()
}
