//! The stabilisation watch on screen: it is handed over by form, the note stands in the file, and
//! undo takes it back.

use chrono::{SecondsFormat, TimeDelta, Utc};

use super::terminal::Session;
use super::workspace;

/// It was to be everywhere two hours ago.
fn release() -> String {
    let utc = |hours: i64| (Utc::now() - TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "# what people wrote stays\n\
         title = \"Checkout 4.2\"\n\
         owner = \"mira\"\n\
         \n\
         [[item]]\n\
         service = \"checkout\"\n\
         version = \"4.2.0\"\n\
         \n\
         [[stage]]\n\
         environment = \"production\"\n\
         start = {}\n\
         end = {}      # on time\n",
        utc(4),
        utc(2)
    )
}

#[test]
fn a_watch_is_handed_over_by_form_and_the_note_stands_in_the_file() {
    let folder = workspace();
    std::fs::create_dir(folder.path().join("releases")).unwrap();
    let file = folder.path().join("releases/checkout-4.2.toml");
    let before = release();
    std::fs::write(&file, &before).unwrap();
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Storefront");
    session.send("3");
    session.send("gw");
    session.wait_for("mira, who owns the release");
    // Nobody tells what runs: that is said, and nothing is good.
    session.wait_for("not observed");
    session.send("h");
    session.wait_for("Hand over the watch of checkout-4.2");
    session.send("sam\tp95 a little up in us\t\x15mira\x13");
    let read = || std::fs::read_to_string(&file).unwrap();
    session.wait_until("the note in the file", |_| read().contains("[[watch.note]]"));
    session.wait_without("UNSAVED");
    session.wait_for("sam, handed over by mira");
    session.wait_for("hands over to sam: p95 a little up in us");
    let written = read();
    assert!(written.starts_with(&before), "{written}");
    for line in ["by = \"mira\"", "to = \"sam\"", "text = \"p95 a little up in us\""] {
        assert!(written.contains(line), "{written}");
    }
    session.send("x");
    session.wait_for("Close the watch of checkout-4.2");
    session.send("\t\x15sam\tcheckout-4.2\r");
    session.wait_until("the end in the file", |_| read().contains("close = true"));
    session.wait_for("closed by sam");
    for _ in 0..2 {
        session.wait_without("UNSAVED");
        session.send("u");
        session.wait_for("taken back");
    }
    session.wait_until("the file as it was", |_| read() == before);
    session.send("q");
    assert_eq!(session.wait().0, 0);
}
