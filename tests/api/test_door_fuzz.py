"""Whatever is sent, the door answers with a reason and never with a 5xx (RELIABILITY F17)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowstudio.api.door import app, hooks, messages, strict
from flowstudio.api.door.keys import Source
from flowstudio.domain.errors import InputError

SOURCE = Source(id="k" * 26, workspace_id="w" * 26, node="start")
RECEIVED = datetime(2026, 6, 1, tzinfo=UTC)
FIELDS = ("type", "event", "userId", "anonymousId", "previousId", "groupId", "traits", "properties", "context",
          "messageId", "timestamp", "sentAt", "originalTimestamp", "uuid", "distinct_id", "$set")  # fmt: skip

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**98, 10**102)
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["track", "alias", "$set", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "\ud800", "\x00"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
fields = st.dictionaries(st.sampled_from(FIELDS), values, max_size=10)
bodies = st.fixed_dictionaries({}, optional={"batch": st.lists(fields | values, max_size=5) | values, "sentAt": values,
                                             "sent_at": values, "context": values, "writeKey": values})  # fmt: skip
paths = st.sampled_from(["/v1/batch", "/v1/t", "/v1/identify", "/v1/g", "/v1/a", "/v1/page", "/batch"])


def check(event):
    text = event.payload
    json.loads(text, parse_constant=pytest.fail)
    assert "\\u0000" not in text or "\\\\u0000" in text
    for part in (text, event.name, event.user_id, event.anonymous_id, event.message_id, event.problem):
        part.encode()
        assert "\x00" not in part
    assert len(event.user_id) <= 255 and len(event.anonymous_id) <= 255 and len(event.name) <= 255
    assert 0 < len(event.message_id) <= 100 and event.name and len(event.type) <= 16 and len(event.digest) == 32
    assert event.occurred_at.tzinfo is not None and (event.status == "rejected") == bool(event.problem)


@settings(max_examples=400, deadline=None)
@given(path=paths, document=bodies | fields)
def test_f17_any_json_is_stored_rejected_or_refused_with_a_sentence(path, document):
    raw = json.dumps(document).encode()
    try:
        value, _ = strict.read(raw)
        delivery = app.deliver(path, value, SOURCE, "r" * 26, RECEIVED)
    except InputError as error:
        assert error.message.endswith((".", "?"))
        return
    for event in delivery:
        check(event)


@settings(max_examples=400, deadline=None)
@given(raw=st.binary(max_size=200) | st.text(alphabet='{}[]":,\\u0d8e1.-+nN \ufeff', max_size=60).map(str.encode))
def test_f17_any_bytes_are_json_or_refused(raw):
    try:
        value, suspect = strict.read(raw)
    except InputError as error:
        assert error.message.endswith(".")
        return
    if not suspect:
        assert value == json.loads(raw.decode("utf-8-sig"))


@settings(max_examples=200, deadline=None)
@given(value=values, header=st.text(max_size=120))
def test_f17_any_hook_body_is_stored_or_refused(value, header):
    try:
        read, _ = strict.read(json.dumps(value).encode())
        event = hooks.event(read, SOURCE, {"webhook-id": header}, RECEIVED)
    except InputError as error:
        assert error.message.endswith(".")
        return
    check(event)


@settings(max_examples=300, deadline=None)
@given(message=fields)
def test_a_digest_does_not_depend_on_the_order_of_keys_nor_on_a_retry(message):
    envelope = messages.Envelope(workspace_id="w", source="s", request_id="r", received_at=RECEIVED)
    turned = {key: message[key] for key in reversed(message)} | {"sentAt": "2026-01-01T00:00:00Z"}
    first, second = messages.event(message, 0, envelope), messages.event(turned, 0, envelope)
    if first.status == second.status == "pending":
        assert first.digest == second.digest
