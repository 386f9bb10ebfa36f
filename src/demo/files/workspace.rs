//! `tminus.toml`.

use std::fmt::Write as _;

use super::Addresses;
use crate::demo::company::{FIRMS, Firm, NAME, Need};

/// Its text.
pub(super) fn text(addresses: &Addresses, token_file: &str) -> String {
    let mut text = format!(
        r#"# {NAME}: everything the release team looks after.
# Simulated by `tminus demo`; the servers below live in that process.

[workspace]
name = "{NAME}"
time_zone = "Europe/Berlin"

# In promotion order.

[[environment]]
id = "test"
versions = 'count by (service, version) (app_build_info{{env="test"}})'

[[environment]]
id = "staging"
capacity = 3                           # the load generator feeds no more than three at once
versions = 'count by (service, version) (app_build_info{{env="staging"}})'

[[environment]]
id = "production"
capacity = 2
regions = [
  {{ id = "eu", time_zone = "Europe/Berlin" }},
  {{ id = "us", time_zone = "America/New_York" }},
]
versions = 'count by (service, version, region) (app_build_info{{env="production"}})'
"#
    );
    for firm in &FIRMS {
        service(&mut text, firm);
    }
    let _ = write!(
        text,
        r#"
[backend.git]

[backend.jira]
type = "jira"
url = "{}"
user = "demo@example.com"
token = {{ file = "{token_file}" }}
blocking_links = ["is blocked by"]

[backend.prometheus]
type = "prometheus"
url = "{}"

[backend.alertmanager]
type = "alertmanager"
url = "{}"
"#,
        addresses.jira, addresses.prometheus, addresses.alertmanager
    );
    text
}

fn service(text: &mut String, firm: &Firm) {
    let lead = firm.person;
    let team = firm.team.trim_start_matches("team-");
    let _ = write!(
        text,
        r#"
[[service]]
id = "{}"                              # {}
owner = "{}"
escalation = ["{lead}", "@{team}-oncall", "@duty-manager"]
tier = {}
repository = "../repositories/{}"
tags = "v*"
"#,
        firm.id, firm.does, firm.team, firm.tier, firm.id
    );
    if !firm.needs.is_empty() {
        text.push_str("depends_on = [\n");
        for (service, version, need) in firm.needs {
            let version =
                if version.is_empty() { String::new() } else { format!(", version = \"{version}\"") };
            let kind = if *need == Need::Soft { ", kind = \"soft\"" } else { "" };
            let _ = writeln!(text, "  {{ service = \"{service}\"{version}{kind} }},");
        }
        text.push_str("]\n");
    }
    if firm.playbook {
        let _ = writeln!(text, "playbook = \"{}\"", firm.id);
    }
    if firm.tier == 1 {
        text.push_str(
            "fix_forward = \"45m\"                    # from the finding to a fix that runs everywhere\n",
        );
    }
    let id = firm.id;
    let chosen = r#"env="{{environment}}",region=~"{{region}}",version="{{version}}""#;
    if firm.tier == 1 {
        // Usual errors burn about half of it, so that the budget says something.
        let objective = if firm.rate > 200.0 { "99.7" } else { "99.5" };
        let _ = write!(
            text,
            r#"
[service.slo]
objective = {objective}                       # percent, over 30 days
errors = 'sum(rate(http_requests_total{{service="{id}",env="production",code=~"5.."}}[{{{{window}}}}]))'
total  = 'sum(rate(http_requests_total{{service="{id}",env="production"}}[{{{{window}}}}]))'
"#
        );
    }
    if firm.tier == 1 {
        let _ = write!(
            text,
            r#"
[[service.health]]
id = "instances"
title = "every instance answers"
query = 'min(up{{service="{id}",env="{{{{environment}}}}"}})'
until = "== 1"
critical = true
environments = ["production"]
interval = "15s"
"#
        );
    }
    if id == "search" {
        text.push_str(
            r#"
[[service.health]]
id = "index"
title = "the index is up to date"
query = 'max(search_index_lag_seconds{env="{{environment}}"})'
until = "< 300"
data = true
environments = ["staging", "production"]
interval = "15s"
"#,
        );
    }
    // Twice the usual p95, rounded to something people remember.
    let slow = (firm.median * 2.5 * 2.0 * 20.0).ceil() / 20.0;
    let critical = if firm.tier <= 2 { "\ncritical = true" } else { "" };
    let _ = write!(
        text,
        r#"
[[service.metric]]
name = "error rate"
query = 'sum(rate(http_requests_total{{service="{id}",{chosen},code=~"5.."}}[1m])) / sum(rate(http_requests_total{{service="{id}",{chosen}}}[1m]))'
bad = 'sum(increase(http_requests_total{{service="{id}",{chosen},code=~"5.."}}[{{{{window}}}}]))'
total = 'sum(increase(http_requests_total{{service="{id}",{chosen}}}[{{{{window}}}}]))'
direction = "increase"
unit = "ratio"
limit = 0.01
failure_limit = 2{critical}
weight = 60

[[service.metric]]
name = "latency p95"
query = 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{{service="{id}",{chosen}}}[1m])))'
direction = "increase"
unit = "seconds"
limit = {slow}
weight = 40

[[service.metric]]
name = "throughput"
query = 'sum(rate(http_requests_total{{service="{id}",{chosen}}}[1m]))'
direction = "decrease"
unit = "1/s"
judge = false
"#
    );
    if firm.tier == 1 {
        let _ = write!(
            text,
            r#"
[[service.trigger]]
id = "errors"
title = "too many requests fail"
metric = "error rate"
is = "> 0.03"
for = "30s"
within = "60m"
environments = ["production"]
"#
        );
    }
}
