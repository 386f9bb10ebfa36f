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

#[test]
fn steps_are_added_changed_and_taken_out_by_form_and_all_of_it_is_taken_back() {
    let folder = workspace();
    std::fs::create_dir(folder.path().join("releases")).unwrap();
    let file = folder.path().join("releases/checkout-4.2.toml");
    // A check with a table of its own, as people write it too.
    let written = release() + "\n[step.check]\nrun = [\"./go\"]   # asks everybody\n";
    std::fs::write(&file, &written).unwrap();
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Checkout 4.2");
    session.send("o");
    session.wait_for("run of show");
    session.send("a");
    session.wait_for("New step of checkout-4.2");
    session.send("caches\tWarm the caches\tT-20m\tfree\t\x13");
    wait_for_file(&file, "the step to be added", &session, |text| text.contains("after = [\"freeze\"]\n\n"));
    session.wait_for("add caches: saved");
    let text = std::fs::read_to_string(&file).unwrap();
    let added =
        "\n[[step]]\nid = \"caches\"\ntitle = \"Warm the caches\"\nat = \"T-20m\"\nafter = [\"freeze\"]\n";
    assert!(text.starts_with(&written) && text.ends_with(added), "{text}");
    // The selected step is the new one; before it stands the poll.
    session.send("ke");
    session.wait_for("Step poll of checkout-4.2");
    session.send("\t\x15T-10m\t\t\t\t\t\t\t\x05 now\x13");
    wait_for_file(&file, "the step to be changed", &session, |text| text.contains("\"T-10m\""));
    session.wait_for("saved");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"./go\", \"now\"") && text.contains("# Mira calls it."), "{text}");
    session.send("gg");
    session.send("D");
    session.wait_for("Remove freeze from checkout-4.2");
    session.send("freeze\r");
    wait_for_file(&file, "the step to be gone", &session, |text| !text.contains("id = \"freeze\""));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("after = ") && text.contains("# what people wrote stays"), "{text}");
    session.wait_for("remove freeze: saved");
    for deed in ["remove freeze", "change poll: at, check", "add caches"] {
        session.send("u");
        session.wait_for(&format!("{deed}: taken back"));
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written, "every byte is as it was");
    session.send("qq");
    assert_eq!(session.wait().0, 0);
}
