//! The table that a place means, however it is spelled: under a header, inline, or dotted.

use std::ops::Range;

use super::layout::{Kind, Layout, Member, Node, Shape};
use super::{Draft, EditError};
use crate::domain::Safe;
use crate::domain::patch::Place;

/// A table of the text.
#[derive(Debug, Clone)]
pub enum Target {
    /// Its keys stand on lines of their own.
    Block(Block),
    /// It stands inside a value.
    Inline(At),
}

/// Keys on lines of their own.
#[derive(Debug, Clone)]
pub struct Block {
    /// The statement that is its header; `None`: the top of the file.
    pub header: Option<usize>,
    /// The statements after the header, up to the next.
    pub pairs: Range<usize>,
    /// What its keys begin with (`t.` of `t.key = 1`).
    pub prefix: Vec<String>,
}

/// A value's place: the statement, and which member of which member it is.
#[derive(Debug, Clone)]
pub struct At {
    /// The statement.
    pub statement: usize,
    /// From the outside in.
    pub members: Vec<usize>,
}

impl At {
    /// The place of one of its members.
    pub fn member(&self, index: usize) -> Self {
        let mut members = self.members.clone();
        members.push(index);
        Self { statement: self.statement, members }
    }
}

/// An entry of a list of tables.
enum Entry {
    Header(usize),
    Member(At),
}

/// The list or table a place is of, for the order of its keys; `""`: the top.
pub fn list_of(place: &Place) -> &str {
    match place {
        Place::Top => "",
        Place::Table(name) | Place::Nth(name, _) | Place::Id(name, _) => name,
    }
}

/// The keys of a dotted name.
pub fn path(name: &str) -> Result<Vec<String>, EditError> {
    let keys = toml_edit::Key::parse(name).map_err(|_| {
        EditError::refused(format!("`{}` is no name of a table", Safe::new(name)), "write one such as stage")
    })?;
    Ok(keys.iter().map(|key| key.get().to_owned()).collect())
}

impl Layout {
    /// The value at a place.
    pub fn node(&self, at: &At) -> Option<&Node> {
        let Kind::Pair(node) = &self.statements.get(at.statement)?.kind else { return None };
        at.members.iter().try_fold(node, |node, index| Some(&members(node).get(*index)?.node))
    }

    /// The statements after a header that are its own.
    pub fn pairs_of(&self, header: Option<usize>) -> Range<usize> {
        let start = header.map_or(0, |header| header + 1);
        let length = self.statements[start..]
            .iter()
            .take_while(|statement| matches!(statement.kind, Kind::Pair(_)))
            .count();
        start..start + length
    }

    /// The statements after a header that are its own or its sub-tables'.
    pub fn extent_of(&self, header: usize) -> Range<usize> {
        let own = &self.statements[header].path;
        let length = self.statements[header + 1..]
            .iter()
            .take_while(|statement| {
                let is_below = statement.path.len() > own.len() && statement.path.starts_with(own);
                matches!(statement.kind, Kind::Pair(_)) || is_below
            })
            .count();
        header + 1..header + 1 + length
    }

