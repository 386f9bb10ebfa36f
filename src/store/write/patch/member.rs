//! Values in lists and inline tables: changed one by one, so that comments between them stay.

use super::find::{At, members};
use super::layout::{Member, Shape};
use super::value::{self, Lines};
use super::{Draft, EditError, order, says};
use crate::domain::patch::Value;

impl Draft<'_> {
    /// Sets a key of an inline table, or takes it away.
    pub fn set_member(
        &mut self,
        at: &At,
        table: &str,
        key: &str,
        value: Option<&Value>,
    ) -> Result<(), EditError> {
        let found = self.members(at).iter().position(|member| member.path == [key]);
        match (found, value) {
            (Some(index), Some(value)) => return self.replace(&at.member(index), value),
            (Some(index), None) => return self.remove_member(at, index),
            (None, _) => {}
        }
        // Spelled `key.other = …`: as one it cannot be set.
        while let Some(index) = self.members(at).iter().position(|member| member.path[0] == key) {
            self.remove_member(at, index)?;
        }
        let Some(value) = value else { return Ok(()) };
        let there = self.members(at).iter().map(|member| member.path[0].as_str());
        let after = order::after(order::keys(self.file, table), key, there);
        let text = value::pair(key, value, Lines::One)?;
        self.insert_member(at, after.map_or(0, |index| index + 1), &text)
    }

    /// Puts a value where another stands. What is the same in both stays as it is written.
    pub fn replace(&mut self, at: &At, value: &Value) -> Result<(), EditError> {
        let Some(node) = self.layout.node(at) else { return Ok(()) };
        if says(&self.text[node.span.clone()], value)? {
            return Ok(());
        }
        match (&node.shape, value) {
            (Shape::List(_), Value::List(new)) => self.replace_list(at, new),
            (Shape::Table(_), Value::Inline(new)) => {
                let is_new = |member: &Member| new.iter().any(|(key, _)| *key == member.path[0]);
                while let Some(index) = self.members(at).iter().rposition(|member| !is_new(member)) {
                    self.remove_member(at, index)?;
                }
                new.iter().try_for_each(|(key, value)| self.set_member(at, "", key, Some(value)))
            }
            _ => {
                let lines = if at.members.is_empty() { self.lines() } else { Lines::One };
                let edit = (node.span.clone(), value::text(value, lines)?);
                self.splice(vec![edit])
            }
        }
    }

    fn replace_list(&mut self, at: &At, new: &[Value]) -> Result<(), EditError> {
        let written: Vec<String> =
            self.members(at).iter().map(|member| self.text[member.span.clone()].to_owned()).collect();
        let mut same = vec![vec![false; new.len()]; written.len()];
        for (row, written) in same.iter_mut().zip(&written) {
            for (same, new) in row.iter_mut().zip(new) {
                *same = says(written, new)?;
            }
        }
        let kept = longest_common(&same, new.len());
        for index in (0..written.len()).rev().filter(|index| !kept.iter().any(|(old, _)| old == index)) {
            self.remove_member(at, index)?;
        }
        for (index, value) in new.iter().enumerate() {
            if !kept.iter().any(|(_, new)| *new == index) {
                self.insert_member(at, index, &value::text(value, Lines::One)?)?;
            }
        }
        Ok(())
    }

    /// Puts a value into a list, or a pair into an inline table, before the one with this index.
    pub fn insert_member(&mut self, at: &At, index: usize, new: &str) -> Result<(), EditError> {
        let Some(node) = self.layout.node(at) else { return Ok(()) };
        let start = node.span.start + 1;
        let all = members(node);
        let before = index.min(all.len()).checked_sub(1).and_then(|index| all.get(index));
        let mut edits = Vec::new();
        match (before, all.first()) {
            (None, None) => {
                let space = if matches!(node.shape, Shape::Table(_)) { " " } else { "" };
                // `[ ]` keeps its space, `{}` gets one.
                let close = if self.text[start..].starts_with([' ', '\n', '\r', '#']) { "" } else { space };
                edits.push((start..start, format!("{space}{new}{close}")));
            }
            (None, Some(first)) if self.is_alone(first) => {
                let line = self.line_start(first.span.start);
                edits.push((
                    line..line,
                    format!("{}{new},{}", self.indent(first.span.start), self.line_break),
                ));
            }
            (None, Some(first)) => edits.push((first.span.start..first.span.start, format!("{new}, "))),
            (Some(before), _) => {
                let end = before.span.end;
                let comma = before.comma.clone();
                if self.is_alone(before) {
                    if comma.is_none() {
                        edits.push((end..end, ",".to_owned()));
                    }
                    let line = self.line_end(comma.as_ref().map_or(end, |comma| comma.end));
                    let comma = if comma.is_some() { "," } else { "" };
                    let indent = self.indent(before.span.start);
                    edits.push((line..line, format!("{indent}{new}{comma}{}", self.line_break)));
                } else {
                    edits.push(match comma {
                        Some(comma) => (comma.end..comma.end, format!(" {new},")),
                        None => (end..end, format!(", {new}")),
                    });
                }
            }
        }
        self.splice(edits)
    }

    /// Takes a value out of a list, or a pair out of an inline table.
    pub fn remove_member(&mut self, at: &At, index: usize) -> Result<(), EditError> {
        let all = self.members(at);
        let Some(member) = all.get(index) else { return Ok(()) };
        let (start, end) = (member.span.start, member.span.end);
        let after = member.comma.as_ref().map_or(end, |comma| comma.end);
        let between = |from: usize, to: usize| !self.text[from..to].contains(['\n', '#']);
        let span = if self.is_alone(member) {
            self.line_start(start)..self.line_end(after)
        } else if index + 1 < all.len() {
            let space = self.text[after..].len() - self.text[after..].trim_start_matches([' ', '\t']).len();
            start..after + space
        } else {
            match index.checked_sub(1).and_then(|index| all[index].comma.clone()) {
                Some(comma) if between(comma.end, start) => comma.start..end,
                _ => start..after,
            }
        };
        self.splice(vec![(span, String::new())])
    }

    fn members(&self, at: &At) -> &[Member] {
        self.layout.node(at).map_or(&[], members)
    }

    /// Whether a member has its lines for itself (and a comment at their end, perhaps).
    fn is_alone(&self, member: &Member) -> bool {
        let before = &self.text[self.line_start(member.span.start)..member.span.start];
        let end = member.comma.as_ref().map_or(member.span.end, |comma| comma.end);
        let after = self.text[end..self.line_end(end)].trim();
        before.trim().is_empty() && (after.is_empty() || after.starts_with('#')) && end < self.text.len()
    }
}

/// The longest common subsequence: pairs of indices, rising.
fn longest_common(same: &[Vec<bool>], columns: usize) -> Vec<(usize, usize)> {
    let rows = same.len();
    let mut best = vec![vec![0_usize; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            best[row][column] = if same[row][column] {
                best[row + 1][column + 1] + 1
            } else {
                best[row + 1][column].max(best[row][column + 1])
            };
        }
    }
    let (mut row, mut column, mut pairs) = (0, 0, Vec::new());
    while row < rows && column < columns {
        if same[row][column] {
            pairs.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if best[row + 1][column] >= best[row][column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}
