//! Dots at exact places, gaps, limits, and how little a sweep changes.

use chrono::TimeDelta;
use ratatui::buffer::Buffer;

use super::*;
use crate::app::Feedback;
use crate::input::Keymap;
use crate::theme::{Depth, Theme, default_theme};

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_612_800 + minute * 60, 0).unwrap()
}

fn plot(points: Vec<(DateTime<Utc>, Option<f64>)>, end: DateTime<Utc>, motion: Motion) -> Plot<'static> {
    let trace = Trace { label: "4.2.0", stroke: Stroke::Solid, role: Role::ChartNew, latest: None, points };
    Plot {
        title: "errors",
        unit: None,
        traces: vec![trace],
        band: Vec::new(),
        cursor: None,
        limit: None,
        top: None,
        end,
        seconds: 60 * 36,
        zone: Tz::UTC,
        motion,
        marks: Vec::new(),
        note: None,
    }
}

/// 20 columns: one for the label, one for the axis, 18 for 36 dots of a minute each.
fn drawn(plot: &Plot<'_>) -> Buffer {
    drawn_in(&default_theme(), plot)
}

fn drawn_in(theme: &Theme, plot: &Plot<'_>) -> Buffer {
    let area = Rect::new(0, 0, 20, 6);
    let mut buffer = Buffer::empty(area);
    let mut feedback = Feedback::default();
    draw(&mut Canvas::new(&mut buffer, theme, &Keymap::default(), &mut feedback), area, plot);
    buffer
}

fn rows(buffer: &Buffer) -> Vec<String> {
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned())
        .collect()
}

fn flat(minutes: impl Iterator<Item = i64>, value: f64) -> Vec<(DateTime<Utc>, Option<f64>)> {
    minutes.map(|minute| (at(minute), Some(value))).collect()
}

