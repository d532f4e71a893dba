"""Flows, drafts, publishing and states over HTTP, as a marketer's browser and a script use them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client

from flowstudio.store.models import ApiKey, AuditEntry, Draft, Feed, Flow, Hook, Run, TriggerIndex, Version
from tests.api.world import GRAPH, Room, room

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> Room:
    return room("ours")


@pytest.fixture
def editor(ours: Room) -> Client:
    return Client(headers={"authorization": f"Bearer {ours.keys['editor']}"})


def put_draft(client: Client, flow: str, graph: Any, revision: int) -> Any:
    return client.put(
        f"/api/v1/flows/{flow}/draft/", {"graph": graph, "revision": revision}, content_type="application/json"
    )


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(f"/api/v1/{path}", body or {}, content_type="application/json")


def test_a_new_flow_is_empty_and_says_what_is_missing(editor: Client) -> None:
    made = post(editor, "flows/", {"name": "Onboarding"})
    assert made.status_code == 201
    flow = made.json()
    assert (flow["state"], flow["draft_revision"], flow["published_version"]) == ("draft", 1, None)
    assert flow["has_unpublished_changes"] is True
    assert flow["sentence"].startswith("Not published yet. ")
    assert flow["issues"]["errors"] >= 1
    assert len(flow["volume"]["hours"]) == 24


def test_a_graph_without_places_is_laid_out(editor: Client) -> None:
    graph = copy.deepcopy(GRAPH)
    for node in graph["nodes"]:
        del node["position"]
    flow = post(editor, "flows/", {"name": "Placed", "graph": graph}).json()
    stored = editor.get(f"/api/v1/flows/{flow['id']}/draft/").json()["graph"]
    places = [(node["position"]["x"], node["position"]["y"]) for node in stored["nodes"]]
    assert len(set(places)) == 3
    assert flow["drawing"]["nodes"]
    assert len(flow["drawing"]["edges"]) == 2


def test_every_template_makes_a_flow_that_can_be_published(editor: Client) -> None:
    for template in editor.get("/api/v1/templates/").json()["results"]:
        flow = post(editor, "flows/", {"name": template["name"], "template": template["id"]}).json()
        assert flow["issues"]["errors"] == 0, flow["sentence"]
        published = post(editor, f"flows/{flow['id']}/publish/", {"revision": 1})
        assert published.status_code == 200, published.content
    assert post(editor, "flows/", {"name": "x", "template": "nope"}).status_code == 400
    assert post(editor, "flows/", {"name": "x", "template": "onboarding", "graph": GRAPH}).status_code == 400


def test_saving_counts_up_and_a_second_writer_gets_both_sides(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    first = copy.deepcopy(GRAPH)
    first["nodes"][0]["name"] = "First"
    second = copy.deepcopy(GRAPH)
    second["nodes"][0]["name"] = "Second"
    saved = put_draft(editor, flow, first, 3)
    assert saved.status_code == 200
    assert saved.json()["revision"] == 4
    refused = put_draft(editor, flow, second, 3)
    assert refused.status_code == 409
    problem = refused.json()
    assert (problem["code"], problem["theirs"]["revision"], problem["yours"]["revision"]) == ("conflict", 4, 3)
    names = [{node["name"] for node in problem[side]["graph"]["nodes"]} for side in ("theirs", "yours")]
    assert names == [{"First", "Breathe", "End"}, {"Second", "Breathe", "End"}]
    kept = Draft.objects.get(flow_id=flow)
    assert kept.revision == 4
    assert {node["name"] for node in kept.graph["nodes"]} == {"First", "Breathe", "End"}
    assert Feed.objects.filter(kind="flow", flow_id=flow).count() == 1


def test_what_was_saved_comes_back_and_saving_it_again_changes_nothing(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    put_draft(editor, flow, GRAPH, 3)
    once = editor.get(f"/api/v1/flows/{flow}/draft/").json()["graph"]
    put_draft(editor, flow, once, 4)
    assert editor.get(f"/api/v1/flows/{flow}/draft/").json()["graph"] == once


@pytest.mark.parametrize("graph", [None, [], 1, "x", {"schema": 1, "nodes": {}}, {"schema": 99, "nodes": []}])
def test_what_is_no_graph_is_refused_with_places_and_nothing_is_lost(ours: Room, editor: Client, graph: Any) -> None:
    flow = ours.ids["flow_id"]
    before = Draft.objects.get(flow_id=flow).graph
    refused = put_draft(editor, flow, graph, 3)
    assert refused.status_code == 400
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["errors"]
    assert Draft.objects.get(flow_id=flow).graph == before


def test_publishing_writes_version_triggers_and_addresses(ours: Room, editor: Client) -> None:
    graph = copy.deepcopy(GRAPH)
    graph["nodes"][0] = {
        "id": "hooked",
        "type": "trigger.webhook",
        "name": "Hook",
        "config": {},
        "position": {"x": 0, "y": 0},
    }
    graph["edges"][0]["source"] = "hooked"
    flow = ours.ids["flow_id"]
    put_draft(editor, flow, graph, 3)
    assert Hook.objects.count() == 0
    published = post(editor, f"flows/{flow}/publish/", {"revision": 4})
    assert published.status_code == 200, published.content
    answer = published.json()
    assert (answer["number"], answer["draft_revision"]) == (2, 4)
    assert answer["in_flight"] == {"choice": "move", "inside": 1, "moving": 1, "finishing": 0, "leaving": 0}
    assert "1 customer inside moves to v2" in answer["sentence"]
    hook = Hook.objects.get(flow_id=flow)
    assert [(row.node, row.event) for row in TriggerIndex.objects.filter(flow_id=flow)] == [
        ("hooked", f"hook:{hook.id}")
    ]
    detail = editor.get(f"/api/v1/flows/{flow}/").json()
    assert (detail["published_version"], detail["has_unpublished_changes"]) == (2, False)
    address = detail["hooks"][0]["url"]
    token = address.rsplit("/", 1)[1]
    assert token not in str(Version.objects.get(flow_id=flow, number=2).graph)
    assert token not in hook.token_encrypted
    rotated = post(editor, f"flows/{flow}/hooks/hooked/rotate/").json()["hooks"][0]["url"]
    assert rotated != address
    # Publishing again keeps the address.
    put_draft(editor, flow, graph, 4)
    post(editor, f"flows/{flow}/publish/", {"revision": 5})
    assert editor.get(f"/api/v1/flows/{flow}/").json()["hooks"][0]["url"] == rotated
    assert [row["number"] for row in editor.get(f"/api/v1/flows/{flow}/versions/").json()["results"]] == [3, 2, 1]
    assert editor.get(f"/api/v1/flows/{flow}/versions/1/").json()["graph"]["nodes"][0]["id"] == "signed_up"
    assert editor.get(f"/api/v1/flows/{flow}/versions/9/").status_code == 404
    assert editor.get(f"/api/v1/flows/{flow}/versions/{10**30}/").status_code == 404


def test_the_event_a_trigger_wants_is_indexed(ours: Room, editor: Client) -> None:
    flow = post(editor, "flows/", {"name": "New", "graph": GRAPH}).json()["id"]
    assert post(editor, f"flows/{flow}/publish/", {"revision": 1}).status_code == 200
    assert [row.event for row in TriggerIndex.objects.filter(flow_id=flow)] == ["Signed Up"]
    assert Flow.objects.get(id=flow).state == "live"


def test_a_graph_with_errors_is_not_published_and_every_issue_is_said(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    put_draft(editor, flow, {"schema": 1, "nodes": [], "edges": []}, 3)
    refused = post(editor, f"flows/{flow}/publish/", {"revision": 4})
    assert refused.status_code == 422
    assert refused.json()["code"] == "graph_has_errors"
    assert any(issue["severity"] == "error" for issue in refused.json()["issues"])
    assert Version.objects.filter(flow_id=flow).count() == 1
    assert Flow.objects.get(id=flow).version == 1


def test_an_old_revision_is_not_published(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    refused = post(editor, f"flows/{flow}/publish/", {"revision": 2})
    assert refused.status_code == 409
    assert refused.json()["theirs"]["revision"] == 3
    for bad in ({}, {"revision": "x"}, {"revision": -1}, {"revision": 10**40}, {"revision": None}):
        assert post(editor, f"flows/{flow}/publish/", bad).status_code == 400


def test_a_credential_of_another_workspace_is_refused_at_publishing(ours: Room, editor: Client) -> None:
    theirs = room("theirs")
    graph = copy.deepcopy(GRAPH)
    graph["nodes"][1] = {
        "id": "ask", "type": "clearbit.enrich", "name": "Ask", "position": {"x": 0, "y": 120},
        "config": {"domain": "{{ customer.email }}", "credential": theirs.ids["credential_id"]},
    }  # fmt: skip
    for edge in graph["edges"]:
        edge["source"] = edge["source"].replace("pause", "ask")
        edge["target"] = edge["target"].replace("pause", "ask")
    flow = post(editor, "flows/", {"name": "Foreign", "graph": graph}).json()["id"]
    refused = post(editor, f"flows/{flow}/publish/", {"revision": 1})
    assert refused.status_code == 422
    assert "credential_unknown" in {issue["code"] for issue in refused.json()["issues"]}


def test_states_move_as_the_rules_say(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]

    def move(verb: str) -> Any:
        return post(editor, f"flows/{flow}/{verb}/")

    assert move("close-entry").json()["state"] == "closed"
    assert move("close-entry").json()["state"] == "closed"
    assert move("pause").json()["state"] == "paused"
    # Resuming does not reopen the entry that a person had closed.
    assert move("resume").json()["state"] == "closed"
    assert move("resume").status_code == 409
    assert move("open-entry").json()["state"] == "live"
    assert move("drain").json()["state"] == "draining"
    stopped = move("stop")
    assert stopped.json()["state"] == "stopped"
    assert Run.objects.get(id=ours.ids["run_id"]).status == "cancelled"
    refused = move("pause")
    assert (refused.status_code, refused.json()["theirs"]["state"]) == (409, "stopped")
    verbs = list(AuditEntry.objects.filter(subject_id=flow).order_by("id").values_list("verb", flat=True))
    assert verbs == ["flow.close-entry", "flow.pause", "flow.resume", "flow.open-entry", "flow.drain", "flow.stop"]


def test_a_flow_with_customers_inside_is_not_deleted(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    refused = editor.delete(f"/api/v1/flows/{flow}/")
    assert refused.status_code == 409
    assert refused.json()["theirs"] == {"state": "live", "inside": 1}
    post(editor, f"flows/{flow}/stop/")
    assert editor.delete(f"/api/v1/flows/{flow}/").status_code == 204
    # It ran, so its history stays readable; lists leave it out.
    assert editor.get(f"/api/v1/flows/{flow}/").json()["state"] == "archived"
    assert editor.get("/api/v1/flows/").json()["results"] == []
    fresh = post(editor, "flows/", {"name": "Fresh"}).json()["id"]
    assert editor.delete(f"/api/v1/flows/{fresh}/").status_code == 204
    assert editor.get(f"/api/v1/flows/{fresh}/").status_code == 404


def test_name_and_tags_change_and_nothing_else_does(ours: Room, editor: Client) -> None:
    flow = ours.ids["flow_id"]
    theirs = room("theirs")
    changed = editor.patch(
        f"/api/v1/flows/{flow}/",
        {
            "name": "Renamed", "tags": ["sales", "sales", "life"], "state": "stopped", "version": 7,
            "workspace": theirs.workspace.id, "workspace_id": theirs.workspace.id, "owner": None, "id": "x",
        },
        content_type="application/json",
    )  # fmt: skip
    assert changed.status_code == 200
    row = Flow.objects.get(id=flow)
    assert (row.name, row.tags, row.state, row.version) == ("Renamed", ["sales", "life"], "live", 1)
    assert row.workspace_id == ours.workspace.id
    assert row.owner == ours.users["editor"]
    wrong: list[dict[str, Any]] = [{"name": ""}, {"name": "x" * 201}, {"name": None}, {"tags": "x"}, {"tags": [{}]}]
    for bad in [*wrong, {"name": "a\x00b"}]:
        assert editor.patch(f"/api/v1/flows/{flow}/", bad, content_type="application/json").status_code == 400


def test_a_key_made_through_the_api_cannot_choose_its_workspace(ours: Room) -> None:
    admin = Client(headers={"authorization": f"Bearer {ours.keys['admin']}"})
    theirs = room("theirs")
    made = post(
        admin, "api-keys/", {"name": "n", "role": "viewer", "workspace": theirs.workspace.id, "token_hash": "0" * 64}
    ).json()
    row = ApiKey.objects.get(id=made["id"])
    assert row.workspace_id == ours.workspace.id
    assert row.token_hash != "0" * 64
    assert made["key"].startswith("fs_vi_")
    assert "key" not in admin.get("/api/v1/api-keys/").json()["results"][0]


def test_duplicating_copies_the_drawing_into_a_draft_of_its_own(ours: Room, editor: Client) -> None:
    copied = post(editor, f"flows/{ours.ids['flow_id']}/duplicate/")
    assert copied.status_code == 201
    assert copied.json()["name"] == "Copy of ours flow"
    assert copied.json()["state"] == "draft"
    assert copied.json()["id"] != ours.ids["flow_id"]


def test_lists_are_searched_and_paged(ours: Room, editor: Client) -> None:
    for number in range(5):
        post(editor, "flows/", {"name": f"Flow {number}", "tags": ["care"] if number % 2 else []})
    page = editor.get("/api/v1/flows/?limit=4").json()
    assert (len(page["results"]), page["previous"]) == (4, None)
    rest = editor.get(page["next"]).json()
    assert len(rest["results"]) == 2
    assert rest["next"] is None
    assert not {row["id"] for row in page["results"]} & {row["id"] for row in rest["results"]}
    assert {row["name"] for row in editor.get("/api/v1/flows/?q=care").json()["results"]} == {"Flow 1", "Flow 3"}
    assert [row["name"] for row in editor.get("/api/v1/flows/?state=live").json()["results"]] == ["ours flow"]
    assert editor.get("/api/v1/flows/?state=nope").status_code == 400
    for bad in ("cursor=%00", "cursor=zzz", "cursor=cD0yMDI2", "q=%00", "limit=x", "q=" + "a" * 2_000):
        answer = editor.get(f"/api/v1/flows/?{bad}")
        assert answer.status_code in {200, 400}, bad
