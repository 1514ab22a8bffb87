"""The walk over a value that the json module can't take: a copy of it that it can.

Values are hostile, or half built, or mocks: whatever they raise, the walk goes on. Scalars are known by their real type and copied
without calling what a subclass may have overridden; methods are looked up on the type, so that an object which answers to every name is
not taken for an array.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import enum
import json
import math
import uuid
from collections import UserString
from collections.abc import ItemsView, KeysView, ValuesView
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from collections.abc import Set as SetType
from decimal import Decimal
from itertools import islice
from os import fsdecode, fspath
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from .errors import TooLarge

Repairs = List[Dict[str, str]]

# The server takes 256 levels in a whole step; the step itself, and the line around it, need a few.
DEEPEST = 240

# Enough to see what an environment sends; a ragged array of a million NaN need not name each.
_LISTED = 100

# A value takes at least two bytes of a step's 16 MiB.
_MOST_VALUES = 8 * 1024 * 1024

# A list from this length on is worth a try of the C encoder before its items are looked at one by one.
_LONG = 32

_BYTES = (bytes, bytearray, memoryview)
_AS_TEXT = (enum.Enum, datetime.timedelta, Decimal, uuid.UUID, UserString)
_VIEWS = (KeysView, ValuesView, ItemsView)


def repair(value: Any, at: str, repairs: Repairs, levels: int = DEEPEST) -> Any:
    """A copy of the value that the json module takes; see `content.to_json`.

    Args:
        value: anything.
        at: its JSON pointer, for the list.
        repairs: the list.
        levels: how deep containers may be nested; deeper ones become their repr.

    Raises:
        TooLarge: it has more values than the largest step has room for.

    Example:
        >>> from pathlib import PurePosixPath
        >>> from rollbook.repair import repair
        >>> repair([PurePosixPath("a/b")], "/extra", [])
        ['a/b']
    """
    return _Repair(repairs).any(value, at, levels)


def clean_text(value: Any, at: str, repairs: Repairs) -> str:
    """The value as text that UTF-8 can carry.

    Example:
        >>> from rollbook.repair import clean_text
        >>> clean_text(ValueError("no such file"), "/error", [])
        'no such file'
    """
    kind = type(value)
    if kind is str:
        text: str = value
    elif issubclass(kind, str):
        text = str.__str__(value)
    else:
        note(repairs, at, kind_of(value))
        return text_of(value, str)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        note(repairs, at, "lone surrogate")
        return _without_surrogates(text)
    return text


def note(repairs: Repairs, at: str, was: str) -> None:
    """Lists one repair, up to a hundred a step.

    Example:
        >>> from rollbook.repair import note
        >>> repairs = []
        >>> note(repairs, "/extra", "set")
        >>> repairs
        [{'at': '/extra', 'was': 'set'}]
    """
    if len(repairs) < _LISTED:
        repairs.append({"at": _without_surrogates(at), "was": _without_surrogates(was)})
    elif len(repairs) == _LISTED:
        repairs.append({"at": "", "was": f"more than {_LISTED} repairs"})


def text_of(value: Any, describe: Callable[[Any], str]) -> str:
    """What `describe` says of the value; its type's name if it says nothing usable.

    Example:
        >>> from rollbook.repair import text_of
        >>> text_of(7, lambda value: 1 / 0)
        '<int>'
    """
    try:
        return _without_surrogates(str.__str__(describe(value)))
    except Exception:  # a __repr__ may do anything; the step must be recorded all the same
        return f"<{kind_of(value)}>"


def kind_of(value: Any) -> str:
    """The name of the value's type, with its module where it isn't a built-in.

    Example:
        >>> from decimal import Decimal
        >>> from rollbook.repair import kind_of
        >>> kind_of(1), kind_of(Decimal(1))
        ('int', 'decimal.Decimal')
    """
    kind = type(value)
    try:
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        return _without_surrogates(name)
    except Exception:  # a metaclass may do anything as well
        return "object"


class _Repair:
    """One walk."""

    def __init__(self, repairs: Repairs) -> None:
        self._repairs = repairs
        self._inside: Dict[int, str] = {}  # the containers around the value, by id, and their pointers: meeting one again is a cycle
        self._left = _MOST_VALUES

    def any(self, value: Any, at: str, levels: int) -> Any:
        kind = type(value)
        if value is None or kind is bool:
            return value
        self._left -= 1
        if self._left < 0:
            raise TooLarge(
                f"A step with more than {_MOST_VALUES:,} values is over 16 MiB and was not recorded. "
                "Store the large part elsewhere and record where.",
                code="too_large",
            )
        if kind is str:
            return clean_text(value, at, self._repairs)
        listed = len(self._repairs)
        try:
            if issubclass(kind, (str, int, float)):
                return self._json_scalar(value, kind, at)
            if issubclass(kind, _BYTES):
                self._note(value, at)
                raw = value.tobytes() if issubclass(kind, memoryview) else value
                return {"$base64": base64.b64encode(raw).decode("ascii")}
            describe = _description(kind)
            if describe is not None:
                return self._described(value, at, describe)
            return self._container(value, kind, at, levels)
        except (TooLarge, MemoryError):
            raise
        except Exception:
            # Half converted, it could say anything; what was noted inside it is void.
            del self._repairs[listed:]
            return self._described(value, at, repr)

    def _json_scalar(self, value: Any, kind: type, at: str) -> Any:
        # Members of str, int and float enums are what they extend, as in the json module.
        if issubclass(kind, str):
            return clean_text(value, at, self._repairs)
        if issubclass(kind, float):
            return self._float(float.__float__(value), at)
        value = int.__int__(value)
        try:
            int.__repr__(value)
        except ValueError:  # CPython refuses decimal texts of more than 4,300 digits
            note(self._repairs, at, "huge integer")
            return hex(value)
        return value

    def _float(self, value: float, at: str) -> Any:
        if math.isfinite(value):
            return value
        text = "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        note(self._repairs, at, text)
        return text

    def _container(self, value: Any, kind: type, at: str, levels: int) -> Any:
        if id(value) in self._inside:
            note(self._repairs, at, "cycle")
            return f"<cycle to {self._inside[id(value)] or '/'}>"
        if levels <= 0:
            note(self._repairs, at, f"deeper than {DEEPEST}")
            return text_of(value, repr)
        self._inside[id(value)] = at
        try:
            if isinstance(value, MappingType):
                if not issubclass(kind, dict):
                    self._note(value, at)
                return self._object(self._items(value, kind), at, levels - 1)
            if issubclass(kind, (list, tuple)):
                # As the C encoder reads them: subclasses by what they hold, not by what they say.
                items = list.copy(value) if issubclass(kind, list) else list(tuple.__iter__(value))
                return self._list(items, at, levels - 1)
            if _has(kind, "__dataclass_fields__"):
                self._note(value, at)
                fields = dataclasses.fields(kind)
                return self._object([(field.name, _attribute(value, field.name)) for field in fields], at, levels - 1)
            return self._foreign(value, kind, at, levels - 1)
        finally:
            self._inside.pop(id(value), None)

    def _foreign(self, value: Any, kind: type, at: str, levels: int) -> Any:
        """Containers that Python's own json knows nothing of."""
        if isinstance(value, SetType) and not isinstance(value, _VIEWS):
            self._note(value, at)
            return self._list(_sorted(self._taken(value)), at, levels)
        # numpy and torch by their method, Pydantic (2, then 1) by theirs: none of them is imported for it.
        for method, also in (("tolist", "tolist"), ("model_dump", "model_dump"), ("dict", "__fields__")):
            if _has(kind, method) and _has(kind, also):
                plain = getattr(value, method)()
                if type(plain) is not kind:
                    self._note(value, at)
                    return self.any(plain, at, levels)
        if isinstance(value, (*_VIEWS, SequenceType)) and kind is not range:  # a range may be longer than memory is large
            self._note(value, at)
            return self._list(self._taken(value), at, levels)
        return self._described(value, at, repr)

    def _list(self, items: "List[Any]", at: str, levels: int) -> "List[Any]":
        if len(items) >= _LONG and _is_flat(items):
            self._left -= len(items)
            return items
        return [self.any(item, f"{at}/{i}", levels) for i, item in enumerate(items)]

    def _object(self, items: "Iterable[Tuple[Any, Any]]", at: str, levels: int) -> "Dict[str, Any]":
        result: Dict[str, Any] = {}
        for key, item in items:
            name = self._key(key, at)
            if name in result:  # 1 and "1": both must be kept
                note(self._repairs, f"{at}/{_escaped(name)}", "same key twice")
                first, count = name + "'", 1
                name = first
                while name in result:
                    count += 1
                    name = f"{first}{count}"
            result[name] = self.any(item, f"{at}/{_escaped(name)}", levels)
        return result

    def _key(self, key: Any, at: str) -> str:
        kind = type(key)
        if issubclass(kind, str):
            return clean_text(key, at, self._repairs)
        if key is None or issubclass(kind, (int, float)):
            try:
                return str(next(iter(json.loads(json.dumps({key: 0})))))  # as the json module writes it
            except ValueError:  # too many digits for a decimal text
                return hex(key)
        return self._described(key, at, str)

    def _items(self, value: Any, kind: type) -> "List[Tuple[Any, Any]]":
        try:
            pairs = [(key, item) for key, item in self._taken(value.items())]
        except Exception:
            if not issubclass(kind, dict):
                raise
            pairs = list(dict.items(value))  # its own items() fails; what it holds is there all the same
        return pairs

    def _taken(self, items: "Iterable[Any]") -> "List[Any]":
        """The items, at once, since another thread may change the container; a stranger's may have no end."""
        taken = list(islice(items, self._left + 1))
        if len(taken) > self._left:
            raise ValueError("more items than a step has room for")
        return taken

    def _note(self, value: Any, at: str) -> None:
        note(self._repairs, at, kind_of(value))

    def _described(self, value: Any, at: str, describe: Callable[[Any], str]) -> str:
        self._note(value, at)
        return text_of(value, describe)


