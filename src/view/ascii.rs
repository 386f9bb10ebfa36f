//! ASCII only, for terminals whose locale is not UTF-8: the last step of a frame.

use ratatui::buffer::Buffer;

/// Replaces every symbol that is not ASCII by the one that comes nearest.
pub fn flatten(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let plain = cell.symbol().chars().next().map_or(' ', nearest);
            cell.set_char(plain);
        }
    }
}

/// The ASCII character that comes nearest to a symbol; `?` where none does.
#[expect(clippy::match_same_arms, reason = "a row a family of symbols reads better than a row a result")]
pub fn nearest(symbol: char) -> char {
    match symbol {
        '\u{2800}' => ' ',
        '\u{2801}'..='\u{28ff}' => braille(symbol),
        '─' | '╸' | '┄' | '╌' | '–' | '—' | '−' | '┈' | '╴' | '╶' | '‐' => '-',
        '│' | '┃' | '┆' | '╎' | '▏' | '▕' | '▌' | '▐' | '┊' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' | '╞' | '╡' | '╪' => {
            '+'
        }
        '═' | '━' => '=',
        '→' | '▶' | '▸' | '›' | '»' | '❯' | '⇢' => '>',
        '←' | '◀' | '◂' | '‹' | '«' | '⇠' => '<',
        '↑' | '▴' => '^',
        '↓' | '▾' | '▼' => 'v',
        '●' | '◉' => 'o',
        '▲' | '△' => '!',
        '◇' | '◆' => '*',
        '✖' | '✗' | '×' => 'x',
        '◌' | '○' => '?',
        '≈' => '~',
        '✓' | '✔' => '+',
        '╱' => '/',
        '☾' => 'z',
        '·' | '…' | '•' | '∙' | '◦' => '.',
        '█' | '▓' | '▇' | '▆' | '▅' | '▉' | '▊' | '▋' | '▀' | '▄' | '▙' | '▛' | '▜' | '▟' => {
            '#'
        }
        '▒' | '▃' | '▂' | '▚' | '▞' => '=',
        '░' | '▁' | '▖' | '▗' | '▘' | '▝' => '-',
        '⏎' => '$',
        '“' | '”' => '"',
        '‘' | '’' | '′' => '\'',
        'µ' => 'u',
        '²' => '2',
        '≤' => '<',
        '≥' => '>',
        '±' => '+',
        '␛' => '^',
        _ => '?',
    }
}

/// A braille pattern by where its dots are: high, low, or both.
fn braille(symbol: char) -> char {
    let dots = symbol as u32 - 0x2800;
    match (dots & 0b0001_1011 != 0, dots & 0b1110_0100 != 0) {
        (true, true) => ':',
        (true, false) => '\'',
        (false, _) => '.',
    }
}
