"""`python -m tests.notes FILE`: the front end's tests that were not run, out of vitest's JSON report, one a line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_RUN = ("passed", "failed")


def not_run(report: dict[str, Any]) -> list[str]:
    """Each test that was skipped or left to do."""
    return [
        f"{Path(file['name']).name}: {test['fullName']}: {test['status']}"
        for file in report["testResults"]
        for test in file["assertionResults"]
        if test["status"] not in _RUN
    ]


if __name__ == "__main__":
    path = Path(sys.argv[1])
    if path.exists():
        sys.stdout.writelines(f"{line}\n" for line in not_run(json.loads(path.read_text())))
    else:
        sys.stdout.write("front end: vitest wrote no report\n")
