//! What was edited, and how to take it back: kept on this machine per workspace, so that undo
//! outlasts the program and edits of commands and of the cockpit are taken back alike.
//!
//! JSON lines in the platform's state folder, one an event, for the person alone (0600). The newest
//! edits are kept, at least [`KEPT`] of them while they fit into [`MAX_BYTES`].

mod event;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::event::{Event, events, fold, parts};
use super::write::{Applied, EditError, Outcome, apply, lock, replace};
use crate::domain::Edit;
use crate::domain::edit::{Recorded, Standing};
use chrono::{SubsecRound, Utc};

/// How many edits are kept when the journal is cleared up.
const KEPT: usize = 200;
/// Larger than this it is cleared up, to half of it at most.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// More events than this, and it is cleared up.
const MAX_EVENTS: usize = 1000;
/// Longer than this nobody waits for the journal: the edit itself is safe.
const PATIENCE: Duration = Duration::from_secs(2);

/// The journal of one workspace.
#[derive(Debug, Clone)]
pub struct Journal {
    root: PathBuf,
    /// `None`: there is no state folder on this machine.
    file: Option<PathBuf>,
}

impl Journal {
    /// The journal of the workspace in this folder.
    pub fn of(root: &Path) -> Self {
        Self::inside(super::person::state_folder().map(|folder| folder.join("undo")), root)
    }

    /// The journal of a workspace in a folder of journals.
    pub fn inside(folder: Option<PathBuf>, root: &Path) -> Self {
        let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let name = format!("{}-{:016x}.jsonl", plain(&super::folder_name(&absolute)), hash(&absolute));
        Self { root: root.to_owned(), file: folder.map(|folder| folder.join(name)) }
    }

    /// Carries out an edit and keeps how to take it back. An edit that takes back (or does again)
    /// one of the journal is kept as just that. That it could not be kept is a notice.
    pub fn apply(&self, edit: &Edit) -> Result<Applied, EditError> {
        let applied = apply(&self.root, edit);
        let kept = match &applied {
            Ok(applied) if applied.outcome == Outcome::Written => self.keep(edit, Some(&applied.inverse)),
            Err(EditError::Changed { .. } | EditError::Refused { .. } | EditError::Broken { .. }) => {
                self.keep(edit, None)
            }
            _ => Ok(()),
        };
        let mut applied = applied?;
        if let Err(error) = kept {
            applied.notices.push(format!("undo will not outlast the program: {error}"));
        }
        Ok(applied)
    }

    /// What was edited, the newest last.
    pub fn edits(&self) -> Vec<Recorded> {
        let Some(file) = &self.file else { return Vec::new() };
        let text = std::fs::read(file).unwrap_or_default();
        fold(events(&text))
    }

    fn keep(&self, edit: &Edit, inverse: Option<&Edit>) -> io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let is_of_journal = matches!(edit, Edit::Restore { .. } | Edit::RestoreAll { .. });
        if inverse.is_none() && !is_of_journal {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let _lock = lock::take(folder, PATIENCE).map_err(io::Error::other)?;
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
        let known = events(&bytes);
        let count = known.len();
        let known = fold(known);
        let time = Utc::now().trunc_subsecs(3);
        let taken = known.iter().rev().find(|known| known.edit == *edit);
        let event = match (taken, inverse.and_then(parts)) {
            (Some(taken), None) => Event::Stuck { number: taken.number, time },
            (None, None) => return Ok(()),
            (Some(taken), Some((first, more))) => match taken.standing {
                Standing::Undone => Event::Redone { number: taken.number, time, back: first.back, more },
                Standing::Done | Standing::Stuck => {
                    Event::Undone { number: taken.number, time, back: first.back, more }
                }
            },
            (None, Some((first, more))) => {
                let number = known.last().map_or(1, |last| last.number + 1);
                Event::Edited { number, time, title: edit.title(), file: first.file, back: first.back, more }
            }
        };
        // A line that a crash cut short ends here.
        let begin = if bytes.is_empty() || bytes.ends_with(b"\n") { "" } else { "\n" };
        let line = format!("{begin}{}\n", serde_json::to_string(&event)?);
        file.write_all(line.as_bytes())?;
        if bytes.len() as u64 > MAX_BYTES || count > MAX_EVENTS {
            clear_up(path, file)?;
        }
        Ok(())
    }
}

