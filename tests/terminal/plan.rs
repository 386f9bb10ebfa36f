//! The plan, changed on screen: the file follows, and follows back.

use std::path::PathBuf;

use tempfile::TempDir;

use super::terminal::Session;
use super::workspace;

/// Days from now, as `2026-11-25`.
pub fn day(from_now: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::days(from_now)).format("%Y-%m-%d").to_string()
}

fn release() -> String {
    format!(
        "# what people wrote stays\n\
         title = \"Checkout 4.2\"   # the big one\n\
         change = \"normal\"\n\
         status = \"planned\"\n\
         owner = \"mira\"\n\
         unknown_key = [1, 2]\n\
         \n\
         [[item]]\n\
         service = \"checkout\"\n\
         version = \"4.2.0\"\n\
         \n\
         [[stage]]\n\
         environment = \"production\"\n\
         start = {0}T14:00:00      # after lunch\n\
         end = {0}T16:00:00\n\
         strategy = \"canary\"\n",
        day(3)
    )
}

/// A workspace with one release, and the release's file.
pub fn planned() -> (TempDir, PathBuf) {
    let folder = workspace();
    std::fs::create_dir(folder.path().join("releases")).unwrap();
    let file = folder.path().join("releases/checkout-4-2.toml");
    std::fs::write(&file, release()).unwrap();
    (folder, file)
}

fn wait_for_file(file: &PathBuf, what: &str, wanted: impl Fn(&str) -> bool, session: &Session) -> String {
    session.wait_until(what, |_| wanted(&std::fs::read_to_string(file).unwrap()));
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn a_stage_is_moved_taken_back_and_moved_again() {
    let (folder, file) = planned();
    let before = std::fs::read_to_string(&file).unwrap();
    let mut session = Session::start(folder.path(), &[], (140, 40));
    session.wait_for("Storefront");
    session.send("a");
    session.wait_for("Checkout 4.2");
    session.send("gg");
    session.send("m");
    session.wait_for("put down");
    session.send("l");
    session.send("\r");
    let moved = wait_for_file(&file, "the file to be written", |text| text != before, &session);
    let expected = before.replace(&day(3), &day(4));
    assert_eq!(moved, expected, "only the day changes; comments, order and unknown keys stay");
    session.wait_without("UNSAVED");
    session.send("u");
    wait_for_file(&file, "the file to be as before", |text| text == before, &session);
    session.wait_without("UNSAVED");
    session.send("\x12");
    wait_for_file(&file, "the move to be done again", |text| text == expected, &session);
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn a_stage_whose_file_broke_meanwhile_is_not_overwritten() {
    let (folder, file) = planned();
    let mut session = Session::start(folder.path(), &[], (140, 40));
    session.wait_for("Checkout 4.2");
    session.send("agg");
    session.send("m");
    session.wait_for("put down");
    let broken = "title = \"half wri";
    std::fs::write(&file, broken).unwrap();
    session.send("l\r");
    session.wait_for("in files");
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), broken);
}

/// Undo goes on where the last session, or a command, left it.
#[test]
fn what_was_edited_is_taken_back_after_a_restart() {
    let (folder, file) = planned();
    let before = std::fs::read_to_string(&file).unwrap();
    let mut session = Session::start(folder.path(), &[], (140, 40));
    session.wait_for("Storefront");
    session.send("a");
    session.wait_for("Checkout 4.2");
    session.send("gg");
    session.send("m");
    session.wait_for("put down");
    session.send("l");
    session.send("\r");
    wait_for_file(&file, "the file to be written", |text| text != before, &session);
    session.wait_without("UNSAVED");
    session.send("q");
    assert_eq!(session.wait().0, 0);

    let mut session = Session::start(folder.path(), &[], (140, 40));
    session.wait_for("Checkout 4.2");
    session.send("Z");
    session.wait_for("releases/checkout-4-2.toml");
    session.send("\x1b");
    session.wait_without("What was edited");
    session.send("u");
    wait_for_file(&file, "the file to be as before", |text| text == before, &session);
    session.send("Z");
    session.wait_for("taken back");
    session.send("q");
}

/// The person's own editor, on the file of what is selected; the terminal comes back after it.
#[test]
fn a_file_is_changed_in_the_persons_own_editor() {
    let (folder, file) = planned();
    let before = std::fs::read_to_string(&file).unwrap();
    let editor = "sed -i 's/the big one/the small one/'";
    let mut session = Session::start_with(folder.path(), &[], (140, 40), &[("EDITOR", editor)]);
    session.wait_for("Storefront");
    session.send("a");
    session.wait_for("Checkout 4.2");
    session.send("gg");
    session.send("V");
    let wanted = before.replace("the big one", "the small one");
    wait_for_file(&file, "the editor's change", |text| text == wanted, &session);
    session.wait_for("edit checkout-4-2.toml: saved");
    session.send("u");
    wait_for_file(&file, "the file to be as before", |text| text == before, &session);
    session.send("q");
    assert_eq!(session.wait().0, 0);
}
