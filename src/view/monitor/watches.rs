//! Releases in their stabilisation watch: a row each, those that go on first, and what is open, who
//! is called next and what was noted of the selected one.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::app::command::named;
use crate::app::monitor::View;
use crate::app::monitor::watches::{self, Entry};
use crate::app::{Context, ListId, State};
use crate::domain::judge::Verdict;
use crate::domain::stabilisation::{Timer, foremost, words};
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::canvas::wrapped;
use crate::view::chart::bar;
use crate::view::{Canvas, Listing, face};

/// Rows that the selected one's part has at least, where there is room.
const DETAILS: u16 = 10;
/// Cells of the bar of the sensitivity.
const BAR: u16 = 5;
/// Columns of the labels in the selected one's part.
const LABEL: u16 = 10;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let listed = watches::listed(state);
    if listed.is_empty() {
        nothing(canvas, area, state);
        return;
    }
    let known = watches::face(state);
    let doubt = u16::from(!matches!(known, Face::Fresh(())));
    if doubt > 0 {
        let (sign, role) = face::mark(&known);
        let why = match &known {
            Face::Failed(trouble) | Face::Stale { trouble: Some(trouble), .. } => face::why(trouble),
            _ => String::new(),
        };
        let words = format!("{sign} what runs: {} {why}", face::word(&known));
        canvas.text(area.x, area.y, area.width, words.trim_end(), role);
    }
    let area = Rect { y: area.y + doubt, height: area.height.saturating_sub(doubt), ..area };
    let wanted = listed.len() as u16 + 1;
    let most = area.height.saturating_sub(DETAILS + 1).max(area.height / 3);
    let list = Rect { height: wanted.clamp(3, most.max(3)), ..area };
    draw_list(canvas, list, state, &listed);
    canvas.rule(area.x, list.bottom(), area.width);
    if let Some(entry) = listed.get(watches::selected_row(state, &listed)) {
        let y = list.bottom() + 1;
        let height = area.bottom().saturating_sub(y);
        let keys = u16::from(height > DETAILS);
        draw_details(canvas, Rect { y, height: height - keys, ..area }, state, entry);
        if keys > 0 {
            draw_keys(canvas, Rect { y: area.bottom() - 1, height: 1, ..area });
        }
    }
}

fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let count = watches::all(state).len();
    if count > 0 {
        let words = format!("none of {count} watches has “{}” in it", state.monitor.filter);
        face::message(canvas, area, Role::Dim, &words, "Esc clears the filter.");
        return;
    }
    let known = watches::face(state);
    let (words, role) = match &known {
        Face::Fresh(()) => ("no release is in its watch".to_owned(), Role::Dim),
        Face::Loading | Face::NotAsked => ("· looking for releases that arrived …".to_owned(), Role::Dim),
        Face::Stale { .. } => {
            (format!("≈ no release was in its watch ({})", face::word(&known)), Role::Stale)
        }
        Face::Failed(trouble) => (format!("◌ not known: {}", face::why(trouble)), Role::Unknown),
    };
    let hint = "A release is watched for three days once all of it runs in the last environment of its \
                stages: by whom, for how long and who is called next stands in [watch] of its file.";
    face::message(canvas, area, role, &words, hint);
}

/// The sign of a watch: what is not known is never good.
fn mark(state: &State, entry: &Entry) -> (&'static str, Role) {
    if !entry.watch.phase.is_live() {
        return ("·", Role::Dim);
    }
    match foremost(&entry.timers) {
        Some(timer) if timer.level > 0 => ("✖", Role::Bad),
        Some(_) => ("▲", Role::Attention),
        None if entry.watch.watcher.is_none() => ("▲", Role::Attention),
        None if matches!(watches::face(state), Face::Stale { .. }) => ("≈", Role::Stale),
        None if !entry.unknown.is_empty() => ("◌", Role::Unknown),
        None if !entry.timers.is_empty() => ("▲", Role::Attention),
        None => ("●", Role::Good),
    }
}

