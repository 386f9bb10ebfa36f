//! What happened at the company and what is about to: versions, deployments, plans. The same seed
//! tells the same story, relative to its start.

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use super::company::{FIRMS, Firm, HERO, PLACES, Place};

/// A tagged version of a service.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// `1.2.3`.
    pub(super) number: String,
    /// When it was tagged.
    pub(super) tagged: DateTime<Utc>,
}

/// A service's versions, oldest first.
#[derive(Debug, Clone)]
pub(super) struct History {
    /// The service.
    pub(super) firm: &'static Firm,
    /// Its tagged versions.
    pub(super) versions: Vec<Version>,
}

/// A version's share of a place changing at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Share {
    /// From when on.
    pub(super) from: DateTime<Utc>,
    /// Of traffic and instances, 0 to 1.
    pub(super) part: f64,
    /// Failed requests of all.
    pub(super) errors: f64,
    /// How much slower than usual.
    pub(super) slowness: f64,
}

/// A version's life in a place.
#[derive(Debug, Clone)]
pub(super) struct Life {
    /// The service.
    pub(super) firm: &'static Firm,
    /// Where.
    pub(super) place: Place,
    /// Which version.
    pub(super) version: String,
    /// Its share, from each moment on; it ends with a share of zero, or goes on.
    pub(super) shares: Vec<Share>,
}

/// The whole story.
#[derive(Debug, Clone)]
pub(super) struct Story {
    /// When it begins; what is later is the future.
    pub(super) now: DateTime<Utc>,
    /// How many times faster than real it unfolds.
    pub(super) speed: f64,
    /// Same seed, same story.
    pub(super) seed: u64,
    /// Each service's versions.
    pub(super) histories: Vec<History>,
    /// Each version's life in each place, of the past four weeks and of today.
    pub(super) lives: Vec<Life>,
}

/// The service whose branch is frozen before the campaign.
pub(super) const FROZEN: &str = "storefront";

/// How usual requests fail.
const USUAL_ERRORS: f64 = 0.0022;

/// How far back the lives reach, in days.
pub(super) const REMEMBERED_DAYS: i64 = 30;

impl Story {
    /// Tells it.
    pub(super) fn new(now: DateTime<Utc>, speed: f64, seed: u64) -> Self {
        // Whole seconds: files and tags cannot hold less.
        let now = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
        let mut random = fastrand::Rng::with_seed(seed);
        let histories: Vec<History> = FIRMS.iter().map(|firm| history(firm, now, &mut random)).collect();
        let mut story = Self { now, speed, seed, histories, lives: Vec::new() };
        for index in 0..story.histories.len() {
            for place in PLACES {
                let lives = story.lives_at(index, place);
                story.lives.extend(lives);
            }
        }
        story
    }

    /// When something happens that is due so many seconds after the start, at normal speed.
    pub(super) fn after(&self, seconds: f64) -> DateTime<Utc> {
        self.now + TimeDelta::milliseconds((seconds / self.speed * 1000.0) as i64)
    }

    /// When the frozen branch froze: at six in the evening of the day before.
    pub(super) fn froze(&self) -> DateTime<Utc> {
        let evening = (self.now.date_naive() - Days::new(1)).and_hms_opt(18, 0, 0).unwrap_or_default();
        let there = evening.and_local_timezone(Tz::Europe__Berlin).earliest();
        there.map_or(self.now - TimeDelta::hours(20), |there| there.to_utc())
    }

    /// A service's history.
    pub(super) fn history(&self, service: &str) -> Option<&History> {
        self.histories.iter().find(|history| history.firm.id == service)
    }

    /// When a version reaches a place, whether that is past or to come.
    pub(super) fn arrival(&self, firm: &Firm, version: &Version, place: Place) -> DateTime<Utc> {
        // People plan in steps of five minutes.
        let exact = self.exact_arrival(firm, version, place);
        exact - TimeDelta::seconds(exact.timestamp().rem_euclid(300))
    }

