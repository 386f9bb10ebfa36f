//! Keeping what a person changed in the cockpit: only the fields that changed are written.

use std::path::Path;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, value};

use super::person::load_from;
use super::source::{self, Source};
use super::write::{EditError, lock, replace};
use crate::domain::person::ChartsLook;
use crate::domain::{Person, Severity};

/// Writes what differs between two states of a person's settings into their file, keeping all
/// else of it. A file that is wrong is not touched.
pub fn save(file: &Path, before: &Person, after: &Person) -> Result<(), EditError> {
    if before == after {
        return Ok(());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .map_err(|error| EditError::io(format!("{} cannot be made", folder.display()), &error))?;
    let _lock = lock::take(folder, lock::PATIENCE)?;
    let (_, problems) = load_from(file);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(EditError::Broken { file: file.to_owned(), problems });
    }
    let text = match source::read(file) {
        Source::Text(text) => text,
        Source::Missing => String::new(),
        Source::Unusable { message, .. } => {
            return Err(EditError::refused(format!("{} {message}", file.display()), "mend it"));
        }
    };
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        EditError::refused(format!("{}: {}", file.display(), error.message()), "mend it")
    })?;
    write_changes(&mut document, before, after);
    let changed = document.to_string();
    if changed != text {
        replace::replace(file, changed.as_bytes())?;
    }
    Ok(())
}

fn write_changes(document: &mut DocumentMut, before: &Person, after: &Person) {
    let root = document.as_table_mut();
    if before.time_zone != after.time_zone {
        set(root, "time_zone", after.time_zone.map(|zone| value(zone.name())));
    }
    if before.last_view != after.last_view {
        set(root, "last_view", after.last_view.as_deref().map(value));
    }
    if before.acknowledged != after.acknowledged {
        let list: Array = after.acknowledged.iter().map(String::as_str).collect();
        set(root, "acknowledged", (!list.is_empty()).then(|| value(list)));
    }
    if before.theme != after.theme {
        set_in(root, "ui", "theme", after.theme.as_deref().map(value));
    }
    if before.low_bandwidth != after.low_bandwidth {
        set_in(root, "ui", "low_bandwidth", after.low_bandwidth.map(value));
    }
    if before.mouse != after.mouse {
        set_in(root, "ui", "mouse", after.mouse.map(value));
    }
    for (key, before, after) in [
        ("view", &before.calendar_view, &after.calendar_view),
        ("lanes", &before.lanes_by, &after.lanes_by),
        ("zoom", &before.zoom, &after.zoom),
    ] {
        if before != after {
            set_in(root, "calendar", key, after.as_deref().map(value));
        }
    }
    if before.hidden_layers != after.hidden_layers {
        let list: Array = after.hidden_layers.iter().map(String::as_str).collect();
        set_in(root, "calendar", "hidden_layers", (!list.is_empty()).then(|| value(list)));
    }
    if before.charts != after.charts {
        save_charts(root, &before.charts, &after.charts);
    }
    if before.filters != after.filters {
        for (panel, _) in
            before.filters.iter().filter(|(panel, _)| !after.filters.iter().any(|(p, _)| p == panel))
        {
            set_in(root, "filters", panel, None);
        }
        for (panel, filter) in &after.filters {
            set_in(root, "filters", panel, (!filter.is_empty()).then(|| value(filter)));
        }
    }
}

/// Only the workspaces whose look changed are written: another cockpit may have changed others.
fn save_charts(root: &mut Table, before: &[ChartsLook], after: &[ChartsLook]) {
    let is_of = |table: &Table, name: &str| {
        table.get("workspace").and_then(Item::as_str).is_some_and(|workspace| workspace == name)
    };
    let changed = |look: &&ChartsLook| !before.contains(look);
    let gone = |look: &&ChartsLook| after.iter().all(|other| other.workspace != look.workspace);
    let entry = root.entry("charts").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(tables) = entry.as_array_of_tables_mut() else { return };
    for look in before.iter().filter(gone).chain(after.iter().filter(changed)) {
        tables.retain(|table| !is_of(table, &look.workspace));
    }
    for look in after.iter().filter(changed) {
        let mut table = Table::new();
        table.insert("workspace", value(&look.workspace));
        if look.band {
            table.insert("band", value(true));
        }
        if let Some(pinned) = &look.pinned {
            let mut inline = InlineTable::new();
            inline.insert("service", pinned.service.as_str().into());
            inline.insert("environment", pinned.environment.as_str().into());
            if let Some(region) = &pinned.region {
                inline.insert("region", region.as_str().into());
            }
            inline.insert("metric", pinned.metric.as_str().into());
            table.insert("pinned", value(inline));
        }
        tables.push(table);
    }
    if tables.is_empty() {
        root.remove("charts");
    }
}

fn set(table: &mut Table, key: &str, new: Option<Item>) {
    match (new, table.get_mut(key)) {
        (None, _) => {
            table.remove(key);
        }
        (Some(Item::Value(mut new)), Some(Item::Value(old))) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (Some(new), _) => {
            table.insert(key, new);
        }
    }
}

