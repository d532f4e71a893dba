"""Makes a fresh clone ready (environment, packages, front end), then becomes the server.

Standard library only: it runs before anything is installed. What is unchanged since the last start is skipped.
Arguments are handed to `manage.py`, by default `serve`; with `--dev` first the front end is not built.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
BUILT = ROOT / "static" / "app"
STAMP = BUILT / ".stamp"
NODE = (20, 19)
# What the built files depend on.
SOURCES = ("package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "index.html", "src", "public")

children: list[subprocess.Popen[bytes]] = []
guard = threading.Lock()


class Failed(Exception):
    """A step did not work; the text says what to do."""


def say(text: str) -> None:
    """One line of progress, shown at once."""
    print(text, flush=True)


def run(what: str, command: list[str], cwd: Path = ROOT) -> None:
    """Runs one step in a process group of its own; its output is shown only when it fails."""
    started = time.monotonic()
    say(f"  {what} …")
    with guard:
        child = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        children.append(child)
    output, _ = child.communicate()
    if child.returncode:
        raise Failed(f"{what}: this step failed.\n{output.decode(errors='replace').strip()}")
    say(f"  {what}: done in {time.monotonic() - started:.0f} s")


def end(signum: int, _frame: object) -> None:
    """Ctrl-C or SIGTERM while something is being installed: every child goes, then we."""
    with guard:
        for blow in (signal.SIGTERM, signal.SIGKILL):
            for child in children:
                if child.poll() is None:
                    os.killpg(child.pid, blow)
            until = time.monotonic() + 3.0
            while any(child.poll() is None for child in children) and time.monotonic() < until:
                time.sleep(0.05)
    os._exit(128 + signum)


def stamped(lock: Path, stamp: Path) -> bool:
    """Whether the packages of this lock are installed already (the scripts name their stamps by the lock's cksum)."""
    done = subprocess.run(["cksum"], stdin=lock.open("rb"), capture_output=True, text=True, check=True)
    return stamp.with_name(f"{stamp.name}{done.stdout.strip().replace(' ', '-')}").exists()


def packages(lock: str) -> None:
    """The Python environment."""
    if not stamped(ROOT / lock, ROOT / ".venv" / f".installed-{lock}-"):
        run("Python packages (about half a minute)", ["scripts/install.sh", lock])


def node_works() -> bool:
    """Whether there is a Node.js that can build the front end."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
        major, minor = said.strip().lstrip("v").split(".")[:2]
        return (int(major), int(minor)) >= NODE
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def digest() -> str:
    """A fingerprint of everything the built front end is made from."""
    total = hashlib.sha256()
    for name in SOURCES:
        path = FRONTEND / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                total.update(str(file.relative_to(FRONTEND)).encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def pages(*, build: bool) -> None:
    """The front end's packages and, unless nothing changed, its built files."""
    wanted = digest()
    if build and STAMP.exists() and STAMP.read_text() == wanted:
        return
    if not node_works():
        if build and (BUILT / "index.html").exists():
            say("  Node.js 20.19 or newer is missing: the front end in static/app is used as it is.")
            return
        raise Failed(
            "flowstudio needs Node.js 20.19 or newer (with npm) to build its front end. Install it and start again."
        )
    if not stamped(FRONTEND / "package-lock.json", FRONTEND / "node_modules" / ".installed-"):
        run("Front-end packages (about half a minute)", ["scripts/frontend.sh"])
    if build:
        run("Front end (about ten seconds)", ["node_modules/.bin/vite", "build", "--logLevel", "warn"], FRONTEND)
        STAMP.write_text(wanted)


def side_by_side(*steps: Callable[[], None]) -> None:
    """Runs the steps at the same time; the first that fails is told after all have ended."""
    failures: list[Failed] = []

    def one(step: Callable[[], None]) -> None:
        try:
            step()
        except Failed as failure:
            failures.append(failure)

    threads = [threading.Thread(target=one, args=(step,), daemon=True) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        # In slices, so that a signal is handled meanwhile.
        while thread.is_alive():
            thread.join(0.1)
    if failures:
        raise failures[0]


def main() -> None:
    """Prepares, then replaces this process by the server."""
    arguments = sys.argv[1:] or ["serve"]
    development = "--dev" in arguments
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, end)
    say("Starting flowstudio …")
    try:
        side_by_side(
            lambda: packages("requirements-dev.txt" if development else "requirements.txt"),
            lambda: pages(build=not development),
        )
    except Failed as failure:
        sys.exit(str(failure))
    python = ROOT / ".venv" / "bin" / "python"
    os.chdir(ROOT)
    os.execv(python, [str(python), "manage.py", *arguments])


if __name__ == "__main__":
    main()
