"""What can go wrong, one type for each decision that the caller can take.

========================  =========================================================================
`Unavailable`             wait; the step is kept, the next call or `flush()` sends it again
`OutboxFull`              the step was *not* taken: stop or slow down until the server is back
`NoEpisode`               call `start_episode` first
`EpisodeEnded`            start another episode, or `resume` a lost one
`EndConflict`             the episode has another ending already: keep that one
`WorkerBusy`              choose another worker, wait, or take over
`WriterFenced`            stop writing: another process has taken this episode over
`OutOfStep`               the recorder and this logger disagree about the steps: `resume`
`TooLarge`                make the step smaller
`NotAllowed`              check the API key
`Refused`                 any other final answer; the base of those that the server gave
`LoggerClosed`            build another logger
`ConfigurationError`      correct the setting that the message names
========================  =========================================================================
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Type


class RollbookError(Exception):
    """The base of everything that this package raises on its own account.

    Example:
        >>> from rollbook import RollbookError, Unavailable
        >>> issubclass(Unavailable, RollbookError)
        True
    """


class ConfigurationError(RollbookError, ValueError):
    """A setting is unusable; the message names it and the cure.

    Example:
        >>> from rollbook import TrajectoryLogger, ConfigurationError
        >>> try:
        ...     TrajectoryLogger(worker="no spaces, please")
        ... except ConfigurationError:
        ...     print("renamed it")
        renamed it
    """


class LoggerClosed(RollbookError):
    """The logger was closed; it records no more. Reads still work.

    Example:
        >>> from rollbook import TrajectoryLogger, LoggerClosed
        >>> log = TrajectoryLogger(worker="closed-1")
        >>> log.close()
        >>> try:
        ...     log.start_episode("task", "v1")
        ... except LoggerClosed:
        ...     print("built another")
        built another
    """


class NoEpisode(RollbookError):
    """There is no episode to record into: call `start_episode`.

    Example:
        >>> from rollbook import TrajectoryLogger, NoEpisode
        >>> try:
        ...     TrajectoryLogger(worker="empty-1").record_step(
        ...         1, "read", None, None, None, 0.0, 0.0, False, None, None, None, 0.0, {})
        ... except NoEpisode:
        ...     print("started one")
        started one
    """


class Unavailable(RollbookError):
    """No server gave a final answer in time; what became of the request is unknown.

    A step or an end that met this keeps its place: the next call, or `flush()`, sends it first, and the recorder takes
    it once however often it is sent. So don't call `record_step` again for the same step.

    Attributes:
        waited: seconds spent on trying.

    Example:
        >>> from rollbook import Unavailable
        >>> Unavailable("no answer", waited=120.0).waited
        120.0
    """

    def __init__(self, message: str, waited: float = 0.0) -> None:
        super().__init__(message)
        self.waited = waited


class OutboxFull(RollbookError):
    """Too many steps wait for the server; this one was *not* taken.

    Example:
        >>> from rollbook import OutboxFull, Unavailable
        >>> issubclass(OutboxFull, Unavailable)   # nothing is kept here, so it is another decision
        False
    """


class Refused(RollbookError):
    """The server gave a final answer: the same request will not succeed.

    Attributes:
        status: the HTTP status.
        code: the server's stable name of the error, "" if it gave none.
        detail: the server's sentence.
        expected: the next ordinal (or the one in conflict), where the server named it.
        pointer: JSON pointer to the bad place, where the server named it.
        retry_after: seconds after which trying again makes sense, where the server named them.
        step_number: the step that was refused, where it was a step.

    Example:
        >>> from rollbook import Refused, TrajectoryLogger
        >>> log = TrajectoryLogger(worker="refused-1")
        >>> try:
        ...     log.start_episode("", "v1")   # a task has 1 to 256 characters
        ... except Refused as e:
        ...     print(e.status, e.code)
        400 bad_json
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "",
        detail: str = "",
        expected: Optional[int] = None,
        pointer: Optional[str] = None,
        retry_after: Optional[float] = None,
        step_number: Optional[int] = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.detail = detail
        self.expected = expected
        self.pointer = pointer
        self.retry_after = retry_after
        self.step_number = step_number


class EpisodeEnded(Refused):
    """The episode takes no more steps: it was ended here, superseded, aborted or lost.

    Example:
        >>> from rollbook import EpisodeEnded, TrajectoryLogger
        >>> log = TrajectoryLogger(worker="ended-1")
        >>> id = log.start_episode("task", "v1")
        >>> log.end_episode(0.5)
        >>> try:
        ...     log.record_step(1, "read", None, None, None, 0.0, 0.0, False, None, None, None, 0.0, {})
        ... except EpisodeEnded:
        ...     print("too late")
        too late
    """


