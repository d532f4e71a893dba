"""The node-type port: what every node type tells the editor, the validator and the interpreter.

A node type is a frozen value of plain functions over its config; it does no IO and keeps no state. Domain's own types
live beside this file, one a file; a connector's action becomes a node type through `flowstudio.connectors.registry`;
the composition root joins both into one `Catalogue`.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from flowstudio.domain.decision import Decision, Effect, Gathered, Happening, Idempotence

Kind = Literal["trigger", "logic", "wait", "message", "data", "goal", "exit"]
Category = Literal["Triggers", "Logic", "Wait", "Reach people", "Data and vendors", "End"]
PortKind = Literal["main", "side", "error"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Port:
    """One way out of a node. `error` ports are drawn as a red diamond and may stay open (SEMANTICS 0.2)."""

    id: str
    label: str
    kind: PortKind = "main"


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """Who performs the action: shown as a badge (one letter) and by name."""

    id: str
    name: str
    letter: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigIssue:
    """A problem inside one node's config: `field` is a dotted path in the config."""

    code: str
    severity: Literal["error", "warning", "hint"]
    message: str
    field: str = ""
    fix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """All that a node may read when it decides. `scope` is what expressions and templates see (CONTRACT).

    `assigned` is the arm that the customer got at this node before, '' when none (SEMANTICS 6.2).
    `gathered` is what a Join knows of its arms, `last` the node's own output of its last visit, and `returned` whether
    the run comes back to a Repeat from inside its loop (None: that cannot be told, the output must say it).
    """

    now: datetime
    scope: Mapping[str, Any]
    entered_at: datetime
    visit: int
    timezone: str
    zone_from: str = "default"
    settings: Mapping[str, Any] = field(default_factory=dict)
    node: str = ""
    assigned: str = ""
    gathered: Gathered | None = None
    last: Any = None
    returned: bool | None = None


Decide = Callable[[Any, View], Decision]
Resume = Callable[[Any, View, Happening], Decision]
Writes = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class NodeType:
    """One row of the catalogue.

    `config` is the pydantic model whose JSON Schema draws the form; `ports(config_mapping)` tolerates an unfinished
    config; `summary` is a format string for the card's sentence (see `flowstudio.domain.summary`); `explain(config)` is
    one plain-English clause; `check(config_model)` yields problems the schema cannot express; `decide`/`resume` take
    the *validated config model*. `writes(params, output)` are the traits that an answer with this output writes: a
    simulation has outputs and no vendor. An `experiment` remembers which way each customer took (SEMANTICS 6.2). Where an
    `essential` step fails and its error way leads nowhere, the run fails: going on would be wrong (SEMANTICS 4.6).
    """

    type: str
    name: str
    category: Category
    kind: Kind
    icon: str
    help: str
    config: builtins.type[BaseModel]
    ports: Callable[[Mapping[str, Any]], tuple[Port, ...]]
    summary: str
    explain: Callable[[Mapping[str, Any]], str]
    decide: Decide
    resume: Resume | None = None
    check: Callable[[Any], Iterable[ConfigIssue]] = lambda _config: ()
    slim: bool = False
    trigger: bool = False
    experiment: bool = False
    essential: bool = False
    effect: Effect = "internal"
    idempotent: Idempotence = "by_nature"
    vendor: Vendor | None = None
    capability: str = ""
    price: float = 0.0
    output: Mapping[str, Any] = field(default_factory=dict)
    writes: Writes = lambda _params, _output: {}
    channel: str = ""


Catalogue = Mapping[str, NodeType]


def once(*ports: Port) -> tuple[Port, ...]:
    """The ports without those whose id came before: a doubled row is one way out, and an issue."""
    return tuple({port.id: port for port in reversed(ports)}[name] for name in dict.fromkeys(port.id for port in ports))
