//! What people do with releases, as patches: split a stage over regions, let a release through a
//! freeze.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::edit::NewStage;
use super::release::Exception;
use super::spelling::nearest;
use super::window::WindowKind;
use super::{Before, Change, Patch, Place, PlanFile, Release, Stage, Value, Workspace};

/// A stage of all regions becomes one for each, at the same hour on each region's wall. The first
/// takes the stage's place, the others are added.
pub fn split(workspace: &Workspace, release: &Release, index: usize) -> Result<Patch, String> {
    let Some(stage) = release.stages.get(index) else {
        let count = release.stages.len();
        return Err(format!(
            "`{}` has {count} stages, counted from 0: there is no stage {index}",
            release.id
        ));
    };
    if let Some(region) = &stage.region {
        return Err(format!(
            "stage {index} of `{}` is in {region} alone: there is nothing to split",
            release.id
        ));
    }
    let known = workspace.environment(&stage.environment);
    let regions = known.map_or(&[][..], |environment| &environment.regions);
    let [first, others @ ..] = regions else {
        return Err(format!("{} has no regions: add them to tminus.toml first", stage.environment));
    };
    if others.is_empty() {
        return Err(format!("{} has one region, {}: there is nothing to split", stage.environment, first.id));
    }
    let wall = |time: DateTime<Utc>| time.with_timezone(&stage.time_zone).naive_local();
    let (start, end) = (written(wall(stage.start)), written(wall(stage.end)));
    let place = || Place::Nth("stage".to_owned(), index);
    let set = |key: &str, value: Option<Value>| Change::Set { place: place(), key: key.to_owned(), value };
    let mut changes = vec![
        set("region", Some(Value::text(&first.id))),
        set("start", Some(Value::Time(start.clone()))),
        set("end", Some(Value::Time(end.clone()))),
        // The region's own clock counts from now on.
        set("time_zone", None),
    ];
    for region in others {
        let new = NewStage {
            environment: stage.environment.clone(),
            region: Some(region.id.clone()),
            start: start.clone(),
            end: end.clone(),
            time_zone: None,
            strategy: stage.strategy.map(|strategy| strategy.word().to_owned()),
            steps: stage.steps.clone(),
            soak: soak(stage),
        };
        changes.push(Change::Add { list: "stage".to_owned(), table: table(&new) });
    }
    Ok(Patch {
        file: PlanFile::Release(release.id.clone()),
        title: format!("split {}, stage {}, by region", release.id, index + 1),
        before: Some(Box::new(Before::Release(release.clone()))),
        changes,
    })
}

