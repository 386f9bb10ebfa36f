//! Triggers are read whole, and each mistake in one is named with its place.

use crate::help::{TMINUS, listed, read, storefront, write};
use tminus::domain::trigger::{Remedy, When};

/// The contract's workspace with triggers for its first service.
fn with(triggers: &str) -> tminus::store::Opened {
    let root = storefront();
    let text =
        TMINUS.replacen("\n[service.slo]", &format!("\nfix_forward = \"45m\"\n{triggers}\n[service.slo]"), 1);
    write(root.path(), "tminus.toml", text.as_bytes());
    read(root.path())
}

#[test]
fn every_kind_of_trigger_is_read() {
    let opened = with(
        r#"
[[service.trigger]]
id = "errors"
title = "Too many errors"
metric = "error rate"
is = "> 0.02"
for = "2m"
within = "30m"
environments = ["production"]

[[service.trigger]]
id = "verdict"
verdict = "failing"
recommend = "fix-forward"

[[service.trigger]]
id = "page"
alert = "CheckoutErrors"

[[service.trigger]]
id = "budget"
burn = "> 14.4"

[[service.trigger]]
id = "smoke"
health = "smoke"
"#,
    );
    assert_eq!(listed(&opened), "");
    let service = &opened.workspace.services[0];
    assert_eq!(service.fix_forward, Some(chrono::TimeDelta::minutes(45)));
    let found: Vec<_> = service
        .triggers
        .iter()
        .map(|trigger| {
            (trigger.when.words(), trigger.hold.num_minutes(), trigger.within.num_minutes(), trigger.remedy)
        })
        .collect();
    let words = |text: &str| text.to_owned();
    assert_eq!(
        found,
        [
            (words("error rate > 0.02"), 2, 30, Remedy::Rollback),
            (words("verdict failing"), 0, 60, Remedy::FixForward),
            (words("alert CheckoutErrors fires"), 0, 60, Remedy::Rollback),
            (words("error budget burns > 14.4"), 0, 60, Remedy::Rollback),
            (words("health check smoke fails"), 0, 60, Remedy::Rollback),
        ]
    );
    assert!(matches!(service.triggers[0].when, When::Metric { .. }));
}

#[test]
fn every_mistake_in_a_trigger_is_named() {
    let opened = with(
        r#"
[[service.trigger]]
id = "two"
alert = "A"
burn = "> 1"

[[service.trigger]]
id = "nothing"

[[service.trigger]]
id = "stranger"
metric = "latency p59"
is = "> 1"

[[service.trigger]]
id = "bare"
metric = "error rate"

[[service.trigger]]
id = "odd"
metric = "error rate"
is = "very high"

[[service.trigger]]
id = "stray"
alert = "A"
is = "> 1"

[[service.trigger]]
id = "late"
alert = "A"
for = "soon"
environments = ["prod"]

[[service.trigger]]
id = "good"
alert = "A"

[[service.trigger]]
id = "good"
alert = "B"
"#,
    );
    insta::assert_snapshot!(listed(&opened));
    let ids: Vec<&str> =
        opened.workspace.services[0].triggers.iter().map(|trigger| trigger.id.as_str()).collect();
    assert_eq!(ids, ["good"]);
}
