//! What a TZID means: an IANA zone where there is one, else the offsets of its VTIMEZONE.
//!
//! Names come first and definitions second, as CalConnect recommends and everybody does: a file's
//! own definition of `Europe/Berlin` is older than the tz database. Outlook's and Exchange's
//! names are mapped by `calcard`, which knows CLDR's table and the older display names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::lines::Component;
use super::value::{self, Written};
use crate::domain::recurrence::Rule;

/// How many years of a VTIMEZONE must agree with a zone of the tz database to be it.
const YEARS: i32 = 6;

/// What a TZID means.
#[derive(Debug, Clone)]
pub enum Zone {
    /// A zone of the tz database.
    Known(Tz),
    /// Only its VTIMEZONE tells.
    Custom(std::rc::Rc<Definition>),
}

/// The VTIMEZONEs of a file, and what was made of the TZIDs so far.
#[derive(Debug, Default)]
pub struct Zones {
    definitions: BTreeMap<String, std::rc::Rc<Definition>>,
    named: RefCell<BTreeMap<(String, i32), Option<Zone>>>,
}

impl Zones {
    /// From the file's components.
    pub fn new(components: &[Component]) -> Self {
        let mut zones = Self::default();
        let inside = components.iter().flat_map(|calendar| &calendar.inner);
        for component in components.iter().chain(inside).filter(|component| component.name == "VTIMEZONE") {
            if let Some(id) = component.first("TZID") {
                let id = id.value.trim().trim_matches('"').to_owned();
                zones.definitions.entry(id).or_insert_with(|| Definition::new(component).into());
            }
        }
        zones
    }

    /// The zone of a TZID for times from this year on; `None`: nothing is known of it.
    pub fn find(&self, id: &str, year: i32) -> Option<Zone> {
        let key = (id.to_owned(), year);
        if let Some(known) = self.named.borrow().get(&key) {
            return known.clone();
        }
        let found = self.look(id, year);
        self.named.borrow_mut().insert(key, found.clone());
        found
    }

    fn look(&self, id: &str, year: i32) -> Option<Zone> {
        let id = id.trim().trim_matches('"');
        if let Some(zone) = by_name(id) {
            return Some(Zone::Known(zone));
        }
        let definition = self.definitions.get(id)?;
        let location = definition.location.as_deref().and_then(by_name);
        let zone = location.or_else(|| definition.microsoft).or_else(|| definition.matching(id, year));
        Some(match zone {
            Some(zone) => Zone::Known(zone),
            None if definition.observances.is_empty() => return None,
            None => Zone::Custom(definition.clone()),
        })
    }
}

/// The zone with this name: IANA's, whatever its capitals and prefix, or Microsoft's.
fn by_name(id: &str) -> Option<Tz> {
    let known = |name: &str| {
        let exact = name.parse::<Tz>().ok();
        exact.or_else(|| {
            chrono_tz::TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name))
        })
    };
    if let Some(zone) = known(id) {
        return Some(zone);
    }
    // Registries put their own name before IANA's: /freeassociation.sourceforge.net/Europe/Berlin.
    let parts: Vec<&str> = id.split('/').collect();
    for length in [3, 2] {
        if parts.len() > length
            && let Some(zone) = known(&parts[parts.len() - length..].join("/"))
        {
            return Some(zone);
        }
    }
    let found = calcard::common::timezone::Tz::from_str(id).ok()?;
    let calcard::common::timezone::Tz::Tz(zone) = found else { return None };
    // Where the name states an offset that the zone never has, it is another zone.
    let stated = id.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(offset, _)| offset);
    let stated = stated.and_then(|text| {
        let text = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        value::offset(&text.replace('.', ":"))
    });
    let offsets = [1, 7].map(|month| {
        let day = NaiveDate::from_ymd_opt(2020, month, 1).unwrap_or_default();
        zone.offset_from_utc_date(&day).fix().local_minus_utc()
    });
    (stated.is_none_or(|stated| offsets.contains(&stated))).then_some(zone)
}

/// A VTIMEZONE.
#[derive(Debug, Clone, Default)]
pub struct Definition {
    /// X-LIC-LOCATION.
    location: Option<String>,
    /// X-MICROSOFT-CDO-TZID.
    microsoft: Option<Tz>,
    observances: Vec<Observance>,
}

/// STANDARD or DAYLIGHT.
#[derive(Debug, Clone)]
struct Observance {
    first: NaiveDateTime,
    /// Seconds east of UTC before and after its onsets.
    from: i32,
    to: i32,
    rule: Option<Rule>,
    also: Vec<NaiveDateTime>,
}

/// A moment at which the clocks of a [`Definition`] change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Onset {
    /// On the wall before the change.
    wall: NaiveDateTime,
    from: i32,
    to: i32,
}

impl Onset {
    fn instant(self) -> NaiveDateTime {
        self.wall - TimeDelta::seconds(self.from.into())
    }
}

