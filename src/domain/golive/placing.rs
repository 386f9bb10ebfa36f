//! What a planned go-live does to the stages that a release has already: a region that has one is
//! moved, so that planning again never plans a region twice.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{GoLive, Intent, RegionStage, zone_of};
use crate::domain::format::local_span;
use crate::domain::pinned::Pinned;
use crate::domain::{Change, Place, Release, Stage, Status, Value, Workspace};

/// What becomes of a planned stage in the release's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is a new stage.
    Adds,
    /// It takes the place of this stage, counted from 0 in file order.
    Moves(usize),
    /// This stage says all of it already.
    Stays(usize),
}

impl Fate {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Adds => "adds",
            Self::Moves(_) => "moves",
            Self::Stays(_) => "stays",
        }
    }

    /// The stage that was there before, counted from 0.
    pub fn stage(self) -> Option<usize> {
        match self {
            Self::Adds => None,
            Self::Moves(index) | Self::Stays(index) => Some(index),
        }
    }

    /// For people: what it does to the release, with what stood there before.
    pub fn told(self, release: &Release) -> String {
        let before = self.stage().and_then(|index| release.stages.get(index));
        match (self, before) {
            (Self::Moves(_), Some(stage)) => {
                let span = local_span(stage.start, stage.end, stage.time_zone);
                let whole = if stage.region.is_none() { " of all regions" } else { "" };
                format!("moves the stage{whole} that is there, {span}")
            }
            (Self::Stays(_), _) => "is there already".to_owned(),
            _ => "a new stage".to_owned(),
        }
    }
}

impl GoLive {
    /// What becomes of each planned stage, in their order. A stage of the region moves; those of all
    /// regions become those of the first regions without their own. `Err`: what is in the way, and
    /// the way out.
    pub fn fates(
        &self,
        workspace: &Workspace,
        release: &Release,
        intent: &Intent,
    ) -> Result<Vec<Fate>, String> {
        let mut fates = Vec::with_capacity(self.stages.len());
        let mut whole = whole(workspace, release, intent)?;
        for planned in &self.stages {
            let found = match own(release, intent, &planned.region)? {
                Some(index) => Some(index),
                None => whole.next(),
            };
            let stage = found.and_then(|index| Some((index, release.stages.get(index)?)));
            let Some((index, stage)) = stage else {
                fates.push(Fate::Adds);
                continue;
            };
            let says_all = differing(intent, planned, stage).is_empty();
            if !says_all && has_begun(release, stage, self.now) {
                let region = &planned.region;
                return Err(format!(
                    "stage {index} ({}/{region}) has begun: leave {region} out of the go-live",
                    intent.environment
                ));
            }
            fates.push(if says_all { Fate::Stays(index) } else { Fate::Moves(index) });
        }
        match whole.next() {
            Some(index) => Err(format!(
                "stage {index} is in all regions of {}, and every region has a stage without it: remove it \
                 first",
                intent.environment
            )),
            None => Ok(fates),
        }
    }

    /// The changes of the release's file that put the stages there.
    pub fn changes(
        &self,
        workspace: &Workspace,
        release: &Release,
        intent: &Intent,
    ) -> Result<Vec<Change>, String> {
        let fates = self.fates(workspace, release, intent)?;
        let mut changes = Vec::new();
        for (planned, fate) in self.stages.iter().zip(fates) {
            match fate {
                Fate::Stays(_) => {}
                Fate::Adds => {
                    let table = written(workspace, intent, planned);
                    changes.push(Change::Add { list: "stage".to_owned(), table });
                }
                Fate::Moves(index) => {
                    let keys = release.stages.get(index).map(|stage| differing(intent, planned, stage));
                    let table = written(workspace, intent, planned);
                    for key in keys.unwrap_or_default() {
                        let value =
                            table.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
                        let place = Place::Nth("stage".to_owned(), index);
                        changes.push(Change::Set { place, key: key.to_owned(), value });
                    }
                }
            }
        }
        Ok(changes)
    }

    /// The release as it will be.
    pub fn applied(
        &self,
        workspace: &Workspace,
        release: &Release,
        intent: &Intent,
    ) -> Result<Release, String> {
        let fates = self.fates(workspace, release, intent)?;
        let mut applied = release.clone();
        for (planned, fate) in self.stages.iter().zip(fates) {
            let before = fate.stage().and_then(|index| applied.stages.get_mut(index));
            match before {
                Some(stage) => *stage = stage_of(intent, planned, Some(stage)),
                None => applied.stages.push(stage_of(intent, planned, None)),
            }
        }
        Ok(applied)
    }
}

