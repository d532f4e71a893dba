"""Rule groups as CEL: judged by CEL they say what a small evaluator written here says."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain import expression
from flowstudio.domain.errors import ExpressionError, InputError
from flowstudio.domain.rules import asks_history, first_rule, leaf_words, number, said, to_cel
from tests.domain.drawing_lots import lots, plain_json

TEXTS = ["", "a", "ab", "say \"hi\" \\ 'x'", "// no comment", "é\n😀", "{{ x }}", "&&"]
FIELDS = ["n", "s", "b", "list"]
texts = st.sampled_from(TEXTS)
numbers = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.5, 1e-05, 2.0**60])


@st.composite
def leaves(draw: st.DrawFn) -> dict[str, Any]:
    """A row that the rule builder can make, on a field of the kind that its comparison needs."""
    name = draw(st.sampled_from(FIELDS))
    common = ["exists", "not_exists"]
    kind, ops = {
        "n": (numbers, ["gt", "gte", "lt", "lte", "eq", "ne", "in", "not_in"]),
        "s": (texts, ["eq", "ne", "contains", "not_contains", "starts_with", "ends_with", "in", "not_in"]),
        "b": (st.booleans(), ["is_true", "is_false", "eq", "ne"]),
        "list": (texts, []),
    }[name]
    op = draw(st.sampled_from([*ops, *common]))
    value: Any = draw(st.lists(kind, max_size=3) if op in ("in", "not_in") else kind)
    return {"field": f"customer.traits.{name}", "op": op, "value": value}


groups = st.recursive(
    leaves(),
    lambda inner: st.builds(
        lambda join, rules: {join: rules}, st.sampled_from(["all", "any"]), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
traits = st.fixed_dictionaries(
    {},
    optional={"n": numbers, "s": texts, "b": st.booleans(), "list": st.lists(texts, max_size=2)},
)


class Unknown(Exception):
    """A value that is absent was compared."""


def holds(rule: dict[str, Any], values: dict[str, Any]) -> bool:
    """What a marketer means by a rule; CEL's own way with what is unknown: an outcome that needs no unknown stands."""
    for join, settles in (("all", False), ("any", True)):
        if isinstance(rule.get(join), list):
            unknown = False
            for each in rule[join]:
                try:
                    if holds(each, values) is settles:
                        return settles
                except Unknown:
                    unknown = True
            if unknown:
                raise Unknown
            return not settles
    name, op, value = rule["field"].rsplit(".", 1)[1], rule["op"], rule["value"]
    if op in ("exists", "not_exists"):
        return (name in values) is (op == "exists")
    if name not in values:
        raise Unknown
    have = values[name]
    return {
        "gt": lambda: have > value,
        "gte": lambda: have >= value,
        "lt": lambda: have < value,
        "lte": lambda: have <= value,
        "eq": lambda: have == value,
        "ne": lambda: have != value,
        "contains": lambda: value in have,
        "not_contains": lambda: value not in have,
        "starts_with": lambda: have.startswith(value),
        "ends_with": lambda: have.endswith(value),
        "in": lambda: have in value,
        "not_in": lambda: have not in value,
        "is_true": lambda: have is True,
        "is_false": lambda: have is False,
    }[op]()


@given(groups, traits)
@lots(120)
def test_cel_says_what_the_group_means(rule: dict[str, Any], values: dict[str, Any]) -> None:
    group = rule if "field" not in rule else {"all": [rule]}
    verdict = expression.judge(to_cel(group), {"customer": {"traits": values}})
    try:
        expected = holds(group, values)
    except Unknown:
        expected = False
    assert (verdict.matched, verdict.flagged) == (expected, "")


@given(
    st.recursive(plain_json, lambda inner: st.fixed_dictionaries({"all": st.lists(inner, max_size=2)}), max_leaves=4)
)
@lots(80)
def test_anything_else_is_refused_in_a_sentence_and_still_has_words(value: Any) -> None:
    assert isinstance(first_rule(value), str)
    for rule in (value, {"any": [value]}, {"all": [{"field": "customer.id", "op": "eq", "value": value}]}):
        if not isinstance(rule, dict):
            continue
        try:
            source = to_cel(rule)
        except InputError as error:
            assert error.message.endswith(".")
            assert error.fix
        else:
            assert source


