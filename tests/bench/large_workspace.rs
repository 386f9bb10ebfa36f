//! Writes a workspace of the size tminus is designed for, to measure with:
//! `cargo run --release --example large-workspace -- DIR [SERVICES RELEASES TAGS WINDOWS]`.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        return Err(io::Error::other("say where: large-workspace DIR [SERVICES RELEASES TAGS WINDOWS]"));
    };
    let mut number = |default: usize| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (services, releases, tags, windows) = (number(500), number(5000), number(12_000), number(0));
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder.join("releases"))?;
    repository(&folder.join("repository"), tags)?;
    std::fs::write(folder.join("tminus.toml"), workspace(services))?;
    std::fs::write(folder.join("windows.toml"), WINDOWS.to_owned() + &more_windows(windows, services))?;
    std::fs::write(folder.join("running.json"), running(services))?;
    let now = Utc::now();
    for index in 0..releases {
        let file = folder.join(format!("releases/rel-{index:05}.toml"));
        std::fs::write(file, release(index, releases, services, now))?;
    }
    Ok(())
}

const WINDOWS: &str = r#"[[window]]
id = "weekdays"
kind = "change"
start = 2026-01-05T09:00:00
end = 2026-01-05T17:00:00
time_zone = "Europe/Berlin"
repeat = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"
environments = ["production"]

[[window]]
id = "year-end"
kind = "freeze"
start = 2025-12-18T18:00:00
end = 2026-01-04T06:00:00
time_zone = "Europe/Berlin"
repeat = "FREQ=YEARLY"
"#;

/// Windows that recur, of every kind: daily, weekly by days, monthly, yearly; each of a few services.
fn more_windows(count: usize, services: usize) -> String {
    let rules = [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=WEEKLY;BYDAY=SA,SU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY",
    ];
    let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
    let mut text = String::new();
    for index in 0..count {
        let kind = if index % 5 == 1 { "change" } else { "freeze" };
        let (day, hour) = (index % 28 + 1, index % 12);
        let of: Vec<String> =
            (0..5).map(|one| format!("\"service-{:03}\"", (index + one * 97) % services)).collect();
        let _ = write!(
            text,
            "\n[[window]]\nid = \"window-{index:03}\"\nkind = \"{kind}\"\n\
             start = 2024-01-{day:02}T{hour:02}:00:00\nend = 2024-01-{day:02}T{:02}:00:00\n\
             time_zone = \"{}\"\nrepeat = \"{}\"\nenvironments = [\"production\"]\nservices = [{}]\n",
            hour + 10,
            zones[index % 3],
            rules[index % 5],
            of.join(", ")
        );
    }
    text
}

fn workspace(services: usize) -> String {
    let mut text = "[workspace]\nname = \"Large\"\ntime_zone = \"Europe/Berlin\"\n\n".to_owned();
    for environment in ["test", "staging", "production"] {
        let _ = writeln!(
            text,
            "[[environment]]\nid = \"{environment}\"\nversions = {{ file = \"running.json\" }}\n"
        );
    }
    for index in 0..services {
        let _ = write!(
            text,
            "[[service]]\nid = \"service-{index:03}\"\nowner = \"team-{}\"\ntier = {}\n",
            index % 20,
            index % 4 + 1
        );
        // One repository holds all the tags; asking it for every service would only measure git.
        if index == 0 {
            text.push_str("repository = \"repository\"\n");
        }
        if index > 3 {
            let _ = writeln!(
                text,
                "depends_on = [{{ service = \"service-{:03}\", version = \"^1\" }}, {{ service = \"service-{:03}\" }}]",
                index / 2,
                index / 3
            );
        }
        text.push('\n');
    }
    text.push_str("[backend.git]\n");
    text
}

fn running(services: usize) -> String {
    let lines: Vec<String> =
        (0..services).map(|index| format!("\"service-{index:03}\": \"1.{}.0\"", index % 30)).collect();
    format!("{{{}}}\n", lines.join(",\n"))
}

/// Releases spread over a year and a half around now.
fn release(index: usize, count: usize, services: usize, now: DateTime<Utc>) -> String {
    let minutes = (index as i64 - count as i64 * 2 / 3) * 60 * 24 * 550 / count as i64;
    let start = (now + TimeDelta::minutes(minutes)).naive_utc();
    let (start, end) =
        (start.format("%Y-%m-%dT%H:%M:00"), (start + TimeDelta::hours(2)).format("%Y-%m-%dT%H:%M:00"));
    let service = index * 7 % services;
    let status = if minutes < 0 { "completed" } else { "planned" };
    format!(
        "title = \"Service {service} 1.{index}\"\nstatus = \"{status}\"\nowner = \"person-{}\"\n\n\
         [[item]]\nservice = \"service-{service:03}\"\nversion = \"1.{index}.0\"\n\n\
         [[stage]]\nenvironment = \"staging\"\nstart = {start}Z\nend = {end}Z\n\n\
         [[stage]]\nenvironment = \"production\"\nstart = {start}Z\nend = {end}Z\nstrategy = \"canary\"\n\
         steps = [5, 25, 50, 100]\nsoak = \"60m\"\n",
        index % 40
    )
}

fn repository(folder: &Path, tags: usize) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let git = |arguments: &[&str]| Command::new("git").arg("-C").arg(folder).args(arguments).status();
    git(&["init", "-q", "-b", "main"])?;
    let mut child = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()?;
    let mut input =
        io::BufWriter::new(child.stdin.take().ok_or_else(|| io::Error::other("no standard input"))?);
    let begin = Utc::now().timestamp() - tags as i64 * 3600;
    for index in 0..tags {
        let time = begin + index as i64 * 3600;
        write!(
            input,
            "commit refs/heads/main\nmark :{}\ncommitter A <a@example.com> {time} +0000\ndata 6\nchange\n\n\
             tag v1.{index}.0\nfrom :{}\ntagger A <a@example.com> {time} +0000\ndata 7\nrelease\n",
            index + 1,
            index + 1
        )?;
    }
    input.flush()?;
    drop(input);
    child.wait()?;
    git(&["pack-refs", "--all"])?;
    Ok(())
}
