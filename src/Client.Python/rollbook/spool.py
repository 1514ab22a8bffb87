"""When no server answers, records go to a synced file, and from there to the recorder in the same order.

While anything is in the spool, everything goes through it: the order of the file is the order in which the recorder gets it. What
a process left is sent by the next one before its own, so that no start supersedes an episode whose steps still wait.
"""

from __future__ import annotations

import os
import threading
from typing import List, Optional, Sequence, Set

from .batch import Part
from .blobs import blobs_of
from .content import encode_json
from .errors import ConfigurationError
from .retry import Clock
from .spool_beside import forget_reopened
from .spool_delivery import Refused, SpoolDelivery
from .spool_file import SpoolFile, blob_record, leftovers, steps_record
from .transport import Transport

SPOOL_BYTES = 1 << 30


class SpoolFull(Exception):
    """The spool takes no more: it is at its bound, or its disk is full.

    Example:
        >>> from rollbook.spool import SpoolFull
        >>> str(SpoolFull("the disk is full"))
        'the disk is full'
    """


class Spool:
    """The spool of one recorder in this process. Any thread may call it.

    Args:
        directory: where the files are.
        most: the bytes of all of them together.
        transport: the recorder.
        clock: time.
        refused: told of each record that the recorder will not take.

    Attributes:
        directory: where the files are.
        delivery: what sends it.
        active: whether anything is in it, so that everything goes through it.

    Example:
        >>> import tempfile
        >>> from rollbook.retry import Clock
        >>> from rollbook.settings import read_settings
        >>> from rollbook.spool import Spool
        >>> from rollbook.transport import Transport
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     spool = Spool(directory, 1 << 20, Transport(read_settings()), Clock(), print)
        ...     spool.add([b'{"do":"label","episode_id":"01K","body":{}}'])   # nothing is in it
        ...     spool.close()
        False
    """

    def __init__(self, directory: str, most: int, transport: Transport, clock: Clock, refused: Refused) -> None:
        self.active = False
        self.directory = directory
        self._most = most
        self._clock = clock
        self.delivery = SpoolDelivery(transport, clock, refused, lambda: self._closed)
        self._lock = threading.Lock()
        self._file: Optional[SpoolFile] = None
        self._blobs: Set[str] = set()  # the large texts that stand in the file
        self._older: List[SpoolFile] = []
        self._looked = False
        self._closed = False
        self._thread: Optional[threading.Thread] = None
        self._empty = threading.Condition(self._lock)

    def look(self) -> None:
        """At the first start: takes over what ended processes left."""
        if self._looked:
            return
        with self._lock:
            if self._looked:
                return
            self._looked = True
            self._take_over()
            if self._older:
                self._begin()

    def add(self, records: Sequence[bytes], begin: bool = False) -> bool:
        """Puts records last; they are in stable storage when it returns. False: nothing is in the spool, send them yourself.

        Args:
            begin: no server answers: from here on everything goes through the spool until it is empty again.

        Raises:
            SpoolFull: they were not taken.
        """
        with self._lock:
            return self._add(records, begin)

    def _add(self, records: Sequence[bytes], begin: bool) -> bool:
        if not self.active and not begin:
            return False
        size = sum(map(len, records)) + 10 * len(records)
        held = sum(file.size for file in self._older) + (self._file.size if self._file else 0)
        if held + size > self._most:
            raise SpoolFull(f"the spool {self.directory} is full ({held:,} bytes; ROLLBOOK_SPOOL_BYTES)")
        try:
            if self._file is None:
                self._file = SpoolFile.create(self.directory)
                self._blobs = set()
            self._file.append(list(records))
        except OSError as e:
            raise SpoolFull(f"the spool {self.directory} can't be written (ROLLBOOK_SPOOL): {e}") from e
        self._begin()
        return True

    def add_parts(self, parts: Sequence[Part], begin: bool = False) -> bool:
        """As `add`, for steps; the large texts that they name go before them."""
        blobs = {blob.sha256: blob for part in parts for line in part.lines for blob in blobs_of(line)}
        steps = [steps_record(part.episode_id, part.epoch, part.first, part.lines) for part in parts]
        if not blobs:
            return self.add(steps, begin)
        if not self.active and not begin:
            return False
        # Which file it is is known under the lock alone: the sender's thread may have ended the last one meanwhile.
        with self._lock:
            new = [blob for sha256, blob in blobs.items() if self._file is None or sha256 not in self._blobs]
            if not self._add([*map(blob_record, new), *steps], begin):
                return False
            self._blobs.update(blob.sha256 for blob in new)
            return True

    def wait_until_empty(self, seconds: float) -> bool:
        """Whether all of it was sent in so many seconds."""
        with self._lock:
            return self._empty.wait_for(lambda: not self.active, seconds)

    def close(self) -> None:
        """Leaves what is in it to the next process."""
        self._closed = True
        self.delivery.nudge()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=1.0)
        self.let_go()

    def let_go(self) -> None:
        """Closes the files; in a forked child that leaves them, and their locks, to the parent."""
        for file in [*self._older, *([self._file] if self._file else [])]:
            file.close()

    def _begin(self) -> None:
        self.active = True
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._work, name="rollbook-spool", daemon=True)
            self._thread.start()

    def _take_over(self) -> None:
        for path in leftovers(self.directory):
            file = SpoolFile.open(path)
            if file is not None:
                self._older.append(file)

    def _work(self) -> None:
        """The thread: sends file by file; ends when all has been sent."""
        while not self._closed:
            with self._lock:
                file = self._older[0] if self._older else self._file
                if file is None:
                    self._finish()
                    return
            done = self.delivery.send(file)
            with self._lock:
                if self._closed or done is None or done < file.size:
                    continue  # more has come meanwhile
                file.delete()
                forget_reopened(file.path)
                if self._older:
                    self._older.pop(0)
                else:
                    self._file = None
                self.delivery.forget()
                if not self._older and self._file is None:
                    self._finish()
                    return

    def _finish(self) -> None:
        self.active = False
        self._thread = None
        self._empty.notify_all()


