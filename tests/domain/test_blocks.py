"""The structure of parallel blocks and loops, and what the validator says of unsound ones (SEMANTICS 9.2, 9.4)."""

from __future__ import annotations

import time

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import parse
from flowstudio.domain.structure import structure
from flowstudio.domain.validate import validate

KINDS = {
    "t": ("trigger.event", {"event": "Go"}),
    "P": ("parallel", {"arms": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]}),
    "J": ("join", {"mode": "all"}),
    "R": ("repeat", {"times": 3, "pause": "1h"}),
    "B": ("branch", {"cases": [{"id": "yes", "name": "Yes", "when": "customer.traits.x == 1"}]}),
    "X": ("exit", {}),
    "s": ("customer.update", {"traits": {"x": 1}}),
}


def draw(edges):
    """ "P1.a>s1": nodes are named by their first letter's kind."""
    nodes, made = {}, []
    for number, part in enumerate(edges.split()):
        source, _, target = part.partition(">")
        node, _, port = source.partition(".")
        for one in (node, target):
            nodes.setdefault(one, {"id": one, "type": KINDS[one[0]][0], "name": one, "config": KINDS[one[0]][1]})
        made.append({"id": f"e{number}", "source": node, "source_port": port or "out", "target": target})
    return parse({"nodes": list(nodes.values()), "edges": made})


def errors(edges):
    found = validate(draw(edges), CATALOGUE)
    return sorted((i.code, i.node) for i in found if i.severity == "error")


SOUND = "t>P P.a>s1 P.b>s2 s1>J s2>J J>s3"


@pytest.mark.parametrize(
    "edges",
    [
        SOUND,
        "t>P P.a>P2 P2.a>s1 P2.b>s2 s1>J2 s2>J2 J2>J P.b>s3 s3>J",
        "t>P P.a>B B.yes>s1 B.else>s2 s1>J s2>J P.b>s3 s3>J J>s4",
        "t>P P.a>B B.yes>X B.else>J P.b>s3 s3>J",
        "t>P P.a>R R.body>s1 s1>R R.done>J P.b>s2 s2>J",
        "t>R R.body>P P.a>s1 P.b>s2 s1>J s2>J J>R R.done>s3",
        "t>R R.body>s1 s1>R R.done>s2",
        "t>R1 R1.body>R2 R2.body>s1 s1>R2 R2.done>R1 R1.done>X",
        "t>R R.body>B B.yes>s1 B.else>R R.done>s2 s1>s3",
    ],
)  # fmt: skip
def test_r9_2_sound_blocks_and_loops_have_no_error(edges):
    assert errors(edges) == []


@pytest.mark.parametrize(
    ("edges", "code", "node"),
    [
        ("t>B B.yes>s1 B.else>s2 s1>J s2>J", "join_without_parallel", "J"),
        ("t>P P.a>s1 P.b>s2", "parallel_without_join", "P"),
        ("t>P P.a>s1 P.b>s2 s1>J1 s2>J1 J1>J2 s2>J2", "parallel_with_many_joins", "P"),
        ("t>P P.a>s1 P.b>s2 s1>J s2>s3", "arm_leads_nowhere", "s3"),
        ("t>P P.a>s1 s1>J P.b>J P.c>J", "unknown_port", "P"),
        ("t>P P.a>s1 s1>J", "arm_open", "P"),
        ("t>B B.yes>P B.else>s1 P.a>s1 P.b>s2 s1>J s2>J", "join_without_parallel", "J"),
        ("t>P P.a>B B.yes>s9 B.else>s1 P.b>s2 s1>J s2>J J>s9", "line_leaves_block", "B"),
        ("t>P P.a>s1 P.b>s2 s1>s3 s2>s3 s3>J", "arms_meet", "s3"),
        ("t>R R.body>P P.a>B B.yes>R B.else>J P.b>s2 s2>J J>R R.done>X", "line_leaves_block", "B"),
        ("t>R R.body>s1 s1>s2 R.done>s3", "repeat_without_loop", "R"),
        ("t>B B.yes>R B.else>s1 R.body>s1 s1>R R.done>X", "line_enters_loop", "s1"),
    ],
)  # fmt: skip
def test_r9_2_an_unsound_block_is_named_with_a_fix(edges, code, node):
    found = [i for i in validate(draw(edges), CATALOGUE) if i.severity == "error"]
    assert (code, node) in [(i.code, i.node) for i in found]
    assert all(i.fix and i.message.endswith(".") for i in found)


def test_a_join_behind_an_exclusive_branch_says_why_it_can_never_be():
    found = next(i for i in validate(draw("t>B B.yes>s1 B.else>s2 s1>J s2>J"), CATALOGUE) if i.node == "J")
    assert (
        found.message == "“J” waits for arms, but no Parallel comes before it: each customer arrives by one way only."
    )


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ("t>s1 s1>s2 s2>s1", "Customers would go in a circle: “s1” → “s2” → “s1”."),
        ("t>R R.body>s1 s1>R R.done>s2 s2>R", "Customers would go in a circle: “R” → “s2” → “R”."),
        ("t>R R.body>s1 s1>s2 s2>s1 s2>R", "Customers would go in a circle: “s1” → “s2” → “s1”."),
    ],
)  # fmt: skip
def test_r9_4_any_other_cycle_is_an_error_that_names_it(edges, said):
    assert said in [i.message for i in validate(draw(edges), CATALOGUE) if i.code == "cycle"]


def test_r9_2_an_exit_in_an_arm_is_allowed_and_said():
    found = validate(draw("t>P P.a>B B.yes>X B.else>J P.b>s3 s3>J"), CATALOGUE)
    assert [(i.severity, i.node) for i in found if i.code == "exit_in_arm"] == [("hint", "X")]


def test_the_steps_of_an_inner_loop_are_its_own():
    shape = structure(draw("t>R1 R1.body>R2 R2.body>s1 s1>R2 R2.done>s2 s2>R1 R1.done>X"))
    assert shape.loops == {"R1": {"R2", "s1", "s2"}, "R2": {"s1"}}


def test_a_thousand_blocks_in_a_row_and_a_hundred_in_one_another_are_judged_at_once():
    began = time.monotonic()
    row = " ".join(
        f"{'t' if n == 0 else f'J{n - 1}'}>P{n} P{n}.a>sa{n} P{n}.b>sb{n} sa{n}>J{n} sb{n}>J{n}" for n in range(1_000)
    )
    assert errors(row) == []
    nest = "t>P0 " + " ".join(f"P{n}.a>P{n + 1} P{n}.b>s{n} s{n}>J{n} J{n + 1}>J{n}" for n in range(100))
    assert errors(nest + " P100.a>sx sx>J100 P100.b>sy sy>J100") == []
    deep = "t>P0 " + " ".join(f"P{n}.a>P{n + 1} P{n}.b>s{n} s{n}>J{n} J{n + 1}>J{n}" for n in range(1_200))
    assert {code for code, _ in errors(deep + " P1200.a>sx sx>J1200 P1200.b>sy sy>J1200")} == {"parallel_too_deep"}
    assert time.monotonic() - began < 15
