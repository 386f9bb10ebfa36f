//! Everything the cockpit knows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::Weekday;
use chrono_tz::Tz;

use crate::domain::{Now, Person, Problem, Question, Workspace};

use super::emergency::Emergencies;
use super::feedback::Feedback;
use super::history::History;
use super::remotes::Remotes;
use super::{Context, Overlay, Panel, board, calendar, monitor, rollback, tracker};

/// How long a word to the person stays.
const NOTICE_LASTS: Duration = Duration::from_secs(6);

/// Everything the cockpit knows.
#[derive(Debug, Clone)]
pub struct State {
    /// The instant of the last message.
    pub now: Now,
    /// The terminal, in columns and rows.
    pub size: (u16, u16),
    /// The zone times are shown in.
    pub zone: Tz,
    /// The machine's own zone.
    pub machine_zone: Tz,
    /// What the terminal and the person allow.
    pub look: Look,
    /// The plan.
    pub workspace: Arc<Workspace>,
    /// Whether it is there.
    pub opening: Opening,
    /// What is wrong with the files.
    pub problems: Vec<Problem>,
    /// The person's settings.
    pub person: Person,
    /// Whether they were read.
    pub person_known: bool,
    /// What the person at the keyboard may be called, likeliest first: by git, by the machine.
    pub names: Vec<String>,
    /// The panel asked for on the command line.
    pub asked_panel: Option<Panel>,
    /// The panel on screen.
    pub panel: Panel,
    /// The calendar's own.
    pub calendar: calendar::State,
    /// The board's own.
    pub board: board::State,
    /// The monitor's own.
    pub monitor: monitor::State,
    /// The rollback panel's own.
    pub rollback: rollback::State,
    /// What is remembered of runs of show.
    pub show: super::show::State,
    /// Who sits here, by the name they are signed in with: stands beside what they do.
    pub who: Option<String>,
    /// The release all panels speak of.
    pub release: Option<String>,
    /// Windows over the panels, topmost last.
    pub overlays: Vec<Overlay>,
    /// Break-glass and stopped lines.
    pub emergencies: Emergencies,
    /// What the person was called for lately.
    pub rung: super::ring::Rung,
    /// The tracker beside the plan.
    pub tracker: tracker::Tracked,
    /// What was asked of the outside.
    pub remotes: Remotes,
    /// How much of the backends' budgets is spent.
    pub budgets: super::budgets::Budgets,
    /// What to ask again at once.
    pub overdue: BTreeSet<Question>,
    /// Undo and redo.
    pub history: History,
    /// A word to the person, and when it came.
    pub notice: Option<Notice>,
    /// What the last frame learned.
    pub feedback: Feedback,
}

/// A word to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The word.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it goes, on the monotonic clock.
    pub until: Duration,
}

/// How a word is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Done,
    /// It did not.
    Refused,
}

/// Whether the workspace is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Opening {
    /// Its files are being read.
    #[default]
    Reading,
    /// It was read.
    Open,
    /// It could not be: what happened, what to do.
    Failed(String),
}

/// What the terminal and the person allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// ASCII only.
    pub ascii: bool,
    /// As few bytes as possible.
    pub low_bandwidth: bool,
    /// A made-up company: SIMULATED is always on screen.
    pub simulated: bool,
    /// Seconds between ticks of the clock on screen.
    pub tick_seconds: u32,
    /// The first day of a week by the locale.
    pub week_start: Weekday,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            ascii: false,
            low_bandwidth: false,
            simulated: false,
            tick_seconds: 1,
            week_start: Weekday::Mon,
        }
    }
}

impl State {
    /// A cockpit that has not read anything yet.
    pub fn new(now: Now, zone: Tz, look: Look) -> Self {
        Self {
            now,
            size: (80, 24),
            zone,
            machine_zone: zone,
            look,
            workspace: Arc::default(),
            opening: Opening::Reading,
            problems: Vec::new(),
            person: Person::default(),
            person_known: false,
            names: Vec::new(),
            asked_panel: None,
            panel: Panel::Calendar,
            calendar: calendar::State::new(now.wall),
            board: board::State::default(),
            monitor: monitor::State::default(),
            rollback: rollback::State::default(),
            show: super::show::State::default(),
            who: None,
            release: None,
            overlays: Vec::new(),
            emergencies: Emergencies::default(),
            rung: super::ring::Rung::default(),
            tracker: tracker::Tracked::default(),
            remotes: Remotes::default(),
            budgets: super::budgets::Budgets::default(),
            overdue: BTreeSet::new(),
            history: History::default(),
            notice: None,
            feedback: Feedback::default(),
        }
    }

    /// Where keys mean something now.
    pub fn context(&self) -> Context {
        match self.overlays.last() {
            Some(overlay) => overlay.context(),
            None if self.panel == Panel::Calendar && self.calendar.moving.is_some() => Context::Moving,
            None => self.panel_context(),
        }
    }

    /// The context of the panel on screen: of its view, where it has views.
    fn panel_context(&self) -> Context {
        match self.panel {
            Panel::Monitor if self.monitor.view != monitor::View::Overview => {
                Context::MonitorView(self.monitor.view)
            }
            panel => Context::of(panel),
        }
    }

    /// What the person looks at below windows with help or a line to type: a run of show in the
    /// panel's place, or the panel.
    pub fn here(&self) -> Context {
        super::show::view(self).map_or_else(|| self.panel_context(), super::show::View::own_context)
    }

    /// Says a word to the person.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        let until = self.now.mono + NOTICE_LASTS;
        self.notice = Some(Notice { text: text.into(), tone, until });
    }

    /// The filter of the panel on screen.
    pub fn filter(&self) -> &str {
        match self.panel {
            Panel::Calendar => &self.calendar.filter,
            Panel::Board => &self.board.filter,
            Panel::Monitor => &self.monitor.filter,
            Panel::Rollback => &self.rollback.filter,
        }
    }

    /// Sets the filter of the panel on screen.
    pub fn set_filter(&mut self, filter: String) {
        *self.filter_of(self.panel) = filter;
    }

    /// The filter of a panel.
    pub fn filter_of(&mut self, panel: Panel) -> &mut String {
        match panel {
            Panel::Calendar => &mut self.calendar.filter,
            Panel::Board => &mut self.board.filter,
            Panel::Monitor => &mut self.monitor.filter,
            Panel::Rollback => &mut self.rollback.filter,
        }
    }

    /// The zones that one key goes round: the machine's, the workspace's, its regions', UTC.
    pub fn zones(&self) -> Vec<Tz> {
        let mut zones = vec![self.machine_zone, self.workspace.time_zone];
        zones.extend(self.person.time_zone);
        let regions = self.workspace.environments.iter().flat_map(|environment| &environment.regions);
        zones.extend(regions.filter_map(|region| region.time_zone));
        zones.push(Tz::UTC);
        let mut seen = BTreeSet::new();
        zones.retain(|zone| seen.insert(zone.name()));
        zones
    }
}

/// Whether every word of a filter is in the text; upper and lower case alike.
pub fn matches_filter(filter: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
}
