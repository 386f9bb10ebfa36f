use chrono::TimeDelta;

use super::*;
use crate::domain::playbook::{Done, QueryCondition, Step, Verify};
use crate::domain::release::Status;
use crate::domain::samples;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn words(argv: &[&str]) -> Vec<String> {
    argv.iter().map(|argument| (*argument).to_owned()).collect()
}

fn playbook() -> Playbook {
    Playbook {
        id: "checkout".to_owned(),
        title: "Bring checkout back".to_owned(),
        steps: vec![
            Step {
                id: "abort".to_owned(),
                title: "Stop the canary".to_owned(),
                run: words(&[
                    "kubectl",
                    "undo",
                    "{{service}}",
                    "-n",
                    "{{environment}}",
                    "--to={{previous}} please",
                ]),
                verify: Some(Verify::Query(QueryCondition {
                    query: "errors{v=\"{{version}}\"}".to_owned(),
                    until: "< 0.01".to_owned(),
                    hold: Some(TimeDelta::minutes(2)),
                    timeout: Some(TimeDelta::minutes(10)),
                    ..QueryCondition::default()
                })),
                ..Step::default()
            },
            Step { id: "schema".to_owned(), manual: true, no_return: true, ..Step::default() },
        ],
        done: Done { versions: true, queries: Vec::new() },
        ..Playbook::default()
    }
}

fn workspace() -> Workspace {
    let mut checkout = samples::service("checkout", &[("ledger", "")]);
    checkout.playbook = Some("checkout".to_owned());
    let mut old = samples::release(
        "checkout-4.1",
        &[("checkout", "4.1.3")],
        vec![samples::stage("production", "2026-11-01T10:00:00Z", "2026-11-01T12:00:00Z")],
    );
    old.status = Status::Completed;
    let new = samples::release(
        "checkout-4.2",
        &[("ledger", "3.1.0"), ("checkout", "4.2.0"), ("web", "5.6.0")],
        vec![samples::stage("production", "2026-11-25T10:00:00Z", "2026-11-25T12:00:00Z")],
    );
    Workspace {
        services: vec![
            checkout,
            samples::service("ledger", &[]),
            samples::service("web", &[("checkout", "^4")]),
        ],
        releases: vec![old, new],
        playbooks: vec![playbook()],
        ..Workspace::default()
    }
}

fn tag(name: &str, day: u32) -> Tag {
    Tag {
        name: name.into(),
        at: utc("2026-10-01T00:00:00Z") + TimeDelta::days(day.into()),
        subject: "".into(),
    }
}

fn running(versions: &[(&str, &str)]) -> Running {
    let share = |version: &str| vec![VersionShare { version: version.into(), share: 1.0 }];
    Running {
        services: versions.iter().map(|(id, version)| ((*id).to_owned(), share(version))).collect(),
        ..Running::default()
    }
}

fn go(workspace: &Workspace, known: Known<'_>) -> Backout {
    let ledger =
        [tag("v3.0.9", 12), tag("v3.1.0", 11), tag("v3.1.0-rc.1", 10), tag("v3.0.8", 9), tag("v3.0.7", 8)];
    let tags = BTreeMap::from([("ledger", ledger.as_slice())]);
    let place = Place {
        environment: "production",
        region: None,
        known,
        tags: &tags,
        now: utc("2026-11-25T11:00:00Z"),
    };
    plan(workspace, Subject::Release(workspace.release("checkout-4.2").unwrap()), place)
}

fn kinds(backout: &Backout) -> Vec<(MissingKind, Option<&str>)> {
    backout.missing.iter().map(|missing| (missing.kind, missing.service.as_deref())).collect()
}

#[test]
fn consumers_go_back_first_to_what_was_there_before() {
    let running = running(&[("checkout", "4.2.0"), ("ledger", "3.1.0"), ("web", "5.6.0")]);
    let backout = go(&workspace(), Known::Running(&running));
    let order: Vec<Vec<&str>> =
        backout.waves.iter().map(|wave| wave.iter().map(|plan| plan.service.as_str()).collect()).collect();
    assert_eq!(order, [["web"], ["checkout"], ["ledger"]]);
    let to = |wave: usize| backout.waves[wave][0].to.clone();
    assert_eq!(to(0), None);
    let release = PreviousSource::Release("checkout-4.1".to_owned());
    assert_eq!(to(1), Some(Previous { version: "4.1.3".to_owned(), source: release }));
    // By the date of the tags, and never to a release candidate.
    let tag = PreviousSource::Tag("v3.0.8".to_owned());
    assert_eq!(to(2), Some(Previous { version: "3.0.8".to_owned(), source: tag }));
    assert_eq!(
        kinds(&backout),
        [
            (MissingKind::PreviousUnknown, Some("web")),
            (MissingKind::NoPlaybook, Some("web")),
            (MissingKind::NoPlaybook, Some("ledger")),
        ]
    );
}

