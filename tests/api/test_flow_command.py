"""`manage.py flow simulate FILE`: the path in a terminal, without a database unless a stored customer is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from flowstudio.domain.samples import onboarding_unit
from tests.api.world import room

AT = "2026-11-24T09:00:00Z"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(onboarding_unit()))
    return str(path)


def said(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    call_command("flow", "simulate", *args)
    return capsys.readouterr().out


def test_a_line_a_step_with_time_way_and_reason(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    customer = json.dumps({"email": "bo@x.example", "name": "Bo", "traits": {"employees": 50}})
    outcomes = json.dumps({"mail_2": [{"port": "error", "reason": "Mailbox full"}]})
    text = said(capsys, file, "--at", AT, "--customer", customer, "--outcomes", outcomes)
    lines = text.splitlines()
    assert lines[:2] == ["Bo (bo@x.example; employees 50)", "“Signed Up” at 2026-11-24 09:00 UTC"]
    assert "  2026-11-24 09:00  Signed up       → out         Signed Up arrived" in lines
    assert any(line.split()[:5] == ["09:00", "Company", "size", "→", "else"] for line in lines)
    assert "  2026-11-26 09:00  Two days        → out         waited 2 days" in lines
    assert "Mailbox full [failed, chosen]" in text
    assert "“E-mail 2” failed: Mailbox full, after 2 days." in lines
    assert "It would cost 0.301." in lines
    assert lines[-1] == "5 steps rest on answers that nobody chose: give --outcomes to choose."
    assert max(map(len, lines)) <= 140


def test_json_is_the_answer_of_the_api(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    events = json.dumps([{"at": "1d", "traits": {"vip": True}}])
    made: dict[str, Any] = json.loads(said(capsys, file, "--at", AT, "--json", "--events", events))
    assert [step["node"] for step in made["steps"]][:2] == ["signed_up", "enrich"]
    assert made["end"]["status"] == "completed"


@pytest.mark.django_db
def test_a_stored_customer_by_id(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    ours = room("ours")
    text = said(capsys, file, "--customer", ours.ids["customer_id"], "--workspace", "ours", "--at", AT)
    assert text.startswith("Ann (ann@ours.example; employees 540)\n")
    with pytest.raises(CommandError, match="no customer with the id"):
        said(capsys, file, "--customer", "x", "--workspace", "ours")


def test_another_event_starts_nothing(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Not started: this flow begins with “Signed Up”, not with “Bought”." in said(
        capsys, file, "--event", "Bought"
    )


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--customer", "{x", "--customer: It is not JSON"),
        ("--outcomes", '{"x": {}}', "--outcomes.x: Expected a list"),
        ("--outcomes", '{"x": [{}]}', "There is no node “x” in this flow. Use a node's id"),
        ("--events", '[{"event": "Paid"}]', "--events.0.at: This field is required"),
        ("--at", "soon", "is no moment"),
        ("--seed", "-1", "--seed: "),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(file: str, option: str, value: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=r"^[^\n]*$") as caught:
        call_command("flow", "simulate", file, f"{option}={value}")
    assert sentence in str(caught.value)


def test_a_drawing_with_errors_is_refused_with_every_issue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"nodes": [{"id": "a", "type": "gone.away"}], "edges": []}')
    with pytest.raises(CommandError, match="This drawing has 2 errors"):
        call_command("flow", "simulate", str(path))
    out = capsys.readouterr().out
    assert out.count("error") >= 2
    assert "Nothing starts this flow." in out
