//! Ids of releases and windows: typed or made, free, and changed for another.

use super::Name;
use super::reader::Reader;
use crate::domain::release::Item;
use crate::domain::renaming::{excepted, left_by_release, left_by_window};
use crate::domain::{Release, Window, Workspace};

/// The id typed, or made from the first service and its version.
pub fn of_new_release(reader: &mut Reader<'_>, items: &[Item]) -> Option<String> {
    let workspace = reader.setting.workspace;
    let typed = reader.value(Name::Id, None);
    if !typed.is_empty() {
        if let Err(why) = check(typed) {
            reader.wrong(Name::Id, None, why);
            return None;
        }
        if workspace.release(typed).is_some() {
            let words = format!(
                "the release {typed} is already there: choose another id, {}",
                free_release(workspace, typed)
            );
            reader.wrong(Name::Id, None, words);
            return None;
        }
        return Some(typed.to_owned());
    }
    let first = items.first()?;
    let made = slug(&format!("{}-{}", first.service, first.version));
    let id = if workspace.release(&made).is_some() { free_release(workspace, &made) } else { made };
    reader.reading(Name::Id, None, format!("releases/{id}.toml"));
    Some(id)
}

/// What cannot be a file's name is not an id.
pub fn check(id: &str) -> Result<(), String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.+".contains(letter);
    if id.len() > 100 {
        return Err("an id has at most 100 letters".to_owned());
    }
    if id.starts_with('.') || !id.chars().all(fits) {
        return Err(format!("`{id}` cannot be an id: write letters, digits, dashes and dots: {}", slug(id)));
    }
    Ok(())
}

/// Words as an id.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for letter in text.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() || letter == '.' {
            out.push(letter);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_matches(['-', '.']).chars().take(80).collect()
}

fn free_release(workspace: &Workspace, id: &str) -> String {
    let mut number = 2;
    while workspace.release(&format!("{id}-{number}")).is_some() {
        number += 1;
    }
    format!("{id}-{number}")
}

/// The id of a release that is there, which another one makes a new name of its file. What that
/// does not reach is said.
pub fn of_release(reader: &mut Reader<'_>, base: &Release) -> Option<String> {
    let typed = reader.value(Name::Id, None).to_owned();
    if typed == base.id {
        return Some(typed);
    }
    if typed.is_empty() {
        reader.missing(Name::Id, None, format!("an id is needed: it was {}", base.id));
        return None;
    }
    let id = of_new_release(reader, &[])?;
    reader.reading(Name::Id, None, format!("releases/{}.toml becomes releases/{id}.toml", base.id));
    for sentence in left_by_release(reader.setting.workspace, base) {
        reader.notice(Name::Id, None, sentence);
    }
    Some(id)
}

/// The id typed, or made from the title.
pub fn of_new_window(reader: &mut Reader<'_>, title: Option<&str>) -> Option<String> {
    let workspace = reader.setting.workspace;
    let typed = reader.value(Name::Id, None);
    if !typed.is_empty() {
        if let Err(why) = check(typed) {
            reader.wrong(Name::Id, None, why);
            return None;
        }
        if workspace.windows.iter().any(|window| window.id == typed) {
            let words = format!(
                "the window {typed} is already there: choose another id, {}",
                free_window(workspace, typed)
            );
            reader.wrong(Name::Id, None, words);
            return None;
        }
        return Some(typed.to_owned());
    }
    let Some(title) = title else {
        reader.missing(Name::Title, None, "a title or an id is needed");
        return None;
    };
    let id = free_window(workspace, &slug(title));
    reader.reading(Name::Id, None, id.clone());
    Some(id)
}

/// An id that no window has.
pub fn free_window(workspace: &Workspace, id: &str) -> String {
    let id = if id.is_empty() { "window" } else { id };
    let is_taken = |id: &str| workspace.windows.iter().any(|window| window.id == id);
    let mut free = id.to_owned();
    let mut number = 2;
    while is_taken(&free) {
        free = format!("{id}-{number}");
        number += 1;
    }
    free
}

/// The id of a window that is there; another one goes into every exception that names it. What
/// that does not reach is said.
pub fn of_window(reader: &mut Reader<'_>, base: &Window) -> Option<String> {
    let typed = reader.value(Name::Id, None).to_owned();
    if typed == base.id {
        return Some(typed);
    }
    if typed.is_empty() {
        reader.missing(Name::Id, None, format!("an id is needed: it was {}", base.id));
        return None;
    }
    let id = of_new_window(reader, None)?;
    let workspace = reader.setting.workspace;
    let named = excepted(workspace, &base.id);
    if !named.is_empty() {
        reader.reading(Name::Id, None, format!("exceptions name it anew in {}", named.join(", ")));
    }
    for sentence in left_by_window(workspace, base) {
        reader.notice(Name::Id, None, sentence);
    }
    Some(id)
}
