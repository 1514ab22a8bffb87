"""Steps of many episodes as one request, and its answer, one episode at a time."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Union

from .answers import Answer, NoAnswer, Request, check_final
from .wire import Connection, Head

# The server's limits of a request are 1,000 episodes, 10,000 steps and 16 MiB; over 4 MiB it may be recorded in parts.
MAX_EPISODES = 1000
MAX_STEPS = 10_000
MAX_BYTES = 4 * 1024 * 1024

# What stands around a step in a request for many episodes.
OVERHEAD = 128

# The parser in C holds the interpreter, and an event loop beside it, until it is through.
_PARSED_AT_ONCE = 200

_STATUS = {"bad_json": 400, "bad_request": 400, "episode_not_found": 404, "episode_deleted": 410, "too_large": 413,
           "unknown_blob": 400, "busy": 429, "unavailable": 503}


class Part:
    """Consecutive steps of one episode.

    Attributes:
        episode_id: the episode.
        epoch: the writer's epoch, None for an unfenced one.
        first: the ordinal of the first step.
        lines: the steps as JSON.
        size: their bytes.

    Example:
        >>> from rollbook.batch import Part
        >>> Part("01K", 1, 7, [b"{}"]).next_ordinal
        8
    """

    __slots__ = ("episode_id", "epoch", "first", "lines", "size")

    def __init__(self, episode_id: str, epoch: Optional[int], first: int, lines: List[bytes]) -> None:
        self.episode_id = episode_id
        self.epoch = epoch
        self.first = first
        self.lines = lines
        self.size = sum(map(len, lines)) + OVERHEAD * len(lines)

    @property
    def next_ordinal(self) -> int:
        """What the acknowledgement must say."""
        return self.first + len(self.lines)


class Refusal(NamedTuple):
    """A final answer that is no acknowledgement.

    Attributes:
        status: the HTTP status.
        problem: the problem details.
        retry_after: the seconds that the server named.

    Example:
        >>> from rollbook.batch import Refusal
        >>> Refusal(409, {"code": "writer_fenced"}, None).is_whole
        True
    """

    status: int
    problem: Mapping[str, Any]
    retry_after: Optional[float]

    @property
    def is_whole(self) -> bool:
        """Whether it is about the episode or the caller, so that each step of the request meets the same."""
        code = self.problem.get("code")
        return self.status in (401, 403) or code in ("episode_ended", "episode_not_found", "episode_deleted", "writer_fenced", "damaged")


Outcome = Union[None, Refusal, NoAnswer]
Settle = Callable[[Part, Outcome], None]


def request_of(parts: Sequence[Part]) -> Request:
    """The request: the append of one episode, or that of many.

    Example:
        >>> from rollbook.batch import Part, request_of
        >>> request_of([Part("01K", 1, 7, [b'{"a":1}'])]).path
        '/v1/episodes/01K/steps?from=7&writer_epoch=1'
        >>> request_of([Part("01K", 1, 7, [b'{"a":1}']), Part("01M", None, 0, [b"{}"])]).body
        b'{"episode_id":"01K","writer_epoch":1,"ordinal":7,"step":{"a":1}}\\n{"episode_id":"01M","ordinal":0,"step":{}}\\n'
    """
    if len(parts) == 1:
        # Spares the server a stream and takes the largest step, which the lines of many would not.
        part = parts[0]
        fence = "" if part.epoch is None else f"&writer_epoch={part.epoch}"
        path = f"/v1/episodes/{part.episode_id}/steps?from={part.first}{fence}"
        if len(part.lines) == 1:
            return Request("POST", path, part.lines[0])
        return Request("POST", path, b"\n".join(part.lines), "application/x-ndjson")
    lines: List[bytes] = []
    for part in parts:
        head = b'{"episode_id":"%b",' % part.episode_id.encode("ascii")
        if part.epoch is not None:
            head += b'"writer_epoch":%d,' % part.epoch
        ordinal = part.first
        for line in part.lines:
            lines.append(b'%b"ordinal":%d,"step":%b}\n' % (head, ordinal, line))
            ordinal += 1
    return Request("POST", "/v1/steps", b"".join(lines), "application/x-ndjson")


class BatchAnswer:
    """Reads the answer to `request_of(parts)`, which may come several times: a part is settled once.

    Args:
        parts: what was sent.
        settle: takes each part with its outcome: None for "durable", `Refusal`, or `NoAnswer` for "send it again".
        rested: called when nothing more has arrived for now.

    Attributes:
        open: the parts without an outcome, by episode.

    Example:
        >>> from rollbook.batch import BatchAnswer, Part
        >>> part = Part("01K", 1, 7, [b"{}"])
        >>> answer = BatchAnswer([part], lambda part, outcome: print(part.episode_id, outcome), lambda: None)
        >>> answer.line(b'{"episode_id":"01K","next_ordinal":8,"duplicates":0}')
        01K None
        >>> answer.open
        {}
    """

    def __init__(self, parts: Sequence[Part], settle: Settle, rested: Callable[[], None]) -> None:
        self.open: Dict[str, Part] = {part.episode_id: part for part in parts}
        self._one = parts[0] if len(parts) == 1 else None
        self._settle = settle
        self._rested = rested

    def read(self, connection: Connection, head: Head) -> Optional[Refusal]:
        """The answer from a connection.

        Returns:
            The refusal of a request for many episodes as a whole; nothing of it was taken.

        Raises:
            NoAnswer: it must be sent again, as far as it is open.
        """
        if self._one is None and head.status == 200 and "ndjson" in head.headers.get("content-type", ""):
            for lines in connection.lines():
                for start in range(0, len(lines), _PARSED_AT_ONCE):
                    self._lines([line for line in lines[start : start + _PARSED_AT_ONCE] if line])
                self._rested()
            return None
        answer = Answer.read(connection, head)
        one = self._one
        check_final(answer, lambda value: one is not None and _next_ordinal(value) == one.next_ordinal)
        if answer.accepted and one is not None:
            self.close(one, None)
            return None
        refusal = Refusal(answer.status, answer.problem(), answer.retry_after)
        if one is None:
            return refusal
        self.close(one, refusal)
        return None

    def line(self, line: bytes) -> None:
        """One line of the answer for many episodes.

        Raises:
            NoAnswer: it is no such line.
        """
        try:
            value = json.loads(line)
        except ValueError:
            raise NoAnswer(f"the answer is not Rollbook's: {line[:80]!r}") from None
        self._one_of_many(value, line)

    def _lines(self, lines: List[bytes]) -> None:
        """As `line`, for several: one call of the parser costs as much as the parsing of a line."""
        try:
            values = json.loads(b"[%b]" % b",".join(lines))
            if len(values) != len(lines):
                raise ValueError
        except ValueError:
            for line in lines:  # those before the bad one count
                self.line(line)
            return
        for value, line in zip(values, lines):
            self._one_of_many(value, line)

    def _one_of_many(self, value: Any, line: bytes) -> None:
        try:
            part = self.open.get(value["episode_id"].upper())
            code = value.get("code")
        except (TypeError, KeyError, AttributeError):
            raise NoAnswer(f"the answer is not Rollbook's: {line[:80]!r}") from None
        if part is None:
            return
        if code is None:
            if _next_ordinal(value) != part.next_ordinal:
                raise NoAnswer(f"the answer is not Rollbook's: {line[:80]!r}")
            self.close(part, None)
        elif value.get("retry") or code in ("unavailable", "busy"):
            self.close(part, NoAnswer(f"{code} {value.get('detail') or ''}".rstrip(), _seconds(value.get("retry_after"))))
        else:
            self.close(part, Refusal(_STATUS.get(code, 409), value, None))

    def close(self, part: Part, outcome: Outcome) -> None:
        """The part has its outcome; a second one changes nothing."""
        if self.open.pop(part.episode_id, None) is not None:
            self._settle(part, outcome)


def _next_ordinal(value: Any) -> Any:
    return value.get("next_ordinal") if isinstance(value, dict) else None


def _seconds(value: Any) -> Optional[float]:
    return float(value) if isinstance(value, (int, float)) else None
