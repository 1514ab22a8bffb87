"""Which episodes have something to send: now, after a pause, or once the recorder is back."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from typing import Deque, List, Optional, Set, Tuple

from .episode import Episode


class WaitingEpisodes:
    """The episodes that a sender has to see to. Any thread may `add`; the rest is for whoever leads.

    An episode's `queued` says that it stands here already, so that each stands here once.

    Example:
        >>> from rollbook.episode import Episode
        >>> from rollbook.waiting import WaitingEpisodes
        >>> waiting, episode = WaitingEpisodes(), Episode("01K00000000000000000000000", 0, 1)
        >>> waiting.later(episode, due=7.0)
        >>> waiting.due, waiting.ready
        (7.0, False)
        >>> waiting.call_back(7.0)
        >>> waiting.ready, waiting.next() is episode, waiting.any
        (True, True, False)
    """

    def __init__(self) -> None:
        self._ready: Deque[Episode] = deque()
        self._delayed: List[Tuple[float, int, Episode]] = []
        self._parked: Set[Episode] = set()
        self._counter = itertools.count()

    @property
    def ready(self) -> bool:
        """Whether one may go now."""
        return bool(self._ready)

    @property
    def any(self) -> bool:
        """Whether one goes now, or by itself later."""
        return bool(self._ready or self._delayed)

    @property
    def due(self) -> Optional[float]:
        """When the first pause is over, in the clock's seconds."""
        return self._delayed[0][0] if self._delayed else None

    def add(self, episode: Episode) -> None:
        """Something of it is to be sent."""
        if not episode.queued:
            episode.queued = True
            self._ready.append(episode)

    def next(self) -> Episode:
        """Takes the first that may go now; what is added to it from here on adds it again."""
        episode = self._ready.popleft()
        episode.queued = False
        return episode

    def put_back(self, episode: Episode) -> None:
        """It goes first, next time."""
        episode.queued = True
        self._ready.appendleft(episode)

    def again(self, episode: Episode) -> None:
        """It goes once more, behind the others."""
        episode.queued = True
        self._ready.append(episode)

    def later(self, episode: Episode, due: float) -> None:
        """It goes when its pause is over."""
        episode.queued = True
        heapq.heappush(self._delayed, (due, next(self._counter), episode))

    def park(self, episode: Episode) -> None:
        """Nobody waits for it: it goes with its next step, or when the recorder is back."""
        episode.queued = False
        self._parked.add(episode)

    def call_back(self, now: float) -> None:
        """Those whose pause is over may go."""
        while self._delayed and self._delayed[0][0] <= now:
            self._ready.append(heapq.heappop(self._delayed)[2])

    def unpark(self) -> None:
        """The recorder is back: what was given up on goes too."""
        while self._parked:
            self.add(self._parked.pop())

    def all(self) -> List[Episode]:
        """All of them, as they stand."""
        return [*list(self._ready), *[entry[2] for entry in list(self._delayed)], *list(self._parked)]
