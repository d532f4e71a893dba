"""`manage.py events send FILE`: Segment messages from a file of JSON lines."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from flowstudio.api.door import strict
from flowstudio.domain.errors import InputError
from flowstudio.management import sending
from flowstudio.store.models import TriggerIndex, Workspace


class Command(BaseCommand):
    help = "Sends events: one Segment message (JSON) a line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        send = actions.add_parser("send", help="send a file of JSON lines; - reads standard input")
        send.add_argument("file")
        send.add_argument("--import", dest="imported", action="store_true", help="history: it starts no flow")
        send.add_argument("--start", action="store_true", help="with --import: it starts flows; asked with the count")
        send.add_argument("--yes", action="store_true", help="do not ask")
        send.add_argument("--workspace", default="main")
        send.add_argument("--url", default="", help="the server (default: FLOWSTUDIO_PUBLIC_URL)")
        send.add_argument("--key", default="", help="an ingest key (default: the command line's own)")

    def handle(self, *args: Any, **options: Any) -> None:
        name: str = options["file"]
        path = Path(name)
        if name != "-" and not path.is_file():
            raise CommandError(f"There is no file {name}.")
        if options["start"] and not options["imported"]:
            raise CommandError("--start says what an import does; add --import.")
        target = sending.workspace(options["workspace"])
        if options["start"] and not options["yes"] and not self._sure(path, target):
            self.stdout.write("Nothing was sent.")
            return
        quiet = options["imported"] and not options["start"]
        with (
            sending.Sender(target, url=options["url"], key=options["key"]) as sender,
            sys.stdin.buffer if name == "-" else path.open("rb") as lines,
        ):
            total = None if name == "-" else path.stat().st_size
            sent = self._send(sender, lines, total, quiet=quiet)
        self.stdout.write(f"{sent:,} events sent to {sender.how}.")

    def _sure(self, path: Path, target: Workspace) -> bool:
        """Says how many events there are and which flows may begin with them, and asks (SEMANTICS 11.2)."""
        if not path.is_file():
            raise CommandError("What is to be counted first must be a file. Send it from one, or add --yes.")
        names: Counter[str] = Counter()
        with path.open("rb") as lines:
            for batch, _ in _batches(lines):
                names.update(str(message.get("event") or message.get("type") or "") for message in batch)
        wanted = TriggerIndex.objects.filter(workspace=target, event__in=names, flow__state="live").select_related(
            "flow"
        )
        begun = [f"“{row.flow.name}” with {names[row.event]:,} × {row.event}" for row in wanted.order_by("flow__name")]
        self.stdout.write(f"{names.total():,} events. {'; '.join(begun) or 'No live flow'} may begin.")
        return input("Send them and start flows? [y/N] ").strip().lower() in ("y", "yes")

    def _send(self, sender: sending.Sender, lines: IO[bytes], total: int | None, *, quiet: bool) -> int:
        columns = (TextColumn("Sending"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[events]:,} events"))
        sent = 0
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
            task = progress.add_task("send", total=total, events=0)
            for batch, size in _batches(lines):
                sender.send([_history(message) for message in batch] if quiet else batch)
                sent += len(batch)
                progress.update(task, advance=size, events=sent)
        return sent


def _history(message: dict[str, Any]) -> dict[str, Any]:
    """The message, marked as history."""
    context = message.get("context")
    return {**message, "context": {**(context if isinstance(context, dict) else {}), "import": True}}


def _batches(lines: IO[bytes]) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Groups of messages and how many bytes of the file they took; a line that is no message stops with its number."""
    batch: list[dict[str, Any]] = []
    size = weight = 0
    for number, line in enumerate(lines, 1):
        size += len(line)
        if not line.strip():
            continue
        try:
            message, suspect = strict.read(line)
            found = strict.problem(message) if suspect else ""
        except InputError as error:
            raise CommandError(f"Line {number} is not JSON: {error.message} The lines before it were sent.") from None
        if found or not isinstance(message, dict):
            raise CommandError(f"Line {number}: {found or 'a message must be a JSON object'}.")
        batch.append(message)
        weight += len(line)
        if len(batch) >= sending.BATCH or weight > 1_000_000:
            yield batch, size
            batch, size, weight = [], 0, 0
    yield batch, size
