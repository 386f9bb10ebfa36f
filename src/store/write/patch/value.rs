//! Values as they will stand in a file.

use toml::value::Datetime;

use super::super::EditError;
use crate::domain::patch::Value;

/// How a value may be laid out.
#[derive(Debug, Clone, Copy)]
pub enum Lines<'a> {
    /// Over several lines, with this line break.
    Several(&'a str),
    /// On one line: it stands inside an inline table.
    One,
}

/// A value's text.
pub fn text(value: &Value, lines: Lines<'_>) -> Result<String, EditError> {
    Ok(match value {
        Value::Text(text) => match lines {
            Lines::Several(line_break) if text.contains('\n') => several_lines(text, line_break),
            _ => one_line(text),
        },
        Value::Boolean(flag) => flag.to_string(),
        Value::Number(number) => self::number(*number),
        Value::Time(written) => time(written)?,
        Value::List(list) => {
            let list: Vec<String> =
                list.iter().map(|value| self::text(value, Lines::One)).collect::<Result<_, _>>()?;
            format!("[{}]", list.join(", "))
        }
        Value::Inline(pairs) if pairs.is_empty() => "{}".to_owned(),
        Value::Inline(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(key, value)| pair(key, value, Lines::One)).collect::<Result<_, _>>()?;
            format!("{{ {} }}", pairs.join(", "))
        }
    })
}

/// A key and its value.
pub fn pair(key: &str, value: &Value, lines: Lines<'_>) -> Result<String, EditError> {
    Ok(format!("{} = {}", self::key(key), text(value, lines)?))
}

/// A key, quoted where it must be.
pub fn key(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) { key.to_owned() } else { one_line(key) }
}

/// With seconds, so that readers of TOML 1.0 read it too.
pub fn time(written: &str) -> Result<String, EditError> {
    let mut datetime: Datetime = written.trim().parse().map_err(|_| {
        let what = format!("`{}` is not a time", crate::domain::Safe::new(written));
        EditError::refused(what, "write 2026-11-25T14:00:00, with an offset if it is not local")
    })?;
    if let Some(time) = &mut datetime.time {
        time.second = Some(time.second.unwrap_or(0));
    }
    Ok(datetime.to_string())
}

fn number(number: f64) -> String {
    if number.is_finite() && number.abs() < 1e15 {
        number.to_string()
    } else if number.is_finite() {
        format!("{number:e}")
    } else if number.is_nan() {
        "nan".to_owned()
    } else {
        if number > 0.0 { "inf" } else { "-inf" }.to_owned()
    }
}

fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            other => escaped(&mut out, other),
        }
    }
    out.push('"');
    out
}

/// `"""`, the first line break after which is no part of the text.
fn several_lines(text: &str, line_break: &str) -> String {
    let mut out = format!("\"\"\"{line_break}");
    let mut quotes = 0;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        quotes = if character == '"' { quotes + 1 } else { 0 };
        match character {
            '"' if quotes % 3 == 0 || rest.peek().is_none() => out.push_str("\\\""),
            '"' => out.push('"'),
            '\n' => out.push_str(line_break),
            '\r' if rest.peek() == Some(&'\n') => {}
            other => escaped(&mut out, other),
        }
    }
    out + "\"\"\""
}

fn escaped(out: &mut String, character: char) {
    match character {
        '\\' => out.push_str("\\\\"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        '\u{0}'..='\u{1f}' | '\u{7f}' => out.push_str(&format!("\\u{:04X}", u32::from(character))),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_a_person_would() {
        let shown = |value: &Value| text(value, Lines::Several("\n")).unwrap();
        assert_eq!(shown(&Value::text("it's \"x\"\\")), "\"it's \\\"x\\\"\\\\\"");
        assert_eq!(shown(&Value::text("one\ntwo")), "\"\"\"\none\ntwo\"\"\"");
        assert_eq!(shown(&Value::Number(25.0)), "25");
        assert_eq!(shown(&Value::Number(12.5)), "12.5");
        assert_eq!(shown(&Value::words(["a", "b"])), "[\"a\", \"b\"]");
        assert_eq!(shown(&Value::Time("2026-11-25T14:00".into())), "2026-11-25T14:00:00");
        assert_eq!(shown(&Value::Inline(vec![("a b".into(), Value::Boolean(true))])), "{ \"a b\" = true }");
        assert!(text(&Value::Time("soon".into()), Lines::One).unwrap_err().to_string().contains("`soon`"));
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_read_as_it_was_meant(meant in "[a\"'\\\\\n\t é\u{7f}\u{1}]{0,12}") {
            for lines in [Lines::Several("\n"), Lines::One] {
                let document: toml::Table = format!("k = {}", text(&Value::text(&meant), lines).unwrap()).parse().unwrap();
                proptest::prop_assert_eq!(document["k"].as_str().unwrap(), meant.as_str());
            }
        }

        #[test]
        fn a_number_is_read_as_it_was_meant(meant in proptest::num::f64::NORMAL) {
            let document: toml::Table = format!("k = {}", text(&Value::Number(meant), Lines::One).unwrap()).parse().unwrap();
            let read = document["k"].as_float().or_else(|| document["k"].as_integer().map(|whole| whole as f64));
            proptest::prop_assert_eq!(read, Some(meant));
        }
    }
}
