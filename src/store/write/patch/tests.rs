use super::*;
use crate::domain::patch::Place;

fn release() -> PlanFile {
    PlanFile::Release("r".to_owned())
}

fn set(place: Place, key: &str, value: impl Into<Option<Value>>) -> Change {
    Change::Set { place, key: key.to_owned(), value: value.into() }
}

fn nth(list: &str, index: usize) -> Place {
    Place::Nth(list.to_owned(), index)
}

fn done(text: &str, changes: &[Change]) -> String {
    patched(text, &release(), changes).unwrap()
}

fn stage(environment: &str) -> Change {
    Change::Add {
        list: "stage".to_owned(),
        table: vec![
            ("environment".to_owned(), Value::text(environment)),
            ("start".to_owned(), Value::Time("2026-11-25T14:00".to_owned())),
        ],
    }
}

const PLAIN: &str = "# Payments wants this before the sale.
title = \"One\"  # short
change = \"normal\"
# Mira is away in December
owner = \"mira\"
x-team = { a = 1 }

# the first
[[stage]]
environment = \"staging\" # one
start = 2026-11-25T14:00:00
# end = later

# the poll

[[check]]
id = \"a\"
";

#[test]
fn a_value_is_replaced_where_it_stands() {
    let after = done(PLAIN, &[set(Place::Top, "title", Value::text("Two"))]);
    assert_eq!(after, PLAIN.replace("\"One\"", "\"Two\""));
    let after = done(PLAIN, &[set(nth("stage", 0), "environment", Value::text("production"))]);
    assert_eq!(after, PLAIN.replace("\"staging\"", "\"production\""));
}

#[test]
fn what_is_said_already_stays_as_it_is_written() {
    let text = "title = 'One'\n[[stage]]\nstart = 2026-11-25 14:00\nsteps = [5.0, 0x19]\n";
    let changes = [
        set(Place::Top, "title", Value::text("One")),
        set(nth("stage", 0), "start", Value::Time("2026-11-25 14:00:00".into())),
        set(nth("stage", 0), "steps", Value::List(vec![Value::Number(5.0), Value::Number(25.0)])),
    ];
    assert_eq!(done(text, &changes), text);
}

#[test]
fn a_new_key_stands_in_the_order_of_the_documentation() {
    let after = done(PLAIN, &[set(Place::Top, "status", Value::text("draft"))]);
    assert_eq!(after, PLAIN.replace("change = \"normal\"\n", "change = \"normal\"\nstatus = \"draft\"\n"));
    let after = done(PLAIN, &[set(nth("stage", 0), "region", Value::text("eu"))]);
    assert_eq!(after, PLAIN.replace("# one\n", "# one\nregion = \"eu\"\n"));
    let after = done(PLAIN, &[set(Place::Top, "notes", Value::text("a\nb"))]);
    assert_eq!(after, PLAIN.replace("owner = \"mira\"\n", "owner = \"mira\"\nnotes = \"\"\"\na\nb\"\"\"\n"));
}

#[test]
fn a_key_goes_with_its_line_and_leaves_the_comments_of_others() {
    let after = done(PLAIN, &[set(Place::Top, "title", None)]);
    assert_eq!(after, PLAIN.replace("title = \"One\"  # short\n", ""));
    assert_eq!(done(PLAIN, &[set(Place::Top, "tracker", None)]), PLAIN);
}

#[test]
fn an_entry_is_added_after_the_last_of_its_list() {
    let new = "\n[[stage]]\nenvironment = \"production\"\nstart = 2026-11-25T14:00:00\n";
    let after = done(PLAIN, &[stage("production")]);
    assert_eq!(after, PLAIN.replace("# end = later\n", &format!("# end = later\n{new}")));
    let item = Change::Add { list: "item".into(), table: vec![("service".into(), Value::text("a"))] };
    let after = done(PLAIN, &[item]);
    assert_eq!(after, PLAIN.replace("# the first\n", "[[item]]\nservice = \"a\"\n\n# the first\n"));
    let empty = done("", &[set(Place::Top, "title", Value::text("a")), stage("x")]);
    assert_eq!(empty, "title = \"a\"\n\n[[stage]]\nenvironment = \"x\"\nstart = 2026-11-25T14:00:00\n");
    let no_end = done("[[stage]]\nenvironment = \"a\"", &[stage("b")]);
    assert!(
        no_end.starts_with("[[stage]]\nenvironment = \"a\"\n\n[[stage]]\nenvironment = \"b\"\n"),
        "{no_end}"
    );
}

