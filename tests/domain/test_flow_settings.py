"""A flow's settings: read with tolerance, judged in sentences, drawn from one schema."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain import diff, flow_settings_check
from flowstudio.domain.flow_settings import read
from flowstudio.domain.flow_settings_check import problems
from flowstudio.domain.graph import parse
from flowstudio.domain.validate import validate

NIGHT = {"window": {"from": "22:00", "to": "06:00"}}


def test_an_empty_document_has_the_defaults_of_the_rules():
    made = read({})
    assert (made.reentry, made.max_parallel, made.max_event_age, made.match_grace) == ("after_exit", 25, "24h", "5m")
    assert (made.exits, made.goals, made.quiet_hours, made.holdout) == ((), (), None, 0)
    assert not list(problems({}))


def test_what_cannot_be_used_stands_at_its_default_and_the_rest_is_kept():
    made = read(
        {
            "reentry": "sometimes",
            "timezone": "Mars/Olympus",
            "exits": [{"id": "a", "event": "Paid"}, {"id": "b"}, "nonsense", {"id": "a", "event": "Other"}],
            "quiet_hours": NIGHT,
            "from_the_future": 7,
        }
    )
    assert (made.reentry, made.timezone) == ("after_exit", "")
    assert [(rule.id, rule.event) for rule in made.exits] == [("a", "Paid")]
    assert made.quiet_hours is not None and made.quiet_hours.mode == "hold"


@pytest.mark.parametrize(
    "settings", [{"exits": 7}, {"goals": None}, {"quiet_hours": []}, {"holdout": "much"}, {"entry_rate": 3}]
)
def test_nothing_stops_a_published_flow(settings):
    assert read(settings) == read({})


@pytest.mark.parametrize(
    ("settings", "place", "said"),
    [
        ({"reentry": "sometimes"}, "reentry", "Choose one of those offered"),
        ({"cooldown": "soon"}, "cooldown", "is not a duration"),
        ({"match_grace": "2h"}, "match_grace", "30 minutes at most"),
        ({"holdout": 80}, "holdout", "less than or equal to 50"),
        ({"timezone": "Berlin"}, "timezone", "no time zone"),
        ({"correlation": "event."}, "correlation", "cannot be read"),
        ({"exits": [{"id": "a"}]}, "exits.0", "Choose an event, or write a condition"),
        ({"exits": [{"id": "a", "when": "steps.ask.output.x > 1"}]}, "exits.0.when", "cannot read the steps"),
        ({"exits": [{"id": "a", "event": "Paid", "same": "customer.id"}]}, "exits.0.same", "must read the event"),
        ({"goals": [{"id": "a", "event": "Paid", "window": "x"}]}, "goals.0.window", "Goal “Paid”"),
        ({"goals": [{"id": "a", "event": "A"}, {"id": "a", "event": "B"}]}, "goals.1.id", "Two goals have the id"),
        ({"quiet_hours": {"window": {"from": "25:00", "to": "06:00"}}}, "quiet_hours.window.from", "not a time of day"),
        ({"quiet_hours": {**NIGHT, "max_hold": "30d"}}, "quiet_hours.max_hold", "7 days at most"),
        ({"entry_rate": {"per": "1h"}}, "entry_rate.max", "is missing"),
    ],
)  # fmt: skip
def test_each_problem_is_a_sentence_at_its_field_and_reaches_the_validator(settings, place, said):
    found = list(problems(settings))
    assert [(one.field, said in one.message) for one in found] == [(place, True)]
    issues = validate(parse({"nodes": [], "settings": settings}), CATALOGUE)
    assert [(i.field, i.severity) for i in issues if i.code == "setting_invalid"] == [(f"settings.{place}", "error")]


def test_a_rule_group_is_a_condition():
    (rule,) = read(
        {"exits": [{"id": "a", "when": {"all": [{"field": "customer.traits.plan", "op": "eq", "value": "x"}]}}]}
    ).exits
    assert rule.condition == 'customer.traits.plan == "x"'


def test_a_goal_counts_in_its_own_time_or_the_flows():
    made = read(
        {"conversion_window": "7d", "goals": [{"id": "a", "event": "A"}, {"id": "b", "event": "B", "window": "2d"}]}
    )
    assert [made.window(goal) for goal in made.goals] == [timedelta(days=7), timedelta(days=2)]


def test_every_setting_has_a_title_a_widget_and_a_group_in_the_schema():
    for name, part in flow_settings_check.schema()["properties"].items():
        assert part["title"] and part["x-widget"] and part["x-group"], name


def test_a_difference_says_what_a_setting_means():
    after = {"exits": [{"id": "a", "event": "Paid"}], "quiet_hours": NIGHT}
    found = diff.diff(parse({"nodes": [], "settings": {}}), parse({"nodes": [], "settings": after}), CATALOGUE)
    assert [change.sentence for change in found.settings] == [
        "Exits: Leave at once when “Paid” comes.",
        "Quiet hours: No message between 22:00 and 06:00 in the customer's own time: a message waits until it is over, "
        "24 hours at most.",
    ]
