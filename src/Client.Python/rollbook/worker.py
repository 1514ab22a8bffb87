"""The worker's name of one logger: given, or the lowest free slot of this host."""

from __future__ import annotations

import os
import socket
import threading
from typing import Optional

from .errors import LoggerClosed
from .settings import check_worker, worker_base
from .slots import Slot


class WorkerName:
    """A name that is known, or chosen when it is first asked for and then held until `release`.

    Args:
        given: the name; None chooses `{ROLLBOOK_WORKER or the host's name}.{slot}`.

    Example:
        >>> from rollbook.worker import WorkerName
        >>> WorkerName("gpu-7").get()
        'gpu-7'
    """

    def __init__(self, given: Optional[str]) -> None:
        self._given = None if given is None else check_worker(given)
        self._chosen: Optional[str] = None
        self._slot: Optional[Slot] = None
        self._released = False
        self._lock = threading.RLock()

    @property
    def is_default(self) -> bool:
        """Whether the name is a slot: its lock proves that no other logger of this user on this host writes under it."""
        return self._given is None

    def get(self) -> str:
        """The name.

        Raises:
            LoggerClosed: released before a name was chosen.
            ConfigurationError: no slot can be taken.
        """
        name = self._given or self._chosen
        if name is not None:
            return name
        with self._lock:
            if self._chosen is None:
                if self._released:
                    raise LoggerClosed("This logger was closed before it had a worker; build another.")
                self._slot = Slot.take(worker_base(os.environ.get("ROLLBOOK_WORKER") or socket.gethostname()))
                self._chosen = self._slot.worker
            return self._chosen

    def release(self) -> None:
        """Frees the slot. The name stays known, for reading."""
        with self._lock:
            self._released = True
            if self._slot is not None:
                self._slot.release()

    def after_fork(self) -> None:
        """Forgets the slot, which is the parent's; the parent's lock on it stays."""
        self._lock = threading.RLock()
        if self._slot is not None:
            self._slot.release()
            self._slot = None
        if not self._released:
            self._chosen = None
