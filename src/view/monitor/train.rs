//! The trains: a release a heading, a car a row, in the order in which they must go.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::judge::{WORD, sign_of_word};
use super::mark_of_running;
use crate::app::monitor::judge;
use crate::app::monitor::rollouts::{Seen, present_question};
use crate::app::monitor::train::{self, Row};
use crate::app::{ListId, State};
use crate::domain::rollout::train::{Car, CarState, Train};
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::chart::bar;
use crate::view::{Canvas, Listing, face};

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let rows = train::listed(state);
    if rows.is_empty() {
        nothing(canvas, area, state);
        return;
    }
    let row = train::selected_row(state);
    let list = Rect { height: area.height.saturating_sub(3), ..area };
    let columns = Columns::new(&rows, area.width);
    Listing::alone(ListId::Train, row).draw(canvas, list, state, &rows, |canvas, place, line| match line {
        Row::Train(train) => draw_train(canvas, place, state, train, &columns),
        Row::Car(_, car) => draw_car(canvas, place, state, line, car, &columns),
        Row::Loose(seen) => draw_loose(canvas, place, state, seen, &columns),
    });
    canvas.rule(area.x, list.bottom(), area.width);
    let below = Rect { y: list.bottom() + 1, height: 2, ..area };
    if let Some(chosen) = rows.get(row) {
        canvas.paragraph(below, &told(state, chosen), Role::Text);
    }
}

/// How wide the columns are, so that they align.
struct Columns {
    service: u16,
    place: u16,
    version: u16,
    bar: u16,
}

