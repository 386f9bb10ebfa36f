//! The one table of commands: keys, help, palette and hints all come from these rows.

use super::monitor::View;
use super::{Intent, Panel};

/// Where a key means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Everywhere, unless something nearer says otherwise.
    Global,
    /// In the calendar.
    Calendar,
    /// In the calendar, while a stage is being moved.
    Moving,
    /// On the board.
    Board,
    /// In the monitor, whatever the view.
    Monitor,
    /// In one view of the monitor; its overview has none of its own.
    MonitorView(View),
    /// In the rollback panel.
    Rollback,
    /// In a window over the panels: help, problems, backends.
    Overlay,
    /// Where text is typed: palette, filter.
    Typing,
    /// In a form.
    Form,
    /// In a run of show.
    RunOfShow,
    /// In the war room.
    WarRoom,
}

impl Context {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::Global,
        Self::Calendar,
        Self::Moving,
        Self::Board,
        Self::Monitor,
        Self::MonitorView(View::Judge),
        Self::MonitorView(View::Charts),
        Self::MonitorView(View::Train),
        Self::MonitorView(View::Skew),
        Self::MonitorView(View::Lanes),
        Self::MonitorView(View::Burn),
        Self::MonitorView(View::Health),
        Self::MonitorView(View::Alerts),
        Self::MonitorView(View::Watch),
        Self::Rollback,
        Self::Overlay,
        Self::Typing,
        Self::Form,
        Self::RunOfShow,
        Self::WarRoom,
    ];

    /// The word used in `config.toml`: `[keys.calendar]`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Calendar => "calendar",
            Self::Moving => "moving",
            Self::Board => "board",
            Self::Monitor => "monitor",
            Self::MonitorView(view) => view.context_word(),
            Self::Rollback => "rollback",
            Self::Overlay => "overlay",
            Self::Typing => "typing",
            Self::Form => "form",
            Self::RunOfShow => "run-of-show",
            Self::WarRoom => "war-room",
        }
    }

    /// Whether keys that mean nothing else are typed.
    pub fn types(self) -> bool {
        matches!(self, Self::Typing | Self::Form)
    }

    /// The contexts whose keys count here, nearest first.
    pub fn chain(self) -> &'static [Self] {
        match self {
            Self::Calendar => &[Self::Calendar, Self::Global],
            Self::Moving => &[Self::Moving],
            Self::Board => &[Self::Board, Self::Global],
            Self::Monitor | Self::MonitorView(View::Overview) => &[Self::Monitor, Self::Global],
            Self::MonitorView(View::Charts) => {
                &[Self::MonitorView(View::Charts), Self::Monitor, Self::Global]
            }
            Self::MonitorView(View::Judge) => &[Self::MonitorView(View::Judge), Self::Monitor, Self::Global],
            Self::MonitorView(View::Train) => &[Self::MonitorView(View::Train), Self::Monitor, Self::Global],
            Self::MonitorView(View::Lanes) => &[Self::MonitorView(View::Lanes), Self::Monitor, Self::Global],
            Self::MonitorView(View::Skew) => &[Self::MonitorView(View::Skew), Self::Monitor, Self::Global],
            Self::MonitorView(View::Burn) => &[Self::MonitorView(View::Burn), Self::Monitor, Self::Global],
            Self::MonitorView(View::Health) => {
                &[Self::MonitorView(View::Health), Self::Monitor, Self::Global]
            }
            Self::MonitorView(View::Alerts) => {
                &[Self::MonitorView(View::Alerts), Self::Monitor, Self::Global]
            }
            Self::MonitorView(View::Watch) => &[Self::MonitorView(View::Watch), Self::Monitor, Self::Global],
            Self::Rollback => &[Self::Rollback, Self::Global],
            Self::Overlay => &[Self::Overlay, Self::Global],
            Self::Typing => &[Self::Typing],
            Self::Form => &[Self::Form],
            Self::RunOfShow => &[Self::RunOfShow, Self::Global],
            Self::WarRoom => &[Self::WarRoom, Self::Global],
            Self::Global => &[Self::Global],
        }
    }

    /// The context of a panel.
    pub fn of(panel: Panel) -> Self {
        match panel {
            Panel::Calendar => Self::Calendar,
            Panel::Board => Self::Board,
            Panel::Monitor => Self::Monitor,
            Panel::Rollback => Self::Rollback,
        }
    }
}

