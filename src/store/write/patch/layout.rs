//! Where everything stands in a TOML text: headers, keys and values with their places, as they
//! are written. (A parsed document has forgotten which of its spellings was used.)

use std::ops::Range;

use toml_parser::Source;
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};

/// Deeper than this nobody writes values.
const DEPTH: u32 = 60;

/// A text's statements, in order.
#[derive(Debug)]
pub struct Layout {
    /// In order.
    pub statements: Vec<Statement>,
}

/// A header, or a key and its value.
#[derive(Debug)]
pub struct Statement {
    /// The header or the pair, without what stands around it on the line.
    pub span: Range<usize>,
    /// The header's keys, or the pair's: `a.b` is two.
    pub path: Vec<String>,
    /// Which of them.
    pub kind: Kind,
}

/// What a statement is.
#[derive(Debug)]
pub enum Kind {
    /// `[path]`
    Table,
    /// `[[path]]`
    Entry,
    /// `path = value`
    Pair(Node),
}

/// A value as it stands in the text.
#[derive(Debug)]
pub struct Node {
    /// From its first byte to its last.
    pub span: Range<usize>,
    /// What is in it.
    pub shape: Shape,
}

/// What is in a value.
#[derive(Debug)]
pub enum Shape {
    /// A string, a number, a time…
    Scalar,
    /// `[…]`
    List(Vec<Member>),
    /// `{…}`
    Table(Vec<Member>),
}

/// A value in a list, or a key and its value in an inline table.
#[derive(Debug)]
pub struct Member {
    /// Its key; empty in a list.
    pub path: Vec<String>,
    /// The value, with its key if it has one.
    pub span: Range<usize>,
    /// The value.
    pub node: Node,
    /// The comma after it.
    pub comma: Option<Range<usize>>,
}

impl Layout {
    /// Reads a text that is known to be TOML; `None` where it turns out not to be.
    pub fn read(text: &str) -> Option<Self> {
        let source = Source::new(text);
        let tokens = source.lex().into_vec();
        let mut events: Vec<Event> = Vec::new();
        let mut error = None;
        parse_document(&tokens, &mut RecursionGuard::new(&mut events, DEPTH), &mut error);
        if error.is_some() {
            return None;
        }
        let mut reader = Reader { source, events: &events, next: 0 };
        let mut statements = Vec::new();
        while let Some(event) = reader.peek() {
            statements.push(match event.kind() {
                EventKind::StdTableOpen => reader.header(EventKind::StdTableClose, Kind::Table)?,
                EventKind::ArrayTableOpen => reader.header(EventKind::ArrayTableClose, Kind::Entry)?,
                _ => {
                    let (path, span, node) = reader.pair()?;
                    Statement { span, path, kind: Kind::Pair(node) }
                }
            });
        }
        Some(Self { statements })
    }
}

struct Reader<'a> {
    source: Source<'a>,
    events: &'a [Event],
    next: usize,
}

impl Reader<'_> {
    /// The next event that is not space, a comment or a line's end.
    fn peek(&mut self) -> Option<Event> {
        loop {
            let event = self.events.get(self.next)?;
            match event.kind() {
                EventKind::Whitespace | EventKind::Comment | EventKind::Newline => self.next += 1,
                _ => return Some(*event),
            }
        }
    }

    fn take(&mut self, kind: EventKind) -> Option<Event> {
        let event = self.peek().filter(|event| event.kind() == kind)?;
        self.next += 1;
        Some(event)
    }

    /// A key, dotted or not.
    fn path(&mut self) -> Option<(Vec<String>, usize)> {
        let mut path = Vec::new();
        let start = self.peek()?.span().start();
        loop {
            let key = self.take(EventKind::SimpleKey)?;
            let mut name = String::new();
            self.source.get(key)?.decode_key(&mut name, &mut ());
            path.push(name);
            if self.take(EventKind::KeySep).is_none() {
                return Some((path, start));
            }
        }
    }

    fn header(&mut self, close: EventKind, kind: Kind) -> Option<Statement> {
        let start = self.peek()?.span().start();
        self.next += 1;
        let (path, _) = self.path()?;
        let end = self.take(close)?.span().end();
        Some(Statement { span: start..end, path, kind })
    }

    fn pair(&mut self) -> Option<(Vec<String>, Range<usize>, Node)> {
        let (path, start) = self.path()?;
        self.take(EventKind::KeyValSep)?;
        let node = self.value()?;
        Some((path, start..node.span.end, node))
    }

    fn value(&mut self) -> Option<Node> {
        let event = self.peek()?;
        self.next += 1;
        let start = event.span().start();
        match event.kind() {
            EventKind::Scalar => Some(Node { span: start..event.span().end(), shape: Shape::Scalar }),
            EventKind::ArrayOpen => {
                let (members, end) = self.members(EventKind::ArrayClose)?;
                Some(Node { span: start..end, shape: Shape::List(members) })
            }
            EventKind::InlineTableOpen => {
                let (members, end) = self.members(EventKind::InlineTableClose)?;
                Some(Node { span: start..end, shape: Shape::Table(members) })
            }
            _ => None,
        }
    }

    fn members(&mut self, close: EventKind) -> Option<(Vec<Member>, usize)> {
        let mut members = Vec::new();
        loop {
            if let Some(close) = self.take(close) {
                return Some((members, close.span().end()));
            }
            let (path, span, node) = if close == EventKind::InlineTableClose {
                self.pair()?
            } else {
                let node = self.value()?;
                (Vec::new(), node.span.clone(), node)
            };
            let comma = self.take(EventKind::ValueSep).map(|comma| comma.span().start()..comma.span().end());
            members.push(Member { path, span, node, comma });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_has_its_place() {
        let text = "a.\"b c\" = 1 # x\n[t]\nl = [ 1, # one\n 2 ]\n[[e]]\ni = { k = 'v', n.m = [] }\n";
        let layout = Layout::read(text).unwrap();
        let found: Vec<(&str, String)> =
            layout.statements.iter().map(|s| (&text[s.span.clone()], s.path.join("/"))).collect();
        assert_eq!(
            found,
            [
                ("a.\"b c\" = 1", "a/b c".to_owned()),
                ("[t]", "t".to_owned()),
                ("l = [ 1, # one\n 2 ]", "l".to_owned()),
                ("[[e]]", "e".to_owned()),
                ("i = { k = 'v', n.m = [] }", "i".to_owned()),
            ]
        );
        let Kind::Pair(Node { shape: Shape::Table(members), .. }) = &layout.statements[4].kind else {
            panic!()
        };
        assert_eq!(members[1].path, ["n", "m"]);
        assert_eq!(members[0].comma.clone().map(|comma| &text[comma]), Some(","));
    }

    #[test]
    fn what_is_not_toml_has_no_layout() {
        assert!(Layout::read("a = [1").is_none());
        assert!(Layout::read(&format!("a = {}{}", "[".repeat(100), "]".repeat(100))).is_none());
    }
}
