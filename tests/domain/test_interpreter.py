"""The interpreter against a small walker written here: same path, pure, and every walk stops (SEMANTICS 9, 10.6)."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from flowstudio.domain import interpreter
from flowstudio.domain.decision import Answered, Call, EventCame, Failed, Happening, TimerFired
from flowstudio.domain.errors import InputError
from flowstudio.domain.graph import parse
from flowstudio.domain.interpreter import Calling, Ended, Facts, Program, Sleeping, Waiting, Walk, arrive, resume
from flowstudio.domain.nodes.base import Catalogue, NodeType, Port
from flowstudio.domain.nodes.registry import DOMAIN_TYPES
from tests.domain.drawing_lots import lots

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Ask(BaseModel):
    pass


def caller(name: str, effect: Any) -> NodeType:
    return NodeType(
        type=name,
        name=name,
        category="Data and vendors",
        kind="data",
        icon="x",
        help="",
        config=Ask,
        ports=lambda _: (Port(id="out", label="Out"), Port(id="error", label="Failed", kind="error")),
        summary="",
        explain=lambda _: "",
        decide=lambda _config, _view: Call(action=name, params={}, effect=effect),
        effect=effect,
    )


CATALOGUE: Catalogue = MappingProxyType(
    {**DOMAIN_TYPES, "ask.vendor": caller("ask.vendor", "vendor"), "ask.person": caller("ask.person", "person")}
)
KINDS = ("branch", "customer.update", "wait.delay", "wait.event", "exit", "ask.vendor", "ask.person")


def config(kind: str, number: int) -> dict[str, Any]:
    match kind:
        case "trigger.event":
            return {"event": "Go"}
        case "branch":
            return {
                "cases": [
                    {"id": "low", "when": f"customer.traits.n < {number}"},
                    {"id": "same", "when": {"all": [{"field": "customer.traits.n", "op": "eq", "value": number}]}},
                ]
            }
        case "customer.update":
            return {"traits": {"n": number, "seen": "{{ customer.traits.n }}"}}
        case "wait.delay":
            return {"for": f"{number + 1}h"}
        case "wait.event":
            return {"branches": [{"id": "paid", "event": "Paid"}, {"id": "left", "event": "Left"}], "timeout": "3d"}
    return {}


PORTS = {
    "trigger.event": ("out",),
    "branch": ("low", "same", "else"),
    "customer.update": ("out",),
    "wait.delay": ("out",),
    "wait.event": ("paid", "left", "timeout"),
    "exit": (),
    "ask.vendor": ("out", "error"),
    "ask.person": ("out", "error"),
}


@dataclass
class Drawn:
    """A random graph in both shapes: the document, and what the reference walker reads."""

    document: dict[str, Any]
    kinds: dict[str, str]
    numbers: dict[str, int]
    targets: dict[tuple[str, str], str]


@st.composite
def drawings(draw: st.DrawFn, loops: bool = False) -> Drawn:
    kinds = ["trigger.event", *draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=9))]
    numbers = [draw(st.integers(0, 5)) for _ in kinds]
    targets: dict[tuple[str, str], str] = {}
    for at, kind in enumerate(kinds):
        for port in PORTS[kind]:
            first = 1 if loops else at + 1
            if first < len(kinds) and draw(st.integers(0, 5)):
                targets[f"n{at}", port] = f"n{draw(st.integers(first, len(kinds) - 1))}"
    document = {
        "nodes": [{"id": f"n{at}", "type": kind, "config": config(kind, numbers[at])} for at, kind in enumerate(kinds)],
        "edges": [
            {"id": f"e{number}", "source": source, "source_port": port, "target": target}
            for number, ((source, port), target) in enumerate(targets.items())
        ],
    }
    names = [f"n{at}" for at in range(len(kinds))]
    return Drawn(document, dict(zip(names, kinds, strict=True)), dict(zip(names, numbers, strict=True)), targets)


# -- the reference: nothing of the interpreter, only the rules in the fewest words


def reference(drawn: Drawn, at: str, n: Any, budget: int) -> tuple[list[tuple[str, str]], tuple[str, ...], Any]:
    """(path of (node, port), where it stopped, the trait after it) from an arrival at a node."""
    path: list[tuple[str, str]] = []
    while len(path) < budget:
        kind, number = drawn.kinds[at], drawn.numbers[at]
        if kind in ("wait.delay", "wait.event", "ask.vendor", "ask.person"):
            return path, (kind, at), n
        if kind == "exit":
            return [*path, (at, "")], ("completed", "exit", at), n
        port = "out"
        if kind == "branch":
            port = "else" if n is None or n > number else "low" if n < number else "same"
        elif kind == "customer.update":
            n = number
        path.append((at, port))
        if (at, port) not in drawn.targets:
            return path, ("completed", "end_of_path", at), n
        at = drawn.targets[at, port]
    return path, ("failed", "runaway", at), n


def after(drawn: Drawn, at: str, port: str, n: Any, budget: int) -> tuple[list[tuple[str, str]], tuple[str, ...], Any]:
    """The same from an open step that is left by a port."""
    if (at, port) not in drawn.targets:
        return [(at, port)], ("completed", "end_of_path", at), n
    path, stop, n = reference(drawn, drawn.targets[at, port], n, budget - 1)
    return [(at, port), *path], stop, n


def failure(drawn: Drawn, at: str, n: Any, budget: int) -> tuple[list[tuple[str, str]], tuple[str, ...], Any]:
    """10.6: by the error port; without one a message ends the run and enrichment goes on."""
    if (at, "error") in drawn.targets:
        return after(drawn, at, "error", n, budget)
    if drawn.kinds[at] == "ask.vendor":
        if (at, "out") in drawn.targets:
            return after(drawn, at, "out", n, budget)
        return [(at, "")], ("completed", "end_of_path", at), n
    return [(at, "")], ("failed", "error:timeout", at), n


def facts(n: Any, walk: Walk | None = None, before: Facts | None = None, now: datetime = START) -> Facts:
    """The next snapshot, as the engine keeps it: outputs, visits and count grow by the finished steps."""
    steps: dict[str, Any] = dict(before.steps) if before else {}
    visits = dict(before.visits) if before else {}
    for step in walk.steps if walk else ():
        steps[step.node] = {"output": step.output}
        visits[step.node] = step.visit
    return Facts(
        now=now,
        customer={"id": "c", "traits": {} if n is None else {"n": n}},
        event={"id": "e", "name": "Go"},
        run={"id": "r"},
        steps=steps,
        visits=visits,
        steps_so_far=(before.steps_so_far if before else 0) + (len(walk.steps) if walk else 0),
    )


def path_of(walk: Walk) -> list[tuple[str, str]]:
    return [(step.node, step.port) for step in walk.steps]


def stop_of(drawn: Drawn, walk: Walk) -> tuple[str, ...]:
    stop = walk.stop
    if isinstance(stop, Ended):
        return (stop.status, stop.reason, stop.node)
    shapes = {"wait.delay": Sleeping, "wait.event": Waiting, "ask.vendor": Calling, "ask.person": Calling}
    assert isinstance(stop, shapes[drawn.kinds[stop.node]])
    return (drawn.kinds[stop.node], stop.node)


def happenings(kind: str) -> st.SearchStrategy[tuple[str, Happening]]:
    if kind == "wait.delay":
        return st.just(("out", TimerFired(at=START)))
    if kind == "wait.event":
        return st.sampled_from(
            [
                ("timeout", TimerFired(at=START)),
                ("paid", EventCame(branch="paid", event={"name": "Paid", "properties": {"sum": 3}})),
                ("left", EventCame(branch="left", event={"name": "Left"})),
            ]
        )
    return st.sampled_from(
        [
            ("out", Answered(port="out", output={"ok": True}, traits={"n": 2})),
            ("error", Answered(port="error", output=None)),
            ("failed", Failed(error_class="timeout", reason="no answer")),
        ]
    )


def whole_run(drawn: Drawn, data: st.DataObject, most: int = 40) -> None:
    """One customer from the trigger to the end, each walk beside the reference."""
    program = Program.build(parse(drawn.document), CATALOGUE)
    assert program.triggers == ("n0",)
    n: Any = data.draw(st.none() | st.integers(0, 6))
    known = facts(n)
    walk = arrive(program, "n0", known)
    expected = reference(drawn, "n0", n, interpreter.MAX_STEPS)
    for turn in range(most):
        assert (path_of(walk), stop_of(drawn, walk)) == expected[:2]
        for step in walk.steps:
            assert step.edge == "" or (step.node, step.port) in drawn.targets
            assert step.left_at == known.now
            assert step.visit >= 1
        n = expected[2]
        stop = walk.stop
        if isinstance(stop, Ended):
            return
        known = facts(n, walk, known, START + timedelta(days=turn + 1))
        frozen = copy.deepcopy((known.customer, known.steps, known.visits, known.event))
        name, happening = data.draw(happenings(drawn.kinds[stop.node]))
        if isinstance(happening, Answered):
            n = happening.traits.get("n", n)
        budget = interpreter.MAX_STEPS - known.steps_so_far
        # The engine counts the open step, too: its row is there.
        opened = replace(known, steps_so_far=known.steps_so_far + 1)
        again = [resume(program, stop.node, stop.entered_at, stop.visit, opened, happening) for _ in range(2)]
        assert again[0] == again[1], "the same input gave two answers"
        assert frozen == (known.customer, known.steps, known.visits, known.event), "an input was changed"
        walk = again[0]
        # A step that is left always counts, then the budget decides.
        if name == "failed":
            expected = failure(drawn, stop.node, n, budget)
        else:
            expected = after(drawn, stop.node, name, n, budget)


@given(drawings(), st.data())
@lots(120)
def test_the_walk_is_the_one_of_the_reference(drawn: Drawn, data: st.DataObject) -> None:
    whole_run(drawn, data)


@given(drawings(loops=True), st.data())
@lots(40)
def test_r9_5_also_in_circles_every_walk_stops_within_the_budget(drawn: Drawn, data: st.DataObject) -> None:
    original, interpreter.MAX_STEPS = interpreter.MAX_STEPS, 60
    try:
        whole_run(drawn, data)
    finally:
        interpreter.MAX_STEPS = original


def built(*nodes: dict[str, Any], edges: list[tuple[str, str, str]]) -> Program:
    rows = [{"id": f"e{n}", "source": s, "source_port": p, "target": t} for n, (s, p, t) in enumerate(edges)]
    return Program.build(parse({"nodes": list(nodes), "edges": rows}), CATALOGUE)


def row(identity: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": identity, "type": kind, "config": config}


def test_r9_5_a_run_of_a_thousand_steps_is_a_runaway() -> None:
    program = built(row("a", "customer.update", traits={}), edges=[("a", "out", "a")])
    walk = arrive(program, "a", facts(1))
    assert (len(walk.steps), walk.stop) == (1_000, Ended(status="failed", reason="runaway", node="a"))
    assert [step.visit for step in walk.steps[:3]] == [1, 2, 3]
    late = arrive(program, "a", Facts(**{**_fields(facts(1)), "steps_so_far": 999}))
    assert len(late.steps) == 1


def _fields(value: Facts) -> dict[str, Any]:
    return {name: getattr(value, name) for name in Facts.__dataclass_fields__}


def test_r9_6_a_trait_written_on_the_way_is_seen_by_the_next_node() -> None:
    program = built(
        row("write", "customer.update", traits={"n": 7}),
        row("read", "branch", cases=[{"id": "yes", "when": "customer.traits.n == 7 && steps.write.output.n == 7"}]),
        edges=[("write", "out", "read")],
    )
    walk = arrive(program, "write", facts(1))
    assert path_of(walk) == [("write", "out"), ("read", "yes")]
    assert walk.steps[1].reads == {"customer.traits.n": 7, "steps.write.output.n": 7}
    assert walk.steps[0].traits == {"n": 7}


def test_a_kind_that_is_not_known_sets_the_run_aside_and_ends_nothing() -> None:
    program = built(row("a", "vendor.newer"), edges=[])
    with pytest.raises(InputError, match=r"vendor\.newer"):
        arrive(program, "a", facts(1))


def test_a_node_whose_settings_are_wrong_fails_only_the_run_that_reaches_it() -> None:
    program = built(row("a", "wait.delay", **{"for": "soon"}), row("b", "exit"), edges=[])
    walk = arrive(program, "a", facts(1))
    assert walk.stop == Ended(status="failed", reason="error:config", node="a")
    assert (walk.steps[0].status, "not a duration" in walk.steps[0].reason) == ("failed", True)
    assert arrive(program, "b", facts(1)).stop == Ended(status="completed", reason="exit", node="b")


def test_a_node_that_is_gone_ends_the_run_as_failed() -> None:
    program = built(row("a", "exit"), edges=[])
    assert arrive(program, "gone", facts(1)).stop == Ended(status="failed", reason="error:config", node="gone")
    walk = resume(program, "gone", START, 1, facts(1), TimerFired(at=START))
    assert walk.stop == Ended(status="failed", reason="error:config", node="gone")


def test_r9_7_a_case_that_cannot_be_judged_takes_else_and_is_flagged() -> None:
    program = built(
        row("a", "branch", cases=[{"id": "x", "when": "customer.traits.n > 'a'"}, {"id": "y", "when": "true"}]),
        edges=[],
    )
    (step,) = arrive(program, "a", facts(1)).steps
    assert step.port == "else"
    assert step.flagged


def test_r9_7_an_unknown_value_is_not_matched_and_the_next_case_is_judged() -> None:
    cases = [{"id": "x", "when": "customer.traits.m > 1"}, {"id": "y", "when": "customer.traits.n == 1"}]
    program = built(row("a", "branch", cases=cases), edges=[])
    (step,) = arrive(program, "a", facts(1)).steps
    assert (step.port, step.flagged) == ("y", "")
    (step,) = arrive(program, "a", facts(None)).steps
    assert (step.port, step.reason) == ("else", "m is unknown, n is unknown")


def test_r3_1_a_wait_has_its_branches_in_order_and_a_timeout() -> None:
    program = built(
        row(
            "w",
            "wait.event",
            branches=[{"id": "a", "event": "X", "filter": "event.id == 'e'"}, {"id": "b", "event": "Y"}],
            timeout="2h",
        ),
        edges=[],
    )
    stop = arrive(program, "w", facts(1)).stop
    assert isinstance(stop, Waiting)
    assert [(b.id, b.event) for b in stop.branches] == [("a", "X"), ("b", "Y")]
    assert stop.until == START + timedelta(hours=2)
    walk = resume(program, "w", START, 1, facts(1), EventCame(branch="b", event={"name": "Y"}))
    assert walk.steps[0].output == {"event": {"name": "Y"}}
