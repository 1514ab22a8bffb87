"""A recorder that asks for keys: what the client says of one, and that a good one records."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import tempfile
import unittest
import urllib.request
from typing import Any, Dict

from silo_process import Silo
from support import step

from rollbook import NotAllowed, TrajectoryLogger, doctor, score
from rollbook.__main__ import main

DLL = os.environ.get("ROLLBOOK_SILO_DLL")


@unittest.skipUnless(DLL, "ROLLBOOK_SILO_DLL is not set")
class AccessTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        assert DLL
        cls.silo = Silo(DLL, cls.directory.name, options=["--require-keys"])
        cls.addClassCleanup(cls.silo.kill)
        cls.admin = cls.silo.wait_for(re.compile(r"shown this once: (rb_\S+)"))

    def key(self, *scopes: str) -> Dict[str, Any]:
        return self.send("POST", "/v1/keys", {"name": "of a test", "scopes": scopes})

    def send(self, method: str, path: str, body: Any = None) -> Dict[str, Any]:
        request = urllib.request.Request(
            self.silo.url + path, None if body is None else json.dumps(body).encode(), method=method,
            headers={"Authorization": f"Bearer {self.admin}", "Content-Type": "application/json"})
        with contextlib.closing(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30)) as answer:
            return json.load(answer)

    def test_good_key_records_scores_and_reads(self) -> None:
        key = self.key("ingest", "read")["key"]
        with TrajectoryLogger("w", self.silo.url, key) as log:
            episode = log.start_episode("task", "v1")
            step(log, 1)
            log.end_episode(1.0)
            score(episode, 0.5, source="test", url=self.silo.url, api_key=key)
        record = self.send("GET", f"/v1/episodes/{episode}")
        self.assertEqual((0.5, 1), (record["final_score"], len(record["steps"])))

    def test_no_wrong_or_narrow_key_says_what_to_do(self) -> None:
        for key, text in ((None, "ROLLBOOK_API_KEY"), ("rb_wrong", "ROLLBOOK_API_KEY"), (self.key("read")["key"], "ingest")):
            with self.subTest(text), self.assertRaises(NotAllowed) as refused:
                TrajectoryLogger("v", self.silo.url, key).start_episode("task", "v1")
            self.assertIn(text, str(refused.exception))

    def test_step_stays_when_the_key_is_revoked_meanwhile(self) -> None:
        made = self.key("ingest", "read")
        log = TrajectoryLogger("u", self.silo.url, made["key"])
        log.start_episode("task", "v1")
        step(log, 1)
        self.send("DELETE", f"/v1/keys/{made['id']}")
        with self.assertRaises(NotAllowed) as refused:
            step(log, 2)
        self.assertIn("revoked", str(refused.exception))

    def test_doctor_tells_a_good_key_from_none(self) -> None:
        found = {finding.check: finding for finding in doctor.examine(self.silo.url, self.key("ingest", "read")["key"])}
        self.assertEqual(("ok", "accepted"), (found["api key"].status, found["api key"].message))
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            self.assertEqual(1, main(["doctor", "--url", self.silo.url, "--json"]))
        self.assertIn("wants a key", output.getvalue())


if __name__ == "__main__":
    unittest.main()
