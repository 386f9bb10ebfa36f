//! From "25 %, healthy" to "roll back", as somebody on call sees it: the demo's canary in a real
//! terminal, six times faster than real.

use std::io::{Read, Write};
use std::net::TcpListener;
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
    let (config, ran) = (folder.path().join("config.toml"), folder.path().join("ran"));
    let hook = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = format!(
        "[ring]\nosc = 9\nwebhook = \"http://{}/hook\"\n\
         command = [\"sh\", \"-c\", \"printf %s \\\"$TMINUS_RING_TITLE\\\" >> {}\"]\n",
        hook.local_addr().unwrap(),
        ran.display()
    );
    std::fs::write(&config, settings).unwrap();
    let posted = std::thread::spawn(move || first_request(&hook));
    let variables = [("TMPDIR", temporary.to_str().unwrap()), ("TMINUS_CONFIG", config.to_str().unwrap())];
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
    // It rang, once a cause: by bell, by notification, by post and by program.
    let bytes = String::from_utf8_lossy(&session.raw()).into_owned();
    assert_eq!(bytes.matches("\x1b]9;ROLL BACK checkout").count(), 1);
    assert_eq!(bytes.matches('\x07').count(), bytes.matches("\x1b]9;").count());
    let posted = posted.join().unwrap();
    assert!(posted.starts_with("POST /hook ") && posted.contains("\"kind\":\"ring\""), "{posted}");
    let ran = std::fs::read_to_string(ran).unwrap();
    assert_eq!(ran.matches("ROLL BACK checkout").count(), 1, "{ran}");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

/// The first request that comes, head and body; it is answered well.
fn first_request(hook: &TcpListener) -> String {
    let (mut stream, _) = hook.accept().unwrap();
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).unwrap();
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request);
        if read == 0 || text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.ends_with('}')) {
            break;
        }
    }
    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    String::from_utf8_lossy(&request).into_owned()
}
