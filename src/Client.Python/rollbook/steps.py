"""One call of `record_step` as the line that goes to the recorder."""

from __future__ import annotations

import math
import time
from typing import Any, Dict, Iterable, List, Mapping, Optional, Union

from .content import Repairs, clean_text, encode_json, note, repair, to_json
from .errors import TooLarge
from .shapes import FileDiff

MAX_STEP_BYTES = 16 * 1024 * 1024

Number = Union[int, float, str]


def encode_step(
    *,
    step_number: int,
    timestamp: Optional[float],
    action_type: str,
    action_path: Optional[str],
    action_query: Optional[str],
    action_content_length: Optional[int],
    action_content: Optional[str],
    observation: Any,
    reward: float,
    cumulative_reward: float,
    done: bool,
    error: Optional[str],
    file_diff: Union[FileDiff, Mapping[str, Any], None],
    test_pass_rate: Optional[float],
    duration_ms: float,
    security_flags: Optional[Iterable[str]],
    thought: Optional[str],
    response: Optional[str],
    agent_id: Optional[str],
    extra: Optional[Mapping[str, Any]],
) -> bytes:
    """The step as strict JSON; repairs of its content are listed in `extra._repaired`.

    Raises:
        TypeError: a numeric field is no number.
        TooLarge: the line is over 16 MiB.

    Example:
        >>> from rollbook.steps import encode_step
        >>> line = encode_step(step_number=1, timestamp=5.0, action_type="read", action_path=None, action_query=None,
        ...     action_content_length=None, action_content=None, observation={}, reward=float("nan"), cumulative_reward=0,
        ...     done=False, error=None, file_diff=None, test_pass_rate=None, duration_ms=0, security_flags=None,
        ...     thought=None, response=None, agent_id=None, extra=None)
        >>> b'"reward":"NaN"' in line
        True
    """
    repairs: Repairs = []
    fields: Dict[str, Any] = {
        "step_number": _integer(step_number, "step_number"),
        "timestamp": number(time.time() if timestamp is None else timestamp, "timestamp"),
        "action_type": clean_text(action_type, "/action_type", repairs),
        "action_path": _text(action_path, "action_path", repairs),
        "action_query": _text(action_query, "action_query", repairs),
        "action_content_length": None
        if action_content_length is None
        else _integer(action_content_length, "action_content_length"),
        "reward": _number_or_default(reward, "reward", repairs),
        "cumulative_reward": _number_or_default(cumulative_reward, "cumulative_reward", repairs),
        "done": bool(done),
        "error": _text(error, "error", repairs),
        "file_diff": _file_diff(file_diff, repairs),
        "test_pass_rate": None if test_pass_rate is None else number(test_pass_rate, "test_pass_rate"),
        "duration_ms": _number_or_default(duration_ms, "duration_ms", repairs),
        "security_flags": _flags(security_flags, repairs),
    }
    for name in ("reward", "cumulative_reward", "duration_ms"):
        if fields[name] is None:
            del fields[name]
    # What the reference does not have is left out where it was not given: most steps have none of it.
    for name, value in (
        ("action_content", action_content),
        ("thought", thought),
        ("response", response),
        ("agent_id", agent_id),
    ):
        if value is not None:
            fields[name] = _text(value, name, repairs)
    line = encode_json(fields)[:-1] + b',"observation_snapshot":' + to_json(observation, "/observation_snapshot", repairs)
    more = _extra(extra, repairs)
    if more is not None:
        line += b',"extra":' + more
    line += b"}"
    if len(line) > MAX_STEP_BYTES:
        raise TooLarge(
            f"Step {step_number} is {len(line):,} bytes and was not recorded: a step has at most {MAX_STEP_BYTES:,} (16 MiB). "
            "Store the large part elsewhere and record where.",
            code="too_large",
            step_number=fields["step_number"],
        )
    return line


def number(value: Any, name: str) -> Number:
    """A number as JSON takes it: numpy and torch scalars as numbers, not finite ones as their names.

    Raises:
        TypeError: it is no number.

    Example:
        >>> from rollbook.steps import number
        >>> number(float("inf"), "reward"), number(True, "reward")
        ('Infinity', 1)
    """
    if type(value) is int:
        return value
    if not isinstance(value, float):
        if isinstance(value, (int, bool)):
            return int(value)
        if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
            raise TypeError(f"{name} must be a number, not {type(value).__name__}.")
    value = float(value)
    if math.isfinite(value):
        return value  # type: ignore[no-any-return]
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _integer(value: Any, name: str) -> int:
    if type(value) is int:
        return value
    if hasattr(value, "__index__"):
        return int(value.__index__())
    if hasattr(value, "__float__") and float(value).is_integer():
        return int(value)
    raise TypeError(f"{name} must be an integer, not {type(value).__name__}.")


def _number_or_default(value: Any, name: str, repairs: Repairs) -> Optional[Number]:
    """As `number`; None is left to the recorder's default, and that is listed."""
    if value is None:
        note(repairs, "/" + name, "None")
        return None
    return number(value, name)


def _text(value: Any, name: str, repairs: Repairs) -> Optional[str]:
    return None if value is None else clean_text(value, "/" + name, repairs)


def _flags(flags: Optional[Iterable[str]], repairs: Repairs) -> List[str]:
    if flags is None:
        return []
    if isinstance(flags, str):
        note(repairs, "/security_flags", "str")
        flags = [flags]
    return [clean_text(flag, f"/security_flags/{i}", repairs) for i, flag in enumerate(flags)]


def _file_diff(diff: Union[FileDiff, Mapping[str, Any], None], repairs: Repairs) -> Optional[Any]:
    if not diff:
        return None
    if isinstance(diff, FileDiff):
        return {
            "path": clean_text(diff.path, "/file_diff/path", repairs),
            "before": _text(diff.before, "file_diff/before", repairs),
            "after": clean_text(diff.after, "/file_diff/after", repairs),
            "chars_changed": _integer(diff.chars_changed, "chars_changed"),
        }
    if isinstance(diff, Mapping):
        return repair(dict(diff), "/file_diff", repairs)
    # An environment's own dataclass of the same four fields.
    return repair({name: getattr(diff, name, None) for name in FileDiff.__annotations__}, "/file_diff", repairs)


def _extra(extra: Optional[Mapping[str, Any]], repairs: Repairs) -> Optional[bytes]:
    """The extra object with the list of repairs, its own included, as its last field."""
    encoded = None
    if extra is not None:
        if not isinstance(extra, Mapping):
            note(repairs, "/extra", type(extra).__name__)
            extra = {"value": extra}
        encoded = to_json({key: item for key, item in extra.items() if key != "_repaired"}, "/extra", repairs)
    if not repairs:
        return encoded
    head = encoded[:-1] if encoded else b"{"
    return head + (b"," if len(head) > 1 else b"") + b'"_repaired":' + encode_json(repairs) + b"}"
