"""`AsyncTrajectoryLogger`: the same methods as coroutines; the event loop never waits for the recorder."""

from __future__ import annotations

import asyncio
import contextvars
from types import TracebackType
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Type, TypeVar, Union

from . import calls, fork
from .episode import Episode, Item, one_of
from .errors import LoggerClosed, RollbookError
from .large import encode_large, is_large
from .lines import encode_line
from .recording import Arguments, Recording
from .retry import Clock
from .shapes import FileDiff, history_from, timeline_from, trajectory_from
from .starts import start_fields
from .tasks import TaskWaiter

T = TypeVar("T")


class AsyncTrajectoryLogger:
    """`TrajectoryLogger` for asyncio: the same arguments, methods, promises and errors.

    `await record_step(…)` returns when the step is durable; steps of many tasks go in one request. A cancelled await neither
    loses nor doubles its step: once the call has begun, the step is recorded in its order. Use one logger in one event loop;
    calls of one logger are recorded in the order in which they were made.

    Args:
        worker, url, api_key, retry_seconds, request_timeout, on_unavailable, clock: as for `TrajectoryLogger`.

    Example:
        >>> import asyncio
        >>> from rollbook import AsyncTrajectoryLogger
        >>> async def main():
        ...     async with AsyncTrajectoryLogger(worker="async-1") as log:
        ...         await log.start_episode("fix-bug-17", "v3")
        ...         await log.record_step(1, "read_file", "a.py", None, None, 0.1, 0.1, False, None, None, None, 2.5, {"lines": 40})
        ...         await log.end_episode(final_score=0.75)
        ...         return (await log.get_history_summary())[0]["final_score"]
        >>> asyncio.run(main())
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
        on_unavailable: Optional[str] = None,
        clock: Optional[Clock] = None,
    ) -> None:
        arguments = Arguments(worker, url, api_key, retry_seconds, request_timeout, False, on_unavailable)
        self._recording = Recording(arguments, clock)
        self._turn: Optional[asyncio.Lock] = None
        fork.watch(self)

    @property
    def episode_id(self) -> Optional[str]:
        """As `TrajectoryLogger.episode_id`.

        Example:
            >>> from rollbook import AsyncTrajectoryLogger
            >>> AsyncTrajectoryLogger(worker="async-2").episode_id is None
            True
        """
        self._recording.check_process()
        episode = self._recording.episode
        return None if episode is None else episode.id

    async def start_episode(self, task: str, variant_id: str, **fields: Any) -> str:
        """As `TrajectoryLogger.start_episode`, with the same keyword arguments.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> len(asyncio.run(AsyncTrajectoryLogger(worker="async-3").start_episode("t", "v", seed=17)))
            26
        """
        takeover = fields.pop("takeover", None)
        seen = fields.pop("initial_observation", None)
        unknown = set(fields) - _START
        if unknown:
            raise TypeError(f"start_episode() got an unexpected keyword argument {sorted(unknown)[0]!r}")
        context = contextvars.copy_context()  # the caller's, which `rollbook.context(…)` has filled

        def start(recording: Recording) -> str:
            given, metadata = context.run(start_fields, task=task, variant_id=variant_id, **fields)
            return recording.start(given, metadata, seen, takeover)

        return await self._call(start)

    async def resume(self, episode_id: str, *, takeover: Optional[bool] = None) -> Dict[str, Any]:
        """As `TrajectoryLogger.resume`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger, TrajectoryLogger
            >>> id = TrajectoryLogger(worker="async-4").start_episode("t", "v")
            >>> asyncio.run(AsyncTrajectoryLogger(worker="async-4").resume(id, takeover=True))["task"]
            't'
        """
        return await self._call(lambda recording: recording.resume(episode_id, takeover))

    async def record_step(
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
        """As `TrajectoryLogger.record_step`. Don't change a large observation before it returns: it is encoded beside the loop.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> async def main():
            ...     log = AsyncTrajectoryLogger(worker="async-5")
            ...     await log.start_episode("t", "v")
            ...     await log.record_step(1, "read", None, None, None, 0.0, 0.0, False, None, None, None, 0.0, {})
            >>> asyncio.run(main())
        """
        arguments = (
            step_number, action_type, action_path, action_query, action_content_length, reward, cumulative_reward, done, error,
            file_diff, test_pass_rate, duration_ms, observation_compact, security_flags, action_content, thought, response,
            agent_id, extra, timestamp,
        )  # fmt: skip
        recording = self._recording
        recording.check_process()
        while self._turn is not None and self._turn.locked():
            async with self._turn:
                pass
        if recording.closed:
            raise LoggerClosed("This logger is closed; build another.")
        episode = recording.episode_for_step(step_number)
        sender = recording.sender
        sender.check_not_inside()
        loop = asyncio.get_running_loop()
        waiter = TaskWaiter(sender.clock.now(), recording.patience, loop, episode.report)
        if is_large(observation_compact, action_content, thought, response, extra, file_diff, error):
            item = Item(step_number, None, waiter, encoding=True)
            episode.add(item)  # its place, before it is encoded: a later call must not overtake it
            calls.COMPUTING.submit(lambda: self._encode(episode, item, waiter, arguments))
        else:
            line = encode_line(*arguments)
            episode.add(Item(int(step_number), line, waiter))
            sender.submit(episode)
        await waiter.future
        if episode.unreported:
            raise one_of(episode.take_unreported(), None)

    async def end_episode(self, final_score: Optional[float] = None, end_cause: Optional[str] = None) -> None:
        """As `TrajectoryLogger.end_episode`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> asyncio.run(AsyncTrajectoryLogger(worker="async-6").end_episode(1.0))     # without an episode it does nothing
        """
        await self._call(lambda recording: recording.end(final_score, end_cause))

    async def score(self, value: Optional[float], *, source: str, **more: Any) -> None:
        """As `TrajectoryLogger.score`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> async def main():
            ...     log = AsyncTrajectoryLogger(worker="async-10")
            ...     await log.start_episode("t", "v")
            ...     await log.score(0.5, source="judge", name="style")
            >>> asyncio.run(main())
        """
        await self._call(lambda r: r.scorer().score(r.last_episode("score it"), value, source=source, **more))

    async def label(self, add: Union[str, Iterable[str]] = (), remove: Union[str, Iterable[str]] = ()) -> None:
        """As `TrajectoryLogger.label`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> async def main():
            ...     log = AsyncTrajectoryLogger(worker="async-11")
            ...     await log.start_episode("t", "v")
            ...     await log.label("pinned")
            >>> asyncio.run(main())
        """
        await self._call(lambda r: r.scorer().label(r.last_episode("label it"), add, remove))

    async def flush(self) -> None:
        """As `TrajectoryLogger.flush`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> asyncio.run(AsyncTrajectoryLogger(worker="async-7").flush())
        """
        await self._call(lambda recording: recording.flush())

    async def close(self) -> None:
        """As `TrajectoryLogger.close`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> asyncio.run(AsyncTrajectoryLogger(worker="async-8").close())
        """
        await self._outside(self._recording.close)

    async def get_trajectory(self) -> Optional[Dict[str, Any]]:
        """As `TrajectoryLogger.get_trajectory`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> print(asyncio.run(AsyncTrajectoryLogger(worker="nobody-1").get_trajectory()))
            None
        """
        return await self._read("trajectory", None, trajectory_from)

    async def get_replay_actions(self) -> List[Dict[str, Any]]:
        """As `TrajectoryLogger.get_replay_actions`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> asyncio.run(AsyncTrajectoryLogger(worker="nobody-1").get_replay_actions())
            []
        """
        return await self._read("replay-actions", [], list)

    async def get_step_timeline(self) -> List[Dict[str, Any]]:
        """As `TrajectoryLogger.get_step_timeline`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> asyncio.run(AsyncTrajectoryLogger(worker="nobody-1").get_step_timeline())
            []
        """
        return await self._read("timeline", [], timeline_from)

    async def get_history_summary(self) -> List[Dict[str, Any]]:
        """As `TrajectoryLogger.get_history_summary`.

        Example:
            >>> import asyncio
            >>> from rollbook import AsyncTrajectoryLogger
            >>> asyncio.run(AsyncTrajectoryLogger(worker="nobody-1").get_history_summary())
            []
        """
        return await self._read("history", [], history_from)

    async def __aenter__(self) -> "AsyncTrajectoryLogger":
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            await self.close()
        except RollbookError:
            if error is None:  # the caller's own exception matters more
                raise

    def after_fork(self) -> None:
        """As `TrajectoryLogger.after_fork`.

        Example:
            >>> from rollbook import AsyncTrajectoryLogger
            >>> AsyncTrajectoryLogger(worker="async-9").after_fork()
        """
        self._turn = None
        self._recording.after_fork()

    def _encode(self, episode: Episode, item: Item, waiter: TaskWaiter, arguments: Tuple[Any, ...]) -> None:
        """In a thread: the line of a large step, in the place that is kept for it."""
        try:
            episode.fill(item, encode_large(arguments))
        except Exception as e:
            item.waiter = None
            episode.fill(item, None)
            waiter.loop.call_soon_threadsafe(waiter.finish, e)
        self._recording.sender.submit(episode)

    async def _read(self, shape: str, missing: Any, shaped: Callable[[Any], T]) -> T:
        return await calls.WAITING.run(lambda: shaped(self._recording.read(shape, missing)))

    async def _call(self, work: Callable[[Recording], T]) -> T:
        def entered() -> T:
            with self._recording.entered() as recording:
                return work(recording)

        return await self._outside(entered)

    async def _outside(self, work: Callable[[], T]) -> T:
        """In a thread, one at a time. A cancelled await leaves it running: the next call waits until it has ended."""
        if self._turn is None:
            self._turn = asyncio.Lock()
        turn = self._turn
        await turn.acquire()
        try:
            future = calls.WAITING.run(work)
        except BaseException:
            turn.release()
            raise

        def ended(done: "asyncio.Future[Any]") -> None:
            turn.release()
            if not done.cancelled():
                done.exception()  # asked for, so that nobody is told that it never was

        future.add_done_callback(ended)
        return await asyncio.shield(future)


_START = frozenset(
    ("group_id", "attempt", "seed", "policy_version", "environment", "parent_episode_id", "metadata", "episode_id")
    + ("start_time", "deadline_seconds")
)
