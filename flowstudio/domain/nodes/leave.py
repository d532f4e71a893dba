"""`exit`: the run ends here, completed, with the author's reason (SEMANTICS 0.2)."""

from __future__ import annotations

from flowstudio.domain.decision import Decision, End
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import NodeType, View


class Exit(Config):
    """Why it ends, for those who look later."""

    reason: str = field("Reason", "text", default="", help="Shown on each run that ends here.", max_length=120)


def _decide(config: Exit, _view: View) -> Decision:
    return End(status="completed", reason=config.reason or "exit")


TYPE = NodeType(
    type="exit",
    name="Exit",
    category="End",
    kind="exit",
    icon="door-exit",
    help="Ends the run.",
    config=Exit,
    ports=lambda _config: (),
    summary="{reason}",
    explain=lambda config: f"End{': ' + str(config['reason']) if config.get('reason') else ''}",
    decide=_decide,
    slim=True,
)
