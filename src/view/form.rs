//! Forms: labels, values, what is said under them, and the words that are offered.

mod told;

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use tui_textarea::{CursorMove, TextArea, WrapMode};
use unicode_width::UnicodeWidthStr;

use super::canvas::{cut, wrapped};
use super::{Canvas, overlay};
use crate::app::form::{Control, Field, Form, Meaning, Popup, Stand, Subject, tell};
use crate::app::text_edit::TextEdit;
use crate::app::{Intent, ListId, State};
use crate::domain::text::shown;
use crate::theme::Role;

/// Columns of the labels, the mark before them included.
const LABELS: u16 = 17;
/// The widest a form is drawn.
const WIDEST: u16 = 108;
/// The most words offered at a time.
const OFFERED: usize = 7;

/// A row of the form.
enum Row<'f> {
    /// A blank one.
    Blank,
    /// What the form is about.
    About(String),
    /// The title of a section.
    Section(String),
    /// A field, which may be several rows high: this is one of them.
    Field { index: usize, field: &'f Field, line: u16, lines: u16 },
    /// Something said about the field above.
    Said { index: usize, meaning: Meaning, text: String, first: First },
    /// What it would collide with, below the field.
    Told { index: usize, line: told::Line },
}

/// Whether a row begins what is said.
#[derive(Clone, Copy, PartialEq)]
enum First {
    Yes,
    No,
}

/// Draws a form.
pub fn draw(canvas: &mut Canvas<'_>, screen: Rect, state: &State, form: &Form) {
    let width = WIDEST.min(screen.width.saturating_sub(4));
    let values = usize::from(width.saturating_sub(4 + LABELS));
    let mut rows = rows(form, values);
    let foot = foot(form);
    let foot: Vec<(String, Role)> = foot
        .into_iter()
        .flat_map(|(text, role)| {
            wrapped(&text, usize::from(width.saturating_sub(4))).into_iter().map(move |line| (line, role))
        })
        .collect();
    let (told, summary) = collisions(state, form, usize::from(width.saturating_sub(4)), {
        usize::from(screen.height.saturating_sub(4)).saturating_sub(rows.len() + foot.len())
    });
    let last = (0..form.fields.len()).rfind(|index| form.is_shown(*index)).unwrap_or(0);
    if !told.is_empty() {
        rows.push(Row::Blank);
    }
    rows.extend(told.into_iter().map(|line| Row::Told { index: last, line }));
    let foot: Vec<_> = summary.into_iter().chain(foot).collect();
    let wanted = rows.len() + foot.len() + 2;
    let height = u16::try_from(wanted).unwrap_or(u16::MAX);
    let title = if form.is_touched() { format!("{} *", form.title()) } else { form.title() };
    let inside = overlay::window(canvas, screen, &title, width, height);
    // A click beside it is no wish to leave it.
    canvas.hit(screen, Intent::Stay, Some(ListId::Form));
    let feet = (foot.len() as u16).min(inside.height.saturating_sub(1));
    let body = Rect { height: inside.height - feet, ..inside };
    let before = state.feedback.list(ListId::Form).map_or(0, |(top, _)| top);
    let top = first_row(&rows, form.focus, before, usize::from(body.height));
    canvas.list(ListId::Form, top, body.height);
    let mut cursor_row = None;
    for (y, row) in (body.y..body.bottom()).zip(rows.iter().skip(top)) {
        if let Row::Field { index, line: 0, .. } = row
            && *index == form.focus
        {
            cursor_row = Some(y);
        }
        draw_row(canvas, Rect { y, height: 1, ..body }, form, row);
    }
    if rows.len() > usize::from(body.height) {
        let last = (top + usize::from(body.height)).min(rows.len());
        let words = format!(" {}–{last} of {} ", top + 1, rows.len());
        canvas.text_right(inside.x, inside.bottom(), inside.width, &words, Role::Dim);
    }
    for (y, (text, role)) in (body.bottom()..).zip(foot.iter().take(usize::from(feet))) {
        canvas.text(inside.x, y, inside.width, text, *role);
    }
    // A quick line's reading stays in sight: its words stand at the foot.
    if form.subject == Subject::QuickAdd {
        return;
    }
    if let (Some(popup), Some(y)) = (&form.popup, cursor_row) {
        offers(canvas, body, y, popup);
    }
}

