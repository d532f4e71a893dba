"""Who may watch what, asked at the handshake, for every topic, and again and again (SECURITY S21, S38, S40)."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.test import override_settings

from flowstudio.live.callers import allowed_origin
from flowstudio.live.hub import Hub
from flowstudio.live.limits import Limits
from flowstudio.services import apikeys
from flowstudio.services.caller import Caller
from flowstudio.store.ids import new_id
from flowstudio.store.models import ApiKey, Membership, User
from tests.api.world import room, session
from tests.engine import house
from tests.live.viewer import ORIGIN, Watching


@pytest.fixture
def theirs(ours):
    return room("theirs")


@pytest.fixture
def cookie(ours):
    """Signs a person in and gives the cookie's header."""

    async def sign_in(user: User) -> dict[str, str]:
        client = await house.db(lambda: session(user))
        return {"Cookie": f"flowstudio_session={client.cookies['flowstudio_session'].value}"}

    return sign_in


@pytest.fixture
def quick(ours):
    return Hub(Limits(recheck_s=0.1))


def topics(made) -> list[str]:
    return [
        f"flow:{made.ids['flow_id']}",
        f"run:{made.ids['run_id']}",
        f"customer:{made.ids['customer_id']}",
        "workspace",
    ]


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_a_key_of_any_watching_role_needs_no_origin(ours, hub, role):
    async with Watching(hub, ours.key(role)) as viewer:
        for topic in topics(ours):
            await viewer.subscribe(topic)
            assert (await viewer.hear())["type"] == "snapshot"


@pytest.mark.parametrize("role", ["ingest", "revoked"])
async def test_other_keys_are_refused_at_the_handshake(ours, hub, role):
    assert await Watching(hub, ours.key(role)).refused()


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Token x", "Bearer \xe4", "bearer a b"]
)
async def test_what_is_no_key_is_refused_even_beside_a_good_cookie(ours, hub, cookie, authorization):
    good = await cookie(ours.users["viewer"])
    assert await Watching(hub, {**good, "Origin": ORIGIN, "Authorization": authorization}).refused()


async def test_nobody_is_refused(ours, hub):
    for headers in ({}, {"Origin": ORIGIN}, {"Origin": ORIGIN, "Cookie": "flowstudio_session=abc"}):
        assert await Watching(hub, headers).refused()


async def test_a_token_in_the_url_opens_nothing(ours, hub):
    key = ours.keys["viewer"]
    for name in ("token", "key", "api_key", "access_token", "authorization"):
        assert await Watching(hub, {"Origin": ORIGIN}, path=f"/ws/live/?{name}={key}").refused()


async def test_other_paths_are_refused(ours, hub):
    for path in ("/", "/ws/", "/ws/live/x", "/ws/live//"):
        assert await Watching(hub, ours.key("viewer"), path=path).refused()


async def test_a_cookie_opens_from_our_own_page_alone(ours, hub, cookie):
    good = await cookie(ours.users["viewer"])
    async with Watching(hub, {**good, "Origin": ORIGIN}) as viewer:
        await viewer.subscribe("workspace")
        assert (await viewer.hear())["type"] == "snapshot"
    foreign = [
        None, "null", "http://evil.example", "http://127.0.0.1:8001", "http://127.0.0.1", "https://127.0.0.1:8000",
        "http://sub.127.0.0.1:8000", "http://127.0.0.1.evil.example:8000", "http://127.0.0.1:8000@evil.example",
        "ws://127.0.0.1:8000", "file://", "127.0.0.1:8000", "http://127.0.0.1:8000/x", "http://127.0.0.1:8000:8000",
    ]  # fmt: skip
    for origin in foreign:
        assert await Watching(hub, {**good, **({"Origin": origin} if origin else {})}).refused(), origin


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "allowed"),
    [
        ("https://app.example.com", "app.example.com", "wss", True),
        ("https://app.example.com:443", "app.example.com", "wss", True),
        # Behind a proxy that ends TLS the public address is named in the settings.
        ("https://flows.example.com", "10.0.0.5:8000", "ws", True),
        ("http://flows.example.com", "10.0.0.5:8000", "ws", False),
        ("https://flows.example.com:8443", "10.0.0.5:8000", "ws", False),
        ("https://a.partner.example", "app.example.com", "wss", True),
        ("https://partner.example", "app.example.com", "wss", False),
        ("https://evilpartner.example", "app.example.com", "wss", False),
        ("http://app.example.com", "app.example.com", "wss", False),
        ("https://app.example.com", "app.example.com", "ws", False),
        ("https://evil.app.example.com", "app.example.com", "wss", False),
        # The host is not one of ours, though the page and the request agree on it (DNS rebinding).
        ("http://evil.example", "evil.example", "ws", False),
        ("https://app.example.com", "", "wss", False),
        ("https://[::1]:9", "[::1]:9", "wss", False),
        ("http://localhost:9", "localhost:9", "ws", True),
        ("http://[::1", "localhost", "ws", False),
        ("http://localhost:x", "localhost", "ws", False),
    ],
)
def test_origins(origin, host, scheme, allowed):
    with override_settings(
        ALLOWED_HOSTS=["app.example.com", ".wild.example", "localhost"],
        CSRF_TRUSTED_ORIGINS=["https://flows.example.com", "https://*.partner.example"],
    ):
        assert allowed_origin(origin, host, scheme) is allowed


