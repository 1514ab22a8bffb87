"""The body of a start, and the key that makes a repeated start one start."""

from __future__ import annotations

import secrets
from typing import Any, Dict, Mapping, Optional, Tuple
from urllib.parse import quote

from .content import Repairs, encode_json, to_json
from .context import current, merged
from .errors import Refused
from .steps import number
from .transport import Transport


class Starter:
    """Starts episodes; a start that met no answer keeps its key for the same call again.

    Example:
        >>> from rollbook.settings import read_settings
        >>> from rollbook.starts import Starter, encode_start
        >>> from rollbook.transport import Transport
        >>> body = encode_start({"task": "t", "variant_id": "v"}, None, None)
        >>> Starter().start(Transport(read_settings()), "starter-1", body)["next_ordinal"]
        0
    """

    def __init__(self) -> None:
        self._body = b""
        self._key: Optional[str] = None

    def start(
        self, transport: Transport, worker: str, body: bytes, seconds: Optional[float] = None
    ) -> Dict[str, Any]:
        """Posts the start; the answer has `episode_id`, `next_ordinal` and `writer_epoch`.

        Raises:
            Refused: a final answer.
            Unavailable: the fate is unknown; the same body again is the same start.
        """
        if self._key is None or self._body != body:
            self._body, self._key = body, secrets.token_hex(16)
        try:
            answer: Dict[str, Any] = transport.post(
                f"The start of an episode of worker {worker}",
                f"/v1/workers/{quote(worker, safe='~:@+')}/episodes",
                body,
                is_start,
                key=self._key,
                seconds=seconds,
            )
        except Refused:
            self._key = None
            raise
        self._key = None
        return answer


def start_fields(**given: Any) -> "Tuple[Dict[str, Any], Optional[Mapping[str, Any]]]":
    """The fields of a start and its metadata; what is None comes from `rollbook.context(…)`, then from the environment.

    Raises:
        TypeError: a numeric field is no number.

    Example:
        >>> import rollbook
        >>> from rollbook.starts import start_fields
        >>> with rollbook.context(group_id="batch-4", metadata={"gpu": 0}):
        ...     start_fields(task="t", seed=None, metadata=None, start_time=5)
        ({'group_id': 'batch-4', 'task': 't', 'start_time': 5}, {'gpu': 0})
    """
    fields = merged(current(), given)
    metadata = fields.pop("metadata", None)
    for name in ("start_time", "deadline_seconds"):
        if name in fields:
            fields[name] = number(fields[name], name)
    return fields, metadata


def encode_start(
    fields: Mapping[str, Any], metadata: Optional[Mapping[str, Any]], initial_observation: Optional[Any]
) -> bytes:
    """The start as strict JSON, without what is None; repairs are listed in the metadata, as those of a step in its extra.

    Example:
        >>> from rollbook.starts import encode_start
        >>> encode_start({"task": "t", "seed": None}, {"host": {"gpu"}}, None)
        b'{"task":"t","metadata":{"host":["gpu"],"_repaired":[{"at":"/metadata/host","was":"set"}]}}'
    """
    repairs: Repairs = []
    body = to_json({name: value for name, value in fields.items() if value is not None}, "", repairs)[:-1]
    if initial_observation is not None:
        body += b',"initial_observation":' + to_json(initial_observation, "/initial_observation", repairs)
    if metadata is not None or repairs:
        given = {key: item for key, item in (metadata or {}).items() if key != "_repaired"}
        encoded = to_json(given, "/metadata", repairs)
        if repairs:
            encoded = encoded[:-1] + (b"," if len(encoded) > 2 else b"") + b'"_repaired":' + encode_json(repairs) + b"}"
        body += b',"metadata":' + encoded
    return body + b"}"


def is_start(answer: Any) -> bool:
    """Whether the answer is that to a start.

    Example:
        >>> from rollbook.starts import is_start
        >>> is_start({"episode_id": "01K", "next_ordinal": 0})
        True
    """
    return isinstance(answer, dict) and isinstance(answer.get("episode_id"), str) and isinstance(answer.get("next_ordinal"), int)
