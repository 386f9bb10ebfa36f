//! Emergencies: a break-glass exception while it lets something through, and a line that was
//! stopped. Both must not be overlooked while they last, and end by themselves.

use chrono::{DateTime, Utc};

use super::recurrence::occurrences;
use super::{Release, Window, WindowKind, Workspace};

/// What is out of the ordinary over the half-open interval [start, end).
#[derive(Debug, Clone, PartialEq)]
pub struct Emergency {
    /// What it is.
    pub kind: EmergencyKind,
    /// When it begins to count.
    pub start: DateTime<Utc>,
    /// When it lapses by itself.
    pub end: DateTime<Utc>,
    /// The window's id.
    pub window: String,
    /// The window's title.
    pub title: String,
}

/// What is out of the ordinary.
#[derive(Debug, Clone, PartialEq)]
pub enum EmergencyKind {
    /// Work is stopped by a freeze that somebody called at once; its title says why.
    Stop,
    /// A release passes a freeze that denies it.
    Exception {
        /// The release's id.
        release: String,
        /// The release's title.
        title: String,
        /// Why.
        reason: String,
        /// Who answers for it.
        by: String,
        /// The ticket that stands for it.
        ticket: Option<String>,
    },
}

impl Emergency {
    /// Whether it goes on at an instant.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.start <= now && now < self.end
    }
}

/// The emergencies that touch [from, to), sorted by start, stops first.
///
/// An exception counts while its window's occurrence runs and it has not expired; one to a hard
/// freeze, or of a release that cannot happen any more, lets nothing through. Where a window's
/// occurrences cannot be told, it is taken to run all the time: an emergency is rather shown
/// once too often.
pub fn emergencies(workspace: &Workspace, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Emergency> {
    let stops = workspace.windows.iter().filter(|window| window.stops_the_line());
    let mut found: Vec<Emergency> = stops
        .flat_map(|window| runs(window, from, to).into_iter().map(|run| emergency(window, run, None)))
        .collect();
    for release in workspace.releases.iter().filter(|release| release.is_live()) {
        found.extend(exceptions(workspace, release, from, to));
    }
    found.sort_by_key(|emergency| {
        (emergency.start, matches!(emergency.kind, EmergencyKind::Exception { .. }))
    });
    found
}

fn exceptions(
    workspace: &Workspace,
    release: &Release,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Emergency> {
    let mut found = Vec::new();
    for exception in &release.exceptions {
        let denies = |window: &&Window| {
            window.id == exception.window && window.kind == WindowKind::Freeze && !window.hard
        };
        let Some(window) = workspace.windows.iter().find(denies) else { continue };
        let kind = EmergencyKind::Exception {
            release: release.id.clone(),
            title: release.title.clone(),
            reason: exception.reason.clone(),
            by: exception.by.clone(),
            ticket: exception.ticket.clone(),
        };
        for (start, end) in runs(window, from, to) {
            let end = end.min(exception.expires);
            if start < end && from < end {
                found.push(emergency(window, (start, end), Some(kind.clone())));
            }
        }
    }
    found
}

fn emergency(window: &Window, run: (DateTime<Utc>, DateTime<Utc>), kind: Option<EmergencyKind>) -> Emergency {
    Emergency {
        kind: kind.unwrap_or(EmergencyKind::Stop),
        start: run.0,
        end: run.1,
        window: window.id.clone(),
        title: window.title.clone(),
    }
}

/// When a window runs within a range; all the time where that cannot be told.
fn runs(window: &Window, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    match occurrences(window, from, to) {
        Ok(found) => found.into_iter().map(|occurrence| (occurrence.start, occurrence.end)).collect(),
        Err(_) => vec![(from, to)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::{Exception, Status};
    use crate::domain::samples;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn workspace(expires: &str) -> Workspace {
        // Samples' windows last over the first of January 2026.
        let mut release = samples::release("fix", &[("a", "1.0.1")], Vec::new());
        release.exceptions.push(Exception {
            window: "freeze".into(),
            reason: "CVE in the payment library".into(),
            by: "mira".into(),
            ticket: Some("SEC-77".into()),
            commits: Vec::new(),
            expires: utc(expires),
        });
        Workspace {
            releases: vec![release],
            windows: vec![samples::window("freeze", WindowKind::Freeze)],
            ..Workspace::default()
        }
    }

    fn live(workspace: &Workspace, now: &str) -> usize {
        let now = utc(now);
        let found = emergencies(workspace, now, now + chrono::TimeDelta::days(1));
        found.iter().filter(|emergency| emergency.is_live(now)).count()
    }

    #[test]
    fn an_exception_is_live_while_its_freeze_runs_and_it_has_not_expired() {
        let until_noon = workspace("2026-01-01T12:00:00Z");
        assert_eq!(live(&until_noon, "2025-12-31T23:59:59Z"), 0);
        assert_eq!(live(&until_noon, "2026-01-01T00:00:00Z"), 1);
        assert_eq!(live(&until_noon, "2026-01-01T11:59:59Z"), 1);
        assert_eq!(live(&until_noon, "2026-01-01T12:00:00Z"), 0);
        assert_eq!(live(&workspace("2026-02-01T00:00:00Z"), "2026-01-02T00:00:00Z"), 0);
    }

    #[test]
    fn what_lets_nothing_through_is_no_emergency() {
        let mut hard = workspace("2026-02-01T00:00:00Z");
        hard.windows[0].hard = true;
        let mut over = workspace("2026-02-01T00:00:00Z");
        over.releases[0].status = Status::Cancelled;
        let mut unknown = workspace("2026-02-01T00:00:00Z");
        unknown.windows[0].id = "another".into();
        for workspace in [hard, over, unknown] {
            assert_eq!(live(&workspace, "2026-01-01T06:00:00Z"), 0);
        }
    }

    #[test]
    fn an_exception_to_a_freeze_whose_rule_does_not_read_is_shown() {
        let mut broken = workspace("2026-02-01T00:00:00Z");
        broken.windows[0].repeat = Some("FREQ=SOMETIMES".into());
        assert_eq!(live(&broken, "2026-01-20T06:00:00Z"), 1);
        assert_eq!(live(&broken, "2026-02-01T00:00:00Z"), 0);
    }

    #[test]
    fn a_stopped_line_is_an_emergency_and_an_ordinary_freeze_is_none() {
        let mut workspace = Workspace {
            windows: vec![samples::window("freeze", WindowKind::Freeze)],
            ..Workspace::default()
        };
        assert_eq!(live(&workspace, "2026-01-01T06:00:00Z"), 0);
        workspace.windows[0].id = "stop-the-line-20260101-0000".into();
        assert_eq!(live(&workspace, "2026-01-01T06:00:00Z"), 1);
        assert_eq!(live(&workspace, "2026-01-02T00:00:00Z"), 0);
    }
}
