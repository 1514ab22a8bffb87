"""How long to wait between two tries, and when to stop."""

from __future__ import annotations

import random
import time
from typing import Callable, Optional

_FIRST = 0.05
_LONGEST = 5.0

# Draws from the operating system: the trainer's own seeded generators are left as they are, and a fork needs no new seed.
_RANDOM = random.SystemRandom()


class Clock:
    """Time as the retries see it; tests put another in its place.

    Attributes:
        now: monotonic seconds.
        sleep: waits that many seconds.
        jitter: a random number of [0, 1).

    Example:
        >>> from rollbook.retry import Clock
        >>> Clock().now() <= Clock().now()
        True
    """

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self.now = now
        self.sleep = sleep
        self.jitter = jitter


class Retries:
    """The budget of one call: exponential back-off with jitter, up to `seconds` in all.

    Example:
        >>> from rollbook.retry import Clock, Retries
        >>> time = [0.0]
        >>> clock = Clock(lambda: time[0], lambda s: time.__setitem__(0, time[0] + s), lambda: 0.5)
        >>> retries = Retries(0.1, clock)
        >>> retries.wait(), retries.wait(), retries.wait()
        (True, True, False)
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.now()
        self._deadline = self._started + seconds
        self._next = _FIRST

    @property
    def over(self) -> bool:
        """Whether the budget is used up."""
        return self._clock.now() >= self._deadline

    @property
    def waited(self) -> float:
        """Seconds since the first try."""
        return self._clock.now() - self._started

    def cap(self, seconds: float) -> float:
        """A time-out of at most `seconds` that outlives the budget by a second at most: a try that has begun gets a fair chance."""
        return min(seconds, max(1.0, self._deadline - self._clock.now()))

    def wait(self, retry_after: Optional[float] = None) -> bool:
        """Waits before the next try; False, without waiting, when the budget is used up.

        Args:
            retry_after: the seconds that the server asked for; the wait is never shorter, but for the end of the budget.
        """
        if self.over:
            return False
        left = self._deadline - self._clock.now()
        # Half of the step is fixed, so that a herd spreads out and nobody comes back at once.
        pause = self._next * (0.5 + self._clock.jitter() / 2)
        self._next = min(self._next * 2, _LONGEST)
        self._clock.sleep(min(max(pause, retry_after or 0.0), left))
        return True
