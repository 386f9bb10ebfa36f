//! Hostile text in every field that a screen shows (promises T6, T7, T8): nothing reaches the
//! terminal that controls it, hides in it, or moves what stands beside it.

#![expect(clippy::unwrap_used, reason = "what a test has built is there")]

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use ratatui::buffer::Buffer;
use tminus::app::line_edit::LineEdit;
use tminus::app::tracker::{self, Phase};
use tminus::app::{Effect, Intent, Message, Overlay, Panel, State, update};
use tminus::domain::alerts::{History, Past};
use tminus::domain::burn::Rates;
use tminus::domain::frozen::{BranchLog, Dispute, FrozenCommit, Rewritten};
use tminus::domain::health::Outcome;
use tminus::domain::playbook::{Done, QueryCondition, Step, Verify};
use tminus::domain::question::{
    Alert, AlertState, Alerts, Answer, Burned, Changes, Checked, Commit, Identity, Running, RunningHistory,
    Series, ShareLine, Silence, SilenceState, Tag, Ticket, TrackerVersion, VersionShare,
};
use tminus::domain::release::{Check, Exception, Item, TrackerRef};
use tminus::domain::show::{Check as StepCheck, CountTime, Hold, RunOfShow, Step as ShowStep};
use tminus::domain::silence::{Matcher, Sign};
use tminus::domain::tracker::{Dates, Push, Pushed};
use tminus::domain::{
    Failure, FailureKind, Metric, Playbook, Problem, Question, Safe, Severity, Status, Window, WindowKind,
    Workspace,
};
use unicode_width::UnicodeWidthStr;

use crate::{draw, sample, text};

/// What hides, moves, commands or takes room it does not say.
const SEEDS: &[&str] = &[
    "\0",
    "\x07",
    "\x08",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\x0b",
    "\x0c",
    "\x0e",
    "\x1b",
    "\x7f",
    "\u{80}",
    "\u{84}",
    "\u{85}",
    "\u{90}",
    "\u{9b}",
    "\u{9d}",
    "\u{9f}",
    "\x1b[31m",
    "\x1b[2J",
    "\x1b[1;1H",
    "\x1b[6n",
    "\x1b[c",
    "\x1b[?1049l",
    "\u{9b}31m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b]1337;File=x\x07",
    "\x1bP+q544e\x1b\\",
    "\x1b_G\x1b\\",
    "\x1b^x\x1b\\",
    "\u{90}x\u{9c}",
    "\x1bc",
    "\x1b(0",
    "\x1b#8",
    "\u{202a}",
    "\u{202e}",
    "\u{2066}",
    "\u{2069}",
    "\u{200e}",
    "\u{200f}",
    "\u{61c}",
    "\u{200b}",
    "\u{200c}",
    "\u{200d}",
    "\u{2060}",
    "\u{feff}",
    "\u{ad}",
    "\u{34f}",
    "\u{180e}",
    "\u{e0041}\u{e007f}",
    "\u{fe0f}",
    "\u{fe0e}",
    "\u{2028}",
    "\u{2029}",
    "\u{3164}",
    "\u{115f}",
    "\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{20dd}",
    "👩‍🚀",
    "👨‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇩🇪",
    "1️⃣",
    "❤️",
    "日本語",
    "한국어",
    "ｱｲｳ",
    "ﷺ",
    "𝒳",
    "नि",
    "é",
    "ßſ",
    "…",
];

/// How a seed stands in a text.
const SHAPES: &[fn(&str) -> String] = &[
    |seed| seed.to_owned(),
    |seed| format!("pay{seed}ments"),
    |seed| format!("{seed}checkout 4.2"),
    |seed| format!("a long text that a narrow column must cut somewhere {}", seed.repeat(40)),
];

fn corpus() -> Vec<String> {
    SEEDS.iter().flat_map(|seed| SHAPES.iter().map(move |shape| shape(seed))).collect()
}

