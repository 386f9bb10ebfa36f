//! What the ranges of a PromQL query say of when it is measured, and how the same can be measured
//! sooner: over a shorter range, or as the events that it is made of.
//!
//! Two samples whose ranges overlap share events and are not independent: a test that takes them for
//! independent raises more false alarms than it says. `rate(x[5m])` so gives five samples in
//! twenty-five minutes. But `rate` is per second whatever its range: the same expression over two
//! minutes measures the same with more noise, in samples that are independent every two minutes. And
//! `sum(rate(a)) / sum(rate(b))`, where a is a part of b, is a share of events that can be counted.

/// A range selector of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    /// Where its inside begins and ends.
    inside: (usize, usize),
    /// Its length, in seconds; `None`: it cannot be read, a template for example.
    seconds: Option<u32>,
    /// It belongs to a `rate`, whose value does not grow with it.
    of_rate: bool,
}

/// What a scan of a query comes across outside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    at: usize,
    character: char,
    /// Calls and parentheses that are open there.
    depth: usize,
    /// Within `{…}`.
    in_braces: bool,
}

/// The characters of a query that stand outside quotes.
fn scan(query: &str) -> Vec<Seen> {
    let (mut seen, mut quote, mut depth, mut braces) = (Vec::new(), None, 0_usize, 0_usize);
    let mut characters = query.char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some('"' | '\''), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, _) => {
                match character {
                    ')' => depth = depth.saturating_sub(1),
                    '}' => braces = braces.saturating_sub(1),
                    _ => {}
                }
                seen.push(Seen { at, character, depth, in_braces: braces > 0 });
                match character {
                    '(' => depth += 1,
                    '{' => braces += 1,
                    _ => {}
                }
            }
        }
    }
    seen
}

/// The word that ends where something begins.
fn word_before(query: &str, at: usize) -> &str {
    let head = query[..at].trim_end();
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_' || character == ':';
    let start = head.rfind(|character| !is_word(character)).map_or(0, |last| last + 1);
    head.get(start..).unwrap_or_default()
}

fn ranges(query: &str) -> Vec<Range> {
    let mut found = Vec::new();
    let mut calls: Vec<&str> = Vec::new();
    for Seen { at, character, in_braces, .. } in scan(query) {
        match character {
            '(' => calls.push(word_before(query, at)),
            ')' => {
                calls.pop();
            }
            '[' if !in_braces => {
                let length = query[at + 1..].find(']').unwrap_or(query.len() - at - 1);
                let inside = (at + 1, at + 1 + length);
                let text = &query[inside.0..inside.1];
                let seconds = promql_seconds(text.split(':').next().unwrap_or_default().trim());
                let of_rate = calls.last() == Some(&"rate") && !text.contains(':');
                found.push(Range { inside, seconds, of_rate });
            }
            _ => {}
        }
    }
    found
}

/// The longest range selector of a query, in seconds: `[5m]` is 300.
pub fn longest(query: &str) -> Option<u32> {
    ranges(query).iter().filter_map(|range| range.seconds).max()
}

/// The query with every longer range cut to so many seconds; `None`: it has a range that is not
/// `rate`'s, whose value would change with it, or none is longer.
pub fn shortened(query: &str, seconds: u32) -> Option<String> {
    let ranges = ranges(query);
    let is_longer = |range: &Range| range.seconds.is_some_and(|length| length > seconds);
    if !ranges.iter().all(|range| range.of_rate && range.seconds.is_some()) || !ranges.iter().any(is_longer) {
        return None;
    }
    let mut shorter = query.to_owned();
    for range in ranges.iter().rev().filter(|range| is_longer(range)) {
        shorter.replace_range(range.inside.0..range.inside.1, &format!("{seconds}s"));
    }
    Some(shorter)
}

/// Bad events and all events of a query that divides them: `sum(rate(a{…}[r])) / sum(rate(a{…}[r]))`
/// where both sides are the same series, the left with more matchers, and each names the version. So
/// every bad event is one of all, and both versions are counted at the same time.
pub fn counted(query: &str) -> Option<(String, String)> {
    let top: Vec<Seen> = scan(query).into_iter().filter(|it| it.depth == 0 && !it.in_braces).collect();
    let slash = top.iter().find(|it| it.character == '/')?.at;
    let (bad, total) = (selector(&query[..slash])?, selector(&query[slash + 1..])?);
    let (name, narrow) = matchers(bad)?;
    let (other, wide) = matchers(total)?;
    let is_part = name == other && narrow.len() > wide.len() && wide.iter().all(|it| narrow.contains(it));
    let tells = [bad, total].iter().all(|it| crate::domain::template::names(it).contains(&"version"));
    let count = |selector: &str| format!("sum(increase({selector}[{{{{window}}}}]))");
    (is_part && tells).then(|| (count(bad), count(total)))
}

/// What stands in `sum(rate(…[r]))`, and nothing else beside it.
fn selector(side: &str) -> Option<&str> {
    let within = |text: &'_ str, call: &str| -> Option<(usize, usize)> {
        let head = text.trim_start();
        let start = text.len() - head.len();
        let rest = head.strip_prefix(call)?.trim_start();
        let open = start + head.len() - rest.len();
        let inside = rest.strip_prefix('(')?;
        let close =
            scan(&text[open..]).into_iter().skip(1).find(|it| it.character == ')' && it.depth == 0)?;
        let end = open + close.at;
        text[end + 1..].trim().is_empty().then_some((open + rest.len() - inside.len(), end))
    };
    let (start, end) = within(side, "sum")?;
    let inner = &side[start..end];
    let (start, end) = within(inner, "rate")?;
    let ranged = inner[start..end].trim();
    let bracket = scan(ranged).into_iter().find(|it| it.character == '[' && !it.in_braces)?.at;
    let range = ranged[bracket + 1..].strip_suffix(']')?;
    promql_seconds(range.trim())?;
    let selector = ranged[..bracket].trim();
    scan(selector).iter().all(|it| !"()+-*/%^[]".contains(it.character)).then_some(selector)
}

