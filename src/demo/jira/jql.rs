//! JQL: the part of it that release tools ask in.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::tracker::{Issue, PRIORITIES, STATUSES, Tracker};
use crate::demo::company::{PEOPLE, PROJECTS};

/// A query.
#[derive(Debug)]
pub(super) struct Query {
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
    pub(super) fn parse(text: &str, tracker: &Tracker) -> Result<Self, String> {
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
    pub(super) fn is_bounded(&self) -> bool {
        self.filter.is_some()
    }

    /// The issues it finds, in its order; without one, the newest key first.
    pub(super) fn find<'a>(&self, tracker: &'a Tracker) -> Vec<&'a Issue> {
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
                let mut versions = self.tracker.versions.iter();
                ("fixVersion", versions.any(|version| same(&version.name) || same(&version.id.to_string())))
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
            let chosen = self.tracker.versions.iter().filter(move |version| version.released == released);
            chosen.map(|version| version.id.to_string())
        };
        match name.to_lowercase().as_str() {
            "unreleasedversions" => values.extend(versions(false)),
            "releasedversions" => values.extend(versions(true)),
            "currentuser" => values.push(super::answers::account(0)),
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

fn holds(clause: &Clause, issue: &Issue, tracker: &Tracker) -> bool {
    match clause {
        Clause::And(left, right) => holds(left, issue, tracker) && holds(right, issue, tracker),
        Clause::Or(left, right) => holds(left, issue, tracker) || holds(right, issue, tracker),
        Clause::Not(inner) => !holds(inner, issue, tracker),
        Clause::Is(field, relation, values) => related(*field, *relation, values, issue, tracker),
    }
}

/// Everything a value may be called.
fn names(field: Field, issue: &Issue, tracker: &Tracker) -> Vec<String> {
    let person = |index: usize| vec![PEOPLE[index].0.to_owned(), super::answers::account(index)];
    match field {
        Field::Project => {
            let name =
                PROJECTS.iter().find(|project| project.0 == issue.project).map_or("", |project| project.1);
            vec![issue.project.to_owned(), name.to_owned()]
        }
        Field::FixVersion => {
            let version = tracker.versions.iter().find(|version| Some(version.id) == issue.fix_version);
            version.map(|version| vec![version.name.clone(), version.id.to_string()]).unwrap_or_default()
        }
        Field::Status => vec![issue.status.0.to_owned(), issue.status.1.to_owned()],
        Field::Category => vec![issue.status.2.to_owned(), issue.status.3.to_owned()],
        Field::Resolution => issue.resolution.map(str::to_owned).into_iter().collect(),
        Field::Key => vec![issue.key(), issue.id.to_string()],
        Field::Labels => issue.labels.clone(),
        Field::Priority => vec![issue.priority.to_owned()],
        Field::Assignee => issue.assignee.map(person).unwrap_or_default(),
        Field::Reporter => person(issue.reporter),
        Field::Kind => vec![issue.kind.to_owned()],
        Field::Summary => vec![issue.summary.clone()],
        Field::Created => vec![issue.created.to_rfc3339()],
        Field::Updated => vec![issue.updated.to_rfc3339()],
    }
}

fn related(field: Field, relation: Relation, values: &[String], issue: &Issue, tracker: &Tracker) -> bool {
    let own = names(field, issue, tracker);
    let is_one = || {
        values.iter().any(|value| {
            if value == EMPTY {
                own.is_empty()
            } else {
                own.iter().any(|name| name.eq_ignore_ascii_case(value))
            }
        })
    };
    let contains = || {
        let text = own.join(" ").to_lowercase();
        values.iter().any(|value| text.contains(value.trim_matches(['*', '"']).to_lowercase().as_str()))
    };
    let compared = |accepts: fn(Ordering) -> bool| {
        values.iter().all(|value| match field {
            Field::Created | Field::Updated => {
                let own = if field == Field::Created { issue.created } else { issue.updated };
                moment(value, tracker.now).is_some_and(|moment| accepts(own.cmp(&moment)))
            }
            Field::Priority => {
                let rank = |name: &str| PRIORITIES.iter().position(|other| other.eq_ignore_ascii_case(name));
                // The list begins with the highest.
                rank(value)
                    .is_some_and(|rank_of| accepts(rank_of.cmp(&rank(issue.priority).unwrap_or_default())))
            }
            Field::Key => {
                let number = value.rsplit('-').next().and_then(|number| number.parse::<u32>().ok());
                let project =
                    value.split('-').next().is_some_and(|key| key.eq_ignore_ascii_case(issue.project));
                project && number.is_some_and(|number| accepts(issue.number.cmp(&number)))
            }
            _ => false,
        })
    };
    match relation {
        Relation::In => is_one(),
        // As in Jira: what has no value does not differ from one either, unless EMPTY is asked for.
        Relation::NotIn => (!own.is_empty() || values.iter().any(|value| value == EMPTY)) && !is_one(),
        Relation::Contains => contains(),
        Relation::ContainsNot => !contains(),
        Relation::Less => compared(Ordering::is_lt),
        Relation::LessOrEqual => compared(Ordering::is_le),
        Relation::Greater => compared(Ordering::is_gt),
        Relation::GreaterOrEqual => compared(Ordering::is_ge),
    }
}

fn compare(field: Field, left: &Issue, right: &Issue, tracker: &Tracker) -> Ordering {
    let rank = |issue: &Issue| PRIORITIES.iter().position(|priority| *priority == issue.priority);
    match field {
        Field::Key => (left.project, left.number).cmp(&(right.project, right.number)),
        Field::Created => left.created.cmp(&right.created),
        Field::Updated => left.updated.cmp(&right.updated),
        Field::Priority => rank(right).cmp(&rank(left)),
        _ => names(field, left, tracker).cmp(&names(field, right, tracker)),
    }
}

/// A date, or a period before now such as `-5d`.
fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let unit = text.chars().last().filter(char::is_ascii_alphabetic);
    if let Some(unit) = unit {
        let number: i64 = text[..text.len() - 1].trim().parse().ok()?;
        let seconds = match unit {
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        return Some(now + TimeDelta::try_seconds(number.checked_mul(seconds)?)?);
    }
    let text = text.replace('/', "-");
    let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    let date = date.or_else(|| NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M").ok())?;
    Some(date.and_utc())
}
