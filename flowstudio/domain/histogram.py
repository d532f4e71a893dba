"""Durations as counts in quarter-octave buckets, so that quantiles come from numbers that only ever add up.

Bucket 0 holds everything up to 1 ms; bucket k ends at 1 ms · 2^(k/4). The browser has the same two functions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

LAST_BUCKET = 180


def bucket(seconds: float) -> int:
    """The bucket of a duration in seconds."""
    if not seconds > 0.001:
        return 0
    return min(LAST_BUCKET, math.ceil(4 * math.log2(seconds / 0.001) - 1e-9))


def quantile(counts: Mapping[int, int], q: float) -> float | None:
    """The upper end, in seconds, of the bucket in which the q-quantile lies; None when nothing was counted."""
    total = sum(counts.values())
    if total <= 0:
        return None
    wanted, seen = q * total, 0
    for index in sorted(counts):
        seen += counts[index]
        if seen >= wanted:
            return float(0.001 * 2.0 ** (index / 4))
    return None
