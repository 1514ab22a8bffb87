"""One episode as its writer sees it: the next ordinal and what the recorder has not acknowledged yet."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Deque, List, NamedTuple, Optional

from .batch import Part, Refusal
from .blobs import weight
from .errors import OutboxFull, Refused, Unavailable, from_answer
from .steps import Number
from .transport import gave_up
from .waiters import Waiter, Woken

# `bytes` is a method's name inside Episode.
_Line = bytes

# While the server is away each call adds a step; this bounds the memory that they take.
OUTBOX_BYTES = 64 * 1024 * 1024

# Refusals kept for the next call; a writer that was fenced may have thousands of steps behind it.
_UNREPORTED = 100


class End(NamedTuple):
    """An ending that waits for its acknowledgement.

    Example:
        >>> from rollbook.episode import End
        >>> End(0.5, None).final_score
        0.5
    """

    final_score: Optional[Number]
    end_cause: Optional[str]
    end_time: Optional[float] = None

    def same(self, other: "Optional[End]") -> bool:
        """Whether both say the same; the time is the recorder's unless it is kept in a spool."""
        return other is not None and self[:2] == other[:2]


class Item:
    """A place in an outbox: a step, a step that is being encoded, or a mark that a caller waits at.

    Attributes:
        number: the caller's own number of the step; None for a mark.
        line: the step as JSON; None for a mark, or while it is being encoded.
        encoding: whether the line is still to come; nothing behind it may be sent before.
        waiter: who waits for it.

    Example:
        >>> from rollbook.episode import Item
        >>> Item(1, b"{}").encoding
        False
    """

    __slots__ = ("number", "line", "encoding", "waiter")

    def __init__(
        self, number: Optional[int], line: Optional[bytes], waiter: Optional[Waiter] = None, encoding: bool = False
    ) -> None:
        self.number = number
        self.line = line
        self.waiter = waiter
        self.encoding = encoding


