"""What publishing would do, what it does, and resuming, over HTTP (SEMANTICS 8.2, 13.2)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client

from flowstudio.store.models import Batch, Version
from tests.api.test_flows import editor, ours, post, put_draft
from tests.api.world import GRAPH, Room

__all__ = ["editor", "ours"]
pytestmark = pytest.mark.django_db


def test_the_plan_counts_who_is_inside_and_changes_nothing(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    put_draft(editor, flow, copy.deepcopy(GRAPH), 3)
    before = Version.objects.count()
    plan = editor.get(f"/api/v1/flows/{flow}/publish-plan/?revision=4").json()
    assert (plan["number"], plan["published"], plan["revision"], plan["inside"]) == (2, 1, 4, 1)
    assert {"places", "difference", "issues", "staying"} <= plan.keys()
    assert (Version.objects.count(), Batch.objects.count()) == (before, 0)
    old = editor.get(f"/api/v1/flows/{flow}/publish-plan/?revision=3")
    assert (old.status_code, old.json()["theirs"]["revision"]) == (409, 4)
    assert editor.get(f"/api/v1/flows/{flow}/publish-plan/?revision=x").status_code == 400


@pytest.mark.parametrize(
    ("sent", "choice"), [("finish", "finish"), ({"choice": "move"}, "move"), ({"choice": "exit"}, "exit")]
)
def test_publishing_takes_a_word_or_an_object(ours: Room, editor: Client, sent: Any, choice: str) -> None:
    flow = ours.ids["flow_id"]
    put_draft(editor, flow, copy.deepcopy(GRAPH), 3)
    answer = post(editor, f"flows/{flow}/publish/", {"revision": 4, "in_flight": sent, "note": "Because"})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["in_flight"]["choice"], answer.json()["note"]) == (choice, "Because")
    assert Batch.objects.filter(kind="move").count() == (0 if choice == "finish" else 1)


def test_a_choice_that_is_none_is_named_at_its_place(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    put_draft(editor, flow, copy.deepcopy(GRAPH), 3)
    for wrong in ({"choice": "fly"}, {"nodes": {"moon": {"choice": "move"}}}, 7):
        refused = post(editor, f"flows/{flow}/publish/", {"revision": 4, "in_flight": wrong})
        assert refused.status_code == 400, refused.content
        assert "in_flight" in refused.json()["errors"][0]["field"]


def test_resuming_says_who_is_overdue_and_takes_a_choice(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    paused = post(editor, f"flows/{flow}/pause/").json()
    assert (paused["state"], paused["paused_at"] is not None) == ("paused", True)
    counts = editor.get(f"/api/v1/flows/{flow}/overdue/?older_than=3d").json()
    assert (counts["inside"], counts["older_than_s"]) == (1, 3 * 86_400)
    assert editor.get(f"/api/v1/flows/{flow}/overdue/?older_than=soon").status_code == 400
    assert post(editor, f"flows/{flow}/resume/", {"overdue": "later"}).status_code == 400
    resumed = post(editor, f"flows/{flow}/resume/", {"overdue": "shift"}).json()
    assert (resumed["state"], resumed["paused_at"], resumed["batch"]) == ("live", None, None)