/// One row: an action with its name, its words and its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    /// Where its keys mean it.
    pub context: Context,
    /// What is wanted.
    pub intent: Intent,
    /// Its name in `config.toml` and in the palette.
    pub name: &'static str,
    /// What it does, in a few words.
    pub title: &'static str,
    /// Its keys, unless the person's file changes them: `ctrl-p`, `g g`.
    pub keys: &'static [&'static str],
    /// Its word among the hints at the bottom; empty: not hinted.
    pub hint: &'static str,
}

const fn row(
    context: Context,
    intent: Intent,
    name: &'static str,
    title: &'static str,
    keys: &'static [&'static str],
    hint: &'static str,
) -> Command {
    Command { context, intent, name, title, keys, hint }
}

use Context::{
    Board, Calendar, Form, Global, Monitor, Moving, Overlay, Rollback, RunOfShow, Typing, WarRoom,
};

/// Every command, in the order of the help.
#[rustfmt::skip]
pub const COMMANDS: &[Command] = &[
    row(Global, Intent::QuickAdd, "quick-add", "Plan a release in one line", &["shift-a"], ""),
    row(Global, Intent::StopTheLine, "stop-the-line", "Stop the line, or lift the stop", &["!"], ""),
    row(Global, Intent::ShowRunOfShow, "run-of-show", "The run of show of the selected release", &["o"], ""),
    row(Global, Intent::ShowWarRoom, "war-room", "Its count, large, for a wall", &["shift-o"], ""),
    row(Global, Intent::Undo, "undo", "Take back the last edit", &["u"], ""),
    row(Global, Intent::Redo, "redo", "Do it again", &["ctrl-r", "shift-u"], ""),
    row(Global, Intent::ShowEdits, "edits", "What was edited, and taken back", &["shift-z"], ""),
    row(Global, Intent::ShowPanel(Panel::Calendar), "show-calendar", "Show the release calendar", &["1"], ""),
    row(Global, Intent::ShowPanel(Panel::Board), "show-board", "Show the dependency board", &["2"], ""),
    row(Global, Intent::ShowPanel(Panel::Monitor), "show-monitor", "Show the deployment monitor", &["3"], ""),
    row(Global, Intent::ShowPanel(Panel::Rollback), "show-rollback", "Show the rollback panel", &["4"], ""),
    row(Global, Intent::NextPanel, "next-panel", "Next panel", &["tab"], ""),
    row(Global, Intent::PreviousPanel, "previous-panel", "Previous panel", &["backtab"], ""),
    row(Global, Intent::Up, "up", "Up", &["k", "up"], ""),
    row(Global, Intent::Down, "down", "Down", &["j", "down"], ""),
    row(Global, Intent::Left, "left", "Left", &["h", "left"], ""),
    row(Global, Intent::Right, "right", "Right", &["l", "right"], ""),
    row(Global, Intent::PageUp, "page-up", "A page up", &["pageup", "ctrl-b"], ""),
    row(Global, Intent::PageDown, "page-down", "A page down", &["pagedown", "ctrl-f"], ""),
    row(Global, Intent::First, "first", "To the first", &["g g", "home"], ""),
    row(Global, Intent::Last, "last", "To the last", &["shift-g", "end"], ""),
    row(Global, Intent::Open, "open", "Go in", &["enter"], ""),
    row(Global, Intent::Back, "back", "Come out; end a mode; clear the filter", &["esc"], ""),
    row(Global, Intent::NextPane, "next-pane", "Next part of the panel", &["w"], ""),
    row(Global, Intent::EditFilter, "filter", "Filter what is listed", &["/"], "filter"),
    row(Global, Intent::Refresh, "refresh", "Ask everything on screen again", &["shift-r"], ""),
    row(Global, Intent::NextZone, "next-zone", "Show times in the next zone", &["z"], "zone"),
    row(Global, Intent::NextTheme, "next-theme", "Next theme", &["shift-t", "ctrl-t"], ""),
    row(Global, Intent::CopyText, "copy", "Copy what is selected", &["y"], ""),
    row(Global, Intent::CopyJson, "copy-json", "Copy what is on screen as JSON", &["shift-y"], ""),
    row(Global, Intent::ShowProblems, "problems", "What is wrong with the files", &["shift-p"], ""),
    row(Global, Intent::ShowBackends, "backends", "How the backends are", &["shift-b"], ""),
    row(Global, Intent::ShowPalette, "palette", "Find any command", &[":", "ctrl-p"], "commands"),
    row(Global, Intent::ShowHelp, "help", "The keys for where you are", &["?", "f1"], "keys"),
    row(Global, Intent::Redraw, "redraw", "Draw everything anew", &["ctrl-l"], ""),
    row(Global, Intent::Suspend, "suspend", "Back to the shell; fg returns", &["ctrl-z"], ""),
    row(Global, Intent::Quit, "quit", "Leave", &["q", "ctrl-c"], "quit"),
    row(Calendar, Intent::ShowMonth, "month", "As a month", &["shift-m"], ""),
    row(Calendar, Intent::ShowWeek, "week", "As a week", &["shift-w"], ""),
    row(Calendar, Intent::ShowAgenda, "agenda", "As a list", &["a"], "agenda"),
    row(Calendar, Intent::ShowTimeline, "timeline", "As lanes over time", &["shift-t"], ""),
    row(Calendar, Intent::GroupLanes, "group-lanes", "Lanes by team, environment, region, service", &["b"], ""),
    row(Calendar, Intent::ShowLayers, "layers", "Show and hide layers of windows", &["shift-l"], ""),
    row(Calendar, Intent::ZoomIn, "zoom-in", "Look at less time", &["+", "="], ""),
    row(Calendar, Intent::ZoomOut, "zoom-out", "Look at more time", &["-"], ""),
    row(Calendar, Intent::PreviousPeriod, "previous-period", "The week or month before", &["["], ""),
    row(Calendar, Intent::NextPeriod, "next-period", "The week or month after", &["]"], ""),
    row(Calendar, Intent::GoToNow, "now", "Back to now", &["t"], "today"),
    row(Calendar, Intent::MoveStage, "move-stage", "Move the selected stage", &["m"], "move"),
    row(Calendar, Intent::ShowConflicts, "conflicts", "Everything that collides", &["shift-c"], "collides"),
    row(Calendar, Intent::FindSlots, "find-slots", "The next starts that clear every block", &["f"], "slots"),
    row(Calendar, Intent::CopyRelease, "copy-release", "A copy of the release, to be placed", &["c"], ""),
    row(Calendar, Intent::SplitStage, "split-stage", "Split the stage over its regions", &["s"], ""),
    row(Calendar, Intent::PlanGoLive, "go-live", "A staged go-live over regions", &["g l"], ""),
    row(Calendar, Intent::MoveRelease, "move-release", "Move the whole release", &["r"], ""),
    row(Calendar, Intent::NewRelease, "new-release", "Plan a new release", &["n"], "new"),
    row(Calendar, Intent::EditFile, "edit-file", "Change its file in your own editor", &["shift-v"], ""),
    row(Calendar, Intent::EditSelected, "edit", "Change the selected one by form", &["e"], "edit"),
    row(Calendar, Intent::NewWindow, "new-window", "Add a freeze or a change window", &["shift-n"], ""),
    row(Calendar, Intent::BreakGlass, "break-glass", "An exception to the freeze in its way", &["x"], ""),
    row(Calendar, Intent::Remove, "remove", "Cancel the release, or remove the window", &["shift-d"], ""),
    row(Calendar, Intent::SkipOccurrence, "skip-occurrence", "Leave out this occurrence of the window", &["delete"], ""),
    row(Calendar, Intent::AddOccurrence, "add-occurrence", "Add an occurrence to the window", &["insert"], ""),
    row(Calendar, Intent::AdoptVersion, "adopt-version", "Plan the selected version of the tracker", &["i"], ""),
    row(Calendar, Intent::PushDate, "push-date", "Bring the release's date to the tracker", &["p"], ""),
    row(Calendar, Intent::ShowVersions, "versions", "Versions of the tracker beside the plan", &["shift-i"], ""),
    row(Moving, Intent::Left, "earlier-day", "A day earlier", &["h", "left"], ""),
    row(Moving, Intent::Right, "later-day", "A day later", &["l", "right"], "day"),
    row(Moving, Intent::Up, "earlier", "A quarter of an hour earlier", &["k", "up"], ""),
    row(Moving, Intent::Down, "later", "A quarter of an hour later", &["j", "down"], "15 m"),
    row(Moving, Intent::PageUp, "earlier-hour", "An hour earlier", &["shift-k", "pageup"], ""),
    row(Moving, Intent::PageDown, "later-hour", "An hour later", &["shift-j", "pagedown"], "hour"),
    row(Moving, Intent::PreviousPeriod, "earlier-week", "A week earlier", &["shift-h", "["], ""),
    row(Moving, Intent::NextPeriod, "later-week", "A week later", &["shift-l", "]"], "week"),
    row(Moving, Intent::Lengthen, "longer", "A quarter of an hour longer", &["+", ">"], ""),
    row(Moving, Intent::Shorten, "shorter", "A quarter of an hour shorter", &["-", "<"], ""),
    row(Moving, Intent::FindSlots, "find-slots", "The next starts that clear every block", &["f"], "slots"),
    row(Moving, Intent::MoveRelease, "whole-release", "The whole release, or the stage alone", &["r"], "all"),
    row(Moving, Intent::Open, "put-down", "Put it down here", &["enter"], "put down"),
    row(Moving, Intent::Back, "leave-it", "Leave it where it was", &["esc"], "leave it"),
    row(Board, Intent::NextEnvironment, "next-environment", "Next environment", &["]", "e"], "environment"),
    row(Board, Intent::PreviousEnvironment, "previous-environment", "Environment before", &["[", "shift-e"], ""),
    row(Monitor, Intent::NextView, "next-view", "Next view of the monitor", &["v"], "view"),
    row(Monitor, Intent::PreviousView, "previous-view", "The view before", &["shift-v"], ""),
    row(Monitor, Intent::ShowView(View::Overview), "monitor-overview", "Rollouts, charts, alerts, timeline", &["g o"], ""),
    row(Monitor, Intent::ShowView(View::Judge), "monitor-judge", "The verdict, and everything behind it", &["g j"], ""),
    row(Monitor, Intent::ShowView(View::Charts), "monitor-charts", "Every metric as a chart, with a cursor", &["g c"], ""),
    row(Monitor, Intent::ShowView(View::Train), "monitor-train", "Releases on their way, in order", &["g t"], ""),
    row(Monitor, Intent::ShowView(View::Skew), "monitor-skew", "Which version runs where, and what is astray", &["g s"], ""),
    row(Monitor, Intent::ShowView(View::Lanes), "monitor-lanes", "What happened over time, and what changed before", &["g l"], ""),
    row(Monitor, Intent::ShowView(View::Burn), "monitor-burn", "How fast error budgets are spent", &["g b"], ""),
    row(Monitor, Intent::ShowView(View::Health), "monitor-health", "Smoke, synthetic and data checks", &["g h"], ""),
    row(Context::MonitorView(View::Health), Intent::RunCheck, "run-check", "Run the selected check now", &["c"], "run"),
    row(Monitor, Intent::ShowView(View::Alerts), "monitor-alerts", "Every alert, why it is quiet, and the silences", &["g a"], ""),
    row(Monitor, Intent::ShowView(View::Watch), "monitor-watch", "Releases that arrived: who watches, what is open", &["g w"], ""),
    row(Context::MonitorView(View::Watch), Intent::AddNote, "note", "Note what you see in the selected watch", &["n"], "note"),
    row(Context::MonitorView(View::Watch), Intent::HandOver, "hand-over", "Hand the selected watch over to somebody", &["h"], "hand over"),
    row(Context::MonitorView(View::Watch), Intent::Acknowledge, "acknowledge", "Acknowledge what is open in it: nobody else is called", &["shift-a", "a"], "acknowledge"),
    row(Context::MonitorView(View::Watch), Intent::CloseWatch, "close-watch", "Close it: nobody has to look any more", &["x"], "close"),
    row(Monitor, Intent::TogglePause, "pause", "Stop following, or follow again", &["space"], "pause"),
    row(Monitor, Intent::ZoomIn, "zoom-in", "Look at less time", &["+", "="], "zoom"),
    row(Monitor, Intent::ZoomOut, "zoom-out", "Look at more time", &["-"], ""),
    row(Monitor, Intent::PanBack, "pan-back", "Look further back", &["h", "left", "["], ""),
    row(Monitor, Intent::PanForward, "pan-forward", "Look further on", &["l", "right", "]"], ""),
    row(Monitor, Intent::NextMetric, "next-metric", "Next metric", &["m"], "metric"),
    row(Monitor, Intent::ShowWayBack, "way-back", "To the way back of what is recommended, or selected", &["r"], "way back"),
    row(Monitor, Intent::Acknowledge, "acknowledge", "Acknowledge the selected alert", &["a"], ""),
    row(Monitor, Intent::SilenceAlert, "silence", "Silence the alert or rollout, for its stage only", &["s"], "silence"),
    row(Monitor, Intent::EndSilences, "end-silences", "End silences that were made here", &["shift-e"], ""),
    row(Context::MonitorView(View::Judge), Intent::NextPane, "next-rollout", "The next rollout", &["w"], "next rollout"),
    row(Context::MonitorView(View::Charts), Intent::Up, "previous-chart", "The chart before", &["k", "up"], ""),
    row(Context::MonitorView(View::Charts), Intent::Down, "next-chart", "The next chart", &["j", "down"], "chart"),
    row(Context::MonitorView(View::Charts), Intent::Open, "large", "The selected chart large, or the grid", &["enter"], "large"),
    row(Context::MonitorView(View::Charts), Intent::CursorBack, "cursor-back", "Read values off a point earlier", &["h", "left"], "read off"),
    row(Context::MonitorView(View::Charts), Intent::CursorForward, "cursor-forward", "Read values off a point later", &["l", "right"], ""),
    row(Context::MonitorView(View::Charts), Intent::CursorFarBack, "cursor-far-back", "Twenty points earlier", &["shift-h", "shift-left"], ""),
    row(Context::MonitorView(View::Charts), Intent::CursorFarForward, "cursor-far-forward", "Twenty points later", &["shift-l", "shift-right"], ""),
    row(Context::MonitorView(View::Charts), Intent::ToggleBand, "band", "The same hour of the last weeks behind it", &["b"], "last weeks"),
    row(Context::MonitorView(View::Charts), Intent::CompareChart, "compare", "The same metric at other places", &["c"], "compare"),
    row(Context::MonitorView(View::Charts), Intent::PinChart, "pin", "The selected chart stays first", &["p"], "pin"),
    row(Context::MonitorView(View::Charts), Intent::NextPane, "next-rollout", "The next rollout", &["w"], ""),
    row(Rollback, Intent::NextEnvironment, "next-environment", "Next environment or region", &["]", "e"], "environment"),
    row(Rollback, Intent::PreviousEnvironment, "previous-environment", "Environment before", &["[", "shift-e"], ""),
    row(RunOfShow, Intent::StartStep, "start", "The selected step begins", &["s"], "start"),
    row(RunOfShow, Intent::FinishStep, "done", "It is done", &["d"], "done"),
    row(RunOfShow, Intent::SkipStep, "skip", "Leave it out, with a reason", &["x"], "skip"),
    row(RunOfShow, Intent::ReopenStep, "reopen", "As if nothing had happened to it", &["b"], ""),
    row(RunOfShow, Intent::MoveStep, "move-step", "Move it to another time on the count", &["m"], "move"),
    row(RunOfShow, Intent::EditSelected, "edit-step", "Change the selected step by form", &["e"], "edit"),
    row(RunOfShow, Intent::AddStep, "add-step", "Add a step, by form", &["a"], "add"),
    row(RunOfShow, Intent::Remove, "remove-step", "Take the selected step out", &["shift-d"], ""),
    row(RunOfShow, Intent::CheckStep, "check", "Ask its check now; a program is shown first", &["c"], "check"),
    row(RunOfShow, Intent::HoldCount, "hold", "Hold the count, with a reason", &["h"], "hold"),
    row(RunOfShow, Intent::ResumeCount, "resume", "Let the count go on", &["r"], "resume"),
    row(RunOfShow, Intent::ShowWarRoom, "war-room", "The count, large, for a wall", &["shift-o"], "war room"),
    row(RunOfShow, Intent::PreviousPeriod, "previous-release", "The release before that has a run of show", &["["], ""),
    row(RunOfShow, Intent::NextPeriod, "next-release", "The next release that has one", &["]"], "next"),
    row(RunOfShow, Intent::ShowHelp, "help", "The keys for where you are", &["?", "f1"], "keys"),
    row(RunOfShow, Intent::Back, "close", "Close", &["esc", "q", "o"], "close"),
    row(WarRoom, Intent::AddStep, "add-step", "Add a step, by form", &["a"], ""),
    row(WarRoom, Intent::HoldCount, "hold", "Hold the count, with a reason", &["h"], "hold"),
    row(WarRoom, Intent::ResumeCount, "resume", "Let the count go on", &["r"], "resume"),
    row(WarRoom, Intent::ShowRunOfShow, "run-of-show", "The steps as a list", &["o", "enter"], "steps"),
    row(WarRoom, Intent::PreviousPeriod, "previous-release", "The release before that has a run of show", &["["], ""),
    row(WarRoom, Intent::NextPeriod, "next-release", "The next release that has one", &["]"], "next"),
    row(WarRoom, Intent::ShowHelp, "help", "The keys for where you are", &["?", "f1"], "keys"),
    row(WarRoom, Intent::Back, "close", "Close", &["esc", "q", "shift-o"], "close"),
    row(Overlay, Intent::Up, "up", "Up", &["k", "up"], ""),
    row(Overlay, Intent::Down, "down", "Down", &["j", "down"], "scroll"),
    row(Overlay, Intent::PageUp, "page-up", "A page up", &["pageup", "ctrl-b"], ""),
    row(Overlay, Intent::PageDown, "page-down", "A page down", &["pagedown", "ctrl-f", "space"], ""),
    row(Overlay, Intent::First, "first", "To the first", &["g g", "home"], ""),
    row(Overlay, Intent::Last, "last", "To the last", &["shift-g", "end"], ""),
    row(Overlay, Intent::Left, "earlier-day", "Go-live: the region a day earlier", &["h", "left"], ""),
    row(Overlay, Intent::Right, "later-day", "Go-live: the region a day later", &["l", "right"], ""),
    row(Overlay, Intent::Lengthen, "later-hour", "Go-live: half an hour later, on every clock", &["+"], ""),
    row(Overlay, Intent::Shorten, "earlier-hour", "Go-live: half an hour earlier, on every clock", &["-"], ""),
    row(Overlay, Intent::PreviousPeriod, "region-up", "Go-live: the region before the one above", &["["], ""),
    row(Overlay, Intent::NextPeriod, "region-down", "Go-live: the region after the one below", &["]"], ""),
    row(Overlay, Intent::MoveRelease, "whole-release", "Slots: for the whole release, or the stage alone", &["r"], ""),
    row(Overlay, Intent::AdoptVersion, "adopt-version", "Plan the selected version here, in the tracker's list", &["i"], ""),
    row(Overlay, Intent::PushDate, "push-date", "Bring its date to the tracker, in the tracker's list", &["p"], ""),
    row(Overlay, Intent::Back, "close", "Close", &["esc", "q", "?"], "close"),
    row(Typing, Intent::Back, "cancel", "Leave it", &["esc", "ctrl-c"], "cancel"),
    row(Typing, Intent::Open, "accept", "Take it", &["enter"], "take"),
    row(Typing, Intent::Up, "previous", "The one before", &["up", "ctrl-p"], ""),
    row(Typing, Intent::Down, "next", "The next one", &["down", "ctrl-n"], "choose"),
    row(Form, Intent::NextField, "next-field", "The next field", &["tab"], "next"),
    row(Form, Intent::PreviousField, "previous-field", "The field before", &["backtab"], ""),
    row(Form, Intent::Up, "up", "The field or line above; the word before", &["up", "ctrl-p"], ""),
    row(Form, Intent::Down, "down", "The field or line below; the next word", &["down"], ""),
    row(Form, Intent::PageUp, "part-before", "To the part before", &["pageup"], ""),
    row(Form, Intent::PageDown, "part-after", "To the part after", &["pagedown"], ""),
    row(Form, Intent::Open, "take", "Take the word; the next field; a new line", &["enter"], ""),
    row(Form, Intent::ShowOffers, "offer", "What could be here", &["ctrl-n", "ctrl-space"], "words"),
    row(Form, Intent::AddPart, "add-stage", "Another stage", &["ctrl-o"], "stage"),
    row(Form, Intent::RemovePart, "remove-stage", "Take this stage out", &["ctrl-x"], ""),
    row(Form, Intent::EditFile, "edit-text", "Write the text in your editor", &["ctrl-e"], ""),
    row(Form, Intent::ResetField, "reset-field", "The field as it was", &["ctrl-r"], ""),
    row(Form, Intent::CopyJson, "copy-json", "Copy the form and the screen as JSON", &["ctrl-y"], ""),
    row(Form, Intent::SaveForm, "save", "Save it", &["ctrl-s"], "save"),
    row(Form, Intent::Back, "leave", "Leave it; asks when something was typed", &["esc", "ctrl-c"], "leave"),
];

/// The command with this name, in a context or everywhere.
pub fn named(context: Context, name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.context == context && command.name == name)
}
