//! Windows over the panels.

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::face::short_age;
use super::{Canvas, tracker};
use crate::app::health::{self, HealthStatus};
use crate::app::line_edit::LineEdit;
use crate::app::overlay::Palette;
use crate::app::{COMMANDS, Context, Intent, ListId, Overlay, State, calendar, list};
use crate::domain::edit::Standing;
use crate::domain::{Face, Severity};
use crate::theme::Role;

/// Draws one.
pub fn draw(canvas: &mut Canvas<'_>, screen: Rect, state: &State, overlay: &Overlay) {
    match overlay {
        Overlay::Help(top) => {
            let context = state.here();
            let names = if screen.width < NAMES_FROM { Names::Left } else { Names::Shown };
            let rows = help(canvas, context, names);
            let title = match context {
                Context::RunOfShow => "run of show",
                Context::WarRoom => "war room",
                _ => state.panel.title(),
            };
            text_window(canvas, screen, &format!("Keys · {title}"), &rows, *top);
        }
        Overlay::Problems(top) => text_window(canvas, screen, "Files", &problems(state), *top),
        Overlay::Edits(top) => text_window(canvas, screen, "What was edited", &edits(state), *top),
        Overlay::Backends(top) => text_window(canvas, screen, "Backends", &backends(state), *top),
        Overlay::GoLive(dialog) => super::calendar::golive::draw(canvas, screen, state, dialog),
        Overlay::Slots(finder) => super::calendar::slots::draw(canvas, screen, state, finder),
        Overlay::Layers(selected) => layers(canvas, screen, state, *selected),
        Overlay::Conflicts(list) => super::calendar::conflicts::draw(canvas, screen, state, list),
        Overlay::Palette(palette) => draw_palette(canvas, screen, palette),
        Overlay::Versions(list) => tracker::versions(canvas, screen, state, *list),
        Overlay::Push(dialog) => tracker::push(canvas, screen, state, dialog),
        Overlay::Filter { line, .. } => filter(canvas, screen, line),
        // Drawn in the panel's place.
        Overlay::Show(_) => {}
        Overlay::Form(form) => super::form::draw(canvas, screen, state, form),
    }
}

/// A row of pieces and their looks.
pub(super) type Row = Vec<(String, Role)>;

/// Columns a screen needs for the help to show the actions' names too.
const NAMES_FROM: u16 = 96;

/// Whether the help shows the actions' names, which `config.toml` wants.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    Shown,
    Left,
}

fn help(canvas: &Canvas<'_>, here: Context, names: Names) -> Vec<Row> {
    let mut rows = Vec::new();
    let places = [
        (here, "Here"),
        (Context::Monitor, "In every view of the monitor"),
        (Context::Moving, "While moving a stage"),
        (Context::Global, "Everywhere"),
    ];
    for (context, title) in places {
        let is_here = match context {
            Context::Moving => here == Context::Calendar,
            Context::Monitor => context == here || here.chain().contains(&context),
            _ => true,
        };
        if !is_here || (context == here && title != "Here") {
            continue;
        }
        let commands: Vec<_> = COMMANDS.iter().filter(|command| command.context == context).collect();
        if commands.is_empty() {
            continue;
        }
        rows.push(vec![(title.to_owned(), Role::Title)]);
        for command in commands {
            let place = if context == Context::Moving { context } else { here };
            let keys = canvas.keymap.labels_in(place, command).join("  ");
            let keys = if keys.is_empty() { "–".to_owned() } else { keys };
            let mut row = vec![
                (format!("  {keys:<18}"), Role::Accent),
                (format!("{:<46}  ", command.title), Role::Text),
            ];
            if names == Names::Shown {
                row.push((command.name.to_owned(), Role::Dim));
            }
            rows.push(row);
        }
        rows.push(Vec::new());
    }
    rows.push(vec![("Marks".to_owned(), Role::Title)]);
    for (mark, role, meaning) in [
        ("●", Role::Good, "good"),
        ("▲", Role::Attention, "deserves attention"),
        ("✖", Role::Bad, "bad"),
        ("◌", Role::Unknown, "not known, which is not good"),
        ("≈", Role::Stale, "too old to count as good"),
    ] {
        rows.push(vec![(format!("  {mark:<18}"), role), (meaning.to_owned(), Role::Text)]);
    }
    rows
}

fn problems(state: &State) -> Vec<Row> {
    if state.problems.is_empty() {
        return vec![vec![("Every file reads well.".to_owned(), Role::Good)]];
    }
    let mut rows = Vec::new();
    for problem in &state.problems {
        let role = if problem.severity == Severity::Error { Role::Bad } else { Role::Attention };
        for (index, line) in problem.rendered.lines().enumerate() {
            rows.push(vec![(line.to_owned(), if index == 0 { role } else { Role::Text })]);
        }
        rows.push(Vec::new());
    }
    rows
}

