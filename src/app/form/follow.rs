//! A form whose file changed under it: what was not touched follows the file, what was typed
//! stays, and that is said.

use super::Stand;
use super::keys::setting;
use super::{Control, Field, Form, Setting, Subject, release, step, step_removal, window};
use crate::app::{Overlay, State};
use crate::domain::{Release, Stage, Window};

/// The files were read again: fields that were not touched follow them, what was typed stays,
/// and where the file changed under it that is said.
pub fn rebase(state: &mut State) {
    let workspace = state.workspace.clone();
    let mut overlays = std::mem::take(&mut state.overlays);
    let setting = setting(state, &workspace);
    for overlay in &mut overlays {
        if let Overlay::Form(form) = overlay
            && !matches!(form.stand, Stand::Saving(_) | Stand::Sending)
        {
            form.follow(&setting);
            form.read(&setting);
        }
    }
    state.overlays = overlays;
}

impl Form {
    fn follow(&mut self, setting: &Setting<'_>) {
        let gone = |id: &str| format!("releases/{id}.toml is gone, or cannot be read by now");
        let find = |id: &str| setting.workspace.windows.iter().find(|window| window.id == id);
        match &self.subject {
            Subject::NewStep(base) | Subject::Step(base, _) | Subject::RemoveStep(base, _) => {
                match setting.workspace.release(&base.id) {
                    Some(now) if **base == *now => {}
                    Some(now) => follow_show(self, &now.clone()),
                    None => self.say_news(gone(&base.id)),
                }
            }
            // A silence is in no file: a stage that is gone is said when it is read.
            Subject::NewRelease
            | Subject::QuickAdd
            | Subject::NewWindow
            | Subject::Stop
            | Subject::Silence(_)
            | Subject::Expire(..) => {}
            Subject::Release(base) => match setting.workspace.release(&base.id) {
                Some(now) if **base == *now => {}
                Some(now) => follow_release(self, setting, &now.clone()),
                None => self.say_news(gone(&base.id)),
            },
            Subject::Window(base) => match find(&base.id) {
                Some(now) if **base == *now => {}
                Some(now) => follow_window(self, setting, &now.clone()),
                None => {
                    self.say_news(format!("{} is gone from windows.toml, or cannot be read by now", base.id));
                }
            },
            Subject::Exception(base, _) | Subject::Cancel(base) | Subject::Watch(base, _) => {
                let now = setting.workspace.release(&base.id).cloned();
                self.take_over(now.map(Box::new));
            }
            Subject::Lift(base) | Subject::Remove(base) | Subject::Skip(base, _) | Subject::Also(base) => {
                let now = find(&base.id).cloned();
                self.take_over_window(now.map(Box::new));
            }
        }
    }

    /// An act on a release goes on with what its file says now.
    fn take_over(&mut self, now: Option<Box<Release>>) {
        let (Subject::Exception(base, _) | Subject::Cancel(base) | Subject::Watch(base, _)) =
            &mut self.subject
        else {
            return;
        };
        let words = match now {
            Some(now) if *now == **base => return,
            Some(now) => {
                *base = now;
                format!("{} changed in its file meanwhile: look at it", base.id)
            }
            None => format!("{} is gone, or cannot be read by now", base.id),
        };
        self.say_news(words);
    }

    /// An act on a window goes on with what its file says now.
    fn take_over_window(&mut self, now: Option<Box<Window>>) {
        let (Subject::Lift(base) | Subject::Remove(base) | Subject::Skip(base, _) | Subject::Also(base)) =
            &mut self.subject
        else {
            return;
        };
        let words = match now {
            Some(now) if *now == **base => return,
            Some(now) => {
                *base = now;
                format!("{} changed in windows.toml meanwhile: look at it", base.id)
            }
            None => format!("{} is gone from windows.toml, or cannot be read by now", base.id),
        };
        self.say_news(words);
    }

    /// Says what happened to the file, once.
    fn say_news(&mut self, words: String) {
        if !self.news.contains(&words) {
            self.news.push(words);
        }
    }

    /// A field follows the file: it takes the new value, or keeps what was typed and says so.
    fn follow_field(&mut self, index: usize, now: &str) {
        let Some(field) = self.fields.get_mut(index) else { return };
        if field.before == now || matches!(field.control, Control::Button(_)) {
            return;
        }
        if field.is_touched() {
            field.meanwhile = Some(now.to_owned());
        } else {
            field.fill(now);
        }
        now.clone_into(&mut field.before);
    }
}

