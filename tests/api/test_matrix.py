"""Every route of the OpenAPI document × every kind of caller × own, foreign and random ids (SECURITY S20).

Generated from the document, so that no route is missed: a route that declares no role fails here.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from flowstudio.api.urls import urlpatterns
from flowstudio.store.ids import new_id
from tests.api.world import GRAPH, Room, room, session

pytestmark = pytest.mark.django_db

SCHEMA: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
VERBS = ("get", "post", "put", "patch", "delete")
ROUTES = sorted((verb, path) for path, operations in SCHEMA["paths"].items() for verb in operations if verb in VERBS)
RANK = {"anyone": -2, "ingest": -1, "viewer": 0, "editor": 1, "admin": 2}
# Routes whose work is another test's: they end the session or call a vendor.
BODIES: dict[str, Any] = {
    "flows_create": {"name": "New"},
    "flows_change": {"name": "Other"},
    "flows_enter": {"customer": "nobody"},
    "draft_save": {"graph": GRAPH, "revision": 3},
    "flows_publish": {"revision": 3},
    "flows_test_step": {"node": "nobody"},
    "flows_settle": {"node": "wait", "choice": "done"},
    "runs_settle": {"choice": "done"},
    "graphs_validate": {"graph": GRAPH},
    "graphs_layout": {"graph": GRAPH},
    "graphs_explain": {"graph": GRAPH},
    "expressions_check": {"source": "1 > 0", "kind": "cel"},
    "templates_preview": {"source": "Hello {{ customer.email }}"},
    "api_keys_create": {"name": "New", "role": "viewer"},
    "segments_create": {"name": "New", "rule": {"all": [{"event": "Paid"}]}},
    "segments_change": {"name": "Other"},
    "segments_preview": {"rule": {"all": [{"event": "Paid"}]}},
    "credentials_create": {"connector": "clearbit", "name": "New", "secret": {}},
    "credentials_change": {"name": "Other"},
    "customers_consent": {"category": "newsletter", "state": "denied"},
    "auth_signin": {"email": "a@b.example", "password": "nope"},
    "auth_link": {"token": "nope"},
    "auth_password": {"password": "a long enough password"},
}


def operation(verb: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMA["paths"][path][verb]
    return found


def address(path: str, ids: dict[str, str]) -> str:
    filled = path.replace("{number}", "1").replace("{node}", "signed_up")
    filled = re.sub(r"\{(\w+)\}", lambda match: ids[match[1]], filled)
    return filled + ("?as=json" if path.endswith("/export/") else "")


def ask(client: Client, verb: str, path: str, ids: dict[str, str], headers: dict[str, str] | None = None) -> Any:
    body = BODIES.get(operation(verb, path)["operationId"], {})
    return client.generic(
        verb.upper(), address(path, ids), _json(body) if verb in {"post", "put", "patch"} else b"",
        content_type="application/json", headers=headers,
    )  # fmt: skip


def _json(value: Any) -> bytes:
    import json

    return json.dumps(value).encode()


@pytest.fixture
def ours() -> Room:
    return room("ours")


@pytest.fixture
def theirs() -> Room:
    return room("theirs")


def test_the_document_names_every_route_and_each_declares_its_role() -> None:
    routes = {
        "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern))
        for route in urlpatterns
        if isinstance(route, URLPattern) and "^" not in str(route.pattern)
    }
    undocumented = routes - set(SCHEMA["paths"]) - {"/api/v1/schema/", "/api/v1/docs/"}
    assert not undocumented
    for verb, path in ROUTES:
        assert operation(verb, path).get("x-role") in RANK.keys() - {"ingest"}, (verb, path)


@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_roles_are_kept(verb: str, path: str, ours: Room) -> None:
    declared = operation(verb, path)["x-role"]
    allowed_least = RANK[declared]
    client = Client()
    for who in ("anonymous", "revoked", "garbage", "ingest", "viewer", "editor", "admin"):
        headers: dict[str, str] = {
            "anonymous": {},
            "garbage": {"authorization": "Bearer \xff\x00 nope"},
        }.get(who) or (ours.key(who) if who in ours.keys else {})
        answer = ask(client, verb, path, ours.ids, headers)
        assert answer.status_code < 500, (who, answer.content)
        if declared == "anyone":
            assert answer.status_code != 401
            continue
        if who in {"anonymous", "revoked", "garbage"}:
            assert answer.status_code == 401, who
            assert answer["WWW-Authenticate"].startswith("Bearer")
        elif RANK[who] < allowed_least:
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), who
        else:
            assert answer.status_code not in {401} and (
                answer.status_code != 403 or path.endswith("/auth/password/")
            ), who
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(("verb", "path"), [(verb, path) for verb, path in ROUTES if re.search(r"\{\w+_id\}", path)])
def test_a_foreign_id_and_a_random_id_give_the_same_answer(verb: str, path: str, ours: Room, theirs: Room) -> None:
    client = Client()
    random = {name: new_id() for name in theirs.ids}
    answers = [ask(client, verb, path, ids, headers=ours.key("admin")) for ids in (theirs.ids, random)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].headers == answers[1].headers
    for impossible in ("x", "%00", "..", "a" * 27, "A" * 26, "1%27%20OR%201=1"):
        odd = dict.fromkeys(theirs.ids, impossible)
        assert ask(client, verb, path, odd, headers=ours.key("admin")).status_code == 404


@pytest.mark.parametrize(("verb", "path"), [(verb, path) for verb, path in ROUTES if verb == "get"])
def test_lists_show_nothing_of_another_workspace(verb: str, path: str, ours: Room, theirs: Room) -> None:
    client = session(ours.users["admin"])
    answer = ask(client, verb, path, ours.ids)
    assert answer.status_code == 200, answer.content
    for name, foreign in theirs.ids.items():
        assert foreign not in answer.content.decode(), name
    assert b"theirs" not in answer.content
    # Ids in a query are judged, too (S21).
    if "parameters" in operation(verb, path) and "{" not in path:
        for name in ("flow", "customer", "run"):
            judged = client.get(path, {name: theirs.ids[f"{name}_id"]})
            if name in {each["name"] for each in operation(verb, path)["parameters"] if each["in"] == "query"}:
                assert judged.status_code in {200, 404}
                assert judged.status_code == 404 or judged.json()["results"] == []


@pytest.mark.parametrize(("verb", "path"), [(verb, path) for verb, path in ROUTES if verb != "get"])
def test_a_session_needs_its_csrf_token(verb: str, path: str, ours: Room) -> None:
    client = session(ours.users["admin"], csrf=True)
    answer = ask(client, verb, path, ours.ids)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    # A form and a plain text can be posted from another site: neither is read, whatever it says.
    token = client.get("/api/v1/auth/session/").json()["csrf"]
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        sent = client.generic(
            verb.upper(), address(path, ours.ids), b'{"name": "x"}', content_type=kind, HTTP_X_CSRFTOKEN=token
        )
        read = "requestBody" in operation(verb, path)
        assert not read or sent.status_code in {400, 403, 404, 415}, (kind, sent.status_code)
    overridden = client.get(address(path, ours.ids), HTTP_X_HTTP_METHOD_OVERRIDE=verb.upper())
    assert overridden.status_code in {200, 404, 405}


@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_answers_are_what_the_document_says(verb: str, path: str, ours: Room) -> None:
    client = session(ours.users["admin"])
    answer = ask(client, verb, path, ours.ids)
    shapes = operation(verb, path)["responses"]
    assert str(answer.status_code) in shapes, (answer.status_code, answer.content)
    kinds = shapes[str(answer.status_code)].get("content", {})
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    if answer.status_code == 204:
        assert answer.content == b""
        return
    assert kind in kinds
    if kind.endswith("json") and kinds[kind].get("schema"):
        Draft202012Validator(_resolved(kinds[kind]["schema"])).validate(answer.json())


def _resolved(schema: Any) -> Any:
    """The schema with the document's components beside it, for its references."""
    return {**copy.deepcopy(schema), "components": SCHEMA["components"]}
