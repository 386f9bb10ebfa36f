#!/usr/bin/env python3
"""A second opinion: what icalendar and recurring_ical_events make of a file.

    oracle.py expand ZONE FROM TO FILE.ics…       occurrences as JSON, a line a file: [start, end, title] in UTC
    oracle.py generate SEED COUNT                 made-up files with their occurrences, a line each
"""
import json
import random
import re
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events


def instant(value, zone):
    """A DATE is its midnight, a floating time is on the wall of `zone`; fold 0, as RFC 5545 reads."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value.astimezone(timezone.utc)


def parse(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def expand(text, zone_name, start, end):
    zone = ZoneInfo(zone_name)
    start, end = parse(start), parse(end)
    # Eight digits are a day, also where Google writes a zone before them: a whole day has none.
    text = re.sub(rb"(?m);TZID=[^:;\r\n]*:(\d{8}\r?)$", rb";VALUE=DATE:\1", text)
    calendars = icalendar.Calendar.from_ical(text, multiple=True)
    found = set()
    for calendar in calendars:
        for name in ("X-WR-TIMEZONE",):
            calendar.pop(name, None)
        query = recurring_ical_events.of(calendar, components=["VEVENT"])
        # Wider, because times without a zone lie elsewhere in UTC.
        for event in query.between(start - timedelta(days=2), end + timedelta(days=2)):
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                continue
            begin = instant(event["DTSTART"].dt, zone)
            finish = instant(event["DTEND"].dt, zone)
            if finish <= begin and isinstance(event["DTEND"].dt, datetime):
                # On the wall of a skipped hour it would end before it starts: RFC 5545's length.
                wall = lambda value: value.replace(tzinfo=None)
                finish = begin + (wall(event["DTEND"].dt) - wall(event["DTSTART"].dt))
            if begin < finish and begin < end and start < finish:
                title = " ".join(str(event.get("SUMMARY", "")).split()) or "(no title)"
                found.add((stamp(begin), stamp(finish), title))
    return sorted(found)


def stamp(value):
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata",
         "Africa/Cairo", "Pacific/Auckland", "Europe/London", "America/St_Johns", "UTC"]


def rule(chance, first, is_day):
    freq = chance.choice(["DAILY", "DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={freq}"]
    if chance.random() < 0.4:
        parts.append(f"INTERVAL={chance.randint(1, 4)}")
    days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    if freq == "WEEKLY" and chance.random() < 0.6:
        parts.append("BYDAY=" + ",".join(sorted(set(chance.choices(days, k=chance.randint(1, 3))))))
        if chance.random() < 0.3:
            parts.append("WKST=" + chance.choice(["MO", "SU"]))
    if freq == "DAILY" and chance.random() < 0.3:
        parts.append("BYDAY=MO,TU,WE,TH,FR")
    if freq == "MONTHLY":
        kind = chance.randint(0, 3)
        if kind == 0:
            parts.append(f"BYMONTHDAY={chance.choice([1, 15, 28, 29, 30, 31, -1, -3])}")
        elif kind == 1:
            parts.append(f"BYDAY={chance.choice([1, 2, 3, 4, 5, -1, -2])}{chance.choice(days)}")
        elif kind == 2:
            parts.append("BYDAY=MO,TU,WE,TH,FR;BYSETPOS=" + chance.choice(["1", "-1", "2,-2"]))
    if freq == "YEARLY":
        kind = chance.randint(0, 4)
        if kind == 0:
            parts.append(f"BYMONTH={chance.choice([3, 10, 11])};BYDAY={chance.choice(['-1SU', '1SU', '2SU'])}")
        elif kind == 1:
            parts.append(f"BYMONTH=3,10;BYMONTHDAY={chance.randint(1, 31)}")
        elif kind == 2:
            parts.append(f"BYYEARDAY={chance.choice([1, 60, 100, 366, -1])}")
        elif kind == 3:
            parts.append(f"BYWEEKNO={chance.choice([1, 20, 53])};BYDAY={chance.choice(days)}")
    if not is_day and freq in ("DAILY", "WEEKLY") and chance.random() < 0.15:
        parts.append("BYHOUR=" + chance.choice(["2", "1,2,3", "9,17"]))
    end = chance.random()
    if end < 0.3:
        parts.append(f"COUNT={chance.randint(1, 40)}")
    elif end < 0.6:
        last = first + timedelta(days=chance.randint(0, 500))
        parts.append("UNTIL=" + (last.strftime("%Y%m%d") if is_day else last.strftime("%Y%m%dT%H%M%SZ")))
    return ";".join(parts)


def event(chance, number):
    """Starts near the clock changes of all these zones, at hours that are skipped and repeated."""
    zone = chance.choice(ZONES)
    months = [(2026, 3), (2026, 4), (2026, 9), (2026, 10), (2026, 11), (2025, 10), (2027, 3), (2026, 7)]
    year, month = chance.choice(months)
    first = datetime(year, month, chance.randint(1, 28), chance.choice([0, 0, 1, 1, 2, 2, 3, 9, 14, 22]),
                     chance.choice([0, 0, 15, 30, 59]), chance.choice([0, 0, 0, 30]))
    form = chance.choice(["day", "zoned", "zoned", "zoned", "zoned", "utc", "floating"])
    lines = ["BEGIN:VEVENT", f"UID:event-{number}@example.com", f"SUMMARY:Event {number}", "DTSTAMP:20260101T000000Z"]

    def written(name, value):
        if form == "day":
            return f"{name};VALUE=DATE:{value:%Y%m%d}"
        if form == "utc":
            return f"{name}:{value:%Y%m%dT%H%M%SZ}"
        if form == "floating":
            return f"{name}:{value:%Y%m%dT%H%M%S}"
        return f"{name};TZID={zone}:{value:%Y%m%dT%H%M%S}"

    length = (timedelta(days=chance.randint(1, 4)) if form == "day"
              else timedelta(minutes=chance.choice([15, 30, 60, 90, 180, 420, 600, 1440, 2880])))
    lines.append(written("DTSTART", first))
    if chance.random() < 0.3:
        lines.append(f"DURATION:P{length.days}D" if form == "day" else f"DURATION:PT{int(length.total_seconds() // 60)}M")
    else:
        lines.append(written("DTEND", first + length))
    changed = []
    if chance.random() < 0.85:
        text = rule(chance, first, form == "day")
        if form == "floating":
            text = text.replace("Z", "") if "UNTIL" in text else text
        lines.append("RRULE:" + text)
        # Not beside BYHOUR: the other implementation confuses an exception's UTC with wall time.
        for _ in range(chance.choice([0, 0, 1, 2]) if "BYHOUR" not in text else 0):
            lines.append(written("EXDATE", first + timedelta(days=chance.randint(0, 20))))
        if chance.random() < 0.2:
            lines.append(written("RDATE", first + timedelta(days=chance.randint(1, 60), minutes=0 if form == "day" else 25)))
        if chance.random() < 0.25 and "BYHOUR" not in text:
            # Of the start itself: always an occurrence.
            moved = first + timedelta(days=chance.randint(-3, 3), hours=0 if form == "day" else chance.randint(-5, 5))
            changed = ["BEGIN:VEVENT", f"UID:event-{number}@example.com", f"SUMMARY:Moved {number}",
                       "DTSTAMP:20260101T000000Z", written("RECURRENCE-ID", first), written("DTSTART", moved),
                       written("DTEND", moved + length)]
            if chance.random() < 0.3:
                changed.append("STATUS:CANCELLED")
            changed.append("END:VEVENT")
    lines.append("END:VEVENT")
    return lines + changed


def generate(seed, count):
    chance = random.Random(seed)
    for number in range(count):
        zone = chance.choice(ZONES)
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//generated//EN"]
        lines += event(chance, number) + ["END:VCALENDAR", ""]
        text = "\r\n".join(lines)
        start, end = "2025-06-01T00:00:00Z", "2028-02-01T00:00:00Z"
        found = expand(text.encode(), zone, start, end)
        print(json.dumps({"ics": text, "zone": zone, "from": start, "to": end, "occurrences": found}))


if __name__ == "__main__":
    if sys.argv[1] == "generate":
        generate(int(sys.argv[2]), int(sys.argv[3]))
    else:
        for path in sys.argv[5:]:
            with open(path, "rb") as file:
                print(json.dumps(expand(file.read(), *sys.argv[2:5])))
