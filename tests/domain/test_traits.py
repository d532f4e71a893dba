"""Which value of a trait wins: the latest that happened, not the latest that came (SEMANTICS 11.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain.traits import Stamp, wins
from tests.domain.drawing_lots import lots

stamps = st.builds(
    lambda minute, priority: Stamp(
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute), priority=priority
    ),
    st.integers(0, 3),
    st.integers(0, 2),
)


@given(st.lists(stamps, min_size=1, max_size=4))
@lots(100)
def test_r11_3_the_order_of_arrival_does_not_matter(arrived: list[Stamp]) -> None:
    results = set()
    for order in permutations(arrived):
        current: Stamp | None = None
        for candidate in order:
            if wins(current, candidate):
                current = candidate
        results.add(current)
    assert results == {max(arrived, key=lambda stamp: (stamp.occurred_at, stamp.priority))}
