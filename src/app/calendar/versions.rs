//! The tracker's part of the details: a version that nobody planned, and what differs.

use chrono::NaiveDate;

use super::{Row, Said, words};
use crate::app::{State, tracker};
use crate::domain::Release;
use crate::domain::release::TrackerRef;
use crate::domain::tracker::Difference;

/// The details of a version that nobody planned here.
pub(super) fn of_version(state: &State, reference: &TrackerRef) -> Vec<Row> {
    use Said::{Accent, Dim, Stale, Text, Title, Unknown};
    let mut rows = vec![
        vec![(reference.version.clone(), Title)],
        vec![("◇ in the tracker, not planned here".into(), Text)],
        vec![(format!("{}  ", reference.backend), Dim), (reference.project.clone(), Text)],
    ];
    let Some(version) = tracker::row(state, reference).and_then(|row| row.version.as_ref()) else {
        rows.push(vec![("◌ it is not there any more".into(), Unknown)]);
        return rows;
    };
    let today = state.now.wall.with_timezone(&state.zone).date_naive();
    let day = |date: NaiveDate| words::day_of(date, today);
    let release = version.release_date.map_or_else(|| "no date".to_owned(), day);
    rows.push(vec![("release  ".into(), Dim), (release, Accent)]);
    if let Some(start) = version.start_date {
        rows.push(vec![("start    ".into(), Dim), (day(start), Text)]);
    }
    if let (Some(done), Some(begun), Some(to_do)) = (version.done, version.in_progress, version.to_do) {
        rows.push(vec![(format!("{done} done  {begun} begun  {to_do} to do"), Text)]);
    }
    if let Some(url) = &version.url {
        rows.push(vec![(url.to_string(), Dim)]);
    }
    if let Some(doubt) = tracker::doubt(state, reference) {
        rows.push(vec![(format!("≈ {doubt}"), Stale)]);
    }
    rows.push(Vec::new());
    rows.push(vec![("i".into(), Accent), ("  plans it here: a draft on that day".into(), Dim)]);
    rows
}

/// Where a release and its version differ, and what can be done about it.
pub(super) fn differences(state: &State, release: &Release) -> Vec<Row> {
    use Said::{Accent, Attention, Dim, Unknown};
    let differences = tracker::differences(state, &release.id);
    let mut rows: Vec<Row> = differences
        .iter()
        .map(|it| vec![(format!("  ▲ {}", it.sentence(state.workspace.time_zone)), Attention)])
        .collect();
    let is_date = |it: &Difference| matches!(it, Difference::Date { here: Some(_), .. });
    if differences.iter().any(is_date) {
        rows.push(vec![("  p".into(), Accent), ("  brings the date to the tracker".into(), Dim)]);
    }
    if let Some(trouble) = release.tracker.as_ref().and_then(|it| tracker::trouble(state, it)) {
        rows.push(vec![(format!("  ◌ {trouble}"), Unknown)]);
    }
    rows
}
