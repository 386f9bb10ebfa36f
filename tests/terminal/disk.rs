//! What changes on disk appears by itself, within a second.

use std::time::{Duration, Instant};

use super::WORKSPACE;
use super::plan::planned;
use super::terminal::Session;

/// What "within a second" may cost on a machine that runs every other test too.
const SOON: Duration = Duration::from_millis(1500);

fn soon(session: &Session, what: &str, wanted: impl Fn(&str) -> bool) -> String {
    let began = Instant::now();
    let contents = session.wait_until(what, wanted);
    assert!(began.elapsed() < SOON, "{what} took {:?}", began.elapsed());
    contents
}

#[test]
fn a_change_a_break_and_a_mend_are_seen() {
    let (folder, file) = planned();
    let mut session = Session::start(folder.path(), &[], (140, 40));
    session.wait_for("Storefront");
    session.send("a");
    session.wait_for("Checkout 4.2");
    // The watch begins a moment after the first reading.
    std::thread::sleep(Duration::from_millis(300));

    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("Checkout 4.2", "Checkout renamed")).unwrap();
    soon(&session, "the new title", |contents| contents.contains("Checkout renamed"));

    std::fs::write(folder.path().join("tminus.toml"), WORKSPACE.replace("Storefront", "Shopwindow")).unwrap();
    soon(&session, "the new name", |contents| contents.contains("Shopwindow"));

    // Another file breaks: what is wrong is said, and the rest stays.
    let other = folder.path().join("releases/broken.toml");
    std::fs::write(&other, "title = \"half\nstatus =").unwrap();
    let contents = soon(&session, "the problem", |contents| contents.contains("✖ 1 in files"));
    assert!(contents.contains("Checkout renamed"), "{contents}");
    session.send("P");
    let contents = session.wait_for("broken.toml");
    assert!(contents.contains("broken.toml:1:"), "file, line and column: {contents}");
    session.send("\x1b");
    session.wait_without("broken.toml");

    std::fs::write(&other, text.replace("Checkout 4.2", "Mended at last")).unwrap();
    let contents = soon(&session, "the mend", |contents| contents.contains("Mended at last"));
    assert!(!contents.contains("in files"), "{contents}");

    // Editors replace files rather than write into them.
    let draft = folder.path().join("releases/.draft.swp");
    std::fs::write(&draft, text.replace("Checkout 4.2", "Replaced whole")).unwrap();
    std::fs::rename(&draft, &file).unwrap();
    soon(&session, "the replaced file", |contents| contents.contains("Replaced whole"));

    std::fs::remove_file(&other).unwrap();
    soon(&session, "the file to be gone", |contents| !contents.contains("Mended at last"));
}

#[test]
fn a_workspace_file_that_breaks_leaves_what_was_good() {
    let (folder, _) = planned();
    let mut session = Session::start(folder.path(), &[], (140, 40));
    session.wait_for("Storefront");
    session.send("a");
    session.wait_for("Checkout 4.2");
    std::thread::sleep(Duration::from_millis(300));
    let file = folder.path().join("tminus.toml");
    std::fs::write(&file, "[workspace\nname = ").unwrap();
    soon(&session, "the problem", |contents| {
        contents.contains("in files") || contents.contains("tminus.toml")
    });
    session.send("P");
    session.wait_for("tminus.toml:1:");
    session.send("\x1b");
    std::fs::write(&file, WORKSPACE.replace("Storefront", "Back again")).unwrap();
    let contents = soon(&session, "the mend", |contents| contents.contains("Back again"));
    assert!(!contents.contains("in files"), "{contents}");
}
