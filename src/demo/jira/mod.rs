//! A Jira-style server in the Cloud dialect: `/rest/api/3`, and `/rest/api/2` with plain text.

mod answers;
mod change;
mod jql;
mod search;
mod tracker;

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::clock::Clock;
use super::company::{PEOPLE, PROJECTS};
use answers::{Refused, refusal, time};
pub(super) use tracker::Tracker;
use tracker::{Issue, PRIORITIES, STATUSES, Version};

/// Who may log in.
const USER: &str = "demo@example.com";

/// One dialect of the server.
#[derive(Debug, Clone)]
pub(super) struct Jira {
    tracker: Arc<Tracker>,
    clock: Clock,
    url: String,
    token: String,
    /// The version of the interface: 2 or 3.
    api: u8,
}

impl Jira {
    /// At this address, for who knows the token.
    pub(super) fn new(tracker: Arc<Tracker>, clock: Clock, url: String, token: String) -> Self {
        Self { tracker, clock, url, token, api: 3 }
    }

    /// The server's calls.
    pub(super) fn router(self) -> Router {
        let older = Self { api: 2, ..self.clone() };
        Router::new()
            .nest("/rest/api/3", self.clone().calls())
            .nest("/rest/api/latest", older.clone().calls())
            .nest("/rest/api/2", older.calls())
            .fallback(no_such_call)
            .layer(middleware::from_fn_with_state(Arc::new(self), authenticate))
    }

    fn calls(self) -> Router {
        Router::new()
            .route("/serverInfo", get(server_info))
            .route("/myself", get(myself))
            .route("/mypermissions", get(my_permissions))
            .route("/field", get(fields))
            .route("/project", get(projects))
            .route("/project/search", get(search_projects))
            .route("/project/{key}", get(project))
            .route("/project/{key}/versions", get(versions))
            .route("/project/{key}/version", get(search_versions))
            .route("/project/{key}/components", get(components))
            .route("/version/{id}", get(version).put(change::change))
            .route("/version/{id}/relatedIssueCounts", get(related_counts))
            .route("/version/{id}/unresolvedIssueCount", get(unresolved_count))
            .route("/issue/{key}", get(issue))
            .route("/issue/{key}/transitions", get(transitions))
            .route("/issueLinkType", get(link_types))
            .route("/search", get(removed).post(removed))
            .route("/search/jql", get(search::find).post(search::find))
            .route("/search/approximate-count", post(search::count))
            .route("/priority", get(priorities))
            .route("/status", get(statuses))
            .route("/user/search", get(users))
            .fallback(no_such_call)
            .method_not_allowed_fallback(|| async {
                refusal(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "The method is not allowed for the requested resource.",
                )
            })
            .with_state(Arc::new(self))
    }

    fn find_version(&self, id: &str) -> Result<Version, Refused> {
        let found = self.tracker.versions().iter().find(|version| version.id.to_string() == id).cloned();
        found.ok_or_else(|| refusal(StatusCode::NOT_FOUND, format!("Could not find version for id '{id}'")))
    }

    fn find_project(key: &str) -> Result<usize, Refused> {
        let found = PROJECTS.iter().enumerate().position(|(index, (own, _))| {
            own.eq_ignore_ascii_case(key) || (10_000 + index).to_string() == key
        });
        let message = || format!("No project could be found with key '{key}'.");
        found.ok_or_else(|| refusal(StatusCode::NOT_FOUND, message()))
    }

    fn find_issue(&self, key: &str) -> Result<&Issue, Refused> {
        let same = |issue: &&Issue| issue.key().eq_ignore_ascii_case(key) || issue.id.to_string() == key;
        self.tracker.issues.iter().find(same).ok_or_else(|| {
            let message = "Issue does not exist or you do not have permission to see it.";
            refusal(StatusCode::NOT_FOUND, message)
        })
    }

    fn versions_of(&self, project: usize) -> Vec<Version> {
        let versions = self.tracker.versions();
        versions.iter().filter(|version| version.project == PROJECTS[project].0).cloned().collect()
    }
}

type Shared = State<Arc<Jira>>;
type Parameters = Query<std::collections::HashMap<String, String>>;
type Outcome = Result<Response, Refused>;

fn answer(value: Value) -> Response {
    Json(value).into_response()
}

