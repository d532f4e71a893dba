"""What a vendor may do to a run, through the real engine: limits, lost answers, resets (F3, F15, F16)."""

from __future__ import annotations

import pytest

from flowstudio.store.models import Attempt, Run, Step, Token
from tests.engine import house, process
from tests.faults import invariants, model
from tests.faults import sink as sinks

LEASE_S = 3.0


def start(space, sink, *whos, **call):
    """Each of them enters the branch flow: one call, `plain`."""
    house.flow(space, model.flows(sink.url, **call)["branch"], event="branch")
    return [house.event(space, who, "branch", tag=who).message_id for who in whos]


def completed(count):
    return lambda: Run.objects.filter(status="completed").count() == count


# What the vendor says → how many seconds at least, and at most, until the next try (the jitter is a tenth; nonsense is
# treated as absent: the backoff of this engine begins at 0.1 s).
WISHES = {
    "seconds": ("2", 2.0, 4.0),
    "zero": ("0", 0.0, 1.5),
    "negative": ("-1", 0.0, 1.5),
    "nonsense": ("abc", 0.0, 1.5),
    "absent": ("", 0.0, 1.5),
}


def test_f15_each_wish_is_kept_and_nobody_else_waits(space, sink, tmp_path):
    for who, (wish, _, _) in WISHES.items():
        sink.script(who, "plain", [sinks.limited(wish)])
    sink.script("on 503", "plain", [sinks.limited("2", status=503)])
    sink.script("for ten years", "plain", [sinks.limited("315360000")])
    sink.script("refused", "plain", [sinks.limited("2", status=401)])
    whos = [*WISHES, "on 503", "for ten years", "refused", "neighbour"]
    sent = start(space, sink, *whos)
    with process.EngineProcess(tmp_path, sink) as engine:
        # 401 is final; ten years are a day.
        process.wait_until(
            lambda: Run.objects.exclude(status="active").count() == len(whos) - 1, engine=engine, seconds=40
        )
    tries: dict[str, list[float]] = {}
    for entry in sink.ledger():
        tries.setdefault(entry.who, []).append(entry.at)
    for who, (_, least, most) in {**WISHES, "on 503": ("2", 2.0, 4.0)}.items():
        first, second = tries[who]
        assert least <= second - first <= most, who
    assert len(tries["refused"]) == len(tries["for ten years"]) == len(tries["neighbour"]) == 1
    late = Token.objects.get(run__customer__external_id="for ten years")
    wait = late.due_at.timestamp() - tries["for ten years"][0]
    assert late.state == "retrying"
    assert 86_000 < wait < 86_400 * 1.1 + 60
    assert Step.objects.get(run__customer__external_id="refused", node="plain").status == "failed"
    # A limited try is on record as refused: no effect, and no doubt.
    assert set(Attempt.objects.values_list("state", flat=True)) == {"accepted", "rejected"}
    invariants.i1_stored_once(sent)
    invariants.i2_no_run_lost(len(whos))
    invariants.i3_effects_once(sink)
    invariants.i4_nothing_after_the_end(sink)
    invariants.i7_every_attempt_has_an_end(LEASE_S)


@pytest.mark.parametrize("play", [sinks.CUT, sinks.RESET], ids=["cut after the acceptance", "reset before it"])
def test_f16_with_a_key_a_lost_answer_is_asked_for_again(space, sink, tmp_path, play):
    for number in range(10):
        sink.script(f"u{number}", "plain", [play, play])
    sent = start(space, sink, *(f"u{number}" for number in range(20)))
    with process.EngineProcess(tmp_path, sink) as engine:
        process.wait_until(completed(20), engine=engine)
    # The same key and the same body each time (i3), one effect.
    assert sorted({sum(e.who == f"u{n}" for e in sink.ledger()) for n in range(10)}) == [3]
    assert Attempt.objects.filter(state="unknown").count() == 20
    people = [model.Person(id=f"u{number}", flow="branch") for number in range(20)]
    invariants.everything(people, sink, sent, lease_s=LEASE_S)


@pytest.mark.parametrize("play", [sinks.CUT, sinks.RESET], ids=["cut after the acceptance", "reset before it"])
def test_f16_without_a_key_it_is_parked_shown_and_never_sent_again(space, tmp_path, play):
    with sinks.sink(tmp_path / "ledger.jsonl", honours_keys=False) as sink:
        for number in range(5):
            sink.script(f"u{number}", "plain", [play])
        start(space, sink, *(f"u{number}" for number in range(10)), idempotent=False)
        with process.EngineProcess(tmp_path, sink) as engine:
            process.wait_until(completed(5), engine=engine)
            process.wait_until(lambda: Token.objects.filter(state="held").count() == 5, engine=engine)
        # Another engine does not take it up either.
        with process.EngineProcess(tmp_path, sink) as engine:
            house.event(space, "later", "branch", tag="later")
            process.wait_until(completed(6), engine=engine)
        invariants.i2_no_run_lost(11)
        invariants.i3_sent_at_most_once(sink, ["plain"])
        invariants.i7_every_attempt_has_an_end(LEASE_S)
        assert len(sink.ledger()) == 11
        assert Attempt.objects.filter(state="unknown").count() == 5
        assert set(Step.objects.filter(status="held").values_list("node", flat=True)) == {"plain"}
