"""How a call ends in a simulation: as its author chose, as a run recorded it, or as the connector's sample says.

Nothing leaves the house. What nobody chose is marked as assumed, and an assumed answer never overwrites what is already
known of the customer: who simulates a company of 50 must not be told by a sample that it has 540.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from flowstudio.domain.decision import Answered, Failed
from flowstudio.domain.errors import InputError
from flowstudio.domain.graph import Graph
from flowstudio.domain.interpreter import Calling
from flowstudio.domain.nodes.base import Catalogue, NodeType, Port

# What decided a step: the flow itself, the author's choice, an earlier run, or the connector's sample.
Origin = Literal["flow", "chosen", "recorded", "sample"]
MISSING: Final = object()
_ERROR = "simulated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One answer to one call. What is left out is assumed: output from the sample, traits from the output.

    A `borrowed` one was recorded for somebody else.
    """

    port: str = "out"
    output: Any = MISSING
    traits: Mapping[str, Any] | None = None
    reason: str = ""
    cost: float | None = None
    borrowed: bool = False


Outcomes = Mapping[str, Sequence[Outcome]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """What the interpreter is told about a call, what it cost, and where that came from."""

    happening: Answered | Failed
    cost: float
    origin: Origin
    assumed: bool


def check(outcomes: Outcomes, graph: Graph, catalogue: Catalogue) -> None:
    """Raises InputError with a sentence for an outcome of a node that is not there, never calls, or has no such port."""
    nodes = {node.id: node for node in graph.nodes}
    for identity, answers in outcomes.items():
        node = nodes.get(identity)
        place = f"outcomes.{identity}"
        if node is None:
            raise InputError(
                f"There is no node “{identity[:64]}” in this flow.", field=place, fix="Use a node's id, not its name."
            )
        kind = catalogue.get(node.type)
        if kind is None or (kind.vendor is None and kind.effect == "internal"):
            raise InputError(
                f"“{node.name or node.id}” calls nobody, so it has no outcome to choose.",
                field=place,
                fix="Change the customer, or the events that arrive, to send it another way.",
            )
        ports = [port.id for port in kind.ports(node.config)]
        for number, answer in enumerate(answers):
            if answer.port not in ports:
                raise InputError(
                    f"“{node.name or node.id}” has no way out called “{answer.port[:64]}”.",
                    field=f"{place}.{number}.port",
                    fix=f"Use one of: {', '.join(ports)}.",
                )


def play(
    calling: Calling,
    kind: NodeType,
    config: Mapping[str, Any],
    *,
    chosen: Outcome | None,
    recorded: Outcome | None,
    refused: Failed | None,
    known: Mapping[str, Any],
) -> Played:
    """How this call ends: as chosen, else as recorded, else as the sample says; `known` are the customer's traits.

    A call that its connector would refuse before anything leaves (a mail without a recipient) is `refused`.
    """
    if chosen is None and refused is not None:
        return Played(happening=refused, cost=0.0, origin="flow", assumed=False)
    outcome = chosen or recorded or Outcome()
    origin: Origin = "chosen" if chosen else "recorded" if recorded else "sample"
    ports = kind.ports(config)
    port = next((port for port in ports if port.id == outcome.port), Port(id=outcome.port, label=outcome.port))
    if port.kind == "error":
        return _failed(outcome, origin, port)
    given = outcome.output is not MISSING
    output = outcome.output if given else kind.output if port.kind == "main" else {}
    if (not given or outcome.borrowed) and isinstance(output, Mapping):
        output = _as_sent(output, calling)
    traits = outcome.traits if outcome.traits is not None else {}
    if outcome.traits is None and port.id == "out" and isinstance(output, Mapping):
        traits = kind.writes(calling.params, output)
    assumed = chosen is None or not given
    if assumed:
        traits = {name: value for name, value in traits.items() if known.get(name) is None}
    verb = "chosen" if chosen else "assumed"
    return Played(
        happening=Answered(
            port=port.id, output=output, traits=traits, reason=outcome.reason or f"{verb}: {port.label}"
        ),
        cost=_cost(outcome, calling, kind),
        origin=origin,
        assumed=assumed,
    )


def _failed(outcome: Outcome, origin: Origin, port: Port) -> Played:
    output = outcome.output if isinstance(outcome.output, Mapping) else {}
    reason = outcome.reason or str(output.get("message") or "") or f"chosen: {port.label}"
    error = str(output.get("error") or _ERROR)[:40]
    return Played(
        happening=Failed(error_class=error, reason=reason, output=output or {"error": error, "message": reason}),
        cost=outcome.cost or 0.0,
        origin=origin,
        assumed=origin != "chosen",
    )


def _as_sent(output: Mapping[str, Any], calling: Calling) -> dict[str, Any]:
    """An output made for another call, in which texts of this one (recipient, table, domain) stand as they were sent."""
    return {
        name: sent
        if isinstance(value, str) and isinstance(sent := calling.params.get(name), str) and sent.strip()
        else value
        for name, value in output.items()
    }


def _cost(outcome: Outcome, calling: Calling, kind: NodeType) -> float:
    if outcome.cost is not None:
        return outcome.cost
    own = calling.params.get("price")
    return float(own) if isinstance(own, int | float) and not isinstance(own, bool) else kind.price
