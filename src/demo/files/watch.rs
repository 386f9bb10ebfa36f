//! The watch in `releases/*.toml`: of the search that arrived in Europe yesterday.

use std::fmt::Write as _;

use chrono::{SecondsFormat, TimeDelta};

use crate::demo::plan::Plan;
use crate::demo::story::Story;

/// The service whose newest version is in its watch.
const WATCHED: &str = "search";

/// Its text; empty for releases of which nobody wrote anything yet.
pub(super) fn text(plan: &Plan, story: &Story) -> String {
    let is_it = plan.items.iter().any(|(service, version)| {
        *service == WATCHED && *version == story.newest(WATCHED) && plan.items.len() == 1
    });
    if !is_it {
        return String::new();
    }
    let ago =
        |minutes: i64| (story.now - TimeDelta::minutes(minutes)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut text = String::from(
        "\n# Three days from when it is everywhere: the index fills slowly.\n\
         [watch]\nby = \"hana\"\nfor = \"72h\"\nescalate_after = \"15m\"\n",
    );
    for (minutes, by, more) in [
        (
            25 * 60,
            "hana",
            "acknowledge = true\ntext = \"index lag 240 s after the switch, falling; nothing to do\"",
        ),
        (
            14 * 60,
            "hana",
            "to = \"luc\"\ntext = \"quiet since noon; if p95 rises in us, look at the shard cache first\"",
        ),
        (5 * 60, "luc", "text = \"one slow shard at night, gone by itself, ticket CAT-77\""),
    ] {
        let _ = write!(text, "\n[[watch.note]]\ntime = {}\nby = \"{by}\"\n{more}\n", ago(minutes));
    }
    text
}
