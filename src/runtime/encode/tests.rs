//! What a terminal shows after frames, and how many bytes they took.

use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::*;

fn shown(frames: &[Buffer]) -> (vt100::Parser, Vec<usize>) {
    shown_on("xterm-256color", frames)
}

fn shown_on(terminal: &str, frames: &[Buffer]) -> (vt100::Parser, Vec<usize>) {
    let area = frames[0].area;
    let rows = std::num::NonZero::new(area.height).unwrap();
    let columns = std::num::NonZero::new(area.width).unwrap();
    let mut parser = vt100::Parser::new(rows, columns, 0);
    let mut encoder = Encoder::of(terminal);
    let mut sizes = Vec::new();
    let mut old = Buffer::empty(area);
    for frame in frames {
        let mut out = Vec::new();
        encoder.frame(&old, frame, &mut out);
        parser.process(&out);
        sizes.push(out.len());
        old = frame.clone();
    }
    (parser, sizes)
}

fn frame(lines: &[(&str, Style)]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 4));
    for (row, (line, style)) in (0..).zip(lines) {
        buffer.set_string(0, row, line, *style);
    }
    buffer
}

#[test]
fn what_did_not_change_is_not_written() {
    let one = frame(&[("T-00:38:20", Style::new().bold())]);
    let two = frame(&[("T-00:38:19", Style::new().bold())]);
    let (parser, sizes) = shown(&[one.clone(), two.clone(), two]);
    assert_eq!(sizes[2], 0);
    assert!(sizes[1] <= 20, "{sizes:?}");
    assert!(parser.screen().contents().starts_with("T-00:38:19"));
}

#[test]
fn a_large_frame_arrives_in_one_piece() {
    let written = |rows: usize| {
        let line = "x".repeat(30);
        let frame = frame(&vec![(line.as_str(), Style::new()); rows]);
        let mut out = Vec::new();
        Encoder::default().frame(&Buffer::empty(frame.area), &frame, &mut out);
        (out.starts_with(b"\x1b[?2026h"), out.ends_with(b"\x1b[?2026l"))
    };
    assert_eq!((written(3), written(2)), ((true, true), (false, false)));
}

#[test]
fn the_question_is_never_asked_in_the_first_row() {
    let cases = [
        (frame(&[("first", Style::new())]), Some((2, 1))),
        (frame(&[("", Style::new()), ("second", Style::new())]), Some((2, 7))),
        (frame(&[(&"x".repeat(30), Style::new())]), Some((2, 1))),
    ];
    for (frame, wanted) in cases {
        let mut encoder = Encoder::default();
        let mut out = Vec::new();
        encoder.frame(&Buffer::empty(frame.area), &frame, &mut out);
        assert_eq!(encoder.ask(frame.area.height, &mut out), wanted);
        let rows = std::num::NonZero::new(frame.area.height).unwrap();
        let mut parser = vt100::Parser::new(rows, std::num::NonZero::new(30).unwrap(), 0);
        parser.process(&out);
        let (row, column) = parser.screen().cursor_position();
        assert_eq!(Some((row + 1, column + 1)), wanted);
    }
    let mut out = Vec::new();
    let area = Rect::new(0, 0, 30, 1);
    let mut encoder = Encoder::default();
    encoder.frame(&Buffer::empty(area), &Buffer::with_lines([format!("x{:29}", "")]), &mut out);
    assert_eq!(encoder.ask(1, &mut out), Some((1, 2)), "there is no other row");
}

#[test]
fn a_raw_escape_never_reaches_the_terminal() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
    buffer[(0, 0)].set_symbol("\x1b[2J");
    let mut out = Vec::new();
    Encoder::default().frame(&Buffer::empty(buffer.area), &buffer, &mut out);
    assert!(!String::from_utf8_lossy(&out).contains("\x1b[2J"));
}