impl Columns {
    fn new(rows: &[Row<'_>], width: u16) -> Self {
        let widest = |text: &dyn Fn(&Row<'_>) -> usize, most: u16| {
            rows.iter().map(|row| text(row) as u16).max().unwrap_or(0).min(most)
        };
        let most = if width < 100 { 15 } else { 28 };
        let service = widest(
            &|row| match row {
                Row::Train(_) => 0,
                Row::Car(_, car) => car.service.width(),
                Row::Loose(seen) => seen.key.service.width(),
            },
            most,
        );
        let place = widest(
            &|row| match row {
                Row::Train(_) => 0,
                Row::Car(_, car) => car.place().width(),
                Row::Loose(seen) => seen.key.place().width(),
            },
            most + 1,
        );
        let version = widest(
            &|row| match row {
                Row::Train(_) => 0,
                Row::Car(_, car) => car.version.width(),
                Row::Loose(seen) => seen.key.to.width(),
            },
            if width < 100 { 9 } else { 20 },
        );
        Self { service, place, version, bar: if width < 100 { 6 } else { 10 } }
    }

    /// Everything left of the bar.
    fn names(&self) -> u16 {
        2 + 1 + self.service + self.place + self.version + 4
    }
}

fn draw_train(canvas: &mut Canvas<'_>, area: Rect, state: &State, train: &Train, columns: &Columns) {
    let now = state.monitor.window.end(state.now.wall);
    let mut line = Cells { canvas, x: area.x, area };
    // As wide as the columns of its cars, so that the bars stand below each other.
    line.cell(columns.names(), &train.title, Role::Title);
    line.cell(columns.bar, &bar(train.progress, columns.bar), Role::ChartNew);
    let counted = format!("{}/{}", train.done(), train.cars.len());
    line.cell(6, &format!("{counted:>6}"), Role::Text);
    let full = match train.full {
        Some(full) => format!("all of it {}", full.words(now, state.zone)),
        None => "all of it done".to_owned(),
    };
    let verdict = train::verdict(state, train);
    if let Some(word) = verdict {
        let (sign, role) = sign_of_word(word);
        line.cell(WORD, &format!("{sign} {}", word.word()), role);
    }
    line.rest(&full, Role::Text);
    if let Some(car) = train.holding() {
        let used = full.width() as u16 + 2;
        let (mark, role) = sign(car.state);
        let words = format!("{mark} held by {} in {}", car.service, car.place());
        let room = line.area.right().saturating_sub(line.x + used);
        if room >= 12 {
            line.canvas.text(line.x + used, line.area.y, room, &words, role);
        }
    }
}

fn draw_car(canvas: &mut Canvas<'_>, area: Rect, state: &State, row: &Row<'_>, car: &Car, columns: &Columns) {
    let now = state.monitor.window.end(state.now.wall);
    let (mark, role) = marked(state, &car.environment, sign(car.state));
    let mut line = Cells { canvas, x: area.x, area };
    // Which wave it is in matters where there are several.
    let has_waves = matches!(row, Row::Car(train, _) if train.cars.iter().any(|car| car.wave > 1));
    line.cell(2, &if has_waves { car.wave.to_string() } else { String::new() }, Role::Dim);
    line.cell(1, mark, role);
    line.cell(columns.service, &car.service, Role::Title);
    line.cell(columns.place, &car.place(), Role::Text);
    line.cell(columns.version, &car.version, Role::Text);
    let progress = car.progress.map_or_else(String::new, |share| bar(share, columns.bar));
    line.cell(columns.bar, &progress, Role::ChartNew);
    let share = car.progress.map_or_else(|| "?".to_owned(), format::share);
    let role = if car.progress.is_some() { Role::Text } else { Role::Unknown };
    line.cell(6, &format!("{share:>6}"), role);
    let seen = train::rollout_of(state, row);
    let has_verdicts = matches!(row, Row::Car(train, _) if train::verdict(state, train).is_some());
    verdict_cell(&mut line, state, seen, has_verdicts);
    let position = seen.and_then(|seen| seen.position.as_ref());
    let is_moving = matches!(car.state, CarState::Going | CarState::Held);
    let left = position.filter(|_| is_moving).and_then(|position| position.left_words(now));
    let full = || car.full.map(|full| full.words(now, state.zone));
    let words = match (car.state, position) {
        (CarState::Going | CarState::Held, Some(position)) => {
            let parts = [Some(position.at_words()), left, full(), position.delay_words()];
            parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
        }
        (CarState::Waiting | CarState::Late, _) => {
            let planned = format::local_span(car.planned.0, car.planned.1, state.zone);
            format!("{}  {planned}", car.state.word())
        }
        (state_of, Some(position)) if state_of != CarState::Unknown => {
            let parts = [Some(position.at_words()), position.left_words(now)];
            parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
        }
        (state_of, _) => state_of.word().to_owned(),
    };
    let role = if role == Role::Stale || car.state == CarState::Done { Role::Dim } else { sign(car.state).1 };
    line.rest(&words, role);
}

fn draw_loose(canvas: &mut Canvas<'_>, area: Rect, state: &State, seen: &Seen, columns: &Columns) {
    let (mark, role) = marked(state, &seen.key.environment, ("▲", Role::Attention));
    let mut line = Cells { canvas, x: area.x, area };
    line.cell(2, "", Role::Dim);
    line.cell(1, mark, role);
    line.cell(columns.service, &seen.key.service, Role::Title);
    line.cell(columns.place, &seen.key.place(), Role::Text);
    line.cell(columns.version, &seen.key.to, Role::Text);
    line.cell(columns.bar, &bar(seen.share, columns.bar), Role::ChartNew);
    line.cell(6, &format!("{:>6}", format::share(seen.share)), Role::Text);
    verdict_cell(&mut line, state, Some(seen), true);
    line.rest(&format!("{}  not planned", seen.phase.word()), Role::Attention);
}

/// The verdict on a rollout, in a column where others of its train have one.
fn verdict_cell(line: &mut Cells<'_, '_>, state: &State, seen: Option<&Seen>, has_verdicts: bool) {
    match seen.map(|seen| judge::word(state, seen)) {
        Some(word) => {
            let (sign, role) = sign_of_word(word);
            line.cell(WORD, &format!("{sign} {}", word.word()), role);
        }
        None if has_verdicts => line.cell(WORD, "", Role::Dim),
        None => {}
    }
}

/// Cells of a row, one after the other.
struct Cells<'a, 'b> {
    canvas: &'a mut Canvas<'b>,
    x: u16,
    area: Rect,
}

impl Cells<'_, '_> {
    fn cell(&mut self, width: u16, words: &str, role: Role) {
        let room = self.area.right().saturating_sub(self.x);
        let words = format::shorten(words, usize::from(width));
        self.canvas.text(self.x, self.area.y, width.min(room), &words, role);
        self.x += width + 1;
    }

