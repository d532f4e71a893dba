"""Every rule of the engine has a test that carries its number; docs/semantics-coverage.md lists which.

`UPDATE_RULES=1 pytest tests/test_semantics.py` writes the page.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "semantics-coverage.md"
# How many rules each section of the specification has; budgets (14) and frequency caps (7) are not built yet.
SECTIONS = {0: 3, 1: 5, 2: 6, 3: 9, 4: 7, 5: 4, 6: 4, 8: 7, 9: 7, 10: 9, 11: 4, 13: 3}
NAMES = {
    0: "Words and states", 1: "Entry and re-entry", 2: "Exits and goals", 3: "Waiting for an event or a condition",
    4: "Delays and time zones", 5: "The delivery gate", 6: "Splits and holdouts", 8: "Publishing while customers are inside",
    9: "Branches, parallel blocks, loops", 10: "Exactly one effect", 11: "Late, doubled and unordered events",
    13: "Pause, drain, stop",
}  # fmt: skip


def proofs() -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, section, rule in re.findall(r"def (test_r(\d+)_(\d+)\w*)\(", path.read_text()):
            words = re.sub(r"^test_r\d+_\d+_?", "", name).replace("_", " ")
            where = path.relative_to(ROOT).as_posix()
            found[int(section), int(rule)].append(f"{words} (`{where}`)")
    return found


def test_every_rule_that_is_built_has_a_test_with_its_number():
    known = proofs()
    missing = [f"{s}.{r}" for s, count in SECTIONS.items() for r in range(1, count + 1) if not known.get((s, r))]
    assert missing == []


def test_the_page_of_coverage_is_what_the_tests_say():
    known = proofs()
    lines = [
        "# Rules and their tests",
        "",
        "Each numbered rule of the engine, and the tests that carry its number.",
    ]
    for section, count in SECTIONS.items():
        lines += ["", f"## {section} {NAMES[section]}"]
        for rule in range(1, count + 1):
            lines += [f"- **{section}.{rule}**", *(f"  - {one}" for one in known.get((section, rule), ()))]
    text = "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_RULES"):
        PAGE.write_text(text)
    assert PAGE.exists(), "Write it: UPDATE_RULES=1 pytest tests/test_semantics.py"
    assert PAGE.read_text() == text, "Write it anew: UPDATE_RULES=1 pytest tests/test_semantics.py"
