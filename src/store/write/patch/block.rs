//! Keys on lines of their own, and tables under headers.

use std::ops::Range;

use super::find::{At, Block, Target, path};
use super::layout::{Kind, Shape};
use super::value::{self, Lines};
use super::{Draft, EditError, order};
use crate::domain::patch::{Place, Value};

impl Draft<'_> {
    /// Sets a key of a block, or takes it away.
    pub fn set_line(&mut self, block: &Block, key: &str, value: Option<&Value>) -> Result<(), EditError> {
        let mut name = block.prefix.clone();
        name.push(key.to_owned());
        let found = block.pairs.clone().find(|index| self.layout.statements[*index].path == name);
        match (found, value) {
            (Some(statement), Some(value)) => {
                return self.replace(&At { statement, members: Vec::new() }, value);
            }
            (Some(statement), None) => return self.splice(vec![(self.line_of(statement), String::new())]),
            (None, _) => {}
        }
        // Spelled `key.other = …` or under a header of its own: as one it cannot be set.
        let edits = self.lines_below(block, &name);
        let was_there = !edits.is_empty();
        if was_there {
            self.splice(edits)?;
        }
        let Some(value) = value else { return Ok(()) };
        let block = Block { pairs: self.layout.pairs_of(block.header), ..block.clone() };
        self.add_line(&block, key, value)
    }

    fn line_of(&self, statement: usize) -> Range<usize> {
        let span = &self.layout.statements[statement].span;
        self.line_start(span.start)..self.line_end(span.end)
    }

    /// The lines that spell out a table piece by piece.
    fn lines_below(&self, block: &Block, name: &[String]) -> Vec<(Range<usize>, String)> {
        let is_below = |index: &usize| self.layout.statements[*index].path.starts_with(name);
        let mut lines: Vec<Range<usize>> =
            block.pairs.clone().filter(is_below).map(|index| self.line_of(index)).collect();
        let (mut full, within) = match block.header {
            None => (Vec::new(), 0..self.layout.statements.len()),
            Some(header) => (self.layout.statements[header].path.clone(), self.layout.extent_of(header)),
        };
        full.extend_from_slice(name);
        for index in within {
            let statement = &self.layout.statements[index];
            if !matches!(statement.kind, Kind::Pair(_)) && statement.path.starts_with(&full) {
                let last = self.layout.pairs_of(Some(index)).end - 1;
                lines.push(self.line_of(index).start..self.line_of(last).end);
            }
        }
        lines.into_iter().map(|span| (span, String::new())).collect()
    }

    fn add_line(&mut self, block: &Block, key: &str, value: &Value) -> Result<(), EditError> {
        let mut line = String::new();
        for part in &block.prefix {
            line.push_str(&value::key(part));
            line.push('.');
        }
        line.push_str(&value::pair(key, value, self.lines())?);
        let line_break = self.line_break;
        let depth = block.prefix.len();
        let own: Vec<usize> = block
            .pairs
            .clone()
            .filter(|index| {
                let path = &self.layout.statements[*index].path;
                path.len() > depth && path.starts_with(&block.prefix)
            })
            .collect();
        let table = self.table_name(block);
        let there = own.iter().map(|index| self.layout.statements[*index].path[depth].as_str());
        let after =
            order::after(order::keys(self.file, &table), key, there).map(|index| own[index]).or(block.header);
        let Some(after) = after else { return self.add_first_line(&line) };
        let span = &self.layout.statements[after].span;
        let end = self.line_end(span.end);
        let begin = if self.text[..end].ends_with('\n') { "" } else { line_break };
        let edit = (end..end, format!("{begin}{}{line}{line_break}", self.indent(span.start)));
        self.splice(vec![edit])
    }

    /// The first key of a file: above its first header and that one's comments.
    fn add_first_line(&mut self, line: &str) -> Result<(), EditError> {
        let line_break = self.line_break;
        let edit = if let Some(header) = self.layout.first_header() {
            let at = self.comments_above(header);
            (at..at, format!("{line}{line_break}{line_break}"))
        } else {
            let end = self.text.len();
            let begin = if end == 0 || self.text.ends_with('\n') { "" } else { line_break };
            (end..end, format!("{begin}{line}{line_break}"))
        };
        self.splice(vec![edit])
    }

    fn table_name(&self, block: &Block) -> String {
        let header = block.header.map_or(&[][..], |header| &self.layout.statements[header].path);
        let names: Vec<&str> = header.iter().chain(&block.prefix).map(String::as_str).collect();
        names.join(".")
    }

    /// Adds an entry after the last of its list.
    pub fn add_entry(&mut self, list: &str, table: &[(String, Value)]) -> Result<(), EditError> {
        let path = path(list)?;
        if self.layout.last_entry(&path).is_none()
            && let Some(statement) = self.layout.pair(&path)
        {
            let at = At { statement, members: Vec::new() };
            let node = self.layout.node(&at);
            if let Some(Shape::List(members)) = node.map(|node| &node.shape) {
                let count = members.len();
                let new = value::text(&Value::Inline(table.to_vec()), Lines::One)?;
                return self.insert_member(&at, count, &new);
            }
            let what = format!("`{list}` is not a list of tables in the file");
            return Err(EditError::refused(what, "mend the file by hand"));
        }
        self.add_block(&path, &format!("[[{list}]]"), table)
    }

    /// Adds entries after one that was just added on lines of its own; `false`: it was not, or there
    /// are none to add.
    pub fn add_more(&mut self, list: &str, tables: &[&[(String, Value)]]) -> Result<bool, EditError> {
        let Some(last) = self.layout.last_entry(&path(list)?).filter(|_| !tables.is_empty()) else {
            return Ok(false);
        };
        let (line_break, at) = (self.line_break, self.end_of(last));
        let mut new = String::new();
        for table in tables {
            new.push_str(&format!("{line_break}[[{list}]]{line_break}"));
            for (key, value) in *table {
                new.push_str(&value::pair(key, value, self.lines())?);
                new.push_str(line_break);
            }
        }
        self.splice(vec![(at..at, new)])?;
        Ok(true)
    }

    /// Makes a table that is not there yet.
    pub fn add_table(&mut self, place: &Place, table: &[(String, Value)]) -> Result<(), EditError> {
        let Place::Table(name) = place else { return Ok(()) };
        self.add_block(&path(name)?, &format!("[{name}]"), table)
    }

    fn add_block(
        &mut self,
        path: &[String],
        header: &str,
        table: &[(String, Value)],
    ) -> Result<(), EditError> {
        let line_break = self.line_break;
        let lines: Vec<String> = table
            .iter()
            .map(|(key, value)| value::pair(key, value, self.lines()))
            .collect::<Result<_, _>>()?;
        let mut new = format!("{header}{line_break}");
        for line in lines {
            new.push_str(&line);
            new.push_str(line_break);
        }
        let at = match self.layout.last_entry(path) {
            Some(last) => self.end_of(last),
            None => self.place_for(path.first().map_or("", String::as_str)),
        };
        let (before, after) = (&self.text[..at], &self.text[at..]);
        if !before.is_empty() && !before.ends_with('\n') {
            new.insert_str(0, line_break);
        }
        let has_gap = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n");
        if !has_gap {
            new.insert_str(0, line_break);
        }
        if !after.is_empty() && !after.starts_with(['\n', '\r']) {
            new.push_str(line_break);
        }
        self.splice(vec![(at..at, new)])
    }

    /// Where the first table of a kind goes: after those that come before it in the
    /// documentation, else before the first header.
    fn place_for(&self, first: &str) -> usize {
        let order = order::keys(self.file, "");
        let Some(own) = order.iter().position(|known| *known == first) else { return self.text.len() };
        let before = order[..own].iter().rev().find_map(|name| self.layout.last_header(name));
        match (before, self.layout.first_header()) {
            (Some(header), _) => self.end_of(header),
            (None, Some(header)) => self.comments_above(header),
            (None, None) => self.text.len(),
        }
    }

    /// Takes a table away.
    pub fn remove(&mut self, place: &Place, target: &Target) -> Result<(), EditError> {
        match target {
            Target::Inline(at) => match at.members.split_last() {
                Some((index, above)) => {
                    let at = At { statement: at.statement, members: above.to_vec() };
                    self.remove_member(&at, *index)
                }
                None => self.splice(vec![(self.line_of(at.statement), String::new())]),
            },
            Target::Block(block) => match block.header {
                Some(header) if block.prefix.is_empty() => {
                    let span = self.span_with_gap(self.span_of_entry(header));
                    self.splice(vec![(span, String::new())])
                }
                _ if *place == Place::Top => Err(EditError::refused(
                    "the keys at the top cannot be taken away as one",
                    "take them one by one",
                )),
                _ => {
                    let above = Block { prefix: Vec::new(), ..block.clone() };
                    let edits = self.lines_below(&above, &block.prefix);
                    self.splice(edits)
                }
            },
        }
    }

    /// A table with the comments above it, to the end of its sub-tables.
    pub fn span_of_entry(&self, header: usize) -> Range<usize> {
        self.comments_above(header)..self.end_of(header)
    }

    /// A span with the blank lines that are too many when it goes.
    pub fn span_with_gap(&self, span: Range<usize>) -> Range<usize> {
        let is_blank = |line: &str| line.trim().is_empty();
        let mut start = span.start;
        let mut end = span.end;
        if start == 0 {
            while end < self.text.len() && is_blank(&self.text[end..self.line_end(end)]) {
                end = self.line_end(end);
            }
        } else if end == self.text.len() || is_blank(&self.text[end..self.line_end(end)]) {
            while start > 0 && is_blank(&self.text[self.line_start(start - 1)..start]) {
                start = self.line_start(start - 1);
            }
        }
        start..end
    }

    /// Where the comments that stand directly above a header begin.
    fn comments_above(&self, header: usize) -> usize {
        let mut start = self.line_start(self.layout.statements[header].span.start);
        let floor = match header.checked_sub(1) {
            Some(before) => self.line_end(self.layout.statements[before].span.end),
            None => 0,
        };
        while start > floor && self.text[self.line_start(start - 1)..start].trim_start().starts_with('#') {
            start = self.line_start(start - 1);
        }
        start
    }

    /// Where a table with its sub-tables ends: its last line, and the comments right under it
    /// unless they stand right above the next header.
    fn end_of(&self, header: usize) -> usize {
        let last = self.layout.extent_of(header).end - 1;
        let own = self.line_end(self.layout.statements[last].span.end);
        let next = match self.layout.statements.get(last + 1) {
            Some(_) => self.comments_above(last + 1),
            None => self.text.len(),
        };
        let mut end = own;
        while end < next && self.text[end..self.line_end(end)].trim_start().starts_with('#') {
            end = self.line_end(end);
        }
        end
    }
}
