//! The details of the selected entry, row by row: drawn beside the days, and copied as text.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::State;
use crate::domain::question::TrackerVersion;
use crate::domain::recurrence::occurrences;
use crate::domain::{Face, Question, Release, Stage, Window, WindowKind};

use super::{Selected, directory, versions, words};

/// How a piece of the details is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// A title.
    Title,
    /// Ordinary text.
    Text,
    /// A label, what is over.
    Dim,
    /// What the eye should find.
    Accent,
    /// Good; said with `●`.
    Good,
    /// Deserves attention; said with `▲`.
    Attention,
    /// Bad; said with `✖`.
    Bad,
    /// Not known; said with `◌`.
    Unknown,
    /// Too old to count; said with `≈`.
    Stale,
    /// A freeze.
    Freeze,
}

/// A row of the details; empty: a blank one.
pub type Row = Vec<(String, Said)>;

/// The details of the selected entry; of what comes next where nothing is selected.
pub fn details(state: &State) -> Vec<Row> {
    let workspace = &state.workspace;
    match &state.calendar.selected {
        Some(Selected::Stage { release, stage }) => match workspace.release(release) {
            Some(release) => of_release(state, release, *stage),
            None => Vec::new(),
        },
        Some(Selected::Window { window, start }) => {
            match workspace.windows.iter().find(|known| known.id == *window) {
                Some(window) => of_window(state, window, *start),
                None => Vec::new(),
            }
        }
        Some(Selected::Tag { service, name, at }) => of_tag(state, service, name, *at),
        Some(Selected::Version { reference }) => versions::of_version(state, reference),
        None => what_comes(state),
    }
}

/// Rows as plain text.
pub fn plain(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| row.iter().map(|(text, _)| text.as_str()).collect::<String>());
    lines.collect::<Vec<_>>().join("\n")
}

fn of_release(state: &State, release: &Release, selected: usize) -> Vec<Row> {
    use Said::{Accent, Attention, Dim, Text, Title};
    let mut rows = vec![
        vec![(release.title.clone(), Title)],
        vec![(format!("{} change · {}", release.change.word(), release.status.word()), Text)],
        vec![("owner  ".into(), Dim), (release.owner.clone().unwrap_or_else(|| "nobody yet".into()), Text)],
        vec![("id     ".into(), Dim), (release.id.clone(), Dim)],
        Vec::new(),
    ];
    rows.extend(directory::rows(&state.workspace, release));
    for (index, stage) in release.stages.iter().enumerate() {
        rows.push(Vec::new());
        let mark = if index == selected { "▸ " } else { "  " };
        let meant = if index == selected { Accent } else { Text };
        let mut title = vec![(format!("{mark}{}", place(stage)), meant)];
        if let Some(left) = left(state, release, stage) {
            title.push((format!("  {left}"), Accent));
        }
        rows.push(title);
        for (times, meant) in times(state, stage.start, stage.end, stage.time_zone) {
            rows.push(vec![(format!("  {times}"), meant)]);
        }
        if let Some(how) = how(stage) {
            rows.push(vec![(format!("  {how}"), Dim)]);
        }
        rows.extend(super::conflicts::rows(state, release, index));
    }
    rows.extend(super::offices::rows(state));
    for placed in state.calendar.placed.iter().filter(|placed| placed.release == release.id) {
        let zone = release.stages.get(placed.stage).map_or(state.zone, |stage| stage.time_zone);
        let to = words::span(placed.to.0, placed.to.1, zone, state.now.wall);
        rows.push(vec![(format!("  ▲ UNSAVED  stage {} to {to}", placed.stage + 1), Attention)]);
    }
    if let Some(tracker) = &release.tracker {
        rows.push(Vec::new());
        rows.push(vec![
            (format!("{}  ", tracker.backend), Dim),
            (format!("{}/{}", tracker.project, tracker.version), Text),
        ]);
        rows.extend(tracker_rows(state, release));
        rows.extend(versions::differences(state, release));
    }
    if !release.checks.is_empty() {
        rows.push(Vec::new());
        rows.push(vec![("go/no-go poll".into(), Dim)]);
        for check in &release.checks {
            let role = check.role.as_ref().map(|role| format!("  {role}")).unwrap_or_default();
            rows.push(vec![(format!("  · {}", check.title), Text), (role, Dim)]);
        }
    }
    for exception in &release.exceptions {
        let until = exception.expires.with_timezone(&state.zone).format("%-d %b %Y %H:%M %Z");
        rows.push(Vec::new());
        rows.push(vec![(
            format!("▲ exception to {}, by {} until {until}", exception.window, exception.by),
            Attention,
        )]);
        let ticket = exception.ticket.as_ref().map(|ticket| format!("  {ticket}")).unwrap_or_default();
        rows.push(vec![(format!("  {}{ticket}", exception.reason), Dim)]);
    }
    if let Some(notes) = release.notes.as_deref().map(str::trim_end).filter(|notes| !notes.is_empty()) {
        rows.push(Vec::new());
        rows.push(vec![("notes".into(), Dim)]);
        rows.extend(notes.lines().map(|line| vec![(format!("  {}", line.trim_end()), Text)]));
    }
    rows
}

