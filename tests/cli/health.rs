//! `tminus health`: what passes, what fails, what is not known, by exit status.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::world::World;

fn workspace(checks: &str) -> World {
    let text = format!(
        "[workspace]\nname = \"Shop\"\n\n[[environment]]\nid = \"production\"\n\n[[service]]\nid = \"checkout\"\n{checks}"
    );
    World::new(&[("tminus.toml", &text)])
}

/// A server on loopback that answers every request so.
fn answering(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    url
}

#[test]
fn the_exit_status_says_what_the_checks_come_to() {
    let (good, bad) = (answering("200 OK"), answering("500 Internal Server Error"));
    let check = |id: &str, url: &str, critical: bool| {
        format!("\n[[service.health]]\nid = \"{id}\"\nhttp = {{ url = \"{url}\" }}\ncritical = {critical}\n")
    };
    for (checks, status, verdict) in [
        (check("a", &good, true), 0, "healthy"),
        (check("a", &good, true) + &check("b", &bad, false), 0, "marginal"),
        (check("a", &bad, true), 1, "failing"),
    ] {
        let world = workspace(&checks);
        let answered = world.run("health --json");
        assert_eq!(
            (answered.status, answered.json()["verdict"].as_str()),
            (status, Some(verdict)),
            "{answered:?}"
        );
        assert_eq!(world.run("health checkout --environment production").status, status);
    }
}

#[cfg(unix)]
#[test]
fn a_program_is_only_run_when_asked_for() {
    let world = workspace(
        "\n[[service.health]]\nid = \"load\"\nrun = [\"sh\", \"-c\", \"touch ran\"]\ndata = true\n",
    );
    let answered = world.run("health");
    assert_eq!(answered.status, 3, "{answered:?}");
    assert!(answered.out.contains("its program was not run: --run does"), "{}", answered.out);
    assert!(answered.out.contains("DATA CHECK"), "{}", answered.out);
    assert!(!world.path().join("ran").exists());
    assert_eq!(world.run("health --run").status, 0);
    assert!(world.path().join("ran").exists());
}

#[test]
fn what_is_wrong_with_a_check_is_said_with_its_place() {
    for (check, told) in [
        ("id = \"a\"", "the health check `a` asks one thing: write query with until"),
        ("id = \"a\"\nquery = \"up\"", "asks one thing"),
        ("id = \"a\"\nquery = \"up\"\nuntil = \"1\"", "`until` is `1`: write < 0.01"),
        ("id = \"a\"\nhttp = { url = \"ftp://x\" }", "a url begins with http:// or https://"),
        ("id = \"a\"\nhttp = { url = \"http://x\", status = 2 }", "found status 2: 100 to 599"),
        ("id = \"a\"\nrun = [\"x\"]\ninterval = \"1s\"", "an interval under 5s asks too often"),
        ("id = \"a\"\nrun = [\"{{regoin}}\"]", "did you mean {{region}}?"),
        ("id = \"a\"\nrun = [\"x\"]\nenvironments = [\"prodution\"]", "production"),
    ] {
        let answered = workspace(&format!("\n[[service.health]]\n{check}\n")).run("health");
        assert_eq!(answered.status, 2, "{check}: {answered:?}");
        assert!(answered.err.contains(told), "{check}: {}", answered.err);
    }
}
