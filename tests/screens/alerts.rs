//! The view of alerts and silences, the form of a silence, and the offer to end one.

use tminus::app::message::Typed;
use tminus::app::{Effect, Intent, Message, Overlay, State, snapshot, update};
use tminus::domain::question::{Alerts, Answer, Silence, SilenceState};
use tminus::domain::silence::{Created, Ending, Expired, Matcher, Request};
use tminus::domain::{Failure, FailureKind, Question};

use crate::monitor::{World, minutes_ago, press, seen};
use crate::{assert_screens, draw, sample, text};

fn alerts_view(world: World) -> State {
    let mut state = seen(world);
    press(&mut state, Intent::ShowView(tminus::app::monitor::View::Alerts));
    state
}

/// The Alertmanager answers so.
fn answered(state: &mut State, question: &Question, result: Result<Answer, Failure>) {
    let now = state.now;
    let generation = state.remotes.ask(question, now);
    update(state, now, Message::Answered { question: question.clone(), generation, result });
}

fn silences_are(state: &mut State, silences: Vec<Silence>) {
    let question = Question::Silences { backend: "alertmanager".into() };
    answered(state, &question, Ok(Answer::Silences(silences)));
}

fn type_text(state: &mut State, words: &str) {
    let now = state.now;
    for character in words.chars() {
        update(state, now, Message::Typed(Typed::Character(character)));
    }
}

fn intend(state: &mut State, intent: Intent) -> Vec<Effect> {
    let now = state.now;
    update(state, now, Message::Intent(intent))
}

fn silence(id: &str, comment: &str, state: SilenceState) -> Silence {
    Silence {
        id: id.into(),
        matchers: vec![Matcher::equal("service", "checkout"), Matcher::equal("env", "production")],
        starts: minutes_ago(40),
        ends: minutes_ago(if state == SilenceState::Expired { 5 } else { -50 }),
        by: "mira".into(),
        comment: comment.into(),
        state,
    }
}

#[test]
fn every_alert_with_its_labels_and_why_it_is_quiet() {
    let mut state = alerts_view(World::Failing);
    assert_screens("alerts-view", &state);
    intend(&mut state, Intent::Last);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("silenced by mira until"), "{shown}");
    assert!(shown.contains("2 after, 1 before"), "{shown}");
    assert!(text(&draw(&state, (200, 60))).contains("2 after this rollout, 1 before"));
    // To the silence that mutes it, and back to what it mutes.
    intend(&mut state, Intent::Open);
    assert_eq!(state.monitor.alerts.pane, tminus::app::monitor::alert_list::Pane::Silences);
    intend(&mut state, Intent::First);
    intend(&mut state, Intent::Open);
    assert_eq!(state.monitor.alerts.pane, tminus::app::monitor::alert_list::Pane::Alerts);
}

#[test]
fn an_alertmanager_that_is_away_is_never_calm() {
    let mut state = alerts_view(World::Quiet);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("● none"), "{shown}");
    let down = Failure::new(FailureKind::Unreachable, "alertmanager: refused", "start it");
    for question in [
        Question::Silences { backend: "alertmanager".into() },
        Question::Alerts { backend: "alertmanager".into() },
    ] {
        answered(&mut state, &question, Err(down.clone()));
    }
    // The good answers before have grown old.
    state.now.wall += chrono::TimeDelta::seconds(95);
    state.now.mono += std::time::Duration::from_secs(95);
    assert_screens("alerts-view-away", &state);
    let shown = text(&draw(&state, (120, 40)));
    assert!(!shown.contains("● none"), "{shown}");
}

