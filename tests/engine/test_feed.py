"""The feed does not grow for ever, and pruning it takes nothing from a viewer of today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from flowstudio.engine import feed
from flowstudio.store.models import Feed, Workspace

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def rows(workspace: Workspace, *ages_h: float) -> list[int]:
    return [
        Feed.objects.create(workspace=workspace, kind="flow", flow_id="f", at=NOW - timedelta(hours=age), facts={}).id
        for age in ages_h
    ]


def pruned() -> int:
    with connection.cursor() as cursor:
        return feed.prune(cursor, NOW)


def test_what_is_older_than_a_day_goes() -> None:
    workspace = Workspace.objects.create(slug="w", name="W")
    _, _, young, newest = rows(workspace, 30, 25, 23, 1)
    assert pruned() == 2
    assert list(Feed.objects.order_by("id").values_list("id", flat=True)) == [young, newest]
    assert pruned() == 0


def test_the_last_row_stays_so_that_cursors_never_go_back() -> None:
    workspace = Workspace.objects.create(slug="w", name="W")
    *_, last = rows(workspace, 72, 71, 70)
    pruned()
    assert list(Feed.objects.values_list("id", flat=True)) == [last]
    assert rows(workspace, 0)[0] > last