/// Deals strings out to fields, each field another one.
struct Deal<'a> {
    corpus: &'a [String],
    next: usize,
}

impl Deal<'_> {
    fn text(&mut self) -> String {
        self.next += 7;
        self.corpus[self.next % self.corpus.len()].clone()
    }

    fn safe(&mut self) -> Safe {
        self.text().into()
    }

    fn some(&mut self) -> Option<String> {
        Some(self.text())
    }
}

fn workspace(deal: &mut Deal<'_>) -> Workspace {
    let mut workspace = sample::workspace();
    workspace.name = deal.text();
    let mut renamed = BTreeMap::new();
    for (number, service) in workspace.services.iter_mut().enumerate() {
        // A number keeps ids apart.
        let id = format!("{}{number}", deal.text());
        renamed.insert(std::mem::replace(&mut service.id, id.clone()), id);
        service.owner = deal.some();
        service.escalation = vec![deal.text(), deal.text()];
        service.repository = deal.some();
        service.playbook = Some("back".into());
        service.metrics = vec![Metric {
            name: deal.text(),
            query: deal.text(),
            critical: true,
            unit: deal.some(),
            limit: Some(0.5),
            ..Metric::default()
        }];
    }
    for service in &mut workspace.services {
        for dependency in &mut service.depends_on {
            dependency.service = renamed[&dependency.service].clone();
            dependency.version = deal.some();
        }
    }
    for environment in &mut workspace.environments {
        for region in &mut environment.regions {
            region.id = format!("{}{}", deal.text(), region.id);
        }
    }
    let regions: Vec<String> =
        workspace.environments[1].regions.iter().map(|region| region.id.clone()).collect();
    for (number, release) in workspace.releases.iter_mut().enumerate() {
        release.id = format!("{}{number}", deal.text());
        release.title = deal.text();
        release.owner = deal.some();
        release.status = [Status::InProgress, Status::Completed, Status::Planned][number % 3];
        let (project, version) = (deal.text(), deal.text());
        release.tracker = Some(TrackerRef { backend: "jira".into(), project, version });
        for item in &mut release.items {
            *item = Item { service: renamed[&item.service].clone(), version: deal.text() };
        }
        for stage in &mut release.stages {
            stage.region = stage.region.as_ref().map(|_| regions[number % regions.len()].clone());
        }
        release.show = show(deal);
        release.checks = vec![Check { id: deal.text(), title: deal.text(), role: deal.some() }];
        release.exceptions = vec![Exception {
            window: "freeze".into(),
            reason: deal.text(),
            by: deal.text(),
            ticket: deal.some(),
            expires: sample::instant("2026-12-20T00:00:00Z"),
            commits: Vec::new(),
        }];
    }
    workspace.releases.sort_by(|one, other| one.id.cmp(&other.id));
    workspace.windows = vec![window(deal)];
    workspace.playbooks = vec![playbook(deal)];
    workspace
}

fn show(deal: &mut Deal<'_>) -> RunOfShow {
    let steps = (0..4).map(|number| ShowStep {
        id: format!("{}{number}", deal.text()),
        title: deal.text(),
        at: Some(CountTime::default()),
        owner: deal.some(),
        by: deal.some(),
        skipped: (number == 3).then(|| deal.text()),
        started: (number == 1).then(|| sample::now().wall),
        check: Some(if number == 2 {
            StepCheck::Command { argv: vec![deal.text(), deal.text()], timeout: None }
        } else {
            let until = tminus::domain::condition::Condition::parse("< 1").unwrap();
            StepCheck::Query { query: deal.text(), until }
        }),
        ..ShowStep::default()
    });
    let steps = steps.collect();
    let since = sample::now().wall - TimeDelta::minutes(5);
    let holds = vec![Hold { since, until: None, by: deal.some(), reason: deal.text() }];
    RunOfShow { holds, steps, ..RunOfShow::default() }
}

