"""Large values as JSON without holding the interpreter for long: an event loop beside goes on turning."""

from __future__ import annotations

import secrets
import time
from itertools import islice
from typing import Any, Dict, List, Optional, Tuple

from .blobs import Line, detach
from .content import encode_json
from .lines import encode_line
from .shapes import FileDiff
from .steps import MAX_STEP_BYTES

# What the C encoder does in about a millisecond.
_NODES = 3000
_CHARACTERS = 200_000

# Children of a container that are encoded in one call, at most.
_RUN = 1024

_DEEPEST = 200

# After each piece. A thread that only offers the interpreter takes it again before a waiting one has woken up.
_BREATH_SECONDS = 50e-6


def is_large(*values: Any) -> bool:
    """Whether encoding the values could take longer than an event loop may stand still; the look itself is bounded.

    Example:
        >>> from rollbook.large import is_large
        >>> is_large({"n": 1}, None, "text"), is_large(["x"] * 5000), is_large("x" * 1_000_000)
        (False, True, True)
    """
    nodes, characters = _NODES, _CHARACTERS
    stack = [value for value in values if value is not None]
    while stack:
        value = stack.pop()
        kind = type(value)
        if kind is str or kind is bytes:
            characters -= len(value)
        elif kind is dict or kind is list or kind is tuple:
            nodes -= len(value)
            if nodes > 0:
                stack.extend(value.values() if kind is dict else value)
        elif kind is FileDiff:
            stack += (value.before, value.after)
        elif kind is not int and kind is not float and kind is not bool and value is not None:
            # numpy, torch, models: how large they are shows only when they are converted.
            size = getattr(value, "nbytes", None)
            nodes -= size // 8 if isinstance(size, int) else 200
        if nodes <= 0 or characters <= 0:
            return True
    return False


def encode_large(arguments: Tuple[Any, ...]) -> bytes:
    """As `encode_line(*arguments)`, in small pieces as far as the large values are plain JSON.

    Example:
        >>> from rollbook.large import encode_large
        >>> from rollbook.lines import encode_line
        >>> step = (1, "read", None, None, None, 0.5, 0.5, False, None, None, None, 2, {"n": [1] * 5000}, None, None, None, None, None,
        ...         None, 5.0)
        >>> encode_large(step) == encode_line(*step)
        True
    """
    values, blobs = detach(arguments)
    return Line.of(_encode_large(values), blobs)


def _encode_large(arguments: Tuple[Any, ...]) -> bytes:
    try:
        taken: Dict[bytes, List[bytes]] = {}
        parts = [encode_line(*_without_large(arguments, taken))]
        for token, pieces in taken.items():
            parts = _put_back(parts, token, pieces)
    except Exception:  # it needs a repair, or is no step at all; a dict subclass may raise what it likes as well
        return encode_line(*arguments)
    if sum(map(len, parts)) > MAX_STEP_BYTES:
        return encode_line(*arguments)  # which refuses it
    return b"".join(parts)


# The places of values that may be large, among the arguments of encode_line.
_ERROR, _DIFF, _OBSERVATION, _CONTENT, _THOUGHT, _RESPONSE, _EXTRA = 8, 9, 12, 14, 15, 16, 18


def _without_large(arguments: Tuple[Any, ...], taken: Dict[bytes, List[bytes]]) -> List[Any]:
    """The arguments with a token for each large value, whose JSON goes into `taken`."""

    def token(value: Any) -> Any:
        pieces = _pieces(value) if is_large(value) else None
        if pieces is None:
            return value
        name = secrets.token_hex(16)
        taken[b'"%b"' % name.encode("ascii")] = pieces
        return name

    given = list(arguments)
    given[_OBSERVATION] = token(given[_OBSERVATION])
    for place in (_ERROR, _CONTENT, _THOUGHT, _RESPONSE):
        if type(given[place]) is str:
            given[place] = token(given[place])
    if type(given[_EXTRA]) is dict:
        given[_EXTRA] = {key: token(value) for key, value in given[_EXTRA].items()}
    diff = given[_DIFF]
    if type(diff) is FileDiff and type(diff.before) in (str, type(None)) and type(diff.after) is str:
        given[_DIFF] = FileDiff(diff.path, token(diff.before), token(diff.after), diff.chars_changed)
    return given


def _put_back(parts: List[bytes], token: bytes, pieces: List[bytes]) -> List[bytes]:
    for at, part in enumerate(parts):
        head, found, tail = part.partition(token)
        if found:
            return [*parts[:at], head, *pieces, tail, *parts[at + 1 :]]
    raise ValueError("a large value did not come through as it was given")


def _pieces(value: Any) -> Optional[List[bytes]]:
    """The JSON of a value, a piece for each call of the encoder; None if it is not plain.

    Raises:
        ValueError: it needs a repair.
    """
    if not _is_plain(value):
        return None
    pieces: List[bytes] = []
    _add(value, pieces)
    return pieces


def _add(value: Any, pieces: List[bytes]) -> None:
    if not is_large(value):
        pieces.append(encode_json(value))
        time.sleep(_BREATH_SECONDS)
    elif type(value) is str:
        _add_text(value, pieces)
    else:
        _add_container(value, pieces)


def _add_text(text: str, pieces: List[bytes]) -> None:
    pieces.append(b'"')
    for start in range(0, len(text), _CHARACTERS):  # what a character is written as depends on no other
        pieces.append(encode_json(text[start : start + _CHARACTERS])[1:-1])
        time.sleep(_BREATH_SECONDS)
    pieces.append(b'"')


def _add_container(value: Any, pieces: List[bytes]) -> None:
    is_dict = type(value) is dict
    children = iter(value.items() if is_dict else value)
    pieces.append(b"{" if is_dict else b"[")
    length = _RUN
    run: List[Any] = list(islice(children, length))
    while run:
        part = run[:length]
        some: Any = dict(part) if is_dict else part
        if not is_large(some):
            pieces.append(encode_json(some)[1:-1])
            time.sleep(_BREATH_SECONDS)
        elif length > 1:
            length = max(length // 8, 1)
            continue
        elif is_dict:
            pieces.append(encode_json(part[0][0]) + b":")
            _add(part[0][1], pieces)
        else:
            _add(part[0], pieces)
        pieces.append(b",")
        del run[:length]
        if not run:
            length = _RUN
            run = list(islice(children, length))
    pieces[-1] = b"}" if is_dict else b"]"  # there is one child at least: what is empty is not large


def _is_plain(value: Any) -> bool:
    """Whether it is what JSON has, text keys included, and not too deep: anything else is `encode_step`'s to repair."""
    layer = [value]
    for _ in range(_DEEPEST):
        inner = []
        for item in layer:
            kind = type(item)
            if kind is dict:
                if not all(type(key) is str for key in item):
                    return False
                inner.extend(item.values())
            elif kind is list or kind is tuple:
                inner.extend(item)
            elif item is not None and kind not in _SCALARS:
                return False
        if not inner:
            return True
        layer = inner
    return False


_SCALARS = frozenset((str, int, float, bool))