def spool_directory() -> str:
    """`ROLLBOOK_SPOOL`, else a directory of this user's that outlives a restart of the machine.

    Example:
        >>> from rollbook.spool import spool_directory
        >>> bool(spool_directory())
        True
    """
    return os.environ.get("ROLLBOOK_SPOOL") or os.path.join(os.path.expanduser("~"), ".rollbook", "spool")


def spool_bytes() -> int:
    """`ROLLBOOK_SPOOL_BYTES`, else 1 GiB.

    Raises:
        ConfigurationError: it is no number of bytes.

    Example:
        >>> from rollbook.spool import spool_bytes
        >>> spool_bytes()
        1073741824
    """
    text = os.environ.get("ROLLBOOK_SPOOL_BYTES") or str(SPOOL_BYTES)
    if not text.isdigit() or int(text) < 1:
        raise ConfigurationError(f"{text!r} is not a number of bytes (ROLLBOOK_SPOOL_BYTES); use one from 1 up.")
    return int(text)


def request_record(do: str, episode_id: str, body: bytes) -> bytes:
    """The record of an end, a score or a label.

    Example:
        >>> from rollbook.spool import request_record
        >>> request_record("end", "01K", b'{"next_ordinal":7}')
        b'{"do":"end","episode_id":"01K","body":{"next_ordinal":7}}'
    """
    return b'{"do":"%b","episode_id":"%b","body":%b}' % (do.encode("ascii"), episode_id.encode("ascii"), body)


def start_record(worker: str, key: str, body: bytes) -> bytes:
    """The record of a start.

    Example:
        >>> from rollbook.spool import start_record
        >>> start_record("gpu-7", "k", b'{"task":"t"}')
        b'{"do":"start","worker":"gpu-7","key":"k","body":{"task":"t"}}'
    """
    return b'{"do":"start","worker":%b,"key":%b,"body":%b}' % (encode_json(worker), encode_json(key), body)
