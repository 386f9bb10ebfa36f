//! PromQL in files: it must parse once its templates are filled in.

use std::ops::Range;

use super::super::report::Report;
use super::super::wire::At;
use super::super::wire::keys::nearest;
use crate::domain::Safe;

/// What a metric's query may hold.
pub const METRIC: &[&str] = &["environment", "region", "version", "service", "window"];
/// What an objective's query may hold.
pub const OBJECTIVE: &[&str] = &["window", "service", "environment", "region", "version"];
/// What an environment's query may hold.
pub const VERSIONS: &[&str] = &["environment", "region"];
/// What a playbook may hold.
pub const PLAYBOOK: &[&str] =
    &["environment", "region", "version", "previous", "service", "release", "window"];

/// Says what is wrong with a query, if anything is.
pub fn check(report: &mut Report<'_>, at: &At<String>, templates: &[&str]) {
    if let Some(problem) = templates_of(&at.value, templates) {
        report.error(&at.span, problem);
        return;
    }
    if let Err(error) = promql_parser::parser::parse(&filled(&at.value)) {
        let error = Safe::new(error.trim().replace('\n', " "));
        report.error(&at.span, format!("not PromQL: {error}"));
    }
}

/// Says which templates in a text nothing would fill in.
pub fn check_templates(report: &mut Report<'_>, span: &Range<usize>, text: &str, templates: &[&str]) {
    if let Some(problem) = templates_of(text, templates) {
        report.error(span, problem);
    }
}

fn templates_of(text: &str, templates: &[&str]) -> Option<String> {
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else {
            return Some("`{{` without `}}`: write {{name}}".to_owned());
        };
        let name = rest[start + 2..start + length].trim();
        if !templates.contains(&name) {
            let shown = Safe::new(name);
            let hint = match nearest(name, templates.iter().copied()) {
                Some(meant) => format!("did you mean {{{{{meant}}}}}?"),
                None => format!("known are {}", templates.join(", ")),
            };
            return Some(format!("unknown template {{{{{shown}}}}}: {hint}"));
        }
        rest = &rest[start + length + 2..];
    }
    None
}

/// The query as it would be asked, with values that fit anywhere.
fn filled(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else { break };
        out.push_str(&rest[..start]);
        out.push_str(if rest[start + 2..start + length].trim() == "window" { "5m" } else { "x" });
        rest = &rest[start + length + 2..];
    }
    out.push_str(rest);
    out
}
