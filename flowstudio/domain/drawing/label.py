"""The one place where text from people becomes safe for a drawing (SECURITY S33 to S36)."""

from __future__ import annotations

import unicodedata

LIMIT = 200

# Marks that turn the reading direction round can make a label say something else than what was typed.
_DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
_WIDE = {"W", "F"}
_NARROW = set("iljtfrI.,:;'|!()[]{}/\\`·-\"")
_BROAD = set("mwMW@%—…")


def clean(text: object, limit: int = LIMIT) -> str:
    """One line of printable text: controls, NUL, direction marks and half characters gone, spaces joined, cut."""
    kept: list[str] = []
    # Cut before looking at every character: a label of megabytes must not cost more than a long one.
    for char in str(text)[: limit * 8]:
        code = ord(char)
        category = unicodedata.category(char)
        if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\v\f\x85":
            kept.append(" ")
        elif category in ("Cc", "Cs", "Cn") or code in _DIRECTION or code & 0xFFFE == 0xFFFE:
            continue
        else:
            kept.append(char)
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escape(text: str) -> str:
    """Text for XML, in content and in attributes alike."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
    )


def width(text: str, size: float) -> float:
    """About how wide a line is in Inter, in pixels."""
    total = 0.0
    for char in text:
        if char in _NARROW:
            total += 0.32
        elif char in _BROAD:
            total += 0.88
        elif char == " ":
            total += 0.28
        elif unicodedata.east_asian_width(char) in _WIDE:
            total += 1.0
        elif char.isupper():
            total += 0.68
        elif char.isdigit():
            total += 0.62
        else:
            total += 0.57
    return total * size


def fit(text: str, size: float, room: float) -> str:
    """Cut a line to a width, with an ellipsis."""
    if width(text, size) <= room:
        return text
    line = text
    while line and width(line, size) + size * 0.88 > room:
        line = line[:-1]
    return line.rstrip() + "…"
