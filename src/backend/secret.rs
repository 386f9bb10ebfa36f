//! Secrets: read when they are needed, from where the files say, and never shown.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::http::Limits;
use super::process::{self, Program};
use crate::domain::workspace::SecretSource;
use crate::domain::{Failure, FailureKind};

/// The longest secret taken, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// The secrets of a workspace. A secret is read once and kept in memory, until a server says
/// that it is wrong.
#[derive(Debug)]
pub struct Secrets {
    root: Option<PathBuf>,
    limits: Limits,
    /// Held while a secret is read, so that a password manager asks its owner only once.
    known: Mutex<Vec<(SecretSource, SecretString)>>,
}

impl Secrets {
    /// Of the workspace in this folder.
    pub fn new(root: Option<PathBuf>, limits: Limits) -> Self {
        Self { root, limits, known: Mutex::default() }
    }

    /// The folder that paths are relative to.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// The secret.
    pub async fn get(&self, source: &SecretSource) -> Result<SecretString, Failure> {
        let mut known = self.known.lock().await;
        if let Some((_, secret)) = known.iter().find(|(known, _)| known == source) {
            return Ok(secret.clone());
        }
        let secret = self.read(source).await?;
        known.push((source.clone(), secret.clone()));
        Ok(secret)
    }

    /// Reads it anew, because `refused` was refused. `None`: it is still the same.
    pub async fn renew(
        &self,
        source: &SecretSource,
        refused: &SecretString,
    ) -> Result<Option<SecretString>, Failure> {
        let mut known = self.known.lock().await;
        let kept = known.iter().position(|(known, _)| known == source);
        let other = kept.map(|at| &known[at].1).filter(|kept| !same(kept, refused));
        if let Some(renewed) = other {
            return Ok(Some(renewed.clone()));
        }
        let secret = self.read(source).await?;
        let changed = !same(&secret, refused);
        if let Some(at) = kept {
            known[at].1 = secret.clone();
        }
        Ok(changed.then_some(secret))
    }

    async fn read(&self, source: &SecretSource) -> Result<SecretString, Failure> {
        let text = match source {
            SecretSource::Env(name) => from_environment(name),
            SecretSource::File(path) => {
                let path = locate(self.root.as_deref(), path);
                let read = tokio::task::spawn_blocking(move || from_file(&path));
                read.await.unwrap_or_else(|error| Err(secret(error.to_string(), "report this as a bug")))
            }
            SecretSource::Command(argv) => self.ask_command(argv).await,
            SecretSource::Keyring(name) => from_keyring(name).await,
        }?;
        if text.is_empty() {
            return Err(secret(format!("the secret from {} is empty", title(source)), "put the token there"));
        }
        Ok(SecretString::from(text))
    }

    async fn ask_command(&self, argv: &[String]) -> Result<String, Failure> {
        let named = title(&SecretSource::Command(argv.to_vec()));
        let program = Program {
            argv: argv.iter().map(Into::into).collect(),
            folder: self.root.clone(),
            set: Vec::new(),
            unset: &[],
            time: self.limits.secret,
            bytes: MAX_BYTES,
        };
        let outcome = process::run(&program).await.map_err(|error| {
            secret(format!("{named}: {error}"), "run it by hand: it must print the secret without asking")
        })?;
        if !outcome.status.success() {
            // Its standard error stays unseen: a helper may well repeat the secret there.
            return Err(secret(
                format!("{named} ended with {}", outcome.status),
                "run it by hand: it must print the secret on its first line",
            ));
        }
        let text = String::from_utf8(outcome.stdout)
            .map_err(|_| secret(format!("{named} printed something that is not text"), "print the token"))?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }
}

/// Where a secret comes from, in words that hold no secret.
pub fn title(source: &SecretSource) -> String {
    match source {
        SecretSource::Env(name) => format!("the environment variable {name}"),
        SecretSource::File(path) => format!("the file {}", path.display()),
        // Only the program: its arguments may name what nobody needs to see.
        SecretSource::Command(argv) => {
            format!("the command {}", argv.first().map_or("(empty)", String::as_str))
        }
        SecretSource::Keyring(name) => format!("the keyring entry {name}"),
    }
}