fn window(deal: &mut Deal<'_>) -> Window {
    let local = |text: &str| tminus::domain::window::WallTime::Local(text.parse().unwrap());
    Window {
        id: "freeze".into(),
        kind: WindowKind::Freeze,
        title: deal.text(),
        start: local("2026-11-25T00:00:00"),
        end: local("2026-11-27T00:00:00"),
        time_zone: chrono_tz::Tz::Europe__Berlin,
        repeat: None,
        environments: None,
        services: None,
        regions: None,
        allow: Vec::new(),
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        layer: None,
        branches: vec!["main".into()],
    }
}

fn playbook(deal: &mut Deal<'_>) -> Playbook {
    let mut condition = || QueryCondition {
        name: deal.text(),
        query: deal.text(),
        until: deal.text(),
        hold: None,
        timeout: Some(TimeDelta::minutes(1)),
    };
    let (first, last) = (condition(), condition());
    let step = |deal: &mut Deal<'_>, verify| Step {
        id: deal.text(),
        title: deal.text(),
        run: vec![deal.text(), deal.text(), "{{version}}".into(), "{{previous}}".into()],
        verify,
        no_return: true,
        ..Step::default()
    };
    let run = Verify::Run { run: vec![deal.text(), "{{service}}".into()], timeout: None };
    let steps = vec![step(deal, Some(Verify::Query(first))), step(deal, Some(run)), step(deal, None)];
    Playbook {
        id: "back".into(),
        title: deal.text(),
        service: None,
        target: None,
        steps,
        done: Done { queries: vec![last], versions: true },
    }
}

