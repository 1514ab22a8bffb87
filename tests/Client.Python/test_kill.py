"""The recorder is killed (SIGKILL) again and again under load: no step that a client was told of is lost or doubled.

`ROLLBOOK_SILO_DLL` names the Rollbook.Silo.dll, `ROLLBOOK_KILLS` how often it is killed for each way to go on (10).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from typing import Dict, List, Set

from silo_process import Silo
from support import SOURCE

DLL = os.environ.get("ROLLBOOK_SILO_DLL")
KILLS = int(os.environ.get("ROLLBOOK_KILLS", "10"))
WORKERS = 3
LOAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "load_worker.py")


class Load:
    """One process under load, and what it was told is durable."""

    def __init__(self, url: str, worker: str, policy: str, stop: str, spool: str) -> None:
        self.acknowledged: Dict[str, Set[int]] = {}
        self.failures: List[str] = []
        self.closed = False
        self.progress = threading.Semaphore(0)
        environment = {**os.environ, "ROLLBOOK_SPOOL": spool, "ROLLBOOK_LOCK_DIR": spool}
        self.process = subprocess.Popen(
            [sys.executable, LOAD, SOURCE, url, worker, policy, stop], stdout=subprocess.PIPE, text=True, env=environment
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def join(self) -> None:
        self.process.wait(300)
        self._reader.join(60)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            first, _, second = line.strip().partition(" ")
            if first == "failed":
                self.failures.append(second)
            elif first == "closed":
                self.closed = True
            else:
                self.acknowledged.setdefault(first, set()).add(int(second))
                self.progress.release()


@unittest.skipUnless(DLL, "ROLLBOOK_SILO_DLL does not name a Rollbook.Silo.dll to kill and restart")
class KillTests(unittest.TestCase):
    def test_block_when_the_recorder_is_killed_again_and_again_loses_and_doubles_nothing(self) -> None:
        for load in self.play("block"):
            self.assertEqual([], load.failures)

    def test_raise_when_the_recorder_is_killed_again_and_again_loses_and_doubles_nothing(self) -> None:
        self.play("raise")

    def test_spool_when_the_recorder_is_killed_again_and_again_is_not_noticed(self) -> None:
        for load in self.play("spool"):
            self.assertEqual([], load.failures)

    def play(self, policy: str) -> List[Load]:
        with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as spool:
            stop = os.path.join(spool, "stop")
            port = _free_port()
            url = f"http://127.0.0.1:{port}"
            silo = Silo(DLL or "", data, port)
            loads = [Load(url, f"kill-{policy}-{i}", policy, stop, spool) for i in range(WORKERS)]
            try:
                for _ in range(KILLS):
                    self.await_steps(loads, 30)
                    silo.kill()
                    silo = Silo(DLL or "", data, port)
                self.await_steps(loads, 30)
                with open(stop, "w", encoding="utf-8"):
                    pass
                for load in loads:
                    load.join()
                    self.assertTrue(load.closed, "the load did not end by itself")
                if policy == "spool":
                    self.send_the_rest(url, spool)
                for load in loads:
                    self.compare(url, load)
            finally:
                silo.kill()
                for load in loads:
                    load.process.kill()
                    load.join()
        return loads

    def await_steps(self, loads: List[Load], count: int) -> None:
        for load in loads:
            for _ in range(count):
                self.assertTrue(load.progress.acquire(timeout=180), "a process got no step acknowledged within 180 s")

    def send_the_rest(self, url: str, spool: str) -> None:
        """The next process sends what the others left."""
        code = (
            "import sys; sys.path.insert(0, sys.argv[1])\nfrom rollbook import TrajectoryLogger\n"
            "log = TrajectoryLogger('rest', sys.argv[2], on_unavailable='spool'); log.start_episode('rest', 'v')\n"
            "sys.exit(not log._recording.sender.spool.wait_until_empty(120))\n"
        )
        environment = {**os.environ, "ROLLBOOK_SPOOL": spool}
        subprocess.run([sys.executable, "-c", code, SOURCE, url], check=True, env=environment, timeout=180)
        self.assertEqual([], [name for name in os.listdir(spool) if name.endswith((".spool", ".refused"))])

    def compare(self, url: str, load: Load) -> None:
        self.assertTrue(load.acknowledged)
        for id, ordinals in load.acknowledged.items():
            with urllib.request.urlopen(f"{url}/v1/episodes/{id}/steps", timeout=60) as answer:
                stored = [json.loads(line) for line in answer.read().splitlines()]
            self.assertEqual(list(range(len(stored))), [step["ordinal"] for step in stored])
            self.assertEqual(list(range(len(stored))), [step["step_number"] for step in stored], f"{id} has a step twice or not at all")
            self.assertLessEqual(max(ordinals) + 1, len(stored), f"{id} lost an acknowledged step")


def _free_port() -> int:
    """A port that is free now; the recorder must come back on the one that its clients know."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    unittest.main()
