"""What a trainer knows of an episode and an environment does not: group, attempt, seed, policy version, and the like.

`start_episode` takes what its caller left out from the innermost `context(…)` around it, then from the environment variables.

==================  ============================  ===========================================
argument            environment variable
==================  ============================  ===========================================
group_id            `ROLLBOOK_GROUP_ID`           text
attempt, seed       `ROLLBOOK_ATTEMPT`, `…_SEED`  an integer
policy_version      `ROLLBOOK_POLICY_VERSION`     text
environment         `ROLLBOOK_ENVIRONMENT`        text
parent_episode_id   `ROLLBOOK_PARENT_EPISODE_ID`  an episode's id
metadata            `ROLLBOOK_METADATA`           a JSON object; merged key by key, the nearest wins
==================  ============================  ===========================================
"""

from __future__ import annotations

import contextvars
import json
import os
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Mapping, Optional

from .errors import ConfigurationError

TEXTS = ("group_id", "policy_version", "environment", "parent_episode_id")
INTEGERS = ("attempt", "seed")

_context: "contextvars.ContextVar[Mapping[str, Any]]" = contextvars.ContextVar("rollbook.context", default={})


@contextmanager
def context(
    *,
    group_id: Optional[str] = None,
    attempt: Optional[int] = None,
    seed: Optional[int] = None,
    policy_version: Optional[str] = None,
    environment: Optional[str] = None,
    parent_episode_id: Optional[str] = None,
    metadata: Optional[Mapping[str, Any]] = None,
) -> Iterator[None]:
    """Fills in what `start_episode` calls inside leave out. Contexts nest: an inner one changes only what it is given.

    It is a context variable: tasks of asyncio that are created inside have it, and so does `asyncio.to_thread`; other tasks don't
    see it. A thread, a thread pool or a process pool starts without; hand it over with `contextvars.copy_context().run`, or by
    environment variables.

    Example:
        >>> import rollbook
        >>> log = rollbook.TrajectoryLogger(worker="context-1")
        >>> with rollbook.context(group_id="batch-4", policy_version="step-900"):
        ...     for attempt in range(2):
        ...         with rollbook.context(attempt=attempt):
        ...             id = log.start_episode("fix-bug-17", "v3")     # in batch-4, attempt 0 and 1
    """
    given = {
        "group_id": group_id,
        "attempt": attempt,
        "seed": seed,
        "policy_version": policy_version,
        "environment": environment,
        "parent_episode_id": parent_episode_id,
        "metadata": metadata,
    }
    token = _context.set(merged(_context.get(), given))
    try:
        yield
    finally:
        try:
            _context.reset(token)
        except ValueError:
            pass  # an async generator was closed by another task than the one that ran it: nothing was set there


def current() -> Dict[str, Any]:
    """What `start_episode` takes where its argument is None: the contexts around this call, then the environment variables.

    Fields that neither names are missing. `metadata` holds the keys of all of them, the innermost value of each.

    Raises:
        ConfigurationError: an environment variable has no value of its kind.

    Example:
        >>> import rollbook
        >>> from rollbook.context import current
        >>> with rollbook.context(group_id="batch-4", metadata={"gpu": 0}):
        ...     with rollbook.context(seed=17, metadata={"node": "b"}):
        ...         current()
        {'group_id': 'batch-4', 'metadata': {'gpu': 0, 'node': 'b'}, 'seed': 17}
    """
    return merged(_environment(), _context.get())


def merged(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> Dict[str, Any]:
    """The fields of both without those that are None; `inner` wins, and metadata is merged key by key.

    Example:
        >>> from rollbook.context import merged
        >>> merged({"seed": 1, "metadata": {"a": 1}}, {"seed": None, "metadata": {"b": 2}})
        {'seed': 1, 'metadata': {'a': 1, 'b': 2}}
    """
    fields = {name: value for name, value in outer.items() if value is not None}
    for name, value in inner.items():
        if value is None:
            continue
        if name == "metadata" and isinstance(value, Mapping):
            value = {**fields.get(name, {}), **value}
        fields[name] = value
    return fields


def variable(field: str) -> str:
    """The environment variable of a field.

    Example:
        >>> from rollbook.context import variable
        >>> variable("group_id")
        'ROLLBOOK_GROUP_ID'
    """
    return f"ROLLBOOK_{field.upper()}"


def _environment() -> Dict[str, Any]:
    fields: Dict[str, Any] = {}
    for name in TEXTS + INTEGERS + ("metadata",):
        text = os.environ.get(variable(name), "").strip()
        if text:  # set to nothing is not set, as in a shell script's X= python …
            fields[name] = text if name in TEXTS else _integer(name, text) if name in INTEGERS else _object(name, text)
    return fields


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ConfigurationError(f"{variable(name)}={text!r} is not an integer. Correct it or unset it.") from None


def _object(name: str, text: str) -> Dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ConfigurationError(f'{variable(name)}={text[:80]!r} is not a JSON object like {{"node": "b"}}. Correct it or unset it.')
    return value
