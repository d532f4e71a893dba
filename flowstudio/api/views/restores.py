"""After a restore: what is in doubt, and the decision."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from flowstudio.api.schema import documented
from flowstudio.api.serializers import restores as shapes
from flowstudio.api.serializers.shapes import Problem
from flowstudio.api.views.base import ApiView
from flowstudio.services import restored


class RestoredView(ApiView):
    """What may have been sent since the restored backup was taken."""

    roles: ClassVar[dict[str, str]] = {"GET": "viewer", "POST": "admin"}

    @documented(
        id="restored_read",
        summary="What may have been sent since a restored backup",
        answer=shapes.Restored,
        tag="Home",
    )
    def get(self, request: Request) -> Response:
        """The list."""
        return Response(restored.read(self.caller))

    @documented(
        id="restored_decide",
        summary="Takes it for sent, or has it sent again; the engines go on",
        sent=shapes.Decision,
        answer=shapes.Restored,
        errors={409: Problem},
        tag="Home",
    )
    def post(self, request: Request) -> Response:
        """The decision."""
        return Response(restored.decide(self.caller, self.read(shapes.Decision)["choice"]))
