//! The plan as JSON, in the words of `tminus rollback plan`.

use serde_json::{Value, json};

use crate::app::State;
use crate::domain::backout::{Backout, PreviousSource, ServicePlan, StepPlan};

use super::plan::{Knowledge, Plan};
use super::subject::{self, Subject};

/// What the panel shows.
pub fn of(state: &State) -> Value {
    let Some(subject) = subject::selected(state) else { return json!({ "plan": null }) };
    let (release, rollout) = match &subject {
        Subject::Release(release) => (Some(&release.id), None),
        Subject::Rollout(rollout) => {
            (None, Some(json!({ "environment": rollout.environment, "service": rollout.service })))
        }
    };
    let plan = super::plan::of(state).map(|plan| plan_json(&plan));
    json!({ "release": release, "rollout": rollout, "plan": plan })
}

fn plan_json(plan: &Plan) -> Value {
    let Backout { waves, barriers, .. } = &plan.backout;
    let waves: Vec<Vec<Value>> = waves.iter().map(|wave| wave.iter().map(service).collect()).collect();
    let barriers: Vec<Value> = barriers
        .iter()
        .map(|barrier| {
            json!({
                "wave": barrier.wave,
                "service": barrier.service,
                "step": barrier.step,
                "title": barrier.title,
            })
        })
        .collect();
    let problems: Vec<Value> = plan
        .problems
        .iter()
        .map(|problem| {
            json!({
                "code": problem.gravity.word(),
                "service": (!problem.service.is_empty()).then_some(&problem.service),
                "message": problem.what,
                "mend": problem.mend,
            })
        })
        .collect();
    let (known, age, why) = match &plan.knowledge {
        Knowledge::Fresh { age, .. } => ("fresh", Some(age.as_secs()), None),
        Knowledge::Stale { age, why } => ("stale", Some(age.as_secs()), why.as_ref()),
        Knowledge::Loading => ("loading", None, None),
        Knowledge::Unknown { why, .. } => ("unknown", None, Some(why)),
    };
    let estimate = plan.estimate();
    let stays: serde_json::Map<String, Value> =
        plan.beside.iter().map(|(service, shares)| (service.clone(), json!(shares))).collect();
    json!({
        "environment": plan.target.environment,
        "region": plan.target.region,
        "running": { "known": known, "age": age, "why": why },
        "waves": waves,
        "barriers": barriers,
        "estimate": (estimate.open == 0).then_some(estimate.at_most.num_seconds()),
        "stays": stays,
        "problems": problems,
    })
}

fn service(plan: &ServicePlan) -> Value {
    let source = plan.to.as_ref().map(|to| match &to.source {
        PreviousSource::Release(id) => json!({ "release": id }),
        PreviousSource::Tag(name) => json!({ "tag": name }),
        PreviousSource::Seen => json!({ "seen": true }),
    });
    json!({
        "service": plan.service,
        "running": plan.running,
        "from": plan.from,
        "to": plan.to.as_ref().map(|to| &to.version),
        "to_source": source,
        "playbook": plan.playbook,
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "done": plan.done,
    })
}

fn step(step: &StepPlan) -> Value {
    json!({
        "id": step.id,
        "title": step.title,
        "manual": step.argv.is_empty(),
        "run": step.argv,
        "timeout": step.timeout.map(|timeout| timeout.num_seconds()),
        "repeatable": step.repeatable,
        "no_return": step.no_return,
        "verify": step.verify,
    })
}
