//! Which theme: what the person asks for, what the terminal can show.

use crate::theme::{self, Depth, Theme};

/// The themes of this session: one in use, the others a key away.
#[derive(Debug)]
pub struct Themes {
    depth: Depth,
    name: String,
    /// Fitted to the terminal.
    pub current: Theme,
}

impl Themes {
    /// From the environment, before the person's file was read.
    pub fn new(asked: Option<&str>) -> (Self, Option<String>) {
        let depth = Depth::detect(|name| std::env::var(name).ok());
        let fallback = if is_light() { "light" } else { "dark" };
        let mut themes = Self {
            depth,
            name: fallback.to_owned(),
            current: theme::built_in(fallback).unwrap_or_else(theme::default_theme).fitted(depth),
        };
        let problem = asked.and_then(|asked| themes.choose(asked).err());
        (themes, problem)
    }

    /// Uses 256 colours at most: a colour out of all of them costs twice the bytes.
    pub fn spare(&mut self) {
        if self.depth > Depth::Ansi256 {
            self.depth = Depth::Ansi256;
            self.current = self.current.fitted(self.depth);
        }
    }

    /// Uses a theme by name, or by the path of its file.
    pub fn choose(&mut self, asked: &str) -> Result<(), String> {
        let known = || theme::BUILT_IN.map(|(name, _)| name).join(", ");
        let theme = match theme::built_in(asked) {
            Some(theme) => theme,
            None if asked.contains(['/', '.']) => {
                let text = std::fs::read_to_string(asked).map_err(|error| {
                    format!("theme {asked}: {error}: name a theme file, or one of {}", known())
                })?;
                theme::parse(asked, &text).map_err(|error| error.to_string())?
            }
            None => return Err(format!("theme {asked} is not known: there are {}", known())),
        };
        asked.clone_into(&mut self.name);
        self.current = theme.fitted(self.depth);
        Ok(())
    }

    /// Uses the next built-in theme, and says which.
    pub fn choose_next(&mut self) -> &str {
        let names = theme::BUILT_IN.map(|(name, _)| name);
        let at = names.iter().position(|name| *name == self.name).map_or(0, |index| index + 1);
        let next = names[at % names.len()];
        // A built-in theme always reads: its tests say so.
        let _ = self.choose(next);
        &self.name
    }

    /// The name of the one in use.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Whether the terminal says that its background is light (`COLORFGBG=0;15`).
fn is_light() -> bool {
    let value = std::env::var("COLORFGBG").unwrap_or_default();
    let background = value.rsplit(';').next().and_then(|number| number.parse::<u8>().ok());
    matches!(background, Some(7 | 9..=15))
}
