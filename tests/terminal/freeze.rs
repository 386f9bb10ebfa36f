//! A release is planned, moved into a freeze, told of it, given a free slot, and all of it is
//! taken back: the files say so at every step.

use std::path::Path;

use super::plan::{day, planned};
use super::terminal::Session;

/// A freeze over the fourth and fifth day from now.
fn freeze() -> String {
    format!(
        "[[window]]\nid = \"quarter-end\"\nkind = \"freeze\"\ntitle = \"Quarter end\"\n\
         start = {}T00:00:00\nend = {}T00:00:00\nenvironments = [\"production\"]\n",
        day(4),
        day(6)
    )
}

fn when_written(session: &Session, file: &Path, what: &str, is_so: impl Fn(&str) -> bool) -> String {
    session.wait_until(what, |_| is_so(&std::fs::read_to_string(file).unwrap()));
    session.wait_without("UNSAVED");
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn a_release_moved_into_a_freeze_is_told_finds_a_slot_and_is_taken_back() {
    let (folder, file) = planned();
    std::fs::write(folder.path().join("windows.toml"), freeze()).unwrap();
    let original = std::fs::read_to_string(&file).unwrap();
    let mut session = Session::start(folder.path(), &[], (140, 44));
    session.wait_for("Checkout 4.2");
    session.send("a");
    session.wait_for("Agenda");
    session.send("gg");
    session.wait_for("▸ production");
    // Into the freeze: told before it is put down, and again when it is.
    session.send("m");
    session.wait_for("MOVING");
    session.send("l");
    session.wait_for("✖ lies in the freeze Quarter end");
    session.send("\r");
    session.wait_for("✖ 1 block there: freeze quarter-end");
    let frozen = original.replace(&day(3), &day(4));
    when_written(&session, &file, "the move to be written", |text| text == frozen);
    session.wait_for("denied by Quarter end until");
    session.send("C");
    session.wait_for("1 block in the whole plan");
    session.send("\r");
    session.wait_without("What collides");
    // Out of it, to a start that clears every block.
    session.send("f");
    session.wait_for("Slots for Checkout 4.2, production");
    session.wait_for("● ");
    session.send("\r");
    let free = when_written(&session, &file, "the slot to be taken", |text| text != frozen);
    let starts = |text: &str| text.lines().find(|line| line.starts_with("start = ")).unwrap().to_owned();
    for day in [day(4), day(5)] {
        assert!(!starts(&free).contains(&day), "still in the freeze:\n{free}");
    }
    assert_eq!(free.lines().count(), frozen.lines().count(), "only times change:\n{free}");
    session.wait_without("denied by");
    // And back, step by step.
    session.send("u");
    when_written(&session, &file, "the slot to be given back", |text| text == frozen);
    session.send("u");
    when_written(&session, &file, "the file to be as it was", |text| text == original);
    session.send("q");
    assert_eq!(session.wait().0, 0);
    assert_eq!(std::fs::read_to_string(folder.path().join("windows.toml")).unwrap(), freeze());
}

#[test]
fn a_bar_is_dragged_to_another_day() {
    let (folder, file) = planned();
    let original = std::fs::read_to_string(&file).unwrap();
    let mut session = Session::start(folder.path(), &[], (140, 44));
    session.wait_for("Checkout 4.2");
    session.send("M");
    let screen = session.wait_for("▌Checkout 4.2");
    let row = screen.lines().position(|line| line.contains("▌Checkout 4.2")).unwrap();
    let line = screen.lines().nth(row).unwrap();
    let column = line.chars().take_while(|it| *it != '▌').count();
    // In the month the next row of cells is a week later.
    let titles = |line: &&str| line.contains("Mon") && line.contains("Sun");
    let header = screen.lines().find(titles).unwrap();
    let width = header.find("Tue").unwrap() - header.find("Mon").unwrap();
    let to = if column < 4 + 6 * width { column + width } else { column - width };
    let days = if to > column { 1 } else { -1 };
    let mouse = |button: u8, x: usize, end: char| format!("\x1b[<{button};{};{}{end}", x + 2, row + 1);
    session.send(&mouse(0, column, 'M'));
    session.send(&mouse(32, usize::midpoint(column, to), 'M'));
    session.send(&mouse(32, to, 'M'));
    session.wait_for("MOVING");
    session.send(&mouse(0, to, 'm'));
    let expected = original.replace(&day(3), &day(3 + days));
    when_written(&session, &file, "the drag to be written", |text| text == expected);
    session.send("u");
    when_written(&session, &file, "the file to be as it was", |text| text == original);
}
