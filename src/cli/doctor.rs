//! `tminus doctor`: reads every file, asks every backend who it is, and says what to mend.
//!
//! Exit status: 2 when a file is wrong (or there is no workspace); else 1 when something says no
//! (a token is refused, a repository is missing, a query is wrong); else 3 when something does not
//! say (a backend is down); else 0.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt;
use serde_json::json;

use super::{CliError, Context, Exit, output};
use crate::backend::Backends;
use crate::backend::caldav::Fetched;
use crate::domain::question::Identity;
use crate::domain::subscription::Subscription;
use crate::domain::workspace::{BackendConfig, Origin};
use crate::domain::{Answer, Failure, FailureKind, Problem, Question, Severity, Workspace};
use crate::runtime::calendars;
use crate::store;

/// Clocks that differ by more than this are worth a word, in seconds.
const SKEW: i64 = 30;
/// Repositories read at once.
const AT_ONCE: usize = 8;

/// Options of `tminus doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(context: &Context, _args: Args) -> Result<Exit, CliError> {
    let located = context.locate()?;
    let opened = store::open(&located);
    let mut checks = files(&located.origin, &opened.workspace, &opened.problems);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::unknown(format!("no task can run: {error}"), "free some memory"))?;
    checks.extend(runtime.block_on(outside(Arc::new(opened.workspace))));
    // A hung file system must not keep us.
    runtime.shutdown_background();
    checks.push(terminal());
    print(&checks, context.global.json);
    Ok(verdict(&checks))
}

/// How one thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    name: String,
    finding: Finding,
    detail: String,
}

/// The four ways a thing can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    Good,
    WrongFile,
    Refused,
    Silent,
}

impl Check {
    fn new(name: impl Into<String>, finding: Finding, detail: impl Into<String>) -> Self {
        Self { name: name.into(), finding, detail: detail.into() }
    }

    fn failed(name: impl Into<String>, failure: &Failure) -> Self {
        Self::new(name, finding(failure.kind), failure.to_string())
    }
}

/// Whether a failure is a no, or no answer at all.
fn finding(kind: FailureKind) -> Finding {
    use FailureKind as Kind;
    match kind {
        Kind::Unreachable
        | Kind::Dns
        | Kind::Timeout
        | Kind::Unavailable
        | Kind::RateLimited
        | Kind::Garbled
        | Kind::TooLarge
        | Kind::Cancelled
        | Kind::Internal => Finding::Silent,
        Kind::NotConfigured
        | Kind::Secret
        | Kind::Unauthorized
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::Gone
        | Kind::Tls
        | Kind::Redirected
        | Kind::BadQuery
        | Kind::Command
        | Kind::File => Finding::Refused,
    }
}

fn verdict(checks: &[Check]) -> Exit {
    let any = |finding| checks.iter().any(|check| check.finding == finding);
    if any(Finding::WrongFile) {
        Exit::Wrong
    } else if any(Finding::Refused) {
        Exit::No
    } else if any(Finding::Silent) {
        Exit::Unknown
    } else {
        Exit::Yes
    }
}

fn print(checks: &[Check], as_json: bool) {
    if as_json {
        let checks: Vec<_> = checks
            .iter()
            .map(|check| {
                let ok = check.finding == Finding::Good;
                json!({ "name": check.name, "ok": ok, "detail": check.detail })
            })
            .collect();
        return output::print_json("doctor", json!({ "checks": checks }));
    }
    for check in checks {
        let mark = if check.finding == Finding::Good { "ok" } else { "✖ " };
        output::print(&format!("{mark} {}: {}\n", check.name, check.detail));
    }
}

