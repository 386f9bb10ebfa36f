//! Windows over the panels: a stack, not a heap of flags.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::calendar::conflicts::List;
use super::calendar::golive::Dialog;
use super::calendar::slots::Finder;
use super::form::Form;
use super::line_edit::LineEdit;
use super::show;
use super::tracker;
use super::{COMMANDS, Command, Context, Intent};

/// A window over the panels.
#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    /// The keys for where we are; scrolled by rows.
    Help(usize),
    /// What is wrong with the files.
    Problems(usize),
    /// How the backends are.
    Backends(usize),
    /// Layers of windows, and which is selected.
    Layers(usize),
    /// What was edited.
    Edits(usize),
    /// Everything that collides.
    Conflicts(List),
    /// A staged go-live that is being planned.
    GoLive(Box<Dialog>),
    /// The slot finder.
    Slots(Box<Finder>),
    /// Find any command.
    Palette(Palette),
    /// Versions of the tracker beside the plan.
    Versions(tracker::List),
    /// A date that goes to the tracker once it is confirmed.
    Push(Box<tracker::Dialog>),
    /// Fields to fill in.
    Form(Box<Form>),
    /// A run of show, in place of the panel.
    Show(Box<show::View>),
    /// The filter of the panel below, as it is typed; and what it was before.
    Filter {
        /// As typed.
        line: LineEdit,
        /// What Esc brings back.
        before: String,
    },
}

impl Overlay {
    /// Where its keys come from.
    pub fn context(&self) -> Context {
        match self {
            Self::Push(dialog) if dialog.is_asking() => Context::Typing,
            Self::Help(_)
            | Self::Problems(_)
            | Self::Backends(_)
            | Self::Edits(_)
            | Self::Versions(_)
            | Self::Push(_)
            | Self::Layers(_)
            | Self::Conflicts(_)
            | Self::GoLive(_)
            | Self::Slots(_) => Context::Overlay,
            Self::Form(_) => Context::Form,
            Self::Show(view) => view.context(),
            Self::Palette(_) | Self::Filter { .. } => Context::Typing,
        }
    }
}

/// The palette: a line and the commands that match it.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    /// As typed.
    pub line: LineEdit,
    /// Which match is selected.
    pub selected: usize,
    /// Where it was opened: the commands there are offered.
    pub here: Context,
}

impl Palette {
    /// An empty one over a panel, or what lies in its place.
    pub fn new(here: Context) -> Self {
        Self { line: LineEdit::default(), selected: 0, here }
    }

    /// The commands that match what was typed, best first; all of them, in the table's order,
    /// while nothing is typed.
    pub fn matches(&self) -> Vec<&'static Command> {
        let here = self.here;
        let offered = COMMANDS.iter().filter(|command| {
            (here.chain().contains(&command.context) || command.context == Context::Global)
                && is_offered(command.intent)
        });
        let typed = self.line.text().trim();
        if typed.is_empty() {
            return offered.collect();
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut scored: Vec<_> = offered
            .filter_map(|command| {
                let words = format!("{} {}", command.title, command.name);
                let score = pattern.score(Utf32Str::new(&words, &mut buffer), &mut matcher)?;
                Some((score, command))
            })
            .collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored.into_iter().map(|(_, command)| command).collect()
    }
}

/// Moving about needs no palette.
fn is_offered(intent: Intent) -> bool {
    use Intent::{Back, Down, First, Last, Left, Open, PageDown, PageUp, Right, ShowPalette, Up};
    !matches!(intent, Back | Down | First | Last | Left | Open | PageDown | PageUp | Right | ShowPalette | Up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_the_command() {
        let mut palette = Palette::new(Context::Calendar);
        palette.line = LineEdit::new("agnd");
        // "As a list agenda"
        assert_eq!(palette.matches().first().map(|command| command.name), Some("agenda"));
        palette.line = LineEdit::new("zzzzqqq");
        assert!(palette.matches().is_empty());
    }

    #[test]
    fn commands_of_other_panels_are_not_offered() {
        let names: Vec<_> = Palette::new(Context::Board).matches().iter().map(|c| c.name).collect();
        assert!(names.contains(&"next-environment") && !names.contains(&"agenda"));
    }
}
