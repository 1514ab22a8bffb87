"""The context of an episode through HTTP: a trainer writes it into the W3C `baggage` header, an environment server reads it there.

    trainer:      headers = rollbook.asgi.inject({})        # inside rollbook.context(group_id="batch-4", attempt=2)
    environment:  app = ContextMiddleware(app)              # start_episode takes group and attempt from the request

The header is a list of `name=value` with commas between, values percent-encoded; ours are `rollbook.group_id`, `rollbook.attempt`,
`rollbook.seed`, `rollbook.policy_version`, `rollbook.environment`, `rollbook.parent_episode_id`, and `rollbook.metadata.{key}` for texts of the metadata.
See https://www.w3.org/TR/baggage/.
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, Iterable, List, Mapping, MutableMapping, Optional, Tuple
from urllib.parse import quote, unquote_to_bytes

from .context import INTEGERS, TEXTS, context, current

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# The standard's own limits: what every participant must pass on. What is longer is not ours to read.
MAX_BYTES = 8192
MAX_ENTRIES = 180

# The longest text that the recorder takes as a group, policy version or environment.
_LONGEST = 256

_PREFIX = "rollbook."
_METADATA = "rollbook.metadata."

# baggage-octet without "%", which begins an escape: printable ASCII but for space " , ; \
_SAFE = "!#$&'()*+-./:<=>?@[]^_`{|}~"


class ContextMiddleware:
    """Puts the context of each request's `baggage` header around the app: HTTP requests, and WebSocket connections as a whole.

    A bad entry is skipped, since a header from outside must not fail a request; everything that isn't ours is left alone. Whoever can
    reach the app can write the header: it names groups and seeds, it grants nothing.

    Args:
        app: an ASGI 3 application: FastAPI, Starlette, or a bare coroutine function.

    Example:
        >>> import asyncio
        >>> from rollbook.asgi import ContextMiddleware
        >>> from rollbook.context import current
        >>> async def app(scope, receive, send):
        ...     print(current())
        >>> scope = {"type": "http", "headers": [(b"baggage", b"rollbook.group_id=batch%204,rollbook.attempt=2,other=1")]}
        >>> asyncio.run(ContextMiddleware(app)(scope, None, None))
        {'group_id': 'batch 4', 'attempt': 2}
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("type") not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        fields = read_headers(scope.get("headers") or ())
        with context(**fields):
            await self._app(scope, receive, send)


def baggage(fields: Optional[Mapping[str, Any]] = None) -> str:
    """The header's value for these fields, by default those of the current context; "" where there are none.

    Of the metadata, texts, numbers and booleans are sent, as texts. What would go over the standard's 8,192 bytes or 180 entries is left
    out, metadata first.

    Example:
        >>> import rollbook
        >>> from rollbook.asgi import baggage
        >>> with rollbook.context(group_id="batch 4", attempt=2, metadata={"node": "b"}):
        ...     baggage()
        'rollbook.group_id=batch%204,rollbook.attempt=2,rollbook.metadata.node=b'
    """
    known = current() if fields is None else fields
    pairs = [(_PREFIX + name, known[name]) for name in TEXTS + INTEGERS if known.get(name) is not None]
    metadata = known.get("metadata") or {}
    pairs += [
        (_METADATA + key, item)
        for key, item in metadata.items()
        if _is_token(key) and isinstance(item, (str, int, float))
    ]
    entries: List[str] = []
    size = 0
    for name, value in pairs[:MAX_ENTRIES]:
        entry = f"{name}={quote(str(value), safe=_SAFE, errors='replace')}"
        if size + len(entry) + 1 <= MAX_BYTES:
            entries.append(entry)
            size += len(entry) + 1
    return ",".join(entries)


def inject(headers: MutableMapping[str, str]) -> MutableMapping[str, str]:
    """Writes the current context into headers about to be sent, beside the `baggage` of others, and gives them back.

    Example:
        >>> import rollbook
        >>> from rollbook.asgi import inject
        >>> with rollbook.context(seed=17):
        ...     inject({"Accept": "application/json", "baggage": "userId=alice"})
        {'Accept': 'application/json', 'baggage': 'userId=alice,rollbook.seed=17'}
    """
    ours = baggage()
    if not ours:
        return headers
    name = next((name for name in headers if name.lower() == "baggage"), "baggage")
    others = [entry for entry in headers.get(name, "").split(",") if entry.strip() and not entry.strip().startswith(_PREFIX)]
    headers[name] = ",".join([*others, ours])
    return headers


def read_headers(headers: "Iterable[Tuple[bytes, bytes]]") -> Dict[str, Any]:
    """The fields for `rollbook.context(**fields)` in the `baggage` headers of an ASGI scope.

    Example:
        >>> from rollbook.asgi import read_headers
        >>> read_headers([(b"baggage", b"rollbook.seed=17;ttl=1, rollbook.attempt=many")])
        {'seed': 17}
    """
    fields: Dict[str, Any] = {}
    metadata: Dict[str, str] = {}
    size = count = 0
    for header, value in headers:
        if header.lower() != b"baggage":
            continue
        size += len(value)
        if size > MAX_BYTES:
            break
        for entry in value.split(b","):
            count += 1
            if count > MAX_ENTRIES:
                break
            name, text = _entry(entry)
            if text is None:
                continue
            if name.startswith(_METADATA):
                metadata[name[len(_METADATA) :]] = text
                continue
            field = name[len(_PREFIX) :]
            known = _integer(field, text) if field in INTEGERS else _name(text) if field in TEXTS else None
            if known is not None:
                fields[field] = known
    if metadata:
        fields["metadata"] = metadata
    return fields


def _entry(entry: bytes) -> "Tuple[str, Optional[str]]":
    """Name and decoded value of one of our entries; the value None of any other, or a broken one."""
    pair, _, _ = entry.partition(b";")  # properties say nothing to us
    raw_name, equals, raw_value = pair.partition(b"=")
    name = raw_name.strip().decode("ascii", "replace")
    if not equals or not name.startswith(_PREFIX):
        return name, None
    try:
        return name, unquote_to_bytes(raw_value.strip()).decode("utf-8")
    except UnicodeDecodeError:
        return name, None


def _integer(field: str, text: str) -> Optional[int]:
    if not text.lstrip("-").isascii() or not text.lstrip("-").isdecimal() or len(text) > 20:
        return None
    try:
        value = int(text)
    except ValueError:
        return None
    least, most = (0, 2**31 - 1) if field == "attempt" else (-(2**63), 2**63 - 1)
    return value if least <= value <= most else None


def _name(text: str) -> Optional[str]:
    """A text that a start takes; another would refuse the whole start."""
    usable = 1 <= len(text) <= _LONGEST and all(c.isprintable() or c == "\u3000" for c in text)
    return text if usable else None


def _is_token(key: Any) -> bool:
    return isinstance(key, str) and key.isascii() and key != "" and all(c.isalnum() or c in "!#$%&'*+-.^_`|~" for c in key)