    fn exact_arrival(&self, firm: &Firm, version: &Version, place: Place) -> DateTime<Utc> {
        if firm.id == HERO && self.newest(firm.id) == version.number {
            return match (place.environment, place.region) {
                ("production", "eu") => self.now - TimeDelta::minutes(48),
                ("production", _) => office_hours(self.now + TimeDelta::hours(14), place),
                ("staging", _) => self.now - TimeDelta::hours(21),
                _ => self.now - TimeDelta::hours(44),
            };
        }
        if firm.id == "search" && self.newest(firm.id) == version.number {
            return match (place.environment, place.region) {
                ("production", "us") => self.now - TimeDelta::minutes(9),
                ("production", _) => self.now - TimeDelta::hours(26),
                ("staging", _) => self.now - TimeDelta::hours(50),
                _ => self.now - TimeDelta::hours(70),
            };
        }
        match (place.environment, place.region) {
            ("test", _) => version.tagged + TimeDelta::hours(3),
            ("staging", _) => office_hours(version.tagged + TimeDelta::hours(12), place),
            (_, "eu") => office_hours(version.tagged + TimeDelta::hours(74), place),
            _ => office_hours(self.arrival(firm, version, PLACES[2]) + TimeDelta::hours(20), place),
        }
    }

    /// The number of a service's newest version.
    pub(super) fn newest(&self, service: &str) -> &str {
        let newest = self.history(service).and_then(|history| history.versions.last());
        newest.map_or("", |version| version.number.as_str())
    }

    /// Whether a version came to production and went again: inventory's last but two.
    pub(super) fn is_rolled_back(&self, history: &History, version: &Version) -> bool {
        let mut deployed = history
            .versions
            .iter()
            .filter(|version| self.arrival(history.firm, version, PLACES[2]) + TimeDelta::days(2) < self.now);
        history.firm.id == "inventory"
            && deployed.next_back().is_some_and(|last| last.number == version.number)
    }

    /// Whether a place was left out, by haste: what notifications runs in production never came to
    /// staging, which has run the version before ever since. The skew map finds it.
    fn is_left_out(&self, history: &History, version: &Version, place: Place) -> bool {
        let mut arrived = history
            .versions
            .iter()
            .filter(|version| self.arrival(history.firm, version, PLACES[2]) <= self.now);
        history.firm.id == "notifications"
            && place.environment == "staging"
            && arrived.next_back().is_some_and(|newest| newest.tagged <= version.tagged)
    }

    fn lives_at(&self, index: usize, place: Place) -> Vec<Life> {
        let history = &self.histories[index];
        let firm = history.firm;
        let oldest = self.now - TimeDelta::days(REMEMBERED_DAYS);
        let mut lives: Vec<Life> = Vec::new();
        for version in &history.versions {
            let arrival = self.arrival(firm, version, place);
            if arrival > self.now || self.is_left_out(history, version, place) {
                break;
            }
            let begun = arrival.max(oldest);
            let usual = |from, part| Share { from, part, errors: USUAL_ERRORS, slowness: 1.0 };
            let bad = place.environment == "production" && self.is_rolled_back(history, version);
            if bad && place.region != "eu" {
                continue;
            }
            let shares = if bad {
                // Noticed at a quarter, back within the hour.
                let worse = |minutes, part, errors, slowness| Share {
                    from: begun + TimeDelta::minutes(minutes),
                    part,
                    errors,
                    slowness,
                };
                vec![worse(0, 0.25, 0.004, 1.1), worse(8, 0.25, 0.038, 2.4), worse(34, 0.0, 0.0, 1.0)]
            } else {
                self.steps(firm, place, version, begun)
                    .into_iter()
                    .map(|(from, share)| usual(from, share))
                    .collect()
            };
            if arrival <= oldest {
                // Only the last of those that came before the remembered time is still there.
                lives.clear();
                let shares = vec![usual(oldest, 1.0)];
                lives.push(Life { firm, place, version: version.number.clone(), shares });
                continue;
            }
            if let Some(before) =
                lives.iter_mut().rev().find(|life| life.shares.last().is_some_and(|s| s.part > 0.0))
            {
                let rest: Vec<Share> =
                    shares.iter().map(|share| usual(share.from, 1.0 - share.part)).collect();
                before.shares.extend(rest);
            }
            lives.push(Life { firm, place, version: version.number.clone(), shares });
        }
        if firm.id == HERO
            && place.environment == "production"
            && let Some(canary) = lives.last_mut().filter(|life| life.version == self.newest(HERO))
        {
            canary.shares.extend(self.failure());
        }
        lives
    }

