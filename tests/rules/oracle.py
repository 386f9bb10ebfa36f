"""An independent answer to `tminus calendar` and `tminus conflicts`: brute force, pair by pair and
stage by stage, on the standard library's zoneinfo and python-dateutil.

    oracle.py DIR COUNT SEED

writes COUNT workspaces around clock changes into DIR, each in a folder of its own with an
`expected.json` beside its files. Nothing here is taken from the program: where the two disagree,
one of them is wrong.
"""

import json
import random
import re
import sys
import tomllib
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

UTC = timezone.utc
# Zones and days around which their clocks change (Kolkata's never do).
CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2019-02-17"),
    ("Asia/Kolkata", "2026-06-01"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Apia", "2012-04-01"),
    ("Africa/Cairo", "2024-04-26"),
    ("Africa/Cairo", "2024-10-31"),
]
ZONES = sorted({zone for zone, _ in CHANGES})


# --- local times -----------------------------------------------------------------------------


def resolve(local, zone):
    """('once', instant), ('twice', first, second) or ('never', transition, read with the offset before)."""
    tz = ZoneInfo(zone)
    instants = [local.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1)]
    back = [instant.astimezone(tz).replace(tzinfo=None) == local for instant in instants]
    if back[0] and back[1]:
        if instants[0] == instants[1]:
            return ("once", instants[0])
        return ("twice", min(instants), max(instants))
    if back[0] or back[1]:
        return ("once", instants[0] if back[0] else instants[1])
    low, high = min(instants) - timedelta(days=2), max(instants) + timedelta(days=2)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if middle.astimezone(tz).replace(tzinfo=None) > local:
            high = middle
        else:
            low = middle
    return ("never", high, max(instants))


def window_start(local, zone, kind):
    found = resolve(local, zone)
    if found[0] == "once":
        return found[1]
    if found[0] == "twice":
        return found[1] if kind == "freeze" else found[2]
    return found[1] if kind == "freeze" else found[2]


def window_end(local, zone, kind):
    found = resolve(local, zone)
    if found[0] == "once":
        return found[1]
    if found[0] == "twice":
        return found[2] if kind == "freeze" else found[1]
    return found[2] if kind == "freeze" else found[1]


def stage_time(value, zone):
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    found = resolve(value, zone)
    assert found[0] != "never", value
    return found[1]


def said(instant):
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- windows ---------------------------------------------------------------------------------


def occurrences(window, default_zone, low, high):
    kind, zone = window["kind"], window.get("time_zone", default_zone)
    wall = lambda value: value if value.tzinfo is None else value.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    first, length = wall(window["start"]), wall(window["end"]) - wall(window["start"])
    starts, until = [first], None
    if "repeat" in window:
        rule = window["repeat"]
        match = re.search(r";?UNTIL=([0-9TZ]+)", rule)
        if match:
            rule, text = rule.replace(match[0], ""), match[1]
            if text.endswith("Z"):
                until = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            elif "T" in text:
                until = datetime.strptime(text, "%Y%m%dT%H%M%S")
            else:
                until = datetime.combine(datetime.strptime(text, "%Y%m%d").date(), time(23, 59, 59))
        expanded = rrulestr(rule, dtstart=first)
        starts = []
        for start in expanded:
            if start > high.replace(tzinfo=None) + timedelta(days=3):
                break
            starts.append(start)
    found = {}
    for start in starts:
        begin, end = window_start(start, zone, kind), window_end(start + length, zone, kind)
        if start == first and window["start"].tzinfo is not None:
            begin = window["start"].astimezone(UTC)
        if start == first and window["end"].tzinfo is not None:
            end = window["end"].astimezone(UTC)
        if isinstance(until, datetime):
            if (begin if until.tzinfo else start) > until:
                continue
        found[start] = (begin, end)
    for start in window.get("also", []):
        if start not in found:
            found[start] = (window_start(start, zone, kind), window_end(start + length, zone, kind))
    for start in window.get("skip", []):
        found.pop(start, None)
    return sorted(it for it in found.values() if it[0] < it[1] and it[0] < high and low < it[1])


def applies(window, release, stage):
    if window.get("environments") and stage["environment"] not in window["environments"]:
        return False
    services = {item["service"] for item in release["item"]}
    if window.get("services") and not services & set(window["services"]):
        return False
    if window.get("regions") and stage.get("region") and stage["region"] not in window["regions"]:
        return False
    return True


# --- versions --------------------------------------------------------------------------------


