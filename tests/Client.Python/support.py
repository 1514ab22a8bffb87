"""What the tests share. Importing it makes `rollbook` importable from the source tree: nothing need be installed."""

import os
import sys
import tempfile
import threading
import unittest
from typing import Any, Callable, Dict, List, Optional
from unittest import mock

SOURCE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "Client.Python"))
if SOURCE not in sys.path:
    sys.path.insert(0, SOURCE)

import rollbook  # noqa: E402
from rollbook.retry import Clock  # noqa: E402
from rollbook.senders import close_all  # noqa: E402
from rollbook.settings import read_settings  # noqa: E402
from wire_double import WireDouble  # noqa: E402


class FakeClock(Clock):
    """Time that passes only by sleeping; the sleeps are kept."""

    def __init__(self) -> None:
        super().__init__(lambda: self.time, self._pass, lambda: 0.5)
        self.time = 1000.0
        self.sleeps: List[float] = []

    def pause(self, nudge: threading.Lock, seconds: float) -> None:
        self._pass(seconds)
        nudge.acquire(blocking=False)

    def idle(self, wake: threading.Lock, seconds: float) -> None:
        wake.acquire()  # a sender with nothing to do costs no time here

    def _pass(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds


class ClientTestCase(unittest.TestCase):
    """A wire double, a lock directory of its own, a fake clock; loggers that close themselves."""

    def setUp(self) -> None:
        self.double = self.enter(WireDouble())
        self.locks = self.enter(tempfile.TemporaryDirectory())
        self.enter(mock.patch.dict(os.environ, {"ROLLBOOK_URL": self.double.url, "ROLLBOOK_LOCK_DIR": self.locks}))
        for name in ("ROLLBOOK_WORKER", "ROLLBOOK_API_KEY", "ROLLBOOK_RETRY_SECONDS", "ROLLBOOK_REQUEST_TIMEOUT"):
            os.environ.pop(name, None)
        self.clock = FakeClock()
        self.addCleanup(close_all)

    def enter(self, context: Any) -> Any:  # enterContext needs 3.11
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def logger(self, worker: Optional[str] = "w", **more: Any) -> rollbook.TrajectoryLogger:
        log = rollbook.TrajectoryLogger(worker, clock=self.clock, **more)
        self.addCleanup(_close_quietly, log)
        return log

    def numbers(self, log: rollbook.TrajectoryLogger) -> List[int]:
        """The step numbers that the recorder has of the logger's episode."""
        return [step["step_number"] for step in self.double.steps(log.episode_id or "")]


def step(log: rollbook.TrajectoryLogger, number: int, **more: Any) -> None:
    """Records a step with plain values."""
    log.record_step(**{**plain_step(number), **more})


def plain_step(number: int) -> Dict[str, Any]:
    return {
        "step_number": number, "action_type": "read_file", "action_path": f"src/{number}.py", "action_query": None,
        "action_content_length": None, "reward": 0.5, "cumulative_reward": 0.5 * number, "done": False, "error": None,
        "file_diff": None, "test_pass_rate": None, "duration_ms": 1.25, "observation_compact": {"n": number},
    }


def redirect(log: rollbook.TrajectoryLogger, url: str) -> None:
    """From now on the logger's recorder is at another address."""
    recording = log._recording
    recording.settings = read_settings(url)
    recording._release_sender()


def in_child(work: Callable[[], Any]) -> bytes:
    """What `work` returns as repr, or the exception's, from a forked child."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            try:
                text = repr(work())
            except BaseException as e:
                text = f"{type(e).__name__}: {e}"
            os.write(writer, text.encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    return text


def _close_quietly(log: rollbook.TrajectoryLogger) -> None:
    try:
        log.close()
    except rollbook.RollbookError:
        pass
