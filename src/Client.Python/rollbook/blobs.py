"""Large texts go to the recorder by their hash, once, and the step names them: `{"$blob": sha256, "bytes": n, "media_type": …}`."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from .answers import Answer, Request, check_final
from .shapes import FileDiff
from .wire import Connection, Head

# In UTF-8; the step keeps what is shorter.
MAX_INLINE = 256 * 1024

# The recorder's limit of one value.
MAX_BLOB = 64 * 1024 * 1024

MEDIA_TYPE = "text/plain; charset=utf-8"

# Below this many characters no text is over MAX_INLINE.
_FEW = MAX_INLINE // 4

# What is nested deeper stays in the step.
_DEEPEST = 200

# The places of what may be large, among the arguments of encode_line.
_DIFF, _OBSERVATION, _CONTENT, _THOUGHT, _RESPONSE, _EXTRA = 9, 12, 14, 15, 16, 18


class Blob(NamedTuple):
    """A text that is kept by its hash.

    Attributes:
        sha256: the hash of its bytes, 64 hexadecimal digits.
        size: how many there are.
        text: the text.

    Example:
        >>> from rollbook.blobs import Blob
        >>> Blob.of("x").size
        1
    """

    sha256: str
    size: int
    text: str

    @staticmethod
    def of(text: str) -> "Blob":
        """The blob of a text.

        Raises:
            UnicodeEncodeError: it has a lone surrogate.
        """
        data = text.encode("utf-8")
        return Blob(hashlib.sha256(data).hexdigest(), len(data), text)

    @property
    def request(self) -> Request:
        """What keeps it."""
        return put_request(self.sha256, self.text.encode("utf-8"))


class Reference(Dict[str, Any]):
    """What stands in the place of a field that is a text.

    Example:
        >>> from rollbook.blobs import Blob, Reference
        >>> Reference.to(Blob("00", 300_000, ""))
        {'$blob': '00', 'bytes': 300000, 'media_type': 'text/plain; charset=utf-8'}
    """

    @staticmethod
    def to(blob: Blob) -> "Reference":
        """The reference to a blob."""
        return Reference({"$blob": blob.sha256, "bytes": blob.size, "media_type": MEDIA_TYPE})


class Line(bytes):
    """The JSON of a step that names large texts, and these.

    Attributes:
        blobs: what must be kept before the step is sent.
        again: whether they were sent again because the recorder did not have them.

    Example:
        >>> from rollbook.blobs import Blob, Line, weight
        >>> weight(Line.of(b"{}", [Blob("00", 300_000, "")])), weight(b"{}")
        (300002, 2)
    """

    blobs: Tuple[Blob, ...] = ()
    again: bool = False

    @staticmethod
    def of(line: bytes, blobs: List[Blob]) -> bytes:
        """The line with the large texts that it names."""
        if not blobs:
            return line
        made = Line(line)
        made.blobs = tuple(blobs) + (line.blobs if isinstance(line, Line) else ())
        return made


def weight(line: bytes) -> int:
    """The bytes that a line keeps in memory.

    Example:
        >>> from rollbook.blobs import weight
        >>> weight(b"{}")
        2
    """
    return len(line) if type(line) is bytes else len(line) + sum(blob.size for blob in blobs_of(line))


def blobs_of(line: bytes) -> Tuple[Blob, ...]:
    """The large texts that a line names and that are still to be kept.

    Example:
        >>> from rollbook.blobs import blobs_of
        >>> blobs_of(b"{}")
        ()
    """
    return line.blobs if isinstance(line, Line) else ()


def put_request(sha256: str, data: bytes) -> Request:
    """The request that keeps a value.

    Example:
        >>> from rollbook.blobs import put_request
        >>> put_request("00", b"x").path
        '/v1/blobs/00'
    """
    return Request("PUT", f"/v1/blobs/{sha256}", data, "application/octet-stream")


def read_put(connection: Connection, head: Head) -> Answer:
    """The final answer to a `put_request`.

    Raises:
        NoAnswer: it must be sent again.
    """
    answer = Answer.read(connection, head)
    check_final(answer, lambda value: isinstance(value, dict) and "sha256" in value)
    return answer


class Uploaded:
    """The hashes that the recorder is known to have, the last some thousands of them. Threads share it: at worst one is sent in vain.

    Example:
        >>> from rollbook.blobs import Uploaded
        >>> known = Uploaded(most=1)
        >>> known.add("a"); known.add("b")
        >>> "a" in known, "b" in known
        (False, True)
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._hashes: "OrderedDict[str, None]" = OrderedDict()

    def __contains__(self, sha256: str) -> bool:
        try:
            self._hashes.move_to_end(sha256)
        except KeyError:
            return False
        return True

    def add(self, sha256: str) -> None:
        """The recorder has it."""
        self._hashes[sha256] = None
        while len(self._hashes) > self._most:
            self._hashes.popitem(last=False)

    def discard(self, sha256: str) -> None:
        """The recorder says that it has not."""
        self._hashes.pop(sha256, None)


