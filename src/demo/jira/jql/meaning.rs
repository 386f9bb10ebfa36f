//! What a JQL clause means for an issue.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::{Clause, EMPTY, Field, Relation};
use crate::demo::company::{PEOPLE, PROJECTS};
use crate::demo::jira::tracker::{Issue, PRIORITIES, Tracker};

/// Whether a clause holds of an issue.
pub(super) fn holds(clause: &Clause, issue: &Issue, tracker: &Tracker) -> bool {
    match clause {
        Clause::And(left, right) => holds(left, issue, tracker) && holds(right, issue, tracker),
        Clause::Or(left, right) => holds(left, issue, tracker) || holds(right, issue, tracker),
        Clause::Not(inner) => !holds(inner, issue, tracker),
        Clause::Is(field, relation, values) => related(*field, *relation, values, issue, tracker),
    }
}

/// Everything a value may be called.
fn names(field: Field, issue: &Issue, tracker: &Tracker) -> Vec<String> {
    let person = |index: usize| vec![PEOPLE[index].0.to_owned(), crate::demo::jira::answers::account(index)];
    match field {
        Field::Project => {
            let name =
                PROJECTS.iter().find(|project| project.0 == issue.project).map_or("", |project| project.1);
            vec![issue.project.to_owned(), name.to_owned()]
        }
        Field::FixVersion => {
            let versions = tracker.versions();
            let version = versions.iter().find(|version| Some(version.id) == issue.fix_version);
            version.map(|version| vec![version.name.clone(), version.id.to_string()]).unwrap_or_default()
        }
        Field::Status => vec![issue.status.0.to_owned(), issue.status.1.to_owned()],
        Field::Category => vec![issue.status.2.to_owned(), issue.status.3.to_owned()],
        Field::Resolution => issue.resolution.map(str::to_owned).into_iter().collect(),
        Field::Key => vec![issue.key(), issue.id.to_string()],
        Field::Labels => issue.labels.clone(),
        Field::Priority => vec![issue.priority.to_owned()],
        Field::Assignee => issue.assignee.map(person).unwrap_or_default(),
        Field::Reporter => person(issue.reporter),
        Field::Kind => vec![issue.kind.to_owned()],
        Field::Summary => vec![issue.summary.clone()],
        Field::Created => vec![issue.created.to_rfc3339()],
        Field::Updated => vec![issue.updated.to_rfc3339()],
    }
}

fn related(field: Field, relation: Relation, values: &[String], issue: &Issue, tracker: &Tracker) -> bool {
    let own = names(field, issue, tracker);
    let is_one = || {
        values.iter().any(|value| {
            if value == EMPTY {
                own.is_empty()
            } else {
                own.iter().any(|name| name.eq_ignore_ascii_case(value))
            }
        })
    };
    let contains = || {
        let text = own.join(" ").to_lowercase();
        values.iter().any(|value| text.contains(value.trim_matches(['*', '"']).to_lowercase().as_str()))
    };
    let compared = |accepts: fn(Ordering) -> bool| {
        values.iter().all(|value| match field {
            Field::Created | Field::Updated => {
                let own = if field == Field::Created { issue.created } else { issue.updated };
                moment(value, tracker.now).is_some_and(|moment| accepts(own.cmp(&moment)))
            }
            Field::Priority => {
                let rank = |name: &str| PRIORITIES.iter().position(|other| other.eq_ignore_ascii_case(name));
                // The list begins with the highest.
                rank(value)
                    .is_some_and(|rank_of| accepts(rank_of.cmp(&rank(issue.priority).unwrap_or_default())))
            }
            Field::Key => {
                let number = value.rsplit('-').next().and_then(|number| number.parse::<u32>().ok());
                let project =
                    value.split('-').next().is_some_and(|key| key.eq_ignore_ascii_case(issue.project));
                project && number.is_some_and(|number| accepts(issue.number.cmp(&number)))
            }
            _ => false,
        })
    };
    match relation {
        Relation::In => is_one(),
        // As in Jira: what has no value does not differ from one either, unless EMPTY is asked for.
        Relation::NotIn => (!own.is_empty() || values.iter().any(|value| value == EMPTY)) && !is_one(),
        Relation::Contains => contains(),
        Relation::ContainsNot => !contains(),
        Relation::Less => compared(Ordering::is_lt),
        Relation::LessOrEqual => compared(Ordering::is_le),
        Relation::Greater => compared(Ordering::is_gt),
        Relation::GreaterOrEqual => compared(Ordering::is_ge),
    }
}

/// How two issues are ordered by a field.
pub(super) fn compare(field: Field, left: &Issue, right: &Issue, tracker: &Tracker) -> Ordering {
    let rank = |issue: &Issue| PRIORITIES.iter().position(|priority| *priority == issue.priority);
    match field {
        Field::Key => (left.project, left.number).cmp(&(right.project, right.number)),
        Field::Created => left.created.cmp(&right.created),
        Field::Updated => left.updated.cmp(&right.updated),
        Field::Priority => rank(right).cmp(&rank(left)),
        _ => names(field, left, tracker).cmp(&names(field, right, tracker)),
    }
}

/// A date, or a period before now such as `-5d`.
pub(super) fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let unit = text.chars().last().filter(char::is_ascii_alphabetic);
    if let Some(unit) = unit {
        let number: i64 = text[..text.len() - 1].trim().parse().ok()?;
        let seconds = match unit {
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        return Some(now + TimeDelta::try_seconds(number.checked_mul(seconds)?)?);
    }
    let text = text.replace('/', "-");
    let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    let date = date.or_else(|| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M").ok())?;
    Some(date.and_utc())
}
