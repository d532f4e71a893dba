"""One vendor on loopback that plays scripts and keeps a ledger on disk: the oracle for effects (RELIABILITY 2).

A request is written down, with fsync, before any byte of its answer leaves: what the engine was told is in the ledger,
and so is what it was not told. Scripts are played by customer, or drawn from a seed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True)
class Play:
    """What the vendor does with one request. `accept`: the effect happens. `how` it ends: an answer with `status`, a
    connection `reset`, or an answer `cut` off after its head."""

    status: int = 200
    accept: bool = True
    delay_s: float = 0.0
    retry_after: str = ""
    how: str = "answer"


FINE = Play()
BROKEN = Play(status=500, accept=False)
RESET = Play(accept=False, how="reset")
# The worst: the effect happened, and nobody was told.
CUT = Play(how="cut")


def limited(retry_after: str, *, status: int = 429) -> Play:
    """Comes again later, please."""
    return Play(status=status, accept=False, retry_after=retry_after)


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `effect`: this request, and no earlier one with its key, made the effect happen."""

    at: float
    key: str
    node: str
    who: str
    body: str
    play: str
    effect: bool


@dataclass
class Sink:
    """Where the steps of a flow send to: `<url>/<node>`, with `who` in the body."""

    path: Path
    honours_keys: bool = True
    port: int = 0
    scripts: dict[tuple[str, str], list[Play]] = field(default_factory=dict)
    otherwise: Callable[[str, str, int], Play] = lambda _who, _node, _number: FINE
    entries: list[Entry] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, who: str, node: str, plays: Sequence[Play]) -> None:
        """What happens to this customer's requests at this step, in order; then all is fine."""
        self.scripts[who, node] = list(plays)

    def receive(self, key: str, node: str, who: str, body: bytes) -> Play:
        """Decides, and writes down before anything is answered."""
        with self.lock:
            number = sum(entry.key == key for entry in self.entries)
            planned = self.scripts.get((who, node))
            play = planned.pop(0) if planned else self.otherwise(who, node, number)
            known = self.honours_keys and any(entry.effect and entry.key == key for entry in self.entries)
            entry = Entry(
                at=time.time(), key=key, node=node, who=who, body=hashlib.sha256(body).hexdigest()[:16],
                play=f"{play.how}:{play.status}", effect=play.accept and not known,
            )  # fmt: skip
            with self.path.open("a") as ledger:
                ledger.write(json.dumps(asdict(entry)) + "\n")
                ledger.flush()
                os.fsync(ledger.fileno())
            self.entries.append(entry)
        return play

    def ledger(self) -> list[Entry]:
        """Everything so far, read from disk."""
        if not self.path.exists():
            return []
        return [Entry(**json.loads(line)) for line in self.path.read_text().splitlines()]

    def effects(self) -> Counter[str]:
        """How often each key's effect happened."""
        return Counter(entry.key for entry in self.ledger() if entry.effect)


def drawn(seed: int, *, trouble: float = 0.2, slow_s: float = 0.15) -> Callable[[str, str, int], Play]:
    """A vendor with moods: of the first two tries under a key some are limited, broken, reset or cut, as the seed says.

    The same for the same seed, customer and step, whatever the order in which requests arrive: ids are not in it.
    """

    def play(who: str, node: str, number: int) -> Play:
        chance = random.Random(f"{seed}/{who}/{node}/{number}")
        delay = chance.random() * slow_s
        if number < 2 and chance.random() < trouble:
            wanted = chance.choice((limited("1"), BROKEN, RESET, CUT))
            return Play(**{**asdict(wanted), "delay_s": delay})
        return Play(delay_s=delay)

    return play


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    sink: Sink

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            who = str(json.loads(body)["who"])
        except (ValueError, KeyError, TypeError):
            who = ""
        play = self.sink.receive(self.headers.get("Idempotency-Key", ""), self.path.strip("/"), who, body)
        time.sleep(play.delay_s)
        if play.how == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        answer = json.dumps({"ok": play.status < 300, "node": self.path.strip("/")}).encode()
        self.send_response(play.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if play.retry_after:
            self.send_header("Retry-After", play.retry_after)
        self.end_headers()
        if play.how == "cut":
            self.wfile.write(answer[:3])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.wfile.write(answer)

    def log_message(self, *_):
        pass

    def handle(self):
        with contextlib.suppress(OSError, ValueError):
            super().handle()

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """A client that was killed in the middle is what these tests are about."""


@contextlib.contextmanager
def sink(path: Path, *, honours_keys: bool = True) -> Iterator[Sink]:
    """The vendor, as long as the block runs."""
    made = Sink(path=path, honours_keys=honours_keys)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"sink": made}))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
