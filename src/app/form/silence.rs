//! The form that silences alerts for a planned stage, and the one that ends silences.

use chrono::{DateTime, TimeDelta, Utc};

use super::acts::confirmed;
use super::reader::Reader;
use super::{Ask, Field, Form, Name, Offers, Subject, diff};
use crate::domain::question::{Alert, Silence};
use crate::domain::silence::request::{
    LabelNames, check_end, check_reach, check_start, list, replaced, until,
};
use crate::domain::silence::{Deployment, Draft, Ending, Matcher, Request};
use crate::domain::{Release, Stage};

/// How many alerts of the preview are named.
const NAMED: usize = 4;

/// A silence that is being filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Silencing {
    /// The Alertmanager; where there are several, the one chosen at first.
    pub backend: String,
    /// Every Alertmanager.
    pub managers: Vec<String>,
    /// What it is for.
    pub deployment: Deployment,
    /// Alerts as they are known now: what it would mute is told of these.
    pub alerts: Vec<Alert>,
    /// Silences as they are known now, with the Alertmanager that told of them.
    pub silences: Vec<(String, Silence)>,
    /// Whether both are freshly known.
    pub fresh: bool,
}

impl Silencing {
    /// The silences of one Alertmanager.
    fn of(&self, backend: &str) -> impl Iterator<Item = &Silence> {
        let its = self.silences.iter().filter(move |(source, _)| source == backend);
        its.map(|(_, silence)| silence)
    }
}

/// A form for a silence.
pub fn form(silencing: Silencing, draft: &Draft, me: Option<&str>) -> Form {
    let minutes = |at: DateTime<Utc>| at - TimeDelta::seconds(at.timestamp().rem_euclid(60));
    let typed = |at: DateTime<Utc>| diff::typed(minutes(at).with_timezone(&draft.zone).naive_local());
    let Deployment { release, stage } = &draft.deployment;
    let mut fields = vec![
        Field::line(Name::Matchers, "mutes", list(&draft.matchers), "service=checkout, region=~\"eu|us\""),
        Field::line(Name::Start, "from", typed(draft.from), "2026-11-25 14:00, +10m"),
        Field::line(Name::End, "until", typed(draft.to), "2026-11-25 16:00, +1h"),
        Field::offering(Name::By, "by", me.unwrap_or_default(), Offers::People, "who answers for it"),
        Field::line(Name::Reason, "why", draft.reason.clone(), "why nobody needs to hear it"),
        Field::line(Name::Confirm, "to silence", "", "type the release's id"),
    ];
    if silencing.managers.len() > 1 {
        let choice = Field::choice(
            Name::Manager,
            "in",
            silencing.backend.clone(),
            silencing.managers.clone(),
            "which Alertmanager",
        );
        fields.insert(1, choice);
    }
    let about = vec![
        format!("For stage {stage} of {release} alone: it ends with the stage at the latest."),
        "It is sent once. A longer one would be a new silence; this one is never extended.".to_owned(),
    ];
    Form::new(Subject::Silence(Box::new(silencing)), fields).about(about)
}

/// Reads the form of a silence.
pub fn read(reader: &mut Reader<'_>, silencing: &Silencing) {
    let workspace = reader.setting.workspace;
    let release = workspace.release(&silencing.deployment.release);
    let stage = release.and_then(|release| release.stages.get(silencing.deployment.stage));
    let (Some(release), Some(stage)) = (release, stage) else {
        let words = format!("{} has no such stage any more", silencing.deployment.release);
        return reader.wrong(Name::Matchers, None, words);
    };
    let matchers = read_matchers(reader, silencing, release, stage);
    let start = read_start(reader, stage);
    let end = read_end(reader, stage, start);
    let by = reader.word(Name::By, None, "who");
    let reason = reader.word(Name::Reason, None, "a reason");
    if reason.as_deref().is_some_and(|reason| reason.contains("[tminus:")) {
        reader.wrong(
            Name::Reason,
            None,
            "leave `[tminus:` out: it marks the silence, and is added by itself",
        );
    }
    let is_confirmed = confirmed(reader, &[&release.id]);
    let (Some(matchers), Some(start), Some(end), Some(by), Some(reason), true) =
        (matchers, start, end, by, reason, is_confirmed)
    else {
        return;
    };
    let backend = manager(reader, silencing);
    let replaces = replaced(&silencing.deployment, &matchers, silencing.of(&backend));
    reader.ask = Some(Ask::Silence(Box::new(Request {
        backend: backend.clone(),
        deployment: silencing.deployment.clone(),
        replaces: replaces.map(|silence| silence.id.clone()),
        matchers,
        start,
        end,
        by,
        reason,
    })));
}

/// The Alertmanager that is to make it.
fn manager(reader: &Reader<'_>, silencing: &Silencing) -> String {
    let typed = reader.value(Name::Manager, None);
    let known = silencing.managers.iter().find(|name| *name == typed);
    known.unwrap_or(&silencing.backend).clone()
}

