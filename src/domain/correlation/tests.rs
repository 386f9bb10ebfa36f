use super::*;
use crate::domain::graph::Graph;
use crate::domain::{Workspace, samples};

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minute)
}

fn deployed(service: &str, minute: i64) -> Change {
    Change {
        at: at(minute),
        kind: ChangeKind::Deployment,
        service: Some(service.into()),
        environment: Some("production".into()),
        region: Some("eu".into()),
        what: format!("{service} at {minute}"),
    }
}

fn alert(service: Option<&str>, name: &str, minute: i64) -> Signal {
    Signal {
        ended: None,
        at: at(minute),
        kind: SignalKind::Alert,
        name: name.into(),
        service: service.map(Into::into),
        environment: Some("production".into()),
        region: None,
    }
}

/// web needs checkout, checkout needs payments, payments needs ledger; mail stands alone.
fn shop() -> Workspace {
    Workspace {
        services: vec![
            samples::service("web", &[("checkout", "")]),
            samples::service("checkout", &[("payments", "")]),
            samples::service("payments", &[("ledger", "")]),
            samples::service("ledger", &[]),
            samples::service("mail", &[]),
        ],
        ..Workspace::default()
    }
}

fn correlated(changes: &[Change], signals: &[Signal]) -> Vec<Correlated> {
    let workspace = shop();
    correlate(changes, signals, &[], Graph::of(&workspace).edges())
}

fn before(found: &Correlated) -> Vec<(String, i64, Distance)> {
    found.before.iter().map(|b| (b.change.what.clone(), b.lag.num_minutes(), b.distance)).collect()
}

#[test]
fn the_nearest_in_the_graph_comes_first_then_the_latest() {
    let changes = [
        deployed("mail", -5),
        deployed("ledger", -20),
        deployed("payments", -30),
        deployed("payments", -10),
        deployed("web", -1),
        deployed("checkout", -40),
    ];
    let found = correlated(&changes, &[alert(Some("checkout"), "Errors", 0)]);
    let row = |what: &str, lag, distance| (what.to_owned(), lag, distance);
    assert_eq!(
        before(&found[0]),
        [
            row("checkout at -40", 40, Distance::Same),
            row("payments at -10", 10, Distance::Provider(1)),
            row("payments at -30", 30, Distance::Provider(1)),
            row("ledger at -20", 20, Distance::Provider(2)),
            row("web at -1", 1, Distance::Consumer(1)),
            row("mail at -5", 5, Distance::Apart),
        ]
    );
}

#[test]
fn what_came_later_too_long_ago_or_elsewhere_is_not_before_it() {
    let mut elsewhere = deployed("checkout", -5);
    elsewhere.environment = Some("staging".into());
    let mut region = deployed("checkout", -5);
    region.region = Some("us".into());
    let changes =
        [deployed("checkout", 1), deployed("checkout", -121), deployed("mail", -61), elsewhere, region];
    let mut signal = alert(Some("checkout"), "Errors", 0);
    signal.region = Some("eu".into());
    let found = correlated(&changes, &[signal]);
    assert_eq!(found[0].before, []);
    assert_eq!(found[0].sentence(), "Errors of checkout: nothing known changed within 2 h before it");
}

#[test]
fn it_counts_how_many_of_the_last_changes_were_followed_by_the_like() {
    let workspace = shop();
    let changes = [
        deployed("checkout", -3000),
        deployed("checkout", -2000),
        deployed("checkout", -1000),
        deployed("checkout", -8),
        deployed("payments", -1001),
        deployed("checkout", 50),
    ];
    let past = [
        alert(Some("checkout"), "Errors", -1994),
        alert(Some("checkout"), "Errors", -980),
        alert(Some("checkout"), "Slow", -2999),
        alert(Some("web"), "Errors", -2999),
    ];
    let now = alert(Some("checkout"), "Errors", 0);
    let found = correlate(&changes, &[now], &past, Graph::of(&workspace).edges());
    let first = &found[0].before[0];
    // Eight minutes are within ten; the one that followed after twenty does not count.
    let followed = Followed { times: 2, of: 4, within: TimeDelta::minutes(10) };
    assert_eq!((first.change.what.as_str(), first.followed), ("checkout at -8", Some(followed)));
    assert_eq!(
        found[0].sentence(),
        "Errors of checkout: 8 m after checkout at -8, same service; the like followed 2 of 4 within 10 m (n = 4)"
    );
}

