//! Checks of steps: queries are asked while somebody looks, programs when a person wants it. What
//! holds marks its step done; what is unknown, stale or failed never does.

use super::{About, deeds, reckoning, refuse, view};
use crate::app::monitor::alert_backends;
use crate::app::state::Tone;
use crate::app::{Effect, State, update};
use crate::domain::question::Checked;
use crate::domain::show::{self, Check, Reckoned, StepDeed, StepState, changes};
use crate::domain::{Answer, Edit, Face, Question, Safe};

/// The question of a step's check.
fn question(release: &str, step: &show::Step) -> Option<Question> {
    let (release, id) = (release.to_owned(), step.id.clone());
    Some(match step.check.as_ref()? {
        Check::Query { .. } => Question::StepQuery { release, step: id },
        Check::Command { .. } => Question::StepCommand { release, step: id },
    })
}

/// What is known of a step's check.
pub fn check_of<'a>(state: &'a State, release: &str, step: &show::Step) -> Face<'a, Checked> {
    let Some(question) = question(release, step) else { return Face::NotAsked };
    match state.remotes.face(&question, state.now) {
        Face::Loading => Face::Loading,
        Face::Failed(trouble) => Face::Failed(trouble),
        Face::Fresh(Answer::Checked(checked)) => Face::Fresh(checked),
        Face::Stale { value: Answer::Checked(checked), age, trouble } => {
            Face::Stale { value: checked, age, trouble }
        }
        // An answer of another kind would be a bug of a backend; it counts as nothing asked.
        Face::NotAsked | Face::Fresh(_) | Face::Stale { .. } => Face::NotAsked,
    }
}

/// Whether a step could be marked done now.
fn is_open(step: &Reckoned<'_>) -> bool {
    matches!(step.state, StepState::Ready | StepState::Running)
}

/// The questions whose answers a run of show on screen needs, and every program that was begun:
/// it is not ended because somebody looks elsewhere.
pub fn wanted(state: &State) -> Vec<Question> {
    let begun = state.remotes.iter().filter(|(question, remote)| {
        matches!(question, Question::StepCommand { .. }) && remote.pending().is_some()
    });
    let mut wanted: Vec<Question> = begun.map(|(question, _)| question.clone()).collect();
    let Some(view) = view(state) else { return wanted };
    let Ok(reckoning) = reckoning(state, &view.release) else { return wanted };
    if reckoning.clock.is_over {
        return wanted;
    }
    let open = reckoning.steps.iter().filter(|step| is_open(step));
    wanted.extend(
        open.filter_map(|step| question(&view.release, step.step))
            .filter(|question| !question.is_on_demand()),
    );
    if view.screen == super::Screen::WarRoom {
        wanted.extend(alert_backends(state).map(|backend| Question::Alerts { backend: backend.to_owned() }));
    }
    wanted
}

/// The person wants the selected step's check: a query is asked again, a program first shown.
pub fn ask(state: &mut State) -> Vec<Effect> {
    let step = match deeds::selected(state) {
        Ok(step) => step,
        Err(why) => return refuse(state, why),
    };
    let Some(release) = view(state).and_then(|view| state.workspace.release(&view.release)) else {
        return Vec::new();
    };
    let known = release.show.step(&step);
    let tried = changes::change_step(
        release,
        state.workspace.time_zone,
        &step,
        &StepDeed::Finish,
        None,
        state.now.wall,
    );
    if let Err(refused) = tried {
        return refuse(state, refused.to_string());
    }
    match known.and_then(|known| known.check.as_ref()) {
        None => refuse(state, format!("{step} has no check: d says that it is done")),
        Some(Check::Query { .. }) => {
            let question = Question::StepQuery { release: release.id.clone(), step: step.clone() };
            let is_asked = state.remotes.get(&question).is_some_and(|remote| remote.pending().is_some());
            if !is_asked {
                state.overdue.insert(question);
            }
            state.say(Tone::Done, format!("asking whether {step} is done"));
            Vec::new()
        }
        Some(Check::Command { argv, .. }) => {
            let command = show::check::command(release, argv)
                .map(|argv| crate::domain::backout::shell_words(&argv))
                .map_err(|error| error.to_string());
            match command {
                Ok(command) => {
                    let command = Safe::new(command).to_string();
                    deeds::ask(state, About::Run { step, command }, String::new())
                }
                Err(why) => refuse(state, why),
            }
        }
    }
}

/// Runs a step's program: the person saw the command and wants it.
pub fn run(state: &mut State, step: &str) -> Vec<Effect> {
    let Some(release) = view(state).map(|view| view.release.clone()) else { return Vec::new() };
    let question = Question::StepCommand { release, step: step.to_owned() };
    if state.remotes.get(&question).is_some_and(|remote| remote.pending().is_some()) {
        return refuse(state, format!("the check of {step} runs already"));
    }
    let generation = state.remotes.ask(&question, state.now);
    state.say(Tone::Done, format!("the check of {step} runs"));
    vec![Effect::Ask { question, generation }]
}

/// A question was answered: a check that holds marks its step done.
pub fn answered(state: &mut State, question: &Question) -> Vec<Effect> {
    let (Question::StepQuery { release, step } | Question::StepCommand { release, step }) = question else {
        return Vec::new();
    };
    let Some(known) = state.workspace.release(release).and_then(|release| release.show.step(step)) else {
        return Vec::new();
    };
    let checked = match check_of(state, release, known) {
        Face::Fresh(checked) => checked.clone(),
        Face::Failed(trouble) | Face::Stale { trouble: Some(trouble), .. } if question.is_on_demand() => {
            return refuse(state, format!("{step} is not known: {}", trouble.failure));
        }
        _ => return Vec::new(),
    };
    if !checked.holds {
        if question.is_on_demand() {
            return refuse(state, format!("{step} is not done yet: {}", checked.found));
        }
        return Vec::new();
    }
    let key = (release.clone(), step.clone());
    if (state.show.settled.contains(&key) && !question.is_on_demand()) || state.history.unsaved() > 0 {
        return Vec::new();
    }
    let is_due = reckoning(state, release).ok().is_some_and(|reckoning| {
        let is_held = reckoning.clock.hold.is_some();
        reckoning.step(step).is_some_and(|step| is_open(step) && !(is_held && step.state == StepState::Ready))
    });
    let patch = state.workspace.release(release).map(|release| {
        let zone = state.workspace.time_zone;
        changes::change_step(release, zone, step, &StepDeed::Finish, Some("check"), state.now.wall)
    });
    match patch {
        Some(Ok(patch)) if (is_due || question.is_on_demand()) && state.workspace.is_writable() => {
            state.show.settled.insert(key);
            update::save(state, Edit::Patch(patch))
        }
        _ => Vec::new(),
    }
}