#[test]
fn steps_are_shown_as_they_would_run() {
    let running = running(&[("checkout", "4.2.0"), ("ledger", "3.1.0"), ("web", "5.6.0")]);
    let backout = go(&workspace(), Known::Running(&running));
    let plan = &backout.waves[1][0];
    assert_eq!(
        plan.steps[0].command.as_deref(),
        Some("kubectl undo checkout -n production '--to=4.1.3 please'")
    );
    assert_eq!(plan.steps[0].argv[5], "--to=4.1.3 please");
    assert_eq!(plan.steps[0].verify.as_deref(), Some("errors{v=\"4.2.0\"} < 0.01 for 2 m, within 10 m"));
    assert_eq!(plan.steps[1].command, None);
    assert_eq!(plan.done[0].as_str(), "every instance reports 4.1.3");
    assert_eq!((backout.barriers[0].wave, backout.barriers[0].step.as_str()), (1, "schema"));
}

#[test]
fn what_is_not_known_is_missing_and_stays_a_template() {
    let mut workspace = workspace();
    workspace.releases.remove(0);
    workspace.playbooks[0].done = Done::default();
    workspace.playbooks[0].steps[0].verify = None;
    workspace.playbooks[0].steps[0].run = words(&["deploy", "{{previous}}", "{{region}}", "{{regoin}}"]);
    let backout = go(&workspace, Known::Unknown("timed out"));
    let step = &backout.waves[1][0].steps[0];
    assert_eq!(step.argv, ["deploy", "{{previous}}", "{{region}}", "{{regoin}}"]);
    let of_checkout: Vec<_> = kinds(&backout)
        .into_iter()
        .filter(|(_, service)| *service != Some("web") && *service != Some("ledger"))
        .collect();
    let checkout = Some("checkout");
    assert_eq!(
        of_checkout,
        [
            (MissingKind::RunningUnknown, None),
            (MissingKind::PreviousUnknown, checkout),
            (MissingKind::NoValue, checkout),
            (MissingKind::NoValue, checkout),
            (MissingKind::UnknownTemplate, checkout),
            (MissingKind::NoVerify, checkout),
            (MissingKind::NoDone, checkout),
        ]
    );
    assert_eq!(backout.waves[1][0].running, None);
}

#[test]
fn a_release_that_has_not_begun_goes_back_to_what_runs() {
    let running = running(&[("checkout", "4.1.9"), ("ledger", "3.1.0"), ("web", "5.6.0")]);
    let backout = go(&workspace(), Known::Running(&running));
    assert!(kinds(&backout).contains(&(MissingKind::NotRunning, Some("checkout"))));
    let to = backout.waves[1][0].to.clone().unwrap();
    assert_eq!((to.version.as_str(), to.source), ("4.1.9", PreviousSource::Seen));
}

#[test]
fn what_stays_must_work_with_what_goes_back() {
    let mut workspace = workspace();
    workspace.services.push(samples::service("app", &[("checkout", "^4.2")]));
    let running = running(&[("checkout", "4.2.0"), ("ledger", "3.1.0"), ("web", "5.6.0"), ("app", "1.0.0")]);
    let backout = go(&workspace, Known::Running(&running));
    let found = backout.missing.iter().find(|missing| missing.kind == MissingKind::Incompatible).unwrap();
    assert_eq!(found.what.as_str(), "app in production needs checkout ^4.2; 4.1.3 is not");
}

#[test]
fn a_rollout_goes_back_to_what_was_seen_where_nobody_else_says() {
    let workspace = workspace();
    let tags = BTreeMap::new();
    let running = running(&[("web", "5.6.0")]);
    let place = Place {
        environment: "production",
        region: Some("eu"),
        known: Known::Running(&running),
        tags: &tags,
        now: utc("2026-11-25T11:00:00Z"),
    };
    let subject = Subject::Rollout { service: "web", version: "5.6.0", seen_before: Some("5.5.2") };
    let backout = plan(&workspace, subject, place);
    let to = backout.waves[0][0].to.clone().unwrap();
    assert_eq!((to.version.as_str(), to.source), ("5.5.2", PreviousSource::Seen));
}

#[test]
fn a_command_reads_back_as_it_is() {
    assert_eq!(
        shell_words(&words(&["echo", "it's", "", "a b", "$HOME"])),
        r"echo 'it'\''s' '' 'a b' '$HOME'"
    );
    // Checked against a real shell: `sh -c "printf %s …"` prints the argument.
    for (argument, word) in [
        ("{a,b}", "'{a,b}'"),
        ("=ls", "'=ls'"),
        ("~", "'~'"),
        ("é", "'é'"),
        ("a\nb\x1b", r"$'a\nb\x1b'"),
        ("x\u{202e}y", r"$'x\xe2\x80\xaey'"),
        ("\u{1}it's\\", r"$'\x01it\'s\\'"),
    ] {
        assert_eq!(shell_words(&words(&[argument])), word);
    }
}
