"""Callers that wait until what they recorded is durable: a thread, or a task of an event loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Callable, Dict, List, Optional, Tuple

# What an event loop is to be told, gathered so that one wake-up tells many of its tasks.
Woken = Dict[asyncio.AbstractEventLoop, List["Tuple[TaskWaiter, Optional[Exception]]"]]

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
            woken: collects what event loops are to be told; see `wake`.
            unheard: takes the error if the caller has gone meanwhile.
        """
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


class TaskWaiter(Waiter):
    """A task that awaits `future`; its loop is never made to wait.

    Example:
        >>> import asyncio
        >>> from rollbook.waiters import TaskWaiter, wake
        >>> async def main():
        ...     waiter, woken = TaskWaiter(0.0, 120.0, asyncio.get_running_loop(), print), {}
        ...     waiter.settle(None, woken, print)     # by the sender's thread
        ...     wake(woken)
        ...     return await waiter.future
        >>> asyncio.run(main())
    """

    __slots__ = ("future", "_loop", "_unheard")

    def __init__(self, since: float, seconds: float, loop: asyncio.AbstractEventLoop, unheard: Unheard) -> None:
        super().__init__(since, seconds)
        self.future: "asyncio.Future[None]" = loop.create_future()
        self._loop = loop
        self._unheard = unheard

    def settle(self, error: Optional[Exception], woken: Woken, unheard: Unheard) -> None:
        self.done = True
        told = woken.get(self._loop)
        if told is None:
            woken[self._loop] = [(self, error)]
        else:
            told.append((self, error))

    def finish(self, error: Optional[Exception]) -> None:
        """On the loop: resolves the future, unless its task was cancelled meanwhile."""
        if self.future.done():
            if error is not None:
                self._unheard(error)
        elif error is None:
            self.future.set_result(None)
        else:
            self.future.set_exception(error)


def wake(woken: Woken) -> None:
    """Tells each event loop all that was gathered for it, in one wake-up; empties `woken`.

    Example:
        >>> from rollbook.waiters import wake
        >>> wake({})
    """
    for loop, told in woken.items():
        try:
            loop.call_soon_threadsafe(_finish_all, told)
        except RuntimeError:  # the loop was closed: nobody waits there any more
            for waiter, error in told:
                if error is not None:
                    waiter._unheard(error)
    woken.clear()


def _finish_all(told: "List[Tuple[TaskWaiter, Optional[Exception]]]") -> None:
    for waiter, error in told:
        waiter.finish(error)
