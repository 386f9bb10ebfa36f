//! Changing a version: fields that are left out stay as they are.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde_json::Value;

use super::answers::{Refused, refusal};
use super::tracker::Version;
use super::{Outcome, Shared, answer};

/// `PUT version/{id}`
pub(super) async fn change(State(jira): Shared, Path(id): Path<String>, Json(body): Json<Value>) -> Outcome {
    let Some(fields) = body.as_object() else {
        return Err(refusal(StatusCode::BAD_REQUEST, "Can not deserialize instance of VersionBean"));
    };
    let number = jira.find_version(&id)?.id;
    let changed = jira.tracker.change(number, |version| {
        for (field, value) in fields {
            set(version, field, value)?;
        }
        match (version.start, version.release) {
            (Some(start), Some(release)) if start > release => {
                Err(wrong("startDate", "The start date must be before the release date."))
            }
            _ => Ok(()),
        }
    })?;
    let changed = changed.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "Could not find the version."))?;
    Ok(answer(jira.version(&jira.tracker, &changed, "")))
}

fn set(version: &mut Version, field: &str, value: &Value) -> Result<(), Refused> {
    match (field, value) {
        ("releaseDate", value) => version.release = date(field, value)?,
        ("startDate", value) => version.start = date(field, value)?,
        ("released", Value::Bool(released)) => version.released = *released,
        ("archived", Value::Bool(archived)) => version.archived = *archived,
        ("name", Value::String(name)) if !name.trim().is_empty() => version.name.clone_from(name),
        ("name", _) => return Err(wrong(field, "You must specify a valid version name")),
        ("description", Value::String(text)) => version.description.clone_from(text),
        // What belongs to a version and is not kept here.
        ("id" | "self" | "project" | "projectId" | "overdue" | "expand", _) => {}
        _ => {
            return Err(refusal(
                StatusCode::BAD_REQUEST,
                format!("Unrecognized field \"{field}\" (Class VersionBean), not marked as ignorable"),
            ));
        }
    }
    Ok(())
}

fn date(field: &str, value: &Value) -> Result<Option<NaiveDate>, Refused> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| wrong(field, "Invalid date format")),
        _ => Err(wrong(field, "Invalid date format")),
    }
}

fn wrong(field: &str, message: &str) -> Refused {
    refusal(StatusCode::BAD_REQUEST, format!("{field}: {message}"))
}
