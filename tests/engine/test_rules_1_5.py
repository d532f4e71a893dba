"""Segments and schedules: who begins when, and exactly once (SEMANTICS 1.5, 11.2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.graph import parse
from flowstudio.domain.validate import validate
from flowstudio.engine import crowds, ingest
from flowstudio.engine.batches import Batches
from flowstudio.engine.ingest import Incoming
from flowstudio.services import crowding, publishing
from flowstudio.store.ids import new_id
from flowstudio.store.models import Crowd, Customer, Event, Flow, Member, Run, Schedule, Segment
from tests.engine import house
from tests.engine.stage import START

TEAM = {"all": [{"field": "customer.traits.plan", "op": "eq", "value": "Team"}]}
BUYERS = {"all": [{"event": "Paid", "op": "did", "times": 2, "within": "7d"}]}
SILENT = {"all": [{"event": "Seen", "op": "did_not", "times": 1, "within": "7d"}]}


def segment(play, rule=TEAM):
    made = Segment.objects.create(workspace=play.space, name=f"S{Segment.objects.count()}", rule=rule)
    play.go()
    return made


def begins(found, direction="enter", **settings):
    trigger = ("enter", "trigger.segment", {"segment": found.id, "direction": direction})
    return house.graph(trigger, ("end", "exit"), edges="enter>end", **{"reentry": "parallel", **settings})


def on_schedule(**config):
    settings = {key: config.pop(key) for key in ("max_event_age", "timezone_of_flow") if key in config}
    return house.graph(
        ("enter", "trigger.schedule", config), ("end", "exit"), edges="enter>end", reentry="parallel", **settings
    )


def inside(found):
    query = Member.objects.filter(segment=found, inside=True).order_by("customer__external_id")
    return list(query.values_list("customer__external_id", flat=True))


def test_r1_5_a_trait_that_changes_brings_a_customer_in_once(play):
    found = segment(play)
    play.flow(begins(found))
    play.identify("ada", plan="Free")
    play.go()
    assert Run.objects.count() == 0
    play.identify("ada", plan="Team")
    play.identify("ada", seats=3)
    play.go()
    assert (Run.objects.count(), inside(found)) == (1, ["ada"])
    assert Run.objects.get().subject["properties"] == {"segment": found.id, "direction": "enter"}
    play.identify("ada", plan="Free")
    play.go()
    play.identify("ada", plan="Team")
    play.go()
    assert Run.objects.count() == 2


def test_r1_5_leaving_begins_what_asks_for_leaving(play):
    found = segment(play)
    play.flow(begins(found, "leave"))
    play.identify("ada", plan="Team")
    play.go()
    assert Run.objects.count() == 0
    play.identify("ada", plan="Free")
    play.go()
    assert Run.objects.count() == 1


def test_r1_5_a_trait_that_a_step_writes_counts(play):
    found = segment(play)
    play.flow(begins(found))
    writes = house.graph(
        ("enter", "trigger.event", {"event": "Upgraded"}),
        ("set", "customer.update", {"traits": {"plan": "Team"}}),
        edges="enter>set",
    )
    play.flow(writes)
    play.send("ada", "Upgraded")
    play.go()
    assert (inside(found), Run.objects.filter(flow__triggers__event__startswith="crowd:").distinct().count()) == (
        ["ada"],
        1,
    )


def test_r1_5_events_are_counted_within_their_time_and_lapse_by_it(play):
    found = segment(play, BUYERS)
    play.flow(begins(found))
    play.flow(begins(found, "leave"))
    play.send("ada", "Paid")
    play.go(days=1)
    assert inside(found) == []
    play.send("ada", "Paid")
    play.go()
    assert (inside(found), Run.objects.count()) == (["ada"], 1)
    # The first Paid is seven days old at START + 7 d.
    play.now = START + timedelta(days=7) - timedelta(seconds=1)
    play.go()
    assert inside(found) == ["ada"]
    play.go(seconds=1)
    assert (inside(found), Run.objects.count()) == ([], 2)


def test_r1_5_what_a_customer_did_not_do_comes_true_by_time(play):
    found = segment(play, SILENT)
    play.flow(begins(found))
    play.send("ada", "Seen")
    play.go()
    assert inside(found) == []
    play.now = START + timedelta(days=7)
    play.go()
    assert (inside(found), Run.objects.count()) == (["ada"], 1)


def test_r1_5_who_was_in_before_the_segment_was_written_is_not_told(play):
    for number in range(5):
        play.identify(f"u{number}", plan="Team" if number % 2 else "Free")
    play.go()
    found = Segment.objects.create(workspace=play.space, name="Team", rule=TEAM)
    play.flow(begins(found))
    play.go()
    found.refresh_from_db()
    assert (found.ready, inside(found), Run.objects.count()) == (True, ["u1", "u3"], 0)


@pytest.mark.parametrize(("choice", "present", "later"), [("future", 0, 1), ("present", 2, 0), ("both", 2, 1)])
def test_r1_5_publishing_asks_for_those_who_are_in_already(play, choice, present, later):
    found = segment(play)
    for who in ("ada", "bob"):
        play.identify(who, plan="Team")
    play.go()
    document = parse(begins(found))
    flow = play.flow(begins(found))
    assert crowding.inside(play.space.id, document) == {"id": found.id, "name": found.name, "count": 2, "ready": True}
    publishing.index(flow, document, future=choice != "present")
    if choice != "future":
        crowding.bring_in(flow, document, 1)
    play.go()
    assert Run.objects.count() == present
    play.identify("cyd", plan="Team")
    play.go()
    assert Run.objects.count() == present + later


def raw(play, kind, body, **who):
    event = Incoming(
        id=new_id(), workspace_id=play.space.id, source="k" * 26, message_id=new_id(), type=kind, name=kind,
        user_id=who.get("user", ""), anonymous_id=who.get("anonymous", ""), payload=json.dumps({"type": kind, **body}),
        digest="d", occurred_at=play.now, received_at=play.now,
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        ingest.flush(cursor, [[event]])


def test_r12_3_a_merge_is_no_entry(play):
    found = segment(play)
    play.identify("ada", plan="Free")
    play.go(minutes=1)
    raw(play, "identify", {"traits": {"plan": "Team"}}, anonymous="visitor")
    play.go(minutes=1)
    play.flow(begins(found))
    raw(play, "identify", {"traits": {}}, user="ada", anonymous="visitor")
    play.go()
    assert Customer.objects.get(external_id="ada").traits["plan"] == "Team"
    assert (inside(found), Run.objects.count()) == (["ada"], 0)


def test_a_door_cannot_send_what_only_the_engine_says(play):
    found = segment(play)
    flow = play.flow(begins(found))
    play.send("ada", f"segment:{found.id}:enter")
    play.send("ada", crowds.brought(flow.id))
    play.go()
    assert Run.objects.count() == 0


def people(play, count=3):
    for number in range(count):
        play.identify(f"u{number}", plan="Team" if number else "Free")
    play.go()


def test_a_schedule_begins_a_run_for_each_customer_at_its_time_on_its_clock(play):
    people(play)
    play.flow(on_schedule(cron="0 9 * * *", timezone="Europe/Berlin"))
    assert Schedule.objects.get().next_at == datetime(2026, 6, 2, 7, 0, tzinfo=UTC)
    play.now = datetime(2026, 6, 2, 6, 59, 59, tzinfo=UTC)
    play.go()
    assert Run.objects.count() == 0
    play.go(seconds=1)
    assert (Run.objects.count(), Crowd.objects.get().count) == (3, 3)
    assert Schedule.objects.get().next_at == datetime(2026, 6, 3, 7, 0, tzinfo=UTC)
    play.go(hours=1)
    assert Run.objects.count() == 3
    play.go(days=1)
    assert Run.objects.count() == 6


def test_a_schedule_for_a_segment_is_for_its_members(play):
    found = segment(play)
    people(play)
    play.flow(on_schedule(cron="0 9 * * *", segment=found.id))
    play.go(days=1)
    assert sorted(Run.objects.values_list("customer__external_id", flat=True)) == ["u1", "u2"]


def test_of_two_engines_that_look_at_once_one_fires(play):
    people(play)
    play.flow(on_schedule(cron="0 9 * * *"))
    play.now = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
    for _ in range(2):
        with transaction.atomic(), connection.cursor() as cursor:
            crowds.work(cursor, play.now, Batches())
    assert (Crowd.objects.count(), Event.objects.filter(type="crowd").count()) == (1, 3)
    # Even a schedule that is turned back gathers nobody twice.
    Schedule.objects.update(next_at=play.now)
    play.go()
    assert (Crowd.objects.count(), Run.objects.count()) == (1, 3)


@pytest.mark.parametrize(("away", "runs"), [({"days": 3, "hours": 1}, 3), ({"days": 3, "hours": 13}, 0)])
def test_r11_2_missed_occurrences_are_one_and_only_a_young_one(play, away, runs):
    people(play)
    play.flow(on_schedule(cron="0 12 * * *", max_event_age="12h"))
    play.go(**away)
    assert Run.objects.count() == runs
    assert Schedule.objects.get().next_at > play.now


def test_a_paused_flow_s_schedule_passes(play):
    people(play)
    flow = play.flow(on_schedule(cron="0 9 * * *"))
    Flow.objects.filter(id=flow.id).update(state="paused")
    play.go(days=1)
    Flow.objects.filter(id=flow.id).update(state="live")
    play.go(hours=1)
    assert Run.objects.count() == 0


def test_publishing_again_keeps_a_schedule_that_stays(play):
    flow = play.flow(on_schedule(cron="0 9 * * *"))
    Schedule.objects.update(next_at=START)
    play.version(flow, on_schedule(cron="0 9 * * *"))
    assert Schedule.objects.get().next_at == START
    play.version(flow, on_schedule(cron="0 10 * * *"))
    assert Schedule.objects.get().next_at == datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
    play.version(flow, house.graph(("enter", "trigger.event", {"event": "X"}), ("end", "exit"), edges="enter>end"))
    assert not Schedule.objects.exists()


def test_a_crowd_comes_piece_by_piece_and_each_customer_once(play, monkeypatch):
    monkeypatch.setattr(crowds, "_PIECE", 2)
    people(play, 5)
    play.flow(on_schedule(cron="0 9 * * *"))
    play.go(days=1)
    assert Run.objects.count() == Run.objects.values("customer").distinct().count() == 5
    assert Crowd.objects.get().finished_at is not None


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"cron": "0 9 * *"}, "is not a schedule"),
        ({"cron": "0 9 30 2 *"}, "is not a schedule"),
        ({"timezone": "Berlin"}, "no time zone"),
    ],
)
def test_a_schedule_that_cannot_be_says_so(config, said):
    found = [issue.message for issue in validate(parse(on_schedule(**config)), CATALOGUE) if issue.severity == "error"]
    assert any(said in message for message in found)
