"""Where the server is and how long to try, from arguments and the environment."""

from __future__ import annotations

import functools
import os
import re
from typing import NamedTuple, Optional, Tuple
from urllib.parse import urlsplit

from .errors import ConfigurationError

DEFAULT_URL = "http://127.0.0.1:5080"

# What the HTTP API takes as {worker}.
_WORKER = re.compile(r"[A-Za-z0-9._~:@+-]{1,128}\Z")


class Server(NamedTuple):
    """One address of the recorder.

    Example:
        >>> from rollbook.settings import Server
        >>> Server("https", "rollbook.example", 443, "/prefix").prefix
        '/prefix'
    """

    scheme: str
    host: str
    port: int
    prefix: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.prefix}"


class Settings(NamedTuple):
    """What a logger needs to reach the recorder.

    Attributes:
        servers: the addresses, tried in turn.
        api_key: sent as `Authorization: Bearer`, None for none.
        retry_seconds: how long one call tries before it raises `Unavailable` (120).
        request_timeout: how long one request waits for its answer, in seconds (30).

    Example:
        >>> from rollbook.settings import read_settings
        >>> [str(s) for s in read_settings("http://a:5080,http://b:5080").servers]
        ['http://a:5080', 'http://b:5080']
    """

    servers: Tuple[Server, ...]
    api_key: Optional[str]
    retry_seconds: float
    request_timeout: float


def read_settings(
    url: Optional[str] = None,
    api_key: Optional[str] = None,
    retry_seconds: Optional[float] = None,
    request_timeout: Optional[float] = None,
) -> Settings:
    """Settings from the arguments; what is None comes from `ROLLBOOK_URL`, `ROLLBOOK_API_KEY`,
    `ROLLBOOK_RETRY_SECONDS` and `ROLLBOOK_REQUEST_TIMEOUT`, then from the defaults.

    Raises:
        ConfigurationError: one of them is unusable.

    Example:
        >>> from rollbook.settings import read_settings
        >>> read_settings("https://rollbook.example", retry_seconds=10).servers[0].port
        443
    """
    text = url if url is not None else os.environ.get("ROLLBOOK_URL") or DEFAULT_URL
    servers = _servers(text)
    if not servers:
        raise ConfigurationError(f"No server address in {text!r}. Set ROLLBOOK_URL, for example to {DEFAULT_URL}.")
    key = api_key if api_key is not None else os.environ.get("ROLLBOOK_API_KEY") or None
    if key is not None and not re.fullmatch(r"[\x21-\x7e]+", key):
        raise ConfigurationError("The API key (ROLLBOOK_API_KEY) must be printable ASCII without spaces.")
    return Settings(
        servers,
        key,
        _seconds(retry_seconds, "ROLLBOOK_RETRY_SECONDS", 120.0),
        _seconds(request_timeout, "ROLLBOOK_REQUEST_TIMEOUT", 30.0),
    )


def read_policy(given: Optional[str]) -> str:
    """What to do when no server answers: the argument, else `ROLLBOOK_ON_UNAVAILABLE`, else `block`.

    Raises:
        ConfigurationError: it is none of the three.

    Example:
        >>> from rollbook.settings import read_policy
        >>> read_policy("raise")
        'raise'
    """
    policy = given if given is not None else os.environ.get("ROLLBOOK_ON_UNAVAILABLE") or "block"
    if policy not in ("block", "raise", "spool"):
        raise ConfigurationError(
            f"{policy!r} is no way to go on when no server answers (on_unavailable, ROLLBOOK_ON_UNAVAILABLE): "
            'use "block", "raise" or "spool".'
        )
    return policy


def check_worker(worker: str) -> str:
    """The worker's name as given, if the HTTP API takes it.

    Raises:
        ConfigurationError: it does not.

    Example:
        >>> from rollbook.settings import check_worker
        >>> check_worker("gpu-7:env@3")
        'gpu-7:env@3'
    """
    if not isinstance(worker, str) or not _WORKER.match(worker) or worker in (".", ".."):
        raise ConfigurationError(
            f"{worker!r} can't be a worker's name: use 1 to 128 of the characters A-Z a-z 0-9 . _ ~ : @ + - (not . or .. alone)."
        )
    return worker


def worker_base(name: str) -> str:
    """A host name, or ROLLBOOK_WORKER, as the first part of a default worker's name: other characters become `-`.

    Example:
        >>> from rollbook.settings import worker_base
        >>> worker_base("Büro PC")
        'B-ro-PC'
    """
    return re.sub(r"[^A-Za-z0-9._~:@+-]", "-", name)[:112] or "worker"


@functools.lru_cache(maxsize=32)
def _servers(text: str) -> Tuple[Server, ...]:
    """Parsed once: an environment server builds a logger for each episode."""
    return tuple(_server(part.strip()) for part in text.split(",") if part.strip())


def _server(text: str) -> Server:
    cure = f"Set ROLLBOOK_URL to something like {DEFAULT_URL}."
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as e:
        raise ConfigurationError(f"{text!r} is not a server address: {e}. {cure}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{text!r} is not an http or https address. {cure}")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ConfigurationError(f"A server address has no query, fragment or password (those go to api_key). {cure}")
    if not re.fullmatch(r"[\x21-\x7e]*", parts.path):
        raise ConfigurationError(f"The path of {text!r} has characters that need %-escapes. {cure}")
    return Server(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/"))


def _seconds(given: Optional[float], variable: str, default: float) -> float:
    raw = given if given is not None else os.environ.get(variable) or default
    try:
        value = float(raw)
    except (TypeError, ValueError):
        value = -1.0
    if not 0 <= value < 1e9:
        raise ConfigurationError(f"{raw!r} is not a number of seconds ({variable}); use one from 0 up.")
    return value