    fn rest(&mut self, words: &str, role: Role) {
        self.x += 1;
        let room = self.area.right().saturating_sub(self.x);
        self.canvas.text(self.x, self.area.y, room, words, role);
    }
}

/// What is known of the selected row, in words.
fn told(state: &State, row: &Row<'_>) -> String {
    let now = state.monitor.window.end(state.now.wall);
    match row {
        Row::Train(train) => {
            let held = train.holding().map(|car| {
                let why = match car.state {
                    CarState::Late => "its stage began, and nothing is seen of it",
                    CarState::Back => "it went back",
                    _ => "it stands longer than planned, or off its steps",
                };
                format!("  Held by {} in {}: {why}.", car.service, car.place())
            });
            let waiting = train.cars.iter().filter(|car| car.state == CarState::Waiting).count();
            let unknown = train.cars.iter().filter(|car| car.state == CarState::Unknown).count();
            let unknown = if unknown > 0 { format!(", {unknown} unknown") } else { String::new() };
            format!(
                "{}: {} of {} done, {waiting} waiting{unknown}.{}",
                train.release,
                train.done(),
                train.cars.len(),
                held.unwrap_or_default()
            )
        }
        Row::Car(train, car) => {
            if let Some(seen) = train::rollout_of(state, row) {
                seen.plan_words(now, state.zone)
            } else {
                let planned = format::local_span(car.planned.0, car.planned.1, state.zone);
                let why = match car.state {
                    CarState::Late => "its stage began, and nothing is seen of it",
                    CarState::Done => "it runs everywhere there; its rollout lies before this window",
                    CarState::Unknown => "nobody says what runs there",
                    _ => "to come",
                };
                format!("{}: {planned}, {why}", train.release)
            }
        }
        Row::Loose(seen) => seen.plan_words(now, state.zone),
    }
}

/// A state's sign: what holds wants attention, what is not known is unknown.
fn sign(state: CarState) -> (&'static str, Role) {
    match state {
        CarState::Done => ("●", Role::Good),
        CarState::Going => ("→", Role::ChartNew),
        CarState::Held | CarState::Late | CarState::Back => ("▲", Role::Attention),
        CarState::Waiting => ("·", Role::Dim),
        CarState::Unknown => ("◌", Role::Unknown),
    }
}

/// The sign where what runs is freshly known, else the sign of how it is known.
fn marked(state: &State, environment: &str, good: (&'static str, Role)) -> (&'static str, Role) {
    let known = state.remotes.history(&present_question(state, environment), state.now);
    match known {
        // Nobody is asked of an environment that tells nothing.
        Face::NotAsked => ("◌", Role::Unknown),
        known => mark_of_running(&known, good),
    }
}

fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let total = state.monitor.index.trains.len();
    if total > 0 && !state.monitor.filter.is_empty() {
        let words = format!("none of {total} releases has “{}” in it", state.monitor.filter);
        face::message(canvas, area, Role::Dim, &words, "Esc clears the filter.");
        return;
    }
    let hint = "A release appears here when one of its stages lies within twelve hours, or when one of \
                its versions rolls out.";
    face::message(canvas, area, Role::Title, "no release is on its way", hint);
}
