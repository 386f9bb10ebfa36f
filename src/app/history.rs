//! Undo and redo: every edit knows what takes it back.

use crate::domain::Edit;
use crate::domain::edit::{Recorded, Standing};

/// How many edits can be taken back.
const DEPTH: usize = 200;

/// What was done, what was undone, and what is being saved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    undo: Vec<Edit>,
    redo: Vec<Edit>,
    saving: Vec<(u64, Purpose, String)>,
    journal: Vec<Recorded>,
    /// What the person wanted taken back or done again before the last edit was on disk.
    waiting: Vec<Purpose>,
    number: u64,
}

/// Why an edit is being saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The person did something new.
    Do,
    /// The person takes something back.
    Undo,
    /// The person does it again.
    Redo,
}

impl History {
    /// Begins to save an edit: its number.
    pub fn begin(&mut self, edit: &Edit, purpose: Purpose) -> u64 {
        self.number += 1;
        self.saving.push((self.number, purpose, edit.title()));
        self.number
    }

    /// The journal of this machine was read: undo goes on where it was left, and knows edits of
    /// the command line too. While something is being saved the journal lags behind; a journal
    /// that lacks the last edit could not be written, and says nothing.
    pub fn load(&mut self, edits: Vec<Recorded>) {
        let knows = |edit: &Edit| edits.iter().any(|known| known.edit == *edit);
        if !self.saving.is_empty() || self.undo.last().is_some_and(|last| !knows(last)) {
            return;
        }
        let last = edits.iter().rposition(|known| known.standing == Standing::Done);
        let after = last.map_or(0, |index| index + 1);
        let of = |standing: Standing, from: usize| {
            edits[from..]
                .iter()
                .filter(move |known| known.standing == standing)
                .map(|known| known.edit.clone())
        };
        self.undo = of(Standing::Done, 0).collect();
        // What was taken back last is done again first.
        self.redo = of(Standing::Undone, after).collect();
        self.redo.reverse();
        for list in [&mut self.undo, &mut self.redo] {
            let excess = list.len().saturating_sub(DEPTH);
            list.drain(..excess);
        }
        self.journal = edits;
    }

    /// What was edited on this machine, the newest last, as the journal says.
    pub fn journal(&self) -> &[Recorded] {
        &self.journal
    }

    /// Takes back or does again once what is being saved is on disk: before that, the edit before
    /// it would be taken.
    pub fn wait(&mut self, purpose: Purpose) {
        self.waiting.push(purpose);
    }

    /// What waited and can be done now.
    pub fn take_waiting(&mut self) -> Option<Purpose> {
        (self.saving.is_empty() && !self.waiting.is_empty()).then(|| self.waiting.remove(0))
    }

    /// The edit to take back, if any.
    pub fn take_undo(&mut self) -> Option<Edit> {
        self.undo.pop()
    }

    /// The edit to do again, if any.
    pub fn take_redo(&mut self) -> Option<Edit> {
        self.redo.pop()
    }

    /// An edit was saved: what to tell the person.
    pub fn saved(&mut self, number: u64, inverse: Edit) -> Option<String> {
        let (purpose, title) = self.end(number)?;
        let (list, done) = match purpose {
            Purpose::Do => {
                self.redo.clear();
                (&mut self.undo, "saved")
            }
            Purpose::Undo => (&mut self.redo, "taken back"),
            Purpose::Redo => (&mut self.undo, "done again"),
        };
        list.push(inverse);
        let excess = list.len().saturating_sub(DEPTH);
        list.drain(..excess);
        Some(format!("{title}: {done}"))
    }

    /// An edit was refused: its title. What waited for it is let go: it was about this one.
    pub fn refused(&mut self, number: u64) -> Option<String> {
        self.waiting.clear();
        self.end(number).map(|(_, title)| title)
    }

    /// Edits that are not on disk yet.
    pub fn unsaved(&self) -> usize {
        self.saving.len()
    }

    fn end(&mut self, number: u64) -> Option<(Purpose, String)> {
        let index = self.saving.iter().position(|(saving, _, _)| *saving == number)?;
        let (_, purpose, title) = self.saving.remove(index);
        Some((purpose, title))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn edit(hours: i64) -> Edit {
        Edit::MoveRelease { release: "r".into(), by: TimeDelta::hours(hours) }
    }

    #[test]
    fn what_is_undone_can_be_redone_and_a_new_edit_ends_that() {
        let mut history = History::default();
        let first = history.begin(&edit(1), Purpose::Do);
        assert_eq!(history.unsaved(), 1);
        assert_eq!(history.saved(first, edit(-1)).unwrap(), "move r: saved");
        let back = history.take_undo().unwrap();
        let second = history.begin(&back, Purpose::Undo);
        history.saved(second, edit(1));
        assert_eq!(history.take_undo(), None);
        let again = history.take_redo().unwrap();
        let third = history.begin(&again, Purpose::Redo);
        history.saved(third, edit(-1));
        let fourth = history.begin(&edit(5), Purpose::Do);
        history.saved(fourth, edit(-5));
        assert_eq!(history.take_redo(), None);
        assert_eq!(history.take_undo(), Some(edit(-5)));
        assert_eq!(history.take_undo(), Some(edit(-1)));
    }

    #[test]
    fn undo_goes_on_where_the_journal_left_it() {
        let known = |number: u64, standing| Recorded {
            number,
            time: chrono::DateTime::UNIX_EPOCH,
            title: format!("edit {number}"),
            file: "releases/r.toml".into(),
            standing,
            edit: edit(i64::try_from(number).unwrap()),
        };
        let journal = vec![
            known(1, Standing::Done),
            known(2, Standing::Undone),
            known(3, Standing::Stuck),
            known(4, Standing::Done),
            known(5, Standing::Undone),
            known(6, Standing::Undone),
        ];
        let mut history = History::default();
        history.load(journal.clone());
        assert_eq!(history.take_undo(), Some(edit(4)));
        assert_eq!(history.take_undo(), Some(edit(1)));
        assert_eq!(history.take_undo(), None);
        assert_eq!(history.take_redo(), Some(edit(5)));
        assert_eq!(history.take_redo(), Some(edit(6)));
        assert_eq!(history.take_redo(), None);

        // What is being saved, and what the journal lacks, is not forgotten for it.
        let mut history = History::default();
        let number = history.begin(&edit(9), Purpose::Do);
        history.load(journal.clone());
        history.saved(number, edit(-9));
        history.load(journal);
        assert_eq!(history.take_undo(), Some(edit(-9)));
    }

    #[test]
    fn what_is_wanted_before_the_disk_answers_waits_for_it() {
        let mut history = History::default();
        let first = history.begin(&edit(1), Purpose::Do);
        history.wait(Purpose::Undo);
        assert_eq!(history.take_waiting(), None);
        history.saved(first, edit(-1));
        assert_eq!(history.take_waiting(), Some(Purpose::Undo));
        let second = history.begin(&edit(2), Purpose::Do);
        history.wait(Purpose::Undo);
        history.refused(second);
        assert_eq!(history.take_waiting(), None, "it was about the refused one");
    }

    #[test]
    fn an_answer_that_nobody_waits_for_changes_nothing() {
        let mut history = History::default();
        assert_eq!(history.saved(9, edit(1)), None);
        assert_eq!(history.refused(9), None);
    }
}
