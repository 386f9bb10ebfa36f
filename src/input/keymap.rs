//! The keymap: the table of commands, as the person changed it.

use crate::app::{COMMANDS, Command, Context, Intent};
use crate::domain::person::KeyBinding;

use super::Key;

/// Which keys mean which command.
#[derive(Debug, Clone)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

#[derive(Debug, Clone)]
struct Binding {
    keys: Vec<Key>,
    command: &'static Command,
}

/// Something wrong with `[keys]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("keys: {0}")]
pub struct KeyProblem(pub String);

/// What keys typed so far mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// This.
    Intent(Intent),
    /// The beginning of something.
    Prefix,
    /// Nothing.
    Nothing,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(&[]).0
    }
}

impl Keymap {
    /// The table with the person's changes; and what is wrong with them.
    pub fn new(changes: &[KeyBinding]) -> (Self, Vec<KeyProblem>) {
        let mut problems = Vec::new();
        let mut bindings = Vec::new();
        for change in changes {
            check_name(change, &mut problems);
        }
        for command in COMMANDS {
            let change = changes
                .iter()
                .rev()
                .find(|change| change.action == command.name && change.context == command.context.word());
            let written: Vec<&str> = match change {
                Some(change) => change.keys.iter().map(String::as_str).collect(),
                None => command.keys.to_vec(),
            };
            for text in written {
                match parse_sequence(text) {
                    Some(keys) => bindings.push(Binding { keys, command }),
                    None => problems.push(KeyProblem(format!(
                        "cannot read the key `{text}` of `{}`: write keys such as `x`, `ctrl-k`, `shift-g`, \
                         `pageup` or `g g`",
                        command.name
                    ))),
                }
            }
        }
        let keymap = Self { bindings };
        keymap.find_conflicts(&mut problems);
        keymap.find_hidden(changes, &mut problems);
        (keymap, problems)
    }

    /// What the keys typed so far mean in a context; the nearer context wins.
    pub fn resolve(&self, context: Context, typed: &[Key]) -> Resolution {
        for place in context.chain() {
            let mut prefix = false;
            for binding in self.bindings.iter().filter(|binding| binding.command.context == *place) {
                if binding.keys == typed {
                    return Resolution::Intent(binding.command.intent);
                }
                prefix |= binding.keys.len() > typed.len() && binding.keys.starts_with(typed);
            }
            if prefix {
                return Resolution::Prefix;
            }
        }
        Resolution::Nothing
    }

    /// A command's keys, as people read them: `g g`, `G`.
    pub fn labels(&self, command: &Command) -> Vec<String> {
        let own = self.bindings.iter().filter(|binding| {
            binding.command.context == command.context && binding.command.name == command.name
        });
        own.map(|binding| binding.keys.iter().map(Key::label).collect::<Vec<_>>().join(" ")).collect()
    }

    /// Those of a command's keys that mean it in a context: where a nearer one has the key, it is
    /// not told.
    pub fn labels_in(&self, here: Context, command: &Command) -> Vec<String> {
        let own = self.bindings.iter().filter(|binding| {
            binding.command.context == command.context
                && binding.command.name == command.name
                && self.resolve(here, &binding.keys) == Resolution::Intent(command.intent)
        });
        own.map(|binding| binding.keys.iter().map(Key::label).collect::<Vec<_>>().join(" ")).collect()
    }

    /// What to hint at the bottom in a context: the first key, and a word. `helps`: whether an
    /// intent does something there now.
    pub fn hints(&self, context: Context, helps: impl Fn(Intent) -> bool) -> Vec<(String, &'static str)> {
        // A window over the panels takes the keys: what lies below is not hinted.
        let places = match context {
            Context::Overlay => &[Context::Overlay],
            Context::RunOfShow => &[Context::RunOfShow],
            Context::WarRoom => &[Context::WarRoom],
            _ => context.chain(),
        };
        let hinted = places.iter().flat_map(|place| {
            COMMANDS.iter().filter(move |command| command.context == *place && !command.hint.is_empty())
        });
        hinted
            .filter(|command| helps(command.intent))
            .filter_map(|command| self.labels(command).into_iter().next().map(|label| (label, command.hint)))
            .collect()
    }

