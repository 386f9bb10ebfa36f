//! Content lines of iCalendar (RFC 5545, 3.1) with their places, as leniently as they can be
//! read: byte order marks, bare line feeds, folds inside a character, other encodings, quotes
//! that are missing.

/// The longest logical line read; longer ones are cut, and no property a window needs is longer.
const MAX_LINE: usize = 1 << 20;

/// One logical line, unfolded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// Where it begins in the file, from 1.
    pub number: usize,
    /// The property's name in capitals.
    pub name: String,
    /// Parameters: names in capitals, values without quotes.
    pub parameters: Vec<(String, String)>,
    /// Everything after the colon, as written.
    pub value: String,
}

impl Line {
    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A component: its properties, and the components inside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Component {
    /// `VEVENT`, `VTIMEZONE`… in capitals.
    pub name: String,
    /// The line of its BEGIN.
    pub line: usize,
    /// Its properties, in order.
    pub lines: Vec<Line>,
    /// What it holds.
    pub inner: Vec<Component>,
    /// Whether its END was there.
    pub closing: Closing,
}

/// How a component ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Closing {
    /// With its END.
    #[default]
    Closed,
    /// Something else began or ended first.
    Missing,
    /// With the file.
    EndOfFile,
}

impl Component {
    /// The first property of this name.
    pub fn first(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// The properties of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }
}

/// Components that hold no component of their own kind, so that a second BEGIN closes the first.
const FLAT: [&str; 6] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VCALENDAR"];

/// Reads a file's components. What stands outside of any is left out.
pub fn components(bytes: &[u8]) -> Vec<Component> {
    let mut done: Vec<Component> = Vec::new();
    let mut open: Vec<Component> = Vec::new();
    for line in lines(bytes) {
        match line.name.as_str() {
            "BEGIN" => {
                let name = line.value.trim().to_ascii_uppercase();
                if let Some(at) = open.iter().rposition(|outer| outer.name == name)
                    && FLAT.contains(&name.as_str())
                {
                    close(&mut open, &mut done, at, Closing::Missing);
                }
                open.push(Component { name, line: line.number, ..Component::default() });
            }
            "END" => {
                let name = line.value.trim().to_ascii_uppercase();
                if let Some(at) = open.iter().rposition(|outer| outer.name == name) {
                    close(&mut open, &mut done, at + 1, Closing::Missing);
                    close(&mut open, &mut done, at, Closing::Closed);
                }
            }
            _ => {
                if let Some(inner) = open.last_mut() {
                    inner.lines.push(line);
                }
            }
        }
    }
    close(&mut open, &mut done, 0, Closing::EndOfFile);
    done
}

/// Closes what is open from `at` on.
fn close(open: &mut Vec<Component>, done: &mut Vec<Component>, at: usize, closing: Closing) {
    while open.len() > at {
        let Some(component) = open.pop() else { return };
        let component = Component { closing, ..component };
        match open.last_mut() {
            Some(outer) => outer.inner.push(component),
            None => done.push(component),
        }
    }
}

/// The logical lines of a file that have a name and a colon.
pub fn lines(bytes: &[u8]) -> Vec<Line> {
    let utf16 = utf16(bytes);
    let bytes = utf16.as_deref().map_or(bytes, str::as_bytes);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = Vec::new();
    let mut logical: (usize, Vec<u8>) = (0, Vec::new());
    for (index, physical) in physical(bytes).enumerate() {
        // A fold inside a character is mended by putting bytes together, not text.
        if let Some(b' ' | b'\t') = physical.first()
            && logical.0 > 0
        {
            let room = MAX_LINE.saturating_sub(logical.1.len());
            logical.1.extend_from_slice(&physical[1..physical.len().min(room + 1)]);
            continue;
        }
        lines.extend(line(logical.0, &logical.1));
        logical = (index + 1, physical[..physical.len().min(MAX_LINE)].to_vec());
    }
    lines.extend(line(logical.0, &logical.1));
    lines
}

/// Lines ended by CR LF, LF or (in old files of a Mac) CR alone.
fn physical(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    bytes.split(move |byte| *byte == end).map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// UTF-16 with its byte order mark, as Outlook saves when asked to.
fn utf16(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

/// UTF-8, else Windows' Latin-1, in which every byte is a character.
fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn line(number: usize, bytes: &[u8]) -> Option<Line> {
    let text = decode(bytes);
    let name_end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_' && c != '.')?;
    // A group (`item1.DTSTART`) is vCard's, and some write it here too.
    let name = text[..name_end].rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
    if name.is_empty() {
        return None;
    }
    let rest = text[name_end..].trim_start_matches(' ');
    let is_time = matches!(name.as_str(), "DTSTART" | "DTEND" | "EXDATE" | "RDATE" | "RECURRENCE-ID");
    let colon = if is_time { rest.rfind(':') } else { colon(rest) }?;
    if !rest.starts_with([';', ':']) {
        return None;
    }
    Some(Line {
        number,
        name,
        parameters: parameters(&rest[..colon]),
        value: rest[colon + 1..].trim_end_matches(['\r', '\0']).to_owned(),
    })
}

/// The first colon outside quotes; the first of all where a quote is never closed.
fn colon(text: &str) -> Option<usize> {
    let mut quoted = false;
    let outside = text.char_indices().find_map(|(at, character)| {
        match character {
            '"' => quoted = !quoted,
            ':' if !quoted => return Some(at),
            _ => {}
        }
        None
    });
    outside.or_else(|| text.find(':'))
}

/// `;NAME=VALUE;NAME="VALUE"`
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut quoted = false;
    let parts = text.split(|character| {
        if character == '"' {
            quoted = !quoted;
        }
        character == ';' && !quoted
    });
    parts
        .filter_map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_ascii_uppercase(), value.trim().trim_matches('"').to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_mended_inside_a_character_and_lines_keep_their_numbers() {
        let bytes =
            b"BEGIN:VEVENT\r\nSUMMARY:Jahres\xc3\r\n \xbcbergang\r\n\tszeit\r\nUID:1\r\nEND:VEVENT\r\n";
        let lines = lines(bytes);
        assert_eq!(lines[1].value, "Jahresübergangszeit");
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 5, 6]);
    }

