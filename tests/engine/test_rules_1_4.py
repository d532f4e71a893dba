"""Admission: consent, entry rate and holdout, in their order, each refusal counted with its reason (SEMANTICS 1.4)."""

from __future__ import annotations

from datetime import timedelta

from flowstudio.store import suppression
from flowstudio.store.models import Consent, Counter, Customer, Event, Run
from tests.engine.stage import sketch

OUT = ("out", "exit")
NAP = ("nap", "wait.delay", {"for": "30d"})


def known(play, who: str, **traits) -> Customer:
    play.identify(who, **traits)
    play.go()
    return Customer.objects.get(external_id=who)


def denied(customer: Customer, category: str, state: str = "denied") -> None:
    Consent.objects.create(
        workspace_id=customer.workspace_id, customer=customer, category=category, state=state, said_at=customer.seen_at
    )


def on_trigger() -> dict[str, int]:
    rows = Counter.objects.filter(bucket=0, subject="node:enter", metric__contains="refused").values_list(
        "metric", "value"
    )
    return {metric: value for metric, value in rows if value}


def test_r1_4_consent_refused_keeps_out_and_unset_counts_as_allowed(play):
    play.flow(sketch(OUT, edges="enter>out", consent="newsletter"))
    denied(known(play, "ada"), "newsletter")
    denied(known(play, "bob"), "newsletter", "granted")
    denied(known(play, "cyd"), "other")
    events = {who: play.send(who) for who in ("ada", "bob", "cyd", "dan")}
    play.go()
    assert sorted(Run.objects.values_list("customer__external_id", flat=True)) == ["bob", "cyd", "dan"]
    assert Event.objects.get(id=events["ada"]).outcome[0]["refused"] == (
        "Not started: the customer has refused “newsletter”."
    )
    assert on_trigger() == {"refused": 1, "refused:consent": 1}


def test_r1_4_a_suppression_always_bites(play):
    play.flow(sketch(OUT, edges="enter>out"))
    ada = known(play, "ada", email="Ada@Example.com")
    suppression.add(play.space.id, [("email", " ada@example.COM")], reason="unsubscribed", source="t", now=play.now)
    bob = known(play, "bob")
    suppression.add(play.space.id, [("customer", bob.id)], reason="by_hand", source="t", now=play.now)
    sent = [play.send("ada"), play.send("bob"), play.send("cyd")]
    play.go()
    assert [play.refusals(event) for event in sent] == [["consent"], ["consent"], [""]]
    assert Event.objects.get(id=sent[0]).outcome[0]["refused"] == "Not started: the customer has unsubscribed."
    suppression.lift(play.space.id, suppression.names(ada.id, ada.email), play.now)
    play.send("ada")
    play.go(hours=1)
    assert play.run("ada").status == "completed"


def test_r1_4_an_address_given_in_the_same_batch_is_recognised(play):
    play.flow(sketch(OUT, edges="enter>out"))
    suppression.add(play.space.id, [("email", "new@example.com")], reason="complained", source="t", now=play.now)
    play.identify("ada", email="new@example.com")
    event = play.send("ada")
    play.go()
    assert play.refusals(event) == ["consent"]


def test_r1_4_a_flow_that_reaches_nobody_may_take_suppressed_customers(play):
    play.flow(sketch(("tell", "test.person"), edges="enter>tell", admit_suppressed=True))
    ada = known(play, "ada", email="a@example.com")
    suppression.add(
        play.space.id, suppression.names(ada.id, ada.email), reason="unsubscribed", source="t", now=play.now
    )
    play.send("ada")
    play.go()
    assert play.run().status == "completed" and not play.vendor.calls


def test_r1_4_the_entry_rate_lets_so_many_in_and_the_next_ones_later(play):
    play.flow(sketch(OUT, edges="enter>out", entry_rate={"max": 2, "per": "1h"}))
    events = [play.send(who) for who in ("ada", "bob", "cyd")]
    play.go()
    assert [play.refusals(event) for event in events] == [[""], [""], ["entry_rate"]]
    assert "2 entered in the last 1 hour" in Event.objects.get(id=events[2]).outcome[0]["refused"]
    late = play.send("dan")
    play.go(minutes=30)
    assert play.refusals(late) == ["entry_rate"]
    again = play.send("eve")
    play.now += timedelta(minutes=31)
    play.go()
    assert play.refusals(again) == [""]
    assert on_trigger() == {"refused": 2, "refused:entry_rate": 2}


def test_r1_4_the_order_is_filter_consent_re_entry_rate(play):
    document = sketch(NAP, edges="enter>nap", consent="news", entry_rate={"max": 1, "per": "1d"})
    document["nodes"][0]["config"]["filter"] = "event.properties.ok == true"
    play.flow(document)
    ada = known(play, "ada")
    play.send("ada", ok=True)
    play.go()
    assert play.run().status == "active"
    told = [play.send("ada", ok=True)]
    play.go(minutes=1)
    denied(ada, "news")
    told.append(play.send("ada", ok=True))
    told.append(play.send("ada", ok=False))
    told.append(play.send("bob", ok=True))
    play.go(minutes=1)
    assert [play.refusals(event) for event in told] == [["reentry"], ["consent"], ["filter"], ["entry_rate"]]


def test_r1_4_held_out_customers_enter_as_shadow_and_stay_it(play):
    flow = play.flow(sketch(OUT, edges="enter>out", reentry="parallel", holdout=50))
    people = [f"u{n}" for n in range(40)]
    for who in people:
        play.send(who)
    play.go()
    shadows = set(Run.objects.filter(shadow=True).values_list("customer__external_id", flat=True))
    assert 8 <= len(shadows) <= 32
    play.version(flow, sketch(OUT, edges="enter>out", reentry="parallel", holdout=0))
    for who in [*people, "new"]:
        play.send(who)
    play.go(hours=1)
    assert set(Run.objects.filter(shadow=True, number=2).values_list("customer__external_id", flat=True)) == shadows
    assert Counter.objects.get(bucket=0, subject="node:enter", metric="held_out", version=1).value == len(shadows)
