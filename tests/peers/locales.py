"""Records how two other implementations write dates, times and numbers, for tests/peers/locales.json.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install babel==2.18.0
    /tmp/peers/bin/python tests/peers/locales.py > tests/peers/locales.json

Needs `node` with all of its locales (`node -p process.versions.icu`). With `--babel` only Babel is asked, and what it
says is held against the recorded file: exit code 1 and the differences if there are any.
"""

import json
import subprocess
import sys
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import babel
from babel import Locale, dates, numbers
from babel.core import get_cldr_version

LOCALES = """
de-DE de-AT de-CH en-US en-GB en-CA en-AU en-ZA en-IN en-IE fr-FR fr-CA fr-CH fr-BE it-IT it-CH es-ES es-MX es-US es-AR
pt-BR pt-PT nl-NL nl-BE sv-SE da-DK nb-NO nn-NO no fi-FI pl-PL cs-CZ sk-SK hu-HU ro-RO hr-HR bg-BG el-GR uk-UA ru-RU
tr-TR lt-LT lv-LV et-EE sl-SI sr-RS ca-ES is-IS ja-JP ko-KR zh-CN zh-TW zh-HK he-IL id-ID vi-VN
""".split()
DATES = ["2026-12-24", "2026-03-04", "2027-01-09", "2026-05-31", "2028-02-29", "2026-09-15"]
TIMES = ["08:05", "14:30", "00:00"]
NUMBERS = ["0.5", "-2.5", "1234.75", "12345.125"]
GROUPED = ["1234567.25"]

ABOUT = (
    "How Node's Intl and PyPI's babel write what stands under `asked`, per locale: dates in the medium form, times in the "
    "24-hour form (skeleton Hm), numbers without and `grouped` with separators; the Gregorian calendar and the digits 0 to 9. "
    "`locales.<tag>.<implementation>.<kind>` is a list in the order of `asked.<kind>`. Recorded by tests/peers/locales.py."
)

NODE = """
const { locales, asked } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const out = {};
for (const locale of locales) {
  const of = (options) => new Intl.DateTimeFormat(`${locale}-u-ca-gregory-nu-latn`, { timeZone: 'UTC', ...options });
  const number = (options) => new Intl.NumberFormat(`${locale}-u-nu-latn`, { maximumFractionDigits: 20, ...options });
  out[locale] = {
    dates: asked.dates.map((day) => of({ dateStyle: 'medium' }).format(new Date(`${day}T12:00:00Z`))),
    times: asked.times.map((time) => of({ timeStyle: 'short', hourCycle: 'h23' }).format(new Date(`2026-12-24T${time}:00Z`))),
    numbers: asked.numbers.map((text) => number({ useGrouping: false }).format(Number(text))),
    grouped: asked.grouped.map((text) => number({ useGrouping: true }).format(Number(text))),
  };
}
process.stdout.write(JSON.stringify({ versions: { node: process.versions.node, icu: process.versions.icu, cldr: process.versions.cldr }, out }));
"""


def of_babel(tag):
    locale = Locale.parse(tag, sep="-")
    return {
        "dates": [dates.format_date(date.fromisoformat(day), "medium", locale) for day in DATES],
        "times": [dates.format_skeleton("Hm", time.fromisoformat(text), locale=locale) for text in TIMES],
        "numbers": [numbers.format_decimal(Decimal(n), locale=locale, group_separator=False, decimal_quantization=False) for n in NUMBERS],
        "grouped": [numbers.format_decimal(Decimal(n), locale=locale, decimal_quantization=False, numbering_system="latn") for n in GROUPED],
    }


def of_node(asked):
    told = subprocess.run(["node", "-e", NODE], input=json.dumps({"locales": LOCALES, "asked": asked}), capture_output=True, text=True, check=True)
    told = json.loads(told.stdout)
    return told["versions"], told["out"]


def same_as_recorded():
    recorded = json.loads(Path(__file__).with_name("locales.json").read_text("utf-8"))
    differs = [
        f"{tag} {kind}: recorded {was['babel'][kind]}, now {now[kind]}"
        for tag, was in recorded["locales"].items()
        for now in [of_babel(tag)]
        for kind in was["babel"]
        if now[kind] != was["babel"][kind]
    ]
    print("\n".join(differs) or f"babel {babel.__version__}: as recorded, {len(recorded['locales'])} locales")
    return 1 if differs else 0


def main():
    if "--babel" in sys.argv:
        sys.exit(same_as_recorded())
    asked = {"dates": DATES, "times": TIMES, "numbers": NUMBERS, "grouped": GROUPED}
    versions, node = of_node(asked)
    babels = {"babel": babel.__version__, "cldr": get_cldr_version()}
    rows = [
        f"{json.dumps(tag)}: " + json.dumps({"node": node[tag], "babel": of_babel(tag)}, ensure_ascii=False)
        for tag in LOCALES
    ]
    head = {"about": ABOUT, "versions": {"node": versions, "babel": babels}, "asked": asked}
    # What is not seen in a file is written as an escape.
    text = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "locales": {\n' + ",\n".join(rows) + "\n }\n}"
    print("".join(f"\\u{ord(c):04x}" if c in "\u200e\u200f\u061c\u00a0\u202f\u2009" else c for c in text))


main()