fn set_in(root: &mut Table, name: &str, key: &str, new: Option<Item>) {
    if !root.contains_key(name) {
        if new.is_none() {
            return;
        }
        root.insert(name, Item::Table(Table::new()));
    }
    match root.get_mut(name) {
        Some(Item::Table(table)) => set(table, key, new),
        Some(Item::Value(toml_edit::Value::InlineTable(table))) => {
            match new.and_then(|item| item.into_value().ok()) {
                Some(new) => drop(table.insert(key, new)),
                None => drop(table.remove(key)),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_are_kept_a_workspace_each_and_others_stay_as_they_are() {
        use crate::domain::person::PinnedChart;
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        let look =
            |workspace: &str, band, pinned| ChartsLook { workspace: workspace.to_owned(), band, pinned };
        let pin = PinnedChart {
            service: "cart".to_owned(),
            environment: "production".to_owned(),
            region: Some("eu".to_owned()),
            metric: "error \"rate\"".to_owned(),
        };
        let with = |charts: &[ChartsLook]| Person { charts: charts.to_vec(), ..Person::default() };
        let shop = look("/srv/shop", true, Some(pin));
        save(&file, &with(&[]), &with(std::slice::from_ref(&shop))).unwrap();
        // Another cockpit, which does not know of the first, keeps its own.
        let other = look("/srv/other", true, None);
        save(&file, &with(&[]), &with(std::slice::from_ref(&other))).unwrap();
        let (person, problems) = load_from(&file);
        assert_eq!((person.charts, problems.len()), (vec![shop.clone(), other.clone()], 0));
        save(&file, &with(std::slice::from_ref(&shop)), &with(&[])).unwrap();
        assert_eq!(load_from(&file).0.charts, std::slice::from_ref(&other));
        save(&file, &with(&[other]), &with(&[])).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), "");
    }

    #[test]
    fn only_what_changed_is_written_and_comments_stay() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("tminus/config.toml");
        let before = Person::default();
        let view = |view: &str| Person { last_view: Some(view.to_owned()), ..Person::default() };
        save(&file, &before, &view("board")).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "last_view = \"board\"\n");

        let text = "# mine\nlast_view = \"board\" # last\nstrange = 1\n\n[keys]\nquit = [\"x\"]\n";
        std::fs::write(&file, text).unwrap();
        let mut after = view("monitor");
        after.filters = vec![("board".to_owned(), "pay".to_owned())];
        after.theme = Some("dark".to_owned());
        save(&file, &view("board"), &after).unwrap();
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(
            written.starts_with(
                "# mine\nlast_view = \"monitor\" # last\nstrange = 1\n\n[keys]\nquit = [\"x\"]\n"
            ),
            "{written}"
        );
        let (person, problems) = load_from(&file);
        assert_eq!(problems, []);
        assert_eq!((person.filters, person.theme), (after.filters, after.theme));
    }

    #[test]
    fn how_the_calendar_was_looked_at_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        let after = Person {
            calendar_view: Some("timeline".to_owned()),
            lanes_by: Some("region".to_owned()),
            zoom: Some("quarter".to_owned()),
            ..Person::default()
        };
        save(&file, &Person::default(), &after).unwrap();
        let text = "[calendar]\nview = \"timeline\"\nlanes = \"region\"\nzoom = \"quarter\"\n";
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        assert_eq!(load_from(&file), (after, Vec::new()));
    }

    #[test]
    fn hidden_layers_are_kept_beside_what_the_person_wrote() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        std::fs::write(&file, "[calendar]\nhours = \"07:00-20:00\" # early\n").unwrap();
        let (before, problems) = load_from(&file);
        assert_eq!(problems, []);
        assert_eq!(before.hours.map(|hours| (hours.from, hours.to)), Some((420, 1200)));
        let hidden = Person { hidden_layers: vec!["holidays".to_owned()], ..before.clone() };
        save(&file, &before, &hidden).unwrap();
        let written = std::fs::read_to_string(&file).unwrap();
        let text = "[calendar]\nhours = \"07:00-20:00\" # early\nhidden_layers = [\"holidays\"]\n";
        assert_eq!(written, text);
        assert_eq!(load_from(&file).0.hidden_layers, ["holidays"]);
        save(&file, &hidden, &before).unwrap();
        assert!(!std::fs::read_to_string(&file).unwrap().contains("hidden_layers"));
        std::fs::write(&file, "[calendar]\nhours = \"20:00-07:00\"\n").unwrap();
        let (_, problems) = load_from(&file);
        assert!(problems[0].message.contains("07:00-20:00"), "{problems:?}");
    }

    #[test]
    fn a_broken_file_is_not_touched() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        for broken in ["last_view = ", "time_zone = \"Mars\"", "week_start = 3"] {
            std::fs::write(&file, broken).unwrap();
            let after = Person { last_view: Some("board".to_owned()), ..Person::default() };
            assert!(save(&file, &Person::default(), &after).is_err(), "{broken}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), broken);
            assert_eq!(load_from(&file).1.len(), 1);
        }
    }
}