/// The journal of edits, the newest first.
fn edits(state: &State) -> Vec<Row> {
    let mut rows = Vec::new();
    for known in state.history.journal().iter().rev() {
        let (mark, role, words) = match known.standing {
            Standing::Done => ("●", Role::Text, ""),
            Standing::Undone => ("·", Role::Dim, "  taken back"),
            Standing::Stuck => ("▲", Role::Attention, "  stuck: others changed the same"),
        };
        let time = known.time.with_timezone(&state.zone).format("%a %d %b %H:%M");
        rows.push(vec![
            (format!("{mark} "), role),
            (format!("{time}  "), Role::Dim),
            (known.title.clone(), role),
            (words.to_owned(), role),
            (format!("  {}", known.file), Role::Dim),
        ]);
    }
    if rows.is_empty() {
        let words =
            "Nothing was edited on this machine yet. What will be is listed here, and can be taken back.";
        rows.push(vec![(words.to_owned(), Role::Dim)]);
    }
    rows
}

fn backends(state: &State) -> Vec<Row> {
    let mut rows = Vec::new();
    for backend in health::backends(state) {
        let identity = state.remotes.identity(backend.name, state.now);
        let who = match &identity {
            Face::Fresh(identity) | Face::Stale { value: identity, .. } => {
                let user = identity.user.as_ref().map_or_else(String::new, |user| format!(", as {user}"));
                format!("{}{user}", identity.product)
            }
            _ => String::new(),
        };
        let (mark, role, words) = match &backend.status {
            HealthStatus::Unknown => ("◌", Role::Unknown, "nothing asked of it yet".to_owned()),
            HealthStatus::Loading => ("·", Role::Dim, "asking …".to_owned()),
            HealthStatus::Good { age } => ("●", Role::Good, format!("answered {} ago", short_age(*age))),
            HealthStatus::Partial { warning } => {
                ("▲", Role::Attention, format!("answers in part: {warning}"))
            }
            HealthStatus::Silent { age } => ("≈", Role::Stale, format!("no answer for {}", short_age(*age))),
            HealthStatus::Down { failure, since, next_try } => {
                let since = since.wall.with_timezone(&state.zone).format("%H:%M:%S %Z");
                let next = short_age(*next_try);
                ("✖", Role::Bad, format!("{} since {since}, next try in {next}", failure.kind.word()))
            }
        };
        rows.push(vec![
            (format!("{mark} "), role),
            (format!("{:<16}", backend.name), Role::Title),
            (format!("{:<14}", backend.kind.word()), Role::Dim),
            (words, role),
        ]);
        if !who.is_empty() {
            rows.push(vec![(format!("  {who}"), Role::Dim)]);
        }
        if let Some(spent) = &backend.spent {
            let role = if spent.waiting > 0 { Role::Attention } else { Role::Dim };
            let sign = if spent.waiting > 0 { "▲ " } else { "" };
            rows.push(vec![(format!("  {sign}{}", spent.words()), role)]);
        }
        if let HealthStatus::Down { failure, .. } = &backend.status {
            rows.push(vec![(format!("  {}", failure.what), Role::Text)]);
            rows.push(vec![(format!("  → {}", failure.mend), Role::Accent)]);
        }
        rows.push(Vec::new());
    }
    if rows.is_empty() {
        let words = "No backend is configured: add [backend.prometheus] and others to tminus.toml.";
        rows.push(vec![(words.to_owned(), Role::Dim)]);
    }
    rows
}

/// A framed window in the middle of the screen: its inside.
pub(super) fn window(canvas: &mut Canvas<'_>, screen: Rect, title: &str, width: u16, height: u16) -> Rect {
    let width = width.min(screen.width.saturating_sub(4));
    let height = height.min(screen.height.saturating_sub(2));
    let area = Rect::new(
        screen.x + (screen.width - width) / 2,
        // Never over the header: SIMULATED stays in sight.
        screen.y + ((screen.height - height) / 3).max(1).min(screen.height - height),
        width,
        height,
    );
    canvas.clear(area, Role::Text);
    canvas.hit(screen, Intent::Back, Some(ListId::Overlay));
    canvas.hit(area, Intent::Stay, Some(ListId::Overlay));
    let across = "─".repeat(usize::from(width.saturating_sub(2)));
    canvas.text(area.x, area.y, width, &format!("╭{across}╮"), Role::Border);
    canvas.text(area.x, area.bottom() - 1, width, &format!("╰{across}╯"), Role::Border);
    canvas.divider(area.x, area.y + 1, height.saturating_sub(2));
    canvas.divider(area.right() - 1, area.y + 1, height.saturating_sub(2));
    canvas.text(area.x + 2, area.y, width.saturating_sub(4), &format!(" {title} "), Role::Title);
    Rect::new(area.x + 2, area.y + 1, width.saturating_sub(4), height.saturating_sub(2))
}

