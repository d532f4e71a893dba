"""Demo traffic: sign-ups as Segment messages, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flowstudio.sandbox import companies

PLANS = ("free", "free", "free", "team", "team", "business")
SOURCES = ("search", "newsletter", "webinar", "referral", "direct")


def signups(seed: int, *, started_at: datetime | None = None, gap_s: float = 1.0) -> Iterator[dict[str, Any]]:
    """An endless stream of sign-ups: for each person an `identify` and a `track` of "Signed Up", in this order.

    With `started_at` the messages carry timestamps, `gap_s` apart; without, the receiver's clock counts.
    """
    dice = random.Random(seed)  # noqa: S311 - demo data, no secrets
    listed = companies.domains()
    for number in count():
        company = companies.find(dice.choice(listed))
        if company is None:
            # A person whose company no vendor knows: the not-found path has customers, too.
            domain = next(name for name in iter(lambda: dice.choice(listed), "") if companies.find(name) is None)
            given, family = "Robin", f"Doe{number}"
            email = f"robin.doe{number}@{domain}"
        else:
            person = companies.person_at(company, number)
            given, family, email = person.given, person.family, person.email
        user_id = f"demo-{seed}-{number:06}"
        stamp = {"timestamp": (started_at + timedelta(seconds=gap_s * number)).isoformat()} if started_at else {}
        context = {"library": {"name": "flowstudio-demo", "version": "1"}}
        yield {
            "type": "identify",
            "messageId": f"{user_id}-identify",
            "userId": user_id,
            "traits": {"email": email, "firstName": given, "lastName": family, "name": f"{given} {family}"},
            "context": context,
            **stamp,
        }
        yield {
            "type": "track",
            "messageId": f"{user_id}-signed-up",
            "userId": user_id,
            "event": "Signed Up",
            "properties": {"plan": dice.choice(PLANS), "source": dice.choice(SOURCES), "email": email},
            "context": context,
            **stamp,
        }
