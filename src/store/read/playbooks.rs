//! `playbooks/<id>.toml`

use super::super::report::Report;
use super::super::wire::{At, playbook as wire};
use super::entry::{Recovery, document, entry};
use super::names::Names;
use super::{queries, values};
use crate::domain::Playbook;
use crate::domain::condition::Condition;
use crate::domain::playbook::{Done, QueryCondition, Step, Verify};

/// Reads one playbook. A playbook with an error is left out whole: a backout plan that lacks a
/// step is worse than none.
pub fn read(id: &str, report: &mut Report<'_>, text: &str, names: &Names) -> Option<Playbook> {
    let (value, _) = document(report, text, Recovery::Drop);
    let wire = entry::<wire::Playbook>(report, value?, "")?;
    let errors = report.errors();
    let target = values::maybe_span(report, wire.target.as_ref());
    let mut steps: Vec<Step> = Vec::new();
    for at in wire.steps {
        let Some(step) = step(report, at) else { continue };
        steps.push(step);
    }
    let done = wire.done.map(|wire| done(report, wire)).unwrap_or_default();
    if report.errors() > errors {
        return None;
    }
    if let Some(at) = &wire.service {
        names.service(report, &at.span, &at.value);
    }
    Some(Playbook {
        id: id.to_owned(),
        title: wire.title.map_or_else(|| id.to_owned(), values::prose),
        service: wire.service.map(|at| at.value),
        target,
        steps,
        done,
    })
}

fn step(report: &mut Report<'_>, at: At<wire::Step>) -> Option<Step> {
    let At { span, value: wire } = at;
    let id = values::word(report, &wire.id, "id")?;
    if wire.run.is_empty() && !wire.manual {
        report.error(
            &span,
            format!("the step `{id}` does nothing: write run = [\"program\", \"argument\"] or manual = true"),
        );
    }
    if !wire.run.is_empty() && wire.manual {
        report.error(&span, format!("the step `{id}` has both `run` and `manual`: leave one out"));
    }
    for argument in &wire.run {
        queries::check_templates(report, &span, argument, queries::PLAYBOOK);
    }
    let timeout = values::maybe_span(report, wire.timeout.as_ref());
    let verify = match wire.verify {
        Some(at) => Some(verify(report, at)?),
        None => None,
    };
    Some(Step {
        title: wire.title.map_or_else(|| id.clone(), values::prose),
        id,
        run: wire.run,
        timeout,
        repeatable: wire.repeatable,
        manual: wire.manual,
        no_return: wire.no_return,
        verify,
        env: wire.env,
    })
}

fn verify(report: &mut Report<'_>, at: At<wire::Verify>) -> Option<Verify> {
    let At { span, value: wire } = at;
    let timeout = values::maybe_span(report, wire.timeout.as_ref());
    let hold = values::maybe_span(report, wire.hold.as_ref());
    match (wire.query, wire.until, wire.run.is_empty()) {
        (Some(query), Some(until), true) => condition(report, None, &query, &until)
            .map(|condition| Verify::Query(QueryCondition { hold, timeout, ..condition })),
        (None, None, false) => {
            for argument in &wire.run {
                queries::check_templates(report, &span, argument, queries::PLAYBOOK);
            }
            Some(Verify::Run { run: wire.run, timeout })
        }
        _ => {
            let message = "`verify` needs { query = \"…\", until = \"< 0.01\" } or { run = [\"…\"] }";
            report.error(&span, message);
            None
        }
    }
}

fn done(report: &mut Report<'_>, wire: wire::Done) -> Done {
    let mut queries = Vec::new();
    for query in wire.queries {
        let hold = values::maybe_span(report, query.hold.as_ref());
        let timeout = values::maybe_span(report, query.timeout.as_ref());
        let condition = condition(report, query.name, &query.query, &query.until);
        queries.extend(condition.map(|condition| QueryCondition { hold, timeout, ..condition }));
    }
    Done { queries, versions: wire.versions }
}

fn condition(
    report: &mut Report<'_>,
    name: Option<String>,
    query: &At<String>,
    until: &At<String>,
) -> Option<QueryCondition> {
    queries::check(report, query, queries::PLAYBOOK);
    if let Err(message) = Condition::parse(&until.value) {
        report.error(&until.span, message);
        return None;
    }
    Some(QueryCondition {
        name: name.map(values::prose).unwrap_or_default(),
        query: query.value.clone(),
        until: until.value.clone(),
        hold: None,
        timeout: None,
    })
}
