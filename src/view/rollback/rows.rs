//! A plan as rows of text, a block for each thing that can be selected.

use unicode_width::UnicodeWidthStr;

use super::text::{Block, Blocks, End, Row, fold, labelled, pad, wrap};

use crate::app::State;
use crate::app::rollback::Plan;
use crate::app::rollback::plan::{Estimate, Knowledge, Move, Source};
use crate::app::rollback::problem::Gravity;
use crate::domain::backout::{StepPlan, shell_words};
use crate::domain::format::{self, duration};
use crate::domain::question::VersionShare;
use crate::theme::Role;
use crate::view::canvas::cut;

/// A plan's rows at a width, a block an item of [`crate::app::rollback::item::items`].
pub fn blocks(plan: &Plan, state: &State, width: u16) -> Vec<Block> {
    let width = usize::from(width);
    let mut blocks = Blocks::default();
    table(&mut blocks, plan, state, width);
    problems(&mut blocks, plan, width);
    let mut wave = None;
    for going in &plan.moves {
        blocks.lead.push(Row::blank());
        if plan.backout.waves.len() > 1 && wave != Some(going.wave) {
            let hint = if going.wave == 0 {
                "  what needs others goes first"
            } else {
                "  once the wave before is verified"
            };
            let title = format!("WAVE {}", going.wave + 1);
            blocks.lead.push(Row::of(&[(&title, Role::Dim), (hint, Role::Dim)]));
        }
        wave = Some(going.wave);
        steps(&mut blocks, going, &plan.knowledge, width);
    }
    blocks.end()
}

struct Columns {
    wave: usize,
    service: usize,
    now: usize,
    to: usize,
}

fn table(blocks: &mut Blocks, plan: &Plan, state: &State, width: usize) {
    let cells: Vec<_> = plan.moves.iter().map(|going| (now(going, plan), back_to(going, state))).collect();
    let widest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let mut columns = Columns {
        wave: if plan.backout.waves.len() > 1 { 6 } else { 0 },
        service: widest(&mut plan.moves.iter().map(|going| going.plan.service.width())).clamp(7, 24) + 2,
        now: widest(&mut cells.iter().map(|((text, _), _)| text.width())).clamp(8, 30) + 2,
        to: widest(&mut cells.iter().map(|(_, (text, dim, _))| text.width() + dim.width() + 2)).clamp(7, 40)
            + 2,
    };
    let fixed = 2 + columns.wave + columns.service + columns.now + 10;
    columns.to = columns.to.min(width.saturating_sub(fixed).max(10));
    let heading = format!(
        "  {}{}{}{}playbook",
        pad(if columns.wave > 0 { "wave" } else { "" }, columns.wave),
        pad("service", columns.service),
        pad("runs now", columns.now),
        pad("back to", columns.to)
    );
    blocks.lead.push(Row::of(&[(&heading, Role::Dim)]));
    for (going, ((now, now_role), (to, source, to_role))) in plan.moves.iter().zip(cells) {
        let wave = if columns.wave > 0 { (going.wave + 1).to_string() } else { String::new() };
        let (book, book_role) = match (&going.plan.playbook, going.plan.steps.len()) {
            (None, _) => ("✖ none".to_owned(), Role::Bad),
            (Some(_), 1) => ("1 step".to_owned(), Role::Text),
            (Some(_), count) => (format!("{count} steps"), Role::Text),
        };
        let version = cut(&to, columns.to.saturating_sub(2)).into_owned();
        let rest = columns.to.saturating_sub(version.width());
        blocks.push(vec![Row {
            left: vec![
                (format!("  {}", pad(&wave, columns.wave)), Role::Dim),
                (pad(&going.plan.service, columns.service), Role::Text),
                (pad(&now, columns.now), now_role),
                (version, to_role),
                (pad(&format!("  {source}"), rest), Role::Dim),
                (book, book_role),
            ],
            right: None,
        }]);
    }
    blocks.below(after(plan, width));
}

