"""The connector port: how anything outside the house is described and called.

A connector is a folder with a `connector.py` that exports one `CONNECTOR` value. Actions are coroutines over plain
values: rendered params and a credential in, an `Answer` out or a `ConnectorError` raised. They reach the world only
through the `Tools` they are handed (the guarded HTTP client, the warehouse, the mailer), never through globals.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from flowstudio.domain.decision import Effect, Idempotence
from flowstudio.domain.nodes.base import Category, ConfigIssue, Kind, Port, Writes

if TYPE_CHECKING:
    from flowstudio.connectors.http import Http
    from flowstudio.connectors.mailer import Mailer
    from flowstudio.connectors.warehouse.database import Warehouse


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A call that was accepted: the port to leave by, what to keep, what to write to the customer, what it cost."""

    output: Any
    port: str = "out"
    traits: Mapping[str, Any] = field(default_factory=dict)
    cost: float = 0.0
    summary: str = ""
    status: int | None = None
    effect_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One try of one step's effect. `key` is the same for every try of a step (SEMANTICS 10.1); `deadline_s` is what is
    left for the whole call, connection and body included (SEMANTICS 10.5); `unsubscribe` is the address at which this
    recipient unsubscribes, '' where nobody can."""

    params: Mapping[str, Any]
    credential: Mapping[str, str] | None
    key: str
    workspace: str
    customer: str
    run: str
    node: str
    attempt: int = 1
    deadline_s: float = 30.0
    unsubscribe: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What an action may reach the world with. Built once a process by the composition root.

    `sandbox`: stand-in vendors answer, and a missing credential is made up for them.
    """

    http: Http
    warehouse: Warehouse
    mailer: Mailer
    sandbox: bool = False


@dataclass(frozen=True, kw_only=True)
class Action:
    """What a connector offers. `type` in a graph is `<connector>.<name>`; `writes` as in `NodeType`.

    `channel` is by what a `person` effect reaches somebody: "email" means that the param `to` is an address, which a
    suppression may forbid (SEMANTICS 5.4). `ports_of` gives the ways out where they depend on the config.
    """

    name: str
    title: str
    help: str
    icon: str
    category: Category
    kind: Kind
    effect: Effect
    idempotent: Idempotence
    config: type[BaseModel]
    ports: tuple[Port, ...]
    summary: str
    explain: Callable[[Mapping[str, Any]], str]
    call: Callable[[Request, Tools], Awaitable[Answer]]
    check: Callable[[Any], tuple[ConfigIssue, ...]] = lambda _config: ()
    capability: str = ""
    price: float = 0.0
    output: Mapping[str, Any] = field(default_factory=dict)
    writes: Writes = lambda _params, _output: {}
    channel: str = ""
    ports_of: Callable[[Mapping[str, Any]], tuple[Port, ...]] | None = None


@dataclass(frozen=True, kw_only=True)
class Connector:
    """A vendor (or a system of our own) and its actions.

    `credential` is the pydantic model of what must be entered to leave the sandbox; None: nothing is needed. With
    `optional` the actions work without one as well.
    `test(credential, tools)` proves a credential with one harmless call. `hosts` are the only hosts its credential may
    be sent to (SECURITY S21). `sandbox` says a stand-in exists in `flowstudio.sandbox`.
    """

    id: str
    name: str
    letter: str
    help: str
    actions: tuple[Action, ...]
    credential: type[BaseModel] | None = None
    optional: bool = False
    hosts: tuple[str, ...] = ()
    test: Callable[[Mapping[str, str], Tools], Awaitable[str]] | None = None
    sandbox: bool = False
    docs_url: str = ""