async def test_another_workspaces_things_are_as_unknown_as_nothing(ours, theirs, hub, watching):
    async with watching() as viewer:
        for kind, known in (("flow", "flow_id"), ("run", "run_id"), ("customer", "customer_id")):
            answers = []
            for each in (theirs.ids[known], new_id(), "x"):
                await viewer.subscribe(f"{kind}:{each}")
                answer = await viewer.hear()
                assert answer.pop("topic") == f"{kind}:{each}"
                answers.append(answer)
            assert answers[0] == answers[1] == answers[2]
            assert answers[0]["type"] == "error"
        # Also when somebody of that workspace watches it at this moment.
        async with Watching(hub, theirs.key("viewer")) as other:
            topic = f"flow:{theirs.ids['flow_id']}"
            await other.subscribe(topic)
            assert (await other.hear())["type"] == "snapshot"
            await viewer.subscribe(topic)
            assert (await viewer.hear())["type"] == "error"
            await other.subscribe("workspace")
            await viewer.subscribe("workspace")
            assert list((await viewer.hear())["state"]["flows"]) == [ours.ids["flow_id"]]


async def test_a_person_of_two_workspaces_chooses(ours, theirs, hub, cookie):
    user = ours.users["viewer"]
    await house.db(lambda: Membership.objects.create(workspace=theirs.workspace, user=user, role="viewer"))
    good = {**await cookie(user), "Origin": ORIGIN}

    async def flows(headers, path="/ws/live/") -> list[str]:
        async with Watching(hub, headers, path=path) as viewer:
            await viewer.subscribe("workspace")
            return list((await viewer.hear())["state"]["flows"])

    assert await flows(good) == [ours.ids["flow_id"]]
    assert await flows(good, "/ws/live/?workspace=theirs") == [theirs.ids["flow_id"]]
    assert await flows({**good, "X-Workspace": "theirs"}) == [theirs.ids["flow_id"]]
    stranger = {**await cookie(ours.users["admin"]), "Origin": ORIGIN}
    for slug in ("theirs", "nowhere", "%00", "a%20b"):
        assert await Watching(hub, stranger, path=f"/ws/live/?workspace={slug}").refused()


async def lost(viewer: Watching) -> None:
    """The topic is refused, and the connection ends."""
    await viewer.subscribe("workspace")
    await viewer.until(lambda v: v.of("workspace", "error"), seconds=5)
    assert await viewer.hear() == {}
    assert viewer.code == 4401


async def test_a_revoked_key_loses_its_topics(ours, quick):
    await quick.start()
    me = Caller(workspace_id=ours.workspace.id, workspace_slug="ours", role="admin", actor="ann")
    async with Watching(quick, ours.key("viewer")) as viewer, Watching(quick, ours.key("admin")) as other:
        await viewer.subscribe("workspace")
        await viewer.hear()
        key = await house.db(lambda: ApiKey.objects.get(workspace=ours.workspace, role="viewer"))
        await house.db(lambda: apikeys.revoke(me, key.id))
        await lost(viewer)
        assert await other.silent()
    await quick.stop()


@pytest.mark.parametrize("how", ["signed out", "membership removed", "password changed", "put on ice"])
async def test_a_session_that_ends_loses_its_topics(ours, quick, cookie, how):
    await quick.start()
    user = ours.users["viewer"]
    client = await house.db(lambda: session(user))
    good = {"Cookie": f"flowstudio_session={client.cookies['flowstudio_session'].value}", "Origin": ORIGIN}

    def end() -> None:
        if how == "signed out":
            client.post("/api/v1/auth/signout/")
        elif how == "membership removed":
            Membership.objects.filter(user=user).delete()
        elif how == "password changed":
            user.set_password("something else entirely")
            user.save()
        else:
            User.objects.filter(id=user.id).update(is_active=False)

    async with Watching(quick, good) as viewer:
        await viewer.subscribe("workspace")
        await viewer.hear()
        assert await viewer.silent(0.3)
        await house.db(end)
        await lost(viewer)
    assert await Watching(quick, good).refused()
    await quick.stop()


async def test_a_hub_that_does_not_run_refuses(ours):
    assert await Watching(Hub(), ours.key("viewer")).refused()


async def test_a_doubled_header_is_nobodys(ours, hub):
    viewer = Watching(hub, ours.key("viewer"))
    viewer.scope["headers"].append((b"authorization", b"Bearer x"))
    assert await viewer.refused()


async def test_a_crowd_with_wrong_keys_keeps_no_viewer_waiting(ours, hub, monkeypatch):
    """The door's threads are taken; those who are inside are served all the same."""
    held = threading.Event()
    real = apikeys.caller_of

    def slow(token: str) -> Caller | None:
        if token == "wrong":
            held.wait(10)
        return real(token)

    monkeypatch.setattr(apikeys, "caller_of", slow)
    async with Watching(hub, ours.key("viewer")) as viewer:
        crowd = [asyncio.create_task(Watching(hub, {"Authorization": "Bearer wrong"}).refused()) for _ in range(20)]
        await asyncio.sleep(0.1)
        for topic in topics(ours):
            await viewer.subscribe(topic)
            assert (await viewer.hear())["type"] == "snapshot"
        held.set()
        assert all(await asyncio.gather(*crowd))
