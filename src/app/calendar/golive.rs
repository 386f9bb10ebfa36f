//! A staged go-live over regions: one intent, a stage a region at its own local hour, seen before
//! it is written.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, Overlay, State, list, update};
use crate::domain::conflicts::Conflict;
use crate::domain::golive::{self, Fate, GoLive, RegionIntent, RegionStage};
use crate::domain::{Before, Edit, Patch, PlanFile, planning};

use super::conflicts::would_collide;
use super::{Selected, moving};

/// How far a key moves the hour.
const STEP: TimeDelta = TimeDelta::minutes(30);
/// The soak where the stage has none.
const SOAK: TimeDelta = TimeDelta::hours(1);

/// A go-live that is being planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialog {
    /// The release.
    pub release: String,
    /// What is wanted.
    pub intent: golive::Intent,
    /// What comes of it.
    pub plan: GoLive,
    /// What becomes of the planned stages in the release, in their order; or what is in the way.
    pub fates: Result<Vec<Fate>, String>,
    /// What the release would collide with; `None`: not known yet.
    pub collides: Option<Vec<Conflict>>,
    /// Which region is selected.
    pub selected: usize,
}

/// Opens it for the environment of the selected stage.
pub fn open(state: &mut State) {
    let dialog = match begin(state) {
        Ok(dialog) => dialog,
        Err(why) => return state.say(Tone::Refused, why),
    };
    state.overlays.push(Overlay::GoLive(Box::new(dialog)));
    plan(state);
}

fn begin(state: &State) -> Result<Dialog, String> {
    let Some(Selected::Stage { release: id, stage }) = &state.calendar.selected else {
        return Err(moving::no_stage(state, "no go-live to plan"));
    };
    moving::take_up(state, id, *stage, moving::Scope::Stage, moving::By::Keys)?;
    let stage = state.workspace.release(id).and_then(|release| release.stages.get(*stage));
    let Some(stage) = stage else { return Err("the stage is not there any more".into()) };
    let environment = state.workspace.environment(&stage.environment);
    let regions = environment.map(|environment| environment.regions.as_slice()).unwrap_or_default();
    if regions.is_empty() {
        return Err(format!("{} has no regions: add them to tminus.toml first", stage.environment));
    }
    let local = stage.start.with_timezone(&stage.time_zone);
    let region = |(index, id): (usize, &String)| RegionIntent {
        id: id.clone(),
        // The first one goes no earlier than it does now; the others follow.
        not_before: (index == 0).then(|| local.date_naive()),
    };
    let ids = regions.iter().map(|region| &region.id).enumerate();
    let intent = golive::Intent {
        environment: stage.environment.clone(),
        regions: ids.map(region).collect(),
        local: local.time(),
        from: state.now.wall,
        duration: stage.end - stage.start,
        soak: stage.soak.unwrap_or(SOAK),
        strategy: stage.strategy,
        steps: stage.steps.clone(),
    };
    let release = id.clone();
    let (plan, fates) = (GoLive::default(), Ok(Vec::new()));
    Ok(Dialog { release, intent, plan, fates, collides: None, selected: 0 })
}

fn dialog_mut(state: &mut State) -> Option<&mut Dialog> {
    match state.overlays.last_mut() {
        Some(Overlay::GoLive(dialog)) => Some(dialog),
        _ => None,
    }
}

/// Plans anew what the intent says.
fn plan(state: &mut State) {
    let Some(Overlay::GoLive(dialog)) = state.overlays.last() else { return };
    let Some(release) = state.workspace.release(&dialog.release) else { return };
    let plan = golive::plan(&state.workspace, release, &dialog.intent, state.now.wall);
    let fates = plan.fates(&state.workspace, release, &dialog.intent);
    let applied = plan.applied(&state.workspace, release, &dialog.intent);
    let collides = applied.ok().and_then(|applied| would_collide(state, &applied));
    if let Some(dialog) = dialog_mut(state) {
        (dialog.plan, dialog.fates, dialog.collides) = (plan, fates, collides);
    }
}

/// The files say something else: it is planned anew, or let go where its release is gone.
pub fn reconcile(state: &mut State) {
    let Some(dialog) = dialog_mut(state) else { return };
    let release = dialog.release.clone();
    if state.workspace.release(&release).is_none() {
        state.overlays.pop();
        state.say(Tone::Refused, "the release is not there any more");
        return;
    }
    plan(state);
}

/// Carries out an intent on the go-live that lies on top; `None`: it is another window's.
pub fn in_dialog(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    let dialog = dialog_mut(state)?;
    let count = dialog.intent.regions.len();
    let selected = dialog.selected;
    match intent {
        Intent::Up => dialog.selected = list::step(selected, -1, count),
        Intent::Down => dialog.selected = list::step(selected, 1, count),
        Intent::SelectRow(ListId::Overlay, index) => dialog.selected = index.min(count.saturating_sub(1)),
        Intent::Left => dialog.put_off(selected, -1),
        Intent::Right => dialog.put_off(selected, 1),
        Intent::Lengthen => dialog.intent.local = dialog.intent.local.overflowing_add_signed(STEP).0,
        Intent::Shorten => dialog.intent.local = dialog.intent.local.overflowing_sub_signed(STEP).0,
        Intent::PreviousPeriod if selected > 0 => dialog.swap(selected, selected - 1),
        Intent::NextPeriod if selected + 1 < count => dialog.swap(selected, selected + 1),
        Intent::Open => return Some(write(state)),
        Intent::Back => {
            state.overlays.pop();
        }
        _ => {}
    }
    plan(state);
    Some(Vec::new())
}

