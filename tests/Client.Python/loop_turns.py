"""How long an event loop stands still: the turns of the loop, from one look at its sockets to the next."""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import Any, Coroutine, List, Optional, Tuple


class TurnTimer(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """The selector of a loop, which times what the loop does between two calls of it.

    A turn runs every callback that is ready; whatever becomes ready meanwhile waits until it is over. So the longest turn is what the slowest
    timer, socket or other task of the loop has met.

    Attributes:
        wall: seconds of the longest turn by the clock. On a shared machine it holds what other processes took of the processor.
        busy: seconds of processor time that the loop's own thread used in one turn: its work, whoever else runs.
        turns: how many there were.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wall = self.busy = 0.0
        self.turns = 0
        self._began: Optional[Tuple[float, float]] = None

    def select(self, timeout: Optional[float] = None) -> List[Any]:
        if self._began is not None:
            wall, busy = time.perf_counter() - self._began[0], time.thread_time() - self._began[1]
            self.wall, self.busy = max(self.wall, wall), max(self.busy, busy)
        ready: List[Any] = super().select(timeout)
        self.turns += 1
        self._began = time.perf_counter(), time.thread_time()
        return ready


def run_timed(main: "Coroutine[Any, Any, Any]") -> TurnTimer:
    """As `asyncio.run(main)`, in a loop whose turns are timed."""
    timer = TurnTimer()
    loop = asyncio.SelectorEventLoop(timer)
    try:
        loop.run_until_complete(main)
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
    return timer
