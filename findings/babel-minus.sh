#!/usr/bin/env bash
# Package: babel 2.19.0 (PyPI)
# Guess:   a negative number is written with the minus sign of the locale's own data, as Node's Intl does it, and read with it again.
# Does:    Swedish data says U+2212, and get_minus_sign_symbol() tells it; format_decimal() writes a hyphen all the same, and
#          parse_decimal() refuses the number that is written as the data says.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check babel==2.19.0
cat > try.py <<'PYTHON'
from babel.numbers import NumberFormatError, format_decimal, get_minus_sign_symbol, parse_decimal

for locale in ("sv_SE", "nb_NO", "fi_FI"):
    sign = get_minus_sign_symbol(locale)
    written = format_decimal(-5, locale=locale)
    try:
        read = parse_decimal(sign + "5", locale=locale)
    except NumberFormatError:
        read = "refused"
    print(f"{locale}: the data's sign is U+{ord(sign):04X}, written is U+{ord(written[0]):04X}, {read} when read")
PYTHON
env/bin/python try.py | tee is.txt
diff - is.txt <<'TEXT'
sv_SE: the data's sign is U+2212, written is U+002D, refused when read
nb_NO: the data's sign is U+2212, written is U+002D, refused when read
fi_FI: the data's sign is U+2212, written is U+002D, refused when read
TEXT
echo "As found."
