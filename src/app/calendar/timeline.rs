//! Everything on one line of time: stages, occurrences of windows and past releases, sorted once
//! and looked up by range.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::calendar::Day;
use crate::domain::recurrence::{Occurrence, occurrences};
use crate::domain::{Window, Workspace};

use super::Plan;
use crate::app::tracker::Unplanned;

/// How far to each side of the focus windows are expanded.
const REACH: TimeDelta = TimeDelta::days(400);

/// Everything that is planned and was released, in order; what passes the filter is looked up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    /// Everything, sorted by start, kind and id.
    all: Vec<Mark>,
    /// What passes the filter, in the same order.
    marks: Vec<Mark>,
    /// The latest end of all marks up to here: it never falls, so a range is found by halving.
    reach: Vec<DateTime<Utc>>,
    /// The agenda's days.
    days: Vec<AgendaDay>,
    /// Windows whose rule cannot be expanded: the window's index, and why.
    pub unreadable: Vec<(u32, String)>,
    /// Every window as it was when it was expanded, and what came of it.
    expanded: Vec<Expanded>,
    /// Occurrences within `span`.
    occurrences: Vec<Mark>,
    /// The range that windows were expanded in.
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub(super) filter: String,
    /// Layers whose windows are not shown.
    pub(super) hidden: Vec<String>,
    pub(super) zone: Option<Tz>,
    pub(super) today: Option<NaiveDate>,
}

/// Something on the line of time: the half-open interval [start, end), or an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends; a tag ends when it begins.
    pub end: DateTime<Utc>,
    /// What it is, by index.
    pub what: What,
}

/// What a [`Mark`] is, by index in the workspace or the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An occurrence of a window.
    Window(u32),
    /// A release's stage.
    Stage(u32, u32),
    /// A past release.
    Tag(u32),
    /// A version of the tracker that nobody planned: the whole of its day.
    Version(u32),
}

/// A day of the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgendaDay {
    /// Its date in the zone on screen.
    pub date: NaiveDate,
    /// Its first entry; the next day's first where it has none.
    pub first: usize,
}

/// When something begins and ends.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// A window and its occurrences; or why its rule cannot be expanded.
#[derive(Debug, Clone, PartialEq)]
struct Expanded {
    window: Window,
    found: Result<Vec<Span>, String>,
}

impl Expanded {
    fn new(window: &Window, (from, to): Span) -> Self {
        let found = occurrences(window, from, to);
        let times =
            |found: Vec<Occurrence>| found.into_iter().map(|found| (found.start, found.end)).collect();
        Self { window: window.clone(), found: found.map(times).map_err(|why| why.to_string()) }
    }
}

impl Mark {
    /// Whether it meets [from, to).
    pub fn touches(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.start < to && (from < self.end || from <= self.start)
    }
}

impl Timeline {
    /// Whether windows were expanded around this instant.
    pub(super) fn covers(&self, focus: DateTime<Utc>) -> bool {
        let near = REACH / 2;
        self.span.is_some_and(|(from, to)| from + near <= focus && focus <= to - near)
    }

    /// Expands the windows around an instant; those that are as they were around the same one are
    /// not expanded again.
    pub(super) fn expand(&mut self, workspace: &Workspace, focus: DateTime<Utc>) {
        let span = self.span.filter(|_| self.covers(focus)).unwrap_or_else(|| {
            let from = focus.checked_sub_signed(REACH).unwrap_or(DateTime::<Utc>::MIN_UTC);
            let to = focus.checked_add_signed(REACH).unwrap_or(DateTime::<Utc>::MAX_UTC);
            (from, to)
        });
        if self.span != Some(span) {
            self.expanded.clear();
        }
        self.span = Some(span);
        let mut before: BTreeMap<String, Expanded> = std::mem::take(&mut self.expanded)
            .into_iter()
            .map(|expanded| (expanded.window.id.clone(), expanded))
            .collect();
        self.expanded = workspace
            .windows
            .iter()
            .map(|window| match before.remove(&window.id) {
                Some(expanded) if expanded.window == *window => expanded,
                _ => Expanded::new(window, span),
            })
            .collect();
        self.occurrences.clear();
        self.unreadable.clear();
        for (index, expanded) in (0_u32..).zip(&self.expanded) {
            match &expanded.found {
                Ok(found) => self.occurrences.extend(found.iter().map(|(start, end)| Mark {
                    start: *start,
                    end: *end,
                    what: What::Window(index),
                })),
                Err(why) => self.unreadable.push((index, why.clone())),
            }
        }
    }

