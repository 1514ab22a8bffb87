"""How long to wait between two tries, and when to stop."""

from __future__ import annotations

import random
import threading
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

    def pause(self, nudge: threading.Lock, seconds: float) -> None:
        """Waits that many seconds, or until the lock, which is held, is released by somebody.

        Example:
            >>> import threading
            >>> from rollbook.retry import Clock
            >>> nudge = threading.Lock()
            >>> Clock().pause(nudge, 3600.0)     # it was free: no wait
        """
        nudge.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))

    def idle(self, wake: threading.Lock, seconds: float) -> None:
        """The same, for a thread that has nothing to do; kept apart, since nothing waits for it."""
        wake.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))


def backoff(failures: int, clock: Clock) -> float:
    """Seconds before the next try: from 0.05, doubling up to 5, half of it at random so that a herd spreads out.

    Example:
        >>> from rollbook.retry import Clock, backoff
        >>> backoff(0, Clock(jitter=lambda: 0.0)), backoff(40, Clock(jitter=lambda: 0.0))
        (0.025, 2.5)
    """
    # Half of the step is fixed, so that nobody comes back at once.
    return float(min(_FIRST * 2 ** min(failures, 16), _LONGEST)) * (0.5 + clock.jitter() / 2)


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
        self._failures = 0

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
        pause = backoff(self._failures, self._clock)
        self._failures += 1
        self._clock.sleep(min(max(pause, retry_after or 0.0), left))
        return True


def held() -> threading.Lock:
    """A lock that is taken: who acquires it waits for a `release`.

    Example:
        >>> from rollbook.retry import held
        >>> held().locked()
        True
    """
    lock = threading.Lock()
    lock.acquire()
    return lock


def release(lock: threading.Lock) -> None:
    """Lets one waiter go, now or when it comes; twice is once.

    Example:
        >>> from rollbook.retry import held, release
        >>> lock = held()
        >>> release(lock); release(lock)
        >>> lock.locked()
        False
    """
    try:
        lock.release()
    except RuntimeError:
        pass