fn answer(state: &State, question: &Question, deal: &mut Deal<'_>) -> Result<Answer, Failure> {
    let now = sample::now().wall;
    if deal.next.is_multiple_of(5) {
        return Err(Failure::new(FailureKind::Unreachable, deal.text(), deal.text()));
    }
    let ids: Vec<String> = state.workspace.services.iter().map(|service| service.id.clone()).collect();
    let mut tracker = || TrackerVersion {
        id: deal.safe(),
        name: deal.safe(),
        release_date: Some(now.date_naive()),
        to_do: Some(3),
        in_progress: Some(2),
        done: Some(1),
        url: Some(deal.safe()),
        open: Some(
            (0..3)
                .map(|number| Ticket {
                    key: deal.safe(),
                    summary: deal.safe(),
                    status: deal.safe(),
                    category: deal.safe(),
                    priority: Some(deal.safe()),
                    assignee: Some(deal.safe()),
                    blocked_by: vec![deal.safe()],
                    blocker: number == 0,
                    updated: None,
                })
                .collect(),
        ),
        ..TrackerVersion::default()
    };
    Ok(match question {
        Question::Tracker { .. } => Answer::Tracker(tracker()),
        Question::Burn { part, .. } => Answer::Burned(Burned {
            readings: part.windows().iter().map(|window| (*window, Rates::default())).collect(),
            recorded: None,
            warnings: vec![deal.safe()],
        }),
        Question::Health { .. } | Question::HealthCommand(_) => {
            Answer::Health(Outcome { passes: false, found: deal.safe(), milliseconds: 12 })
        }
        Question::TrackerVersions { .. } => Answer::TrackerVersions(vec![tracker()]),
        Question::StepQuery { .. } | Question::StepCommand { .. } => {
            Answer::Checked(Checked { holds: false, found: deal.safe() })
        }
        Question::Identity { .. } => Answer::Identity(Identity {
            product: deal.safe(),
            user: Some(deal.safe()),
            clock_skew_seconds: None,
        }),
        Question::Tags { .. } => Answer::Tags(
            (0..4)
                .map(|days| Tag { name: deal.safe(), at: now - TimeDelta::days(days), subject: deal.safe() })
                .collect(),
        ),
        Question::FrozenBranches { .. } => {
            let commits = [None, Some(Dispute::BeforeParent)].map(|dispute| FrozenCommit {
                id: deal.safe(),
                author: deal.safe(),
                committer: deal.safe(),
                authored: now,
                committed: now,
                subject: deal.safe(),
                message: deal.safe(),
                merge: true,
                dispute,
            });
            Answer::FrozenBranches(vec![BranchLog {
                name: deal.safe(),
                reference: deal.safe(),
                head: deal.safe(),
                commits: commits.to_vec(),
                more: 2,
                rewritten: Rewritten::Yes { held: deal.safe(), lost: 3 },
                late: Some(1),
                warnings: vec![deal.safe()],
            }])
        }
        Question::Changes { .. } | Question::WorkspaceChanges => {
            let commit = Commit { id: deal.safe(), author: deal.safe(), at: now, subject: deal.safe() };
            Answer::Changes(Changes { count: 9, commits: vec![commit], unkept: false })
        }
        Question::Running { .. } => Answer::Running(Running {
            services: ids
                .into_iter()
                .map(|id| {
                    let share = |version, share| VersionShare { version, share };
                    (id, vec![share(deal.safe(), 0.25), share(deal.safe(), 0.75)])
                })
                .collect(),
            regions: BTreeMap::new(),
            warnings: vec![deal.safe()],
        }),
        Question::RunningHistory { .. } => Answer::RunningHistory(RunningHistory {
            times: (0..5).map(|minute| now - TimeDelta::minutes(5 - minute)).collect(),
            lines: ids
                .into_iter()
                .flat_map(|service| {
                    [[0.0, 1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0, 0.5]].map(|counts| ShareLine {
                        service: service.clone(),
                        region: None,
                        version: deal.safe(),
                        counts: counts.map(Some).to_vec(),
                    })
                })
                .collect(),
            warnings: vec![deal.safe()],
        }),
        Question::Metric { .. } | Question::Measured { .. } => Answer::Metric(Series {
            start: now - TimeDelta::minutes(5),
            step: 60,
            values: vec![Some(0.1), None, Some(0.4), Some(0.2), Some(0.9)],
            ambiguous: true,
            absent: false,
            undefined: Some(now - TimeDelta::minutes(4)),
            warnings: vec![deal.safe()],
            infos: vec![deal.safe()],
        }),
        Question::AlertHistory { .. } => Answer::AlertHistory(History {
            list: vec![Past {
                alert: Alert {
                    name: deal.safe(),
                    labels: BTreeMap::from([
                        ("service".into(), ids[0].as_str().into()),
                        (deal.safe(), deal.safe()),
                    ]),
                    summary: deal.safe(),
                    state: AlertState::Firing,
                    since: now - TimeDelta::minutes(4),
                    id: None,
                    silenced_by: Vec::new(),
                    inhibited_by: Vec::new(),
                },
                fired: Some(now - TimeDelta::minutes(3)),
                ended: Some(now - TimeDelta::minutes(1)),
                seen: now - TimeDelta::minutes(1),
                began_before: false,
            }],
            gaps: Vec::new(),
            not_kept: None,
            warnings: vec![deal.safe()],
            step: 60,
        }),
        Question::Alerts { .. } => Answer::Alerts(Alerts {
            list: vec![Alert {
                name: deal.safe(),
                labels: BTreeMap::from([
                    ("service".into(), ids[0].as_str().into()),
                    (deal.safe(), deal.safe()),
                    ("severity".into(), deal.safe()),
                ]),
                summary: deal.safe(),
                state: AlertState::Firing,
                since: now,
                id: None,
                silenced_by: Vec::new(),
                inhibited_by: Vec::new(),
            }],
            warnings: vec![deal.safe()],
        }),
        Question::Silences { .. } => Answer::Silences(vec![Silence {
            id: deal.safe(),
            matchers: vec![Matcher { name: deal.safe(), sign: Sign::Equal, value: deal.safe() }],
            starts: now,
            ends: now + TimeDelta::hours(1),
            by: deal.safe(),
            comment: deal.safe(),
            state: SilenceState::Active,
        }]),
    })
}

