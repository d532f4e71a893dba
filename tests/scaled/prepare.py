"""`python -m tests.scaled.prepare`: in the environment's database, a workspace `main` and one published flow.

The graph comes as JSON on standard input, or the onboarding unit when there is none; prints the flow's id.
"""

from __future__ import annotations

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowstudio.settings")
    django.setup()
    from flowstudio.management.operator import operator
    from flowstudio.services import accounts, flows, publishing, templates

    given = sys.stdin.read().strip()
    graph = json.loads(given) if given else templates.graph_of("onboarding")
    space, _ = accounts.ensure_workspace(slug="main", name="Main", admin_email="ops@example.com")
    caller = operator(space)
    flow = flows.create(caller, name="Unit", graph=graph)
    publishing.publish(caller, flow.id, revision=flow.draft.revision)
    sys.stdout.write(flow.id)


if __name__ == "__main__":
    main()
