"""Cursor pages: `{results, next, previous}`, stable while rows arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from flowstudio.domain.errors import InputError

# DRF's own views read these classes while they are being imported: a real import would be a circle.
if TYPE_CHECKING:
    from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """Newest first by id (ids sort by time); `limit` sets the page's size up to 200."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    cursor_query_param = "cursor"
    ordering: Any = "-id"

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        """One page of rows; a cursor that is none of ours is the caller's mistake, never a 500 or 404."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError, OverflowError):
            raise InputError(
                "This cursor cannot be read. Take it as it stands from `next` or `previous`.", field="cursor"
            ) from None


def paged(
    request: Request,
    view: APIView,
    queryset: QuerySet[Any],
    shape: Callable[[Sequence[Any]], list[dict[str, Any]]],
    ordering: Sequence[str] = ("-id",),
) -> Response:
    """The answer of a list endpoint: one page of `queryset`, turned into items by `shape` all at once."""
    pages = CursorPages()
    pages.ordering = tuple(ordering)
    rows = pages.paginate_queryset(queryset, request, view)
    return pages.get_paginated_response(shape(rows or []))


def whole(items: Sequence[Mapping[str, Any]]) -> Response:
    """A list that is short by nature (node types, connectors, members), in the shape of every other list."""
    return Response({"results": list(items), "next": None, "previous": None})