def numbers(version):
    parts = [int(part) for part in version.removeprefix("v").split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def meets(requirement, version):
    version = numbers(version)
    if requirement == "*":
        return True
    if requirement.startswith("^"):
        low = numbers(requirement[1:])
        return low <= version and version[0] == low[0]
    if requirement.startswith(">="):
        return version >= numbers(requirement[2:])
    assert requirement.startswith("=")
    return version == numbers(requirement[1:])


# --- the rules -------------------------------------------------------------------------------

WARN = {"dependent-service", "owner-overlap", "runway"}


class Plan:
    def __init__(self, folder):
        self.main = tomllib.loads((folder / "tminus.toml").read_text())
        windows = folder / "windows.toml"
        self.windows = tomllib.loads(windows.read_text())["window"] if windows.exists() else []
        self.zone = self.main["workspace"]["time_zone"]
        self.environments = [it["id"] for it in self.main["environment"]]
        self.by_environment = {it["id"]: it for it in self.main["environment"]}
        self.services = {it["id"]: it for it in self.main["service"]}
        self.releases = {}
        for file in sorted((folder / "releases").glob("*.toml"), key=lambda file: file.stem.encode()):
            release = tomllib.loads(file.read_text())
            release["id"] = file.stem
            for index, stage in enumerate(release["stage"]):
                zone = stage.get("time_zone") or self.region_zone(stage) or self.zone
                stage["index"] = index
                stage["from"], stage["to"] = stage_time(stage["start"], zone), stage_time(stage["end"], zone)
                soak = stage.get("soak", "0m")
                stage["soaked"] = stage["to"] + timedelta(minutes=int(soak.removesuffix("m")))
            release.setdefault("exception", [])
            self.releases[file.stem] = release
        over = {"completed", "rolled-back", "cancelled"}
        self.live = [it for it in self.releases.values() if it.get("status", "planned") not in over]
        self.low = min((s["from"] for r in self.releases.values() for s in r["stage"])) - timedelta(days=9)
        self.high = max((s["soaked"] for r in self.releases.values() for s in r["stage"])) + timedelta(days=9)
        for window in self.windows:
            window["occurrences"] = occurrences(window, self.zone, self.low, self.high)
        self.running = {}
        for environment in self.main["environment"]:
            if "versions" in environment:
                self.running[environment["id"]] = json.loads((folder / environment["versions"]["file"]).read_text())
        self.conflicts = []

    def region_zone(self, stage):
        for region in self.by_environment[stage["environment"]].get("regions", []):
            if region["id"] == stage.get("region"):
                return region.get("time_zone")
        return None

    def tell(self, code, release, stage, others, start, end):
        self.conflicts.append((start, code, release["id"], stage, sorted(others), end))

    def judge(self):
        for release in self.live:
            for stage in release["stage"]:
                self.by_windows(release, stage)
                self.by_versions(release, stage)
                rank = self.environments.index(stage["environment"])
                earlier = [it for it in release["stage"] if self.environments.index(it["environment"]) < rank]
                if any(stage["from"] < it["to"] for it in earlier):
                    self.tell("promotion-order", release, stage["index"], [], stage["from"], stage["to"])
        for one in self.live:
            for other in self.live:
                if one["id"].encode() < other["id"].encode():
                    for first in one["stage"]:
                        for second in other["stage"]:
                            self.pair(one, first, other, second)
        for environment in self.environments:
            self.capacity(environment)
        self.conflicts.sort(key=lambda it: (it[0], it[1], it[2].encode(), it[3], [w.encode() for w in it[4]], it[5]))
        return [
            {
                "code": code, "severity": "warn" if code in WARN else "block", "release": release,
                "stage": stage, "with": others, "start": said(start), "end": said(end),
            }
            for start, code, release, stage, others, end in self.conflicts
        ]

    def by_windows(self, release, stage):
        applying = [window for window in self.windows if applies(window, release, stage)]
        for window in applying:
            if window["kind"] != "freeze" or release.get("change", "normal") in window.get("allow", []):
                continue
            spans = (("freeze", stage["from"], stage["to"]), ("runway", stage["to"], stage["soaked"]))
            for begin, end in window["occurrences"]:
                for code, low, high in spans:
                    start, stop = max(begin, low), min(end, high)
                    lets = any(
                        it["window"] == window["id"] and stop <= it["expires"].astimezone(UTC)
                        for it in release["exception"]
                    )
                    if start < stop and (window.get("hard", False) or not lets):
                        self.tell(code, release, stage["index"], [window["id"]], start, stop)
        changes = [window for window in applying if window["kind"] == "change"]
        inside = any(b <= stage["from"] and stage["to"] <= e for w in changes for b, e in w["occurrences"])
        if changes and not inside:
            ids = [window["id"] for window in changes]
            self.tell("outside-window", release, stage["index"], ids, stage["from"], stage["to"])

    def needed(self, service, seen=None):
        seen = set() if seen is None else seen
        for edge in self.services[service].get("depends_on", []):
            if edge["service"] not in seen:
                seen.add(edge["service"])
                self.needed(edge["service"], seen)
        return seen

    def pair(self, one, first, other, second):
        start, end = max(first["from"], second["from"]), min(first["to"], second["to"])
        if start >= end:
            return
        own, theirs = ({item["service"] for item in it["item"]} for it in (one, other))
        regions = first.get("region"), second.get("region")
        if first["environment"] == second["environment"] and (None in regions or regions[0] == regions[1]):
            if own & theirs:
                self.tell("same-service", one, first["index"], [other["id"]], start, end)
            elif any(self.needed(it) & theirs for it in own) or any(self.needed(it) & own for it in theirs):
                self.tell("dependent-service", one, first["index"], [other["id"]], start, end)
        if one.get("owner") and one.get("owner") == other.get("owner"):
            self.tell("owner-overlap", one, first["index"], [other["id"]], start, end)

    def capacity(self, environment):
        limit = self.by_environment[environment].get("capacity")
        if limit is None:
            return
        stages = [(r, s) for r in self.live for s in r["stage"] if s["environment"] == environment]
        instants = sorted({s[key] for _, s in stages for key in ("from", "to")})
        open_at = None
        for instant in instants:
            running = {r["id"] for r, s in stages if s["from"] <= instant < s["to"]}
            if len(running) > limit and open_at is None:
                open_at = instant
            elif len(running) <= limit and open_at is not None:
                inside = [(r, s) for r, s in stages if s["from"] < instant and open_at < s["to"]]
                ids = sorted({r["id"] for r, _ in inside}, key=str.encode)
                stage = min(s["index"] for r, s in inside if r["id"] == ids[0])
                self.tell("capacity", self.releases[ids[0]], stage, ids[1:], open_at, instant)
                open_at = None

    def by_versions(self, release, stage):
        environment = stage["environment"]
        regions = [it["id"] for it in self.by_environment[environment].get("regions", [])] or [None]
        regions = [stage["region"]] if stage.get("region") else regions
        items = {item["service"]: item["version"] for item in release["item"]}
        told = set()
        for service in items:
            for edge in self.services[service].get("depends_on", []):
                provider, requirement = edge["service"], edge.get("version")
                if edge.get("kind", "hard") != "hard" or requirement is None or provider in told:
                    continue
                if provider in items and meets(requirement, items[provider]):
                    continue
                known = environment in self.running
                runs = self.running.get(environment, {}).get(provider, {})
                runs = [runs] if isinstance(runs, str) else list(runs)
                if runs and all(meets(requirement, version) for version in runs):
                    continue
                lands = [self.lands(environment, region, provider, requirement) for region in regions]
                late = any(at is None or at > stage["from"] for at in lands)
                if late and (known or None not in lands):
                    told.add(provider)
                    self.tell("dependency-order", release, stage["index"], [provider], stage["from"], stage["to"])

    def lands(self, environment, region, provider, requirement):
        """When a version that meets the requirement is first in the region, by the plan."""
        ends = [
            stage["to"]
            for release in self.live
            for stage in release["stage"]
            for item in release["item"]
            if item["service"] == provider and meets(requirement, item["version"])
            and stage["environment"] == environment and stage.get("region") in (None, region)
        ]
        return min(ends, default=None)

    def calendar(self, low, high):
        entries = []
        for release in self.releases.values():
            for stage in release["stage"]:
                if stage["from"] < high and low < stage["to"]:
                    entries.append({
                        "kind": "stage", "id": release["id"], "stage": stage["index"],
                        "title": release.get("title", release["id"]), "start": said(stage["from"]),
                        "end": said(stage["to"]), "environment": stage["environment"],
                        "region": stage.get("region"), "status": release.get("status", "planned"),
                        "services": [item["service"] for item in release["item"]],
                    })
        for window in self.windows:
            for begin, end in window["occurrences"]:
                if begin < high and low < end:
                    entries.append({
                        "kind": window["kind"], "id": window["id"], "title": window.get("title", window["id"]),
                        "start": said(begin), "end": said(end),
                        "environments": window.get("environments", []), "regions": window.get("regions", []),
                        "services": window.get("services", []),
                    })
        entries.sort(key=lambda it: (it["start"], it["kind"], it["id"].encode(), it.get("stage", 0), it["end"]))
        return entries


# --- workspaces ------------------------------------------------------------------------------

SERVICES = ["catalog", "checkout", "mail", "payments", "search", "web"]
REQUIREMENTS = ["^1", "^2", "^1.2", ">=2", "=1.0.0", "*"]
VERSIONS = ["1.0.0", "1.2.0", "1.3.5", "2.0.0", "2.1.0", "3.0.0"]


def quoted(value):
    return json.dumps(value)


def local(value):
    return value.strftime("%Y-%m-%dT%H:%M:%S")


def write(folder, dice):
    zone, day = dice.choice(CHANGES)
    middle = datetime.combine(date.fromisoformat(day), time(0))
    other = dice.choice(ZONES)

    def near(spread=4 * 24 * 4):
        """A quarter of an hour near the clock change, often very near."""
        reach = dice.choice([12, 24, spread])
        return middle + timedelta(minutes=15 * dice.randint(-reach, reach))

    def exists(zone, minutes=0):
        while True:
            value = near() + timedelta(minutes=minutes)
            if resolve(value, zone)[0] != "never":
                return value

    text = f'[workspace]\nname = "Oracle"\ntime_zone = "{dice.choice([zone, other])}"\n'
    main_zone = tomllib.loads(text)["workspace"]["time_zone"]
    text += "\n"
    regions = {"eu": zone, "us": other, "apac": None}
    for environment in ("test", "staging", "production"):
        text += f'[[environment]]\nid = "{environment}"\n'
        if dice.random() < 0.6:
            text += f"capacity = {dice.randint(1, 3)}\n"
        if environment == "production" or dice.random() < 0.2:
            parts = ", ".join(
                f'{{ id = "{it}"' + (f', time_zone = "{at}" }}' if at else " }") for it, at in regions.items()
            )
            text += f"regions = [ {parts} ]\n"
        if dice.random() < 0.6:
            file = f"running-{environment}.json"
            text += f"versions = {{ file = {quoted(file)} }}\n"
            runs = {}
            for service in SERVICES:
                if dice.random() < 0.75:
                    one, two = dice.sample(VERSIONS, 2)
                    runs[service] = one if dice.random() < 0.8 else {one: 0.75, two: 0.25}
            (folder / file).write_text(json.dumps(runs))
        text += "\n"
    for place, service in enumerate(SERVICES):
        text += f'[[service]]\nid = "{service}"\n'
        edges = []
        for provider in dice.sample(SERVICES, dice.choice([0, 0, 1, 1, 2])):
            # Rarely a cycle.
            if provider != service and (provider < service or dice.random() < 0.1):
                edge = f"service = {quoted(provider)}"
                if dice.random() < 0.75:
                    edge += f", version = {quoted(dice.choice(REQUIREMENTS))}"
                if dice.random() < 0.3:
                    edge += ', kind = "soft"'
                edges.append("{ " + edge + " }")
        if edges:
            text += f"depends_on = [ {', '.join(edges)} ]\n"
        text += "\n"
    (folder / "tminus.toml").write_text(text)
    has_regions = {
        it["id"]: bool(it.get("regions")) for it in tomllib.loads(text)["environment"]
    }

    windows = []
    for place in range(dice.randint(0, 5)):
        kind = dice.choice(["freeze", "change"])
        own = dice.choice([zone, zone, main_zone, other])
        start = near()
        length = timedelta(minutes=15 * dice.choice([1, 2, 4, 8, 20, 40, 96, 200]))
        lines = [f'id = "w-{place}"', f'kind = "{kind}"']
        if own != main_zone or dice.random() < 0.5:
            lines.append(f'time_zone = "{own}"')
        repeats = [None, "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=DAILY;INTERVAL=2",
                   "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU"]
        repeat = dice.choice(repeats)
        if repeat and dice.random() < 0.7:
            start -= timedelta(days=dice.choice([0, 3, 14, 30, 365]))
        if repeat and dice.random() < 0.3:
            repeat += f";COUNT={dice.randint(1, 30)}"
        elif repeat and dice.random() < 0.4:
            until = near()
            repeat += ";UNTIL=" + dice.choice([
                until.strftime("%Y%m%d"), until.strftime("%Y%m%dT%H%M%S"), until.strftime("%Y%m%dT%H%M%SZ"),
            ])
        if repeat is None and dice.random() < 0.25:
            lines += [f"start = {local(start)}Z", f"end = {local(start + length)}Z"]
        else:
            lines += [f"start = {local(start)}", f"end = {local(start + length)}"]
        if repeat:
            lines.append(f"repeat = {quoted(repeat)}")
            at = lambda: datetime.combine(near().date(), start.time())
            if dice.random() < 0.3:
                lines.append(f"skip = [ {', '.join(local(at()) for _ in range(2))} ]")
            if dice.random() < 0.3:
                lines.append(f"also = [ {', '.join(local(near()) for _ in range(2))} ]")
        scopes = (("environments", has_regions), ("services", SERVICES), ("regions", regions))
        for key, values in scopes:
            if dice.random() < 0.35:
                values = list(values)
                lines.append(f"{key} = {quoted(dice.sample(values, dice.randint(1, len(values) - 1)))}")
        if kind == "freeze":
            if dice.random() < 0.4:
                lines.append(f"allow = {quoted(dice.sample(['standard', 'normal', 'emergency'], dice.randint(1, 2)))}")
            if dice.random() < 0.2:
                lines.append("hard = true")
        windows.append("[[window]]\n" + "\n".join(lines) + "\n")
    if windows:
        (folder / "windows.toml").write_text("\n".join(windows))

    (folder / "releases").mkdir()
    for place in dice.sample(range(1, 13), dice.randint(1, 7)):
        lines = [f'title = "Release {place}"', f'change = "{dice.choice(["standard", "normal", "normal", "emergency"])}"']
        statuses = ["draft", "planned", "planned", "planned", "approved", "in-progress", "paused", "completed",
                    "rolled-back", "cancelled"]
        lines.append(f'status = "{dice.choice(statuses)}"')
        if dice.random() < 0.7:
            lines.append(f'owner = "{dice.choice(["mira", "ben", "ada"])}"')
        for service in dice.sample(SERVICES, dice.randint(1, 3)):
            lines.append(f"\n[[item]]\nservice = {quoted(service)}\nversion = {quoted(dice.choice(VERSIONS))}")
        for _ in range(dice.randint(1, 4)):
            environment = dice.choice(list(has_regions))
            region = dice.choice([None, *regions]) if has_regions[environment] else None
            own = dice.choice([None, None, *ZONES])
            used = own or (regions[region] if region else None) or main_zone
            start = exists(used)
            while True:
                end = start + timedelta(minutes=15 * dice.choice([1, 2, 4, 8, 16, 60, 150]))
                if resolve(end, used)[0] != "never" and stage_time(end, used) > stage_time(start, used):
                    break
                start = exists(used)
            lines.append(f'\n[[stage]]\nenvironment = "{environment}"')
            if region:
                lines.append(f'region = "{region}"')
            if own:
                lines.append(f'time_zone = "{own}"')
            if dice.random() < 0.15:
                begin, stop = stage_time(start, used), stage_time(end, used)
                shift = ZoneInfo(dice.choice(ZONES))
                begin, stop = begin.astimezone(shift), stop.astimezone(shift)
                lines += [f"start = {begin.isoformat()}", f"end = {stop.isoformat()}"]
            else:
                lines += [f"start = {local(start)}", f"end = {local(end)}"]
            if dice.random() < 0.4:
                lines.append(f'soak = "{dice.choice([15, 60, 240, 1440])}m"')
        for _ in range(dice.choice([0, 0, 1, 2]) if windows else 0):
            expires = near()
            lines.append(
                f'\n[[exception]]\nwindow = "w-{dice.randrange(len(windows))}"\nreason = "urgent"\nby = "mira"\n'
                f"expires = {local(expires)}Z"
            )
        (folder / f"releases/rel-{place}.toml").write_text("\n".join(lines) + "\n")


def main():
    root, count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for number in range(count):
        dice = random.Random(seed * 1_000_003 + number)
        folder = root / f"{number:05}"
        folder.mkdir(parents=True)
        write(folder, dice)
        plan = Plan(folder)
        instants = sorted(s["from"] for r in plan.releases.values() for s in r["stage"])
        low, high = instants[0] - timedelta(hours=dice.randint(-20, 40)), instants[-1] + timedelta(hours=dice.randint(-20, 40))
        if high < low:
            low, high = high, low
        expected = {
            "from": said(low),
            "to": said(high),
            "entries": plan.calendar(low, high),
            "conflicts": plan.judge(),
        }
        (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
