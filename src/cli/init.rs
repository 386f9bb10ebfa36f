//! `tminus init`: a commented tminus.toml from what is found here.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use super::{CliError, Context, Exit, output};
use crate::store;

/// Options of `tminus init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to write it; absent: -w, else this folder
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// What was found.
struct Found {
    name: String,
    time_zone: String,
    service: String,
    repository: bool,
    tags: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let folder =
        args.folder.or_else(|| context.global.workspace.clone()).unwrap_or_else(|| PathBuf::from("."));
    if !folder.is_dir() {
        return Err(CliError::wrong(format!("{} is not a folder", folder.display()), "make it first"));
    }
    let found = look(&folder);
    let path = folder.join("tminus.toml");
    let text = text(&found);
    let written = OpenOptions::new().write(true).create_new(true).open(&path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    if let Err(error) = written {
        if error.kind() == ErrorKind::AlreadyExists {
            let what = format!("{} is already there", path.display());
            return Err(CliError::refused(what, "it is not overwritten, edit it, or move it away"));
        }
        return Err(CliError::wrong(
            format!("{} cannot be written: {error}", path.display()),
            "mend the path",
        ));
    }
    if context.global.json {
        output::print_json(
            "init",
            json!({"written": [path], "name": found.name, "time_zone": found.time_zone, "services": [found.service]}),
        );
    } else {
        let shown = path.display();
        output::print(&format!(
            "wrote {shown}: workspace {}, service {}, time zone {}\nnext: look through it, then `tminus doctor`\n",
            found.name, found.service, found.time_zone
        ));
    }
    Ok(Exit::Yes)
}

fn look(folder: &Path) -> Found {
    let name = store::folder_name(folder);
    let remote = git(folder, &["remote", "get-url", "origin"]);
    let service = remote.as_deref().and_then(name_of_remote).unwrap_or_else(|| name.clone());
    let tags = git(folder, &["tag", "--list"]).unwrap_or_default();
    Found {
        time_zone: iana_time_zone::get_timezone()
            .ok()
            .filter(|zone| zone.parse::<chrono_tz::Tz>().is_ok())
            .unwrap_or_else(|| "UTC".to_owned()),
        repository: git(folder, &["rev-parse", "--git-dir"]).is_some(),
        tags: pattern(&tags, &service),
        service: slug(&service),
        name,
    }
}

/// What git says, where it says something.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// `checkout` of `git@example.com:shop/checkout.git`.
fn name_of_remote(url: &str) -> Option<String> {
    let last = url.trim_end_matches('/').rsplit(['/', ':']).next()?;
    let name = last.strip_suffix(".git").unwrap_or(last);
    (!name.is_empty()).then(|| name.to_owned())
}

/// Which of the tags are versions: by what most of them begin with.
fn pattern(tags: &str, service: &str) -> Option<String> {
    let own = format!("{service}-v");
    let count = |prefix: &str| {
        let is_version = |tag: &&str| {
            tag.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        tags.lines().filter(is_version).count()
    };
    let candidates =
        [(count("v"), "v*".to_owned()), (count(&own), format!("{own}*")), (count(""), "[0-9]*".to_owned())];
    candidates
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .max_by_key(|(count, _)| *count)
        .map(|(_, glob)| glob)
}

fn slug(name: &str) -> String {
    let slug: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let slug = slug.trim_matches(['-', '.']).to_owned();
    if slug.is_empty() { "service".to_owned() } else { slug }
}

fn text(found: &Found) -> String {
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    let repository = if found.repository { "repository = \".\"" } else { "# repository = \"../checkout\"" };
    let tags = found.tags.as_deref().unwrap_or("v*");
    TEMPLATE
        .replace("@NAME@", &quoted(&found.name))
        .replace("@ZONE@", &quoted(&found.time_zone))
        .replace("@SERVICE@", &quoted(&found.service))
        .replace("@REPOSITORY@", repository)
        .replace("@TAGS@", &quoted(tags))
}

const TEMPLATE: &str = r#"# A tminus workspace.
# Beside this file: windows.toml (freezes, change windows), releases/<id>.toml, playbooks/<id>.toml.

[workspace]
name = @NAME@
time_zone = @ZONE@                     # IANA: in which local times are read

# Where services run, in promotion order.
[[environment]]
id = "staging"

[[environment]]
id = "production"
# capacity = 1                         # releases at a time; absent: no limit
# regions = [ { id = "eu", time_zone = "Europe/Berlin" }, { id = "us", time_zone = "America/New_York" } ]
# versions = 'count by (service, version) (app_build_info{env="production"})'   # what runs there: PromQL,
#                                      # or { file = "running.json" }, or { command = ["./running"] }

[[service]]
id = @SERVICE@
@REPOSITORY@                           # path or URL
tags = @TAGS@                          # which tags are versions
# owner = "team-payments"
# escalation = ["mira", "@payments-oncall"]
# tier = 1                             # 1 most critical … 4
# depends_on = [ { service = "payments", version = "^4.1" }, { service = "catalog", kind = "soft" } ]
# playbook = "checkout"                # playbooks/checkout.toml
#
# [service.slo]
# objective = 99.9                     # percent, over 30 days unless window says otherwise
# errors = 'sum(rate(http_requests_total{service="checkout",code=~"5.."}[{{window}}]))'
# total  = 'sum(rate(http_requests_total{service="checkout"}[{{window}}]))'
#
# [[service.metric]]                   # compared between versions while one rolls out
# name = "error rate"
# query = '''sum(rate(http_requests_total{service="{{service}}",env="{{environment}}",version="{{version}}",code=~"5.."}[1m]))
#          / sum(rate(http_requests_total{service="{{service}}",env="{{environment}}",version="{{version}}"}[1m]))'''
#                                      # a share: what a version fails in a second follows its traffic
# direction = "increase"               # a change in this direction is bad: increase | decrease | either
# critical = true

[backend.git]

# [backend.jira]
# url = "https://example.atlassian.net"
# user = "mira@example.com"            # Cloud; absent: bearer token (Data Center)
# token = { env = "JIRA_TOKEN" }       # or { command = ["pass", "jira"] }, { file = "…" }, { keyring = "service/user" }

# [backend.prometheus]
# url = "http://localhost:9090"
# headers = { X-Scope-OrgID = "team-a" }

# [backend.alertmanager]
# url = "http://localhost:9093"

[policy]
# near = "1h"                          # how long before a stage its T-minus is drawn large
# stale = "3m"                         # above this age an answer is stale; absent: three times its poll
# hours = "mon-fri 08:00-18:00"        # when people are at work: starts within them are offered first
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_names_the_service() {
        for url in ["git@example.com:shop/checkout.git", "https://example.com/shop/checkout/", "../checkout"]
        {
            assert_eq!(name_of_remote(url).as_deref(), Some("checkout"), "{url}");
        }
    }

    #[test]
    fn most_tags_decide() {
        assert_eq!(pattern("v1.0\nv1.1\n2.0\nlatest", "a").as_deref(), Some("v*"));
        assert_eq!(pattern("a-v1.0\na-v1.1\nv2", "a").as_deref(), Some("a-v*"));
        assert_eq!(pattern("1.0\n1.1", "a").as_deref(), Some("[0-9]*"));
        assert_eq!(pattern("latest", "a"), None);
    }

    #[test]
    fn what_is_written_is_read_without_a_word_and_so_are_its_comments() {
        let root = tempfile::tempdir().unwrap();
        let found = Found {
            name: "Quote \" and \\".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            service: "checkout".to_owned(),
            repository: true,
            tags: None,
        };
        std::fs::write(root.path().join("tminus.toml"), text(&found)).unwrap();
        let located = store::Located {
            origin: crate::domain::workspace::Origin::Files(root.path().to_owned()),
            problems: Vec::new(),
        };
        let opened = store::open(&located);
        assert_eq!(opened.problems, []);
        assert_eq!(opened.workspace.name, found.name);

        let policy = text(&found)
            .replace("# near", "near")
            .replace("# stale", "stale")
            .replace("# [backend", "[backend")
            .replace("# url", "url")
            .replace("# token", "token")
            .replace("# headers", "headers")
            .replace("# user", "user");
        std::fs::write(root.path().join("tminus.toml"), policy).unwrap();
        let opened = store::open(&located);
        assert_eq!(opened.problems, []);
        assert_eq!(opened.workspace.backends.len(), 4);
    }
}
