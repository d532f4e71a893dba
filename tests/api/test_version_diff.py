"""What changed between versions, by API: which is older, the draft, the first one, and what is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client

from flowstudio.store.models import Draft, Flow, Version
from tests.api.world import GRAPH, Room, room, session

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> Room:
    return room("ours")


@pytest.fixture
def viewer(ours: Room) -> Client:
    return session(ours.users["viewer"])


def changed(**pause: Any) -> dict[str, Any]:
    graph = copy.deepcopy(GRAPH)
    graph["nodes"][1].update(pause)
    return graph


@pytest.fixture
def second(ours: Room) -> Version:
    graph = changed(config={"for": "3d"}, position={"x": 5, "y": 120})
    graph["nodes"][2]["position"]["x"] = 7
    graph["nodes"].append({"id": "more", "type": "exit", "name": "More", "config": {}})
    graph["edges"][1]["target"] = "more"
    graph["notes"] = [{"id": "s", "text": "Hi", "position": {"x": 1, "y": 2}}]
    graph["settings"] = {"reentry": None}
    flow = Flow.objects.get(id=ours.ids["flow_id"])
    return Version.objects.create(flow=flow, number=2, graph=graph, draft_revision=3)


def ask(client: Client, ours: Room, number: int, status: int = 200, **query: str) -> Any:
    answer = client.get(f"/api/v1/flows/{ours.ids['flow_id']}/versions/{number}/diff/", query)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_everything_that_is_different_in_its_place(ours: Room, viewer: Client, second: Version) -> None:
    assert ask(viewer, ours, 2, against="1") == {
        "before": {"version": 1, "draft_revision": None},
        "after": {"version": 2, "draft_revision": None},
        "same": False,
        "behaves_differently": True,
        "sentence": "1 step added, 1 step changed, 1 line changed, 1 setting changed, 1 card moved and 1 note changed.",
        "nodes": {
            "added": [{"id": "more", "type": "exit", "name": "More", "position": None}],
            "removed": [],
            "changed": [
                {
                    "id": "pause",
                    "type": "wait.delay",
                    "name": "Breathe",
                    "moved": True,
                    "before": {"x": 0, "y": 120},
                    "after": {"x": 5, "y": 120},
                    "fields": [
                        {
                            "path": ["config", "for"],
                            "kind": "changed",
                            "sentence": "Wait for: 2 days → 3 days",
                            "before": "2d",
                            "after": "3d",
                        }
                    ],
                }
            ],
            "moved": [
                {
                    "id": "end",
                    "type": "exit",
                    "name": "End",
                    "moved": True,
                    "before": {"x": 0, "y": 220},
                    "after": {"x": 7, "y": 220},
                    "fields": [],
                }
            ],
        },
        "edges": [
            {
                "kind": "changed",
                "before": {"id": "e2", "source": "pause", "source_port": "out", "target": "end"},
                "after": {"id": "e2", "source": "pause", "source_port": "out", "target": "more"},
                "sentence": "“Breathe” leads to “More” instead of “End”",
            }
        ],
        "notes": [
            {
                "kind": "added",
                "moved": False,
                "before": None,
                "after": {"id": "s", "text": "Hi", "position": {"x": 1, "y": 2}, "size": {"w": 240, "h": 120}},
            }
        ],
        # A side that had no value has no key: null is a value.
        "settings": [{"path": ["reentry"], "kind": "added", "sentence": "Re-entry: set to nothing", "after": None}],
    }


def test_the_older_one_is_before_whichever_is_asked_for(ours: Room, viewer: Client, second: Version) -> None:
    assert ask(viewer, ours, 1, against="2") == ask(viewer, ours, 2, against="1") == ask(viewer, ours, 2)
    nothing = ask(viewer, ours, 2, against="2")
    assert (nothing["same"], nothing["sentence"]) == (True, "Nothing is different.")


def test_the_first_version_is_all_new(ours: Room, viewer: Client) -> None:
    made = ask(viewer, ours, 1)
    assert made["before"] is None
    assert [node["id"] for node in made["nodes"]["added"]] == ["end", "pause", "signed_up"]
    assert made["sentence"] == "3 steps added and 2 lines changed."


def test_the_draft_is_the_newest(ours: Room, viewer: Client, second: Version) -> None:
    Draft.objects.filter(flow_id=ours.ids["flow_id"]).update(graph=changed(name="Wait"), revision=9)
    made = ask(viewer, ours, 1, against="draft")
    assert (made["before"], made["after"]) == (
        {"version": 1, "draft_revision": None},
        {"version": None, "draft_revision": 9},
    )
    assert made["nodes"]["changed"][0]["fields"][0]["sentence"] == "Renamed from “Breathe” to “Wait”"
    assert ask(viewer, ours, 2, against="draft")["nodes"]["removed"][0]["id"] == "more"


@pytest.mark.parametrize("against", ["x", "-1", "1.5", "٣", "1" * 10, "1 2"])
def test_what_is_no_version_is_refused_with_a_sentence(against: str, ours: Room, viewer: Client) -> None:
    problem = ask(viewer, ours, 1, 400, against=against)
    assert problem["errors"] == [{"field": "against", "message": f"“{against}” is no version."}]
    assert "number" in problem["fix"]


def test_a_version_that_is_not_there(ours: Room, viewer: Client) -> None:
    assert ask(viewer, ours, 1, 404, against="2")["code"] == "not_found"
    assert ask(viewer, ours, 3, 404)["code"] == "not_found"
    assert ask(viewer, ours, 3, 404, against="draft")["code"] == "not_found"
