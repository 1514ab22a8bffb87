"""What the tests of the spool share."""

from __future__ import annotations

import glob
import json
import os
import subprocess
import sys
import tempfile
import threading
from typing import Any, List
from unittest import mock

from support import SOURCE, ClientTestCase, step

from rollbook import TrajectoryLogger
from rollbook.spool_file import leftovers

AWAY = "http://127.0.0.1:1"  # nothing listens there

# A step of a script for `SpoolTestCase.leave`, numbered n.
STEP = "log.record_step(n, 'a', None, None, None, 0.0, 0.0, False, None, None, None, 1.5, {'n': n})"


class Outage(List[Any]):
    """Faults of the wire double: some given ones, then 503 for ever; sets an event at the first of those."""

    def __init__(self, first: List[Any], reached: threading.Event) -> None:
        super().__init__([*first, (503, None)])
        self._reached = reached

    def pop(self, index: Any = 0) -> Any:
        if len(self) > 1:
            return super().pop(index)
        self._reached.set()
        return self[0]


class SpoolTestCase(ClientTestCase):
    """Loggers that spool, into a directory of their own."""

    def setUp(self) -> None:
        super().setUp()
        self.directory = self.enter(tempfile.TemporaryDirectory())
        self.enter(mock.patch.dict(os.environ, {"ROLLBOOK_SPOOL": self.directory, "ROLLBOOK_ON_UNAVAILABLE": "spool"}))
        os.environ.pop("ROLLBOOK_SPOOL_BYTES", None)

    def records(self) -> List[Any]:
        return _values(leftovers(self.directory))

    def refused(self) -> List[Any]:
        return _values(sorted(glob.glob(os.path.join(self.directory, "*.refused"))))

    def drained(self, log: TrajectoryLogger) -> None:
        spool = log._recording.sender.spool
        assert spool is not None
        self.assertTrue(spool.wait_until_empty(30), "the spool was not sent within 30 s")

    def episode(self, log: TrajectoryLogger, steps: int) -> str:
        id = log.start_episode("t", "v")
        for number in range(1, steps + 1):
            step(log, number)
        log.end_episode(0.5, end_cause="submitted")
        return id

    def outage(self) -> None:
        self.double.faults = [(503, None)] * 1_000_000

    def leave(self, code: str, *arguments: str) -> None:
        """Runs a process that records while no server answers, and ends without a word."""
        with self.process(f"{code}\nos._exit(0)", AWAY, *arguments) as process:
            self.assertEqual(0, process.wait(timeout=60))

    def process(self, code: str, url: str, *arguments: str) -> "subprocess.Popen[str]":
        """A process that records to `url`, in this test's spool; its standard output is a pipe."""
        script = f"import os, sys; sys.path.insert(0, sys.argv[1])\nfrom rollbook import TrajectoryLogger\n{code}\n"
        environment = {**os.environ, "ROLLBOOK_URL": url}
        return subprocess.Popen([sys.executable, "-c", script, SOURCE, *arguments], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _values(paths: List[str]) -> List[Any]:
    found = []
    for path in paths:
        with open(path, "rb") as file:
            found += [json.loads(line[9:]) for line in file]
    return found
