//! What collides with the selected stage, and what the windows say of it, as rows of the details.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::app::State;
use crate::app::calendar::details::{Row, Said};
use crate::app::calendar::{Selected, words};
use crate::domain::conflicts::{Conflict, Severity};
use crate::domain::decision::{Decision, FreezeAnswer, Subject, Verdict, decide};
use crate::domain::{Release, Stage};

use super::{Judgement, Standing, standing};

/// What the windows say of a stage, kept while neither the stage nor the plan changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    release: String,
    stage: Stage,
    judgement: Judgement,
    zone: Tz,
    rows: Vec<Row>,
}

/// After every message: asks the windows about the selected stage where it is another.
pub fn weigh(state: &mut State) {
    let Some((release, stage)) = selected(state) else {
        state.calendar.conflicts.weighed = None;
        return;
    };
    let Some(judgement) = state.calendar.conflicts.judgement.as_ref() else { return };
    let is_known = state.calendar.conflicts.weighed.as_ref().is_some_and(|it| {
        it.release == release.id && it.stage == *stage && it.judgement == *judgement && it.zone == state.zone
    });
    if is_known {
        return;
    }
    let rows =
        if release.is_live() { what_windows_say(state, judgement, release, stage) } else { Vec::new() };
    let (release, stage) = (release.id.clone(), stage.clone());
    let weighed = Weighed { release, stage, judgement: judgement.clone(), zone: state.zone, rows };
    state.calendar.conflicts.weighed = Some(weighed);
}

/// The rows about one stage: what the windows say where it is the selected one, then what collides,
/// each with one way out.
pub fn rows(state: &State, release: &Release, stage: usize) -> Vec<Row> {
    if !release.is_live() {
        return Vec::new();
    }
    let is_selected = matches!(&state.calendar.selected,
        Some(Selected::Stage { release: id, stage: index }) if *id == release.id && *index == stage);
    let conflicts = &state.calendar.conflicts;
    let Some(judgement) = &conflicts.judgement else {
        let row = vec![("  ◌ what collides is not known yet".to_owned(), Said::Unknown)];
        return if is_selected { vec![row] } else { Vec::new() };
    };
    let found: Vec<&Conflict> = match &conflicts.trial {
        Some(trial) if trial.release.id == release.id => trial.of_stage(stage).collect(),
        _ => judgement.of_stage(&release.id, stage).collect(),
    };
    let mut rows = Vec::new();
    if is_selected && conflicts.trial.is_none() {
        let weighed = conflicts.weighed.as_ref().filter(|weighed| weighed.release == release.id);
        rows.extend(weighed.map(|weighed| weighed.rows.clone()).unwrap_or_default());
    }
    for conflict in found {
        let (sign, said) = match conflict.severity() {
            Severity::Block => ("✖", Said::Bad),
            Severity::Warn => ("▲", Said::Attention),
        };
        if is_selected {
            rows.push(vec![(format!("  {sign} {}", told_of(conflict, &release.id)), said)]);
            rows.push(vec![(format!("    → {}", conflict.way_out), Said::Dim)]);
        } else {
            let with = conflict.with.join(", ");
            rows.push(vec![(format!("  {sign} {} {with}", conflict.code.word()), said)]);
        }
    }
    if is_selected && standing(state) == Standing::Behind {
        rows.push(vec![("  ≈ judged before the last change".to_owned(), Said::Stale)]);
    }
    rows
}

/// A conflict's sentence beside the release it is told of, whose name need not be said again.
pub fn told_of<'a>(conflict: &'a Conflict, release: &str) -> &'a str {
    without_subject(&conflict.message, release)
}

/// A sentence about a release's stage without naming it: `lies in the freeze …`.
pub fn without_subject<'a>(sentence: &'a str, release: &str) -> &'a str {
    let rest = sentence.strip_prefix(release).and_then(|rest| rest.strip_prefix(" ("));
    rest.and_then(|rest| rest.split_once(") ")).map_or(sentence, |(_, rest)| rest)
}

fn selected(state: &State) -> Option<(&Release, &Stage)> {
    let Some(Selected::Stage { release, stage }) = &state.calendar.selected else { return None };
    let release = state.workspace.release(release)?;
    Some((release, release.stages.get(*stage)?))
}

fn what_windows_say(state: &State, judgement: &Judgement, release: &Release, stage: &Stage) -> Vec<Row> {
    let subject = Subject::of(release, stage);
    let almanac = judgement.checker().almanac();
    let decision = decide(almanac, &subject, stage.start, stage.end, stage.soak);
    let at = |instant: DateTime<Utc>| words::span(instant, instant, stage.time_zone, state.now.wall);
    let row = match decision.verdict {
        Verdict::Deny => {
            let next = decision.next.map_or_else(
                || "no opening within 400 days".to_owned(),
                |next| format!("next opening {}", at(next)),
            );
            vec![(format!("  ✖ {}; {next}", denial(&decision, &at)), Said::Bad)]
        }
        Verdict::AllowByException => {
            let excepted = decision.freezes.iter().find_map(|frozen| match frozen.answer {
                FreezeAnswer::Excepted(exception) => Some((frozen, exception)),
                _ => None,
            });
            let words = excepted.map_or_else(String::new, |(frozen, exception)| {
                let until = at(exception.expires);
                format!("  ▲ passes {} by exception of {} until {until}", frozen.window.title, exception.by)
            });
            vec![(words, Said::Attention)]
        }
        Verdict::Allow => match decision.opening {
            Some((window, occurrence)) => {
                vec![(format!("  ● inside {} until {}", window.title, at(occurrence.end)), Said::Good)]
            }
            None => return Vec::new(),
        },
    };
    vec![row]
}

/// `denied by Year-end close until Mon 4 Jan 06:00 CET`
fn denial(decision: &Decision<'_>, at: &impl Fn(DateTime<Utc>) -> String) -> String {
    if let Some(frozen) = decision.denying().max_by_key(|frozen| frozen.occurrence.end) {
        let hard = if frozen.window.hard { " (hard: no exception passes)" } else { "" };
        return format!("denied by {}{hard} until {}", frozen.window.title, at(frozen.occurrence.end));
    }
    let titles: Vec<&str> = decision.openings.iter().map(|it| it.title.as_str()).collect();
    format!("outside {}", titles.join(", "))
}