/// What the release would collide with: rows below the fields, and one at the foot where not all
/// of those are in sight. `room`: the rows that are left.
fn collisions(
    state: &State,
    form: &Form,
    width: usize,
    room: usize,
) -> (Vec<told::Line>, Option<told::Line>) {
    let Some(telling) = tell(state, form) else { return (Vec::new(), None) };
    // A blank row stands above them.
    let room = room.saturating_sub(1);
    let (text, role) = told::summary(&telling);
    let summary = (cut(&text, width).into_owned(), role);
    if form.subject == Subject::QuickAdd {
        // A line has nothing to scroll to: what does not fit is left out, and that is said.
        return if room < 2 {
            (Vec::new(), Some(summary))
        } else {
            (told::fitting(&telling, width, room), None)
        };
    }
    let whole = told::whole(&telling, width);
    let is_hidden = whole.len() > room;
    (whole, is_hidden.then_some(summary))
}

/// What stands under the fields: what happened to the form.
fn foot(form: &Form) -> Vec<(String, Role)> {
    let mut rows: Vec<_> = form.news.iter().map(|news| (format!("▲ {news}"), Role::Attention)).collect();
    if let Some(popup) = form.popup.as_ref().filter(|_| form.subject == Subject::QuickAdd) {
        let name = |(index, word): (usize, &String)| {
            if index == popup.selected { format!("‹{word}›") } else { word.clone() }
        };
        let words: Vec<String> = popup.words.iter().enumerate().map(name).collect();
        rows.push((format!("Tab  {}", words.join("  ")), Role::Accent));
    }
    match &form.stand {
        Stand::Open => {}
        Stand::AskedToLeave => rows.push((
            "▲ what you typed is not saved: Esc again leaves it, Ctrl-S saves it".to_owned(),
            Role::Attention,
        )),
        Stand::Saving(_) => rows.push(("saving …".to_owned(), Role::Accent)),
        Stand::Sending => rows.push(("sending, once …".to_owned(), Role::Accent)),
        Stand::Refused(why) if form.changes_no_file() => {
            rows.push((format!("✖ {why}"), Role::Bad));
            rows.push(("  everything typed is still here".to_owned(), Role::Dim));
        }
        Stand::Refused(why) => {
            rows.push((format!("✖ not saved: {why}"), Role::Bad));
            rows.push(("  everything typed is still here: Ctrl-S tries again".to_owned(), Role::Dim));
        }
    }
    rows
}

fn rows(form: &Form, width: usize) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut section = None;
    rows.extend(
        form.about.iter().flat_map(|text| wrapped(text, width + usize::from(LABELS))).map(Row::About),
    );
    if !form.about.is_empty() {
        rows.push(Row::Blank);
    }
    for (index, field) in form.fields.iter().enumerate() {
        if !form.is_shown(index) {
            continue;
        }
        if field.section != section {
            rows.push(Row::Blank);
            if let Some(id) = field.section {
                rows.push(Row::Section(form.section_title(id)));
            }
            section = field.section;
        }
        let lines = lines_of(field, width, index == form.focus);
        rows.extend((0..lines).map(|line| Row::Field { index, field, line, lines }));
        for (meaning, text) in &field.said {
            for (number, line) in wrapped(text, width.saturating_sub(2)).into_iter().enumerate() {
                let first = if number == 0 { First::Yes } else { First::No };
                rows.push(Row::Said { index, meaning: *meaning, text: line, first });
            }
        }
    }
    rows
}

/// How many rows a field takes.
fn lines_of(field: &Field, width: usize, focused: bool) -> u16 {
    let Control::Text { text, .. } = &field.control else { return 1 };
    let width = width.max(1);
    let needed: usize = text.text().split('\n').map(|line| line.width() / width + 1).sum();
    let most = if focused { 10 } else { 5 };
    needed.clamp(if focused { 3 } else { 1 }, most) as u16
}

