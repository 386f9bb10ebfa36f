//! Health checks: a row a check and place, what fails first, data checks apart, and what became of
//! the selected one.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::app::monitor::health::{self, Entry, Past};
use crate::app::remotes::value_of;
use crate::app::{ListId, State};
use crate::domain::health::CheckResult as Passed;
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::{Canvas, Listing, face};

/// Rows of the selected check's part.
const DETAILS: u16 = 5;
/// Columns of the word.
const WORD: u16 = 12;
/// Columns of how long it took.
const TOOK: u16 = 9;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let entries = health::listed(state);
    if entries.is_empty() {
        nothing(canvas, area, state);
        return;
    }
    let details = DETAILS.min(area.height.saturating_sub(4));
    let list = Rect { height: area.height - details - 1, ..area };
    draw_list(canvas, list, state, &entries);
    canvas.rule(area.x, list.bottom(), area.width);
    if let Some(entry) = entries.get(health::selected_row(state, &entries)) {
        let below = Rect { y: list.bottom() + 1, height: details, ..area };
        draw_details(canvas, below, state, entry);
    }
}

fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let count: usize = state.workspace.services.iter().map(|service| service.health.len()).sum();
    if count > 0 {
        let words = format!("none of {count} checks has “{}” in it", state.monitor.filter);
        face::message(canvas, area, Role::Dim, &words, "Esc clears the filter.");
        return;
    }
    let hint = "Add [[service.health]] to a service in tminus.toml: a PromQL query with until, \
                http = { url = \"https://…\" }, or run = [\"./smoke\"]; data = true for checks of data.";
    face::message(canvas, area, Role::Dim, "no service has a health check", hint);
}

/// What counts now: what is not fresh neither passes nor fails.
fn mark(entry: &Entry<'_>) -> (&'static str, &'static str, Role) {
    match (entry.result, &entry.face) {
        (Passed::Passes, _) => ("●", "passes", Role::Good),
        (Passed::Fails, _) if entry.check.critical => ("✖", "fails", Role::Bad),
        (Passed::Fails, _) => ("▲", "fails", Role::Attention),
        (Passed::Unknown, Face::Stale { .. }) => ("≈", "stale", Role::Stale),
        (Passed::Unknown, Face::NotAsked) if entry.question.is_on_demand() => ("◌", "not run", Role::Unknown),
        (Passed::Unknown, Face::Loading) if entry.question.is_on_demand() => ("·", "running …", Role::Dim),
        (Passed::Unknown, Face::NotAsked | Face::Loading) => ("·", "loading …", Role::Dim),
        (Passed::Unknown, _) => ("◌", "not known", Role::Unknown),
    }
}

/// How wide the columns are.
struct Columns {
    service: u16,
    title: u16,
    place: u16,
    history: u16,
}

impl Columns {
    fn new(entries: &[Entry<'_>], width: u16) -> Self {
        let widest = |text: &dyn Fn(&Entry<'_>) -> usize, most: u16| {
            entries.iter().map(|entry| text(entry) as u16).max().unwrap_or(0).min(most)
        };
        let narrow = width < 100;
        Self {
            service: widest(&|entry| entry.target.service.width(), if narrow { 12 } else { 20 }),
            title: widest(&|entry| entry.check.title.width(), if narrow { 16 } else { 30 }),
            place: widest(&|entry| entry.target.place().width(), if narrow { 12 } else { 20 }),
            history: if narrow { 10 } else { 20 },
        }
    }
}

fn draw_list(canvas: &mut Canvas<'_>, area: Rect, state: &State, entries: &[Entry<'_>]) {
    let columns = Columns::new(entries, area.width);
    let data = entries.iter().filter(|entry| entry.check.data).count();
    let fails = entries.iter().filter(|entry| entry.result == Passed::Fails).count();
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut heading = counted(entries.len() - data, "check");
    if data > 0 {
        heading += &format!(", then {}", counted(data, "data check"));
    }
    if fails > 0 {
        heading += &format!("   {fails} failing");
    }
    canvas.text(area.x + 2, area.y, area.width.saturating_sub(2), &heading, Role::Dim);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let row = health::selected_row(state, entries);
    let listing = Listing::alone(ListId::Health, row);
    listing.draw(canvas, list, state, entries, |canvas, line, entry| {
        draw_row(canvas, line, entry, &columns);
    });
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, entry: &Entry<'_>, columns: &Columns) {
    let y = area.y;
    let (sign, word, role) = mark(entry);
    canvas.text(area.x, y, 1, sign, role);
    canvas.text(area.x + 2, y, WORD - 2, word, role);
    let mut x = area.x + WORD;
    let kind = if entry.check.data { "data" } else { "" };
    let title = format::shorten(&entry.check.title, usize::from(columns.title));
    for (text, width, role) in [
        (entry.target.service.as_str(), columns.service, Role::Text),
        (title.as_str(), columns.title, Role::Title),
        (entry.target.place().as_str(), columns.place, Role::Dim),
        (kind, 4, Role::Dim),
    ] {
        canvas.text(x, y, width, &format::shorten(text, usize::from(width)), role);
        x += width + 1;
    }
    let took = value_of(&entry.face).map_or(String::new(), |outcome| took(outcome.milliseconds));
    canvas.text_right(x, y, TOOK.min(area.right().saturating_sub(x)), &took, Role::Text);
    x += TOOK + 2;
    x += history(canvas, x, y, columns.history.min(area.right().saturating_sub(x)), entry) + 1;
    if let Some(outcome) = value_of(&entry.face) {
        let role = if matches!(entry.face, Face::Fresh(_)) { Role::Dim } else { Role::Stale };
        canvas.text(x, y, area.right().saturating_sub(x), &outcome.found, role);
    }
}

