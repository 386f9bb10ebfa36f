//! Half an hour of a hundred series that move every second, as fast as it goes: what the cockpit keeps
//! does not grow with the time it has been open.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

#[path = "../support/moving.rs"]
#[expect(dead_code, reason = "the answers are made here")]
mod moving;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tminus::app::state::Look;
use tminus::app::{Effect, Intent, Message, Panel, State, update};
use tminus::domain::question::{RunningHistory, Series, ShareLine};
use tminus::domain::workspace::Origin;
use tminus::domain::{Answer, Failure, FailureKind, Now, Question};
use tminus::input::Keymap;
use tminus::runtime::encode::Encoder;
use tminus::store::{Located, open};
use tminus::theme::default_theme;

const SIZE: Rect = Rect { x: 0, y: 0, width: 120, height: 40 };

/// The cockpit without a terminal: its state, and the frames it would show.
struct Cockpit {
    state: State,
    now: Now,
    shown: Buffer,
    encoder: Encoder,
    effects: VecDeque<Effect>,
    answers: usize,
}

impl Cockpit {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tminus.toml"), moving::workspace("http://127.0.0.1:9")).unwrap();
        let opened = open(&Located { origin: Origin::Files(folder.path().to_owned()), problems: Vec::new() });
        let wall = DateTime::from_timestamp(1_795_612_800, 0).unwrap();
        let now = Now { wall, mono: Duration::from_secs(10_000) };
        let mut state = State::new(now, Tz::UTC, Look::default());
        (state.size, state.panel) = ((SIZE.width, SIZE.height), Panel::Monitor);
        let mut cockpit = Self {
            state,
            now,
            shown: Buffer::empty(SIZE),
            encoder: Encoder::default(),
            effects: VecDeque::new(),
            answers: 0,
        };
        cockpit.take(Message::WorkspaceLoaded(Arc::new(opened.workspace), Vec::new()));
        cockpit
    }

    fn take(&mut self, message: Message) {
        self.effects.extend(update(&mut self.state, self.now, message));
        while let Some(effect) = self.effects.pop_front() {
            let message = match effect {
                Effect::Ask { question, generation } => {
                    self.answers += 1;
                    let result = answer(&question, self.now.wall);
                    Message::Answered { question, generation, result }
                }
                // Judging takes its time, and replaces what was judged before.
                _ => continue,
            };
            self.effects.extend(update(&mut self.state, self.now, message));
        }
    }

    fn draw(&mut self) {
        let mut next = Buffer::empty(SIZE);
        self.state.feedback =
            tminus::view::draw(&self.state, &default_theme(), &Keymap::default(), &mut next);
        let mut bytes = Vec::new();
        self.encoder.frame(&self.shown, &next, &mut bytes);
        self.shown = next;
    }

    /// So many minutes, ten seconds at a time: a frame and another view each half minute, another
    /// rollout each two.
    fn pass(&mut self, minutes: u32) {
        for step in 1..=minutes * 6 {
            self.now.wall += TimeDelta::seconds(10);
            self.now.mono += Duration::from_secs(10);
            self.take(Message::Tick);
            if step % 3 == 0 {
                self.take(Message::Intent(Intent::NextView));
                self.draw();
            }
            if step % 12 == 0 {
                self.take(Message::Intent(Intent::Down));
            }
        }
    }
}

fn answer(question: &Question, now: DateTime<Utc>) -> Result<Answer, Failure> {
    let wave = |seed: f64, at: i64| 1.0 + 0.4 * (at as f64 / 7.0 + seed).sin();
    match question {
        Question::Metric { version, metric, span, .. } => {
            let (start, end) = span.bounds(now);
            let step = i64::from(span.step);
            let seed = (version.len() + metric.len()) as f64;
            let count = (end - start).num_seconds() / step;
            let values = (0..=count).map(|index| Some(wave(seed, start.timestamp() + index * step)));
            Ok(Answer::Metric(Series {
                start,
                step: span.step,
                values: values.collect(),
                ..Series::default()
            }))
        }
        Question::RunningHistory { span, .. } => {
            let (start, end) = span.bounds(now);
            let step = i64::from(span.step);
            let times: Vec<_> = (0..=(end - start).num_seconds() / step)
                .map(|index| start + TimeDelta::seconds(index * step))
                .collect();
            let line = |index: usize| ShareLine {
                service: format!("service-{:02}", index / 2),
                region: None,
                version: if index.is_multiple_of(2) { "1.0.0".into() } else { "1.1.0".into() },
                counts: times.iter().map(|at| Some(10.0 * wave(index as f64, at.timestamp()))).collect(),
            };
            let lines = (0..100).map(line).collect();
            Ok(Answer::RunningHistory(RunningHistory { times, lines, warnings: Vec::new() }))
        }
        Question::Alerts { .. } => Ok(Answer::Alerts(Vec::new().into())),
        _ => Err(Failure::new(FailureKind::Internal, "not answered here", "look")),
    }
}

/// Memory in use, in KiB.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn half_an_hour_of_a_hundred_series_keeps_no_more_than_its_first_part() {
    let mut cockpit = Cockpit::open();
    // By then everything was looked at, and what nobody looks at is forgotten again.
    cockpit.pass(18);
    let (before, answers, known) = (memory(), cockpit.answers, cockpit.state.remotes.iter().count());
    cockpit.pass(14);
    let (after, known_after) = (memory(), cockpit.state.remotes.iter().count());
    assert!(cockpit.answers - answers > 350, "{} answers came", cockpit.answers - answers);
    println!("{before} KiB after 18 minutes, {after} after 32; {known} and {known_after} answers kept");
    assert!(after < before + 6 * 1024, "{before} KiB after 18 minutes, {after} after 32");
    assert!(known_after < known + 100, "{known} answers kept after 18 minutes, {known_after} after 32");
}
