//! `windows.toml`.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Timelike, Weekday};

use crate::demo::company::{HERO, PLACES, Place};
use crate::demo::story::{FROZEN, Story, zone};

/// Its text. The freeze begins in nine days, whenever the story is told.
pub(super) fn text(story: &Story) -> String {
    let today = story.now.date_naive();
    let after = |days: u64| today + Days::new(days);
    let monday = weekday_before(today, Weekday::Mon, 70);
    let sunday = weekday_before(today, Weekday::Sun, 70);
    let payday = NaiveDate::from_ymd_opt(monday.year(), monday.month(), 1).unwrap_or(monday);
    let also_europe = also(story, HERO, PLACES[2]);
    let also_america = also(story, "search", PLACES[3]);
    let (freeze, thaw) = (after(9), after(16));
    let (inventory, counted) = (after(23), after(25));
    let froze = story.froze().with_timezone(&chrono_tz::Tz::Europe__Berlin).format("%Y-%m-%dT%H:%M:%S");
    let campaign = after(1);
    format!(
        r#"# When we may ship and when we may not. Times are Berlin's unless a window says otherwise.
# Freezes come from the trading calendar; ask in #release before changing one.

[[window]]
id = "office-hours-eu"
kind = "change"
title = "Production changes, Europe"
start = {monday}T08:00:00
end = {monday}T18:30:00
time_zone = "Europe/Berlin"
repeat = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"    # people are awake, and not on their way home
environments = ["production"]
regions = ["eu"]
{also_europe}
[[window]]
id = "office-hours-us"
kind = "change"
title = "Production changes, America"
start = {monday}T08:00:00
end = {monday}T18:30:00
time_zone = "America/New_York"
repeat = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
environments = ["production"]
regions = ["us"]
{also_america}
[[window]]
id = "peak-trading"
kind = "freeze"
title = "Peak trading week"
start = {freeze}T18:00:00
end = {thaw}T06:00:00
time_zone = "Europe/Berlin"
repeat = "FREQ=YEARLY"                 # the dates move a little: check them every autumn
environments = ["production"]
allow = ["emergency"]

[[window]]
id = "stocktaking"
kind = "freeze"
title = "Stocktaking: the warehouse counts"
start = {inventory}T20:00:00
end = {counted}T12:00:00
time_zone = "Europe/Berlin"
services = ["inventory", "orders", "cart"]
allow = ["emergency", "standard"]
hard = false

[[window]]
id = "settlement"
kind = "freeze"
title = "Monthly settlement with the card providers"
start = {payday}T00:00:00
end = {payday}T09:00:00
time_zone = "Europe/Berlin"
repeat = "FREQ=MONTHLY;BYMONTHDAY=1"
environments = ["production"]
services = ["payments", "checkout"]
allow = ["emergency"]
hard = true                            # the file cannot be sent twice: no exception, ever

[[window]]
id = "campaign-code-freeze"
kind = "freeze"
title = "Storefront: main is frozen, the campaign is tested"
start = {froze}
end = {campaign}T12:00:00
time_zone = "Europe/Berlin"
environments = ["test"]                # what is tested now is what ships; the rest of the plan goes on
services = ["{FROZEN}"]
allow = ["emergency"]
branches = ["main"]                    # `tminus branches` tells what landed all the same

[[window]]
id = "database-maintenance"
kind = "freeze"
title = "Staging database maintenance"
start = {sunday}T05:00:00
end = {sunday}T07:00:00
time_zone = "Etc/UTC"
repeat = "FREQ=WEEKLY;BYDAY=SU;INTERVAL=2"
environments = ["staging"]
"#
    )
}

/// An extra occurrence for what is under way right now, where that is out of hours.
fn also(story: &Story, service: &str, place: Place) -> String {
    let Some(history) = story.history(service) else { return String::new() };
    let Some(version) = history.versions.last() else { return String::new() };
    let zone = zone(place);
    let start = story.arrival(history.firm, version, place).with_timezone(&zone);
    let working = !matches!(start.weekday(), Weekday::Sat | Weekday::Sun);
    if working && (8..16).contains(&start.hour()) {
        return String::new();
    }
    let opens = start - TimeDelta::minutes(30);
    format!("also = [{}]           # agreed with the duty manager\n", opens.format("%Y-%m-%dT%H:%M:%S%:z"))
}

/// The last such weekday that lies at least so many days back.
fn weekday_before(today: NaiveDate, weekday: Weekday, days: u64) -> NaiveDate {
    let mut day = today - Days::new(days);
    while day.weekday() != weekday {
        day = day - Days::new(1);
    }
    day
}
