//! What the panels draw with: text clipped by display width, roles instead of colours, and a
//! record of what lies where.

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

use crate::app::{Axis, Feedback, Field, Hit, Intent, ListId};
use crate::domain::Safe;
use crate::domain::text::shown;
use crate::input::Keymap;
use crate::theme::{Role, Theme};

/// A buffer with a theme.
pub struct Canvas<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// Roles to styles.
    pub theme: &'a Theme,
    /// For hints and help.
    pub keymap: &'a Keymap,
    feedback: &'a mut Feedback,
}

impl<'a> Canvas<'a> {
    /// Over these cells.
    pub fn new(
        buffer: &'a mut Buffer,
        theme: &'a Theme,
        keymap: &'a Keymap,
        feedback: &'a mut Feedback,
    ) -> Self {
        Self { buffer, theme, keymap, feedback }
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// A piece of text in a role, for [`Canvas::line`].
    pub fn span<'t>(&self, text: impl Into<std::borrow::Cow<'t, str>>, role: Role) -> Span<'t> {
        Span::styled(text, self.style(role))
    }

    /// Writes text at a cell, at most `width` columns; what does not fit ends in `…`. Answers
    /// with the columns used. Whatever the text holds, what is drawn cannot control the terminal
    /// nor disguise a name: this is where the text of people's files is made safe.
    pub fn text(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        if !self.is_inside(x, y) || width == 0 {
            return 0;
        }
        let width = width.min(self.buffer.area.right() - x);
        let text = shown(text);
        let shown = cut(&text, usize::from(width));
        let style = self.style(role);
        let (end, _) = self.buffer.set_stringn(x, y, &shown, usize::from(width), style);
        end - x
    }

    /// Writes text so that it ends at the right edge of `width` columns.
    pub fn text_right(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let text = shown(text);
        let used = u16::try_from(text.width()).unwrap_or(u16::MAX).min(width);
        self.text(x + width - used, y, used, &text, role)
    }

    /// Writes a line of spans, at most `width` columns. Answers with the columns used.
    pub fn line(&mut self, x: u16, y: u16, width: u16, line: &Line<'_>) -> u16 {
        if !self.is_inside(x, y) {
            return 0;
        }
        let spans = line.spans.iter().map(|span| Span::styled(shown(&span.content), span.style));
        let line = Line { spans: spans.collect(), style: line.style, alignment: line.alignment };
        let (end, _) = self.buffer.set_line(x, y, &line, width.min(self.buffer.area.right() - x));
        end - x
    }

    /// Writes wrapped text. Answers with the rows used.
    pub fn paragraph(&mut self, area: Rect, text: &str, role: Role) -> u16 {
        let area = area.intersection(self.buffer.area);
        let text = Safe::multiline(text);
        let paragraph = Paragraph::new(text.as_str()).style(self.style(role)).wrap(Wrap { trim: false });
        let rows = paragraph.line_count_for(area.width);
        paragraph.render(area, self.buffer);
        rows.min(area.height)
    }

    /// Sets the style of an area without touching its text.
    pub fn fill(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Empties an area, and gives it a role.
    pub fn clear(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        ratatui::widgets::Clear.render(area, self.buffer);
        self.fill(area, role);
    }

    /// Whether a role shows as an area by itself: by a background, or reversed.
    pub fn has_ground(&self, role: Role) -> bool {
        let style = self.style(role);
        style.bg.is_some() || style.add_modifier.contains(Modifier::REVERSED)
    }

    /// Sets the style of an area; where that would not show, its blank cells are hatched.
    pub fn hatch(&mut self, area: Rect, role: Role) {
        self.fill(area, role);
        if self.has_ground(role) {
            return;
        }
        for position in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position)
                && cell.symbol() == " "
                && (position.x + position.y).is_multiple_of(2)
            {
                cell.set_symbol("╱");
            }
        }
    }

    /// A horizontal line.
    pub fn rule(&mut self, x: u16, y: u16, width: u16) {
        self.text(x, y, width, &"─".repeat(usize::from(width)), Role::Border);
    }

    /// A vertical line.
    pub fn divider(&mut self, x: u16, y: u16, height: u16) {
        for row in y..y.saturating_add(height) {
            self.text(x, row, 1, "│", Role::Border);
        }
    }

    /// A row of a list as selected: the marker at its left, the role over its width.
    pub fn select(&mut self, area: Rect) {
        self.fill(area, Role::Selected);
    }

    /// Notes that a click in an area wants something, and which list the wheel scrolls there.
    pub fn hit(&mut self, area: Rect, intent: Intent, list: Option<ListId>) {
        let Rect { x, y, width, height } = area;
        self.feedback.hits.push(Hit { x, y, width, height, intent, list });
    }

    /// Notes that an area stands for a stretch of time.
    pub fn field(&mut self, area: Rect, from: DateTime<Utc>, to: DateTime<Utc>, axis: Axis) {
        let Rect { x, y, width, height } = area;
        self.feedback.fields.push(Field { x, y, width, height, from, to, axis });
    }

    /// Notes which row of a list is the first on screen, and how many fit.
    pub fn list(&mut self, list: ListId, top: usize, rows: u16) {
        self.feedback.lists.push((list, top, usize::from(rows)));
    }

    fn is_inside(&self, x: u16, y: u16) -> bool {
        self.buffer.area.contains(ratatui::layout::Position::new(x, y))
    }
}

/// A text in lines of at most so many columns, broken between words; a longer word is cut when it
/// is drawn.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let fits = lines.last().is_some_and(|line| line.width() + word.trim_end().width() <= width);
        if !fits && lines.last().is_some_and(|line| !line.is_empty()) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// Text cut to a display width; what is cut ends in `…`.
pub fn cut(text: &str, width: usize) -> std::borrow::Cow<'_, str> {
    use unicode_segmentation::UnicodeSegmentation;
    if text.width() <= width {
        return text.into();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let wide = cluster.width();
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        out.push_str(cluster);
    }
    if width > 0 {
        out.push('…');
    }
    out.into()
}

/// How many rows a paragraph takes.
trait Rows {
    fn line_count_for(&self, width: u16) -> u16;
}

impl Rows for Paragraph<'_> {
    fn line_count_for(&self, width: u16) -> u16 {
        u16::try_from(self.line_count(width)).unwrap_or(u16::MAX)
    }
}