def _description(kind: type) -> "Optional[Callable[[Any], str]]":
    """How values of this type are put into words, where they are scalars."""
    if issubclass(kind, (datetime.date, datetime.time)):
        return lambda value: str(value.isoformat())
    if issubclass(kind, _AS_TEXT):
        return str
    if _has(kind, "__fspath__"):
        return lambda value: fsdecode(fspath(value))
    if issubclass(kind, type):
        return repr
    return None


def _has(kind: type, name: str) -> bool:
    """Whether the type itself, not a `__getattr__` of its instances or its metaclass, has the attribute."""
    return any(name in base.__dict__ for base in kind.__mro__)


def _attribute(value: Any, name: str) -> Any:
    try:
        return getattr(value, name)
    except Exception as e:
        return f"<{kind_of(e)}>"


def _is_flat(items: "List[Any]") -> bool:
    """Whether a list is all integers or all floats without any to repair, found out at C speed."""
    kinds = set(map(type, items))
    if kinds <= {int, bool}:
        return bool(-(2**63) <= min(items) and max(items) < 2**63)
    return kinds == {float} and math.isfinite(sum(items))  # NaN and infinity outlast any sum


def _sorted(items: "List[Any]") -> "List[Any]":
    """A set's items in an order that does not hang on the hash seed, where they have one."""
    try:
        return sorted(items)
    except Exception:
        return sorted(items, key=lambda item: text_of(item, repr))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _without_surrogates(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
