"""Splits (SEMANTICS 6): who goes where, and that nobody moves afterwards."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import parse
from flowstudio.domain.nodes.split import Arm, arm_at, bucket
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person
from flowstudio.domain.validate import validate
from flowstudio.engine import arms as assignments
from flowstudio.store.models import Assignment, Run, Step
from tests.engine import house
from tests.engine.stage import START, sketch


def split(a=50.0, b=50.0, **more):
    arms = [{"id": "a", "name": "A", "weight": a}, {"id": "b", "name": "B", "weight": b}]
    return sketch(("test", "split", {"arms": arms}), edges="enter>test", reentry="parallel", **more)


def taken():
    """Customer → ports of their splits, in order."""
    found: dict[str, list[str]] = {}
    for who, port in Step.objects.filter(node="test").order_by("id").values_list("run__customer__external_id", "port"):
        found.setdefault(who, []).append(port)
    return found


def crowd(play, count=40):
    for number in range(count):
        play.send(f"u{number}")
    play.go()


def test_r6_1_the_bucket_decides_and_the_shares_are_those_of_the_weights():
    arms = [Arm(id="a", weight=1), Arm(id="none", weight=0), Arm(id="b", weight=3)]
    assert [arm_at(arms, place).id for place in (0, 2_499, 2_500, 9_999)] == ["a", "a", "b", "b"]
    assert bucket("salt", "ada") == bucket("salt", "ada") != bucket("other", "ada")
    count = sum(arm_at(arms, bucket("salt", str(number))).id == "a" for number in range(20_000))
    assert 4_700 < count < 5_300
    assert {arm_at([Arm(id="a", weight=0.1), Arm(id="b", weight=0.2)], place).id for place in range(10_000)} == {
        "a",
        "b",
    }


def test_r6_1_it_is_the_bucket_of_flow_and_node_that_a_run_goes_by(play):
    flow = play.flow(split())
    crowd(play)
    for run in Run.objects.all():
        wanted = "a" if bucket(f"{flow.id}:test", run.customer_id) < 5_000 else "b"
        assert Step.objects.get(run=run, node="test").port == wanted


def test_r6_2_changed_weights_never_move_anyone_and_reentry_gives_the_same_arm(play):
    flow = play.flow(split(50, 50))
    crowd(play)
    before = taken()
    assert {ports[0] for ports in before.values()} == {"a", "b"}
    assert Assignment.objects.count() == 40
    play.version(flow, split(0, 100))
    crowd(play)
    play.send("new")
    play.go()
    after = taken()
    assert {who: ports[1] for who, ports in after.items() if who != "new"} == {w: p[0] for w, p in before.items()}
    assert after["new"] == ["b"]
    assert "as before" in Step.objects.filter(node="test", run__customer__external_id="u1").last().reason


def test_r6_2_the_first_row_stays_where_two_runs_cross_at_once(play):
    """The other run is first while this one waits for an answer: its row stands, the call before is not repeated."""
    document = split(100, 0)
    document["nodes"].append({"id": "ask", "type": "test.key", "name": "Ask", "config": {}})
    document["edges"] = house.graph(("ask", "test.key"), edges="enter>ask ask>test")["edges"]
    play.flow(document)

    async def meanwhile(_request):
        run = await house.db(Run.objects.get)
        row = {"workspace_id": run.workspace_id, "flow_id": run.flow_id, "node": "test", "customer_id": run.customer_id}
        await house.db(lambda: Assignment.objects.create(**row, arm="b", at=play.now))

    play.vendor.script["ask"] = [meanwhile]
    play.send("ada")
    play.go()
    assert (Assignment.objects.get().arm, len(play.vendor.calls)) == ("b", 1)
    play.send("ada")
    play.go()
    assert taken()["ada"][-1] == "b"


def test_r6_3_the_salt_survives_versions_and_another_flow_has_its_own(play):
    first = play.flow(split())
    crowd(play)
    before = {who: ports[0] for who, ports in taken().items()}
    Assignment.objects.all().delete()
    play.version(first, split())
    crowd(play)
    assert {who: ports[1] for who, ports in taken().items()} == before
    first.state = "closed"
    first.save()
    play.flow(split())
    crowd(play)
    assert {who: ports[2] for who, ports in taken().items()} != before


def test_r12_1_of_two_assignments_the_earliest_is_inherited(play):
    flow = play.flow(split())
    crowd(play, 3)
    rows = list(Assignment.objects.order_by("id"))
    Assignment.objects.filter(id=rows[1].id).update(arm="early", at=START.replace(year=2020))
    into = {rows[1].customer_id: rows[0].customer_id, rows[2].customer_id: "u" * 26}
    with transaction.atomic(), connection.cursor() as cursor:
        assignments.inherit(cursor, into)
    found = dict(Assignment.objects.filter(flow=flow).values_list("customer_id", "arm"))
    assert found == {rows[0].customer_id: "early", "u" * 26: rows[2].arm}


def test_r6_1_a_simulation_goes_the_way_of_the_run(play):
    flow = play.flow(split())
    crowd(play, 12)
    for run in Run.objects.select_related("customer"):
        event = Happened(subject={"id": "e", "name": "Signed Up", "properties": {}}, at=START)
        made = simulate(
            parse(split()), CATALOGUE, person=Person(id=run.customer_id, email="", name=""), event=event, flow=flow.id
        )
        assert made.steps[-1].port == Step.objects.get(run=run, node="test").port
        kept = simulate(
            parse(split(100, 0)), CATALOGUE, person=Person(id=run.customer_id, email="", name=""), event=event,
            flow=flow.id, assigned={"test": "b"},
        )  # fmt: skip
        assert kept.steps[-1].port == "b"


@pytest.mark.parametrize(
    ("arms", "field"),
    [
        ([{"id": "a", "weight": 1}], "arms"),
        ([{"id": "a", "weight": 0}, {"id": "b", "weight": 0}], "arms"),
        ([{"id": "a", "weight": 1}, {"id": "a", "weight": 1}], "arms.1.id"),
        ([{"id": "a", "weight": -1}, {"id": "b", "weight": 1}], "arms.0.weight"),
        ([{"id": "a-b", "weight": 1}, {"id": "b", "weight": 1}], "arms.0.id"),
    ],
)
def test_r6_1_a_split_that_shares_out_nothing_is_an_error(arms, field):
    issues = validate(parse(sketch(("test", "split", {"arms": arms}), edges="enter>test")), CATALOGUE)
    assert field in [issue.field for issue in issues if issue.severity == "error"]
