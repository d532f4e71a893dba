"""The bell on Redis: it wakes, it never holds anybody up (F7)."""

from __future__ import annotations

import asyncio
import time

from flowstudio.engine import bell


async def test_a_ring_wakes_each_listener_and_rings_meanwhile_are_one(settings, broker):
    settings.REDIS_URL = broker.url
    async with bell.Bell("engine") as one, bell.Bell("engine") as two, bell.Bell("viewers") as other:
        # Each looks once when it has subscribed.
        assert await one.wait(5) and await two.wait(5) and await other.wait(5)
        await asyncio.to_thread(bell.ring, "engine")
        assert await one.wait(5) and await two.wait(5)
        assert not await other.wait(0.2)
        for _ in range(1_000):
            bell.ring("engine")
        assert await one.wait(5)
        await asyncio.sleep(0.2)
        woken = 0
        while await one.wait(0.1):
            woken += 1
        assert woken <= 2


async def test_a_listener_comes_back_after_its_line_was_cut(settings, broker):
    settings.REDIS_URL = broker.url
    async with bell.Bell("engine") as one:
        assert await one.wait(5)
        broker.cut()
        # What was rung while the line was down is made good by one look.
        assert await one.wait(5)
        bell.ring("engine")
        assert await one.wait(5)


async def test_f7_a_redis_that_does_not_answer_does_not_hold_up_the_loop(settings, broker):
    settings.REDIS_URL = broker.url
    bell.ring("engine")
    await asyncio.sleep(0.2)
    broker.pause(2_000)
    began = time.monotonic()
    for _ in range(100):
        bell.ring("engine")
        bell.ring("viewers")
    assert time.monotonic() - began < 0.2


async def test_f7_no_redis_at_all_is_no_error(settings, broker):
    settings.REDIS_URL = broker.url
    broker.kill()
    bell.ring("engine")
    await asyncio.to_thread(bell.ring, "viewers")
    async with bell.Bell("engine") as one:
        assert not await one.wait(0.3)
