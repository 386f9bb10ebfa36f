//! Random changes of texts in odd spellings, compared with the same changes of the parsed document.

use proptest::prelude::*;
use proptest::sample::select;

use super::{alike, patched, value};
use crate::domain::patch::{Change, Place, PlanFile, Value};

/// A text with a comment after every line that can have one, each with a number of its own.
fn numbered(text: &str) -> String {
    let mut count = 0;
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('§') {
            count += 1;
            out.push_str(before);
            out.push_str(&format!("# c{count}."));
            rest = after;
        }
        out.push_str(rest);
    }
    out
}

/// How many comments of [`numbered`] a text has: their digits tell them from a `# c` in a string,
/// since no string of [`values`] has a digit.
fn comments(text: &str) -> usize {
    text.split("# c").skip(1).filter(|after| after.starts_with(|next: char| next.is_ascii_digit())).count()
}

fn documents() -> impl Strategy<Value = String> {
    let top = select(vec![
        "",
        "title = \"one\" §\n",
        "§\n\n'title' = 'one'\nowner=\"mira\"§\n",
        "§\nstatus = \"draft\"\n\n§\nx-odd = { a = 1, b = [ 1, 2 ] } §\n",
        "title = \"\"\"\none # not a comment\n\"\"\" §\nnumbers = [\n  1, §\n  §\n  2\n]\n",
        "  owner = \"mira\" §\n\tstatus = \"planned\"\n",
    ]);
    let table = select(vec!["", "t.a = 1 §\nt.b.c = 2\n", "t = { a = 1 } §\n"]);
    let inline = select(vec![
        "",
        "stage = [] §\n",
        "stage = [{ environment = \"a\", n.x = 1 }, { soak = '1h' }] §\n",
        "stage = [ §\n  { environment = \"a\" }, §\n  §\n  { environment = \"b\", steps = [5, 10] } §\n]\n",
        "stage = [ { environment = \"a\", }, ] §\n",
    ]);
    let block = select(vec![
        "[[stage]] §\nenvironment = \"a\"\n\n",
        "§\n[[stage]]\nenvironment = \"b\" §\nsteps = [ 5, 25, ] §\n§\n",
        "\n§\n\n§\n[[ stage ]]\n  soak = \"1h\" §\n  n.x = 1\n[stage.sub] §\nk = 1\n",
        "[[stage]]\n\"environment\" = 'c' §",
        "[[check]] §\nid = \"x\"\n",
    ]);
    let last = select(vec!["", "\n[t] §\na = 1\n\n§\n", "§\n[other]\nk = 1 §"]);
    let blocks = proptest::collection::vec(block, 0..4);
    (top, table, inline, blocks, last, any::<bool>()).prop_map(
        |(top, table, inline, blocks, last, windows)| {
            let mut text = format!("{top}{table}");
            if inline.is_empty() {
                for block in blocks {
                    if !text.is_empty() && !text.ends_with('\n') {
                        text.push('\n');
                    }
                    text.push_str(block);
                }
            } else {
                text.push_str(inline);
            }
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            // One table, in one spelling.
            if table.is_empty() || !last.contains("[t]") {
                text.push_str(last);
            }
            let text = numbered(&text);
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        "[a-z\"\\\\#\n é]{0,8}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Boolean),
        (0..2000_i32).prop_map(|number| Value::Number(f64::from(number) / 4.0)),
        Just(Value::Time("2026-11-25T14:00:00".to_owned())),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            proptest::collection::btree_map("[a-z]{1,2}", inner, 0..3)
                .prop_map(|map| Value::Inline(map.into_iter().collect())),
        ]
    })
}

fn changes() -> impl Strategy<Value = Change> {
    let keys = select(vec![
        "title",
        "status",
        "owner",
        "numbers",
        "x-odd",
        "environment",
        "steps",
        "soak",
        "n",
        "a",
    ]);
    let place = prop_oneof![
        Just(Place::Top),
        (0..4_usize).prop_map(|index| Place::Nth("stage".to_owned(), index)),
        Just(Place::Table("t".to_owned())),
    ];
    prop_oneof![
        4 => (place, keys, proptest::option::weighted(0.8, values()))
            .prop_map(|(place, key, value)| Change::Set { place, key: key.to_owned(), value }),
        1 => values().prop_map(|value| Change::Add {
            list: "stage".to_owned(),
            table: vec![("environment".to_owned(), value), ("soak".to_owned(), Value::text("1h"))],
        }),
        1 => (0..3_usize).prop_map(|index| Change::Remove { place: Place::Nth("stage".to_owned(), index) }),
    ]
}

