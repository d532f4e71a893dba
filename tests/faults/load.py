"""The load of the fault tests: people enter the five flows of the model, pay, and time is moved on for them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import Count

from flowstudio.engine import clock
from flowstudio.store.models import Run, Step, Token, Wait, Workspace
from tests.engine import house
from tests.faults import invariants, model
from tests.faults.sink import Sink


class Load:
    """So many customers on their way through the flows, driven by one seed."""

    def __init__(self, space: Workspace, sink: Sink, *, people: int, seed: int) -> None:
        self.space, self.sink, self.chance = space, sink, random.Random(seed)
        documents = model.flows(sink.url)
        for name, document in documents.items():
            house.flow(space, document, event=name)
        self.people = model.people(people, list(documents))
        # In a drawn order, but so that every flow has somebody early: a point is come to whatever the seed.
        rounds = [self.people[at : at + len(documents)] for at in range(0, people, len(documents))]
        self._to_come = [one for few in rounds for one in self.chance.sample(few, len(few))]
        self._to_pay = {person.id for person in self.people if person.flow == "wait" and person.pays}
        self.sent: list[str] = []
        self._seen: invariants.Finished = {}

    def enter(self, count: int) -> None:
        """So many more customers come."""
        coming, self._to_come = self._to_come[:count], self._to_come[count:]
        for person in coming:
            self.sent.append(house.event(self.space, person.id, person.flow, tag=person.id, big=person.big).message_id)

    def tick(self) -> None:
        """Some of those who are waited for pay; for who only waits for time to pass, it is over."""
        waiting = set(Wait.objects.filter(event="Paid").values_list("run__customer__external_id", flat=True))
        for who in sorted(waiting & self._to_pay):
            if self.chance.random() < 0.5:
                self._to_pay.discard(who)
                self.sent.append(house.event(self.space, who, "Paid").message_id)
        now = clock.now()
        late = {person.id for person in self.people if person.flow == "wait" and not person.pays}
        idle = Token.objects.filter(state="waiting", owner="", due_at__gt=now)
        with transaction.atomic():
            found = [
                (token, step)
                for token, step, node, who in idle.filter(node__in=("again", "pay")).values_list(
                    "id", "step_id", "node", "run__customer__external_id"
                )
                if node == "again" or who in late
            ]
            tokens = [token for token, _ in found]
            moved = Token.objects.filter(id__in=tokens, owner="", state="waiting").update(due_at=now)
            assert moved <= len(found)
            Step.objects.filter(id__in=[step for _, step in found], status="waiting").update(due_at=now)

    def check_meanwhile(self) -> None:
        """What holds at every moment: nothing that was finished has changed, no effect happened twice."""
        invariants.i8_unchanged(self._seen)
        self._seen = invariants.finished()
        assert not [key for key, times in self.sink.effects().items() if times > 1]

    def over(self) -> bool:
        """Whether everybody came and every run is over."""
        return not self._to_come and Run.objects.exclude(status="active").count() == len(self.people)

    def said(self) -> str:
        """Where everybody stands, for a failure's message."""
        places = Token.objects.values_list("node", "state", "due_at", "owner", "run__reason")
        runs = list(Run.objects.values_list("status", "reason").annotate(n=Count("id")))
        steps = list(Step.objects.exclude(status="done").values_list("node", "status", "reason")[:10])
        return f"{runs}\n{steps}\n{len(self.sink.entries)} requests\n" + "\n".join(map(str, places[:30]))

    def drive(self, seconds: float, alive: Callable[[], bool] = lambda: True) -> bool:
        """Ticks until all is over, or the time is up, or the engine died; whether all is over."""
        deadline = time.monotonic() + seconds
        while alive():
            self.tick()
            if self.over():
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return False

    def check(self, *, lease_s: float) -> None:
        """I1 to I8, at the end."""
        self.check_meanwhile()
        invariants.everything(self.people, self.sink, self.sent, lease_s=lease_s)
