//! What the tracker holds: versions and issues, made from the company's releases.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::demo::company::{PEOPLE, PROJECTS, firm};
use crate::demo::plan::Plan;
use crate::demo::story::Story;

/// A status: name, id, category's key and name.
pub(super) type Status = (&'static str, &'static str, &'static str, &'static str);

/// Every status of the workflow, in its order.
pub(super) const STATUSES: [Status; 5] = [
    ("To Do", "10000", "new", "To Do"),
    ("In Progress", "10001", "indeterminate", "In Progress"),
    ("In Review", "10002", "indeterminate", "In Progress"),
    ("Done", "10003", "done", "Done"),
    ("Won't Do", "10004", "done", "Done"),
];

/// Every priority, the highest first.
pub(super) const PRIORITIES: [&str; 6] = ["Blocker", "Highest", "High", "Medium", "Low", "Lowest"];

/// A version of a project.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Version {
    pub(super) id: u32,
    pub(super) project: &'static str,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) released: bool,
    pub(super) archived: bool,
    pub(super) start: Option<NaiveDate>,
    pub(super) release: Option<NaiveDate>,
}

/// An issue.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Issue {
    pub(super) id: u32,
    pub(super) project: &'static str,
    pub(super) number: u32,
    pub(super) summary: String,
    pub(super) kind: &'static str,
    pub(super) status: &'static Status,
    pub(super) priority: &'static str,
    pub(super) resolution: Option<&'static str>,
    pub(super) assignee: Option<usize>,
    pub(super) reporter: usize,
    pub(super) labels: Vec<String>,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
    pub(super) fix_version: Option<u32>,
    /// The index of the issue that blocks this one.
    pub(super) blocked_by: Option<usize>,
    service: &'static str,
}

impl Issue {
    /// Its key.
    pub(super) fn key(&self) -> String {
        format!("{}-{}", self.project, self.number)
    }
}

/// Everything in the tracker.
#[derive(Debug)]
pub(in crate::demo) struct Tracker {
    pub(super) now: DateTime<Utc>,
    versions: RwLock<Vec<Version>>,
    pub(super) issues: Vec<Issue>,
}

impl Tracker {
    /// Made from the releases.
    pub(in crate::demo) fn new(story: &Story, plans: &[Plan]) -> Self {
        let mut random = fastrand::Rng::with_seed(story.seed ^ 0x6a69_7261);
        let mut tracker = Self { now: story.now, versions: RwLock::default(), issues: Vec::new() };
        let mut numbers: Vec<u32> = PROJECTS.iter().map(|_| 900 + random.u32(0..200)).collect();
        let mut plans: Vec<&Plan> = plans.iter().collect();
        plans.sort_by_key(|plan| plan.ends());
        for plan in plans {
            tracker.plan(plan, &mut numbers, &mut random);
        }
        tracker.drift(story);
        tracker
    }

    /// All versions, as they are now.
    pub(super) fn versions(&self) -> RwLockReadGuard<'_, Vec<Version>> {
        self.versions.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a version, where `change` agrees with it; what is there then.
    pub(super) fn change<E>(
        &self,
        id: u32,
        change: impl FnOnce(&mut Version) -> Result<(), E>,
    ) -> Result<Option<Version>, E> {
        let mut versions = self.versions.write().unwrap_or_else(PoisonError::into_inner);
        let Some(version) = versions.iter_mut().find(|version| version.id == id) else { return Ok(None) };
        let mut changed = version.clone();
        change(&mut changed)?;
        *version = changed.clone();
        Ok(Some(changed))
    }

    /// What the plan does not know: a version that nobody planned, one without a date, and one that
    /// somebody moved over here alone.
    fn drift(&mut self, story: &Story) {
        let today = story.now.date_naive();
        let versions = self.versions.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(moved) = versions.iter_mut().find(|version| version.name == "Winter campaign") {
            moved.release = moved.release.map(|date| date + Days::new(2));
        }
        for (project, name, description, days) in [
            ("ACC", "accounts 4.0.0", "Accounts 4: one login for every shop", Some(24)),
            ("WEB", "storefront 8.0.0", "Storefront 8: the new product page", None),
        ] {
            versions.push(Version {
                id: 10_100 + versions.len() as u32,
                project,
                name: name.to_owned(),
                description: description.to_owned(),
                released: false,
                archived: false,
                start: None,
                release: days.map(|days| today + Days::new(days)),
            });
        }
    }

    /// Keys and summaries of what a service's version fixed.
    pub(in crate::demo) fn fixed(&self, service: &str, version: &str) -> Vec<(String, String)> {
        let name = format!("{service} {version}");
        let found = self.versions().iter().find(|version| version.name == name).map(|version| version.id);
        let Some(version) = found else { return Vec::new() };
        let own =
            self.issues.iter().filter(|issue| issue.fix_version == Some(version) && issue.service == service);
        own.filter(|issue| issue.status.2 != "new")
            .map(|issue| (issue.key(), issue.summary.clone()))
            .collect()
    }