/// What every instance runs at the end, and what stays as it is beside it.
fn after(plan: &Plan, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let known: Vec<String> = plan
        .moves
        .iter()
        .filter_map(|going| going.plan.to.as_ref().map(|to| format!("{} {}", going.plan.service, to.version)))
        .collect();
    let label = 12;
    if known.len() == plan.moves.len() && !known.is_empty() {
        rows.push(Row::blank());
        labelled(
            &mut rows,
            "after",
            &format!("every instance runs {}", known.join(", ")),
            label,
            width,
            Role::Text,
        );
    }
    if !plan.beside.is_empty() {
        let stale = matches!(plan.knowledge, Knowledge::Stale { .. });
        let stays: Vec<String> = plan
            .beside
            .iter()
            .map(|(service, shares)| match shares.as_slice() {
                [] => format!("{service} ◌ unknown"),
                shares if stale => format!("{service} ≈ {}", versions(shares)),
                shares => format!("{service} {}", versions(shares)),
            })
            .collect();
        if rows.is_empty() {
            rows.push(Row::blank());
        }
        labelled(&mut rows, "stays", &stays.join(", "), label, width, Role::Dim);
    }
    for barrier in &plan.backout.barriers {
        let words = format!("  ▲ no way back once {} has done: {}", barrier.service, barrier.title);
        rows.push(Row::of(&[(&words, Role::Attention)]));
    }
    let fresh = matches!(plan.knowledge, Knowledge::Fresh { .. });
    if plan.problems.is_empty() && fresh {
        rows.push(Row::of(&[("  ● nothing is missing", Role::Good)]));
    }
    let estimate = plan.estimate();
    if plan.moves.len() > 1 && plan.moves.iter().any(|going| !going.plan.steps.is_empty()) {
        let words = format!("all in a row: {}", bound(estimate));
        labelled(&mut rows, "takes", &words, label, width, Role::Dim);
    }
    rows
}

fn problems(blocks: &mut Blocks, plan: &Plan, width: usize) {
    for (place, problem) in plan.problems.iter().enumerate() {
        if place == 0 {
            blocks.lead.push(Row::blank());
            let grave = plan.problems.iter().any(|problem| problem.gravity < Gravity::Attention);
            blocks.lead.push(Row::of(&[(if grave { "MISSING" } else { "TO KNOW" }, Role::Dim)]));
        }
        let (mark, role) = match problem.gravity {
            Gravity::Bad => ("✖", Role::Bad),
            Gravity::Unknown => ("◌", Role::Unknown),
            Gravity::Attention => ("▲", Role::Attention),
        };
        let what = problem.what.as_str();
        let mend = problem.mend.as_str();
        if what.width() + mend.width() + 10 <= width {
            blocks.push(vec![Row::of(&[
                ("  ", Role::Text),
                (mark, role),
                (" ", role),
                (what, Role::Text),
                ("  → ", Role::Dim),
                (mend, Role::Accent),
            ])]);
            continue;
        }
        let mut rows = Vec::new();
        for (index, line) in wrap(what, width.saturating_sub(4)).into_iter().enumerate() {
            let mark = if index == 0 { mark } else { " " };
            rows.push(Row::of(&[("  ", Role::Text), (mark, role), (" ", role), (&line, Role::Text)]));
        }
        for (index, line) in wrap(mend, width.saturating_sub(6)).into_iter().enumerate() {
            let arrow = if index == 0 { "    → " } else { "      " };
            rows.push(Row::of(&[(arrow, Role::Dim), (&line, Role::Accent)]));
        }
        blocks.push(rows);
    }
}

fn steps(blocks: &mut Blocks, going: &Move, knowledge: &Knowledge, width: usize) {
    let to = going.plan.to.as_ref().map_or("◌ unknown", |to| to.version.as_str());
    let title = format!("{} {} → {to}", going.plan.service, going.plan.from);
    let right = (!going.plan.steps.is_empty()).then(|| {
        let estimate = going.estimate;
        match going.objective {
            Some(objective) if estimate.at_most > objective => {
                (format!("▲ {}, objective {}", bound(estimate), duration(objective)), Role::Attention)
            }
            Some(objective) => (format!("{}, objective {}", bound(estimate), duration(objective)), Role::Dim),
            None => (bound(estimate), Role::Dim),
        }
    });
    blocks.lead.push(Row { left: vec![(title, Role::Title)], right });
    if going.is_back() {
        blocks.lead.push(match knowledge {
            Knowledge::Fresh { .. } => Row::of(&[("  ● it runs there already", Role::Good)]),
            _ => Row::of(&[("  ≈ it ran there already when last seen", Role::Stale)]),
        });
    }
    if going.plan.steps.is_empty() {
        let words = if going.plan.playbook.is_some() {
            "its playbook has no step"
        } else {
            "no playbook: no known way"
        };
        blocks.lead.push(Row::of(&[("  ✖ ", Role::Bad), (words, Role::Text)]));
    }
    for (place, step) in going.plan.steps.iter().enumerate() {
        blocks.push(step_rows(place, step, width));
        if step.no_return {
            blocks.below(vec![barrier(width)]);
        }
    }
    for (place, words) in going.plan.done.iter().enumerate() {
        let label = if place == 0 { "done when" } else { "" };
        let mut rows = Vec::new();
        labelled(&mut rows, label, words, 14, width, Role::Text);
        blocks.push(rows);
    }
}