    /// A key that the person chose for everywhere may mean something else in a panel, which wins
    /// there.
    fn find_hidden(&self, changes: &[KeyBinding], problems: &mut Vec<KeyProblem>) {
        let everywhere = Context::Global.word();
        let is_chosen = |binding: &&Binding| {
            binding.command.context == Context::Global
                && changes
                    .iter()
                    .any(|change| change.context == everywhere && change.action == binding.command.name)
        };
        for chosen in self.bindings.iter().filter(is_chosen) {
            let is_panel = |context: Context| {
                matches!(context, Context::Calendar | Context::Board | Context::Monitor | Context::Rollback)
            };
            let hiding = self.bindings.iter().filter(|other| {
                is_panel(other.command.context)
                    && (chosen.keys.starts_with(&other.keys) || other.keys.starts_with(&chosen.keys))
            });
            for other in hiding {
                let label = chosen.keys.iter().map(Key::label).collect::<Vec<_>>().join(" ");
                let (panel, name) = (other.command.context.word(), other.command.name);
                problems.push(KeyProblem(format!(
                    "`{}` ({label}) cannot be had in `{panel}`, where `{name}` has the key: give one of them \
                     another under [keys.{everywhere}] or [keys.{panel}]",
                    chosen.command.name,
                )));
            }
        }
    }

    fn find_conflicts(&self, problems: &mut Vec<KeyProblem>) {
        for (index, first) in self.bindings.iter().enumerate() {
            for second in &self.bindings[index + 1..] {
                let same_place = first.command.context == second.command.context;
                let hides = first.keys.starts_with(&second.keys) || second.keys.starts_with(&first.keys);
                if same_place && hides && first.command.name != second.command.name {
                    let label =
                        |binding: &Binding| binding.keys.iter().map(Key::label).collect::<Vec<_>>().join(" ");
                    problems.push(KeyProblem(format!(
                        "`{}` ({}) and `{}` ({}) want the same keys in `{}`: the first wins; change or unbind \
                         one under [keys.{}]",
                        first.command.name,
                        label(first),
                        second.command.name,
                        label(second),
                        first.command.context.word(),
                        first.command.context.word(),
                    )));
                }
            }
        }
    }
}

fn parse_sequence(text: &str) -> Option<Vec<Key>> {
    let keys: Option<Vec<Key>> = text.split_whitespace().map(Key::parse).collect();
    keys.filter(|keys| !keys.is_empty())
}

