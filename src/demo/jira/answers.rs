//! Answers in Jira Cloud's JSON.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Jira;
use super::tracker::{Issue, PRIORITIES, STATUSES, Status, Tracker, Version};
use crate::demo::company::{PEOPLE, PROJECTS};

/// An error in Jira's shape.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    message: String,
}

/// Refuses.
pub(super) fn refusal(status: StatusCode, message: impl Into<String>) -> Refused {
    Refused { status, message: message.into() }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({"errorMessages": [self.message], "errors": {}});
        (self.status, axum::Json(body)).into_response()
    }
}

/// A person's account id.
pub(super) fn account(index: usize) -> String {
    format!("712020:5b10a284-4c20-4165-{:04}-00ede21g{index:04}", 700 + index)
}

/// A time as Jira writes it: the offset without a colon.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3f%z").to_string()
}

impl Jira {
    fn link(&self, path: &str) -> String {
        format!("{}/rest/api/{}/{path}", self.url, self.api)
    }

    /// A person.
    pub(super) fn person(&self, index: usize) -> Value {
        let (name, user) = PEOPLE[index % PEOPLE.len()];
        let id = account(index);
        json!({
            "self": self.link(&format!("user?accountId={id}")), "accountId": id, "accountType": "atlassian",
            "emailAddress": format!("{user}@meridian.example"), "displayName": name, "active": true,
            "timeZone": "Europe/Berlin", "avatarUrls": {},
        })
    }

    /// A project, by its place in the list.
    pub(super) fn project(&self, index: usize) -> Value {
        let (key, name) = PROJECTS[index];
        json!({
            "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
            "self": self.link(&format!("project/{}", 10_000 + index)), "id": (10_000 + index).to_string(),
            "key": key, "name": name, "projectTypeKey": "software", "simplified": false, "style": "classic",
            "isPrivate": false, "avatarUrls": {}, "properties": {},
        })
    }

    /// A version; `expand` may ask for its issues' statuses.
    pub(super) fn version(&self, tracker: &Tracker, version: &Version, expand: &str) -> Value {
        let project = PROJECTS.iter().position(|project| project.0 == version.project).unwrap_or_default();
        let overdue =
            !version.released && version.release.is_some_and(|date| date < tracker.now.date_naive());
        let mut value = json!({
            "self": self.link(&format!("version/{}", version.id)), "id": version.id.to_string(),
            "name": version.name, "description": version.description, "archived": version.archived,
            "released": version.released, "projectId": 10_000 + project,
        });
        if let Some(date) = version.start {
            value["startDate"] = json!(date.to_string());
            value["userStartDate"] = json!(date.format("%d/%b/%y").to_string());
        }
        if let Some(date) = version.release {
            value["releaseDate"] = json!(date.to_string());
            value["userReleaseDate"] = json!(date.format("%d/%b/%y").to_string());
            value["overdue"] = json!(overdue);
        }
        if expand.split(',').any(|word| word.trim() == "issuesstatus") {
            let count = |category: &str| {
                let own = tracker.issues.iter().filter(|issue| issue.fix_version == Some(version.id));
                own.filter(|issue| issue.status.2 == category).count()
            };
            value["issuesStatusForFixVersion"] = json!({
                "unmapped": 0, "toDo": count("new"), "inProgress": count("indeterminate"), "done": count("done"),
            });
        }
        value
    }

    /// A status.
    pub(super) fn status(&self, status: &Status) -> Value {
        let id = match status.2 {
            "new" => 2,
            "indeterminate" => 4,
            _ => 3,
        };
        let colour = match id {
            2 => "blue-gray",
            4 => "yellow",
            _ => "green",
        };
        json!({
            "self": self.link(&format!("status/{}", status.1)), "description": "", "iconUrl": "",
            "name": status.0, "id": status.1,
            "statusCategory": {
                "self": self.link(&format!("statuscategory/{id}")), "id": id, "key": status.2,
                "colorName": colour, "name": status.3,
            },
        })
    }

    /// A priority.
    pub(super) fn priority(&self, name: &str) -> Value {
        let id = PRIORITIES.iter().position(|priority| *priority == name).unwrap_or_default() + 1;
        json!({"self": self.link(&format!("priority/{id}")), "iconUrl": "", "name": name, "id": id.to_string()})
    }

    /// An issue with the fields that are asked for; `None`: its id only.
    pub(super) fn issue(
        &self,
        tracker: &Tracker,
        issue: &Issue,
        fields: Option<&[String]>,
        history: bool,
    ) -> Value {
        let Some(fields) = fields else { return json!({"id": issue.id.to_string()}) };
        let all = fields.iter().any(|field| field == "*all" || field == "*navigable");
        let unwanted = |name: &str| fields.iter().any(|field| field.strip_prefix('-') == Some(name));
        let wanted = |name: &str| (all || fields.iter().any(|field| field == name)) && !unwanted(name);
        let known = self.fields(tracker, issue).into_iter().filter(|(name, _)| wanted(name));
        let known: Map<String, Value> = known.map(|(name, value)| (name.to_owned(), value)).collect();
        let mut value = json!({
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": issue.id.to_string(), "self": self.link(&format!("issue/{}", issue.id)), "key": issue.key(),
            "fields": known,
        });
        if history {
            value["changelog"] = self.changelog(tracker, issue);
        }
        value
    }

