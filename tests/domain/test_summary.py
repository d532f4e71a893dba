"""A card's sentence: always a short text, whatever the config holds. What it says is in the shared fixtures."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.samples import onboarding_unit
from flowstudio.domain.summary import LIMIT, full, summarise
from tests.domain.drawing_lots import lots, plain_json

formats = st.sampled_from(sorted({kind.summary for kind in CATALOGUE.values()})) | st.lists(
    st.sampled_from(
        ["{a}", "{a.b}", "{a:first}", "{a:quoted}", "{a:count}", "{a:duration}", "{a:gone}", "{", "}", "x ", "{1}"]
    ),
    max_size=4,
).map("".join)


@given(
    formats, st.dictionaries(st.sampled_from(["a", "event", "cases", "for", "traits", "branches", "to"]), plain_json)
)
@lots(150)
def test_any_config_has_a_sentence_that_fits_the_card(text: str, config: dict[str, Any]) -> None:
    whole, short = full(text, config), summarise(text, config)
    assert len(short) <= LIMIT
    assert "\n" not in whole
    assert short == whole or (short.endswith("…") and whole.startswith(short[:-1]))


def test_every_card_of_the_sample_says_something() -> None:
    for node in onboarding_unit()["nodes"]:
        text = summarise(CATALOGUE[node["type"]].summary, node["config"])
        assert text
        assert text != "…", node["id"]
