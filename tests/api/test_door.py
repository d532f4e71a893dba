"""The events door: routes, keys, bodies, answers (EVENTS_API, SECURITY S16, S18, S27, RELIABILITY F17, F20)."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, transaction

from flowstudio.api.door import app, body, keys, messages
from flowstudio.api.events import EventsDoor
from flowstudio.engine import ingest, match
from flowstudio.engine.writer import GroupWriter
from flowstudio.store.models import ApiKey, Event, Flow, Hook, Run, TriggerIndex, Version
from flowstudio.store.secrets import digest
from tests.api.door_support import KEY, client, make_workspace, opened, stored

pytestmark = pytest.mark.django_db(transaction=True)

BASIC = {"authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()}
TRACK = {"type": "track", "event": "Signed Up", "userId": "u1", "messageId": "m1"}


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
async def door(workspace):
    async with opened() as made:
        yield made


@pytest.fixture
async def http(door):
    async with client(door) as made:
        yield made


async def post(http, path="/v1/batch", *, headers=BASIC, **document):
    return await http.post(path, content=json.dumps(document), headers=headers)


ROUTES = {
    "track": {"event": "x"}, "identify": {"traits": {}}, "page": {"name": "Home"}, "screen": {"name": "Home"},
    "group": {"groupId": "g"}, "alias": {"previousId": "a"},
}  # fmt: skip


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("kind", ROUTES)
async def test_single_routes_long_and_short_with_and_without_slash(http, kind, slash):
    for path in (f"/v1/{kind}{slash}", f"/v1/{kind[0]}{slash}"):
        answer = await post(http, path, userId="u1", **ROUTES[kind])
        assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    assert [e.type for e in await stored()] == [kind, kind]


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/batch/", "/v1/b", "/v1/b/", "/v1/import", "/v1/import/"])
async def test_batch_routes(http, path):
    assert (await post(http, path, batch=[TRACK])).status_code == 200
    assert len(await stored()) == 1


async def test_other_routes_go_to_the_inner_app(workspace):
    seen = []

    async def inner(scope, receive, send):
        seen.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with client(EventsDoor(inner)) as http:
        for path in ("/", "/api/v1/flows/", "/v1/unknown", "/v1"):
            assert (await http.get(path)).status_code == 204
    assert len(seen) == 4


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/batch", "/hooks/abc"])
async def test_other_methods_are_refused_without_a_redirect(http, method, path):
    answer = await http.request(method, path)
    assert answer.status_code == 405 and set(answer.json()) == {"code", "message"}


async def test_preflight_of_a_browser(http):
    answer = await http.request("OPTIONS", "/v1/t", headers={"origin": "https://shop.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-max-age"] == "86400"
    assert "access-control-allow-credentials" not in answer.headers
    allowed = answer.headers["access-control-allow-headers"]
    assert all(name in allowed for name in ("authorization", "content-type", "x-retry-count"))


def basic(text):
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "extra", "status"),
    [
        (BASIC, {}, 200),
        (basic(KEY), {}, 200),
        ({}, {"writeKey": KEY}, 200),
        ({}, {"api_key": KEY}, 200),
        ({"authorization": "Bearer oauth"}, {"writeKey": KEY}, 200),
        ({"authorization": "Bearer oauth"}, {}, 401),
        (basic("wrong:"), {"writeKey": KEY}, 401),
        ({"authorization": "Basic ###"}, {}, 401),
        ({"authorization": "Basic"}, {}, 401),
        ({}, {}, 401),
        ({}, {"writeKey": 7}, 401),
        ({}, {"writeKey": "\ud800"}, 401),
    ],
)
async def test_write_key_places(http, headers, extra, status):
    answer = await post(http, headers=headers, batch=[TRACK], **extra)
    assert answer.status_code == status
    assert len(await stored()) == (status == 200)
    if status == 401:
        assert answer.json()["code"] == "unknown_key"


@pytest.mark.parametrize("role", ["admin", "editor", "viewer"])
async def test_only_ingest_keys_open_the_door(http, role):
    await sync_to_async(ApiKey.objects.update)(role=role)
    assert (await post(http, batch=[TRACK])).status_code == 401


async def test_a_revoked_key_stops_within_seconds(workspace, monkeypatch):
    monkeypatch.setattr(keys, "LIFE_S", 0.05)
    async with opened() as door, client(door) as http:
        door._keys._life_s = 0.05
        assert (await post(http, batch=[TRACK])).status_code == 200
        await sync_to_async(ApiKey.objects.update)(revoked_at=datetime.now(UTC))
        await asyncio.sleep(0.06)
        assert (await post(http, batch=[TRACK])).status_code == 401


async def test_s16_wrong_keys_are_limited_by_address_whatever_the_headers_say(workspace):
    async with opened(wrong_a_minute=3) as door, client(door) as http:
        assert (await post(http, batch=[])).status_code == 200
        for n in range(5):
            spoofed = {**basic(f"w{n}:"), "x-forwarded-for": f"10.0.0.{n}", "forwarded": f"for=10.0.0.{n}"}
            answer = await post(http, headers=spoofed, batch=[TRACK])
            assert answer.status_code == (401 if n < 3 else 429)
        assert answer.headers["retry-after"].isdigit() and set(answer.json()) == {"code", "message"}
        # A key that is known to be good goes on from the same address.
        assert (await post(http, batch=[TRACK])).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain", "x", ""])
async def test_content_type_is_ignored(http, kind):
    answer = await post(http, headers={**BASIC, "content-type": kind}, batch=[TRACK])
    assert answer.status_code == 200 and len(await stored()) == 1


def packed(data):
    return gzip.compress(data if isinstance(data, bytes) else json.dumps(data).encode())


async def test_gzip_with_and_without_its_header_in_members(http):
    one = json.dumps({"batch": [TRACK]}).encode()
    for headers in ({**BASIC, "content-encoding": "gzip"}, BASIC):
        for content in (packed(one), packed(one[:10]) + packed(one[10:])):
            assert (await http.post("/v1/batch", content=content, headers=headers)).status_code == 200
    assert len(await stored()) == 1


@pytest.mark.parametrize(
    ("content", "encoding", "status"),
    [
        (b"{}", "gzip", 400),
        (packed({"batch": []})[:-6], "gzip", 400),
        (packed({"batch": []}), "br", 400),
        (packed(packed({"batch": []})), "gzip", 400),
        (packed(b'{"batch": ["' + b" " * (50 * 1024 * 1024) + b'"]}'), "gzip", 413),
    ],
    ids=["plain", "cut", "other", "twice", "bomb"],
)
async def test_f17_bad_gzip(http, content, encoding, status):
    answer = await http.post("/v1/batch", content=content, headers={**BASIC, "content-encoding": encoding})
    assert answer.status_code == status and set(answer.json()) == {"code", "message"}


@pytest.mark.parametrize(("size", "fits"), [(-1, True), (0, True), (1, False)])
def test_bound_of_the_unpacked_body(size, fits):
    data = zlib.compress(b" " * (1000 + size), wbits=31)
    if fits:
        assert len(body.unpack(data, "gzip", limit=1000)) == 1000 + size
    else:
        with pytest.raises(body.TooLarge):
            body.unpack(data, "gzip", limit=1000)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(("size", "status"), [(body.MAX_RAW, 200), (body.MAX_RAW + 1, 413)])
async def test_bound_of_the_raw_body(http, size, status, declared):
    content = b'{"batch": []' + b" " * (size - 13) + b"}"

    async def stream():
        for start in range(0, size, 1 << 20):
            yield content[start : start + (1 << 20)]

    answer = await http.post("/v1/batch", content=content if declared else stream(), headers=BASIC)
    assert answer.status_code == status


DEEP = b"[" * 100_000
BAD_BODIES = {
    "empty": b"", "blank": b"  ", "null": b"null", "array": b"[]", "text": b'"x"', "number": b"1",
    "cut": b'{"batch": [',
    "latin-1": '{"batch": ["é"]}'.encode("latin-1"), "utf-16": '{"batch": []}'.encode("utf-16"),
    "bad utf-8": b'{"batch": ["\xff"]}', "surrogate bytes": b'{"batch": ["\xed\xa0\x80"]}', "no batch": b"{}",
    "batch null": b'{"batch": null}', "batch object": b'{"batch": {}}', "trailing": b'{"batch": []}x',
    "form": b"batch=1", "NUL byte": b'{"batch": []}\x00',
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_f17_a_body_that_is_no_batch_is_400(http, name):
    answer = await http.post("/v1/batch", content=BAD_BODIES[name], headers=BASIC)
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"code", "message"} and answer.json()["message"].endswith(".")
    assert await stored() == []


async def test_f17_a_hundred_thousand_brackets(http):
    answer = await http.post("/v1/batch", content=b'{"batch": ' + DEEP, headers=BASIC)
    assert answer.status_code in (400, 413)


async def test_f17_a_byte_order_mark_is_no_harm(http):
    content = b"\xef\xbb\xbf" + json.dumps({"batch": [TRACK]}).encode()
    assert (await http.post("/v1/batch", content=content, headers=BASIC)).status_code == 200


def deep(levels):
    return b'{"a":' * levels + b"1" + b"}" * levels


BAD_VALUES = {
    "NaN": b"NaN", "Infinity": b"Infinity", "-Infinity": b"-Infinity", "1e999": b"1e999", "NUL": b'"a\\u0000"',
    "lone surrogate": b'"\\ud800"', "surrogate key": b'{"\\udfff": 1}', "digits": b"1" * 101,
    "5000 digits": b"9" * 5_000,
    "depth": deep(63), "keys": b"{" + b",".join(b'"%d":1' % n for n in range(1_001)) + b"}",
    "doubled": b'{"a":1,"a":2}',
}  # fmt: skip
GOOD_VALUES = {
    "depth": deep(62), "keys": b"{" + b",".join(b'"%d":1' % n for n in range(1_000)) + b"}", "digits": b"1" * 100,
    "pair": b'"\\ud83d\\ude00"', "tricky": b'{"a\\":": "b\\":", "c" : 1, "": 2}', "tiny": b"1e-999", "big": b"1e22",
}  # fmt: skip


def with_value(value):
    return b'{"type":"track","event":"bad","userId":"u1","messageId":"bad","properties":{"v":' + value + b"}}"


@pytest.mark.parametrize("name", BAD_VALUES)
async def test_f17_a_bad_message_in_a_batch_is_stored_as_rejected(http, name):
    content = b'{"batch":[%s,%s]}' % (with_value(BAD_VALUES[name]), json.dumps(TRACK).encode())
    answer = await http.post("/v1/batch", content=content, headers=BASIC)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    bad, good = await stored()
    assert (good.status, good.message_id) == ("pending", "m1")
    assert (bad.status, bad.message_id, bad.name) == ("rejected", "bad", "bad")
    assert bad.problem.startswith("This message") and bad.problem.endswith(".")


@pytest.mark.parametrize("name", BAD_VALUES)
async def test_f17_a_bad_single_message_is_400(http, name):
    answer = await http.post("/v1/track", content=with_value(BAD_VALUES[name]), headers=BASIC)
    assert answer.status_code == 400 and set(answer.json()) == {"code", "message"}
    assert await stored() == []


@pytest.mark.parametrize("name", GOOD_VALUES)
async def test_f17_just_within_the_bounds(http, name):
    answer = await http.post("/v1/track", content=with_value(GOOD_VALUES[name]), headers=BASIC)
    assert answer.status_code == 200, answer.text
    (event,) = await stored()
    assert (event.status, event.payload["properties"]["v"]) == ("pending", json.loads(GOOD_VALUES[name]))


BAD_MESSAGES = [
    None, 7, "x", [], {}, {"type": "track"}, {**TRACK, "type": "unknown"}, {**TRACK, "event": ""},
    {**TRACK, "event": " "}, {**TRACK, "event": 7}, {**TRACK, "event": "x" * 256}, {**TRACK, "userId": None},
    {**TRACK, "userId": {}}, {**TRACK, "userId": True}, {**TRACK, "userId": "x" * 256}, {**TRACK, "properties": []},
    {**TRACK, "context": "x"}, {"type": "identify", "userId": "u", "traits": 1}, {"type": "group", "userId": "u"},
    {"type": "alias", "userId": "u"}, {"type": ["track"], "event": "x", "userId": "u"},
]  # fmt: skip


async def test_bad_messages_are_stored_as_rejected_each_with_its_sentence(http):
    bad = [{**m, "messageId": f"bad{n}"} if isinstance(m, dict) else m for n, m in enumerate(BAD_MESSAGES)]
    assert (await post(http, batch=[*bad, TRACK])).status_code == 200
    events = await stored()
    assert [e.status for e in events] == ["rejected"] * len(bad) + ["pending"]
    assert all(e.problem.endswith((".", "?")) for e in events[:-1])


@pytest.mark.parametrize(("size", "status"), [(messages.MAX_MESSAGE, 200), (messages.MAX_MESSAGE + 1, 413)])
async def test_bound_of_one_message(http, size, status):
    document = {"event": "x", "userId": "u1", "properties": {"v": ""}}
    document["properties"]["v"] = "x" * (size - len(json.dumps(document, separators=(",", ":"))))
    assert (await post(http, "/v1/track", **document)).status_code == status
    batch = {"type": "track", "userId": "u1", "event": "y", "properties": {"v": "x" * size}}
    assert (await post(http, batch=[batch])).status_code == 200
    last = (await stored())[-1]
    assert last.status == "rejected" and "32,768" in last.problem and len(json.dumps(last.payload)) < 33_000


@pytest.mark.parametrize(("count", "status"), [(2_500, 200), (2_501, 413)])
async def test_bound_of_a_batch(http, count, status):
    batch = [{"event": "x", "userId": "u1", "type": "track", "messageId": str(n)} for n in range(count)]
    assert (await post(http, batch=batch)).status_code == status
    assert len(await stored()) == (count if status == 200 else 0)


async def test_fields_of_a_stored_event(http):
    message = {
        "type": "track", "event": " Signed Up ", "userId": 7, "anonymousId": None, "properties": {"plan": "pro"},
        "context": {"a": 1}, "channel": "server", "integrations": {"All": True}, "messageId": "x" * 101,
    }  # fmt: skip
    await post(http, batch=[message], context={"a": 2, "b": 3}, writeKey=KEY)
    (event,) = await stored()
    assert (event.type, event.name, event.user_id, event.anonymous_id) == ("track", "Signed Up", "7", "")
    assert event.payload["context"] == {"a": 1, "b": 3} and event.payload["channel"] == "server"
    assert len(event.message_id) == 64 and event.status == "pending"


def test_occurred_is_received_less_the_clients_delay():
    received = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def when(message, sent_at=None):
        envelope = messages.Envelope(
            workspace_id="w", source="s", request_id="r", received_at=received, sent_at=messages.instant(sent_at)
        )
        return messages.when(message, envelope)

    hour = timedelta(hours=1)
    assert when({}) == (received, False)
    assert when({"timestamp": "2026-06-01T11:00:00Z"}) == (received - hour, False)
    assert when({"timestamp": "2026-06-01T13:00:00.123456+02:00"})[0] == received - hour + timedelta(
        microseconds=123456
    )
    assert when({"timestamp": "2020-01-01T10:00:00Z"}, "2020-01-01T11:00:00Z") == (received - hour, False)
    assert when({"originalTimestamp": "2020-01-01T10:00:00Z", "sentAt": "2020-01-01T11:00:00Z"})[0] == received - hour
    assert when({"timestamp": "2026-06-01T12:05:00Z"}) == (received + timedelta(minutes=5), False)
    assert when({"timestamp": "2026-06-01T12:05:01Z"}) == (received, True)
    assert when({"timestamp": "nonsense"}) == (received, False)
    assert when({"timestamp": "0001-01-01T00:00:00+14:00"}) == (received, False)
    assert when({"timestamp": 1780311600}) == (received - hour, False)
    assert when({"timestamp": 1780311600000}) == (received - hour, False)


async def test_f20_the_same_id_with_another_body_is_counted_and_the_first_stays(http):
    await post(http, batch=[TRACK], sentAt="2026-01-01T00:00:00Z")
    await post(http, batch=[TRACK], sentAt="2026-01-01T00:00:09Z")
    assert [e.conflict for e in await stored()] == [0]
    await post(http, batch=[{**TRACK, "event": "Other"}, {**TRACK, "event": "Third"}])
    (event,) = await stored()
    assert (event.name, event.conflict) == ("Signed Up", 2)


async def test_f20_the_same_id_twice_in_one_batch_and_from_another_source(workspace, http):
    await sync_to_async(ApiKey.objects.create)(
        workspace=workspace, name="second", role="ingest", token_hash=digest("second"), last4="cond"
    )
    await post(http, batch=[TRACK, TRACK])
    await post(http, batch=[TRACK], headers=basic("second:"))
    assert len(await stored()) == 2


async def test_a_message_without_an_id_gets_one_of_the_request(http):
    nameless = {"type": "track", "event": "x", "userId": "u"}
    await post(http, batch=[nameless, nameless])
    await post(http, batch=[nameless])
    assert len({e.message_id for e in await stored()}) == 3


async def test_f20_a_hundred_at_once_are_one_event_and_share_commits(door, http, monkeypatch):
    groups = []
    flush = ingest.flush
    monkeypatch.setattr(door._writer, "_flush", lambda cursor, items: groups.append(len(items)) or flush(cursor, items))
    answers = await asyncio.gather(*(post(http, batch=[TRACK]) for _ in range(100)))
    assert {a.status_code for a in answers} == {200}
    assert len(await stored()) == 1 and sum(groups) == 100 and len(groups) < 50


async def test_f20_a_hundred_at_once_are_one_run(workspace, http):
    def publish():
        flow = Flow.objects.create(workspace=workspace, name="f", state="live", version=1)
        node = {"id": "start", "type": "trigger.event", "config": {"event": "Signed Up"}}
        Version.objects.create(flow=flow, number=1, graph={"nodes": [node]}, draft_revision=1)
        TriggerIndex.objects.create(workspace=workspace, flow=flow, node="start", event="Signed Up")

    def match_all():
        now = datetime.now(UTC)
        with transaction.atomic(), connection.cursor() as cursor:
            match.match(cursor, now=now, limit=500, owner="me", lease_until=now)
        return Run.objects.count()

    await sync_to_async(publish)()
    await asyncio.gather(*(post(http, batch=[TRACK]) for _ in range(100)))
    assert await sync_to_async(match_all)() == 1
    await asyncio.gather(*(post(http, batch=[TRACK]) for _ in range(10)))
    assert await sync_to_async(match_all)() == 1


async def test_full_buffer_is_429_with_whole_seconds(workspace):
    gate = asyncio.Event()
    async with opened(max_events=2) as door, client(door) as http:

        class Stuck:
            def put(self, delivery):
                async def wait():
                    await gate.wait()
                    return ingest.Stored(new=len(delivery), repeats=0, conflicts=0, ids={})

                return asyncio.ensure_future(wait())

        writer, door._writer = door._writer, Stuck()
        first = asyncio.create_task(post(http, batch=[TRACK, {**TRACK, "messageId": "m2"}]))
        await asyncio.sleep(0.05)
        refused = await post(http, batch=[TRACK])
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert set(refused.json()) == {"code", "message"}
        gate.set()
        assert (await first).status_code == 200
        door._writer = writer
        assert (await post(http, batch=[TRACK])).status_code == 200


async def test_too_many_bytes_at_once_are_429(workspace):
    async with opened(max_bytes=100) as door, client(door) as http:
        assert (await post(http, batch=[TRACK, TRACK])).status_code == 429
        assert (await post(http, batch=[])).status_code == 200


async def test_f6_database_away_is_503_and_nothing_is_acknowledged(workspace):
    down = True

    def flush(cursor, items):
        if down:
            raise OperationalError("gone")
        return ingest.flush(cursor, items)

    async with opened() as door, client(door) as http:
        await asyncio.to_thread(door._writer.close)
        door._writer = GroupWriter(flush, patience_s=0.0)
        answer = await post(http, batch=[TRACK])
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert set(answer.json()) == {"code", "message"}
        down = False
        assert (await post(http, batch=[TRACK])).status_code == 200
    assert len(await stored()) == 1


async def test_f6_key_look_up_without_a_database_is_503(workspace):
    async with opened() as door, client(door) as http:

        def gone(_token):
            raise OperationalError("gone")

        door._keys._find = gone
        assert (await post(http, batch=[TRACK])).status_code == 503


async def test_a_bug_of_ours_is_503_not_500(workspace, monkeypatch, caplog):
    def broken(*_args):
        raise KeyError("bug")

    monkeypatch.setattr(app, "deliver", broken)
    async with opened() as door, client(door) as http:
        assert (await post(http, batch=[TRACK])).status_code == 503
    assert "the door failed" in caplog.text


async def call(door, path, chunks, headers):
    sent = []

    async def receive():
        if not chunks:
            await asyncio.sleep(60)
        return chunks.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": path, "client": ("1.2.3.4", 5),
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip
    assert await door.handle(scope, receive, send)
    return sent


async def test_s18_a_slow_upload_is_closed(workspace):
    async with opened(body_deadline_s=0.05) as door:
        part = {"type": "http.request", "body": b"{", "more_body": True}
        sent = await call(door, "/v1/batch", [part], BASIC)
        assert sent[0]["status"] == 408 and (b"connection", b"close") in sent[0]["headers"]
        assert door._bytes == 0


async def test_a_client_that_went_away_gets_nothing(workspace):
    async with opened() as door:
        assert await call(door, "/v1/batch", [{"type": "http.disconnect"}], BASIC) == []


@pytest.fixture
def hook(workspace):
    flow = Flow.objects.create(workspace=workspace, name="f")
    return Hook.objects.create(
        workspace=workspace, flow=flow, node="start", token_hash=digest("tok"), token_encrypted="x"
    )


@pytest.mark.parametrize("slash", ["", "/"])
async def test_s27_a_hook_is_accepted_after_the_commit(hook, http, slash):
    answer = await http.post(f"/hooks/tok{slash}", content=b'{"id": 7, "files": {"filepath": "/etc/passwd"}}')
    (event,) = await stored()
    assert (answer.status_code, answer.json()) == (202, {"accepted": True, "event": event.id})
    assert (event.source, event.name, event.type, event.status) == (hook.id, f"hook:{hook.id}", "hook", "pending")
    assert event.payload["properties"] == {"id": 7, "files": {"filepath": "/etc/passwd"}}


async def test_s27_a_hooks_repeat_by_its_id_gives_the_same_event(hook, http):
    answers = [await http.post("/hooks/tok", content=b'{"id": 1}', headers={"webhook-id": "w1"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json() and len(await stored()) == 1
    await http.post("/hooks/tok", content=b'{"id": 1}')
    assert len(await stored()) == 2


@pytest.mark.parametrize("token", ["wrong", "tok/more", "", "%00", "tok?secret=tok", "x" * 5_000])
async def test_s27_a_wrong_hook_token_is_401_without_detail(hook, http, token):
    answer = await http.post(f"/hooks/{token.replace('?', '%3F')}", content=b"{}")
    if token:
        assert answer.status_code == 401 and answer.json()["code"] == "unknown_key"
    assert await stored() == []


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 400), (b"[]", 400), (b"null", 400), (b'{"a": NaN}', 400), (b'{"a":1,"a":1}', 400), (b" " * 1_048_577, 413)],
)
async def test_s27_a_bad_hook_body(hook, http, content, status):
    answer = await http.post("/hooks/tok", content=content)
    assert answer.status_code == status and set(answer.json()) == {"code", "message"}


async def test_s16_a_thousand_wrong_hook_tokens(hook, workspace):
    async with opened(wrong_a_minute=20) as door, client(door) as http:
        codes = [(await http.post(f"/hooks/w{n}", content=b"{}")).status_code for n in range(60)]
        assert codes == [401] * 20 + [429] * 40
    assert await sync_to_async(Event.objects.count)() == 0
