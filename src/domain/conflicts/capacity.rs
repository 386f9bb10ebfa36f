//! `capacity`: more releases at once in an environment than its capacity, regions together, a
//! release counted once. A stretch lasts as long as there are too many, even while its members
//! change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::checker::Case;
use super::plan::{Name, Slot};
use super::{Code, Conflict, wording};
use crate::domain::Environment;

/// A maximal stretch with too many releases.
pub(super) struct Stretch {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// The crews in it, each with its smallest stage in it.
    pub members: BTreeMap<u32, u32>,
    /// The most at once.
    most: usize,
}

/// The stretches of an environment, only those of one crew where it is named.
pub(super) fn check(
    case: &Case<'_>,
    environment: &Environment,
    name: Name,
    only: Option<u32>,
    out: &mut Vec<Conflict>,
) {
    let Some(capacity) = environment.capacity else { return };
    let slots = case.slots_in(name);
    for stretch in stretches(&slots, capacity as usize) {
        if only.is_none_or(|crew| stretch.members.contains_key(&crew)) {
            out.extend(conflict(case, environment, capacity, &stretch));
        }
    }
}

fn conflict(
    case: &Case<'_>,
    environment: &Environment,
    capacity: u32,
    stretch: &Stretch,
) -> Option<Conflict> {
    let mut members: Vec<(&str, u32)> =
        stretch.members.iter().map(|(crew, stage)| (case.release(*crew).id.as_str(), *stage)).collect();
    members.sort_unstable();
    let ((first, stage), others) = members.split_first()?;
    let with: Vec<String> = others.iter().map(|(id, _)| (*id).to_owned()).collect();
    let all: Vec<String> = members.iter().map(|(id, _)| (*id).to_owned()).collect();
    let length = wording::length(stretch.start, stretch.end);
    Some(Conflict {
        code: Code::Capacity,
        release: (*first).to_owned(),
        stage: *stage as usize,
        with_stage: None,
        start: stretch.start,
        end: stretch.end,
        message: format!(
            "{} holds {} releases at once, {capacity} is its capacity: {} within {length}",
            environment.id,
            stretch.most,
            wording::list(&all)
        ),
        way_out: format!("move {} out of these {length}", all.last().map_or("one", String::as_str)),
        with,
    })
}

/// Where more than `capacity` releases have a stage: a sweep over starts and ends; all that happens at one instant happens together.
pub(super) fn stretches(slots: &[Slot], capacity: usize) -> Vec<Stretch> {
    let mut ends: Vec<&Slot> = slots.iter().collect();
    ends.sort_unstable_by_key(|slot| slot.end);
    let (mut starting, mut ending) = (slots.iter().peekable(), ends.into_iter().peekable());
    // Which stages run, by crew; and how many of each crew.
    let mut running: BTreeSet<(u32, u32)> = BTreeSet::new();
    let mut stages: HashMap<u32, u32> = HashMap::new();
    let mut open: Option<Stretch> = None;
    let mut found = Vec::new();
    while let Some(now) = ending.peek().map(|slot| slot.end) {
        let now = starting.peek().map_or(now, |slot| slot.start.min(now));
        while let Some(slot) = ending.next_if(|slot| slot.end == now) {
            running.remove(&(slot.crew, slot.stage));
            if let Some(count) = stages.get_mut(&slot.crew) {
                *count -= 1;
                if *count == 0 {
                    stages.remove(&slot.crew);
                }
            }
        }
        let mut joined = Vec::new();
        while let Some(slot) = starting.next_if(|slot| slot.start == now) {
            running.insert((slot.crew, slot.stage));
            *stages.entry(slot.crew).or_default() += 1;
            joined.push((slot.crew, slot.stage));
        }
        if stages.len() > capacity {
            let stretch = open.get_or_insert_with(|| {
                joined = running.iter().copied().collect();
                Stretch { start: now, end: now, members: BTreeMap::new(), most: 0 }
            });
            stretch.most = stretch.most.max(stages.len());
            for (crew, stage) in joined {
                let smallest = stretch.members.entry(crew).or_insert(stage);
                *smallest = (*smallest).min(stage);
            }
        } else if let Some(mut stretch) = open.take() {
            stretch.end = now;
            found.push(stretch);
        }
    }
    found
}
