"""Delivers all that an episode has waiting: its steps, then its endings, and what was refused to whoever calls."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from .answers import NoAnswer, Request
from .content import encode_json
from .episode import End, Episode, one_of
from .errors import Refused, Unavailable, from_answer
from .sender import Sender
from .spool import SpoolFull, request_record


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
    body = encode_json(end_body(episode, end))
    request = Request("POST", f"/v1/episodes/{episode.id}/end", body)

    def is_end(answer: Any) -> bool:
        return isinstance(answer, dict) and str(answer.get("episode_id", "")).upper() == episode.id

    send(sender, f"The end of episode {episode.id}", request, request_record("end", episode.id, body), is_end, seconds)


def send(
    sender: Sender, what: str, request: Request, record: bytes, accept: Callable[[Any], bool], seconds: float
) -> Optional[Any]:
    """Sends a request of its own: to the recorder, or to the spool while no server answers.

    Args:
        what: what is sent, for messages.
        record: the request as the spool keeps it.
        accept: whether a 2xx answer is the acknowledgement.
        seconds: how long to try, without a spool.

    Returns:
        The answer; None from the spool.

    Raises:
        Unavailable, Refused: as `deliver`.
    """
    spool = sender.spool
    if spool is None:
        assert request.body is not None
        return sender.transport.post(what, request.path, request.body, accept, key=request.key, seconds=seconds)
    try:
        if spool.add([record]):
            return None
        try:
            answer = sender.transport.once(request, accept)
        except NoAnswer:
            spool.add([record], begin=True)
            return None
    except SpoolFull as e:
        raise Unavailable(f"{what} is not known to be stored: no server answers, and {e}.") from e
    if answer.accepted:
        return answer.value
    raise from_answer(what, answer.status, answer.problem(), answer.retry_after)