    /// How a version takes over: by steps where it matters, at once elsewhere.
    fn steps(
        &self,
        firm: &Firm,
        place: Place,
        version: &Version,
        begun: DateTime<Utc>,
    ) -> Vec<(DateTime<Utc>, f64)> {
        let minutes = |minutes: i64| begun + TimeDelta::minutes(minutes);
        let newest = self.newest(firm.id) == version.number;
        match (firm.id, place.environment, place.region) {
            (HERO, "production", "eu") if newest => vec![(minutes(0), 0.05), (minutes(37), 0.25)],
            ("search", "production", "us") if newest => {
                vec![(minutes(0), 0.25), (self.after(45.0), 0.5), (self.after(180.0), 1.0)]
            }
            (_, "production", _) if firm.tier == 1 => {
                vec![(minutes(0), 0.05), (minutes(15), 0.25), (minutes(30), 0.5), (minutes(45), 1.0)]
            }
            (_, "production", _) => vec![(minutes(0), 0.5), (minutes(6), 1.0)],
            _ => vec![(minutes(0), 1.0)],
        }
    }

    /// The hero's canary: well until a minute in, then worse by the second, then bad for good.
    fn failure(&self) -> Vec<Share> {
        const STEPS: i32 = 18;
        (0..=STEPS)
            .map(|step| {
                let grown = f64::from(step) / f64::from(STEPS);
                Share {
                    from: self.after(60.0 + 90.0 * grown),
                    part: 0.25,
                    errors: USUAL_ERRORS + 0.072 * grown * grown + 0.004 * grown,
                    slowness: 1.0 + 4.2 * grown,
                }
            })
            .collect()
    }
}

/// The next moment at or after a time when people of a place ship: a weekday, from nine to four.
pub(super) fn office_hours(time: DateTime<Utc>, place: Place) -> DateTime<Utc> {
    let zone = zone(place);
    // The hour differs from release to release, but the same one always has the same.
    let minutes = 9 * 60 + time.timestamp().rem_euclid(28) * 15;
    let mut day = time.with_timezone(&zone).date_naive();
    for _ in 0..8 {
        let start = day.and_hms_opt((minutes / 60) as u32, (minutes % 60) as u32, 0);
        let start = start.and_then(|start| start.and_local_timezone(zone).earliest());
        let working = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        if let Some(start) = start.filter(|start| working && *start >= time) {
            return start.to_utc();
        }
        day = day + Days::new(1);
    }
    time
}

/// The zone in which people of a place plan.
pub(super) fn zone(place: Place) -> Tz {
    if place.region == "us" { Tz::America__New_York } else { Tz::Europe__Berlin }
}

fn history(firm: &'static Firm, now: DateTime<Utc>, random: &mut fastrand::Rng) -> History {
    let (major, mut minor) = firm.began;
    let mut patch = 0;
    // Releases of different services fall on different days, in working hours.
    let mut day = now - TimeDelta::days(240) + TimeDelta::hours(random.i64(0..220));
    let mut versions: Vec<Version> = Vec::new();
    while day < now - TimeDelta::hours(30) {
        versions.push(Version { number: format!("{major}.{minor}.{patch}"), tagged: day });
        if random.f64() < 0.68 {
            minor += 1;
            patch = 0;
        } else {
            patch += 1;
        }
        day += TimeDelta::hours(random.i64(160..330)) + TimeDelta::minutes(random.i64(0..60));
    }
    // Orders saves up for its next major version, and inventory mends what was rolled back: neither
    // has anything newer under way.
    let quiet_days = match firm.id {
        "orders" => 14,
        "inventory" => 8,
        _ => 0,
    };
    versions.retain(|version| version.tagged < now - TimeDelta::days(quiet_days));
    if matches!(firm.id, HERO | "search") {
        // These two are on their way right now: the newest is a minor version, tagged days ago.
        let days = if firm.id == HERO { 2 } else { 3 };
        let recent = now - TimeDelta::days(days + 4);
        versions.retain(|version| version.tagged < recent);
        let last = versions.last().map(|version| version.number.clone()).unwrap_or_default();
        let before = last.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(minor);
        versions.push(Version {
            number: format!("{major}.{}.0", before + 1),
            tagged: now - TimeDelta::days(days) - TimeDelta::hours(1),
        });
    }
    History { firm, versions }
}
