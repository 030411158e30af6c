#!/usr/bin/env bash
# Package: cel-python 0.4.0 (PyPI)
# Guess:   int(2.9) is 2 and int(-2.9) is -2: the CEL specification rounds a double towards zero, and so does the cel crate 0.15.0.
# Does:    int(2.9) is 3 and int(-2.9) is -3: it rounds to the nearest whole number.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check cel-python==0.4.0
cat > try.py <<'PYTHON'
import celpy

environment = celpy.Environment()
for text in ("int(2.1)", "int(2.9)", "int(-2.1)", "int(-2.9)"):
    value = environment.program(environment.compile(text)).evaluate({})
    print(text, "=", int(value))
PYTHON
env/bin/python try.py | tee is.txt
diff - is.txt <<'TEXT'
int(2.1) = 2
int(2.9) = 3
int(-2.1) = -2
int(-2.9) = -3
TEXT
echo "As found."