    #[test]
    fn every_encoding_and_line_end_in_the_wild_is_read() {
        let utf16: Vec<u8> =
            [0xfeff_u16].into_iter().chain("SUMMARY:Ä".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in
            [&b"\xef\xbb\xbfSUMMARY:\xc3\x84\n"[..], b"summary:\xc4\r\n", b"X:1\rSummary:\xc3\x84\r", &utf16]
        {
            let lines = lines(bytes);
            let last = lines.last().unwrap();
            assert_eq!((last.name.as_str(), last.value.as_str()), ("SUMMARY", "Ä"));
        }
    }

    #[test]
    fn quotes_and_colons_of_parameters_do_not_end_them() {
        let zone = |text: &str| {
            let line = line(1, text.as_bytes()).unwrap();
            (line.parameter("TZID").unwrap().to_owned(), line.value)
        };
        let value = "20260310T093000".to_owned();
        assert_eq!(
            zone("DTSTART;TZID=\"(UTC+01:00) Berlin; Rome\":20260310T093000"),
            ("(UTC+01:00) Berlin; Rome".to_owned(), value.clone())
        );
        assert_eq!(
            zone("DTSTART;TZID=(GMT+01:00) Sarajevo:20260310T093000"),
            ("(GMT+01:00) Sarajevo".to_owned(), value.clone())
        );
        assert_eq!(zone("dtstart;VALUE=DATE-TIME;tzid=UTC:20260310T093000"), ("UTC".to_owned(), value));
        let line = line(1, b"ATTENDEE;CN=\"a:b\":mailto:x").unwrap();
        assert_eq!(line.value, "mailto:x");
    }

    #[test]
    fn components_close_in_the_order_they_should_have() {
        let text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VALARM\nTRIGGER:-PT5M\nEND:VEVENT\n\
                    begin:vevent\nUID:2\nBEGIN:VEVENT\nUID:3\nEnd:VEvent\nEND:VCALENDAR\nBEGIN:VEVENT\nUID:4";
        let found = components(text.as_bytes());
        let calendar = &found[0];
        let said: Vec<_> = calendar
            .inner
            .iter()
            .map(|event| (event.first("UID").unwrap().value.as_str(), event.closing, event.inner.len()))
            .collect();
        assert_eq!(said, [("1", Closing::Closed, 1), ("2", Closing::Missing, 0), ("3", Closing::Closed, 0)]);
        assert_eq!((found[1].closing, found[1].line), (Closing::EndOfFile, 13));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes: Vec<u8>) {
            let _ = components(&bytes);
        }
    }
}
