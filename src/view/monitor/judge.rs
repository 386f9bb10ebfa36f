//! The verdict: beside the charts of the overview, and as a view of its own with everything behind
//! it.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::app::monitor::judge::{self, Judged, Word};
use crate::app::monitor::{self};
use crate::app::{Intent, ListId, State};
use crate::domain::analysis::compare::{Measured, Pair};
use crate::domain::analysis::{self, Assessed, Found};
use crate::domain::format;
use crate::domain::judge::Verdict;
use crate::theme::Role;
use crate::view::{Canvas, Listing, face};

/// Columns of the verdict beside the charts.
pub const BESIDE: u16 = 38;
/// Rows of the verdict below the charts: the word, and three metrics.
pub const BELOW: u16 = 4;
/// Columns of a metric's result: its longest word.
const RESULT: u16 = 13;

/// A verdict's sign and role: every colour has a sign beside it.
fn sign(verdict: Verdict) -> (&'static str, Role) {
    match verdict {
        Verdict::Healthy => ("●", Role::Good),
        Verdict::Marginal => ("▲", Role::Attention),
        Verdict::Failing => ("✖", Role::Bad),
        Verdict::Inconclusive => ("◌", Role::Unknown),
    }
}

/// The sign of a verdict as a row says it.
pub fn sign_of_word(word: Word) -> (&'static str, Role) {
    match word {
        Word::Judged(verdict) => sign(verdict),
        Word::Old => ("≈", Role::Stale),
        Word::NotYet => ("◌", Role::Unknown),
        Word::Nothing => ("·", Role::Dim),
    }
}

/// Columns of a verdict in a row: its sign and its longest word.
pub const WORD: u16 = 14;

fn sign_of(metric: &Assessed) -> (&'static str, Role) {
    match metric.found {
        Found::Pass if metric.latest_breaks => ("▲", Role::Attention),
        Found::Pass => ("●", Role::Good),
        Found::High | Found::Low | Found::Failed => ("✖", Role::Bad),
        Found::Between => ("▲", Role::Attention),
        Found::Unknown => ("≈", Role::Stale),
        Found::Insufficient | Found::Nodata => ("◌", Role::Unknown),
    }
}

/// What a metric's numbers come down to, in a few words.
fn brief(metric: &Assessed) -> String {
    let unit = metric.unit.as_deref();
    let finding = metric.compared.as_ref().map(|compared| &compared.finding);
    let value = metric.value.map(|(_, value)| format::value(value, unit));
    match (metric.found, finding) {
        (Found::Unknown, _) => "not known".to_owned(),
        (found, _) if metric.latest_breaks && !found.is_bad() => {
            format!("{} now, beyond its limit", value.unwrap_or_default())
        }
        (Found::Failed, _) => match metric.conditions.as_ref().and_then(|seen| seen.broke) {
            Some((_, value)) => format!("{} beyond its limit", format::value(value, unit)),
            None => "beyond its limit".to_owned(),
        },
        (Found::Between, _) => "somebody must look".to_owned(),
        (Found::Insufficient | Found::Nodata, Some(_)) => {
            match metric.compared.as_ref().and_then(|it| it.needed) {
                Some(1) => "needs 1 more sample".to_owned(),
                Some(needed) => format!("needs {needed} more samples"),
                None => "needs more events".to_owned(),
            }
        }
        (_, Some(finding)) => match (finding.e_value, finding.estimate) {
            (Some(e), Some(estimate)) => {
                format!("{}  e {}", format::difference(estimate, Some("ratio")), short(e))
            }
            (None, Some(estimate)) => format::difference(estimate, unit),
            _ => value.unwrap_or_default(),
        },
        (_, None) => value.unwrap_or_else(|| "not measured".to_owned()),
    }
}

/// An e-value; what is beyond all doubt needs no digits.
fn short(e: f64) -> String {
    if e >= 1e6 { "> 1M".to_owned() } else { format::number(e) }
}

/// A p as people read it.
fn chance(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format::number(p) }
}

