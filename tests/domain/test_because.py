"""The whole sentence of a branch: what it says is so, and where it cannot tell, it says nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain import expression
from flowstudio.domain.because import because
from flowstudio.domain.nodes.branch import Branch
from tests.domain.drawing_lots import lots


def told(traits: dict[str, Any], *whens: Any) -> tuple[str, str]:
    """The port by which a branch on these conditions is left, and the sentence for it."""
    branch = Branch.model_validate({"cases": [{"id": f"c{n}", "when": when} for n, when in enumerate(whens)]})
    reads: dict[str, Any] = {}
    for case in branch.cases:
        assert isinstance(case.when, str) or case.when
        text = case.when if isinstance(case.when, str) else "customer.traits.employees > 100"
        verdict = expression.judge(text, {"customer": {"traits": traits}})
        reads.update(verdict.reads)
        if verdict.matched:
            return case.id, because(branch, case.id, reads)
    return "else", because(branch, "else", reads)


BIG = "customer.traits.employees > 100"
PT = "customer.traits.country == 'PT'"
GROUP = {"all": [{"field": "customer.traits.employees", "op": "gt", "value": 100}]}


@pytest.mark.parametrize(
    ("traits", "whens", "sentence"),
    [
        ({"employees": 540}, [BIG], "employees is 540, more than 100"),
        ({"employees": 540}, [GROUP], "employees is 540, more than 100"),
        ({"employees": 54.0}, [BIG], "employees is 54, not more than 100"),
        ({}, [BIG], "employees is unknown"),
        ({"employees": 100}, ["customer.traits.employees >= 100"], "employees is 100, at least 100"),
        ({"country": "PT"}, [PT], "country is PT"),
        ({"country": "DE"}, [PT], "country is DE, not PT"),
        ({"country": "DE"}, ['customer.traits.country != "PT"'], "country is DE, not PT"),
        ({"vip": False}, ["customer.traits.vip == true"], "vip is false, not true"),
        ({"employees": 540, "country": "PT"}, [f"{BIG} && {PT}"], "employees is 540, more than 100, and country is PT"),
        # Only what kept it from matching is said.
        ({"employees": 540, "country": "DE"}, [f"{BIG} && {PT}"], "country is DE, not PT"),
        ({"employees": 5, "country": "DE"}, [BIG, PT], "employees is 5, not more than 100; country is DE, not PT"),
        # Too involved for a sentence: the short reason stands alone.
        ({"employees": 540}, [f"{BIG} || {PT}"], ""),
        ({"country": "PT"}, ["customer.traits.country.startsWith('P')"], ""),
        ({"employees": 540}, [f"!({BIG})"], ""),
        ({"country": "x"}, ["customer.traits.country == 'a && b'"], ""),
    ],
)
def test_the_sentence(traits: dict[str, Any], whens: list[Any], sentence: str) -> None:
    assert told(traits, *whens)[1] == sentence


def test_nodes_that_are_no_branch_have_none() -> None:
    assert because(None, "out", {}) == ""


@given(
    st.dictionaries(
        st.sampled_from(["a", "b"]), st.none() | st.integers(-3, 3) | st.sampled_from(["x", "y"]) | st.booleans()
    ),
    st.lists(
        st.builds(
            "customer.traits.{} {} {}".format,
            st.sampled_from(["a", "b"]),
            st.sampled_from(["==", "!=", ">", ">=", "<", "<="]),
            st.integers(-3, 3) | st.sampled_from(["'x'", "true"]),
        ),
        min_size=1,
        max_size=3,
    ),
)
@lots(200)
def test_what_a_sentence_compares_is_true(traits: dict[str, Any], clauses: list[str]) -> None:
    sentence = told(traits, " && ".join(clauses))[1]
    signs = {"more than": "__gt__", "at least": "__ge__", "less than": "__lt__", "at most": "__le__"}
    for name, value, no, words, wanted in re.findall(
        r"([ab]) is (-?\d+), (not )?(more than|at least|less than|at most) (-?\d+)", sentence
    ):
        assert int(value) == traits[name]
        assert getattr(int(value), signs[words])(int(wanted)) is not bool(no)
