"""`trigger.manual`: a run begins when a person, a program or another flow says so for one customer."""

from __future__ import annotations

from flowstudio.domain.decision import Decision, Go
from flowstudio.domain.fields import Config
from flowstudio.domain.nodes.base import NodeType, Port, View


class ManualTrigger(Config):
    """Nothing to set: who starts it says for whom, and with which properties."""


def _decide(_config: ManualTrigger, view: View) -> Decision:
    context = view.scope["event"].get("context") or {}
    by_flow = isinstance(context.get("started_by"), dict)
    return Go(port="out", reason="another flow started it" if by_flow else "started by hand")


TYPE = NodeType(
    type="trigger.manual",
    name="By hand or by a flow",
    category="Triggers",
    kind="trigger",
    icon="hand-click",
    help="Starts a run for one customer when a person, a program or the step “Start a flow” of another flow says so. "
    "What they pass on is in event.properties.",
    config=ManualTrigger,
    ports=lambda _config: (Port(id="out", label="Then"),),
    summary="By hand or by another flow",
    explain=lambda _config: "When a customer is sent here by hand or by another flow",
    decide=_decide,
    trigger=True,
)