/// A new stage as it stands in a file.
pub fn table(stage: &NewStage) -> Vec<(String, Value)> {
    let text = |text: &Option<String>| text.as_ref().map(Value::text);
    let steps = stage.steps.iter().map(|step| Value::Number(*step)).collect();
    let all = [
        ("environment", Some(Value::text(&stage.environment))),
        ("region", text(&stage.region)),
        ("start", Some(Value::Time(stage.start.clone()))),
        ("end", Some(Value::Time(stage.end.clone()))),
        ("time_zone", text(&stage.time_zone)),
        ("strategy", text(&stage.strategy)),
        ("steps", (!stage.steps.is_empty()).then_some(Value::List(steps))),
        ("soak", text(&stage.soak)),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Break-glass: lets a release through the one freeze it names, until it lapses. Hard freezes let
/// nothing through.
pub fn except(
    workspace: &Workspace,
    release: &Release,
    exception: &Exception,
    now: DateTime<Utc>,
) -> Result<Patch, String> {
    let id = &exception.window;
    let Some(window) = workspace.windows.iter().find(|window| window.id == *id) else {
        let known = || workspace.windows.iter().filter(|window| window.kind == WindowKind::Freeze);
        let ids: Vec<&str> = known().map(|window| window.id.as_str()).collect();
        return Err(match nearest(id, ids.iter().copied()) {
            Some(meant) => format!("unknown window `{id}`: did you mean `{meant}`?"),
            None if ids.is_empty() => format!("unknown window `{id}`: there are no freezes"),
            None => format!("unknown window `{id}`: freezes are {}", ids.join(", ")),
        });
    };
    if window.kind == WindowKind::Change {
        return Err(format!(
            "`{id}` is a change window: an exception lets through freezes alone, move the stage into it"
        ));
    }
    if window.hard {
        return Err(format!("`{id}` is a hard freeze: nothing passes it, move the release"));
    }
    if exception.reason.trim().is_empty() {
        return Err("the reason is empty: an exception says why".to_owned());
    }
    if exception.by.trim().is_empty() {
        return Err("nobody answers for it: say by whom".to_owned());
    }
    if exception.expires <= now {
        return Err("it would have expired already: choose a later time".to_owned());
    }
    let mut table = vec![
        ("window".to_owned(), Value::text(id)),
        ("reason".to_owned(), Value::text(&exception.reason)),
        ("by".to_owned(), Value::text(&exception.by)),
    ];
    table.extend(exception.ticket.as_ref().map(|ticket| ("ticket".to_owned(), Value::text(ticket))));
    let expires = exception.expires.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    table.push(("expires".to_owned(), Value::Time(expires)));
    Ok(Patch {
        file: PlanFile::Release(release.id.clone()),
        title: format!("exception of {} from {id}", release.id),
        before: None,
        changes: vec![Change::Add { list: "exception".to_owned(), table }],
    })
}

fn soak(stage: &Stage) -> Option<String> {
    stage.soak.and_then(|soak| soak.to_std().ok()).map(|soak| humantime::format_duration(soak).to_string())
}

fn written(local: NaiveDateTime) -> String {
    local.format("%Y-%m-%dT%H:%M:%S%.f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;
    use crate::domain::{Environment, Region};

    fn workspace() -> Workspace {
        let region = |id: &str, zone| Region { id: id.to_owned(), time_zone: Some(zone) };
        let regions =
            vec![region("eu", chrono_tz::Europe::Berlin), region("us", chrono_tz::America::New_York)];
        let environment =
            |id: &str, regions| Environment { id: id.to_owned(), regions, capacity: None, versions: None };
        let mut hard = samples::window("hard", WindowKind::Freeze);
        hard.hard = true;
        Workspace {
            environments: vec![environment("staging", Vec::new()), environment("production", regions)],
            windows: vec![
                samples::window("year-end", WindowKind::Freeze),
                hard,
                samples::window("weekly", WindowKind::Change),
            ],
            ..Workspace::default()
        }
    }

    #[test]
    fn a_stage_is_split_at_the_same_hour_of_each_region() {
        let mut stage = samples::stage("production", "2026-01-05T13:00:00Z", "2026-01-05T15:00:00Z");
        stage.time_zone = chrono_tz::Europe::Berlin;
        let release = samples::release("r", &[("a", "1")], vec![stage]);
        let patch = split(&workspace(), &release, 0).unwrap();
        assert_eq!(patch.title, "split r, stage 1, by region");
        let Change::Set { key, value, .. } = &patch.changes[1] else { panic!() };
        assert_eq!((key.as_str(), value), ("start", &Some(Value::Time("2026-01-05T14:00:00".into()))));
        let Change::Add { table, .. } = &patch.changes[4] else { panic!() };
        assert_eq!(table[1], ("region".to_owned(), Value::text("us")));
        assert_eq!(table[2], ("start".to_owned(), Value::Time("2026-01-05T14:00:00".into())));
    }

    #[test]
    fn what_cannot_be_split_is_said() {
        let mut alone = samples::stage("production", "2026-01-05T13:00:00Z", "2026-01-05T15:00:00Z");
        alone.region = Some("eu".into());
        let flat = samples::stage("staging", "2026-01-05T13:00:00Z", "2026-01-05T15:00:00Z");
        let release = samples::release("r", &[("a", "1")], vec![alone, flat]);
        for (index, said) in [(0, "in eu alone"), (1, "has no regions"), (2, "there is no stage 2")] {
            let error = split(&workspace(), &release, index).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn an_exception_names_a_freeze_that_can_be_passed() {
        let release = samples::release("r", &[("a", "1")], Vec::new());
        let exception = |window: &str, expires: &str| Exception {
            window: window.into(),
            reason: "CVE".into(),
            by: "mira".into(),
            ticket: None,
            commits: Vec::new(),
            expires: expires.parse().unwrap(),
        };
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let later = "2026-01-02T00:00:00Z";
        assert!(except(&workspace(), &release, &exception("year-end", later), now).is_ok());
        for (window, expires, said) in [
            ("year-ned", later, "did you mean `year-end`?"),
            ("other", later, "freezes are year-end, hard"),
            ("hard", later, "hard freeze"),
            ("weekly", later, "change window"),
            ("year-end", "2025-12-31T00:00:00Z", "expired already"),
        ] {
            let error = except(&workspace(), &release, &exception(window, expires), now).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
