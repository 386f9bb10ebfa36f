//! A playbook's steps with their templates filled in, for people to read.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{Missing, MissingKind};
use crate::domain::format::duration;
use crate::domain::playbook::{QueryCondition, Step, Verify};
use crate::domain::template::{Escape, fill, names};
use crate::domain::{Playbook, Safe};

/// One step as it would be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPlan {
    /// Its id.
    pub id: Safe,
    /// For people.
    pub title: Safe,
    /// The exact command, argument by argument; empty for a manual step.
    pub argv: Vec<String>,
    /// The command as a shell would take it; `None`: a person does it.
    pub command: Option<Safe>,
    /// How its effect is seen, in words.
    pub verify: Option<Safe>,
    /// How long it may take.
    pub timeout: Option<TimeDelta>,
    /// May run again after a crash without asking.
    pub repeatable: bool,
    /// Data after this point is lost.
    pub no_return: bool,
}

/// What `{{name}}` stands for. A name that exists here without a value stays as written.
pub(super) struct Values {
    values: BTreeMap<&'static str, String>,
    absent: Vec<&'static str>,
}

impl Values {
    pub(super) fn new(values: [(&'static str, Option<&str>); 6]) -> Self {
        let absent = values.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        let written = |(name, value): (&'static str, Option<&str>)| {
            (name, value.map_or_else(|| format!("{{{{{name}}}}}"), str::to_owned))
        };
        Self { values: values.into_iter().map(written).collect(), absent }
    }
}

/// Fills in one playbook for one service; what is missing is added to `missing`.
pub(super) struct Filling<'a> {
    pub(super) service: &'a str,
    pub(super) values: Values,
    pub(super) missing: &'a mut Vec<Missing>,
}

impl Filling<'_> {
    pub(super) fn steps(&mut self, playbook: &Playbook) -> Vec<StepPlan> {
        playbook.steps.iter().map(|step| self.step(step)).collect()
    }

    /// What must hold in the end, in words.
    pub(super) fn done(&mut self, playbook: &Playbook) -> Vec<Safe> {
        let mut done: Vec<Safe> = Vec::new();
        for condition in &playbook.done.queries {
            let words = self.condition(condition, None);
            let named = !condition.name.is_empty();
            done.push(if named {
                Safe::new(format!("{}: {words}", condition.name))
            } else {
                Safe::new(words)
            });
        }
        if playbook.done.versions {
            let version = self.values.values.get("previous").cloned().unwrap_or_default();
            done.push(Safe::new(format!("every instance reports {version}")));
        }
        if done.is_empty() {
            let what = format!("playbook {} has no [done]", playbook.id);
            self.note(MissingKind::NoDone, None, what, "say what must hold for the backout to be complete");
        }
        done
    }

    fn step(&mut self, step: &Step) -> StepPlan {
        let argv: Vec<String> =
            step.run.iter().map(|argument| self.fill(argument, Escape::None, Some(step))).collect();
        let verify = step.verify.as_ref().map(|verify| match verify {
            Verify::Query(condition) => self.condition(condition, Some(step)),
            Verify::Run { run, timeout } => {
                let run: Vec<String> =
                    run.iter().map(|argument| self.fill(argument, Escape::None, Some(step))).collect();
                format!("{} ends with 0{}", shell_words(&run), within(*timeout))
            }
        });
        if verify.is_none() && !step.manual {
            let what = format!("step {} has no verify", step.id);
            self.note(MissingKind::NoVerify, Some(step), what, "say how its effect is seen");
        }
        if step.run.is_empty() && !step.manual {
            let what = format!("step {} has neither run nor manual = true", step.id);
            self.note(MissingKind::NoCommand, Some(step), what, "give it a command, or a person");
        }
        StepPlan {
            id: Safe::new(&step.id),
            title: Safe::new(&step.title),
            command: (!argv.is_empty()).then(|| Safe::new(shell_words(&argv))),
            argv,
            verify: verify.map(Safe::new),
            timeout: step.timeout,
            repeatable: step.repeatable,
            no_return: step.no_return,
        }
    }

    fn condition(&mut self, condition: &QueryCondition, step: Option<&Step>) -> String {
        let query = self.fill(&condition.query, Escape::PromQl, step);
        let hold = condition.hold.map(|hold| format!(" for {}", duration(hold))).unwrap_or_default();
        format!("{query} {}{hold}{}", condition.until, within(condition.timeout))
    }

    fn fill(&mut self, text: &str, escape: Escape, step: Option<&Step>) -> String {
        for name in names(text) {
            if self.values.absent.contains(&name) {
                let mend = match name {
                    "region" => "choose a region, or leave it out of the playbook where there is none",
                    "release" => "choose a release",
                    _ => "it is filled in as soon as it is known",
                };
                let what = format!("{{{{{name}}}}} has no value");
                self.note(MissingKind::NoValue, step, what, mend);
            }
        }
        match fill(text, &self.values.values, escape) {
            Ok(filled) => filled,
            Err(error) => {
                let what = error.to_string();
                self.note(MissingKind::UnknownTemplate, step, what, "correct the playbook");
                text.to_owned()
            }
        }
    }

    fn note(&mut self, kind: MissingKind, step: Option<&Step>, what: String, mend: &str) {
        let missing = Missing {
            kind,
            service: Some(self.service.to_owned()),
            step: step.map(|step| step.id.clone()),
            what: Safe::new(what),
            mend: Safe::new(mend),
        };
        if !self.missing.contains(&missing) {
            self.missing.push(missing);
        }
    }
}

fn within(timeout: Option<TimeDelta>) -> String {
    timeout.map(|timeout| format!(", within {}", duration(timeout))).unwrap_or_default()
}

/// Arguments as a POSIX shell would read them back. What could move a cursor or hide is spelled
/// out (`$'a\nb'`), so that a copied line is the exact command and holds no control character.
pub fn shell_words(argv: &[String]) -> String {
    argv.iter().map(|argument| shell_word(argument)).collect::<Vec<_>>().join(" ")
}

fn shell_word(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    // zsh reads a leading `=` as the path of a command.
    if !argument.is_empty() && !argument.starts_with('=') && argument.chars().all(plain) {
        return argument.to_owned();
    }
    if Safe::new(argument).as_str() == argument {
        return format!("'{}'", argument.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for character in argument.chars() {
        match character {
            '\'' | '\\' => word.extend(['\\', character]),
            '\n' => word.push_str("\\n"),
            '\t' => word.push_str("\\t"),
            ' '..='~' => word.push(character),
            _ => {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    word.push_str(&format!("\\x{byte:02x}"));
                }
            }
        }
    }
    word.push('\'');
    word
}