class Episode:
    """The writer's side of one episode.

    The caller's thread appends to the outbox, whoever leads the sender takes from it; each counts in a number of its own, so
    that neither waits for the other. Only what is in flight has ordinals, from `next_ordinal` on, and keeps them; what stands
    behind takes its ordinal when it is sent. A step that the recorder refuses for good leaves no gap that way.

    Attributes:
        id: the episode's id.
        next_ordinal: the ordinal of the head of the outbox, or of the next step.
        epoch: this writer's epoch.
        background: whether the sender goes on by itself when nobody waits.
        patience: how long a call waits for the recorder, in seconds.
        ending: the acknowledged ending, None while it runs.
        ends: endings that wait for their acknowledgement, behind the outbox.
        unreported: refusals of items whose caller had gone; the next call raises them.
        fatal: why the episode takes nothing more from this writer.
        last_write: when the recorder last heard of it, in the clock's seconds.

    Example:
        >>> from rollbook.episode import Episode, Item
        >>> episode = Episode("01K00000000000000000000000", 0, 1)
        >>> episode.add(Item(1, b"{}"))
        >>> episode.take(1000, 1000, {}).first
        0
    """

    def __init__(
        self,
        id: str,
        next_ordinal: int,
        epoch: Optional[int],
        background: bool = False,
        patience: float = 120.0,
        now: float = 0.0,
    ) -> None:
        self.id = id.upper()
        self.patience = patience
        self.next_ordinal = next_ordinal
        self.epoch = epoch
        self.background = background
        self.ending: Optional[End] = None
        self.ends: List[End] = []
        self.unreported: List[Refused] = []
        self.fatal: Optional[Refused] = None
        self.last_write = now
        # The sender's own: whether it knows that something waits, what is in flight, and how the next request must look.
        self.queued = False
        self.alone = False
        self.failures = 0
        self._one_by_one = 0
        self._outbox: Deque[Item] = deque()
        self._flying: List[Item] = []
        self._bytes_added = 0
        self._bytes_gone = 0

    @property
    def last_ending(self) -> Optional[End]:
        """The ending that was asked for last, acknowledged or not."""
        return self.ends[-1] if self.ends else self.ending

    @property
    def waits(self) -> int:
        """How many steps wait for their acknowledgement."""
        return sum(1 for item in _look(self._outbox) if item.number is not None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits in the outbox."""
        return not self._outbox

    @property
    def unsettled(self) -> bool:
        """Whether something of it is not known durable, or was refused and no call has said so."""
        return bool(self._outbox or self.ends or self.unreported)

    @property
    def bytes(self) -> int:
        """The bytes of the steps that wait."""
        return self._bytes_added - self._bytes_gone

    @property
    def in_flight(self) -> bool:
        """Whether steps of it have been sent and not answered."""
        return bool(self._flying)

    def add(self, item: Item) -> None:
        """Puts an item last in the outbox.

        Raises:
            OutboxFull: no room; it was not taken.
        """
        if item.line is not None:
            size = weight(item.line)
            if self._bytes_added - self._bytes_gone + size > OUTBOX_BYTES and self._outbox:
                raise OutboxFull(
                    f"{self.waits} steps ({self.bytes:,} bytes) wait for the server; this one was not taken. "
                    "Wait until flush() returns."
                )
            self._bytes_added += size
        self._outbox.append(item)

    def mark(self, waiter: Waiter) -> None:
        """Puts a mark last in the outbox: its waiter is settled when all before it has been."""
        self._outbox.append(Item(None, None, waiter))

    def fill(self, item: Item, line: Optional[_Line]) -> None:
        """Gives a step its line, or takes it back (None); it has been in the outbox while it was encoded."""
        if line is None:
            item.number = None  # a mark that nobody waits at
        else:
            item.line = line
            self._bytes_added += weight(line)
        item.encoding = False

    def take(self, steps: int, size: int, woken: Woken) -> Optional[Part]:
        """What goes into the next request: up to so many steps and bytes, one step at least; None if there is nothing to send."""
        assert not self._flying
        limit = 1 if self._one_by_one else steps
        lines: List[bytes] = []
        for item in _look(self._outbox, limit + 16):
            if item.encoding or (item.line is not None and len(lines) == limit):
                break
            if item.line is not None:
                size -= len(item.line)
                if size < 0 and lines:
                    break
                lines.append(item.line)
            self._flying.append(item)
        if lines:
            return Part(self.id, self.epoch, self.next_ordinal, lines)
        self._pop(woken)  # marks alone: nothing is left before them
        return None

    def acknowledge(self, part: Part, woken: Woken, now: float) -> int:
        """The part is durable; returns the bytes that leave the outbox."""
        self.next_ordinal = part.next_ordinal
        self.last_write = now
        self.failures = 0
        self.alone = False
        if self._one_by_one:
            self._one_by_one -= 1
        return self._pop(woken)

    def refuse(self, part: Part, refusal: Refusal, woken: Woken) -> int:
        """The part was refused for good; returns the bytes that leave the outbox.

        A refusal of several steps need not be about each: they go again, one by one.
        """
        self.failures = 0
        self.alone = False
        if len(part.lines) > 1 and not refusal.is_whole:
            self._one_by_one = len(part.lines)
            self._flying = []
            return 0
        if self._one_by_one:
            self._one_by_one -= 1
        if refusal.is_whole and refusal.status not in (401, 403):
            self.fatal = self.error("The episode's next step", refusal, None)
        return self._pop(woken, refusal)

    def unknown(self, part: Part) -> None:
        """The part's fate is unknown: it stays, with its ordinals."""
        self._flying = []

    def expire(self, now: float, problem: str, addresses: int, woken: Woken) -> Optional[float]:
        """Settles the waiters whose time is over; returns the earliest deadline of the others, None if nobody else waits."""
        earliest: Optional[float] = None
        ordinal = self.next_ordinal
        for item in _look(self._outbox):
            waiter = item.waiter
            if waiter is not None:
                if waiter.deadline <= now:
                    waited = now - waiter.since
                    message = gave_up(self._unknown_prefix(item, ordinal), problem, waited, addresses)
                    item.waiter = None
                    waiter.settle(Unavailable(message, waited), woken, _forget)
                elif earliest is None or waiter.deadline < earliest:
                    earliest = waiter.deadline
            if item.number is not None:
                ordinal += 1
        return earliest

    def error(self, what: str, refusal: Refusal, number: Optional[int]) -> Refused:
        """The exception for a refusal."""
        return from_answer(what, refusal.status, refusal.problem, refusal.retry_after, number)

    def report(self, error: Exception) -> None:
        """Keeps a refusal for the next call."""
        if isinstance(error, Refused) and len(self.unreported) < _UNREPORTED:
            self.unreported.append(error)

    def take_unreported(self) -> List[Refused]:
        """The refusals that no call has raised yet; afterwards they count as raised."""
        taken, self.unreported = self.unreported, []
        return taken

    def _pop(self, woken: Woken, refusal: Optional[Refusal] = None) -> int:
        """Takes what was in flight out of the outbox."""
        size = 0
        ordinal = self.next_ordinal
        outbox = self._outbox
        for item in self._flying:
            outbox.popleft()
            error: Optional[Exception] = None
            if item.line is not None:
                size += weight(item.line)
                if refusal is not None:
                    what = f"Step {item.number} (ordinal {ordinal}) of episode {self.id}"
                    error = self.error(what, refusal, item.number)
            waiter = item.waiter
            if waiter is not None:
                waiter.settle(error, woken, self.report)
            elif error is not None:
                self.report(error)
        self._flying = []
        self._bytes_gone += size
        return size

    def _unknown_prefix(self, item: Item, ordinal: int) -> str:
        if item.number is not None:
            return f"Step {item.number} (ordinal {ordinal}) of episode {self.id} is not known to be stored: "
        numbers = [item.number for item in _look(self._outbox) if item.number is not None]
        if len(numbers) < 2:
            step = f"Step {numbers[0]} (ordinal {self.next_ordinal})" if numbers else "A step"
            return f"{step} of episode {self.id} is not known to be stored: "
        named = f"{len(numbers)} steps (from step {numbers[0]}, ordinal {self.next_ordinal}, on)"
        return f"{named} of episode {self.id} are not known to be stored: "


def one_of(refused: List[Refused], own: Optional[Refused]) -> Refused:
    """The exception to raise: the one of the caller's own item, else the first, saying that it was an earlier one's.

    Example:
        >>> from rollbook import Refused
        >>> from rollbook.episode import one_of
        >>> str(one_of([Refused("Step 1 was refused.")], None))
        "An earlier call's item, of unknown fate until now, was not recorded; this call's was. Step 1 was refused."
    """
    if own is not None:
        if refused:
            own.__cause__ = refused[0]
        return own
    first = refused[0]
    more = f" ({len(refused) - 1} more were not.)" if len(refused) > 1 else ""
    first.args = (f"An earlier call's item, of unknown fate until now, was not recorded; this call's was. {first}{more}",)
    return first


def _look(outbox: Deque[Item], count: Optional[int] = None) -> List[Item]:
    """The first items as they stand; a caller may append meanwhile, which an iterator does not bear."""
    while True:
        try:
            return list(islice(outbox, count))
        except RuntimeError:
            continue


def _forget(error: Exception) -> None:
    """Not known durable is what the caller that has gone knows already."""