impl Definition {
    fn new(component: &Component) -> Self {
        let text = |name: &str| component.first(name).map(|line| line.value.trim().to_owned());
        let microsoft = text("X-MICROSOFT-CDO-TZID")
            .and_then(|id| calcard::common::timezone::Tz::from_ms_cdo_zone_id(&id))
            .and_then(|zone| match zone {
                calcard::common::timezone::Tz::Tz(zone) => Some(zone),
                _ => None,
            });
        let observances = component
            .inner
            .iter()
            .filter(|inner| matches!(inner.name.as_str(), "STANDARD" | "DAYLIGHT"))
            .filter_map(Observance::new)
            .collect();
        Self { location: text("X-LIC-LOCATION"), microsoft, observances }
    }

    /// The changes whose wall time lies in these years, in order.
    fn onsets(&self, years: std::ops::RangeInclusive<i32>) -> Vec<Onset> {
        let at = |year: i32| {
            NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN)
        };
        let (from, to) = (at(*years.start()), at(years.end() + 1));
        let mut onsets: Vec<Onset> = Vec::new();
        for observance in &self.observances {
            let mut walls = observance.also.clone();
            walls.push(observance.first);
            if let Some(rule) = &observance.rule {
                walls.extend(rule.starts(observance.first, from, to).unwrap_or_default());
            }
            walls.retain(|wall| {
                *wall < to && (*wall >= from || observance.rule.is_none() || *wall == observance.first)
            });
            onsets.extend(walls.into_iter().map(|wall| Onset {
                wall,
                from: observance.from,
                to: observance.to,
            }));
        }
        onsets.sort();
        onsets.dedup();
        onsets
    }

    /// The zone of the tz database whose clocks go alike for some years from `year` on. Where
    /// there are several, the one that `id` names, else the first of the well-known ones.
    fn matching(&self, id: &str, year: i32) -> Option<Tz> {
        let years = year..=year + YEARS - 1;
        let onsets = self.onsets(*years.start() - 2..=*years.end());
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?.and_time(chrono::NaiveTime::MIN);
        let mut samples: Vec<(NaiveDateTime, i32)> = Vec::new();
        for month in 0..12 * YEARS as u32 {
            let at = first.checked_add_months(chrono::Months::new(month))?;
            samples.push((at, offset_at(&onsets, at)?));
        }
        for onset in onsets.iter().filter(|onset| onset.wall >= first) {
            for at in [onset.instant() - TimeDelta::seconds(1), onset.instant()] {
                samples.push((at, offset_at(&onsets, at)?));
            }
        }
        let fits = |zone: &Tz| {
            samples
                .iter()
                .all(|(at, offset)| zone.offset_from_utc_datetime(at).fix().local_minus_utc() == *offset)
        };
        let words = id.to_lowercase();
        let named = |zone: &Tz| {
            let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ").to_lowercase();
            words.contains(&city)
        };
        let offset = samples.first().map_or(0, |sample| sample.1);
        if samples.iter().all(|sample| sample.1 == offset) && offset % 3600 == 0 && !id.contains('/') {
            let hours = -offset / 3600;
            let name = if hours == 0 { "UTC".to_owned() } else { format!("Etc/GMT{hours:+}") };
            if let Ok(zone) = name.parse() {
                return Some(zone);
            }
        }
        let zones: Vec<Tz> = chrono_tz::TZ_VARIANTS.into_iter().filter(fits).collect();
        let usual = || USUAL.into_iter().find(|zone| zones.contains(zone));
        zones.iter().copied().find(named).or_else(usual).or_else(|| zones.first().copied())
    }

    /// A wall time as RFC 5545 reads it (3.3.5): what is skipped is read with the offset before
    /// the gap, and what occurs twice is the first.
    pub fn instant(&self, wall: NaiveDateTime) -> DateTime<Utc> {
        let year = wall.year();
        let onsets = self.onsets(year - 2..=year);
        let mut offset = onsets.first().map_or(0, |onset| onset.from);
        for onset in &onsets {
            let gap = TimeDelta::seconds(i64::from(onset.to - onset.from).max(0));
            if onset.wall + gap <= wall {
                offset = onset.to;
            }
        }
        (wall - TimeDelta::seconds(offset.into())).and_utc()
    }
}

fn offset_at(onsets: &[Onset], utc: NaiveDateTime) -> Option<i32> {
    let last = onsets.iter().rev().find(|onset| onset.instant() <= utc);
    last.map(|onset| onset.to).or_else(|| onsets.first().map(|onset| onset.from))
}

