"""Scores and labels: what a verifier or a person adds to an episode, in any status, at any time after its start."""

from __future__ import annotations

import time as clock_time
from typing import Any, Dict, Iterable, List, Mapping, Optional, Union

from .answers import Request
from .content import encode_json, to_json
from .delivery import send
from .sender import Sender
from .senders import sender_for
from .settings import read_settings
from .spool import request_record
from .steps import Number, number
from .ulid import new_ulid


class Scorer:
    """Sends scores and labels to one recorder.

    Example:
        >>> from rollbook import TrajectoryLogger
        >>> from rollbook.scores import Scorer
        >>> from rollbook.sender import Sender
        >>> from rollbook.settings import read_settings
        >>> id = TrajectoryLogger(worker="scored-1").start_episode("t", "v")
        >>> sender = Sender(read_settings())
        >>> Scorer(sender, 120.0).score(id, 1.0, source="unit-tests")
        >>> sender.close()
    """

    def __init__(self, sender: Sender, seconds: float) -> None:
        self._sender = sender
        self._seconds = seconds

    def score(
        self,
        episode_id: str,
        value: Optional[float],
        *,
        source: str,
        name: str = "final",
        rationale: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        event_id: Optional[str] = None,
        time: Optional[float] = None,
    ) -> None:
        """Adds a score; see `rollbook.score`."""
        given: "Optional[Number]" = None if value is None else number(value, "value")
        body: Dict[str, Any] = {"event_id": event_id or new_ulid(), "name": name, "value": given, "source": source}
        body["time"] = clock_time.time() if time is None else number(time, "time")
        if rationale is not None:
            body["rationale"] = rationale
        encoded = encode_json(body)
        if metadata is not None:
            encoded = encoded[:-1] + b',"metadata":' + to_json(metadata, "/metadata", []) + b"}"
        self._post(f"The score {name!r} of episode {episode_id}", "score", "scores", episode_id, encoded)

    def label(
        self,
        episode_id: str,
        add: Union[str, Iterable[str]] = (),
        remove: Union[str, Iterable[str]] = (),
        *,
        event_id: Optional[str] = None,
    ) -> None:
        """Adds and removes labels; see `rollbook.label`."""
        body = {"event_id": event_id or new_ulid(), "add": _names(add), "remove": _names(remove)}
        self._post(f"The labels of episode {episode_id}", "label", "labels", episode_id, encode_json(body))

    def _post(self, what: str, do: str, part: str, episode_id: str, body: bytes) -> None:
        request = Request("POST", f"/v1/episodes/{episode_id}/{part}", body)
        record = request_record(do, episode_id, body)
        send(self._sender, what, request, record, _is_answer, self._seconds)


class _User:
    """Holds the sender of a process that records no steps."""


_user = _User()


def score(
    episode_id: str,
    value: Optional[float],
    *,
    source: str,
    name: str = "final",
    rationale: Optional[str] = None,
    metadata: Optional[Mapping[str, Any]] = None,
    event_id: Optional[str] = None,
    time: Optional[float] = None,
    url: Optional[str] = None,
    api_key: Optional[str] = None,
) -> None:
    """Adds a score to an episode, from any process; returns when it is durable. It needs no logger.

    Args:
        episode_id: the episode, in any status.
        value: the score; None is "not scored", which is not 0.
        source: who says so: `unit-tests`, `judge-model-3`.
        name: `final` is the one that every read shows as the final score, the newest of them.
        rationale: why, up to 64 KiB.
        metadata: any object.
        event_id: makes a repeat harmless, also from another process: derive it from what was judged. None makes a new one.
        time: Unix seconds; None is now.
        url, api_key: as for `TrajectoryLogger`.

    Raises:
        Refused: it was not recorded; `score_conflict`: the event's id was used with another body.
        Unavailable: no answer in time; the same event again is harmless.

    Example:
        >>> import rollbook
        >>> id = rollbook.TrajectoryLogger(worker="scored-2").start_episode("t", "v")
        >>> rollbook.score(id, 0.5, source="unit-tests", rationale="6 of 12 passed", event_id=f"verifier-3:{id}")
    """
    settings = read_settings(url, api_key)
    scorer = Scorer(sender_for(_user, settings), settings.retry_seconds)
    scorer.score(
        episode_id, value, source=source, name=name, rationale=rationale, metadata=metadata, event_id=event_id, time=time
    )


def label(
    episode_id: str,
    add: Union[str, Iterable[str]] = (),
    remove: Union[str, Iterable[str]] = (),
    *,
    event_id: Optional[str] = None,
    url: Optional[str] = None,
    api_key: Optional[str] = None,
) -> None:
    """Adds labels to an episode and removes others, from any process; returns when that is durable.

    Args:
        episode_id: the episode, in any status.
        add, remove: labels, or one; `pinned` keeps an episode from being deleted by age.
        event_id: makes a repeat harmless; None makes a new one.
        url, api_key: as for `TrajectoryLogger`.

    Raises:
        Refused, Unavailable: as `score`.

    Example:
        >>> import rollbook
        >>> id = rollbook.TrajectoryLogger(worker="scored-3").start_episode("t", "v")
        >>> rollbook.label(id, "pinned")
    """
    settings = read_settings(url, api_key)
    Scorer(sender_for(_user, settings), settings.retry_seconds).label(episode_id, add, remove, event_id=event_id)


def _names(labels: Union[str, Iterable[str]]) -> List[str]:
    return [labels] if isinstance(labels, str) else list(labels)


def _is_answer(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("event_id"), str)