/// The first row on screen: the field that has the keys, with what is said about it, is on it.
fn first_row(rows: &[Row<'_>], focus: usize, before: usize, fits: usize) -> usize {
    let is_its = |row: &Row<'_>| match row {
        Row::Field { index, .. } | Row::Said { index, .. } | Row::Told { index, .. } => *index == focus,
        _ => false,
    };
    let begins = rows.iter().position(is_its).unwrap_or(0);
    let ends = rows.iter().rposition(is_its).map_or(begins, |row| row + 1);
    // The title of its section too, and a row of what comes.
    let begins = begins.saturating_sub(2);
    let ends = (ends + 1).min(rows.len());
    let lowest = ends.saturating_sub(fits);
    before.max(lowest).min(begins).min(rows.len().saturating_sub(fits))
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, form: &Form, row: &Row<'_>) {
    let value = Rect { x: area.x + LABELS, width: area.width.saturating_sub(LABELS), ..area };
    match row {
        Row::Blank => {}
        Row::About(text) => {
            let role = if text.starts_with('▲') { Role::Attention } else { Role::Text };
            canvas.text(area.x, area.y, area.width, text, role);
        }
        Row::Section(title) => {
            canvas.text(area.x, area.y, area.width, title, Role::Title);
        }
        Row::Field { index, field, line, lines } => {
            let focused = *index == form.focus;
            if *line == 0 {
                label(canvas, area, field, focused);
            }
            canvas.hit(area, Intent::SelectRow(ListId::Form, *index), Some(ListId::Form));
            draw_value(canvas, value, field, (*line, *lines), focused);
        }
        Row::Told { index, line: (text, role) } => {
            canvas.text(area.x, area.y, area.width, text, *role);
            canvas.hit(area, Intent::SelectRow(ListId::Form, *index), Some(ListId::Form));
        }
        Row::Said { index, meaning, text, first } => {
            let (mark, role) = match meaning {
                Meaning::Wrong => ("✖ ", Role::Bad),
                Meaning::Notice => ("▲ ", Role::Attention),
                Meaning::Reading => ("→ ", Role::Dim),
            };
            let mark = if *first == First::Yes { mark } else { "  " };
            canvas.text(value.x, area.y, value.width, &format!("{mark}{text}"), role);
            canvas.hit(area, Intent::SelectRow(ListId::Form, *index), Some(ListId::Form));
        }
    }
}

fn label(canvas: &mut Canvas<'_>, area: Rect, field: &Field, focused: bool) {
    if focused {
        canvas.text(area.x, area.y, 1, "▸", Role::Accent);
    }
    let role = match (focused, field.is_wrong()) {
        (_, true) => Role::Bad,
        (true, false) => Role::Accent,
        (false, false) => Role::Dim,
    };
    if matches!(field.control, Control::Button(_)) {
        let role = if focused { Role::Selected } else { Role::Accent };
        canvas.text(area.x + LABELS, area.y, area.width.saturating_sub(LABELS), field.label, role);
        return;
    }
    canvas.text(area.x + 2, area.y, LABELS - 3, field.label, role);
    if field.is_touched() {
        canvas.text(area.x + LABELS - 2, area.y, 1, "*", Role::Accent);
    }
}

fn draw_value(canvas: &mut Canvas<'_>, area: Rect, field: &Field, place: (u16, u16), focused: bool) {
    match &field.control {
        Control::Button(_) => {}
        Control::Choice { options, at } => choice(canvas, area, options, *at, focused),
        Control::Text { text, .. } => text_rows(canvas, area, text, field.hint, place, focused),
        Control::Line { line, .. } if line.text().is_empty() && !focused => {
            canvas.text(area.x, area.y, area.width, field.hint, Role::Dim);
        }
        Control::Line { line, .. } if focused => {
            let used = overlay::typed_line(canvas, area, line);
            if line.text().is_empty() {
                let rest = area.width.saturating_sub(used + 1);
                canvas.text(area.x + used + 1, area.y, rest, field.hint, Role::Dim);
            }
        }
        Control::Line { line, .. } => {
            canvas.text(area.x, area.y, area.width, line.text(), Role::Text);
        }
    }
}

