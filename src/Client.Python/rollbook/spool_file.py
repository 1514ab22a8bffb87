"""The spool's file: a line a record, each with its checksum. The format stands in docs/spool-format.md."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from .blobs import Blob
from .content import encode_json
from .ulid import new_ulid

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: one process for each spool directory
    fcntl = None  # type: ignore[assignment]

_PIECE = 1 << 20


class Record(NamedTuple):
    """A line of a spool.

    Attributes:
        value: the record; None for a line that is damaged.
        raw: the line as it stands, without its end.
        end: where the next one begins.

    Example:
        >>> from rollbook.spool_file import Record
        >>> Record({"do": "end"}, b"...", 12).value["do"]
        'end'
    """

    value: Optional[Dict[str, Any]]
    raw: bytes
    end: int


def frame(text: bytes) -> bytes:
    """A record's JSON as a line.

    Example:
        >>> from rollbook.spool_file import frame
        >>> frame(b'{"do":"end"}')
        b'1afc54a6 {"do":"end"}\\n'
    """
    return b"%08x %b\n" % (zlib.crc32(text), text)


def steps_record(episode_id: str, epoch: Optional[int], first: int, lines: List[bytes]) -> bytes:
    """The record of consecutive steps; the steps are the bytes that go to the recorder.

    Example:
        >>> from rollbook.spool_file import steps_record
        >>> steps_record("01K", 1, 7, [b"{}"])
        b'{"do":"steps","episode_id":"01K","writer_epoch":1,"from":7,"steps":[{}]}'
    """
    fence = b"" if epoch is None else b'"writer_epoch":%d,' % epoch
    return b'{"do":"steps","episode_id":"%b",%b"from":%d,"steps":[%b]}' % (
        episode_id.encode("ascii"), fence, first, b",".join(lines),
    )  # fmt: skip


def blob_record(blob: Blob) -> bytes:
    """The record of a large text, which stands before the first step that names it.

    Example:
        >>> from rollbook.blobs import Blob
        >>> from rollbook.spool_file import blob_record
        >>> blob_record(Blob("00", 1, "x"))
        b'{"do":"blob","sha256":"00","text":"x"}'
    """
    return b'{"do":"blob","sha256":"%b","text":%b}' % (blob.sha256.encode("ascii"), encode_json(blob.text))


def step_lines(text: bytes) -> List[bytes]:
    """The steps of a steps record as the bytes that were put in, number texts included.

    Example:
        >>> from rollbook.spool_file import step_lines
        >>> step_lines(b'{"do":"steps","episode_id":"01K","from":7,"steps":[{"a":1.50},{"b":[]}]}')
        [b'{"a":1.50}', b'{"b":[]}']
    """
    body = text.decode("utf-8")
    decode = json.JSONDecoder().raw_decode
    at = body.index('"steps":[') + len('"steps":[')
    lines: List[bytes] = []
    while body[at] != "]":
        if body[at] in ", ":
            at += 1
            continue
        _, end = decode(body, at)
        lines.append(body[at:end].encode("utf-8"))
        at = end
    return lines


class SpoolFile:
    """One file, locked by the process that writes or sends it.

    Attributes:
        path: where it is.
        size: the bytes that are in stable storage.

    Example:
        >>> import tempfile
        >>> from rollbook.spool_file import SpoolFile
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     file = SpoolFile.create(directory)
        ...     file.append([b'{"do":"end"}'])
        ...     again = SpoolFile.open(file.path)      # another process would not get it either
        ...     values = [record.value for record in file.records(0)]
        ...     file.delete()
        >>> again, values
        (None, [{'do': 'end'}])
    """

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self.size = os.fstat(descriptor).st_size
        self._descriptor = descriptor
        self._broken = False

    @staticmethod
    def create(directory: str) -> "SpoolFile":
        """A new, empty file.

        Raises:
            OSError: it can't be made.
        """
        os.makedirs(directory, mode=0o700, exist_ok=True)
        path = os.path.join(directory, f"{new_ulid()}.spool")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path, flags, 0o600)
        _lock(descriptor)
        sync_directory(directory)
        return SpoolFile(path, descriptor)

    @staticmethod
    def open(path: str) -> "Optional[SpoolFile]":
        """A file that another process left; None if somebody has it, or it is gone."""
        try:
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        except OSError:
            return None
        if not _lock(descriptor) or os.fstat(descriptor).st_nlink == 0:
            os.close(descriptor)
            return None
        return SpoolFile(path, descriptor)

    def append(self, texts: List[bytes]) -> None:
        """Writes records; they are in stable storage when it returns.

        Raises:
            OSError: they are not.
        """
        if self._broken:
            raise OSError("an earlier write of this spool failed")
        data = memoryview(b"".join(map(frame, texts)))
        end = self.size
        try:
            while data:
                written = os.pwrite(self._descriptor, data, end)
                data, end = data[written:], end + written
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        try:
            os.fsync(self._descriptor)
        except OSError:
            self._broken = True  # what a failed sync left is unknown, and a second sync would not tell
            raise
        self.size = end

    def records(self, start: int) -> Iterator[Record]:
        """The records from a place on, up to what is in stable storage now. A torn last line is left out."""
        at, rest, limit = start, b"", self.size
        position = start
        while position < limit:
            piece = os.pread(self._descriptor, min(_PIECE, limit - position), position)
            if not piece:
                break
            position += len(piece)
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            for line in lines:
                at += len(line) + 1
                value = parse_line(line)
                if value is None and at >= limit:
                    return  # torn, with its end by chance
                yield Record(value, line, at)

    def delete(self) -> None:
        """All of it has been sent."""
        os.unlink(self.path)
        sync_directory(os.path.dirname(self.path))
        self.close()

    def close(self) -> None:
        """Lets go of it. Doing it twice does nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def parse_line(line: bytes) -> Optional[Dict[str, Any]]:
    """The record of a line without its end; None if the line is damaged.

    Example:
        >>> from rollbook.spool_file import frame, parse_line
        >>> parse_line(frame(b'{"do":"end"}')[:-1]), parse_line(b'00000000 {"do":"end"}')
        ({'do': 'end'}, None)
    """
    try:
        if line[8:9] != b" " or int(line[:8], 16) != zlib.crc32(line[9:]):
            return None
        value = json.loads(line[9:])
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def leftovers(directory: str) -> List[str]:
    """The spools in a directory, oldest first.

    Example:
        >>> from rollbook.spool_file import leftovers
        >>> leftovers("/nowhere")
        []
    """
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return [os.path.join(directory, name) for name in sorted(names) if name.endswith(".spool")]


def sync_directory(directory: str) -> None:
    """Makes the names in a directory durable, where the system can.

    Example:
        >>> import tempfile
        >>> from rollbook.spool_file import sync_directory
        >>> sync_directory(tempfile.gettempdir())
    """
    if os.name == "nt":  # pragma: no cover
        return
    descriptor = os.open(directory or ".", os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    if fcntl is None:  # pragma: no cover
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
