//! The load of each day: how many changes begin on it.

use crate::app::State;
use crate::domain::Status;
use crate::domain::calendar::Day;

use super::{Timeline, What};

/// How many stages begin on each of these days, of what passes the filter. Cancelled ones are no
/// load; one that is being moved counts where it is held.
pub fn heat(state: &State, days: &[Day]) -> Vec<u32> {
    let calendar = &state.calendar;
    let mut counts = vec![0; days.len()];
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return counts };
    let mut count = |at: chrono::DateTime<chrono::Utc>| {
        let day = days.partition_point(|day| day.end <= at);
        if let Some(slot) = counts.get_mut(day).filter(|_| days[day].start <= at) {
            *slot += 1;
        }
    };
    let timeline: &Timeline = &calendar.timeline;
    for place in timeline.first_from(first.start)..timeline.first_from(last.end) {
        let Some(mark) = timeline.get(place) else { break };
        let What::Stage(release, stage) = mark.what else { continue };
        let Some(release) = state.workspace.releases.get(release as usize) else { continue };
        let moves = |id: &str, index: usize| id == release.id && index == stage as usize;
        let elsewhere = calendar.moving.iter().any(|it| it.carries(&release.id, stage as usize).is_some())
            || calendar.placed.iter().any(|it| moves(&it.release, it.stage));
        if release.status != Status::Cancelled && !elsewhere {
            count(mark.start);
        }
    }
    let carried = calendar.moving.iter().flat_map(|it| std::iter::once(&it.hand).chain(&it.along));
    for to in carried.map(|held| held.to).chain(calendar.placed.iter().map(|it| it.to)) {
        count(to.0);
    }
    counts
}

/// The level of a day's load among eight, from 1; 0 of nothing.
pub fn heat_level(count: u32, most: u32) -> u32 {
    if most == 0 { 0 } else { (count * 8).div_ceil(most).min(8) }
}