/// The word alone; all of them while it has the keys.
fn choice(canvas: &mut Canvas<'_>, area: Rect, options: &[String], at: usize, focused: bool) {
    let name = |option: &String| if option.is_empty() { "–".to_owned() } else { option.clone() };
    let chosen = options.get(at).map(name).unwrap_or_default();
    if !focused {
        canvas.text(area.x, area.y, area.width, &chosen, Role::Text);
        return;
    }
    let all: usize = options.iter().map(|option| name(option).width() + 2).sum();
    if all > usize::from(area.width) {
        canvas.text(area.x, area.y, area.width, &format!("‹ {chosen} ›"), Role::Accent);
        return;
    }
    let mut x = area.x;
    for (index, option) in options.iter().enumerate() {
        let role = if index == at { Role::Selected } else { Role::Dim };
        let room = area.right().saturating_sub(x);
        x += canvas.text(x, area.y, room, &name(option), role) + 2;
    }
}

/// One row of several lines of text, which the widget lays out.
fn text_rows(
    canvas: &mut Canvas<'_>,
    area: Rect,
    text: &TextEdit,
    hint: &'static str,
    (line, lines): (u16, u16),
    focused: bool,
) {
    if text.text().is_empty() && !focused {
        canvas.text(area.x, area.y, area.width, hint, Role::Dim);
        return;
    }
    let (row, _) = text.position();
    let column = shown(text.line_before()).chars().count();
    let mut widget = TextArea::from(text.text().split('\n').map(|line| shown(line).into_owned()));
    widget.set_wrap_mode(WrapMode::WordOrGlyph);
    widget.set_style(canvas.style(Role::Text));
    widget.set_cursor_line_style(Style::default());
    widget.set_placeholder_text(hint);
    widget.set_placeholder_style(canvas.style(Role::Dim));
    if focused {
        widget.set_cursor_style(canvas.style(Role::Selected));
        widget.move_cursor(CursorMove::Jump(row as u16, column as u16));
    } else {
        widget.set_cursor_style(canvas.style(Role::Text));
        widget.move_cursor(CursorMove::Jump(0, 0));
    }
    let whole = Rect::new(0, 0, area.width, lines);
    let mut laid_out = Buffer::empty(whole);
    (&widget).render(whole, &mut laid_out);
    let right = area.right().min(canvas.buffer.area.right());
    for (x, column) in (area.x..right).zip(0..) {
        if let (Some(from), Some(to)) = (laid_out.cell((column, line)), canvas.buffer.cell_mut((x, area.y))) {
            *to = from.clone();
        }
    }
}

/// The words under the field, or above it where there is no room below.
fn offers(canvas: &mut Canvas<'_>, body: Rect, y: u16, popup: &Popup) {
    let below = usize::from(body.bottom().saturating_sub(y + 1));
    let above = usize::from(y.saturating_sub(body.y));
    let rows = popup.words.len().min(OFFERED);
    let (start, rows) = if below >= rows || below >= above {
        (y + 1, rows.min(below))
    } else {
        let rows = rows.min(above);
        (y - rows as u16, rows)
    };
    if rows == 0 {
        return;
    }
    let widest = popup.words.iter().map(|word| word.width()).max().unwrap_or(0) as u16;
    let width = body.width.saturating_sub(LABELS);
    let marked = (widest + 2).clamp(16, width.max(16));
    let top = crate::app::list::first_row(0, popup.selected, rows, popup.words.len());
    let area = Rect::new(body.x + LABELS, start, width, rows as u16);
    canvas.clear(area, Role::Text);
    canvas.hit(area, Intent::Stay, Some(ListId::Offers));
    for (row, (index, word)) in (start..).zip(popup.words.iter().enumerate().skip(top).take(rows)) {
        let line = Rect::new(area.x, row, marked, 1);
        let word: Cow<'_, str> = cut(word, usize::from(width.saturating_sub(2)));
        canvas.text(area.x, row, 1, "│", Role::Border);
        canvas.text(area.x + 1, row, width - 1, &word, Role::Accent);
        if index == popup.selected {
            canvas.select(line);
        }
        canvas.hit(line, Intent::SelectRow(ListId::Offers, index), Some(ListId::Offers));
    }
    if popup.words.len() > rows {
        let more = format!(" {} more", popup.words.len() - rows);
        canvas.text(area.x + marked + 1, start + rows as u16 - 1, 12, &more, Role::Dim);
    }
}
