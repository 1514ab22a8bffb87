"""Large values as JSON without holding the interpreter: an event loop beside goes on turning."""

from __future__ import annotations

import json
import secrets
from typing import Any, Tuple

from .lines import encode_line
from .steps import MAX_STEP_BYTES

# What the C encoder does in about a millisecond.
_NODES = 3000
_CHARACTERS = 200_000

_DEEPEST = 200

_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def is_large(*values: Any) -> bool:
    """Whether encoding the values could take longer than an event loop may stand still; the look itself is bounded.

    Example:
        >>> from rollbook.large import is_large
        >>> is_large({"n": 1}, None, "text"), is_large(["x"] * 5000), is_large("x" * 1_000_000)
        (False, True, True)
    """
    nodes, characters = _NODES, _CHARACTERS
    stack = list(values)
    while stack:
        value = stack.pop()
        if value is None:
            continue
        kind = type(value)
        if kind is str or kind is bytes:
            characters -= len(value)
        elif kind is dict or kind is list or kind is tuple:
            nodes -= len(value)
            if nodes > 0:
                stack.extend(value.values() if kind is dict else value)
        elif kind is not int and kind is not float and kind is not bool:
            # numpy, torch, models: how large they are shows only when they are converted.
            size = getattr(value, "nbytes", None)
            nodes -= size // 8 if isinstance(size, int) else 200
        if nodes <= 0 or characters <= 0:
            return True
    return False


def encode_large(arguments: Tuple[Any, ...]) -> bytes:
    """As `encode_line(*arguments)`, in small pieces as far as the observation is plain JSON.

    Example:
        >>> from rollbook.large import encode_large
        >>> from rollbook.lines import encode_line
        >>> step = (1, "read", None, None, None, 0.5, 0.5, False, None, None, None, 2, {"n": [1]}, None, None, None, None, None, None, 5.0)
        >>> encode_large(step) == encode_line(*step)
        True
    """
    observation = arguments[_OBSERVATION]
    try:
        if not _is_plain(observation):
            return encode_line(*arguments)
        # The encoder in Python: it yields the interpreter between the pieces, the one in C does not before it ends.
        seen = "".join(_encoder.iterencode(observation)).encode("utf-8")
    except Exception:  # a dict subclass may raise what it likes as well
        return encode_line(*arguments)
    token = secrets.token_hex(16)
    with_token = (*arguments[:_OBSERVATION], token, *arguments[_OBSERVATION + 1 :])
    head, _, tail = encode_line(*with_token).partition(
        b'"%b"' % token.encode("ascii")
    )
    if len(head) + len(seen) + len(tail) > MAX_STEP_BYTES:
        return encode_line(*arguments)  # which refuses it
    return b"".join((head, seen, tail))


_OBSERVATION = 12  # its place among the arguments of encode_line


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
