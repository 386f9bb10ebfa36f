//! The rows of a week: hours, finer where there is room, folded where nothing happens.

use crate::domain::office::DayHours;

/// A row of the week: minutes of a day, [from, to).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourRow {
    /// Its first minute.
    pub from: u32,
    /// The next row's first.
    pub to: u32,
    /// Hours in which nothing happens, folded into one row.
    pub folded: bool,
}

/// In so many rows an hour may be shown: whole, halves, twenty minutes, quarters, ten minutes.
const STEPS: [u32; 5] = [1, 2, 3, 4, 6];

/// Room that is left over counts from one in so many rows on.
const ROOM_LEFT: usize = 6;

/// The rows for a week in which things happen in the `busy` hours, at most `room` of them. The
/// hours of `open` are shown even when nothing happens in them.
pub fn rows(busy: &[bool; 24], open: DayHours, room: usize) -> Vec<HourRow> {
    let first = open.from as usize / 60;
    let working = first..(open.to as usize).div_ceil(60).clamp(first + 1, 24);
    // Where there is little room, fewer of the hours in which nothing happens are shown.
    let sparser = |less: usize| {
        let mut shown = *busy;
        shown[working.start + less..working.end - less].fill(true);
        fold(&shown, working.clone())
    };
    let most = working.len().div_ceil(2);
    let less = (0..most).find(|less| sparser(*less).len() <= room);
    let folds = match less {
        Some(less) => sparser(less),
        None if busy.contains(&true) => fold(busy, working),
        None => sparser(0),
    };
    if folds.len() > room {
        let (first, last) =
            folds.first().zip(folds.last()).map_or((0, 1440), |(first, last)| (first.from, last.to));
        let merged = |hours: u32| -> Vec<HourRow> {
            let step = hours * 60;
            let starts = (first / step * step..last).step_by(step as usize);
            starts.map(|from| HourRow { from, to: from + step, folded: false }).collect()
        };
        let fits = [2, 3, 4, 6, 12].into_iter().map(merged).find(|rows| rows.len() <= room);
        return fits.unwrap_or_else(|| merged(24));
    }
    let parts = parts(&folds, busy, if less == Some(0) { room } else { 0 });
    let mut parts = parts.into_iter();
    folds
        .into_iter()
        .flat_map(|row| {
            let parts = if row.folded { 1 } else { parts.next().unwrap_or(1) };
            let length = (row.to - row.from) / parts;
            (0..parts).map(move |part| HourRow {
                from: row.from + part * length,
                to: row.from + (part + 1) * length,
                folded: row.folded,
            })
        })
        .collect()
}

/// In how many rows each hour is shown, so that the hours fill the room: all alike, and where that
/// leaves room, those around which most happens one step finer.
fn parts(rows: &[HourRow], busy: &[bool; 24], room: usize) -> Vec<u32> {
    let hours: Vec<bool> = rows
        .iter()
        .filter(|row| !row.folded)
        .map(|row| busy.get(row.from as usize / 60) == Some(&true))
        .collect();
    let room = room.saturating_sub(rows.len() - hours.len());
    let fitting = STEPS.iter().rposition(|parts| hours.len() * *parts as usize <= room).unwrap_or(0);
    let mut parts = vec![STEPS[fitting]; hours.len()];
    let Some(finer) = STEPS.get(fitting + 1) else { return parts };
    let left = room.saturating_sub(hours.len() * STEPS[fitting] as usize);
    let count = (left / (finer - STEPS[fitting]) as usize).min(hours.len());
    // Rows that differ read worse than a little room left over, but for what happens.
    if left * ROOM_LEFT < room {
        let happening = hours.iter().filter(|busy| **busy).count();
        if fitting == 0 && happening <= count {
            parts.iter_mut().zip(&hours).filter(|(_, busy)| **busy).for_each(|(parts, _)| *parts = *finer);
        }
        return parts;
    }
    // A quiet week is shown in even rows, where those are not coarse.
    if count == 0 || fitting > 0 && !hours.contains(&true) {
        return parts;
    }
    let happens = |first: &usize| hours[*first..first + count].iter().filter(|busy| **busy).count();
    // The earliest of the best.
    let first = (0..=hours.len() - count).rev().max_by_key(happens).unwrap_or(0);
    parts[first..first + count].fill(*finer);
    parts
}

