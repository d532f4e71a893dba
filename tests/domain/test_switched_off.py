"""A step that is switched off: customers pass through, everywhere the same (CONTRACT, `disabled`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import switched_off
from flowstudio.domain.decision import TimerFired
from flowstudio.domain.diff import diff
from flowstudio.domain.drawing.svg import svg
from flowstudio.domain.explain import explain
from flowstudio.domain.graph import Graph, parse, serialise
from flowstudio.domain.interpreter import Ended, Facts, Program, Sleeping, arrive, resume
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person
from flowstudio.domain.validate import validate

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def drawn(*off: str, **more: Any) -> Graph:
    """start → pause → size → (big: mail | else: end); `off` are the ids of what is switched off."""
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("start", "trigger.event", {"event": "Go"}),
        ("pause", "wait.delay", {"for": "2d"}),
        ("size", "branch", {"cases": [{"id": "big", "name": "Big", "when": "true"}]}),
        ("mail", "email.send", {"to": "a@b.example", "subject": "Hi", "body": "Hi", "category": "marketing"}),
        ("end", "exit", {"reason": "over"}),
    ]
    lines = ["start:out pause", "pause:out size", "size:big mail", "size:else end", "mail:out end"]
    nodes = [
        {"id": i, "type": kind, "name": i.title(), "config": more.get(i, config), **({"disabled": True} if i in off else {})}
        for i, kind, config in rows
    ]  # fmt: skip
    edges = [
        {"id": f"e{n}", "source": a.split(":")[0], "source_port": a.split(":")[1], "target": b}
        for n, (a, b) in enumerate(line.split() for line in lines)
    ]
    return parse({"nodes": nodes, "edges": edges})


def facts() -> Facts:
    customer = {"id": "c", "email": "a@b.example", "name": None, "traits": {}}
    return Facts(now=NOW, customer=customer, event={"name": "Go"}, run={"id": "r"}, steps={}, visits={})


def test_customers_pass_through_and_are_told_why() -> None:
    walk = arrive(Program.build(drawn("pause", "size", "mail"), CATALOGUE), "start", facts())
    assert [(step.node, step.port, step.status) for step in walk.steps] == [
        ("start", "out", "done"),
        ("pause", "out", "done"),
        ("size", "else", "done"),
        ("end", "", "done"),
    ]
    assert {step.reason for step in walk.steps[1:3]} == {switched_off.REASON}
    assert walk.steps[1].output is None


def test_a_wait_that_is_on_still_waits() -> None:
    assert isinstance(arrive(Program.build(drawn("size"), CATALOGUE), "start", facts()).stop, Sleeping)


def test_an_end_that_is_switched_off_ends_the_run_as_an_open_way_does() -> None:
    stop = arrive(Program.build(drawn("pause", "size", "end"), CATALOGUE), "start", facts()).stop
    assert stop == Ended(status="completed", reason="end_of_path", node="end")


def test_what_is_half_set_up_or_unknown_is_passed_through_too() -> None:
    graph = drawn("pause", "size", pause={"for": "soon"}, size={"cases": 7})
    assert [step.node for step in arrive(Program.build(graph, CATALOGUE), "start", facts()).steps][-1] == "end"
    unknown = parse(
        {
            "nodes": [{"id": "a", "type": "gone.away", "disabled": True}, {"id": "z", "type": "exit"}],
            "edges": [{"id": "e", "source": "a", "target": "z"}],
        }
    )
    assert arrive(Program.build(unknown, CATALOGUE), "a", facts()).stop.node == "z"


def test_a_customer_who_waits_in_it_when_it_goes_off_passes_on_at_the_next_turn() -> None:
    program = Program.build(drawn("pause", "size"), CATALOGUE)
    walk = resume(program, "pause", NOW - timedelta(days=1), 1, facts(), TimerFired(at=NOW))
    assert [step.node for step in walk.steps] == ["pause", "size", "end"]
    assert walk.steps[0].reason == switched_off.REASON


def test_the_simulation_takes_the_same_way() -> None:
    event = Happened(at=NOW, subject={"name": "Go", "properties": {}}, traits={})
    person = Person(id="c", email="a@b.example", name="", traits={})
    made = simulate(drawn("pause", "size"), CATALOGUE, person=person, event=event)
    assert [(step.node, step.sentence) for step in made.steps[1:3]] == [
        ("pause", switched_off.REASON),
        ("size", switched_off.REASON),
    ]
    assert made.end.at == NOW


def test_a_trigger_cannot_be_switched_off_and_stays_on() -> None:
    issues = validate(drawn("start"), CATALOGUE)
    assert [(issue.code, issue.node) for issue in issues if issue.severity == "error"] == [
        ("cannot_switch_off", "start")
    ]
    assert isinstance(arrive(Program.build(drawn("start"), CATALOGUE), "start", facts()).stop, Sleeping)


def test_what_is_switched_off_need_not_be_set_up() -> None:
    assert any(issue.node == "mail" for issue in validate(drawn(mail={}), CATALOGUE) if issue.severity == "error")
    assert not any(issue.severity == "error" for issue in validate(drawn("mail", mail={}), CATALOGUE))


def test_it_is_said_in_words_and_as_a_difference() -> None:
    assert "Mail: switched off, customers pass through; then “End”." in explain(drawn("mail"), CATALOGUE)
    assert "Size: switched off, customers pass through" in explain(drawn("size"), CATALOGUE)
    found = diff(drawn(), drawn("mail"), CATALOGUE)
    assert [field.sentence for change in found.changed for field in change.fields] == ["Switched off"]
    assert found.behaves_differently


def test_it_is_drawn_as_switched_off() -> None:
    assert "Off" in svg(drawn("mail"), CATALOGUE)
    assert "Off" not in svg(drawn(), CATALOGUE)


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_only_true_or_false_switches(value: Any) -> None:
    from flowstudio.domain.errors import GraphMalformed

    with pytest.raises(GraphMalformed, match="true or false"):
        parse({"nodes": [{"id": "a", "type": "exit", "disabled": value}]})


def test_the_document_keeps_it_and_stays_as_it_was_without() -> None:
    assert [row["id"] for row in serialise(drawn("mail"))["nodes"] if row.get("disabled")] == ["mail"]
    assert all("disabled" not in row for row in serialise(drawn())["nodes"])
