//! Which freezes watch which branches, and what excuses a commit.

use chrono::{DateTime, Utc};

use super::*;
use crate::domain::release::Exception;
use crate::domain::samples::{release, service, window};
use crate::domain::{ChangeType, Release};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn freeze(id: &str) -> Window {
    Window { branches: vec!["main".into()], ..window(id, WindowKind::Freeze) }
}

fn commit(message: &str) -> FrozenCommit {
    FrozenCommit {
        id: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567".into(),
        author: "Mira".into(),
        committer: "Mira".into(),
        authored: at("2026-01-01T10:00:00Z"),
        committed: at("2026-01-01T10:00:00Z"),
        subject: "x".into(),
        message: message.into(),
        merge: false,
        dispute: None,
    }
}

fn exception(window: &str, expires: &str) -> Exception {
    Exception {
        window: window.into(),
        reason: "a hole".into(),
        by: "mira".into(),
        ticket: Some("SEC-77".into()),
        expires: at(expires),
        commits: vec!["ffff000".into()],
    }
}

fn workspace(exception: Exception) -> Workspace {
    let fix = Release { exceptions: vec![exception], ..release("checkout-4.2", &[], Vec::new()) };
    let urgent = Release { change: ChangeType::Emergency, ..release("urgent-1", &[], Vec::new()) };
    Workspace { releases: vec![fix, urgent], ..Workspace::default() }
}

#[test]
fn only_freezes_with_branches_that_began_are_watched() {
    let mut bare = freeze("bare");
    bare.branches.clear();
    let mut later = freeze("later");
    later.start = crate::domain::window::WallTime::Local("2026-01-01T12:00:00".parse().unwrap());
    let mut broken = freeze("broken");
    broken.repeat = Some("FREQ=SOMETIMES".into());
    let with = service("checkout", &[]);
    let with = Service { repository: Some("x".into()), ..with };
    let workspace = Workspace {
        windows: vec![bare, freeze("here"), later, broken],
        services: vec![with, service("no-repository", &[])],
        ..Workspace::default()
    };
    let now = at("2026-01-01T08:00:00Z");
    let (found, unreadable) = frozen(&workspace, at("2025-12-30T00:00:00Z"), at("2026-01-03T00:00:00Z"), now);
    let ids: Vec<&str> = found.iter().map(|frozen| frozen.window.id.as_str()).collect();
    assert_eq!((ids, unreadable[0].0.id.as_str()), (vec!["here"], "broken"));
    let questions = found[0].questions(&workspace, now);
    let Question::FrozenBranches { service, from, to, .. } = &questions[0] else { panic!() };
    assert_eq!((service.as_str(), *from, *to), ("checkout", at("2026-01-01T00:00:00Z"), now));
    assert_eq!(questions.len(), 1);
}

#[test]
fn a_commit_is_excused_by_what_it_names_or_by_what_lists_it() {
    let company = workspace(exception("year-end", "2026-01-01T12:00:00Z"));
    let freeze = Window { allow: vec![ChangeType::Emergency], ..freeze("year-end") };
    let said =
        |message: &str| Excuses::new(&company, &freeze).of(&commit(message)).map(|excuse| excuse.sentence());
    let by_exception = Some("exception of checkout-4.2, SEC-77, by mira".to_owned());
    assert_eq!(said("fix the hole (sec-77)"), by_exception);
    assert_eq!(said("fix\n\nRelease: checkout-4.2."), by_exception);
    assert_eq!(said("urgent-1: now"), Some("emergency change urgent-1".to_owned()));
    for stranger in ["SEC-771", "XSEC-77", "checkout-4.2.1", "my-urgent-1", "urgent-10", "", "sec 77"] {
        assert_eq!(said(stranger), None, "{stranger}");
    }
    let listed = FrozenCommit { id: "ffff0001".into(), ..commit("no word of it") };
    assert!(Excuses::new(&company, &freeze).of(&listed).is_some());
}

#[test]
fn an_exception_lapses_holds_for_its_own_freeze_and_not_for_a_hard_one() {
    let named = commit("SEC-77");
    let freeze = freeze("year-end");
    let lapsed = workspace(exception("year-end", "2026-01-01T10:00:00Z"));
    assert_eq!(Excuses::new(&lapsed, &freeze).of(&named), None);
    let other = workspace(exception("stocktaking", "2026-02-01T00:00:00Z"));
    assert_eq!(Excuses::new(&other, &freeze).of(&named), None);
    let good = workspace(exception("year-end", "2026-02-01T00:00:00Z"));
    assert!(Excuses::new(&good, &freeze).of(&named).is_some());
    assert_eq!(Excuses::new(&good, &Window { hard: true, ..freeze }).of(&named), None);
}
