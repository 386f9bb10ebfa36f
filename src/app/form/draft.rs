//! The release that a form would make or leave, as far as it can be read: what it would collide
//! with is told while it is typed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::moment::parse_span;
use crate::domain::quick_add::Understood;
use crate::domain::release::Item;
use crate::domain::{Release, Stage, Strategy};

/// The id of a release that has none yet; no file can have this name.
pub const NAMELESS: &str = "new release";

/// How far from now a stage is judged while it is typed: windows are expanded at every key, and
/// years of them take longer than a key may.
const FARTHEST: TimeDelta = TimeDelta::days(2 * 366);
/// The longest stage that is judged while it is typed.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// A release as it is typed so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// It, with the stages that can be judged.
    pub release: Release,
    /// How many of its stages cannot: their place or times do not read, or lie too far away.
    pub unread: usize,
}

impl Draft {
    /// Of a line that was understood.
    pub fn of_line(line: &Understood, now: DateTime<Utc>) -> Self {
        let new = &line.new;
        let stages = new.stages.iter().zip(&line.times).map(|(stage, times)| Stage {
            environment: stage.environment.clone(),
            region: stage.region.clone(),
            start: times.start,
            end: times.end,
            time_zone: times.zone,
            strategy: Strategy::ALL.into_iter().find(|known| Some(known.word()) == stage.strategy.as_deref()),
            steps: stage.steps.clone(),
            soak: stage.soak.as_deref().and_then(|soak| parse_span(soak).ok()),
        });
        let item = |(service, version): &(String, String)| Item {
            service: service.clone(),
            version: version.clone(),
        };
        let mut draft = Self {
            release: Release {
                id: new.id.clone(),
                title: new.title.clone().unwrap_or_else(|| new.id.clone()),
                change: new.change,
                status: new.status,
                owner: new.owner.clone(),
                items: new.items.iter().map(item).collect(),
                ..Release::default()
            },
            unread: 0,
        };
        draft.put(stages.map(Some), now);
        draft
    }

    /// Takes the stages that can be judged, and counts the others.
    pub fn put(&mut self, stages: impl Iterator<Item = Option<Stage>>, now: DateTime<Utc>) {
        let is_near = |stage: &Stage| {
            let soak = stage.soak.unwrap_or_else(TimeDelta::zero);
            (stage.start - now).abs() <= FARTHEST && stage.end - stage.start <= LONGEST && soak <= LONGEST
        };
        let mut all = 0;
        self.release.stages = stages.inspect(|_| all += 1).flatten().filter(is_near).collect();
        self.unread = all - self.release.stages.len();
    }
}