#[test]
fn an_emoji_of_several_characters_moves_nothing_beside_it() {
    // The second frame changes nothing but the emoji: what stands beside it must be put back.
    let plain = Style::default();
    for emoji in ["👩‍🚀", "👨‍👩‍👧‍👦", "❤️", "🏳️‍🌈", "1️⃣", "🇩🇪"]
    {
        let frames = [frame(&[("abcd│efgh", plain)]), frame(&[(&format!("ab{emoji}│efgh"), plain)])];
        let (parser, _) = shown(&frames);
        for (x, expected) in [(0, "a"), (1, "b"), (4, "│"), (5, "e"), (8, "h")] {
            assert_eq!(parser.screen().cell(0, x).unwrap().contents(), expected, "{emoji} at {x}");
        }
        let left = parser.screen().cell(0, 3).unwrap().contents();
        assert!(left != "d", "{emoji} leaves what stood there");
    }
}

#[test]
fn wide_characters_keep_their_columns() {
    let style = Style::default();
    let (parser, _) = shown(&[frame(&[("日本 x", style)]), frame(&[("日 本x", style)])]);
    assert!(parser.screen().contents().starts_with("日 本x"));
}

proptest::proptest! {
    #[test]
    fn a_terminal_shows_what_was_drawn(
        terminal in proptest::sample::select(&["xterm-256color", "vt100"][..]),
        frames in proptest::collection::vec(
            proptest::collection::vec(
                proptest::collection::vec(("([a-c日é]{0,5} {0,16}){0,2}", 0..16u8, 0..4u8), 0..6), 4),
            1..6)
    ) {
        let buffers: Vec<Buffer> = frames.iter().map(|rows| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 4));
            for (y, row) in (0..).zip(rows) {
                let mut x = 0;
                for (text, modifier, fg) in row {
                    let mut style = Style::new().fg(Color::Indexed(*fg));
                    if *modifier & 1 != 0 { style = style.bold(); }
                    if *modifier & 2 != 0 { style = style.reversed(); }
                    if *modifier & 4 != 0 { style = style.bg(Color::Indexed(3)); }
                    // The terminal here knows one of bold and dim at a time.
                    if *modifier & 9 == 8 { style = style.dim(); }
                    if x < 30 {
                        x = buffer.set_stringn(x, y, text, 30, style).0;
                    }
                }
            }
            buffer
        }).collect();
        let (parser, _) = shown_on(terminal, &buffers);
        let last = buffers.last().unwrap();
        let indexed = |color: Color| match color {
            Color::Indexed(index) => vt100::Color::Idx(index),
            _ => vt100::Color::Default,
        };
        for y in 0..4 {
            for x in 0..30 {
                let cell = parser.screen().cell(y, x).unwrap();
                if cell.is_wide_continuation() { continue; }
                let wanted = &last[(x, y)];
                let symbol = if cell.has_contents() { cell.contents() } else { " " };
                proptest::prop_assert_eq!(symbol, wanted.symbol(), "at {} {}", x, y);
                proptest::prop_assert_eq!(cell.bgcolor(), indexed(wanted.bg), "at {} {}", x, y);
                proptest::prop_assert_eq!(cell.inverse(), wanted.modifier.contains(Modifier::REVERSED));
                if symbol != " " {
                    proptest::prop_assert_eq!(cell.bold(), wanted.modifier.contains(Modifier::BOLD));
                    proptest::prop_assert_eq!(cell.dim(), wanted.modifier.contains(Modifier::DIM));
                    proptest::prop_assert_eq!(cell.fgcolor(), indexed(wanted.fg), "at {} {}", x, y);
                }
            }
        }
    }
}

/// What a whole screen of rows costs over an empty one, and one of other rows over it.
#[test]
fn another_screen_costs_little_more_than_its_letters() {
    let area = Rect::new(0, 0, 200, 50);
    let (dim, plain) = (Style::new().fg(Color::Indexed(244)), Style::new().fg(Color::Indexed(250)));
    let table = |name: &str| {
        let mut buffer = Buffer::empty(area);
        for y in 0..50 {
            for column in 0..3 {
                let x = column * 66;
                buffer.set_string(x, y, "│", dim);
                buffer.set_string(x + 2, y, name, plain);
                buffer.set_string(x + 40, y, "12.5 %", plain.bold());
            }
        }
        buffer
    };
    let full = Buffer::with_lines(vec!["x".repeat(200); 50]);
    let (_, sizes) = shown(&[full, table("checkout in production")]);
    // 50 rows of 3 · 29 letters, two colours a row, and ways between them; 200 columns are 10,000 cells.
    assert!(sizes[1] < 9500, "{sizes:?}");
}
