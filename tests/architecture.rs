//! The lines between the rooms of `src/`, held by reading the sources: a boundary that is not
//! tested dissolves. The map is in `src/lib.rs`.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A room, the rooms it may use besides itself, and what it never mentions.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
    never: &'static [&'static [&'static str]],
}

const TERMINAL: &[&str] = &["ratatui", "crossterm"];
const CLOCK: &[&str] = &["Utc::now", "Local::now", "SystemTime", "Instant::now"];
const WORLD: &[&str] = &[
    "tokio",
    "reqwest",
    "axum",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::io",
    "std::thread",
];
const NETWORK: &[&str] = &["reqwest", "axum"];
const TOKIO: &[&str] = &["tokio"];
const COMMAND_LINE: &[&str] = &["clap"];

const ROOMS: &[Room] = &[
    Room { name: "domain", may_use: &[], never: &[TERMINAL, CLOCK, WORLD, COMMAND_LINE] },
    Room { name: "store", may_use: &["domain"], never: &[TERMINAL, NETWORK, COMMAND_LINE] },
    Room { name: "backend", may_use: &["domain"], never: &[TERMINAL, COMMAND_LINE] },
    Room { name: "demo", may_use: &["domain"], never: &[TERMINAL, COMMAND_LINE] },
    Room { name: "app", may_use: &["domain"], never: &[TERMINAL, CLOCK, WORLD, COMMAND_LINE] },
    Room { name: "input", may_use: &["app", "domain"], never: &[CLOCK, WORLD, COMMAND_LINE] },
    Room { name: "theme", may_use: &["domain"], never: &[CLOCK, TOKIO, NETWORK, COMMAND_LINE] },
    Room {
        name: "view",
        may_use: &["app", "domain", "input", "theme"],
        never: &[CLOCK, WORLD, COMMAND_LINE],
    },
    Room {
        name: "cli",
        may_use: &["domain", "store", "backend", "demo", "runtime", "app"],
        never: &[TERMINAL],
    },
    Room {
        name: "runtime",
        may_use: &["app", "backend", "demo", "domain", "input", "store", "theme", "view"],
        never: &[&[]],
    },
];

/// The point to look for the seam.
const LONG: usize = 400;
/// The point where it must be found.
const TOO_LONG: usize = 600;

