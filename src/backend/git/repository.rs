//! A local clone, and git's own command line to read it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::backend::http::{Limits, words};
use crate::backend::process::{self, NoOutcome, Outcome, Program};
use crate::backend::secret::locate;
use crate::domain::{Failure, FailureKind, Safe};

/// Variables that would lead git to another repository than the one named.
const UNSET: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CEILING_DIRECTORIES",
    "GIT_EXTERNAL_DIFF",
    "GIT_TRACE",
    "GIT_PAGER",
];
/// A repository's own configuration may not run programs while it is read.
const SETTINGS: [&str; 6] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "log.showSignature=false",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
];

/// A local clone.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
    limits: Limits,
}

impl Repository {
    /// From what a workspace calls a repository: a path relative to it, or a `file://` address.
    pub fn named(root: Option<&Path>, name: &str, limits: Limits) -> Result<Self, Failure> {
        if name.starts_with("file://") {
            let path = url::Url::parse(name).ok().and_then(|url| url.to_file_path().ok());
            let folder = path.ok_or_else(|| not_local(name))?;
            return Ok(Self { folder, limits });
        }
        let folder = locate(root, Path::new(name));
        if is_remote(name) && !folder.exists() {
            return Err(not_local(name));
        }
        Ok(Self { folder, limits })
    }

    /// Whether the folder lies in a repository at all. What keeps git from looking is a failure.
    pub async fn exists(&self) -> Result<bool, Failure> {
        let outcome = self.run(&["rev-parse", "--git-dir"]).await?;
        let is_none = Safe::from_bytes(&outcome.stderr).contains("not a git repository");
        if outcome.status.success() || is_none { Ok(!is_none) } else { Err(self.refused(&outcome)) }
    }

    /// Runs git there. What ends with another status than 0 is a failure.
    pub async fn git(&self, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
        let outcome = self.run(arguments).await?;
        if outcome.status.success() { Ok(outcome.stdout) } else { Err(self.refused(&outcome)) }
    }

    /// Runs git there; `None` where it ends with status 1, which means "no" for some questions.
    pub async fn git_or_no(&self, arguments: &[&str]) -> Result<Option<Vec<u8>>, Failure> {
        let outcome = self.run(arguments).await?;
        match outcome.status.code() {
            Some(0) => Ok(Some(outcome.stdout)),
            Some(1) => Ok(None),
            _ => Err(self.refused(&outcome)),
        }
    }

    async fn run(&self, arguments: &[&str]) -> Result<Outcome, Failure> {
        let shown = self.folder.display();
        if !self.folder.is_dir() {
            let what = format!("git: the repository {shown} is not there");
            return Err(Failure::new(FailureKind::File, what, "clone it there, or correct `repository`"));
        }
        let mut program = program(&self.limits);
        program.argv.extend(["-C".into(), self.folder.clone().into_os_string()]);
        program.argv.extend(arguments.iter().map(OsString::from));
        process::run(&program).await.map_err(|error| no_outcome(&error, &shown.to_string()))
    }

    fn refused(&self, outcome: &Outcome) -> Failure {
        let shown = self.folder.display();
        let stderr = Safe::from_bytes(&outcome.stderr);
        let said = stderr.trim_start_matches("fatal: ").trim_end_matches('⏎');
        let (what, mend) = if said.contains("dubious ownership") {
            let mend = format!("if you trust it: git config --global --add safe.directory {shown}");
            (format!("git: the repository {shown} belongs to somebody else"), mend)
        } else if said.contains("not a git repository") {
            let mend = "name a clone, or its bare repository".to_owned();
            (format!("git: {shown} is not a git repository"), mend)
        } else {
            (format!("git: {shown}: {}", words(said)), format!("try it by hand: git -C {shown} log"))
        };
        Failure::new(FailureKind::Command, what, mend)
    }
}

/// Which git this is: `git version 2.39.5`.
pub async fn version(limits: &Limits) -> Result<Safe, Failure> {
    let mut program = program(limits);
    program.argv.push("version".into());
    let outcome = process::run(&program).await.map_err(|error| no_outcome(&error, "git version"))?;
    Ok(Safe::new(Safe::from_bytes(&outcome.stdout).trim_end_matches('⏎')))
}

fn program(limits: &Limits) -> Program {
    let mut argv: Vec<OsString> = vec!["git".into(), "--no-pager".into()];
    for setting in SETTINGS {
        argv.extend(["-c".into(), setting.into()]);
    }
    let set = [
        ("LC_ALL", "C"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_ASKPASS", "true"),
        ("SSH_ASKPASS", "true"),
        ("GIT_SSH_COMMAND", "ssh -oBatchMode=yes"),
    ];
    Program {
        argv,
        folder: None,
        set: set.into_iter().map(|(name, value)| (name, value.into())).collect(),
        unset: UNSET,
        time: limits.program,
        bytes: limits.output,
    }
}

fn no_outcome(error: &NoOutcome, place: &str) -> Failure {
    match error {
        NoOutcome::Io(error) if error.kind() == io::ErrorKind::NotFound => {
            Failure::new(FailureKind::Command, "git is not installed, or not on PATH", "install git")
        }
        NoOutcome::Io(error) => {
            Failure::new(FailureKind::Command, format!("git: {place}: {error}"), "try git by hand")
        }
        NoOutcome::Time(_) => Failure::new(
            FailureKind::Timeout,
            format!("git: {place}: {error}"),
            "is it on a slow network disk? try git by hand",
        ),
        NoOutcome::Size(_) => Failure::new(
            FailureKind::TooLarge,
            format!("git: {place}: {error}"),
            "narrow `tags` of the service",
        ),
    }
}

/// `https://…`, `ssh://…`, `git@host:path`.
fn is_remote(name: &str) -> bool {
    let colon = name.find(':');
    name.contains("://") || colon.is_some_and(|at| at > 1 && !name[..at].contains(['/', '\\']))
}

fn not_local(name: &str) -> Failure {
    // The part before @ may hold a token.
    let shown = name.rsplit_once('@').map_or(name, |(_, place)| place);
    Failure::new(
        FailureKind::NotConfigured,
        format!("git: the repository {shown} is not on this machine; only local clones are read"),
        "git clone it, and write the folder as the service's `repository`",
    )
}