/// How wide the columns are.
struct Columns {
    release: u16,
    what: u16,
    place: u16,
    watcher: u16,
    age: u16,
    left: u16,
    open: u16,
}

impl Columns {
    fn new(listed: &[&Entry], now: DateTime<Utc>, width: u16) -> Self {
        let widest = |text: &dyn Fn(&Entry) -> String, least: u16, most: u16| {
            let all = listed.iter().map(|entry| text(entry).width() as u16).max().unwrap_or(0);
            all.clamp(least, most)
        };
        let narrow = width < 100;
        Self {
            release: widest(&|entry| entry.id.release.clone(), 7, if narrow { 14 } else { 28 }),
            what: if narrow { 0 } else { widest(&what, 7, 28) },
            place: widest(&|entry| entry.id.place(), 5, if narrow { 15 } else { 20 }),
            watcher: widest(&watcher, 7, if narrow { 8 } else { 16 }),
            age: 5,
            left: widest(&|entry| entry.watch.left_words(now), 4, if narrow { 12 } else { 22 }),
            open: 6,
        }
    }
}

fn what(entry: &Entry) -> String {
    format!("{} {}", entry.id.service, entry.version)
}

fn watcher(entry: &Entry) -> String {
    entry.watch.watcher.as_ref().map_or("▲ nobody".to_owned(), |watcher| watcher.name.clone())
}

fn draw_list(canvas: &mut Canvas<'_>, area: Rect, state: &State, listed: &[&Entry]) {
    let now = state.now.wall;
    let columns = Columns::new(listed, now, area.width);
    let mut x = area.x + 2;
    for (heading, width) in [
        ("release", columns.release),
        ("version", columns.what),
        ("where", columns.place),
        ("watcher", columns.watcher),
        ("age", columns.age),
        ("left", columns.left),
        ("sensitivity", BAR + 7),
        ("open", columns.open),
        ("next call", area.width),
    ] {
        if width > 0 {
            canvas.text(x, area.y, width.min(area.right().saturating_sub(x)), heading, Role::Dim);
            x += width + 1;
        }
    }
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let listing = Listing::alone(ListId::Watches, watches::selected_row(state, listed));
    listing.draw(canvas, list, state, listed, |canvas, line, entry| {
        draw_row(canvas, line, state, entry, &columns);
    });
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, state: &State, entry: &Entry, columns: &Columns) {
    let now = state.now.wall;
    let y = area.y;
    let (sign, role) = mark(state, entry);
    canvas.text(area.x, y, 1, sign, role);
    let is_live = entry.watch.phase.is_live();
    let text = if is_live { Role::Text } else { Role::Dim };
    let name = if entry.watch.watcher.is_none() { Role::Attention } else { text };
    let planned = if watches::is_planned_only(entry) { "~" } else { "" };
    let age = format!("{planned}{}", words::length(now - entry.watch.begins.at()));
    let mut x = area.x + 2;
    for (words, width, role) in [
        (entry.id.release.clone(), columns.release, if is_live { Role::Title } else { Role::Dim }),
        (what(entry), columns.what, text),
        (entry.id.place(), columns.place, Role::Dim),
        (watcher(entry), columns.watcher, name),
        (age, columns.age, text),
        (entry.watch.left_words(now), columns.left, text),
    ] {
        if width > 0 {
            canvas.text(x, y, width, &format::shorten(&words, usize::from(width)), role);
            x += width + 1;
        }
    }
    if is_live {
        sensitivity(canvas, x, y, area.right(), entry);
    }
    x += BAR + 8;
    let open = entry.timers.len();
    let (count, role) = match (open, entry.unacknowledged().count()) {
        (0, _) if !is_live => ("–".to_owned(), Role::Dim),
        (0, _) if !entry.unknown.is_empty() => ("◌ ?".to_owned(), Role::Unknown),
        (0, _) => ("none".to_owned(), Role::Dim),
        (open, 0) => (format!("{open} seen"), Role::Attention),
        (open, _) => (format!("▲ {open}"), Role::Attention),
    };
    let room = area.right().saturating_sub(x);
    canvas.text(x, y, columns.open.min(room), &count, role);
    x += columns.open + 1;
    if foremost(&entry.timers).is_some() {
        let room = area.right().saturating_sub(x);
        canvas.text(x, y, room, &words::escalation(&entry.timers, &entry.chain, now), Role::Attention);
    }
}

