"""Unsubscribed while a thousand messages are queued (RELIABILITY G11, F23)."""

from __future__ import annotations

import asyncio
import time

from django.db import transaction

from flowstudio.store import suppression
from flowstudio.store.models import Attempt, Customer, Run, Step
from tests.engine import house

PEOPLE = 1_000
MOST_S = 5.0


def test_g11_after_an_unsubscribe_no_queued_message_leaves(space, vendor):
    """All thousand are on their way to a slow vendor when everybody unsubscribes; what had not left stays here."""
    vendor.delay_s = 0.3
    called: list[float] = []

    def call(_request):
        called.append(time.monotonic())
        return house.Answer(output={}, summary="sent")

    vendor.script["tell"] = [call] * PEOPLE
    house.flow(
        space,
        house.graph(("start", "t.start"), ("tell", "mail.send", {"to": "a@example.com"}), edges="start>tell"),
    )
    with transaction.atomic():
        for number in range(PEOPLE):
            house.event(space, f"u{number}")
    told: dict[str, float] = {}

    def everybody():
        with transaction.atomic():
            names = [("customer", one) for one in Customer.objects.values_list("id", flat=True)]
            suppression.add(space.id, names, reason="unsubscribed", source="link", now=house.clock.now())
        told["at"] = time.monotonic()

    async def go():
        async with house.working(house.engine(vendor)):
            await house.until(lambda: len(called) >= 30 and Run.objects.count() == PEOPLE)
            await house.db(everybody)
            await house.until(lambda: not Run.objects.filter(status="active").exists(), seconds=90)

    asyncio.run(go())
    late = [at - told["at"] for at in called if at > told["at"]]
    assert len(called) < PEOPLE, "everything had left before anybody unsubscribed: the test shows nothing"
    assert not [seconds for seconds in late if seconds > MOST_S], (
        f"{len(late)} left afterwards, the last after {max(late):.1f} s"
    )
    assert Attempt.objects.count() == len(called)
    withheld = Step.objects.filter(node="tell", reason="Withheld: the customer has unsubscribed.").count()
    assert withheld == PEOPLE - len(called)
