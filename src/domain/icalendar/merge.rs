//! What a calendar says into the windows that are there: new ones are added, known ones follow
//! the calendar key by key, and what people chose here (kind, scope, what passes) stays theirs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use super::own::LeftOut;
use super::{Draft, Reading};
use crate::domain::window::WallTime;
use crate::domain::{Change, ChangeType, Place, Value, Window, WindowKind, Workspace};

/// What new windows get, and what becomes of those whose events are gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Choices {
    /// Freezes or change windows.
    pub kind: WindowKind,
    /// Where they apply; empty: everywhere.
    pub environments: Vec<String>,
    /// To which services; empty: all.
    pub services: Vec<String>,
    /// In which regions; empty: all.
    pub regions: Vec<String>,
    /// What passes a freeze.
    pub allow: Vec<ChangeType>,
    /// The layer they lie in.
    pub layer: Option<String>,
    /// What becomes of windows of the layer whose events are not in the file any more.
    pub vanished: Vanished,
}

/// What becomes of windows of a layer whose events are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vanished {
    /// They stay, and are named.
    Keep,
    /// They go.
    Remove,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            kind: WindowKind::Freeze,
            environments: Vec::new(),
            services: Vec::new(),
            regions: Vec::new(),
            allow: Vec::new(),
            layer: None,
            vanished: Vanished::Keep,
        }
    }
}

/// What there is to do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merge {
    /// Of `windows.toml`, in order.
    pub changes: Vec<Change>,
    /// Ids of new windows.
    pub imported: Vec<String>,
    /// Ids of windows that follow the calendar.
    pub updated: Vec<String>,
    /// How many say what the calendar says already.
    pub unchanged: usize,
    /// Ids of windows whose events were called off, or are not in their series any more.
    pub removed: Vec<String>,
    /// Ids of windows of the layer whose events are not in the file any more, and that stay.
    pub vanished: Vec<String>,
    /// What tminus itself had sent out.
    pub own: LeftOut,
}

/// The list in `windows.toml`.
const LIST: &str = "window";

/// Works out what to change. What tminus itself sent out is left out, and so are the windows that
/// were once made of it.
pub fn merge(workspace: &Workspace, reading: &Reading, choices: &Choices) -> Merge {
    let existing = workspace.windows.as_slice();
    let mut merge = Merge::default();
    let mut known: BTreeMap<&str, &Window> = BTreeMap::new();
    for window in existing.iter().rev() {
        known.extend(window.uid.as_deref().map(|uid| (uid, window)));
    }
    let mut ids: BTreeSet<String> = existing.iter().map(|window| window.id.clone()).collect();
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    for draft in &reading.drafts {
        if merge.own.holds(workspace, &draft.uid) || !wanted.insert(&draft.uid) {
            continue;
        }
        if let Some(window) = known.get(draft.uid.as_str()) {
            let changes = update(window, draft, choices);
            if changes.is_empty() {
                merge.unchanged += 1;
            } else {
                merge.updated.push(window.id.clone());
                merge.changes.extend(changes);
            }
        } else {
            let id = fresh_id(draft, &ids);
            ids.insert(id.clone());
            merge.changes.push(Change::Add { list: LIST.to_owned(), table: table(&id, draft, choices) });
            merge.imported.push(id);
        }
    }
    for window in existing {
        let Some(uid) = window.uid.as_deref().filter(|uid| !wanted.contains(uid)) else { continue };
        let base = uid.rsplit_once('#').map_or(uid, |(base, _)| base);
        let told = |uids: &BTreeSet<String>| uids.contains(uid) || uids.contains(base);
        let gone = if told(&reading.told) {
            &mut merge.removed
        } else if choices.layer.is_some() && window.layer == choices.layer && !told(&reading.unread) {
            match choices.vanished {
                Vanished::Remove if reading.whole => &mut merge.removed,
                Vanished::Remove | Vanished::Keep => {
                    merge.vanished.push(window.id.clone());
                    continue;
                }
            }
        } else {
            continue;
        };
        gone.push(window.id.clone());
        merge.changes.push(Change::Remove { place: place(&window.id) });
    }
    merge
}

fn place(id: &str) -> Place {
    Place::Id(LIST.to_owned(), id.to_owned())
}