/// `production · eu`; all regions where it names none.
pub fn place(stage: &Stage) -> String {
    match &stage.region {
        Some(region) => format!("{} · {region}", stage.environment),
        None => stage.environment.clone(),
    }
}

fn left(state: &State, release: &Release, stage: &Stage) -> Option<String> {
    let now = state.now.wall;
    if !release.is_live() {
        return None;
    }
    if now < stage.start {
        return Some(format!("in {}", coarse(stage.start - now)));
    }
    (now < stage.end).then(|| format!("now, {} left", coarse(stage.end - now)))
}

/// In its own zone, and in the zone on screen where that shows another time.
fn times(state: &State, start: DateTime<Utc>, end: DateTime<Utc>, own: Tz) -> Vec<(String, Said)> {
    let now = state.now.wall;
    let mut rows = vec![(words::span(start, end, own, now), Said::Text)];
    let same = words::same_wall(own, state.zone, start) && words::same_wall(own, state.zone, end);
    if !same {
        rows.push((format!("= {}", words::span(start, end, state.zone, now)), Said::Dim));
    }
    rows
}

fn how(stage: &Stage) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(strategy) = stage.strategy {
        parts.push(strategy.word().to_owned());
    }
    if !stage.steps.is_empty() {
        let steps: Vec<String> = stage.steps.iter().map(ToString::to_string).collect();
        parts.push(format!("{} %", steps.join(" → ")));
    }
    let mut text = parts.join(" ");
    if let Some(soak) = stage.soak {
        let comma = if text.is_empty() { "" } else { ", " };
        text.push_str(&format!("{comma}soak {}", length(soak)));
    }
    (!text.is_empty()).then_some(text)
}

fn tracker_rows(state: &State, release: &Release) -> Vec<Row> {
    let face = state.remotes.tracker(&release.id, state.now);
    match face {
        Face::NotAsked | Face::Loading => vec![vec![("  loading …".into(), Said::Dim)]],
        Face::Failed(trouble) => vec![
            vec![(format!("  ◌ {}", trouble.failure.kind.word()), Said::Unknown)],
            vec![(format!("  {}", trouble.failure.mend), Said::Dim)],
        ],
        Face::Fresh(version) => vec![counts(version, Said::Text)],
        Face::Stale { value, age, trouble } => {
            let why = trouble.map(|trouble| format!(", {}", trouble.failure.kind.word())).unwrap_or_default();
            let age = length(TimeDelta::from_std(age).unwrap_or_default());
            vec![counts(value, Said::Stale), vec![(format!("  ≈ {age} old{why}"), Said::Stale)]]
        }
    }
}

