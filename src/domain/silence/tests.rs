//! Matchers, bounds, markers, and what becomes of a silence.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::matcher::{check, tests};
use super::request::{LabelNames, check_end, check_reach, check_start, list, replaced};
use super::*;
use crate::domain::question::{Alert, AlertState};
use crate::domain::{Failure, FailureKind, Safe, samples};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<Safe, Safe> {
    pairs.iter().map(|(name, value)| (Safe::new(name), Safe::new(value))).collect()
}

fn alert(pairs: &[(&str, &str)]) -> Alert {
    Alert {
        name: "Slow".into(),
        labels: labels(pairs),
        summary: Safe::default(),
        state: AlertState::Firing,
        since: utc("2026-11-25T13:00:00Z"),
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    }
}

fn stage() -> Stage {
    Stage {
        region: Some("eu".into()),
        soak: Some(TimeDelta::hours(1)),
        ..samples::stage("production", "2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z")
    }
}

fn release() -> crate::domain::Release {
    let mut release =
        samples::release("checkout-4.2", &[("checkout", "4.2.0"), ("web.shop", "5.6.0")], vec![stage()]);
    release.title = "Checkout 4.2".into();
    release
}

fn names() -> LabelNames {
    LabelNames { service: "service".into(), environment: "env".into(), region: "region".into() }
}

fn parse(text: &str) -> Vec<Matcher> {
    Matcher::parse_list(text).unwrap()
}

fn fits(text: &str, pairs: &[(&str, &str)]) -> bool {
    tests(&parse(text)).unwrap().iter().all(|test| test.accepts(&labels(pairs)))
}

#[test]
fn matchers_mean_what_alertmanager_means() {
    assert!(fits("service=cart", &[("service", "cart")]));
    assert!(!fits("service=cart", &[("service", "carts")]));
    assert!(fits("service!=cart", &[]));
    assert!(fits("service=~\"cart|mail\"", &[("service", "mail")]));
    assert!(!fits("service=~\"cart|mail\"", &[("service", "mails")]), "the whole value counts");
    assert!(fits("service!~ca.*", &[("service", "mail")]));
    assert!(fits("service=~.*", &[]), "a label that is not there is empty");
    assert!(!fits("service=cart, env=production", &[("service", "cart")]));
}

#[test]
fn what_is_no_matcher_is_refused_with_the_way_to_write_one() {
    for wrong in ["service", "=cart", "ser vice=x", "service=\"cart", "service=~\"(\"", "a=\"b\"c"] {
        let why = Matcher::parse_list(wrong).unwrap_err();
        assert!(
            why.contains("write label=value") || why.contains("quotes") || why.contains("expression"),
            "{why}"
        );
    }
    assert_eq!(Matcher::parse_list(" , ").unwrap(), []);
    assert_eq!(
        parse("{a=\"x, y\",b=~\"\\\\d+\"}").iter().map(|m| m.value.to_string()).collect::<Vec<_>>(),
        ["x, y", "\\d+"]
    );
}

#[test]
fn a_silence_that_reaches_too_far_is_refused_with_why() {
    for (text, words) in [
        ("", "would mute every alert"),
        ("service=\"\"", "every alert without the label service"),
        ("service=~.*", "every alert without the label service"),
        ("service=~\"|cart\"", "every alert without the label service"),
        ("service=~.+", "fits every value"),
        ("alertname=~\"[^#]+\"", "fits every value"),
        ("env=production", "every alert of env=production: add service"),
        ("env=production, region=eu, severity=page", "add service"),
        ("service!=cart", "every alert but a few"),
        ("service!=cart, env=production", "every alert of env=production"),
    ] {
        let why = check(&parse(text)).unwrap_err();
        assert!(why.contains(words), "{text}: {why}");
    }
    for good in ["service=cart", "alertname=Slow, env!=staging", "instance=~\"db-.*\", env=production"] {
        assert_eq!(check(&parse(good)), Ok(()), "{good}");
    }
}

