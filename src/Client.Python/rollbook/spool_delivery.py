"""Sends the records of a spool, in their order, as often as it takes."""

from __future__ import annotations

import logging
import threading
from typing import Any, Callable, Dict, List, Optional, Set, Tuple
from urllib.parse import quote

from .answers import Answer, NoAnswer, Request
from .batch import MAX_BYTES, MAX_EPISODES, MAX_STEPS, BatchAnswer, Outcome, Part, Refusal, request_of
from .blobs import put_request, read_put
from .content import encode_json
from .retry import Clock, backoff
from .spool_beside import note_reopened, read_reopened, refuse, refused_path
from .spool_file import Record, SpoolFile, frame, step_lines, steps_record
from .transport import Transport

# Told of a record that the recorder will not take: its episode, why, and the file that keeps it.
Refused = Callable[[str, Refusal, str], None]

# How long a start waits for another live writer of its worker: longer than a silent one counts as live.
_BUSY_SECONDS = 90.0

_log = logging.getLogger("rollbook")


class SpoolDelivery:
    """Sends a file from its start; a repeat is harmless, so nothing is kept of how far it came.

    Attributes:
        reopened: told of an episode that had ended as lost, since its steps lay here, and its new epoch.

    Example:
        >>> from rollbook.retry import Clock
        >>> from rollbook.settings import read_settings
        >>> from rollbook.spool_delivery import SpoolDelivery
        >>> from rollbook.transport import Transport
        >>> delivery = SpoolDelivery(Transport(read_settings()), Clock(), print, lambda: False)
        >>> delivery.forget()
    """

    def __init__(self, transport: Transport, clock: Clock, refused: Refused, stopped: Callable[[], bool]) -> None:
        self._transport = transport
        self._clock = clock
        self._refused = refused
        self._stopped = stopped
        self.reopened: Callable[[str, int], None] = lambda episode_id, epoch: None
        self._nudge = threading.Lock()
        self._nudge.acquire()
        self.forget()

    def forget(self) -> None:
        """Another file begins."""
        self._sent_to = 0
        self._failures = 0
        self._shift: Dict[str, int] = {}  # steps of an episode that were refused, so that those behind them move up
        self._epochs: Dict[str, int] = {}  # of lost episodes that were re-opened
        self._reopened: Set[str] = set()  # by this sender, which does so once
        self._dead: Dict[str, Refusal] = {}  # episodes whose start was refused
        self._parts: Dict[str, Tuple[Part, List[Record]]] = {}
        self._size = 0

    def nudge(self) -> None:
        """Ends a pause."""
        try:
            self._nudge.release()
        except RuntimeError:
            pass

    def send(self, file: SpoolFile) -> Optional[int]:
        """Sends what is in the file and has not been sent; the place up to which all has been, None if it was stopped."""
        end = self._sent_to
        if not end:
            self._epochs = read_reopened(file.path)  # by whoever was at it before
        for record in file.records(self._sent_to):
            if self._stopped():
                return None
            self._one(file, record)
            end = record.end
        if not self._flush(file):
            return None
        # What lies behind the last whole record is torn: it was never acknowledged.
        self._sent_to = max(end, self._sent_to)
        if self._sent_to < file.size and not any(True for _ in file.records(self._sent_to)):
            return file.size
        return self._sent_to

    def _one(self, file: SpoolFile, record: Record) -> None:
        value = record.value
        if value is None:
            _log.error("A record of the spool %s is damaged before byte %d; its bytes are kept in %s.", file.path, record.end, refused_path(file.path))
            refuse(file.path, record.raw, {"code": "damaged", "detail": "the record's checksum does not match"})
            return
        do, id = value.get("do"), str(value.get("episode_id", "")).upper()
        if id in self._dead:
            self._refuse(file, record, id, self._dead[id])
        elif do == "steps":
            self._add(file, record, value, id)
        elif do == "blob":
            self._put(file, record, value)  # what was gathered before does not need it
        elif do in _PATHS or do == "start":
            self._flush(file)
            self._request(file, record, value, id)
        else:
            refuse(file.path, record.raw, {"code": "unknown_record", "detail": f"this client does not know {do!r}"})

    def _add(self, file: SpoolFile, record: Record, value: Dict[str, Any], id: str) -> None:
        lines = step_lines(record.raw[9:])
        first = int(value["from"]) - self._shift.get(id, 0)
        part = Part(id, self._epoch(id, value.get("writer_epoch")), first, lines)
        known = self._parts.get(id)
        full = len(self._parts) >= MAX_EPISODES or self._size + part.size > MAX_BYTES
        if known is not None and (known[0].next_ordinal != first or known[0].epoch != part.epoch):
            full = True
        if full or sum(len(p.lines) for p, _ in self._parts.values()) + len(lines) > MAX_STEPS:
            self._flush(file)
            part.first = int(value["from"]) - self._shift.get(id, 0)
            part.epoch = self._epoch(id, part.epoch)
            known = None
        if known is None:
            self._parts[id] = (part, [record])
        else:
            merged = Part(id, part.epoch, known[0].first, known[0].lines + lines)
            self._parts[id] = (merged, known[1] + [record])
        self._size += part.size

    def _flush(self, file: SpoolFile) -> bool:
        """Sends the steps gathered; False if it was stopped before."""
        waiting, self._parts, self._size = self._parts, {}, 0
        open = [part for part, _ in waiting.values()]
        while open and not self._stopped():
            refused: List[Tuple[Part, Refusal]] = []
            open = self._attempt(open, refused)
            for part, refusal in refused:
                records = waiting[part.episode_id][1]
                if refusal.problem.get("code") == "episode_ended" and self._reopen(file, part.episode_id, part.epoch):
                    part.epoch = self._epochs[part.episode_id]
                    open.append(part)
                elif len(part.lines) > 1 and not refusal.is_whole:
                    self._one_by_one(file, part, records)
                else:
                    self._drop(file, part, records, refusal)
        return not open

    def _attempt(self, parts: List[Part], refused: List[Tuple[Part, Refusal]]) -> List[Part]:
        """One request; the parts that must go again."""

        def settle(part: Part, outcome: Outcome) -> None:
            if isinstance(outcome, Refusal):
                refused.append((part, outcome))
            elif outcome is not None:
                again.append(part)

        again: List[Part] = []
        answer = BatchAnswer(parts, settle, lambda: None)
        try:
            whole = self._transport.attempt(request_of(parts), answer.read)
        except NoAnswer as e:
            self._pause(e.retry_after)
            return [*again, *answer.open.values()]
        left = list(answer.open.values())
        if whole is not None:
            # Nothing was taken, and it need not be about all.
            return [open for part in left for open in self._alone(part, refused)]
        if again or left:
            self._pause(None)
        else:
            self._failures = 0
        return [*again, *left]

    def _alone(self, part: Part, refused: List[Tuple[Part, Refusal]]) -> List[Part]:
        open = [part]
        while open and not self._stopped():
            open = self._attempt(open, refused)
        return open

    def _one_by_one(self, file: SpoolFile, part: Part, records: List[Record]) -> None:
        """Finds the steps that the recorder will not take; those behind them move up."""
        first = part.first
        for line in part.lines:
            single = Part(part.episode_id, part.epoch, first, [line])
            refused: List[Tuple[Part, Refusal]] = []
            self._alone(single, refused)
            if refused:
                text = steps_record(part.episode_id, part.epoch, first, [line])
                self._drop(file, single, [Record(None, frame(text)[:-1], 0)], refused[0][1])
            else:
                first += 1

    def _drop(self, file: SpoolFile, part: Part, records: List[Record], refusal: Refusal) -> None:
        id = part.episode_id
        self._shift[id] = self._shift.get(id, 0) + len(part.lines)
        if refusal.is_whole and refusal.status not in (401, 403):
            self._dead[id] = refusal
        for record in records:
            self._refuse(file, record, id, refusal)

    def _request(self, file: SpoolFile, record: Record, value: Dict[str, Any], id: str) -> None:
        """A start, an end, a score or a label."""
        body = dict(value.get("body") or {})
        if value["do"] == "start":
            id = str(body.get("episode_id", "")).upper()
            path, key = f"/v1/workers/{quote(str(value.get('worker')), safe='~:@+')}/episodes", value.get("key")
        else:
            path, key = f"/v1/episodes/{id}/{_PATHS[value['do']]}", None
            if "next_ordinal" in body:
                body["next_ordinal"] -= self._shift.get(id, 0)
            if id in self._epochs and value["do"] == "end":
                body["writer_epoch"] = self._epoch(id, body.get("writer_epoch"))
        # The bytes as they were sent before, if they were: the recorder knows a repeat by its body.
        text = record.raw[record.raw.index(b'"body":') + 7 : -1] if value["do"] == "start" else encode_json(body)
        began = self._clock.now()
        while not self._stopped():
            try:
                answer = self._transport.once(Request("POST", path, text, key=key), lambda value: isinstance(value, dict))
            except NoAnswer as e:
                self._pause(e.retry_after)
                continue
            self._failures = 0
            busy = answer.problem().get("code") == "worker_busy" and self._clock.now() - began < _BUSY_SECONDS
            if busy:
                self._pause(answer.retry_after or 5.0)
                continue
            ended = value["do"] == "end" and answer.problem().get("code") in ("episode_ended", "end_conflict")
            if ended and self._reopen(file, id, body.get("writer_epoch")):
                text = encode_json({**body, "writer_epoch": self._epochs[id]})
                continue
            if not answer.accepted:
                self._request_refused(file, record, value["do"], id, answer)
            return

    def _put(self, file: SpoolFile, record: Record, value: Dict[str, Any]) -> None:
        """A large text, before the steps that name it."""
        request = put_request(str(value.get("sha256")), str(value.get("text")).encode("utf-8"))
        while not self._stopped():
            try:
                answer = self._transport.attempt(request, read_put)
            except NoAnswer as e:
                self._pause(e.retry_after)
                continue
            self._failures = 0
            if not answer.accepted:
                self._refuse(file, record, "", Refusal(answer.status, answer.problem(), answer.retry_after))
            return

    def _epoch(self, id: str, recorded: Optional[int]) -> Optional[int]:
        """The epoch that a record goes under: its own, or that of our re-opening, which came after it."""
        reopened = self._epochs.get(id)
        return recorded if reopened is None else max(reopened, recorded or 0)

    def _reopen(self, file: SpoolFile, id: str, epoch: Optional[int]) -> bool:
        """An episode that was silent past its deadline because its records lay here goes on; once, and only a lost one.

        Args:
            epoch: what the record was sent under. It was not fenced, so nobody has taken the episode over.
        """
        if id in self._reopened:
            return False
        episode = self._ask(Request("GET", f"/v1/episodes/{id}?steps=false"))
        if episode is None or episode.get("status") != "lost":
            return False
        body = encode_json({"worker": episode.get("worker"), "writer": "rollbook-spool"})
        resumed = self._ask(Request("POST", f"/v1/episodes/{id}/resume", body))
        ours = resumed.get("writer_epoch") if resumed is not None else None
        if not isinstance(ours, int) or (epoch is not None and ours > epoch + 1):
            return False  # somebody took it over in between: the steps would stand among theirs
        note_reopened(file.path, id, ours)
        self._reopened.add(id)
        self._epochs[id] = ours
        self.reopened(id, ours)
        return True

    def _ask(self, request: Request) -> Optional[Dict[str, Any]]:
        while not self._stopped():
            try:
                answer = self._transport.once(request, lambda value: isinstance(value, dict))
            except NoAnswer as e:
                self._pause(e.retry_after)
                continue
            return answer.value if answer.accepted else None
        return None

    def _request_refused(self, file: SpoolFile, record: Record, do: str, id: str, answer: Answer) -> None:
        refusal = Refusal(answer.status, answer.problem(), answer.retry_after)
        if do == "start":
            self._dead[id] = refusal
        self._refuse(file, record, id, refusal)

    def _refuse(self, file: SpoolFile, record: Record, id: str, refusal: Refusal) -> None:
        problem = refusal.problem
        kept = refused_path(file.path)
        refuse(file.path, record.raw, {"status": refusal.status, "code": problem.get("code"), "detail": problem.get("detail")})
        _log.error(
            "A record of episode %s in the spool %s was refused (%s: %s) and is kept in %s; once the cause is mended, "
            "`rollbook import --spool %s` sends it again.",
            id, file.path, problem.get("code") or f"HTTP {refusal.status}", problem.get("detail"), kept, kept,
        )  # fmt: skip
        self._refused(id, refusal, kept)

    def _pause(self, retry_after: Optional[float]) -> None:
        seconds = max(backoff(self._failures, self._clock), retry_after or 0.0)
        self._failures += 1
        self._clock.pause(self._nudge, seconds)


_PATHS = {"end": "end", "score": "scores", "label": "labels"}
