//! Three texts become one, line by line. Changes that only touch each other are no conflict, or
//! whoever added a window could not take it back once somebody added another below it.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Lines of the base, and what stands in their place.
#[derive(Debug, Clone, PartialEq)]
struct Hunk<'a> {
    base: Range<usize>,
    new: Vec<&'a str>,
}

/// `base` with the changes of `one` and of `other`; `None` where both changed the same lines, or
/// both added lines at the same place.
pub fn three(base: &str, one: &str, other: &str) -> Option<String> {
    let lines: Vec<&str> = base.split_inclusive('\n').collect();
    let (mut ours, theirs) = (hunks(&lines, one), hunks(&lines, other));
    // What both did is done once.
    ours.retain(|hunk| !theirs.contains(hunk));
    if ours.iter().any(|one| theirs.iter().any(|other| collide(&one.base, &other.base))) {
        return None;
    }
    let mut all: Vec<Hunk<'_>> = ours.into_iter().chain(theirs).collect();
    // An insertion stands before what begins where it is put.
    all.sort_by_key(|hunk| (hunk.base.start, hunk.base.end));
    let mut merged = String::with_capacity(one.len().max(other.len()));
    let mut next = 0;
    for hunk in all {
        push(&mut merged, &lines[next..hunk.base.start]);
        push(&mut merged, &hunk.new);
        next = hunk.base.end;
    }
    push(&mut merged, &lines[next..]);
    Some(merged)
}

/// Adds lines; one that had no end because it was the last gets one.
fn push(text: &mut String, lines: &[&str]) {
    for line in lines {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(line);
    }
}

fn hunks<'a>(base: &[&'a str], text: &'a str) -> Vec<Hunk<'a>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changes = capture_diff_slices(Algorithm::Patience, base, &lines);
    let equal = |change: Option<&DiffOp>| match change {
        Some(DiffOp::Equal { len, .. }) => *len,
        _ => 0,
    };
    let mut hunks = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let (old, new) = (change.old_range(), change.new_range());
        let room = (
            index.checked_sub(1).map_or(0, |before| equal(changes.get(before))),
            equal(changes.get(index + 1)),
        );
        let by = match change {
            DiffOp::Equal { .. } => continue,
            DiffOp::Replace { .. } => 0,
            DiffOp::Delete { .. } => slide(base, &old, room),
            DiffOp::Insert { .. } => slide(&lines, &new, room),
        };
        let moved =
            |range: Range<usize>| range.start.saturating_add_signed(by)..range.end.saturating_add_signed(by);
        hunks.push(Hunk { base: moved(old), new: lines[moved(new)].to_vec() });
    }
    hunks
}

/// Lines that came or went among lines like them can be told in several ways: of two tables one
/// below the other, the lower half of one and the upper of the next. By how much to move the
/// block so that it begins as a table does, with a blank line or a header.
fn slide(lines: &[&str], block: &Range<usize>, room: (usize, usize)) -> isize {
    let up = (1..=room.0).take_while(|by| lines[block.start - by] == lines[block.end - by]).count();
    let down = (0..room.1).take_while(|by| lines[block.start + by] == lines[block.end + by]).count();
    let starts = |wanted: fn(&str) -> bool| {
        let all = -(up as isize)..=down as isize;
        let mut fitting: Vec<isize> =
            all.filter(|by| wanted(lines[block.start.saturating_add_signed(*by)].trim())).collect();
        fitting.sort_by_key(|by| by.abs());
        fitting.first().copied()
    };
    starts(str::is_empty).or_else(|| starts(|line| line.starts_with(['[', '#']))).unwrap_or(0)
}

fn collide(one: &Range<usize>, other: &Range<usize>) -> bool {
    if one.is_empty() && other.is_empty() {
        return one.start == other.start;
    }
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_beside_each_other_are_merged_and_those_of_the_same_lines_refused() {
        let base = "a\nb\nc\n";
        assert_eq!(three(base, "A\nb\nc\n", "a\nb\nC\n").as_deref(), Some("A\nb\nC\n"));
        assert_eq!(three(base, "a\nb\n", "a\nb\nc\nd\n").as_deref(), Some("a\nb\nd\n"));
        assert_eq!(three(base, "A\nb\nc\n", "a\nB\nc\n").as_deref(), Some("A\nB\nc\n"));
        assert_eq!(three(base, "a\nx\nc\n", "a\ny\nc\n"), None);
        assert_eq!(three(base, "a\nb\nx\nc\n", "a\nb\ny\nc\n"), None);
        assert_eq!(three(base, "a\nx\nc\n", "a\nx\nc\n").as_deref(), Some("a\nx\nc\n"));
        assert_eq!(three("a\nb", "a\nb\nc\n", "A\nb").as_deref(), Some("A\nb\nc\n"));
    }

    #[test]
    fn of_tables_alike_each_comes_and_goes_whole() {
        let table = |id: &str| format!("\n[[w]]\nid = {id}\nk = 1\n");
        let all = |ids: &[&str]| format!("top\n{}", ids.iter().map(|id| table(id)).collect::<String>());
        let merged = three(&all(&["a", "b", "c"]), &all(&["b", "c"]), &all(&["a", "b"]));
        assert_eq!(merged, Some(all(&["b"])));
        let merged = three(&all(&["a", "b"]), &all(&["b"]), &all(&["a"]));
        assert_eq!(merged, Some(all(&[])));
        let merged = three(&all(&["a", "b"]), &all(&["b"]), &all(&["a", "b", "c"]));
        assert_eq!(merged, Some(all(&["b", "c"])));
    }

    proptest::proptest! {
        #[test]
        fn one_side_alone_is_taken_as_it_is(base in "[ab\n]{0,30}", one in "[ab\n]{0,30}") {
            proptest::prop_assert_eq!(three(&base, &one, &base), Some(one.clone()));
            proptest::prop_assert_eq!(three(&base, &base, &one), Some(one));
        }

        #[test]
        fn it_does_not_matter_who_is_first(base in "[abc\n]{0,30}", one in "[abc\n]{0,30}", other in "[abc\n]{0,30}") {
            proptest::prop_assert_eq!(three(&base, &one, &other), three(&base, &other, &one));
        }
    }
}
