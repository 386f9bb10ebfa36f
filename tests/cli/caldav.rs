//! Calendars over the network: followed at an address, and published to a real CalDAV server.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::world::World;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Christmas\r\n\
    DTSTART;VALUE=DATE:20261224\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// A server on loopback that answers with what the test wants, one connection after the other.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    let read = stream.read(&mut buffer).unwrap();
                    if read == 0 {
                        break;
                    }
                    request.extend_from_slice(&buffer[..read]);
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                let _ = stream.write_all(answer(&request).as_bytes());
                seen.lock().unwrap().push(request);
            }
        });
        Self { address, asked }
    }
}

fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}

fn followed(url: &str) -> String {
    format!(
        "[workspace]\nname = \"Shop\"\ntime_zone = \"Europe/Berlin\"\n[[environment]]\nid = \"production\"\n\
         [[calendar]]\nid = \"holidays\"\nurl = \"{url}\"\nenvironments = [\"production\"]\nallow = [\"emergency\"]\n\
         prune = true\n"
    )
}

#[test]
fn a_calendar_at_an_address_is_followed_with_its_query_and_a_token() {
    let server = Server::new(|request| {
        if request.contains("GET /private/basic.ics?key=abc ") {
            reply("200 OK", "etag: \"1\"\r\n", CALENDAR)
        } else {
            reply("404 Not Found", "", "")
        }
    });
    let url = format!("http://{}/private/basic.ics?key=abc", server.address);
    let text = followed(&url).replace("prune", "token = { env = \"CALENDAR_TOKEN\" }\nprune");
    let world = World::new(&[("tminus.toml", &text)]);
    let mut command = world.command();
    let output =
        command.env("CALENDAR_TOKEN", "s3cret").args(["window", "refresh", "--json"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["calendars"][0]["imported"], 1);
    let windows = std::fs::read_to_string(world.path().join("windows.toml")).unwrap();
    for line in ["id = \"christmas\"", "layer = \"holidays\"", "allow = [\"emergency\"]"] {
        assert!(windows.contains(line), "{windows}");
    }
    let asked = server.asked.lock().unwrap().join("\n");
    assert!(asked.contains("authorization: Bearer s3cret"), "{asked}");
}

#[test]
fn a_calendar_that_fails_loses_no_window_and_says_why() {
    for (answer, said) in [
        (reply("503 Service Unavailable", "", ""), "503"),
        (reply("200 OK", "", "<html>Please log in</html>"), "HTML"),
        (reply("200 OK", "", "nothing of a calendar"), "no iCalendar"),
        (reply("302 Found", "location: http://elsewhere.example/x\r\n", ""), "redirect"),
        (
            reply("200 OK", "content-type: text/calendar\r\n", CALENDAR)
                .replace("content-length: ", "content-length: 9"),
            "GET",
        ),
    ] {
        let server = Server::new(move |_| answer.clone());
        let text = followed(&format!("http://{}/basic.ics", server.address));
        let before = "[[window]]\nid = \"old\"\nkind = \"freeze\"\nstart = 2026-12-01\nend = 2026-12-02\nuid = \"x\"\nlayer = \"holidays\"\n";
        let world = World::new(&[("tminus.toml", &text), ("windows.toml", before)]);
        let answer = world.run("window refresh holidays");
        assert_eq!(answer.status, 3, "{said}: {}", answer.err);
        assert!(answer.err.contains(said), "{said}: {}", answer.err);
        assert_eq!(std::fs::read_to_string(world.path().join("windows.toml")).unwrap(), before);
        let doctor = world.run("doctor");
        assert!(doctor.out.contains("calendar holidays"), "{}", doctor.out);
    }
}

#[test]
fn what_is_wrong_with_a_calendar_is_said_in_its_place() {
    for (entry, said) in [
        ("id = \"a\"", "write `url` or `file`"),
        ("id = \"a\"\nurl = \"ftp://x/y\"", "http:// or https://"),
        ("id = \"a\"\nfile = \"x.ics\"\nrefresh = \"1s\"", "a minute or more"),
        ("id = \"a\"\nfile = \"x.ics\"\ntime_zone = \"Europe/Berln\"", "Europe/Berlin"),
        ("id = \"a\"\nfile = \"x.ics\"\nenvironments = [\"prodction\"]", "prodction"),
        ("id = \"a\"\nurl = \"https://x/y\"\ntoken = \"secret\"", "a literal token is refused"),
    ] {
        let text = format!("[[environment]]\nid = \"production\"\n[[calendar]]\n{entry}\n");
        let world = World::new(&[("tminus.toml", &text)]);
        let answer = world.run("window list");
        assert!(answer.status == 2 && answer.err.contains(said), "{entry}: {}", answer.err);
    }
}

/// Debian's radicale, until it is dropped.
struct Radicale {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Radicale {
    fn start() -> Option<Self> {
        let program = "/usr/bin/radicale";
        if !std::path::Path::new(program).exists() {
            assert!(std::env::var_os("TMINUS_REQUIRE_SERVERS").is_none(), "{program} is required");
            return None;
        }
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "[server]\nhosts = {address}\n[auth]\ntype = none\n[rights]\ntype = owner_write\n\
             [storage]\nfilesystem_folder = {}\n[web]\ntype = none\n",
            folder.path().join("collections").display()
        );
        let file = folder.path().join("config");
        std::fs::write(&file, config).unwrap();
        // Its own interpreter, whatever python3 is on the path.
        let child = Command::new("/usr/bin/python3")
            .args([program, "--config"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let radicale = Self { child, address, _folder: folder };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "radicale does not come up");
            std::thread::yield_now();
        }
        Some(radicale)
    }

    /// A second client: plain HTTP as any program would speak it.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // ops:x
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Basic b3BzOng=\r\nconnection: close\r\n\
             {headers}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Radicale {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PLAN: &str = "[workspace]\nname = \"Shop\"\ntime_zone = \"Europe/Berlin\"\n[[environment]]\nid = \"production\"\n\
    [[service]]\nid = \"checkout\"\n[backend.team]\ntype = \"caldav\"\nuser = \"ops\"\ntoken = { env = \"DAV\" }\n";

const RELEASE: &str = "title = \"Checkout 4.2\"\nstatus = \"planned\"\n[[item]]\nservice = \"checkout\"\n\
    version = \"4.2.0\"\n[[stage]]\nenvironment = \"production\"\nstart = 2026-11-25T14:00:00\nend = 2026-11-25T16:00:00\n";

#[test]
fn the_plan_is_published_to_a_real_server_and_only_what_changed_goes_again() {
    let Some(server) = Radicale::start() else { return };
    let plan = format!("{PLAN}url = \"http://{}/ops/releases/\"\n", server.address);
    let windows = "[[window]]\nid = \"nightly\"\nkind = \"change\"\nstart = 2026-10-20T02:30:00\nend = 2026-10-20T04:00:00\n\
        repeat = \"FREQ=DAILY\"\n";
    let world = World::new(&[
        ("tminus.toml", &plan),
        ("windows.toml", windows),
        ("releases/checkout-4.2.toml", RELEASE),
    ]);
    let publish = |words: &str| {
        let mut command = world.command();
        let output = command
            .env("DAV", "x")
            .args(["calendar", "publish", "--json"])
            .args(words.split(' '))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let said: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let list = said["resources"].as_array().cloned().unwrap_or_default();
        let words = list
            .iter()
            .map(|one| (one["action"].as_str().unwrap().to_owned(), one["uid"].as_str().unwrap().to_owned()));
        let words = words.filter(|(action, _)| action != "unchanged").collect::<Vec<_>>();
        (output.status.code().unwrap(), words, String::from_utf8(output.stderr).unwrap())
    };
    let stage = "stage-0.checkout-4.2@shop.tminus";
    // Nothing without a word; the collection is not there yet.
    assert_eq!(publish("--confirm somebody").0, 1);
    let (status, would, _) = publish("--dry-run");
    assert!(status == 0 && would.iter().any(|(action, uid)| action == "add" && uid == stage), "{would:?}");
    assert!(
        server.ask("GET", "/ops/releases/", "", "").starts_with("HTTP/1.0 404")
            || server.ask("GET", "/ops/releases/", "", "").contains("404")
    );
    let (status, sent, said) = publish("--confirm team");
    assert_eq!((status, sent.len() >= 2), (0, true), "{said}");
    // A second client sees them, and the server expands the rule over the clock change.
    let all = server.ask("GET", "/ops/releases/", "", "");
    assert!(all.contains("SUMMARY:Checkout 4.2 → production") && all.contains("TZID:Europe/Berlin"), "{all}");
    assert_eq!(publish("--yes").1, []);
    // Only what changed, with a higher SEQUENCE.
    world.write("releases/checkout-4.2.toml", &RELEASE.replace("T16:00", "T17:00"));
    let (status, sent, said) = publish("--yes");
    assert_eq!((status, sent), (0, vec![("replace".to_owned(), stage.to_owned())]), "{said}");
    let path = format!("/ops/releases/{stage}.ics");
    let there = server.ask("GET", &path, "", "");
    assert!(
        there.contains("SEQUENCE:1") && there.contains("DTEND;TZID=Europe/Berlin:20261125T170000"),
        "{there}"
    );
    // What somebody changed there is left alone, and said.
    let body = there[there.find("BEGIN:VCALENDAR").unwrap()..].replace("Checkout 4.2", "Mine now");
    server.ask("PUT", &path, "content-type: text/calendar\r\n", &body);
    world.write("releases/checkout-4.2.toml", &RELEASE.replace("T16:00", "T18:00"));
    let (status, sent, _) = publish("--yes");
    assert_eq!((status, sent), (1, vec![("changed there, left alone".to_owned(), stage.to_owned())]));
    assert!(server.ask("GET", &path, "", "").contains("Mine now"));
    // What is not in the plan any more goes; what others put there stays.
    let others = CALENDAR.replace("UID:a", "UID:others");
    server.ask("PUT", "/ops/releases/others.ics", "content-type: text/calendar\r\n", &others);
    world.write("windows.toml", "");
    let (_, sent, _) = publish("--yes");
    assert!(sent.contains(&("delete".to_owned(), "window.nightly@shop.tminus".to_owned())), "{sent:?}");
    let all = server.ask("GET", "/ops/releases/", "", "");
    assert!(all.contains("UID:others") && !all.contains("window.nightly@"), "{all}");
}

#[test]
fn another_machine_takes_over_what_the_first_published() {
    let Some(server) = Radicale::start() else { return };
    let plan = format!("{PLAN}url = \"http://{}/ops/releases/\"\n", server.address);
    let world = World::new(&[("tminus.toml", &plan), ("releases/checkout-4.2.toml", RELEASE)]);
    let publish = |world: &World| {
        let mut command = world.command();
        let output = command.env("DAV", "x").args(["calendar", "publish", "--yes"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(publish(&world).starts_with("add: "));
    let other = World::new(&[("tminus.toml", &plan), ("releases/checkout-4.2.toml", RELEASE)]);
    assert_eq!(publish(&other), "1 unchanged\n");
    other.write("releases/checkout-4.2.toml", &RELEASE.replace("T16:00", "T17:00"));
    assert!(publish(&other).starts_with("replace: "));
    let there = server.ask("GET", "/ops/releases/stage-0.checkout-4.2@shop.tminus.ics", "", "");
    assert!(there.contains("SEQUENCE:1"), "{there}");
}
