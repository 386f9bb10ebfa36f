//! Real git repositories with a plausible history, made with `git fast-import`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::DemoError;
use super::company::{Firm, PEOPLE};
use super::jira::Tracker;
use super::story::{FROZEN, History, Story};

/// Makes the repository of every service under `folder`, all at once.
pub(super) async fn create(folder: &Path, story: &Story, tracker: &Tracker) -> Result<(), DemoError> {
    let imports = story.histories.iter().map(|history| {
        let path = folder.join(history.firm.id);
        let stream = stream(history, story, tracker);
        async move { import(&path, &stream).await }
    });
    futures_util::future::try_join_all(imports).await.map(|_| ())
}

async fn import(path: &Path, stream: &str) -> Result<(), DemoError> {
    let text = path.as_os_str();
    // A template of the person's own could bring hooks; none is wanted.
    git(
        None,
        &[
            "init".as_ref(),
            "--quiet".as_ref(),
            "--template=".as_ref(),
            "--initial-branch=main".as_ref(),
            text,
        ],
        "",
    )
    .await?;
    git(Some(path), &["fast-import".as_ref(), "--quiet".as_ref()], stream).await?;
    git(Some(path), &["reset".as_ref(), "--quiet".as_ref(), "--hard".as_ref(), "main".as_ref()], "").await
}

async fn git(folder: Option<&Path>, arguments: &[&std::ffi::OsStr], input: &str) -> Result<(), DemoError> {
    let failed =
        |why: String| DemoError::Git { what: arguments.join(" ".as_ref()).to_string_lossy().into(), why };
    let mut command = Command::new("git");
    if let Some(folder) = folder {
        command.arg("-C").arg(folder);
    }
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0").kill_on_drop(true);
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(variable);
    }
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    if let Some(mut pipe) = child.stdin.take() {
        // A git that ends early says why on its standard error.
        let _ = pipe.write_all(input.as_bytes()).await;
    }
    let output = child.wait_with_output().await.map_err(|error| failed(error.to_string()))?;
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(()) } else { Err(failed(complaint)) }
}

/// A subject for a commit, with a ticket's key.
fn subject(firm: &Firm, ticket: u32, random: &mut fastrand::Rng) -> String {
    let topic = random.choice(firm.topics).copied().unwrap_or("build");
    let subject = match random.u32(0..9) {
        0 => format!("fix {topic} when the answer is empty"),
        1 => format!("{topic}: measure before caching"),
        2 => format!("{topic}: handle retries"),
        3 => format!("refactor {topic}"),
        4 => format!("{topic}: log the reason of a refusal"),
        5 => format!("speed up {topic}"),
        6 => format!("{topic}: tests for the edge cases"),
        7 => format!("{topic}: follow the new interface"),
        _ => format!("{topic}: first slice behind a flag"),
    };
    format!("{}-{ticket}: {subject}", firm.project)
}

fn stream(history: &History, story: &Story, tracker: &Tracker) -> String {
    let mut random =
        fastrand::Rng::with_seed(story.seed ^ (history.firm.id.len() as u64) << 32 ^ 0x0067_6974);
    let firm = history.firm;
    let mut stream = String::new();
    let mut ticket = 100 + random.u32(0..60);
    let mut mark = 0;
    let begun = story.now - TimeDelta::days(254);
    let mut commit = |stream: &mut String,
                      when: DateTime<Utc>,
                      subject: &str,
                      files: &[(String, String)],
                      random: &mut fastrand::Rng| {
        mark += 1;
        let (name, user) = PEOPLE[random.usize(0..PEOPLE.len())];
        let seconds = when.timestamp();
        let who = format!("{name} <{user}@meridian.example> {seconds} +0100");
        let _ = write!(stream, "commit refs/heads/main\nmark :{mark}\nauthor {who}\ncommitter {who}\n");
        let _ = write!(stream, "data {}\n{subject}\n", subject.len() + 1);
        if mark > 1 {
            let _ = writeln!(stream, "from :{}", mark - 1);
        }
        for (path, text) in files {
            let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        mark
    };
    let readme = format!("# {}\n\n{}\n\nOwned by {}.\n", firm.id, firm.does, firm.team);
    let first = [("README.md".to_owned(), readme), ("src/main.txt".to_owned(), format!("{}\n", firm.does))];
    commit(&mut stream, begun, "first commit", &first, &mut random);
    let mut before = begun;
    for version in &history.versions {
        let span = (version.tagged - before).num_seconds().max(60);
        let mut fixed = tracker.fixed(firm.id, &version.number).into_iter();
        let count = random.i64(6..15);
        let mut last = 0;
        for index in 0..count {
            ticket += random.u32(0..3);
            let when = before + TimeDelta::seconds(span * (index + 1) / (count + 1));
            let topic = random.usize(0..firm.topics.len());
            let path = format!("src/{}.txt", firm.topics[topic].to_lowercase().replace([' ', '/'], "-"));
            let mut text = String::new();
            for line in 0..random.u32(4..40) {
                let _ = writeln!(text, "{} {line} {:06x}", firm.topics[topic], random.u32(0..0x00ff_ffff));
            }
            let subject = match fixed.next() {
                Some((key, summary)) => {
                    let number = key.rsplit('-').next().and_then(|number| number.parse().ok());
                    ticket = number.unwrap_or(ticket).max(ticket);
                    format!("{key}: {summary}")
                }
                None => subject(firm, ticket, &mut random),
            };
            last = commit(&mut stream, when, &subject, &[(path, text)], &mut random);
        }
        let name = &version.number;
        let message = format!("{} {name}\n", firm.id);
        let _ = write!(
            stream,
            "tag v{name}\nfrom :{last}\ntagger Release Robot <release@meridian.example> {} +0000\ndata {}\n{message}\n",
            version.tagged.timestamp(),
            message.len()
        );
        before = version.tagged;
    }
    // What came since the last tag is the next version.
    let frozen = firm.id == FROZEN;
    let until = if frozen { story.froze() - TimeDelta::hours(1) } else { story.now };
    let span = (until - before).num_seconds().max(0);
    let count = random.i64(2..9);
    for index in 0..count {
        ticket += random.u32(0..3);
        let when = before + TimeDelta::seconds(span * (index + 1) / (count + 1));
        let subject = subject(firm, ticket, &mut random);
        let text = format!("{subject}\n");
        commit(&mut stream, when, &subject, &[("src/next.txt".to_owned(), text)], &mut random);
    }
    if frozen {
        // Somebody could not wait.
        let subject = format!("{}-{}: banner slot: one more teaser for Friday", firm.project, ticket + 1);
        let files = [("src/banner-slots.txt".to_owned(), format!("{subject}\n"))];
        commit(&mut stream, story.now - TimeDelta::hours(3), &subject, &files, &mut random);
    }
    stream.push_str("done\n");
    stream
}
