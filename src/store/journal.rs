//! What was edited, and how to take it back: kept on this machine per workspace, so that undo
//! outlasts the program and edits of commands and of the cockpit are taken back alike.
//!
//! JSON lines in the platform's state folder, one an event, for the person alone (0600). The newest
//! edits are kept, at least [`KEPT`] of them while they fit into [`MAX_BYTES`].

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

use super::write::{Applied, EditError, Outcome, apply, lock, replace};
use crate::domain::edit::{Recorded, Standing};
use crate::domain::{Edit, PlanFile};

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

/// What stands on a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
enum Event {
    /// Something was edited.
    Edited { number: u64, time: DateTime<Utc>, title: String, file: String, back: Change },
    /// It was taken back.
    Undone { number: u64, time: DateTime<Utc>, back: Change },
    /// It was done again.
    Redone { number: u64, time: DateTime<Utc>, back: Change },
    /// It could not be taken back (or done again): the files do not allow it.
    Stuck { number: u64, time: DateTime<Utc> },
}

/// Two texts of a file, the second told by what differs from the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Change {
    now: String,
    /// How many bytes of the beginning and of the end are the same.
    same: (usize, usize),
    /// What stands between them in the other.
    then: String,
}

impl Change {
    fn new(now: &str, then: &str) -> Self {
        let start: usize = now
            .chars()
            .zip(then.chars())
            .take_while(|(one, other)| one == other)
            .map(|(one, _)| one.len_utf8())
            .sum();
        let (rest, other) = (&now[start..], &then[start..]);
        let end: usize = rest
            .chars()
            .rev()
            .zip(other.chars().rev())
            .take_while(|(one, other)| one == other)
            .map(|(one, _)| one.len_utf8())
            .sum();
        Self { now: now.to_owned(), same: (start, end), then: other[..other.len() - end].to_owned() }
    }

    fn then(&self) -> Option<String> {
        let (start, end) = self.same;
        let tail = self.now.len().checked_sub(end)?;
        Some(format!("{}{}{}", self.now.get(..start)?, self.then, self.now.get(tail..)?))
    }
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
        let is_of_journal = matches!(edit, Edit::Restore { .. });
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
        let event = match (taken, inverse.and_then(change)) {
            (Some(taken), None) => Event::Stuck { number: taken.number, time },
            (None, None) => return Ok(()),
            (Some(taken), Some(back)) => match taken.standing {
                Standing::Undone => Event::Redone { number: taken.number, time, back },
                Standing::Done | Standing::Stuck => Event::Undone { number: taken.number, time, back },
            },
            (None, Some(back)) => {
                let number = known.last().map_or(1, |last| last.number + 1);
                let file = inverse.map(file_of).unwrap_or_default();
                Event::Edited { number, time, title: edit.title(), file, back }
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
        let Some(back) = change(&known.edit) else { continue };
        let (number, time) = (known.number, known.time);
        let mut text = String::new();
        // An undone one is told as edited and undone: what it did first is not needed any more.
        let edited = Event::Edited {
            number,
            time,
            title: known.title.clone(),
            file: known.file.clone(),
            back: back.clone(),
        };
        text.push_str(&serde_json::to_string(&edited)?);
        text.push('\n');
        let then = match known.standing {
            Standing::Done => None,
            Standing::Undone => Some(Event::Undone { number, time, back }),
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

/// The events of a journal; what cannot be read is left out.
fn events(bytes: &[u8]) -> Vec<Event> {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Where every edit stands.
fn fold(events: Vec<Event>) -> Vec<Recorded> {
    let mut all: Vec<Recorded> = Vec::new();
    for event in events {
        match event {
            Event::Edited { number, time, title, file, back } => {
                let edit = restore(&file, &title, &back);
                let Some(edit) = edit else { continue };
                all.push(Recorded { number, time, title, file, standing: Standing::Done, edit });
            }
            Event::Undone { number, back, .. } => turn(&mut all, number, Standing::Undone, Some(&back)),
            Event::Redone { number, back, .. } => turn(&mut all, number, Standing::Done, Some(&back)),
            Event::Stuck { number, .. } => turn(&mut all, number, Standing::Stuck, None),
        }
    }
    all
}

fn turn(all: &mut [Recorded], number: u64, standing: Standing, back: Option<&Change>) {
    let Some(known) = all.iter_mut().rev().find(|known| known.number == number) else { return };
    // One that could not be done again stays undone.
    if standing == Standing::Stuck && known.standing == Standing::Undone {
        return;
    }
    known.standing = standing;
    if let Some(edit) = back.and_then(|back| restore(&known.file, &known.title, back)) {
        known.edit = edit;
    }
}

fn restore(file: &str, title: &str, change: &Change) -> Option<Edit> {
    let file = match file {
        "windows.toml" => PlanFile::Windows,
        "tminus.toml" => PlanFile::Workspace,
        other => PlanFile::Release(other.strip_prefix("releases/")?.strip_suffix(".toml")?.to_owned()),
    };
    Some(Edit::Restore { file, title: title.to_owned(), now: change.now.clone(), then: change.then()? })
}

fn change(edit: &Edit) -> Option<Change> {
    match edit {
        Edit::Restore { now, then, .. } => Some(Change::new(now, then)),
        _ => None,
    }
}

fn file_of(edit: &Edit) -> String {
    match edit {
        Edit::Restore { file: PlanFile::Release(id), .. } => format!("releases/{id}.toml"),
        Edit::Restore { file: PlanFile::Windows, .. } => "windows.toml".to_owned(),
        Edit::Restore { file: PlanFile::Workspace, .. } => "tminus.toml".to_owned(),
        _ => String::new(),
    }
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

    proptest::proptest! {
        #[test]
        fn two_texts_are_told_by_what_differs(now in "[aé\n]{0,12}", then in "[aé\n]{0,12}") {
            proptest::prop_assert_eq!(Change::new(&now, &then).then(), Some(then));
        }
    }
}