#[test]
fn matchers_of_a_stage_are_its_services_where_it_is() {
    let draft = Draft::of(&release(), 0, None, &names(), utc("2026-11-25T12:00:00Z")).unwrap();
    assert_eq!(list(&draft.matchers), "service=~checkout|web\\.shop, env=production, region=eu");
    assert_eq!((draft.from, draft.to), (utc("2026-11-25T13:00:00Z"), utc("2026-11-25T16:00:00Z")));
    assert_eq!(draft.reason, "release checkout-4.2: Checkout 4.2");
    assert!(fits(
        &list(&draft.matchers),
        &[("service", "web.shop"), ("env", "production"), ("region", "eu")]
    ));
    assert!(!fits(
        &list(&draft.matchers),
        &[("service", "webxshop"), ("env", "production"), ("region", "eu")]
    ));
}

#[test]
fn matchers_of_an_alert_are_its_name_and_place() {
    let slow = alert(&[("service", "checkout"), ("env", "production"), ("pod", "a-1")]);
    let now = utc("2026-11-25T14:00:00Z");
    let draft = Draft::of(&release(), 0, Some(&slow), &names(), now).unwrap();
    assert_eq!(list(&draft.matchers), "alertname=Slow, service=checkout, env=production");
    assert_eq!(draft.from, now, "it does not begin in the past");
}

#[test]
fn the_labels_are_those_that_the_alerts_use() {
    let some = [alert(&[("app", "a"), ("env", "b")]), alert(&[("service", "a"), ("app", "b")])];
    let names = LabelNames::of(some.iter());
    assert_eq!((names.service.as_str(), names.environment.as_str()), ("app", "env"));
    let none = LabelNames::of(std::iter::empty());
    assert_eq!((none.service.as_str(), none.environment.as_str()), ("service", "environment"));
}

#[test]
fn a_silence_stays_within_its_stage_and_soak() {
    let (stage, now) = (stage(), utc("2026-11-25T14:00:00Z"));
    let end = |at: &str| check_end(&stage, now, utc(at), now);
    assert_eq!(end("2026-11-25T16:00:00Z"), Ok(()));
    let why = end("2026-11-25T16:00:01Z").unwrap_err();
    assert!(why.contains("at the latest Wed 25 Nov 16:00 UTC, 1 h of soak included"), "{why}");
    assert!(end("2026-11-25T14:00:00Z").unwrap_err().contains("past"));
    assert!(check_end(&stage, utc("2026-11-25T15:00:00Z"), utc("2026-11-25T14:30:00Z"), now).is_err());
    assert!(check_start(&stage, utc("2026-11-25T12:59:59Z")).unwrap_err().contains("the stage begins"));
    assert_eq!(check_start(&stage, utc("2026-11-25T13:00:00Z")), Ok(()));
    assert!(check_start(&stage, utc("2026-11-25T16:00:00Z")).is_err());
    let over = Draft::of(&release(), 0, None, &names(), utc("2026-11-25T16:00:00Z")).unwrap_err();
    assert!(over.contains("its soak ended") && over.contains("nothing of it is left"), "{over}");
    assert!(Draft::of(&release(), 3, None, &names(), now).unwrap_err().contains("the last is 0"));
}

#[test]
fn matchers_that_lie_elsewhere_than_the_stage_are_refused() {
    let check = |text: &str| check_reach(&parse(text), &release(), &stage(), &names());
    assert!(check("service=checkout, env=staging").unwrap_err().contains("its environment is production"));
    assert!(check("service=checkout, env=production, region=us").unwrap_err().contains("its region is eu"));
    assert_eq!(check("service=checkout, env=production, region=~\"eu|us\"").unwrap(), Vec::<String>::new());
    let notices = check("service=search, env=production").unwrap();
    assert_eq!(
        notices,
        [
            "no region=…: it mutes in every region, not in eu alone",
            "service=search is no service of checkout-4.2"
        ]
    );
}

#[test]
fn a_marker_tells_which_silences_are_ours() {
    let deployment = Deployment { release: "checkout-4.2".into(), stage: 1 };
    let comment = format!("why not [{deployment}]");
    assert_eq!(Deployment::of_comment(&comment), Some(deployment));
    for other in ["", "moving it", "[tminus:x]", "[tminus:/1]", "[tminus:x/y]", "[tminus:x/1] and more"] {
        assert_eq!(Deployment::of_comment(other), None, "{other}");
    }
}

