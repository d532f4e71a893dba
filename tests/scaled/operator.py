"""`python -m tests.scaled.operator`: does in one process, one line after the other, what an operator's commands do.

A line of JSON in, a line of JSON out: `{"publish": graph or null}` makes the workspace `main` and a published flow (the
onboarding unit without a graph), `{"send": [messages]}` writes events as `manage.py events send` does, and rings.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowstudio.settings")
    django.setup()
    from django.db import connection

    for line in sys.stdin:
        try:
            said = {"ok": _do(json.loads(line))}
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        finally:
            connection.close()
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def _do(command: dict[str, Any]) -> Any:
    from flowstudio.management import sending
    from flowstudio.management.operator import operator
    from flowstudio.services import accounts, flows, publishing, templates

    if "send" in command:
        with sending.Sender(sending.workspace("main")) as sender:
            sender.send(command["send"])
        return len(command["send"])
    graph = command["publish"] or templates.graph_of("onboarding")
    space, _ = accounts.ensure_workspace(slug="main", name="Main", admin_email="ops@example.com")
    caller = operator(space)
    flow = flows.create(caller, name="Unit", graph=graph)
    publishing.publish(caller, flow.id, revision=flow.draft.revision)
    return flow.id


if __name__ == "__main__":
    main()