    fn headers(&self) -> impl Iterator<Item = usize> + '_ {
        let is_header = |index: &usize| !matches!(self.statements[*index].kind, Kind::Pair(_));
        (0..self.statements.len()).filter(is_header)
    }

    /// The pair with this path from the top, where it is spelled out in one.
    pub fn pair(&self, path: &[String]) -> Option<usize> {
        let mut above: &[String] = &[];
        let mut is_plain = true;
        for (index, statement) in self.statements.iter().enumerate() {
            match &statement.kind {
                Kind::Table => (above, is_plain) = (&statement.path, true),
                Kind::Entry => is_plain = false,
                Kind::Pair(_) => {
                    let rest = path.strip_prefix(above);
                    if is_plain && rest.is_some_and(|rest| rest == statement.path) {
                        return Some(index);
                    }
                }
            }
        }
        None
    }

    fn entries(&self, list: &[String]) -> Vec<Entry> {
        let is_entry = |index: &usize| {
            matches!(self.statements[*index].kind, Kind::Entry) && self.statements[*index].path == list
        };
        let headers: Vec<Entry> = self.headers().filter(is_entry).map(Entry::Header).collect();
        if !headers.is_empty() {
            return headers;
        }
        let Some(statement) = self.pair(list) else { return Vec::new() };
        let at = At { statement, members: Vec::new() };
        let count = self.node(&at).map_or(0, |node| members(node).len());
        (0..count).map(|index| Entry::Member(at.member(index))).collect()
    }

    /// The header of the last `[[list]]`.
    pub fn last_entry(&self, list: &[String]) -> Option<usize> {
        match self.entries(list).pop()? {
            Entry::Header(header) => Some(header),
            Entry::Member(_) => None,
        }
    }

    /// The last header whose first key this is.
    pub fn last_header(&self, first: &str) -> Option<usize> {
        self.headers()
            .filter(|index| self.statements[*index].path.first().is_some_and(|key| key == first))
            .last()
    }

    /// The first header.
    pub fn first_header(&self) -> Option<usize> {
        self.headers().next()
    }

    fn target(&self, entry: Entry) -> Target {
        match entry {
            Entry::Header(header) => Target::Block(self.block(Some(header))),
            Entry::Member(at) => Target::Inline(at),
        }
    }

    fn block(&self, header: Option<usize>) -> Block {
        Block { header, pairs: self.pairs_of(header), prefix: Vec::new() }
    }

    fn table(&self, path: &[String]) -> Option<Target> {
        let is_it = |index: &usize| {
            matches!(self.statements[*index].kind, Kind::Table) && self.statements[*index].path == path
        };
        if let Some(header) = self.headers().find(is_it) {
            return Some(Target::Block(self.block(Some(header))));
        }
        if let Some(statement) = self.pair(path) {
            return Some(Target::Inline(At { statement, members: Vec::new() }));
        }
        // Dotted: `path.key = …` at the top or under a header above it.
        let above = |index: usize| if index == 0 { Vec::new() } else { path[..index].to_vec() };
        (0..path.len()).rev().find_map(|length| {
            let header = if length == 0 {
                None
            } else {
                let above = above(length);
                let is_above = |index: &usize| {
                    matches!(self.statements[*index].kind, Kind::Table)
                        && self.statements[*index].path == above
                };
                Some(self.headers().find(is_above)?)
            };
            let block = Block { prefix: path[length..].to_vec(), ..self.block(header) };
            let is_under = self.statements[block.pairs.clone()]
                .iter()
                .any(|pair| pair.path.len() > block.prefix.len() && pair.path.starts_with(&block.prefix));
            is_under.then_some(Target::Block(block))
        })
    }
}

/// What is in a list or an inline table.
pub fn members(node: &Node) -> &[Member] {
    match &node.shape {
        Shape::Scalar => &[],
        Shape::List(members) | Shape::Table(members) => members,
    }
}

impl Draft<'_> {
    /// The table at a place; `None`: it could be there and is not. An entry of a list that is not
    /// there is an error.
    pub fn find(&self, place: &Place) -> Result<Option<Target>, EditError> {
        let found = match place {
            Place::Top => Some(Target::Block(self.layout.block(None))),
            Place::Table(name) => self.layout.table(&path(name)?),
            Place::Nth(list, index) => {
                let mut entries = self.layout.entries(&path(list)?);
                let count = entries.len();
                if *index >= count {
                    return Err(EditError::refused(
                        format!("there is no {list} {index} (counted from 0): the file has {count}"),
                        "look at it again",
                    ));
                }
                Some(self.layout.target(entries.swap_remove(*index)))
            }
            Place::Id(list, id) => {
                let entries = self.layout.entries(&path(list)?).into_iter();
                let found =
                    entries.map(|entry| self.layout.target(entry)).find(|entry| self.has_id(entry, id));
                if found.is_none() {
                    let what = format!("there is no {list} `{}` in the file", Safe::new(id));
                    return Err(EditError::refused(what, "look at it again"));
                }
                found
            }
        };
        if let Some(Target::Inline(at)) = &found
            && !self.layout.node(at).is_some_and(|node| matches!(node.shape, Shape::Table(_)))
        {
            let what = format!("`{}` is not a table in the file", list_of(place));
            return Err(EditError::refused(what, "mend the file by hand"));
        }
        Ok(found)
    }

    fn has_id(&self, target: &Target, id: &str) -> bool {
        let span = match target {
            Target::Block(block) => {
                self.layout.statements[block.pairs.clone()].iter().find_map(|statement| {
                    let Kind::Pair(node) = &statement.kind else { return None };
                    (statement.path == ["id"]).then_some(&node.span)
                })
            }
            Target::Inline(at) => self
                .layout
                .node(at)
                .and_then(|node| members(node).iter().find(|member| member.path == ["id"]))
                .map(|member| &member.node.span),
        };
        let written = span.and_then(|span| self.text[span.clone()].parse::<toml_edit::Value>().ok());
        written.is_some_and(|value| value.as_str() == Some(id))
    }
}
