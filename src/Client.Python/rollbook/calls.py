"""Threads in which calls wait for the recorder, so that an event loop does not: starts, ends, reads, the encoding of large steps."""

from __future__ import annotations

import _thread
import asyncio
import queue
import threading
from typing import Any, Callable, Optional, TypeVar

from . import fork

T = TypeVar("T")

_Work = Callable[[], None]


class Calls:
    """A few threads, made when there is work for them. To hand them work costs a loop some microseconds, whatever they are at.

    The standard library's pool starts its threads from whoever submits, who then waits until the thread runs: some milliseconds, each time,
    while others have the interpreter.

    Args:
        most: how many threads there may be.

    Example:
        >>> import asyncio
        >>> from rollbook.calls import Calls
        >>> async def main():
        ...     return await Calls(2).run(lambda: 6 * 7)
        >>> asyncio.run(main())
        42
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads = 0
        self._open = 0
        self._work: "queue.SimpleQueue[_Work]" = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._done = threading.Condition(self._lock)

    def submit(self, work: _Work) -> None:
        """Has it done in one of the threads; what it raises is nobody's to hear."""
        with self._lock:  # held for a few instructions each time
            self._open += 1
            grow = self._open > self._threads and self._threads < self._most
            if grow:
                self._threads += 1
        if grow:
            try:
                _thread.start_new_thread(self._run, ())  # does not wait until it runs
            except RuntimeError:  # the system gives no more of them
                with self._lock:
                    self._threads -= 1
                    if not self._threads:
                        self._open -= 1
                        raise
        self._work.put(work)

    def run(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Has it done in one of the threads; the future has what comes of it. Cancelling it leaves the work to go on."""
        loop = asyncio.get_running_loop()
        future: "asyncio.Future[T]" = loop.create_future()

        def worked() -> None:
            result: Any = None
            error: Optional[BaseException] = None
            try:
                result = work()
            except BaseException as e:
                error = e
            try:
                loop.call_soon_threadsafe(_finish, future, result, error)
            except RuntimeError:  # the loop was closed: nobody waits there any more
                pass

        self.submit(worked)
        return future

    def wait(self) -> None:
        """Returns when nothing is left to do: at the exit, what was begun is brought to its end."""
        with self._lock:
            self._done.wait_for(lambda: not self._open)

    def _run(self) -> None:
        while True:
            work = self._work.get()
            try:
                work()
            except Exception:
                pass
            del work  # or it would keep what it holds until the next one comes
            with self._lock:
                self._open -= 1
                if not self._open:
                    self._done.notify_all()


def _finish(future: "asyncio.Future[Any]", result: Any, error: Optional[BaseException]) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    elif isinstance(error, StopIteration):  # which a future does not take
        future.set_exception(RuntimeError(f"the call raised {error!r}"))
    else:
        future.set_exception(error)


# Starts, ends and reads, which wait for the recorder more than they compute; and what computes, one at a time, since two that do would
# keep the interpreter from the loop for twice as long.
WAITING = Calls(16)
COMPUTING = Calls(1)


def _after_fork() -> None:
    """A child has none of the threads."""
    global WAITING, COMPUTING
    WAITING, COMPUTING = Calls(16), Calls(1)


def finish() -> None:
    """At the exit: returns when what was begun has come to its end.

    Example:
        >>> from rollbook.calls import finish
        >>> finish()
    """
    WAITING.wait()
    COMPUTING.wait()


fork.first(_after_fork)
