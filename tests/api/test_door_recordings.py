"""Every recorded request of the released clients is taken as it came (EVENTS_API, `segment-wire`)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import httpx
import pytest
from asgiref.sync import sync_to_async

from flowstudio.api.events import EventsDoor
from flowstudio.store.models import ApiKey, Event, Workspace
from flowstudio.store.secrets import digest

RECORDINGS = sorted((Path(__file__).parent / "segment-wire").glob("*.json"))
KEYS = ("WK123", "phc_test")


@pytest.fixture
def workspace(transactional_db):
    found = Workspace.objects.create(slug="door", name="Door")
    for key in KEYS:
        ApiKey.objects.create(workspace=found, name=key, role="ingest", token_hash=digest(key), last4=key[-4:])
    return found


@pytest.fixture
async def door(workspace):
    made = EventsDoor()
    await made.start()
    yield made
    await made.stop()


def client(door):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="http://door")


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
async def test_recording_is_accepted(path, door, workspace):
    recording = json.loads(path.read_text())
    document = recording["decoded_body"]
    key = document.get("api_key")
    if key is not None:
        await sync_to_async(ApiKey.objects.filter(name="phc_test").update)(token_hash=digest(key))
    body = json.dumps(document).encode()
    if recording["headers"].get("Content-Encoding") == "gzip":
        body = gzip.compress(body)
    headers = {k: v for k, v in recording["headers"].items() if k.lower() not in ("host", "content-length")}
    async with client(door) as http:
        for _ in range(2):
            answer = await http.post(recording["path"], content=body, headers=headers)
            assert (answer.status_code, answer.json()) == (200, {"success": True})
    events = await sync_to_async(list)(Event.objects.order_by("id"))
    assert len(events) == len(document["batch"])
    assert [e.problem for e in events] == [""] * len(events)
    assert {e.conflict for e in events} == {0}