#[test]
fn an_entry_goes_with_the_comments_above_it() {
    let two = done(PLAIN, &[stage("production")]);
    assert_eq!(done(&two, &[Change::Remove { place: nth("stage", 1) }]), PLAIN);
    let after = done(PLAIN, &[Change::Remove { place: nth("stage", 0) }]);
    assert_eq!(
        after,
        "# Payments wants this before the sale.\ntitle = \"One\"  # short\nchange = \"normal\"\n# Mira is away in December\nowner = \"mira\"\nx-team = { a = 1 }\n\n# the poll\n\n[[check]]\nid = \"a\"\n"
    );
}

#[test]
fn lists_and_inline_tables_keep_their_spelling() {
    let text = "stage = [\n  { environment = \"a\", note.x = 1 }, # first\n  { environment = \"b\" }\n]\n";
    assert_eq!(
        done(text, &[set(nth("stage", 1), "region", Value::text("eu")), stage("c")]),
        "stage = [\n  { environment = \"a\", note.x = 1 }, # first\n  { environment = \"b\", region = \"eu\" },\n  { environment = \"c\", start = 2026-11-25T14:00:00 }\n]\n"
    );
    assert_eq!(
        done(text, &[Change::Remove { place: nth("stage", 0) }]),
        "stage = [\n  { environment = \"b\" }\n]\n"
    );
    assert_eq!(
        done("stage = []\n", &[stage("c")]),
        "stage = [{ environment = \"c\", start = 2026-11-25T14:00:00 }]\n"
    );
    assert_eq!(
        done("stage = [{}]\n", &[set(nth("stage", 0), "soak", Value::text("1h"))]),
        "stage = [{ soak = \"1h\" }]\n"
    );
}

#[test]
fn a_list_keeps_the_comments_of_what_stays() {
    let text = "[[window]]\nid = \"w\"\nskip = [\n  \"a\", # because\n  \"b\",\n  # see SEC-1\n  \"c\",\n]\nallow = [\"x\", \"y\"]\n";
    let place = || Place::Id("window".into(), "w".into());
    let after = patched(
        text,
        &PlanFile::Windows,
        &[
            set(place(), "skip", Value::words(["a", "c", "d"])),
            set(place(), "allow", Value::words(["z", "y"])),
        ],
    )
    .unwrap();
    assert_eq!(
        after,
        "[[window]]\nid = \"w\"\nskip = [\n  \"a\", # because\n  # see SEC-1\n  \"c\",\n  \"d\",\n]\nallow = [\"z\", \"y\"]\n"
    );
}

#[test]
fn a_table_is_found_however_it_is_spelled() {
    for (text, expected) in [
        ("[t]\nk = 1\n", "[t]\nk = 2\n"),
        ("t = { k = 1 }\n", "t = { k = 2 }\n"),
        ("t.k = 1\n", "t.k = 2\n"),
        ("title = \"a\"\n", "title = \"a\"\n\n[t]\nk = 2\n"),
        ("t.other = 1\n", "t.other = 1\nt.k = 2\n"),
    ] {
        let changes = [set(Place::Table("t".into()), "k", Value::Number(2.0))];
        assert_eq!(done(text, &changes), expected, "{text}");
    }
    let nested = done("[a]\nb.k = 1\n", &[set(Place::Table("a.b".into()), "k", Value::Number(2.0))]);
    assert_eq!(nested, "[a]\nb.k = 2\n");
}

#[test]
fn a_dotted_or_spread_value_is_taken_as_one() {
    let text = "tracker.a = 1\ntitle = \"x\"\n[tracker.b]\nc = 1\n\n[[stage]]\n";
    assert_eq!(done(text, &[set(Place::Top, "tracker", None)]), "title = \"x\"\n\n[[stage]]\n");
    let after = done(text, &[set(Place::Top, "tracker", Value::text("t"))]);
    assert_eq!(after, "title = \"x\"\ntracker = \"t\"\n\n[[stage]]\n");
}

#[test]
fn what_is_not_there_is_said() {
    for place in [nth("stage", 3), Place::Id("stage".into(), "x".into()), nth("title", 0)] {
        let error = patched(PLAIN, &release(), &[set(place, "k", Value::Boolean(true))]).unwrap_err();
        assert!(error.to_string().contains("there is no"), "{error}");
    }
}

#[test]
fn many_entries_at_once_stand_where_they_would_one_by_one() {
    let changes =
        [stage("a"), stage("b"), stage("c"), set(Place::Top, "title", Value::text("x")), stage("d")];
    for text in [
        PLAIN,
        "",
        "title = \"a\"",
        "stage = []\n",
        "[[stage]]\nenvironment = \"s\"\n# end\n\n[other]\nk = 1\n",
    ] {
        let one_by_one =
            changes.iter().fold(text.to_owned(), |text, change| done(&text, std::slice::from_ref(change)));
        assert_eq!(done(text, &changes), one_by_one, "{text}");
    }
}
