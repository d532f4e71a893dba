"""Which run an engine was working on when it died: a page of memory that outlives its process (SEMANTICS 10.8).

Every run is carried by one coroutine; while that coroutine has the processor, the page holds its token, and otherwise
nothing. The page is mapped from a file, so that it is written without a system call and is there after any death.
"""

from __future__ import annotations

import mmap
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import Any

_SIZE = 64
_NOBODY = bytes(_SIZE)


class BlackBox:
    """The page of one engine. `whole` keeps a token on it until its run is let go: for an engine that carries one run
    at a time, where any death is that run's doing."""

    def __init__(self, path: Path, *, whole: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        with path.open("w+b") as file:
            file.truncate(_SIZE)
            self._page = mmap.mmap(file.fileno(), _SIZE)
        self._whole = whole

    def watched(self, work: Coroutine[Any, Any, None], token: str) -> Coroutine[Any, Any, None]:
        """The same coroutine, with its token on the page whenever it has the processor."""
        mark = token.encode()[:_SIZE].ljust(_SIZE, b"\0")
        return _Watched(work, self._page, mark, mark if self._whole else _NOBODY)

    def close(self) -> None:
        """The clean end: nobody is suspect."""
        self._page[:] = _NOBODY
        self._path.unlink(missing_ok=True)


def suspect(path: Path) -> str:
    """The token on the page of an engine that is gone, '' where there is none; the page is done away with."""
    try:
        token = path.read_bytes().rstrip(b"\0").decode("ascii", "replace")
        path.unlink()
    except FileNotFoundError:
        return ""
    return token


class _Watched(Coroutine[Any, Any, None]):
    """Passes everything on to `work`; the page says so meanwhile."""

    __slots__ = ("_after", "_mark", "_page", "_work")

    def __init__(self, work: Coroutine[Any, Any, None], page: mmap.mmap, mark: bytes, after: bytes) -> None:
        self._work, self._page, self._mark, self._after = work, page, mark, after

    def send(self, value: Any) -> Any:
        self._page[:] = self._mark
        try:
            wanted = self._work.send(value)
        except BaseException:
            self._page[:] = _NOBODY
            raise
        self._page[:] = self._after
        return wanted

    def throw(self, *error: Any) -> Any:
        self._page[:] = self._mark
        try:
            wanted = self._work.throw(*error)
        except BaseException:
            self._page[:] = _NOBODY
            raise
        self._page[:] = self._after
        return wanted

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, None]:
        return self._work.__await__()
