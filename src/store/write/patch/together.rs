//! Many entries at once: a calendar that is imported again changes or removes thousands of
//! windows, and reading the whole text anew after each of them would take minutes. An entry's own
//! lines say all that a change of its keys needs, so each is changed apart and put back.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::find::path;
use super::layout::{Kind, Layout};
use super::{Draft, EditError, unreadable};
use crate::domain::patch::{Change, Place};

/// Fewer changes than these are made one by one.
const MANY: usize = 8;

/// What a change that can be made together with others is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work<'c> {
    /// A key of an entry of this list, found by its id.
    Set(&'c str),
    /// An entry of this list goes.
    Remove(&'c str),
}

fn work(change: &Change) -> Option<(Work<'_>, &str)> {
    match change {
        // An entry that gets another id is not found by its id any more.
        Change::Set { place: Place::Id(list, id), key, .. } if key != "id" => Some((Work::Set(list), id)),
        Change::Remove { place: Place::Id(list, id) } => Some((Work::Remove(list), id)),
        _ => None,
    }
}

impl Draft<'_> {
    /// Makes the first of these changes together, where they are many of one kind: how many were
    /// made. `0`: they are to be made one by one.
    pub fn make_together(&mut self, changes: &[Change]) -> Result<usize, EditError> {
        let Some((first, _)) = changes.first().and_then(work) else { return Ok(0) };
        let alike: Vec<(&Change, &str)> = changes
            .iter()
            .map_while(|change| Some((change, work(change).filter(|(work, _)| *work == first)?.1)))
            .collect();
        if alike.len() < MANY {
            return Ok(0);
        }
        let (Work::Set(list) | Work::Remove(list)) = first;
        let headers = self.headers_by_id(&path(list)?);
        if alike.iter().any(|(_, id)| !headers.contains_key(*id)) {
            return Ok(0);
        }
        match first {
            Work::Set(_) => self.set_together(list, &headers, &alike)?,
            Work::Remove(_) => {
                let ids: BTreeSet<&str> = alike.iter().map(|(_, id)| *id).collect();
                if ids.len() < alike.len() {
                    return Ok(0);
                }
                self.remove_together(ids.iter().filter_map(|id| headers.get(*id).copied()).collect())?;
            }
        }
        Ok(alike.len())
    }

    /// The headers of a list's entries; of two with one id the first.
    fn headers_by_id(&self, list: &[String]) -> BTreeMap<String, usize> {
        let mut headers = BTreeMap::new();
        for (index, statement) in self.layout.statements.iter().enumerate() {
            if matches!(statement.kind, Kind::Entry)
                && statement.path == list
                && let Some(id) = self.id_under(index)
            {
                headers.entry(id).or_insert(index);
            }
        }
        headers
    }

    fn id_under(&self, header: usize) -> Option<String> {
        let pairs = self.layout.pairs_of(Some(header));
        let span = self.layout.statements[pairs].iter().find_map(|statement| {
            let Kind::Pair(node) = &statement.kind else { return None };
            (statement.path == ["id"]).then(|| node.span.clone())
        })?;
        let value = self.text[span].parse::<toml_edit::Value>().ok()?;
        value.as_str().map(str::to_owned)
    }

    fn set_together(
        &mut self,
        list: &str,
        headers: &BTreeMap<String, usize>,
        changes: &[(&Change, &str)],
    ) -> Result<(), EditError> {
        let mut by_header: BTreeMap<usize, Vec<&Change>> = BTreeMap::new();
        for (change, id) in changes {
            if let Some(header) = headers.get(*id) {
                by_header.entry(*header).or_default().push(change);
            }
        }
        let mut whole = String::with_capacity(self.text.len());
        let mut next = 0;
        for (header, changes) in by_header {
            let lines = self.lines_of(header);
            whole.push_str(&self.text[next..lines.start]);
            next = lines.end;
            whole.push_str(&self.entry_with(list, &self.text[lines], &changes)?);
        }
        whole.push_str(&self.text[next..]);
        self.replace_all(whole)
    }

    /// The lines of an entry with these keys changed.
    fn entry_with(&self, list: &str, text: &str, changes: &[&Change]) -> Result<String, EditError> {
        let layout = Layout::read(text).ok_or_else(unreadable)?;
        let mut entry = Draft { text: text.to_owned(), layout, file: self.file, line_break: self.line_break };
        for change in changes {
            let Change::Set { key, value, .. } = change else { continue };
            let place = Place::Nth(list.to_owned(), 0);
            entry.make(&Change::Set { place, key: key.clone(), value: value.clone() })?;
        }
        Ok(entry.text)
    }

    /// From an entry's header to the last line of its sub-tables.
    fn lines_of(&self, header: usize) -> Range<usize> {
        let last = self.layout.extent_of(header).end - 1;
        let (first, last) = (&self.layout.statements[header], &self.layout.statements[last]);
        self.line_start(first.span.start)..self.line_end(last.span.end)
    }

    /// From the last to the first, so that what is above stands where it stood.
    fn remove_together(&mut self, headers: Vec<usize>) -> Result<(), EditError> {
        let mut spans: Vec<Range<usize>> =
            headers.into_iter().map(|header| self.span_of_entry(header)).collect();
        spans.sort_by_key(|span| std::cmp::Reverse(span.start));
        for span in spans {
            let span = self.span_with_gap(span);
            self.text.replace_range(span, "");
        }
        let whole = std::mem::take(&mut self.text);
        self.replace_all(whole)
    }

    fn replace_all(&mut self, whole: String) -> Result<(), EditError> {
        self.layout = Layout::read(&whole).ok_or_else(unreadable)?;
        self.text = whole;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::patched;
    use super::*;
    use crate::domain::patch::{PlanFile, Value};

    /// The text with the changes made one by one.
    fn one_by_one(text: &str, changes: &[Change]) -> String {
        changes.iter().fold(text.to_owned(), |text, change| {
            patched(&text, &PlanFile::Windows, std::slice::from_ref(change)).unwrap()
        })
    }

    fn id(number: usize) -> Place {
        Place::Id("window".to_owned(), format!("w{number}"))
    }

    const COUNT: usize = 6;

    /// A file as people write it: comments, sub-tables, one line end or the other.
    fn file() -> impl Strategy<Value = String> {
        let entry = (
            prop::option::of(Just("# why\n")),
            prop::option::of(Just("title = 'One' # short\n")),
            prop::sample::select(vec![
                "",
                "  kind = \"freeze\"\n",
                "repeat.rule = 'FREQ=DAILY'\n",
                "# x = 1\nskip = [2026-11-25, # holiday\n 2026-11-26]\n",
                "\n[window.repeat]\nrule = 'FREQ=DAILY'\n",
            ]),
            prop::sample::select(vec!["\n", "", "# under it\n\n", "\n\n# above the next\n"]),
        );
        (prop::collection::vec(entry, COUNT), any::<bool>(), any::<bool>()).prop_map(
            |(entries, dos, ends)| {
                let mut text = "# the plan\n\n".to_owned();
                for (index, (above, title, keys, after)) in entries.into_iter().enumerate() {
                    let (above, title) = (above.unwrap_or_default(), title.unwrap_or_default());
                    text.push_str(&format!("{above}[[window]]\nid = 'w{index}'\n{title}{keys}{after}"));
                }
                let text = if ends { text } else { text.trim_end().to_owned() };
                if dos { text.replace('\n', "\r\n") } else { text }
            },
        )
    }

    fn set() -> impl Strategy<Value = Change> {
        let value = prop::sample::select(vec![
            None,
            Some(Value::text("Two")),
            Some(Value::text("a\nb")),
            Some(Value::words(["x", "y"])),
        ]);
        let key = prop::sample::select(vec!["title", "kind", "repeat", "skip", "layer"]);
        (0..COUNT, key, value).prop_map(|(number, key, value)| Change::Set {
            place: id(number),
            key: key.to_owned(),
            value,
        })
    }

    proptest! {
        #[test]
        fn together_is_what_one_by_one_comes_to(text in file(), changes in prop::collection::vec(set(), MANY..24)) {
            let together = patched(&text, &PlanFile::Windows, &changes).unwrap();
            prop_assert_eq!(together, one_by_one(&text, &changes));
        }
    }

    #[test]
    fn thousands_are_changed_and_removed_at_once() {
        let many = 3_000;
        let entry = |n: usize| format!("# {n}\n[[window]]\nid = 'w{n}'\ntitle = 'One'\n\n");
        let text = (0..many).map(entry).collect::<Vec<_>>().concat();
        let set: Vec<Change> = (0..many)
            .map(|n| Change::Set { place: id(n), key: "title".to_owned(), value: Some(Value::text("Two")) })
            .collect();
        let began = std::time::Instant::now();
        let after = patched(&text, &PlanFile::Windows, &set).unwrap();
        assert_eq!(after, text.replace("'One'", "\"Two\""));

        let remove: Vec<Change> =
            (0..many).filter(|n| n % 3 > 0).map(|n| Change::Remove { place: id(n) }).collect();
        let kept = patched(&text, &PlanFile::Windows, &remove).unwrap();
        let wanted = (0..many).step_by(3).map(entry).collect::<Vec<_>>().concat();
        assert_eq!(kept.trim_end(), wanted.trim_end());
        // One by one it takes minutes.
        assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    }

    #[test]
    fn an_id_that_is_not_there_is_refused_as_ever() {
        let changes = vec![Change::Remove { place: id(9) }; MANY];
        let error = patched("[[window]]\nid = 'w1'\n", &PlanFile::Windows, &changes).unwrap_err();
        assert!(error.to_string().contains("there is no window `w9`"), "{error}");
    }
}
