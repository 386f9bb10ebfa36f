//! The cockpit on a real Prometheus that is slowed, cut, refuses, warns, answers in part, loses its
//! data, and is killed: no cell of any view is good on what cannot be trusted, and all is back when the
//! server is. Its clock runs faster than real, over a history that goes on into the future.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use tempfile::TempDir;
use vt100::Color;

use super::history::{Prometheus, Stretch, Times};
use super::proxy::{Mode, Proxy, WRONG};
use super::terminal::Session;

/// How many times faster than real its clock runs.
const SPEED: u32 = 60;
/// What is good in the theme that the cockpit opens with.
const GOOD: Color = Color::Rgb(0x57, 0xab, 0x5a);
/// The longest that an answer counts as fresh is three polls a minute apart; then it is judged anew.
const STALE: Duration = Duration::from_secs(200);
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A question that failed is asked again within a minute.
const ASKED_AGAIN: Duration = Duration::from_secs(90);

/// A view's keys, its name, and what is good in it while all is well.
type View = (&'static str, &'static str, &'static [&'static str]);

const VIEWS: [View; 8] = [
    ("go", "Overview", &["● web ", "● search ", "● healthy", "● HEALTHY", "● none", "prometheus ●"]),
    ("gj", "Judge", &["● HEALTHY", "● 5 % healthy", "● errors", "● health check"]),
    ("gc", "Charts", &["prometheus ●"]),
    ("gt", "Train", &["● healthy", "● search"]),
    ("gs", "Skew", &["● production", "● every version"]),
    ("gh", "Health", &["● passes    web", "● passes    search"]),
    ("ga", "Alerts", &["● none"]),
    ("gw", "Watch", &["● search-1.1", "● healthy"]),
];