/// The verdict in one line.
fn headline(judged: &Judged) -> (String, Role) {
    let (sign, role) = sign(judged.assessment.verdict);
    let score = judged.assessment.score.map(|score| format!("  score {}", format::number(score)));
    let word = judged.assessment.verdict.word().to_uppercase();
    (format!("{sign} {word}{}", score.unwrap_or_default()), role)
}

/// Why there is no verdict.
fn silence(state: &State) -> String {
    let Some(seen) = monitor::selected(state) else { return "no rollout".to_owned() };
    let metrics = state.workspace.service(&seen.key.service).map_or(0, |service| service.judged().len());
    if metrics == 0 {
        format!("{} has no metrics to judge", seen.key.service)
    } else {
        "· judging …".to_owned()
    }
}

/// The verdict beside the charts: a word, and a line a metric.
pub fn beside(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    canvas.hit(area, Intent::ShowView(monitor::View::Judge), None);
    let Some(judged) = judge::of_selected(state) else {
        canvas.text(area.x, area.y, area.width, &silence(state), Role::Dim);
        return;
    };
    let (words, role) = headline(judged);
    let used = canvas.text(area.x, area.y, area.width, &words, role) + 2;
    let is_wide = area.width > 2 * BESIDE;
    if is_wide {
        canvas.text(
            area.x + used,
            area.y,
            area.width - used.min(area.width),
            &judged.assessment.why,
            Role::Text,
        );
    }
    // What is bad first, where not all of them have a row. The checks have the last one.
    let mut metrics: Vec<&Assessed> = judged.assessment.metrics.iter().collect();
    metrics.sort_by_key(|metric| (!metric.found.is_bad(), metric.found.is_judged()));
    let name = metrics.iter().map(|metric| metric.name.width()).max().unwrap_or(0).clamp(6, 14);
    let most = usize::from(area.height.saturating_sub(1 + u16::from(!judged.assessment.health.is_empty())));
    metrics.truncate(most);
    for (metric, y) in metrics.iter().zip(area.y + 1..area.bottom()) {
        let (sign, role) = sign_of(metric);
        let shown = format::shorten(&metric.name, name);
        canvas.text(area.x, y, 2, sign, role);
        canvas.text(area.x + 2, y, name as u16, &shown, Role::Text);
        let mut x = area.x + 3 + name as u16;
        if is_wide {
            x += interval(canvas, Rect { x, y, width: 25, height: 1 }, metric, role);
        }
        canvas.text(x, y, area.right().saturating_sub(x), &brief(metric), role);
    }
    let mut y = area.y + 1 + metrics.len() as u16;
    if y < area.bottom() {
        y += health(canvas, Rect { y, height: 1, ..area }, judged);
    }
    y += 1;
    if y < area.bottom() && !is_wide {
        let rest = Rect { y, height: area.bottom() - y, ..area };
        canvas.paragraph(rest, &judged.assessment.why, Role::Dim);
    }
}

/// The health checks in one line. Answers with the rows used.
fn health(canvas: &mut Canvas<'_>, area: Rect, judged: &Judged) -> u16 {
    let Some((standing, words)) = analysis::health::summary(&judged.assessment.health) else { return 0 };
    let (sign, role) = sign(standing);
    canvas.text(area.x, area.y, 2, sign, role);
    let text = if standing == Verdict::Healthy { Role::Text } else { role };
    canvas.text(area.x + 2, area.y, area.width.saturating_sub(2), &words, text);
    1
}

/// The verdict in one line, where there is no room beside the charts.
pub fn line(state: &State) -> Option<(String, Role)> {
    monitor::selected(state)?;
    Some(match judge::of_selected(state) {
        Some(judged) => {
            let (words, role) = headline(judged);
            (format!(" {words}: {} ", judged.assessment.why), role)
        }
        None => (format!(" {} ", silence(state)), Role::Dim),
    })
}