/// The release's file changed under the form: fields follow it where they were not touched,
/// stages by their place.
fn follow_release(form: &mut Form, setting: &Setting<'_>, now: &Release) {
    let Subject::Release(base) = form.subject.clone() else { return };
    form.say_news("the file changed meanwhile: what was not touched here follows it".to_owned());
    let fresh = release::form(setting, Some(now), None);
    let same_count = base.stages.len() == now.stages.len();
    let mut taken = vec![false; now.stages.len()];
    for section in form.sections.clone() {
        let Some(origin) = section.origin else { continue };
        let place = |stage: &Stage| (stage.environment.clone(), stage.region.clone());
        let old = base.stages.get(origin).map(place);
        let is_it = |index: usize, stage: &Stage| {
            !taken.get(index).copied().unwrap_or(true)
                && (same_count && index == origin || !same_count && Some(place(stage)) == old)
        };
        let found = now.stages.iter().enumerate().position(|(index, stage)| is_it(index, stage));
        match found {
            Some(index) => {
                taken[index] = true;
                follow_section(form, section.id, &fresh, index);
            }
            None => lose_section(form, section.id),
        }
    }
    // Stages that were removed here stay removed; those that are new in the file come in.
    let removed = |stage: &Stage| base.stages.iter().any(|known| known == stage);
    for (index, stage) in now.stages.iter().enumerate() {
        if !taken[index] && (!removed(stage) && !same_count) {
            form.push_section(setting.workspace, Some((index, stage)), None);
        }
    }
    for index in 0..form.fields.len() {
        let (name, section) = (form.fields[index].name, form.fields[index].section);
        if section.is_none() && fresh.at(name, None).is_some() {
            let value = fresh.fields[fresh.at(name, None).unwrap_or(0)].value().to_owned();
            form.follow_field(index, &value);
        }
    }
    form.subject = Subject::Release(Box::new(now.clone()));
}

fn follow_section(form: &mut Form, section: u32, fresh: &Form, index: usize) {
    let Some(other) = fresh.sections.get(index).map(|section| section.id) else { return };
    if let Some(known) = form.sections.iter_mut().find(|known| known.id == section) {
        known.origin = Some(index);
    }
    for at in 0..form.fields.len() {
        if form.fields[at].section == Some(section)
            && let Some(from) = fresh.at(form.fields[at].name, Some(other))
        {
            let value = fresh.fields[from].value().to_owned();
            form.follow_field(at, &value);
        }
    }
}

/// A stage is gone from the file: it goes here too, unless something was typed into it.
fn lose_section(form: &mut Form, section: u32) {
    let mut own = form.fields.iter().filter(|field| field.section == Some(section));
    if own.any(Field::is_touched) {
        if let Some(known) = form.sections.iter_mut().find(|known| known.id == section) {
            known.origin = None;
        }
        form.say_news("a stage that was changed here is gone from the file: saving adds it again".to_owned());
        return;
    }
    let before = form.fields[..form.focus].iter().filter(|field| field.section == Some(section)).count();
    form.fields.retain(|field| field.section != Some(section));
    form.sections.retain(|known| known.id != section);
    form.focus = form.focus.saturating_sub(before).min(form.fields.len().saturating_sub(1));
}

/// The window's entry changed under the form.
fn follow_window(form: &mut Form, setting: &Setting<'_>, now: &Window) {
    form.say_news("the file changed meanwhile: what was not touched here follows it".to_owned());
    let fresh = window::form(setting, Some(now), None);
    for index in 0..form.fields.len() {
        if let Some(from) = fresh.at(form.fields[index].name, None) {
            let value = fresh.fields[from].value().to_owned();
            form.follow_field(index, &value);
        }
    }
    form.subject = Subject::Window(Box::new(now.clone()));
}

/// The file of the release changed under a form of one of its steps.
fn follow_show(form: &mut Form, now: &Release) {
    match form.subject.clone() {
        Subject::NewStep(_) => form.subject = Subject::NewStep(Box::new(now.clone())),
        Subject::Step(base, id) => {
            let Some(known) = now.show.step(&id) else {
                return form.say_news(format!("{id} is gone from releases/{}.toml by now", now.id));
            };
            if base.show.step(&id) != Some(known) {
                form.say_news("the file changed meanwhile: what was not touched here follows it".to_owned());
            }
            let fresh = step::form(now, Some(known));
            for index in 0..form.fields.len() {
                if let Some(from) = fresh.at(form.fields[index].name, None) {
                    let value = fresh.fields[from].value().to_owned();
                    form.follow_field(index, &value);
                }
            }
            form.subject = Subject::Step(Box::new(now.clone()), id);
        }
        Subject::RemoveStep(base, id) => match step_removal::form(now, &id) {
            Ok(fresh) => {
                if base.show.step(&id) != now.show.step(&id) {
                    form.say_news(format!("{id} changed in its file meanwhile: look at it"));
                }
                form.about = fresh.about;
                form.subject = fresh.subject;
            }
            Err(why) => form.say_news(why),
        },
        _ => {}
    }
}