fn time(seconds: u64) -> String {
    let time = DateTime::<Utc>::from_timestamp(seconds as i64, 0).unwrap();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A canary of `web` that does well, and `search`, which arrived lately and is watched.
fn workspace(url: &str, times: Times) -> TempDir {
    let service = |id: &str| {
        format!(
            r#"
[[service]]
id = "{id}"
owner = "mira"
[[service.metric]]
name = "errors"
kind = "error-rate"
unit = "ratio"
critical = true
interval = "30s"
query = 'sum(rate(http_requests_total{{service="{id}",version="{{{{version}}}}",code="500"}}[2m])) / sum(rate(http_requests_total{{service="{id}",version="{{{{version}}}}"}}[2m]))'
bad = 'sum(increase(http_requests_total{{service="{id}",version="{{{{version}}}}",code="500"}}[{{{{window}}}}]))'
total = 'sum(increase(http_requests_total{{service="{id}",version="{{{{version}}}}"}}[{{{{window}}}}]))'
[[service.metric]]
name = "latency"
unit = "seconds"
interval = "30s"
query = 'avg(latency{{service="{id}",version="{{{{version}}}}"}})'
[[service.health]]
id = "instances"
critical = true
interval = "10s"
query = 'sum(deployment{{service="{id}"}})'
until = "> 1"
"#
        )
    };
    let folder = TempDir::new().unwrap();
    let text = format!(
        "[workspace]\nname = \"Storefront\"\ntime_zone = \"UTC\"\n\n[[environment]]\nid = \"production\"\n\
         versions = 'sum by (service, version) (deployment)'\n\n[backend.prometheus]\nurl = \"{url}\"\n{}{}",
        service("web"),
        service("search")
    );
    std::fs::write(folder.path().join("tminus.toml"), text).unwrap();
    std::fs::create_dir(folder.path().join("releases")).unwrap();
    for (service, start, end) in
        [("web", times.live, times.live + 3 * 3600), ("search", times.harmless, times.harmless + 1800)]
    {
        let release = format!(
            "title = \"The next {service}\"\nowner = \"mira\"\n\n[[item]]\nservice = \"{service}\"\n\
             version = \"v1.1.0\"\n\n[[stage]]\nenvironment = \"production\"\nstart = {}\nend = {}\n\
             soak = \"3h\"\n",
            time(start),
            time(end)
        );
        std::fs::write(folder.path().join(format!("releases/{service}-1.1.toml")), release).unwrap();
    }
    folder
}

/// What looks good on screen: green cells, the sign, the word; each with its row.
fn good(session: &Session) -> Vec<String> {
    let mut found = Vec::new();
    for row in session.cells() {
        let words: String = row.iter().map(|(text, _)| if text.is_empty() { " " } else { text }).collect();
        let is_green = row.iter().any(|(text, colour)| *colour == GOOD && !text.trim().is_empty());
        if is_green || words.contains('●') || words.to_lowercase().contains("healthy") {
            found.push(words.trim_end().to_owned());
        }
    }
    found
}

fn show(session: &mut Session, (keys, name, _): View) {
    session.send(keys);
    session.wait_for(&format!("▸{name}"));
}

/// Every view shows what is good, as long as that may take.
fn all_is_well(session: &mut Session, after: &str) {
    for view in VIEWS {
        show(session, view);
        let (_, name, wanted) = view;
        let begun = Instant::now();
        loop {
            let good = good(session);
            let is_there = |words: &&str| good.iter().any(|row| row.contains(*words));
            let missing: Vec<_> = wanted.iter().filter(|words| !is_there(words)).collect();
            if missing.is_empty() {
                break;
            }
            let contents = session.contents();
            assert!(begun.elapsed() < PATIENCE, "{name} after {after}: no {missing:?}:\n{contents}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// No view shows anything good but what is allowed, after so long by the cockpit's clock.
fn nothing_is_good(session: &mut Session, what: &str, after: Duration, allowed: &[&str]) {
    std::thread::sleep(after / SPEED);
    for view in VIEWS {
        show(session, view);
        // A look at what came of asking anew too.
        for _ in 0..3 {
            let mut good = good(session);
            good.retain(|row| !allowed.iter().any(|allowed| row.contains(allowed)));
            let contents = session.contents();
            assert!(good.is_empty(), "{what}, {}: {good:#?} of\n{contents}", view.1);
            std::thread::sleep(Duration::from_millis(40));
        }
    }
}

#[test]
fn no_cell_is_good_on_what_cannot_be_trusted_and_all_is_back_with_the_server() {
    let times = Times::now();
    let times = Times { harmless: times.end - 2700, ..times };
    let stretch = Stretch {
        times,
        past: 6 * 3600,
        future: 3 * 3600,
        services: &["web", "search"],
        ..Stretch::two_days()
    };
    let Some(mut server) = Prometheus::start(stretch) else { return };
    let proxy = Proxy::before(&server.url());
    let folder = workspace(&proxy.url, server.times);
    let variables = [("COLORTERM", "truecolor"), ("TMINUS_TEST_SPEED", &SPEED.to_string())];
    let mut session = Session::start_with(folder.path(), &[], (160, 48), &variables);
    session.wait_for("Storefront");
    session.send("3");
    // What arrived stays in sight however long the test takes.
    session.send("-");
    session.wait_for("following  3 h");
    all_is_well(&mut session, "the start");
    proxy.set(Mode::Inform);
    std::thread::sleep(ASKED_AGAIN / SPEED);
    all_is_well(&mut session, "a remark, which takes nothing away");

    // What never gave an answer leaves what was known to grow stale: one follows the other, each for
    // longer than it takes to be asked again.
    let mut after = STALE;
    let silent = [Mode::Cut, Mode::Html, Mode::Refuse(429), Mode::Refuse(502), Mode::Refuse(503)];
    for mode in silent {
        proxy.set(mode);
        nothing_is_good(&mut session, &format!("{mode:?}"), after, &[]);
        after = ASKED_AGAIN;
    }
    proxy.set(Mode::Pass);
    all_is_well(&mut session, "silence");

    for mode in WRONG.into_iter().chain([Mode::Slow]).filter(|mode| !silent.contains(mode)) {
        proxy.set(mode);
        // It says that it fires no alert, and it answers.
        let allowed: &[&str] = if mode == Mode::Empty { &["● none", "prometheus ●"] } else { &[] };
        nothing_is_good(&mut session, &format!("{mode:?}"), STALE, allowed);
        proxy.set(Mode::Pass);
        all_is_well(&mut session, &format!("{mode:?}"));
    }

    server.kill();
    nothing_is_good(&mut session, "killed", STALE, &[]);
    server.restart();
    all_is_well(&mut session, "its start anew");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}
