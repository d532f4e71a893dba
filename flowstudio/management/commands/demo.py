"""`manage.py demo traffic` sends sign-ups of invented people; `demo reset` empties the workspace of customers."""

from __future__ import annotations

import itertools
import signal
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flowstudio.management import sending
from flowstudio.sandbox import traffic
from flowstudio.services import announce
from flowstudio.store.models import Flow, Workspace

# A batch goes at most this often; a higher rate puts more sign-ups into each.
_TICK_S = 0.1
# Children first, so that no foreign key is left open; flows, keys, members and credentials stay.
_BY_RUN = ("store_attempt", "store_token", "store_consumed")
_BY_WORKSPACE = ("store_wait", "store_conversion", "store_consent", "store_assignment", "store_crowd", "store_step", "store_run", "store_event", "store_traitvalue", "store_alias",
                 "store_outboxmail", "store_counter", "store_customer")  # fmt: skip


class Command(BaseCommand):
    help = "Demo traffic for the first minute, and a clean start after it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        send = actions.add_parser("traffic", help="send sign-ups until Ctrl-C, or --count of them")
        send.add_argument("--rate", type=float, default=1.0, help="sign-ups a second (default 1)")
        send.add_argument("--count", type=int, default=0, help="stop after so many (default: go on)")
        send.add_argument("--seed", type=int, default=0, help="the same people again (default: new ones)")
        send.add_argument("--url", default="")
        send.add_argument("--key", default="")
        reset = actions.add_parser("reset", help="remove every customer, event and run; flows stay")
        reset.add_argument("--yes", action="store_true", help="do not ask")
        for one in (send, reset):
            one.add_argument("--workspace", default="main")

    def handle(self, *args: Any, **options: Any) -> None:
        target = sending.workspace(options["workspace"])
        if options["action"] == "reset":
            self._reset(target, sure=options["yes"])
        else:
            self._traffic(target, options)

    def _traffic(self, target: Workspace, options: dict[str, Any]) -> None:
        rate, count = options["rate"], options["count"]
        if not 0 < rate <= 10_000:
            raise CommandError("--rate must lie between 0 and 10,000 sign-ups a second.")
        if count < 0:
            raise CommandError("--count must not be negative.")
        seed = options["seed"] or int(time.time() * 1000)
        sent = 0
        before = signal.signal(signal.SIGTERM, _interrupt)
        with sending.Sender(target, url=options["url"], key=options["key"]) as sender, _bar() as progress:
            task = progress.add_task("send", total=count or None)
            try:
                for batch in _paced(people(seed), rate, count):
                    sender.send([message for person in batch for message in person])
                    sent += len(batch)
                    progress.update(task, advance=len(batch))
            except KeyboardInterrupt:
                pass
            finally:
                signal.signal(signal.SIGTERM, before)
        self.stdout.write(f"{sent:,} sign-ups sent to {sender.how}.")

    def _reset(self, target: Workspace, *, sure: bool) -> None:
        question = f"Remove every customer, event and run of “{target.name}”? Flows stay. [y/N] "
        if not sure and input(question).strip().lower() not in ("y", "yes"):
            self.stdout.write("Nothing was removed.")
            return
        with transaction.atomic(), connection.cursor() as cursor:
            for table in _BY_RUN:
                cursor.execute(
                    f"DELETE FROM {table} WHERE run_id IN (SELECT id FROM store_run WHERE workspace_id = %s)",  # noqa: S608
                    [target.id],
                )
            removed = {}
            cursor.execute(
                "DELETE FROM store_member WHERE segment_id IN (SELECT id FROM store_segment WHERE workspace_id = %s)",
                [target.id],
            )
            for table in _BY_WORKSPACE:
                cursor.execute(f"DELETE FROM {table} WHERE workspace_id = %s", [target.id])  # noqa: S608
                removed[table] = cursor.rowcount
            # Viewers must not go on counting from what is gone.
            for flow in Flow.objects.filter(workspace=target).select_related("draft"):
                announce.flow_changed(flow, flow.draft.revision)
        self.stdout.write(
            f"Removed {removed['store_customer']:,} customers, {removed['store_event']:,} events and "
            f"{removed['store_run']:,} runs at {timezone.now():%H:%M:%S}."
        )


def _bar() -> Progress:
    columns = (TextColumn("Sign-ups"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def people(seed: int) -> Iterator[list[dict[str, Any]]]:
    """The messages of one invented person after the other."""
    return (list(messages) for _, messages in itertools.groupby(traffic.signups(seed), lambda m: m["userId"]))


def _paced(stream: Iterator[list[dict[str, Any]]], rate: float, count: int) -> Iterator[list[list[dict[str, Any]]]]:
    started = time.monotonic()
    sent = 0
    while not count or sent < count:
        due = int((time.monotonic() - started) * rate) + 1 - sent
        todo = min(due, sending.BATCH, count - sent if count else due)
        if todo > 0:
            yield list(itertools.islice(stream, todo))
            sent += todo
        wait = started + sent / rate - time.monotonic()
        if wait > 0:
            time.sleep(max(wait, _TICK_S) if rate > 1 / _TICK_S else wait)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
