"""What is sent to a recorder, and what comes back."""

from __future__ import annotations

import email.utils
import time
from typing import Any, Callable, Mapping, NamedTuple, Optional

from .parse import parse_json
from .wire import Connection, Head


class Request(NamedTuple):
    """What is sent.

    Attributes:
        method: GET or POST.
        path: the target, without the server's prefix.
        body: None for GET.
        content_type: of the body.
        key: the Idempotency-Key.

    Example:
        >>> from rollbook.answers import Request
        >>> Request("GET", "/v1/workers/nobody/history").body is None
        True
    """

    method: str
    path: str
    body: Optional[bytes] = None
    content_type: str = "application/json"
    key: Optional[str] = None


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: the HTTP status.
        body: the bytes.
        retry_after: the seconds that the server asked for.
        is_json: whether the body was JSON.
        value: the JSON.

    Example:
        >>> from rollbook.answers import Answer
        >>> Answer.of(409, b'{"code": "writer_fenced"}', None).problem()
        {'code': 'writer_fenced'}
    """

    status: int
    body: bytes
    retry_after: Optional[float]
    is_json: bool
    value: Any

    @staticmethod
    def of(status: int, body: bytes, retry_after: Optional[float]) -> "Answer":
        """The answer with its body parsed."""
        try:
            return Answer(status, body, retry_after, True, parse_json(body))
        except ValueError:
            return Answer(status, body, retry_after, False, None)

    @staticmethod
    def read(connection: Connection, head: Head) -> "Answer":
        """The whole answer from a connection."""
        return Answer.of(head.status, connection.body(), _retry_after(head.headers.get("retry-after")))

    @property
    def accepted(self) -> bool:
        """Whether the status says success."""
        return self.status // 100 == 2

    def problem(self) -> Mapping[str, Any]:
        """The problem details, or an empty mapping."""
        return self.value if isinstance(self.value, dict) else {}


class NoAnswer(Exception):
    """No address gave a final answer; what became of the request is unknown.

    Attributes:
        problem: why, for a message.
        retry_after: the seconds that the server asked for.
        stay: whether the next try belongs to the same address.

    Example:
        >>> from rollbook.answers import NoAnswer
        >>> NoAnswer("time-out").problem
        'time-out'
    """

    def __init__(self, problem: str, retry_after: Optional[float] = None, stay: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.retry_after = retry_after
        self.stay = stay


def check_final(answer: Answer, accept: Callable[[Any], bool]) -> None:
    """Returns if nothing else would come of sending the same again.

    Raises:
        NoAnswer: the same request must be sent again.

    Example:
        >>> from rollbook.answers import Answer, NoAnswer, check_final
        >>> check_final(Answer.of(409, b"{}", None), lambda value: False)
        >>> try:
        ...     check_final(Answer.of(503, b"{}", 2.0), lambda value: True)
        ... except NoAnswer as e:
        ...     print(e, e.retry_after)
        HTTP 503 2.0
    """
    if answer.accepted:
        if not (answer.is_json and accept(answer.value)):
            raise NoAnswer(f"the answer (HTTP {answer.status}) is not Rollbook's: {answer.body[:80]!r}")
    elif answer.status in (408, 429) or answer.status >= 500:
        problem = answer.problem()
        text = f"HTTP {answer.status} {problem.get('code') or ''} {problem.get('detail') or ''}".rstrip()
        raise NoAnswer(text, answer.retry_after, stay=answer.status == 429)


def _retry_after(value: Optional[str]) -> Optional[float]:
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, IndexError):
        return None
