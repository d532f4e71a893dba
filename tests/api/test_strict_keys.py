"""Doubled keys are found however the body is written (RELIABILITY F17)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.api.door import strict
from tests.domain.drawing_lots import lots

_TEXT = st.text(alphabet='a":, \\\n\t', max_size=8)
_VALUE = st.recursive(_TEXT | st.integers(), lambda inner: st.dictionaries(_TEXT, inner, max_size=3) | st.lists(inner))


@lots(500)
@given(_VALUE, st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",\n", "\t:")]))
def test_honest_bodies_are_read_as_they_are(value: object, separators: tuple[str, str]) -> None:
    body = json.dumps(value, separators=separators).encode()
    assert strict._colons(body) >= strict._keys(value)
    assert strict.read(body)[0] == value


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"a" :1,"a" :2}',
        b'{"a"\n:1,"a"\t:2,"t":"\\":"}',
        b'{"a": {"b":1, "b":2}, "t":"x"}',
        b'{"a" :1,"a" :2,"t":"\\":\\":"}',
    ],
)
def test_f17_a_doubled_key_is_found(body: bytes) -> None:
    value, suspect = strict.read(body)
    assert suspect
    assert "twice in one object" in strict.problem(value)
