"""Every recorded request of the released clients is taken as it came (EVENTS_API, `segment-wire`)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async

from tests.api.door_support import client, make_workspace, opened, stored

RECORDINGS = sorted((Path(__file__).parent / "segment-wire").glob("*.json"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
async def test_recording_is_accepted_and_a_repeat_changes_nothing(path):
    recording = json.loads(path.read_text())
    document = recording["decoded_body"]
    await sync_to_async(make_workspace)("door", "WK123", document.get("api_key", "other"))
    body = json.dumps(document).encode()
    if recording["headers"].get("Content-Encoding") == "gzip":
        body = gzip.compress(body)
    headers = {k: v for k, v in recording["headers"].items() if k.lower() not in ("host", "content-length")}
    async with opened() as door, client(door) as http:
        for _ in range(2):
            answer = await http.post(recording["path"], content=body, headers=headers)
            assert (answer.status_code, answer.json()) == (200, {"success": True})
    events = await stored()
    assert len(events) == len(document["batch"])
    assert [e.problem for e in events] == [""] * len(events)
    assert {e.conflict for e in events} == {0}
    assert {e.type for e in events} <= {"track", "identify", "page", "screen", "group", "alias"}
    assert "WK123" not in json.dumps([e.payload for e in events])
