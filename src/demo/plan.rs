//! The company's releases: those of the past four weeks, the ones under way, the next six weeks.

use chrono::{DateTime, TimeDelta, Utc};

use super::company::{FIRMS, Firm, HERO, PLACES, Place, firm};
use super::story::{History, Story, Version, office_hours};

/// A release.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The file's name.
    pub(super) id: String,
    /// For people.
    pub(super) title: String,
    /// What someone wrote above it.
    pub(super) comment: &'static str,
    /// `standard`, `normal`, `emergency`.
    pub(super) change: &'static str,
    /// As in the file.
    pub(super) status: &'static str,
    /// The person.
    pub(super) owner: &'static str,
    /// The tracker's project.
    pub(super) project: &'static str,
    /// Service and version.
    pub(super) items: Vec<(&'static str, String)>,
    /// Where and when.
    pub(super) stages: Vec<Step>,
    /// A freeze it may break, and until when.
    pub(super) exception: Option<(&'static str, DateTime<Utc>)>,
}

/// A stage of a release.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Where.
    pub(super) place: Place,
    /// When it begins.
    pub(super) start: DateTime<Utc>,
    /// When it ends.
    pub(super) end: DateTime<Utc>,
    /// How.
    pub(super) strategy: &'static str,
}

impl Plan {
    /// The name of its version in the tracker.
    pub(super) fn tracked(&self) -> String {
        match self.items.as_slice() {
            [(service, version)] => format!("{service} {version}"),
            _ => self.title.clone(),
        }
    }

    /// When it is, or was, wholly in production.
    pub(super) fn ends(&self) -> Option<DateTime<Utc>> {
        self.stages.iter().map(|stage| stage.end).max()
    }
}

/// A release to come: in how many days it reaches Europe, and what it is.
struct Coming {
    days: i64,
    items: &'static [(&'static str, Bump)],
    title: &'static str,
    comment: &'static str,
    status: &'static str,
    change: &'static str,
}

/// Which part of a version rises, above what production runs or the newest that is planned.
#[derive(Clone, Copy)]
enum Bump {
    Minor,
    Major,
}

const fn coming(
    days: i64,
    items: &'static [(&'static str, Bump)],
    title: &'static str,
    status: &'static str,
) -> Coming {
    Coming { days, items, title, comment: "", status, change: "normal" }
}

use Bump::{Major, Minor};

const COMING: [Coming; 19] = [
    coming(3, &[("gateway", Minor)], "", "approved"),
    Coming {
        comment: "Waits for inventory 3.0: without its reservation interface orders would be taken twice.",
        ..coming(5, &[("orders", Major)], "Orders 4: reserve before charging", "planned")
    },
    coming(6, &[("storefront", Minor), ("search", Minor), ("pricing", Minor)], "Winter campaign", "approved"),
    coming(7, &[("cart", Minor)], "", "approved"),
    coming(8, &[("notifications", Minor)], "", "cancelled"),
    Coming {
        comment: "Security fix; the freeze is broken on purpose, see the exception below.",
        ..coming(11, &[("accounts", Minor)], "Accounts: passkey library update", "planned")
    },
    Coming {
        comment: "Still lies in peak trading week. To be moved once marketing says to when.",
        ..coming(13, &[("catalog", Minor)], "", "draft")
    },
    coming(17, &[("payments", Minor)], "", "planned"),
    coming(18, &[("gateway", Minor)], "", "planned"),
    Coming {
        comment: "Two majors in one day was too much last time: orders follows later.",
        ..coming(19, &[("inventory", Major)], "Inventory 3: reservations", "planned")
    },
    coming(20, &[("search", Minor)], "", "planned"),
    coming(21, &[("checkout", Minor), ("payments", Minor)], "Wallets in checkout", "planned"),
    coming(26, &[("storefront", Minor)], "", "planned"),
    coming(27, &[("pricing", Minor)], "", "planned"),
    coming(30, &[("cart", Minor), ("orders", Minor)], "Gift wrapping", "draft"),
    coming(33, &[("accounts", Minor)], "", "draft"),
    coming(35, &[("catalog", Minor), ("search", Minor)], "Variants as products", "draft"),
    coming(38, &[("notifications", Minor)], "", "draft"),
    coming(41, &[("checkout", Minor)], "", "draft"),
];