fn number(parameters: &Parameters, name: &str, default: usize) -> usize {
    parameters.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Everything but `serverInfo` wants the right user and token.
async fn authenticate(State(jira): State<Arc<Jira>>, request: Request, next: Next) -> Response {
    let expected = format!("Basic {}", STANDARD.encode(format!("{USER}:{}", jira.token)));
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given == Some(&expected) || (given.is_none() && request.uri().path().ends_with("/serverInfo")) {
        return next.run(request).await;
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("OAuth realm=\"\""));
    if given.is_some() {
        headers.insert("x-seraph-loginreason", header::HeaderValue::from_static("AUTHENTICATED_FAILED"));
    }
    let body = "Client must be authenticated to access this resource.";
    (StatusCode::UNAUTHORIZED, headers, body).into_response()
}

async fn no_such_call() -> Refused {
    refusal(StatusCode::NOT_FOUND, "null for uri: the requested resource does not exist")
}

async fn server_info(State(jira): Shared) -> Response {
    answer(json!({
        "baseUrl": jira.url, "displayUrl": jira.url, "version": "1001.0.0-SNAPSHOT", "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud", "buildNumber": 100_299, "buildDate": "2026-01-12T12:59:12.000+0000",
        "serverTime": time(jira.clock.now()), "scmInfo": "tminus-demo", "serverTitle": "Meridian Goods (simulated)",
        "defaultLocale": {"locale": "en_US"}, "serverTimeZone": "Europe/Berlin",
    }))
}

async fn myself(State(jira): Shared) -> Response {
    let mut me = jira.person(0);
    me["emailAddress"] = json!(USER);
    me["groups"] = json!({"size": 2, "items": []});
    me["applicationRoles"] = json!({"size": 1, "items": []});
    me["locale"] = json!("en_US");
    answer(me)
}

async fn my_permissions(parameters: Parameters) -> Outcome {
    let Some(wanted) = parameters.get("permissions").filter(|wanted| !wanted.is_empty()) else {
        return Err(refusal(StatusCode::BAD_REQUEST, "The 'permissions' query parameter is required."));
    };
    // A release manager's: what is released, and when, is theirs to say.
    let known =
        ["BROWSE_PROJECTS", "EDIT_ISSUES", "TRANSITION_ISSUES", "RESOLVE_ISSUES", "ADMINISTER_PROJECTS"];
    let mut permissions = serde_json::Map::new();
    for (index, key) in wanted.split(',').map(str::trim).enumerate() {
        if !known.contains(&key) {
            return Err(refusal(StatusCode::BAD_REQUEST, format!("Unrecognized permission(s): {key}")));
        }
        permissions.insert(
            key.to_owned(),
            json!({
                "id": (10 + index).to_string(), "key": key, "name": key.replace('_', " ").to_lowercase(),
                "type": "PROJECT", "description": "", "havePermission": true,
            }),
        );
    }
    Ok(answer(json!({"permissions": permissions})))
}

async fn fields() -> Response {
    let field = |(id, name, kind): (&str, &str, &str)| {
        json!({
            "id": id, "key": id, "name": name, "custom": id.starts_with("customfield"), "orderable": true,
            "navigable": true, "searchable": true, "clauseNames": [id], "schema": {"type": kind, "system": id},
        })
    };
    let all = [
        ("summary", "Summary", "string"),
        ("status", "Status", "status"),
        ("priority", "Priority", "priority"),
        ("resolution", "Resolution", "resolution"),
        ("issuetype", "Issue Type", "issuetype"),
        ("project", "Project", "project"),
        ("fixVersions", "Fix versions", "array"),
        ("labels", "Labels", "array"),
        ("assignee", "Assignee", "user"),
        ("reporter", "Reporter", "user"),
        ("created", "Created", "datetime"),
        ("updated", "Updated", "datetime"),
        ("duedate", "Due date", "date"),
        ("description", "Description", "string"),
        ("issuelinks", "Linked Issues", "array"),
        ("customfield_10020", "Sprint", "array"),
        ("customfield_10016", "Story point estimate", "number"),
    ];
    answer(all.into_iter().map(field).collect())
}

async fn projects(State(jira): Shared) -> Response {
    answer((0..PROJECTS.len()).map(|index| jira.project(index)).collect())
}

async fn search_projects(State(jira): Shared, parameters: Parameters) -> Response {
    let all: Vec<Value> = (0..PROJECTS.len()).map(|index| jira.project(index)).collect();
    answer(page(&jira.url, all, &parameters))
}

async fn project(State(jira): Shared, Path(key): Path<String>) -> Outcome {
    let index = Jira::find_project(&key)?;
    let mut project = jira.project(index);
    project["lead"] = jira.person(index);
    project["versions"] =
        jira.versions_of(index).iter().map(|version| jira.version(&jira.tracker, version, "")).collect();
    project["components"] = json!([]);
    Ok(answer(project))
}

async fn versions(State(jira): Shared, Path(key): Path<String>, parameters: Parameters) -> Outcome {
    let expand = parameters.get("expand").map_or("", String::as_str);
    let project = Jira::find_project(&key)?;
    let versions = jira.versions_of(project);
    Ok(answer(versions.iter().map(|version| jira.version(&jira.tracker, version, expand)).collect()))
}

async fn search_versions(State(jira): Shared, Path(key): Path<String>, parameters: Parameters) -> Outcome {
    let project = Jira::find_project(&key)?;
    let mut found = jira.versions_of(project);
    if let Some(wanted) = parameters.get("status").filter(|wanted| !wanted.is_empty()) {
        let states: Vec<&str> = wanted.split(',').map(str::trim).collect();
        found.retain(|version| {
            let state = match (version.archived, version.released) {
                (true, _) => "archived",
                (false, true) => "released",
                (false, false) => "unreleased",
            };
            states.contains(&state)
        });
    }
    if let Some(text) = parameters.get("query") {
        let text = text.to_lowercase();
        found.retain(|version| version.name.to_lowercase().contains(&text));
    }
    match parameters.get("orderBy").map_or("", String::as_str) {
        "releaseDate" | "+releaseDate" => found.sort_by_key(|version| version.release),
        "-releaseDate" => found.sort_by_key(|version| std::cmp::Reverse(version.release)),
        "name" | "+name" => found.sort_by(|left, right| left.name.cmp(&right.name)),
        "-name" => found.sort_by(|left, right| right.name.cmp(&left.name)),
        _ => {}
    }
    let expand = parameters.get("expand").map_or("", String::as_str);
    let values = found.iter().map(|version| jira.version(&jira.tracker, version, expand)).collect();
    Ok(answer(page(&jira.url, values, &parameters)))
}

/// A page in the shape that counts from a start.
fn page(url: &str, all: Vec<Value>, parameters: &Parameters) -> Value {
    let start = number(parameters, "startAt", 0);
    let most = number(parameters, "maxResults", 50).clamp(1, 50);
    let total = all.len();
    let values: Vec<Value> = all.into_iter().skip(start).take(most).collect();
    let last = start + values.len() >= total;
    json!({"self": url, "maxResults": most, "startAt": start, "total": total, "isLast": last, "values": values})
}

async fn components(Path(key): Path<String>) -> Outcome {
    Jira::find_project(&key).map(|_| answer(json!([])))
}

async fn version(State(jira): Shared, Path(id): Path<String>, parameters: Parameters) -> Outcome {
    let expand = parameters.get("expand").map_or("", String::as_str);
    Ok(answer(jira.version(&jira.tracker, &jira.find_version(&id)?, expand)))
}

async fn related_counts(State(jira): Shared, Path(id): Path<String>) -> Outcome {
    let version = jira.find_version(&id)?;
    let fixed = jira.tracker.issues.iter().filter(|issue| issue.fix_version == Some(version.id)).count();
    Ok(answer(json!({
        "self": format!("{}/rest/api/{}/version/{id}", jira.url, jira.api), "issuesFixedCount": fixed,
        "issuesAffectedCount": 0, "issueCountWithCustomFieldsShowingVersion": 0, "customFieldUsage": [],
    })))
}

async fn unresolved_count(State(jira): Shared, Path(id): Path<String>) -> Outcome {
    let version = jira.find_version(&id)?;
    let own: Vec<&Issue> =
        jira.tracker.issues.iter().filter(|issue| issue.fix_version == Some(version.id)).collect();
    let unresolved = own.iter().filter(|issue| issue.resolution.is_none()).count();
    Ok(answer(json!({
        "self": format!("{}/rest/api/{}/version/{id}", jira.url, jira.api),
        "issuesUnresolvedCount": unresolved, "issuesCount": own.len(),
    })))
}

async fn issue(State(jira): Shared, Path(key): Path<String>, parameters: Parameters) -> Outcome {
    let issue = jira.find_issue(&key)?;
    let fields = parameters.get("fields").map_or("*all", String::as_str);
    let fields: Vec<String> = fields.split(',').map(|field| field.trim().to_owned()).collect();
    let history = parameters.get("expand").is_some_and(|expand| expand.contains("changelog"));
    Ok(answer(jira.issue(&jira.tracker, issue, Some(&fields), history)))
}

async fn transitions(State(jira): Shared, Path(key): Path<String>) -> Outcome {
    let issue = jira.find_issue(&key)?;
    let others = STATUSES.iter().enumerate().filter(|(_, status)| status.0 != issue.status.0);
    let transitions = others.map(|(index, status)| {
        json!({
            "id": (11 + 10 * index).to_string(), "name": status.0, "to": jira.status(status), "hasScreen": false,
            "isGlobal": true, "isInitial": false, "isAvailable": true, "isConditional": false, "isLooped": false,
        })
    });
    Ok(answer(json!({"expand": "transitions", "transitions": transitions.collect::<Vec<_>>()})))
}

async fn link_types() -> Response {
    answer(json!({"issueLinkTypes": [
        answers::link_type(),
        {"id": "10001", "name": "Cloners", "inward": "is cloned by", "outward": "clones"},
        {"id": "10002", "name": "Relates", "inward": "relates to", "outward": "relates to"},
    ]}))
}

async fn removed() -> Refused {
    refusal(
        StatusCode::GONE,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration \
         guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046",
    )
}

async fn priorities(State(jira): Shared) -> Response {
    answer(PRIORITIES.iter().map(|priority| jira.priority(priority)).collect())
}

async fn statuses(State(jira): Shared) -> Response {
    answer(STATUSES.iter().map(|status| jira.status(status)).collect())
}

async fn users(State(jira): Shared, parameters: Parameters) -> Response {
    let text = parameters.get("query").map(|text| text.to_lowercase()).unwrap_or_default();
    let found = PEOPLE
        .iter()
        .enumerate()
        .filter(|(_, (name, user))| name.to_lowercase().contains(&text) || user.contains(&text));
    answer(found.map(|(index, _)| jira.person(index)).collect())
}
