"""`parallel`: several arms at once, which meet again at the matching Join (SEMANTICS 9.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import field_validator

from flowstudio.domain.decision import Decision, Fork
from flowstudio.domain.fields import Config, field
from flowstudio.domain.graph import is_id
from flowstudio.domain.nodes.base import ConfigIssue, NodeType, Port, View, once

MAX_ARMS = 10


class Arm(Config):
    """One way on: an id that stays and a name for people."""

    id: str
    name: str = field("Name", "text", default="", max_length=120)

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not is_id(value):
            raise ValueError("An arm's id must be letters, digits and _.")
        return value


class Parallel(Config):
    """The arms, in the order in which they are drawn."""

    arms: tuple[Arm, ...] = field(
        "Arms", "parallel-arms", help="Each customer takes all of them at once.", min_length=2, max_length=MAX_ARMS
    )


def _ports(config: Mapping[str, Any]) -> tuple[Port, ...]:
    arms = config.get("arms")
    found = [arm for arm in arms if isinstance(arm, Mapping)] if isinstance(arms, list | tuple) else []
    return once(
        *(
            Port(id=str(arm["id"]), label=str(arm.get("name") or f"Arm {index + 1}"))
            for index, arm in enumerate(found)
            if is_id(arm.get("id"))
        )
    )


def _check(config: Parallel) -> Iterable[ConfigIssue]:
    ids = [arm.id for arm in config.arms]
    for index, identity in enumerate(ids):
        if identity in ids[:index]:
            yield ConfigIssue(
                code="config_invalid",
                severity="error",
                message=f"Two arms have the id “{identity}”.",
                field=f"arms.{index}.id",
                fix="Delete one of them.",
            )


def _decide(config: Parallel, _view: View) -> Decision:
    names = [arm.name or f"Arm {index + 1}" for index, arm in enumerate(config.arms)]
    return Fork(arms=tuple(arm.id for arm in config.arms), reason=f"{len(names)} arms at once: {', '.join(names)}")


def _explain(config: Mapping[str, Any]) -> str:
    names = [port.label for port in _ports(config)]
    return f"Do {len(names) or '…'} things at once: {', '.join(names) or '…'}"


TYPE = NodeType(
    type="parallel",
    name="Parallel",
    category="Logic",
    kind="logic",
    icon="arrows-down",
    help="Sends each customer down all arms at once. A Join brings the arms together again.",
    config=Parallel,
    ports=_ports,
    summary="{arms:count} arms at once",
    explain=_explain,
    decide=_decide,
    check=_check,
    slim=True,
)
