//! The selected service among what it needs and what needs it: a picture, or two lists.

use unicode_width::UnicodeWidthStr;

use super::graph::{Drawing, Layered, Layout};
use super::rows::{Part, Row, part, width_of, wrapped};
use crate::app::State;
use crate::app::board::{self, Fit, Known};
use crate::domain::format;
use crate::domain::question::VersionShare;
use crate::domain::{Dependency, DependencyKind, Service};
use crate::theme::Role;

/// The most services a picture has; more are two lists.
const MOST: usize = 25;
/// The most columns of a service's name.
const NAME: usize = 30;

/// A service beside the selected one.
struct Neighbour {
    /// Its place in the workspace; `None`: the workspace does not know it.
    place: Option<usize>,
    name: String,
    /// What is required between the two.
    wants: String,
    /// Whether what runs meets it.
    fit: Vec<Part>,
}

impl Neighbour {
    fn new(place: Option<usize>, id: &str, version: Option<&str>, kind: DependencyKind) -> Self {
        let soft = (kind == DependencyKind::Soft).then_some("soft");
        let wants: Vec<&str> = version.into_iter().chain(soft).collect();
        Self { place, name: format::shorten(id, NAME), wants: wants.join(" "), fit: Vec::new() }
    }

    fn provider(state: &State, service: &Service, need: &Dependency) -> Self {
        let place = state.board.index.place(&need.service);
        let mut provider = Self::new(place, &need.service, need.version.as_deref(), need.kind);
        if need.service == service.id {
            provider.fit = vec![part("▲ itself", Role::Attention)];
        } else if let Some(here) = board::environment(state) {
            let runs = board::running(state, here, &need.service);
            provider.fit = fit_words(board::requirement_fit(need.version.as_deref(), runs), runs);
        }
        provider
    }

    fn consumer(state: &State, place: usize, found: &board::Consumer) -> Self {
        let other = &state.workspace.services[found.service];
        let mut consumer = Self::new(Some(found.service), &other.id, found.version.as_deref(), found.kind);
        if let Some(here) = board::environment(state)
            && matches!(board::running(state, here, &other.id), Known::Value([_, ..], _))
        {
            let runs = board::running(state, here, &state.workspace.services[place].id);
            consumer.fit = vec![match board::requirement_fit(found.version.as_deref(), runs) {
                Fit::Meets => part("●", Role::Good),
                Fit::Misses => part("✖", Role::Bad),
                Fit::Unknown => part("◌", Role::Unknown),
            }];
        }
        consumer
    }

    /// In one piece, for a picture.
    fn label(&self) -> Vec<Part> {
        let mut label = vec![part(self.name.clone(), Role::Text)];
        if !self.wants.is_empty() {
            label.push(part(format!(" {}", self.wants), Role::Dim));
        }
        if !self.fit.is_empty() {
            label.push(part(" ", Role::Text));
        }
        label.extend(self.fit.iter().cloned());
        label
    }
}

/// The rows of the picture, or of the lists where it does not fit `width` columns.
pub fn rows(state: &State, place: usize, listed: &[usize], width: usize) -> Vec<Row> {
    let service = &state.workspace.services[place];
    let needs: Vec<Neighbour> =
        service.depends_on.iter().map(|need| Neighbour::provider(state, service, need)).collect();
    let consumers = state.board.index.consumers(place).iter();
    let needed_by: Vec<Neighbour> = consumers
        .filter(|consumer| consumer.service != place)
        .map(|consumer| Neighbour::consumer(state, place, consumer))
        .collect();
    if needs.is_empty() && needed_by.is_empty() {
        return vec![vec![part("needs nothing, and nothing needs it", Role::Dim)].into()];
    }
    picture(&service.id, place, &needs, &needed_by, listed, width)
        .unwrap_or_else(|| lists(&needs, &needed_by, listed, width))
}

/// `● 8.0.1`, `✖ runs 1.6.9`, `✖ not there`, `≈ 8.0.1`, `◌ not known`.
fn fit_words(fit: Fit, runs: Known<'_, &[VersionShare]>) -> Vec<Part> {
    let words = |shares| board::shares_words(shares);
    match (fit, runs) {
        (_, Known::NotApplicable) => Vec::new(),
        (_, Known::Waiting) => vec![part("·", Role::Dim)],
        (_, Known::Partial | Known::Unknown(_)) => vec![part("◌ not known", Role::Unknown)],
        (_, Known::Value([], Some(_))) => vec![part("≈ not there", Role::Stale)],
        (_, Known::Value(shares, Some(_))) => vec![part(format!("≈ {}", words(shares)), Role::Stale)],
        (_, Known::Value([], None)) => vec![part("✖ not there", Role::Bad)],
        (Fit::Meets, Known::Value(shares, None)) => {
            vec![part("● ", Role::Good), part(words(shares), Role::Text)]
        }
        (Fit::Misses, Known::Value(shares, None)) => {
            vec![part(format!("✖ runs {}", words(shares)), Role::Bad)]
        }
        (Fit::Unknown, Known::Value(shares, None)) => {
            vec![part(format!("◌ runs {}, which cannot be compared", words(shares)), Role::Unknown)]
        }
    }
}

