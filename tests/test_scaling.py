"""The plan for growth: its page says what the computation says, and the computation holds where it can be checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import scaling

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scaling.md"


def test_the_page_holds_the_figures_as_computed():
    assert scaling.report() in PAGE.read_text()


def test_a_table_never_fills_a_shard_more_than_a_hash():
    shares = scaling.workspaces()
    assert sum(shares) == pytest.approx(1)
    for shards in (2, 5, 16, 64):
        placed = scaling.spread(shares, shards, by_hand=True)
        assert 1 <= placed <= scaling.spread(shares, shards, by_hand=False)
        assert placed <= max(1.1, max(shares) * shards * 1.01)


def test_more_engines_on_one_queue_pass_over_more():
    found = [scaling.passed_over(count) for count in (1, 2, 8, 32)]
    assert found[0] == 0 and found == sorted(found)


def test_a_crowd_is_never_done_without_free_capacity():
    seconds = dict(scaling.drained(1_000, 10, 20))
    assert seconds[1] == seconds[2] == float("inf") and seconds[4] == 50
