//! Templates: `{{name}}` in queries and in argv.
//!
//! A value becomes part of the text and is never expanded again. Only `{{` name `}}` is a
//! template (letters, digits and `_`, spaces around allowed): `{{.metadata.name}}` of another
//! program's own templates stays as it is.

use std::collections::BTreeMap;

/// How values are written into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As they are: whole arguments of a command, or parts of them.
    None,
    /// As contents of a PromQL string, whichever quotes are around it. In a regular expression
    /// matcher the value is still read as an expression.
    PromQl,
}

/// A name that the template's place does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown template {{{{{name}}}}}: known here are {known}")]
pub struct UnknownTemplate {
    /// The name as written.
    pub name: String,
    /// The names that would be accepted, joined by commas.
    pub known: String,
}

/// Fills every `{{name}}` of `text`.
pub fn fill(text: &str, values: &BTreeMap<&str, String>, escape: Escape) -> Result<String, UnknownTemplate> {
    let mut out = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Name(name) => {
                let value = values.get(name).ok_or_else(|| UnknownTemplate {
                    name: name.to_owned(),
                    known: values.keys().copied().collect::<Vec<_>>().join(", "),
                })?;
                match escape {
                    Escape::None => out.push_str(value),
                    Escape::PromQl => push_promql(&mut out, value),
                }
            }
        }
    }
    Ok(out)
}

/// The names `text` uses, in order, each as often as it is used.
pub fn names(text: &str) -> Vec<&str> {
    let named = parts(text).into_iter();
    named.filter_map(|part| if let Part::Name(name) = part { Some(name) } else { None }).collect()
}

/// Says which template of a text nothing would fill in, where only some names are known: `None` is
/// none.
pub fn unknown_in(text: &str, templates: &[&str]) -> Option<String> {
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else {
            return Some("`{{` without `}}`: write {{name}}".to_owned());
        };
        let name = rest[start + 2..start + length].trim();
        if !templates.contains(&name) {
            let shown = super::Safe::new(name);
            let hint = match super::spelling::nearest(name, templates.iter().copied()) {
                Some(meant) => format!("did you mean {{{{{meant}}}}}?"),
                None => format!("known are {}", templates.join(", ")),
            };
            return Some(format!("unknown template {{{{{shown}}}}}: {hint}"));
        }
        rest = &rest[start + length + 2..];
    }
    None
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut search) = (0, 0);
    while let Some(open) = text[search..].find("{{").map(|at| search + at) {
        let named = text[open + 2..].find("}}").map(|length| (length, text[open + 2..][..length].trim()));
        match named.filter(|(_, name)| is_name(name)) {
            Some((length, name)) => {
                parts.push(Part::Text(&text[from..open]));
                parts.push(Part::Name(name));
                from = open + 2 + length + 2;
                search = from;
            }
            // One brace further, so that `{{{name}}` still finds its name.
            None => search = open + 1,
        }
    }
    parts.push(Part::Text(&text[from..]));
    parts
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Hexadecimal escapes are the only ones every PromQL quote accepts for the other's quote.
fn push_promql(out: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' | '\'' | '`' | '\0'..='\x1f' | '\x7f' => {
                out.push_str(&format!("\\x{:02x}", character as u32));
            }
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> BTreeMap<&'static str, String> {
        BTreeMap::from([("service", "check\"out".to_owned()), ("version", "{{service}}".to_owned())])
    }

    #[test]
    fn names_become_values_that_are_never_expanded_again() {
        let filled = fill("a {{ version }}-{{version}} b", &values(), Escape::None);
        assert_eq!(filled.as_deref(), Ok("a {{service}}-{{service}} b"));
    }

    #[test]
    fn an_unknown_name_is_an_error_that_names_what_is_known() {
        let error = fill("{{regoin}}", &values(), Escape::None).unwrap_err();
        assert_eq!(error.to_string(), "unknown template {{regoin}}: known here are service, version");
    }

    #[test]
    fn what_is_not_a_template_stays() {
        for text in ["{{.metadata.name}}", "{{", "a }} b", "{{}}", "{ {service}}", "{{a b}}", "é{{é}}"] {
            assert_eq!(fill(text, &values(), Escape::None).as_deref(), Ok(text));
        }
        assert_eq!(fill("{{{service}}}", &values(), Escape::None).as_deref(), Ok("{check\"out}"));
    }

    #[test]
    fn a_value_cannot_leave_a_promql_string() {
        let hostile = BTreeMap::from([("v", "1\"} or vector(1) # '`\n\\".to_owned())]);
        let filled = fill(r#"m{v="{{v}}"}"#, &hostile, Escape::PromQl).unwrap();
        assert_eq!(filled, r#"m{v="1\x22} or vector(1) # \x27\x60\x0a\\"}"#);
    }

    #[test]
    fn names_are_listed() {
        assert_eq!(names("{{a}} {{.b}} {{ c }}{{a}}"), ["a", "c", "a"]);
    }
}