#[test]
fn a_silence_is_sent_only_when_it_is_bounded_and_confirmed_by_name() {
    let mut state = alerts_view(World::Failing);
    state.who = Some("mira".into());
    intend(&mut state, Intent::SilenceAlert);
    assert!(matches!(state.overlays.last(), Some(Overlay::Form(_))), "{:?}", state.notice);
    assert_screens("silence-form", &state);
    let json = snapshot::of(&state);
    assert_eq!(json["form"]["kind"], "silence");
    assert!(
        json["form"]["fields"][0]["readings"][0].as_str().unwrap().starts_with("would mute 1 of"),
        "{json}"
    );
    // Not confirmed: nothing goes out.
    let effects = intend(&mut state, Intent::SaveForm);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Silence(_))), "{effects:?}");
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { panic!() };
    form.focus = form.fields.iter().position(|field| field.label == "to silence").unwrap();
    type_text(&mut state, "checkout-4.2");
    let effects = intend(&mut state, Intent::Open);
    let requests: Vec<&Request> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Silence(request) => Some(&**request),
            _ => None,
        })
        .collect();
    let [request] = requests[..] else { panic!("{effects:?} {:?}", state.notice) };
    let request = request.clone();
    assert_eq!(request.comment(), format!("{} [{}]", request.reason, request.deployment));
    assert_eq!((request.by.as_str(), request.backend.as_str()), ("mira", "alertmanager"));
    let stage = &state.workspace.release("checkout-4.2").unwrap().stages[request.deployment.stage];
    assert!(request.end <= stage.end + stage.soak.unwrap_or_default());
    // Twice Enter sends once.
    assert!(!intend(&mut state, Intent::Open).iter().any(|effect| matches!(effect, Effect::Silence(_))));
    // Leaving now is said to lose its outcome.
    press(&mut state, Intent::Back);
    let left = intend(&mut state, Intent::Quit);
    assert!(!left.contains(&Effect::Quit), "{left:?}");
    assert!(intend(&mut state, Intent::Quit).contains(&Effect::Quit));
}

#[test]
fn with_several_alertmanagers_the_one_that_knows_the_alert_is_chosen_and_another_can_be() {
    use tminus::domain::workspace::{BackendConfig, BackendKind};
    let mut state = alerts_view(World::Failing);
    state.who = Some("mira".into());
    let mut workspace = (*state.workspace).clone();
    workspace.backends.insert(0, BackendConfig::new("elsewhere", BackendKind::Alertmanager));
    state.workspace = workspace.into();
    intend(&mut state, Intent::SilenceAlert);
    let Some(Overlay::Form(form)) = state.overlays.last() else { panic!("{:?}", state.notice) };
    let chosen = form.fields.iter().find(|field| field.label == "in").unwrap();
    assert_eq!(chosen.value(), "alertmanager", "it told of the alert, and is not the first");
    assert!(text(&draw(&state, (120, 40))).contains("in  "), "the field is on screen");
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { panic!() };
    form.focus = form.fields.iter().position(|field| field.label == "in").unwrap();
    form.fields[form.focus].fill("elsewhere");
    form.focus = form.fields.iter().position(|field| field.label == "to silence").unwrap();
    type_text(&mut state, "checkout-4.2");
    let effects = intend(&mut state, Intent::Open);
    let backends: Vec<&str> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Silence(request) => Some(request.backend.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(backends, ["elsewhere"]);
}

#[test]
fn a_refusal_leaves_the_form_with_everything_typed() {
    let mut state = alerts_view(World::Failing);
    state.who = Some("mira".into());
    intend(&mut state, Intent::SilenceAlert);
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { panic!() };
    form.focus = form.fields.iter().position(|field| field.label == "to silence").unwrap();
    type_text(&mut state, "checkout-4.2");
    let effects = intend(&mut state, Intent::Open);
    let request = effects.into_iter().find_map(|effect| match effect {
        Effect::Silence(request) => Some(request),
        _ => None,
    });
    let why = Failure::new(
        FailureKind::BadQuery,
        "alertmanager: POST … answered 400 Bad Request (no)",
        "correct it",
    );
    let now = state.now;
    let refused = Message::Silenced(request.clone().unwrap(), Box::new(Created::Refused(why)));
    update(&mut state, now, refused);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("✖ nothing was silenced: alertmanager: POST"), "{shown}");
    assert!(shown.contains("checkout-4.2"), "{shown}");
    // The list is asked again, whatever became of it.
    let effects = intend(&mut state, Intent::Open);
    let request = effects.into_iter().find_map(|effect| match effect {
        Effect::Silence(request) => Some(request),
        _ => None,
    });
    let made = Created::Made { silence: Box::new(silence("9", "x", SilenceState::Active)), replaced: None };
    let effects = update(&mut state, now, Message::Silenced(request.unwrap(), Box::new(made)));
    let asks = |wanted: &Question| {
        effects.iter().any(|effect| matches!(effect, Effect::Ask { question, .. } if question == wanted))
    };
    assert!(asks(&Question::Silences { backend: "alertmanager".into() }), "{effects:?}");
    assert!(state.overlays.is_empty());
    assert!(state.notice.as_ref().unwrap().text.contains("is silenced until"), "{:?}", state.notice);
}

