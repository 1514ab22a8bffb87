"""One keep-alive connection to the recorder, and the retries over all its addresses."""

from __future__ import annotations

import email.utils
import http.client
import json
import socket
import ssl
import time
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Union

from .errors import Unavailable, from_answer
from .retry import Clock, Retries
from .settings import Server, Settings
from .version import __version__

_CONNECT_TIMEOUT = 5.0

# No valid answer came back: a refused or broken connection, a time-out, half an answer, something that isn't HTTP.
_NO_ANSWER = (OSError, http.client.HTTPException)


class Answer(NamedTuple):
    """What came back.

    Attributes:
        status: the HTTP status.
        body: the bytes.
        retry_after: the seconds that the server asked for.
        is_json: whether the body was JSON.
        value: the JSON.

    Example:
        >>> from rollbook.transport import Answer
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
            return Answer(status, body, retry_after, True, json.loads(body))
        except ValueError:
            return Answer(status, body, retry_after, False, None)

    @property
    def accepted(self) -> bool:
        """Whether the status says success."""
        return self.status // 100 == 2

    def problem(self) -> Mapping[str, Any]:
        """The problem details, or an empty mapping."""
        return self.value if isinstance(self.value, dict) else {}


class Transport:
    """Sends requests that may be repeated: each of ours is idempotent, so no answer means "send the same again".

    Not thread-safe; a logger has one for writing and one for reading, each under a lock.

    Example:
        >>> from rollbook.settings import read_settings
        >>> from rollbook.transport import Transport
        >>> transport = Transport(read_settings())
        >>> transport.get_json("The history", "/v1/workers/nobody/history", missing=[])
        []
        >>> transport.close()
    """

    def __init__(self, settings: Settings, clock: Optional[Clock] = None) -> None:
        self._connection: Optional[_OneWrite] = None
        self._settings = settings
        self._clock = clock or Clock()
        self._turn = 0  # index of the server that answered last
        self._used = False  # whether the connection has carried an answer, so that it may be stale

    def post(
        self,
        what: str,
        path: str,
        body: bytes,
        accept: Callable[[Any], bool],
        *,
        key: Optional[str] = None,
        step_number: Optional[int] = None,
    ) -> Any:
        """Posts JSON until there is a final answer.

        Args:
            what: what is sent, for messages: "Step 3".
            accept: whether the JSON of a 2xx answer is the acknowledgement waited for; anything else is no answer.
            key: the Idempotency-Key.
            step_number: goes into the exception.

        Raises:
            Refused: the answer is final and no acknowledgement.
            Unavailable: there was no final answer in time; the outcome is unknown.
        """
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        answer = self._send("POST", path, body, headers, accept, f"{what} is not known to be stored: ")
        if answer.accepted:
            return answer.value
        raise from_answer(what, answer.status, answer.problem(), answer.retry_after, step_number)

    def get_json(self, what: str, path: str, missing: Any) -> Any:
        """Reads JSON; `missing` where the recorder knows no such worker.

        Raises:
            Refused: the answer is final and no reading.
            Unavailable: there was no final answer in time.
        """
        answer = self._send("GET", path, None, {}, lambda _: True, f"{what} could not be read: ")
        if answer.accepted:
            return answer.value
        problem = answer.problem()
        if answer.status == 404 and problem.get("code") == "worker_not_found":
            return missing
        raise from_answer(what, answer.status, problem, answer.retry_after)

    def close(self) -> None:
        """Closes the connection; the next request opens another."""
        connection, self._connection, self._used = self._connection, None, False
        if connection is not None:
            connection.close()

    def __del__(self) -> None:
        # The reference has no close(), so a logger that is merely dropped is ordinary use and no leak to warn of.
        try:
            self.close()
        except Exception:  # the interpreter may be half gone
            pass

    def _send(
        self, method: str, path: str, body: Optional[bytes], headers: Dict[str, str], accept: Callable[[Any], bool], prefix: str
    ) -> Answer:
        retries = Retries(self._settings.retry_seconds, self._clock)
        tried = 0  # servers since the last wait
        first_round = True  # every address gets its try, however short the budget
        while True:
            retry_after = None
            try:
                answer = self._exchange(method, path, body, headers, retries)
                problem = _not_final(answer, accept)
                if problem is None:
                    return answer
                retry_after = answer.retry_after
                # A server that answers but can't take it now: a 429 is about this server's own budget, a 5xx may be its alone.
                stay = answer.status == 429
            except _NO_ANSWER as e:
                problem, stay = f"{self._server} gave no answer ({_name(e)})", False
            if not stay and len(self._settings.servers) > 1:
                self.close()
                self._turn += 1
            tried += 1
            # The next address at once, and a wait after each round over all of them.
            if not stay and retry_after is None and tried < len(self._settings.servers) and (first_round or not retries.over):
                continue
            tried, first_round = 0, False
            if not retries.wait(retry_after):
                raise Unavailable(
                    f"{prefix}{problem}; gave up after {retries.waited:.0f} s over {len(self._settings.servers)} address(es).",
                    retries.waited,
                )

    @property
    def _server(self) -> Server:
        return self._settings.servers[self._turn % len(self._settings.servers)]

    def _exchange(
        self, method: str, path: str, body: Optional[bytes], headers: Dict[str, str], retries: Retries
    ) -> Answer:
        """One request and its answer. Whatever breaks it off, KeyboardInterrupt too, leaves no half-used connection behind."""
        stale = self._used
        try:
            return self._roundtrip(method, path, body, headers, retries)
        except (ConnectionError, http.client.BadStatusLine):
            self.close()
            if not stale:
                raise
            # The server closed an idle keep-alive connection under us; that says nothing about the server.
        except BaseException:
            self.close()
            raise
        try:
            return self._roundtrip(method, path, body, headers, retries)
        except BaseException:
            self.close()
            raise

    def _roundtrip(
        self, method: str, path: str, body: Optional[bytes], headers: Dict[str, str], retries: Retries
    ) -> Answer:
        server = self._server
        connection = self._connection
        if connection is None:
            connection = self._connection = _connect(server, retries.cap(_CONNECT_TIMEOUT))
            connection.connect()
        connection.sock.settimeout(retries.cap(self._settings.request_timeout))
        sent = {"Accept": "application/json", "User-Agent": f"rollbook-python/{__version__}", **headers}
        if self._settings.api_key is not None:
            sent["Authorization"] = f"Bearer {self._settings.api_key}"
        connection.request(method, server.prefix + path, body=body, headers=sent)
        try:
            connection.send_held()
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses a large body (413) answers and closes while it is still being sent.
            if not body:
                raise
        response = connection.getresponse()
        content = response.read()
        self._used = True
        if response.will_close:
            self.close()
        return Answer.of(response.status, content, _retry_after(response.getheader("Retry-After")))


class _OneWrite(http.client.HTTPConnection):
    """Writes head and body at once: http.client's two writes are a system call and a wake-up of the server more for each step.

    It sets TCP_NODELAY by itself, so that the write leaves at once.
    """

    _held = b""

    def send(self, data: Any) -> None:
        self._held += data

    def send_held(self) -> None:
        """Writes what `request` has put together."""
        held, self._held = self._held, b""
        super().send(held)


class _OneWriteTls(_OneWrite, http.client.HTTPSConnection):
    """The same over TLS."""


def _connect(server: Server, timeout: float) -> _OneWrite:
    if server.scheme == "https":
        return _OneWriteTls(server.host, server.port, timeout=timeout, context=ssl.create_default_context())
    return _OneWrite(server.host, server.port, timeout=timeout)


def _not_final(answer: Answer, accept: Callable[[Any], bool]) -> Optional[str]:
    """Why the same request must be sent again, or None if the answer is final."""
    if answer.accepted:
        if answer.is_json and accept(answer.value):
            return None
        return f"the answer (HTTP {answer.status}) is not Rollbook's: {answer.body[:80]!r}"
    if answer.status in (408, 429) or answer.status >= 500:
        problem = answer.problem()
        return f"HTTP {answer.status} {problem.get('code') or ''} {problem.get('detail') or ''}".rstrip()
    return None


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


def _name(error: Union[BaseException, None]) -> str:
    if isinstance(error, socket.timeout):
        return "time-out"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
