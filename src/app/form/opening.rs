//! Opening forms: from what is selected, or from nothing.

use chrono::{DateTime, Utc};

use super::keys::setting;
use super::{
    Form, Setting, Silencing, Subject, WatchDeed, acts, quick, release, silence, step, step_removal, watch,
    window,
};
use crate::app::monitor::{self, silences};
use crate::app::state::Tone;
use crate::app::{Overlay, State};
use crate::domain::silence::{Deployment, Draft, Ending};
use crate::domain::{Face, Window};

/// Puts a form on the screen, or says why it cannot be.
fn open(state: &mut State, make: impl FnOnce(&Setting<'_>) -> Result<Form, String>) {
    if !state.workspace.is_writable() {
        state.say(Tone::Refused, "this workspace is read-only: `tminus init` makes one that can be changed");
        return;
    }
    let workspace = state.workspace.clone();
    let setting = setting(state, &workspace);
    match make(&setting) {
        Ok(mut form) => {
            form.read(&setting);
            state.overlays.push(Overlay::Form(Box::new(form)));
        }
        Err(why) => state.say(Tone::Refused, why),
    }
}

fn find_window(setting: &Setting<'_>, id: &str) -> Result<Window, String> {
    let found = setting.workspace.windows.iter().find(|window| window.id == id);
    found.cloned().ok_or_else(|| format!("the window {id} is gone from windows.toml"))
}

fn find_release<'a>(setting: &Setting<'a>, id: &str) -> Result<&'a crate::domain::Release, String> {
    setting.workspace.release(id).ok_or_else(|| format!("the release {id} is gone"))
}

/// A form for a new release that begins at some time.
pub fn new_release(state: &mut State, start: Option<DateTime<Utc>>) {
    open(state, |setting| Ok(release::form(setting, None, start)));
}

/// The form of a release, at one of its stages.
pub fn edit_release(state: &mut State, id: &str, stage: usize) {
    open(state, |setting| {
        let mut form = release::form(setting, Some(find_release(setting, id)?), None);
        let section = form.sections.get(stage).map(|section| section.id);
        let first = form.fields.iter().position(|field| field.section == section && section.is_some());
        form.focus = first.unwrap_or(0);
        Ok(form)
    });
}

/// A form for a new window that begins at some time.
pub fn new_window(state: &mut State, start: Option<DateTime<Utc>>) {
    open(state, |setting| Ok(window::form(setting, None, start)));
}

/// The form of a window.
pub fn edit_window(state: &mut State, id: &str) {
    open(state, |setting| Ok(window::form(setting, Some(&find_window(setting, id)?), None)));
}

/// A form that stops the line, or lifts the stop that is on.
pub fn stop_the_line(state: &mut State) {
    open(state, |setting| Ok(acts::stop(setting)));
}

/// A form for a break-glass exception for a stage.
pub fn except(state: &mut State, id: &str, stage: usize) {
    open(state, |setting| {
        let release = find_release(setting, id)?;
        let stage = release.stages.get(stage).ok_or_else(|| format!("{id} has no stage {}", stage + 1))?;
        acts::exception(setting, release, stage)
    });
}

/// A form that cancels a release.
pub fn cancel_release(state: &mut State, id: &str) {
    open(state, |setting| acts::cancel(setting, find_release(setting, id)?));
}

/// A form that removes a window.
pub fn remove_window(state: &mut State, id: &str) {
    open(state, |setting| Ok(acts::remove(setting, &find_window(setting, id)?)));
}

/// A form that leaves the occurrence of a window out that begins at an instant.
pub fn skip_occurrence(state: &mut State, id: &str, start: DateTime<Utc>) {
    open(state, |setting| acts::skip(setting, &find_window(setting, id)?, start));
}

/// A form that adds an occurrence to a window.
pub fn add_occurrence(state: &mut State, id: &str) {
    open(state, |setting| Ok(acts::also(&find_window(setting, id)?)));
}

/// A form for a new step of a release's run of show.
pub fn add_step(state: &mut State, release: &str) {
    open(state, |setting| Ok(step::form(find_release(setting, release)?, None)));
}

/// The form of a step.
pub fn edit_step(state: &mut State, release: &str, id: &str) {
    open(state, |setting| {
        let release = find_release(setting, release)?;
        let step =
            release.show.step(id).ok_or_else(|| format!("{} has no step {id} any more", release.id))?;
        Ok(step::form(release, Some(step)))
    });
}

/// A form that takes a step out.
pub fn remove_step(state: &mut State, release: &str, id: &str) {
    open(state, |setting| step_removal::form(find_release(setting, release)?, id));
}

/// A form that notes something in a release's watch; `about` says how it stands.
pub fn note_in_watch(state: &mut State, release: &str, deed: WatchDeed, about: Vec<String>) {
    open(state, |setting| Ok(watch::form(setting, find_release(setting, release)?, deed, about)));
}

/// A form that silences alerts for a stage, in this Alertmanager.
pub fn silence_stage(state: &mut State, draft: &Draft, backend: String) {
    let silencing = silencing(state, draft.deployment.clone(), backend);
    let me = state.who.as_deref().or(state.names.first().map(String::as_str));
    let form = silence::form(silencing, draft, me);
    place(state, form);
}

/// What is known for a silence: alerts, silences, and whether both are fresh.
fn silencing(state: &State, deployment: Deployment, backend: String) -> Silencing {
    let alerts = state.monitor.index.alerts.iter().map(|heard| heard.alert.clone()).collect();
    let told = silences::all(state).into_iter();
    let silences = told.map(|told| (told.source.to_owned(), told.silence.clone())).collect();
    let managers = silences::managers(state).map(str::to_owned).collect();
    let mut sources = monitor::alert_backends(state);
    let fresh = silences::are_fresh(state)
        && sources.all(|name| matches!(state.remotes.alerts(name, state.now), Face::Fresh(_)));
    Silencing { backend, managers, deployment, alerts, silences, fresh }
}

/// What a silence that is being filled in would mute is told of what is known now.
pub fn silence_news(state: &mut State) {
    let is_open = |overlay: &Overlay| matches!(overlay, Overlay::Form(form) if matches!(form.subject, Subject::Silence(_)));
    let Some(index) = state.overlays.iter().position(is_open) else { return };
    let Some(Overlay::Form(mut form)) = state.overlays.get(index).cloned() else { return };
    if let Subject::Silence(known) = &mut form.subject {
        **known = silencing(state, known.deployment.clone(), known.backend.clone());
    }
    let workspace = state.workspace.clone();
    form.read(&setting(state, &workspace));
    state.overlays[index] = Overlay::Form(form);
}

/// A form that ends silences of a release.
pub fn end_silences(state: &mut State, (release, endings): (String, Vec<Ending>)) {
    let known = silences::all(state);
    let known: Vec<_> = known.iter().map(|told| told.silence).collect();
    let form = silence::expire(release, endings, state.zone, &known);
    place(state, form);
}

/// Puts a form on the screen that changes no file.
fn place(state: &mut State, mut form: Form) {
    let workspace = state.workspace.clone();
    form.read(&setting(state, &workspace));
    state.overlays.push(Overlay::Form(Box::new(form)));
}

/// A line that becomes a release; it begins with some words.
pub fn quick_add(state: &mut State, line: &str) {
    open(state, |_| Ok(quick::form(line)));
}
