"""`TrajectoryLogger`: the class that an environment server imports."""

from __future__ import annotations

import warnings
from types import TracebackType
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple, Type, Union

from . import fork
from .either import either
from .errors import RollbookError
from .lines import encode_line
from .reads import WorkerReads
from .recording import Arguments, Recording
from .retry import Clock
from .shapes import FileDiff
from .starts import start_fields


class TrajectoryLogger(WorkerReads):
    """Records the episodes of one environment instance ("worker"), step by step, durably.

    Each call returns when the recorder has the step in stable storage. When no server answers it tries for two minutes, over all
    addresses, then raises `Unavailable`: the step is kept and sent first by the next call, and however often it is sent, it is
    recorded once. Threads may share a logger; a forked child starts without an episode. All loggers of a process share the
    connections to a recorder, and what many of them have waiting goes in one request.

    Args:
        worker: the name of this environment instance; None takes `{ROLLBOOK_WORKER or the host's name}.{slot}`, where the slot is
            the lowest that no living logger of this user on this host holds.
        url: the server, or several with commas between, tried in turn; None takes `ROLLBOOK_URL`, then `http://127.0.0.1:5080`.
        api_key: None takes `ROLLBOOK_API_KEY`.
        retry_seconds: how long a call tries before it raises `Unavailable`; None takes `ROLLBOOK_RETRY_SECONDS`, then 120.
        request_timeout: how long one request waits for its answer; None takes `ROLLBOOK_REQUEST_TIMEOUT`, then 30.
        background: `record_step` returns at once, and a thread sends. It waits only when 100,000 steps or 64 MiB wait in this process;
            `flush`, `end_episode`, `close` and the exit tell what was not recorded.
        on_unavailable: what a call does when no server answers. "block" tries for `retry_seconds`, "raise" asks each address once;
            both raise `Unavailable` then. "spool" records into a synced file under `ROLLBOOK_SPOOL` and sends it when a server is
            back, from this process or the next. None takes `ROLLBOOK_ON_UNAVAILABLE`, then "block".
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
        background: bool = False,
        on_unavailable: Optional[str] = None,
        clock: Optional[Clock] = None,
    ) -> None:
        arguments = Arguments(worker, url, api_key, retry_seconds, request_timeout, background, on_unavailable)
        self._recording = Recording(arguments, clock)
        fork.watch(self)

    @property
    def worker(self) -> str:
        """The worker's name; a default one is chosen, and held, by asking for it.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="gpu-7").worker
            'gpu-7'
        """
        return self._recording.worker

    @property
    def episode_id(self) -> Optional[str]:
        """The id of the episode that this logger started or resumed last, also after its end; None before the first.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> log = TrajectoryLogger(worker="example-2")
            >>> log.episode_id is None, log.start_episode("t", "v") == log.episode_id
            (True, True)
        """
        self._recording.check_process()
        episode = self._recording.episode
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
        fields, metadata = start_fields(
            task=task,
            variant_id=variant_id,
            group_id=group_id,
            attempt=attempt,
            seed=seed,
            policy_version=policy_version,
            environment=environment,
            parent_episode_id=parent_episode_id,
            metadata=metadata,
            episode_id=episode_id,
            start_time=start_time,
            deadline_seconds=deadline_seconds,
        )
        with self._recording.entered() as recording:
            return recording.start(fields, metadata, initial_observation, takeover)

    @either
    def resume(
        self, kind: "Type[TrajectoryLogger]", episode_id: str, *, takeover: Optional[bool] = None, **arguments: Any
    ) -> Any:
        """Goes on with a running or lost episode, as its new writer.

        Of a logger, `log.resume(id)` returns the episode's record; of the class, `TrajectoryLogger.resume(id)` returns a new logger
        in that episode, and takes the constructor's arguments too.

        Args:
            episode_id: the episode.
            takeover: as for `start_episode`.

        Raises:
            EpisodeEnded: it has ended for good.
            WorkerBusy: another live process writes it.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> id = TrajectoryLogger(worker="example-4").start_episode("t", "v")
            >>> log = TrajectoryLogger(worker="example-4")     # after a crash, say
            >>> log.resume(id, takeover=True)["task"]
            't'
            >>> TrajectoryLogger.resume(id, worker="example-4", takeover=True).episode_id == id
            True
        """
        if self is None:
            log = kind(**arguments)
            log.resume(episode_id, takeover=takeover)
            return log
        if arguments:
            raise TypeError(f"resume() of a logger takes no {', '.join(arguments)}: they are the constructor's.")
        with self._recording.entered() as recording:
            return recording.resume(episode_id, takeover)

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
        with self._recording.entered() as recording:
            recording.episode_for_step(step_number)
            line = encode_line(
                step_number, action_type, action_path, action_query, action_content_length, reward, cumulative_reward,
                done, error, file_diff, test_pass_rate, duration_ms, observation_compact, security_flags, action_content,
                thought, response, agent_id, extra, timestamp,
            )  # fmt: skip
            recording.record(int(step_number), line)

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
        with self._recording.entered() as recording:
            recording.end(final_score, end_cause)

    def score(self, value: Optional[float], *, source: str, **more: Any) -> None:
        """Adds a score to the episode started last, in any status; see `rollbook.score` for the other arguments.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> log = TrajectoryLogger(worker="example-10")
            >>> id = log.start_episode("t", "v")
            >>> log.score(0.5, source="judge", name="style")
        """
        with self._recording.entered() as recording:
            recording.scorer().score(recording.last_episode("score it"), value, source=source, **more)

    def label(self, add: Union[str, Iterable[str]] = (), remove: Union[str, Iterable[str]] = ()) -> None:
        """Adds labels to the episode started last, and removes others; see `rollbook.label`.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> log = TrajectoryLogger(worker="example-11")
            >>> id = log.start_episode("t", "v")
            >>> log.label(["pinned", "reward-hack"])
        """
        with self._recording.entered() as recording:
            recording.scorer().label(recording.last_episode("label it"), add, remove)

    def flush(self) -> None:
        """Sends what waits; returns when all that was recorded is durable.

        Raises:
            Unavailable: something still is not known durable.
            Refused: something was refused for good, and is not recorded.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="example-7").flush()
        """
        with self._recording.entered() as recording:
            recording.flush()

    def close(self) -> None:
        """Sends what waits and frees connection and slot. It ends no episode. Doing it twice does nothing.

        Raises:
            Unavailable, Refused: as `flush`; connection and slot are freed all the same.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="example-8").close()
        """
        self._recording.close()

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
        self._recording.after_fork()

    def __reduce__(self) -> Tuple[Any, ...]:
        """Environments are copied and sent to other processes: a copy has the same settings, and neither episode nor slot."""
        return _copied, (type(self), self._recording.arguments, self._recording.episode is not None)

    def _read(self, shape: str, missing: Any) -> Any:
        return self._recording.read(shape, missing)


def _copied(kind: Type[TrajectoryLogger], arguments: Arguments, had_episode: bool) -> TrajectoryLogger:
    """The copy of a logger made with these arguments; it must not write the original's episode."""
    worker, url, api_key, *more = arguments
    names = Arguments._fields[3:]
    log = kind(worker, url, api_key, **dict(zip(names, more)))  # type: ignore[arg-type]
    if had_episode:
        log._recording.why_none = "the episode belongs to the logger that this one was copied from"
    return log
