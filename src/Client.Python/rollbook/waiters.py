"""Callers that wait until what they recorded is durable. A task of an event loop: tasks.py."""

from __future__ import annotations

import asyncio
import threading
from typing import Callable, Dict, List, Optional, Tuple

# What an event loop is to be told, gathered so that one wake-up tells many of its tasks.
Woken = Dict[asyncio.AbstractEventLoop, List["Tuple[Waiter, Optional[Exception]]"]]

# Takes an error that no caller waits for any more.
Unheard = Callable[[Exception], None]


class Waiter:
    """A caller that waits for one item of an outbox.

    Attributes:
        since: when it began to wait, in the clock's seconds.
        deadline: when it gives up.
        done: whether it has been settled.

    Example:
        >>> from rollbook.waiters import ThreadWaiter, Waiter
        >>> isinstance(ThreadWaiter(0.0, 120.0), Waiter)
        True
    """

    __slots__ = ("since", "deadline", "done")

    def __init__(self, since: float, seconds: float) -> None:
        self.since = since
        self.deadline = since + seconds
        self.done = False

    def settle(self, error: Optional[Exception], woken: Woken, unheard: Unheard) -> None:
        """Tells the caller, once: None is "durable".

        Args:
            error: what its call raises.
            woken: collects what event loops are to be told; see `tasks.wake`.
            unheard: takes the error if the caller has gone meanwhile.
        """
        raise NotImplementedError

    def finish(self, error: Optional[Exception]) -> None:
        """What an event loop does with what it was told."""
        raise NotImplementedError


class ThreadWaiter(Waiter):
    """A thread that waits, or that sends for itself and finds its item settled.

    Example:
        >>> from rollbook.waiters import ThreadWaiter
        >>> waiter = ThreadWaiter(0.0, 120.0)
        >>> waiter.settle(None, {}, print)
        >>> waiter.wait()
    """

    __slots__ = ("_lock", "_error", "_gone")

    def __init__(self, since: float, seconds: float) -> None:
        super().__init__(since, seconds)
        self._lock = threading.Lock()
        self._lock.acquire()
        self._error: Optional[Exception] = None
        self._gone = False

    def settle(self, error: Optional[Exception], woken: Woken, unheard: Unheard) -> None:
        if error is not None and self._gone:
            unheard(error)
        self._error = error
        self.done = True
        self._lock.release()

    def wait(self) -> None:
        """Returns when it has been settled, and raises what it was settled with."""
        if not self.done:
            try:
                self._lock.acquire()
            except BaseException:
                self.leave()
                raise
        if self._error is not None:
            raise self._error

    def leave(self) -> None:
        """The caller was interrupted and will not hear of it."""
        self._gone = True