#[test]
fn a_deployment_is_over_when_its_stage_or_release_is() {
    let mut workspace = Workspace { releases: vec![release()], ..Workspace::default() };
    let deployment = Deployment { release: "checkout-4.2".into(), stage: 0 };
    let over = |workspace: &Workspace, at: &str| deployment.over(workspace, utc(at));
    assert_eq!(over(&workspace, "2026-11-25T14:59:59Z"), None);
    assert_eq!(over(&workspace, "2026-11-25T15:00:00Z"), Some(Over::Stage(utc("2026-11-25T15:00:00Z"))));
    workspace.releases[0].status = Status::RolledBack;
    assert_eq!(over(&workspace, "2026-11-25T14:00:00Z"), Some(Over::Release(Status::RolledBack)));
    workspace.releases[0].status = Status::Planned;
    workspace.releases[0].stages.clear();
    assert_eq!(over(&workspace, "2026-11-25T14:00:00Z"), Some(Over::StageGone));
    workspace.releases.clear();
    assert_eq!(over(&workspace, "2026-11-25T14:00:00Z"), Some(Over::ReleaseGone));
}

fn request() -> Request {
    Request {
        backend: "am".into(),
        deployment: Deployment { release: "checkout-4.2".into(), stage: 0 },
        matchers: parse("service=checkout, env=production"),
        start: utc("2026-11-25T14:00:00Z"),
        end: utc("2026-11-25T16:00:00Z"),
        by: "mira".into(),
        reason: "release checkout-4.2: Checkout 4.2".into(),
        replaces: None,
    }
}

fn silence(id: &str) -> Silence {
    let request = request();
    Silence {
        id: id.into(),
        matchers: parse("env=production, service=checkout"),
        starts: utc("2026-11-25T14:00:03Z"),
        ends: request.end,
        by: "mira".into(),
        comment: request.comment().into(),
        state: SilenceState::Active,
    }
}

fn down() -> Failure {
    Failure::new(FailureKind::Timeout, "am: no answer", "look there")
}

#[test]
fn a_silence_without_an_answer_is_ours_only_when_it_is_new_and_says_the_same() {
    let settle = |before: &[Safe], now| Created::settle(&request(), Sent::Unclear(down()), before, now);
    assert_eq!(settle(&[], Ok(vec![silence("1")])).word(), "made");
    assert_eq!(settle(&["1".into()], Ok(vec![silence("1")])).word(), "unknown", "it was there before");
    let other = Silence { by: "hana".into(), ..silence("2") };
    assert_eq!(settle(&[], Ok(vec![other])).word(), "unknown");
    let wider = Silence { matchers: parse("service=checkout"), ..silence("3") };
    assert_eq!(settle(&[], Ok(vec![wider])).word(), "unknown");
    assert_eq!(settle(&[], Err(down())).word(), "unknown");
    let yes = Created::settle(&request(), Sent::Accepted("9".into()), &[], Ok(vec![silence("1")]));
    assert_eq!(yes.word(), "unknown", "it said yes, and what it named is not there");
    let said = yes.sentence(&request(), chrono_tz::Tz::UTC);
    assert!(said.contains("is not known") && said.contains("said yes"), "{said}");
    let no = Created::settle(&request(), Sent::Refused(down()), &[], Ok(vec![silence("1")]));
    assert_eq!(no.word(), "refused");
}

#[test]
fn a_silence_has_ended_only_when_it_is_seen_to_have() {
    let at = |state| Silence { state, ..silence("1") };
    let settle = |sent, now| Expired::settle("1", sent, now).word();
    assert_eq!(settle(Sent::Accepted(()), Ok(vec![at(SilenceState::Expired)])), "ended");
    assert_eq!(settle(Sent::Accepted(()), Ok(Vec::new())), "ended");
    assert_eq!(settle(Sent::Accepted(()), Ok(vec![at(SilenceState::Active)])), "unknown");
    assert_eq!(settle(Sent::Unclear(down()), Ok(vec![at(SilenceState::Expired)])), "ended");
    assert_eq!(settle(Sent::Unclear(down()), Err(down())), "unknown");
    assert_eq!(settle(Sent::Unclear(down()), Ok(Vec::new())), "refused", "there never was one");
    assert_eq!(settle(Sent::Refused(down()), Ok(Vec::new())), "refused");
}

