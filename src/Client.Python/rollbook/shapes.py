"""The shapes that a caller sees: `FileDiff`, and what the four reads return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional

# Numeric fields: the HTTP API writes numbers that are not finite as strings there, and there alone.
_STEP_NUMBERS = ("timestamp", "reward", "cumulative_reward", "test_pass_rate", "duration_ms")
_EPISODE_NUMBERS = ("start_time", "end_time", "duration_seconds", "final_score")
_TIMELINE_NUMBERS = ("reward", "duration_ms", "pass_rate")

_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


@dataclass
class FileDiff:
    """A change that the agent made to a file.

    Attributes:
        path: the file.
        before: the old text, None if the file is new.
        after: the new text.
        chars_changed: how many characters changed, as the environment counts them.

    Example:
        >>> from rollbook import FileDiff
        >>> FileDiff(path="a.py", before=None, after="x = 1", chars_changed=5).before is None
        True
    """

    path: str
    before: Optional[str]
    after: str
    chars_changed: int


def trajectory_from(value: Any) -> Optional[Dict[str, Any]]:
    """The answer of `/trajectory`, its not finite numbers as floats.

    Example:
        >>> from rollbook.shapes import trajectory_from
        >>> trajectory_from({"final_score": "NaN", "steps": []})
        {'final_score': nan, 'steps': []}
    """
    if value is None:
        return None
    _restore(value, _EPISODE_NUMBERS)
    for step in value.get("steps") or []:
        _restore(step, _STEP_NUMBERS)
    return value  # type: ignore[no-any-return]


def timeline_from(value: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The answer of `/timeline`, its not finite numbers as floats.

    Example:
        >>> from rollbook.shapes import timeline_from
        >>> timeline_from([{"step": 1, "reward": "-Infinity"}])
        [{'step': 1, 'reward': -inf}]
    """
    for entry in value:
        _restore(entry, _TIMELINE_NUMBERS)
    return value


def history_from(value: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The answer of `/history`, its not finite numbers as floats.

    Example:
        >>> from rollbook.shapes import history_from
        >>> history_from([{"task": "NaN", "final_score": "Infinity"}])
        [{'task': 'NaN', 'final_score': inf}]
    """
    for entry in value:
        _restore(entry, _EPISODE_NUMBERS)
    return value


def _restore(entry: Dict[str, Any], names: "tuple[str, ...]") -> None:
    for name in names:
        value = entry.get(name)
        if isinstance(value, str) and value in _NOT_FINITE:
            entry[name] = _NOT_FINITE[value]
