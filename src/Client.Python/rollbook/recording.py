"""What both kinds of logger are at heart: one worker, its episode, and the calls that wait for the recorder."""

from __future__ import annotations

import os
import secrets
import threading
import time
from typing import Any, Dict, Mapping, NamedTuple, Optional
from urllib.parse import quote

from .answers import Request
from .blobs import weight
from .content import clean_text, encode_json
from .delivery import deliver, send
from .episode import End, Episode, Item, one_of
from .errors import EpisodeEnded, LoggerClosed, NoEpisode, OutboxFull, Refused, RollbookError
from .reads import read_worker
from .retry import Clock
from .scores import Scorer
from .sender import Sender
from .senders import release, sender_for
from .settings import read_policy, read_settings
from .spool import Spool, start_record
from .starts import Starter, encode_start, is_start
from .steps import number
from .ulid import new_ulid
from .waiters import ThreadWaiter
from .worker import WorkerName


class Arguments(NamedTuple):
    """What a logger was built with, so that a copy can be.

    Example:
        >>> from rollbook.recording import Arguments
        >>> Arguments(worker="gpu-7").background
        False
    """

    worker: Optional[str] = None
    url: Optional[str] = None
    api_key: Optional[str] = None
    retry_seconds: Optional[float] = None
    request_timeout: Optional[float] = None
    background: bool = False
    on_unavailable: Optional[str] = None