    fn plan(&mut self, plan: &Plan, numbers: &mut [u32], random: &mut fastrand::Rng) {
        let ends = plan.ends().unwrap_or(self.now);
        let begins = plan.stages.iter().map(|stage| stage.start).min().unwrap_or(self.now);
        let over = matches!(plan.status, "completed" | "rolled-back");
        // Drawn even where it no longer decides anything: the same seed tells the same story.
        let _ = plan.status == "draft" && random.bool();
        let versions = self.versions.get_mut().unwrap_or_else(PoisonError::into_inner);
        let id = 10_100 + versions.len() as u32;
        versions.push(Version {
            id,
            project: plan.project,
            name: plan.tracked(),
            description: plan.title.clone(),
            released: plan.status == "completed",
            archived: plan.status == "cancelled",
            start: (plan.status != "draft").then(|| begins.date_naive()),
            // The day people of the company mean, as the plan does.
            release: Some(ends.with_timezone(&Tz::Europe__Berlin).date_naive()),
        });
        let blocked = plan.comment.starts_with("Waits for");
        let days = (ends - self.now).num_days();
        // How much of the work is done: all of it, or less the farther away the release is.
        let finished = if over { 1.0 } else { (0.92 - 0.022 * days as f64).clamp(0.0, 0.92) };
        let first = self.issues.len();
        for _ in 0..random.u32(4..11) {
            let service = random.choice(&plan.items).map_or("", |item| item.0);
            let done = random.f64() < finished;
            self.issue(plan, service, id, if done { Work::Done } else { Work::Open }, numbers, random);
        }
        let Some(service) = plan.items.first().map(|item| item.0) else { return };
        if blocked {
            for _ in 0..3 {
                self.issue(plan, service, id, Work::Blocker, numbers, random);
            }
            let last = self.issues.len() - 1;
            self.issues[first].blocked_by = Some(last);
            self.issues[first].status = &STATUSES[0];
            self.issues[first].resolution = None;
            "Reservation ids collide when two warehouses answer".clone_into(&mut self.issues[last].summary);
        }
        if plan.status == "in-progress" && service == crate::demo::company::HERO {
            self.issue(plan, service, id, Work::Open, numbers, random);
            let last = self.issues.len() - 1;
            "Express checkout: voucher is lost on the second attempt"
                .clone_into(&mut self.issues[last].summary);
            self.issues[last].kind = "Bug";
            self.issues[last].status = &STATUSES[1];
        }
    }

    fn issue(
        &mut self,
        plan: &Plan,
        service: &'static str,
        version: u32,
        work: Work,
        numbers: &mut [u32],
        random: &mut fastrand::Rng,
    ) {
        let Some(project) = PROJECTS.iter().position(|project| project.0 == plan.project) else { return };
        numbers[project] += random.u32(1..4);
        let topics = firm(service).map_or(&["build"][..], |firm| firm.topics);
        let topic = random.choice(topics).copied().unwrap_or("build");
        let ends = plan.ends().unwrap_or(self.now).min(self.now);
        let created = ends - TimeDelta::hours(random.i64(60..900));
        let updated = (created + TimeDelta::hours(random.i64(2..400)))
            .min(ends - TimeDelta::minutes(random.i64(1..600)));
        let (status, resolution, priority) = match work {
            Work::Done if random.f64() < 0.07 => (&STATUSES[4], Some("Won't Do"), "Low"),
            Work::Done => (&STATUSES[3], Some("Done"), PRIORITIES[random.usize(2..6)]),
            Work::Open => (&STATUSES[random.usize(0..3)], None, PRIORITIES[random.usize(2..5)]),
            Work::Blocker => (&STATUSES[random.usize(0..2)], None, "Blocker"),
        };
        let kind = match (work, random.u32(0..10)) {
            (Work::Blocker, _) | (_, 0..=2) => "Bug",
            (_, 3..=6) => "Story",
            _ => "Task",
        };
        let summary = match random.u32(0..6) {
            0 => format!("{topic}: wrong after a retry"),
            1 => format!("Make {topic} visible on the dashboard"),
            2 => format!("{topic} for the American shop"),
            3 => format!("Slow {topic} on busy evenings"),
            4 => format!("Move {topic} to the new interface"),
            _ => format!("Clean up {topic}"),
        };
        let mut labels = vec![service.to_owned()];
        if work == Work::Blocker {
            labels.push("release-blocker".to_owned());
        }
        self.issues.push(Issue {
            id: 20_000 + self.issues.len() as u32,
            project: plan.project,
            number: numbers[project],
            summary,
            kind,
            status,
            priority,
            resolution,
            assignee: (random.f64() < 0.85).then(|| random.usize(0..PEOPLE.len())),
            reporter: random.usize(0..PEOPLE.len()),
            labels,
            created,
            updated: updated.max(created),
            fix_version: Some(version),
            blocked_by: None,
            service,
        });
    }
}

/// How far an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Done,
    Open,
    Blocker,
}
