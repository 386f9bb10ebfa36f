//! While the cockpit is open, the calendars that the workspace follows are read when they are due.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::calendars::{Effort, Refreshed, is_due, refresh};
use super::world::World;
use crate::app::Message;
use crate::domain::Failure;
use crate::domain::icalendar::merge::Merge;
use crate::store::fetched::{Entry, Fetched};

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_secs(20);

/// Reads calendars until nobody listens any more. What changed, and what went wrong, is said.
pub async fn follow(world: Arc<World>, sender: mpsc::Sender<Message>) {
    loop {
        for word in read_due(&world, Utc::now()).await {
            if sender.send(Message::Noticed(word)).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn read_due(world: &World, now: DateTime<Utc>) -> Vec<String> {
    let (Some(root), Some(workspace)) = (world.root(), world.workspace()) else { return Vec::new() };
    if !workspace.is_writable() {
        return Vec::new();
    }
    let mut words = Vec::new();
    for subscription in &workspace.calendars {
        let known = Fetched::open(&root).entry(&subscription.id);
        if !is_due(subscription, &known, now) {
            continue;
        }
        match refresh(&root, subscription, Effort::WhenChanged, now).await {
            Ok(Refreshed::Read(both)) => words.extend(news(&subscription.id, &both.1)),
            Ok(Refreshed::Unchanged) => {}
            // The same trouble again and again is said once.
            Err(failure) if known.trouble.as_deref() == Some(&failure.to_string()) => {}
            Err(failure) => words.push(trouble(&failure, &known, now)),
        }
    }
    words
}

fn news(id: &str, merge: &Merge) -> Option<String> {
    let counts =
        [(merge.imported.len(), "new"), (merge.updated.len(), "changed"), (merge.removed.len(), "gone")];
    let said: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    (!said.is_empty()).then(|| format!("calendar {id}: {} windows", said.join(", ")))
}

fn trouble(failure: &Failure, known: &Entry, now: DateTime<Utc>) -> String {
    let age = match known.read {
        Some(read) => format!("last read {} ago", crate::domain::format::age(now - read)),
        None => "never read yet".to_owned(),
    };
    format!("{failure} ({age}; its windows stay)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FailureKind;

    #[test]
    fn news_are_counted_and_no_news_are_none() {
        let mut merge = Merge { unchanged: 7, ..Merge::default() };
        assert_eq!(news("holidays", &merge), None);
        merge.imported = vec!["a".to_owned(), "b".to_owned()];
        merge.removed = vec!["c".to_owned()];
        assert_eq!(news("holidays", &merge).as_deref(), Some("calendar holidays: 2 new, 1 gone windows"));
    }

    #[test]
    fn trouble_says_how_old_the_windows_are() {
        let now: DateTime<Utc> = "2026-11-25T12:00:00Z".parse().unwrap();
        let failure = Failure::new(FailureKind::Timeout, "calendar holidays: no answer", "check the network");
        let known = Entry { read: Some(now - chrono::TimeDelta::hours(3)), ..Entry::default() };
        let said = trouble(&failure, &known, now);
        assert!(said.contains("last read 3 h ago") && said.contains("its windows stay"), "{said}");
        assert!(trouble(&failure, &Entry::default(), now).contains("never read yet"));
    }

    #[test]
    fn a_calendar_is_due_when_its_time_has_come_and_sooner_after_trouble() {
        use crate::domain::icalendar::merge::Choices;
        use crate::domain::subscription::{Source, Subscription};
        let now: DateTime<Utc> = "2026-11-25T12:00:00Z".parse().unwrap();
        let subscription = Subscription {
            id: "holidays".to_owned(),
            source: Source::File("holidays.ics".into()),
            choices: Choices::default(),
            time_zone: None,
            refresh_seconds: 3600,
        };
        let tried = |minutes: i64, trouble: Option<&str>| Entry {
            tried: Some(now - chrono::TimeDelta::minutes(minutes)),
            trouble: trouble.map(str::to_owned),
            ..Entry::default()
        };
        assert!(is_due(&subscription, &Entry::default(), now));
        assert!(!is_due(&subscription, &tried(59, None), now));
        assert!(is_due(&subscription, &tried(60, None), now));
        assert!(is_due(&subscription, &tried(5, Some("no answer")), now));
        assert!(!is_due(&subscription, &tried(4, Some("no answer")), now));
    }
}
