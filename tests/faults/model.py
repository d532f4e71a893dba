"""The reference model: what must have become of a customer in a flow, whatever was killed meanwhile (I6).

It walks the drawing by itself and shares nothing with the engine: no time, no crash, no retry. Five small flows are
drawn here, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.engine import house


@dataclass(frozen=True)
class Person:
    """All that a customer's way depends on."""

    id: str
    flow: str
    big: bool = False
    pays: bool = False


@dataclass
class End:
    """Where a run is over: its status, every step as (node, visit, port where there is a choice), every effect."""

    status: str = "completed"
    reason: str = ""
    steps: set[tuple[str, int, str]] = field(default_factory=set)
    effects: set[tuple[str, int]] = field(default_factory=set)
    traits: dict[str, Any] = field(default_factory=dict)


CHOOSE = ("branch", "wait.event", "repeat")


def expect(document: Mapping[str, Any], person: Person) -> End:
    """The right end of this customer's run."""
    nodes = {node["id"]: node for node in document["nodes"]}
    edges = {(edge["source"], edge["source_port"]): edge["target"] for edge in document["edges"]}
    end, visits, rounds = End(), Counter[str](), Counter[str]()

    def choice(node: Mapping[str, Any]) -> str:
        kind, config = node["type"], node["config"]
        if kind == "branch":
            return config["cases"][0]["id"] if person.big else "else"
        if kind == "wait.event":
            return config["branches"][0]["id"] if person.pays else "timeout"
        if kind == "repeat":
            rounds[node["id"]] += 1
            return "body" if rounds[node["id"]] <= config["times"] else "done"
        return "out"

    def walk(at: str | None) -> str | None:
        """Goes on until the way ends or comes to a Join; that Join's id, or None."""
        while at is not None:
            node = nodes[at]
            kind = node["type"]
            if kind == "join":
                return at
            visits[at] += 1
            port = choice(node)
            end.steps.add((at, visits[at], port if kind in CHOOSE else ""))
            if kind == "http.request":
                end.effects.add((at, visits[at]))
            elif kind == "customer.update":
                end.traits |= node["config"]["traits"]
            elif kind == "exit":
                end.reason = node["config"]["reason"]
            elif kind == "parallel":
                (meets,) = {walk(edges[at, arm["id"]]) for arm in node["config"]["arms"]}
                visits[meets] += 1
                end.steps.add((meets, visits[meets], ""))
                at = meets
            at = edges.get((at, port))
        return None

    walk(document["nodes"][0]["id"])
    return end


def flows(url: str, **call: Any) -> dict[str, dict[str, Any]]:
    """Linear, branch, wait for event, repeat 3, parallel and join; each begins with the event of its name."""

    def sends(node: str, **more: Any) -> tuple[str, str, dict[str, Any]]:
        config = {
            "method": "POST",
            "url": f"{url}/{node}",
            "body": {"who": "{{ event.properties.tag }}"},
            "idempotent": True,
        }
        return (node, "http.request", {**config, "retry": 10, **call, **more})

    def drawn(name: str, *nodes: Any, edges: str) -> dict[str, Any]:
        out = ("out", "exit", {"reason": f"{name} done"})
        return house.graph(("enter", "trigger.event", {"event": name}), *nodes, out, edges=edges)

    return {
        "linear": drawn(
            "linear", sends("first"), ("mark", "customer.update", {"traits": {"seen": "yes"}}),
            ("nap", "wait.delay", {"for": "2s"}), sends("second"),
            edges="enter>first first>mark mark>nap nap>second second>out",
        ),
        "branch": drawn(
            "branch",
            ("fork", "branch", {"cases": [{"id": "big", "name": "Big", "when": "event.properties.big == true"}]}),
            sends("gold"), sends("plain"), edges="enter>fork fork.big>gold fork.else>plain gold>out plain>out",
        ),
        "wait": drawn(
            "wait", sends("offer"),
            ("pay", "wait.event", {"branches": [{"id": "came", "event": "Paid"}], "timeout": "1h"}),
            sends("thanks"), sends("remind"),
            edges="enter>offer offer>pay pay.came>thanks pay.timeout>remind thanks>out remind>out",
        ),
        "repeat": drawn(
            "repeat", ("again", "repeat", {"times": 3, "pause": "1m"}), sends("ping"),
            edges="enter>again again.body>ping ping>again again.done>out",
        ),
        "parallel": drawn(
            "parallel", ("split", "parallel", {"arms": [{"id": "a"}, {"id": "b"}]}), sends("left"),
            ("rest", "wait.delay", {"for": "1s"}), sends("right"), ("meet", "join", {"mode": "all"}), sends("after"),
            edges="enter>split split.a>left left>meet split.b>rest rest>right right>meet meet>after after>out",
        ),
    }  # fmt: skip


def people(count: int, names: list[str]) -> list[Person]:
    """So many customers, dealt over the flows; every second one of a flow is big, and pays."""
    return [
        Person(
            id=f"u{number}", flow=names[number % len(names)], big=number // len(names) % 2 == 0,
            pays=number // len(names) % 2 == 0,
        )
        for number in range(count)
    ]  # fmt: skip
