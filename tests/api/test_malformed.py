"""Whatever is sent, the answer is a problem with a sentence and never a 500 (F17, S12)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowstudio.api.parsers import strict_json
from flowstudio.domain.errors import InputError
from tests.api.test_matrix import ROUTES, address, operation
from tests.api.world import Room, room

pytestmark = pytest.mark.django_db

BROKEN: dict[str, bytes] = {
    "truncated": b'{"name": ',
    "nan": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "overflow": b'{"name": 1e999}',
    "nul": b'{"name": "a\\u0000b"}',
    "nul key": b'{"a\\u0000b": 1}',
    "surrogate": b'{"name": "\\ud800"}',
    "many digits": b'{"name": ' + b"9" * 5_000 + b"}",
    "deep": b"[" * 100_000,
    "deep and closed": b'{"name":' + b"[" * 500 + b"]" * 500 + b"}",
    "doubled key": b'{"name": "a", "name": "b"}',
    "latin-1": '{"name": "é"}'.encode("latin-1"),
    "not json": b"name=x",
    "null": b"null",
    "list": b"[]",
    "text": b'"x"',
    "number": b"7",
    "server path": b'{"files": {"path": "/etc/passwd"}, "filepath": "/etc/passwd"}',
    "gzip": b"\x1f\x8b\x08\x00",
}
WITH_BODY = [(verb, path) for verb, path in ROUTES if "requestBody" in operation(verb, path)]


@pytest.fixture
def ours() -> Room:
    return room("ours")


def send(room_: Room, verb: str, path: str, body: bytes) -> Any:
    return Client().generic(
        verb.upper(), address(path, room_.ids), body, content_type="application/json", headers=room_.key("admin")
    )


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize(("verb", "path"), WITH_BODY)
def test_broken_json_is_refused_with_a_sentence(verb: str, path: str, case: str, ours: Room) -> None:
    answer = send(ours, verb, path, BROKEN[case])
    assert answer.status_code < 500, answer.content
    if answer.status_code >= 400:
        problem = answer.json()
        assert answer["Content-Type"] == "application/problem+json"
        assert problem["detail"].strip()
        assert problem["code"]
        assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize(
    "case", [name for name in BROKEN if name not in {"null", "list", "text", "number", "server path"}]
)
def test_strict_json_refuses(case: str) -> None:
    with pytest.raises(InputError):
        strict_json(BROKEN[case])


def test_strict_json_takes_what_is_json() -> None:
    value = {"a": [1, 2.5, "ü", "😀", None, True, {"b": {}}], "big": 10**30}
    assert strict_json(json.dumps(value).encode()) == value
    assert strict_json(b"\xef\xbb\xbf{}") == {}


def test_a_body_over_the_limit_is_refused(ours: Room) -> None:
    answer = send(ours, "post", "/api/v1/graphs/validate/", b'{"graph": "' + b"x" * (10 * 1024 * 1024) + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


KEYS = st.sampled_from(
    ["name", "graph", "revision", "nodes", "edges", "id", "type", "config", "source", "target", "position", "x", "y",
     "schema", "kind", "secret", "connector", "role", "tags", "email", "password", "token", "settings", "notes",
     "escape", "customer", "template", "direction", "source_port", "cases", "when", "all", "any", "for", "branches"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["trigger.event", "branch", "wait.delay", "exit", "http.request", "email.send", "clearbit.enrich",
                     "{{ customer.traits.x | upcase }}", "{% if %}", "1 > ", "customer.traits.a > 1", "2d", "__proto__",
                     "liquid", "cel", "down", "out", "n1", "n2"]),
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
NODES = st.fixed_dictionaries(
    {"id": TEXTS, "type": TEXTS}, optional={"name": VALUES, "config": VALUES, "position": VALUES}
)
EDGES = st.fixed_dictionaries({"id": TEXTS, "source": TEXTS, "source_port": TEXTS, "target": TEXTS})
GRAPHS = st.fixed_dictionaries(
    {
        "schema": st.just(1),
        "nodes": st.lists(NODES | VALUES, max_size=5),
        "edges": st.lists(EDGES | VALUES, max_size=5),
    },
    optional={"notes": VALUES, "settings": VALUES},
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=6) | st.fixed_dictionaries(
    {"graph": GRAPHS}, optional={"name": TEXTS, "revision": VALUES, "direction": TEXTS}
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(body=BODIES, route=st.sampled_from(WITH_BODY))
def test_no_body_breaks_a_route(ours: Room, body: Any, route: tuple[str, str]) -> None:
    verb, path = route
    answer = send(ours, verb, path, json.dumps(body).encode("utf-8", "surrogatepass"))
    assert answer.status_code < 500, (route, body, answer.content)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(
        ["q", "cursor", "limit", "state", "status", "flow", "customer", "name", "as", "version", "node"]
    ),
    value=st.text(max_size=40),
    route=st.sampled_from([(verb, path) for verb, path in ROUTES if verb == "get"]),
)
def test_no_query_breaks_a_route(ours: Room, name: str, value: str, route: tuple[str, str]) -> None:
    path = address(route[1], ours.ids).split("?")[0]
    answer = Client().get(path, {name: value.encode("utf-8", "surrogatepass")}, headers=ours.key("admin"))
    assert answer.status_code < 500, (path, name, value, answer.content)
