"""When to try again: how often, how long, and a vendor's own wish (SEMANTICS 10.6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowstudio.domain.retry import MAX_RETRY_AFTER_S, RetryPolicy, next_delay
from tests.domain.drawing_lots import lots

policies = st.builds(
    RetryPolicy,
    tries=st.integers(1, 12),
    base_s=st.floats(0.001, 600),
    cap_s=st.floats(1, 86_400),
)
chances = st.floats(0, 1, exclude_max=True)
wishes = st.none() | st.floats() | st.integers(-(10**12), 10**12)


@given(policies, st.integers(0, 5_000), st.booleans(), wishes, chances)
@lots(80)
def test_r10_6_it_ends_and_never_waits_longer_than_it_may(
    policy: RetryPolicy, tries: int, retryable: bool, wish: float | None, chance: float
) -> None:
    delay = next_delay(policy, tries, retryable=retryable, retry_after=wish, chance=chance)
    if not retryable or tries >= policy.tries:
        assert delay is None
        return
    assert delay is not None
    assert 0 <= delay <= max(policy.cap_s, MAX_RETRY_AFTER_S * 1.1)
    if wish is not None and wish > 0:
        assert delay >= min(wish, MAX_RETRY_AFTER_S)


@given(policies, chances)
@lots(60)
def test_r10_6_without_a_wish_it_doubles_up_to_the_cap(policy: RetryPolicy, chance: float) -> None:
    delays = [
        next_delay(policy, tries, retryable=True, retry_after=None, chance=chance) for tries in range(1, policy.tries)
    ]
    for number, delay in enumerate(delays):
        whole = min(policy.cap_s, policy.base_s * 2**number)
        assert delay is not None
        assert whole / 2 <= delay <= whole


@pytest.mark.parametrize(("wish", "floor"), [(1, 1), (0.5, 0.5), (7_200, 7_200), (10**9, MAX_RETRY_AFTER_S)])
@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_r10_6_a_vendors_wish_takes_the_place_of_the_backoff(wish: float, floor: float, chance: float) -> None:
    delay = next_delay(RetryPolicy(base_s=100), 4, retryable=True, retry_after=wish, chance=chance)
    assert delay is not None
    assert floor <= delay <= floor * 1.1
