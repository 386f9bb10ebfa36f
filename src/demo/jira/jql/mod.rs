//! JQL: the part of it that release tools ask in. Reading is here, meaning in [`meaning`].

mod meaning;

use std::cmp::Ordering;

use super::tracker::{Issue, PRIORITIES, STATUSES, Tracker};
use crate::demo::company::PROJECTS;
use meaning::{compare, holds, moment};

/// A query.
#[derive(Debug)]
pub(in crate::demo::jira) struct Query {
    filter: Option<Clause>,
    order: Vec<(Field, bool)>,
}

#[derive(Debug)]
enum Clause {
    And(Box<Clause>, Box<Clause>),
    Or(Box<Clause>, Box<Clause>),
    Not(Box<Clause>),
    Is(Field, Relation, Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Project,
    FixVersion,
    Status,
    Category,
    Resolution,
    Key,
    Labels,
    Priority,
    Assignee,
    Reporter,
    Kind,
    Summary,
    Created,
    Updated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    In,
    NotIn,
    Contains,
    ContainsNot,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What an absent value is called.
const EMPTY: &str = "\0empty";

impl Query {
    /// Reads one; the error is one of Jira's sentences.
    pub(in crate::demo::jira) fn parse(text: &str, tracker: &Tracker) -> Result<Self, String> {
        let mut parser = Parser { words: words(text)?, at: 0, tracker };
        let ordered = parser.peek_word("order");
        let filter = if parser.words.is_empty() || ordered { None } else { Some(parser.or()?) };
        let mut order = Vec::new();
        if parser.take_word("order") {
            if !parser.take_word("by") {
                return Err("Error in the JQL Query: Expecting 'by' after 'order'.".to_owned());
            }
            loop {
                let field = parser.field()?;
                let descending = parser.take_word("desc");
                if !descending {
                    parser.take_word("asc");
                }
                order.push((field, descending));
                if !parser.take(",") {
                    break;
                }
            }
        }
        match parser.words.get(parser.at) {
            None => Ok(Self { filter, order }),
            Some(word) => Err(format!(
                "Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{}'.",
                word.text
            )),
        }
    }

    /// Whether anything restricts it.
    pub(in crate::demo::jira) fn is_bounded(&self) -> bool {
        self.filter.is_some()
    }

    /// The issues it finds, in its order; without one, the newest key first.
    pub(in crate::demo::jira) fn find<'a>(&self, tracker: &'a Tracker) -> Vec<&'a Issue> {
        let matches =
            |issue: &&Issue| self.filter.as_ref().is_none_or(|filter| holds(filter, issue, tracker));
        let mut found: Vec<&Issue> = tracker.issues.iter().filter(matches).collect();
        found.sort_by(|left, right| {
            for (field, descending) in &self.order {
                let order = compare(*field, left, right, tracker);
                let order = if *descending { order.reverse() } else { order };
                if order != Ordering::Equal {
                    return order;
                }
            }
            (left.project, right.number).cmp(&(right.project, left.number))
        });
        found
    }
}

struct Word {
    text: String,
    quoted: bool,
}

fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(&letter) = letters.peek() {
        if letter.is_whitespace() {
            letters.next();
        } else if letter == '"' || letter == '\'' {
            letters.next();
            let mut value = String::new();
            loop {
                match letters.next() {
                    Some('\\') => value.extend(letters.next()),
                    Some(end) if end == letter => break,
                    Some(other) => value.push(other),
                    None => {
                        let message = format!(
                            "Error in the JQL Query: The quoted string '{value}' has not been completed."
                        );
                        return Err(message);
                    }
                }
            }
            words.push(Word { text: value, quoted: true });
        } else if "=!<>~".contains(letter) {
            let mut operator = String::new();
            while let Some(&next) = letters.peek().filter(|next| "=!<>~".contains(**next)) {
                operator.push(next);
                letters.next();
            }
            words.push(Word { text: operator, quoted: false });
        } else if "(),".contains(letter) {
            letters.next();
            words.push(Word { text: letter.to_string(), quoted: false });
        } else {
            let mut word = String::new();
            while let Some(&next) =
                letters.peek().filter(|next| !next.is_whitespace() && !"=!<>~(),\"'".contains(**next))
            {
                word.push(next);
                letters.next();
            }
            words.push(Word { text: word, quoted: false });
        }
    }
    Ok(words)
}

struct Parser<'a> {
    words: Vec<Word>,
    at: usize,
    tracker: &'a Tracker,
}