/// A path of the files, relative to the workspace, `~` understood.
pub fn locate(root: Option<&Path>, path: &Path) -> PathBuf {
    if let Ok(rest) = path.strip_prefix("~")
        && let Some(home) = std::env::home_dir()
    {
        return home.join(rest);
    }
    root.map_or_else(|| path.to_owned(), |root| root.join(path))
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

fn secret(what: impl AsRef<str>, mend: impl AsRef<str>) -> Failure {
    Failure::new(FailureKind::Secret, what, mend)
}

fn from_environment(name: &str) -> Result<String, Failure> {
    match std::env::var(name) {
        Ok(text) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(std::env::VarError::NotPresent) => Err(secret(
            format!("the environment variable {name} is not set"),
            format!("export {name}=… before tminus starts"),
        )),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(secret(format!("the environment variable {name} is not text"), "put the token there"))
        }
    }
}

fn from_file(path: &Path) -> Result<String, Failure> {
    use std::io::Read;
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        secret(format!("the secret file {shown} cannot be read: {error}"), "create it, with mode 0600")
    };
    // Asked before it is opened: opening a pipe would wait for a writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(secret(format!("the secret file {shown} is not a file"), "name a plain file"));
    }
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    only_ours(path, &file)?;
    let mut text = String::new();
    file.by_ref().take(MAX_BYTES as u64).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Refuses a file that others can read, or could have put there.
#[cfg(unix)]
fn only_ours(path: &Path, file: &std::fs::File) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        secret(format!("the secret file {shown} cannot be read: {error}"), "create it, with mode 0600")
    };
    let about = file.metadata().map_err(unreadable)?;
    if about.mode() & 0o077 != 0 {
        return Err(secret(
            format!("others can read the secret file {shown} (mode {:04o})", about.mode() & 0o7777),
            format!("chmod 600 {shown}, and change the secret if it was seen"),
        ));
    }
    let own = rustix::process::geteuid().as_raw();
    if about.uid() != own && about.uid() != 0 {
        return Err(secret(
            format!("the secret file {shown} belongs to another user"),
            "take it over with chown",
        ));
    }
    let real = path.canonicalize().map_err(unreadable)?;
    let folder = real.parent().unwrap_or(Path::new("/"));
    let mode = std::fs::metadata(folder).map_err(unreadable)?.mode();
    // In a sticky folder (/tmp) others can add files, but not replace ours.
    if mode & 0o002 != 0 && mode & 0o1000 == 0 {
        let folder = folder.display();
        return Err(secret(
            format!("anyone can replace the secret file {shown}: its folder is world-writable"),
            format!("chmod o-w {folder}"),
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn only_ours(_path: &Path, _file: &std::fs::File) -> Result<(), Failure> {
    Ok(())
}

#[cfg(feature = "keyring")]
async fn from_keyring(name: &str) -> Result<String, Failure> {
    let (service, user) = name.split_once('/').unwrap_or((name, ""));
    let (service, user) = (service.to_owned(), user.to_owned());
    let read = tokio::task::spawn_blocking(move || {
        keyring::v1::Entry::new(&service, &user).and_then(|entry| entry.get_password())
    });
    let told = |error: String| {
        secret(
            format!("the keyring has no answer for {name}: {error}"),
            "unlock it and store the token there under that service/user",
        )
    };
    read.await.map_err(|error| told(error.to_string()))?.map_err(|error| told(error.to_string()))
}

#[cfg(not(feature = "keyring"))]
#[expect(clippy::unused_async, reason = "the same shape with and without the feature")]
async fn from_keyring(name: &str) -> Result<String, Failure> {
    Err(secret(
        format!("this tminus was built without keyring support, which {name} needs"),
        "build it with `cargo install tminus --features keyring`, or use token = { command = [...] }",
    ))
}