pub(super) fn text_window(canvas: &mut Canvas<'_>, screen: Rect, title: &str, rows: &[Row], top: usize) {
    let widest = rows.iter().map(|row| row.iter().map(|(text, _)| text.width()).sum::<usize>()).max();
    let width = (widest.unwrap_or(0).max(40) as u16).saturating_add(4);
    let height = (rows.len() as u16).saturating_add(2);
    let inside = window(canvas, screen, title, width, height);
    let fits = usize::from(inside.height);
    let top = top.min(rows.len().saturating_sub(fits));
    canvas.list(ListId::Overlay, top, inside.height);
    for (y, row) in (inside.y..inside.bottom()).zip(&rows[top..]) {
        let spans: Vec<_> = row.iter().map(|(text, role)| canvas.span(text.as_str(), *role)).collect();
        canvas.line(inside.x, y, inside.width, &Line::from(spans));
    }
    if rows.len() > fits {
        let words = format!(" {}–{} of {} ", top + 1, (top + fits).min(rows.len()), rows.len());
        canvas.text_right(inside.x, inside.bottom(), inside.width, &words, Role::Dim);
    }
}

/// Layers of windows: which are drawn, how much lies in them.
fn layers(canvas: &mut Canvas<'_>, screen: Rect, state: &State, selected: usize) {
    let layers = calendar::layers::layers(state);
    let inside = window(canvas, screen, "Layers", 64, layers.len().max(4) as u16 + 4);
    if layers.is_empty() {
        let hint = "No window names a layer. `layer = \"holidays\"` in windows.toml does, and                     `tminus window import FILE.ics --layer holidays`.";
        canvas.paragraph(inside, hint, Role::Dim);
        return;
    }
    let rows = inside.height.saturating_sub(2);
    let top = list::first_row(0, selected, usize::from(rows), layers.len());
    canvas.list(ListId::Overlay, top, rows);
    for (index, layer) in layers.iter().enumerate().skip(top).take(usize::from(rows)) {
        let row = Rect::new(inside.x, inside.y + (index - top) as u16, inside.width, 1);
        let (sign, role) = if layer.hidden { ("  hidden", Role::Dim) } else { ("✓ shown ", Role::Text) };
        canvas.text(row.x, row.y, 8, sign, role);
        canvas.text(row.x + 10, row.y, row.width.saturating_sub(34), &layer.name, role);
        let denying = if layer.denying > 0 { format!("{} deny, ", layer.denying) } else { String::new() };
        let windows = if layer.windows == 1 { "window" } else { "windows" };
        let words = format!("{denying}{} {windows}", layer.windows);
        canvas.text_right(row.x, row.y, row.width, &words, Role::Dim);
        if index == selected {
            canvas.select(row);
        }
        canvas.hit(row, Intent::SelectRow(ListId::Overlay, index), Some(ListId::Overlay));
    }
    let words = "Enter shows or hides. What is hidden denies all the same.";
    canvas.text(inside.x, inside.bottom() - 1, inside.width, words, Role::Dim);
}

fn draw_palette(canvas: &mut Canvas<'_>, screen: Rect, palette: &Palette) {
    let matches = palette.matches();
    let inside = window(canvas, screen, "Commands", 72, 18);
    typed_line(canvas, inside, &palette.line);
    let rows = inside.height.saturating_sub(2);
    let drawn = list::first_row(0, palette.selected, usize::from(rows), matches.len());
    canvas.list(ListId::Overlay, drawn, rows);
    if matches.is_empty() {
        canvas.text(inside.x, inside.y + 2, inside.width, "no command matches", Role::Dim);
    }
    for (index, command) in matches.iter().enumerate().skip(drawn).take(usize::from(rows)) {
        let y = inside.y + 2 + (index - drawn) as u16;
        let row = Rect::new(inside.x, y, inside.width, 1);
        canvas.text(inside.x, y, inside.width, command.title, Role::Text);
        let keys = canvas.keymap.labels(command).join("  ");
        canvas.text_right(inside.x, y, inside.width, &keys, Role::Accent);
        if index == palette.selected {
            canvas.select(row);
        }
        canvas.hit(row, Intent::SelectRow(ListId::Overlay, index), Some(ListId::Overlay));
    }
}

fn filter(canvas: &mut Canvas<'_>, screen: Rect, line: &LineEdit) {
    let y = screen.bottom() - 1;
    let row = Rect::new(screen.x, y, screen.width, 1);
    canvas.clear(row, Role::Text);
    canvas.text(row.x + 1, y, 1, "/", Role::Accent);
    typed_line(canvas, Rect::new(row.x + 2, y, row.width.saturating_sub(30), 1), line);
    canvas.text_right(row.x, y, row.width - 1, "Enter keeps it, Esc leaves it", Role::Dim);
}

/// A line with its cursor. Answers with the columns before it.
pub(super) fn typed_line(canvas: &mut Canvas<'_>, area: Rect, line: &LineEdit) -> u16 {
    let (before, after) = line.parts();
    let room = usize::from(area.width).saturating_sub(2);
    // The end of a long line stays in sight.
    let mut shown = before;
    while shown.width() > room {
        shown = shown.char_indices().nth(1).map_or("", |(index, _)| &shown[index..]);
    }
    let x = area.x + canvas.text(area.x, area.y, area.width, shown, Role::Text);
    let used = x - area.x;
    let x = x + canvas.text(x, area.y, 1, "▏", Role::Accent);
    canvas.text(x, area.y, area.right().saturating_sub(x), after, Role::Text);
    used
}