/// A bar and a word.
fn sensitivity(canvas: &mut Canvas<'_>, x: u16, y: u16, right: u16, entry: &Entry) {
    let value = entry.watch.sensitivity.value();
    canvas.text(x, y, BAR.min(right.saturating_sub(x)), &bar(value, BAR), Role::Accent);
    let room = right.saturating_sub(x + BAR + 1).min(6);
    canvas.text(x + BAR + 1, y, room, entry.watch.sensitivity.word(), Role::Text);
}

/// What can be done to the selected one.
fn draw_keys(canvas: &mut Canvas<'_>, area: Rect) {
    let context = Context::MonitorView(View::Watch);
    let mut x = area.x;
    for name in ["note", "hand-over", "acknowledge", "close-watch"] {
        let Some(command) = named(context, name) else { continue };
        let Some(key) = canvas.keymap.labels(command).into_iter().next() else { continue };
        let start = x;
        x += canvas.text(x, area.y, area.right().saturating_sub(x), &key, Role::Accent) + 1;
        x += canvas.text(x, area.y, area.right().saturating_sub(x), command.hint, Role::Dim) + 3;
        canvas.hit(Rect { x: start, width: x - start, ..area }, command.intent, None);
    }
}

/// A line of the selected one's part: a label, words and how they are meant.
type Told = (&'static str, String, Role);

fn draw_details(canvas: &mut Canvas<'_>, area: Rect, state: &State, entry: &Entry) {
    let title = format!("{}: {} in {}", entry.title, what(entry), entry.id.place());
    canvas.text(area.x, area.y, area.width, &title, Role::Title);
    let mut y = area.y + 1;
    let room = usize::from(area.width.saturating_sub(LABEL));
    let mut all = told(state, entry);
    all.extend(notes(state, entry));
    let lines: Vec<Told> = all
        .into_iter()
        .flat_map(|(label, words, role)| {
            let labels = std::iter::once(label).chain(std::iter::repeat(""));
            labels
                .zip(wrapped(&words, room))
                .map(move |(label, words)| (label, words, role))
                .collect::<Vec<_>>()
        })
        .collect();
    let rows = usize::from(area.bottom().saturating_sub(y));
    let fits = lines.len() <= rows;
    let shown = if fits { rows } else { rows.saturating_sub(1) };
    let more = lines.len().saturating_sub(shown);
    for (label, words, role) in lines.into_iter().take(shown) {
        canvas.text(area.x, y, LABEL, label, Role::Dim);
        canvas.text(area.x + LABEL, y, area.width.saturating_sub(LABEL), &words, role);
        y += 1;
    }
    if !fits && y < area.bottom() {
        let words = format!("… {more} lines more, y copies all of it");
        canvas.text(area.x + LABEL, y, area.width.saturating_sub(LABEL), &words, Role::Dim);
    }
}

fn told(state: &State, entry: &Entry) -> Vec<Told> {
    let now = state.now.wall;
    let watch = &entry.watch;
    let who = if let Some(watcher) = &watch.watcher {
        ("watches", watcher.words(now, state.zone), Role::Text)
    } else {
        let mend = "▲ nobody: h hands it over, or write by = \"…\" in [watch] of its file";
        ("watches", mend.to_owned(), Role::Attention)
    };
    let span = format!("{}; {}", watch.begins_words(now, state.zone), watch.left_words(now));
    let role = if watches::is_planned_only(entry) { Role::Attention } else { Role::Text };
    let mut lines = vec![who, ("since", span, role)];
    if watch.phase.is_live()
        && let Some(release) = watches::release(state, entry)
    {
        let words = watch.sensitivity_words(&release.watch, now, state.zone);
        lines.push(("looks", words, Role::Text));
    }
    if watch.phase.is_live() {
        lines.push(verdict(state, entry));
    }
    lines.extend(entry.unknown.iter().map(|why| ("not known", format!("◌ {why}"), Role::Unknown)));
    lines.extend(entry.timers.iter().map(|timer| open(state, timer, now)));
    if watch.phase.is_live() {
        let words = words::escalation(&entry.timers, &entry.chain, now);
        let (words, role) = match foremost(&entry.timers) {
            Some(timer) if timer.level > 0 => (format!("✖ {words}"), Role::Bad),
            Some(_) => (format!("▲ {words}"), Role::Attention),
            None if entry.timers.is_empty() && !entry.unknown.is_empty() => {
                ("◌ whether anything is open is not known".to_owned(), Role::Unknown)
            }
            None => (words, Role::Dim),
        };
        lines.push(("calls", words, role));
    }
    lines
}

/// The verdict on its rollout, while there is one; what is not judged is not called good.
fn verdict(state: &State, entry: &Entry) -> Told {
    let (words, role) = match watches::verdict(state, entry) {
        Some(Verdict::Healthy) => ("● healthy", Role::Good),
        Some(Verdict::Marginal) => ("▲ marginal", Role::Attention),
        Some(Verdict::Failing) => ("✖ failing", Role::Bad),
        Some(Verdict::Inconclusive) => ("◌ inconclusive", Role::Unknown),
        None => ("none now: a rollout is judged while it goes on and soaks", Role::Dim),
    };
    ("verdict", words.to_owned(), role)
}

fn open(state: &State, timer: &Timer, now: DateTime<Utc>) -> Told {
    let age = format::age(now - timer.open.since);
    let since = format::local_time(timer.open.since, state.zone);
    let seen = if timer.open.is_exact { "since" } else { "seen since" };
    let state = match &timer.acknowledged {
        Some((by, _)) => format!(", acknowledged by {by}"),
        None => String::new(),
    };
    let role = if timer.is_unacknowledged() { Role::Attention } else { Role::Dim };
    ("open", format!("▲ {} {seen} {since} ({age}){state}", timer.open.what), role)
}

fn notes(state: &State, entry: &Entry) -> Vec<Told> {
    let now = state.now.wall;
    let notes = watches::release(state, entry).map(|release| release.watch.notes_by(now)).unwrap_or_default();
    if notes.is_empty() {
        return vec![("notes", "none yet: n writes one".to_owned(), Role::Dim)];
    }
    let told = notes.into_iter().rev().enumerate().map(|(index, note)| {
        let label = if index == 0 { "notes" } else { "" };
        let at = format::local_time(note.time, state.zone);
        (label, format!("{at} {}: {}", note.by, words::note(note)), Role::Text)
    });
    told.collect()
}

/// The line in the overview, for the selected rollout; `None`: it is in no watch.
pub fn line(state: &State) -> Option<(String, Role)> {
    let seen = crate::app::monitor::selected(state)?;
    let entry = watches::of_rollout(state, seen)?;
    let now = state.now.wall;
    let (sign, role) = mark(state, entry);
    let calls = match foremost(&entry.timers) {
        Some(_) => format!(", {}", words::escalation(&entry.timers, &entry.chain, now)),
        None => String::new(),
    };
    let role = if role == Role::Good { Role::Dim } else { role };
    Some((format!("{sign} {}{calls}", entry.watch.line(now)), role))
}
