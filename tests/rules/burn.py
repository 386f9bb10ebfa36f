#!/usr/bin/env python3
"""Works out the burn table by fractions, without a floating point number, and writes burn.json.

After the SRE workbook, chapter 5: a row fires when the burn over its long and over its short window
both exceed budget x period / long window; burn is bad / all / (1 - objective). Below, at and above
the threshold, with the short window as hot, and with it quiet again.

Run it in this folder: python3 burn.py
"""

import json
from fractions import Fraction

ROWS = [  # severity, long window and short window in hours, share of the budget
    ("page", Fraction(1), Fraction(1, 12), Fraction(2, 100)),
    ("page", Fraction(6), Fraction(1, 2), Fraction(5, 100)),
    ("ticket", Fraction(24), Fraction(2), Fraction(10, 100)),
    ("ticket", Fraction(72), Fraction(6), Fraction(10, 100)),
]
ALL = 100_000_000  # events a window

cases = []
for objective in ["99", "99.5", "99.9", "99.99"]:
    allowed = (100 - Fraction(objective)) / 100
    for days in [7, 28, 30]:
        for number, (severity, long, short, budget) in enumerate(ROWS):
            threshold = budget * days * 24 / long
            at = threshold * allowed * ALL  # bad events of ALL at which burn is the threshold
            for name, bad_long, bad_short in [
                ("below", at - 10, at - 10),
                ("above", at + 10, at + 10),
                ("at", at, at),
                ("over, quiet again", at * 2, at / 2),
                ("only just begun", at / 2, at * 2),
            ]:
                bad = [int(value) if value.denominator == 1 else float(value) for value in (bad_long, bad_short)]
                burns = [value / ALL / allowed for value in (bad_long, bad_short)]
                possible = threshold < 1 / allowed
                fires = all(burn > threshold for burn in burns)
                cases.append(
                    {
                        "objective": float(objective),
                        "days": days,
                        "row": number,
                        "severity": severity,
                        "case": name,
                        "bad_long": bad[0],
                        "bad_short": bad[1],
                        "all": ALL,
                        "threshold": float(threshold),
                        "burn_long": float(burns[0]),
                        "burn_short": float(burns[1]),
                        "state": "fires" if fires and possible else "quiet" if possible else "never",
                    }
                )

with open("burn.json", "w", encoding="utf-8") as out:
    out.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
