//! A file's text, or why it is none.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// No file of a workspace is larger: what is, is something else.
pub const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// What reading a file came to.
pub enum Source {
    /// Its text, without a byte order mark.
    Text(String),
    /// There is none.
    Missing,
    /// It cannot be used.
    Unusable {
        /// Byte offset of the trouble, with the text up to it, where it has a place.
        at: Option<String>,
        /// What was found, and what would be accepted.
        message: String,
    },
}

/// Reads a file of a workspace.
pub fn read(path: &Path) -> Source {
    let unusable = |message: String| Source::Unusable { at: None, message };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => return Source::Missing,
        Err(error) => return unusable(format!("cannot be opened: {error}")),
    };
    let size = match file.metadata() {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return unusable("is not a file: a text file in TOML is expected".to_owned()),
        Err(error) => return unusable(format!("cannot be read: {error}")),
    };
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_BYTES)).unwrap_or_default() + 1);
    if let Err(error) = file.take(MAX_BYTES + 1).read_to_end(&mut bytes) {
        return unusable(format!("cannot be read: {error}"));
    }
    if bytes.len() as u64 > MAX_BYTES {
        return unusable(format!(
            "is larger than {} MiB: a smaller file is expected",
            MAX_BYTES / 1024 / 1024
        ));
    }
    text(bytes)
}

/// The text of these bytes, or why they are none.
pub fn text(bytes: Vec<u8>) -> Source {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Source::Unusable { at: None, message: "is UTF-16: save it as UTF-8".to_owned() };
    }
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(good).copied().unwrap_or_default();
            let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
            let message = format!("byte 0x{byte:02x} is not UTF-8: save the file as UTF-8");
            return Source::Unusable { at: Some(before), message };
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    match text.find('\0') {
        Some(offset) => {
            text.truncate(offset);
            let message = "found a NUL byte: text is expected, the file may be damaged".to_owned();
            Source::Unusable { at: Some(text), message }
        }
        None => Source::Text(text),
    }
}
