"""Slack's own released clients against our Slack over HTTP, and our connector over the same wire."""

from __future__ import annotations

import asyncio
import re
import time
import warnings
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp import web
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.models.blocks import SectionBlock
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from flowstudio.connectors.base import Answer, Tools
from flowstudio.connectors.registry import CONNECTORS, action
from flowstudio.domain.errors import ConnectorError
from flowstudio.sandbox.transport import Faults, SandboxTransport
from tests.connectors.conftest import asked

Build = Callable[..., Tools]
BOT = {"kind": "bot", "token": "xoxb-canary-123456", "webhook_url": ""}
HOOK = {"kind": "hook", "token": "", "webhook_url": "https://hooks.slack.com/services/T0/B0/canary123456"}


@pytest.fixture
async def slack(sandbox: SandboxTransport) -> AsyncIterator[str]:
    """Our Slack on loopback: the Web API under /api/, webhooks under /services/."""

    async def answer(request: web.Request) -> web.Response:
        host = "hooks.slack.com" if request.path.startswith("/services/") else "slack.com"
        made = httpx.Request(
            request.method,
            f"https://{host}{request.path_qs}",
            headers=dict(request.headers),
            content=await request.read(),
        )
        given = await sandbox.handle_async_request(made)
        kept = {name: value for name, value in given.headers.items() if name != "content-length"}
        return web.Response(status=given.status_code, body=await given.aread(), headers=kept)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert server is not None
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
    await runner.cleanup()


class Wire(httpx.AsyncBaseTransport):
    """Carries requests for Slack's hosts to our Slack over a real connection."""

    def __init__(self, to: str) -> None:
        self.to = to

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, self.to + request.url.path, data=body, headers=headers) as got,
        ):
            return httpx.Response(got.status, headers=dict(got.headers), stream=httpx.ByteStream(await got.read()))


# Slack's own clients


async def test_the_web_client_gets_what_it_expects(sandbox: SandboxTransport, slack: str) -> None:
    client = WebClient(token="xoxb-1", base_url=f"{slack}/api/")

    def use() -> None:
        who = client.auth_test()
        assert {who["team"], who["user"]} == {"Sandbox", "flowstudio"}
        assert re.fullmatch(r"https://\w+\.slack\.com/", who["url"])
        assert re.fullmatch(r"T[A-Z0-9]{2,}", who["team_id"])
        assert re.fullmatch(r"[UW][A-Z0-9]{2,}", who["user_id"])
        assert re.fullmatch(r"B[A-Z0-9]{8,}", who["bot_id"])
        first = client.chat_postMessage(channel="#sales", text="from the SDK <&> 🚀")
        assert first["ok"] is True
        assert re.fullmatch(r"[CGD][A-Z0-9]{8,}", first["channel"])
        assert re.fullmatch(r"\d{10}\.\d{6}", first["ts"])
        assert first["message"]["text"] == "from the SDK <&> 🚀"
        assert first["message"]["type"] == "message"
        assert first["message"]["ts"] == first["ts"]
        # A client goes on with the channel's id and the message's time.
        reply = client.chat_postMessage(channel=first["channel"], text="in the thread", thread_ts=first["ts"])
        assert reply["channel"] == first["channel"]
        assert reply["message"]["thread_ts"] == first["ts"]
        assert reply["ts"] > first["ts"]
        assert client.api_test()["ok"] is True

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await asyncio.to_thread(use)
    assert [message.text for message in sandbox.slack.messages] == ["from the SDK <&> 🚀", "in the thread"]


async def test_blocks_and_forms(sandbox: SandboxTransport, slack: str) -> None:
    client = AsyncWebClient(token="xoxb-1", base_url=f"{slack}/api/")
    posted = await client.chat_postMessage(channel="sales", text="fallback", blocks=[SectionBlock(text="*bold*")])
    assert posted["ok"]
    raw = sandbox.slack.messages[0].raw
    assert raw["blocks"][0]["text"]["text"] == "*bold*"
    assert (await client.api_call("chat.postMessage", data={"channel": "#sales", "text": "as a form"}))["ok"]
    assert (await client.api_call("chat.postMessage", http_verb="GET", params={"channel": "#s", "text": "in the URL"}))[
        "ok"
    ]
    assert [message.text for message in sandbox.slack.messages] == ["fallback", "as a form", "in the URL"]


