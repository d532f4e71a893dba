"""How many examples a property test draws, and the texts that a customer would choose to break something."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# EXAMPLES=20 draws twenty times as many, and other ones each time; by default a run is bounded and repeatable.
TIMES = int(os.environ.get("EXAMPLES", "1"))


def lots(count: int) -> settings:
    """Settings for `count` examples."""
    return settings(
        max_examples=count * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


ATTACKS = (
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "&amp;lt;b&amp;gt;",
    "&#60;b&#62;",
    "%3Cscript%3E",
    "%253Cb%253E",
    "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "<<b>script>",
    "</p><p>",
    "<!-- ",
    "]]>",
    "\n",
    "\r\nBcc: all@example.com",
    "{{ other }}",
    "{% raw %}",
    "[me](javascript:alert(1))",
    "*_`~|#",
    "<@U123>",
    "A&B",
    "a, b",
    "\u2028\x00\ud7ff",
    "-5",
    "1e400",
)
hostile = st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=6)), min_size=1, max_size=3).map("".join)
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