/// Consumers at the left, the selected one, providers at the right. What the neighbours need of
/// each other is left out: lines that share a trunk would hide whose is whose.
fn picture(
    id: &str,
    place: usize,
    needs: &[Neighbour],
    needed_by: &[Neighbour],
    listed: &[usize],
    width: usize,
) -> Option<Vec<Row>> {
    if needs.len() + needed_by.len() >= MOST {
        return None;
    }
    // A service on both sides, of a cycle, is one node.
    let mut places = vec![Some(place)];
    let mut labels = vec![vec![part(format::shorten(id, NAME), Role::Now)]];
    let mut edges = Vec::new();
    for need in needs.iter().filter(|need| need.place != Some(place)) {
        edges.push((0, places.len()));
        places.push(need.place);
        labels.push(need.label());
    }
    for consumer in needed_by {
        let known = places.iter().position(|known| *known == consumer.place);
        edges.push((known.unwrap_or(places.len()), 0));
        if known.is_none() {
            places.push(consumer.place);
            labels.push(consumer.label());
        }
    }
    let widths: Vec<usize> = labels.iter().map(|label| width_of(label)).collect();
    let drawing = Layered.draw(&widths, &edges).filter(|drawing| drawing.width() <= width)?;
    let mut rows = Vec::new();
    for y in 0..drawing.rows.len() {
        rows.extend(painted(&drawing, y, &places, &labels, listed));
    }
    Some(rows)
}

/// A row of the drawing with the labels in their places; `None`: it is empty.
fn painted(
    drawing: &Drawing,
    y: usize,
    places: &[Option<usize>],
    labels: &[Vec<Part>],
    listed: &[usize],
) -> Option<Row> {
    let line: Vec<char> = drawing.rows[y].trim_end().chars().collect();
    if line.is_empty() {
        return None;
    }
    let lines = |from: usize, to: usize| -> Part {
        let text: String = line.get(from..to.min(line.len())).unwrap_or_default().iter().collect();
        part(text, Role::Border)
    };
    let mut here: Vec<_> = drawing.places.iter().enumerate().filter(|(_, spot)| spot.y == y).collect();
    here.sort_by_key(|(_, spot)| spot.x);
    let mut row = Row::default();
    let mut x = 0;
    for (node, spot) in here {
        row.parts.push(lines(x, spot.x));
        row.parts.extend(labels[node].iter().cloned());
        x = spot.x + spot.width;
        row.clicks.extend(click(places[node], listed, spot.x, spot.width));
    }
    row.parts.push(lines(x, line.len()));
    Some(row)
}

fn click(place: Option<usize>, listed: &[usize], x: usize, width: usize) -> Option<(u16, u16, usize)> {
    let row = listed.binary_search(&place?).ok()?;
    Some((u16::try_from(x).ok()?, u16::try_from(width).ok()?, row))
}

/// Two lists: names, requirements and what runs each under each other.
fn lists(needs: &[Neighbour], needed_by: &[Neighbour], listed: &[usize], width: usize) -> Vec<Row> {
    const INDENT: usize = 11;
    let all = || needs.iter().chain(needed_by);
    let name_width = all().map(|neighbour| neighbour.name.width()).max().unwrap_or(0);
    let wants_width = all().map(|neighbour| neighbour.wants.width()).max().unwrap_or(0);
    let padded = |text: &str, width: usize| format!("{text}{}", " ".repeat(width - text.width() + 2));
    let mut rows = Vec::new();
    for (title, neighbours) in [("needs", needs), ("needed by", needed_by)] {
        for (number, neighbour) in neighbours.iter().enumerate() {
            let title = if number == 0 { title } else { "" };
            let mut parts = vec![part(format!("{title:<INDENT$}"), Role::Dim)];
            parts.push(part(padded(&neighbour.name, name_width), Role::Text));
            parts.push(part(padded(&neighbour.wants, wants_width), Role::Dim));
            parts.extend(neighbour.fit.iter().cloned());
            let mut wrapped = wrapped(parts, width, INDENT + 2);
            if let Some(first) = wrapped.first_mut() {
                first.clicks.extend(click(neighbour.place, listed, INDENT, neighbour.name.width()));
            }
            rows.extend(wrapped);
        }
        if neighbours.is_empty() {
            rows.push(vec![part(format!("{title:<INDENT$}nothing"), Role::Dim)].into());
        }
    }
    rows
}
