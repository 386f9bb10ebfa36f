//! VTIMEZONE for every TZID that is used, as `calcard` makes them of the tz database.

use std::collections::BTreeMap;

use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType};
use chrono::{DateTime, TimeDelta, Utc};

use super::text::Lines;

/// Writes the zones, each from a year before its first use until some years from now: rules that
/// still hold then go on for ever.
pub fn write(out: &mut Lines, zones: &BTreeMap<&'static str, DateTime<Utc>>, now: DateTime<Utc>) {
    for (zone, first) in zones {
        let mut calendar =
            ICalendar { components: vec![ICalendarComponent::new(ICalendarComponentType::VCalendar)] };
        let from = (*first - TimeDelta::days(400)).timestamp();
        let to = (now.max(*first) + TimeDelta::days(366 * 5)).timestamp();
        if calendar.add_timezone(zone, from, to).is_none() {
            continue;
        }
        let text = calendar.to_string();
        // Unfolded by the reader, folded anew by the writer.
        let lines = super::super::lines::lines(text.as_bytes());
        for line in lines {
            let is_frame = line.value == "VCALENDAR" && (line.name == "BEGIN" || line.name == "END");
            if !is_frame {
                out.line(&format!("{}:{}", line.name, line.value));
            }
        }
    }
}
