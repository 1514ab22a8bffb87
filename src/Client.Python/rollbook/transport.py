"""Requests that may be repeated, over a few keep-alive connections that all loggers of a recorder share."""

from __future__ import annotations

import socket
from typing import Any, Callable, List, Optional, TypeVar

from .answers import Answer, NoAnswer, Request, check_final
from .errors import Unavailable, from_answer
from .retry import Clock, Retries
from .route import Route
from .settings import Server, Settings
from .version import __version__
from .wire import BadAnswer, Closed, Connection, Head

T = TypeVar("T")

_CONNECT_TIMEOUT = 5.0

# Idle connections kept for each address: the sender's, and those of starts, ends and reads that ran beside it.
_KEPT = 8

# No valid answer came back: a refused or broken connection, a time-out, half an answer, something that isn't HTTP.
_NO_ANSWER = (OSError, BadAnswer)


class Transport:
    """Sends requests that may be repeated: each of ours is idempotent, so no answer means "send the same again".

    Threads share it; each exchange has a connection to itself.

    Example:
        >>> from rollbook.settings import read_settings
        >>> from rollbook.transport import Transport
        >>> transport = Transport(read_settings())
        >>> transport.get_json("The history", "/v1/workers/nobody/history", missing=[])
        []
        >>> transport.close()
    """

    def __init__(self, settings: Settings, clock: Optional[Clock] = None) -> None:
        self._settings = settings
        self._clock = clock or Clock()
        self._route = Route(len(settings.servers), self._clock)
        self._idle: List[List[Connection]] = [[] for _ in settings.servers]
        self._heads = [_common_head(server, settings.api_key) for server in settings.servers]
        self._kept = _KEPT

    @property
    def addresses(self) -> int:
        """How many addresses there are.

        Example:
            >>> from rollbook.settings import read_settings
            >>> from rollbook.transport import Transport
            >>> Transport(read_settings("http://a,http://b")).addresses
            2
        """
        return len(self._idle)

    def post(
        self,
        what: str,
        path: str,
        body: bytes,
        accept: Callable[[Any], bool],
        *,
        key: Optional[str] = None,
        seconds: Optional[float] = None,
    ) -> Any:
        """Posts JSON until there is a final answer.

        Args:
            what: what is sent, for messages: "Step 3".
            accept: whether the JSON of a 2xx answer is the acknowledgement waited for; anything else is no answer.
            key: the Idempotency-Key.
            seconds: how long to try; None is the setting's.

        Raises:
            Refused: the answer is final and no acknowledgement.
            Unavailable: there was no final answer in time; the outcome is unknown.
        """
        request = Request("POST", path, body, key=key)
        answer = self._until_final(request, accept, f"{what} is not known to be stored: ", seconds)
        if answer.accepted:
            return answer.value
        raise from_answer(what, answer.status, answer.problem(), answer.retry_after)

    def get_json(self, what: str, path: str, missing: Any, seconds: Optional[float] = None) -> Any:
        """Reads JSON; `missing` where the recorder knows no such worker.

        Raises:
            Refused: the answer is final and no reading.
            Unavailable: there was no final answer in time.
        """
        answer = self._until_final(Request("GET", path), lambda _: True, f"{what} could not be read: ", seconds)
        if answer.accepted:
            return answer.value
        problem = answer.problem()
        if answer.status == 404 and problem.get("code") == "worker_not_found":
            return missing
        raise from_answer(what, answer.status, problem, answer.retry_after)

    def once(
        self, request: Request, accept: Callable[[Any], bool], cap: Callable[[float], float] = lambda seconds: seconds
    ) -> Answer:
        """One round over the addresses; a final answer, accepted or not.

        Raises:
            NoAnswer: none of them gave one.
        """

        def read(connection: Connection, head: Head) -> Answer:
            answer = Answer.read(connection, head)
            check_final(answer, accept)
            return answer

        return self.attempt(request, read, cap)

    def attempt(
        self,
        request: Request,
        read: Callable[[Connection, Head], T],
        cap: Callable[[float], float] = lambda seconds: seconds,
    ) -> T:
        """Sends the request to one address after the other until one gives a final answer, each once.

        Args:
            request: what is sent.
            read: reads the answer's body; raises `NoAnswer` if it is not final.
            cap: shortens a time-out, so that it does not outlive its caller's budget.

        Raises:
            NoAnswer: none of them gave one; or the server asked to wait.
        """
        problem = NoAnswer("no address was asked")
        for address in self._route.order():
            try:
                result = self._exchange(address, request, read, cap)
                self._route.answered(address)
                return result
            except NoAnswer as e:
                problem = e
                if not e.stay:  # a 429 is about this server's own budget, a 5xx may be its alone
                    self._route.refused(address)
                if e.stay or e.retry_after is not None:
                    break
            except _NO_ANSWER as e:
                self._route.failed(address)
                problem = NoAnswer(f"{self._settings.servers[address]} gave no answer ({_name(e)})")
        raise problem

    def close(self) -> None:
        """Closes the idle connections; from here on each exchange opens and closes its own."""
        self._kept = 0
        for idle in self._idle:
            while idle:
                idle.pop().close()

    def _until_final(
        self, request: Request, accept: Callable[[Any], bool], prefix: str, seconds: Optional[float]
    ) -> Answer:
        retries = Retries(self._settings.retry_seconds if seconds is None else seconds, self._clock)
        while True:
            try:
                return self.once(request, accept, retries.cap)
            except NoAnswer as e:
                if not retries.wait(e.retry_after):
                    raise Unavailable(gave_up(prefix, e.problem, retries.waited, self.addresses), retries.waited) from None

    def _exchange(
        self, address: int, request: Request, read: Callable[[Connection, Head], T], cap: Callable[[float], float]
    ) -> T:
        """One request and its answer. Whatever breaks it off, KeyboardInterrupt too, leaves no half-used connection behind."""
        data = self._encode(address, request)
        idle = self._idle[address]
        while True:
            try:
                connection = idle.pop()
            except IndexError:
                connection = Connection(self._settings.servers[address], cap(_CONNECT_TIMEOUT))
            try:
                try:
                    connection.send(data, cap(self._settings.request_timeout))
                    head = connection.head()
                except (ConnectionError, Closed):
                    # The server closed an idle keep-alive connection under us; that says nothing about the server.
                    if connection.carried:
                        continue
                    raise
                return read(connection, head)
            finally:
                if connection.reusable and len(idle) < self._kept:
                    idle.append(connection)
                else:
                    connection.close()

    def _encode(self, address: int, request: Request) -> bytes:
        target = f"{request.method} {self._settings.servers[address].prefix}{request.path} HTTP/1.1\r\n".encode("ascii")
        if request.body is None:
            return b"%b%b\r\n" % (target, self._heads[address])
        key = b"" if request.key is None else b"Idempotency-Key: %b\r\n" % request.key.encode("ascii")
        kind = request.content_type.encode("ascii")
        return b"%b%bContent-Type: %b\r\n%bContent-Length: %d\r\n\r\n%b" % (
            target, self._heads[address], kind, key, len(request.body), request.body,
        )  # fmt: skip


def gave_up(prefix: str, problem: str, waited: float, addresses: int) -> str:
    """The message of an `Unavailable`.

    Example:
        >>> from rollbook.transport import gave_up
        >>> gave_up("Step 3 is not known to be stored: ", "time-out", 120.0, 2)
        'Step 3 is not known to be stored: time-out; gave up after 120 s over 2 address(es).'
    """
    return f"{prefix}{problem}; gave up after {waited:.0f} s over {addresses} address(es)."


def _common_head(server: Server, api_key: Optional[str]) -> bytes:
    host = server.host if server.host.isascii() else server.host.encode("idna").decode("ascii")
    host = f"[{host}]" if ":" in host else host
    head = f"Host: {host}:{server.port}\r\nAccept: application/json\r\nUser-Agent: rollbook-python/{__version__}\r\n"
    if api_key is not None:
        head += f"Authorization: Bearer {api_key}\r\n"
    return head.encode("ascii")


def _name(error: BaseException) -> str:
    if isinstance(error, socket.timeout):
        return "time-out"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
