"""The senders of this process, one for each recorder; and what happens to them at a fork and at exit."""

from __future__ import annotations

import atexit
import sys
import threading
import weakref
from typing import Any, Dict, List, Optional, Tuple

from . import calls, fork
from .delivery import deliver
from .errors import RollbookError
from .retry import Clock
from .sender import Sender
from .settings import Settings
from .spool import spool_directory

_Key = Tuple[Any, ...]

# How long the exit waits for a spool that may be on its way; what stays in it is safe.
_SPOOL_SECONDS = 2.0

_senders: "Dict[_Key, Tuple[Sender, weakref.WeakSet[Any]]]" = {}
_lock = threading.RLock()


def sender_for(user: Any, settings: Settings, clock: Optional[Clock] = None, spools: bool = False) -> Sender:
    """The sender of a recorder, shared by all that use it.

    Args:
        user: who uses it, until `release(user)` or its end.
        settings: the recorder; how long a call tries is each user's own.
        spools: whether what no server takes goes to a spool; those that do have a sender of their own.
        clock: time; one for each clock, for tests.

    Example:
        >>> from rollbook.senders import sender_for
        >>> from rollbook.settings import read_settings
        >>> class User: pass
        >>> first, second = User(), User()
        >>> sender_for(first, read_settings()) is sender_for(second, read_settings(retry_seconds=5))
        True
    """
    key = (settings.servers, settings.api_key, settings.request_timeout, clock, spool_directory() if spools else None)
    with _lock:
        known = _senders.get(key)
        if known is None:
            known = _senders[key] = (Sender(settings, clock, spools), weakref.WeakSet())
        known[1].add(user)
        return known[0]


def release(user: Any) -> None:
    """The user needs its sender no more; one that nobody uses ends, unless something waits in it.

    Example:
        >>> from rollbook.senders import release
        >>> class User: pass
        >>> release(User())     # it had none
    """
    ended: List[Sender] = []
    with _lock:
        for key, (sender, users) in list(_senders.items()):
            if user in users:
                users.discard(user)
                if not len(users) and not sender.waiting() and not (sender.spool and sender.spool.active):
                    del _senders[key]
                    ended.append(sender)
    for sender in ended:
        sender.close()


def close_all() -> None:
    """Ends all senders at once; what waits in memory is dropped, a spool stays. For tests.

    Example:
        >>> from rollbook.senders import close_all
        >>> close_all()
    """
    with _lock:
        senders = [sender for sender, _ in _senders.values()]
        _senders.clear()
    for sender in senders:
        sender.close()


def _after_fork() -> None:
    """A child has no sender: threads, connections and what waits are its parent's."""
    global _lock
    _lock = threading.RLock()
    for sender, _ in _senders.values():
        if sender.spool is not None:
            sender.spool.let_go()
        sender.transport.close()  # a copy of a descriptor: closing it says nothing on the wire
    _senders.clear()


def _at_exit() -> None:
    """Sends what waits; what can't be sent is told, since nobody is left to raise it to."""
    calls.finish()
    for sender, _ in list(_senders.values()):
        for episode in sender.waiting():
            try:
                deliver(sender, episode, episode.patience)
            except RollbookError as e:
                print(f"rollbook: at exit: {e}", file=sys.stderr)
        if sender.spool is not None and not sender.spool.wait_until_empty(_SPOOL_SECONDS):
            print(
                f"rollbook: at exit: what no server took waits in {sender.spool.directory}; the next process that records with "
                'on_unavailable="spool" sends it, or `rollbook import --spool`.',
                file=sys.stderr,
            )
        sender.close()


fork.first(_after_fork)
atexit.register(_at_exit)
