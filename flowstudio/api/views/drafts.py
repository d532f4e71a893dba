"""Drafts, publishing and versions."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from flowstudio.api.paging import paged
from flowstudio.api.schema import documented, text
from flowstudio.api.serializers import flows as shapes
from flowstudio.api.serializers.differences import VersionDiff
from flowstudio.api.serializers.shapes import GraphProblem, Problem
from flowstudio.api.views.base import ApiView
from flowstudio.domain.errors import InputError
from flowstudio.services import differences, drafts, passage, publishing, versions
from flowstudio.store.queries import flows as queries

TAG = "Drafts and versions"


class DraftView(ApiView):
    """The graph being worked on."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer", "PUT": "editor"}

    @documented(id="draft_read", summary="The draft as it stands", answer=shapes.Draft, errors=[404], tag=TAG)
    def get(self, request: Request, flow_id: str) -> Response:
        """The draft."""
        return Response(drafts.read(self.caller, flow_id))

    @documented(
        id="draft_save",
        summary="Saves over a revision; 409 with both sides when it moved on",
        sent=shapes.DraftSave,
        answer=shapes.DraftSaved,
        errors={404: Problem, 409: shapes.DraftConflict},
        tag=TAG,
    )
    def put(self, request: Request, flow_id: str) -> Response:
        """Saves the draft."""
        sent = self.read(shapes.DraftSave)
        return Response(drafts.save(self.caller, flow_id, document=sent["graph"], revision=sent["revision"]))


class PublishView(ApiView):
    """Makes a draft a version."""

    roles: ClassVar[dict[str, str]] = {"POST": "editor"}

    @documented(
        id="flows_publish",
        summary="The draft becomes the version that new customers enter",
        sent=shapes.Publish,
        answer=shapes.Published,
        errors={404: Problem, 409: shapes.DraftConflict, 422: GraphProblem},
        tag=TAG,
    )
    def post(self, request: Request, flow_id: str) -> Response:
        """Publishes."""
        sent = self.read(shapes.Publish)
        done = publishing.publish(
            self.caller,
            flow_id,
            revision=sent["revision"],
            in_flight=sent.get("in_flight"),
            note=sent.get("note", ""),
            segment_entry=sent.get("segment_entry", "future"),
        )
        return Response(done)


class PublishPlanView(ApiView):
    """What publishing would do."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="flows_publish_plan",
        summary="What publishing the draft would do: changes, issues, and customers inside with choices",
        answer=shapes.PublishPlan,
        params=[text("revision", "The draft's revision; the newest when absent")],
        errors={404: Problem, 409: shapes.DraftConflict},
        tag=TAG,
    )
    def get(self, request: Request, flow_id: str) -> Response:
        """The plan, with counts as they are now."""
        sent = self.param("revision")
        if sent and not (sent.isascii() and sent.isdigit() and len(sent) < 10):
            raise InputError("revision is a whole number.", field="revision")
        revision = int(sent) if sent else drafts.read(self.caller, flow_id)["revision"]
        return Response(passage.plan(self.caller, flow_id, revision=revision))


class VersionsView(ApiView):
    """A flow's versions."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(id="versions_list", summary="Versions, newest first", listed=shapes.Version, errors=[404], tag=TAG)
    def get(self, request: Request, flow_id: str) -> Response:
        """A page of versions."""
        flow = queries.one(self.caller.workspace_id, flow_id)
        return paged(request, self, queries.versions(flow.id), lambda rows: [versions.item(row) for row in rows])


class VersionView(ApiView):
    """One version."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="versions_read", summary="One version with its graph", answer=shapes.VersionDetail, errors=[404], tag=TAG
    )
    def get(self, request: Request, flow_id: str, number: int) -> Response:
        """The version."""
        return Response(versions.read(self.caller, flow_id, number))


class VersionDiffView(ApiView):
    """What changed."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer"}

    @documented(
        id="versions_diff",
        summary="What changed between a version and another, or the draft; the older one is before",
        answer=VersionDiff,
        params=[text("against", "Another version's number, or draft; the version before when absent")],
        errors=[404],
        tag=TAG,
    )
    def get(self, request: Request, flow_id: str, number: int) -> Response:
        """The difference."""
        return Response(differences.between(self.caller, flow_id, number, self.param("against")))