fn counts(version: &TrackerVersion, meant: Said) -> Row {
    let count = |number: Option<u32>| number.map_or_else(|| "◌".to_owned(), |number| number.to_string());
    let mut text = format!(
        "  {} done  {} begun  {} to do",
        count(version.done),
        count(version.in_progress),
        count(version.to_do)
    );
    if let Some(open) = &version.open {
        let blockers = open.iter().filter(|ticket| ticket.blocker).count();
        if blockers > 0 {
            text.push_str(&format!("  ▲ {blockers} blocking"));
        }
    }
    if version.released {
        text.push_str("  released");
    }
    vec![(text, meant)]
}

fn of_window(state: &State, window: &Window, start: DateTime<Utc>) -> Vec<Row> {
    use Said::{Accent, Attention, Dim, Freeze, Text, Title};
    let kind = match window.kind {
        WindowKind::Freeze if window.denies() => ("┃ freeze: denies", Freeze),
        WindowKind::Freeze => ("◦ for people to know: lets every change pass", Text),
        WindowKind::Change => ("╎ change window: allows", Text),
    };
    let mut rows = vec![vec![(window.title.clone(), Title)], vec![(kind.0.into(), kind.1)]];
    rows.push(vec![("id     ".into(), Dim), (window.id.clone(), Dim)]);
    rows.push(vec![("where  ".into(), Dim), (words::window_scope(window), Text)]);
    if let Some(layer) = &window.layer {
        rows.push(vec![("layer  ".into(), Dim), (layer.clone(), Text)]);
    }
    if window.kind == WindowKind::Freeze {
        let allowed: Vec<_> = window.allow.iter().map(|change| change.word()).collect();
        let allowed = if allowed.is_empty() { "nothing passes".to_owned() } else { allowed.join(", ") };
        rows.push(vec![("passes ".into(), Dim), (allowed, Text)]);
        if window.hard {
            rows.push(vec![("▲ hard: not even an exception passes".into(), Attention)]);
        }
    }
    if let Some(rule) = &window.repeat {
        rows.push(vec![("repeat ".into(), Dim), (rule.clone(), Text)]);
    }
    let far = TimeDelta::days(400);
    let to = start.checked_add_signed(far).unwrap_or(DateTime::<Utc>::MAX_UTC);
    rows.push(Vec::new());
    match occurrences(window, start, to) {
        Err(why) => rows.push(vec![(format!("◌ {why}"), Said::Unknown)]),
        Ok(found) => {
            for (number, occurrence) in found.iter().enumerate().take(6) {
                if number == 1 {
                    rows.push(Vec::new());
                    rows.push(vec![("next".into(), Dim)]);
                }
                let mark = if number == 0 { "▸ " } else { "  " };
                for (times, said) in times(state, occurrence.start, occurrence.end, window.time_zone) {
                    let said = if number == 0 && said == Text { Accent } else { said };
                    rows.push(vec![(format!("{mark}{times}"), said)]);
                }
            }
        }
    }
    rows.extend(super::branches::rows(state, window, start));
    rows
}

fn of_tag(state: &State, service: &str, name: &str, at: DateTime<Utc>) -> Vec<Row> {
    use Said::{Dim, Stale, Text, Title};
    let index = state.workspace.services.iter().position(|known| known.id == *service);
    let past = state
        .calendar
        .plan
        .past
        .iter()
        .find(|past| past.at == at && Some(past.service as usize) == index && past.name.as_str() == name);
    let mut rows = vec![
        vec![(format!("{service} {name}"), Title)],
        vec![("past release, a tag of its repository".into(), Dim)],
        vec![(words::span(at, at, state.zone, state.now.wall), Text)],
    ];
    match past {
        Some(past) => rows.push(vec![(past.subject.to_string(), Text)]),
        None => rows.push(vec![("the tag is gone from the repository".into(), Dim)]),
    }
    if let Some(owner) = state.workspace.service(service).and_then(|service| service.owner.as_ref()) {
        rows.push(vec![("owner  ".into(), Dim), (owner.clone(), Text)]);
    }
    if let Face::Stale { age, trouble, .. } = state.remotes.tags(service, state.now) {
        let why = trouble.map(|trouble| format!(", {}", trouble.failure.kind.word())).unwrap_or_default();
        let age = length(TimeDelta::from_std(age).unwrap_or_default());
        rows.push(vec![(format!("≈ read {age} ago{why}"), Stale)]);
    }
    rows
}

