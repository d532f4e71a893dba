"""Lost answers, whole: a real engine, the built-in nodes, real servers that break off (SEMANTICS 10.3, RELIABILITY F16, F32).

What the author chose in the form is what happens: nothing is sent twice in silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flowstudio.connectors.base import Tools
from flowstudio.connectors.http import Http
from flowstudio.connectors.registry import action, build_tools
from flowstudio.engine import programs
from flowstudio.engine.runner import Engine
from flowstudio.sandbox.transport import SandboxTransport
from flowstudio.store.models import Attempt, Run, Step
from tests.connectors.conftest import KeptMails, answering, loopback
from tests.connectors.mail_servers import CUT, scripted
from tests.engine import house

MAIL = {"to": "{{ event.properties.email }}", "subject": "Welcome", "body": "Hello"}


@pytest.fixture
def built_in() -> Iterator[None]:
    programs.use_catalogue(None)
    yield
    programs.use_catalogue(None)


@asynccontextmanager
async def product(smtp: str = "") -> AsyncIterator[Tools]:
    settings = SimpleNamespace(
        FLOWSTUDIO_SMTP_URL=smtp, FLOWSTUDIO_MAIL_FROM="Acme <hello@acme.example>", FLOWSTUDIO_WAREHOUSE_URL="",
        DATA_DIR=Path("nowhere"), FLOWSTUDIO_EGRESS_ALLOW=["127.0.0.1"], FLOWSTUDIO_EGRESS_PROXY="",
    )  # fmt: skip
    tools = build_tools(settings, mailer=KeptMails())
    try:
        yield tools
    finally:
        await tools.http.aclose()


async def run(tools: Tools, kind: str, config: dict[str, Any]) -> Run:
    """One customer through `trigger → action → exit`, by an engine that works until nothing is due."""

    def prepare() -> None:
        space = house.workspace()
        document = house.graph(
            ("start", "trigger.event", {"event": "Signed Up"}),
            ("act", kind, config),
            ("end", "exit", {}),
            edges="start>act act>end",
        )
        house.flow(space, document)
        house.event(space, "ada", email="ada@acme.example")

    await house.db(prepare)
    http = Http(transport=SandboxTransport(latency_s=(0, 0)))
    stand_in = Tools(http=http, warehouse=tools.warehouse, mailer=tools.mailer, sandbox=True)
    engine = Engine(
        tools=tools, sandbox_tools=stand_in, actions=action, decrypt=lambda text: text, lease_s=10.0, scan_s=0.05,
        retry_base_s=0.02, grace_s=2.0, takes_over=False,
    )  # fmt: skip
    for _ in range(40):
        await engine.drain()
        found = await house.db(Run.objects.get)
        if not await house.db(Step.objects.filter(status="retrying").exists):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("the tries never end")


async def tries() -> list[tuple[str, str]]:
    rows = Attempt.objects.filter(step__node="act").order_by("number").values_list("state", "error_class")
    return await house.db(lambda: list(rows))


async def step() -> Step:
    return await house.db(lambda: Step.objects.get(node="act"))


# E-mail


@pytest.mark.usefixtures("transactional_db", "built_in")
async def test_f32_a_mail_in_doubt_is_held_and_not_sent_again() -> None:
    async with scripted(end=CUT) as server, product(f"smtp://127.0.0.1:{server.port}") as tools:
        found = await run(tools, "email.send", MAIL)
    assert len(server.bodies) == 1
    assert await tries() == [("unknown", "smtp_cut")]
    held = await step()
    assert (found.status, held.status) == ("active", "held")
    assert held.reason.startswith("May have been done: The connection to the mail server broke off")


@pytest.mark.usefixtures("transactional_db", "built_in")
async def test_a_mail_in_doubt_goes_on_as_if_sent_when_the_author_chose_so() -> None:
    async with scripted(end=CUT) as server, product(f"smtp://127.0.0.1:{server.port}") as tools:
        found = await run(tools, "email.send", {**MAIL, "unknown": "assume_done"})
    assert len(server.bodies) == 1
    assert await tries() == [("unknown", "smtp_cut")]
    assert found.status == "completed"


@pytest.mark.usefixtures("transactional_db", "built_in")
async def test_a_mail_in_doubt_is_sent_again_with_the_same_message_id_when_the_author_chose_so() -> None:
    async with scripted(end=[CUT, "250 OK"]) as server, product(f"smtp://127.0.0.1:{server.port}") as tools:
        found = await run(tools, "email.send", {**MAIL, "unknown": "retry"})
    first, again = [message_from_bytes(body)["Message-ID"] for body in server.bodies]
    assert first == again
    assert await tries() == [("unknown", "smtp_cut"), ("accepted", "")]
    assert found.status == "completed"


@pytest.mark.usefixtures("transactional_db", "built_in")
async def test_a_mail_that_never_left_is_simply_tried_again() -> None:
    async with (
        scripted(RCPT=["450 4.7.1 Greylisted", "250 OK"]) as server,
        product(f"smtp://127.0.0.1:{server.port}") as tools,
    ):
        found = await run(tools, "email.send", MAIL)
    assert await tries() == [("rejected", "smtp_450"), ("accepted", "")]
    assert (len(server.bodies), found.status) == (1, "completed")


# HTTP


class Forgetful:
    """Reads the first request and breaks off; answers the rest."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
        self.seen.append(raw)
        if len(self.seen) == 1:
            writer.close()
        else:
            await answering(body=b'{"ok": true}')(reader, writer, raw)


def key(raw: bytes) -> str:
    lines = raw.decode("latin-1").lower().split("\r\n")
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("idempotency-key:")), "")


@pytest.mark.usefixtures("transactional_db", "built_in")
@pytest.mark.parametrize(
    ("config", "states", "step_status", "run_status"),
    [
        ({"method": "POST"}, ["unknown"], "held", "active"),
        ({"method": "DELETE"}, ["unknown"], "held", "active"),
        ({"method": "POST", "unknown": "assume_done"}, ["unknown"], "done", "completed"),
        ({"method": "POST", "unknown": "retry"}, ["unknown", "accepted"], "done", "completed"),
        ({"method": "POST", "idempotent": True}, ["unknown", "accepted"], "done", "completed"),
        ({"method": "POST", "idempotent": True, "retry": 1}, ["unknown"], "failed", "completed"),
        ({"method": "GET"}, ["unknown", "accepted"], "done", "completed"),
    ],
    ids=["held", "DELETE held", "assumed done", "sent again", "a repeat is known", "no more tries", "GET"],
)
async def test_f16_a_request_whose_answer_was_lost(
    config: dict[str, Any], states: list[str], step_status: str, run_status: str
) -> None:
    vendor = Forgetful()
    async with loopback(vendor) as server, product() as tools:
        found = await run(tools, "http.request", {"url": f"{server.url}/pay", **config})
    assert [state for state, _ in await tries()] == states
    assert len(vendor.seen) == len(states)
    assert ((await step()).status, found.status) == (step_status, run_status)
    keys = {key(raw) for raw in vendor.seen}
    assert len(keys) == 1
    assert ("" in keys) == (config["method"] == "GET")