/// Draws the view.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let Some(seen) = monitor::selected(state) else {
        super::rollouts::nothing(canvas, area, state);
        return;
    };
    canvas.text(area.x, area.y, area.width, &seen.sentence(), Role::Title);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let Some(judged) = judge::of_selected(state) else {
        let hint = "The verdict comes with the first answers. A service is judged by its \
                    [[service.metric]] in tminus.toml.";
        face::message(canvas, body, Role::Dim, &silence(state), hint);
        return;
    };
    let (words, role) = headline(judged);
    let used = canvas.text(body.x, body.y, body.width, &words, role);
    let why = Rect { x: body.x + used + 2, width: body.width.saturating_sub(used + 2), height: 2, ..body };
    let rows = canvas.paragraph(why, &judged.assessment.why, Role::Text).max(1);
    let mut y = body.y + rows;
    y += steps(canvas, Rect { y, height: 1, ..body }, judged);
    y += present_step(canvas, Rect { y, height: 2, ..body }, judged);
    y += health(canvas, Rect { y, height: 1, ..body }, judged);
    canvas.rule(body.x, y, body.width);
    let rest = Rect { y: y + 1, height: body.bottom().saturating_sub(y + 1), ..body };
    let wanted = judged.assessment.metrics.len() as u16 + 1;
    let list = Rect { height: wanted.min(rest.height / 2).max(2).min(rest.height), ..rest };
    metrics(canvas, list, state, judged);
    if rest.bottom() > list.bottom() + 1 {
        canvas.rule(rest.x, list.bottom(), rest.width);
        let below = Rect { y: list.bottom() + 1, height: rest.bottom() - list.bottom() - 1, ..rest };
        details(canvas, below, state);
    }
}

/// The steps with their verdicts, and how long it is still watched. Answers with the rows used.
fn steps(canvas: &mut Canvas<'_>, area: Rect, judged: &Judged) -> u16 {
    let assessment = &judged.assessment;
    if assessment.steps.is_empty() && assessment.soak_left.is_none() {
        return 0;
    }
    let mut x = area.x;
    for step in &assessment.steps {
        let (sign, role) = step.verdict.map_or(("·", Role::Dim), self::sign);
        let here = if step.is_now() { "▸" } else { "" };
        let word = match step.verdict {
            Some(_) if step.is_incomplete => "incomplete",
            Some(verdict) => verdict.word(),
            None => "to come",
        };
        let words = format!("{here}{sign} {} % {word}", format::number(step.percent));
        x += canvas.text(x, area.y, area.right().saturating_sub(x), &words, role) + 3;
    }
    if let Some(left) = assessment.soak_left {
        let words = format!("watched for {} more", format::duration(left));
        canvas.text(x, area.y, area.right().saturating_sub(x), &words, Role::Dim);
    }
    1
}

/// Why the present step is judged otherwise than the whole. Answers with the rows used.
fn present_step(canvas: &mut Canvas<'_>, area: Rect, judged: &Judged) -> u16 {
    let apart = judged.assessment.step_apart();
    apart.map_or(0, |(verdict, words)| canvas.paragraph(area, &words, sign(verdict).1))
}

fn metrics(canvas: &mut Canvas<'_>, area: Rect, state: &State, judged: &Judged) {
    let metrics = &judged.assessment.metrics;
    let widest = metrics.iter().map(|metric| metric.name.width()).max().unwrap_or(0);
    let name = widest.clamp(6, if area.width < 100 { 14 } else { 28 }) as u16;
    let columns = Columns::of(area, name);
    columns.headings(canvas, area);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let row = judge::selected_row(state);
    let listing = Listing::alone(ListId::Judge, row);
    listing.draw(canvas, list, state, metrics, |canvas, line, metric| {
        columns.row(canvas, line, metric);
    });
}

/// Where the columns of the list begin.
struct Columns {
    name: u16,
    result: u16,
    value: u16,
    baseline: u16,
    bar: u16,
}

impl Columns {
    fn of(area: Rect, name: u16) -> Self {
        let result = area.x + 2 + name + 1;
        let value = result + RESULT;
        let baseline = value + 10;
        Self { name, result, value, baseline, bar: baseline + 11 }
    }

