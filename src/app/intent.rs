//! What a person wants: verbs, whatever key, click or palette entry they came from.

use super::ListId;
use super::monitor::View;

/// The four panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Panel {
    /// The release calendar.
    #[default]
    Calendar,
    /// The dependency board.
    Board,
    /// The live deployment monitor.
    Monitor,
    /// The rollback panel.
    Rollback,
}

impl Panel {
    /// In the order of their keys.
    pub const ALL: [Self; 4] = [Self::Calendar, Self::Board, Self::Monitor, Self::Rollback];

    /// The word used on the command line and in `config.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Board => "board",
            Self::Monitor => "monitor",
            Self::Rollback => "rollback",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Calendar => "Calendar",
            Self::Board => "Board",
            Self::Monitor => "Monitor",
            Self::Rollback => "Rollback",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|panel| panel.word() == word)
    }
}

/// What a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Nothing: a click that what lies below must not take.
    Stay,
    /// Leave the cockpit.
    Quit,
    /// Hand the terminal back to the shell for a while.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Show this panel.
    ShowPanel(Panel),
    /// The panel to the right, round and round.
    NextPanel,
    /// The panel to the left, round and round.
    PreviousPanel,
    /// The keys for where we are.
    ShowHelp,
    /// Find any command.
    ShowPalette,
    /// What is wrong with the files.
    ShowProblems,
    /// The backends: who, since when, next try.
    ShowBackends,
    /// What was edited, and what of it was taken back.
    ShowEdits,
    /// Filter what this panel lists.
    EditFilter,
    /// Ask everything on screen again.
    Refresh,
    /// Show times in the next zone.
    NextZone,
    /// The next theme.
    NextTheme,
    /// Take back the last edit.
    Undo,
    /// Do it again.
    Redo,
    /// Copy what is selected, as text.
    CopyText,
    /// Copy what is on screen, as JSON.
    CopyJson,
    /// Go in.
    Open,
    /// Come out: closes what is on top, ends a mode, clears a filter.
    Back,
    /// One up.
    Up,
    /// One down.
    Down,
    /// One to the left.
    Left,
    /// One to the right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
    /// The next part of this panel gets the keys.
    NextPane,
    /// The row of a list, by click.
    SelectRow(ListId, usize),
    /// A list, by wheel: rows up (negative) or down.
    ScrollList(ListId, i16),
    /// Monitor: the rollback panel, on what is recommended or selected.
    ShowWayBack,
    /// Calendar: as a month.
    ShowMonth,
    /// Calendar: as a week.
    ShowWeek,
    /// Calendar: as a list.
    ShowAgenda,
    /// Calendar: as lanes over an axis of time.
    ShowTimeline,
    /// Calendar: the layers of windows, shown and hidden.
    ShowLayers,
    /// Calendar, timeline: lanes by the next of team, environment, region, service.
    GroupLanes,
    /// Calendar: the day or week or month before.
    PreviousPeriod,
    /// Calendar: the one after.
    NextPeriod,
    /// Calendar: back to now.
    GoToNow,
    /// Calendar: begin to move the selected stage.
    MoveStage,
    /// Calendar: everything that collides.
    ShowConflicts,
    /// Calendar: a staged go-live over the regions of the selected stage's environment.
    PlanGoLive,
    /// Calendar: a stage a region in place of the selected one.
    SplitStage,
    /// Calendar: a copy of the selected release, to be placed.
    CopyRelease,
    /// Calendar: the next starts of the selected stage that clear every block.
    FindSlots,
    /// Calendar: begin to move the whole release; while moving: all of it, or the stage alone.
    MoveRelease,
    /// Calendar, moving: make it longer.
    Lengthen,
    /// Calendar, moving: make it shorter.
    Shorten,
    /// Calendar: plan a new release by form.
    NewRelease,
    /// Calendar: change the selected release or window by form.
    EditSelected,
    /// Open the file of what is selected, or the text of the field, in the person's own editor.
    EditFile,
    /// Calendar: add a freeze or a change window by form.
    NewWindow,
    /// Calendar: a break-glass exception for the selected stage.
    BreakGlass,
    /// Calendar: cancel the selected release, or remove the selected window.
    Remove,
    /// Calendar: leave the selected occurrence of a window out.
    SkipOccurrence,
    /// Calendar: add an occurrence to the selected window.
    AddOccurrence,
    /// Plan a release in one line.
    QuickAdd,
    /// Stop the line, or lift the stop.
    StopTheLine,
    /// Calendar: plan the selected version of the tracker here.
    AdoptVersion,
    /// Calendar: bring the selected release's date to the tracker.
    PushDate,
    /// Calendar: the versions of the tracker beside the plan.
    ShowVersions,
    /// Form: the next field.
    NextField,
    /// Form: the field before.
    PreviousField,
    /// Form: save it.
    SaveForm,
    /// Form: offer what could be in the field.
    ShowOffers,
    /// Form: another part, such as a stage.
    AddPart,
    /// Form: take the part with the keys out.
    RemovePart,
    /// Form: the field as it was.
    ResetField,
    /// Board: the next environment.
    NextEnvironment,
    /// Board: the environment before.
    PreviousEnvironment,
    /// Monitor: show this view.
    ShowView(View),
    /// Monitor: the next view, round and round.
    NextView,
    /// Monitor: the view before.
    PreviousView,
    /// Monitor: stop following, or follow again.
    TogglePause,
    /// Monitor, timeline: look at less time.
    ZoomIn,
    /// Monitor, timeline: look at more time.
    ZoomOut,
    /// Monitor: look further back.
    PanBack,
    /// Monitor: look further on.
    PanForward,
    /// Monitor: the next metric of the selected rollout.
    NextMetric,
    /// Monitor, health: run the selected check now.
    RunCheck,
    /// Monitor, charts: read values off a point earlier.
    CursorBack,
    /// Monitor, charts: read values off a point later.
    CursorForward,
    /// Monitor, charts: read values off many points earlier.
    CursorFarBack,
    /// Monitor, charts: read values off many points later.
    CursorFarForward,
    /// Monitor, charts: draw the same hour of the last weeks, or no longer.
    ToggleBand,
    /// Monitor, charts: the selected chart stays first, or no longer.
    PinChart,
    /// Monitor, charts: the selected metric at other places and of other services, or no longer.
    CompareChart,
    /// Monitor: acknowledge the selected alert.
    Acknowledge,
    /// Monitor: silence the selected alert, or the rollout, for its planned stage.
    SilenceAlert,
    /// Monitor: end silences that were made here.
    EndSilences,
    /// Monitor, watch: note what is seen.
    AddNote,
    /// Monitor, watch: somebody else watches from here on.
    HandOver,
    /// Monitor, watch: nobody has to watch any more.
    CloseWatch,
    /// The run of show of the selected release.
    ShowRunOfShow,
    /// Its war room.
    ShowWarRoom,
    /// Run of show: the selected step begins.
    StartStep,
    /// Run of show: it is done.
    FinishStep,
    /// Run of show: it is left out.
    SkipStep,
    /// Run of show: as if nothing had happened to it.
    ReopenStep,
    /// Run of show: it goes to another time on the count.
    MoveStep,
    /// Run of show: ask its check now.
    CheckStep,
    /// Run of show: a new step.
    AddStep,
    /// Run of show: hold the count.
    HoldCount,
    /// Run of show: let the count go on.
    ResumeCount,
}
