//! Versions and requirements, as people write them.

use semver::{Version, VersionReq};

/// Reads a version: semver, with a `v` before it, fewer than three numbers (`4.1`) or leading
/// zeros (`2026.08.01`) tolerated. What is not a version is `None`.
pub fn parse_version(text: &str) -> Option<Version> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let split = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, suffix) = text.split_at(split);
    let mut parts = Vec::with_capacity(3);
    for part in numbers.split('.') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let trimmed = part.trim_start_matches('0');
        parts.push(if trimmed.is_empty() { "0" } else { trimmed });
    }
    if parts.len() > 3 {
        return None;
    }
    parts.resize(3, "0");
    Version::parse(&format!("{}{suffix}", parts.join("."))).ok()
}

/// Reads a requirement (`^4.1`, `>=2, <3`, `=1.0.0`; bare `4.1` means `^4.1`), with a `v` before
/// a number tolerated. What is not a requirement is `None`.
pub fn parse_requirement(text: &str) -> Option<VersionReq> {
    let comparators: Vec<String> = text
        .split(',')
        .map(|comparator| {
            let comparator = comparator.trim();
            let number = comparator.find(|c: char| !"<>=^~ ".contains(c)).unwrap_or(comparator.len());
            let (operator, version) = comparator.split_at(number);
            format!("{operator}{}", version.strip_prefix(['v', 'V']).unwrap_or(version))
        })
        .collect();
    VersionReq::parse(&comparators.join(", ")).ok()
}

/// Whether two versions are the same one: equal as text, but for a `v` before it.
pub fn same_version(one: &str, other: &str) -> bool {
    let bare = |text: &'_ str| -> String { text.trim().trim_start_matches(['v', 'V']).to_owned() };
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_people_write_them() {
        for (text, expected) in [
            ("4.1.3", "4.1.3"),
            ("v4.1.3", "4.1.3"),
            ("V4.1", "4.1.0"),
            ("4", "4.0.0"),
            ("2026.08.01", "2026.8.1"),
            ("v4.2.0-rc.1+build.7", "4.2.0-rc.1+build.7"),
            ("4.2-rc.1", "4.2.0-rc.1"),
            ("0.0.0", "0.0.0"),
        ] {
            assert_eq!(parse_version(text).unwrap().to_string(), expected, "{text}");
        }
        for text in ["", "v", "main", "1.2.3.4", "1..2", "1.x", "sha-abc123", "1.2.3-", "release-1.2.3"] {
            assert_eq!(parse_version(text), None, "{text}");
        }
    }

    #[test]
    fn requirements_as_people_write_them() {
        let met = |requirement: &str, version: &str| {
            parse_requirement(requirement).unwrap().matches(&parse_version(version).unwrap())
        };
        assert!(met("^4.1", "v4.9.0"));
        assert!(!met("^4.1", "5.0.0"));
        assert!(met(">=v4.1, <5", "4.2"));
        assert!(met("4.1.3", "4.2.0"));
        assert!(!met("=4.1.3", "4.2.0"));
        assert!(met("*", "0.0.1"));
        assert!(!met("^4.1", "4.2.0-rc.1"), "a prerelease is not a release");
        assert!(parse_requirement("latest").is_none() && parse_requirement("").is_none());
    }

    #[test]
    fn a_v_makes_no_other_version() {
        assert!(same_version("v4.1.3", "4.1.3"));
        assert!(!same_version("4.1.3", "4.1.30"));
    }
}