/// All releases of the story, in no order.
pub(super) fn plans(story: &Story) -> Vec<Plan> {
    let mut plans = Vec::new();
    for history in &story.histories {
        for version in &history.versions {
            let arrival = story.arrival(history.firm, version, PLACES[2]);
            if arrival > story.now - TimeDelta::days(28) {
                plans.push(of_version(story, history, version, arrival));
            }
        }
    }
    let mut numbers: Vec<(&'static str, String)> =
        FIRMS.iter().map(|firm| (firm.id, story.newest(firm.id).to_owned())).collect();
    for coming in &COMING {
        plans.push(to_come(story, coming, &mut numbers));
    }
    plans
}

fn of_version(story: &Story, history: &History, version: &Version, arrival: DateTime<Utc>) -> Plan {
    let firm = history.firm;
    let newest = story.newest(firm.id) == version.number;
    let under_way = newest && matches!(firm.id, HERO | "search");
    let stages: Vec<Step> = PLACES[1..]
        .iter()
        .map(|place| {
            let start = story.arrival(firm, version, *place);
            let length = if under_way && start > story.now - TimeDelta::hours(1) { 120 } else { 75 };
            Step {
                place: *place,
                start,
                end: start + TimeDelta::minutes(length),
                strategy: strategy(firm, *place),
            }
        })
        .collect();
    let rolled_back = story.is_rolled_back(history, version);
    let status = if under_way {
        "in-progress"
    } else if rolled_back {
        "rolled-back"
    } else if stages.iter().all(|stage| stage.end < story.now) {
        "completed"
    } else if arrival < story.now {
        "in-progress"
    } else {
        "approved"
    };
    let comment = match (firm.id, under_way, rolled_back) {
        (HERO, true, _) => "Express checkout for everyone. Watch the error rate of the canary; Mira decides.",
        (_, _, true) => "Rolled back: the warehouse feed timed out under load. See the review of that day.",
        _ => "",
    };
    let patch = !version.number.ends_with(".0");
    let title = format!("{} {}", capital(firm.id), short(&version.number));
    Plan {
        id: format!("{}-{}", firm.id, version.number),
        title: if firm.id == HERO && under_way { format!("{title}: express checkout") } else { title },
        comment,
        change: match (patch, firm.id) {
            // A provider changes something overnight, and payments cannot wait.
            (true, "payments") => "emergency",
            (true, _) => "standard",
            (false, _) => "normal",
        },
        status,
        owner: firm.person,
        project: firm.project,
        items: vec![(firm.id, version.number.clone())],
        stages,
        exception: None,
    }
}

fn to_come(story: &Story, coming: &Coming, numbers: &mut [(&'static str, String)]) -> Plan {
    let mut items = Vec::new();
    for (service, bump) in coming.items {
        if let Some((id, number)) = numbers.iter_mut().find(|(id, _)| id == service) {
            *number = next(number, *bump);
            items.push((*id, number.clone()));
        }
    }
    let lead = items.first().and_then(|(service, _)| firm(service)).unwrap_or(&FIRMS[0]);
    let day = story.now + TimeDelta::days(coming.days);
    let europe = office_hours(day, PLACES[2]);
    let america = office_hours(europe + TimeDelta::hours(20), PLACES[3]);
    let staging = office_hours(europe - TimeDelta::hours(76), PLACES[1]).min(europe - TimeDelta::hours(5));
    let stages = [(PLACES[1], staging), (PLACES[2], europe), (PLACES[3], america)];
    let stages = stages.into_iter().map(|(place, start)| {
        let minutes = if lead.tier == 1 { 120 } else { 60 };
        Step { place, start, end: start + TimeDelta::minutes(minutes), strategy: strategy(lead, place) }
    });
    let stages: Vec<Step> = stages.collect();
    let number = items.first().map(|(_, number)| number.clone()).unwrap_or_default();
    let breaks = coming.comment.contains("exception below");
    let id = match items.as_slice() {
        [(service, version)] => format!("{service}-{version}"),
        _ => coming.title.to_lowercase().replace(' ', "-"),
    };
    let exception = breaks.then(|| ("peak-trading", story.now + TimeDelta::days(17)));
    Plan {
        id,
        title: if coming.title.is_empty() {
            format!("{} {}", capital(lead.id), short(&number))
        } else {
            coming.title.to_owned()
        },
        comment: coming.comment,
        change: coming.change,
        status: coming.status,
        owner: lead.person,
        project: lead.project,
        items,
        stages,
        exception,
    }
}

fn strategy(firm: &Firm, place: Place) -> &'static str {
    match (place.environment, firm.tier, firm.id) {
        ("production", 1, _) | ("production", _, "search") => "canary",
        ("production", 2, "catalog") => "blue-green",
        ("production", ..) => "rolling",
        _ => "all-at-once",
    }
}

fn next(number: &str, bump: Bump) -> String {
    let mut parts = number.split('.').map(|part| part.parse::<u64>().unwrap_or_default());
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match bump {
        Bump::Minor => format!("{major}.{}.0", minor + 1),
        Bump::Major => format!("{}.0.0", major + 1),
    }
}

/// `4.2.0` as people say it: 4.2.
fn short(number: &str) -> &str {
    number.strip_suffix(".0").unwrap_or(number)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