/// What the calendar says of a window, by key.
fn told(draft: &Draft) -> Vec<(&'static str, Option<Value>)> {
    vec![
        ("title", Some(Value::text(&draft.title))),
        ("start", Some(time(draft.start))),
        ("end", Some(time(draft.end))),
        ("time_zone", Some(Value::text(draft.time_zone.name()))),
        ("repeat", draft.repeat.as_deref().map(Value::text)),
        ("skip", times(&draft.skip)),
        ("also", times(&draft.also)),
    ]
}

fn update(window: &Window, draft: &Draft, choices: &Choices) -> Vec<Change> {
    let now = Draft {
        line: draft.line,
        uid: draft.uid.clone(),
        title: window.title.clone(),
        start: window.start,
        end: window.end,
        time_zone: window.time_zone,
        repeat: window.repeat.clone(),
        skip: window.skip.clone(),
        also: window.also.clone(),
    };
    let mut keys: Vec<(&str, Option<Value>)> = told(&now)
        .into_iter()
        .zip(told(draft))
        .filter(|(now, then)| now != then)
        .map(|(_, then)| then)
        .collect();
    if choices.layer.is_some() && window.layer != choices.layer {
        keys.push(("layer", choices.layer.as_deref().map(Value::text)));
    }
    keys.into_iter()
        .map(|(key, value)| Change::Set { place: place(&window.id), key: key.to_owned(), value })
        .collect()
}

/// The keys of a new window, in the order of the file's documentation.
fn table(id: &str, draft: &Draft, choices: &Choices) -> Vec<(String, Value)> {
    let words = |words: &[String]| Value::words(words.iter().map(String::as_str));
    let list = |list: &[String]| (!list.is_empty()).then(|| words(list));
    let told: BTreeMap<&str, Option<Value>> = told(draft).into_iter().collect();
    let told = |key: &str| told.get(key).cloned().flatten();
    let allow: Vec<&str> = choices.allow.iter().map(|change| change.word()).collect();
    let keys = [
        ("id", Some(Value::text(id))),
        ("kind", Some(Value::text(choices.kind.word()))),
        ("title", told("title")),
        ("start", told("start")),
        ("end", told("end")),
        ("time_zone", told("time_zone")),
        ("repeat", told("repeat")),
        ("environments", list(&choices.environments)),
        ("services", list(&choices.services)),
        ("regions", list(&choices.regions)),
        ("allow", (!allow.is_empty()).then(|| Value::words(allow))),
        ("skip", told("skip")),
        ("also", told("also")),
        ("uid", Some(Value::text(&draft.uid))),
        ("layer", choices.layer.as_deref().map(Value::text)),
    ];
    keys.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// A time as it stands in the file.
pub fn time(time: WallTime) -> Value {
    Value::Time(match time {
        WallTime::Local(local) => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
        WallTime::Instant(instant) => {
            instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, instant.offset().local_minus_utc() == 0)
        }
    })
}

fn times(list: &[WallTime]) -> Option<Value> {
    (!list.is_empty()).then(|| Value::List(list.iter().map(|one| time(*one)).collect()))
}

/// An id made of the title, that nothing has.
fn fresh_id(draft: &Draft, taken: &BTreeSet<String>) -> String {
    let slug = slug(&draft.title);
    let date = match draft.start {
        WallTime::Local(local) => local,
        WallTime::Instant(instant) => instant.naive_local(),
    };
    let dated = format!("{slug}-{}", NaiveDateTime::format(&date, "%Y-%m-%d"));
    let changed = draft.uid.rsplit_once('#').is_some_and(|(_, suffix)| suffix.len() >= 8);
    let first = if changed { dated.clone() } else { slug };
    let mut names = [first, dated.clone()].into_iter().chain((2..).map(|count| format!("{dated}-{count}")));
    names.find(|name| !taken.contains(name)).unwrap_or(dated)
}

