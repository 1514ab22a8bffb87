"""One call of `record_step` as the line that goes to the recorder."""

from __future__ import annotations

import time
from math import isfinite
from operator import index
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, Union

from .blobs import Reference
from .content import encode_json, plain_json, to_json
from .errors import TooLarge
from .repair import Repairs, clean_text, kind_of, note
from .shapes import FileDiff

MAX_STEP_BYTES = 16 * 1024 * 1024

Number = Union[int, float, str]

# Exact types: a subclass may say another thing than it holds.
_TEXT: "FrozenSet[type]" = frozenset({str, type(None)})
_LARGE_TEXT: "FrozenSet[type]" = frozenset({str, type(None), Reference})
_NUMBER: "FrozenSet[type]" = frozenset({int, float})
_LIST: "FrozenSet[type]" = frozenset({list, tuple})

# Between these no integer is beyond a double, and neither NaN nor infinity is.
_LEAST, _MOST = -1e300, 1e300

_INTEGERS = ("step_number", "action_content_length")
_NUMBERS = ("timestamp", "reward", "cumulative_reward", "test_pass_rate", "duration_ms")
_WITH_DEFAULT = ("reward", "cumulative_reward", "duration_ms")


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
        TypeError: a numeric field is no number, or an integer is over 64 bits.
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
    fields: Dict[str, Any] = {
        "step_number": step_number,
        "timestamp": time.time() if timestamp is None else timestamp,
        "action_type": action_type,
        "action_path": action_path,
        "action_query": action_query,
        "action_content_length": action_content_length,
        "reward": reward,
        "cumulative_reward": cumulative_reward,
        "done": done,
        "error": error,
        "file_diff": None if file_diff is None else _diff_fields(file_diff),
        "test_pass_rate": test_pass_rate,
        "duration_ms": duration_ms,
        "security_flags": [] if security_flags is None else security_flags,
        "observation_snapshot": observation,
    }
    if action_content is not None:
        fields["action_content"] = action_content
    if thought is not None:
        fields["thought"] = thought
    if response is not None:
        fields["response"] = response
    if agent_id is not None:
        fields["agent_id"] = agent_id
    if extra is not None:
        fields["extra"] = extra
    line = plain_json(fields) if _is_plain(fields) else None
    if line is None:
        line = _repaired(fields)
    if len(line) > MAX_STEP_BYTES:
        raise TooLarge(
            f"Step {step_number} is {len(line):,} bytes and was not recorded: a step has at most {MAX_STEP_BYTES:,} (16 MiB). "
            "Store the large part elsewhere and record where.",
            code="too_large",
            step_number=_integer(step_number, "step_number"),
        )
    return line


def number(value: Any, name: str) -> Number:
    """A number as JSON takes it: numpy and torch scalars as numbers, those that are not finite or beyond a double as the names.

    Raises:
        TypeError: it is no number.

    Example:
        >>> from rollbook.steps import number
        >>> number(float("inf"), "reward"), number(True, "reward")
        ('Infinity', 1)
    """
    kind = type(value)
    try:
        if issubclass(kind, int):
            value = int.__int__(value)
            if value.bit_length() > 1023:
                return "Infinity" if value > 0 else "-Infinity"
            return value  # type: ignore[no-any-return]
        if issubclass(kind, (str, bytes)) or not hasattr(kind, "__float__"):
            raise TypeError
        value = float(value)
    except Exception:  # a tensor of several elements, a mock: whatever it raises, it is no number
        raise TypeError(f"{name} must be a number, not {kind.__name__}.") from None
    if isfinite(value):
        return value  # type: ignore[no-any-return]
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _is_plain(fields: "Mapping[str, Any]") -> bool:
    """Whether the fields are of the types that the recorder wants, so that only what JSON itself refuses is left to find out."""
    flags, rate, length, extra = (
        fields["security_flags"],
        fields["test_pass_rate"],
        fields["action_content_length"],
        fields.get("extra"),
    )
    return (
        type(fields["step_number"]) is int
        and -(2**63) < fields["step_number"] < 2**63
        and _is_number(fields["timestamp"])
        and type(fields["action_type"]) is str
        and type(fields["action_path"]) in _TEXT
        and type(fields["action_query"]) in _TEXT
        and (length is None or (type(length) is int and -(2**63) < length < 2**63))
        and _is_number(fields["reward"])
        and _is_number(fields["cumulative_reward"])
        and type(fields["done"]) is bool
        and type(fields["error"]) in _TEXT
        and (rate is None or _is_number(rate))
        and _is_number(fields["duration_ms"])
        and type(flags) in _LIST
        and (not flags or set(map(type, flags)) == {str})
        and type(fields.get("action_content")) in _LARGE_TEXT
        and type(fields.get("thought")) in _LARGE_TEXT
        and type(fields.get("response")) in _LARGE_TEXT
        and type(fields.get("agent_id")) in _TEXT
        and (extra is None or type(extra) is dict)
    )


