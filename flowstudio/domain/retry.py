"""When to try again (SEMANTICS 10.6): a strategy that returns a decision."""

from __future__ import annotations

from dataclasses import dataclass

MAX_RETRY_AFTER_S = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """`tries` attempts in all; waits of `base_s`·2ⁿ with jitter, never over `cap_s` (seconds)."""

    tries: int = 5
    base_s: float = 2.0
    cap_s: float = 900.0


def next_delay(
    policy: RetryPolicy, tries: int, *, retryable: bool, retry_after: float | None, chance: float
) -> float | None:
    """Seconds to the next try after `tries` failed ones, or None: give up.

    `chance` in [0, 1) is the jitter, passed in. A vendor's `retry_after` takes the place of the
    backoff, never sooner than asked and at most a day (and the jitter) later.
    """
    if not retryable or tries >= policy.tries:
        return None
    backoff = min(policy.cap_s, policy.base_s * 2.0 ** min(max(0, tries - 1), 64)) * (0.5 + chance / 2)
    if retry_after is not None and retry_after > 0:
        return min(retry_after, MAX_RETRY_AFTER_S) * (1.0 + chance / 10)
    return backoff