impl Dialog {
    /// The stage of a region of the intent, where a day was found for it.
    pub fn stage_of(&self, region: &str) -> Option<&RegionStage> {
        self.plan.stages.iter().find(|stage| stage.region == region)
    }

    /// What becomes of a region's planned stage in the release, where that is known.
    pub fn fate_of(&self, region: &str) -> Option<Fate> {
        let index = self.plan.stages.iter().position(|stage| stage.region == region)?;
        self.fates.as_ref().ok()?.get(index).copied()
    }

    /// Puts a region off by days from the day it has.
    fn put_off(&mut self, index: usize, days: i64) {
        let Some(region) = self.intent.regions.get(index) else { return };
        let day: Option<NaiveDate> =
            self.stage_of(&region.id).map(|stage| stage.local_start.date()).or(region.not_before);
        let by = Days::new(days.unsigned_abs());
        let moved =
            day.and_then(|day| if days < 0 { day.checked_sub_days(by) } else { day.checked_add_days(by) });
        if let Some(region) = self.intent.regions.get_mut(index) {
            region.not_before = moved.or(region.not_before);
        }
    }

    /// Another order: the day that was wanted of the first stays with the first.
    fn swap(&mut self, one: usize, other: usize) {
        let regions = &mut self.intent.regions;
        regions.swap(one, other);
        if one == 0 || other == 0 {
            let (first, second) = (one.min(other), one.max(other));
            let (day, rest) = (regions[second].not_before, regions[first].not_before);
            (regions[first].not_before, regions[second].not_before) = (day, rest);
        }
        self.selected = other;
    }
}

/// Writes the stages: those that the release has in these regions move, the others are added.
fn write(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::GoLive(dialog)) = state.overlays.last() else { return Vec::new() };
    if dialog.plan.stages.len() < dialog.intent.regions.len() {
        let missing = dialog.intent.regions.iter().find(|region| dialog.stage_of(&region.id).is_none());
        let region = missing.map(|region| region.id.clone()).unwrap_or_default();
        state.say(Tone::Refused, format!("{region} found no day: another hour, or another order"));
        return Vec::new();
    }
    let Some(release) = state.workspace.release(&dialog.release) else { return Vec::new() };
    let changes = match dialog.plan.changes(&state.workspace, release, &dialog.intent) {
        Ok(changes) => changes,
        Err(why) => {
            state.say(Tone::Refused, why);
            return Vec::new();
        }
    };
    let patch = Patch {
        file: PlanFile::Release(release.id.clone()),
        title: format!("plan the go-live of {}", release.id),
        before: Some(Box::new(Before::Release(release.clone()))),
        changes,
    };
    state.overlays.pop();
    update::save(state, Edit::Patch(patch))
}

/// Splits the selected stage: a stage a region, each at the same hour of its own.
pub fn split(state: &mut State) -> Vec<Effect> {
    let Some(Selected::Stage { release, stage }) = state.calendar.selected.clone() else {
        state.say(Tone::Refused, moving::no_stage(state, "nothing to split"));
        return Vec::new();
    };
    let split =
        moving::take_up(state, &release, stage, moving::Scope::Stage, moving::By::Keys).and_then(|_| {
            let release = state.workspace.release(&release).ok_or("the release is not there any more")?;
            planning::split(&state.workspace, release, stage)
        });
    match split {
        Ok(patch) => update::save(state, Edit::Patch(patch)),
        Err(why) => {
            state.say(Tone::Refused, why);
            Vec::new()
        }
    }
}

/// As JSON, near to `tminus golive`.
pub fn snapshot(dialog: &Dialog) -> Value {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    json!({
        "release": dialog.release, "environment": dialog.intent.environment,
        "local": dialog.intent.local.format("%H:%M").to_string(),
        "stages": dialog.plan.stages.iter().map(|stage| json!({
            "region": stage.region, "time_zone": stage.time_zone.name(),
            "local_start": stage.local_start, "local_end": stage.local_end,
            "start": time(stage.start), "end": time(stage.end), "soaked": time(stage.soaked),
            "change": dialog.fate_of(&stage.region).map(Fate::word),
            "stage": dialog.fate_of(&stage.region).and_then(Fate::stage),
        })).collect::<Vec<_>>(),
        "blocked": dialog.fates.as_ref().err(),
        "notices": dialog.plan.notices.iter().map(|notice| json!({
            "region": notice.region, "kind": notice.kind, "message": notice.message,
        })).collect::<Vec<_>>(),
        "collides": dialog.collides.as_ref()
            .map(|found| found.iter().map(super::conflicts::document).collect::<Vec<_>>()),
    })
}
