//! `[[calendar]]`

use std::path::PathBuf;

use toml::de::DeTable;

use super::super::report::Report;
use super::super::wire::workspace as wire;
use super::backends;
use super::entry::{entry, take_list};
use super::names::Names;
use super::values;
use crate::domain::WindowKind;
use crate::domain::icalendar::merge::{Choices, Vanished};
use crate::domain::subscription::{REFRESH, Source, Subscription};
use crate::domain::workspace::{BackendConfig, BackendKind};

/// Reads the calendars, in file order; a bad one is left out.
pub fn read(report: &mut Report<'_>, table: &mut DeTable<'_>, names: &Names) -> Vec<Subscription> {
    let mut calendars: Vec<Subscription> = Vec::new();
    for value in take_list(report, table, "calendar") {
        let Some(wire) = entry::<wire::Calendar>(report, value, "calendar") else { continue };
        if calendars.iter().any(|known| known.id == wire.id.value) {
            let message = format!("the calendar `{}` is there twice: ids must differ", wire.id.value);
            report.error(&wire.id.span, message);
            continue;
        }
        calendars.extend(calendar(report, wire, names));
    }
    calendars
}

fn calendar(report: &mut Report<'_>, wire: wire::Calendar, names: &Names) -> Option<Subscription> {
    let errors = report.errors();
    let id = values::word(report, &wire.id, "id")?;
    for at in &wire.environments {
        names.environment(report, &at.span, &at.value);
    }
    for at in &wire.services {
        names.service(report, &at.span, &at.value);
    }
    for at in &wire.regions {
        names.any_region(report, &at.span, &at.value);
    }
    let source = match (&wire.url, wire.file) {
        (Some(url), None) => {
            let mut config = BackendConfig::new(format!("calendar {id}"), BackendKind::Caldav);
            config.url = backends::calendar_url(report, url);
            config.user = wire.user;
            config.token = wire.token.and_then(|at| backends::secret(report, at));
            config.headers = wire
                .headers
                .into_iter()
                .filter_map(|(name, at)| backends::header(report, name, at))
                .collect();
            config.ca = wire.ca.map(PathBuf::from);
            Some(Source::Server(Box::new(config)))
        }
        (None, Some(file)) => Some(Source::File(PathBuf::from(file))),
        _ => {
            let message = format!("the calendar `{id}` has one source: write `url` or `file`");
            report.error(&wire.id.span, message);
            None
        }
    };
    let time_zone = wire.time_zone.as_ref().and_then(|at| values::zone(report, at));
    let refresh = values::maybe_span(report, wire.refresh.as_ref());
    let refresh_seconds = match refresh.map(|span| u32::try_from(span.num_seconds())) {
        None => REFRESH,
        Some(Ok(seconds)) if seconds >= 60 => seconds,
        Some(_) => {
            let place = wire.refresh.as_ref().map(|at| at.span.clone()).unwrap_or_default();
            report.error(&place, "`refresh` must be a minute or more: write 15m, 1h or 1d");
            REFRESH
        }
    };
    if report.errors() > errors {
        return None;
    }
    let words = |list: Vec<super::super::wire::At<String>>| list.into_iter().map(|at| at.value).collect();
    let layer = wire.layer.unwrap_or_else(|| id.clone());
    Some(Subscription {
        id,
        source: source?,
        choices: Choices {
            kind: wire.kind.unwrap_or(WindowKind::Freeze),
            environments: words(wire.environments),
            services: words(wire.services),
            regions: words(wire.regions),
            allow: wire.allow,
            layer: Some(values::prose(layer)),
            vanished: if wire.prune { Vanished::Remove } else { Vanished::Keep },
        },
        time_zone,
        refresh_seconds,
    })
}
