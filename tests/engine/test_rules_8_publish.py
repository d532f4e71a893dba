"""Rolling back, and two editors at once (SEMANTICS 8.6, 8.7)."""

from __future__ import annotations

import pytest

from flowstudio.domain.errors import Conflict
from flowstudio.services import drafts, flows, publishing, versions
from flowstudio.store.models import Run
from tests.engine import house
from tests.engine.stage import sketch

DAYS_7 = sketch(("nap", "wait.delay", {"for": "7d"}), ("out", "exit", {"reason": "seven"}), edges="enter>nap nap>out")
DAYS_3 = sketch(("nap", "wait.delay", {"for": "3d"}), ("out", "exit", {"reason": "three"}), edges="enter>nap nap>out")


def test_r8_6_an_old_version_put_into_the_draft_and_published_is_the_next_version(play):
    caller = house.caller(play.space)
    flow = flows.create(caller, name="Flow", graph=DAYS_7)
    publishing.publish(caller, flow.id, revision=1)
    saved = drafts.save(caller, flow.id, document=DAYS_3, revision=1)
    publishing.publish(caller, flow.id, revision=saved["revision"])
    old = versions.read(caller, flow.id, 1)["graph"]
    back = drafts.save(caller, flow.id, document=old, revision=saved["revision"])
    third = publishing.publish(caller, flow.id, revision=back["revision"])
    assert third["number"] == 3
    assert versions.read(caller, flow.id, 3)["graph"] == old
    play.send("ada")
    play.go()
    play.go(days=3)
    assert play.run("ada").status == "active"
    play.go(days=4)
    assert (play.run("ada").number, play.run("ada").reason) == (3, "seven")


def test_r8_7_the_second_of_two_editors_is_refused_and_shown_what_came_between(play):
    caller = house.caller(play.space)
    flow = flows.create(caller, name="Flow", graph=DAYS_7)
    drafts.save(caller, flow.id, document=DAYS_3, revision=1)
    with pytest.raises(Conflict) as refused:
        drafts.save(caller, flow.id, document=DAYS_7, revision=1)
    theirs = refused.value.theirs["graph"]
    assert next(node["config"] for node in theirs["nodes"] if node["id"] == "nap") == {"for": "3d"}


def test_r8_7_two_editors_publish_and_the_second_is_refused(play):
    caller = house.caller(play.space)
    flow = flows.create(caller, name="Flow", graph=DAYS_7)
    drafts.save(caller, flow.id, document=DAYS_3, revision=1)
    publishing.publish(caller, flow.id, revision=2)
    with pytest.raises(Conflict):
        publishing.publish(caller, flow.id, revision=1)
    play.send("ada")
    play.go()
    assert Run.objects.get().number == 1