/// Hours as rows; two and more hidden hours between shown ones become one row, those before and
/// after are left out.
fn fold(shown: &[bool; 24], working: std::ops::Range<usize>) -> Vec<HourRow> {
    let first = shown.iter().position(|shown| *shown).unwrap_or(working.start);
    let last = shown.iter().rposition(|shown| *shown).unwrap_or(working.end - 1);
    let mut rows: Vec<HourRow> = Vec::new();
    let mut hour = first;
    while hour <= last {
        let hidden = shown[hour..=last].iter().take_while(|shown| !**shown).count();
        let length = if hidden >= 2 { hidden } else { 1 };
        rows.push(HourRow { from: hour as u32 * 60, to: (hour + length) as u32 * 60, folded: hidden >= 2 });
        hour += length;
    }
    rows
}

/// The rows that minutes [from, to) of a day touch: at least one, the nearest where they lie
/// outside.
pub fn touched(rows: &[HourRow], from: u32, to: u32) -> (usize, usize) {
    let last = rows.len().saturating_sub(1);
    let first = rows.partition_point(|row| row.to <= from).min(last);
    let after = rows.partition_point(|row| row.from < to);
    (first, after.max(first + 1).min(last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(busy: &[bool; 24], room: usize) -> Vec<HourRow> {
        super::rows(busy, DayHours::default(), room)
    }

    #[test]
    fn the_hours_of_the_person_have_room_first() {
        let early = super::rows(&[false; 24], DayHours { from: 6 * 60 + 30, to: 14 * 60 }, 8);
        assert_eq!((early[0].from, early.last().map(|row| row.to)), (6 * 60, Some(14 * 60)));
        let all = super::rows(&[false; 24], DayHours { from: 0, to: 1440 }, 24);
        assert_eq!(all.len(), 24);
    }

    fn busy(hours: &[usize]) -> [bool; 24] {
        let mut busy = [false; 24];
        for hour in hours {
            busy[*hour] = true;
        }
        busy
    }

    #[test]
    fn the_night_is_folded_and_what_happens_in_it_is_not() {
        let shown = rows(&busy(&[20, 21]), 14);
        assert_eq!(shown.len(), 13);
        assert_eq!(shown[10], HourRow { from: 18 * 60, to: 20 * 60, folded: true });
        assert_eq!(shown[12].to, 22 * 60);
    }

    #[test]
    fn more_room_makes_finer_rows() {
        assert_eq!(rows(&busy(&[]), 20).len(), 20);
        assert_eq!(rows(&busy(&[]), 40).len(), 40);
        assert_eq!(rows(&busy(&[]), 10).len(), 10);
    }

    #[test]
    fn hours_in_which_something_happens_are_finer_first() {
        let shown = rows(&busy(&[8, 9]), 12);
        let halves: Vec<u32> =
            shown.iter().filter(|row| row.to - row.from == 30).map(|row| row.from).collect();
        assert_eq!(halves, [480, 510, 540, 570]);
        assert_eq!(rows(&busy(&[8, 9]), 11).len(), 10, "all or none");
    }

    #[test]
    fn the_hours_fill_the_room() {
        let evening: Vec<usize> = (8..22).collect();
        for room in 20..80 {
            let shown = rows(&busy(&evening), room);
            assert!(shown.len() * 6 >= room * 5, "{} of {room} rows", shown.len());
            let quiet = rows(&busy(&[]), room);
            assert!(quiet.len() * 10 >= room.min(60) * 6, "{} of {room} rows in a quiet week", quiet.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn rows_fit_rise_and_hold_every_busy_hour(
            hours in proptest::collection::vec(0_usize..24, 0..24), room in 1_usize..80
        ) {
            let shown = rows(&busy(&hours), room);
            proptest::prop_assert!(shown.len() <= room && !shown.is_empty());
            proptest::prop_assert!(shown.windows(2).all(|pair| pair[0].to == pair[1].from));
            for hour in hours {
                let minute = hour as u32 * 60;
                let (first, after) = touched(&shown, minute, minute + 60);
                proptest::prop_assert!(first < after && after <= shown.len());
                proptest::prop_assert!(shown[first].from <= minute && minute < shown[after - 1].to);
                proptest::prop_assert!(!shown[first].folded || shown.len() == 1);
            }
        }
    }
}