fn read_matchers(
    reader: &mut Reader<'_>,
    silencing: &Silencing,
    release: &Release,
    stage: &Stage,
) -> Option<Vec<Matcher>> {
    let text = reader.value(Name::Matchers, None);
    let labels = LabelNames::of(silencing.alerts.iter());
    let matchers = match Matcher::parse_list(text) {
        Ok(matchers) => matchers,
        Err(why) => {
            reader.wrong(Name::Matchers, None, why);
            return None;
        }
    };
    match check_reach(&matchers, release, stage, &labels) {
        Ok(notices) => notices.into_iter().for_each(|notice| reader.notice(Name::Matchers, None, notice)),
        Err(why) => {
            reader.wrong(Name::Matchers, None, why);
            return None;
        }
    }
    reader.reading(Name::Matchers, None, preview(silencing, &matchers));
    let backend = manager(reader, silencing);
    if let Some(before) = replaced(&silencing.deployment, &matchers, silencing.of(&backend)) {
        let until = reader.setting.zone;
        let until = crate::domain::format::local_time(before.ends, until);
        let words =
            format!("in place of the one by {} until {until}, which ends once this one is there", before.by);
        reader.notice(Name::Matchers, None, words);
    }
    Some(matchers)
}

/// What it would mute of what is known to fire or be about to.
fn preview(silencing: &Silencing, matchers: &[Matcher]) -> String {
    let doubt = if silencing.fresh { "" } else { "; not all alerts are freshly known" };
    let mutes = Request::mutes(matchers, silencing.alerts.iter());
    if mutes.is_empty() {
        return format!("it mutes nothing that is known to fire now{doubt}");
    }
    let mut names: Vec<String> =
        mutes.iter().take(NAMED).map(|alert| format!("{} ({})", alert.name, alert.state.word())).collect();
    if mutes.len() > NAMED {
        names.push(format!("{} more", mutes.len() - NAMED));
    }
    format!("would mute {} of {}: {}{doubt}", mutes.len(), silencing.alerts.len(), names.join(", "))
}

fn read_start(reader: &mut Reader<'_>, stage: &Stage) -> Option<DateTime<Utc>> {
    let now = reader.setting.now;
    let zone = stage.time_zone;
    let today = now.with_timezone(&zone).date_naive();
    let typed = reader.moment((Name::Start, None), "a start", zone, today)?;
    // Fields say minutes: what lies in this one begins now.
    let start = typed.instant.max(stage.start.min(typed.instant + TimeDelta::minutes(1)));
    if let Err(why) = check_start(stage, start) {
        reader.wrong(Name::Start, None, why);
        return None;
    }
    if start < now {
        reader.reading(Name::Start, None, "it begins at once");
    } else {
        reader.say_moment(Name::Start, None, start, zone);
    }
    Some(start)
}

fn read_end(reader: &mut Reader<'_>, stage: &Stage, start: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    let now = reader.setting.now;
    let zone = stage.time_zone;
    let day = start.unwrap_or(now).with_timezone(&zone).date_naive();
    let end = reader.moment((Name::End, None), "an end", zone, day)?.instant;
    if let Err(why) = check_end(stage, start.unwrap_or(now), end, now) {
        reader.wrong(Name::End, None, why);
        return None;
    }
    let length = crate::domain::format::duration(end - start.unwrap_or(now).max(now));
    let words = format!("{length}; the stage ends {}", until(stage));
    reader.reading(Name::End, None, words);
    Some(end)
}

/// A form that ends silences; `release` confirms it.
pub fn expire(release: String, endings: Vec<Ending>, zone: chrono_tz::Tz, silences: &[&Silence]) -> Form {
    let mut about: Vec<String> = endings
        .iter()
        .map(|ending| {
            let known = silences.iter().find(|silence| silence.id == ending.id);
            let until = known.map_or_else(String::new, |silence| {
                format!(
                    ", by {}, until {}",
                    silence.by,
                    crate::domain::format::local_time(silence.ends, zone)
                )
            });
            format!("{}{until}", ending.what)
        })
        .collect();
    about.push("What they mute is heard again from then on. Each is sent once.".to_owned());
    let fields = vec![Field::line(Name::Confirm, "to end", "", "type the release's id")];
    Form::new(Subject::Expire(release, endings), fields).about(about)
}

/// Reads the form that ends silences.
pub fn read_expire(reader: &mut Reader<'_>, release: &str, endings: &[Ending]) {
    if confirmed(reader, &[release]) {
        reader.ask = Some(Ask::Expire(endings.to_vec()));
    }
}

/// `Silence for stage 0 of checkout-4.2`
pub fn title(silencing: &Silencing) -> String {
    format!("Silence for stage {} of {}", silencing.deployment.stage, silencing.deployment.release)
}