fn check_name(change: &KeyBinding, problems: &mut Vec<KeyProblem>) {
    let Some(context) = Context::ALL.iter().find(|context| context.word() == change.context).copied() else {
        let known: Vec<_> = Context::ALL.iter().map(|context| context.word()).collect();
        let known = known.join(", ");
        let message = format!("there is no [keys.{}]: there are {known}", change.context);
        problems.push(KeyProblem(message));
        return;
    };
    if !COMMANDS.iter().any(|command| command.context == context && command.name == change.action) {
        let names: Vec<_> = COMMANDS.iter().filter(|c| c.context == context).map(|c| c.name).collect();
        problems.push(KeyProblem(format!(
            "there is no action `{}` in `{}`: there are {}",
            change.action,
            context.word(),
            names.join(", ")
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Panel;

    fn binding(context: &str, action: &str, keys: &[&str]) -> KeyBinding {
        KeyBinding {
            context: context.into(),
            action: action.into(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    fn typed(text: &str) -> Vec<Key> {
        parse_sequence(text).unwrap()
    }

    #[test]
    fn the_table_has_no_conflict_and_every_key_reads() {
        assert_eq!(Keymap::new(&[]).1, []);
    }

    #[test]
    fn the_nearer_context_wins() {
        let keymap = Keymap::default();
        assert_eq!(keymap.resolve(Context::Monitor, &typed("h")), Resolution::Intent(Intent::PanBack));
        assert_eq!(keymap.resolve(Context::Board, &typed("h")), Resolution::Intent(Intent::Left));
        assert_eq!(keymap.resolve(Context::Typing, &typed("h")), Resolution::Nothing);
    }

    #[test]
    fn the_steps_of_a_run_of_show_have_keys_of_their_own() {
        let keymap = Keymap::default();
        for (key, intent) in [
            ("a", Intent::AddStep),
            ("e", Intent::EditSelected),
            ("shift-d", Intent::Remove),
            ("shift-a", Intent::QuickAdd),
        ] {
            assert_eq!(keymap.resolve(Context::RunOfShow, &typed(key)), Resolution::Intent(intent), "{key}");
        }
        let first = keymap.resolve(Context::WarRoom, &typed("a"));
        assert_eq!(first, Resolution::Intent(Intent::AddStep), "the empty one names this key");
    }

    #[test]
    fn two_keys_make_one_intent() {
        let keymap = Keymap::default();
        assert_eq!(keymap.resolve(Context::Board, &typed("g")), Resolution::Prefix);
        assert_eq!(keymap.resolve(Context::Board, &typed("g g")), Resolution::Intent(Intent::First));
        assert_eq!(keymap.resolve(Context::Board, &typed("g x")), Resolution::Nothing);
    }

    #[test]
    fn a_person_changes_and_unbinds_keys() {
        let changes = [binding("global", "quit", &["ctrl-q"]), binding("global", "show-board", &[])];
        let (keymap, problems) = Keymap::new(&changes);
        assert_eq!(problems, []);
        assert_eq!(keymap.resolve(Context::Board, &typed("q")), Resolution::Nothing);
        assert_eq!(keymap.resolve(Context::Board, &typed("ctrl-q")), Resolution::Intent(Intent::Quit));
        assert_eq!(keymap.resolve(Context::Board, &typed("2")), Resolution::Nothing);
    }

    #[test]
    fn a_key_for_everywhere_that_a_panel_hides_is_told() {
        let (_, problems) = Keymap::new(&[binding("global", "quit", &["m"])]);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|told| told.contains("cannot be had in `calendar`")), "{told:?}");
        assert!(told.iter().all(|told| told.contains("`quit` (m)")), "{told:?}");
        // In the panel the person wants it elsewhere: nothing hides it.
        let (_, problems) = Keymap::new(&[binding("global", "quit", &["ctrl-y"])]);
        assert_eq!(problems, []);
    }

    #[test]
    fn mistakes_and_conflicts_are_told() {
        let changes = [
            binding("global", "quit", &["j"]),
            binding("global", "fly", &["f"]),
            binding("moon", "quit", &["f"]),
            binding("board", "next-environment", &["hyper-x"]),
        ];
        let (_, problems) = Keymap::new(&changes);
        let text: Vec<_> = problems.iter().map(ToString::to_string).collect();
        for word in ["`down`", "`fly`", "[keys.moon]", "`hyper-x`"] {
            assert!(text.iter().any(|line| line.contains(word)), "{word} in {text:?}");
        }
    }

    #[test]
    fn a_key_that_means_something_nearer_is_not_told_of_the_farther() {
        let keymap = Keymap::default();
        let theme = COMMANDS.iter().find(|command| command.name == "next-theme").unwrap();
        assert_eq!(keymap.labels_in(Context::Board, theme), ["T", "ctrl-t"]);
        assert_eq!(keymap.labels_in(Context::Calendar, theme), ["ctrl-t"]);
    }

    #[test]
    fn hints_come_from_the_same_rows() {
        let hints = Keymap::default().hints(Context::of(Panel::Calendar), |_| true);
        assert!(hints.contains(&("m".to_owned(), "move")), "{hints:?}");
    }
}
