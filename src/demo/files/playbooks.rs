//! `playbooks/*.toml`.

use std::fmt::Write as _;

use crate::demo::company::{FIRMS, Firm};

/// The id and text of every playbook.
pub(super) fn all() -> Vec<(&'static str, String)> {
    FIRMS.iter().filter(|firm| firm.playbook).map(|firm| (firm.id, text(firm))).collect()
}

fn text(firm: &Firm) -> String {
    let id = firm.id;
    let target = if firm.tier == 1 { "10m" } else { "20m" };
    let chosen = r#"env="{{environment}}",version="{{previous}}""#;
    let mut text = format!(
        r#"# Bring {id} back to the version before. Rehearsed on staging every quarter.
title = "Bring {id} back"
service = "{id}"
target = "{target}"                         # from the alert to the verified old version

[[step]]
id = "abort"
title = "Stop sending traffic to the canary"
run = ["kubectl", "argo", "rollouts", "abort", "{id}", "-n", "{{{{environment}}}}"]
timeout = "2m"
repeatable = true
verify = {{ query = 'count(app_build_info{{service="{id}",env="{{{{environment}}}}",version="{{{{version}}}}"}}) or vector(0)', until = "== 0", for = "30s", timeout = "5m" }}

[[step]]
id = "undo"
title = "Back to the version before"
run = ["kubectl", "argo", "rollouts", "undo", "{id}", "-n", "{{{{environment}}}}"]
timeout = "5m"
env = ["KUBECONFIG"]
verify = {{ run = ["kubectl", "argo", "rollouts", "status", "{id}", "-n", "{{{{environment}}}}", "--timeout", "4m"], timeout = "5m" }}
"#
    );
    text.push_str(match id {
        "checkout" => {
            r#"
[[step]]
id = "flags"
title = "Switch express checkout off"
run = ["flagctl", "set", "express-checkout=off", "--env", "{{environment}}", "--reason", "backout of {{release}}"]
timeout = "1m"
repeatable = true
"#
        }
        "orders" => {
            r#"
# Orders written since the release hold the new reservation id; the old version cannot read them.
[[step]]
id = "schema"
title = "Put the old reservation column back"
manual = true
no_return = true                       # take a snapshot first: ids written since are lost
"#
        }
        "payments" => {
            r#"
[[step]]
id = "providers"
title = "Tell the card provider's hotline that retries will come"
manual = true
"#
        }
        "search" => {
            r#"
[[step]]
id = "index"
title = "Point the alias at the index before"
run = ["searchctl", "alias", "swap", "products", "--to", "products-{{previous}}"]
timeout = "1m"
repeatable = true
"#
        }
        _ => "",
    });
    let _ = write!(
        text,
        r#"
[done]
queries = [
  {{ name = "errors back to normal", query = 'sum(rate(http_requests_total{{service="{id}",{chosen},code=~"5.."}}[1m])) / sum(rate(http_requests_total{{service="{id}",{chosen}}}[1m]))', until = "< 0.01", for = "5m" }},
]
versions = true
"#
    );
    text
}
