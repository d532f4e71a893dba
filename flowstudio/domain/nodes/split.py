"""`split`: customers are shared out by weight, and stay where they are (SEMANTICS 6.1 to 6.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import field_validator

from flowstudio.domain.decision import Decision, Go
from flowstudio.domain.fields import Config, field
from flowstudio.domain.graph import is_id
from flowstudio.domain.nodes.base import ConfigIssue, NodeType, Port, View, once
from flowstudio.domain.summary import shares

BUCKETS = 10_000


class Arm(Config):
    """One way out: an id that stays, a name for people, and its share in relation to the others."""

    id: str
    name: str = field("Name", "text", default="", max_length=120)
    weight: float = field("Weight", "number", ge=0, le=1_000_000, allow_inf_nan=False)

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not is_id(value):
            raise ValueError("An arm's id must be letters, digits and _.")
        return value


class Split(Config):
    """The arms, in the order in which they share out the customers."""

    arms: tuple[Arm, ...] = field(
        "Arms", "arms", min_length=2, max_length=20, help="A customer stays in an arm, also when the weights change."
    )


def bucket(salt: str, customer: str) -> int:
    """The customer's place among 10,000, the same for ever under one salt (SEMANTICS 6.1)."""
    digest = hashlib.sha256(f"{salt}\x1f{customer}".encode()).digest()
    return int.from_bytes(digest[:8]) % BUCKETS


def arm_at(arms: Sequence[Arm], place: int) -> Arm:
    """Whose share of the 10,000 a place lies in; arms without weight have none."""
    total = sum(arm.weight for arm in arms)
    reached = 0.0
    for arm in arms:
        reached += arm.weight
        if place * total < reached * BUCKETS:
            return arm
    return next(arm for arm in reversed(arms) if arm.weight)


def _named(config: Split, arm: Arm) -> str:
    return arm.name or f"Arm {config.arms.index(arm) + 1}"


def _ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    arms = config.get("arms")
    found = [arm for arm in arms if isinstance(arm, Mapping)] if isinstance(arms, list | tuple) else []
    return once(
        *(
            Port(id=str(arm["id"]), label=str(arm.get("name") or f"Arm {index + 1}"), kind="side")
            for index, arm in enumerate(found)
            if is_id(arm.get("id"))
        )
    )


def _check(config: Split) -> Iterable[ConfigIssue]:
    seen: set[str] = set()
    for index, arm in enumerate(config.arms):
        if arm.id in seen:
            yield ConfigIssue(
                code="config_invalid",
                severity="error",
                message=f"Two arms have the id “{arm.id}”.",
                field=f"arms.{index}.id",
                fix="Delete one of them.",
            )
        seen.add(arm.id)
    if not any(arm.weight for arm in config.arms):
        yield ConfigIssue(
            code="config_invalid",
            severity="error",
            message="No arm has a weight, so nobody can go on.",
            field="arms",
            fix="Give at least one arm a weight above 0.",
        )


def _decide(config: Split, view: View) -> Decision:
    before = next((arm for arm in config.arms if arm.id == view.assigned), None)
    if before is not None:
        return Go(port=before.id, reason=f"{_named(config, before)}, as before")
    # Flow and node are the salt: it survives versions, and a duplicated flow is another experiment (SEMANTICS 6.3).
    place = bucket(f"{view.scope['run'].get('flow', '')}:{view.node}", str(view.scope["customer"].get("id", "")))
    arm = arm_at(config.arms, place)
    return Go(port=arm.id, reason=f"{_named(config, arm)}: place {place:,} of 10,000", assigned=arm.id)


def _explain(config: Mapping[str, Any]) -> str:
    return f"Share customers out at random, each staying in their arm: {shares(config.get('arms')) or '…'}"


TYPE = NodeType(
    type="split",
    name="Split",
    category="Logic",
    kind="logic",
    icon="percentage",
    help="Shares customers out by weight, for example half and half. A customer always gets the same arm.",
    config=Split,
    ports=_ports,
    summary="{arms:shares}",
    explain=_explain,
    decide=_decide,
    check=_check,
    experiment=True,
)
