"""`goal`: the customer did what the flow is for; the run ends with the status `goal` (CONTRACT, node types)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.domain import expression
from flowstudio.domain.decision import Decision, End
from flowstudio.domain.endings import EndReason
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import NodeType, View


class Goal(Config):
    """What was reached, and whether it counts for everybody who comes here."""

    name: str = field(
        "Goal", "text", default="", help="What it is called in counts and on runs.", max_length=120,
        placeholder="Demo booked",
    )  # fmt: skip
    when: str = field(
        "Only when", "cel", default="", render="cel",
        help="Who comes here without it ends, too, but the goal is not counted.",
    )  # fmt: skip


def _decide(config: Goal, view: View) -> Decision:
    if config.when.strip():
        verdict = expression.judge(config.when, view.scope)
        if not verdict.matched:
            why = verdict.reason or verdict.flagged
            return End(status="completed", reason=EndReason.END_OF_PATH, words=f"the goal is not reached: {why}")
    return End(status="goal", reason=EndReason.GOAL, words=f"reached “{config.name}”" if config.name else "")


def _explain(config: Mapping[str, Any]) -> str:
    said = f"Count the goal “{config['name']}”" if config.get("name") else "Count a goal"
    return f"{said} when {config['when']}, and end" if config.get("when") else f"{said}, and end"


TYPE = NodeType(
    type="goal",
    name="Goal",
    category="End",
    kind="goal",
    icon="flag",
    help="Counts what the flow is for, and ends the run.",
    config=Goal,
    ports=lambda _config: (),
    summary="{name}",
    explain=_explain,
    decide=_decide,
    slim=True,
)
