//! Nothing from outside reaches the terminal as anything but text.

use std::sync::Arc;

use super::backends::with_prometheus;
use super::server::{Behaviour, Server};
use super::terminal::Session;

/// The first thing in the output that the cockpit has no business to write.
fn foreign(raw: &[u8]) -> Option<String> {
    let Ok(mut rest) = std::str::from_utf8(raw) else { return Some("not UTF-8".to_owned()) };
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\x1b[") {
            let end = after.find(|c: char| ('\x40'..='\x7e').contains(&c))?;
            let (parameters, last) = (&after[..end], &after[end..=end]);
            let numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == ';');
            let private = ["25", "1000", "1002", "1003", "1004", "1006", "1015", "1049", "2004", "2026"];
            let known = match parameters.strip_prefix('?') {
                Some(mode) => private.contains(&mode) && ["h", "l"].contains(&last),
                // The question that paces the frames, and no other.
                None if last == "n" => parameters == "6",
                None => numbers(parameters) && ["m", "H", "C", "D", "X", "J", "K"].contains(&last),
            };
            if !known {
                return Some(format!("CSI {parameters}{last}"));
            }
            rest = &after[end + 1..];
            continue;
        }
        if let Some(after) = rest.strip_prefix("\x1b]52;c;") {
            let end = after.find('\x07')?;
            rest = &after[end + 1..];
            continue;
        }
        let bidi = ('\u{202a}'..='\u{202e}').contains(&first) || ('\u{2066}'..='\u{2069}').contains(&first);
        if (first.is_control() && !['\r', '\n', '\u{8}'].contains(&first)) || bidi {
            return Some(format!("{first:?}"));
        }
        rest = &rest[first.len_utf8()..];
    }
    None
}

#[test]
fn files_and_answers_stay_text() {
    assert!(foreign(b"\x1b]0;x\x07").is_some() && foreign(b"\x1b[5n").is_some(), "the judge judges");
    let evil = r"x\u001b]0;owned\u0007\u001bP1;2q\u009b5n\u202eoof\u001b[?1049ly";
    let answer = move |line: &str| {
        if line.contains("buildinfo") {
            return format!(r#"{{"status":"success","data":{{"version":"{evil}"}}}}"#);
        }
        format!(
            r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{"service":"checkout","version":"{evil}"}},"value":[1,"3"]}}]}}}}"#
        )
    };
    let server = Server::start(Behaviour::Json(Arc::new(answer)));
    let folder = with_prometheus(&server.url);
    std::fs::create_dir(folder.path().join("releases")).unwrap();
    let start = chrono::Utc::now().format("%Y-%m-%d");
    let release = format!(
        "title = \"{evil}\"\nchange = \"normal\"\nstatus = \"planned\"\nowner = \"{evil}\"\n\n[[item]]\nservice = \
         \"checkout\"\nversion = \"4.2.0\"\n\n[[stage]]\nenvironment = \"production\"\nstart = \
         {start}T22:00:00\nend = {start}T23:00:00\n"
    );
    std::fs::write(folder.path().join("releases/evil.toml"), release).unwrap();
    std::fs::write(folder.path().join("releases/broken.toml"), "title = \"\x1b]0;owned\x07\u{202e}").unwrap();
    let mut session = Session::start(folder.path(), &[], (140, 40));
    session.wait_for("in files");
    for keys in ["a", "2", "3", "4"] {
        session.send(keys);
        std::thread::sleep(std::time::Duration::from_millis(120));
    }
    session.send("P");
    session.wait_for("broken.toml");
    session.send("\x1b");
    session.wait_without("broken.toml");
    session.send("B");
    session.wait_for("Backends");
    session.send("\x1b");
    session.wait_without("Backends");
    session.send("Y");
    session.wait_for("copied");
    session.send("q");
    assert_eq!(session.wait().0, 0);
    let raw = session.raw();
    assert!(raw.windows(7).any(|window| window == b"\x1b]52;c;"), "copied by OSC 52");
    assert_eq!(foreign(&raw), None);
}
