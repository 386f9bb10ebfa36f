//! JQL: values always in double quotes, so that no value is ever a word of the language.

/// A quoted value.
pub fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for character in value.chars() {
        match character {
            '\\' | '"' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// The open issues of a version, the most pressing first.
pub fn open_issues(project: &str, version: &str) -> String {
    format!(
        "project = {} AND fixVersion = {} AND statusCategory != \"Done\" ORDER BY priority DESC, key ASC",
        quote(project),
        quote(version)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        assert_eq!(quote(r#"4.3 - "EAP\" OR 1=1"#), r#""4.3 - \"EAP\\\" OR 1=1""#);
        assert_eq!(quote("a\nb"), r#""a\nb""#);
    }
}