def detach(arguments: Tuple[Any, ...]) -> "Tuple[Tuple[Any, ...], List[Blob]]":
    """The arguments of `encode_line` with a reference for each text over 256 KiB, and these texts.

    Only in the fields that hold what agents and environments wrote, and there only in dictionaries, lists, tuples and texts of these very types: a step that
    needs a repair keeps what is repaired.

    Example:
        >>> from rollbook.blobs import detach
        >>> step = (1, "read", None, None, None, 0.5, 0.5, False, None, None, None, 2, {"page": "x" * 300_000}, None, None, None, None, None,
        ...         None, 5.0)
        >>> values, blobs = detach(step)
        >>> values[12]["page"]["bytes"], len(blobs)
        (300000, 1)
    """
    if not any(map(_has_large, (arguments[i] for i in (_DIFF, _OBSERVATION, _CONTENT, _THOUGHT, _RESPONSE, _EXTRA)))):
        return arguments, []
    found: "Dict[str, Blob]" = {}
    given = list(arguments)
    for place in (_CONTENT, _THOUGHT, _RESPONSE):
        blob = _blob(given[place], found)
        if blob is not None:
            given[place] = Reference.to(blob)
    for place in (_OBSERVATION, _EXTRA):
        value = _detached(given[place], found, set(), _DEEPEST)
        # extra is an object in any case, and a reference would be one of another kind.
        given[place] = value if place == _OBSERVATION or type(given[place]) is dict else given[place]
    diff = given[_DIFF]
    if type(diff) is FileDiff:
        before, after = (_detached(value, found, set(), 1) for value in (diff.before, diff.after))
        given[_DIFF] = FileDiff(diff.path, before, after, diff.chars_changed)
    elif type(diff) is dict:
        given[_DIFF] = _detached(diff, found, set(), _DEEPEST)
    return tuple(given), list(found.values())


def _has_large(value: Any) -> bool:
    """Whether there may be a text over 256 KiB in it; without recursion, a cycle ends with the deepest level."""
    if type(value) is FileDiff:
        value = (value.before, value.after)
    layer = [value]
    seen: Set[int] = set()
    for _ in range(_DEEPEST):
        inner: List[Any] = []
        for item in layer:
            kind = type(item)
            if kind is str:
                if len(item) > _FEW:
                    return True
            elif (kind is dict or kind is list or kind is tuple) and item and id(item) not in seen:
                seen.add(id(item))
                inner.extend(item.values() if kind is dict else item)
        if not inner:
            return False
        layer = inner
    return False


def _blob(value: Any, found: "Dict[str, Blob]") -> Optional[Blob]:
    if type(value) is not str or len(value) <= _FEW:
        return None
    try:
        blob = Blob.of(value)
    except UnicodeEncodeError:  # it needs a repair
        return None
    return found.setdefault(blob.sha256, blob) if MAX_INLINE < blob.size <= MAX_BLOB else None


def _detached(value: Any, found: "Dict[str, Blob]", inside: "Set[int]", levels: int) -> Any:
    """The value itself where nothing in it is large, else a copy of its containers."""
    kind = type(value)
    if kind is str:
        blob = _blob(value, found)
        return value if blob is None else dict(Reference.to(blob))
    if (kind is not dict and kind is not list and kind is not tuple) or not levels or id(value) in inside:
        return value
    inside.add(id(value))
    try:
        if kind is dict:
            items = {key: _detached(item, found, inside, levels - 1) for key, item in value.items()}
            return items if any(items[key] is not item for key, item in value.items()) else value
        parts = [_detached(item, found, inside, levels - 1) for item in value]
        return parts if any(part is not item for part, item in zip(parts, value)) else value
    finally:
        inside.discard(id(value))