#[test]
fn every_room_uses_only_what_the_map_allows() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(room) = source.room() else { continue };
        let used = rooms_used(&source.code, &source.module);
        for other in used.iter().filter(|other| **other != room.name) {
            if ROOMS.iter().any(|known| known.name == other) && !room.may_use.contains(&other.as_str()) {
                wrong.push(format!("{}: `{}` may not use `{other}`", source.path.display(), room.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_room_mentions_what_is_not_its_business() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(room) = source.room() else { continue };
        for word in room.never.iter().copied().flatten() {
            if mentions(&source.code, word) {
                wrong.push(format!("{}: `{}` never mentions `{word}`", source.path.display(), room.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_folder_of_the_sources_is_on_the_map() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for source in sources() {
        match source.module.first() {
            Some(first) if !["lib", "main"].contains(&first.as_str()) => {
                assert!(source.room().is_some(), "{}: a room without a line here", source.path.display());
                assert!(map.contains(&format!("[`{first}`]")), "src/lib.rs does not show `{first}`");
            }
            _ => {}
        }
    }
}

#[test]
fn lints_are_silenced_only_with_a_reason_and_nothing_is_left_to_do() {
    let mut wrong = Vec::new();
    for source in sources() {
        for attribute in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
            for (at, _) in source.code.match_indices(attribute) {
                let end = source.code[at..].find(']').map_or(source.code.len(), |length| at + length);
                if !source.code[at..end].contains("reason") {
                    wrong.push(format!("{}: `{attribute}…)]` without a reason", source.path.display()));
                }
            }
        }
        for word in ["todo!", "unimplemented!", "dbg!", ".unwrap()"] {
            if source.code.contains(word) {
                wrong.push(format!("{}: `{word}` outside tests", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_small_enough_to_take_in() {
    let mut too_long = Vec::new();
    for source in sources() {
        match source.lines {
            0..=LONG => {}
            lines @ 0..=TOO_LONG => println!("{}: {lines} lines: is there a seam?", source.path.display()),
            lines => too_long.push(format!("{}: {lines} lines", source.path.display())),
        }
    }
    assert!(too_long.is_empty(), "more than {TOO_LONG} lines:\n{}", too_long.join("\n"));
}

#[test]
fn the_reader_of_sources_sees_what_it_should() {
    let code = strip(
        "use crate::app; // crate::view\n/* ratatui */ let s = \"tokio \\\" x\"; let r = r#\"a\"b\"#; 'a'",
    );
    assert!(mentions(&code, "crate::app") && !mentions(&code, "ratatui") && !mentions(&code, "tokio"));
    let without_tests =
        without_tests(&strip("fn a() {}\n#[cfg(test)]\nmod tests { fn b() { c.unwrap() } }\nfn d() {}"));
    assert!(!without_tests.contains("unwrap") && without_tests.contains("fn d"));
    let module = ["app".to_owned(), "board".to_owned()];
    let used = rooms_used(
        "use crate::{domain::{a, b}, view::x}; use super::super::store::y; use super::z;",
        &module,
    );
    assert_eq!(used, BTreeSet::from(["domain".to_owned(), "store".to_owned(), "view".to_owned()]));
    assert!(
        mentions("a tokio::spawn", "tokio") && !mentions("a_tokio", "tokio") && !mentions("tokios", "tokio")
    );
}

struct Source {
    path: PathBuf,
    /// `["app", "board"]` for `src/app/board/mod.rs` and `src/app/board.rs`.
    module: Vec<String>,
    /// Without comments, strings and test modules.
    code: String,
    lines: usize,
}

impl Source {
    fn room(&self) -> Option<&'static Room> {
        let first = self.module.first()?;
        ROOMS.iter().find(|room| room.name == first)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file that is not only there for tests.
fn sources() -> Vec<Source> {
    let mut texts = BTreeMap::new();
    collect(&root().join("src"), &mut texts);
    let mut only_tests: BTreeSet<Vec<String>> = BTreeSet::new();
    for (path, text) in &texts {
        let code = strip(text);
        for (at, marker) in code.match_indices("#[cfg(test)]") {
            let rest = code[at + marker.len()..].trim_start();
            let rest = rest.strip_prefix("pub ").or_else(|| rest.strip_prefix("pub(crate) ")).unwrap_or(rest);
            if let Some((name, _)) = rest.strip_prefix("mod ").and_then(|rest| rest.split_once(';')) {
                let mut module = module_of(path);
                module.push(name.trim().to_owned());
                only_tests.insert(module);
            }
        }
    }
    let sources = texts.into_iter().map(|(path, text)| Source {
        module: module_of(&path),
        code: without_tests(&strip(&text)),
        lines: text.lines().count(),
        path,
    });
    sources.filter(|source| !only_tests.iter().any(|test| source.module.starts_with(test))).collect()
}

fn collect(folder: &Path, texts: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            texts.insert(path.strip_prefix(root()).unwrap().to_owned(), text);
        }
    }
}

fn module_of(path: &Path) -> Vec<String> {
    let path = path.strip_prefix("src").unwrap().with_extension("");
    let mut parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The rooms a file names: `crate::room`, `crate::{room, …}`, `super::…::room` at the root.
fn rooms_used(code: &str, module: &[String]) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let to_root = format!("{}::", vec!["super"; module.len()].join("::"));
    for start in ["crate::", to_root.as_str()] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &code[at + start.len()..];
            match rest.strip_prefix('{') {
                Some(group) => used.extend(first_names(group)),
                None => used.extend(name(rest)),
            }
        }
    }
    used
}

/// The first name of each part of `a::{b, c}, d::e}…`.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut names) = (0_i32, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.extend(name(group[start..at].trim_start()));
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

fn name(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// Whether `word` stands in the code with no letter, digit or `_` beside it.
fn mentions(code: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| {
        !inside(code[..at].chars().next_back()) && !inside(code[at + word.len()..].chars().next())
    })
}

/// Without `#[cfg(test)] mod … { … }`.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let after = &rest[at..];
        let end = after.find(['{', ';']).unwrap_or(after.len());
        if !after[end..].starts_with('{') {
            rest = &after[end..];
            continue;
        }
        let mut depth = 0;
        let close = after[end..].char_indices().find_map(|(index, character)| {
            depth += match character {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            (depth == 0).then_some(index)
        });
        rest = close.map_or("", |close| &after[end + close + 1..]);
    }
    out + rest
}

/// Without comments, and with empty strings and character literals.
fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let raw = || {
            let hashes = rest.strip_prefix('r')?.chars().take_while(|c| *c == '#').count();
            rest[1 + hashes..].starts_with('"').then_some(hashes)
        };
        let in_word = out.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw().filter(|_| !in_word) {
            out.push_str("\"\"");
            let close = format!("\"{}", "#".repeat(hashes));
            let open = 2 + hashes;
            rest[open..].find(&close).map_or(rest.len(), |end| open + end + close.len())
        } else if first == '"' {
            out.push_str("\"\"");
            1 + closing(&rest[1..], '"')
        } else if first == '\'' && is_character(rest) {
            1 + closing(&rest[1..], '\'')
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    out
}

/// Whether an apostrophe begins a character literal rather than a lifetime.
fn is_character(rest: &str) -> bool {
    let mut characters = rest.chars().skip(1);
    characters.next() == Some('\\') || characters.next() == Some('\'')
}

/// Where a literal ends, its closing quote included.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
