//! The fields of a form: what can be typed or chosen, and what is said about it.

use crate::app::line_edit::LineEdit;
use crate::app::message::Typed;
use crate::app::text_edit::TextEdit;

/// Which value a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the key of the files that it is named after")]
pub enum Name {
    Id,
    Title,
    Change,
    Status,
    Owner,
    Tracker,
    Items,
    Notes,
    Checks,
    Environment,
    Region,
    Start,
    End,
    TimeZone,
    Strategy,
    Steps,
    Soak,
    Kind,
    Environments,
    Services,
    Regions,
    Allow,
    Hard,
    Layer,
    Repeats,
    Interval,
    Weekdays,
    MonthDays,
    Until,
    Count,
    Rule,
    Skip,
    Also,
    Branches,
    Window,
    Reason,
    By,
    Ticket,
    Expires,
    At,
    After,
    Duration,
    Query,
    Run,
    Timeout,
    Matchers,
    To,
    Text,
    Manager,
    Confirm,
    Line,
}

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Which value it holds.
    pub name: Name,
    /// The section it belongs to; `None`: the form's own.
    pub section: Option<u32>,
    /// Its label.
    pub label: &'static str,
    /// What can be typed, shown while it is empty.
    pub hint: &'static str,
    /// How it is filled.
    pub control: Control,
    /// What it held when it was opened, or what the file said last.
    pub before: String,
    /// What the file says now, where it changed under what was typed.
    pub meanwhile: Option<String>,
    /// What is said about it, under it.
    pub said: Vec<(Meaning, String)>,
}

/// How a field is filled.
#[derive(Debug, Clone, PartialEq)]
pub enum Control {
    /// A line of text.
    Line {
        /// As typed.
        line: LineEdit,
        /// What is offered while it is typed.
        offers: Offers,
    },
    /// Several lines of text.
    Text {
        /// As typed.
        text: TextEdit,
        /// What is offered while it is typed.
        offers: Offers,
    },
    /// One of a few words.
    Choice {
        /// The words.
        options: Vec<String>,
        /// Which.
        at: usize,
    },
    /// A row that does something when Enter is pressed on it.
    Button(Button),
}

/// What a row does when Enter is pressed on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// Adds a stage to the release.
    AddStage,
}

/// What is offered while a field is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Offers {
    /// Nothing.
    #[default]
    Nothing,
    /// The workspace's services.
    Services,
    /// Services with `@` after them: a version follows.
    Items,
    /// The workspace's environments.
    Environments,
    /// The regions of the section's environment, of all of them where it names none.
    Regions,
    /// People who own something or are called when it breaks.
    People,
    /// Roles of the go/no-go polls.
    Roles,
    /// Time zones.
    Zones,
    /// The layers of the windows.
    Layers,
    /// Change types.
    ChangeTypes,
    /// How the word at the cursor of a quick line could go on.
    Quick,
    /// Days of the week.
    Weekdays,
    /// Trackers, and the projects that releases name.
    Trackers,
    /// The other steps of the run of show.
    Steps,
}

impl Offers {
    /// Whether several words can stand in the field, separated by commas.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::Services
                | Self::Items
                | Self::Environments
                | Self::Regions
                | Self::ChangeTypes
                | Self::Weekdays
                | Self::Steps
        )
    }
}

/// How something said about a field is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It cannot be saved so.
    Wrong,
    /// It should be known.
    Notice,
    /// How what was typed is read.
    Reading,
}

impl Field {
    /// A line of text.
    pub fn line(name: Name, label: &'static str, text: impl Into<String>, hint: &'static str) -> Self {
        Self::with(name, label, text, hint, |text| Control::Line {
            line: LineEdit::new(text),
            offers: Offers::Nothing,
        })
    }

    /// A line of text while which something is offered.
    pub fn offering(
        name: Name,
        label: &'static str,
        text: impl Into<String>,
        offers: Offers,
        hint: &'static str,
    ) -> Self {
        Self::with(name, label, text, hint, |text| Control::Line { line: LineEdit::new(text), offers })
    }

    /// Several lines of text.
    pub fn text(
        name: Name,
        label: &'static str,
        text: impl Into<String>,
        offers: Offers,
        hint: &'static str,
    ) -> Self {
        Self::with(name, label, text, hint, |text| Control::Text { text: TextEdit::new(text), offers })
    }

    /// One of a few words; one that is none of them is offered too, because a file may say it.
    pub fn choice<W: Into<String>>(
        name: Name,
        label: &'static str,
        text: impl Into<String>,
        options: impl IntoIterator<Item = W>,
        hint: &'static str,
    ) -> Self {
        let text = text.into();
        let mut options: Vec<String> = options.into_iter().map(Into::into).collect();
        if !options.contains(&text) {
            options.insert(0, text.clone());
        }
        Self::with(name, label, text, hint, |text| {
            let at = options.iter().position(|option| option == text).unwrap_or(0);
            Control::Choice { options, at }
        })
    }

