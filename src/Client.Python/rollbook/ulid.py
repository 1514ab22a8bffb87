"""Episode ids that a client mints itself, so that a start needs no server."""

from __future__ import annotations

import os
import threading
import time

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_last = 0
_lock = threading.Lock()


def new_ulid() -> str:
    """A ULID: 48 bits of milliseconds, 80 random bits, in 26 characters of Crockford's base 32.

    Those of one process ascend, also within a millisecond and when the clock steps back.
    Format: https://github.com/ulid/spec

    Example:
        >>> from rollbook.ulid import new_ulid
        >>> first, second = new_ulid(), new_ulid()
        >>> len(first), first < second
        (26, True)
    """
    global _last
    value = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    with _lock:
        if value <= _last:
            value = _last + 1
        _last = value
    text = ""
    for _ in range(26):
        value, digit = divmod(value, 32)
        text = _DIGITS[digit] + text
    return text


def _after_fork() -> None:
    """A child's ids must not follow its parent's last one: both would count on from it."""
    global _last, _lock
    _last, _lock = 0, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
