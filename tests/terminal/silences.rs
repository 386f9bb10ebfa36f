//! A silence from end to end, on screen: made by form against a real Alertmanager, there when it is
//! asked itself, and ended again.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;
use tempfile::TempDir;

use super::WORKSPACE;
use super::terminal::Session;

/// How long the server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// A real Alertmanager on loopback, until it is dropped.
struct Alertmanager {
    address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Alertmanager {
    /// Starts it. `None`: it is not installed, and that is allowed.
    fn start() -> Option<Self> {
        let program = "prometheus-alertmanager";
        let mut version = Command::new(program);
        if !installed(version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null())) {
            let required = std::env::var("TMINUS_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
            assert!(!required, "{program} is required and not installed");
            println!("SKIPPED: {program} is not installed");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let configuration = "route: { receiver: none }\nreceivers: [{ name: none }]\n";
        std::fs::write(folder.path().join("alertmanager.yml"), configuration).unwrap();
        let child = Command::new(program)
            .args(["--config.file=alertmanager.yml", "--storage.path=am", "--cluster.listen-address="])
            .arg(format!("--web.listen-address={address}"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let manager = Self { address, child, _folder: folder };
        let begun = Instant::now();
        while !manager.request("GET", "/-/ready", "").contains(" 200 ") {
            assert!(begun.elapsed() < PATIENCE, "the server does not become ready");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(manager)
    }

    /// The whole answer; empty where there is none. Version 1.0, so that it comes in one piece.
    fn request(&self, method: &str, path: &str, body: &str) -> String {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(1))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            let length = body.len();
            write!(
                stream,
                "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\n\r\n{body}"
            )?;
            let mut reply = String::new();
            stream.read_to_string(&mut reply)?;
            Ok(reply)
        };
        ask().unwrap_or_default()
    }

    /// Its silences, as it tells of them itself.
    fn silences(&self) -> Vec<Value> {
        let reply = self.request("GET", "/api/v2/silences", "");
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{reply}");
        serde_json::from_str(body).unwrap()
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn installed(version: &mut Command) -> bool {
    version.status().is_ok_and(|status| status.success())
}

/// A workspace with one release whose only stage began an hour ago and ends in two.
fn workspace(manager: &Alertmanager, end: DateTime<Utc>) -> TempDir {
    let folder = TempDir::new().unwrap();
    let backend =
        format!("\n[backend.alertmanager]\ntype = \"alertmanager\"\nurl = \"http://{}\"\n", manager.address);
    std::fs::write(folder.path().join("tminus.toml"), WORKSPACE.to_owned() + &backend).unwrap();
    std::fs::create_dir(folder.path().join("releases")).unwrap();
    let release = format!(
        "title = \"Checkout 4.2\"\n\n[[item]]\nservice = \"checkout\"\nversion = \"4.2.0\"\n\n\
         [[stage]]\nenvironment = \"production\"\nstart = {}\nend = {}\n",
        (end - TimeDelta::hours(3)).to_rfc3339_opts(SecondsFormat::Secs, true),
        end.to_rfc3339_opts(SecondsFormat::Secs, true)
    );
    std::fs::write(folder.path().join("releases/checkout-4.2.toml"), release).unwrap();
    folder
}

#[test]
fn a_silence_made_by_form_is_in_the_alertmanager_until_it_is_ended() {
    let Some(manager) = Alertmanager::start() else { return };
    let posted = manager.request(
        "POST",
        "/api/v2/alerts",
        r#"[{"labels": {"alertname": "CheckoutSlow", "service": "checkout", "env": "production"}}]"#,
    );
    assert!(posted.contains(" 200 "), "{posted}");
    let end = Utc::now() + TimeDelta::hours(2);
    let folder = workspace(&manager, end);
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Storefront");
    // No server tells what runs: the board's choice says which release all panels speak of.
    session.send("2");
    session.wait_for("Board");
    session.send("j");
    session.send("3");
    session.send("ga");
    session.wait_for("CheckoutSlow");
    session.send("s");
    let form = session.wait_for("would mute 1 of 1: CheckoutSlow");
    assert!(form.contains("Silence for stage 0 of checkout-4.2"), "{form}");
    // Without its name typed nothing leaves, whoever answers for it.
    session.send("\t\t\t\x15mira\x13");
    session.wait_for("type checkout-4.2 to confirm it");
    assert_eq!(manager.silences(), Vec::<Value>::new());
    session.send("\x15checkout-4.2\r");
    session.wait_until("the silence in the Alertmanager", |_| manager.silences().len() == 1);
    let made = manager.silences().remove(0);
    assert_eq!((&made["status"]["state"], &made["createdBy"]), (&"active".into(), &"mira".into()), "{made}");
    assert!(made["comment"].as_str().unwrap().ends_with("[tminus:checkout-4.2/0]"), "{made}");
    let matchers: Vec<_> = made["matchers"].as_array().unwrap().iter().collect();
    let muted = |name: &str, value: &str| {
        matchers.iter().any(|matcher| {
            matcher["name"] == name && matcher["value"] == value && matcher["isRegex"] == false
        })
    };
    assert!(muted("service", "checkout") && muted("env", "production"), "{made}");
    let ends: DateTime<Utc> = made["endsAt"].as_str().unwrap().parse().unwrap();
    assert!(ends <= end && end - ends < TimeDelta::minutes(2), "{made}");
    let shown = session.wait_for("silenced by mira until");
    assert!(!shown.contains("Silence for stage"), "{shown}");

    session.send("E");
    let form = session.wait_for("End a silence of checkout-4.2");
    assert!(form.contains("service=checkout"), "{form}");
    session.send("checkout-4\r");
    session.wait_for("type all of it: checkout-4.2");
    assert_eq!(manager.silences()[0]["status"]["state"], "active");
    session.send(".2\r");
    session.wait_until("its end in the Alertmanager", |_| {
        manager.silences().iter().all(|silence| silence["status"]["state"] == "expired")
    });
    session.wait_without("End a silence of");
    session.wait_without("silenced by mira until");
    assert_eq!(manager.silences().len(), 1, "it was ended, and nothing else was made");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}
