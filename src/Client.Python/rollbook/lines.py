"""The line of a step, from the arguments of `record_step` by their place."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Optional

from .blobs import MAX_INLINE, Line, detach
from .errors import TooLarge
from .shapes import FileDiff
from .steps import encode_step


def encode_line(
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
    observation: Any,
    security_flags: Optional[Iterable[str]],
    action_content: Optional[str],
    thought: Optional[str],
    response: Optional[str],
    agent_id: Optional[str],
    extra: Optional[Mapping[str, Any]],
    timestamp: Optional[float],
) -> bytes:
    """The step as strict JSON, as `encode_step` has it; a `Line` where texts over 256 KiB are named by their hashes.

    Raises:
        TypeError, TooLarge: as `encode_step`.

    Example:
        >>> from rollbook.lines import encode_line
        >>> line = encode_line(1, "read", None, None, None, 0.5, 0.5, False, None, None, None, 2, {"n": 1}, None, None, None, None,
        ...                    None, None, 5.0)
        >>> b'"observation_snapshot":{"n":1}' in line
        True
    """
    arguments = (
        step_number, action_type, action_path, action_query, action_content_length, reward, cumulative_reward, done, error,
        file_diff, test_pass_rate, duration_ms, observation, security_flags, action_content, thought, response, agent_id, extra,
        timestamp,
    )  # fmt: skip
    try:
        line = _encode(*arguments)
        if len(line) <= MAX_INLINE:  # and so is each text in it
            return line
    except TooLarge:
        values, blobs = detach(arguments)
        if not blobs:
            raise
    else:
        values, blobs = detach(arguments)
        if not blobs:
            return line
    return Line.of(_encode(*values), blobs)


def _encode(
    step_number: int,
    action_type: str,
    action_path: Optional[str],
    action_query: Optional[str],
    action_content_length: Optional[int],
    reward: float,
    cumulative_reward: float,
    done: bool,
    error: Optional[str],
    file_diff: Any,
    test_pass_rate: Optional[float],
    duration_ms: float,
    observation: Any,
    security_flags: Optional[Iterable[str]],
    action_content: Any,
    thought: Any,
    response: Any,
    agent_id: Optional[str],
    extra: Optional[Mapping[str, Any]],
    timestamp: Optional[float],
) -> bytes:
    return encode_step(
        step_number=step_number,
        timestamp=timestamp,
        action_type=action_type,
        action_path=action_path,
        action_query=action_query,
        action_content_length=action_content_length,
        action_content=action_content,
        observation=observation,
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
