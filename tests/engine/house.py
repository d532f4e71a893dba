"""A small house for engine tests: a catalogue of test nodes, a vendor that keeps a ledger, flows and customers in rows."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from pydantic import BaseModel, ConfigDict

from flowstudio.connectors.base import Action, Answer, Connector, Request, Tools
from flowstudio.domain.decision import Call, End, EventCame, Go, Happening, Sleep, TimerFired, WaitBranch, WaitFor
from flowstudio.domain.nodes.base import NodeType, Port, View
from flowstudio.domain.template import render_value
from flowstudio.engine import clock
from flowstudio.engine.runner import Engine
from flowstudio.services.caller import Caller
from flowstudio.store.ids import new_id
from flowstudio.store.models import Customer, Event, Flow, Run, Step, TriggerIndex, Version, Workspace


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")

    def get(self, name: str, default: Any = None) -> Any:
        return (self.model_extra or {}).get(name, default)


def _ports(*ids: str):
    return lambda _config: tuple(Port(id=i, label=i, kind="error" if i == "error" else "main") for i in ids)


def _node(kind: str, decide: Any, *ports: str, resume: Any = None, **fields: Any) -> NodeType:
    return NodeType(
        type=kind, name=kind, category="Logic", kind="logic", icon="", help="", config=Loose, ports=_ports(*ports),
        summary="", explain=lambda _config: kind, decide=decide, resume=resume, **fields,
    )  # fmt: skip


def _start(_config: Loose, _view: View) -> Go:
    return Go(port="out", reason="entered")


def _branch(config: Loose, view: View) -> Go:
    value = view.scope["customer"]["traits"].get(config.get("trait"))
    return Go(port="yes" if value else "else", reason=f"{config.get('trait')} is {value}", reads={"value": value})


def _sleep(config: Loose, view: View) -> Sleep:
    return Sleep(until=view.entered_at + timedelta(seconds=config.get("seconds", 3600)), reason="sleeps")


def _slept(_config: Loose, _view: View, happening: Happening) -> Go:
    assert isinstance(happening, TimerFired)
    return Go(port="out", reason="the time has come")


def _wait(config: Loose, view: View) -> WaitFor:
    branch = WaitBranch(id="came", event=config.get("event", "Paid"), filter=config.get("filter", ""))
    return WaitFor(branches=(branch,), until=view.entered_at + timedelta(seconds=config.get("seconds", 3600)))


def _waited(_config: Loose, _view: View, happening: Happening) -> Go:
    if isinstance(happening, EventCame):
        return Go(port=happening.branch, reason="it came", output={"event": dict(happening.event)})
    return Go(port="timeout", reason="it never came")


def _exit(config: Loose, _view: View) -> End:
    return End(status="completed", reason=config.get("reason", "done"))


def _bad(_config: Loose, _view: View) -> Go:
    raise ZeroDivisionError("a node that breaks")


def _loop(_config: Loose, _view: View) -> Go:
    return Go(port="out")


def _update(config: Loose, _view: View) -> Go:
    return Go(port="out", traits=dict(config.get("traits", {})))


def _calls(action: str, effect: str):
    def decide(config: Loose, view: View) -> Call:
        return Call(action=action, params=render_value(config.model_extra or {}, view.scope), effect=effect)

    return decide


KINDS = {
    "test.key": ("vendor", "by_key"),
    "test.plain": ("vendor", "no"),
    "test.person": ("person", "by_key"),
    "slow.call": ("vendor", "by_key"),
    "box.call": ("vendor", "no"),
    "mail.send": ("person", "by_key"),
}
CATALOGUE: dict[str, NodeType] = {
    t.type: t
    for t in (
        _node("t.start", _start, "out", trigger=True),
        _node("t.branch", _branch, "yes", "else"),
        _node("t.sleep", _sleep, "out", resume=_slept),
        _node("t.wait", _wait, "came", "timeout", resume=_waited),
        _node("t.exit", _exit),
        _node("t.bad", _bad, "out"),
        _node("t.loop", _loop, "out"),
        _node("t.update", _update, "out"),
        *(
            _node(name, _calls(name, effect), "out", "error", effect=effect, idempotent=idempotent)  # type: ignore[arg-type]
            for name, (effect, idempotent) in KINDS.items()
        ),
    )
}


@dataclass
class Vendor:
    """Plays a vendor: records each request, answers by script. `script` maps a node to what comes, in order."""

    calls: list[Request] = field(default_factory=list)
    script: dict[str, list[Any]] = field(default_factory=dict)
    sandboxed: list[bool] = field(default_factory=list)
    accepted: dict[str, int] = field(default_factory=dict)
    delay_s: float = 0.0
    slow: asyncio.Event | None = None

    async def call(self, request: Request, tools: Any) -> Answer:
        self.calls.append(request)
        self.sandboxed.append(bool(tools.http == "sandbox"))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        said = self.script.get(request.node)
        answer = said.pop(0) if said else None
        if callable(answer):
            answer = answer(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
        if isinstance(answer, BaseException):
            raise answer
        self.accepted[request.key] = self.accepted.get(request.key, 0) + 1
        return answer or Answer(output={"ok": True}, summary="fine", status=200)

    async def slow_call(self, request: Request, tools: Any) -> Answer:
        if self.slow is not None:
            await self.slow.wait()
        return await self.call(request, tools)

    def of(self, node: str) -> list[Request]:
        return [request for request in self.calls if request.node == node]

    def actions(self):
        def action(name: str, call: Any) -> Action:
            effect, idempotent = KINDS[name]
            return Action(
                name=name.partition(".")[2], title=name, help="", icon="", category="Logic", kind="data",
                effect=effect, idempotent=idempotent, config=Loose, ports=(), summary="",  # type: ignore[arg-type]
                explain=lambda _config: name, call=call,
                channel="email" if name == "mail.send" else "",
            )  # fmt: skip

        made = {
            "test": [action(n, self.call) for n in ("test.key", "test.plain", "test.person")],
            "slow": [action("slow.call", self.slow_call)],
            "box": [action("box.call", self.call)],
            "mail": [action("mail.send", self.call)],
        }
        connectors = {
            name: Connector(
                id=name, name=name.title(), letter="T", help="", actions=tuple(actions),
                credential=Loose if name == "box" else None, sandbox=name == "box",
            )
            for name, actions in made.items()
        }  # fmt: skip
        by_type = {
            f"{connector.id}.{one.name}": (connector, one)
            for connector in connectors.values()
            for one in connector.actions
        }
        return by_type.__getitem__


def tools(name: str) -> Tools:
    return Tools(http=name, warehouse=None, mailer=None)  # type: ignore[arg-type]


def engine(vendor: Vendor, **options: Any) -> Engine:
    given = {"lease_s": 10.0, "scan_s": 0.05, "retry_base_s": 0.02, "grace_s": 2.0, "takes_over": False, **options}
    return Engine(
        tools=tools("real"),
        sandbox_tools=tools("sandbox"),
        actions=vendor.actions(),
        decrypt=lambda text: text,
        **given,
    )


def graph(*nodes: tuple[str, str] | tuple[str, str, Mapping[str, Any]], edges: str = "", **settings: Any) -> dict:
    """`edges` is "a>b b.error>c": from node (and port, by default out) to node."""
    made = []
    for number, part in enumerate(edges.split()):
        source, _, target = part.partition(">")
        node, _, port = source.partition(".")
        made.append({"id": f"e{number}", "source": node, "source_port": port or "out", "target": target})
    return {
        "schema": 1,
        "nodes": [
            {"id": n[0], "type": n[1], "name": n[0].title(), "config": dict(n[2]) if len(n) > 2 else {}} for n in nodes
        ],
        "edges": made,
        "settings": settings,
    }


def workspace() -> Workspace:
    return Workspace.objects.create(slug=new_id(), name="Test")


def flow(space: Workspace, document: Mapping[str, Any], *, state: str = "live", event: str = "Signed Up") -> Flow:
    made = Flow.objects.create(workspace=space, name="Flow", state=state, version=1)
    Version.objects.create(flow=made, number=1, graph=document, draft_revision=1)
    TriggerIndex.objects.create(workspace=space, flow=made, node=document["nodes"][0]["id"], event=event)
    return made


def caller(space: Workspace) -> Caller:
    """A person who may edit in the workspace."""
    return Caller(workspace_id=space.id, workspace_slug=space.slug, role="editor", actor="mia@example.com")


_numbers = itertools.count()


def customer(space: Workspace, **traits: Any) -> Customer:
    now = datetime.now(UTC)
    return Customer.objects.create(
        workspace=space, external_id=f"u{next(_numbers)}", email="ada@example.com", name="Ada", traits=traits,
        created_at=now, seen_at=now,
    )  # fmt: skip


def event(
    space: Workspace, who: str, name: str = "Signed Up", *, at: datetime | None = None, **properties: Any
) -> Event:
    now = clock.now()
    return Event.objects.create(
        workspace=space, source="test", message_id=new_id(), type="track", name=name, user_id=who,
        payload={"type": "track", "event": name, "userId": who, "properties": properties}, digest="",
        occurred_at=at or now, received_at=now,
    )  # fmt: skip


def path(run: Run | str) -> list[str]:
    """The run's steps as "node:status:port"."""
    run_id = run if isinstance(run, str) else run.id
    rows = Step.objects.filter(run_id=run_id).order_by("seq", "id").values_list("node", "status", "port")
    return [":".join(row).rstrip(":") for row in rows]


async def db[T](ask: Callable[[], T]) -> T:
    """A look into the database from a running loop, on a connection that is closed again."""

    def look() -> T:
        try:
            return ask()
        finally:
            connection.close()

    return await asyncio.to_thread(look)


async def until(ask: Callable[[], Any], *, seconds: float = 20.0) -> Any:
    """Waits until `ask` (in the database) gives something true, and gives that."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not (found := await db(ask)):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"never came true: {ask}")
        await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def working(*engines: Engine) -> AsyncIterator[None]:
    """Engines at work while the block runs, then stopped cleanly."""
    tasks = [asyncio.create_task(one.run()) for one in engines]
    try:
        yield
    finally:
        for one in engines:
            one.stop()
        await asyncio.gather(*tasks)
