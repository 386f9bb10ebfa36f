//! The run of show on screen: the file follows every key, and follows all the way back.

use std::path::PathBuf;

use chrono::{SecondsFormat, TimeDelta, Utc};

use super::terminal::Session;
use super::workspace;

/// T-0 is in an hour.
fn release() -> String {
    let utc = |hours: i64| (Utc::now() + TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true);
    format!(
        "# what people wrote stays\n\
         title = \"Checkout 4.2\"\n\
         \n\
         [[stage]]\n\
         environment = \"production\"\n\
         start = {}      # T-0\n\
         end = {}\n\
         \n\
         [[step]]\n\
         id = \"freeze\"   # nobody merges after this\n\
         title = \"Freeze the branch\"\n\
         at = \"T-2h\"\n\
         duration = \"30m\"\n\
         owner = \"mira\"\n\
         \n\
         # Mira calls it.\n\
         [[step]]\n\
         id = \"poll\"\n\
         title = \"Go or no-go\"\n\
         at = \"T-30m\"\n\
         after = [\"freeze\"]\n",
        utc(1),
        utc(3)
    )
}

fn wait_for_file(file: &PathBuf, what: &str, session: &Session, wanted: impl Fn(&str) -> bool) {
    session.wait_until(what, |_| wanted(&std::fs::read_to_string(file).unwrap()));
    session.wait_without("UNSAVED");
}

#[test]
fn steps_are_done_and_the_count_is_held_by_key_and_all_of_it_is_taken_back() {
    let folder = workspace();
    std::fs::create_dir(folder.path().join("releases")).unwrap();
    let file = folder.path().join("releases/checkout-4.2.toml");
    std::fs::write(&file, release()).unwrap();
    let before = std::fs::read_to_string(&file).unwrap();
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Checkout 4.2");
    session.send("o");
    session.wait_for("run of show");
    session.wait_for("late");
    session.send("s");
    wait_for_file(&file, "the step to be begun", &session, |text| text.contains("started = "));
    session.wait_for("freeze: saved");
    session.send("d");
    wait_for_file(&file, "the step to be done", &session, |text| text.contains("done = "));
    session.wait_for("freeze done: saved");
    session.send("h");
    session.wait_for("Hold the count. Why?");
    session.send("\r");
    session.wait_for("say why");
    session.send("the ledger is slow\r");
    wait_for_file(&file, "the hold", &session, |text| text.contains("reason = \"the ledger is slow\""));
    session.send("O");
    session.wait_for("HOLD since");
    session.wait_for("NEXT");
    session.send("r");
    wait_for_file(&file, "the count to go on", &session, |text| text.contains("until = "));
    session.wait_without("HOLD since");
    let written = std::fs::read_to_string(&file).unwrap();
    for comment in ["# what people wrote stays", "# nobody merges after this", "# Mira calls it.", "# T-0"] {
        assert!(written.contains(comment), "{written}");
    }
    for (what, gone) in
        [("resume", "until = "), ("hold", "[[hold]]"), ("done", "done = "), ("start", "started = ")]
    {
        session.send("u");
        wait_for_file(&file, what, &session, |text| !text.contains(gone));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before, "every byte is as it was");
    session.send("q");
    session.wait_without("NEXT");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}
