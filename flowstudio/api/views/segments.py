"""Segments: groups of customers by rules."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from flowstudio.api.paging import paged
from flowstudio.api.schema import documented, text
from flowstudio.api.serializers import segments as shapes
from flowstudio.api.serializers.shapes import Problem
from flowstudio.api.views.base import ApiView
from flowstudio.services import segments


class SegmentsView(ApiView):
    """The workspace's segments."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer", "POST": "editor"}

    @documented(
        id="segments_list",
        summary="Segments, with how many customers are in each",
        listed=shapes.Segment,
        params=[text("q", "Part of a name")],
        tag="Segments",
    )
    def get(self, request: Request) -> Response:
        """A page of segments."""
        rows = segments.listed(self.caller.workspace_id, search=self.param("q"))
        return paged(request, self, rows, segments.items)

    @documented(
        id="segments_create", summary="Makes a segment", sent=shapes.SegmentCreate, answer=shapes.Segment, status=201,
        tag="Segments",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """A new segment."""
        sent = self.read(shapes.SegmentCreate)
        made = segments.create(self.caller, name=sent["name"], rule=sent["rule"])
        return Response(segments.items([made])[0], status=201)


class SegmentView(ApiView):
    """One segment."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer", "PATCH": "editor", "DELETE": "editor"}

    @documented(id="segments_read", summary="One segment", answer=shapes.Segment, errors=[404], tag="Segments")
    def get(self, request: Request, segment_id: str) -> Response:
        """The segment."""
        return Response(segments.items([segments.one(self.caller.workspace_id, segment_id)])[0])

    @documented(
        id="segments_change", summary="Renames a segment or gives it another rule", sent=shapes.SegmentChange,
        answer=shapes.Segment, errors=[404], tag="Segments",
    )  # fmt: skip
    def patch(self, request: Request, segment_id: str) -> Response:
        """The changed segment."""
        sent = self.read(shapes.SegmentChange)
        found = segments.change(self.caller, segment_id, name=sent.get("name"), rule=sent.get("rule"))
        return Response(segments.items([found])[0])

    @documented(
        id="segments_delete", summary="Deletes a segment with which no flow begins", answer=None,
        status=204, errors={404: Problem, 409: Problem}, tag="Segments",
    )  # fmt: skip
    def delete(self, request: Request, segment_id: str) -> Response:
        """Nothing."""
        segments.remove(self.caller, segment_id)
        return Response(status=204)


class SegmentPreviewView(ApiView):
    """A rule, tried."""

    roles: ClassVar[dict[str, str]] = {"POST": "viewer"}

    @documented(
        id="segments_preview", summary="How many of the newest customers a rule finds", sent=shapes.SegmentTrial,
        answer=shapes.SegmentPreview, tag="Segments",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """The count."""
        return Response(segments.preview(self.caller.workspace_id, self.read(shapes.SegmentTrial)["rule"]))
