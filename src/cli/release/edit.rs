//! `tminus release edit`: in the person's editor, on a copy, so that nothing typed is lost.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::context::complain_about;
use super::super::{CliError, Context, Exit};
use super::{error, report, tell, writable};
use crate::domain::{Edit, PlanFile};
use crate::store::{self, EditError, Outcome};

/// Options of `tminus release edit`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let id = args.id.as_str();
    let bytes = store::release_bytes(&root, id).map_err(error)?;
    let before = String::from_utf8(bytes)
        .map_err(|_| CliError::wrong(format!("releases/{id}.toml is not UTF-8"), "save it as UTF-8 first"))?;
    let copy = make_copy(id, &before)?;
    loop {
        if let Err(failure) = open_editor(&copy) {
            // Only what was typed is worth keeping.
            if fs::read_to_string(&copy).is_ok_and(|then| then == before) {
                forget(&copy);
                return Err(CliError {
                    mend: "mend $VISUAL or $EDITOR, and try again".to_owned(),
                    ..failure
                });
            }
            return Err(failure);
        }
        let then = fs::read_to_string(&copy).map_err(|error| {
            CliError::wrong(format!("{} cannot be read: {error}", copy.display()), "save it as UTF-8 text")
        })?;
        if then == before {
            forget(&copy);
            return report(context, &root, id, "unchanged", Outcome::Unchanged);
        }
        if then.trim().is_empty() {
            forget(&copy);
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
        match store::apply(&root, &edit) {
            Ok(applied) => {
                forget(&copy);
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

/// The copy lies in the state folder: a crash or a full temporary folder does not take it.
fn make_copy(id: &str, text: &str) -> Result<PathBuf, CliError> {
    let folder = store::person::state_folder().unwrap_or_else(std::env::temp_dir).join("edits");
    let path = folder.join(format!("{id}-{}.toml", std::process::id()));
    let made = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, text));
    made.map_err(|error| {
        CliError::wrong(
            format!("{} cannot be written: {error}", path.display()),
            "make room or mend the path",
        )
    })?;
    Ok(path)
}

fn forget(copy: &Path) {
    // A copy that stays behind does no harm.
    let _ = fs::remove_file(copy);
}

/// `$VISUAL`, else `$EDITOR`, else vi; through the shell, as git does, so that they can have
/// options of their own.
fn open_editor(copy: &Path) -> Result<(), CliError> {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let status = if cfg!(windows) {
        Command::new("cmd").arg("/C").arg(&editor).arg(copy).status()
    } else {
        Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).arg(copy).status()
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            Err(kept(copy, &format!("the editor `{editor}` ended with {status}, nothing was changed")))
        }
        Err(error) => Err(kept(copy, &format!("the editor `{editor}` cannot be started ({error})"))),
    }
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
