//! In a workspace made from a git repository: what came since the last tag is the next release.

use crate::domain::workspace::Origin;
use crate::domain::{Question, Service};

use super::details::{Row, Said};
use crate::app::State;
use crate::app::board::newest;
use crate::app::remotes::value_of;

/// Commits named one by one.
const NAMED: usize = 8;

/// What asks for it, once the tags are known.
pub fn question(state: &State) -> Option<Question> {
    let service = service(state)?;
    let tags = state.remotes.tags(&service.id, state.now);
    let from = newest(value_of(&tags)?).map(ToString::to_string);
    Some(Question::Changes { service: service.id.clone(), from, to: None })
}

/// The next release, in words; nothing in a workspace of files.
pub fn rows(state: &State) -> Vec<Row> {
    use Said::{Accent, Dim, Stale, Text};
    let Some(question) = question(state) else { return Vec::new() };
    let Question::Changes { from, .. } = &question else { return Vec::new() };
    let since = from.as_deref().map_or("since the beginning".to_owned(), |tag| format!("since {tag}"));
    let face = state.remotes.changes(&question, state.now);
    let Some(changes) = value_of(&face) else {
        return vec![vec![(format!("what came {since}: not known yet"), Dim)]];
    };
    let commits = if changes.count == 1 { "commit" } else { "commits" };
    let count = format!("{} {commits} {since}", changes.count);
    let said = if matches!(face, crate::domain::Face::Fresh(_)) { Accent } else { Stale };
    let mut rows = vec![vec![("the next release  ".to_owned(), Text), (count, said)]];
    for commit in changes.commits.iter().take(NAMED) {
        rows.push(vec![("  · ".to_owned(), Dim), (commit.subject.to_string(), Dim)]);
    }
    if changes.count as usize > NAMED {
        rows.push(vec![(format!("  and {} more", changes.count as usize - NAMED), Dim)]);
    }
    rows
}

fn service(state: &State) -> Option<&Service> {
    matches!(state.workspace.origin, Origin::Git(_)).then(|| state.workspace.services.first()).flatten()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono_tz::Tz;

    use super::*;
    use crate::app::state::Look;
    use crate::app::{Effect, Message, update};
    use crate::domain::question::{Changes, Commit, Tag};
    use crate::domain::{Answer, Now, Safe, Workspace};

    fn answer(
        state: &mut State,
        effects: &[Effect],
        give: impl Fn(&Question) -> Option<Answer>,
    ) -> Vec<Effect> {
        let asked = effects.iter().find_map(|effect| match effect {
            Effect::Ask { question, generation } => Some((question.clone(), *generation, give(question)?)),
            _ => None,
        });
        let (question, generation, answer) = asked.expect("the question was asked");
        update(state, Now::default(), Message::Answered { question, generation, result: Ok(answer) })
    }

    #[test]
    fn what_came_since_the_last_tag_is_the_next_release() {
        let service =
            Service { id: "shop".into(), repository: Some("/srv/shop".into()), ..Service::default() };
        let workspace = Workspace {
            services: vec![service],
            origin: Origin::Git("/srv/shop".into()),
            ..Workspace::default()
        };
        let mut state = State::new(Now::default(), Tz::UTC, Look::default());
        let asked = update(&mut state, Now::default(), Message::WorkspaceLoaded(Arc::new(workspace), vec![]));
        assert!(rows(&state).is_empty(), "no tag is known yet");
        let tag = Tag { name: "v1.3.0".into(), at: Now::default().wall, subject: Safe::default() };
        let asked = answer(&mut state, &asked, |question| {
            matches!(question, Question::Tags { .. }).then(|| Answer::Tags(vec![tag.clone()]))
        });
        let commit = Commit {
            id: "d58c".into(),
            author: "Mira".into(),
            at: Now::default().wall,
            subject: "feat: vouchers".into(),
        };
        answer(&mut state, &asked, |question| {
            let since = Question::Changes { service: "shop".into(), from: Some("v1.3.0".into()), to: None };
            (*question == since)
                .then(|| Answer::Changes(Changes { count: 1, commits: vec![commit.clone()], unkept: false }))
        });
        let words: Vec<String> =
            rows(&state).iter().map(|row| row.iter().map(|(text, _)| text.as_str()).collect()).collect();
        assert_eq!(words, ["the next release  1 commit since v1.3.0", "  · feat: vouchers"]);
    }
}
