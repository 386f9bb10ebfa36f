//! Matchers: conditions on labels, as Alertmanager writes and reads them.

use std::collections::BTreeMap;

use promql_parser::label::Matcher as Condition;
use promql_parser::parser::token::{T_EQL, T_EQL_REGEX, T_NEQ, T_NEQ_REGEX};

use crate::domain::Safe;

/// Labels that say where something is or how bad, and not what: alone they mute too much.
const BROAD: [&str; 14] = [
    "environment",
    "env",
    "stage",
    "region",
    "zone",
    "availability_zone",
    "datacenter",
    "dc",
    "cluster",
    "severity",
    "priority",
    "team",
    "prometheus",
    "tenant",
];

/// Values that have nothing in common: an expression that matches them all matches everything.
const PROBES: [&str; 6] = ["a", "Z", "0", "q7-x_.Z9", "xyzzy plugh", "€"];

/// One condition on a label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Matcher {
    /// The label.
    pub name: Safe,
    /// How its value is compared.
    pub sign: Sign,
    /// With what.
    pub value: Safe,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`: the whole value fits the expression.
    Matches,
    /// `!~`
    NotMatches,
}

impl Sign {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Matches => "=~",
            Self::NotMatches => "!~",
        }
    }

    /// From Alertmanager's two flags.
    pub fn of(is_equal: bool, is_regex: bool) -> Self {
        match (is_equal, is_regex) {
            (true, false) => Self::Equal,
            (false, false) => Self::NotEqual,
            (true, true) => Self::Matches,
            (false, true) => Self::NotMatches,
        }
    }

    /// Whether the label must be so, rather than must not.
    pub fn is_positive(self) -> bool {
        matches!(self, Self::Equal | Self::Matches)
    }

    /// Whether the value is an expression.
    pub fn is_regex(self) -> bool {
        matches!(self, Self::Matches | Self::NotMatches)
    }
}

impl std::fmt::Display for Matcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // `=~` would be another sign.
        let plain = !self.value.is_empty()
            && !self.value.starts_with('~')
            && !self.value.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '{' | '}'));
        if plain {
            write!(formatter, "{}{}{}", self.name, self.sign.word(), self.value)
        } else {
            let escaped = self.value.replace('\\', "\\\\").replace('"', "\\\"");
            write!(formatter, "{}{}\"{escaped}\"", self.name, self.sign.word())
        }
    }
}

impl Matcher {
    /// That a label has this value.
    pub fn equal(name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        Self { name: Safe::new(name), sign: Sign::Equal, value: Safe::new(value) }
    }

    /// That a label has one of these values; `None`: there are none.
    pub fn any(name: impl AsRef<str>, values: &[&str]) -> Option<Self> {
        match values {
            [] => None,
            [one] => Some(Self::equal(name, one)),
            several => {
                let escaped: Vec<String> = several.iter().map(|value| escaped(value)).collect();
                Some(Self { name: Safe::new(name), sign: Sign::Matches, value: Safe::new(escaped.join("|")) })
            }
        }
    }

    /// Reads `service=checkout`, `region=~"eu|us"`, `severity!=page`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = Safe::new(text.trim());
        let how =
            || format!("`{shown}` is no matcher: write label=value, label!=value, label=~\"one|other\"");
        let at = text.find(['=', '!']).ok_or_else(how)?;
        let (name, rest) = text.split_at(at);
        let signs = [Sign::Matches, Sign::NotMatches, Sign::NotEqual, Sign::Equal];
        let sign = signs.into_iter().find(|sign| rest.starts_with(sign.word())).ok_or_else(how)?;
        let name = name.trim();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '-' | '/');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(how());
        }
        let value = rest[sign.word().len()..].trim();
        let value = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted).ok_or_else(|| format!("`{shown}`: the quotes do not close"))?,
            None => value.to_owned(),
        };
        let matcher = Self { name: Safe::new(name), sign, value: Safe::new(&value) };
        if matcher.value.as_str() != value {
            return Err(format!("`{shown}` holds what cannot be seen"));
        }
        matcher.test()?;
        Ok(matcher)
    }

    /// Reads several, separated by commas; commas and quotes inside quotes belong to the value.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let (mut parts, mut part, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
        for character in text.trim().trim_start_matches('{').trim_end_matches('}').chars() {
            match character {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                ',' if !quoted => {
                    parts.push(std::mem::take(&mut part));
                    continue;
                }
                _ => {}
            }
            part.push(character);
        }
        parts.push(part);
        parts.iter().filter(|part| !part.trim().is_empty()).map(|part| Self::parse(part)).collect()
    }

    /// What it is tested with, or why its expression cannot be read.
    pub fn test(&self) -> Result<Test, String> {
        let token = match self.sign {
            Sign::Equal => T_EQL,
            Sign::NotEqual => T_NEQ,
            Sign::Matches => T_EQL_REGEX,
            Sign::NotMatches => T_NEQ_REGEX,
        };
        let condition = Condition::new_matcher(token, self.name.to_string(), self.value.to_string());
        let condition =
            condition.map_err(|_| format!("{self}: `{}` is no expression that can be read", self.value))?;
        Ok(Test { name: self.name.clone(), condition })
    }
}

/// A matcher that is ready to be tried on labels.
#[derive(Debug, Clone)]
pub struct Test {
    name: Safe,
    condition: Condition,
}

impl Test {
    /// Whether labels meet it; a label that is not there is empty, as in Alertmanager.
    pub fn accepts(&self, labels: &BTreeMap<Safe, Safe>) -> bool {
        self.accepts_value(labels.get(&self.name).map_or("", Safe::as_str))
    }

    fn accepts_value(&self, value: &str) -> bool {
        self.condition.is_match(value)
    }
}

/// Matchers that are ready: whether labels meet them all. `Err`: one of them cannot be read.
pub fn tests(matchers: &[Matcher]) -> Result<Vec<Test>, String> {
    matchers.iter().map(Matcher::test).collect()
}

/// Why a silence with these matchers would mute more than a deployment may; `Ok`: it would not.
pub fn check(matchers: &[Matcher]) -> Result<(), String> {
    if matchers.is_empty() {
        return Err("at least one matcher is needed: none at all would mute every alert".to_owned());
    }
    let mut narrows = false;
    for matcher in matchers {
        let test = matcher.test()?;
        if !matcher.sign.is_positive() {
            continue;
        }
        if test.accepts_value("") {
            let name = &matcher.name;
            return Err(format!("{matcher} also fits every alert without the label {name}: say its value"));
        }
        if PROBES.iter().all(|probe| test.accepts_value(probe)) {
            return Err(format!("{matcher} fits every value: say which"));
        }
        narrows |= !BROAD.contains(&matcher.name.as_str());
    }
    if narrows {
        return Ok(());
    }
    let positive = matchers.iter().filter(|matcher| matcher.sign.is_positive());
    let broad: Vec<String> = positive.map(ToString::to_string).collect();
    Err(if broad.is_empty() {
        "it would mute every alert but a few: say what it is about, service=… or alertname=…".to_owned()
    } else {
        format!("it would mute every alert of {}: add service=… or alertname=…", broad.join(", "))
    })
}

/// As an expression that fits nothing but the text.
fn escaped(text: &str) -> String {
    let special = |c: char| "\\.+*?()|[]{}^$".contains(c);
    text.chars().fold(String::new(), |mut out, character| {
        if special(character) {
            out.push('\\');
        }
        out.push(character);
        out
    })
}

/// What stands before the closing quote, which must end the text.
fn unquoted(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return characters.as_str().trim().is_empty().then_some(value),
            // Only the quote and the backslash are escaped: `\.` stays as an expression has it.
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            other => value.push(other),
        }
    }
    None
}
