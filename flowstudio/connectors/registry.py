"""The explicit table of connectors, and the catalogue that joins their actions with domain's own node types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from pydantic import BaseModel

from flowstudio.connectors import forms, wire
from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.connectors.clearbit import connector as clearbit
from flowstudio.connectors.datayze import connector as datayze
from flowstudio.connectors.email import blocks
from flowstudio.connectors.email import connector as email
from flowstudio.connectors.http import Http
from flowstudio.connectors.http_request import connector as http_request
from flowstudio.connectors.mailer import Mailer
from flowstudio.connectors.slack import connector as slack
from flowstudio.connectors.smtp import SmtpMailer
from flowstudio.connectors.warehouse import connector as warehouse
from flowstudio.connectors.warehouse.database import Warehouse
from flowstudio.domain import template
from flowstudio.domain.decision import Call, Decision
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.expression import compile as compile_cel
from flowstudio.domain.nodes.base import Catalogue, NodeType, Vendor, View
from flowstudio.domain.nodes.registry import DOMAIN_TYPES

_Coroutine = Callable[[Request, Tools], Awaitable[Answer]]


def _scrubbed(call: _Coroutine, connector: Connector) -> _Coroutine:
    """The action, with the credential's values taken out of whatever it answers or raises (SECURITY S24)."""

    async def scrubbed(request: Request, tools: Tools) -> Answer:
        scrubber = wire.Scrubber(forms.secrets(connector.credential, request.credential))
        try:
            answer = await call(request, tools)
        except ConnectorError as error:
            error.message = scrubber.text(error.message)
            error.detail = scrubber.text(error.detail)
            error.args = (error.message,)
            raise
        return replace(
            answer,
            output=scrubber.value(answer.output),
            effect_id=scrubber.text(answer.effect_id),
            traits=scrubber.value(dict(answer.traits)),
            summary=scrubber.text(answer.summary),
        )

    return scrubbed


def _guarded(connector: Connector) -> Connector:
    actions = tuple(replace(action, call=_scrubbed(action.call, connector)) for action in connector.actions)
    return replace(connector, actions=actions)


CONNECTORS: Mapping[str, Connector] = MappingProxyType(
    {
        connector.id: _guarded(connector)
        for connector in (
            clearbit.CONNECTOR,
            datayze.CONNECTOR,
            email.CONNECTOR,
            http_request.CONNECTOR,
            slack.CONNECTOR,
            warehouse.CONNECTOR,
        )
    }
)


def rendered(config: Any, view: View) -> dict[str, Any]:
    """A config's fields with their Liquid and CEL filled in from the scope, each escaped for where it goes."""
    params: dict[str, Any] = {}
    for name, field, how, escape in _fields(config.__class__):
        value = getattr(config, field)
        params[name] = _filled(value, how, escape, config, view) if how else value
    return params


@lru_cache(maxsize=256)
def _fields(model: type[BaseModel]) -> tuple[tuple[str, str, str, Any], ...]:
    """A form's fields: as params call them, as the model does, how they are filled in, and how escaped."""
    found: list[tuple[str, str, str, Any]] = []
    for name, info in model.model_fields.items():
        marks = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        found.append((info.alias or name, name, str(marks.get("x-render") or ""), marks.get("x-escape", "none")))
    return tuple(found)


def _filled(value: Any, how: str, escape: Any, config: Any, view: View) -> Any:
    if how == "value":
        return template.render_value(value, view.scope)
    if how == "cel" and isinstance(value, str) and value.strip():
        return compile_cel(value).evaluate(view.scope)
    if how == "blocks":
        return blocks.filled(value, view.scope)
    if how != "liquid" or not isinstance(value, str):
        return value
    if escape == "by-format" and getattr(config, "format", "html") == "markdown":
        return template.render(value, view.scope, "markdown")
    if escape == "url":
        return template.render_url(value, view.scope)
    return template.render(value, view.scope, "html" if escape == "by-format" else escape)


def node_type(connector: Connector, action: Action) -> NodeType:
    """An action as a node type: it decides by rendering its config into a `Call`."""
    kind = f"{connector.id}.{action.name}"

    def decide(config: Any, view: View) -> Decision:
        return Call(action=kind, params=rendered(config, view), effect=action.effect, reason=f"asking {connector.name}")

    return NodeType(
        type=kind,
        name=action.title,
        category=action.category,
        kind=action.kind,
        icon=action.icon,
        help=action.help,
        config=action.config,
        ports=action.ports_of or (lambda _config: action.ports),
        summary=action.summary,
        explain=action.explain,
        decide=decide,
        check=action.check,
        effect=action.effect,
        idempotent=action.idempotent,
        vendor=Vendor(id=connector.id, name=connector.name, letter=connector.letter),
        capability=action.capability,
        price=action.price,
        output=action.output,
        writes=action.writes,
        channel=action.channel,
    )


_ACTIONS: Mapping[str, tuple[Connector, Action]] = MappingProxyType(
    {
        f"{connector.id}.{action.name}": (connector, action)
        for connector in CONNECTORS.values()
        for action in connector.actions
    }
)
CATALOGUE: Catalogue = MappingProxyType(
    {**DOMAIN_TYPES, **{kind: node_type(connector, action) for kind, (connector, action) in _ACTIONS.items()}}
)


def action(kind: str) -> tuple[Connector, Action]:
    """The connector and action behind a node type such as `clearbit.enrich`; KeyError when there is none."""
    return _ACTIONS[kind]


def build_tools(settings: Any, *, transport: httpx.AsyncBaseTransport | None = None, mailer: Mailer) -> Tools:
    """The tools of one process, for the composition root. With a `transport` they are the sandbox's: it stands where
    the network stands, and no mail leaves. `mailer` is used unless the operator named an SMTP server."""
    smtp = str(getattr(settings, "FLOWSTUDIO_SMTP_URL", "") or "")
    place = (
        str(getattr(settings, "FLOWSTUDIO_WAREHOUSE_URL", "") or "") or Path(settings.DATA_DIR) / "warehouse.sqlite3"
    )
    return Tools(
        http=Http(
            allow=tuple(settings.FLOWSTUDIO_EGRESS_ALLOW),
            proxy=str(settings.FLOWSTUDIO_EGRESS_PROXY or ""),
            transport=transport,
        ),
        warehouse=Warehouse(place),
        mailer=SmtpMailer(smtp, settings.FLOWSTUDIO_MAIL_FROM) if smtp and transport is None else mailer,
        sandbox=transport is not None,
    )
