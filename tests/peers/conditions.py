"""Evaluates every condition of conditions.json with cel-python and compares whether it holds."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import celpy


def holds(row):
    """True or false; `error` for what cannot be evaluated, or gives no truth value."""
    environment = celpy.Environment()
    try:
        program = environment.program(environment.compile(row["condition"]))
        found = program.evaluate({name: celpy.json_to_cel(value) for name, value in row["data"].items()})
    except Exception:
        return "error"
    return bool(found) if isinstance(found, celpy.celtypes.BoolType) else "error"


def main():
    rows = json.loads(Path(__file__).with_name("conditions.json").read_text("utf-8"))
    differs = [(row, now) for row in rows for now in [holds(row)] if json.dumps(now) != json.dumps(row["holds"])]
    for row, now in differs:
        print(f"{row['condition']} with {json.dumps(row['data'])}: recorded {row['holds']}, it says {now}")
    if differs or not rows:
        sys.exit(1)
    own = sum("ours" in row for row in rows)
    print(f"{version('cel-python')}: {len(rows)} conditions as recorded, {own} of them otherwise with us on purpose")


main()
