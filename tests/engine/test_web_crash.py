"""Crashes of a real web process while clients send (RELIABILITY F2, G1, G3): answered means stored, and stored once."""

from __future__ import annotations

import random
import threading
import time

import httpx
import pytest
from django.db.models import Count
from segment.analytics.client import Client

from flowstudio.store.models import ApiKey, Event
from flowstudio.store.secrets import digest
from tests.engine import house, process

KEY = "fs_in_crash"
CLIENTS = 6


@pytest.fixture
def space(transactional_db):
    made = house.workspace()
    ApiKey.objects.create(workspace=made, name="crash", role="ingest", token_hash=digest(KEY), last4=KEY[-4:])
    return made


class Sender(threading.Thread):
    """Sends batches as Segment's clients do: the same batch again until it is answered 200, then the next."""

    def __init__(self, number, url, batches, size):
        super().__init__(daemon=True)
        self.number, self.url, self.batches, self.size = number, url, batches, size
        self.answered: list[str] = []
        self.repeats = 0
        self.odd: list[str] = []

    def run(self):
        with httpx.Client(timeout=10) as http:
            for number in range(self.batches):
                ids = [f"{self.number}-{number}-{i}" for i in range(self.size)]
                batch = [
                    {"type": "track", "event": "Seen", "userId": f"u{self.number}", "messageId": one, "properties": {}}
                    for one in ids
                ]
                while not self.send(http, batch):
                    self.repeats += 1
                    time.sleep(0.05)
                self.answered += ids

    def send(self, http, batch):
        try:
            answer = http.post(f"{self.url}/v1/batch", json={"batch": batch}, auth=(KEY, ""))
        except httpx.HTTPError:
            return False
        if answer.status_code not in (200, 503):
            self.odd.append(f"{answer.status_code} {answer.text[:100]}")
        return answer.status_code == 200


def stored():
    return set(Event.objects.values_list("message_id", flat=True))


def check(senders, said=""):
    """I1: what was answered is stored, everything once, and whole batches only."""
    assert [sender.odd for sender in senders if sender.odd] == [], said
    everything = {one for sender in senders for one in sender.answered}
    assert stored() == everything
    assert len(everything) == sum(sender.batches * sender.size for sender in senders)
    twice = Event.objects.values("message_id").annotate(n=Count("id")).filter(n__gt=1)
    assert list(twice) == []
    # A repeat changes nothing: the first one stands, and no body differed.
    assert set(Event.objects.values_list("conflict", flat=True)) == {0}


def test_f2_kill_9_of_the_web_process_while_clients_send(space, tmp_path):
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    port = process.free_port()
    senders = [Sender(number, f"http://127.0.0.1:{port}", 60, 5) for number in range(CLIENTS)]
    for kill in range(3):
        with process.WebProcess(tmp_path, port) as web:
            web.wait_ready(port)
            if not kill:
                for sender in senders:
                    sender.start()
            before = Event.objects.count()
            process.wait_until(lambda before=before: Event.objects.count() > before, seconds=10)
            time.sleep(chance.random() * 0.15)
            acknowledged = [set(sender.answered) for sender in senders]
            web.kill()
            assert set().union(*acknowledged) <= stored(), f"seed {seed}: answered and lost"
    with process.WebProcess(tmp_path, port) as web:
        web.wait_ready(port)
        for sender in senders:
            sender.join(timeout=30)
            assert not sender.is_alive()
    assert sum(sender.repeats for sender in senders) > 0
    check(senders, web.log.read_text()[-2_000:])


@pytest.mark.parametrize("point", ["door.parsed=kill@3", "ingest.inserted=kill@3", "door.committed=kill@3"])
def test_f2_a_crash_at_each_named_point_of_the_door(space, tmp_path, point):
    """After parsing, inside the insert, and after the commit but before the answer."""
    port = process.free_port()
    senders = [Sender(number, f"http://127.0.0.1:{port}", 4, 3) for number in range(3)]
    with process.WebProcess(tmp_path, port, failpoints=point) as web:
        web.wait_ready(port)
        for sender in senders:
            sender.start()
        assert web.process.wait(timeout=20) == -9
        at_death = stored()
    answered = {one for sender in senders for one in sender.answered}
    assert answered <= at_death
    # Whole batches only: nothing of one whose transaction was open.
    assert len(at_death) % 3 == 0
    if point.startswith("door.committed"):
        assert at_death > answered
    with process.WebProcess(tmp_path, port) as web:
        web.wait_ready(port)
        for sender in senders:
            sender.join(timeout=30)
            assert not sender.is_alive()
    assert any(sender.repeats for sender in senders)
    check(senders)


def test_f2_the_released_client_repeats_what_a_dead_web_process_did_not_answer(space, tmp_path):
    port = process.free_port()
    failures = []
    with process.WebProcess(tmp_path, port, failpoints="door.committed=kill@4") as web:
        web.wait_ready(port)
        client = Client(
            KEY, host=web.url, upload_size=10, upload_interval=0.05, timeout=5,
            on_error=lambda error, _items: failures.append(error),
        )  # fmt: skip
        for number in range(100):
            client.track(f"u{number}", "Signed Up")
        assert web.process.wait(timeout=20) == -9
        assert 0 < Event.objects.count() < 100
    with process.WebProcess(tmp_path, port) as web:
        web.wait_ready(port)
        client.shutdown()
    assert failures == []
    assert Event.objects.count() == Event.objects.values("message_id").distinct().count() == 100
    assert set(Event.objects.values_list("conflict", flat=True)) == {0}
