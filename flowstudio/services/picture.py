"""SVG in on stdin, PNG or PDF out on stdout: run as a process of its own by `flowstudio.services.export`.

It takes away its own rights before it reads: a bound on memory and processor time, no file may be written, the
working directory is an empty one, and the document it compiles is the constant below. Run by path in isolated mode,
so it imports nothing of flowstudio.
"""

from __future__ import annotations

import contextlib
import re
import resource
import sys
from pathlib import Path
from typing import Literal

MEMORY = 2 * 1024**3
SECONDS = 10
PIXELS = 40_000_000
SIDE_PIXELS = 16_000
SIDE_POINTS = 14_000  # what PDF readers accept: 200 inches

DOCUMENT = """#set page(width: {width}pt, height: {height}pt, margin: 0pt)
#set document(title: none, date: none)
#image(bytes(sys.inputs.svg), format: "svg", width: {width}pt)
"""


def main() -> None:
    """Read the SVG, write the picture; the format is the only argument."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # A host may already allow less than we would: then its own bound stands.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    import fontpkg_inter
    import typst

    kind: Literal["png", "pdf"] = "png" if sys.argv[1] == "png" else "pdf"
    svg = sys.stdin.buffer.read().decode()
    size = re.search(r'width="([0-9.]+)" height="([0-9.]+)"', svg)
    if size is None:
        raise SystemExit("no size")
    width, height = float(size[1]), float(size[2])
    shrink = min(1.0, SIDE_POINTS / max(width, height))
    width, height = width * shrink, height * shrink
    fonts = typst.Fonts(
        # The bundled Inter covers Latin, Greek and Cyrillic; other scripts take what the machine has.
        include_system_fonts=any(ord(char) > 0x052F and not 0x2000 <= ord(char) < 0x2300 for char in svg),
        include_embedded_fonts=False,
        font_paths=[str(Path(fontpkg_inter.__file__).with_name("files"))],
    )
    sharp = min(144.0, 72 * (PIXELS / (width * height)) ** 0.5, 72 * SIDE_PIXELS / max(width, height))
    out = typst.compile(
        DOCUMENT.format(width=round(width, 2), height=round(height, 2)).encode(),
        font_paths=fonts,
        format=kind,
        ppi=sharp if kind == "png" else None,
        sys_inputs={"svg": svg},
        package_path=str(Path.cwd()),
        package_cache_path=str(Path.cwd()),
    )
    sys.stdout.buffer.write(out)


if __name__ == "__main__":
    main()