class EndConflict(Refused):
    """The episode has ended already with another score, cause or status, which stands.

    Example:
        >>> from rollbook import EndConflict, TrajectoryLogger
        >>> log = TrajectoryLogger(worker="conflict-1")
        >>> id = log.start_episode("task", "v1")
        >>> log.end_episode(0.5)
        >>> log.end_episode(0.5)   # the same again is fine
        >>> try:
        ...     log.end_episode(0.75)
        ... except EndConflict:
        ...     print("0.5 stands")
        0.5 stands
    """


class WorkerBusy(Refused):
    """Another live process records under this worker's name.

    Example:
        >>> from rollbook import TrajectoryLogger, WorkerBusy
        >>> first, second = TrajectoryLogger(worker="busy-1"), TrajectoryLogger(worker="busy-1")
        >>> id = first.start_episode("task", "v1")
        >>> try:
        ...     second.start_episode("task", "v1")
        ... except WorkerBusy:
        ...     id = second.start_episode("task", "v1", takeover=True)
    """


class WriterFenced(Refused):
    """A newer writer has started or resumed this episode; this one must stop.

    Example:
        >>> from rollbook import TrajectoryLogger, WriterFenced
        >>> old, new = TrajectoryLogger(worker="fence-1"), TrajectoryLogger(worker="fence-1")
        >>> id = old.start_episode("task", "v1")
        >>> record = new.resume(id, takeover=True)
        >>> try:
        ...     old.end_episode(0.5)
        ... except WriterFenced:
        ...     print("the other one goes on")
        the other one goes on
    """


class OutOfStep(Refused):
    """The recorder holds other steps than this logger believes: a gap, or another step at the same place.

    Example:
        >>> from rollbook import OutOfStep
        >>> OutOfStep("gap", code="ordinal_gap", expected=3).expected
        3
    """


class TooLarge(Refused):
    """The step or the request is over a limit, which the message names.

    Example:
        >>> from rollbook import TooLarge, TrajectoryLogger
        >>> log = TrajectoryLogger(worker="large-1")
        >>> id = log.start_episode("task", "v1")
        >>> try:
        ...     log.record_step(1, "read", None, None, None, 0.0, 0.0, False, None, None, None, 0.0,
        ...                     {"texts": ["x" * 200_000] * 90})
        ... except TooLarge:
        ...     print("kept a summary instead")
        kept a summary instead
    """


class NotAllowed(Refused):
    """The API key is missing, wrong, expired, or lacks the scope.

    Example:
        >>> from rollbook import NotAllowed, Refused
        >>> issubclass(NotAllowed, Refused)
        True
    """


_BY_CODE: Dict[str, Type[Refused]] = {
    "episode_ended": EpisodeEnded,
    "end_conflict": EndConflict,
    "worker_busy": WorkerBusy,
    "writer_fenced": WriterFenced,
    "ordinal_gap": OutOfStep,
    "ordinal_conflict": OutOfStep,
    "damaged": OutOfStep,
    "too_large": TooLarge,
}

_BY_STATUS: Dict[int, Type[Refused]] = {401: NotAllowed, 403: NotAllowed, 413: TooLarge}

_CURES: Dict[str, str] = {
    "worker_busy": "Give each process its own worker (or none: then a free name is chosen), wait until the other one has "
    "been silent for 30 s, or pass takeover=True to start_episode.",
    "writer_fenced": "Another process has taken this episode over; stop this one, or start another episode.",
    "episode_ended": "Start another episode; a lost one can be resumed.",
    "ordinal_gap": "Steps are missing before this one; resume the episode to go on where the recorder is.",
    "ordinal_conflict": "Another step stands there and is never overwritten; resume the episode, or start another.",
}


def from_answer(
    what: str, status: int, problem: Mapping[str, Any], retry_after: Optional[float] = None, step_number: Optional[int] = None
) -> Refused:
    """The exception for a final answer, from its problem details (an empty mapping if it had none).

    Example:
        >>> from rollbook.errors import from_answer
        >>> type(from_answer("Step 3", 409, {"code": "writer_fenced"})).__name__
        'WriterFenced'
    """
    code = str(problem.get("code") or "")
    detail = str(problem.get("detail") or problem.get("title") or "")
    if not code and status == 404:
        detail = detail or "nothing is served there; does the URL name a Rollbook server?"
    if status in (401, 403) and not detail:
        detail = "the server does not accept the API key; set ROLLBOOK_API_KEY or pass api_key"
    parts = [f"{what} was refused ({code or 'HTTP ' + str(status)})"]
    if detail:
        parts.append(detail.rstrip("."))
    expected, pointer = problem.get("expected"), problem.get("pointer")
    if pointer:
        parts.append(f"at {pointer}")
    message = ": ".join(parts) + "."
    if code in _CURES:
        message += " " + _CURES[code]
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or Refused
    return kind(
        message,
        status=status,
        code=code,
        detail=detail,
        expected=expected if isinstance(expected, int) else None,
        pointer=pointer if isinstance(pointer, str) else None,
        retry_after=retry_after,
        step_number=step_number,
    )