fn what_comes(state: &State) -> Vec<Row> {
    use Said::{Accent, Dim, Text, Title};
    let mut rows = vec![vec![("What comes next".into(), Title)]];
    for (release, _, stage) in super::upcoming(state).take(6) {
        rows.push(Vec::new());
        rows.push(vec![(release.title.clone(), Text)]);
        let left = format!("in {}", coarse(stage.start - state.now.wall));
        rows.push(vec![(left, Accent), (format!("  {}", place(stage)), Dim)]);
        rows.push(vec![(words::span(stage.start, stage.end, state.zone, state.now.wall), Dim)]);
    }
    if rows.len() == 1 {
        rows.push(Vec::new());
        let unreleased = super::unreleased::rows(state);
        if state.workspace.is_writable() {
            rows.push(vec![(
                "Nothing is planned. n plans a release, A in one line, N a freeze.".into(),
                Dim,
            )]);
        } else if unreleased.is_empty() {
            rows.push(vec![("Nothing is planned. `tminus init` makes this a workspace.".into(), Dim)]);
        } else {
            rows.extend(unreleased);
            rows.push(Vec::new());
            rows.push(vec![("To plan it: `tminus init`, then `tminus release add`.".into(), Dim)]);
        }
    }
    rows
}

/// What keeps the past from being whole: tags that are loading, stale or could not be read.
/// `None`: all is well, or no service names a repository.
pub fn past_news(state: &State) -> Option<(String, Said)> {
    if !state.calendar.plan.has_repositories() {
        return None;
    }
    let (mut loading, mut stale, mut failed) = (0_usize, 0_usize, 0_usize);
    let (mut oldest, mut why) = (std::time::Duration::ZERO, None);
    for (question, remote) in state.remotes.iter() {
        let Question::Tags { .. } = question else { continue };
        match remote.face(state.now, crate::app::polling::fresh_for(question)) {
            Face::Failed(trouble) => {
                failed += 1;
                why = why.or(Some(trouble));
            }
            Face::Stale { age, trouble, .. } => {
                stale += 1;
                oldest = oldest.max(age);
                why = why.or(trouble);
            }
            Face::Loading => loading += 1,
            Face::Fresh(_) | Face::NotAsked => {}
        }
    }
    let of = |count: usize| if count == 1 { "1 service".to_owned() } else { format!("{count} services") };
    if failed > 0 {
        let why = why.map_or("unknown", |trouble| trouble.failure.kind.word());
        return Some((format!("◌ tags of {} {why}", of(failed)), Said::Unknown));
    }
    if stale > 0 {
        let age = length(TimeDelta::from_std(oldest).unwrap_or_default());
        let why = why.map(|trouble| format!(", {}", trouble.failure.kind.word())).unwrap_or_default();
        return Some((format!("≈ tags of {} {age} old{why}", of(stale)), Said::Stale));
    }
    (loading > 0).then(|| (format!("tags of {} loading …", of(loading)), Said::Dim))
}

/// `45 m`, `1 h 30 m`, `3 d`.
pub fn length(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} m"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} m"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// Like [`length`], but by minutes at the finest: it need not tick every second.
fn coarse(span: TimeDelta) -> String {
    if span < TimeDelta::minutes(1) { "under 1 m".to_owned() } else { length(span) }
}
