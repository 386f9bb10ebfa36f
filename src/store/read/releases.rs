//! `releases/<id>.toml`

use chrono_tz::Tz;
use toml::value::Datetime;

use super::super::report::Report;
use super::super::wire::{At, release as wire};
use super::entry::{Recovery, document, entry};
use super::names::Names;
use super::{show, values, watches};
use crate::domain::pinned::Pinned;
use crate::domain::release::{Check, Exception, Item, TrackerRef};
use crate::domain::window::WallTime;
use crate::domain::{Release, Safe, Stage};

/// Reads one release. A release with an error is left out whole: a stage that is missing from the
/// plan would pass for one that collides with nothing, and stages are counted in file order.
pub fn read(id: &str, report: &mut Report<'_>, text: &str, names: &Names, zone: Tz) -> Option<Release> {
    let (value, _) = document(report, text, Recovery::Drop);
    let mut wire = entry::<wire::Release>(report, value?, "")?;
    let errors = report.errors();

    let tracker = wire.tracker.as_ref().map(|at| tracker(report, at));
    let items: Vec<Item> = wire.items.iter().filter_map(|wire| item(report, wire)).collect();
    let stages: Vec<Stage> =
        wire.stages.iter().filter_map(|wire| stage(report, &wire.value, names, zone)).collect();
    if stages.len() == wire.stages.len() {
        for (index, (wire, stage)) in wire.stages.iter().zip(&stages).enumerate() {
            pinned(report, &wire.value, (id, index), stage);
        }
    }
    let checks = wire.checks.into_iter().filter_map(|wire| check(report, wire)).collect();
    let exceptions = wire.exceptions.iter().filter_map(|wire| exception(report, wire, zone)).collect();
    duplicates(report, &wire.items);
    let count = wire.count.take();
    let (holds, steps) = (std::mem::take(&mut wire.holds), std::mem::take(&mut wire.steps));
    let show = show::read(report, count.as_ref(), holds, steps, &stages, zone);
    let watch = watches::read(report, wire.watch.as_ref(), zone);
    if report.errors() > errors {
        return None;
    }
    // A reference to nothing is a mistake, but the release is still planned.
    references(report, &wire.items, &wire.stages, &wire.exceptions, names);
    if let Some(count) = &count {
        show::check_places(report, &count.value, names);
    }
    if let Some(watch) = &wire.watch {
        watches::check_places(report, watch, names);
    }
    if let (Some(at), Some(Some(tracker))) = (&wire.tracker, &tracker) {
        names.backend(report, &at.span, &tracker.backend);
    }
    Some(Release {
        id: id.to_owned(),
        title: wire
            .title
            .filter(|title| !title.trim().is_empty())
            .map_or_else(|| id.to_owned(), values::prose),
        change: wire.change.unwrap_or_default(),
        status: wire.status.unwrap_or_default(),
        owner: wire.owner.map(values::prose),
        tracker: tracker.flatten(),
        items,
        stages,
        checks,
        exceptions,
        notes: wire.notes.map(values::lines),
        show,
        watch,
    })
}

fn tracker(report: &mut Report<'_>, at: &At<String>) -> Option<TrackerRef> {
    let tracker = TrackerRef::parse(&at.value).filter(|_| Safe::new(&at.value).as_str() == at.value);
    if tracker.is_none() {
        let found = Safe::new(&at.value);
        report.error(
            &at.span,
            format!("`tracker` is `{found}`: write backend:project/version, jira:PAY/4.2.0"),
        );
    }
    tracker
}

fn item(report: &mut Report<'_>, wire: &wire::Item) -> Option<Item> {
    let service = values::word(report, &wire.service, "service");
    let version = values::word(report, &wire.version, "version");
    Some(Item { service: service?, version: version? })
}

fn duplicates(report: &mut Report<'_>, items: &[wire::Item]) {
    for (index, item) in items.iter().enumerate() {
        if items[..index].iter().any(|earlier| earlier.service.value == item.service.value) {
            let service = Safe::new(&item.service.value);
            report.error(
                &item.service.span,
                format!("`{service}` is there twice: one version of a service a release"),
            );
        }
    }
}

