//! What fits where: the list, the details, and which columns the list has.

use crate::app::State;

use super::Pane;

/// Columns between two columns of the list.
pub const GAP: u16 = 2;
/// From this many columns on, the details lie beside the list.
const BESIDE: u16 = 150;
/// The fewest columns the details are given beside the list.
const DETAILS_WIDTH: u16 = 66;
/// The fewest rows the details are worth under the list.
const DETAILS_HEIGHT: u16 = 6;

/// Where the list and the details are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// Only the list.
    List,
    /// Only the details: someone went in.
    Details,
    /// The list in this many rows, the details under it.
    Stacked(u16),
    /// The list in this many columns, the details beside it.
    Beside(u16),
}

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The service's id.
    Service,
    /// How critical it is.
    Tier,
    /// Who owns it.
    Owner,
    /// What runs in an environment, by its place in the workspace.
    Environment(usize),
    /// What comes next.
    Comes,
    /// How far what runs is behind.
    Behind,
    /// Since when it runs.
    Since,
    /// Open tickets of what comes next.
    Tickets,
}

/// The panel's size, in columns and rows: the screen without header, status and margins.
pub fn panel_size(state: &State) -> (u16, u16) {
    (state.size.0.saturating_sub(2), state.size.1.saturating_sub(4))
}

/// Where the list and the details go in a panel of this size that lists `count` services.
pub fn arrangement(state: &State, (width, height): (u16, u16), count: usize) -> Arrangement {
    if width >= BESIDE {
        return Arrangement::Beside(natural_width(state).min(width - DETAILS_WIDTH - 3));
    }
    if state.board.inside {
        return Arrangement::Details;
    }
    // The list's header, its services, the rule above the details.
    let wanted = u16::try_from(count).unwrap_or(u16::MAX).saturating_add(1);
    let list = wanted.min(height / 2 + 2);
    if height < list + 1 + DETAILS_HEIGHT { Arrangement::List } else { Arrangement::Stacked(list) }
}

/// The columns that fit in a list of this width, each with its own, from left to right. What
/// matters most is let in first.
pub fn columns(state: &State, width: u16) -> Vec<(Column, u16)> {
    let mut left = width;
    let mut fitting = Vec::new();
    for column in by_importance(state) {
        let needs = column_width(state, column);
        let gap = if fitting.is_empty() { 0 } else { GAP };
        if needs + gap <= left {
            left -= needs + gap;
            fitting.push((column, needs));
        }
    }
    fitting.sort_by_key(|(column, _)| rank(*column));
    fitting
}

/// Whether a column fits in the list as it is on screen now.
pub fn shows(state: &State, column: Column) -> bool {
    let size = panel_size(state);
    let width = match arrangement(state, size, usize::MAX) {
        Arrangement::Beside(width) => width,
        _ => size.0,
    };
    columns(state, width).iter().any(|(fits, _)| *fits == column)
}

/// Which part of the panel the keys go to, where only one may be on screen.
pub fn pane(state: &State) -> Pane {
    if state.board.inside { Pane::Details } else { state.board.pane }
}

fn by_importance(state: &State) -> Vec<Column> {
    let selected = super::environment_place(state);
    let mut columns = vec![Column::Service];
    columns.extend(selected.map(Column::Environment));
    columns.push(Column::Behind);
    // The nearest environments first.
    let mut others: Vec<usize> =
        (0..state.workspace.environments.len()).filter(|place| Some(*place) != selected).collect();
    others.sort_by_key(|place| place.abs_diff(selected.unwrap_or(0)));
    columns.extend(others.into_iter().map(Column::Environment));
    // A column that could never hold anything is no column.
    let index = &state.board.index;
    for (column, useful) in [
        (Column::Since, selected.is_some()),
        (Column::Comes, index.has_plans),
        (Column::Tickets, index.has_plans),
        (Column::Owner, index.longest_owner > 0),
        (Column::Tier, index.has_tiers),
    ] {
        columns.extend(useful.then_some(column));
    }
    columns
}

fn rank(column: Column) -> (u8, usize) {
    match column {
        Column::Service => (0, 0),
        Column::Tier => (1, 0),
        Column::Owner => (2, 0),
        Column::Environment(place) => (3, place),
        Column::Comes => (4, 0),
        Column::Behind => (5, 0),
        Column::Since => (6, 0),
        Column::Tickets => (7, 0),
    }
}

fn natural_width(state: &State) -> u16 {
    by_importance(state).into_iter().map(|column| column_width(state, column) + GAP).sum::<u16>() - GAP
}

fn column_width(state: &State, column: Column) -> u16 {
    let clamped = |width: usize, low: u16, high: u16| u16::try_from(width).unwrap_or(high).clamp(low, high);
    match column {
        Column::Service => clamped(state.board.index.longest_id, 12, 24) + 2,
        Column::Tier => 6,
        Column::Owner => clamped(state.board.index.longest_owner, 8, 18),
        Column::Environment(place) => environment_width(state, place),
        Column::Comes | Column::Tickets => 12,
        Column::Behind | Column::Since => 8,
    }
}

/// Wide enough for what runs there: asked of all services, so that scrolling moves nothing.
fn environment_width(state: &State, place: usize) -> u16 {
    let Some(environment) = state.workspace.environments.get(place) else { return 0 };
    let running = state.remotes.running(&environment.id, state.now);
    let longest = crate::app::remotes::value_of(&running).map_or(0, |running| {
        let width = |shares: &Vec<crate::domain::question::VersionShare>| match shares.as_slice() {
            [] => 1,
            [only] => only.version.chars().count(),
            many => many.iter().map(|share| share.version.chars().count() + 8).sum::<usize>() - 3,
        };
        running.services.values().map(width).max().unwrap_or(0)
    });
    let named = environment.id.chars().count() + usize::from(environment.versions.is_some());
    u16::try_from(longest.max(named) + 2).unwrap_or(u16::MAX).clamp(10, 30)
}
