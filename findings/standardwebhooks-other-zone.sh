#!/usr/bin/env bash
# Package: standardwebhooks 1.0.0 (PyPI)
# Guess:   sign() takes a datetime with its time zone, so that the same instant in two zones has the same signature.
# Does:    the zone is thrown away and the hour on that clock is taken for UTC: the same instant signs differently in Berlin and in UTC,
#          and what was signed with a clock in Berlin is refused as too new by the package's own verify().
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check standardwebhooks==1.0.0 tzdata==2025.2
cat > try.py <<'PYTHON'
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
now = datetime.now(timezone.utc).replace(microsecond=0)
berlin = now.astimezone(ZoneInfo("Europe/Berlin"))
body = '{"ready": true}'
print("one instant:", now == berlin)
print("one signature:", webhook.sign("msg_1", now, body) == webhook.sign("msg_1", berlin, body))

later = int(now.timestamp() + berlin.utcoffset().total_seconds())
for name, clock, seconds in (("UTC", now, int(now.timestamp())), ("Berlin", berlin, later)):
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(seconds), "webhook-signature": webhook.sign("msg_1", clock, body)}
    try:
        webhook.verify(body, headers)
        print(name, "is verified with the second that was signed")
    except WebhookVerificationError as error:
        print(name, "is refused with the second that was signed:", error)
PYTHON
env/bin/python try.py | tee is.txt
diff - is.txt <<'TEXT'
one instant: True
one signature: False
UTC is verified with the second that was signed
Berlin is refused with the second that was signed: Message timestamp too new
TEXT
echo "As found."
