//! Meanings to colours: a theme is a file, a role is what a thing means.

mod depth;
mod file;

pub use depth::Depth;
pub use file::{ThemeError, parse};

use ratatui::style::Style;

/// What a thing on screen means; a theme gives each a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// What may be overlooked: labels, grid lines, hints.
    Dim,
    /// The one accent: where we are, what a key does.
    Accent,
    /// Titles.
    Title,
    /// Good; always with `●`.
    Good,
    /// Deserves attention; always with `▲`.
    Attention,
    /// Bad; always with `✖`.
    Bad,
    /// Not known; always with `◌`.
    Unknown,
    /// Too old to count; always with `≈`.
    Stale,
    /// The selected row or cell.
    Selected,
    /// A freeze on the calendar.
    Freeze,
    /// A change window on the calendar.
    ChangeWindow,
    /// A planned stage on the calendar.
    Planned,
    /// Something over: completed, a past tag.
    Past,
    /// Today, now.
    Now,
    /// A line between parts.
    Border,
    /// A chart's first line: the new version.
    ChartNew,
    /// A chart's second line: the old version.
    ChartOld,
    /// A chart's threshold.
    ChartLimit,
    /// SIMULATED, read-only: cannot be overlooked.
    Banner,
    /// Break-glass, a stopped line: the loudest there is.
    Alarm,
}

impl Role {
    /// Every role with its name in a theme file.
    pub const ALL: [(Self, &'static str); 21] = [
        (Self::Text, "text"),
        (Self::Dim, "dim"),
        (Self::Accent, "accent"),
        (Self::Title, "title"),
        (Self::Good, "good"),
        (Self::Attention, "attention"),
        (Self::Bad, "bad"),
        (Self::Unknown, "unknown"),
        (Self::Stale, "stale"),
        (Self::Selected, "selected"),
        (Self::Freeze, "freeze"),
        (Self::ChangeWindow, "change-window"),
        (Self::Planned, "planned"),
        (Self::Past, "past"),
        (Self::Now, "now"),
        (Self::Border, "border"),
        (Self::ChartNew, "chart-new"),
        (Self::ChartOld, "chart-old"),
        (Self::ChartLimit, "chart-limit"),
        (Self::Banner, "banner"),
        (Self::Alarm, "alarm"),
    ];
}

/// A style for every role, fitted to what the terminal can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    styles: Vec<Style>,
}

impl Theme {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// The same theme in fewer colours.
    #[must_use]
    pub fn fitted(&self, depth: Depth) -> Self {
        let fitted = |(role, _): &(Role, &str)| {
            let style = self.style(*role);
            match (depth, *role) {
                // Without colours the reverse belongs to what is selected: stages and freezes have
                // edges and hatching instead of a ground.
                (Depth::None, Role::Planned) => depth.fit(Style { bg: None, ..style }).bold(),
                (Depth::None, Role::Freeze) => depth.fit(Style { bg: None, ..style }),
                _ => depth.fit(style),
            }
        };
        Self { name: self.name.clone(), styles: Role::ALL.iter().map(fitted).collect() }
    }
}

/// The themes that come with the program: name and file.
pub const BUILT_IN: [(&str, &str); 5] = [
    ("dark", include_str!("../../config/themes/dark.toml")),
    ("light", include_str!("../../config/themes/light.toml")),
    ("high-contrast", include_str!("../../config/themes/high-contrast.toml")),
    ("colour-blind-safe", include_str!("../../config/themes/colour-blind-safe.toml")),
    ("plain", include_str!("../../config/themes/plain.toml")),
];

/// A theme that comes with the program.
pub fn built_in(name: &str) -> Option<Theme> {
    let (name, text) = BUILT_IN.into_iter().find(|(known, _)| *known == name)?;
    parse(name, text).ok()
}

/// The theme used when nothing else is asked for.
pub fn default_theme() -> Theme {
    built_in("dark")
        .unwrap_or_else(|| Theme { name: "none".to_owned(), styles: vec![Style::default(); Role::ALL.len()] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_theme_is_whole() {
        for (name, text) in BUILT_IN {
            let theme = parse(name, text).unwrap();
            assert_eq!(theme.styles.len(), Role::ALL.len(), "{name}");
        }
    }

    #[test]
    fn roles_are_in_the_order_of_their_table() {
        for (index, (role, _)) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, index);
        }
    }

    #[test]
    fn good_and_bad_differ_without_colour_too() {
        let plain = built_in("dark").unwrap().fitted(Depth::None);
        assert!(Role::ALL.iter().all(|(role, _)| plain.style(*role).fg.is_none()));
        assert_ne!(plain.style(Role::Selected), plain.style(Role::Text));
        let reversed = |role| plain.style(role).add_modifier.contains(ratatui::style::Modifier::REVERSED);
        assert!(reversed(Role::Selected) && !reversed(Role::Planned) && !reversed(Role::Freeze));
    }
}
