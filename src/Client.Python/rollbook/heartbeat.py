"""A long tool call is not silence: open episodes that write nothing are kept alive."""

from __future__ import annotations

import threading
import weakref
from typing import Any, Dict, List

from .answers import NoAnswer, Request
from .batch import MAX_EPISODES, Refusal
from .content import encode_json
from .episode import Episode
from .transport import Transport

# A writer counts as live for 30 s after a write or a heartbeat: two of them may be lost.
BEAT_SECONDS = 10.0

# The thread that sends heartbeats sends steps too: it must not hang on one for long.
_PATIENCE = 5.0

# Seconds after which a lost one is sent again.
_AGAIN = 3.0


class OpenEpisodes:
    """The episodes that run, as long as a logger holds them.

    Example:
        >>> from rollbook.episode import Episode
        >>> from rollbook.heartbeat import OpenEpisodes
        >>> episode, open = Episode("01K00000000000000000000000", 0, 1, now=100.0), OpenEpisodes()
        >>> open.add(episode)
        >>> open.due(109.0), [e.id for e in open.due(110.0)]
        ([], ['01K00000000000000000000000'])
    """

    def __init__(self) -> None:
        self._episodes: "weakref.WeakSet[Episode]" = weakref.WeakSet()
        self._lock = threading.RLock()  # re-entrant: a signal handler may start an episode in the middle of it

    def add(self, episode: Episode) -> None:
        """It runs."""
        with self._lock:
            self._episodes.add(episode)

    def discard(self, episode: Episode) -> None:
        """It has ended, or is another's."""
        with self._lock:
            self._episodes.discard(episode)

    def all(self) -> List[Episode]:
        """Those that run."""
        with self._lock:
            return list(self._episodes)

    def reopened(self, episode_id: str, epoch: int) -> None:
        """The spool has re-opened one: its next steps are of this epoch."""
        for episode in self.all():
            if episode.id == episode_id:
                episode.epoch = epoch

    def refused(self, episode_id: str, refusal: Refusal, kept: str) -> None:
        """What was acknowledged from the spool, the recorder will not take: the episode's next call says so."""
        for episode in self.all():
            if episode.id == episode_id:
                what = f"A spooled record of episode {episode_id}, kept in {kept} (`rollbook import --spool` sends it again)"
                error = episode.error(what, refusal, None)
                episode.report(error)
                episode.fatal = error

    def due(self, now: float) -> List[Episode]:
        """Those that have been silent for ten seconds."""
        return [episode for episode in self.all() if now - episode.last_write >= BEAT_SECONDS]

    def beat(self, transport: Transport, now: float) -> float:
        """Sends the heartbeats that are due, each once; a lost one goes again soon.

        Returns:
            Seconds until the next can be due.
        """
        due = self.due(now)
        for start in range(0, len(due), MAX_EPISODES):
            self._send(transport, due[start : start + MAX_EPISODES], now)
        ages = [now - episode.last_write for episode in self.all()]
        return max(BEAT_SECONDS - max(ages), 0.1) if ages else 3600.0

    def _send(self, transport: Transport, episodes: List[Episode], now: float) -> None:
        for episode in episodes:
            episode.last_write = now
        named: List[Dict[str, Any]] = [
            {"episode_id": e.id} if e.epoch is None else {"episode_id": e.id, "writer_epoch": e.epoch} for e in episodes
        ]
        request = Request("POST", "/v1/heartbeat", encode_json({"episodes": named}))
        try:
            answer = transport.once(request, _is_answer, lambda seconds: min(seconds, _PATIENCE))
        except NoAnswer:
            for episode in episodes:
                episode.last_write = now - BEAT_SECONDS + _AGAIN
            return
        if not answer.accepted:
            return
        for episode, told in zip(episodes, answer.value["episodes"]):
            if isinstance(told, dict) and told.get("code") in ("writer_fenced", "episode_ended", "episode_not_found", "episode_deleted"):
                self.discard(episode)  # its next step will be told why


def _is_answer(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("episodes"), list)
