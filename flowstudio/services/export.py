"""A flow as a file: SVG, PNG, PDF, DOT, Mermaid or JSON, the whole graph at its stored positions.

PNG and PDF are made from our own SVG in a process of its own (`picture`), bounded in time, memory and number, so that
a huge or hostile graph costs its exporter an error and everybody else nothing (SECURITY S19, S33 to S36).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from flowstudio.domain import graph as document
from flowstudio.domain.drawing.card import Counts
from flowstudio.domain.drawing.dot import dot
from flowstudio.domain.drawing.mermaid import mermaid
from flowstudio.domain.drawing.svg import svg
from flowstudio.domain.drawing.theme import ThemeName
from flowstudio.domain.errors import InputError, Overloaded, TooLarge
from flowstudio.domain.graph import Graph
from flowstudio.domain.nodes.base import Catalogue

FORMATS: Mapping[str, tuple[str, str]] = {
    "svg": ("image/svg+xml", "svg"),
    "png": ("image/png", "png"),
    "pdf": ("application/pdf", "pdf"),
    "dot": ("text/vnd.graphviz; charset=utf-8", "dot"),
    "mermaid": ("text/vnd.mermaid; charset=utf-8", "mmd"),
    "json": ("application/json", "json"),
}

TIMEOUT_S = 10.0
AT_ONCE = 2
_PICTURE = Path(__file__).with_name("picture.py")
_turns = threading.BoundedSemaphore(AT_ONCE)


def export(
    graph: Graph,
    catalogue: Catalogue,
    *,
    name: str,
    fmt: str,
    counts: Counts | None = None,
    theme: ThemeName = "light",
) -> tuple[bytes, str, str]:
    """The file's bytes, its media type and a safe file name. Blocking (PNG and PDF up to 10 s): never on an event loop.

    Raises InputError for an unknown format, Overloaded when two pictures are being made and none ends in time, and
    TooLarge when this one cannot be made within the bounds.
    """
    if fmt not in FORMATS:
        known = ", ".join(FORMATS)
        raise InputError(f"There is no export format “{fmt[:20]}”.", field="as", fix=f"Choose one of {known}.")
    media, extension = FORMATS[fmt]
    return (
        _render(graph, catalogue, name=name, fmt=fmt, counts=counts, theme=theme),
        media,
        f"{file_stem(name)}.{extension}",
    )


def _render(
    graph: Graph, catalogue: Catalogue, *, name: str, fmt: str, counts: Counts | None, theme: ThemeName
) -> bytes:
    if fmt == "json":
        return (json.dumps(document.serialise(graph), ensure_ascii=False, indent=2) + "\n").encode()
    if fmt == "dot":
        return dot(graph, catalogue, counts=counts, title=name).encode()
    if fmt == "mermaid":
        return mermaid(graph, catalogue, counts=counts).encode()
    drawing = svg(graph, catalogue, theme=theme, counts=counts, title=name).encode()
    return drawing if fmt == "svg" else picture(drawing, fmt)


def picture(drawing: bytes, fmt: str, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """PNG or PDF of an SVG, made within `timeout_s`, the wait for a free turn included."""
    deadline = time.monotonic() + timeout_s
    if not _turns.acquire(timeout=timeout_s):
        raise Overloaded("Two pictures are being made already. Try again in a few seconds.", retry_after=5)
    try:
        # Our own interpreter and our own file; the drawing goes in by stdin.
        with tempfile.TemporaryDirectory(prefix="flowstudio-export-") as empty:
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-I", str(_PICTURE), fmt],
                input=drawing,
                capture_output=True,
                cwd=empty,
                env={"SERVER_NAME": "flowstudio", "GV_FILE_PATH": "", "RAYON_NUM_THREADS": "1"},
                timeout=max(deadline - time.monotonic(), 0.01),
                check=False,
            )
    except subprocess.TimeoutExpired:
        raise _too_large(fmt) from None
    finally:
        _turns.release()
    if done.returncode != 0 or not done.stdout:
        raise _too_large(fmt)
    return done.stdout


def _too_large(fmt: str) -> TooLarge:
    return TooLarge(
        f"This flow is too large to be drawn as {fmt.upper()} within {TIMEOUT_S:.0f} seconds.",
        field="as",
        fix="Export it as SVG: it has no bound and scales without loss.",
    )


def file_stem(name: str) -> str:
    """A flow's name as a file name that is safe on every system and in a header."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9]+", "-", plain[:200]).strip("-").lower()
    return stem[:60].strip("-") or "flow"