fn stage(report: &mut Report<'_>, wire: &wire::Stage, names: &Names, workspace: Tz) -> Option<Stage> {
    let errors = report.errors();
    let environment = values::word(report, &wire.environment, "environment");
    let region = wire.region.as_ref().and_then(|at| values::word(report, at, "region"));
    let nearest = || names.zone(environment.as_deref()?, region.as_deref()?);
    let zone = match &wire.time_zone {
        Some(at) => values::zone(report, at)?,
        None => nearest().unwrap_or(workspace),
    };
    let start = values::instant(report, &wire.start, zone);
    let end = values::instant(report, &wire.end, zone);
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        report.error(&wire.end.span, "the stage ends before it starts: `end` must be after `start`");
    }
    let mut before = 0.0;
    for step in &wire.steps {
        if !(step.value > before && step.value <= 100.0) {
            let message =
                format!("found step {}: percent above {before} and up to 100 is accepted", step.value);
            report.error(&step.span, message);
            break;
        }
        before = step.value;
    }
    let soak = values::maybe_span(report, wire.soak.as_ref());
    if report.errors() > errors {
        return None;
    }
    Some(Stage {
        environment: environment?,
        region,
        start: start?,
        end: end?,
        time_zone: zone,
        strategy: wire.strategy,
        steps: wire.steps.iter().map(|step| step.value).collect(),
        soak,
    })
}

/// Says where the clocks changed what a stage's local times mean since it was planned.
fn pinned(report: &mut Report<'_>, wire: &wire::Stage, (id, index): (&str, usize), stage: &Stage) {
    let Some(At { value: resolved, span }) = &wire.resolved else { return };
    let fixed = |at: &At<Datetime>| match values::wall_time(&at.value) {
        Some(WallTime::Instant(time)) => Some(time),
        _ => None,
    };
    let (Some(start), Some(end)) = (fixed(&resolved.start), fixed(&resolved.end)) else {
        let message = "`resolved` needs a start and an end with an offset: tminus writes it, take it out";
        return report.error(span, message);
    };
    let (time_zone, tz) = (resolved.time_zone.clone(), resolved.tz.clone());
    let pinned = Pinned { start, end, time_zone, tz };
    let local = |at: &At<Datetime>| match values::wall_time(&at.value) {
        Some(WallTime::Local(local)) => Some(local),
        _ => None,
    };
    // A time with an offset means what it says, whatever the clocks do.
    let (Some(from), Some(to)) = (local(&wire.start), local(&wire.end)) else { return };
    if let Some(changed) = pinned.changed((from, to), (stage.start, stage.end), stage.time_zone) {
        report.notice(&wire.start.span, changed.told(id, index, stage.time_zone));
    }
}

fn check(report: &mut Report<'_>, wire: wire::Check) -> Option<Check> {
    let id = values::word(report, &wire.id, "id")?;
    let title = wire.title.map_or_else(|| id.clone(), values::prose);
    Some(Check { id, title, role: wire.role.map(values::prose) })
}

fn exception(report: &mut Report<'_>, wire: &wire::Exception, zone: Tz) -> Option<Exception> {
    let window = values::word(report, &wire.window, "window");
    let by = values::word(report, &wire.by, "name in `by`");
    if wire.reason.value.trim().is_empty() {
        report.error(&wire.reason.span, "the reason is empty: an exception says why");
    }
    let expires = values::instant(report, &wire.expires, zone);
    let mut commits = Vec::new();
    for at in &wire.commits {
        if (7..=64).contains(&at.value.len()) && at.value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            commits.push(at.value.to_ascii_lowercase());
        } else {
            let found = Safe::new(&at.value);
            let message = format!("`{found}` is no commit's id: write at least its first seven hex digits");
            report.error(&at.span, message);
        }
    }
    Some(Exception {
        window: window?,
        reason: values::prose(wire.reason.value.clone()),
        by: by?,
        ticket: wire.ticket.clone().map(values::prose),
        expires: expires?,
        commits,
    })
}

fn references(
    report: &mut Report<'_>,
    items: &[wire::Item],
    stages: &[At<wire::Stage>],
    exceptions: &[wire::Exception],
    names: &Names,
) {
    for item in items {
        names.service(report, &item.service.span, &item.service.value);
    }
    for stage in stages.iter().map(|at| &at.value) {
        names.environment(report, &stage.environment.span, &stage.environment.value);
        if let Some(region) = &stage.region {
            names.region(report, &region.span, &stage.environment.value, &region.value);
        }
    }
    for exception in exceptions {
        names.window(report, &exception.window.span, &exception.window.value);
    }
}