/// The name of a selector, and its matchers without spaces.
fn matchers(selector: &str) -> Option<(&str, Vec<String>)> {
    let (name, rest) = selector.split_once('{')?;
    let inside = rest.trim_end().strip_suffix('}')?;
    let mut matchers = vec![String::new()];
    let commas: Vec<usize> = scan(inside).iter().filter(|it| it.character == ',').map(|it| it.at).collect();
    for (at, character) in inside.char_indices() {
        if commas.contains(&at) {
            matchers.push(String::new());
        } else if let Some(last) = matchers.last_mut() {
            last.push(character);
        }
    }
    let matchers = matchers.iter().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect();
    let name = name.trim();
    (!name.is_empty()).then_some((name, matchers))
}

/// A length of time as PromQL writes it: `1h30m`, `90s`, `1500ms`; whole seconds, rounded up.
fn promql_seconds(text: &str) -> Option<u32> {
    let mut rest = text;
    let mut milliseconds = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|character: char| character.is_ascii_digit()).unwrap_or(rest.len());
        let length = match &rest[..unit] {
            "ms" => 1,
            // A bare number is seconds.
            "s" | "" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            "y" => 31_536_000_000,
            _ => return None,
        };
        milliseconds = milliseconds.checked_add(number.checked_mul(length)?)?;
        rest = &rest[unit..];
    }
    u32::try_from(milliseconds.div_ceil(1000)).ok().filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_range_is_found_and_text_in_quotes_is_none() {
        for (query, range) in [
            ("sum(rate(x[5m])) / sum(rate(y[1h30m]))", Some(5400)),
            ("max_over_time(rate(x[30s])[10m:1m])", Some(600)),
            (r#"x{path="[1d]",other='[2d]',raw=`\[3d]`}"#, None),
            (r#"x{path="a\"[1d]"}[90s]"#, Some(90)),
            ("rate(x[{{window}}])", None),
            ("x[1500ms]", Some(2)),
            ("x[300]", Some(300)),
            ("x[0s] [", None),
        ] {
            assert_eq!(longest(query), range, "{query}");
        }
    }

    #[test]
    fn only_ranges_whose_value_does_not_grow_with_them_are_cut() {
        let quantile = "histogram_quantile(0.95, sum by (le) (rate(x_bucket{a=\")[9m]\"}[5m])))";
        for (query, expected) in [
            (quantile, Some(quantile.replace("[5m]", "[120s]"))),
            ("rate(x[5m]) / rate(y[1m])", Some("rate(x[120s]) / rate(y[1m])".to_owned())),
            ("sum(rate (x[1h]))", Some("sum(rate (x[120s]))".to_owned())),
            ("increase(x[5m])", None),
            ("rate(x[5m]) + increase(x[5m])", None),
            ("rate(x[5m:1m])", None),
            ("max_over_time(rate(x[5m])[1h:5m])", None),
            ("irate(x[5m])", None),
            ("rate(x[2m])", None),
            ("rate(x[{{window}}])", None),
            ("x", None),
        ] {
            assert_eq!(shortened(query, 120), expected, "{query}");
        }
    }

    #[test]
    fn a_share_of_the_same_series_is_counted_and_nothing_else_is() {
        let bad = r#"http_requests_total{version="{{version}}", code=~"5..|a,b"}"#;
        let all = r#"http_requests_total{version="{{version}}"}"#;
        let share = format!("sum(rate({bad}[5m])) / sum( rate({all}[5m]) )");
        let count = |selector: &str| format!("sum(increase({selector}[{{{{window}}}}]))");
        assert_eq!(counted(&share), Some((count(bad), count(all))));
        for query in [
            // A mean latency is no share of events.
            r#"sum(rate(l_sum{version="{{version}}"}[5m])) / sum(rate(l_count{version="{{version}}"}[5m]))"#
                .to_owned(),
            // The old version is not counted beside it.
            r#"sum(rate(x{code="500"}[5m])) / sum(rate(x{}[5m]))"#.to_owned(),
            // Not a part of it.
            format!("sum(rate({all}[5m])) / sum(rate({bad}[5m]))"),
            format!("sum(rate({all}[5m])) / sum(rate({all}[5m]))"),
            format!("{share} * 100"),
            format!("1 - {share}"),
            format!("{share} / 2"),
            format!("sum by (code) (rate({bad}[5m])) / sum(rate({all}[5m]))"),
            format!("avg(rate({bad}[5m])) / sum(rate({all}[5m]))"),
            format!("sum(increase({bad}[5m])) / sum(increase({all}[5m]))"),
            format!("sum(rate({bad}[5m])) or vector(0) / sum(rate({all}[5m]))"),
            format!("sum(rate({bad}[5m]) * 2) / sum(rate({all}[5m]))"),
            format!("sum(rate({bad}[5m] offset 1h)) / sum(rate({all}[5m]))"),
            format!("sum(rate({bad}[5m]))"),
            String::new(),
            "/".to_owned(),
        ] {
            assert_eq!(counted(&query), None, "{query}");
        }
    }

    proptest::proptest! {
        /// Whatever is written, it is read without a panic, and a shorter query has no longer range.
        #[test]
        fn any_text_can_be_read(query in "[a-z(){}\\[\\]\"'/,=0-9m:é ]{0,60}") {
            let _ = (longest(&query), counted(&query));
            if let Some(shorter) = shortened(&query, 120) {
                proptest::prop_assert!(longest(&shorter) <= Some(120));
            }
        }
    }
}
