"""Conditions: only our own errors, bounded in size and time, missing and odd values, the names they read (9.6, 9.7)."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain import cel_text, expression
from flowstudio.domain.errors import ExpressionError
from tests.domain.drawing_lots import lots, plain_json

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def scope(**traits: Any) -> dict[str, Any]:
    return {
        "customer": {"id": "c1", "email": "a@example.com", "traits": traits},
        "event": {"name": "Signed Up", "properties": {"plan": "pro"}},
        "run": {},
        "steps": {},
        "now": NOW,
    }


WORDS = [
    *("customer.traits.a", "customer.traits.b.c", "event", "steps.x.output", "now", "t", "t.name", "unknown"),
    *("1", "2.5", "0x1F", "1u", "'a'", '"\\""', "r'\\'", "b'x'", "'''it's'''", "true", "null", "[1, 2]", "{'a': 1}"),
    *("==", "!=", "<", ">=", "&&", "||", "!", "-", "+", "*", "/", "%", "?", ":", "in", "(", ")", "[", "]", ",", "."),
    *("has(", "size(", ".size()", ".contains('a')", ".all(t, ", ".exists(t, ", ".map(t, ", "int(", "timestamp("),
    *("// ' \n", "\n", "'", '"', "'''", "`", "é", "@", "matches("),
]
sources = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join) | st.text(max_size=20)


@given(sources)
@lots(150)
def test_any_text_compiles_or_is_refused_in_a_sentence(source: str) -> None:
    try:
        compiled = expression.compile(source)
    except ExpressionError as error:
        assert error.message.endswith(".")
        assert error.fix
        assert error.position is None or 0 <= error.position <= len(source)
    else:
        assert compiled.references == expression.references(source)


@given(sources, plain_json, plain_json)
@lots(150)
def test_judging_never_raises_and_always_says_why(source: str, a: Any, b: Any) -> None:
    verdict = expression.judge(source, scope(a=a, b=b))
    assert isinstance(verdict.matched, bool)
    assert not (verdict.matched and verdict.flagged)
    if verdict.flagged:
        assert verdict.reason
    assert all(path.split(".")[0] in expression.ROOTS for path in verdict.reads)


operands = st.sampled_from(
    ["customer.traits.a", "customer.traits.b", "customer.traits.b.c", "1", "'a'", "null", "true"]
)
comparisons = st.builds(" ".join, st.tuples(operands, st.sampled_from(["==", "!=", "<", ">", "in"]), operands))


@given(st.lists(comparisons, min_size=1, max_size=3).map(" && ".join), plain_json, plain_json)
@lots(80)
def test_a_condition_over_any_json_is_judged(source: str, a: Any, b: Any) -> None:
    verdict = expression.judge(source, scope(a=a, b=b))
    assert set(verdict.reads) == expression.references(source)


@pytest.mark.parametrize(
    ("source", "traits", "matched"),
    [
        ("customer.traits.n > 100", {"n": 540}, True),
        ("customer.traits.n > 100.5", {"n": 101}, True),
        ("customer.traits.n == 540", {"n": 540.0}, True),
        ("customer.traits.n in [1, 2]", {"n": 1}, True),
        ("customer.traits.n in [1, 2]", {"n": 2}, True),
        ("1 in customer.traits.list", {"list": [1]}, True),
        ("customer.traits.list[1] == 2", {"list": [1, 2]}, True),
        ("customer.traits.list[size(customer.traits.list) - 1] == 2", {"list": [1, 2]}, True),
        ("customer.traits.rows[0].list[1] == 'b'", {"rows": [{"list": ["a", "b"]}]}, True),
        ("size(customer.traits.list) > 1", {"list": [1, 2]}, True),
        ("int(customer.traits.n) % 2 == 0", {"n": 4}, True),
        ("{1: 'a', 2: 'b'}[2] == 'b'", {}, True),
        ("(customer.traits.n > 3 ? 1 : 2) == 1", {"n": 4}, True),
        ("customer.traits.n + 1 == 2.5", {"n": 1.5}, True),
        ("-customer.traits.n < -1", {"n": 2}, True),
        ("customer.traits['n'] == 4", {"n": 4}, True),
        ("customer.traits.s == '1 || 2'", {"s": "1 || 2"}, True),
        ('customer.traits.s == "it\'s"', {"s": "it's"}, True),
        ("customer.traits.s == r'\\d'", {"s": "\\d"}, True),
        ("true // 'a comment\n && customer.traits.n == 1", {"n": 1}, True),
        ("has(customer.traits.n)", {}, False),
        ("!has(customer.traits.n)", {}, True),
        ("has(customer.traits.n)", {"n": 0}, True),
        ("customer.traits.list.exists(t, t in ['a', 'b'])", {"list": ["b"]}, True),
        ("customer.traits.rows.exists(r, r.name == 'x' && r.n > 1)", {"rows": [{"name": "x", "n": 2}]}, True),
        ("size(customer.traits.list.filter(t, t > 1)) == 2", {"list": [1, 2, 3]}, True),
        ("now > timestamp('2020-01-01T00:00:00Z')", {}, True),
        ("now - duration('24h') < now", {}, True),
        ("customer.traits == {'n': 1}", {"n": 1}, True),
        ("customer.id == 'c1' && size(customer.traits) == 2", {"a": 1, "b": 2}, True),
        ("customer.traits.n > 9", {"n": 10**400}, True),
        ("customer.traits.n < 0", {"n": -(10**400)}, True),
        ("customer.traits.s == 'x'", {"s": "x", "other": "\ud800", "huge": 10**999}, True),
    ],
)
def test_r9_7_numbers_are_doubles_and_the_rest_is_cel(source: str, traits: dict[str, Any], matched: bool) -> None:
    verdict = expression.judge(source, scope(**traits))
    assert (verdict.matched, verdict.flagged) == (matched, "")


@pytest.mark.parametrize("traits", [{}, {"employees": None}, {"employees": math.nan}])
@pytest.mark.parametrize("sign", ["> 100", "< 100", "== 100", "in [100]", ">= 0"])
def test_r9_7_an_absent_null_or_nan_value_does_not_match_and_says_so(traits: dict[str, Any], sign: str) -> None:
    verdict = expression.judge(f"customer.traits.employees {sign}", scope(**traits))
    assert (verdict.matched, verdict.reason, verdict.flagged) == (False, "employees is unknown", "")


@pytest.mark.parametrize(
    ("source", "flagged"),
    [
        ("customer.traits.n > 'a'", "It compares or combines values of different kinds."),
        ("customer.traits.n", "It must be true or false."),
        ("employees > 1", "Undefined variable"),
        ("customer.traits.n >", "The condition cannot be read"),
    ],
)
def test_r9_7_any_other_error_is_flagged(source: str, flagged: str) -> None:
    verdict = expression.judge(source, scope(n=1))
    assert not verdict.matched
    assert verdict.flagged.startswith(flagged)


@pytest.mark.parametrize(
    ("source", "traits", "reason"),
    [
        ("customer.traits.n > 100", {"n": 540}, "n 540 > 100"),
        ("customer.traits.n > 100", {"n": 54}, "n 54 is not > 100"),
        ("customer.traits.n > 1 && customer.traits.s == 'a'", {"n": 2, "s": "a"}, "n 2 > 1, s a == a"),
        ("customer.traits.s == 'pro' || customer.traits.n > 1", {"s": "free", "n": 2}, "n is 2, s is free"),
        ("customer.traits.b", {"b": True}, "b is true"),
    ],
)
def test_r9_6_the_reason_says_the_values_and_nothing_false(source: str, traits: dict[str, Any], reason: str) -> None:
    assert expression.judge(source, scope(**traits)).reason == reason


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("customer.traits.a > 1 && event.name == 'x.y'", {"customer.traits.a", "event.name"}),
        ("customer . traits . a == 1", {"customer.traits.a"}),
        ("customer.traits.s.startsWith('a')", {"customer.traits.s"}),
        ("customer.traits.list.exists(t, t.name == customer.id)", {"customer.traits.list", "customer.id"}),
        ("customer.traits['plan'] == steps.a.output.list[0].x", {"customer.traits", "steps.a.output.list"}),
        ("now > timestamp('2020-01-01T00:00:00Z')", {"now"}),
        ("int(run.n) == 1 && type(1) == int", {"run.n"}),
        ("'customer.traits.a' == r'\\' // event.id", set()),
        ("has(event.properties.x) || employees > 1", {"event.properties.x", "employees"}),
        ("{'a': event.id}.a == true ? null : false", {"event.id"}),
    ],
)
def test_the_names_that_a_condition_reads_are_found(source: str, names: set[str]) -> None:
    assert expression.references(source) == names


literal = st.sampled_from(
    ["'a'", '"b"', "r'\\'", 'R"\\"', "'''a'b\n'''", '"""c"d"""', "b'x'", "'\\''", '"\\\\"', "rb'\\'"]
)
pieces = st.lists(
    literal
    | st.sampled_from(["// it's\n", "customer.a", "+", "(", ")", "==", ".all(t, true)", "1", "[", "]", ",", "'"]),
    max_size=8,
).map(" ".join)


