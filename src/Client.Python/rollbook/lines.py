"""The line of an ordinary step, put together at once; anything unusual is left to `encode_step`."""

from __future__ import annotations

import json.encoder
import time
from math import isfinite
from typing import Any, Callable, Iterable, Mapping, Optional

from .content import plain_text
from .shapes import FileDiff
from .steps import encode_step

# An ordinary line is far below the limit of a step, which encode_step guards.
_LONGEST = 1024 * 1024

_quote: Callable[[str], str] = json.encoder.encode_basestring  # type: ignore[attr-defined]


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
    """The step as strict JSON: that of `encode_step`, without the fields that are null, at a third of its cost.

    Raises:
        TypeError, TooLarge: as `encode_step`.

    Example:
        >>> from rollbook.lines import encode_line
        >>> encode_line(1, "read", None, None, None, 0.5, 0.5, False, None, None, None, 2, {"n": 1}, None, None, None, None,
        ...             None, None, 5.0)
        b'{"step_number":1,"timestamp":5.0,"action_type":"read","reward":0.5,"cumulative_reward":0.5,"done":false,"duration_ms":2,"observation_snapshot":{"n":1}}'
    """
    if timestamp is None:
        timestamp = time.time()
    if (
        type(step_number) is int
        and -(2**63) < step_number < 2**63
        and type(timestamp) is float
        and (type(reward) is float or type(reward) is int)
        and (type(cumulative_reward) is float or type(cumulative_reward) is int)
        and (type(duration_ms) is float or type(duration_ms) is int)
        and (test_pass_rate is None or type(test_pass_rate) is float)
        and (action_content_length is None or (type(action_content_length) is int and -(2**63) < action_content_length < 2**63))
        and type(done) is bool
        and file_diff is None
        and extra is None
        and (security_flags is None or (type(security_flags) is list and not security_flags))
    ):
        try:
            text = (
                f'{{"step_number":{step_number},"timestamp":{timestamp!r},"action_type":{_quote(action_type)}'
                f'{_field("action_path", action_path)}{_field("action_query", action_query)}'
            )
            if action_content_length is not None:
                text += f',"action_content_length":{action_content_length}'
            if action_content is not None:
                text += _field("action_content", action_content)
            text += (
                f',"reward":{reward!r},"cumulative_reward":{cumulative_reward!r},"done":{"true" if done else "false"}'
                f'{_field("error", error)}'
            )
            rate = 0.0 if test_pass_rate is None else test_pass_rate
            if test_pass_rate is not None:
                text += f',"test_pass_rate":{test_pass_rate!r}'
            text += f',"duration_ms":{duration_ms!r}'
            if thought is not None or response is not None or agent_id is not None:
                text += f'{_field("thought", thought)}{_field("response", response)}{_field("agent_id", agent_id)}'
            seen = plain_text(observation)
            if (
                seen is not None
                and isfinite(timestamp + reward + cumulative_reward + duration_ms + rate)
                and len(seen) + len(text) < _LONGEST
            ):
                return f'{text},"observation_snapshot":{seen}}}'.encode("utf-8")
        except (ValueError, TypeError, OverflowError, RecursionError):
            pass  # NaN, a lone surrogate, a text that is none, what JSON does not have
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


def _field(name: str, text: Optional[str]) -> str:
    return "" if text is None else f',"{name}":{_quote(text)}'