/// A title as an id: small letters, digits and dashes.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars().flat_map(char::to_lowercase) {
        if slug.chars().count() >= 40 {
            break;
        }
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "event".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    const FILE: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:Christmas\nDTSTART;VALUE=DATE:20261224\n\
        DTEND;VALUE=DATE:20261227\nRRULE:FREQ=YEARLY\nEND:VEVENT\nBEGIN:VEVENT\nUID:b\nSUMMARY:Campaign: “Spring”!\n\
        DTSTART;TZID=Europe/Berlin:20270301T090000\nDTEND;TZID=Europe/Berlin:20270305T180000\nEND:VEVENT\nEND:VCALENDAR\n";

    /// What is there after an import, as the store would read it back.
    fn after(existing: &[Window], text: &str, choices: &Choices) -> (Merge, Vec<Window>) {
        let reading = read(text.as_bytes(), chrono_tz::Europe::Berlin);
        let workspace = Workspace { windows: existing.to_vec(), ..Workspace::default() };
        let merge = merge(&workspace, &reading, choices);
        let mut windows: Vec<Window> =
            existing.iter().filter(|window| !merge.removed.contains(&window.id)).cloned().collect();
        for change in &merge.changes {
            if let Change::Add { table, .. } = change {
                let text = |key: &str| match table.iter().find(|(known, _)| known == key) {
                    Some((_, Value::Text(text))) => Some(text.clone()),
                    _ => None,
                };
                let draft =
                    reading.drafts.iter().find(|draft| Some(&draft.uid) == text("uid").as_ref()).unwrap();
                let mut window = draft.window(&text("id").unwrap(), choices.kind);
                window.layer = text("layer");
                windows.push(window);
            }
        }
        (merge, windows)
    }

    #[test]
    fn importing_twice_changes_nothing() {
        let (first, windows) = after(&[], FILE, &Choices::default());
        assert_eq!(first.imported, ["christmas", "campaign-spring"]);
        let (second, _) = after(&windows, FILE, &Choices::default());
        assert_eq!((second.changes, second.unchanged), (Vec::new(), 2));
    }

    #[test]
    fn a_known_window_follows_key_by_key_and_keeps_what_people_chose() {
        let (_, mut windows) = after(&[], FILE, &Choices::default());
        windows[0].allow = vec![ChangeType::Emergency];
        windows[0].kind = WindowKind::Change;
        let later = FILE.replace("20261227", "20261228").replace("RRULE:FREQ=YEARLY\n", "");
        let (merge, _) =
            after(&windows, &later, &Choices { layer: Some("holidays".to_owned()), ..Choices::default() });
        let keys: Vec<_> = merge
            .changes
            .iter()
            .map(|change| match change {
                Change::Set { place: Place::Id(_, id), key, value } => {
                    (id.as_str(), key.as_str(), value.is_some())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            keys,
            [
                ("christmas", "end", true),
                ("christmas", "repeat", false),
                ("christmas", "layer", true),
                ("campaign-spring", "layer", true)
            ]
        );
    }

    #[test]
    fn what_is_called_off_goes_and_what_vanished_only_when_asked() {
        let choices = |vanished| Choices { layer: Some("l".to_owned()), vanished, ..Choices::default() };
        let (_, windows) = after(&[], FILE, &choices(Vanished::Keep));
        let cancelled = FILE.replace("UID:b", "UID:b\nSTATUS:CANCELLED");
        assert_eq!(after(&windows, &cancelled, &Choices::default()).0.removed, ["campaign-spring"]);
        let only_a = &FILE[..FILE.find("BEGIN:VEVENT\nUID:b").unwrap()];
        let whole = format!("{only_a}END:VCALENDAR\n");
        let kept = after(&windows, &whole, &choices(Vanished::Keep)).0;
        assert_eq!((kept.removed.len(), kept.vanished), (0, vec!["campaign-spring".to_owned()]));
        assert_eq!(after(&windows, &whole, &choices(Vanished::Remove)).0.removed, ["campaign-spring"]);
        // A file that was cut off tells nothing of what is missing.
        let cut = after(&windows, only_a, &choices(Vanished::Remove)).0;
        assert_eq!((cut.removed.len(), cut.vanished.len()), (0, 1));
        // Nor does an event that cannot be read any more.
        let broken = FILE.replace("20270301T090000", "soon");
        assert_eq!(after(&windows, &broken, &choices(Vanished::Remove)).0.changes, []);
    }

    #[test]
    fn ids_come_from_titles_and_never_meet() {
        let file = FILE.replace("Campaign: “Spring”!", "Christmas").replace("20261224", "20261225");
        let (merge, windows) = after(&[], &file, &Choices::default());
        assert_eq!(merge.imported, ["christmas", "christmas-2027-03-01"]);
        let other = file.replace("UID:a", "UID:c").replace("UID:b", "UID:d");
        assert_eq!(
            after(&windows, &other, &Choices::default()).0.imported,
            ["christmas-2026-12-25", "christmas-2027-03-01-2"]
        );
        assert_eq!(
            (slug("Año nuevo — fiesta"), slug("🎄")),
            ("año-nuevo-fiesta".to_owned(), "event".to_owned())
        );
    }
}