/// The last runs as signs, the newest at the right. Answers with its columns.
fn history(canvas: &mut Canvas<'_>, x: u16, y: u16, width: u16, entry: &Entry<'_>) -> u16 {
    let runs: Vec<&Past> = entry.past.into_iter().flatten().rev().take(usize::from(width)).collect();
    for (run, x) in runs.into_iter().zip((x..x + width).rev()) {
        let (sign, role) = match run.result {
            // Of a check that is not known now the past is no good news either.
            Passed::Passes if entry.result == Passed::Unknown => ("·", Role::Dim),
            Passed::Passes => ("·", Role::Good),
            Passed::Fails => ("✖", Role::Bad),
            Passed::Unknown => ("◌", Role::Unknown),
        };
        canvas.text(x, y, 1, sign, role);
    }
    width
}

fn took(milliseconds: u64) -> String {
    if milliseconds < 10_000 { format!("{milliseconds} ms") } else { format!("{} s", milliseconds / 1000) }
}

fn draw_details(canvas: &mut Canvas<'_>, area: Rect, state: &State, entry: &Entry<'_>) {
    let critical = if entry.check.critical { "critical" } else { "not critical" };
    let title = format!("{} of {} in {}", entry.check.title, entry.target.service, entry.target.place());
    let used = canvas.text(area.x, area.y, area.width, &title, Role::Title) + 2;
    let version = entry.target.version.as_ref().map_or(String::new(), |version| format!(", {version}"));
    let every = if entry.question.is_on_demand() {
        "when you press c".to_owned()
    } else {
        format!("every {}", format::duration(entry.check.interval))
    };
    let more = format!("{critical}, {every}{version}");
    canvas.text(area.x + used, area.y, area.width.saturating_sub(used), &more, Role::Dim);
    let mut lines = vec![("asks", entry.check.probe.words(), Role::Text)];
    let (sign, word, role) = mark(entry);
    let found = match (value_of(&entry.face), &entry.face) {
        (Some(outcome), Face::Stale { .. }) => format!("{}: {}", face::word(&entry.face), outcome.found),
        (Some(outcome), _) => outcome.found.to_string(),
        (None, Face::Failed(trouble)) => face::why(trouble),
        (None, _) => String::new(),
    };
    let streak = match entry.streak() {
        0 | 1 => String::new(),
        count => format!(", {count} times in a row"),
    };
    let found = if found.is_empty() { String::new() } else { format!(": {found}") };
    lines.push(("now", format!("{sign} {word}{streak}{found}"), role));
    lines.push(match entry.last_failure() {
        Some(past) => {
            let at = format::local_time(past.at, state.zone);
            let age = format::age(state.now.wall - past.at);
            ("failed", format!("{at}, {age} ago: {}", past.found), Role::Text)
        }
        None => ("failed", "not since this cockpit looks".to_owned(), Role::Dim),
    });
    let times: Vec<u64> = entry.past.into_iter().flatten().filter_map(|past| past.milliseconds).collect();
    if let (Some(least), Some(most)) = (times.iter().min(), times.iter().max()) {
        let words = format!(
            "{} to {} over {}",
            took(*least),
            took(*most),
            if times.len() == 1 { "1 run".to_owned() } else { format!("{} runs", times.len()) }
        );
        lines.push(("took", words, Role::Text));
    }
    for ((name, words, role), y) in lines.into_iter().zip(area.y + 1..area.bottom()) {
        canvas.text(area.x, y, 8, name, Role::Dim);
        canvas.text(area.x + 8, y, area.width.saturating_sub(8), &words, role);
    }
}
