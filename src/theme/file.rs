//! Theme files: `role = "colour modifiers… on colour"`.

use std::collections::BTreeMap;
use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};

use super::{Role, Theme};

/// What is wrong with a theme file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("theme {theme}: {what}: {mend}")]
pub struct ThemeError {
    theme: String,
    what: String,
    mend: String,
}

/// Reads a theme. A role the file does not name looks like text; an alarm like the banner.
pub fn parse(name: &str, text: &str) -> Result<Theme, ThemeError> {
    let error = |what: String, mend: &str| ThemeError { theme: name.to_owned(), what, mend: mend.to_owned() };
    let table: BTreeMap<String, String> = toml::from_str(text).map_err(|cause| {
        error(cause.message().to_owned(), "a theme file holds lines such as `accent = \"#7aa2f7 bold\"`")
    })?;
    let mut styles = vec![Style::default(); Role::ALL.len()];
    for (key, value) in &table {
        let Some((role, _)) = Role::ALL.iter().find(|(_, known)| known == key) else {
            let known: Vec<_> = Role::ALL.iter().map(|(_, known)| *known).collect();
            return Err(error(format!("unknown role `{key}`"), &format!("known are {}", known.join(", "))));
        };
        styles[*role as usize] = style(value).map_err(|word| {
            error(
                format!("`{key}`: cannot read `{word}`"),
                "say a colour (`red`, `bright-blue`, `#7aa2f7`, `default`), then `bold`, `dim`, `italic`, \
                 `underlined`, `reversed`, then `on` and a background",
            )
        })?;
    }
    if !table.contains_key("alarm") {
        styles[Role::Alarm as usize] = styles[Role::Banner as usize];
    }
    Ok(Theme { name: name.to_owned(), styles })
}

fn style(text: &str) -> Result<Style, String> {
    let mut style = Style::default();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let modifier = match word {
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underlined" => Modifier::UNDERLINED,
            "reversed" => Modifier::REVERSED,
            "on" => {
                let name = words.next().ok_or("on")?;
                style.bg = Some(color(name)?);
                continue;
            }
            _ => {
                style.fg = Some(color(word)?);
                continue;
            }
        };
        style = style.add_modifier(modifier);
    }
    Ok(style)
}

fn color(word: &str) -> Result<Color, String> {
    if word == "default" {
        return Ok(Color::Reset);
    }
    Color::from_str(word).map_err(|_| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_it_sounds() {
        let theme = parse("t", "selected = 'black bold on bright-blue'").unwrap();
        let style = theme.style(Role::Selected);
        assert_eq!((style.fg, style.bg), (Some(Color::Black), Some(Color::LightBlue)));
        assert!(style.add_modifier.contains(Modifier::BOLD));
    }

    #[test]
    fn a_mistake_is_named() {
        let error = parse("t", "good = 'greeen'").unwrap_err().to_string();
        assert!(error.contains("greeen") && error.contains("good"), "{error}");
        assert!(parse("t", "goood = 'green'").unwrap_err().to_string().contains("goood"));
    }
}