fn play(state: &mut State, message: Message, deal: &mut Deal<'_>) {
    let mut effects = update(state, sample::now(), message);
    while let Some(effect) = effects.pop() {
        if let Effect::Ask { question, generation } = effect {
            let result = answer(state, &question, deal);
            effects.extend(update(state, sample::now(), Message::Answered { question, generation, result }));
        }
    }
}

/// What may not be in a cell: controls, and what is not seen but changes what is.
fn is_hostile(symbol: &str) -> bool {
    let joined = symbol.chars().count() > 1 && symbol.width() > 0;
    symbol.chars().any(|character| {
        character.is_control()
            || matches!(character as u32,
                0xad | 0x34f | 0x61c | 0x180b..=0x180f | 0x200b..=0x200c | 0x200e..=0x200f | 0x2028..=0x202e
                | 0x2060..=0x206f | 0xfe00..=0xfe0e | 0xfeff | 0x3164 | 0x115f | 0xe0000..=0xe0fff)
            // Inside an emoji these two belong; alone they hide.
            || (matches!(character as u32, 0x200d | 0xfe0f) && !joined)
    })
}

/// No cell is hostile, and every row is as wide as the screen, counted as a terminal counts.
fn check(buffer: &Buffer, about: &str) {
    let width = usize::from(buffer.area.width);
    for (y, row) in buffer.content.chunks(width).enumerate() {
        let mut column = 0;
        while column < width {
            let symbol = row[column].symbol();
            assert!(!is_hostile(symbol), "{about}, row {y}, column {column}: {symbol:?}");
            let wide = symbol.width();
            assert!((1..=2).contains(&wide), "{about}, row {y}, column {column}: {symbol:?} is {wide} wide");
            column += wide;
        }
        assert_eq!(column, width, "{about}, row {y} sticks out:\n{}", text(buffer));
    }
}

#[test]
fn the_corpus_is_large_and_every_string_of_it_counts() {
    let corpus = corpus();
    assert!(corpus.len() >= 300, "{} strings", corpus.len());
    // Dealing by sevens reaches every string only where seven does not divide their number.
    assert!(!corpus.len().is_multiple_of(7), "{} strings", corpus.len());
}

#[test]
fn nothing_hostile_reaches_a_cell_and_nothing_moves() {
    let corpus = corpus();
    // By threes: each field still meets every seed, in one shape or another.
    for start in (0..corpus.len()).step_by(3) {
        let mut deal = Deal { corpus: &corpus, next: start };
        let mut state = sample::opening();
        let problem = Problem {
            severity: Severity::Error,
            file: PathBuf::from(deal.text()),
            line: 1,
            column: 1,
            message: deal.text(),
            rendered: format!("{}\n{}", deal.text(), deal.text()),
        };
        let workspace = Arc::new(workspace(&mut deal));
        play(&mut state, Message::WorkspaceLoaded(workspace, vec![problem]), &mut deal);
        let size = if start.is_multiple_of(2) { (120, 40) } else { (80, 24) };
        for panel in Panel::ALL {
            play(&mut state, Message::Intent(Intent::ShowPanel(panel)), &mut deal);
            play(&mut state, Message::Intent(Intent::Down), &mut deal);
            if start.is_multiple_of(3) {
                play(&mut state, Message::Intent(Intent::Open), &mut deal);
            }
            check(&draw(&state, size), &format!("{start} {panel:?}"));
        }
        state.release = Some(state.workspace.releases[start % 3].id.clone());
        for intent in [Intent::ShowRunOfShow, Intent::Down, Intent::Down, Intent::SkipStep] {
            play(&mut state, Message::Intent(intent), &mut deal);
            check(&draw(&state, size), &format!("{start} {intent:?}"));
        }
        play(&mut state, Message::Intent(Intent::Back), &mut deal);
        play(&mut state, Message::Intent(Intent::ShowWarRoom), &mut deal);
        check(&draw(&state, size), &format!("{start} war room"));
        state.overlays.clear();
        state.set_filter(deal.text());
        play(&mut state, Message::Noticed(deal.text()), &mut deal);
        let overlay = if start.is_multiple_of(2) { Overlay::Problems(0) } else { Overlay::Backends(0) };
        state.overlays.push(overlay);
        let buffer = draw(&state, size);
        check(&buffer, &format!("{start} windows"));
        the_frame_stands(&buffer);
        state.overlays = vec![the_trackers(start, &mut deal)];
        let buffer = draw(&state, size);
        check(&buffer, &format!("{start} tracker"));
        the_frame_stands(&buffer);
        let words = format!("{}\n{}", deal.text(), deal.text());
        let mut failed = sample::opening();
        update(&mut failed, sample::now(), Message::WorkspaceFailed(words));
        check(&draw(&failed, size), &format!("{start} failed"));
    }
}