@pytest.mark.parametrize(
    ("token", "params", "error"),
    [
        ("xoxb-1", {"channel": "#missing", "text": "x"}, "channel_not_found"),
        ("xoxb-1", {"channel": "#archived-2025", "text": "x"}, "is_archived"),
        ("xoxb-1", {"channel": "#private-board", "text": "x"}, "not_in_channel"),
        ("xoxb-1", {"channel": "#sales", "text": ""}, "no_text"),
        ("xoxb-1", {"channel": "#sales", "text": "x" * 40_001}, "msg_too_long"),
        ("expired", {"channel": "#sales", "text": "x"}, "invalid_auth"),
        ("", {"channel": "#sales", "text": "x"}, "not_authed"),
    ],
)
async def test_the_web_client_raises_slacks_own_errors(
    sandbox: SandboxTransport, slack: str, token: str, params: dict[str, str], error: str
) -> None:
    client = AsyncWebClient(token=token, base_url=f"{slack}/api/")
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("chat.postMessage", json=params)
    assert caught.value.response["ok"] is False
    assert caught.value.response["error"] == error
    assert caught.value.response.status_code == 200
    assert not sandbox.slack.messages


async def test_errors_that_are_asked_for(slack: str) -> None:
    client = AsyncWebClient(token="xoxb-1", base_url=f"{slack}/api/")
    with pytest.raises(SlackApiError, match="my_error"):
        await client.api_test(error="my_error")
    with pytest.raises(SlackApiError, match="unknown_method"):
        await client.api_call("chat.shout", json={"text": "x"})


async def test_the_clients_own_retry_waits_as_our_slack_says(sandbox: SandboxTransport, slack: str) -> None:
    # Every second request is limited: the second message's first try.
    sandbox.faults = Faults.parse("slack:429:0.5")
    retries = [RateLimitErrorRetryHandler(max_retry_count=1)]
    client = WebClient(token="xoxb-1", base_url=f"{slack}/api/", retry_handlers=retries)
    for text in ("first", "second"):
        started = time.monotonic()
        await asyncio.to_thread(client.chat_postMessage, channel="#sales", text=text)
    assert time.monotonic() - started >= 2
    assert [message.text for message in sandbox.slack.messages] == ["first", "second"]
    sandbox.faults = Faults.parse("slack:429")
    with pytest.raises(SlackApiError) as caught:
        await AsyncWebClient(token="xoxb-1", base_url=f"{slack}/api/").chat_postMessage(channel="#sales", text="x")
    assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
    assert caught.value.response.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("/services/T0/B0/x", {"text": "by hook"}, 200, "ok"),
        ("/services/T0/B0/x", {"text": "", "blocks": [{"type": "divider"}]}, 200, "ok"),
        ("/services/T0/B0/x", {"text": ""}, 400, "no_text"),
        ("/services/T0/B0/missing", {"text": "x"}, 404, "no_service"),
        ("/services/T0/B0/revoked", {"text": "x"}, 403, "invalid_token"),
        ("/services/T0/B0/archived", {"text": "x"}, 410, "channel_is_archived"),
    ],
)
async def test_the_webhook_client(
    sandbox: SandboxTransport, slack: str, path: str, body: dict[str, Any], status: int, word: str
) -> None:
    sync = await asyncio.to_thread(WebhookClient(slack + path).send_dict, body)
    again = await AsyncWebhookClient(slack + path).send_dict(body)
    assert [(got.status_code, got.body) for got in (sync, again)] == [(status, word)] * 2
    assert len(sandbox.slack.messages) == (2 if status == 200 else 0)


async def test_webhooks_by_the_older_form_and_nonsense(sandbox: SandboxTransport, slack: str) -> None:
    async with httpx.AsyncClient() as http:
        url = f"{slack}/services/T0/B0/x"
        assert (await http.post(url, data={"payload": '{"text": "old"}'})).text == "ok"
        for body in ({"content": b"{"}, {"content": b"[]"}, {"content": b'"x"'}):
            got = await http.post(url, headers={"content-type": "application/json"}, **body)  # type: ignore[arg-type]
            assert (got.status_code, got.text) == (400, "invalid_payload")
    assert [message.text for message in sandbox.slack.messages] == ["old"]


# Our connector over the same wire


async def posted(tools: Tools, params: dict[str, Any], credential: dict[str, str] | None = None, **more: Any) -> Answer:
    return await action("slack.message")[1].call(asked(params, credential or BOT, **more), tools)