    /// A row that does something.
    pub fn button(button: Button, label: &'static str) -> Self {
        Self::with(Name::Id, label, "", "", |_| Control::Button(button))
    }

    fn with(
        name: Name,
        label: &'static str,
        text: impl Into<String>,
        hint: &'static str,
        control: impl FnOnce(&str) -> Control,
    ) -> Self {
        let before = text.into();
        let control = control(&before);
        Self { name, section: None, label, hint, control, before, meanwhile: None, said: Vec::new() }
    }

    /// The same field in a section.
    #[must_use]
    pub fn within(mut self, section: u32) -> Self {
        self.section = Some(section);
        self
    }

    /// What it holds.
    pub fn value(&self) -> &str {
        match &self.control {
            Control::Line { line, .. } => line.text(),
            Control::Text { text, .. } => text.text(),
            Control::Choice { options, at } => options.get(*at).map_or("", String::as_str),
            Control::Button(_) => "",
        }
    }

    /// Fills it anew.
    pub fn fill(&mut self, value: &str) {
        match &mut self.control {
            Control::Line { line, .. } => *line = LineEdit::new(value),
            Control::Text { text, .. } => *text = TextEdit::new(value),
            Control::Choice { options, at } => {
                *at = options.iter().position(|option| option == value).unwrap_or_else(|| {
                    options.push(value.to_owned());
                    options.len() - 1
                });
            }
            Control::Button(_) => {}
        }
    }

    /// Whether it holds something else than when it was opened.
    pub fn is_touched(&self) -> bool {
        self.value() != self.before
    }

    /// Whether it holds several lines.
    pub fn is_text(&self) -> bool {
        matches!(self.control, Control::Text { .. })
    }

    /// What is offered while it is typed.
    pub fn offers(&self) -> Offers {
        match &self.control {
            Control::Line { offers, .. } | Control::Text { offers, .. } => *offers,
            _ => Offers::Nothing,
        }
    }

    /// What stands before the cursor on its line.
    pub fn before_cursor(&self) -> &str {
        match &self.control {
            Control::Line { line, .. } => line.parts().0,
            Control::Text { text, .. } => text.line_before(),
            _ => "",
        }
    }

    /// Takes what was typed.
    pub fn apply(&mut self, typed: &Typed) {
        match &mut self.control {
            Control::Line { line, .. } => line.apply(typed),
            Control::Text { text, .. } => text.apply(typed),
            Control::Choice { options, at } => choose(options, at, typed),
            Control::Button(_) => {}
        }
    }

    /// Says something about it.
    pub fn say(&mut self, meaning: Meaning, text: impl Into<String>) {
        self.said.push((meaning, text.into()));
    }

    /// Whether something is wrong with it.
    pub fn is_wrong(&self) -> bool {
        self.said.iter().any(|(meaning, _)| *meaning == Meaning::Wrong)
    }
}

/// Left, right and space go round the words; a letter goes to the next one that begins with it.
fn choose(options: &[String], at: &mut usize, typed: &Typed) {
    let count = options.len().max(1);
    match typed {
        Typed::Left => *at = (*at + count - 1) % count,
        Typed::Right | Typed::Character(' ') => *at = (*at + 1) % count,
        Typed::Home => *at = 0,
        Typed::End => *at = count - 1,
        Typed::Character(letter) => {
            let begins = |option: &String| {
                let first = option.chars().next();
                first.is_some_and(|first| first.to_lowercase().eq(letter.to_lowercase()))
            };
            let next = (1..=count).map(|step| (*at + step) % count);
            if let Some(found) = next.into_iter().find(|index| options.get(*index).is_some_and(begins)) {
                *at = found;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_goes_round_and_finds_a_letter() {
        let mut field =
            Field::choice(Name::Change, "change", "normal", ["standard", "normal", "emergency"], "");
        field.apply(&Typed::Right);
        assert_eq!(field.value(), "emergency");
        field.apply(&Typed::Character(' '));
        assert_eq!(field.value(), "standard");
        field.apply(&Typed::Left);
        field.apply(&Typed::Character('N'));
        assert_eq!(field.value(), "normal");
        assert!(!field.is_touched());
    }

    #[test]
    fn a_word_that_the_file_alone_knows_can_stay() {
        let field = Field::choice(Name::Window, "window", "gone", ["year-end"], "");
        assert_eq!(field.value(), "gone");
    }
}