fn files(origin: &Origin, workspace: &Workspace, problems: &[Problem]) -> Vec<Check> {
    let mut checks = vec![match origin {
        Origin::Files(root) => writable(root),
        Origin::Git(root) => {
            let detail = format!("{}, made from its repository and read-only", root.display());
            Check::new("workspace", Finding::Good, format!("{detail}; `tminus init` writes one"))
        }
        Origin::Nowhere => Check::new(
            "workspace",
            Finding::WrongFile,
            "no tminus.toml in this folder or above, and no git repository: run `tminus init`, or use -w DIR",
        ),
    }];
    for problem in problems {
        let place = match problem.line {
            0 => problem.file.display().to_string(),
            line => format!("{}:{line}:{}", problem.file.display(), problem.column),
        };
        let wrong = problem.severity == Severity::Error;
        let finding = if wrong { Finding::WrongFile } else { Finding::Good };
        let detail = if wrong { problem.message.clone() } else { format!("notice: {}", problem.message) };
        checks.push(Check::new(place, finding, detail));
    }
    if *origin != Origin::Nowhere && problems.iter().all(|problem| problem.severity != Severity::Error) {
        let detail = format!(
            "{}, {}, {}, {}, {}",
            count(workspace.environments.len(), "environment"),
            count(workspace.services.len(), "service"),
            count(workspace.releases.len(), "release"),
            count(workspace.windows.len(), "window"),
            count(workspace.playbooks.len(), "playbook"),
        );
        checks.push(Check::new("files", Finding::Good, detail));
    }
    checks
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn writable(root: &Path) -> Check {
    let shown = root.display();
    match rustix::fs::access(root, rustix::fs::Access::WRITE_OK) {
        Ok(()) => Check::new("workspace", Finding::Good, shown.to_string()),
        Err(error) => Check::new(
            "workspace",
            Finding::Refused,
            format!("{shown} cannot be written ({error}): edits will be refused until you own it"),
        ),
    }
}

/// What is asked of the outside, all at once.
async fn outside(workspace: Arc<Workspace>) -> Vec<Check> {
    let backends = Backends::new(Arc::clone(&workspace));
    let (identities, calendars, versions, repositories) = futures_util::join!(
        backends.probe_all(),
        calendars(&workspace),
        running(&backends, &workspace),
        repositories(&backends, &workspace),
    );
    let mut checks: Vec<Check> =
        identities.into_iter().map(|(name, answer)| identity(&workspace, &name, answer)).collect();
    checks.extend(calendars);
    checks.extend(versions);
    checks.extend(repositories);
    checks
}

fn identity(workspace: &Workspace, name: &str, answer: Result<Identity, Failure>) -> Check {
    let named = match workspace.backend(name) {
        Some(_) => format!("backend {name}"),
        None => name.to_owned(),
    };
    let identity = match answer {
        Ok(identity) => identity,
        Err(failure) => return Check::failed(named, &failure),
    };
    let mut detail = identity.product.to_string();
    if let Some(budget) = workspace.backend(name).and_then(BackendConfig::requests_a_minute) {
        detail.push_str(&format!(", at most {budget} requests a minute"));
    }
    if let Some(user) = identity.user {
        detail.push_str(&format!(", as {user}"));
    }
    if let Some(skew) = identity.clock_skew_seconds.filter(|skew| skew.abs() > SKEW) {
        let direction = if skew > 0 { "ahead of" } else { "behind" };
        let seconds = skew.unsigned_abs();
        detail.push_str(&format!("; its clock is {seconds} s {direction} this machine's: set one of them"));
    }
    Check::new(named, Finding::Good, detail)
}

/// One line a calendar that is followed.
async fn calendars(workspace: &Workspace) -> Vec<Check> {
    let Some(root) = workspace.origin.root() else { return Vec::new() };
    let now = Context::clock();
    let asked = workspace.calendars.iter().map(|calendar| async move {
        let name = format!("calendar {}", calendar.id);
        let known = store::fetched::Fetched::open(root).entry(&calendar.id);
        let age = match known.read {
            Some(read) => format!("last read {} ago", crate::domain::format::age(now - read)),
            None => format!("not read yet: `tminus window refresh {}`", calendar.id),
        };
        match look(root, workspace, calendar).await {
            Ok(events) => Check::new(name, Finding::Good, format!("{}, {age}", count(events, "window"))),
            Err(failure) => {
                let said = failure.to_string();
                let said = said.strip_prefix(&format!("{name}: ")).unwrap_or(&said);
                let detail = format!("{said} ({age})");
                Check::new(name, finding(failure.kind), detail)
            }
        }
    });
    futures_util::future::join_all(asked).await
}

/// How many windows a calendar would make.
async fn look(root: &Path, workspace: &Workspace, calendar: &Subscription) -> Result<usize, Failure> {
    match calendars::fetch(root, calendar, None).await? {
        Fetched::Changed(bytes, _) => {
            calendars::readable(workspace, calendar, &bytes).map(|reading| reading.drafts.len())
        }
        Fetched::Unchanged => Ok(0),
    }
}

async fn running(backends: &Backends, workspace: &Workspace) -> Vec<Check> {
    let now = Context::clock();
    let known = workspace.environments.iter().filter(|environment| environment.versions.is_some());
    let asked = known.map(|environment| async move {
        let question = Question::Running { environment: environment.id.clone() };
        let name = format!("versions in {}", environment.id);
        match backends.answer(&question, now).await {
            Ok(Answer::Running(running)) if running.services.is_empty() => Check::new(
                name,
                Finding::Silent,
                "the source answers, and names no service: is the query or the file right?",
            ),
            Ok(Answer::Running(running)) => {
                let mut detail = format!("{} reported", count(running.services.len(), "service"));
                if let Some(warning) = running.warnings.first() {
                    detail.push_str(&format!("; warning: {warning}"));
                }
                Check::new(name, Finding::Good, detail)
            }
            Ok(_) => Check::new(name, Finding::Silent, "another question was answered: report this as a bug"),
            Err(failure) => Check::failed(name, &failure),
        }
    });
    futures_util::future::join_all(asked).await
}

/// One line a repository that cannot be read, and one for all that can.
async fn repositories(backends: &Backends, workspace: &Workspace) -> Vec<Check> {
    let now = Context::clock();
    let named = workspace.services.iter().filter(|service| service.repository.is_some());
    let asked = named.map(|service| async move {
        let question = Question::Tags { service: service.id.clone() };
        (service.id.clone(), backends.answer(&question, now).await)
    });
    let answers: Vec<_> = futures_util::stream::iter(asked).buffered(AT_ONCE).collect().await;
    let (mut readable, mut checks) = (0, Vec::new());
    for (service, answer) in answers {
        match answer {
            Ok(Answer::Tags(tags)) if tags.is_empty() => checks.push(Check::new(
                format!("repository of {service}"),
                Finding::Good,
                "readable, but none of its tags is a version: correct `tags`, or tag a release",
            )),
            Ok(_) => readable += 1,
            Err(failure) => checks.push(Check::failed(format!("repository of {service}"), &failure)),
        }
    }
    if readable > 0 {
        checks.insert(0, Check::new("repositories", Finding::Good, format!("{readable} readable")));
    }
    checks
}

fn terminal() -> Check {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name)).unwrap_or_default();
    let utf8 = locale.to_ascii_lowercase().replace('-', "").contains("utf8");
    let letters = if utf8 { "UTF-8" } else { "not UTF-8, so drawn in ASCII: set LANG=C.UTF-8" };
    let colours = match (variable("NO_COLOR"), variable("COLORTERM"), variable("TERM")) {
        (Some(_), ..) => "no colours (NO_COLOR)",
        (_, Some(depth), _) if depth == "truecolor" || depth == "24bit" => "all colours",
        (_, _, Some(term)) if term.contains("256color") => "256 colours",
        (_, _, Some(term)) if term == "dumb" => "no colours (TERM=dumb)",
        (_, _, Some(_)) => "16 colours",
        (_, _, None) => "TERM is not set",
    };
    let size = match rustix::termios::tcgetwinsize(std::io::stdout()) {
        Ok(size) if std::io::stdout().is_terminal() => {
            let small = size.ws_col < 60 || size.ws_row < 15;
            let remark = if small { " (make it at least 60x15)" } else { "" };
            format!("{}x{}{remark}", size.ws_col, size.ws_row)
        }
        _ => "standard output is no terminal".to_owned(),
    };
    Check::new("terminal", Finding::Good, format!("{size}, {letters}, {colours}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(findings: &[Finding]) -> Vec<Check> {
        findings.iter().map(|finding| Check::new("", *finding, "")).collect()
    }

    #[test]
    fn a_wrong_file_outranks_a_no_and_a_no_outranks_silence() {
        use Finding::{Good, Refused, Silent, WrongFile};
        assert_eq!(verdict(&checks(&[Good, Good])), Exit::Yes);
        assert_eq!(verdict(&checks(&[Good, Silent])), Exit::Unknown);
        assert_eq!(verdict(&checks(&[Silent, Refused])), Exit::No);
        assert_eq!(verdict(&checks(&[Silent, Refused, WrongFile])), Exit::Wrong);
    }
}
