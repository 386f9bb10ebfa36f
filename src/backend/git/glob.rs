//! Globs over tag names: `*` any run, `?` one character, `[a-z]` and `[!a-z]` one of a set.
//! `/` is a character like any other, as people expect of `tags = "checkout/*"`.

/// Whether the whole name matches.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star stands, and how far it has eaten: going back only there keeps this linear
    // in practice and quadratic at worst.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match one(&pattern, p, name[n]) {
            Some(next) => (p, n) = (next, n + 1),
            None if pattern.get(p) == Some(&'*') => {
                star = Some((p, n));
                p += 1;
            }
            None => match &mut star {
                Some((at, eaten)) => {
                    *eaten += 1;
                    (p, n) = (*at + 1, *eaten);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

/// Whether one character matches here, and where the pattern goes on.
fn one(pattern: &[char], at: usize, character: char) -> Option<usize> {
    match *pattern.get(at)? {
        '*' => None,
        '?' => Some(at + 1),
        '[' => match set(pattern, at, character) {
            Some((true, next)) => Some(next),
            Some((false, _)) => None,
            // Never closed: the bracket itself.
            None => (character == '[').then_some(at + 1),
        },
        '\\' if at + 1 < pattern.len() => (pattern[at + 1] == character).then_some(at + 2),
        plain => (plain == character).then_some(at + 1),
    }
}

fn set(pattern: &[char], at: usize, character: char) -> Option<(bool, usize)> {
    let negated = matches!(pattern.get(at + 1), Some('!' | '^'));
    let first = at + 1 + usize::from(negated);
    // A bracket right at the beginning belongs to the set.
    let close = (first + 1..pattern.len()).find(|index| pattern[*index] == ']')?;
    let (mut index, mut inside) = (first, false);
    while index < close {
        if index + 2 < close && pattern[index + 1] == '-' {
            inside |= (pattern[index]..=pattern[index + 2]).contains(&character);
            index += 3;
        } else {
            inside |= pattern[index] == character;
            index += 1;
        }
    }
    Some((inside != negated, close + 1))
}

/// What stands around the pattern's wildcards: `("checkout-v", "")` of `checkout-v*`.
pub fn around(pattern: &str) -> (&str, &str) {
    let wild = |character: char| matches!(character, '*' | '?' | '[' | ']' | '\\');
    match (pattern.find(wild), pattern.rfind(wild)) {
        (Some(first), Some(last)) => (&pattern[..first], &pattern[last + 1..]),
        _ => (pattern, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        for (pattern, name, expected) in [
            ("v*", "v1.2.3", true),
            ("v*", "rv1", false),
            ("*", "", true),
            ("v?.*", "v1.x", true),
            ("v?.*", "v12.x", false),
            ("v[0-9]*", "v1", true),
            ("v[0-9]*", "vendor", false),
            ("v[!0-9]*", "vendor", true),
            ("checkout/v*", "checkout/v1/rc", true),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1b2b3", false),
            ("[", "[", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("é*", "éa", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends_soon() {
        assert!(!matches(&"*a".repeat(200), &"a".repeat(199)));
        assert!(!matches(&format!("{}b", "*a".repeat(50)), &"a".repeat(5000)));
    }

    #[test]
    fn what_is_around_the_wildcards() {
        assert_eq!(around("checkout-v*"), ("checkout-v", ""));
        assert_eq!(around("v[0-9]*-final"), ("v", "-final"));
        assert_eq!(around("*"), ("", ""));
    }
}