    fn headings(&self, canvas: &mut Canvas<'_>, area: Rect) {
        canvas.text(area.x + 2, area.y, self.name, "metric", Role::Dim);
        canvas.text(self.result, area.y, RESULT, "result", Role::Dim);
        canvas.text_right(self.value, area.y, 9, "new", Role::Dim);
        canvas.text_right(self.baseline, area.y, 9, "old", Role::Dim);
        let room = area.right().saturating_sub(self.bar);
        canvas.text(self.bar, area.y, room, "difference, against how sure", Role::Dim);
    }

    fn row(&self, canvas: &mut Canvas<'_>, area: Rect, metric: &Assessed) {
        let y = area.y;
        let unit = metric.unit.as_deref();
        let (sign, role) = sign_of(metric);
        canvas.text(area.x, y, 2, sign, role);
        canvas.text(
            area.x + 2,
            y,
            self.name,
            &format::shorten(&metric.name, usize::from(self.name)),
            Role::Text,
        );
        canvas.text(self.result, y, RESULT, metric.found.word(), role);
        let number =
            |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |value| format::value(value, unit));
        canvas.text_right(self.value, y, 9, &number(metric.value.map(|(_, value)| value)), Role::Text);
        canvas.text_right(self.baseline, y, 9, &number(metric.baseline_value), Role::Dim);
        let room = area.right().saturating_sub(self.bar);
        let bar = (room / 2).min(31);
        let x = self.bar
            + if room >= 30 {
                interval(canvas, Rect { x: self.bar, width: bar, ..area }, metric, role)
            } else {
                0
            };
        let critical = if metric.critical { "  critical" } else { "" };
        let words = format!("{}{critical}", brief(metric));
        canvas.text(x, y, area.right().saturating_sub(x), &words, role);
    }
}

/// The interval as a bar around zero, or the evidence on its way to the alarm. Answers with the
/// columns used.
fn interval(canvas: &mut Canvas<'_>, area: Rect, metric: &Assessed, role: Role) -> u16 {
    let width = usize::from(area.width);
    let Some(compared) = metric.compared.as_ref().filter(|_| width >= 9) else { return 0 };
    let mut cells: Vec<char> = vec!['·'; width];
    if let (Some(e), Some(alarm)) = (compared.finding.e_value, compared.alarm_at()) {
        // On a scale of logarithms: the mark of the alarm stands at four fifths.
        let mark = (width - 1) * 4 / 5;
        let filled = if e > 1.0 { (e.ln() / alarm.ln() * mark as f64).round() as usize } else { 0 };
        cells.iter_mut().take(filled.min(width)).for_each(|cell| *cell = '━');
        cells[mark] = '┃';
    } else if let Some((low, high)) = compared.finding.interval {
        let extent = low.abs().max(high.abs()).max(f64::MIN_POSITIVE) * 1.1;
        let middle = (width - 1) as f64 / 2.0;
        let place = |value: f64| (middle + value / extent * middle).round().clamp(0.0, middle * 2.0) as usize;
        cells[place(low)..=place(high)].fill('━');
        cells[place(0.0)] = '│';
        if let Some(estimate) = compared.finding.estimate {
            cells[place(estimate)] = '◆';
        }
    } else {
        return 0;
    }
    canvas.text(area.x, area.y, area.width, &cells.into_iter().collect::<String>(), role) + 2
}

/// Everything about the selected metric.
fn details(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let Some(metric) = judge::selected_metric(state) else { return };
    let (_, role) = sign_of(metric);
    let mut y = area.y;
    let mut say = |canvas: &mut Canvas<'_>, words: &str, role: Role| {
        let rest = Rect { y, height: area.bottom().saturating_sub(y).min(3), ..area };
        y += canvas.paragraph(rest, words, role);
    };
    say(canvas, &metric.why, role);
    for words in facts(metric) {
        say(canvas, &words, Role::Text);
    }
    say(canvas, "y copies the numbers for `tminus judge FILE`", Role::Dim);
    samples(canvas, Rect { y, height: area.bottom().saturating_sub(y), ..area }, state, metric);
}

