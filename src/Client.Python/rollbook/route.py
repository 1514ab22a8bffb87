"""Which of the recorder's addresses to ask: one that answers is kept, one that fails is left alone for a while."""

from __future__ import annotations

from typing import List

from .retry import Clock

# An address that gave no answer costs a connect time-out each time it is asked while it is away.
_FIRST_REST = 1.0
_LONGEST_REST = 30.0


class Route:
    """The order in which the addresses are asked. Threads share it: a torn update costs a request in vain at most.

    Args:
        addresses: how many there are.
        clock: time.

    Example:
        >>> from rollbook.retry import Clock
        >>> from rollbook.route import Route
        >>> route = Route(3, Clock())
        >>> route.order()
        [0, 1, 2]
        >>> route.failed(0); route.answered(2); route.order()
        [2, 1, 0]
    """

    def __init__(self, addresses: int, clock: Clock) -> None:
        self._clock = clock
        self._turn = 0
        self._failures = [0] * addresses
        self._rests_until = [0.0] * addresses

    def order(self) -> List[int]:
        """All addresses: from the one that answered last on, those that rest behind the others."""
        count = len(self._failures)
        if count == 1:
            return [0]
        around = [(self._turn + i) % count for i in range(count)]
        now = self._clock.now()
        return sorted(around, key=lambda i: self._rests_until[i] > now)

    def answered(self, address: int) -> None:
        """It answered: it stays the first."""
        if self._turn != address or self._failures[address]:
            self._turn = address
            self._failures[address], self._rests_until[address] = 0, 0.0

    def refused(self, address: int) -> None:
        """It answered that it can't now: another may."""
        if self._turn == address:
            self._turn = (address + 1) % len(self._failures)

    def failed(self, address: int) -> None:
        """It gave no answer: others come first for a while."""
        rest = min(_FIRST_REST * 2 ** self._failures[address], _LONGEST_REST)
        self._failures[address] = min(self._failures[address] + 1, 16)
        self._rests_until[address] = self._clock.now() + rest
        self.refused(address)
