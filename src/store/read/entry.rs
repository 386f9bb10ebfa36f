//! From a TOML document to the files' shapes, entry by entry.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::super::report::Report;
use super::super::wire::keys::{known, nearest};
use crate::domain::Safe;

/// A value with its place.
pub type Value<'text> = toml::Spanned<DeValue<'text>>;

/// Whether a file with a syntax error is used as far as it could be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// What was understood is used.
    Keep,
    /// Nothing of it is used.
    Drop,
}

/// Reads a document. The flag says whether it was understood to its end.
pub fn document<'text>(
    report: &mut Report<'_>,
    text: &'text str,
    recovery: Recovery,
) -> (Option<Value<'text>>, bool) {
    if recovery == Recovery::Drop {
        return match DeTable::parse(text) {
            Ok(table) => (Some(as_value(table)), true),
            Err(error) => {
                report.error(&error.span().unwrap_or(0..0), syntax(error.message()));
                (None, false)
            }
        };
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        report.error(&error.span().unwrap_or(0..0), syntax(error.message()));
    }
    (Some(as_value(table)), errors.is_empty())
}

fn as_value(table: toml::Spanned<DeTable<'_>>) -> Value<'_> {
    let span = table.span();
    toml::Spanned::new(span, DeValue::Table(table.into_inner()))
}

fn syntax(message: &str) -> String {
    format!("not TOML: {message}")
}

/// Reads one entry; what is wrong with it is reported, and then it is left out.
pub fn entry<T: DeserializeOwned>(report: &mut Report<'_>, value: Value<'_>, name: &str) -> Option<T> {
    strangers(report, &value, known::<T>(), name);
    let span = value.span();
    let mut track = serde_path_to_error::Track::new();
    let deserializer = ValueDeserializer::from(value);
    match T::deserialize(serde_path_to_error::Deserializer::new(deserializer, &mut track)) {
        Ok(entry) => Some(entry),
        Err(error) => {
            let path = path(&track.path());
            report.error(&error.span().unwrap_or(span), sentence(error.message(), &path, name));
            None
        }
    }
}

/// Says a word about keys that look like a slip of the hand.
pub fn strangers(report: &mut Report<'_>, value: &Value<'_>, known: &[&str], name: &str) {
    let DeValue::Table(table) = value.get_ref() else { return };
    for key in table.keys() {
        let word: &str = key.get_ref();
        if known.contains(&word) {
            continue;
        }
        if let Some(meant) = nearest(word, known.iter().copied()) {
            let place = if name.is_empty() { String::new() } else { format!(" in {name}") };
            let word = Safe::new(word);
            report.notice(&key.span(), format!("unknown key `{word}`{place}: did you mean `{meant}`?"));
        }
    }
}

/// Takes a table out of a document: `[name]`.
pub fn take_table<'text>(
    report: &mut Report<'_>,
    document: &mut DeTable<'text>,
    name: &str,
) -> Option<Value<'text>> {
    let value = document.remove(name)?;
    if value.get_ref().is_table() {
        return Some(value);
    }
    report.error(&value.span(), format!("found {}: [{name}] is a table", article(value.get_ref())));
    None
}

/// Takes a list of tables out of a document: `[[name]]`.
pub fn take_list<'text>(
    report: &mut Report<'_>,
    document: &mut DeTable<'text>,
    name: &str,
) -> Vec<Value<'text>> {
    let Some(value) = document.remove(name) else { return Vec::new() };
    let span = value.span();
    match value.into_inner() {
        DeValue::Array(list) => list.into_iter().collect(),
        other => {
            report.error(&span, format!("found {}: write [[{name}]], once for each", article(&other)));
            Vec::new()
        }
    }
}

/// The id of a raw entry, broken or not.
pub fn raw_id(value: &Value<'_>) -> Option<String> {
    value.get_ref().as_table()?.get("id")?.get_ref().as_str().map(str::to_owned)
}

fn article(value: &DeValue<'_>) -> String {
    let name = value.type_str();
    if name.starts_with(['a', 'i']) { format!("an {name}") } else { format!("a {name}") }
}

/// The path inside the entry, without the marks that serde's spans leave.
fn path(path: &serde_path_to_error::Path) -> String {
    let mut out = String::new();
    for segment in path {
        let part = segment.to_string();
        if part.contains("$__") || part == "?" {
            continue;
        }
        if !part.starts_with('[') && !out.is_empty() {
            out.push('.');
        }
        out.push_str(&part);
    }
    out
}

/// What serde says, in the words that people read.
fn sentence(message: &str, path: &str, name: &str) -> String {
    let place = match (path.is_empty(), name.is_empty()) {
        (false, _) => format!("`{}`: ", Safe::new(path)),
        (true, false) => format!("{name}: "),
        (true, true) => String::new(),
    };
    let message = ["u8", "u32", "i64", "u64"].iter().fold(message.to_owned(), |message, kind| {
        message.replace(&format!("expected {kind}"), "expected a whole number")
    });
    let message = message.replace("expected f64", "expected a number");
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("{place}{field} is missing");
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        return format!("{place}found {rest}");
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return format!("{place}found {rest}");
    }
    format!("{place}{message}")
}

/// A span that no value has: the file's beginning.
pub fn nowhere() -> Range<usize> {
    0..0
}
