"""Exits, goals and quiet hours in a simulation and in words: as the engine's rules have them (SEMANTICS 2, 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flowstudio.connectors.registry import CATALOGUE
from flowstudio.domain.explain import explain
from flowstudio.domain.graph import parse
from flowstudio.domain.simulate import simulate
from flowstudio.domain.simulated import Happened, Person, Simulation
from tests.engine import house

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MAIL = {"to": "{{ customer.email }}", "subject": "Hi", "body": "Hello"}
PAID = {"id": "paid", "name": "Bought", "event": "Paid"}
NIGHT = {"window": {"from": "22:00", "to": "06:00"}}
LINE = (("mail", "email.send", MAIL), ("nap", "wait.delay", {"for": "30d"}), ("last", "email.send", MAIL))


def happened(name: str, at: datetime, traits: dict | None = None, **properties) -> Happened:
    subject = {"id": name, "name": name, "properties": properties, "occurred_at": at.isoformat()}
    return Happened(subject=subject, at=at, traits=traits or {})


def go(
    *nodes, edges: str, later=(), at: datetime = START, email: str = "a@example.com", begin=None, **settings
) -> Simulation:
    drawn = house.graph(("enter", "trigger.event", {"event": "Joined"}), *nodes, edges=edges, **settings)
    person = Person(id="c", email=email, traits={"email": email} if email else {})
    return simulate(parse(drawn), CATALOGUE, person=person, event=begin or happened("Joined", at), later=later)


def path(made: Simulation) -> list[str]:
    return [f"{step.node}:{step.status}" for step in made.steps]


def test_an_exit_on_day_1_of_a_30_day_delay_is_out_on_day_1():
    made = go(
        *LINE, edges="enter>mail mail>nap nap>last", exits=[PAID], later=[happened("Paid", START + timedelta(days=1))]
    )
    assert path(made) == ["enter:done", "mail:done", "nap:cancelled"]
    assert (made.end.status, made.end.reason, made.end.at) == ("exited", "exit_rule", START + timedelta(days=1))
    assert made.end.sentence == "Left by “Bought”: Paid came" == made.steps[-1].reason


def test_goals_are_counted_before_exits_and_once():
    goals = [{"id": "sale", "name": "Sale", "event": "Paid"}]
    later = [happened("Paid", START + timedelta(days=n)) for n in (1, 2)]
    made = go(*LINE, edges="enter>mail mail>nap nap>last", goals=goals, later=later)
    assert [(one.id, one.at) for one in made.goals] == [("sale", START + timedelta(days=1))]
    assert made.end.status == "completed"


def test_a_condition_ends_the_run_when_an_event_brings_the_trait():
    exits = [{"id": "big", "when": "customer.traits.plan == 'big'"}]
    later = [happened("Changed", START + timedelta(days=3), {"plan": "big"})]
    made = go(*LINE, edges="enter>mail mail>nap nap>last", exits=exits, later=later)
    assert made.end.status == "exited" and made.end.at == START + timedelta(days=3)


def test_order_b_does_not_end_order_a():
    same = {**PAID, "same": "event.properties.order"}
    later = [happened("Paid", START + timedelta(days=1), order="B")]
    made = go(
        *LINE,
        edges="enter>mail mail>nap nap>last",
        exits=[same],
        later=later,
        begin=happened("Joined", START, order="A"),
    )
    assert made.end.status == "completed"


def test_a_message_waits_for_the_end_of_quiet_hours_and_says_so():
    night = START.replace(hour=23)
    made = go(("mail", "email.send", MAIL), edges="enter>mail", quiet_hours=NIGHT, at=night)
    mail = made.steps[1]
    assert (mail.entered_at, mail.left_at) == (night, START.replace(day=2, hour=6))
    assert mail.sentence.startswith("Held by quiet hours until 06:00 UTC; then ") and mail.input["subject"] == "Hi"


def test_held_and_bought_meanwhile_is_not_sent():
    night = START.replace(hour=23)
    later = [happened("Paid", night + timedelta(hours=1))]
    made = go(("mail", "email.send", MAIL), edges="enter>mail", quiet_hours=NIGHT, exits=[PAID], at=night, later=later)
    assert path(made) == ["enter:done", "mail:cancelled"] and made.end.status == "exited" and made.cost == 0


def test_a_message_without_an_address_is_withheld_and_the_run_goes_on():
    made = go(("mail", "email.send", MAIL), ("out", "exit", {}), edges="enter>mail mail>out", email="")
    assert path(made) == ["enter:done", "mail:done", "out:done"]
    assert made.steps[1].reason == "Withheld: the customer has no e-mail address." and made.cost == 0
    assert [one["verdict"] for one in made.steps[1].gate][-1] == "withhold"


def test_a_goal_node_is_told_as_a_goal():
    made = go(("won", "goal", {"name": "Demo"}), edges="enter>won")
    assert (made.end.status, [one.name for one in made.goals]) == ("goal", ["Demo"])


def test_the_settings_are_told_in_words_and_ordinary_ones_are_not():
    plain = house.graph(("enter", "trigger.event", {"event": "Joined"}), reentry="after_exit")
    assert explain(parse(plain), CATALOGUE).count("\n") == 0
    document = house.graph(
        ("enter", "trigger.event", {"event": "Joined"}),
        reentry="never", exits=[{**PAID, "same": "event.properties.cart"}], holdout=10, entry_rate={"max": 1000, "per": "1h"},
        goals=[{"id": "g", "event": "Paid", "window": "7d", "mode": "exit"}], quiet_hours={**NIGHT, "window": {**NIGHT["window"], "days": ["fri"]}},
    )  # fmt: skip
    assert explain(parse(document), CATALOGUE).split("\n")[1:] == [
        "Each customer enters once only.",
        "At most 1,000 enter in 1 hour.",
        "10 % of the customers are held out: they travel and are measured, but get no message.",
        "Leave at once (“Bought”) when “Paid” comes, with the same event.properties.cart as at the entry.",
        "Counted as a goal when “Paid” comes, within 7 days of the entry. That ends the run.",
        "No message between 22:00 and 06:00 on Fridays in the customer's own time: a message waits until it is over, "
        "24 hours at most.",
    ]
