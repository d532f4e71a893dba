"""`events send` and `demo`: over HTTP when a server is up, into the database when none is."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from flowstudio.api.events import EventsDoor
from flowstudio.management import sending
from flowstudio.store.models import ApiKey, Customer, Draft, Event, Feed, Flow, TriggerIndex
from tests.api.door_support import KEY, Lifespan, make_workspace, served

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def workspace(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.FLOWSTUDIO_PUBLIC_URL = "http://127.0.0.1:9"
    return make_workspace("main")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "events.jsonl"
    lines = [{"type": "track", "event": "x", "userId": f"u{n}", "messageId": str(n)} for n in range(250)]
    path.write_text("\n".join([*map(json.dumps, lines), "", ""]))
    return str(path)


def test_send_without_a_server_stores_directly_and_twice_changes_nothing(file, capsys):
    call_command("events", "send", file)
    call_command("events", "send", file)
    assert Event.objects.count() == 250
    assert "250 events sent to the database directly" in capsys.readouterr().out
    assert ApiKey.objects.filter(name="Command line", role="ingest").count() == 1


def test_send_over_http(file, capsys, settings):
    with served(Lifespan(EventsDoor())) as url:
        settings.FLOWSTUDIO_PUBLIC_URL = url
        call_command("events", "send", file, "--key", KEY)
    assert Event.objects.count() == 250
    assert f"sent to {url}" in capsys.readouterr().out


def test_a_revoked_key_of_the_command_line_is_made_anew(file, workspace):
    first, row = sending.own_key(workspace)
    assert sending.own_key(workspace)[0] == first
    ApiKey.objects.filter(id=row.id).update(revoked_at=row.created_at)
    assert sending.own_key(workspace)[0] != first


@pytest.mark.parametrize("line", ["{", "[]", '{"a": NaN}', "7"])
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"type":"track","event":"x","userId":"u"}\n' + line + "\n")
    with pytest.raises(CommandError, match="Line 2"):
        call_command("events", "send", str(path))


def test_mistakes_get_a_sentence(file, settings):
    for arguments, match in (
        (["/nowhere"], "no file"),
        ([file, "--workspace", "other"], "Known: main"),
        ([file, "--url", "http://127.0.0.1:9"], "No server answers"),
    ):
        with pytest.raises(CommandError, match=match):
            call_command("events", "send", *arguments)
    for rate in ("0", "-1", "1e9"):
        with pytest.raises(CommandError, match="--rate"):
            call_command("demo", "traffic", "--rate", rate)


def test_demo_traffic_sends_as_many_sign_ups_as_asked(capsys):
    call_command("demo", "traffic", "--rate", "500", "--count", "230", "--seed", "7")
    assert Event.objects.filter(name="Signed Up").count() == Event.objects.filter(type="identify").count() == 230
    assert Event.objects.filter(status="rejected").count() == 0
    assert "230 sign-ups" in capsys.readouterr().out


def test_demo_reset_keeps_flows_and_other_workspaces(workspace, capsys):
    other = make_workspace("other", "other-key")
    flow = Flow.objects.create(workspace=workspace, name="kept")
    Draft.objects.create(flow=flow, graph={})
    call_command("demo", "traffic", "--rate", "500", "--count", "5")
    call_command("demo", "traffic", "--rate", "500", "--count", "3", "--workspace", "other")
    call_command("demo", "reset", "--yes")
    assert set(Event.objects.values_list("workspace_id", flat=True)) == {other.id}
    assert Flow.objects.get().name == "kept" and Customer.objects.count() == 0
    assert Feed.objects.filter(kind="flow", flow_id=flow.id).count() == 1
    assert "10 events" in capsys.readouterr().out


def test_r11_2_an_import_is_marked_and_starts_flows_only_after_its_count(file, workspace, capsys, monkeypatch):
    flow = Flow.objects.create(workspace=workspace, name="Greet", state="live")
    TriggerIndex.objects.create(workspace=workspace, flow=flow, node="n", event="x")
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "n")
    call_command("events", "send", file, "--import", "--start")
    said = capsys.readouterr().out
    assert ("250 events. “Greet” with 250 × x may begin." in said, len(asked)) == (True, 1)
    assert Event.objects.count() == 0
    call_command("events", "send", file, "--import")
    assert {bool(payload["context"]["import"]) for payload in Event.objects.values_list("payload", flat=True)} == {True}
    Event.objects.all().delete()
    call_command("events", "send", file, "--import", "--start", "--yes")
    assert not any("context" in payload for payload in Event.objects.values_list("payload", flat=True))
    with pytest.raises(CommandError, match="add --import"):
        call_command("events", "send", file, "--start")
