//! Ids of releases and windows: typed or made, free, and changed for another.

use super::Name;
use super::reader::Reader;
use crate::domain::release::Item;
use crate::domain::renaming::{excepted, left_by_release, left_by_window};
use crate::domain::{Release, Window, Workspace};

/// The id typed, or made from the first service and its version.
pub fn of_new_release(reader: &mut Reader<'_>, items: &[Item]) -> Option<String> {
    let workspace = reader.setting.workspace;
    let is_taken = |id: &str| workspace.release(id).is_some();
    let typed = typed(reader, "release", is_taken).ok()?;
    if typed.is_some() {
        return typed;
    }
    let first = items.first()?;
    let id = free(&slug(&format!("{}-{}", first.service, first.version)), is_taken);
    reader.reading(Name::Id, None, format!("releases/{id}.toml"));
    Some(id)
}

/// The id typed; `None`: nothing is typed; an error: it cannot be taken, which is said.
fn typed(reader: &mut Reader<'_>, kind: &str, is_taken: impl Fn(&str) -> bool) -> Result<Option<String>, ()> {
    let typed = reader.value(Name::Id, None);
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = match check(typed) {
        Err(why) => why,
        Ok(()) if is_taken(typed) => {
            let other = free(typed, is_taken);
            format!("the {kind} {typed} is already there: choose another id, {other}")
        }
        Ok(()) => return Ok(Some(typed.to_owned())),
    };
    reader.wrong(Name::Id, None, wrong);
    Err(())
}

/// The id, or with the first number from 2 on that makes it free.
fn free(id: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(id) {
        return id.to_owned();
    }
    let mut number = 2;
    while is_taken(&format!("{id}-{number}")) {
        number += 1;
    }
    format!("{id}-{number}")
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
    let typed = typed(reader, "window", |id| is_window(workspace, id)).ok()?;
    if typed.is_some() {
        return typed;
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
    free(if id.is_empty() { "window" } else { id }, |id| is_window(workspace, id))
}

fn is_window(workspace: &Workspace, id: &str) -> bool {
    workspace.windows.iter().any(|window| window.id == id)
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
