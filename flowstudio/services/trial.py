"""A step tried out: one real call with one customer's values, by a person who draws (issue 3, "Test a step").

No run, no step and no count comes of it, and nothing is written to the customer. A message goes to the person who asks,
never to a customer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from django.utils import timezone

from flowstudio.connectors.base import Action, Answer, Connector, Request
from flowstudio.connectors.registry import CATALOGUE, action
from flowstudio.domain.decision import Call
from flowstudio.domain.errors import ConnectorError, InputError, NotAllowed
from flowstudio.domain.graph import Graph, Node
from flowstudio.domain.nodes.base import View
from flowstudio.engine import outputs
from flowstudio.services import audit, credentials, graphs, imagined, letters, tools
from flowstudio.services.caller import Caller
from flowstudio.store.ids import new_id
from flowstudio.store.models import Credential
from flowstudio.store.queries import flows as queries

log = structlog.get_logger("flowstudio.services.trial")
DEADLINE_S = 20.0


def step(caller: Caller, flow_id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Performs the call of one node of the drawing, saved or not, and gives what it answered.

    InputError when the node calls nobody or cannot be filled in; NotAllowed when a message has nobody to go to.
    """
    flow = queries.one(caller.workspace_id, flow_id)
    document = sent.get("graph")
    graph = graphs.parse(queries.draft(caller.workspace_id, flow.id).graph if document is None else document)
    node = next((one for one in graph.nodes if one.id == sent.get("node")), None)
    if node is None:
        raise InputError("There is no such step in this drawing.", field="node")
    imagined.bounded(sent.get("customer"), sent.get("event"))
    call, customer = _call(caller, graph, node, sent, flow.id)
    connector, does = action(call.action)
    params = _to_the_tester(caller, does, dict(call.params))
    secret, stands_in = _credential(caller, connector, str(params.get("credential") or ""))
    request = Request(
        params=params, credential=secret, key=f"test-{new_id()}", workspace=caller.workspace_id, customer=customer,
        run="", node=node.id, deadline_s=DEADLINE_S,
    )  # fmt: skip
    # On record before it leaves, whatever then becomes of it.
    audit.record(caller, "step.tested", "flow", flow.id, {"node": node.id, "action": call.action, "sandbox": stands_in})
    began = time.monotonic()
    made = async_to_sync(_perform)(does, request, stands_in)
    return _told(made, params, secret, stands_in, time.monotonic() - began)


def _call(caller: Caller, graph: Graph, node: Node, sent: Mapping[str, Any], flow: str) -> tuple[Call, str]:
    """What the node asks for with this customer's values, and the customer's id ('' for an invented one)."""
    kind = CATALOGUE.get(node.type)
    if kind is None or "." not in node.type or (kind.effect == "internal" and kind.vendor is None):
        raise InputError(
            "This step calls nobody, so there is nothing to test. Simulate shows what it does.", field="node"
        )
    now = timezone.now()
    traveller, stored = imagined.person(caller.workspace_id, sent.get("customer"))
    begin, traveller, _ = imagined.start(graph, sent.get("event"), now, traveller, stored)
    recorded = imagined.recorded(flow, stored.id if stored else "")
    steps = {name: {"output": answers[-1].output} for name, answers in recorded.items() if answers}
    scope = {
        "customer": {
            "id": traveller.id, "email": traveller.email or None, "name": traveller.name or None,
            "traits": dict(traveller.traits),
        },
        "event": begin.subject,
        "run": {"id": "test", "flow": flow, "version": 0, "correlation": "", "started_at": now},
        "steps": steps,
        "now": now,
    }  # fmt: skip
    try:
        config = kind.config.model_validate(dict(node.config))
    except ValueError:
        raise InputError("Fill in the step first: something in it is missing or wrong.", field="node") from None
    view = View(now=now, scope=scope, entered_at=now, visit=1, timezone="UTC", settings=graph.settings)
    decision = kind.decide(config, view)
    if not isinstance(decision, Call):
        raise InputError("This step calls nobody, so there is nothing to test.", field="node")
    return decision, stored.id if stored else ""


def _to_the_tester(caller: Caller, does: Action, params: dict[str, Any]) -> dict[str, Any]:
    """A message reaches whoever asked for the test, and nobody else."""
    if does.effect != "person":
        return params
    if does.channel != "email" or "to" not in params:
        raise NotAllowed("This step reaches a person in a way that cannot be turned to you. Simulate it instead.")
    return {**params, "to": letters.own_address(caller)}


def _credential(caller: Caller, connector: Connector, wanted: str) -> tuple[Mapping[str, str] | None, bool]:
    """The secret that the engine would use, and whether the stand-in answers for want of one."""
    rows = Credential.objects.filter(workspace_id=caller.workspace_id, connector=connector.id).order_by("-id")
    row = rows.filter(id=wanted).first() if wanted else rows.first()
    if row is not None:
        return credentials.opened(row), False
    if wanted:
        raise InputError("The credential that the step names is not there any more.", field="node")
    return None, connector.sandbox


async def _perform(does: Action, request: Request, stands_in: bool) -> Answer | ConnectorError:
    async with tools.sandbox() if stands_in else tools.real() as at_hand:
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await does.call(request, at_hand)
        except ConnectorError as error:
            return error
        except TimeoutError:
            return ConnectorError(
                f"No answer within {DEADLINE_S:.0f} seconds.", error_class="timeout", retryable=True, sent="maybe"
            )
        except Exception as error:
            log.exception("trial.broke", node=request.node)
            return ConnectorError(
                f"The connector failed inside flowstudio ({type(error).__name__}).",
                error_class="internal", retryable=False, sent="maybe",
            )  # fmt: skip


def _told(
    made: Answer | ConnectorError,
    params: Mapping[str, Any],
    secret: Mapping[str, str] | None,
    stands_in: bool,
    took: float,
) -> dict[str, Any]:
    secrets = outputs.secrets_of(secret)
    asked = {name: value for name, value in params.items() if name not in ("credential", "unknown", "retry", "price")}
    told: dict[str, Any] = {
        "sandbox": stands_in,
        "took_ms": round(took * 1000),
        "input": outputs.kept(asked, secrets=secrets, names=True)[0],
    }
    if isinstance(made, ConnectorError):
        message = outputs.scrub(made.message, secrets)
        return {
            **told,
            "ok": False,
            "port": "error",
            "message": message,
            "status": None,
            "output": None,
            "traits": {},
            "cost": 0.0,
        }
    return {
        **told,
        "ok": True,
        "port": made.port,
        "message": outputs.scrub(made.summary, secrets),
        "status": made.status,
        "output": outputs.kept(made.output, secrets=secrets)[0],
        "traits": outputs.kept(dict(made.traits), secrets=secrets)[0] or {},
        "cost": made.cost,
    }
