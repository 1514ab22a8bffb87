"""Scores and labels, with a logger and without, once each."""

import json
import math
import os
import tempfile
import unittest
from unittest import mock

from support import ClientTestCase
from wire_double import DROP_AFTER

import rollbook
from rollbook import NoEpisode, Refused
from rollbook.spool_file import leftovers


class ScoreTests(ClientTestCase):
    def events(self, id: str) -> list:
        return list(self.double.state.episodes[id].events.values())

    def test_score_when_the_answer_is_lost_is_one_event(self) -> None:
        log = self.logger()
        id = log.start_episode("t", "v")
        log.end_episode(0.5)
        self.double.faults = [DROP_AFTER]
        log.score(math.nan, source="unit-tests", rationale="diverged", metadata={"seen": {1}})
        ((kind, body),) = self.events(id)
        self.assertEqual(("scores", "final", "NaN", "unit-tests"), (kind, body["name"], body["value"], body["source"]))
        self.assertEqual({"seen": [1]}, body["metadata"])
        self.assertEqual(1, self.double.state.duplicates)

    def test_module_functions_when_called_without_a_logger_reach_any_episode(self) -> None:
        id = self.logger().start_episode("t", "v")
        rollbook.score(id, None, source="judge", name="style", event_id="judge:1", time=5)
        rollbook.score(id, None, source="judge", name="style", event_id="judge:1", time=5)
        rollbook.label(id, "pinned", remove=["new"], event_id="label:1")
        with self.assertRaisesRegex(Refused, "score_conflict"):
            rollbook.score(id, 1.0, source="judge", name="style", event_id="judge:1", time=5)
        (_, scored), (_, labelled) = self.events(id)
        self.assertEqual((None, 5), (scored["value"], scored["time"]))
        self.assertEqual((["pinned"], ["new"]), (labelled["add"], labelled["remove"]))

    def test_score_when_there_is_no_episode_says_so(self) -> None:
        with self.assertRaises(NoEpisode):
            self.logger().score(1.0, source="x")

    def test_score_when_no_server_answers_waits_in_the_spool(self) -> None:
        with tempfile.TemporaryDirectory() as directory, mock.patch.dict(os.environ, {"ROLLBOOK_SPOOL": directory}):
            log = self.logger("w", url="http://127.0.0.1:1", on_unavailable="spool")
            log.start_episode("t", "v")
            log.score(1.0, source="unit-tests")
            log.label("pinned")
            with open(leftovers(directory)[0], "rb") as file:
                records = [json.loads(line[9:]) for line in file]
            self.assertEqual(["start", "score", "label"], [record["do"] for record in records])


if __name__ == "__main__":
    unittest.main()