impl Parser<'_> {
    fn peek_word(&self, word: &str) -> bool {
        self.words.get(self.at).is_some_and(|next| !next.quoted && next.text.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = self.peek_word(word);
        self.at += usize::from(there);
        there
    }

    fn take(&mut self, sign: &str) -> bool {
        self.take_word(sign)
    }

    fn or(&mut self) -> Result<Clause, String> {
        let mut clause = self.and()?;
        while self.take_word("or") || self.take("||") {
            clause = Clause::Or(Box::new(clause), Box::new(self.and()?));
        }
        Ok(clause)
    }

    fn and(&mut self) -> Result<Clause, String> {
        let mut clause = self.not()?;
        while self.take_word("and") || self.take("&&") {
            clause = Clause::And(Box::new(clause), Box::new(self.not()?));
        }
        Ok(clause)
    }

    fn not(&mut self) -> Result<Clause, String> {
        if self.take_word("not") || self.take("!") {
            return Ok(Clause::Not(Box::new(self.not()?)));
        }
        if self.take("(") {
            let clause = self.or()?;
            return if self.take(")") { Ok(clause) } else { Err(self.expected("')'")) };
        }
        let field = self.field()?;
        self.relation(field)
    }

    fn field(&mut self) -> Result<Field, String> {
        let Some(word) = self.words.get(self.at) else { return Err(self.expected("a field")) };
        let field = match word.text.to_lowercase().as_str() {
            "project" => Field::Project,
            "fixversion" => Field::FixVersion,
            "status" => Field::Status,
            "statuscategory" => Field::Category,
            "resolution" => Field::Resolution,
            "key" | "issuekey" | "issue" | "id" => Field::Key,
            "labels" => Field::Labels,
            "priority" => Field::Priority,
            "assignee" => Field::Assignee,
            "reporter" => Field::Reporter,
            "issuetype" | "type" => Field::Kind,
            "summary" | "text" => Field::Summary,
            "created" | "createddate" => Field::Created,
            "updated" | "updateddate" => Field::Updated,
            _ => {
                let name = &word.text;
                return Err(format!(
                    "Field '{name}' does not exist or you do not have permission to view it."
                ));
            }
        };
        self.at += 1;
        Ok(field)
    }

    fn relation(&mut self, field: Field) -> Result<Clause, String> {
        let relation = match self.words.get(self.at).map(|word| word.text.to_lowercase()).as_deref() {
            Some("=" | "in" | "is") => Relation::In,
            Some("!=" | "not") => Relation::NotIn,
            Some("~") => Relation::Contains,
            Some("!~") => Relation::ContainsNot,
            Some("<") => Relation::Less,
            Some("<=") => Relation::LessOrEqual,
            Some(">") => Relation::Greater,
            Some(">=") => Relation::GreaterOrEqual,
            _ => return Err(self.expected("an operator")),
        };
        let is = self.peek_word("is");
        let not = self.peek_word("not");
        self.at += 1;
        if not && !self.take_word("in") {
            return Err(self.expected("'in'"));
        }
        let relation = if is && self.take_word("not") { Relation::NotIn } else { relation };
        let mut values = Vec::new();
        if self.take("(") {
            loop {
                self.value(field, &mut values)?;
                if !self.take(",") {
                    break;
                }
            }
            if !self.take(")") {
                return Err(self.expected("')'"));
            }
        } else {
            self.value(field, &mut values)?;
        }
        Ok(Clause::Is(field, relation, values))
    }

    fn value(&mut self, field: Field, values: &mut Vec<String>) -> Result<(), String> {
        let Some(word) = self.words.get(self.at) else { return Err(self.expected("a value")) };
        let (text, quoted) = (word.text.clone(), word.quoted);
        if !quoted && ["(", ")", ","].contains(&text.as_str()) {
            return Err(self.expected("a value"));
        }
        self.at += 1;
        if !quoted && matches!(text.to_lowercase().as_str(), "empty" | "null") {
            values.push(EMPTY.to_owned());
            return Ok(());
        }
        if !quoted && self.take("(") {
            if !self.take(")") {
                return Err(self.expected("')'"));
            }
            return self.function(&text, values);
        }
        if matches!(field, Field::Created | Field::Updated) && moment(&text, self.tracker.now).is_none() {
            return Err(format!(
                "Date value '{text}' for field is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd \
                 HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
            ));
        }
        let same = |other: &str| other.eq_ignore_ascii_case(&text);
        let (name, known) = match field {
            Field::Project => ("project", PROJECTS.iter().any(|(key, name)| same(key) || same(name))),
            Field::FixVersion => {
                let versions = self.tracker.versions();
                let is_known =
                    versions.iter().any(|version| same(&version.name) || same(&version.id.to_string()));
                ("fixVersion", is_known)
            }
            Field::Status => ("status", STATUSES.iter().any(|status| same(status.0) || same(status.1))),
            Field::Category => {
                ("statusCategory", STATUSES.iter().any(|status| same(status.2) || same(status.3)))
            }
            Field::Priority => ("priority", PRIORITIES.iter().any(|priority| same(priority))),
            Field::Resolution => ("resolution", ["Done", "Won't Do", "Unresolved"].into_iter().any(same)),
            _ => ("", true),
        };
        if !known {
            return Err(format!("The value '{text}' does not exist for the field '{name}'."));
        }
        let empty = field == Field::Resolution && text.eq_ignore_ascii_case("unresolved");
        values.push(if empty { EMPTY.to_owned() } else { text });
        Ok(())
    }

    fn function(&self, name: &str, values: &mut Vec<String>) -> Result<(), String> {
        let versions = |released: bool| {
            let all = self.tracker.versions();
            let chosen = all.iter().filter(|version| version.released == released);
            chosen.map(|version| version.id.to_string()).collect::<Vec<_>>()
        };
        match name.to_lowercase().as_str() {
            "unreleasedversions" => values.extend(versions(false)),
            "releasedversions" => values.extend(versions(true)),
            "currentuser" => values.push(crate::demo::jira::answers::account(0)),
            _ => return Err(format!("Unable to find JQL function '{name}()'.")),
        }
        Ok(())
    }

    fn expected(&self, what: &str) -> String {
        match self.words.get(self.at) {
            Some(word) => format!("Error in the JQL Query: Expecting {what} but got '{}'.", word.text),
            None => format!("Error in the JQL Query: Expecting {what} before the end of the query."),
        }
    }
}
