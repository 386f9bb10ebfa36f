//! What lies on the days: stages, windows and past releases, and where a stage is being moved.

use chrono::{DateTime, Utc};

use super::Canvas;
use crate::app::State;
use crate::app::calendar::conflicts;
use crate::app::calendar::{Kept, Mark, What, branches, status_sign};
use crate::app::tracker::Unplanned;
use crate::domain::conflicts::Severity;
use crate::domain::{Release, Stage, Status, Window, WindowKind};
use crate::theme::Role;

/// A mark and how it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// When.
    pub start: DateTime<Utc>,
    /// Until when.
    pub end: DateTime<Utc>,
    /// What.
    pub what: Thing<'a>,
    /// Its place on the line of time; `None` for where it would go.
    pub place: Option<usize>,
    /// Whether it is there or on its way.
    pub way: Way,
    /// Its details are shown.
    pub selected: bool,
    /// Whether the branches it freezes were kept.
    pub kept: Kept,
    /// The worst that it collides with; `None`: nothing that is known.
    pub worst: Option<Severity>,
}

/// What a mark stands for.
#[derive(Debug, Clone, Copy)]
pub enum Thing<'a> {
    /// A stage of a release.
    Stage(&'a Release, &'a Stage),
    /// An occurrence of a window.
    Window(&'a Window),
    /// A past release: service and tag.
    Tag(&'a str, &'a str, &'a str),
    /// A version of the tracker that nobody planned.
    Version(&'a Unplanned),
}

/// Whether a mark is where it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is.
    There,
    /// It is leaving.
    From,
    /// It would come here.
    To,
    /// It was put here; the files do not say so yet.
    Unsaved,
}

/// The marks that meet a range, sorted by start, and those on their way there.
pub fn shown(state: &State, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Shown<'_>> {
    let calendar = &state.calendar;
    let mut shown: Vec<Shown<'_>> =
        calendar.timeline.places(from, to).filter_map(|(place, mark)| one(state, place, mark)).collect();
    let moving = calendar
        .moving
        .iter()
        .flat_map(|it| it.all().map(|held| (&it.release, held.stage, held.to, Way::To)));
    let placed = calendar.placed.iter().map(|it| (&it.release, it.stage, it.to, Way::Unsaved));
    for (release, index, (start, end), way) in moving.chain(placed) {
        let found = state.workspace.release(release);
        if let Some((release, stage)) = found.and_then(|release| Some((release, release.stages.get(index)?)))
            && start < to
            && from < end
        {
            let selected =
                way == Way::To && calendar.moving.as_ref().is_some_and(|it| it.hand.stage == index);
            let what = Thing::Stage(release, stage);
            let worst = on_its_way(state, &release.id, index, way);
            let kept = Kept::NotWatched;
            shown.push(Shown { start, end, what, place: None, way, selected, kept, worst });
        }
    }
    // A stage that has not been moved yet is shown once.
    if let Some(moving) = calendar.moving.as_ref().filter(|moving| !moving.hand.is_moved()) {
        shown.retain(|shown| {
            shown.way != Way::From
                || !matches!(shown.what, Thing::Stage(release, _) if release.id == moving.release)
        });
    }
    shown
}

/// One mark of the line of time.
pub fn one<'a>(state: &'a State, place: usize, mark: &Mark) -> Option<Shown<'a>> {
    let workspace = &state.workspace;
    let (mut way, mut kept) = (Way::There, Kept::NotWatched);
    let what = match mark.what {
        What::Stage(release, stage) => {
            let release = workspace.releases.get(release as usize)?;
            let index = stage as usize;
            let calendar = &state.calendar;
            let moves = calendar.moving.as_ref().is_some_and(|it| it.carries(&release.id, index).is_some());
            let placed = calendar.placed.iter().any(|it| it.stage == index && it.release == release.id);
            if moves || placed {
                way = Way::From;
            }
            Thing::Stage(release, release.stages.get(index)?)
        }
        What::Window(window) => {
            let window = workspace.windows.get(window as usize)?;
            kept = branches::kept(state, window, mark.start);
            Thing::Window(window)
        }
        What::Version(version) => Thing::Version(state.tracker.unplanned.get(version as usize)?),
        What::Tag(tag) => {
            let past = state.calendar.plan.past.get(tag as usize)?;
            let service = workspace.services.get(past.service as usize)?;
            Thing::Tag(&service.id, past.name.as_str(), past.subject.as_str())
        }
    };
    let selected = way == Way::There && state.calendar.held == Some(place);
    let worst = match (what, mark.what) {
        (Thing::Stage(release, _), What::Stage(_, stage)) if way == Way::There => {
            conflicts::severity(state, &release.id, stage as usize)
        }
        _ => None,
    };
    Some(Shown { start: mark.start, end: mark.end, what, place: Some(place), way, selected, kept, worst })
}

