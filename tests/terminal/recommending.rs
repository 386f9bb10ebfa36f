//! From "25 %, healthy" to "roll back", as somebody on call sees it: the demo's canary in a real
//! terminal, six times faster than real.

use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::terminal::Session;

/// The story takes under two minutes at this speed, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(150);

fn wait(session: &Session, what: &str, wanted: impl Fn(&str) -> bool) -> String {
    let began = Instant::now();
    loop {
        let contents = session.contents();
        if wanted(&contents) {
            return contents;
        }
        assert!(began.elapsed() < PATIENCE, "waited for {what} in vain; the screen shows:\n{contents}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_canary_that_goes_bad_ends_in_a_recommendation_and_one_key_leads_to_the_way_back() {
    let folder = TempDir::new().unwrap();
    let temporary = folder.path().join("temporary");
    std::fs::create_dir_all(&temporary).unwrap();
    let variables = [("TMPDIR", temporary.to_str().unwrap())];
    let arguments = ["demo", "--seed", "7", "--speed", "6", "--view", "monitor"];
    let mut session = Session::start_with(folder.path(), &arguments, (120, 40), &variables);
    let well = wait(&session, "the canary", |screen| {
        screen.lines().any(|line| line.contains("checkout") && line.contains("25 %"))
    });
    assert!(!well.contains("ROLL BACK"), "{well}");
    let advised = wait(&session, "advice", |screen| screen.contains("ROLL BACK checkout"));
    assert!(advised.contains("forward 45 m"), "{advised}");
    assert!(advised.contains("error rate > 0.03") || advised.contains("verdict"), "{advised}");
    // In every panel, and it never acts by itself.
    session.send("1");
    wait(&session, "advice in the calendar", |screen| {
        screen.contains("Week") && screen.contains("ROLL BACK checkout")
    });
    session.send("3");
    wait(&session, "the monitor", |screen| screen.contains("Overview"));
    session.send("r");
    let back = wait(&session, "the way back", |screen| screen.contains("Back to checkout"));
    assert!(back.contains("production · eu"), "{back}");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}
