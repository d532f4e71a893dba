"""Random parallel blocks through the real engine beside a small model: every arm runs once, each Join closes once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import parse
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person
from flowstudio.domain.validate import validate
from flowstudio.store.models import Counter, Run, Step, Token, Wait
from tests.domain.drawing_lots import lots
from tests.engine import house, stage

MINUTE = timedelta(minutes=1)


@dataclass
class Nap:
    """So many minutes pass."""

    id: str
    minutes: int


@dataclass
class Block:
    """Arms, each a chain of naps and blocks, and how many of them must come; `limit` in minutes, 0 for none."""

    id: str
    arms: list[list[Any]]
    need: int
    limit: int


@dataclass
class Seen:
    """What the model expects: per step (node → minutes at which it was entered and left, how it ended)."""

    steps: dict[str, tuple[float, float | None, str]] = field(default_factory=dict)


def draw_chain(data: st.DataObject, names: Any, depth: int) -> list[Any]:
    # An arm takes some time in any case: of what happens at one instant the order would be chance.
    found: list[Any] = [Nap(next(names), next(names.times))] if depth else []
    for _ in range(data.draw(st.integers(0 if depth else 1, 1 if depth else 2))):
        if names.used >= names.most:
            return found
        if depth < 2 and data.draw(st.integers(0, 2)) == 0:
            arms = [draw_chain(data, names, depth + 1) for _ in range(data.draw(st.integers(2, 3)))]
            # Different times everywhere, so that no two things happen at one instant: then order would be chance.
            found.append(Block(next(names), arms, data.draw(st.integers(1, len(arms))), 0))
            if data.draw(st.booleans()):
                found[-1].limit = next(names.times)
        else:
            found.append(Nap(next(names), next(names.times)))
    return found


class Names:
    """Ids, and spans that never coincide in any sum: powers of two, so that no wait is longer than it may be."""

    def __init__(self, most: int) -> None:
        self.count = itertools.count()
        self.most, self.used = most, 0
        self.times = self._spans()

    def _spans(self) -> Iterator[int]:
        for number in itertools.count():
            self.used = number + 1
            yield 2**number

    def __next__(self) -> str:
        return f"n{next(self.count)}"


def document(chain: list[Any]) -> dict[str, Any]:
    nodes: list[tuple[Any, ...]] = []
    edges: list[str] = []

    def put(chain: list[Any], come: str) -> str:
        for part in chain:
            if isinstance(part, Nap):
                nodes.append((part.id, "wait.delay", {"for": f"{part.minutes}m"}))
                edges.append(f"{come}>{part.id}")
                come = part.id
                continue
            ids = [f"a{n}" for n in range(len(part.arms))]
            nodes.append((part.id, "parallel", {"arms": [{"id": one} for one in ids]}))
            limit = {"timeout": f"{part.limit}m"} if part.limit else {}
            nodes.append((f"{part.id}j", "join", {"mode": "count", "count": part.need, **limit}))
            edges.append(f"{come}>{part.id}")
            for one, arm in zip(ids, part.arms, strict=True):
                edges.append(f"{put(arm, f'{part.id}.{one}')}>{part.id}j")
            come = f"{part.id}j"
            if part.limit:
                nodes.append((f"{part.id}m", "customer.update", {"traits": {"x": 1}}))
                edges.append(f"{come}>{part.id}m")
                edges.append(f"{come}.timeout>{part.id}m")
                come = f"{part.id}m"
        return come

    edges.append(f"{put(chain, 'enter')}>out")
    return house.graph(
        ("enter", "trigger.event", {"event": "Signed Up"}), *nodes, ("out", "exit"), edges=" ".join(edges)
    )


def model(chain: list[Any], now: float, seen: Seen) -> float:
    """When the chain is over, and what every step of it did, as if nothing ever stopped it."""
    for part in chain:
        if isinstance(part, Nap):
            seen.steps[part.id] = (now, now + part.minutes, "done")
            now += part.minutes
            continue
        seen.steps[part.id] = (now, now, "done")
        inside = [Seen() for _ in part.arms]
        ends = sorted(model(arm, now, one) for arm, one in zip(part.arms, inside, strict=True))
        over = ends[part.need - 1]
        if part.limit and now + part.limit < over:
            over = now + part.limit
        for one in inside:
            for node, (entered, left, how) in one.steps.items():
                # What would begin later never was; what is open then is stopped.
                if entered < over or left == over:
                    stopped = left is not None and left > over
                    seen.steps[node] = (entered, over if stopped else left, "cancelled" if stopped else how)
        now = over
        seen.steps[f"{part.id}j"] = (now, now, "done")
        if part.limit:
            seen.steps[f"{part.id}m"] = (now, now, "done")
    return now


def moments(seen: Seen) -> list[float]:
    return sorted({moment for entered, left, _ in seen.steps.values() for moment in (entered, left) if moment})


def draw(data: st.DataObject, most: int) -> tuple[dict[str, Any], Seen, float]:
    """A sound document, and what the model says of it."""
    chain = draw_chain(data, Names(most), 0)
    drawn = document(chain)
    assert [issue.message for issue in validate(parse(drawn), CATALOGUE) if issue.severity == "error"] == []
    seen = Seen()
    return drawn, seen, model(chain, 0, seen)


@given(st.data())
@lots(150)
def test_r9_2_random_blocks_do_in_the_simulation_what_the_model_does(data: st.DataObject) -> None:
    drawn, seen, over = draw(data, 14)
    path = simulate(
        parse(drawn), CATALOGUE, person=Person(id="p"),
        event=Happened(subject={"name": "Signed Up", "properties": {}}, at=stage.START),
    )  # fmt: skip
    assert path.end.status == "completed" and path.end.at == stage.START + over * MINUTE
    steps = [step for step in path.steps if step.node not in ("enter", "out")]
    assert len(steps) == len({step.node for step in steps}), "a step ran twice"
    assert {s.node: (s.entered_at, s.left_at, s.status) for s in steps} == {
        node: (stage.START + entered * MINUTE, stage.START + (left or 0) * MINUTE, how)
        for node, (entered, left, how) in seen.steps.items()
    }


@given(st.data())
@settings(lots(8), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_r9_2_random_blocks_do_in_the_engine_what_the_model_does(fresh: Callable[[], stage.Stage], data: Any) -> None:
    drawn, seen, over = draw(data, 6)
    play = fresh()
    flow = play.flow(drawn)
    play.send("ada")
    began = play.now
    play.go()
    for moment in moments(seen):
        play.now = began + moment * MINUTE
        play.go()
    run = Run.objects.get(flow=flow)
    assert run.status == "completed" and run.ended_at == began + over * MINUTE
    assert not Token.objects.filter(run=run).exists() and not Wait.objects.filter(run=run).exists()
    rows = Step.objects.filter(run=run).exclude(node__in=("enter", "out"))
    got = {
        step.node: ((step.entered_at - began) / MINUTE, (step.left_at - began) / MINUTE, step.status) for step in rows
    }
    assert got == seen.steps
    assert rows.count() == len(got), "a step ran twice"
    assert run.steps == len(got) + 2
    assert not Counter.objects.filter(flow=flow, bucket=0, metric="inside").exclude(value=0).exists()


@pytest.fixture
def fresh(space, vendor, monkeypatch):
    return lambda: stage.Stage(house.workspace(), vendor, monkeypatch)
