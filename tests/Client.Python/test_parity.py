"""The client and the recorder that it replaces show the same JSON after the same calls.

Against the wire double, or a silo at ROLLBOOK_TEST_URL; once more against a silo of our own where ROLLBOOK_SILO_DLL is given; and against the
file at ROLLBOOK_REFERENCE, where that is given.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
import uuid
from typing import Any, List, Optional

from call_sequences import Call, sequence
from reference_model import READS, Model, ReferenceFile, masked, text
from silo_process import Silo
from support import SOURCE
from wire_double import WireDouble

from rollbook import RollbookError, TrajectoryLogger

DLL = os.environ.get("ROLLBOOK_SILO_DLL")
SEEDS = range(int(os.environ.get("ROLLBOOK_PARITY_SEEDS", "40")))

_READER = (
    "import json, sys; sys.path.insert(0, sys.argv[1])\n"
    "from rollbook import TrajectoryLogger\n"
    "log = TrajectoryLogger(worker=sys.argv[2], url=sys.argv[3])\n"
    "print(json.dumps([getattr(log, name)() for name in sys.argv[4:]]))\n"
)


class Recorded:
    """One logger driven by a sequence of calls, beside its model."""

    def __init__(self, test: unittest.TestCase, url: str) -> None:
        self._test = test
        self.worker = f"parity-{uuid.uuid4().hex}"
        self.url = url
        self.log = TrajectoryLogger(self.worker, url)
        self.second = TrajectoryLogger(self.worker, url)  # knows no more than the name
        self.ids: List[str] = []
        self.model = Model()
        path = os.environ.get("ROLLBOOK_REFERENCE")
        self.reference = ReferenceFile(path) if path else None

    def play(self, calls: List[Call]) -> None:
        for place, (method, argument) in enumerate(calls):
            where = f"call {place}, {method}"
            if method == "read":
                self.compare(argument, where)
                continue
            expected = getattr(self.model, method)(*argument) if method == "start" else getattr(self.model, method)(argument)
            self._test.assertEqual(expected, self._write(method, argument), where)
            if self.reference is not None:
                theirs = self.reference.start(*argument) if method == "start" else getattr(self.reference, method)(argument)
                self._test.assertEqual(expected, theirs, f"{where}: model and reference")

    def compare(self, name: str, where: str = "") -> None:
        expected = getattr(self.model, name)()
        for who, log in (("the writer", self.log), ("a reader", self.second)):
            got = masked(getattr(log, name)(), self.ids)
            self._test.assertEqual(text(expected), text(got), f"{where}: {name} by {who}")
        if self.reference is not None:
            for action in expected if name == "get_replay_actions" else []:
                action.pop("content", None)
            self._test.assertEqual(text(expected), text(self.reference.read(name)), f"{where}: {name} of model and reference")

    def compare_from_another_process(self) -> None:
        out = subprocess.run(
            [sys.executable, "-c", _READER, SOURCE, self.worker, self.url, *READS], check=True, stdout=subprocess.PIPE, timeout=60
        ).stdout
        for name, value in zip(READS, json.loads(out)):
            self._test.assertEqual(text(getattr(self.model, name)()), text(masked(value, self.ids)), f"{name} by another process")

    def close(self) -> None:
        self.log.close()
        self.second.close()

    def _write(self, method: str, argument: Any) -> Any:
        try:
            if method == "start":
                self.ids.append(self.log.start_episode(*argument))
            elif method == "record":
                self.log.record_step(**argument)
            else:
                self.log.end_episode(argument)
        except RollbookError as e:
            return type(e).__name__
        return None


class ParityTests(unittest.TestCase):
    def setUp(self) -> None:
        self.url = os.environ.get("ROLLBOOK_TEST_URL") or ""
        if not self.url:
            double = WireDouble()
            self.addCleanup(double.close)
            self.url = double.url

    def recorded(self) -> Recorded:
        recorded = Recorded(self, self.url)
        self.addCleanup(recorded.close)
        return recorded

    def test_reads_when_calls_are_random_show_what_the_reference_shows(self) -> None:
        for seed in SEEDS:
            with self.subTest(seed=seed):
                recorded = self.recorded()
                recorded.play(sequence(seed))
                self.assertEqual(len(recorded.ids), len(set(recorded.ids)))
                if seed % 10 == 0:
                    recorded.compare_from_another_process()

    def test_reads_when_nothing_was_recorded_are_the_references_empty_ones(self) -> None:
        log = TrajectoryLogger(f"parity-{uuid.uuid4().hex}", self.url)
        self.addCleanup(log.close)
        self.assertEqual([None, [], [], []], [getattr(log, name)() for name in READS])

    def test_reads_when_an_episode_was_not_scored_show_zero(self) -> None:
        recorded = self.recorded()
        recorded.log.start_episode("t", "v")
        recorded.log.end_episode(end_cause="max_steps")
        self.assertEqual(0.0, recorded.log.get_history_summary()[0]["final_score"])
        self.assertEqual(0.0, (recorded.log.get_trajectory() or {})["final_score"])

    def test_trajectory_when_metadata_was_given_shows_it(self) -> None:
        recorded = self.recorded()
        recorded.log.start_episode("t", "v", metadata={"host": "é", "n": [1, {"x": None}]})
        self.assertEqual({"host": "é", "n": [1, {"x": None}]}, (recorded.second.get_trajectory() or {})["metadata"])

    def test_sequences_when_generated_reach_what_they_are_for(self) -> None:
        """Guards the generator: overflow of the history, conflicts, late steps, superseded episodes."""
        met = set()
        for seed in SEEDS:
            model = Model()
            for method, argument in sequence(seed):
                if method == "read":
                    continue
                outcome = model.start(*argument) if method == "start" else getattr(model, method)(argument)
                met.add((method, outcome))
            closed = [episode for episode in model.episodes if not episode["open"]]
            if len(closed) > 10:
                met.add(("history", "overflow"))
            if any(episode["score"] is None for episode in closed):
                met.add(("start", "superseded"))
        for wanted in (("record", "NoEpisode"), ("record", "EpisodeEnded"), ("end", "EndConflict"), ("history", "overflow"), ("start", "superseded")):
            self.assertIn(wanted, met)


@unittest.skipUnless(DLL, "ROLLBOOK_SILO_DLL does not name a Rollbook.Silo.dll to compare with")
class SiloParityTests(ParityTests):
    """The same comparisons with the real recorder."""

    silo: Optional[Silo] = None

    @classmethod
    def setUpClass(cls) -> None:
        directory = tempfile.TemporaryDirectory(prefix="rollbook-parity-")
        cls.addClassCleanup(directory.cleanup)
        cls.silo = Silo(DLL or "", directory.name)
        cls.addClassCleanup(cls.silo.kill)

    def setUp(self) -> None:
        self.url = self.silo.url if self.silo else ""


if __name__ == "__main__":
    unittest.main()
