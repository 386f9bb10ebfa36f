//! How a window repeats and when it is next, read back.

use chrono::TimeDelta;

use super::reader::Reader;
use super::window::wall;
use super::{Name, diff, repeat};
use crate::app::calendar;
use crate::domain::Window;
use crate::domain::recurrence::words::window_sentence;
use crate::domain::recurrence::{clock_change, ever, occurrences, upcoming};

/// How many of the next occurrences are read back.
const NEXT: usize = 5;

/// Reads back how it repeats and when it is next; one that never is cannot be saved.
pub fn say(reader: &mut Reader<'_>, window: &Window) {
    let now = reader.setting.now;
    let repeats = window.repeat.is_some();
    let name = match (repeats, reader.value(Name::Repeats, None)) {
        (true, repeat::RULE) => Name::Rule,
        (true, _) => Name::Repeats,
        (false, _) => Name::End,
    };
    if let Some(rule) = window.repeat.as_deref() {
        let sentence = window_sentence(window).unwrap_or_else(|_| rule.to_owned());
        reader.reading(name, None, sentence);
    }
    let next = match upcoming(window, now, NEXT) {
        Ok(next) => next,
        Err(why) => return reader.wrong(name, None, why.to_string()),
    };
    if next.is_empty() {
        return match (repeats, ever(window)) {
            (_, Ok(true)) => reader.notice(name, None, "this is over"),
            (true, Ok(false)) => {
                reader.wrong(
                    name,
                    None,
                    "this never happens: no day fits the rule, or every one is left out",
                );
            }
            (false, Ok(false)) => {
                reader.wrong(name, None, "this never happens: the clock change leaves nothing of it");
            }
            (_, Err(why)) => reader.wrong(name, None, why.to_string()),
        };
    }
    for occurrence in next {
        let span = calendar::span(occurrence.start, occurrence.end, window.time_zone, now);
        let taken = crate::domain::format::duration(occurrence.end - occurrence.start);
        reader.reading(name, None, if repeats { span } else { format!("{span}  ({taken})") });
    }
    for skip in &window.skip {
        let start = wall(*skip, window.time_zone);
        let without = Window { skip: Vec::new(), ..window.clone() };
        let instant = clock_change::start(window.kind, window.time_zone, start);
        let day = TimeDelta::days(2);
        let found = occurrences(&without, instant - day, instant + day).unwrap_or_default();
        if !found.iter().any(|occurrence| occurrence.wall_start == start) {
            let words = format!("nothing begins at {}: there is nothing to leave out", diff::typed(start));
            reader.notice(Name::Skip, None, words);
        }
    }
}
