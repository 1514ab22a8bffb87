"""Sends what all loggers of one recorder have waiting: many episodes in one request, one request of an episode at a time.

Whoever finds work and nobody at it leads: takes all that waits, sends it, tells the callers. A lone thread that records in lockstep leads
for its own step, which spares it two changes of thread; the sender's own thread leads for tasks, for the background, and for what a
leader leaves behind. What gathers while a request is under way goes with the next one.
"""

from __future__ import annotations

import logging
import threading
from typing import List, Optional, Tuple

from . import heartbeat
from .answers import NoAnswer
from .batch import MAX_BYTES, MAX_EPISODES, MAX_STEPS, BatchAnswer, Outcome, Part, Refusal, request_of
from .budget import QUEUE_BYTES, QUEUE_STEPS, Budget
from .episode import Episode
from .errors import RollbookError
from .retry import Clock, backoff, held, release
from .settings import Settings
from .spool import Spool, SpoolFull, spool_bytes, spool_directory
from .tasks import wake
from .transport import Transport
from .uploads import Uploads
from .waiters import ThreadWaiter, Woken
from .waiting import WaitingEpisodes

# Tries of one episode that is unavailable while others are not, some ten seconds, before it goes to the spool.
_SPOOL_AFTER = 8

_log = logging.getLogger("rollbook")


