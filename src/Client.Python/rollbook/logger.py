"""`TrajectoryLogger`: the class that an environment server imports."""

from __future__ import annotations

import os
import secrets
import threading
import warnings
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, Tuple, Type
from urllib.parse import quote

from . import fork
from .content import clean_text, encode_json
from .episode import End, Episode, Step
from .errors import EpisodeEnded, LoggerClosed, NoEpisode, RollbookError
from .reads import WorkerReads
from .retry import Clock
from .settings import read_settings
from .shapes import FileDiff
from .starts import Starter, encode_start
from .steps import encode_step, number
from .transport import Transport
from .worker import WorkerName


class TrajectoryLogger(WorkerReads):
    """Records the episodes of one environment instance ("worker"), step by step, durably.

    Each call returns when the recorder has the step in stable storage. When no server answers it tries for two minutes, over all
    addresses, then raises `Unavailable`: the step is kept and sent first by the next call, and however often it is sent, it is
    recorded once. Threads may share a logger; a forked child starts without an episode.

    Args:
        worker: the name of this environment instance; None takes `{ROLLBOOK_WORKER or the host's name}.{slot}`, where the slot is
            the lowest that no living logger of this user on this host holds.
        url: the server, or several with commas between, tried in turn; None takes `ROLLBOOK_URL`, then `http://127.0.0.1:5080`.
        api_key: None takes `ROLLBOOK_API_KEY`.
        retry_seconds: how long a call tries before it raises `Unavailable`; None takes `ROLLBOOK_RETRY_SECONDS`, then 120.
        request_timeout: how long one request waits for its answer; None takes `ROLLBOOK_REQUEST_TIMEOUT`, then 30.
        clock: time for the retries; for tests.

    Constructing opens nothing: no connection, no file.

    Example:
        >>> from rollbook import TrajectoryLogger
        >>> with TrajectoryLogger(worker="example-1") as log:
        ...     id = log.start_episode("fix-bug-17", "v3")
        ...     log.record_step(step_number=1, action_type="read_file", action_path="a.py", action_query=None,
        ...                     action_content_length=None, reward=0.1, cumulative_reward=0.1, done=False, error=None,
        ...                     file_diff=None, test_pass_rate=None, duration_ms=2.5, observation_compact={"lines": 40})
        ...     log.end_episode(final_score=0.75)
        ...     log.get_history_summary()[0]["final_score"]
        0.75
    """

    def __init__(
        self,
        worker: Optional[str] = None,
        url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        retry_seconds: Optional[float] = None,
        request_timeout: Optional[float] = None,
        clock: Optional[Clock] = None,
    ) -> None:
        self._arguments = (worker, url, api_key, retry_seconds, request_timeout)
        settings = read_settings(url, api_key, retry_seconds, request_timeout)
        super().__init__(WorkerName(worker), Transport(settings, clock))
        self._writing = Transport(settings, clock)
        self._closed = False
        self._begin()
        fork.watch(self)

    def _begin(self) -> None:
        """What a new process has: no episode, its own writer token, a free lock."""
        self._pid = os.getpid()
        self._writer = secrets.token_hex(16)
        self._starter = Starter()
        self._episode: Optional[Episode] = None
        self._why_none: Optional[str] = None  # why there is no episode, where one was meant to be
        self._lock = threading.RLock()
        self._inside = False

    @property
    def worker(self) -> str:
        """The worker's name; a default one is chosen, and held, by asking for it.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="gpu-7").worker
            'gpu-7'
        """
        self._check_process()
        return self._worker.get()

    @property
    def episode_id(self) -> Optional[str]:
        """The id of the episode that this logger started or resumed last, also after its end; None before the first.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> log = TrajectoryLogger(worker="example-2")
            >>> log.episode_id is None, log.start_episode("t", "v") == log.episode_id
            (True, True)
        """
        self._check_process()
        episode = self._episode
        return None if episode is None else episode.id

    def start_episode(
        self,
        task: str,
        variant_id: str,
        *,
        group_id: Optional[str] = None,
        attempt: Optional[int] = None,
        seed: Optional[int] = None,
        policy_version: Optional[str] = None,
        environment: Optional[str] = None,
        parent_episode_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        initial_observation: Optional[Any] = None,
        episode_id: Optional[str] = None,
        start_time: Optional[float] = None,
        deadline_seconds: Optional[float] = None,
        takeover: Optional[bool] = None,
    ) -> str:
        """Starts an episode; an unfinished one of this worker ends as superseded. If this raises, no episode takes steps.

        Args:
            task: what is to be done.
            variant_id: which variant of it.
            group_id: siblings that a trainer compares, with `attempt`, `seed`, `policy_version` and `environment`.
            parent_episode_id: the episode that this one came from.
            metadata: any object, shown in the trajectory.
            initial_observation: what the agent saw first.
            episode_id: a ULID of the caller's own; None lets the recorder mint one.
            start_time: Unix seconds; None is now.
            deadline_seconds: silence after which the episode ends as lost; None is 30 minutes.
            takeover: whether to start though another writer uses the worker. None: only with a default worker, since its slot proves
                that no other logger on this host is using it.

        Returns:
            The episode's id.

        Raises:
            WorkerBusy: another live process records under this worker's name.
            Refused: another final answer; or that of an item which waited.
            Unavailable: no answer in time. The same call again is the same start, not a second one.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> log = TrajectoryLogger(worker="example-3")
            >>> len(log.start_episode("fix-bug-17", "v3", group_id="batch-4", attempt=2, seed=17))
            26
        """
        fields: Dict[str, Any] = {
            "task": task,
            "variant_id": variant_id,
            "group_id": group_id,
            "attempt": attempt,
            "seed": seed,
            "policy_version": policy_version,
            "environment": environment,
            "parent_episode_id": parent_episode_id,
            "episode_id": episode_id,
            "start_time": None if start_time is None else number(start_time, "start_time"),
            "deadline_seconds": None if deadline_seconds is None else number(deadline_seconds, "deadline_seconds"),
        }
        with self._write():
            worker = self._leave_episode()
            fields["writer"] = self._writer
            fields["takeover"] = self._may_take_over(takeover)
            answer = self._starter.start(self._writing, worker, encode_start(fields, metadata, initial_observation))
            return self._adopt(answer["episode_id"], answer)

    def resume(self, episode_id: str, *, takeover: Optional[bool] = None) -> Dict[str, Any]:
        """Goes on with a running or lost episode, as its new writer.

        Args:
            episode_id: the episode.
            takeover: as for `start_episode`.

        Returns:
            The episode's record as the recorder has it.

        Raises:
            EpisodeEnded: it has ended for good.
            WorkerBusy: another live process writes it.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> id = TrajectoryLogger(worker="example-4").start_episode("t", "v")
            >>> log = TrajectoryLogger(worker="example-4")     # after a crash, say
            >>> log.resume(id, takeover=True)["task"]
            't'
        """
        with self._write():
            worker = self._leave_episode()
            body = {"worker": worker, "writer": self._writer, "takeover": self._may_take_over(takeover)}
            answer = self._writing.post(
                f"The resumption of episode {episode_id}",
                f"/v1/episodes/{quote(episode_id, safe='')}/resume",
                encode_json(body),
                lambda a: isinstance(a, dict) and isinstance(a.get("next_ordinal"), int),
            )
            self._adopt(episode_id, answer)
            return dict(answer.get("record") or {})

    def record_step(
        self,
        step_number: int,
        action_type: str,
        action_path: Optional[str],
        action_query: Optional[str],
        action_content_length: Optional[int],
        reward: float,
        cumulative_reward: float,
        done: bool,
        error: Optional[str],
        file_diff: Optional[FileDiff],
        test_pass_rate: Optional[float],
        duration_ms: float,
        observation_compact: Mapping[str, Any],
        security_flags: Optional[Iterable[str]] = None,
        *,
        action_content: Optional[str] = None,
        thought: Optional[str] = None,
        response: Optional[str] = None,
        agent_id: Optional[str] = None,
        extra: Optional[Mapping[str, Any]] = None,
        timestamp: Optional[float] = None,
    ) -> None:
        """Records one step; returns when it is durable.

        Content never raises: what JSON can't take is repaired, and each repair listed in the step's `extra._repaired`.

        Args:
            step_number: the caller's own number of the step.
            action_type: what the agent did; `action_path`, `action_query` and `action_content_length` say with what.
            reward: of this step; `cumulative_reward` up to it. Not finite numbers are kept.
            done: whether the environment is done.
            error: what went wrong.
            file_diff: the change that the agent made.
            test_pass_rate: 0 to 1, if tests ran.
            duration_ms: how long the step took.
            observation_compact: what the agent saw, any JSON.
            security_flags: what a monitor noticed.
            action_content: the whole content of a write, so that it can be replayed.
            thought, response, agent_id: the agent's side of it.
            extra: anything else, an object: tool calls, token ids, log-probabilities.
            timestamp: Unix seconds; None is now.

        Raises:
            NoEpisode: nothing was started.
            EpisodeEnded: the episode takes no more steps.
            Unavailable: not known durable; kept, and sent first by the next call. Don't call again for the same step.
            Refused: a final answer: this step is not recorded, and later calls are not affected.
            TypeError: a numeric field is no number.

        Example:
            >>> from rollbook import FileDiff, TrajectoryLogger
            >>> log = TrajectoryLogger(worker="example-5")
            >>> id = log.start_episode("fix-bug-17", "v3")
            >>> log.record_step(1, "write_file", "a.py", None, 5, 0.0, 0.0, False, None,
            ...     FileDiff("a.py", None, "x = 1", 5), None, 3.5, {"ok": True}, action_content="x = 1")
            >>> log.get_replay_actions()
            [{'action_type': 'write_file', 'path': 'a.py', 'content': 'x = 1'}]
        """
        with self._write():
            episode = self._open_episode("record a step")
            if episode.last_ending is not None:
                raise EpisodeEnded(
                    f"Step {step_number} was not recorded: end_episode was called for {episode.id}. Start another episode.",
                    code="episode_ended",
                    step_number=step_number,
                )
            line = encode_step(
                step_number=step_number,
                timestamp=timestamp,
                action_type=action_type,
                action_path=action_path,
                action_query=action_query,
                action_content_length=action_content_length,
                action_content=action_content,
                observation=observation_compact,
                reward=reward,
                cumulative_reward=cumulative_reward,
                done=done,
                error=error,
                file_diff=file_diff,
                test_pass_rate=test_pass_rate,
                duration_ms=duration_ms,
                security_flags=security_flags,
                thought=thought,
                response=response,
                agent_id=agent_id,
                extra=extra,
            )
            episode.add(Step(int(step_number), line))
            episode.send(self._writing)

    def end_episode(self, final_score: Optional[float] = None, end_cause: Optional[str] = None) -> None:
        """Ends the episode. The same again does nothing; without any episode it does nothing, as in the reference.

        Args:
            final_score: None is "not scored", which is not 0.
            end_cause: why it ended, a short text: `submitted`, `max_steps`, `exception: TypeError`.

        Raises:
            EndConflict: it has ended already with another score, cause or status.
            Unavailable: not known durable; kept, and sent first by the next call.
            NoEpisode: the last `start_episode` failed, or the episode is the parent process's.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> log = TrajectoryLogger(worker="example-6")
            >>> id = log.start_episode("t", "v")
            >>> log.end_episode(final_score=1.0, end_cause="submitted")
        """
        with self._write():
            if self._episode is None and self._why_none is None:
                return
            episode = self._open_episode("end the episode")
            score = None if final_score is None else number(final_score, "final_score")
            cause = None if end_cause is None else clean_text(end_cause, "", [])
            before = episode.last_ending
            if cause is None and before is not None:
                cause = before.end_cause
            episode.add(End(score, cause))
            episode.send(self._writing)

    def flush(self) -> None:
        """Sends what waits; returns when all that was recorded is durable.

        Raises:
            Unavailable: something still is not known durable.
            Refused: something was refused for good, and is not recorded.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="example-7").flush()
        """
        with self._write():
            if self._episode is not None:
                self._episode.send(self._writing)

    def close(self) -> None:
        """Sends what waits and frees connection and slot. It ends no episode. Doing it twice does nothing.

        Raises:
            Unavailable, Refused: as `flush`; connection and slot are freed all the same.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="example-8").close()
        """
        if self._closed:
            return
        with self._lock:
            self._check_not_inside()
        try:
            self.flush()
        finally:
            with self._lock:
                self._closed = True
                self._writing.close()
                self._worker.release()
            self._stop_reading()

    def __enter__(self) -> "TrajectoryLogger":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            self.close()
        except RollbookError as e:
            if error is None:
                raise
            # The caller's own exception matters more; this one must not vanish either.
            warnings.warn(f"Closing the logger: {e}", RuntimeWarning, stacklevel=2)

    def after_fork(self) -> None:
        """Called in a forked child: drops episode, outbox, connections and slot, which are the parent's.

        Example:
            >>> import os
            >>> from rollbook import TrajectoryLogger
            >>> log = TrajectoryLogger(worker="example-9")
            >>> id = log.start_episode("t", "v")
            >>> log.after_fork()      # what os.fork() does in the child
            >>> print(log.episode_id)
            None
        """
        had_episode = self._episode is not None
        self._begin()
        if had_episode:
            self._why_none = "the episode belongs to the process that forked this one"
        # Closing a descriptor's copy says nothing on the wire and unlocks nothing.
        self._writing.close()
        self._reads_after_fork()
        self._worker.after_fork()

    def __reduce__(self) -> Tuple[Any, ...]:
        """Environments are copied and sent to other processes: a copy has the same settings, and neither episode nor slot."""
        return _copied, (*self._arguments, self._episode is not None)

    @contextmanager
    def _write(self) -> Iterator[None]:
        """One writing call at a time."""
        self._check_process()
        with self._lock:
            if self._closed:
                raise LoggerClosed("This logger is closed; build another.")
            self._check_not_inside()
            self._inside = True
            try:
                yield
            finally:
                self._inside = False

    def _check_not_inside(self) -> None:
        # The lock is re-entrant, so only a signal handler gets here in the middle of a call; waiting would be for ever.
        if self._inside:
            raise RollbookError("This logger is in the middle of a call on this thread; call again after it has returned.")

    def _check_process(self) -> None:
        """For forks that os.register_at_fork does not see."""
        if self._pid != os.getpid():
            self.after_fork()

    def _leave_episode(self) -> str:
        """Sends what waits of the episode, which takes nothing more; the worker's name.

        Should the start that follows fail, the old episode must not get the steps and the score that are meant for the new one.
        """
        self._why_none = "the last start_episode or resume did not succeed"
        worker = self.worker
        if self._episode is not None:
            self._episode.send(self._writing)
        return worker

    def _may_take_over(self, given: Optional[bool]) -> bool:
        return self._worker.is_default if given is None else bool(given)

    def _open_episode(self, what: str) -> Episode:
        if self._episode is None or self._why_none is not None:
            raise NoEpisode(f"Can't {what}: {self._why_none or 'nothing was started'}. Call start_episode first.")
        return self._episode

    def _read(self, shape: str, missing: Any) -> Any:
        self._check_process()
        return super()._read(shape, missing)

    def _adopt(self, episode_id: str, answer: Mapping[str, Any]) -> str:
        self._episode = Episode(episode_id, answer["next_ordinal"], answer.get("writer_epoch"))
        self._why_none = None
        return episode_id


def _copied(
    worker: Optional[str],
    url: Optional[str],
    api_key: Optional[str],
    retry_seconds: Optional[float],
    request_timeout: Optional[float],
    had_episode: bool,
) -> TrajectoryLogger:
    """The copy of a logger made with these arguments; it must not write the original's episode."""
    log = TrajectoryLogger(worker, url, api_key, retry_seconds=retry_seconds, request_timeout=request_timeout)
    if had_episode:
        log._why_none = "the episode belongs to the logger that this one was copied from"
    return log