    /// Puts everything in order.
    pub(super) fn arrange(&mut self, workspace: &Workspace, plan: &Plan, versions: &[Unplanned]) {
        let all = &mut self.all;
        all.clear();
        for (index, release) in (0_u32..).zip(&workspace.releases) {
            all.extend((0_u32..).zip(&release.stages).map(|(stage, at)| Mark {
                start: at.start,
                end: at.end,
                what: What::Stage(index, stage),
            }));
        }
        all.extend(&self.occurrences);
        all.extend((0_u32..).zip(&plan.past).map(|(index, past)| Mark {
            start: past.at,
            end: past.at,
            what: What::Tag(index),
        }));
        if let Some(zone) = self.zone {
            // A civil date is the same in every zone.
            all.extend((0_u32..).zip(versions).map(|(index, version)| {
                let day = Day::of(version.date, zone);
                Mark { start: day.start, end: day.end, what: What::Version(index) }
            }));
        }
        // Indices are in the order of ids (releases) or of the files, so the sort is whole.
        all.sort_by_key(|mark| {
            let (kind, index, part) = match mark.what {
                What::Window(index) => (window_rank(workspace, index), index, 0),
                What::Stage(release, stage) => (2, release, stage),
                What::Tag(index) => (3, index, 0),
                What::Version(index) => (4, index, 0),
            };
            (mark.start, kind, index, part)
        });
        self.sift(workspace, plan, versions);
    }

    /// Takes what passes the filter, and finds the days of the zone.
    pub(super) fn sift(&mut self, workspace: &Workspace, plan: &Plan, versions: &[Unplanned]) {
        let lowered = self.filter.to_lowercase();
        let words: Vec<&str> = lowered.split_whitespace().collect();
        let passes = |text: &str| words.iter().all(|word| text.contains(word));
        let is_shown =
            |window: &Window| window.layer.as_ref().is_none_or(|layer| !self.hidden.contains(layer));
        let all_shown = self.hidden.is_empty() || workspace.windows.iter().all(is_shown);
        if words.is_empty() && all_shown {
            self.marks.clone_from(&self.all);
        } else {
            let none = words.is_empty();
            let releases: Vec<bool> = if none {
                vec![true; workspace.releases.len()]
            } else {
                plan.texts.iter().map(|text| passes(text)).collect()
            };
            let found = |window: &Window| none || passes(&super::words::window_text(window));
            let windows: Vec<bool> =
                workspace.windows.iter().map(|window| is_shown(window) && found(window)).collect();
            let services: Vec<String> = workspace
                .services
                .iter()
                .map(|service| {
                    format!("{} {} tag released ", service.id, service.owner.as_deref().unwrap_or(""))
                })
                .map(|text| text.to_lowercase())
                .collect();
            let is_past = |past: &super::plan::Past| {
                let service = services.get(past.service as usize).map_or("", String::as_str);
                let name = past.name.as_str();
                words.iter().all(|word| service.contains(word) || name.to_lowercase().contains(word))
            };
            let shown = |mark: &&Mark| match mark.what {
                What::Stage(release, _) => releases.get(release as usize) == Some(&true),
                What::Window(window) => windows.get(window as usize) == Some(&true),
                What::Tag(tag) => plan.past.get(tag as usize).is_some_and(is_past),
                What::Version(version) => versions.get(version as usize).is_some_and(|version| {
                    passes(&format!("{} tracker not planned", version.reference).to_lowercase())
                }),
            };
            self.marks.clear();
            self.marks.extend(self.all.iter().filter(shown));
        }
        let mut latest = DateTime::<Utc>::MIN_UTC;
        self.reach.clear();
        self.reach.extend(self.marks.iter().map(|mark| {
            latest = latest.max(mark.end);
            latest
        }));
        self.find_days();
    }

