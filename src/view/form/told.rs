//! What the release of a form would collide with, in as much room as there is.

use crate::app::calendar::conflicts::{Standing, counts};
use crate::app::form::{Entry, Telling};
use crate::domain::conflicts::Severity;
use crate::theme::Role;
use crate::view::calendar::conflicts::sign;
use crate::view::canvas::wrapped;

/// A row and its look.
pub type Line = (String, Role);

/// How much is told of each thing that collides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// The rule, where and when.
    Heads,
    /// With what and for how long too.
    Words,
    /// And one way out.
    WaysOut,
}

/// All of it, each with its way out.
pub fn whole(telling: &Telling<'_>, width: usize) -> Vec<Line> {
    lines(telling, width, Detail::WaysOut)
}

/// As much of it as so many rows hold: the ways out go first, then the sentences, then what is
/// last; that there is more is said.
pub fn fitting(telling: &Telling<'_>, width: usize, rows: usize) -> Vec<Line> {
    for detail in [Detail::WaysOut, Detail::Words, Detail::Heads] {
        let lines = lines(telling, width, detail);
        if lines.len() <= rows {
            return lines;
        }
    }
    let mut lines = lines(telling, width, Detail::Heads);
    let kept = rows.saturating_sub(1);
    let hidden = lines.len() - kept;
    lines.truncate(kept);
    lines.push((format!("… {hidden} more: a taller terminal shows them"), Role::Dim));
    lines
}

/// All of it in one row: how many, and the first.
pub fn summary(telling: &Telling<'_>) -> Line {
    let (text, role) = heading(telling);
    let first = match telling.entries.first() {
        Some(entry) => format!("  {}: {}", entry.conflict.code.word(), entry.words),
        None => String::new(),
    };
    (format!("{text}{first}"), role)
}

/// `✖ 1 block  ▲ 2 warnings  ◌ not all is known`
fn heading(telling: &Telling<'_>) -> Line {
    let (blocks, warnings) = counts(telling.entries.iter().map(|entry| entry.conflict));
    let mut parts = Vec::new();
    for (count, word, severity) in [(blocks, "block", Severity::Block), (warnings, "warning", Severity::Warn)]
    {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            parts.push(format!("{} {count} {word}{plural}", sign(severity).0));
        }
    }
    if let Some(worst) = telling.worst() {
        if !telling.unknown.is_empty() {
            parts.push("◌ not all is known".to_owned());
        }
        if telling.standing == Standing::Behind {
            parts.push("≈ the plan is being judged anew".to_owned());
        }
        return (parts.join("  "), sign(worst).1);
    }
    // What is not known is never shown as clear.
    match telling.unknown.as_slice() {
        [] if telling.standing == Standing::Behind => {
            ("≈ nothing collides as of before the last change".to_owned(), Role::Stale)
        }
        [] => ("● nothing collides".to_owned(), Role::Good),
        [one] => (format!("◌ {one}"), Role::Unknown),
        [first, rest @ ..] => (format!("◌ {first}, and {} more", rest.len()), Role::Unknown),
    }
}

fn lines(telling: &Telling<'_>, width: usize, detail: Detail) -> Vec<Line> {
    let mut lines = Vec::new();
    if !telling.entries.is_empty() || telling.unknown.is_empty() {
        lines.push(heading(telling));
    }
    for entry in &telling.entries {
        of_entry(entry, width, detail, &mut lines);
    }
    for unknown in &telling.unknown {
        push(&mut lines, "◌ ", unknown, Role::Unknown, width);
    }
    lines
}

fn of_entry(entry: &Entry<'_>, width: usize, detail: Detail, lines: &mut Vec<Line>) {
    let (sign, role) = sign(entry.conflict.severity());
    push(lines, &format!("{sign} "), &entry.head, role, width);
    if detail != Detail::Heads {
        push(lines, "  ", entry.words, Role::Text, width);
    }
    if detail == Detail::WaysOut {
        push(lines, "  → ", &entry.conflict.way_out, Role::Dim, width);
    }
}

/// Adds a text in as many rows as it needs, the later ones under the first.
fn push(lines: &mut Vec<Line>, mark: &str, text: &str, role: Role, width: usize) {
    let before = mark.chars().count();
    for (number, line) in wrapped(text, width.saturating_sub(before)).into_iter().enumerate() {
        let lead = if number == 0 { mark.to_owned() } else { " ".repeat(before) };
        lines.push((format!("{lead}{line}"), role));
    }
}
