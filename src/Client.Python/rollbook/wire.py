"""HTTP/1.1 over one keep-alive socket: a request in one write, an answer as its bytes arrive.

`http.client` costs more for each answer than a whole step may; what is needed here is small: a status, a few headers, and a body
by length, in chunks, or up to the end of the connection.
"""

from __future__ import annotations

import re
import socket
import ssl
from typing import Dict, Iterator, List, Optional

from .settings import Server

# More than a recorder's or a proxy's headers ever are; something that never ends its head is no HTTP.
_LONGEST_HEAD = 256 * 1024
_PIECE = 256 * 1024

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}").fullmatch


class BadAnswer(Exception):
    """What came back is not HTTP, or not all of it.

    Example:
        >>> from rollbook.wire import BadAnswer
        >>> str(BadAnswer("the answer broke off"))
        'the answer broke off'
    """


class Closed(BadAnswer):
    """The connection was closed before a byte of the answer.

    Example:
        >>> from rollbook.wire import BadAnswer, Closed
        >>> issubclass(Closed, BadAnswer)
        True
    """


class Head:
    """Status and headers of an answer.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name; of a repeated one the last.

    Example:
        >>> from rollbook.wire import Head
        >>> head = Head(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2")
        >>> head.status, head.headers
        (200, {'content-length': '2'})
    """

    __slots__ = ("status", "headers", "keeps_alive")

    def __init__(self, raw: bytes) -> None:
        lines = raw.decode("latin-1").split("\r\n")
        version, _, rest = lines[0].partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise BadAnswer(f"not HTTP: {raw[:40]!r}")
        self.status = int(rest[:3])
        self.headers: Dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        connection = self.headers.get("connection", "").lower()
        self.keeps_alive = connection != "close" and (version != "HTTP/1.0" or connection == "keep-alive")


class Connection:
    """A connection to one server. Not thread-safe; whatever breaks an exchange off leaves it unusable: close it.

    Args:
        server: where to.
        timeout: seconds for connecting.

    Attributes:
        carried: whether it has carried an answer, so that the server may have closed it since.
        reusable: whether the last answer was read to its end and the server keeps the connection.

    Example:
        >>> from rollbook.settings import read_settings
        >>> from rollbook.wire import Connection
        >>> connection = Connection(read_settings().servers[0], 5.0)
        >>> connection.send(b"GET /v1/workers/nobody/history HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n", 30.0)
        >>> connection.head().status
        404
        >>> connection.close()
    """

    def __init__(self, server: Server, timeout: float) -> None:
        self.carried = False
        self.reusable = False
        self._buffer = b""
        self._head: Optional[Head] = None
        sock = socket.create_connection((server.host, server.port), timeout)
        try:
            # A request leaves in one write, at once.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if server.scheme == "https":
                sock = ssl.create_default_context().wrap_socket(sock, server_hostname=server.host)
        except BaseException:
            sock.close()
            raise
        self._sock = sock
        self._timeout = timeout

    def send(self, data: bytes, timeout: float) -> None:
        """Writes a whole request.

        Args:
            data: head and body.
            timeout: seconds that this and each read of the answer may wait.
        """
        self.reusable = False
        if timeout != self._timeout:
            self._sock.settimeout(timeout)
            self._timeout = timeout
        try:
            self._sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses a large body (413) answers and closes while it is still being sent.
            if len(data) < _PIECE:
                raise

    def head(self) -> Head:
        """Reads the head of the answer.

        Raises:
            Closed: the server closed before answering.
            BadAnswer, OSError: no answer.
        """
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                raw, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
                head = Head(raw)
                if head.status >= 200:  # 1xx: more is to come
                    self._head = head
                    return head
                continue
            if len(self._buffer) > _LONGEST_HEAD:
                raise BadAnswer("not HTTP: the headers never end")
            if not self._fill():
                raise BadAnswer("the answer broke off") if self._buffer else Closed("the connection was closed")

    def body(self) -> bytes:
        """Reads the whole body."""
        pieces = list(self.pieces())
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def pieces(self) -> Iterator[bytes]:
        """Reads the body, each piece as it arrives.

        Raises:
            BadAnswer, OSError: it broke off; what came before is whole as far as it goes.
        """
        head = self._head
        assert head is not None
        headers = head.headers
        if "chunked" in headers.get("transfer-encoding", "").lower():
            yield from self._chunks()
        elif "content-length" in headers:
            yield from self._exactly(_length(headers["content-length"], 10))
        elif head.status not in (204, 304):
            while self._buffer or self._fill():
                piece, self._buffer = self._buffer, b""
                yield piece
            return  # such a connection has ended
        self.carried = True
        self.reusable = head.keeps_alive and not self._buffer

    def lines(self) -> Iterator[List[bytes]]:
        """Reads the body as lines, all that a piece completes at once; a last one without its end is left out."""
        rest = b""
        for piece in self.pieces():
            lines = (rest + piece if rest else piece).split(b"\n")
            rest = lines.pop()
            if lines:
                yield lines

    def close(self) -> None:
        """Closes it. Doing it twice does nothing."""
        self.reusable = False
        self._sock.close()

    def __del__(self) -> None:
        try:
            self._sock.close()
        except Exception:  # it was never opened, or the interpreter is half gone
            pass

    def _fill(self) -> bool:
        piece = self._sock.recv(_PIECE)
        self._buffer = self._buffer + piece if self._buffer else piece
        return bool(piece)

    def _exactly(self, length: int) -> Iterator[bytes]:
        while length > 0:
            if not self._buffer and not self._fill():
                raise BadAnswer("the answer broke off")
            piece, self._buffer = self._buffer[:length], self._buffer[length:]
            length -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while True:
            whole = self._whole_chunks()
            if whole:
                yield whole
            size = _length(self._line().partition(b";")[0].decode("latin-1"), 16)
            if size == 0:
                break
            yield from self._exactly(size)
            if self._line():
                raise BadAnswer("a chunk is longer than it says")
        while self._line():  # trailers
            pass

    def _whole_chunks(self) -> bytes:
        """What the buffer holds of whole chunks: a recorder sends one for each episode. Whatever is odd is left to the slow way."""
        buffer, at = self._buffer, 0
        found: List[bytes] = []
        while True:
            start = buffer.find(b"\r\n", at) + 2
            if start < 2 or not _SIZE(buffer, at, start - 2):
                break
            end = start + int(buffer[at : start - 2], 16)
            if end == start or buffer[end : end + 2] != b"\r\n":
                break
            found.append(buffer[start:end])
            at = end + 2
        if found:
            self._buffer = buffer[at:]
        return b"".join(found)

    def _line(self) -> bytes:
        while True:
            line, end, rest = self._buffer.partition(b"\r\n")
            if end:
                self._buffer = rest
                return line
            if len(self._buffer) > _LONGEST_HEAD or not self._fill():
                raise BadAnswer("the answer broke off")


def _length(text: str, base: int) -> int:
    try:
        length = int(text.strip(), base)
    except ValueError:
        length = -1
    if length < 0:
        raise BadAnswer(f"not HTTP: {text[:40]!r} is no length")
    return length
