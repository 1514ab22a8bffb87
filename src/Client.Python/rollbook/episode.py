"""One episode as its writer sees it: the next ordinal and what the recorder has not acknowledged yet."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, List, NamedTuple, Optional, Tuple, Union

from .content import encode_json
from .errors import OutboxFull, Refused
from .steps import Number
from .transport import Transport

# While the server is away each call adds a step; this bounds the memory that they take.
OUTBOX_BYTES = 64 * 1024 * 1024


class Step(NamedTuple):
    """A step that waits for its acknowledgement.

    Example:
        >>> from rollbook.episode import Step
        >>> Step(1, b"{}").step_number
        1
    """

    step_number: int
    line: bytes


class End(NamedTuple):
    """An ending that waits for its acknowledgement.

    Example:
        >>> from rollbook.episode import End
        >>> End(0.5, None).final_score
        0.5
    """

    final_score: Optional[Number]
    end_cause: Optional[str]


class Episode:
    """The writer's side of one episode.

    Only the head of the outbox can have been sent, so it alone has an ordinal, `next_ordinal`, and keeps it; what stands behind
    takes its ordinal when it becomes the head. A step that the recorder refuses for good leaves no gap that way.

    Attributes:
        id: the episode's id.
        next_ordinal: the ordinal of the head of the outbox, or of the next step.
        ending: the acknowledged ending, None while it runs.

    Example:
        >>> from rollbook.episode import Episode
        >>> Episode("01K00000000000000000000000", 0, 1).next_ordinal
        0
    """

    def __init__(self, id: str, next_ordinal: int, writer_epoch: Optional[int]) -> None:
        self.id = id
        self.next_ordinal = next_ordinal
        self.ending: Optional[End] = None
        self._writer_epoch = writer_epoch
        self._outbox: Deque[Union[Step, End]] = deque()
        self._bytes = 0

    @property
    def last_ending(self) -> Optional[End]:
        """The ending that was asked for last, acknowledged or not."""
        for item in reversed(self._outbox):
            if isinstance(item, End):
                return item
        return self.ending

    def add(self, item: Union[Step, End]) -> None:
        """Puts an item last in the outbox.

        Raises:
            OutboxFull: no room; it was not taken.
        """
        size = len(item.line) if isinstance(item, Step) else 0
        if self._outbox and self._bytes + size > OUTBOX_BYTES:
            raise OutboxFull(
                f"{len(self._outbox)} steps ({self._bytes:,} bytes) wait for the server; this one was not taken. "
                "Wait until flush() returns."
            )
        self._outbox.append(item)
        self._bytes += size

    def send(self, transport: Transport) -> None:
        """Sends what waits, in order.

        Raises:
            Unavailable: an item's fate is unknown; it and those behind it stay.
            Refused: an item was refused for good and left out; those behind it have been sent all the same.
        """
        refused: List[Tuple[Refused, bool]] = []
        while self._outbox:
            item = self._outbox[0]
            own = len(self._outbox) == 1
            try:
                self._send_one(item, transport)
            except Refused as e:
                refused.append((e, own))
            self._outbox.popleft()
            if isinstance(item, Step):
                self._bytes -= len(item.line)
        if refused:
            raise _one_of(refused)

    def _send_one(self, item: Union[Step, End], transport: Transport) -> None:
        fence = "" if self._writer_epoch is None else f"&writer_epoch={self._writer_epoch}"
        if isinstance(item, Step):
            after = self.next_ordinal + 1
            transport.post(
                f"Step {item.step_number} (ordinal {self.next_ordinal}) of episode {self.id}",
                f"/v1/episodes/{self.id}/steps?from={self.next_ordinal}{fence}",
                item.line,
                lambda answer: isinstance(answer, dict) and answer.get("next_ordinal") == after,
                step_number=item.step_number,
            )
            self.next_ordinal = after
            return
        body = {"final_score": item.final_score, "end_cause": item.end_cause, "next_ordinal": self.next_ordinal}
        if self._writer_epoch is not None:
            body["writer_epoch"] = self._writer_epoch
        transport.post(
            f"The end of episode {self.id}", f"/v1/episodes/{self.id}/end", encode_json(body), self._is_end
        )
        self.ending = item

    def _is_end(self, answer: Any) -> bool:
        return isinstance(answer, dict) and str(answer.get("episode_id", "")).upper() == self.id.upper()


def _one_of(refused: "List[Tuple[Refused, bool]]") -> Refused:
    """The exception to raise: the one of the caller's own item, else the first, saying that it was an earlier one's."""
    error, own = refused[-1]
    if own:
        if len(refused) > 1:
            error.__cause__ = refused[0][0]
        return error
    first = refused[0][0]
    first.args = (f"An earlier call's item, of unknown fate until now, was not recorded; this call's was. {first}",)
    return first