#[test]
fn silences_of_a_deployment_that_is_over_are_offered_and_ended_by_name() {
    let mut state = alerts_view(World::Failing);
    silences_are(
        &mut state,
        vec![
            silence("a", "noise [tminus:gone-1.0/0]", SilenceState::Active),
            silence("b", "moving a disk", SilenceState::Active),
            silence("c", "noise [tminus:gone-1.0/0]", SilenceState::Expired),
        ],
    );
    assert_screens("alerts-view-over", &state);
    let json = snapshot::of(&state);
    assert_eq!(json["monitor"]["silences_over"][0]["id"], "a");
    assert_eq!(json["monitor"]["silences_over"].as_array().unwrap().len(), 1);
    intend(&mut state, Intent::EndSilences);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("End a silence of gone-1.0"), "{shown}");
    type_text(&mut state, "gone-1.0");
    let effects = intend(&mut state, Intent::Open);
    let endings: Vec<Ending> = effects
        .into_iter()
        .find_map(|effect| match effect {
            Effect::Expire(endings) => Some(endings),
            _ => None,
        })
        .unwrap();
    assert_eq!(endings.iter().map(|ending| ending.id.as_str()).collect::<Vec<_>>(), ["a"]);
    let now = state.now;
    let outcomes = endings.into_iter().map(|ending| (ending, Expired::Ended)).collect();
    update(&mut state, now, Message::Expired(outcomes));
    assert_eq!(state.notice.as_ref().unwrap().text, "1 silence was ended");
    assert!(state.overlays.is_empty());
}

#[test]
fn others_silences_are_left_alone_and_without_a_plan_nothing_is_silenced() {
    let mut state = alerts_view(World::Failing);
    intend(&mut state, Intent::NextPane);
    intend(&mut state, Intent::EndSilences);
    assert!(state.overlays.is_empty());
    assert!(
        state.notice.as_ref().unwrap().text.contains("was not made here, but by mira"),
        "{:?}",
        state.notice
    );
    let mut workspace = sample::workspace();
    workspace.releases.clear();
    let now = state.now;
    update(&mut state, now, Message::WorkspaceLoaded(workspace.into(), Vec::new()));
    intend(&mut state, Intent::NextPane);
    intend(&mut state, Intent::SilenceAlert);
    assert!(state.overlays.is_empty());
    assert!(state.notice.as_ref().unwrap().text.contains("bounded to a planned stage"), "{:?}", state.notice);
}

#[test]
fn what_a_silence_would_mute_follows_what_is_known() {
    let mut state = alerts_view(World::Failing);
    intend(&mut state, Intent::SilenceAlert);
    let reading =
        |state: &State| snapshot::of(state)["form"]["fields"][0]["readings"][0].as_str().unwrap().to_owned();
    assert!(reading(&state).starts_with("would mute 1 of"), "{}", reading(&state));
    for backend in ["alertmanager", "prometheus"] {
        let question = Question::Alerts { backend: backend.into() };
        answered(&mut state, &question, Ok(Answer::Alerts(Alerts::default())));
    }
    assert_eq!(reading(&state), "it mutes nothing that is known to fire now");
}
