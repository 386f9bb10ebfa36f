//! What drawing learned that the next message needs: where things are, and how much fits.

use chrono::{DateTime, TimeDelta, Utc};

use super::Intent;

/// A list on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListId {
    /// The calendar's agenda.
    Agenda,
    /// The calendar's days, counted from the first on screen.
    CalendarDays,
    /// The timeline's lanes, by rows.
    Lanes,
    /// The calendar's details.
    CalendarDetails,
    /// The board's services.
    Services,
    /// The board's side.
    BoardDetails,
    /// The board's environments.
    BoardEnvironments,
    /// The monitor's rollouts.
    Rollouts,
    /// The monitor's alerts.
    Alerts,
    /// The monitor's timeline.
    Timeline,
    /// The trains' rows.
    Train,
    /// The verdict's metrics.
    Judge,
    /// The monitor's charts.
    Charts,
    /// The skew map's versions.
    Skew,
    /// The lanes over time.
    LaneRows,
    /// What happened in a lane.
    LaneEvents,
    /// What changed before alerts and rises.
    Before,
    /// What the skew map finds.
    Findings,
    /// Error budgets.
    Burn,
    /// Health checks.
    Health,
    /// Releases in their watch.
    Watches,
    /// The monitor's silences.
    Silences,
    /// The rollback panel's releases and rollouts.
    Backouts,
    /// The rollback panel's plan.
    Plan,
    /// The steps of a run of show.
    Steps,
    /// What an overlay lists.
    Overlay,
    /// A form's fields.
    Form,
    /// What is offered under a field of a form.
    Offers,
}

/// A rectangle on screen that can be clicked, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Left column.
    pub x: u16,
    /// Top row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// What a click wants.
    pub intent: Intent,
    /// The list that the wheel scrolls here.
    pub list: Option<ListId>,
}

/// A rectangle on screen that stands for the half-open stretch of time [from, to).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Left column.
    pub x: u16,
    /// Top row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// How time goes on in it.
    pub axis: Axis,
}

/// How time goes on in a [`Field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Not at all: every cell stands for all of it.
    Whole,
    /// From left to right.
    Across,
}

/// What drawing learned.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Feedback {
    /// Where things are; later ones lie on top.
    pub hits: Vec<Hit>,
    /// Which time is where; they do not overlap.
    pub fields: Vec<Field>,
    /// By list: its first row on screen, and how many rows fit.
    pub lists: Vec<(ListId, usize, usize)>,
}

impl Feedback {
    /// Forgets the last frame.
    pub fn clear(&mut self) {
        self.hits.clear();
        self.fields.clear();
        self.lists.clear();
    }

    /// What lies under a cell, topmost first.
    pub fn at(&self, x: u16, y: u16) -> Option<&Hit> {
        self.hits.iter().rev().find(|hit| {
            (hit.x..hit.x.saturating_add(hit.width)).contains(&x)
                && (hit.y..hit.y.saturating_add(hit.height)).contains(&y)
        })
    }

    /// The stretch of time that a cell stands for.
    pub fn time_at(&self, x: u16, y: u16) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let field = self.field_at(x, y)?;
        if field.axis == Axis::Whole {
            return Some((field.from, field.to));
        }
        let seconds = (field.to - field.from).num_seconds();
        let at = |column: u16| {
            let into = seconds * i64::from(column - field.x) / i64::from(field.width.max(1));
            field.from + TimeDelta::seconds(into)
        };
        Some((at(x), at(x + 1)))
    }

    fn field_at(&self, x: u16, y: u16) -> Option<&Field> {
        self.fields.iter().find(|field| {
            (field.x..field.x.saturating_add(field.width)).contains(&x)
                && (field.y..field.y.saturating_add(field.height)).contains(&y)
        })
    }

    /// A list's first row on screen and how many fit, when it was last drawn.
    pub fn list(&self, list: ListId) -> Option<(usize, usize)> {
        self.lists.iter().rev().find(|(id, _, _)| *id == list).map(|(_, top, rows)| (*top, *rows))
    }
}