    fn find_days(&mut self) {
        let (Some(zone), Some(today)) = (self.zone, self.today) else { return };
        self.days.clear();
        let mut current: Option<Day> = None;
        for (index, mark) in self.marks.iter().enumerate() {
            if current.is_none_or(|day| mark.start >= day.end) {
                let day = Day::at(mark.start, zone);
                let is_first_after = self.days.last().is_none_or(|last| last.date < today);
                if day.date > today && is_first_after {
                    self.days.push(AgendaDay { date: today, first: index });
                }
                self.days.push(AgendaDay { date: day.date, first: index });
                current = Some(day);
            }
        }
        if self.days.last().is_none_or(|last| last.date < today) {
            self.days.push(AgendaDay { date: today, first: self.marks.len() });
        }
    }

    /// A mark by its place.
    pub fn get(&self, index: usize) -> Option<&Mark> {
        self.marks.get(index)
    }

    /// How many marks there are.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether nothing passes the filter.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// The agenda's days, those without an entry left out (but never today).
    pub fn days(&self) -> &[AgendaDay] {
        &self.days
    }

    /// The marks that meet [from, to), with their places, sorted by start.
    pub fn places(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = (usize, &Mark)> {
        let begun = self.marks.partition_point(|mark| mark.start < to);
        let first = self.reach.partition_point(|reach| *reach < from).min(begun);
        let found = (first..).zip(&self.marks[first..begun]);
        found.filter(move |(_, mark)| mark.touches(from, to))
    }

    /// The marks that meet [from, to), sorted by start.
    pub fn touching(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = &Mark> {
        self.places(from, to).map(|(_, mark)| mark)
    }

    /// The place of the first mark that begins at an instant or later.
    pub fn first_from(&self, instant: DateTime<Utc>) -> usize {
        self.marks.partition_point(|mark| mark.start < instant)
    }

    /// How many rows the agenda has: a blank, a day and its entries, day after day.
    pub fn agenda_rows(&self) -> usize {
        self.marks.len() + 2 * self.days.len()
    }

    /// The row of an entry in the agenda.
    pub fn row_of(&self, place: usize) -> usize {
        let days = self.days.partition_point(|day| day.first <= place);
        // Of days that share a first entry, the empty one (today) comes first.
        place + 2 * days
    }

    /// The row of a day's title in the agenda; of the next day where it has none.
    pub fn row_of_day(&self, date: NaiveDate) -> usize {
        let index = self.days.partition_point(|day| day.date < date).min(self.days.len().saturating_sub(1));
        self.days.get(index).map_or(0, |day| day.first + 2 * index + 1)
    }

    /// What an agenda's row shows: the day's index, and its entry's place; `None` beside a day
    /// for its title, and nothing at all for the blank above.
    pub fn agenda_row(&self, row: usize) -> Option<(usize, Option<usize>)> {
        // The first day whose blank lies below the row, less one.
        let mut low = 0;
        let mut high = self.days.len();
        while low < high {
            let middle = low.midpoint(high);
            if self.days[middle].first + 2 * middle <= row {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let index = low.checked_sub(1)?;
        let day = self.days[index];
        match row - (day.first + 2 * index) {
            0 => None,
            1 => Some((index, None)),
            into => Some((index, Some(day.first + into - 2))),
        }
    }
}

fn window_rank(workspace: &Workspace, index: u32) -> u8 {
    let kind = workspace.windows.get(index as usize).map(|window| window.kind);
    u8::from(kind == Some(crate::domain::WindowKind::Freeze))
}
