"""The one place where text from people becomes safe for a drawing (SECURITY S33 to S36)."""

from __future__ import annotations

import re
import unicodedata

from flowstudio.domain.layout.labels import Wish

LIMIT = 200

# Marks that turn the reading direction round can make a label say something else than what was typed.
_DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
# Letters as wide as they are high: the same ranges in the canvas, whose language knows no widths of characters.
_WIDE = (
    (0x1100, 0x115F),
    (0x2E80, 0xA4CF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE6F),
    (0xFF00, 0xFF60),
    (0xFFE0, 0xFFE6),
    (0x1F300, 0x1FAFF),
    (0x20000, 0x3FFFD),
)
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
        elif any(first <= ord(char) <= last for first, last in _WIDE):
            total += 1.0
        elif unicodedata.category(char) == "Lu":
            total += 0.68
        elif unicodedata.category(char) == "Nd":
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


def wish(name: str, *, shares: bool = True) -> Wish:
    """What the label of a line asks for: its name with room for the numbers of Live mode, else less.

    A way that is one of several equals gets its share of them beside its number.
    """
    if not name:
        return Wish((52.0, 36.0), bare=True)
    wide = min(width(name, 11) + 18, 190.0)
    return Wish((min(wide + (64 if shares else 36), 230.0), wide, max(wide * 0.7, 44.0), 40.0))


_MARKS = re.compile(r"(\*\*|__|~~|`)(.+?)\1|(?<![\w*])\*([^*\s][^*]*)\*|\[([^\]]+)\]\([^)\s]+\)")


def unmarked(line: str) -> str:
    """A line of Markdown as plain text: what a note says, without its marks."""
    plain = _MARKS.sub(lambda found: found.group(2) or found.group(3) or found.group(4), line[:2_000])
    plain = re.sub(r"^\s*(?:#{1,3}|>)\s+", "", plain)
    plain = re.sub(r"^\s*[-*+]\s+\[[ xX]\]\s+", lambda box: "☑ " if "x" in box.group().lower() else "☐ ", plain)
    return re.sub(r"^\s*[-*+]\s+", "• ", plain)
