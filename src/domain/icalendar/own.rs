//! Events that tminus itself sent out, known again by their UIDs: calendars keep those whatever
//! else they make of an event.

use std::collections::BTreeSet;

use super::export::domain_of;
use crate::domain::{Window, Workspace};

/// What an event was before it went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own<'a> {
    /// A stage of this release.
    Stage(&'a str),
    /// A window: its id, or its id and an occurrence of it that stands alone.
    Window(&'a str),
}

/// An event of tminus: what it was, and whether this workspace sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent<'a> {
    /// What it was.
    pub what: Own<'a>,
    /// The workspace, as it stands in UIDs: `shop.tminus`.
    domain: &'a str,
}

/// What a UID says; `None`: tminus did not make it.
pub fn sent(uid: &str) -> Option<Sent<'_>> {
    // After a `#` comes the occurrence that an event changes.
    let uid = uid.rsplit_once('#').map_or(uid, |(uid, _)| uid);
    let (name, domain) = uid.rsplit_once('@')?;
    domain.strip_suffix(".tminus")?;
    let what = if let Some(id) = name.strip_prefix("window.") {
        Own::Window(id)
    } else {
        let (number, release) = name.strip_prefix("stage-")?.split_once('.')?;
        number.parse::<usize>().ok()?;
        Own::Stage(release)
    };
    Some(Sent { what, domain })
}

impl Sent<'_> {
    /// Whether this workspace sent it.
    pub fn is_of(&self, workspace: &Workspace) -> bool {
        self.domain == domain_of(workspace)
    }

    /// The window of this workspace that went out as this event.
    pub fn window<'a>(&self, workspace: &'a Workspace) -> Option<&'a Window> {
        let Own::Window(name) = self.what else { return None };
        let find = |id: &str| workspace.windows.iter().find(|window| window.id == id);
        if !self.is_of(workspace) {
            return None;
        }
        // `.20261125T1400`: an occurrence that others would have put elsewhere.
        let is_occurrence = |text: &str| {
            text.len() == 13
                && text
                    .bytes()
                    .enumerate()
                    .all(|(at, byte)| byte.is_ascii_digit() || (at == 8 && byte == b'T'))
        };
        find(name).or_else(|| {
            let (id, occurrence) = name.rsplit_once('.')?;
            is_occurrence(occurrence).then(|| find(id))?
        })
    }
}

/// What a calendar holds of tminus itself, and so brings nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LeftOut {
    /// Releases that are in the plan.
    pub releases: BTreeSet<String>,
    /// Releases of other workspaces, or that are gone: a release is no window.
    pub elsewhere: BTreeSet<String>,
    /// Windows that are in the plan.
    pub windows: BTreeSet<String>,
}

impl LeftOut {
    /// A sentence a kind.
    pub fn told(&self) -> Vec<String> {
        let count = |list: &BTreeSet<String>, word: &str, why: &str, all: &str| {
            (!list.is_empty()).then(|| match list.len() {
                1 => format!("1 {word} of tminus is left out: {why}"),
                count => format!("{count} {word}s of tminus are left out: {all}"),
            })
        };
        let found = [
            count(&self.releases, "release", "it is in the plan", "they are in the plan"),
            count(
                &self.elsewhere,
                "release",
                "it is not of this plan, and a release is no window",
                "they are not of this plan, and releases are no windows",
            ),
            count(&self.windows, "window", "it is in the plan", "they are in the plan"),
        ];
        found.into_iter().flatten().collect()
    }

    /// Notes an event that tminus sent out; whether it is one that brings nothing.
    pub fn holds(&mut self, workspace: &Workspace, uid: &str) -> bool {
        let Some(sent) = sent(uid) else { return false };
        match sent.what {
            Own::Stage(release) => {
                let known = sent.is_of(workspace) && workspace.release(release).is_some();
                let list = if known { &mut self.releases } else { &mut self.elsewhere };
                list.insert(release.to_owned());
                true
            }
            // One that was read from a calendar of that very UID follows it as any other does.
            Own::Window(_) => {
                match sent.window(workspace).filter(|window| window.uid.as_deref() != Some(uid)) {
                    Some(window) => {
                        self.windows.insert(window.id.clone());
                        true
                    }
                    None => false,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{WindowKind, samples};

    #[test]
    fn own_events_are_known_by_their_uids() {
        let workspace = Workspace {
            name: "The Shop".to_owned(),
            windows: vec![
                samples::window("year-end", WindowKind::Freeze),
                samples::window("a.b", WindowKind::Change),
            ],
            ..Workspace::default()
        };
        let window =
            |uid| sent(uid).and_then(|sent| sent.window(&workspace)).map(|window| window.id.as_str());
        assert_eq!(
            sent("stage-0.checkout-4.2@the-shop.tminus").map(|it| it.what),
            Some(Own::Stage("checkout-4.2"))
        );
        assert_eq!(window("window.year-end@the-shop.tminus"), Some("year-end"));
        assert_eq!(window("window.year-end@the-shop.tminus#20261224"), Some("year-end"));
        assert_eq!(window("window.year-end.20261224T0800@the-shop.tminus"), Some("year-end"));
        assert_eq!(window("window.a.b@the-shop.tminus"), Some("a.b"));
        assert_eq!(window("window.year-end.soon@the-shop.tminus"), None);
        assert_eq!(window("window.year-end@another.tminus"), None);
        for foreign in
            ["stage-x.a@the-shop.tminus", "stage-0.a@the-shop.example", "a", "stage-0.a", "holiday@tminus"]
        {
            assert_eq!(sent(foreign), None, "{foreign}");
        }
    }
}