#[test]
fn a_line_is_drawn_at_its_exact_dots_with_axes_and_legend() {
    let mut points = flat(0..36, 0.0);
    points[35].1 = Some(1.0);
    let shown = rows(&drawn(&plot(points, at(35), Motion::Scrolling)));
    let expected = [
        "errors      4.2.0 ──",
        "1┤                 ⢸",
        " │                 ⢸",
        " │                 ⢸",
        "0┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⡸",
        " └     13:30",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_gap_is_a_gap_and_a_lone_value_has_dots_around_it() {
    let mut points = flat(0..36, 1.0);
    for minute in (4..20).chain(22..36) {
        points[minute].1 = None;
    }
    points[24].1 = Some(1.0);
    let shown = rows(&drawn(&plot(points, at(35), Motion::Scrolling)));
    assert_eq!(shown[1], "1┤⠉⠉        ⠉⠈⠋");
}

#[test]
fn not_a_number_and_infinite_values_are_gaps() {
    let mut points = flat(0..36, 1.0);
    points[3].1 = Some(f64::NAN);
    points[2].1 = Some(f64::INFINITY);
    let shown = rows(&drawn(&plot(points, at(35), Motion::Scrolling)));
    assert!(shown[1].starts_with("1┤⠉ ⠉⠉"), "{}", shown[1]);
}

#[test]
fn a_limit_is_dashed_on_its_row_and_named_where_nothing_is_hidden() {
    let mut limited = plot(flat(0..36, 0.1), at(35), Motion::Scrolling);
    limited.limit = Some((0.4, Direction::Increase));
    let shown = rows(&drawn(&limited)).join("\n");
    assert!(shown.contains("limit 0.4") && shown.contains("⣀ ⣀ ⣀"), "{shown}");
    limited.limit = Some((4.0, Direction::Increase));
    let far = rows(&drawn(&limited)).join("\n");
    assert!(far.contains("limit 4 ↑"), "{far}");
}

#[test]
fn the_old_version_is_dotted_and_keeps_its_dots_while_it_scrolls() {
    let shown = |end: i64| {
        let mut plot = plot(flat(0..60, 1.0), at(end), Motion::Scrolling);
        plot.traces[0].stroke = Stroke::Dotted;
        rows(&drawn(&plot))[1].clone()
    };
    assert_eq!(shown(40), format!("1┤{}", "⠈".repeat(18)));
    assert_eq!(shown(41), format!("1┤{}", "⠁".repeat(18)));
}

#[test]
fn a_sweep_changes_two_columns_a_step_and_nothing_between() {
    let wave = |end: i64| -> Vec<_> {
        let value = |minute: i64| if minute % 7 < 3 { 0.2 } else { 0.9 };
        (end - 40..=end).map(|minute| (at(minute), Some(value(minute)))).collect()
    };
    for minute in 100..180 {
        let before = drawn(&plot(wave(minute), at(minute), Motion::Sweeping));
        let within = at(minute) + TimeDelta::seconds(59);
        assert_eq!(before, drawn(&plot(wave(minute), within, Motion::Sweeping)));
        let after = drawn(&plot(wave(minute + 1), at(minute + 1), Motion::Sweeping));
        let changed: std::collections::BTreeSet<u16> = before
            .diff(&after)
            .into_iter()
            .filter(|(_, y, _)| (1..5).contains(y))
            .map(|(x, _, _)| x)
            .collect();
        assert!(changed.len() <= 2, "minute {minute}: columns {changed:?}");
    }
}

#[test]
fn in_ascii_a_chart_still_shows_high_and_low() {
    let mut points = flat(0..18, 0.0);
    points.extend(flat(18..36, 1.0));
    let mut buffer = drawn(&plot(points, at(35), Motion::Scrolling));
    crate::view::ascii::flatten(&mut buffer);
    let shown = rows(&buffer);
    assert!(shown.iter().all(|row| row.is_ascii()));
    assert_eq!((shown[1].as_str(), shown[4].as_str()), ("1+         :''''''''", "0+.........:"));
}

#[test]
fn no_size_panics() {
    let mut plot = plot(flat(0..36, 1.0), at(35), Motion::Sweeping);
    plot.limit = Some((0.5, Direction::Decrease));
    plot.marks = vec![(at(35), "25 %".to_owned()), (at(10), "5 %".to_owned())];
    plot.note = Some(("≈ stale 3 m".to_owned(), Role::Stale));
    for width in 0..60 {
        for height in 0..16 {
            let area = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(area);
            let mut feedback = Feedback::default();
            let (theme, keymap) = (default_theme(), Keymap::default());
            draw(&mut Canvas::new(&mut buffer, &theme, &keymap, &mut feedback), area, &plot);
        }
    }
}

#[test]
fn a_band_lies_behind_the_line_and_breaks_where_it_is_not_known() {
    let mut plot = plot(flat(0..36, 1.0), at(35), Motion::Scrolling);
    let between = |minute: i64| (at(minute), (!(10..=29).contains(&minute)).then_some((0.25, 0.5)));
    plot.band = (0..36).map(between).collect();
    let shown = rows(&drawn(&plot));
    let expected = ["1┤⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉", " │⡀⡀⡀⡀⡀          ⡀⡀⡀", " │⡅⡅⡅⡅⡅          ⡅⡅⡅", "0┤"];
    assert_eq!(shown[1..5], expected);
}

#[test]
fn a_band_far_above_does_not_flatten_the_line() {
    let mut plot = plot(flat(0..36, 1.0), at(35), Motion::Scrolling);
    plot.band = (0..36).map(|minute| (at(minute), Some((500.0, 900.0)))).collect();
    let shown = rows(&drawn(&plot));
    // It lies beyond the axis: nothing is drawn as if it were at its edge.
    assert_eq!(shown[1..4], ["5┤", " │", " │"]);
}

#[test]
fn the_cursor_stands_at_its_instant_and_says_its_time() {
    let mut plot = plot(flat(0..36, 0.0), at(35), Motion::Scrolling);
    plot.cursor = Some(at(20));
    let shown = rows(&drawn(&plot));
    assert_eq!(shown[1].chars().position(|c| c == '┊'), Some(12));
    assert_eq!(shown[4].chars().filter(|c| *c == '┊').count(), 0, "the line goes over it");
    assert!(shown[5].contains(" 13:40:00"), "{shown:?}");
    plot.cursor = Some(at(90));
    assert!(!rows(&drawn(&plot)).concat().contains('┊'));
}

#[test]
fn without_colours_the_old_versions_line_has_fewer_dots() {
    let mut plot = plot(flat(0..36, 1.0), at(35), Motion::Scrolling);
    plot.traces[0].stroke = Stroke::Dotted;
    let plain = default_theme().fitted(Depth::None);
    let dots = |theme: &Theme, plot: &Plot<'_>| -> u32 {
        let drawn = drawn_in(theme, plot);
        let braille = drawn.content.iter().filter_map(|cell| cell.symbol().chars().next());
        braille
            .filter_map(|symbol| u32::from(symbol).checked_sub(0x2800))
            .filter(|dots| *dots < 256)
            .map(u32::count_ones)
            .sum()
    };
    assert_eq!((dots(&default_theme(), &plot), dots(&plain, &plot)), (18, 9));
    assert!(rows(&drawn_in(&plain, &plot))[0].contains("· ·"));
    plot.traces[0].stroke = Stroke::Solid;
    assert_eq!(dots(&plain, &plot), 36);
}
