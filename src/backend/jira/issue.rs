//! From an issue on the wire to a ticket: what blocks it, and whether it blocks the release.

use chrono::{DateTime, Utc};

use super::wire::{Issue, Link, Status};
use crate::domain::Safe;
use crate::domain::question::Ticket;

/// Phrases that mean "blocks" where the workspace names none, in lower case.
const BLOCKING: [&str; 5] = ["is blocked by", "blocked by", "depends on", "depends upon", "is dependent on"];
/// Priorities and types that block a release, in lower case.
const BLOCKERS: [&str; 3] = ["blocker", "highest", "critical"];

/// The ticket.
pub fn ticket(issue: Issue, blocking: &[String]) -> Ticket {
    let fields = issue.fields;
    let links = fields.issuelinks.unwrap_or_default();
    let named = [&fields.priority, &fields.issuetype];
    let blocker =
        named.into_iter().flatten().any(|named| BLOCKERS.contains(&named.name.to_lowercase().as_str()));
    Ticket {
        key: issue.key.0,
        summary: fields.summary.unwrap_or_default(),
        category: category(fields.status.as_ref()),
        status: fields.status.map(|status| status.name).unwrap_or_default(),
        priority: fields.priority.map(|priority| priority.name),
        assignee: fields.assignee.and_then(|person| person.display_name.or(person.name)),
        blocked_by: links.into_iter().filter_map(|link| blocked_by(link, blocking)).collect(),
        blocker,
        updated: fields.updated.as_deref().and_then(instant),
    }
}

/// A time as Jira writes it: its offset has no colon. What cannot be read is not known.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    read.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|at| at.to_utc())
}

/// Whether it still has to be done. An issue that does not say is open.
fn is_open(issue: &Issue) -> bool {
    category(issue.fields.status.as_ref()).as_str() != "done"
}

fn category(status: Option<&Status>) -> Safe {
    let category = status.and_then(|status| status.status_category.as_ref());
    category.map(|category| category.key.clone()).unwrap_or_default()
}

fn blocked_by(link: Link, blocking: &[String]) -> Option<Safe> {
    let (phrase, other) = match (link.inward_issue, link.outward_issue) {
        (Some(other), _) => (link.kind.inward, other),
        (None, Some(other)) => (link.kind.outward, other),
        (None, None) => return None,
    };
    let phrase = phrase.trim().to_lowercase();
    let means = if blocking.is_empty() {
        BLOCKING.contains(&phrase.as_str())
    } else {
        blocking.iter().any(|word| word.trim().to_lowercase() == phrase)
    };
    (means && is_open(&other) && !other.key.0.is_empty()).then_some(other.key.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_with_and_without_a_colon_in_its_offset() {
        let expected = "2026-11-25T12:22:00.5Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(instant("2026-11-25T13:22:00.500+0100"), Some(expected));
        assert_eq!(instant("2026-11-25T12:22:00.500Z"), Some(expected));
        assert_eq!(instant("yesterday"), None);
    }

    fn read(links: &str, blocking: &[&str]) -> Vec<String> {
        let json = format!(r#"{{"key": "A-1", "fields": {{"issuelinks": {links}}}}}"#);
        let blocking: Vec<String> = blocking.iter().map(|word| (*word).to_owned()).collect();
        let ticket = ticket(serde_json::from_str(&json).unwrap(), &blocking);
        ticket.blocked_by.iter().map(ToString::to_string).collect()
    }

    const LINKS: &str = r#"[
        {"type": {"inward": "is blocked by", "outward": "blocks"},
         "inwardIssue": {"key": "B-1", "fields": {"status": {"statusCategory": {"key": "new"}}}}},
        {"type": {"inward": "is blocked by", "outward": "blocks"},
         "inwardIssue": {"key": "B-2", "fields": {"status": {"statusCategory": {"key": "done"}}}}},
        {"type": {"inward": "is blocked by", "outward": "blocks"}, "outwardIssue": {"key": "B-3"}},
        {"type": {"inward": "is depended by", "outward": "Depends on"}, "outwardIssue": {"key": "B-4"}},
        {"type": {"inward": "wartet auf", "outward": "hält auf"}, "inwardIssue": {"key": "B-5"}},
        {"outwardIssue": {}}]"#;

    #[test]
    fn only_open_issues_at_the_right_end_block() {
        assert_eq!(read(LINKS, &[]), ["B-1", "B-4"]);
    }

    #[test]
    fn the_workspace_may_name_the_words() {
        assert_eq!(read(LINKS, &["Wartet auf"]), ["B-5"]);
    }
}
