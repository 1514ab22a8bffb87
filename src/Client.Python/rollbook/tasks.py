"""Tasks that wait until what they recorded is durable, and how their event loop is told: a few of them a turn."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from typing import Deque, List, Optional, Tuple

from . import fork
from .waiters import Unheard, Waiter, Woken

# Each task that is told goes on in the loop's next turn, and most record another step then, in some 20 µs. Told all at once, a thousand of
# them would keep whatever else the loop has to do waiting for as long as they take together.
TOLD_A_TURN = 64

_Told = Tuple[Waiter, Optional[Exception]]


class TaskWaiter(Waiter):
    """A task that awaits `future`; its loop is never made to wait.

    Example:
        >>> import asyncio
        >>> from rollbook.tasks import TaskWaiter, wake
        >>> async def main():
        ...     waiter, woken = TaskWaiter(0.0, 120.0, asyncio.get_running_loop(), print), {}
        ...     waiter.settle(None, woken, print)     # by the sender's thread
        ...     wake(woken)
        ...     return await waiter.future
        >>> asyncio.run(main())
    """

    __slots__ = ("future", "loop", "_unheard")

    def __init__(self, since: float, seconds: float, loop: asyncio.AbstractEventLoop, unheard: Unheard) -> None:
        super().__init__(since, seconds)
        self.future: "asyncio.Future[None]" = loop.create_future()
        self.loop = loop
        self._unheard = unheard

    def settle(self, error: Optional[Exception], woken: Woken, unheard: Unheard) -> None:
        self.done = True
        told = woken.get(self.loop)
        if told is None:
            woken[self.loop] = [(self, error)]
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

    def give_up(self, error: Optional[Exception]) -> None:
        """The loop was closed: nobody waits there any more."""
        if error is not None:
            self._unheard(error)


def wake(woken: Woken) -> None:
    """Tells each event loop all that was gathered for it; empties `woken`. Any thread may call it.

    Example:
        >>> from rollbook.tasks import wake
        >>> wake({})
    """
    for loop, told in woken.items():
        _mailbox(loop).post(loop, told)
    woken.clear()


class _Mailbox:
    """What one event loop is still to be told."""

    def __init__(self) -> None:
        self._told: Deque[_Told] = deque()
        self._coming = False

    def post(self, loop: asyncio.AbstractEventLoop, told: List[_Told]) -> None:
        try:
            if loop.is_closed():
                raise RuntimeError
            self._told.extend(told)
            if not self._coming:
                # While it reads its letters it finds these too: a wake-up costs a system call on both sides.
                self._coming = True
                loop.call_soon_threadsafe(self._read, loop)
        except RuntimeError:
            self._told.clear()
            for waiter, error in told:
                assert isinstance(waiter, TaskWaiter)
                waiter.give_up(error)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        told = self._told
        for _ in range(min(len(told), TOLD_A_TURN)):
            waiter, error = told.popleft()
            waiter.finish(error)
        if not told:
            self._coming = False
            if not told:  # looked at again: who posted before the line above has not called
                return
            self._coming = True
        loop.call_soon(self._read, loop)


_mailboxes: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Mailbox]" = weakref.WeakKeyDictionary()


def _mailbox(loop: asyncio.AbstractEventLoop) -> _Mailbox:
    found = _mailboxes.get(loop)
    return _mailboxes.setdefault(loop, _Mailbox()) if found is None else found


# A child's loops are its own, and so is who reads in them.
fork.first(_mailboxes.clear)
