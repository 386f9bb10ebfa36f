//! `tminus release edit`: in the person's editor, on a copy, so that nothing typed is lost.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::super::context::complain_about;
use super::super::{CliError, Context, Exit};
use super::{error, report, tell, writable};
use crate::domain::{Edit, PlanFile};
use crate::runtime::editor;
use crate::store::{self, EditError, Outcome};

/// Options of `tminus release edit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    keys: super::set::Keys,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let id = args.id.as_str();
    if !args.keys.is_empty() {
        return super::set::run(context, &root, id, &args.keys);
    }
    let bytes = store::release_bytes(&root, id).map_err(error)?;
    let before = String::from_utf8(bytes)
        .map_err(|_| CliError::wrong(format!("releases/{id}.toml is not UTF-8"), "save it as UTF-8 first"))?;
    let copy = editor::copy(&format!("{id}.toml"), &before)
        .map_err(|what| CliError::wrong(what, "make room or mend the path"))?;
    loop {
        if let Err(what) = editor::open(&copy) {
            // Only what was typed is worth keeping.
            if fs::read_to_string(&copy).is_ok_and(|then| then == before) {
                editor::forget(&copy);
                return Err(CliError::wrong(what, "mend $VISUAL or $EDITOR, and try again"));
            }
            return Err(kept(&copy, &what));
        }
        let then = fs::read_to_string(&copy).map_err(|error| {
            CliError::wrong(format!("{} cannot be read: {error}", copy.display()), "save it as UTF-8 text")
        })?;
        if then == before {
            editor::forget(&copy);
            return report(context, &root, id, "unchanged", Outcome::Unchanged);
        }
        if then.trim().is_empty() {
            editor::forget(&copy);
            return Err(CliError::refused(
                "the text is empty, nothing was changed",
                "`tminus release cancel` cancels it",
            ));
        }
        let edit = Edit::Restore {
            file: PlanFile::Release(id.to_owned()),
            title: format!("edit {id}"),
            now: before.clone(),
            then,
        };
        match store::Journal::of(&root).apply(&edit) {
            Ok(applied) => {
                editor::forget(&copy);
                tell(&applied.notices);
                return report(context, &root, id, "changed", applied.outcome);
            }
            Err(EditError::Broken { problems, .. }) => {
                complain_about(&problems);
                if !ask_again() {
                    return Err(kept(&copy, "the text is wrong and was not taken"));
                }
            }
            Err(failure) => {
                let failure = error(failure);
                let what = format!("{} ({})", failure.what, failure.mend);
                return Err(CliError { exit: failure.exit, ..kept(&copy, &what) });
            }
        }
    }
}

fn kept(copy: &Path, what: &str) -> CliError {
    CliError::wrong(what, format!("what you typed is kept in {}", copy.display()))
}

/// On a terminal, whether to open the editor again.
fn ask_again() -> bool {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return false;
    }
    let mut terminal = io::stderr().lock();
    let _ = write!(terminal, "Edit again? [Y/n] ").and_then(|()| terminal.flush());
    let mut answer = String::new();
    matches!(io::stdin().read_line(&mut answer), Ok(read) if read > 0)
        && !answer.trim().to_lowercase().starts_with('n')
}
