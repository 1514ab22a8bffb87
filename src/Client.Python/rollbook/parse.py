"""JSON of any size without holding the interpreter for long: the parser in C holds it from the first byte to the last."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, List, Tuple

# What the parser in C does in about a millisecond.
_AT_ONCE = 200_000

# A trajectory is an object with a list of steps: the steps are parsed one by one. One step alone has 16 MiB at most.
_LEVELS = 2

_BREATH_SECONDS = 50e-6

_decoder = json.JSONDecoder()


def parse_json(body: bytes) -> Any:
    """As `json.loads(body)`; a large body is parsed piece by piece, with a breath for other threads after each.

    Raises:
        ValueError: it is no JSON.

    Example:
        >>> from rollbook.parse import parse_json
        >>> parse_json(b'{"steps": [{"n": 1}]}')
        {'steps': [{'n': 1}]}
    """
    if len(body) <= _AT_ONCE or body[:1] not in (b"{", b"["):
        return json.loads(body)
    reader = _Reader(body.decode("utf-8"))
    return reader.whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breath_at = _AT_ONCE

    def whole(self) -> Any:
        value = self._value(0)
        if self._next():
            raise self._error("something stands behind the value")
        return value

    def _value(self, level: int) -> Any:
        first = self._next()
        if level < _LEVELS and first == "{":
            return self._object(level)
        if level < _LEVELS and first == "[":
            return self._array(level)
        value, self._at = _decoder.raw_decode(self._text, self._at)
        if self._at >= self._breath_at:
            self._breath_at = self._at + _AT_ONCE
            time.sleep(_BREATH_SECONDS)
        return value

    def _object(self, level: int) -> Dict[str, Any]:
        def member() -> Tuple[str, Any]:
            if self._next() != '"':
                raise self._error("a name is missing")
            name, self._at = _decoder.raw_decode(self._text, self._at)
            if self._next() != ":":
                raise self._error("a colon is missing")
            self._at += 1
            return name, self._value(level + 1)

        return dict(self._items("}", member))

    def _array(self, level: int) -> List[Any]:
        return self._items("]", lambda: self._value(level + 1))

    def _items(self, end: str, item: Callable[[], Any]) -> List[Any]:
        items: List[Any] = []
        self._at += 1
        if self._next() == end:
            self._at += 1
            return items
        while True:
            items.append(item())
            mark = self._next()
            self._at += 1
            if mark == end:
                return items
            if mark != ",":
                raise self._error("a comma is missing")

    def _next(self) -> str:
        """The next character that is no white space; "" at the end."""
        text, at = self._text, self._at
        while text[at : at + 1] in (" ", "\n", "\r", "\t"):
            at += 1
        self._at = at
        return text[at : at + 1]

    def _error(self, problem: str) -> ValueError:
        return json.JSONDecodeError(problem, self._text, self._at)