    fn fields(&self, tracker: &Tracker, issue: &Issue) -> Vec<(&'static str, Value)> {
        let project = PROJECTS.iter().position(|project| project.0 == issue.project).unwrap_or_default();
        let versions = tracker.versions();
        let versions = versions.iter().filter(|version| Some(version.id) == issue.fix_version);
        let versions: Vec<Value> = versions.map(|version| self.version(tracker, version, "")).collect();
        let text = format!("{}.\nSeen by support; see the dashboard.", issue.summary);
        let description = if self.api == 2 { json!(text) } else { document(&text) };
        let resolution = issue.resolution.map_or(Value::Null, |name| {
            json!({"self": self.link("resolution/10000"), "id": "10000", "name": name, "description": ""})
        });
        let kind = match issue.kind {
            "Bug" => "10004",
            "Story" => "10001",
            _ => "10002",
        };
        vec![
            ("summary", json!(issue.summary)),
            ("status", self.status(issue.status)),
            ("statusCategory", self.status(issue.status)["statusCategory"].clone()),
            ("priority", self.priority(issue.priority)),
            ("resolution", resolution),
            ("resolutiondate", issue.resolution.map_or(Value::Null, |_| json!(time(issue.updated)))),
            (
                "issuetype",
                json!({
                    "self": self.link(&format!("issuetype/{kind}")), "id": kind, "name": issue.kind,
                    "subtask": false, "hierarchyLevel": 0,
                }),
            ),
            ("project", self.project(project)),
            ("fixVersions", json!(versions)),
            ("versions", json!([])),
            ("components", json!([])),
            ("labels", json!(issue.labels)),
            ("assignee", issue.assignee.map_or(Value::Null, |person| self.person(person))),
            ("reporter", self.person(issue.reporter)),
            ("created", json!(time(issue.created))),
            ("updated", json!(time(issue.updated))),
            ("duedate", Value::Null),
            ("description", description),
            ("issuelinks", self.links(tracker, issue)),
            ("subtasks", json!([])),
        ]
    }

    fn links(&self, tracker: &Tracker, issue: &Issue) -> Value {
        let kind = link_type();
        let brief = |other: &Issue| {
            json!({
                "id": other.id.to_string(), "key": other.key(), "self": self.link(&format!("issue/{}", other.id)),
                "fields": {
                    "summary": other.summary, "status": self.status(other.status),
                    "priority": self.priority(other.priority), "issuetype": {"name": other.kind},
                },
            })
        };
        let mut links = Vec::new();
        if let Some(other) = issue.blocked_by.map(|index| &tracker.issues[index]) {
            links.push(json!({"id": format!("3{}", issue.id), "type": kind, "inwardIssue": brief(other)}));
        }
        for other in &tracker.issues {
            if other.blocked_by.is_some_and(|index| tracker.issues[index].id == issue.id) {
                links.push(
                    json!({"id": format!("3{}", other.id), "type": kind, "outwardIssue": brief(other)}),
                );
            }
        }
        Value::Array(links)
    }

    fn changelog(&self, tracker: &Tracker, issue: &Issue) -> Value {
        let mut histories = Vec::new();
        let versions = tracker.versions();
        if let Some(version) = versions.iter().find(|version| Some(version.id) == issue.fix_version) {
            histories.push(json!({
                "id": format!("4{}", issue.id), "author": self.person(issue.reporter), "created": time(issue.created),
                "items": [{
                    "field": "Fix Version", "fieldtype": "jira", "fieldId": "fixVersions", "from": null,
                    "fromString": null, "to": version.id.to_string(), "toString": version.name,
                }],
            }));
        }
        if issue.status.0 != STATUSES[0].0 {
            histories.push(json!({
                "id": format!("5{}", issue.id), "author": self.person(issue.assignee.unwrap_or(issue.reporter)),
                "created": time(issue.updated),
                "items": [{
                    "field": "status", "fieldtype": "jira", "fieldId": "status", "from": STATUSES[0].1,
                    "fromString": STATUSES[0].0, "to": issue.status.1, "toString": issue.status.0,
                }],
            }));
        }
        json!({"startAt": 0, "maxResults": histories.len(), "total": histories.len(), "histories": histories})
    }
}

/// The link that blocks.
pub(super) fn link_type() -> Value {
    json!({"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"})
}

/// Text in Atlassian's document format: a paragraph a line.
fn document(text: &str) -> Value {
    let paragraph = |line: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": line}]});
    json!({"type": "doc", "version": 1, "content": text.lines().map(paragraph).collect::<Vec<_>>()})
}
