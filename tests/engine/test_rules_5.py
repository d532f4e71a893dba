"""The delivery gate (SEMANTICS 5) and shadows (6.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flowstudio.domain import gate, quiet
from flowstudio.domain.errors import ConnectorError
from flowstudio.domain.flow_settings import QuietHours, Window
from flowstudio.domain.gate import Standing
from flowstudio.domain.leaving import Judged, Left
from flowstudio.store import suppression
from flowstudio.store.models import Attempt, Consent, Conversion, Counter, Customer, Event, Run, Step, Suppression
from tests.engine import house
from tests.engine.stage import START, sketch
from tests.engine.test_rules_1_4 import denied, known

NIGHT = {"window": {"from": "22:00", "to": "06:00"}}
BERLIN = ZoneInfo("Europe/Berlin")
TO = {"to": "a@example.com"}
PAID = {"id": "paid", "name": "Bought", "event": "Paid"}


def told(step: Step) -> dict[str, str]:
    return {one["check"]: one["verdict"] for one in step.gate or []}


def standing(**more) -> Standing:
    return Standing(now=START, zone=ZoneInfo("UTC"), held_since=START, **more)


def test_r5_1_a_message_passes_every_check_in_one_fixed_order_and_each_verdict_is_kept(play):
    play.flow(sketch(("tell", "mail.send", TO), edges="enter>tell"))
    play.send("ada")
    play.go()
    step = play.step("tell")
    assert [one["check"] for one in step.gate] == [
        "run_active", "flow_running", "exit_or_goal", "consent", "address", "audience", "holdout", "quiet_hours",
        "frequency_cap", "budget", "rate_limit", "render", "send",
    ]  # fmt: skip
    assert set(told(step).values()) == {"pass"} and len(play.vendor.calls) == 1


def test_r5_1_a_vendor_effect_passes_the_parts_that_apply():
    passage = gate.judge(
        standing(effect="vendor", suppressed="x", shadow=True, quiet_hours=QuietHours.model_validate(NIGHT))
    )
    assert [one.check for one in passage.verdicts] == [
        "run_active", "flow_running", "exit_or_goal", "budget", "rate_limit", "render", "send",
    ]  # fmt: skip


def test_r5_1_the_first_check_that_does_not_pass_decides():
    everything = {
        "run_active": {"run_active": False},
        "flow_running": {"flow_state": "paused"},
        "exit_or_goal": {"judged": Judged(left=Left(status="exited", reason="exit_rule", rule="r", sentence="Left."))},
        "consent": {"suppressed": "the customer has unsubscribed"},
        "address": {"address_problem": "the customer has no e-mail address."},
        "audience": {"audience": "customer.traits.vip == true"},
        "holdout": {"shadow": True},
        "quiet_hours": {"quiet_hours": QuietHours.model_validate({"window": {"from": "11:00", "to": "13:00"}})},
    }
    wrong = list(everything)
    while wrong:
        merged = {key: value for check in wrong for key, value in everything[check].items()}
        passage = gate.judge(standing(**merged))
        assert passage.last.check == wrong[0] and passage.last.outcome != "pass" and passage.last.sentence
        assert all(one.outcome == "pass" for one in passage.verdicts[:-1])
        wrong.pop(0)
    assert gate.judge(standing()).last == gate.Verdict(check="send", outcome="pass")


def test_r5_1_the_exit_is_judged_on_the_traits_of_the_moment_of_sending(play):
    """The trait changes while the message waits for its next try, by a way that no event shows."""
    down = ConnectorError("Down.", error_class="unavailable", retryable=True, retry_after=60, sent="no")
    play.vendor.script["tell"] = [down]
    play.flow(
        sketch(("tell", "test.person"), edges="enter>tell", exits=[{"id": "x", "when": "customer.traits.out == true"}])
    )
    play.send("ada")
    play.go()
    Customer.objects.update(traits={"out": True})
    play.go(minutes=2)
    assert play.run().status == "exited" and len(play.vendor.calls) == 1


@pytest.mark.parametrize("what", ["customer", "email"])
def test_r5_1_a_suppressed_customer_gets_nothing_and_the_run_goes_on(play, what):
    play.flow(sketch(("nap", "wait.delay", {"for": "1d"}), ("tell", "mail.send", TO), ("ask", "test.key"),
                     edges="enter>nap nap>tell tell>ask"))  # fmt: skip
    play.send("ada")
    play.go()
    who = play.run().customer
    name = ("customer", who.id) if what == "customer" else ("email", "A@example.com")
    suppression.add(play.space.id, [name], reason="unsubscribed", source="t", now=play.now)
    play.go(days=1)
    tell = play.step("tell")
    assert house.path(play.run()) == ["enter:done:out", "nap:done:out", "tell:done:out", "ask:done:out"]
    assert tell.reason == "Withheld: the customer has unsubscribed."
    assert (tell.output["withheld"], list(told(tell).items())[-1]) == ("consent", ("consent", "withhold"))
    assert [request.node for request in play.vendor.calls] == ["ask"] and Attempt.objects.count() == 1
    assert Counter.objects.get(bucket=0, subject="node:tell", metric="withheld").value == 1


def test_r5_1_a_refused_category_withholds_messages_of_that_category_alone(play):
    ada = known(play, "ada")
    denied(ada, "news")
    play.flow(sketch(("one", "mail.send", {**TO, "category": "news"}), ("two", "mail.send", {**TO, "category": "tips"}),
                     edges="enter>one one>two"))  # fmt: skip
    play.send("ada")
    play.go()
    assert play.step("one").reason == "Withheld: the customer has refused “news”."
    assert [request.node for request in play.vendor.calls] == ["two"]


def test_r5_1_without_an_address_the_message_is_withheld(play):
    play.flow(sketch(("tell", "mail.send", {"to": "{{ customer.email }}"}), edges="enter>tell"))
    play.send("ada")
    play.go()
    assert play.step("tell").reason == "Withheld: the customer has no e-mail address."
    assert play.run().status == "completed"


def test_r5_1_the_steps_own_audience_is_judged_at_the_moment_of_sending(play):
    play.flow(
        sketch(
            ("tell", "mail.send", {**TO, "audience": "customer.traits.vip == true"}),
            edges="enter>tell",
            reentry="parallel",
        )
    )
    play.identify("ada", vip=True)
    play.send("ada")
    play.send("bob")
    play.go()
    assert [r.customer for r in play.vendor.calls] == [play.run("ada").customer_id]
    assert Step.objects.get(node="tell", run=play.run("bob")).reason == (
        "Withheld: not meant for this customer, vip is unknown."
    )


def test_r5_2_a_message_in_quiet_hours_is_held_in_the_recipients_zone_and_sent_when_they_are_over(play):
    play.now = datetime(2026, 6, 1, 21, 30, tzinfo=UTC)  # 23:30 in Berlin
    play.flow(sketch(("tell", "mail.send", TO), edges="enter>tell", quiet_hours=NIGHT, timezone="America/New_York"))
    play.identify("ada", timezone="Europe/Berlin")
    play.send("ada")
    play.send("bob")
    play.go()
    assert len(play.vendor.calls) == 1
    step = Step.objects.get(node="tell", run=play.run("ada"))
    assert (step.status, step.reason) == ("waiting", "Held by quiet hours until 06:00 Berlin time")
    assert step.due_at == datetime(2026, 6, 2, 4, 0, tzinfo=UTC)
    assert list(told(step).items())[-1] == ("quiet_hours", "hold")
    play.go(hours=6)
    assert len(play.vendor.calls) == 1
    play.go(minutes=30)
    step.refresh_from_db()
    assert (step.status, step.port, step.left_at) == ("done", "out", datetime(2026, 6, 2, 4, 0, tzinfo=UTC))
    assert set(told(step).values()) == {"pass"} and step.input == TO
    assert len(play.vendor.calls) == 2 and step.attempts.count() == 1


def test_r5_2_held_by_quiet_hours_and_bought_meanwhile_is_not_sent(play):
    play.now = datetime(2026, 6, 1, 23, 0, tzinfo=UTC)
    play.flow(sketch(("tell", "mail.send", TO), edges="enter>tell", quiet_hours=NIGHT, exits=[PAID]))
    play.send("ada")
    play.go()
    play.send("ada", "Paid")
    play.go(hours=1)
    play.go(hours=12)
    assert play.run().status == "exited" and not play.vendor.calls


def test_r5_2_a_held_message_passes_the_whole_gate_again_on_release(play):
    play.now = datetime(2026, 6, 1, 23, 0, tzinfo=UTC)
    play.flow(sketch(("tell", "mail.send", TO), edges="enter>tell", quiet_hours=NIGHT))
    play.send("ada")
    play.go()
    suppression.add(play.space.id, [("email", TO["to"])], reason="unsubscribed", source="t", now=play.now)
    play.go(hours=8)
    assert play.step("tell").reason == "Withheld: the customer has unsubscribed." and not play.vendor.calls


def test_r5_2_a_retry_that_falls_into_quiet_hours_is_held_and_keeps_its_count(play):
    play.now = datetime(2026, 6, 1, 21, 59, tzinfo=UTC)
    down = ConnectorError("Down.", error_class="unavailable", retryable=True, retry_after=300, sent="no")
    play.vendor.script["tell"] = [down]
    play.flow(sketch(("tell", "mail.send", TO), edges="enter>tell", quiet_hours=NIGHT))
    play.send("ada")
    play.go()
    play.go(minutes=6)
    assert play.step("tell").reason.startswith("Held by quiet hours")
    play.go(hours=8)
    assert [(a.number, a.state) for a in play.step("tell").attempts.order_by("number")] == [
        (1, "rejected"),
        (2, "accepted"),
    ]
    assert len({request.key for request in play.vendor.calls}) == 1


@pytest.mark.parametrize(("mode", "port", "after"), [("drop", "out", "next"), ("branch", "not_delivered", "other")])
def test_r5_2_or_the_message_is_dropped_or_branched(play, mode, port, after):
    play.now = datetime(2026, 6, 1, 23, 0, tzinfo=UTC)
    edges = "enter>tell tell>next" + (" tell.not_delivered>other" if mode == "branch" else "")
    play.flow(sketch(("tell", "mail.send", TO), ("next", "test.key"), ("other", "test.key"), edges=edges,
                     quiet_hours={**NIGHT, "mode": mode}))  # fmt: skip
    play.send("ada")
    play.go()
    assert (play.step("tell").port, play.step("tell").reason) == (port, "Withheld: quiet hours until 06:00 UTC.")
    assert [request.node for request in play.vendor.calls] == [after]


def test_r5_2_it_is_held_for_max_hold_and_no_longer(play):
    play.now = datetime(2026, 6, 1, 22, 0, tzinfo=UTC)
    play.flow(sketch(("tell", "mail.send", TO), edges="enter>tell", quiet_hours={**NIGHT, "max_hold": "4h"}))
    play.send("ada")
    play.go()
    assert play.step("tell").reason == "Withheld: quiet hours until 06:00 UTC, and it may be held for 4 hours at most."


def test_r5_3_a_withheld_message_takes_its_not_delivered_way_where_there_is_one(play):
    play.flow(sketch(("tell", "mail.send", {"to": ""}), ("next", "test.key"), ("other", "test.key"),
                     edges="enter>tell tell>next tell.not_delivered>other"))  # fmt: skip
    play.send("ada")
    play.go()
    assert house.path(play.run()) == ["enter:done:out", "tell:done:not_delivered", "other:done:out"]


def test_r5_4_a_transactional_message_passes_quiet_hours_and_consent_but_never_a_suppression(play):
    play.now = datetime(2026, 6, 1, 23, 0, tzinfo=UTC)
    ada = known(play, "ada")
    denied(ada, "news")
    receipt = ("tell", "mail.send", {**TO, "category": "news", "transactional": True})
    play.flow(sketch(receipt, edges="enter>tell", quiet_hours=NIGHT, reentry="parallel", admit_suppressed=True))
    play.send("ada")
    play.go()
    assert len(play.vendor.calls) == 1
    suppression.add(play.space.id, [("email", TO["to"])], reason="bounced", source="t", now=play.now)
    play.send("ada")
    play.go(minutes=1)
    assert len(play.vendor.calls) == 1
    assert play.step("tell").reason == "Withheld: the customer's address bounced."


def test_r6_4_a_shadow_waits_and_is_measured_and_no_message_reaches_it(play):
    nodes = (
        ("tell", "mail.send", TO),
        ("ask", "test.key"),
        ("nap", "wait.delay", {"for": "1d"}),
        ("last", "test.person"),
    )
    play.flow(sketch(*nodes, edges="enter>tell tell>ask ask>nap nap>last", goals=[{"id": "sale", "event": "Paid"}]))
    play.send("ada")
    play.go()
    Run.objects.update(shadow=True)
    play.vendor.calls.clear()
    play.send("bob")
    play.go(minutes=1)
    bob = play.run("bob")
    assert [request.node for request in play.vendor.calls] == ["tell", "ask"]
    play.send("ada", "Paid")
    play.go(days=1)
    ada = play.run("ada")
    last = Step.objects.get(node="last", run=ada)
    assert last.reason == "Withheld: the customer is held out." and last.left_at - ada.started_at == timedelta(
        days=1, minutes=1
    )
    assert Conversion.objects.get().run_id == ada.id
    assert [r.run for r in play.vendor.calls if r.node == "last"] == [bob.id]


def quiet_until(text: str, window: dict, zone: ZoneInfo = BERLIN) -> str:
    now = datetime.fromisoformat(text).replace(tzinfo=zone) if "+" not in text else datetime.fromisoformat(text)
    end = quiet.ends_at(Window.model_validate(window), now.astimezone(UTC), zone)
    return f"{end.astimezone(zone):%a %H:%M%z}" if end else ""


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-06-01T21:59:59", ""), ("2026-06-01T22:00:00", "Tue 06:00+0200"), ("2026-06-01T23:59:59", "Tue 06:00+0200"),
        ("2026-06-02T00:00:00", "Tue 06:00+0200"), ("2026-06-02T05:59:59", "Tue 06:00+0200"), ("2026-06-02T06:00:00", ""),
    ],
)  # fmt: skip
def test_r5_2_a_window_over_midnight_begins_inclusive_and_ends_exclusive(now, until):
    assert quiet_until(now, NIGHT["window"]) == until


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # Spring: 02:00 to 03:00 of 29 March 2026 does not exist in Berlin.
        ("2026-03-28T23:00:00", "Sun 06:00+0200"), ("2026-03-29T03:00:00", "Sun 06:00+0200"),
        # Autumn: 02:00 to 03:00 of 25 October 2026 comes twice.
        ("2026-10-24T23:00:00", "Sun 06:00+0100"), ("2026-10-25T02:30:00", "Sun 06:00+0100"),
    ],
)  # fmt: skip
def test_r5_2_a_window_over_both_clock_changes(now, until):
    assert quiet_until(now, NIGHT["window"]) == until


def test_r5_2_an_end_in_the_spring_gap_is_the_first_valid_instant_and_in_the_fold_the_first_of_two():
    early = {"from": "22:00", "to": "02:30"}
    assert quiet_until("2026-03-29T01:59:00", early) == "Sun 03:00+0200"
    assert quiet_until("2026-03-29T03:00:00", early) == ""
    assert quiet_until("2026-10-25T02:10:00+02:00", early) == "Sun 02:30+0200"
    assert quiet_until("2026-10-25T02:10:00+01:00", early) == ""


def test_r5_2_a_weekday_is_that_of_the_evening_on_which_the_window_begins():
    fridays = {**NIGHT["window"], "days": ["fri"]}
    assert quiet_until("2026-06-06T03:00:00", fridays) == "Sat 06:00+0200"
    assert quiet_until("2026-06-05T03:00:00", fridays) == ""
    assert quiet_until("2026-06-06T23:00:00", fridays) == ""


def test_g25_a_suppression_is_not_undone_by_an_import_nor_by_a_merge(play):
    play.flow(sketch(("tell", "mail.send", {"to": "{{ customer.email }}"}), edges="enter>tell", admit_suppressed=True))
    ada = known(play, "ada", email="ada@example.com")
    suppression.add(
        play.space.id, suppression.names(ada.id, ada.email), reason="unsubscribed", source="link", now=play.now
    )
    play.identify("other", email="ADA@example.com", subscribed=True)
    play.send("other")
    play.go(minutes=1)
    assert not play.vendor.calls
    suppression.carry_over({ada.id: (play.space.id, "x" * 26)}, play.now)
    assert suppression.found(play.space.id, [("customer", "x" * 26)])


def test_g26_only_a_keyed_hash_of_the_address_is_kept(play):
    suppression.add(play.space.id, [("email", "ada@example.com")], reason="bounced", source="t", now=play.now)
    row = Suppression.objects.get()
    assert "ada@example" not in str({name: value for name, value in vars(row).items() if not name.startswith("_")})
    assert (
        len(row.address_hash) == 64
        and suppression.hashed(play.space.id, "email", "Ada@Example.com ") == row.address_hash
    )
    other = house.workspace()
    assert suppression.hashed(other.id, "email", "ada@example.com") != row.address_hash


def test_r12_1_what_an_anonymous_customer_refused_holds_for_the_user_they_turn_out_to_be(play):
    ada = known(play, "ada")
    denied(ada, "tips", "granted")

    def seen(user: str) -> None:
        made = house.event(play.space, user, "Seen", at=play.now)
        Event.objects.filter(id=made.id).update(user_id=user, anonymous_id="device-7")
        play.go(minutes=1)

    seen("")
    stranger = Customer.objects.exclude(id=ada.id).get()
    suppression.add(play.space.id, [("customer", stranger.id)], reason="unsubscribed", source="link", now=play.now)
    denied(stranger, "news")
    denied(stranger, "tips")
    seen("ada")
    assert not Customer.objects.filter(id=stranger.id).exists()
    assert suppression.found(play.space.id, [("customer", ada.id)])
    assert dict(Consent.objects.values_list("category", "state")) == {"news": "denied", "tips": "denied"}
    assert set(Consent.objects.values_list("customer_id", flat=True)) == {ada.id}