/// Zones that people mean, where several go alike.
const USUAL: [Tz; 24] = [
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::Europe__Athens,
    Tz::Europe__Lisbon,
    Tz::Europe__Moscow,
    Tz::Europe__Istanbul,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Los_Angeles,
    Tz::America__Phoenix,
    Tz::America__Anchorage,
    Tz::America__Halifax,
    Tz::America__St_Johns,
    Tz::America__Sao_Paulo,
    Tz::Asia__Kolkata,
    Tz::Asia__Kathmandu,
    Tz::Asia__Tehran,
    Tz::Asia__Jerusalem,
    Tz::Australia__Sydney,
    Tz::Australia__Adelaide,
    Tz::Australia__Darwin,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Auckland,
];

impl Observance {
    fn new(component: &Component) -> Option<Self> {
        let wall = |text: &str| match value::time(text).ok()? {
            Written::Date(date) => Some(date.and_time(chrono::NaiveTime::MIN)),
            Written::Wall(wall) | Written::Utc(wall) => Some(wall),
        };
        let offset = |name: &str| component.first(name).and_then(|line| value::offset(&line.value));
        let mut first = wall(&component.first("DTSTART")?.value)?;
        let to = offset("TZOFFSETTO")?;
        let rule = component.first("RRULE").map(|line| line.value.trim().to_ascii_uppercase());
        // Microsoft's rules begin in 1601; walking from there would only take time.
        if let Some(rule) = &rule
            && first.year() < 1970
            && !rule.contains("COUNT")
            && !rule.contains("INTERVAL")
        {
            first = first.with_year(1970).unwrap_or(first);
        }
        let also = component
            .all("RDATE")
            .flat_map(|line| line.value.split(','))
            .filter_map(|text| wall(text.split('/').next().unwrap_or(text)))
            .collect();
        Some(Self {
            first,
            from: offset("TZOFFSETFROM").unwrap_or(to),
            to,
            rule: rule.and_then(|rule| Rule::parse(&rule).ok()),
            also,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::components;
    use super::*;

    fn known(id: &str) -> Option<Tz> {
        match Zones::default().find(id, 2026) {
            Some(Zone::Known(zone)) => Some(zone),
            _ => None,
        }
    }

    #[test]
    fn names_of_every_house_are_understood() {
        for (id, zone) in [
            ("Europe/Berlin", Tz::Europe__Berlin),
            ("europe/berlin", Tz::Europe__Berlin),
            ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", Tz::Europe__Berlin),
            (
                "/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires",
                Tz::America__Argentina__Buenos_Aires,
            ),
            ("W. Europe Standard Time", Tz::Europe__Berlin),
            ("Eastern Standard Time", Tz::America__New_York),
            ("Canberra, Melbourne, Sydney", Tz::Australia__Sydney),
            ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", Tz::Europe__Berlin),
            ("UTC", Tz::UTC),
            ("GMT", Tz::GMT),
        ] {
            let found = known(id).map(Tz::name);
            let same = found == Some(zone.name()) || (id.starts_with("Canberra") && found.is_some());
            assert!(same, "{id}: {found:?}");
        }
        assert_eq!(known("Atlantis/Capital"), None);
        assert_eq!(known("Customized Time Zone"), None);
    }

    fn definition(standard: &str, daylight: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Customized Time Zone\nBEGIN:STANDARD\n{standard}\nEND:STANDARD\n\
             BEGIN:DAYLIGHT\n{daylight}\nEND:DAYLIGHT\nEND:VTIMEZONE\nEND:VCALENDAR"
        )
    }

    #[test]
    fn a_definition_is_known_by_how_its_clocks_go() {
        let berlin = definition(
            "DTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
            "DTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        );
        let zones = Zones::new(&components(berlin.as_bytes()));
        assert!(matches!(zones.find("Customized Time Zone", 2026), Some(Zone::Known(Tz::Europe__Berlin))));
    }

    #[test]
    fn a_zone_that_no_one_has_is_read_from_its_definition() {
        let own = definition(
            "DTSTART:20000101T030000\nTZOFFSETFROM:+0245\nTZOFFSETTO:+0145\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=9",
            "DTSTART:20000101T020000\nTZOFFSETFROM:+0145\nTZOFFSETTO:+0245\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=4",
        );
        let zones = Zones::new(&components(own.as_bytes()));
        let Some(Zone::Custom(zone)) = zones.find("Customized Time Zone", 2026) else { panic!() };
        let at = |wall: &str| zone.instant(wall.parse().unwrap()).format("%dT%H:%M").to_string();
        assert_eq!(at("2026-01-10T12:00:00"), "10T10:15");
        assert_eq!(at("2026-07-10T12:00:00"), "10T09:15");
        // Skipped: the offset before. Twice: the first.
        assert_eq!(at("2026-04-26T02:30:00"), "26T00:45");
        assert_eq!(at("2026-04-26T03:00:00"), "26T00:15");
        assert_eq!(at("2026-09-27T02:30:00"), "26T23:45");
        assert_eq!(at("2026-09-27T03:00:00"), "27T01:15");
    }
}