#[test]
fn only_one_of_ours_for_the_same_stage_and_the_same_alerts_is_replaced() {
    let deployment = request().deployment;
    let found = |silences: &[Silence]| {
        replaced(&deployment, &parse("service=checkout, env=production"), silences.iter())
            .map(|s| s.id.to_string())
    };
    assert_eq!(found(&[silence("1")]), Some("1".to_owned()));
    assert_eq!(found(&[Silence { state: SilenceState::Expired, ..silence("1") }]), None);
    assert_eq!(found(&[Silence { comment: "moving it".into(), ..silence("1") }]), None);
    assert_eq!(found(&[Silence { matchers: parse("service=checkout"), ..silence("1") }]), None);
    let other = Silence { comment: "x [tminus:checkout-4.2/1]".into(), ..silence("1") };
    assert_eq!(found(&[other]), None);
}

#[test]
fn a_value_that_looks_like_a_sign_is_quoted() {
    let matcher = Matcher::equal("label", "~");
    assert_eq!(matcher.to_string(), "label=\"~\"");
    assert_eq!(Matcher::parse("label=\"~\"").unwrap(), matcher);
}

#[test]
fn a_silence_lasts_and_reaches_no_less_than_it_says() {
    let (stage, now) = (stage(), utc("2026-11-25T13:30:00Z"));
    let at = utc("2026-11-25T15:00:00Z");
    assert!(check_end(&stage, at, at, now).unwrap_err().contains("before it begins"));
    // What a matcher leaves out says nothing of where it is.
    let notices =
        check_reach(&parse("service=checkout, env!=staging"), &release(), &stage, &names()).unwrap();
    assert!(notices.iter().any(|notice| notice.contains("no env=…")), "{notices:?}");
    let longer = Silence { ends: utc("2026-11-25T17:00:00Z"), ..silence("1") };
    assert!(request().is_same(&silence("1")) && !request().is_same(&longer));
    assert_eq!(Deployment::of_comment("tminus:x/1]"), None);
    assert_eq!(Deployment::of_comment("see atminus:x/1]"), None);
}

#[test]
fn a_silence_that_ended_does_not_outlast_its_deployment() {
    let workspace = Workspace { releases: vec![release()], ..Workspace::default() };
    let over = |state| {
        let silence = Silence { state, ..silence("1") };
        document(&silence, "am", &workspace, utc("2026-11-25T15:30:00Z"))["over"].clone()
    };
    assert_eq!(over(SilenceState::Active), "the stage ended Wed 25 Nov 15:00 UTC");
    assert_eq!(over(SilenceState::Expired), serde_json::Value::Null);
}

proptest! {
    /// What is written is read as the same, whatever a value holds.
    #[test]
    fn a_matcher_is_read_as_it_is_written(value in "\\PC{1,20}", which in 0..2_usize) {
        let sign = [Sign::Equal, Sign::NotEqual][which];
        let matcher = Matcher { name: "label".into(), sign, value: Safe::new(value.trim()) };
        let list = vec![matcher.clone(), Matcher::equal("b", "c")];
        prop_assert_eq!(Matcher::parse_list(&super::request::list(&list)).unwrap(), list);
    }

    /// Labels of several values fit exactly those values.
    #[test]
    fn any_of_several_values_is_those_and_no_other(values in proptest::collection::vec("[a-z.+*|()\\[\\]\\\\^$]{1,6}", 1..4), other in "[a-z.]{1,6}") {
        let texts: Vec<&str> = values.iter().map(String::as_str).collect();
        let test = Matcher::any("service", &texts).unwrap().test().unwrap();
        for value in &texts {
            let pairs = [("service", *value)];
            prop_assert!(test.accepts(&labels(&pairs)));
        }
        let pairs = [("service", other.as_str())];
        prop_assert_eq!(test.accepts(&labels(&pairs)), texts.contains(&other.as_str()));
    }
}
