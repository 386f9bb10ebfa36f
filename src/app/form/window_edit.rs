//! From a window as a form says it to the edit of its file.

use chrono_tz::Tz;

use super::diff::{self, Changes, Table};
use super::repeat;
use crate::domain::window::WallTime;
use crate::domain::{Before, Change, ChangeType, Edit, Patch, Place, PlanFile, Value, Window};

/// The edit that makes a window of the file say something else; `None`: it says so already.
pub fn change(base: &Window, window: &Window, typed_zone: Option<Tz>) -> Option<Edit> {
    let mut changes = Changes::default();
    let place = Place::Id("window".to_owned(), base.id.clone());
    let at = &place;
    let titled = |window: &Window| (window.title != window.id).then(|| window.title.clone());
    let list = |list: Vec<String>| Value::words(list.iter().map(String::as_str));
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    let moments = |times: &[WallTime]| (!times.is_empty()).then(|| times.to_vec());
    let times = |times: Vec<WallTime>| Value::List(times.into_iter().map(diff::wall_time).collect());
    changes.differ(at, "kind", Some(base.kind), Some(window.kind), |kind| Value::text(kind.word()));
    changes.differ(at, "title", titled(base), titled(window), Value::Text);
    changes.differ(at, "start", Some(base.start), Some(window.start), diff::wall_time);
    changes.differ(at, "end", Some(base.end), Some(window.end), diff::wall_time);
    if base.time_zone != window.time_zone {
        changes.set(at, "time_zone", typed_zone.map(|zone| Value::text(zone.name())));
    }
    if !repeat::is_same(base.repeat.as_deref(), window.repeat.as_deref()) {
        changes.set(at, "repeat", window.repeat.clone().map(Value::Text));
    }
    changes.differ(at, "environments", base.environments.clone(), window.environments.clone(), list);
    changes.differ(at, "services", base.services.clone(), window.services.clone(), list);
    changes.differ(at, "regions", base.regions.clone(), window.regions.clone(), list);
    let allowed = |allow: &[ChangeType]| (!allow.is_empty()).then(|| allow.to_vec());
    changes.differ(at, "allow", allowed(&base.allow), allowed(&window.allow), allow);
    changes.differ(at, "hard", Some(base.hard), Some(window.hard), Value::Boolean);
    changes.differ(at, "skip", moments(&base.skip), moments(&window.skip), times);
    changes.differ(at, "also", moments(&base.also), moments(&window.also), times);
    changes.differ(at, "branches", some(&base.branches), some(&window.branches), list);
    changes.differ(at, "layer", base.layer.clone(), window.layer.clone(), Value::Text);
    let changes = changes.finish();
    let keys: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Set { key, .. } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let title = format!("change {}: {}", base.id, keys.join(", "));
    let before = Some(Box::new(Before::Window(base.clone())));
    (!changes.is_empty()).then_some(Edit::Patch(Patch { file: PlanFile::Windows, title, before, changes }))
}

fn allow(allow: Vec<ChangeType>) -> Value {
    Value::words(allow.iter().map(|change| change.word()))
}

/// The edit that adds a window.
pub fn add(window: &Window, typed_zone: Option<Tz>) -> Edit {
    let list = |list: &[String]| Value::words(list.iter().map(String::as_str));
    let some = |words: &[String]| (!words.is_empty()).then(|| list(words));
    let times = |times: &[WallTime]| {
        (!times.is_empty()).then(|| Value::List(times.iter().map(|time| diff::wall_time(*time)).collect()))
    };
    let table = Table::default()
        .with("id", Some(Value::text(&*window.id)))
        .with("kind", Some(Value::text(window.kind.word())))
        .with("title", (window.title != window.id).then(|| Value::text(&*window.title)))
        .with("start", Some(diff::wall_time(window.start)))
        .with("end", Some(diff::wall_time(window.end)))
        .with("time_zone", typed_zone.map(|zone| Value::text(zone.name())))
        .with("repeat", window.repeat.as_deref().map(Value::text))
        .with("environments", window.environments.as_deref().map(list))
        .with("services", window.services.as_deref().map(list))
        .with("regions", window.regions.as_deref().map(list))
        .with("allow", (!window.allow.is_empty()).then(|| allow(window.allow.clone())))
        .with("hard", window.hard.then_some(Value::Boolean(true)))
        .with("skip", times(&window.skip))
        .with("also", times(&window.also))
        .with("branches", some(&window.branches))
        .with("layer", window.layer.as_deref().map(Value::text))
        .finish();
    let changes = vec![Change::Add { list: "window".to_owned(), table }];
    Edit::Patch(Patch {
        file: PlanFile::Windows,
        title: format!("add {}", window.id),
        before: Some(Box::new(Before::Nothing)),
        changes,
    })
}
