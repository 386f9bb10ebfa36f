//! D1 and D5: the real program, killed while it saves, and several at once.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tminus::domain::workspace::Origin;
use tminus::store::{Located, open};

use crate::help::{storefront, write};

const FILE: &str = "releases/long.toml";

/// A release long enough that writing it takes a while.
fn long_release() -> String {
    let mut text = "title = \"Long\"\n".to_owned();
    for day in 1..=5 {
        for hour in 0..12 {
            text.push_str(&format!(
                "[[stage]] # day {day}\nenvironment = \"staging\"\nstart = 2026-11-{day:02}T{hour:02}:00:00\nend = 2026-11-{day:02}T{hour:02}:30:00\n"
            ));
        }
    }
    text
}

fn mover(root: &Path, by: &str, sabotage: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tminus"));
    command.args(["release", "move", "long", "--by", by, "--json", "-w"]).arg(root);
    command.env_remove("TMINUS_WORKSPACE").env("TMINUS_CONFIG", root.join("config.toml"));
    if let Some(sabotage) = sabotage {
        command.env("TMINUS_SABOTAGE", sabotage);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Minutes the first stage has been moved by; nothing where the file cannot be used.
fn moved(root: &Path) -> Option<i64> {
    let opened = open(&Located { origin: Origin::Files(root.to_owned()), problems: Vec::new() });
    let release = opened.workspace.release("long")?;
    let offsets: Vec<i64> = release
        .stages
        .iter()
        .enumerate()
        .map(|(index, stage)| {
            let (day, hour) = (index as i64 / 12, index as i64 % 12);
            let start: chrono::DateTime<chrono::Utc> = "2026-10-31T23:00:00Z".parse().unwrap();
            (stage.start - start).num_minutes() - day * 24 * 60 - hour * 60
        })
        .collect();
    // All stages moved together, or the file is half of two edits.
    let first = *offsets.first()?;
    (offsets.len() == 60 && offsets.iter().all(|offset| *offset == first)).then_some(first)
}

struct Tally {
    kills: u32,
    acknowledged: i64,
    broken: u32,
    lost: u32,
}

fn kill_loop(rounds: u32, switch: Option<&str>) -> Tally {
    let root = storefront();
    write(root.path(), FILE, long_release().as_bytes());
    let mut random = fastrand::Rng::with_seed(42);
    let mut tally = Tally { kills: 0, acknowledged: 0, broken: 0, lost: 0 };
    // How long one edit takes here at its quickest, so that kills fall all over it: the first run
    // is slower than the rest.
    let mut usual = Duration::MAX;
    for _ in 0..4 {
        let began = std::time::Instant::now();
        assert!(mover(root.path(), "1m", switch).status().unwrap().success());
        usual = usual.min(began.elapsed());
    }
    let mut known = 4;
    for _ in 0..rounds {
        let mut child = mover(root.path(), "1m", switch).spawn().unwrap();
        std::thread::sleep(usual.mul_f64(random.f64() * 1.2));
        let acknowledged = child.try_wait().unwrap().is_some_and(|status| status.success());
        let _ = child.kill();
        let finished = child.wait().unwrap().success();
        tally.kills += u32::from(!finished);
        let Some(now) = moved(root.path()) else {
            tally.broken += 1;
            write(root.path(), FILE, long_release().as_bytes());
            known = 0;
            continue;
        };
        // Acknowledged: there. Not acknowledged: there or not, but nothing else.
        tally.acknowledged += i64::from(acknowledged || finished);
        let least = known + i64::from(acknowledged || finished);
        tally.lost += u32::from(now < least || now > known + 1);
        known = now;
    }
    tally
}

#[test]
fn a_kill_while_saving_loses_nothing_and_breaks_nothing() {
    let tally = kill_loop(100, None);
    assert_eq!((tally.broken, tally.lost), (0, 0), "{} kills", tally.kills);
    assert!(
        tally.kills > 20 && tally.acknowledged > 2,
        "{} killed, {} done",
        tally.kills,
        tally.acknowledged
    );
}

/// The test above must be able to fail: writing in place, it does.
#[cfg(debug_assertions)]
#[test]
fn the_kill_test_sees_writing_in_place() {
    let tally = kill_loop(25, Some("in-place"));
    assert!(tally.broken > 0, "{} kills and nothing broken", tally.kills);
}

#[test]
fn eight_processes_lose_no_edit() {
    let root = storefront();
    write(root.path(), FILE, long_release().as_bytes());
    let rounds = 6;
    for _ in 0..rounds {
        let children: Vec<Child> = (0..8).map(|_| mover(root.path(), "1m", None).spawn().unwrap()).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
    }
    assert_eq!(moved(root.path()), Some(8 * rounds));
    let left: Vec<_> =
        fs::read_dir(root.path().join("releases")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
