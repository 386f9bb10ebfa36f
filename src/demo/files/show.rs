//! The runs of show in `releases/*.toml`: of what is on its way, and of what comes next.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use crate::demo::company::HERO;
use crate::demo::plan::Plan;
use crate::demo::story::Story;

/// A step as it is written: what is done was begun so many minutes after its time, and took so
/// many.
struct Step {
    id: &'static str,
    title: &'static str,
    at: &'static str,
    /// The same as minutes from T-0.
    minutes: i64,
    after: &'static [&'static str],
    duration: &'static str,
    owner: &'static str,
    check: &'static str,
    done: Option<(i64, i64, &'static str)>,
}

const fn step(
    id: &'static str,
    title: &'static str,
    at: &'static str,
    minutes: i64,
    owner: &'static str,
) -> Step {
    Step { id, title, at, minutes, after: &[], duration: "", owner, check: "", done: None }
}

/// Errors of the version that comes, as a share.
const QUIET: &str = r#"check = { query = 'sum(rate(http_requests_total{service="{{service}}",env="{{environment}}",version="{{version}}",code=~"5.."}[1m])) / sum(rate(http_requests_total{service="{{service}}",env="{{environment}}",version="{{version}}"}[1m]))', until = "< 0.01" }"#;
/// Instances of it on staging.
const ON_STAGING: &str = r#"check = { query = 'sum(app_build_info{service="{{service}}",env="staging",version="{{version}}"}) or vector(0)', until = "> 0" }"#;

/// Of the checkout that is on its way.
const UNDER_WAY: [Step; 12] = [
    Step {
        duration: "30m",
        done: Some((4, 22, "mira")),
        ..step("freeze-branch", "Freeze the release branch", "T-1d", -1440, "mira")
    },
    Step {
        after: &["freeze-branch"],
        duration: "2h",
        check: ON_STAGING,
        done: Some((0, 95, "check")),
        ..step("staging", "Runs on staging", "T-20h", -1200, "mira")
    },
    Step {
        duration: "15m",
        done: Some((0, 10, "noor")),
        ..step("briefing", "Support and marketing are briefed", "T-3h", -180, "noor")
    },
    Step {
        duration: "20m",
        done: Some((2, 26, "diego")),
        ..step("backup", "Snapshot of the order database", "T-45m", -45, "diego")
    },
    Step {
        after: &["staging", "briefing", "backup"],
        duration: "10m",
        done: Some((0, 9, "mira")),
        ..step("poll", "Go or no-go", "T-15m", -15, "mira")
    },
    Step {
        after: &["poll"],
        duration: "30m",
        done: Some((0, 34, "mira")),
        ..step("canary-5", "Canary at 5 % in Europe", "T-0", 0, "mira")
    },
    step("banner", "Switch the express banner on for 5 %", "T+20m", 20, "sofia"),
    Step {
        after: &["canary-5"],
        duration: "25m",
        check: QUIET,
        ..step("canary-25", "25 % in Europe, and the errors stay quiet", "T+65m", 65, "tomasz")
    },
    Step {
        after: &["canary-25"],
        duration: "30m",
        ..step("europe", "Everyone in Europe", "T+1h30m", 90, "mira")
    },
    Step {
        after: &["europe"],
        duration: "2h",
        ..step("america", "Canary, then everyone in America", "T+15h", 900, "mira")
    },
    Step {
        after: &["america"],
        duration: "1h",
        ..step("orders", "Compare orders with last week's", "T+24h", 1440, "priya")
    },
    Step {
        after: &["orders"],
        ..step("close", "Close the change, unfreeze the branch", "T+72h", 4320, "mira")
    },
];

/// Of the gateway that comes in a few days.
const TO_COME: [Step; 7] = [
    Step {
        duration: "1h",
        done: Some((0, 50, "jonas")),
        ..step("review", "Release notes and impact summary", "T-7d", -10080, "jonas")
    },
    Step {
        duration: "30m",
        done: Some((10, 30, "jonas")),
        ..step("freeze-branch", "Freeze the release branch", "T-4d", -5760, "jonas")
    },
    Step {
        after: &["freeze-branch"],
        duration: "4h",
        ..step("staging", "Load test on staging", "T-2d", -2880, "hana")
    },
    Step { duration: "30m", ..step("backout", "Walk through the backout plan", "T-1d", -1440, "jonas") },
    Step {
        after: &["staging", "backout", "review"],
        duration: "15m",
        ..step("poll", "Go or no-go", "T-30m", -30, "jonas")
    },
    Step { after: &["poll"], duration: "45m", ..step("europe", "Canary in Europe", "T-0", 0, "jonas") },
    Step {
        after: &["europe"],
        duration: "1h",
        ..step("watch", "Watch latency at the edge", "T+1h", 60, "hana")
    },
];

/// What is appended to a release's file; nothing for most.
pub(super) fn text(plan: &Plan, story: &Story) -> String {
    let Some(zero) = plan.stages.iter().find(|stage| stage.place.environment == "production") else {
        return String::new();
    };
    let leads = |service: &str| plan.items.first().is_some_and(|(first, _)| *first == service);
    let is_newest = plan.items.iter().any(|(_, version)| version == story.newest(HERO));
    let steps: &[Step] = if leads(HERO) && is_newest && plan.status == "in-progress" {
        &UNDER_WAY
    } else if leads("gateway") && plan.status == "approved" && zero.start < story.now + TimeDelta::days(7) {
        &TO_COME
    } else {
        return String::new();
    };
    let mut text = String::from(
        "\n[count]\nenvironment = \"production\"             # T-0 is when it first gets there\n",
    );
    for step in steps {
        write(&mut text, step, zero.start, story.now);
    }
    text
}

fn write(text: &mut String, step: &Step, zero: DateTime<Utc>, now: DateTime<Utc>) {
    let _ =
        write!(text, "\n[[step]]\nid = \"{}\"\ntitle = \"{}\"\nat = \"{}\"\n", step.id, step.title, step.at);
    if !step.after.is_empty() {
        let after: Vec<String> = step.after.iter().map(|id| format!("\"{id}\"")).collect();
        let _ = writeln!(text, "after = [{}]", after.join(", "));
    }
    if !step.duration.is_empty() {
        let _ = writeln!(text, "duration = \"{}\"", step.duration);
    }
    let _ = writeln!(text, "owner = \"{}\"", step.owner);
    if !step.check.is_empty() {
        let _ = writeln!(text, "{}", step.check);
    }
    let Some((late, took, by)) = step.done else { return };
    let started = zero + TimeDelta::minutes(step.minutes + late);
    let done = started + TimeDelta::minutes(took);
    // Nothing has happened that is still to come.
    if done <= now {
        let utc = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let _ = write!(text, "started = {}\ndone = {}\nby = \"{by}\"\n", utc(started), utc(done));
    }
}
