"""Who else has a flow open (CONTRACT, "Live"): told to those who watch it, and to nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from flowstudio.live import presence
from flowstudio.live.limits import Limits
from flowstudio.live.outbox import Outbox
from flowstudio.live.presence import Person, Presence


@pytest.fixture
def flow(ours) -> str:
    return f"flow:{ours.ids['flow_id']}"


async def people(viewer) -> list[Mapping[str, Any]]:
    """The next that a viewer hears of the others."""
    async with asyncio.timeout(5):
        while True:
            message = await viewer.hear()
            if message.get("type") == "people":
                return list(message["people"])


async def test_each_hears_who_else_is_there_and_what_they_chose(watching, flow):
    async with watching() as one, watching() as other:
        for viewer in (one, other):
            await viewer.subscribe(flow)
            await viewer.hear()
        await one.say({"present": flow, "chosen": ["pause"]})
        assert await people(one) == []
        await other.say({"present": flow, "chosen": []})
        (seen,) = await people(other)
        assert (seen["chosen"], seen["you"]) == (["pause"], True)
        assert seen["name"]
        (seen,) = await people(one)
        assert seen["chosen"] == []
        await other.say({"present": flow, "chosen": ["size", "size"]})
        (seen,) = await people(one)
        assert seen["chosen"] == ["size"]
        await other.say({"present": flow, "chosen": None})
        assert await people(one) == []


async def test_who_goes_is_gone_at_once(watching, flow):
    async with watching() as one:
        await one.subscribe(flow)
        await one.hear()
        await one.say({"present": flow})
        await people(one)
        async with watching() as other:
            await other.subscribe(flow)
            await other.hear()
            await other.say({"present": flow})
            assert len(await people(one)) == 1
        assert await people(one) == []
        async with watching() as third:
            await third.subscribe(flow)
            await third.hear()
            await third.say({"present": flow})
            assert len(await people(one)) == 1
            await third.say({"unsubscribe": flow})
            assert await people(one) == []


async def test_only_who_watches_a_flow_is_seen_there(watching, flow):
    async with watching() as viewer:
        await viewer.say({"present": flow, "chosen": []})
        assert (await viewer.hear())["message"] == "Subscribe to the flow first."
        await viewer.say({"present": "flow:01hzzzzzzzzzzzzzzzzzzzzzzz", "chosen": []})
        assert (await viewer.hear())["message"] == "Subscribe to the flow first."


@pytest.mark.parametrize(
    "message",
    [
        {"present": "workspace"},
        {"present": 7},
        {"present": "flow:1", "chosen": "pause"},
        {"present": "flow:1", "chosen": ["<b>"]},
        {"present": "flow:1", "chosen": [{"a": 1}]},
    ],
)
async def test_what_cannot_be_understood_gets_a_sentence(watching, message):
    async with watching() as viewer:
        await viewer.say(message)
        answer = await viewer.hear()
        assert answer["type"] == "error"
        assert answer["message"].endswith(".")


async def test_a_slow_viewer_is_told_the_newest_alone():
    box = Outbox(Limits())
    for number in range(1_000):
        box.people("flow:1", {"n": number})
    assert await box.next() == '{"n":999}'


class Desk:
    """A page that remembers what it was told last."""

    def __init__(self) -> None:
        self.told: list[Mapping[str, Any]] = []

    def people(self, name: str, others: Sequence[Mapping[str, Any]]) -> None:
        self.told = list(others)


async def _until(done: Any) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0.01)


async def test_people_of_several_processes_see_each_other_and_the_silent_are_forgotten(monkeypatch):
    monkeypatch.setattr(presence, "BEAT_S", 0.05)
    monkeypatch.setattr(presence, "FORGOTTEN_S", 0.4)
    layer = InMemoryChannelLayer()
    left, right = Presence(layer), Presence(layer)
    tasks = [asyncio.create_task(each.run()) for each in (left, right)]
    await asyncio.sleep(0.05)
    ada, ben = Desk(), Desk()
    left.say(ada, "w", "flow:1", Person(id="p1", who="user 1", name="ada@x.example", chosen=("pause",)))
    right.say(ben, "w", "flow:1", Person(id="p2", who="user 2", name="ben@x.example"))
    await _until(lambda: [one["name"] for one in ben.told] == ["ada@x.example"])
    await _until(lambda: [one["name"] for one in ada.told] == ["ben@x.example"])
    assert ben.told[0]["chosen"] == ["pause"]
    assert not ben.told[0]["you"]
    other = Desk()
    right.say(other, "elsewhere", "flow:1", Person(id="p3", who="user 3", name="eve@x.example"))
    await asyncio.sleep(0.1)
    assert other.told == []
    right.leave(ben, "w", "flow:1")
    await _until(lambda: ada.told == [])
    right.say(ben, "w", "flow:1", Person(id="p2", who="user 2", name="ben@x.example"))
    await _until(lambda: len(ada.told) == 1)
    # Its process dies without a word.
    tasks[1].cancel()
    await _until(lambda: ada.told == [])
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
