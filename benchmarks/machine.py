"""What the system says of processes and of its disk."""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used, and those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def peak_of(pid: int) -> float:
    """The most memory that a process ever held, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def rss_of(pid: int) -> float:
    """The memory that a process holds now, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def family(pid: int) -> list[int]:
    """Children and their children."""
    found: list[int] = []
    # Those of a server come and go while they are looked at.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *family(child)]
    return found


def sync_ms() -> float:
    """The machine's disk sync, the median of a hundred."""
    times = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(100):
            file.write(b"x" * 4096)
            began = time.monotonic()
            file.flush()
            os.fsync(file.fileno())
            times.append((time.monotonic() - began) * 1000)
    return statistics.median(times)


def cut(waits: Sequence[float], *parts: float) -> list[float]:
    """The quantiles of something that was measured."""
    ordered = sorted(waits)
    return [ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in parts]


def about() -> str:
    """The machine in a line, for RESULTS.md."""
    name = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        "?",
    )
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return (
        f"{when}; {os.cpu_count()} cores ({name}); a disk sync takes {sync_ms():.2f} ms; load {os.getloadavg()[0]:.1f}"
    )
