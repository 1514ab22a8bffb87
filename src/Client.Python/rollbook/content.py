"""Any Python value as strict JSON, with a list of what had to be changed.

Recording must not fail because of what an environment observed. What JSON has is left to the json module; only a value that it
can't take is walked and repaired, so ordinary steps pay nothing.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import enum
import json
import math
import os
import uuid
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from collections.abc import Set as SetType
from decimal import Decimal
from typing import Any, Callable, Dict, List

Repairs = List[Dict[str, str]]

# The server takes 256 levels in a whole step; the step itself needs a few.
_DEEPEST = 240

# Enough to see what an environment sends; a ragged array of a million NaN need not name each.
_LISTED = 100

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def encode_json(value: Any) -> bytes:
    """Strict JSON in UTF-8 of a value that needs no repair.

    Raises:
        ValueError, TypeError: it needs one.

    Example:
        >>> from rollbook.content import encode_json
        >>> encode_json({"a": [1, "é"]})
        b'{"a":[1,"\\xc3\\xa9"]}'
    """
    return _encode(value).encode("utf-8")


def to_json(value: Any, at: str, repairs: Repairs) -> bytes:
    """Strict JSON of any value; what had to be changed is appended to `repairs` as `{"at": pointer, "was": what}`.

    NaN and infinities become the strings "NaN", "Infinity", "-Infinity"; Pydantic models, dataclasses and mappings become objects;
    numpy and torch values become numbers or lists; sets become lists; bytes become `{"$base64": …}`; paths, dates, enums, decimals
    and UUIDs become strings; other keys become strings; lone surrogates become U+FFFD; anything else becomes its repr.

    Example:
        >>> from rollbook.content import to_json
        >>> repairs = []
        >>> to_json({"loss": float("nan"), "seen": {3}}, "/observation_snapshot", repairs)
        b'{"loss":"NaN","seen":[3]}'
        >>> repairs[0]
        {'at': '/observation_snapshot/loss', 'was': 'NaN'}
    """
    try:
        text = _encode(value)
        # Counting brackets is far cheaper than measuring depth and never too low.
        if text.count("[") + text.count("{") <= _DEEPEST or not _deeper(value, _DEEPEST):
            return text.encode("utf-8")
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass  # UnicodeEncodeError of a lone surrogate is a ValueError
    return encode_json(repair(value, at, repairs))


def repair(value: Any, at: str, repairs: Repairs) -> Any:
    """A copy of the value that the json module takes; see `to_json`.

    Example:
        >>> from pathlib import PurePosixPath
        >>> from rollbook.content import repair
        >>> repair([PurePosixPath("a/b")], "/extra", [])
        ['a/b']
    """
    return _repair(value, at, repairs, _DEEPEST, set())


def clean_text(value: Any, at: str, repairs: Repairs) -> str:
    """The value as text that UTF-8 can carry.

    Example:
        >>> from rollbook.content import clean_text
        >>> clean_text(ValueError("no such file"), "/error", [])
        'no such file'
    """
    text = value if isinstance(value, str) else _described(value, at, repairs, str)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        note(repairs, at, "lone surrogate")
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def note(repairs: Repairs, at: str, was: str) -> None:
    """Lists one repair, up to a hundred a step.

    Example:
        >>> from rollbook.content import note
        >>> repairs = []
        >>> note(repairs, "/extra", "set")
        >>> repairs
        [{'at': '/extra', 'was': 'set'}]
    """
    if len(repairs) < _LISTED:
        repairs.append({"at": clean_text(at, "", []), "was": was})
    elif len(repairs) == _LISTED:
        repairs.append({"at": "", "was": f"more than {_LISTED} repairs"})


def _repair(value: Any, at: str, repairs: Repairs, depth: int, inside: "set[int]") -> Any:
    """The repaired value. `inside` holds the ids of the containers around it: meeting one again is a cycle."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, enum.Enum):
        # Members of str and int enums are what they extend, as in the json module.
        if isinstance(value, (str, int)):
            return value.value
        return _described(value, at, repairs, str)
    if isinstance(value, str):
        return clean_text(value, at, repairs)
    if isinstance(value, int):
        return _integer(value, at, repairs)
    if isinstance(value, float):
        return _float(float(value), at, repairs)
    if isinstance(value, (bytes, bytearray, memoryview)):
        note(repairs, at, type(value).__name__)
        return {"$base64": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return _described(value, at, repairs, lambda v: v.isoformat())
    if isinstance(value, os.PathLike):
        return clean_text(_described(value, at, repairs, lambda v: os.fsdecode(v)), at, repairs)
    if isinstance(value, (Decimal, uuid.UUID)):
        return _described(value, at, repairs, str)
    if id(value) in inside or depth <= 0:
        note(repairs, at, "cycle" if id(value) in inside else f"deeper than {_DEEPEST}")
        return _text(value, repr)
    return _container(value, at, repairs, depth - 1, inside | {id(value)})


def _container(value: Any, at: str, repairs: Repairs, depth: int, inside: "set[int]") -> Any:
    if isinstance(value, MappingType):
        if not isinstance(value, dict):
            note(repairs, at, _kind(value))
        return _object(list(value.items()), at, repairs, depth, inside)
    if isinstance(value, (list, tuple)):
        return [_repair(item, f"{at}/{i}", repairs, depth, inside) for i, item in enumerate(value)]
    if isinstance(value, type):
        return _described(value, at, repairs, repr)
    if dataclasses.is_dataclass(value):
        note(repairs, at, _kind(value))
        fields = [(f.name, getattr(value, f.name, None)) for f in dataclasses.fields(value)]
        return _object(fields, at, repairs, depth, inside)
    if isinstance(value, SetType):
        note(repairs, at, _kind(value))
        return [_repair(item, f"{at}/{i}", repairs, depth, inside) for i, item in enumerate(_sorted(value))]
    # numpy and torch by their method, Pydantic (2, then 1) by theirs: none of them is imported for it.
    for method in ("tolist", "model_dump", "dict"):
        convert = getattr(value, method, None)
        if callable(convert):
            try:
                plain = convert()
            except Exception:
                continue
            if type(plain) is not type(value):
                note(repairs, at, _kind(value))
                return _repair(plain, at, repairs, depth, inside)
    if isinstance(value, SequenceType):
        note(repairs, at, _kind(value))
        return [_repair(item, f"{at}/{i}", repairs, depth, inside) for i, item in enumerate(value)]
    return _described(value, at, repairs, repr)


def _object(items: "list[tuple[Any, Any]]", at: str, repairs: Repairs, depth: int, inside: "set[int]") -> Dict[str, Any]:
    result: Dict[str, Any] = {}
    for key, item in items:
        if isinstance(key, str):
            name = clean_text(key, at, repairs)
        elif key is None or isinstance(key, (bool, int, float)):
            name = _json_key(key)
        else:
            name = _described(key, at, repairs, str)
        if name in result:  # 1 and "1": both must be kept
            note(repairs, f"{at}/{name}", "same key twice")
            while name in result:
                name += "'"
        pointer = name.replace("~", "~0").replace("/", "~1")
        result[name] = _repair(item, f"{at}/{pointer}", repairs, depth, inside)
    return result


def _json_key(key: Any) -> str:
    """A key as the json module writes it."""
    try:
        return next(iter(json.loads(json.dumps({key: 0}))))
    except ValueError:  # too many digits for a decimal text
        return hex(key)


def _integer(value: int, at: str, repairs: Repairs) -> Any:
    try:
        int.__repr__(value)
    except ValueError:  # CPython refuses decimal texts of more than 4,300 digits
        note(repairs, at, "huge integer")
        return hex(value)
    return int(value)


def _float(value: float, at: str, repairs: Repairs) -> Any:
    if math.isfinite(value):
        return value
    text = "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    note(repairs, at, text)
    return text


def _described(value: Any, at: str, repairs: Repairs, describe: Callable[[Any], str]) -> str:
    note(repairs, at, _kind(value))
    return clean_text(_text(value, describe), at, repairs)


def _text(value: Any, describe: Callable[[Any], str]) -> str:
    try:
        return clean_text(str(describe(value)), "", [])
    except Exception:  # a __repr__ may do anything; the step must be recorded all the same
        return f"<{_kind(value)}>"


def _kind(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _sorted(value: Any) -> "list[Any]":
    """A set's items in an order that does not hang on the hash seed, where they have one."""
    items = list(value)
    try:
        return sorted(items)
    except TypeError:
        return sorted(items, key=lambda item: _text(item, repr))


def _deeper(value: Any, levels: int) -> bool:
    """Whether containers are nested more than `levels` deep; without recursion, for values that json could encode."""
    layer = [value]
    for _ in range(levels + 1):
        layer = [
            child
            for item in layer
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, (list, tuple)) else ())
            if isinstance(child, (dict, list, tuple))
        ]
        if not layer:
            return False
    return True