@given(pieces)
@lots(120)
def test_s9_our_reading_of_quotes_and_comments_is_the_one_of_cel(source: str) -> None:
    try:
        expression.compile(source)
        words = cel_text.tokens(source)
    except (ExpressionError, ValueError):
        return
    # Said again by our tokens alone, texts emptied: CEL must read the same names in it.
    again = " ".join({"string": "''"}.get(word.kind, word.text) for word in words)
    assert expression.compile(again).program.variables() == expression.compile(source).program.variables()


LIST = "customer.traits.list"


@pytest.mark.parametrize(
    "source",
    [
        f"{LIST}.all(a, {LIST}.all(b, true))",
        f"{LIST}.exists_one(a, {LIST}.existsOne(b, true))",
        f"{LIST} . all (a, {LIST}\n.map\n(b, true))",
        f"{LIST}. //'\n all(a, {LIST}.all(b, true)) //'",
        f"r'\\' != 'x' && {LIST}.all(a, {LIST}.all(b, r'\\' == ''))",
        f"'''\"''' != 'x' && {LIST}.all(a, {LIST}.all(b, '\"' == ''))",
        f"{LIST}.all(a, a.matches('(a+)+$'))",
        "matches('a', '(a+)+$')",
        "(" * 33 + "true" + ")" * 33,
        "!" * 33 + "true",
        "! " * 33 + "true",
        "true" + " && true" * 600,
        "é" * 2_049,
        "",
        " \n",
    ],
)
def test_s9_what_could_run_long_is_refused_at_save(source: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        expression.compile(source)
    assert caught.value.fix


@pytest.mark.parametrize(
    "source",
    [
        f"{LIST}.all(a, a in {LIST} && a in {LIST} && {LIST} == {LIST})",
        f"({'+'.join([LIST] * 60)}).all(a, a > -1)",
        f"({'+'.join([LIST] * 60)}).all(a, a in ({'+'.join([LIST] * 60)}))",
        f"size({LIST}.map(a, {LIST})) > 0",
        f"size({LIST}.map(a, [{', '.join('a' * 500)}])) > 0",
        f"{LIST}.all(a, {' && '.join(['size(customer.traits) > 0'] * 20)})",
    ],
)
def test_s9_no_evaluation_runs_long(source: str) -> None:
    traits = {"list": list(range(5_000)), "other": {str(n): "x" for n in range(2_000)}}
    started = time.process_time()
    expression.judge(source, scope(**traits))
    assert time.process_time() - started < 2


def test_a_loop_over_a_thousand_items_is_judged() -> None:
    traits = {"list": [f"tool {n}" for n in range(1_000)], "other": {str(n): "x" for n in range(5_000)}}
    verdict = expression.judge(f"{LIST}.exists(t, t in ['Segment', 'tool 999'])", scope(**traits))
    assert verdict.matched


@pytest.mark.parametrize(
    "part", ["1+", "true&&", "customer.a[0].", "a.", "[1,", "1==", "1 in ", "true?1:", "(", "f(", "{1:"]
)
def test_s9_long_chains_do_not_overflow_a_small_stack(part: str) -> None:
    """The longest that is still compiled; an overflow would end the whole process."""
    answers: list[bool] = []

    def grow() -> None:
        counts = (32, 399, 500, 4_000 // len(part))
        answers.extend(expression.judge(part * count + "true", scope()).matched for count in counts)

    before = threading.stack_size(1 << 19)
    try:
        thread = threading.Thread(target=grow)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(answers) == 4


@pytest.mark.parametrize(
    ("source", "position"),
    [("1 + 2 + 3 > 4 ! 5", 14), ("1 == 1 &&\n22 ) true", 13), ("customer.traits.a é 1", 18), ("a == 'open", 5)],
)
def test_an_error_is_placed_in_the_text_as_it_was_written(source: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        expression.compile(source)
    assert caught.value.position is not None
    assert abs(caught.value.position - position) <= 2


@given(st.text(alphabet="0123456789 .[]{}:,%+aex'\"", max_size=24))
@lots(80)
def test_promotion_changes_nothing_but_whole_numbers(source: str) -> None:
    try:
        words = cel_text.tokens(source)
    except ValueError:
        return
    text, grown = cel_text.promoted(words, source)
    again = cel_text.tokens(text)
    assert [word.text for word in words] == [
        word.text.removesuffix(".0") if old.kind == "whole" else word.text
        for old, word in zip(words, again, strict=True)
    ]
    for old, new in zip(words, again, strict=True):
        assert cel_text.origin(new.at, grown) == old.at


def test_the_library_comes_without_its_command_line_and_stays_one() -> None:
    program = """
import sys
import flowstudio.domain.expression as expression
for name in ("prompt_toolkit", "typer", "rich", "cel.cli"):
    assert name not in sys.modules, name
assert expression.judge("customer.traits.n > 1", {"customer": {"traits": {"n": 2}}}).matched
import cel
assert cel.compile is sys.modules["cel.cel"].compile
assert cel.compile("1 + 1").execute() == 2
assert expression.judge("customer.traits.n < 3", {"customer": {"traits": {"n": 2}}}).matched
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
