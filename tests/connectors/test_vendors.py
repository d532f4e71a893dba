"""Clearbit, Datayze and Slack on recorded payloads, and against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from flowstudio.connectors.base import Answer, Tools
from flowstudio.connectors.registry import CONNECTORS, action
from flowstudio.domain.errors import ConnectorError, CredentialMissing
from flowstudio.sandbox.transport import SandboxTransport
from tests.connectors.conftest import Recordings, asked, recorded

Build = Callable[..., Tools]
CLEARBIT = {"api_key": "sk_canary_123456"}
DATAYZE = {"email": "ops@acme.example", "token": "tok_canary_123456"}
BOT = {"kind": "bot", "token": "xoxb-canary-123456", "webhook_url": ""}
HOOK = {"kind": "hook", "token": "", "webhook_url": "https://hooks.slack.com/services/T0/B0/canary123456"}


async def call(kind: str, params: dict[str, Any], tools: Tools, credential: dict[str, str] | None = None) -> Answer:
    _, one = action(kind)
    return await one.call(asked(params, credential), tools)


async def failing(kind: str, params: dict[str, Any], tools: Tools, credential: dict[str, str] | None) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        await call(kind, params, tools, credential)
    return caught.value


# Clearbit


async def test_clearbit_by_domain(tools_of: Build) -> None:
    vendor = Recordings(recorded("clearbit", "company_found"))
    got = await call(
        "clearbit.enrich", {"domain": "https://www.Uber.com/x", "email": "a@b.co"}, tools_of(vendor), CLEARBIT
    )
    sent = vendor.requests[0]
    assert str(sent.url) == "https://company.clearbit.com/v2/companies/find?domain=uber.com"
    assert sent.headers["authorization"] == "Bearer sk_canary_123456"
    assert (got.port, got.output["name"], got.status) == ("out", "Uber", 200)
    assert got.traits == {
        "company_name": "Uber", "legal_name": "Uber Technologies, Inc", "domain": "uber.com", "employees": 22000,
        "employees_range": "10K+", "industry": "Ground Transportation", "sector": "Industrials",
        "country": "United States", "country_code": "US", "city": "San Francisco", "founded": 2009,
        "company_type": "public", "annual_revenue": 14147000000, "estimated_revenue": "$10B+", "raised": 25200000000,
    }  # fmt: skip


async def test_clearbit_by_email_and_without_writing(tools_of: Build) -> None:
    vendor = Recordings(recorded("clearbit", "combined_found"))
    params = {"domain": "", "email": "alex@clearbit.com", "write_traits": False}
    got = await call("clearbit.enrich", params, tools_of(vendor), CLEARBIT)
    assert str(vendor.requests[0].url) == "https://person.clearbit.com/v2/combined/find?email=alex%40clearbit.com"
    assert (got.output["name"], got.output["person"]["name"]["fullName"], got.traits) == ("Uber", "Alex MacCaw", {})


@pytest.mark.parametrize("name", ["unknown", "combined_person_only"])
async def test_clearbit_not_found(tools_of: Build, name: str) -> None:
    got = await call("clearbit.enrich", {"email": "a@b.co"}, tools_of(Recordings(recorded("clearbit", name))), CLEARBIT)
    assert (got.port, got.traits) == ("not_found", {})


@pytest.mark.parametrize(
    ("name", "error_class", "retryable", "retry_after"),
    [("pending", "pending", True, 5.0), ("invalid", "status_422", False, None), ("over_quota", "status_402", False, None),
     ("unauthorized", "status_401", False, None), ("rate_limited", "status_429", True, 30.0)],
)  # fmt: skip
async def test_clearbit_refusals(
    tools_of: Build, name: str, error_class: str, retry_after: float | None, *, retryable: bool
) -> None:
    error = await failing(
        "clearbit.enrich", {"domain": "a.co"}, tools_of(Recordings(recorded("clearbit", name))), CLEARBIT
    )
    assert (error.error_class, error.retryable, error.retry_after) == (error_class, retryable, retry_after)
    assert error.sent == "answered"


@pytest.mark.parametrize(
    "params",
    [{}, {"domain": "", "email": " "}, {"domain": "not a domain"}, {"email": "a@b.co, c@d.co"}, {"domain": None}],
)
async def test_clearbit_has_nothing_to_ask(tools_of: Build, params: dict[str, Any]) -> None:
    vendor = Recordings(recorded("clearbit", "company_found"))
    error = await failing("clearbit.enrich", params, tools_of(vendor), CLEARBIT)
    assert (error.error_class, error.retryable, error.sent, vendor.requests) == ("input", False, "no", [])


# Datayze


@pytest.mark.parametrize(
    ("name", "technologies"),
    [("found_details", ["Akamai", "Google Analytics", "HubSpot"]), ("found_names", ["Google Analytics", "HubSpot"]),
     ("none_seen", [])],
)  # fmt: skip
async def test_datayze_found(tools_of: Build, name: str, technologies: list[str]) -> None:
    vendor = Recordings(recorded("datayze", name))
    got = await call("datayze.technographics", {"domain": "ada@acme.example"}, tools_of(vendor), DATAYZE)
    sent = vendor.requests[0].url
    assert (sent.host, sent.path, sent.params["domain"]) == ("api.datanyze.com", "/domain_info/", "acme.example")
    assert (sent.params["token"], sent.params["tech_details"]) == ("tok_canary_123456", "true")
    assert (got.port, got.output["technologies"], got.traits) == ("out", technologies, {"technologies": technologies})


async def test_datayze_not_found(tools_of: Build) -> None:
    vendor = Recordings(recorded("datayze", "unknown"))
    got = await call("datayze.technographics", {"domain": "a.co"}, tools_of(vendor), DATAYZE)
    assert (got.port, got.traits) == ("not_found", {})


@pytest.mark.parametrize(("name", "retryable"), [("bad_token", False), ("over_limit", True)])
async def test_datayze_errors_under_status_200(tools_of: Build, name: str, *, retryable: bool) -> None:
    vendor = Recordings(recorded("datayze", name))
    error = await failing("datayze.technographics", {"domain": "a.co"}, tools_of(vendor), DATAYZE)
    assert (error.retryable, error.sent) == (retryable, "answered")


# Slack


async def test_slack_by_bot_token(tools_of: Build) -> None:
    vendor = Recordings(recorded("slack", "posted"))
    got = await call("slack.message", {"channel": "#sales", "text": "hi"}, tools_of(vendor), BOT)
    sent = vendor.requests[0]
    assert (str(sent.url), sent.headers["idempotency-key"]) == ("https://slack.com/api/chat.postMessage", "k-1")
    assert json.loads(sent.content) == {"channel": "#sales", "text": "hi"}
    assert (got.output["ts"], got.effect_id) == ("1503435956.000247", "1503435956.000247")


@pytest.mark.parametrize(
    ("name", "error_class", "retryable", "retry_after"),
    [("channel_not_found", "slack_channel_not_found", False, None), ("invalid_auth", "slack_invalid_auth", False, None),
     ("missing_scope", "slack_missing_scope", False, None), ("internal_error", "slack_internal_error", True, None),
     ("rate_limited", "status_429", True, 30.0)],
)  # fmt: skip
async def test_slack_ok_is_what_counts(
    tools_of: Build, name: str, error_class: str, retry_after: float | None, *, retryable: bool
) -> None:
    vendor = Recordings(recorded("slack", name))
    error = await failing("slack.message", {"channel": "#s", "text": "hi"}, tools_of(vendor), BOT)
    assert (error.error_class, error.retryable, error.retry_after) == (error_class, retryable, retry_after)


async def test_slack_by_webhook(tools_of: Build) -> None:
    vendor = Recordings(recorded("slack", "webhook_ok"))
    await call("slack.message", {"channel": "", "text": "hi"}, tools_of(vendor), HOOK)
    assert str(vendor.requests[0].url) == HOOK["webhook_url"]
    assert json.loads(vendor.requests[0].content) == {"text": "hi"}


@pytest.mark.parametrize(
    "name", ["webhook_no_service", "webhook_revoked", "webhook_archived", "webhook_invalid_payload"]
)
async def test_slack_webhook_refusals_are_final(tools_of: Build, name: str) -> None:
    vendor = Recordings(recorded("slack", name))
    error = await failing("slack.message", {"text": "hi"}, tools_of(vendor), HOOK)
    assert (error.retryable, error.sent) == (False, "answered")


@pytest.mark.parametrize(
    "params", [{"channel": "#s", "text": " "}, {"channel": "", "text": "x"}, {"channel": "#s", "text": "x" * 40_001}]
)
async def test_slack_has_nothing_to_say(tools_of: Build, params: dict[str, Any]) -> None:
    vendor = Recordings(recorded("slack", "posted"))
    error = await failing("slack.message", params, tools_of(vendor), BOT)
    assert (error.error_class, vendor.requests) == ("input", [])


# All


VENDORS = [
    ("clearbit.enrich", {"domain": "a.co"}, CLEARBIT),
    ("datayze.technographics", {"domain": "a.co"}, DATAYZE),
    ("slack.message", {"channel": "#s", "text": "hi"}, BOT),
]


@pytest.mark.parametrize(("kind", "params", "credential"), VENDORS)
@pytest.mark.parametrize("body", [b"", b"NaN", b"[]", b'"x"', b"null", b"<html>", b'{"a": 1e999}', b"[" * 100_000])
async def test_f17_nonsense_is_a_retryable_error(
    tools_of: Build, kind: str, params: dict[str, Any], credential: dict[str, str], body: bytes
) -> None:
    error = await failing(kind, params, tools_of(Recordings(httpx.Response(200, content=body))), credential)
    assert (error.error_class, error.retryable) == ("bad_answer", True)


@pytest.mark.parametrize(("kind", "params", "credential"), VENDORS)
async def test_without_a_credential_only_the_sandbox_answers(
    tools_of: Build, sandbox: SandboxTransport, kind: str, params: dict[str, Any], credential: dict[str, str]
) -> None:
    vendor = Recordings(httpx.Response(200, json={}))
    with pytest.raises(CredentialMissing):
        await call(kind, params, tools_of(vendor), None)
    with pytest.raises(CredentialMissing):
        await call(kind, params, tools_of(vendor), {"other": "value"})
    assert vendor.requests == []
    assert (await call(kind, params, tools_of(sandbox, sandbox=True))).port in ("out", "not_found")


@pytest.mark.parametrize(("kind", "params", "credential"), VENDORS)
async def test_s24_an_echoed_secret_is_not_kept(
    tools_of: Build, kind: str, params: dict[str, Any], credential: dict[str, str]
) -> None:
    secret = next(value for value in credential.values() if "canary" in value)
    echo = {
        "ok": True,
        "ts": secret,
        "name": secret,
        "technologies": {"1": secret},
        "headers": {"authorization": f"Bearer {secret}"},
    }
    got = await call(kind, params, tools_of(Recordings(httpx.Response(200, json=echo))), credential)
    assert secret not in repr(got)
    refusal = httpx.Response(422, json={"error": {"message": f"bad {secret}"}})
    error = await failing(kind, params, tools_of(Recordings(refusal)), credential)
    assert secret not in f"{error} {error.detail} {error!r}"


@pytest.mark.parametrize("connector", ["clearbit", "datayze", "slack"])
async def test_a_credential_is_proved_by_one_harmless_call(tools_of: Build, connector: str) -> None:
    credential = {"clearbit": CLEARBIT, "datayze": DATAYZE, "slack": BOT}[connector]
    good = {"clearbit": "company_found", "datayze": "limits", "slack": "auth_test"}[connector]
    bad = {"clearbit": "unauthorized", "datayze": "bad_token", "slack": "invalid_auth"}[connector]
    prove = CONNECTORS[connector].test
    assert prove is not None
    assert await prove(credential, tools_of(Recordings(recorded(connector, good))))
    with pytest.raises(ConnectorError):
        await prove(credential, tools_of(Recordings(recorded(connector, bad))))