/// The worst of what a stage would collide with where it goes.
fn on_its_way(state: &State, release: &str, stage: usize, way: Way) -> Option<Severity> {
    let trial = state.calendar.conflicts.trial.as_ref()?;
    let moving = state.calendar.moving.as_ref()?;
    (way == Way::To && moving.release == release).then(|| conflicts::worst(trial.of_stage(stage)))?
}

impl Shown<'_> {
    /// Its name with the signs that tell what collides and how it stands.
    pub fn title(&self) -> String {
        let alarm = match self.worst {
            Some(Severity::Block) => "✖ ",
            Some(Severity::Warn) => "▲ ",
            None => "",
        };
        format!("{alarm}{}", self.name())
    }

    /// The look of its edge, where it collides.
    pub fn alarm(&self) -> Option<Role> {
        self.worst.map(|severity| super::conflicts::sign(severity).1)
    }

    fn name(&self) -> String {
        match self.what {
            Thing::Stage(release, _) => {
                let sign = match (self.way, release.status) {
                    (Way::To, _) => "» ",
                    (Way::Unsaved, _) => "▲ UNSAVED ",
                    (Way::From, _) => "‹ ",
                    (_, Status::Planned | Status::Approved) => "",
                    (_, status) => return format!("{} {}", status_sign(status), release.title),
                };
                format!("{sign}{}", release.title)
            }
            Thing::Window(window) => {
                let kept = match self.kept {
                    // Before the title, which may have no room.
                    Kept::No(landed) => format!("✖{landed} "),
                    Kept::Unknown => "◌ ".to_owned(),
                    Kept::Yes | Kept::NotWatched => String::new(),
                };
                format!("{} {kept}{}", window_sign(window), window.title)
            }
            Thing::Version(version) => format!("◇ {}", version.reference.version),
            Thing::Tag(service, name, _) => format!("• {service} {name}"),
        }
    }

    /// How it looks.
    pub fn role(&self) -> Role {
        if self.selected {
            return Role::Selected;
        }
        match (self.way, self.what) {
            (Way::To, _) => Role::Selected,
            (Way::Unsaved, _) => Role::Attention,
            (Way::From, _) | (_, Thing::Tag(..)) => Role::Past,
            (_, Thing::Version(_)) => Role::Dim,
            (Way::There, Thing::Stage(release, _)) => match release.status {
                Status::Completed | Status::RolledBack | Status::Cancelled => Role::Past,
                Status::Paused => Role::Attention,
                _ => Role::Planned,
            },
            (Way::There, Thing::Window(window)) => window_role(window),
        }
    }

    /// Whether it is a freeze that denies something.
    pub fn is_freeze(&self) -> bool {
        matches!(self.what, Thing::Window(window) if window.denies())
    }
}

/// The sign of a window. A freeze that lets everything pass only tells people something.
pub fn window_sign(window: &Window) -> &'static str {
    match window.kind {
        WindowKind::Freeze if window.denies() => "┃",
        WindowKind::Freeze => "◦",
        WindowKind::Change => "╎",
    }
}

/// The look of a window.
pub fn window_role(window: &Window) -> Role {
    match window.kind {
        WindowKind::Freeze if window.denies() => Role::Freeze,
        WindowKind::Freeze => Role::Past,
        WindowKind::Change => Role::ChangeWindow,
    }
}

/// `production · eu`.
pub fn place(stage: &Stage) -> String {
    match &stage.region {
        Some(region) => format!("{} · {region}", stage.environment),
        None => stage.environment.clone(),
    }
}

/// A text over the whole width of a cell, so that nothing below shows and its look fills it. A
/// narrow cell has no room for the sign of a cut.
pub fn cell(canvas: &mut Canvas<'_>, x: u16, y: u16, width: u16, text: &str, role: Role) {
    use unicode_segmentation::UnicodeSegmentation;
    use unicode_width::UnicodeWidthStr;
    let area = ratatui::layout::Rect::new(x, y, width, 1);
    canvas.clear(area, role);
    if role == Role::Freeze {
        canvas.hatch(area, role);
    }
    let mut used = 0;
    let fitting = |cluster: &&str| {
        used += cluster.width();
        used <= usize::from(width)
    };
    if width < 9 {
        let cut: String = text.graphemes(true).take_while(fitting).collect();
        canvas.text(x, y, width, &cut, role);
    } else {
        canvas.text(x, y, width, text, role);
    }
}
