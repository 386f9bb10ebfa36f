//! What is wrong with one file, as a compiler would show it.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::domain::{Problem, Safe, Severity};

/// More problems than this in one file help nobody.
const MAX_PROBLEMS: usize = 40;
/// A source line longer than this is cut around the place.
const MAX_LINE: usize = 1000;

/// Collects the problems of one file.
pub struct Report<'text> {
    file: PathBuf,
    text: &'text str,
    problems: Vec<Problem>,
    /// Shapes of queries that were found good in this file: hundreds of services ask alike.
    pub good_queries: HashSet<String>,
}

impl<'text> Report<'text> {
    /// For a file (relative to the workspace) with this text.
    pub fn new(file: impl Into<PathBuf>, text: &'text str) -> Self {
        Self { file: file.into(), text, problems: Vec::new(), good_queries: HashSet::new() }
    }

    /// Something could not be used.
    pub fn error(&mut self, span: &Range<usize>, message: impl AsRef<str>) {
        self.push(Severity::Error, span, message.as_ref());
    }

    /// Something was used, and should be known.
    pub fn notice(&mut self, span: &Range<usize>, message: impl AsRef<str>) {
        self.push(Severity::Notice, span, message.as_ref());
    }

    /// How many errors there are; notices do not count.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// All of them, in the order of the file.
    pub fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }

    fn push(&mut self, severity: Severity, span: &Range<usize>, message: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(place(severity, &self.file, self.text, span, message));
        }
    }
}

/// A problem of a file as a whole.
pub fn whole_file(severity: Severity, file: &Path, message: &str) -> Problem {
    let message = Safe::new(message).to_string();
    let name = Safe::new(file.to_string_lossy()).to_string();
    let group = level(severity).primary_title(message.as_str()).element(Origin::path(name));
    let rendered = Renderer::plain().render(&[group]);
    Problem { severity, file: file.to_owned(), line: 0, column: 0, message, rendered }
}

/// A problem at a place of a text (a range of bytes).
pub fn place(severity: Severity, file: &Path, text: &str, span: &Range<usize>, message: &str) -> Problem {
    let start = floor(text, span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let line = text[..line_start].matches('\n').count() + 1;
    let column = text[line_start..start].chars().count() + 1;
    let end = floor(text, span.end).clamp(start, line_end);

    let (shown, pointed) = excerpt(&text[line_start..line_end], start - line_start..end - line_start);
    let message = Safe::new(message).to_string();
    let name = Safe::new(file.to_string_lossy()).to_string();
    let snippet =
        Snippet::source(shown).line_start(line).path(name).annotation(AnnotationKind::Primary.span(pointed));
    let rendered =
        Renderer::plain().render(&[level(severity).primary_title(message.as_str()).element(snippet)]);
    Problem {
        severity,
        file: file.to_owned(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        message,
        rendered,
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Notice => Level::NOTE.with_name("notice"),
    }
}

/// The line as it may be shown, and the range in it that is pointed at.
fn excerpt(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let mut from = floor(line, span.start.saturating_sub(MAX_LINE / 2));
    if line.len() <= MAX_LINE {
        from = 0;
    }
    let to = floor(line, (from + MAX_LINE).min(line.len()));
    let mut shown = String::with_capacity(to - from);
    let mut pointed = 0..0;
    let masked = secret(line);
    for (offset, character) in line[from..to].char_indices().map(|(at, c)| (at + from, c)) {
        if offset == span.start {
            pointed.start = shown.len();
        }
        if offset == span.end {
            pointed.end = shown.len();
        }
        // What would move the pointer, or the terminal, is shown as one dull column.
        let dull = character.is_control() || Safe::new(character.to_string()).as_str().chars().count() != 1;
        match character {
            '\r' if offset + 1 == line.len() => {}
            _ if masked.as_ref().is_some_and(|masked| masked.contains(&offset)) => shown.push('*'),
            '\t' => shown.push(' '),
            _ if dull => shown.push('\u{fffd}'),
            _ => shown.push(character),
        }
    }
    if span.start >= to {
        pointed.start = shown.len();
    }
    if span.end >= to || pointed.end < pointed.start {
        pointed.end = shown.len().max(pointed.start);
    }
    (shown, pointed)
}

/// Where in a line a literal secret may stand: it must not be shown even when it is what is wrong.
fn secret(line: &str) -> Option<Range<usize>> {
    let (key, value) = line.split_once('=')?;
    let offset = line.len() - value.len();
    let key = key.to_ascii_lowercase();
    let is_secret = |name: &str| {
        ["token", "password", "secret", "authorization", "api-key", "api_key", "apikey", "cookie", "headers"]
            .iter()
            .any(|word| name.contains(word))
    };
    if is_secret(&key) && !value.trim_start().starts_with('{') {
        return Some(offset..line.len());
    }
    if is_secret(&key) || is_secret(&value.to_ascii_lowercase()) {
        let inner = value.find(['"', '\'']).map_or(value.len(), |at| at + 1);
        let known = ["env", "file", "command", "keyring"];
        let sources = value.trim_start().strip_prefix('{').map(str::trim_start);
        if sources.is_some_and(|rest| known.iter().any(|word| rest.starts_with(word))) {
            return None;
        }
        return Some(offset + inner..line.len());
    }
    if let Some(at) = value.find("://") {
        let host = &value[at + 3..];
        let stop = host.find(['/', '"', '\'', ' ']).unwrap_or(host.len());
        if let Some(user) = host[..stop].rfind('@') {
            return Some(offset + at + 3..offset + at + 3 + user);
        }
    }
    None
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, needle: &str, message: &str) -> Problem {
        let start = text.find(needle).unwrap();
        place(Severity::Error, Path::new("tminus.toml"), text, &(start..start + needle.len()), message)
    }

    #[test]
    fn it_points_at_the_place() {
        let problem = at("a = 1\nbé = 7 # x\n", "7", "found 7, expected a string");
        assert_eq!((problem.line, problem.column), (2, 6));
        insta::assert_snapshot!(problem.rendered, @r"
        error: found 7, expected a string
         --> tminus.toml:2:6
          |
        2 | bé = 7 # x
          |      ^
        ");
    }

    #[test]
    fn a_secret_is_never_shown() {
        for line in [
            "token = \"hunter2\"",
            "token=hunter2",
            "headers = { Authorization = \"Bearer hunter2\" }",
            "Authorization = 'Bearer hunter2'",
            "url = \"https://mira:hunter2@example.com/x\"",
            "{ token = 'hunter2'",
        ] {
            let problem = at(line, "hunter2", "no");
            assert!(!problem.rendered.contains("hunter2"), "{}", problem.rendered);
        }
        let problem = at("token = { env = \"JIRA_TOKEN\" }", "JIRA_TOKEN", "no");
        assert!(problem.rendered.contains("JIRA_TOKEN"), "{}", problem.rendered);
    }

    #[test]
    fn nothing_on_a_line_can_control_the_terminal() {
        let problem = at("a = \"\x1b[31m\u{202e}x\"\r\n", "x", "an \x1b escape");
        assert!(problem.rendered.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", problem.rendered);
        assert!(!problem.rendered.contains('\u{202e}'));
    }

    #[test]
    fn a_long_line_and_the_end_of_a_file_are_survived() {
        let text = format!("a = \"{}é", "é".repeat(5000));
        for start in [0, 17, text.len() - 1, text.len(), text.len() + 10] {
            let problem = place(Severity::Error, Path::new("x"), &text, &(start..start + 5), "m");
            assert!(problem.rendered.len() < 8000);
        }
    }
}