fn step_rows(place: usize, step: &StepPlan, width: usize) -> Vec<Row> {
    let mut notes = Vec::new();
    if let Some(timeout) = step.timeout {
        notes.push(duration(timeout));
    }
    if step.repeatable {
        notes.push("repeatable".to_owned());
    }
    let right = (!notes.is_empty()).then(|| (notes.join(" · "), Role::Dim));
    let number = format!("  {:>2}  ", place + 1);
    let mut rows = vec![Row { left: vec![(number, Role::Dim), (step.title.to_string(), Role::Text)], right }];
    if step.argv.is_empty() {
        rows.push(Row::of(&[
            ("      ▲ by hand", Role::Attention),
            ("  a person does it and says so", Role::Dim),
        ]));
    } else {
        rows.extend(command_rows(&step.argv, 6, width));
    }
    if let Some(verify) = &step.verify {
        labelled(&mut rows, "    then see", verify, 16, width, Role::Dim);
    }
    rows
}

/// A command over as many rows as it takes, broken between its words, where a shell goes on
/// reading after a `\`.
fn command_rows(argv: &[String], indent: usize, width: usize) -> Vec<Row> {
    let room = width.saturating_sub(indent + 4).max(8);
    let words: Vec<String> = argv.iter().map(|word| shell_words(std::slice::from_ref(word))).collect();
    let lines = fold(&words, room);
    let last = lines.len().saturating_sub(1);
    let row = |(index, (text, end)): (usize, (String, End))| {
        let prompt = if index == 0 { "$ " } else { "  " };
        let prompt = format!("{}{prompt}", " ".repeat(indent));
        let more = if index < last && end == End::Between { " \\" } else { "" };
        Row::of(&[(&prompt, Role::Dim), (&text, Role::Accent), (more, Role::Dim)])
    };
    lines.into_iter().enumerate().map(row).collect()
}

fn barrier(width: usize) -> Row {
    let words = " ▲ no way back after this step: data after this point is lost ";
    let line = width.saturating_sub(words.width() + 2);
    let (before, after) = (line / 2, line - line / 2);
    let text = format!("  {}{words}{}", "─".repeat(before), "─".repeat(after));
    Row::of(&[(&text, Role::Attention)])
}

fn bound(estimate: Estimate) -> String {
    match estimate {
        Estimate { at_most, open: 0 } => format!("at most {}", duration(at_most)),
        Estimate { at_most, open } if at_most.is_zero() => {
            format!("no bound: {open} without a timeout")
        }
        Estimate { at_most, open } => {
            format!("at most {}, but for {open} without a timeout", duration(at_most))
        }
    }
}

fn now(going: &Move, plan: &Plan) -> (String, Role) {
    let stale = matches!(plan.knowledge, Knowledge::Stale { .. });
    match (&going.plan.running, &plan.knowledge) {
        (None, Knowledge::Loading) => ("…".to_owned(), Role::Dim),
        (None, _) => ("◌ unknown".to_owned(), Role::Unknown),
        (Some(shares), _) if shares.is_empty() => ("◌ nothing".to_owned(), Role::Unknown),
        (Some(shares), _) if stale => (format!("≈ {}", versions(shares)), Role::Stale),
        (Some(shares), _) => (versions(shares), Role::Text),
    }
}

/// `4.2.0`, or `4.2.0 25 %, 4.1.3 75 %`.
fn versions(shares: &[VersionShare]) -> String {
    match shares {
        [only] => only.version.to_string(),
        many => {
            let percent = |share: &VersionShare| format!("{} {}", share.version, format::share(share.share));
            many.iter().map(percent).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The version to return to, and how it is known.
fn back_to(going: &Move, state: &State) -> (String, String, Role) {
    let date =
        |at: &chrono::DateTime<chrono::Utc>| at.with_timezone(&state.zone).format("%-d %b %Y").to_string();
    let Some(to) = &going.plan.to else { return ("◌ unknown".to_owned(), String::new(), Role::Unknown) };
    let version = to.version.clone();
    match &going.source {
        Some(Source::Release(id)) => (version, id.clone(), Role::Text),
        Some(Source::Tag { stale: Some(age), .. }) => {
            (format!("≈ {version}"), format!("tags {} old", crate::view::face::short_age(*age)), Role::Stale)
        }
        Some(Source::Tag { at: Some(at), .. }) => (version, format!("tag of {}", date(at)), Role::Text),
        Some(Source::Tag { .. }) => (version, "tag".to_owned(), Role::Text),
        Some(Source::Seen) => (version, "still runs".to_owned(), Role::Text),
        None => (version, String::new(), Role::Text),
    }
}
