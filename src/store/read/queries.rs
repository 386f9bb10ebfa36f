//! PromQL in files: it must parse once its templates are filled in.

use std::ops::Range;

use super::super::report::Report;
use super::super::wire::At;
use crate::domain::Safe;
use crate::domain::template::unknown_in;

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
    if let Some(problem) = unknown_in(&at.value, templates) {
        report.error(&at.span, problem);
        return;
    }
    let query = filled(&at.value);
    let shape = shape(&query);
    if report.good_queries.contains(&shape) {
        return;
    }
    match promql_parser::parser::parse(&query) {
        Ok(_) => {
            report.good_queries.insert(shape);
        }
        Err(error) => {
            let error = Safe::new(error.trim().replace('\n', " "));
            // Who answers the query decides: there are dialects, and newer ones than we can read.
            let mend = "correct it, or leave it if who answers it understands it";
            report.notice(&at.span, format!("not PromQL: {error}: {mend}"));
        }
    }
}

/// The query with the plain values of its labels left out: they cannot make it wrong.
fn shape(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while let Some(start) = rest.find("=\"") {
        let value = &rest[start + 2..];
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
        let length = value.bytes().take_while(|byte| is_plain(*byte)).count();
        out.push_str(&rest[..start + 2]);
        rest = if value[length..].starts_with('"') { &value[length..] } else { value };
    }
    out.push_str(rest);
    out
}

/// Says which templates in a text nothing would fill in.
pub fn check_templates(report: &mut Report<'_>, span: &Range<usize>, text: &str, templates: &[&str]) {
    if let Some(problem) = unknown_in(text, templates) {
        report.error(span, problem);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(query: &str) -> Vec<String> {
        let mut report = Report::new("tminus.toml", query);
        check(&mut report, &At { span: 0..query.len(), value: query.to_owned() }, METRIC);
        report.finish().into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn templates_may_stand_where_values_do() {
        for query in [
            r#"sum(rate(http_requests_total{service="{{service}}",code=~"5.."}[{{window}}]))"#,
            r#"histogram_quantile(0.95, sum by (le) (rate(x_bucket{v="{{ version }}"}[5m])))"#,
        ] {
            assert_eq!(problems(query), Vec::<String>::new(), "{query}");
        }
    }

    #[test]
    fn what_cannot_be_read_as_promql_is_left_to_who_answers_it() {
        let mut report = Report::new("tminus.toml", "…");
        check(&mut report, &At { span: 0..3, value: "…".to_owned() }, METRIC);
        let severities: Vec<_> = report.finish().into_iter().map(|problem| problem.severity).collect();
        assert_eq!(severities, [crate::domain::Severity::Notice]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(problems("sum(rate(x[5m])")[0].starts_with("not PromQL"));
        assert!(problems("x{v=\"{{verison}}\"}")[0].contains("did you mean {{version}}?"));
        assert!(problems("x{v=\"{{version\"}")[0].contains("without `}}`"));
        assert!(problems(r#"x{v=~"("}"#)[0].starts_with("not PromQL"));
    }

    #[test]
    fn only_plain_values_are_left_out_of_a_shape() {
        assert_eq!(
            shape(r#"x{a="one",b=~"5..",c="d e",d="\"",e=""}"#),
            r#"x{a="",b=~"5..",c="d e",d="\"",e=""}"#
        );
    }
}