fn facts(metric: &Assessed) -> Vec<String> {
    let mut facts = Vec::new();
    let mut about = vec![format!(
        "a sample every {}",
        format::duration(chrono::TimeDelta::seconds(metric.interval.into()))
    )];
    if let Some(compared) = &metric.compared {
        let (canary, baseline) = compared.finding.n;
        about.push(format!("n {canary} against {baseline}"));
        if let Some(look) = compared.look {
            about.push(format!("look {} at {} confidence", look.number, format::confidence(look.confidence)));
        }
        about.extend(compared.finding.p.map(|p| format!("p {}", chance(p))));
        if let (Some(e), Some(alarm)) = (compared.finding.e_value, compared.alarm_at()) {
            about.push(format!("e {}, alarm at {}", short(e), format::number(alarm)));
        }
    }
    about.extend(metric.group.0.as_ref().map(|group| format!("group {group}")));
    about.extend(metric.group.1.map(|weight| format!("weight {} %", format::number(weight))));
    about.extend(metric.age.map(|age| format!("answered {} ago", format::age(age))));
    facts.push(about.join("   "));
    facts.extend(metric.made.clone());
    if let Some(seen) = &metric.conditions {
        facts.push(format!(
            "conditions: {} held, {} failed, {} between; {}",
            seen.successes, seen.failures, seen.between, seen.rule
        ));
    }
    if let Some(compared) = &metric.compared {
        for companion in &compared.finding.companions {
            let word = companion.test.word();
            let tolerated = companion.p < compared.companions_below && !compared.stands_out(companion);
            let tolerated = if tolerated { ", within its tolerance" } else { "" };
            facts.push(format!("{word}: {} (p {}){tolerated}", companion.detail, chance(companion.p)));
        }
    }
    facts
}

/// The samples behind it, the newest first, in as many columns as fit.
fn samples(canvas: &mut Canvas<'_>, area: Rect, state: &State, metric: &Assessed) {
    const WIDTH: u16 = 36;
    if area.height < 2 || metric.pairs.is_empty() {
        return;
    }
    let columns = (area.width / WIDTH).max(1);
    let rows = usize::from(area.height - 1);
    let filled = metric.pairs.len().div_ceil(rows).min(usize::from(columns)) as u16;
    for column in 0..filled {
        let x = area.x + column * WIDTH;
        canvas.text(x, area.y, 8, "time", Role::Dim);
        canvas.text_right(x + 9, area.y, 12, "new", Role::Dim);
        canvas.text_right(x + 22, area.y, 12, "old", Role::Dim);
    }
    for (index, pair) in metric.pairs.iter().rev().take(rows * usize::from(columns)).enumerate() {
        let x = area.x + (index / rows) as u16 * WIDTH;
        let y = area.y + 1 + (index % rows) as u16;
        sample(canvas, x, y, state, metric, pair);
    }
}

fn sample(canvas: &mut Canvas<'_>, x: u16, y: u16, state: &State, metric: &Assessed, pair: &Pair) {
    let words = |measured: Option<Measured>| match measured {
        Some(Measured::Value(value)) => format::value(value, metric.unit.as_deref()),
        Some(Measured::Counts(bad, total)) => {
            format!("{}/{}", format::number(bad.round()), format::number(total.round()))
        }
        None => "gap".to_owned(),
    };
    let time = pair.at.with_timezone(&state.zone).format("%H:%M:%S").to_string();
    canvas.text(x, y, 8, &time, Role::Dim);
    let role = |measured: Option<Measured>| if measured.is_some() { Role::Text } else { Role::Unknown };
    canvas.text_right(x + 9, y, 12, &words(pair.canary), role(pair.canary));
    canvas.text_right(x + 22, y, 12, &words(pair.baseline), role(pair.baseline));
}
