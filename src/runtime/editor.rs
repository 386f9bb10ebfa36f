//! The person's own editor, on a copy, so that nothing typed is lost: from the command line and
//! from the cockpit alike.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::world::World;
use crate::app::Message;
use crate::domain::{Edit, PlanFile};
use crate::store;

/// What is opened in the person's editor from the cockpit.
#[derive(Debug, Clone, PartialEq)]
pub enum Editing {
    /// A file of the plan.
    File(PlanFile),
    /// A text, under this name.
    Text {
        /// The name.
        name: String,
        /// The text.
        text: String,
    },
}

impl Editing {
    /// Opens it and waits; what came of it. Blocks.
    pub fn run(self, world: &World) -> Message {
        let (name, before) = match &self {
            Self::Text { name, text } => (name.clone(), Ok(text.clone())),
            Self::File(file) => {
                let name = match file {
                    PlanFile::Release(id) => format!("{id}.toml"),
                    PlanFile::Windows => "windows.toml".to_owned(),
                    PlanFile::Workspace => "tminus.toml".to_owned(),
                };
                (name, world.text_of(file))
            }
        };
        self.edit(world, &name, before).unwrap_or_else(Message::EditorFailed)
    }

    fn edit(self, world: &World, name: &str, before: Result<String, String>) -> Result<Message, String> {
        let before = before?;
        let copy = copy(name, &before)?;
        let kept = |what: String| format!("{what}: what you typed is kept in {}", copy.display());
        if let Err(what) = open(&copy) {
            // Only what was typed is worth keeping.
            if fs::read_to_string(&copy).is_ok_and(|then| then == before) {
                forget(&copy);
                return Err(what);
            }
            return Err(kept(what));
        }
        let then = fs::read_to_string(&copy).map_err(|error| kept(error.to_string()))?;
        let message = match self {
            _ if then == before => Message::Noticed("nothing was changed".to_owned()),
            Self::Text { .. } => Message::TextEdited(then),
            Self::File(file) => {
                if then.trim().is_empty() {
                    forget(&copy);
                    return Err("the text is empty, nothing was changed".to_owned());
                }
                let edit = Edit::Restore { file, title: format!("edit {name}"), now: before, then };
                world.check(&edit).map_err(kept)?;
                Message::FileEdited(edit)
            }
        };
        forget(&copy);
        Ok(message)
    }
}

/// Writes a copy of a text. It lies in the state folder: a crash or a full temporary folder does
/// not take it.
pub fn copy(name: &str, text: &str) -> Result<PathBuf, String> {
    let folder = store::person::state_folder().unwrap_or_else(std::env::temp_dir).join("edits");
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "txt"));
    let path = folder.join(format!("{stem}-{}.{extension}", std::process::id()));
    let made = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, text));
    made.map(|()| path.clone()).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// Takes a copy away that is not needed any more.
pub fn forget(copy: &Path) {
    // A copy that stays behind does no harm.
    let _ = fs::remove_file(copy);
}

/// Opens `$VISUAL`, else `$EDITOR`, else vi, and waits until it ends; through the shell, as git
/// does, so that they can have options of their own. Blocks.
pub fn open(copy: &Path) -> Result<(), String> {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let status = if cfg!(windows) {
        Command::new("cmd").arg("/C").arg(&editor).arg(copy).status()
    } else {
        Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).arg(copy).status()
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the editor `{editor}` ended with {status}, nothing was changed")),
        Err(error) => Err(format!("the editor `{editor}` cannot be started ({error})")),
    }
}
