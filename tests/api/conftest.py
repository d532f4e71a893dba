"""What every API test begins with."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_tries_counted_yet() -> None:
    """Throttles count in the process's cache; tries of one test must not use up another's."""
    cache.clear()
