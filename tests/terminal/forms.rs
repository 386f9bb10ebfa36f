//! A release planned by form from nothing, changed, taken back: the files as a person would have
//! written them, to the byte.

use std::path::Path;

use super::terminal::Session;
use super::workspace;

fn text(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// Waits until a file says exactly this; `None`: until it is gone.
fn wait_for_text(session: &Session, path: &Path, wanted: Option<&str>) {
    session.wait_until(&format!("{wanted:?}"), |_| text(path).as_deref() == wanted);
    session.wait_without("UNSAVED");
}

#[test]
fn a_release_is_planned_changed_and_taken_back() {
    let folder = workspace();
    let file = folder.path().join("releases/checkout-4.2.0.toml");
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Storefront");
    session.send("n");
    session.wait_for("New release");
    // Services are offered, the version is typed; Tab goes on.
    session.send("che\t4.2.0\tCheckout 4.2\t");
    session.wait_for("releases/checkout-4.2.0.toml");
    // The id, the change and the status stay as they are; the owner is new here.
    session.send("\t\t\t\x15mira\t\t");
    session.send("prod\t\t");
    session.send("\x152031-05-06 14:00\t2h\t");
    session.wait_for("14:00–16:00");
    session.send("\x13");
    let planned = "title = \"Checkout 4.2\"\n\
                   change = \"normal\"\n\
                   status = \"planned\"\n\
                   owner = \"mira\"\n\
                   \n\
                   [[item]]\n\
                   service = \"checkout\"\n\
                   version = \"4.2.0\"\n\
                   \n\
                   [[stage]]\n\
                   environment = \"production\"\n\
                   start = 2031-05-06T14:00:00\n\
                   end = 2031-05-06T16:00:00\n";
    wait_for_text(&session, &file, Some(planned));
    session.wait_without("New release");
    // What was made is selected: its form changes one value and leaves the rest.
    let commented = planned.replace("\"planned\"", "\"planned\"   # since Monday");
    std::fs::write(&file, &commented).unwrap();
    session.send("e");
    session.wait_for("Release checkout-4.2.0");
    session.send("\t\t\x152031-05-07 14:00\t");
    session.wait_for("Wed 7 May 2031 14:00");
    session.send("\x13");
    let changed = commented.replace("05-06", "05-07");
    wait_for_text(&session, &file, Some(&changed));
    session.wait_without("Release checkout-4.2.0");
    session.send("u");
    wait_for_text(&session, &file, Some(&commented));
    session.wait_for("taken back");
    session.send("\x12");
    wait_for_text(&session, &file, Some(&changed));
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn what_is_typed_outlasts_a_save_that_fails() {
    let folder = workspace();
    let windows = folder.path().join("windows.toml");
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Storefront");
    session.send("N");
    session.wait_for("New window");
    session.send("\tYear-end close\t\t\x152031-12-18 18:00\t2032-01-04 06:00\t");
    session.wait_for("Thu 18 Dec 2031 18:00");
    // A file that does not parse is never written over.
    std::fs::write(&windows, "[[window]\n").unwrap();
    session.send("\x13");
    session.wait_for("not saved");
    assert_eq!(text(&windows).as_deref(), Some("[[window]\n"));
    std::fs::remove_file(&windows).unwrap();
    session.send("\x13");
    let written = "[[window]]\n\
                   id = \"year-end-close\"\n\
                   kind = \"freeze\"\n\
                   title = \"Year-end close\"\n\
                   start = 2031-12-18T18:00:00\n\
                   end = 2032-01-04T06:00:00\n";
    wait_for_text(&session, &windows, Some(written));
    session.wait_without("New window");
    session.send("u");
    wait_for_text(&session, &windows, None);
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn the_line_is_stopped_and_lifted() {
    let folder = workspace();
    let windows = folder.path().join("windows.toml");
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Storefront");
    session.send("!");
    session.wait_for("STOP THE LINE");
    session.send("payments are down\t\tstop\r");
    session
        .wait_until("the freeze", |_| text(&windows).is_some_and(|text| text.contains("payments are down")));
    session.wait_without("STOP THE LINE");
    let stopped = text(&windows).unwrap();
    assert!(
        stopped.contains("id = \"stop-the-line-") && stopped.contains("layer = \"stop-the-line\""),
        "{stopped}"
    );
    session.wait_without("UNSAVED");
    session.send("!");
    session.wait_for("Lift the stop");
    session.send("lift\r");
    session.wait_until("the freeze to end", |_| text(&windows).is_some_and(|text| text != stopped));
    session.wait_without("Lift the stop");
    session.send("u");
    wait_for_text(&session, &windows, Some(&stopped));
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn a_line_becomes_a_release() {
    let folder = workspace();
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Storefront");
    session.send("A");
    session.wait_for("Quick add");
    session.send("checkout 4.2.0 canary prod 2031-05-06 14:00-16:00");
    session.wait_for("12:00 to 14:00 UTC");
    session.send("\r");
    session.wait_without("Quick add");
    let file = folder.path().join("releases");
    session
        .wait_until("a release", |_| std::fs::read_dir(&file).is_ok_and(|mut found| found.next().is_some()));
    session.wait_without("UNSAVED");
    session.send("u");
    session
        .wait_until("no release", |_| std::fs::read_dir(&file).is_ok_and(|mut found| found.next().is_none()));
    session.send("q");
    assert_eq!(session.wait().0, 0);
}
