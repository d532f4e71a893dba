"""`manage.py flow validate|layout|explain|simulate|import FILE` and `flow export ID --as FORMAT [-o FILE]`; FILE may be `-`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from flowstudio.api.parsers import strict_json
from flowstudio.domain.errors import FlowstudioError, GraphMalformed, InputError, NotPublishable
from flowstudio.domain.graph import Graph
from flowstudio.management import paths, sending
from flowstudio.management.operator import operator
from flowstudio.services import credentials, exporting, flows, graphs, simulation
from flowstudio.services.export import FORMATS

MAX_BYTES = 8 * 1024 * 1024


class Command(BaseCommand):
    help = "Flows as files: check, lay out, explain, simulate, import, export."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, says in (
            ("validate", "every issue; ends with 1 when one is an error"),
            ("layout", "the graph with positions, as JSON"),
            ("explain", "the flow in plain English"),
            ("simulate", "the path a customer would take; nothing leaves the house"),
            ("import", "a new draft from the file; prints its id"),
        ):
            action = actions.add_parser(name, help=says)
            action.add_argument("file", help="a graph document, or - for standard input")
            if name == "layout":
                action.add_argument("--direction", choices=["down", "right"], default="down")
                action.add_argument("-o", "--output", default="", help="write here instead of to the terminal")
            if name == "simulate":
                action.add_argument("--customer", default="", help='an id, or {"traits": {…}} (default: a sample)')
                action.add_argument("--event", default="", help='its name, or {"properties": {…}}')
                action.add_argument("--at", default="", help="when it begins, as 2026-11-24T09:00:00Z (default: now)")
                action.add_argument("--outcomes", default="", help='{"<node id>": [{"port": "error"}]} by visit')
                action.add_argument("--events", default="", help='[{"event": "Paid", "at": "3d"}]: they arrive later')
                action.add_argument("--seed", type=int, default=0)
                action.add_argument("--workspace", default="main", help="where a customer's id is looked up")
                action.add_argument("--json", action="store_true", help="the answer of the API instead of lines")
            if name == "import":
                action.add_argument("--name", default="", help="the flow's name (default: the file's)")
                action.add_argument("--workspace", default="main")
        export = actions.add_parser("export", help="a stored flow as a file")
        export.add_argument("id", help="the flow's id")
        export.add_argument("--as", dest="fmt", choices=list(FORMATS), required=True)
        export.add_argument("-o", "--output", default="", help="write here instead of to the terminal")
        export.add_argument("--version", dest="number", type=int, default=None, help="a published version")
        export.add_argument("--overlay", choices=["none", "counts"], default="none")
        export.add_argument("--workspace", default="main")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except GraphMalformed as error:
            problems = "\n".join(f"  {path or 'the document'}: {message}" for path, message in error.problems[:50])
            raise CommandError(f"This is no graph document:\n{problems}") from None
        except NotPublishable as error:
            self._say(error.issues)
            raise CommandError(error.message) from None
        except InputError as error:
            raise CommandError(f"{error.message} {error.fix}".rstrip()) from None
        except FlowstudioError as error:
            raise CommandError(error.message) from None

    def _validate(self, options: dict[str, Any]) -> None:
        issues = graphs.validate(_read(options["file"]))
        self._say(issues)
        errors = sum(issue["severity"] == "error" for issue in issues)
        if errors:
            raise CommandError(f"{errors} of {len(issues)} issues must be mended before this can be published.")
        self.stdout.write("No errors: this can be published.")

    def _say(self, issues: Iterable[Mapping[str, Any]]) -> None:
        for issue in issues:
            place = issue.get("node") or issue.get("edge") or "flow"
            self.stdout.write(f"{issue['severity']:8}{place}: {issue['message']} {issue['fix']}".rstrip())

    def _layout(self, options: dict[str, Any]) -> None:
        graph = graphs.laid_out(_read(options["file"]), options["direction"])
        text = json.dumps(graphs.serialise(graph), ensure_ascii=False, indent=2) + "\n"
        self._give(text.encode(), options["output"], text=True)

    def _explain(self, options: dict[str, Any]) -> None:
        self.stdout.write(graphs.explain(_read(options["file"])))

    def _simulate(self, options: dict[str, Any]) -> None:
        graph = _read(options["file"])
        sent = paths.asked(options)
        # The database is asked only for a stored customer: a file is simulated anywhere.
        stored = isinstance(sent.get("customer"), str)
        workspace = sending.workspace(options["workspace"]).id if stored else ""
        made = simulation.of_graph(graph, sent, workspace_id=workspace)
        if options["json"]:
            self.stdout.write(json.dumps(made, ensure_ascii=False, indent=2, default=str))
            return
        for line in paths.lines(made):
            self.stdout.write(line)

    def _import(self, options: dict[str, Any]) -> None:
        workspace = sending.workspace(options["workspace"])
        graph = _read(options["file"])
        name = options["name"] or (Path(options["file"]).stem if options["file"] != "-" else "Imported flow")
        flow = flows.create(operator(workspace), name=name[:200], graph=graphs.serialise(graph))
        for issue in graphs.validate(graph) + credentials.issues_of(workspace.id, graph):
            self.stderr.write(f"{issue['severity']}: {issue['message']}")
        self.stdout.write(flow.id)

    def _export(self, options: dict[str, Any]) -> None:
        console = Console(stderr=True)
        with console.status(f"Drawing {options['fmt'].upper()} …"):
            data, media, _ = exporting.export(
                operator(sending.workspace(options["workspace"])),
                options["id"],
                fmt=options["fmt"],
                version=options["number"],
                counts=options["overlay"] == "counts",
            )
        self._give(data, options["output"], text=not media.startswith(("image/png", "application/pdf")))

    def _give(self, data: bytes, output: str, *, text: bool) -> None:
        if output and output != "-":
            try:
                Path(output).write_bytes(data)
            except OSError as error:
                raise CommandError(f"{output} cannot be written: {error.strerror}.") from None
            self.stderr.write(f"Wrote {output} ({len(data):,} bytes).")
        elif text:
            self.stdout.write(data.decode(), ending="")
        elif sys.stdout.isatty():
            raise CommandError("This format is not for a terminal: give a file with -o.")
        else:
            sys.stdout.buffer.write(data)


def _read(file: str) -> Graph:
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise CommandError(f"{file} is larger than 8 MiB.")
    return graphs.parse(strict_json(data))
