"""Any Python value as strict JSON, with a list of what had to be changed.

Recording must not fail because of what an environment observed. What JSON has goes through the C encoder in one call; only a value
that it can't take, or that would read back as something else, is walked and repaired (`repair.py`).
"""

from __future__ import annotations

import json
import json.encoder
import re
from typing import Any, Callable, Dict, List, Optional

from .errors import TooLarge
from .repair import DEEPEST, Repairs, clean_text, note, repair, text_of

__all__ = ["Repairs", "clean_text", "encode_json", "note", "plain_json", "plain_text", "repair", "to_json"]

# Where a key could be what another one becomes: 1 and "1", None and "null". Looking for such texts is far cheaper than looking at keys.
_LIKE_A_KEY_OF_ANOTHER_KIND = re.compile(r'":(?<=[0-9el]":)(?:(?<=[0-9]":)|(?<="null":)|(?<="true":)|(?<="false":))').search

# Tried in turn when the caller's own stack leaves no room to encode what is nested deeper.
_LEVELS = (DEEPEST, 64, 16, 4, 1)


def _refuse(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} is not JSON")


def _encoder() -> "Callable[[Any], str]":
    """`json.dumps` without what it does anew in each call, half of its time for a step of 1 KB.

    The C encoder keeps the containers that it is inside in `inside`. One dictionary for all calls is right because every doubt ends
    in an exception, and an exception in a repair: what a failed call leaves behind is cleared, and a call that meets another's
    entries (only a dict subclass's `items` or a finalizer can get in between) takes its container for a cycle.
    """
    plain = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    make: Optional[Callable[..., Any]] = getattr(json.encoder, "c_make_encoder", None)
    quoted: Any = getattr(json.encoder, "encode_basestring", None)
    if make is None or quoted is None:
        return plain
    inside: Dict[int, Any] = {}
    try:
        chunks = make(inside, _refuse, quoted, None, ":", ",", False, False, False)
    except TypeError:  # a later Python's, which makes it in another way
        return plain
    join = "".join

    def encode(value: Any) -> str:
        try:
            return join(chunks(value, 0))
        except BaseException:
            inside.clear()
            raise

    return encode


_encode = _encoder()


def encode_json(value: Any) -> bytes:
    """Strict JSON in UTF-8 of a value that needs no repair.

    Raises:
        ValueError, TypeError, RecursionError: it needs one.

    Example:
        >>> from rollbook.content import encode_json
        >>> encode_json({"a": [1, "é"]})
        b'{"a":[1,"\\xc3\\xa9"]}'
    """
    return _encode(value).encode("utf-8")


def plain_json(value: Any) -> Optional[bytes]:
    """Strict JSON in UTF-8 of a value that needs no repair; None if it needs one.

    Example:
        >>> from rollbook.content import plain_json
        >>> plain_json({"a": (1, 2)}), plain_json({"a": {1, 2}})
        (b'{"a":[1,2]}', None)
    """
    text = plain_text(value)
    try:
        return None if text is None else text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate
        return None


def plain_text(value: Any) -> Optional[str]:
    """As `plain_json`, before it is UTF-8: what has lone surrogates is not found out yet.

    Example:
        >>> from rollbook.content import plain_text
        >>> plain_text({1: 2}), plain_text({1: "a", "1": "b"})
        ('{"1":2}', None)
    """
    try:
        text = _encode(value)
        # Counting brackets is far cheaper than measuring depth and never too low.
        if text.count("[") + text.count("{") > DEEPEST and _deeper(value, DEEPEST):
            return None
        if _LIKE_A_KEY_OF_ANOTHER_KIND(text) and _mixes_keys(value):
            return None
        return text
    except MemoryError:
        raise
    except Exception:  # not JSON's, or a dict subclass whose items() raises what it likes
        return None


def to_json(value: Any, at: str, repairs: Repairs) -> bytes:
    """Strict JSON of any value; what had to be changed is appended to `repairs` as `{"at": pointer, "was": what}`.

    NaN and infinities become the strings "NaN", "Infinity", "-Infinity"; Pydantic models, dataclasses and mappings become objects;
    numpy and torch values become numbers or lists; sets, views and sequences become lists; bytes become `{"$base64": …}`; paths,
    dates, enums, decimals and UUIDs become strings; other keys become strings; lone surrogates become U+FFFD; anything else becomes
    its repr, generators too: they are not run.

    Raises:
        TooLarge: it has more values than the largest step has room for.

    Example:
        >>> from rollbook.content import to_json
        >>> repairs = []
        >>> to_json({"loss": float("nan"), "seen": {3}}, "/observation_snapshot", repairs)
        b'{"loss":"NaN","seen":[3]}'
        >>> repairs[0]
        {'at': '/observation_snapshot/loss', 'was': 'NaN'}
    """
    encoded = plain_json(value)
    if encoded is not None:
        return encoded
    for levels in _LEVELS:
        found: Repairs = []
        try:
            encoded = encode_json(repair(value, at, found, levels))
        except RecursionError:
            continue
        for entry in found:
            note(repairs, entry["at"], entry["was"])
        return encoded
    note(repairs, at, "deeper than the stack")
    return encode_json(text_of(value, object.__repr__))


def _mixes_keys(value: Any) -> bool:
    """Whether an object has keys of several types, which may become the same text."""
    layer = [value]
    while layer:
        for item in layer:
            if isinstance(item, dict) and len(set(map(type, item))) > 1:
                return True
        layer = _children(layer)
    return False


def _deeper(value: Any, levels: int) -> bool:
    """Whether containers are nested more than `levels` deep; without recursion, for values that json could encode."""
    layer = [value]
    for _ in range(levels + 1):
        layer = _children(layer)
        if not layer:
            return False
    return True


def _children(layer: "List[Any]") -> "List[Any]":
    return [
        child
        for item in layer
        for child in (item.values() if isinstance(item, dict) else item if isinstance(item, (list, tuple)) else ())
        if isinstance(child, (dict, list, tuple))
    ]