/// The region's own stage in the release; more than one is not for us to choose among.
fn own(release: &Release, intent: &Intent, region: &str) -> Result<Option<usize>, String> {
    let mut there =
        in_environment(release, intent).filter(|(_, stage)| stage.region.as_deref() == Some(region));
    let first = there.next().map(|(index, _)| index);
    match (first, there.next()) {
        (Some(first), Some((second, _))) => Err(format!(
            "stages {first} and {second} are both in {}/{region}: remove one of them first",
            intent.environment
        )),
        _ => Ok(first),
    }
}

/// The stages of all regions, which the go-live may take apart only where it plans every region.
fn whole(
    workspace: &Workspace,
    release: &Release,
    intent: &Intent,
) -> Result<impl Iterator<Item = usize>, String> {
    let there = in_environment(release, intent).filter(|(_, stage)| stage.region.is_none());
    let there: Vec<usize> = there.map(|(index, _)| index).collect();
    let environment = &intent.environment;
    let regions = workspace.environment(environment).map(|it| it.regions.as_slice()).unwrap_or_default();
    let left_out = regions.iter().find(|region| intent.regions.iter().all(|wanted| wanted.id != region.id));
    match (there.first(), left_out) {
        (Some(index), Some(region)) => Err(format!(
            "stage {index} is in all regions of {environment}, and {} does not go live: plan all regions, or split \
             the stage first",
            region.id
        )),
        _ => Ok(there.into_iter()),
    }
}

fn in_environment<'a>(release: &'a Release, intent: &Intent) -> impl Iterator<Item = (usize, &'a Stage)> {
    let stages = release.stages.iter().enumerate();
    stages.filter(|(_, stage)| stage.environment == intent.environment)
}

/// Whether it runs or ran: what happened is not planned anew.
fn has_begun(release: &Release, stage: &Stage, now: DateTime<Utc>) -> bool {
    matches!(release.status, Status::InProgress | Status::Paused) && stage.start <= now
}

/// The planned stage; what the intent does not say stays as it was.
fn stage_of(intent: &Intent, planned: &RegionStage, before: Option<&Stage>) -> Stage {
    let steps = match before {
        Some(before) if intent.steps.is_empty() => before.steps.clone(),
        _ => intent.steps.clone(),
    };
    Stage {
        environment: intent.environment.clone(),
        region: Some(planned.region.clone()),
        start: planned.start,
        end: planned.end,
        time_zone: planned.time_zone,
        strategy: intent.strategy.or_else(|| before.and_then(|before| before.strategy)),
        steps,
        soak: Some(intent.soak).filter(|soak| !soak.is_zero()),
    }
}

/// The keys of the stage that have to say something else.
fn differing(intent: &Intent, planned: &RegionStage, before: &Stage) -> Vec<&'static str> {
    let after = stage_of(intent, planned, Some(before));
    let clock = before.time_zone != after.time_zone;
    let soak = before.soak.filter(|soak| !soak.is_zero());
    let keys = [
        ("region", before.region != after.region),
        ("start", clock || before.start != after.start),
        ("end", clock || before.end != after.end),
        ("time_zone", clock),
        ("resolved", clock || before.start != after.start || before.end != after.end),
        ("strategy", before.strategy != after.strategy),
        ("steps", before.steps != after.steps),
        ("soak", soak != after.soak),
    ];
    keys.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}

/// A planned stage as it stands in the file.
fn written(workspace: &Workspace, intent: &Intent, planned: &RegionStage) -> Vec<(String, Value)> {
    let local = |time: NaiveDateTime| Value::Time(time.format("%Y-%m-%dT%H:%M:%S").to_string());
    let mut table = vec![
        ("environment".to_owned(), Value::text(&intent.environment)),
        ("region".to_owned(), Value::text(&planned.region)),
        ("start".to_owned(), local(planned.local_start)),
        ("end".to_owned(), local(planned.local_end)),
    ];
    if planned.time_zone != zone_of(workspace, &intent.environment, &planned.region) {
        table.push(("time_zone".to_owned(), Value::text(planned.time_zone.name())));
    }
    let pinned = Pinned::new(planned.start, planned.end, planned.time_zone);
    table.push(("resolved".to_owned(), pinned.value()));
    if let Some(strategy) = intent.strategy {
        table.push(("strategy".to_owned(), Value::text(strategy.word())));
    }
    if !intent.steps.is_empty() {
        let steps = intent.steps.iter().copied().map(Value::Number).collect();
        table.push(("steps".to_owned(), Value::List(steps)));
    }
    if let Some(soak) = intent.soak.to_std().ok().filter(|soak| !soak.is_zero()) {
        table.push(("soak".to_owned(), Value::text(humantime::format_duration(soak).to_string())));
    }
    table
}