#[test]
fn a_signal_of_no_service_sees_what_changed_in_the_last_hour() {
    let mut configuration = deployed("", -30);
    configuration.service = None;
    configuration.environment = None;
    configuration.kind = ChangeKind::Configuration;
    let found = correlated(&[configuration, deployed("mail", -70)], &[alert(None, "DiskFull", 0)]);
    assert_eq!(found[0].before.len(), 1);
    assert_eq!(found[0].before[0].followed, None);
}

#[test]
fn a_circle_of_dependencies_ends() {
    let workspace = Workspace {
        services: vec![samples::service("a", &[("b", "")]), samples::service("b", &[("a", "")])],
        ..Workspace::default()
    };
    let found =
        correlate(&[deployed("b", -1)], &[alert(Some("a"), "Errors", 0)], &[], Graph::of(&workspace).edges());
    assert_eq!(found[0].before[0].distance, Distance::Provider(1));
}

proptest::proptest! {
    /// However changes are ordered, the answer is the same, no lag is negative, and no count
    /// is above its n, which holds the change itself.
    #[test]
    fn order_changes_nothing(
        minutes in proptest::collection::vec((0_usize..5, -200_i64..20), 0..30),
        signal in 0_usize..5, turn in 0_usize..30,
    ) {
        let workspace = shop();
        let names = ["web", "checkout", "payments", "ledger", "mail"];
        let mut minutes = minutes;
        minutes.sort_unstable();
        minutes.dedup();
        let changes: Vec<Change> = minutes.iter().map(|(service, minute)| deployed(names[*service], *minute)).collect();
        let mut turned = changes.clone();
        let by = turn % turned.len().max(1);
        turned.rotate_left(by);
        let signals = [alert(Some(names[signal]), "Errors", 0)];
        let graph = Graph::of(&workspace);
        let found = correlate(&changes, &signals, &[], graph.edges());
        proptest::prop_assert_eq!(&found, &correlate(&turned, &signals, &[], graph.edges()));
        for before in &found[0].before {
            proptest::prop_assert!(before.lag >= TimeDelta::zero());
            let followed = before.followed.expect("a deployment is counted");
            proptest::prop_assert!(followed.times >= 1 && followed.times <= followed.of);
        }
    }
}

#[test]
fn what_lies_exactly_at_a_bound_is_within_it() {
    let of = |service: &str, minute| {
        let found = correlated(&[deployed(service, minute)], &[alert(Some("checkout"), "Errors", 0)]);
        found[0].before.first().map(|before| before.lag.num_minutes())
    };
    assert_eq!([of("checkout", 0), of("checkout", -120), of("mail", -60)], [Some(0), Some(120), Some(60)]);
}

#[test]
fn the_like_is_counted_at_the_same_place_within_the_bound_and_of_the_last_twenty() {
    let counted = |changes: &[Change], past: &[Signal]| {
        let workspace = shop();
        let now = alert(Some("checkout"), "Errors", 0);
        correlate(changes, &[now], past, Graph::of(&workspace).edges())[0].before[0].followed
    };
    let followed = |times, of, within| Some(Followed { times, of, within: TimeDelta::minutes(within) });
    // Another environment's deployment is another thing, and so is an alert of another region.
    let mut staging = deployed("checkout", -900);
    staging.environment = Some("staging".into());
    let two = [deployed("checkout", -10), deployed("checkout", -1000)];
    assert_eq!(counted(&[two[0].clone(), staging], &[]), followed(1, 1, 10));
    let mut elsewhere = alert(Some("checkout"), "Errors", -995);
    elsewhere.region = Some("us".into());
    assert_eq!(counted(&two, &[elsewhere.clone()]), followed(1, 2, 10));
    elsewhere.region = Some("eu".into());
    assert_eq!(counted(&two, &[elsewhere]), followed(2, 2, 10));
    // Ten minutes are within ten minutes, eleven are not.
    assert_eq!(counted(&two, &[alert(Some("checkout"), "Errors", -990)]), followed(2, 2, 10));
    assert_eq!(counted(&two, &[alert(Some("checkout"), "Errors", -989)]), followed(1, 2, 10));
    // Thirty deployments, of which the twelve oldest were followed: of the last twenty two were, and
    // the one in question.
    let many: Vec<Change> = (0..30).map(|back| deployed("checkout", -5 - back * 500)).collect();
    let past: Vec<Signal> = (18..30).map(|back| alert(Some("checkout"), "Errors", -2 - back * 500)).collect();
    assert_eq!(counted(&many, &past), followed(3, 20, 5));
    let back = Change { kind: ChangeKind::Rollback, ..deployed("checkout", -5) };
    assert_eq!(counted(&[back], &[]), None, "what was taken back brought nothing");
}