/// The document. In a text with line ends of Windows those of a long string are such too: what is
/// read makes them one again.
fn parsed(text: &str) -> toml::Table {
    text.replace("\r\n", "\n").parse().unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn toml_of(value: &Value) -> toml::Value {
    parsed(&format!("k = {}", value::text(value, value::Lines::One).unwrap())).remove("k").unwrap()
}

/// The same change of the parsed document; `None`: there is no such place.
fn model(document: &mut toml::Table, change: &Change) -> Option<()> {
    let stages = |document: &mut toml::Table| match document.get_mut("stage") {
        Some(toml::Value::Array(list)) => std::mem::take(list),
        _ => Vec::new(),
    };
    match change {
        Change::Set { place, key, value } => {
            let table = match place {
                Place::Top => document,
                Place::Nth(list, index) => {
                    document.get_mut(list)?.as_array_mut()?.get_mut(*index)?.as_table_mut()?
                }
                Place::Table(name) | Place::Id(name, _) => {
                    if !document.contains_key(name) && value.is_none() {
                        return Some(());
                    }
                    let empty = || toml::Value::Table(toml::Table::new());
                    document.entry(name.clone()).or_insert_with(empty).as_table_mut()?
                }
            };
            match value {
                Some(value) => table.insert(key.clone(), toml_of(value)),
                None => table.remove(key),
            };
        }
        Change::Add { table, .. } => {
            let mut list = stages(document);
            let table = table.iter().map(|(key, value)| (key.clone(), toml_of(value))).collect();
            list.push(toml::Value::Table(table));
            document.insert("stage".to_owned(), toml::Value::Array(list));
        }
        Change::Remove { place: Place::Nth(_, index) } => {
            let mut list = stages(document);
            let is_there = *index < list.len();
            if is_there {
                list.remove(*index);
            }
            if document.contains_key("stage") {
                document.insert("stage".to_owned(), toml::Value::Array(list));
            }
            return is_there.then_some(());
        }
        Change::Remove { .. } => return None,
    }
    Some(())
}

/// Without tables and lists that hold nothing: whether `stage = []` stays behind or not is the same.
fn bare(mut table: toml::Table) -> toml::Table {
    table.retain(|_, value| {
        let is_empty = matches!(value, toml::Value::Array(list) if list.is_empty());
        let is_bare = matches!(value, toml::Value::Table(table) if table.is_empty());
        !is_empty && !is_bare
    });
    table
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1200))]

    #[test]
    fn a_change_does_what_it_says_and_loses_no_comment(
        text in documents(),
        changes in proptest::collection::vec(changes(), 1..4),
    ) {
        let mut document = parsed(&text);
        let mut now = text.clone();
        for change in &changes {
            let mut after = document.clone();
            let expected = model(&mut after, change);
            let found = patched(&now, &PlanFile::Release("r".to_owned()), std::slice::from_ref(change));
            let Some(()) = expected else {
                prop_assert!(found.is_err(), "{change:?}\n{now}");
                continue;
            };
            let found = match found {
                Ok(found) => found,
                Err(error) => return Err(TestCaseError::fail(format!("{error}\n{change:?}\n{now}"))),
            };
            let same = alike(&toml::Value::Table(bare(parsed(&found))), &toml::Value::Table(bare(after.clone())));
            prop_assert!(same, "{change:?}\n--- before\n{now}\n--- after\n{found}\n{after:?}");
            // A key that goes takes its own comment, an entry those above and in it.
            let takes = match change {
                Change::Set { value, .. } => value.is_none(),
                Change::Add { .. } => false,
                Change::Remove { .. } => true,
            };
            let replaces_table = matches!(change, Change::Set { value: Some(_), place, key }
                if key == "n" || (key == "a" && *place == Place::Top) || holds_comments(&document, place, key));
            if !takes && !replaces_table {
                prop_assert_eq!(comments(&now), comments(&found), "{:?}\n--- before\n{}\n--- after\n{}", change, now, found);
            }
            if text.contains("\r\n") {
                prop_assert!(!found.replace("\r\n", "").contains('\n'), "{:?}\n{:?}", change, found);
            }
            (document, now) = (after, found);
        }
    }

    #[test]
    fn a_change_that_is_made_already_changes_no_byte(text in documents(), change in changes()) {
        let file = PlanFile::Release("r".to_owned());
        if !matches!(change, Change::Set { .. }) {
            return Ok(());
        }
        let Ok(once) = patched(&text, &file, std::slice::from_ref(&change)) else { return Ok(()) };
        prop_assert_eq!(patched(&once, &file, &[change]).unwrap(), once);
    }
}

/// Whether a value is a list over several lines that another kind of value takes the place of:
/// the comments between its lines go with it.
fn holds_comments(document: &toml::Table, place: &Place, key: &str) -> bool {
    *place == Place::Top && key == "numbers" && document.contains_key("numbers")
}
