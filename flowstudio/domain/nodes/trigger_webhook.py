"""`trigger.webhook`: a run begins when something is posted to the flow's own secret address."""

from __future__ import annotations

from flowstudio.domain.decision import Decision, Go
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import NodeType, Port, View


class WebhookTrigger(Config):
    """How to find the customer in the body."""

    identify: str = field(
        "Identify by",
        "cel",
        default="",
        help="CEL for the customer's id, e-mail and traits. Empty: the first of userId, user_id, id, email.",
        max_length=4096,
    )


def _decide(_config: WebhookTrigger, _view: View) -> Decision:
    return Go(port="out", reason="the webhook was called")


TYPE = NodeType(
    type="trigger.webhook",
    name="Webhook",
    category="Triggers",
    kind="trigger",
    icon="webhook",
    help="Starts a run when another system posts to this flow's secret address. The body is the event.",
    config=WebhookTrigger,
    ports=lambda _config: (Port(id="out", label="Then"),),
    summary="When its address is called",
    explain=lambda _config: "When something is posted to the flow's address",
    decide=_decide,
    trigger=True,
)
