"""The stand-in vendors: always the same, believable, breakable (Slack's is proved in test_slack)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from flowstudio.connectors.base import Tools
from flowstudio.connectors.registry import action
from flowstudio.domain.errors import ConnectorError
from flowstudio.sandbox import companies
from flowstudio.sandbox.traffic import signups
from flowstudio.sandbox.transport import Faults, SandboxTransport
from tests.connectors.conftest import asked

Build = Callable[..., Tools]


def test_companies_are_many_and_on_both_sides_of_100() -> None:
    known = companies.known()
    assert len(known) > 300
    assert len({company.name for company in known}) == len(known)
    big = sum(company.employees > 100 for company in known)
    assert 0.35 < big / len(known) < 0.65
    assert len(companies.domains()) - len(known) > 15
    assert all(domain.endswith(".example") for domain in companies.domains())
    assert len({company.place[2] for company in known}) > 8
    # Recorded once: other processes and Python releases must throw the same dice.
    first = companies.find("amber-analytics.example")
    assert first is not None
    assert (first.employees, first.founded, first.place[0]) == (121, 2021, "Boston")


@pytest.mark.parametrize(("domain", "big"), [("bigcorp.example", True), ("smallshop.example", False)])
def test_names_that_say_their_size(domain: str, *, big: bool) -> None:
    company = companies.find(domain)
    assert company is not None
    assert (company.employees > 100) is big


@pytest.mark.parametrize("domain", ["gmail.com", "unknown-co.example", ".example", "", "a b"])
def test_unknown_domains(domain: str) -> None:
    assert companies.find(domain) is None


def test_sign_ups_are_the_same_for_a_seed() -> None:
    started = datetime(2026, 11, 1, tzinfo=UTC)
    one = list(itertools.islice(signups(7, started_at=started), 400))
    assert one == list(itertools.islice(signups(7, started_at=started), 400))
    assert one != list(itertools.islice(signups(8, started_at=started), 400))
    assert [message["type"] for message in one[:4]] == ["identify", "track", "identify", "track"]
    assert {message["event"] for message in one if message["type"] == "track"} == {"Signed Up"}
    assert len({message["messageId"] for message in one}) == 400
    domains = [m["traits"]["email"].split("@")[1] for m in one if m["type"] == "identify"]
    found = [companies.find(domain) for domain in domains]
    assert any(company is None for company in found)
    assert any(company and company.employees > 100 for company in found)
    assert any(company and company.employees <= 100 for company in found)


async def test_the_onboarding_unit_can_run_on_it(tools_of: Build, sandbox: SandboxTransport) -> None:
    tools = tools_of(sandbox, sandbox=True)
    enrich, look, post = action("clearbit.enrich")[1], action("datayze.technographics")[1], action("slack.message")[1]
    got = await enrich.call(asked({"email": "ada@bigcorp.example"}), tools)
    assert got.traits["employees"] > 100
    again = await enrich.call(asked({"email": "ada@bigcorp.example"}), tools)
    assert again == got
    assert (await enrich.call(asked({"email": "ada@unknown.example"}), tools)).port == "not_found"
    assert (await enrich.call(asked({"email": "ada@gmail.com"}), tools)).port == "not_found"
    stack = await look.call(asked({"domain": "bigcorp.example"}), tools)
    assert stack.traits["technologies"] == sorted(stack.traits["technologies"])
    await post.call(asked({"channel": "#sales", "text": "hello"}), tools)
    assert [(message.channel, message.text) for message in sandbox.slack.messages] == [("#sales", "hello")]


async def test_a_pending_company_is_there_the_second_time(tools_of: Build, sandbox: SandboxTransport) -> None:
    tools, enrich = tools_of(sandbox, sandbox=True), action("clearbit.enrich")[1]
    # Which pending-… domains are known is settled by dice, too: take one that is.
    domain = next(name for name in (f"pending-{n}.example" for n in range(20)) if companies.find(name))
    with pytest.raises(ConnectorError) as caught:
        await enrich.call(asked({"domain": domain}), tools)
    assert caught.value.error_class == "pending"
    assert (await enrich.call(asked({"domain": domain}), tools)).port == "out"


@pytest.mark.parametrize(
    ("fault", "error_class", "retryable"),
    [("500", "status_500", True), ("503", "status_503", True), ("429", "status_429", True), ("401", "status_401", False),
     ("402", "status_402", False), ("nonsense", "bad_answer", True), ("html", "bad_answer", True),
     ("silent", "timeout", True), ("reset", "connect", True)],
)  # fmt: skip
async def test_switchable_failures(
    tools_of: Build, sandbox: SandboxTransport, fault: str, error_class: str, *, retryable: bool
) -> None:
    sandbox.faults = Faults.parse(f"clearbit:{fault}")
    tools, enrich = tools_of(sandbox, sandbox=True), action("clearbit.enrich")[1]
    with pytest.raises(ConnectorError) as caught:
        await enrich.call(asked({"domain": "bigcorp.example"}, deadline_s=0.3), tools)
    assert (caught.value.error_class, caught.value.retryable) == (error_class, retryable)
    sandbox.faults.clear("clearbit")
    assert (await enrich.call(asked({"domain": "bigcorp.example"}), tools)).port == "out"


def test_a_share_of_failures_is_spread_evenly() -> None:
    faults = Faults.parse("slack:503:0.25")
    assert [faults.next("slack") for _ in range(8)].count("503") == 2
    assert faults.next("clearbit") is None
    for wrong in ("nobody:503", "slack:teapot", "slack:503:2", "slack:503:x", "slack"):
        with pytest.raises(ValueError, match="Sandbox faults"):
            Faults.parse(wrong)


async def test_other_hosts_cannot_be_reached_from_the_sandbox(tools_of: Build, sandbox: SandboxTransport) -> None:
    with pytest.raises(ConnectorError) as caught:
        await tools_of(sandbox, sandbox=True).http.request("GET", "https://api.acme.com/")
    assert caught.value.error_class == "connect"
