"""The bound of what waits in the background: callers wait for room, as long as they have patience."""

from __future__ import annotations

import threading

# Of one process, over all its loggers.
QUEUE_BYTES = 64 * 1024 * 1024
QUEUE_STEPS = 100_000


class Budget:
    """Steps and bytes that wait, and their bound.

    Args:
        steps: the most that may wait.
        size: the most bytes that may wait; one step alone may be larger.

    Example:
        >>> from rollbook.budget import Budget
        >>> budget = Budget(2, 1000)
        >>> budget.take(10, 0.0), budget.take(10, 0.0), budget.take(10, 0.0)
        (True, True, False)
        >>> budget.give_back(1, 10); budget.take(10, 0.0)
        True
    """

    def __init__(self, steps: int, size: int) -> None:
        self._most_steps = steps
        self._most_bytes = size
        self._steps = 0
        self._bytes = 0
        self._blocked = 0
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)

    def take(self, size: int, seconds: float) -> bool:
        """Takes room for one step; False if there was none in so many seconds."""
        with self._lock:
            if self._steps >= self._most_steps or (self._bytes + size > self._most_bytes and self._steps):
                self._blocked += 1
                try:
                    free = self._room.wait_for(
                        lambda: self._steps < self._most_steps
                        and (self._bytes + size <= self._most_bytes or not self._steps),
                        seconds,
                    )
                finally:
                    self._blocked -= 1
                if not free:
                    return False
            self._steps += 1
            self._bytes += size
            return True

    def give_back(self, steps: int, size: int) -> None:
        """Room is free again."""
        with self._lock:
            self._steps -= steps
            self._bytes -= size
            if self._blocked:
                self._room.notify_all()
