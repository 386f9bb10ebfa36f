//! Programs run for an answer: in a process group of their own, bounded in time and size, killed
//! with all they started when nobody waits any more.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};
use tokio::io::{AsyncRead, AsyncReadExt};

/// A program to run.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program, then its arguments.
    pub argv: Vec<OsString>,
    /// Where it runs; `None`: here.
    pub folder: Option<PathBuf>,
    /// Variables set for it.
    pub set: Vec<(&'static str, OsString)>,
    /// Variables it must not see.
    pub unset: &'static [&'static str],
    /// How long it may take.
    pub time: Duration,
    /// How many bytes of standard output are taken.
    pub bytes: usize,
}

/// How it ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output, whole.
    pub stdout: Vec<u8>,
    /// The beginning of its standard error.
    pub stderr: Vec<u8>,
}

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
pub enum NoOutcome {
    /// It could not be started, or its output not be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It took too long and was killed.
    #[error("it took longer than {0:?}")]
    Time(Duration),
    /// It said too much and was killed.
    #[error("it printed more than {0} bytes")]
    Size(usize),
}

/// What of standard error is kept for the message.
const STDERR_BYTES: u64 = 16 * 1024;

/// Runs it. Dropping the future kills the whole process group.
pub async fn run(program: &Program) -> Result<Outcome, NoOutcome> {
    let (first, rest) = program
        .argv
        .split_first()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
    let mut command = CommandWrap::with_new(first, |command| {
        command.args(rest).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in program.unset {
            command.env_remove(name);
        }
        for (name, value) in &program.set {
            command.env(name, value);
        }
        if let Some(folder) = &program.folder {
            command.current_dir(folder);
        }
    });
    command.wrap(ProcessGroup::leader()).wrap(KillOnDrop);
    let mut running = Running { child: command.spawn()?, over: false };
    match tokio::time::timeout(program.time, running.finish(program.bytes)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(NoOutcome::Time(program.time)),
    }
}

/// A process group that is killed when it is dropped before its end.
struct Running {
    child: Box<dyn ChildWrapper>,
    over: bool,
}

impl Running {
    async fn finish(&mut self, bytes: usize) -> Result<Outcome, NoOutcome> {
        let stdout = self.child.stdout().take();
        let stderr = self.child.stderr().take();
        let (stdout, stderr) = tokio::join!(read(stdout, bytes as u64 + 1), read(stderr, STDERR_BYTES));
        let (stdout, stderr) = (stdout?, stderr?);
        if stdout.len() > bytes {
            return Err(NoOutcome::Size(bytes));
        }
        let status = self.child.wait().await?;
        self.over = true;
        Ok(Outcome { status, stdout, stderr })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.over {
            let _ = self.child.start_kill();
        }
    }
}

/// Reads up to `bytes`; the pipe is then closed, so a program that goes on writing ends.
async fn read(pipe: Option<impl AsyncRead + Unpin>, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(bytes).read_to_end(&mut read).await?;
    }
    Ok(read)
}