@pytest.mark.parametrize(
    "field",
    ["", "customer", "customer.", "1a.b", "a b.c", "customer.traits.x == 1 || true", "a.b)", None, 3, "a.b\n.c"],
)
def test_a_field_is_a_path_and_nothing_else(field: Any) -> None:
    with pytest.raises(InputError):
        to_cel({"all": [{"field": field, "op": "eq", "value": 1}]})


@given(st.text())
@lots(80)
def test_a_value_never_leaves_its_quotes(text: str) -> None:
    if "\ud800" <= max(text, default="") <= "\udfff":
        return
    group = {"all": [{"field": "customer.traits.s", "op": "eq", "value": text}]}
    for have, matched in ((text, True), (f"{text}x", False)):
        assert expression.judge(to_cel(group), {"customer": {"traits": {"s": have}}}).matched is matched


def test_eleven_levels_are_too_many() -> None:
    group: dict[str, Any] = {"all": [{"field": "a.b", "op": "exists"}]}
    for _ in range(9):
        group = {"any": [group]}
    assert to_cel(group) == "has(a.b)"
    for _ in range(2):
        group = {"any": [group]}
    with pytest.raises(InputError):
        to_cel(group)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
@lots(100)
def test_a_number_in_words_is_that_number(value: float) -> None:
    assert math.isclose(float(number(value)), float(value), rel_tol=1e-15) or abs(value) > 1e308
    assert said(value) == number(value)


def test_a_row_in_words() -> None:
    assert leaf_words({"field": "customer.traits.employees", "op": "gte", "value": 100.0}) == "Employees >= 100"
    assert leaf_words({"field": "customer.traits.first_name", "op": "in", "value": ["Ada", True]}) == (
        "First name is one of Ada, true"
    )
    assert leaf_words({"field": "customer.traits.plan", "op": "is_true"}) == "Plan is true"
    assert leaf_words({}) == ""


def test_what_a_customer_did_is_no_question_to_a_run() -> None:
    with pytest.raises(ExpressionError, match="segments only"):
        expression.compile('customer.traits.n > 1 && did("Purchase", "30d") >= 2')
    assert expression.compile("event.properties.did == true").references == {"event.properties.did"}
    assert asks_history({"any": [{"all": [{"event": "Purchase", "op": "gte", "value": 1}]}]})
    assert not asks_history({"all": [{"field": "customer.traits.event", "op": "exists"}]})


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"event": " ", "op": "gte", "value": 1}, "no event"),
        ({"event": "A", "op": "gte", "value": 1.5}, "no whole number"),
        ({"event": "A", "op": "contains", "value": 1}, "no comparison"),
        ({"event": "A", "op": "gte", "value": 1, "within": "soon"}, "not a duration"),
        ({"field": "customer.traits.at", "op": "before", "value": "tomorrow"}, "no date"),
        ({"field": "customer.traits.at", "op": "within_last", "value": ""}, "not a duration"),
    ],
)
def test_an_unfinished_row_is_refused_in_words(row: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        to_cel({"all": [row]})


def test_dates_are_judged_as_the_rows_say() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    scope = {"customer": {"traits": {"at": "2026-11-20T10:00:00Z"}}, "now": now}
    for op, value, holds in [
        ("within_last", "30d", True),
        ("within_last", "1d", False),
        ("longer_ago", "1d", True),
        ("before", "2026-11-21", True),
        ("after", "2026-11-20T09:00+01:00", True),
        ("after", "2026-11-21", False),
    ]:
        group = {"all": [{"field": "customer.traits.at", "op": op, "value": value}]}
        assert expression.judge(to_cel(group), scope).matched is holds, (op, value)