async def test_our_connector_posts_by_token(sandbox: SandboxTransport, slack: str, tools_of: Build) -> None:
    got = await posted(tools_of(Wire(slack)), {"channel": "#sales", "text": "Grüße &amp; *bold* 🚀"})
    [message] = sandbox.slack.messages
    assert (message.channel, message.text, message.way) == ("#sales", "Grüße &amp; *bold* 🚀", "chat.postMessage")
    assert (got.output["ts"], got.effect_id) == (message.ts, message.ts)
    assert re.fullmatch(r"C[A-Z0-9]{8,}", got.output["channel"])
    assert "canary" not in repr(got)


async def test_our_connector_posts_by_webhook(sandbox: SandboxTransport, slack: str, tools_of: Build) -> None:
    got = await posted(tools_of(Wire(slack)), {"channel": "#elsewhere", "text": "hi"}, HOOK)
    assert [(message.text, message.way) for message in sandbox.slack.messages] == [("hi", "webhook")]
    assert got.output == {"ok": True, "channel": None, "ts": None, "text": "hi"}


@pytest.mark.parametrize(
    ("channel", "error_class", "sentence"),
    [
        (
            "#missing",
            "slack_channel_not_found",
            "There is no such channel. Check its name, and invite the app if it is private.",
        ),
        ("#archived", "slack_is_archived", "This channel is archived. Choose another one."),
        ("#private", "slack_not_in_channel", "The app is not in this channel. Invite it with /invite."),
    ],
)
async def test_our_connector_says_what_to_do(
    slack: str, tools_of: Build, channel: str, error_class: str, sentence: str
) -> None:
    with pytest.raises(ConnectorError) as caught:
        await posted(tools_of(Wire(slack)), {"channel": channel, "text": "x"})
    error = caught.value
    assert (error.error_class, error.message, error.retryable, error.sent) == (error_class, sentence, False, "answered")


@pytest.mark.parametrize(
    ("way", "sentence"),
    [("missing", "no longer exists"), ("revoked", "was revoked"), ("archived", "channel is archived")],
)
async def test_webhooks_that_are_gone(slack: str, tools_of: Build, way: str, sentence: str) -> None:
    with pytest.raises(ConnectorError, match=sentence) as caught:
        await posted(
            tools_of(Wire(slack)), {"text": "x"}, {**HOOK, "webhook_url": f"https://hooks.slack.com/services/{way}"}
        )
    assert (caught.value.retryable, caught.value.sent) == (False, "answered")


@pytest.mark.parametrize("credential", [BOT, HOOK], ids=["bot", "hook"])
@pytest.mark.parametrize(
    ("fault", "error_class", "retryable", "wait"),
    [("429", "status_429", True, 2.0), ("500", "status_500", True, None), ("503", "status_503", True, None),
     ("401", None, False, None), ("402", None, False, None), ("nonsense", "bad_answer", True, None),
     ("html", "bad_answer", True, None)],
)  # fmt: skip
async def test_our_connector_reads_every_fault_as_slack_means_it(
    sandbox: SandboxTransport,
    slack: str,
    tools_of: Build,
    credential: dict[str, str],
    fault: str,
    error_class: str | None,
    wait: float | None,
    *,
    retryable: bool,
) -> None:
    sandbox.faults = Faults.parse(f"slack:{fault}")
    with pytest.raises(ConnectorError) as caught:
        await posted(tools_of(Wire(slack)), {"channel": "#sales", "text": "x"}, credential)
    error = caught.value
    assert (error.retryable, error.retry_after, error.sent) == (retryable, wait, "answered")
    assert error_class is None or error.error_class == error_class
    assert "canary" not in f"{error} {error.detail}"


async def test_a_lost_answer_may_have_been_posted(sandbox: SandboxTransport, tools_of: Build) -> None:
    """Slack knows no key, so that nobody may send it again without being told to."""
    sandbox.faults = Faults.parse("slack:silent")
    with pytest.raises(ConnectorError) as caught:
        await posted(tools_of(sandbox), {"channel": "#sales", "text": "x"}, deadline_s=0.2)
    assert (caught.value.error_class, caught.value.retryable) == ("timeout", True)
    assert action("slack.message")[1].idempotent == "no"


async def test_the_credential_is_proved(slack: str, tools_of: Build) -> None:
    prove = CONNECTORS["slack"].test
    assert prove is not None
    assert await prove(BOT, tools_of(Wire(slack))) == "Connected to the Slack workspace Sandbox as flowstudio."
    with pytest.raises(ConnectorError, match="refused the credential"):
        await prove({**BOT, "token": "expired-1"}, tools_of(Wire(slack)))
