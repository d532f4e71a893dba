"""`customer.update`: writes traits of the customer, as Liquid values that keep their type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowstudio.domain.decision import Decision, Go
from flowstudio.domain.errors import TemplateError
from flowstudio.domain.fields import Config, field
from flowstudio.domain.nodes.base import NodeType, Port, View
from flowstudio.domain.template import render_value


class Update(Config):
    """Which traits get which values."""

    traits: dict[str, Any] = field("Traits", "traits", render="value", help="Name and value; values may use Liquid.")


def _decide(config: Update, view: View) -> Decision:
    try:
        traits = render_value(config.traits, view.scope)
    except TemplateError as error:
        return Go(port="out", reason="nothing was written", flagged=error.message)
    return Go(port="out", reason=f"set {', '.join(sorted(traits)) or 'nothing'}", output=traits, traits=traits)


def _explain(config: Mapping[str, Any]) -> str:
    traits = config.get("traits")
    return f"Set {', '.join(sorted(traits)) if isinstance(traits, Mapping) and traits else '…'} on the customer"


TYPE = NodeType(
    type="customer.update",
    name="Update customer",
    category="Data and vendors",
    kind="data",
    icon="user-edit",
    help="Writes traits of the customer; the old values stay in the trait's history.",
    config=Update,
    ports=lambda _config: (Port(id="out", label="Then"),),
    summary="Set {traits:first}",
    explain=_explain,
    decide=_decide,
)