def _is_number(value: Any) -> bool:
    return type(value) in _NUMBER and _LEAST < value < _MOST


def _repaired(fields: "Dict[str, Any]") -> bytes:
    """The line of fields of which some need a repair, in the same order as that of plain ones."""
    repairs: Repairs = []
    parts: List[bytes] = []
    extra = fields.pop("extra", None)
    for name, value in fields.items():
        if name in _WITH_DEFAULT and value is None:
            note(repairs, f"/{name}", "None")  # left to the recorder's default
            continue
        parts.append(f'"{name}":'.encode() + _field(name, value, repairs))
    more = _extra(extra, repairs)
    if more is not None:
        parts.append(b'"extra":' + more)
    return b"{" + b",".join(parts) + b"}"


def _field(name: str, value: Any, repairs: Repairs) -> bytes:
    at = f"/{name}"
    if name in ("observation_snapshot", "file_diff"):
        return to_json(value, at, repairs)
    if name == "security_flags":
        return encode_json(_flags(value, repairs))
    if name == "done":
        return encode_json(_flag(value))
    if value is None and name not in ("step_number", "action_type"):
        return b"null"
    if name in _INTEGERS:
        return encode_json(_integer(value, name))
    if name in _NUMBERS:
        result = number(value, name)
        if isinstance(value, int) and isinstance(result, str):
            note(repairs, at, "huge integer")
        return encode_json(result)
    if type(value) is Reference:
        return encode_json(value)
    return encode_json(clean_text(value, at, repairs))


def _integer(value: Any, name: str) -> int:
    kind = type(value)
    try:
        # A float, or a tensor of one, is an integer as well if it is whole.
        result = index(value) if hasattr(kind, "__index__") else int(value) if float(value).is_integer() else None
    except Exception:
        result = None
    if result is None or issubclass(kind, (str, bytes)):
        raise TypeError(f"{name} must be an integer, not {kind.__name__}.")
    if not -(2**63) < result < 2**63:
        raise TypeError(f"{name} must be an integer of 64 bits; this one has {result.bit_length()}.")
    return int.__int__(result)


def _flag(value: Any) -> bool:
    try:
        return bool(value)
    except Exception:  # an array of several elements is neither
        raise TypeError(f"done must be true or false, not {type(value).__name__}.") from None


def _flags(flags: Any, repairs: Repairs) -> List[str]:
    try:
        if isinstance(flags, (str, bytes)):
            raise TypeError  # one flag, not a sequence of characters
        items = list(flags)
    except Exception:
        note(repairs, "/security_flags", kind_of(flags))
        items = [flags]
    return [clean_text(flag, f"/security_flags/{i}", repairs) for i, flag in enumerate(items)]


def _diff_fields(diff: Any) -> "Optional[Dict[str, Any]]":
    """The object that a change is recorded as; what its values need is seen to later."""
    try:
        if isinstance(diff, FileDiff):
            return {"path": diff.path, "before": diff.before, "after": diff.after, "chars_changed": diff.chars_changed}
        if isinstance(diff, Mapping):
            return dict(diff) or None
        # An environment's own class of the same four fields.
        return {name: getattr(diff, name) for name in FileDiff.__annotations__}
    except Exception:
        return {"value": diff}


def _extra(extra: Any, repairs: Repairs) -> Optional[bytes]:
    """The extra object with the list of repairs, its own included, as its last field."""
    encoded = None
    if extra is not None:
        before = len(repairs)
        encoded = to_json(extra, "/extra", repairs)
        if not encoded.startswith(b"{"):
            del repairs[before:]
            note(repairs, "/extra", kind_of(extra))
            encoded = to_json({"value": extra}, "/extra", repairs)
        elif repairs and b'"_repaired":' in encoded and isinstance(extra, dict) and "_repaired" in extra:
            # A step that was read from a recorder and is recorded again: both lists are kept.
            del repairs[before:]
            note(repairs, "/extra/_repaired", "same key twice")
            renamed = {"_repaired'" if key == "_repaired" else key: item for key, item in extra.items()}
            encoded = to_json(renamed, "/extra", repairs)
    if not repairs:
        return encoded
    head = encoded[:-1] if encoded is not None else b"{"
    return head + (b"," if len(head) > 1 else b"") + b'"_repaired":' + encode_json(repairs) + b"}"