class Sender:
    """One for each recorder that the loggers of this process record to.

    Args:
        settings: the recorder.
        clock: time.
        spools: whether what no server takes goes to a spool.

    Attributes:
        spool: the spool, None if what no server takes waits in memory.
        transport: its connections, for starts, ends and reads too.
        budget: the bound of what waits in the background.
        clock: time.

    Example:
        >>> from rollbook.episode import Episode
        >>> from rollbook.sender import Sender
        >>> from rollbook.settings import read_settings
        >>> sender = Sender(read_settings())
        >>> sender.flush(Episode("01K00000000000000000000000", 0, 1), 120.0)     # nothing waits
        >>> sender.close()
    """

    def __init__(self, settings: Settings, clock: Optional[Clock] = None, spools: bool = False) -> None:
        self.clock = clock or Clock()
        self.transport = Transport(settings, self.clock)
        self.budget = Budget(QUEUE_STEPS, QUEUE_BYTES)
        self._open = heartbeat.OpenEpisodes()
        self.spool: Optional[Spool] = None
        if spools:
            self.spool = Spool(spool_directory(), spool_bytes(), self.transport, self.clock, self._open.refused)
            self.spool.delivery.reopened = self._open.reopened
        self._uploads = Uploads(self.transport)
        self._waiting = WaitingEpisodes()
        self._failures = 0
        self._lead = threading.Lock()
        self._leader: Optional[int] = None
        self._pausing = False
        self._nudge = held()
        self._wake = held()
        self._thread: Optional[threading.Thread] = None
        self._thread_lock = threading.Lock()
        self._closed = False

    def check_not_inside(self) -> None:
        """For signal handlers: a call in the middle of this thread's own request would wait for itself.

        Raises:
            RollbookError: this thread is sending.
        """
        if self._leader == threading.get_ident():
            raise RollbookError("This thread is in the middle of a call that sends; call again after it has returned.")

    def opened(self, episode: Episode) -> None:
        """The episode runs: the sender keeps it alive with heartbeats while nothing is recorded."""
        episode.last_write = self.clock.now()
        self._open.add(episode)
        self._wake_thread()

    def closed(self, episode: Episode) -> None:
        """The episode has ended."""
        self._open.discard(episode)

    def submit(self, episode: Episode) -> None:
        """Something was added to the episode's outbox. Never waits, but for starting the thread."""
        self._waiting.add(episode)
        if self._lead.locked():
            if self._pausing:
                release(self._nudge)
        else:
            self._wake_thread()

    def send(self, episode: Episode, waiter: ThreadWaiter) -> None:
        """As `submit`, and waits until the waiter has been settled; this thread sends if nobody else does.

        Raises:
            Unavailable: not known durable in time; it stays in the outbox.
            Refused: the recorder will not take it.
        """
        self._waiting.add(episode)
        if self._lead.acquire(blocking=False):
            try:
                self._leader = threading.get_ident()
                self._run(waiter)
            except BaseException:
                waiter.leave()
                raise
            finally:
                self._leave()
        elif self._pausing:
            release(self._nudge)
        waiter.wait()

    def flush(self, episode: Episode, seconds: float) -> None:
        """Sends all that waits in the episode's outbox.

        Raises:
            Unavailable: something is not known durable.
        """
        if not episode.is_empty:
            waiter = ThreadWaiter(self.clock.now(), seconds)
            episode.mark(waiter)
            self.send(episode, waiter)

    def close(self) -> None:
        """Ends the thread and closes the connections. What waits stays where it is; a later call goes on with it."""
        with self._thread_lock:
            self._closed = True
            thread, self._thread = self._thread, None
        release(self._wake)
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=1.0)
        if self.spool is not None:
            self.spool.close()
        self.transport.close()

    def waiting(self) -> List[Episode]:
        """The episodes of which something is not known durable."""
        known = [*self._waiting.all(), *self._open.all()]
        return list({id(episode): episode for episode in known if episode.unsettled}.values())

    def beat(self) -> float:
        """Sends the heartbeats that are due; seconds until the next may be."""
        if self.spool is not None and self.spool.active:
            return heartbeat.BEAT_SECONDS  # what the recorder does not know yet must not be taken for ended
        return self._open.beat(self.transport, self.clock.now())

    def _run(self, own: Optional[ThreadWaiter]) -> None:
        """Leads, until nothing waits or, for a caller, until its own has been settled."""
        woken: Woken = {}
        try:
            while not self._closed or own is not None:
                due = self._waiting.due
                if due is not None:
                    self._waiting.call_back(self.clock.now())
                    due = self._waiting.due
                parts = self._gather(woken)
                if parts:
                    self._deliver(parts, woken)
                elif not self._waiting.ready:
                    if due is None:
                        return
                    self._pause(due - self.clock.now())
                if own is not None and own.done:
                    return
        finally:
            wake(woken)

    def _leave(self) -> None:
        self._leader = None
        self._lead.release()
        # Whoever added something while this thread led saw that somebody leads, and did nothing more.
        if self._waiting.any:
            self._wake_thread()

    def _gather(self, woken: Woken) -> "List[Tuple[Part, Episode]]":
        """What the next request holds."""
        waiting = self._waiting
        parts: "List[Tuple[Part, Episode]]" = []
        steps, size = MAX_STEPS, MAX_BYTES
        while waiting.ready and len(parts) < MAX_EPISODES and steps > 0:
            episode = waiting.next()
            if episode.in_flight:
                continue
            part = episode.take(steps, size, woken)
            if part is None:
                continue
            if parts and (part.size > size or episode.alone):
                episode.unknown(part)
                waiting.put_back(episode)
                break
            parts.append((part, episode))
            steps -= len(part.lines)
            size -= part.size
            if episode.alone:
                break
        return parts

    def _deliver(self, taken: "List[Tuple[Part, Episode]]", woken: Woken) -> None:
        """Sends one request; each part is acknowledged, refused, or put back."""
        episodes = {part.episode_id: episode for part, episode in taken}
        parts = [part for part, _ in taken]

        def settle(part: Part, outcome: Outcome) -> None:
            self._settle(part, episodes[part.episode_id], outcome, woken)

        if self._to_spool(taken, woken):
            return
        answer = BatchAnswer(parts, settle, lambda: wake(woken))
        unknown = NoAnswer("the answer does not name it")
        pause: Optional[float] = None
        try:
            if self._uploads.put(parts, answer):
                for part in list(answer.open.values()):
                    self._again(episodes[part.episode_id], part)
                wake(woken)
                return
            whole = self.transport.attempt(request_of(parts), answer.read)
        except NoAnswer as e:
            unknown = e
            pause = max(backoff(self._failures, self.clock), e.retry_after or 0.0)
            self._failures += 1
            open = [(part, episodes[part.episode_id]) for part in answer.open.values()]
            if open and self._to_spool(open, woken, begin=True):
                answer.open.clear()
        except BaseException:  # an interrupt: what was sent has an unknown fate and stays
            for part in list(answer.open.values()):
                self._again(episodes[part.episode_id], part)
            raise
        else:
            if self._failures:
                self._failures = 0
                self._waiting.unpark()
            if whole is not None:
                self._refused_as_a_whole(episodes, list(answer.open.values()), whole)
                answer.open.clear()
        for part in list(answer.open.values()):
            self._unknown(part, episodes[part.episode_id], unknown, pause, woken)
        wake(woken)

    def _to_spool(self, taken: "List[Tuple[Part, Episode]]", woken: Woken, begin: bool = False) -> bool:
        """Whether the spool has taken care of the parts; False: send them."""
        if self.spool is None or not (begin or self.spool.active):
            return False
        try:
            if not self.spool.add_parts([part for part, _ in taken], begin):
                return False
        except SpoolFull as e:
            for part, episode in taken:
                self._unknown(part, episode, NoAnswer(str(e)), None, woken)
        else:
            for part, episode in taken:
                self._settle(part, episode, None, woken)
        wake(woken)
        return True

    def _settle(self, part: Part, episode: Episode, outcome: Outcome, woken: Woken) -> None:
        if isinstance(outcome, NoAnswer):
            if episode.failures > _SPOOL_AFTER and self._to_spool([(part, episode)], woken, begin=True):
                return
            self._unknown(part, episode, outcome, None, woken)
            return
        if outcome is not None and outcome.problem.get("code") == "unknown_blob" and self._uploads.lost(part):
            self._again(episode, part)
            return
        if outcome is None:
            size = episode.acknowledge(part, woken, self.clock.now())
        else:
            size = episode.refuse(part, outcome, woken)
        if size and episode.background:
            self.budget.give_back(len(part.lines), size)
        if not episode.is_empty:
            self._waiting.add(episode)

    def _unknown(self, part: Part, episode: Episode, why: NoAnswer, pause: Optional[float], woken: Woken) -> None:
        """The part must go again, later: after the pause of all, or of this episode alone."""
        episode.queued = True  # before it looks as if nothing of it were on its way
        episode.unknown(part)
        if pause is None:
            pause = max(backoff(episode.failures, self.clock), why.retry_after or 0.0)
            episode.failures += 1
        now = self.clock.now()
        earliest = episode.expire(now, why.problem, self.transport.addresses, woken)
        if earliest is None and not episode.background:
            self._waiting.park(episode)
            return
        due = now + pause if earliest is None else min(now + pause, earliest)
        self._waiting.later(episode, due)

    def _refused_as_a_whole(self, episodes: "dict[str, Episode]", parts: List[Part], refusal: Refusal) -> None:
        """Nothing was taken, and it need not be about all: each episode asks for itself."""
        for part in parts:
            episode = episodes[part.episode_id]
            episode.alone = True
            self._again(episode, part)

    def _again(self, episode: Episode, part: Part) -> None:
        episode.unknown(part)
        self._waiting.again(episode)

    def _pause(self, seconds: float) -> None:
        self._pausing = True
        try:
            if not self._waiting.ready and seconds > 0:
                self.clock.pause(self._nudge, seconds)
        finally:
            self._pausing = False

    def _wake_thread(self) -> None:
        if self._thread is None:
            self._start_thread()
        release(self._wake)

    def _start_thread(self) -> None:
        with self._thread_lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="rollbook-sender", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        """The thread: leads when there is work and nobody at it, and keeps open episodes alive."""
        while not self._closed:
            try:
                if self._waiting.any and self._lead.acquire(blocking=False):
                    try:
                        self._leader = threading.get_ident()
                        self._run(None)
                    finally:
                        self._leave()
                seconds = self.beat()
            except Exception:
                # Nothing is lost by it: what waits is still there. But without this thread it would wait for ever.
                _log.exception("The sender met an error of its own; it goes on in a second.")
                seconds = 1.0
            if not self._closed:
                self.clock.idle(self._wake, seconds)