class Recording:
    """One worker's writer. Its calls block; they may come from any thread, one at a time (`entered`).

    Example:
        >>> from rollbook.recording import Arguments, Recording
        >>> recording = Recording(Arguments(worker="recording-1"), None)
        >>> with recording.entered():
        ...     len(recording.start({"task": "t", "variant_id": "v"}, None, None))
        26
        >>> recording.close()
    """

    def __init__(self, arguments: Arguments, clock: Optional[Clock]) -> None:
        self.arguments = arguments
        self.settings = read_settings(
            arguments.url, arguments.api_key, arguments.retry_seconds, arguments.request_timeout
        )
        self.policy = read_policy(arguments.on_unavailable)
        self.patience = 0.0 if self.policy == "raise" else self.settings.retry_seconds
        self.worker_name = WorkerName(arguments.worker)
        self.closed = False
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        """What a new process has: no episode, no sender, its own writer token, a free lock."""
        self.pid = os.getpid()
        self.episode: Optional[Episode] = None
        self.why_none: Optional[str] = None  # why there is no episode, where one was meant to be
        self._token: Optional[str] = None
        self._starter = Starter()
        self._sender: Optional[Sender] = None
        self._lock = threading.RLock()
        self._inside = False

    @property
    def _writer(self) -> str:
        """This writer's name, made when it is first told: a logger that only reads needs none."""
        if self._token is None:
            self._token = secrets.token_hex(16)
        return self._token

    @property
    def sender(self) -> Sender:
        """The recorder's sender."""
        if self._sender is None:
            self._sender = sender_for(self, self.settings, self._clock, self.policy == "spool")
        return self._sender

    @property
    def worker(self) -> str:
        """The worker's name; a default one is chosen, and held, by asking for it."""
        self.check_process()
        return self.worker_name.get()

    def entered(self) -> "Recording":
        """`with recording.entered():` one writing call at a time.

        Raises:
            LoggerClosed: it was closed.
            RollbookError: a signal handler came in the middle of this thread's call.
        """
        self.check_process()
        self._lock.acquire()
        try:
            if self.closed:
                raise LoggerClosed("This logger is closed; build another.")
            self.check_not_inside()
            self._inside = True
        except BaseException:
            self._lock.release()
            raise
        return self

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self._inside = False
        self._lock.release()

    def check_not_inside(self) -> None:
        """The lock is re-entrant, so only a signal handler gets here in the middle of a call; waiting would be for ever."""
        if self._inside:
            raise RollbookError("This logger is in the middle of a call on this thread; call again after it has returned.")
        if self._sender is not None:
            self._sender.check_not_inside()

    def check_process(self) -> None:
        """For forks that os.register_at_fork does not see."""
        if self.pid != os.getpid():
            self.after_fork()

    def start(
        self,
        fields: Dict[str, Any],
        metadata: Optional[Mapping[str, Any]],
        initial_observation: Optional[Any],
        takeover: Optional[bool] = None,
    ) -> str:
        """Starts an episode; see `TrajectoryLogger.start_episode`."""
        worker = self._leave_episode()
        fields = {**fields, "writer": self._writer, "takeover": self._may_take_over(takeover)}
        if self.sender.spool is not None:
            return self._start_without_server(self.sender, self.sender.spool, worker, fields, metadata, initial_observation)
        body = encode_start(fields, metadata, initial_observation)
        answer = self._starter.start(self.sender.transport, worker, body, self.patience)
        return self._adopt(answer["episode_id"], answer)

    def resume(self, episode_id: str, takeover: Optional[bool]) -> Dict[str, Any]:
        """Goes on with an episode; see `TrajectoryLogger.resume_episode`."""
        worker = self._leave_episode()
        body = {"worker": worker, "writer": self._writer, "takeover": self._may_take_over(takeover)}
        answer = self.sender.transport.post(
            f"The resumption of episode {episode_id}",
            f"/v1/episodes/{quote(episode_id, safe='')}/resume",
            encode_json(body),
            lambda a: isinstance(a, dict) and isinstance(a.get("next_ordinal"), int),
            seconds=self.patience,
        )
        self._adopt(episode_id, answer)
        return dict(answer.get("record") or {})

    def scorer(self) -> Scorer:
        """Sends scores and labels to this recorder."""
        return Scorer(self.sender, self.patience)

    def last_episode(self, what: str) -> str:
        """The id of the episode started last, ended or not.

        Raises:
            NoEpisode: there is none.
        """
        return self.open_episode(what).id

    def open_episode(self, what: str) -> Episode:
        """The episode that a call is about.

        Raises:
            NoEpisode: there is none.
        """
        if self.episode is None or self.why_none is not None:
            raise NoEpisode(f"Can't {what}: {self.why_none or 'nothing was started'}. Call start_episode first.")
        return self.episode

    def episode_for_step(self, step_number: int) -> Episode:
        """The episode that a step goes to.

        Raises:
            NoEpisode, EpisodeEnded: it can't go anywhere.
        """
        episode = self.open_episode("record a step")
        if episode.ends or episode.ending is not None:
            raise EpisodeEnded(
                f"Step {step_number} was not recorded: end_episode was called for {episode.id}. Start another episode.",
                code="episode_ended",
                step_number=step_number,
            )
        return episode

    def record(self, step_number: int, line: bytes) -> None:
        """Records a step: durably, or in the background."""
        episode = self.episode_for_step(step_number)
        sender = self.sender
        if episode.background:
            self._queue(sender, episode, step_number, line)
            return
        waiter = ThreadWaiter(sender.clock.now(), self.patience)
        episode.add(Item(step_number, line, waiter))
        try:
            sender.send(episode, waiter)
        except Refused as own:
            if episode.unreported:
                own.__cause__ = episode.take_unreported()[0]
            raise
        if episode.unreported:
            raise one_of(episode.take_unreported(), None)

    def end(self, final_score: Optional[float], end_cause: Optional[str]) -> None:
        """Ends the episode; see `TrajectoryLogger.end_episode`."""
        if self.episode is None and self.why_none is None:
            return
        episode = self.open_episode("end the episode")
        score = None if final_score is None else number(final_score, "final_score")
        cause = None if end_cause is None else clean_text(end_cause, "", [])
        before = episode.last_ending
        if cause is None and before is not None:
            cause = before.end_cause
        end = End(score, cause, time.time() if self.policy == "spool" else None)
        if not (episode.ends and end.same(episode.ends[-1])):
            episode.ends.append(end)
        deliver(self.sender, episode, self.patience)

    def flush(self) -> None:
        """Sends what waits; see `TrajectoryLogger.flush`."""
        if self.episode is not None and self.episode.unsettled:
            deliver(self.sender, self.episode, self.patience)

    def close(self) -> None:
        """Sends what waits and frees sender and slot; see `TrajectoryLogger.close`."""
        if self.closed:
            return
        with self._lock:
            self.check_not_inside()
        try:
            with self.entered():
                self.flush()
        finally:
            with self._lock:
                self.closed = True
                self.worker_name.release()
                self._release_sender()

    def read(self, shape: str, missing: Any) -> Any:
        """One of the four reads."""
        self.check_process()
        worker = self.worker_name.get()
        try:
            return read_worker(self.sender.transport, worker, shape, missing, self.settings.retry_seconds)
        finally:
            if self.closed:
                self._release_sender()

    def after_fork(self) -> None:
        """In a forked child: drops episode, outbox, sender and slot, which are the parent's."""
        had_episode = self.episode is not None
        self._begin()
        if had_episode:
            self.why_none = "the episode belongs to the process that forked this one"
        self.worker_name.after_fork()

    def _start_without_server(
        self,
        sender: Sender,
        spool: Spool,
        worker: str,
        fields: Dict[str, Any],
        metadata: Optional[Mapping[str, Any]],
        initial_observation: Optional[Any],
    ) -> str:
        """A start whose id and time are ours, so that it is the same start whether the recorder gets it now or later."""
        spool.look()
        fields = {"episode_id": new_ulid(), "start_time": time.time(), **fields}
        body, key = encode_start(fields, metadata, initial_observation), secrets.token_hex(16)
        request = Request("POST", f"/v1/workers/{quote(worker, safe='~:@+')}/episodes", body, key=key)
        record = start_record(worker, key, body)
        answer = send(sender, f"The start of an episode of worker {worker}", request, record, is_start, self.patience)
        # A new episode's epoch is 1. Should the recorder have it already and another writer have resumed it, ours must be fenced.
        return self._adopt(fields["episode_id"], answer or {"next_ordinal": 0, "writer_epoch": 1})

    def _queue(self, sender: Sender, episode: Episode, step_number: int, line: bytes) -> None:
        if episode.fatal is not None:
            raise type(episode.fatal)(
                f"Step {step_number} was not recorded: {episode.fatal}",
                status=episode.fatal.status,
                code=episode.fatal.code,
                step_number=step_number,
            )
        if not sender.budget.take(weight(line), self.patience):
            raise OutboxFull(
                "The queue of steps that wait for the server is full, and nothing has left it for "
                f"{self.patience:.0f} s; step {step_number} was not taken. Wait until flush() returns."
            )
        try:
            episode.add(Item(step_number, line))
        except OutboxFull:
            sender.budget.give_back(1, weight(line))
            raise
        sender.submit(episode)

    def _release_sender(self) -> None:
        self._sender = None
        release(self)

    def _leave_episode(self) -> str:
        """Sends what waits of the episode, which takes nothing more; the worker's name.

        Should the start that follows fail, the old episode must not get the steps and the score that are meant for the new one.
        """
        self.why_none = "the last start_episode or resume did not succeed"
        worker = self.worker
        if self.episode is not None:
            self.flush()
            self.sender.closed(self.episode)
        return worker

    def _may_take_over(self, given: Optional[bool]) -> bool:
        return self.worker_name.is_default if given is None else bool(given)

    def _adopt(self, episode_id: str, answer: Mapping[str, Any]) -> str:
        background = self.arguments.background
        episode = Episode(
            episode_id, answer["next_ordinal"], answer.get("writer_epoch"), background, self.settings.retry_seconds
        )
        self.episode, self.why_none = episode, None
        self.sender.opened(episode)
        return episode.id
