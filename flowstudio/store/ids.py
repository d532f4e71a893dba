"""Ids made in memory: 26 characters, ordered by time, unique without asking the database."""

from __future__ import annotations

import os
import threading
import time
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = tuple(range(120, -10, -10))
_lock = threading.Lock()
_last_ms = 0
_last_tail = 0
# Chance for many ids at a time: asking the system for each costs more than the id itself.
_pool = b""


def new_id() -> str:
    """A new id. Within one process later ids sort after earlier ones, also within a millisecond.

    48 bits of milliseconds and 80 of chance (the tail counts on within a millisecond), in Crockford's base 32.
    """
    global _last_ms, _last_tail, _pool
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms = now
            if len(_pool) < 10:
                _pool = os.urandom(2_560)
            _last_tail = int.from_bytes(_pool[:10]) >> 1
            _pool = _pool[10:]
        else:
            _last_tail += 1
        value = (_last_ms << 80) | _last_tail
    return _written(value)


def _written(value: int) -> str:
    # 130 bits: two characters at a time, of which the first pair's upper ones are always 0.
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])


def _forget() -> None:
    """A forked child must not make its parent's ids."""
    global _last_ms, _pool, _lock
    _last_ms, _pool, _lock = 0, b"", threading.Lock()


os.register_at_fork(after_in_child=_forget)


def first_id_of(instant: datetime) -> str:
    """The smallest id that could be made at an instant: ids sort by time, so a range of ids is a range of time."""
    value = max(0, int(instant.timestamp() * 1000)) << 80
    return _written(value)