/// The list of versions, or a date on its way to the tracker.
fn the_trackers(start: usize, deal: &mut Deal<'_>) -> Overlay {
    if start.is_multiple_of(2) {
        return Overlay::Versions(tracker::List::default());
    }
    let push = Push {
        release: deal.text(),
        reference: TrackerRef { backend: deal.text(), project: deal.text(), version: deal.text() },
        id: deal.safe(),
        read: Dates { name: deal.safe(), ..Dates::default() },
        release_date: sample::now().wall.date_naive(),
    };
    let failure = Failure::new(FailureKind::Timeout, deal.text(), deal.text());
    let outcome = Pushed::Unknown { why: Some(failure.clone()), now: Err(failure) };
    let phase = if start.is_multiple_of(3) { Phase::Asking } else { Phase::Ended(outcome) };
    let line = LineEdit::new(deal.text());
    Overlay::Push(Box::new(tracker::Dialog { push, line, doubt: Some(deal.text()), phase }))
}

/// A window's right border is one straight line from its upper to its lower corner.
fn the_frame_stands(buffer: &Buffer) {
    let find = |corner: &str| {
        let at = buffer.content.iter().position(|cell| cell.symbol() == corner).unwrap();
        (at % usize::from(buffer.area.width), at / usize::from(buffer.area.width))
    };
    let ((right, top), (below, bottom)) = (find("╮"), find("╯"));
    assert_eq!(right, below, "{}", text(buffer));
    for y in top + 1..bottom {
        let cell = &buffer.content[y * usize::from(buffer.area.width) + right];
        assert_eq!(cell.symbol(), "│", "row {y}\n{}", text(buffer));
    }
}

#[test]
fn the_bytes_put_every_cell_where_it_belongs() {
    let corpus = corpus();
    let (rows, columns) = (NonZeroU16::new(40).unwrap(), NonZeroU16::new(120).unwrap());
    for start in (0..corpus.len()).step_by(9) {
        let mut deal = Deal { corpus: &corpus, next: start };
        let mut state = sample::opening();
        let workspace = Arc::new(workspace(&mut deal));
        play(&mut state, Message::WorkspaceLoaded(workspace, Vec::new()), &mut deal);
        play(&mut state, Message::Intent(Intent::ShowPanel(Panel::ALL[start % 4])), &mut deal);
        let buffer = draw(&state, (120, 40));
        let mut bytes = Vec::new();
        let blank = Buffer::empty(buffer.area);
        tminus::runtime::encode::Encoder::default().frame(&blank, &buffer, &mut bytes);
        let mut terminal = vt100::Parser::new(rows, columns, 0);
        terminal.process(&bytes);
        for y in 0..40 {
            for x in 0..120 {
                let ours = buffer[(x, y)].symbol();
                let Some(cell) = terminal.screen().cell(y, x) else { continue };
                // Letters are enough: they are what would be somewhere else.
                if ours.chars().all(|c| c.is_ascii_graphic() || c == '│') {
                    assert_eq!(cell.contents(), ours, "{start}: row {y}, column {x}\n{}", text(&buffer));
                }
            }
        }
    }
}
