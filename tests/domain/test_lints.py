"""Every documented mistake is found where it is made and nowhere else; its page and pictures are as the code says."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain import lints
from flowstudio.domain.lints import conditions
from tests.domain.lint_cases import CASES, PICTURES, issues, pages

FIELD = "customer.traits.n"


@pytest.mark.parametrize("case", CASES, ids=[case["code"] for case in CASES])
def test_a_mistake_is_found_once_and_its_mended_drawing_has_none(case):
    found = [issue for issue in issues(case["wrong"]) if issue.code == case["code"]]
    assert len(found) == 1, [issue.code for issue in issues(case["wrong"])]
    assert found[0].message.endswith(".")
    assert found[0].fix
    others = {issue.code for issue in issues(case["wrong"]) if issue.severity != "hint"} - {case["code"]}
    # A drawing without a beginning has no first step, and a line back to it makes a circle.
    assert others <= {"no_trigger": {"unreachable"}, "edge_to_trigger": {"cycle"}}.get(case["code"], set())
    mended = issues(case["right"])
    assert case["code"] not in {issue.code for issue in mended}
    assert [issue for issue in mended if issue.severity != "hint"] == []


def test_every_lint_has_its_drawing():
    assert set(lints.CODES) <= {case["code"] for case in CASES}


def test_the_page_of_rules_is_what_the_code_says():
    made = pages()
    if os.environ.get("UPDATE_RULES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        for path, text in made.items():
            path.write_text(text)
    stale = [path.name for path, text in made.items() if not path.exists() or path.read_text() != text]
    assert not stale, "Write them anew: UPDATE_RULES=1 pytest tests/domain/test_lints.py"
    assert {path.name for path in PICTURES.iterdir()} == {path.name for path in made if path.parent == PICTURES}


VALUES = st.integers(-3, 3)
ROWS = st.one_of(
    st.fixed_dictionaries({"field": st.just(FIELD), "op": st.sampled_from(["gt", "gte", "lt", "lte", "eq", "ne"]), "value": VALUES}),
    st.fixed_dictionaries({"field": st.just(FIELD), "op": st.sampled_from(["in", "not_in"]), "value": st.lists(VALUES, max_size=3)}),
    st.fixed_dictionaries({"field": st.just(FIELD), "op": st.sampled_from(["exists", "not_exists"])}),
)  # fmt: skip
ABSENT = object()


def holds(row, value):
    """What a row means, said once more and plainly."""
    op, limit = row["op"], row.get("value")
    if op in {"exists", "not_exists"}:
        return (value is not ABSENT) is (op == "exists")
    if value is ABSENT:
        return False
    return {
        "gt": lambda: value > limit, "gte": lambda: value >= limit, "lt": lambda: value < limit,
        "lte": lambda: value <= limit, "eq": lambda: value == limit, "ne": lambda: value != limit,
        "in": lambda: value in limit, "not_in": lambda: value not in limit,
    }[op]()  # fmt: skip


# Halves too: between two whole numbers there is somebody.
DOMAIN = [ABSENT, *(half / 2 for half in range(-10, 11))]


@given(ROWS, ROWS)
def test_rows_that_exclude_each_other_fit_no_value(first, second):
    if conditions.excludes(first, second):
        assert not any(holds(first, value) and holds(second, value) for value in DOMAIN)


@given(ROWS, ROWS)
def test_a_row_that_follows_from_another_fits_whatever_that_fits(given_row, needed):
    if conditions.implies(given_row, needed):
        assert all(holds(needed, value) for value in DOMAIN if holds(given_row, value))


@given(st.lists(ROWS, min_size=1, max_size=3), st.lists(ROWS, min_size=1, max_size=3))
def test_a_case_that_is_covered_takes_nobody_of_its_own(earlier, later):
    if conditions.covers({"all": earlier}, {"all": later}):
        for value in DOMAIN:
            if all(holds(row, value) for row in later):
                assert all(holds(row, value) for row in earlier)


@given(st.recursive(st.one_of(ROWS, st.none(), st.text(), st.integers()), lambda inner: st.one_of(
    st.dictionaries(st.sampled_from(["all", "any", "field", "op", "value"]), inner, max_size=3), st.lists(inner, max_size=3),
)))  # fmt: skip
def test_whatever_is_written_as_a_condition_is_read_without_an_error(anything):
    conditions.contradiction(anything)
    conditions.covers(anything, anything)
    conditions.covers({"all": [anything]}, {"all": [anything]})


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [("gte", "lte", False), ("gt", "lte", True), ("gte", "lt", True)],
)
def test_the_ends_of_intervals_are_judged_exactly(first, second, apart):
    rows = [{"field": FIELD, "op": first, "value": 3}, {"field": FIELD, "op": second, "value": 3}]
    assert (conditions.contradiction({"all": rows}) is not None) is apart
    assert conditions.contradiction({"any": rows}) is None