/// Writes the journal anew with the newest edits alone.
fn clear_up(path: &Path, mut file: File) -> io::Result<()> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let mut lines: Vec<String> = Vec::new();
    let mut size = 0;
    for known in fold(events(&bytes)).iter().rev().take(KEPT) {
        let Some((first, more)) = parts(&known.edit) else { continue };
        let back = first.back;
        let (number, time) = (known.number, known.time);
        let mut text = String::new();
        // An undone one is told as edited and undone: what it did first is not needed any more.
        let edited = Event::Edited {
            number,
            time,
            title: known.title.clone(),
            file: known.file.clone(),
            back: back.clone(),
            more: more.clone(),
        };
        text.push_str(&serde_json::to_string(&edited)?);
        text.push('\n');
        let then = match known.standing {
            Standing::Done => None,
            Standing::Undone => Some(Event::Undone { number, time, back, more }),
            Standing::Stuck => Some(Event::Stuck { number, time }),
        };
        if let Some(then) = then {
            text.push_str(&serde_json::to_string(&then)?);
            text.push('\n');
        }
        size += text.len() as u64;
        if size > MAX_BYTES / 2 && !lines.is_empty() {
            break;
        }
        lines.push(text);
    }
    lines.reverse();
    replace::replace(path, lines.concat().as_bytes()).map(|_| ()).map_err(io::Error::other)
}

/// A name of letters and digits for a file.
fn plain(name: &str) -> String {
    let fits = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    name.chars().take(40).map(fits).collect()
}

/// FNV-1a: the same on every machine and in every version.
fn hash(path: &Path) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PlanFile;
    use crate::domain::patch::{Change as Set, Patch, Place, Value};

    struct World {
        folder: tempfile::TempDir,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(folder.path().join("w/releases")).unwrap();
            std::fs::write(folder.path().join("w/tminus.toml"), "[workspace]\n").unwrap();
            std::fs::write(folder.path().join("w/releases/a.toml"), "title = \"a\"\n# end\n").unwrap();
            Self { folder }
        }

        fn journal(&self) -> Journal {
            Journal::inside(Some(self.folder.path().join("state")), &self.folder.path().join("w"))
        }

        fn text(&self) -> String {
            std::fs::read_to_string(self.folder.path().join("w/releases/a.toml")).unwrap()
        }

        fn rename(&self, title: &str) {
            let change =
                Set::Set { place: Place::Top, key: "title".to_owned(), value: Some(Value::text(title)) };
            let patch = Patch {
                file: PlanFile::Release("a".to_owned()),
                title: format!("rename to {title}"),
                before: None,
                changes: vec![change],
            };
            self.journal().apply(&Edit::Patch(patch)).unwrap();
        }
    }

    fn told(journal: &Journal) -> Vec<(u64, String, Standing)> {
        journal.edits().into_iter().map(|known| (known.number, known.title, known.standing)).collect()
    }

    #[test]
    fn undo_and_redo_outlast_the_program() {
        let world = World::new();
        world.rename("b");
        world.rename("c");
        let last = world.journal().edits().pop().unwrap();
        world.journal().apply(&last.edit).unwrap();
        assert_eq!(world.text(), "title = \"b\"\n# end\n");
        assert_eq!(
            told(&world.journal()),
            [(1, "rename to b".to_owned(), Standing::Done), (2, "rename to c".to_owned(), Standing::Undone)]
        );
        let last = world.journal().edits().pop().unwrap();
        world.journal().apply(&last.edit).unwrap();
        assert_eq!(world.text(), "title = \"c\"\n# end\n");
        assert_eq!(told(&world.journal())[1].2, Standing::Done);
        let file = world.journal().file.unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        // A line cut short by a crash takes nothing with it.
        let mut text = std::fs::read(&file).unwrap();
        text.extend(b"{\"event\":\"edi");
        std::fs::write(&file, &text).unwrap();
        world.rename("d");
        assert_eq!(told(&world.journal()).len(), 3);
    }

    #[test]
    fn what_the_files_do_not_allow_any_more_is_refused_and_remembered() {
        let world = World::new();
        world.rename("b");
        std::fs::write(world.folder.path().join("w/releases/a.toml"), "title = \"theirs\"\n# end\n").unwrap();
        let edit = world.journal().edits().pop().unwrap().edit;
        assert!(matches!(world.journal().apply(&edit), Err(EditError::Changed { .. })));
        assert_eq!(told(&world.journal())[0].2, Standing::Stuck);
        std::fs::write(world.folder.path().join("w/releases/a.toml"), "title = \"b\"\n# end\n").unwrap();
        world.journal().apply(&edit).unwrap();
        assert_eq!(told(&world.journal())[0].2, Standing::Undone);
    }

    #[test]
    fn the_journal_stays_small_and_keeps_the_newest() {
        let world = World::new();
        let file = {
            world.rename("b");
            world.journal().file.unwrap()
        };
        let line = std::fs::read_to_string(&file).unwrap();
        let many: String = (1..=MAX_EVENTS + 1)
            .map(|number| line.replace("\"number\":1,", &format!("\"number\":{number},")))
            .collect();
        std::fs::write(&file, many).unwrap();
        world.rename("c");
        let edits = world.journal().edits();
        assert_eq!(edits.len(), KEPT);
        assert_eq!(edits.last().unwrap().title, "rename to c");
        world.journal().apply(&edits.last().unwrap().edit.clone()).unwrap();
        assert_eq!(world.text(), "title = \"b\"\n# end\n");
    }
}
