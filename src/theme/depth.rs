//! How many colours a terminal shows, and the nearest of them.

use ratatui::style::{Color, Style};

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: `NO_COLOR`, `TERM=dumb`, monochrome.
    None,
    /// Its sixteen.
    Ansi16,
    /// 256.
    Ansi256,
    /// All of them.
    True,
}

impl Depth {
    /// From the environment, as terminals announce themselves: `NO_COLOR`, `COLORTERM`, `TERM`.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        if set("NO_COLOR").is_some() || term == "dumb" || term.contains("-m") || term.starts_with("vt") {
            Self::None
        } else if set("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
            Self::True
        } else if term.contains("256") || term.contains("kitty") || term.contains("direct") {
            Self::Ansi256
        } else {
            Self::Ansi16
        }
    }

    /// A style in at most this many colours. Without colour, what had a background is reversed,
    /// so that a selection stays visible.
    pub fn fit(self, mut style: Style) -> Style {
        if self == Self::None {
            let had_background = style.bg.is_some_and(|color| color != Color::Reset);
            style.fg = None;
            style.bg = None;
            style.underline_color = None;
            return if had_background { style.reversed() } else { style };
        }
        style.fg = style.fg.map(|color| self.nearest(color));
        style.bg = style.bg.map(|color| self.nearest(color));
        style
    }

    fn nearest(self, color: Color) -> Color {
        let Color::Rgb(red, green, blue) = color else { return color };
        match self {
            Self::True | Self::None => color,
            Self::Ansi256 => Color::Indexed(nearest_256(red, green, blue)),
            Self::Ansi16 => nearest_16(red, green, blue),
        }
    }
}

/// The xterm palette: a 6×6×6 cube from 16, greys from 232.
fn nearest_256(red: u8, green: u8, blue: u8) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level = |value: u8| (0..6u8).min_by_key(|i| LEVELS[usize::from(*i)].abs_diff(value)).unwrap_or(0);
    let (r, g, b) = (level(red), level(green), level(blue));
    let cube = [LEVELS[usize::from(r)], LEVELS[usize::from(g)], LEVELS[usize::from(b)]];
    let average = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
    let grey = (average.saturating_sub(3) / 10).min(23) as u8;
    let grey_value = 8 + 10 * grey;
    let wanted = [red, green, blue];
    if distance(wanted, [grey_value; 3]) < distance(wanted, cube) {
        232 + grey
    } else {
        16 + 36 * r + 6 * g + b
    }
}

fn nearest_16(red: u8, green: u8, blue: u8) -> Color {
    const PALETTE: [(Color, [u8; 3]); 16] = [
        (Color::Black, [0, 0, 0]),
        (Color::Red, [205, 0, 0]),
        (Color::Green, [0, 205, 0]),
        (Color::Yellow, [205, 205, 0]),
        (Color::Blue, [0, 0, 238]),
        (Color::Magenta, [205, 0, 205]),
        (Color::Cyan, [0, 205, 205]),
        (Color::Gray, [229, 229, 229]),
        (Color::DarkGray, [127, 127, 127]),
        (Color::LightRed, [255, 100, 100]),
        (Color::LightGreen, [100, 255, 100]),
        (Color::LightYellow, [255, 255, 100]),
        (Color::LightBlue, [120, 160, 255]),
        (Color::LightMagenta, [255, 100, 255]),
        (Color::LightCyan, [100, 255, 255]),
        (Color::White, [255, 255, 255]),
    ];
    let wanted = [red, green, blue];
    PALETTE.iter().min_by_key(|(_, rgb)| distance(wanted, *rgb)).map_or(Color::Reset, |(color, _)| *color)
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &'static [(&str, &str)]) -> Depth {
        Depth::detect(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_decides() {
        assert_eq!(with(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(with(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Ansi256);
        assert_eq!(with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(with(&[("TERM", "linux")]), Depth::Ansi16);
        assert_eq!(with(&[("TERM", "dumb")]), Depth::None);
    }

    #[test]
    fn the_nearest_colour_is_near() {
        assert_eq!(nearest_256(255, 0, 0), 196);
        assert_eq!(nearest_256(128, 128, 128), 244);
        assert_eq!(nearest_16(250, 90, 100), Color::LightRed);
    }
}
