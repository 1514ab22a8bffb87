"""Delivers all that an episode has waiting: its steps, then its endings, and what was refused to whoever calls."""

from __future__ import annotations

from typing import Any, Dict, List

from .content import encode_json
from .episode import End, Episode, one_of
from .errors import Refused
from .sender import Sender


def deliver(sender: Sender, episode: Episode, seconds: float) -> None:
    """Returns when all that was recorded is durable.

    Args:
        seconds: how long to try, for the steps and for each ending.

    Raises:
        Unavailable: something is not known durable; it stays.
        Refused: something was refused for good, and is not recorded; all else is.

    Example:
        >>> from rollbook.delivery import deliver
        >>> from rollbook.episode import Episode
        >>> from rollbook.sender import Sender
        >>> from rollbook.settings import read_settings
        >>> sender = Sender(read_settings())
        >>> deliver(sender, Episode("01K00000000000000000000000", 0, 1), 120.0)     # nothing waits
        >>> sender.close()
    """
    own = None
    sender.flush(episode, seconds)
    refused: List[Refused] = episode.take_unreported()
    while episode.ends:
        end = episode.ends[0]
        last = len(episode.ends) == 1
        try:
            post_end(sender, episode, end, seconds)
            episode.ending = end
        except Refused as e:
            if last:
                own = e
            else:
                refused.append(e)
        episode.ends.pop(0)
        sender.closed(episode)
    if own is not None or refused:
        raise one_of(refused, own)


def end_body(episode: Episode, end: End) -> Dict[str, Any]:
    """The body of an end, as the HTTP API takes it.

    Example:
        >>> from rollbook.delivery import end_body
        >>> from rollbook.episode import End, Episode
        >>> end_body(Episode("01K00000000000000000000000", 7, 1), End(0.5, None))
        {'final_score': 0.5, 'end_cause': None, 'next_ordinal': 7, 'writer_epoch': 1}
    """
    body: Dict[str, Any] = {
        "final_score": end.final_score,
        "end_cause": end.end_cause,
        "next_ordinal": episode.next_ordinal,
    }
    if episode.epoch is not None:
        body["writer_epoch"] = episode.epoch
    if end.end_time is not None:
        body["end_time"] = end.end_time
    return body


def post_end(sender: Sender, episode: Episode, end: End, seconds: float) -> None:
    """Ends the episode at the recorder.

    Raises:
        Unavailable, Refused: as `deliver`.
    """
    sender.transport.post(
        f"The end of episode {episode.id}",
        f"/v1/episodes/{episode.id}/end",
        encode_json(end_body(episode, end)),
        lambda answer: isinstance(answer, dict) and str(answer.get("episode_id", "")).upper() == episode.id,
        seconds=seconds,
    )
