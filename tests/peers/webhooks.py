"""Verifies what Switchboard signed (webhooks.json) with the library that receivers use, and that nothing else is verified."""

import json
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import standardwebhooks.webhooks as library


def verifies(one):
    headers = {"webhook-id": one["id"], "webhook-timestamp": str(one["timestamp"]), "webhook-signature": one["signature"]}
    try:
        library.Webhook(one["secret"]).verify(one["body"].encode(), headers)
        return True
    except library.WebhookVerificationError as error:
        return str(error)


def main():
    signed = json.loads(Path(__file__).with_name("webhooks.json").read_text("utf-8"))

    # The library lets pass what is at most five minutes old: it is so late.
    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(signed[0]["timestamp"], tz)

    library.datetime = Then
    differs = []
    for one in signed:
        said = verifies(one)
        if said is not True:
            differs.append(f"{one['secret']} {one['id']}: {said}")
        other = next(row["secret"] for row in signed if row["secret"][:20] != one["secret"][:20])
        changes = {"body": one["body"].replace("{", "{ ", 1), "id": one["id"] + "x", "timestamp": one["timestamp"] - 1, "secret": other}
        for name, value in changes.items():
            said = verifies({**one, name: value})
            if said != "No matching signature found":
                differs.append(f"{one['secret']} {one['id']} with another {name}: {said}")
    if differs or not signed:
        print("\n".join(differs))
        sys.exit(1)
    print(f"{version('standardwebhooks')}: {len(signed)} signatures of ours verified, {4 * len(signed)} changed ones refused")


main()
