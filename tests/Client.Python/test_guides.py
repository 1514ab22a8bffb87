"""The examples and the pages of docs/ run as they stand, against a silo."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from typing import Any, Dict, List, Tuple
from unittest import mock

from silo_process import Silo
from support import SOURCE

DLL = os.environ.get("ROLLBOOK_SILO_DLL")
ROOT = os.path.normpath(os.path.join(SOURCE, "..", ".."))
EXAMPLES = os.path.join(ROOT, "examples")
_BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@unittest.skipUnless(DLL, "ROLLBOOK_SILO_DLL does not name a Rollbook.Silo.dll")
class GuideTestCase(unittest.TestCase):
    """One silo for all tests of a class."""

    silo: Silo

    @classmethod
    def setUpClass(cls) -> None:
        cls.directory = tempfile.TemporaryDirectory()  # type: ignore[attr-defined]
        cls.addClassCleanup(cls.directory.cleanup)  # type: ignore[attr-defined]
        cls.silo = Silo(DLL or "", os.path.join(cls.directory.name, "data"))  # type: ignore[attr-defined]
        cls.addClassCleanup(cls.silo.kill)

    def setUp(self) -> None:
        locks = tempfile.TemporaryDirectory()
        self.addCleanup(locks.cleanup)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ROLLBOOK_")}
        self.environment = {**clean, "ROLLBOOK_URL": self.silo.url, "ROLLBOOK_LOCK_DIR": locks.name, "PYTHONPATH": SOURCE}
        # A framework that stands on the path of this process is there for the examples too.
        if os.environ.get("PYTHONPATH"):
            self.environment["PYTHONPATH"] += os.pathsep + os.environ["PYTHONPATH"]
        patch = mock.patch.dict(os.environ, {name: self.environment[name] for name in ("ROLLBOOK_URL", "ROLLBOOK_LOCK_DIR")})
        patch.start()
        self.addCleanup(patch.stop)

    def record(self, episode: str) -> Dict[str, Any]:
        with urllib.request.urlopen(f"{self.silo.url}/v1/episodes/{episode}", timeout=30) as answer:
            record = json.loads(answer.read())
        assert isinstance(record, dict)
        return record

    def run_example(self, name: str, *arguments: str) -> List[str]:
        done = subprocess.run(
            [sys.executable, os.path.join(EXAMPLES, name), *arguments], env=self.environment, capture_output=True, text=True, timeout=300
        )
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout.split("\n")[:-1]

    def check_game(self, record: Dict[str, Any]) -> None:
        """A whole game: steps numbered from 1, hints, the score that the rewards add up to."""
        steps = record["steps"]
        self.assertEqual("completed", record["status"])
        self.assertEqual(list(range(1, len(steps) + 1)), [step["step_number"] for step in steps])
        self.assertAlmostEqual(sum(step["reward"] for step in steps), record["final_score"])
        self.assertEqual([False] * (len(steps) - 1) + [True], [step["done"] for step in steps])
        self.assertEqual("terminated" if steps[-1]["observation_snapshot"]["hint"] == "found" else "truncated", record["end_cause"])
        self.assertEqual({"low": 0, "high": 9, "hint": None}, record["initial_observation"])


class ExampleTests(GuideTestCase):
    def test_gym_loop_when_run_records_its_episodes(self) -> None:
        episodes = self.run_example("gym_loop.py", "3")
        self.assertEqual(3, len(set(episodes)))
        for seed, episode in enumerate(episodes):
            record = self.record(episode)
            self.check_game(record)
            self.assertEqual((seed, "GuessNumber", None), (record["seed"], record["environment"], record["group_id"]))
            self.assertEqual(record["steps"][0]["observation_snapshot"]["guess"], record["steps"][0]["extra"]["action"])

    def test_gym_loop_when_the_environment_raises_ends_the_episode_with_the_cause(self) -> None:
        with mock.patch.object(sys, "path", [EXAMPLES, *sys.path]):
            loop, games = importlib.import_module("gym_loop"), importlib.import_module("environment")
        import rollbook

        class Breaking(games.GuessNumber):  # type: ignore[name-defined]
            def step(self, action: int) -> Any:
                raise FloatingPointError("overflow")

        with rollbook.TrajectoryLogger("breaking") as log:
            with self.assertRaises(FloatingPointError):
                loop.record_episode(Breaking(), games.Halving(0), log, task="t", variant_id="v", seed=0)
            record = self.record(log.episode_id or "")
        self.assertEqual(("completed", "exception: FloatingPointError", None),
                         (record["status"], record["end_cause"], record["final_score"]))

    def test_process_pool_when_run_records_each_sibling_once(self) -> None:
        episodes = self.run_example("process_pool.py")
        records = [self.record(episode) for episode in episodes]
        self.assertEqual(sorted((f"pool-{seed}", attempt, seed) for seed in range(2) for attempt in range(4)),
                         sorted((r["group_id"], r["attempt"], r["seed"]) for r in records))
        self.assertEqual({"step-0"}, {r["policy_version"] for r in records})
        for record in records:
            self.check_game(record)

    def test_asyncio_trainer_when_run_records_the_group_and_prints_advantages(self) -> None:
        results = [json.loads(line) for line in self.run_example("asyncio_trainer.py")]
        self.assertAlmostEqual(0.0, sum(result["advantage"] for result in results), delta=0.01)
        records = [self.record(result["episode_id"]) for result in results]
        self.assertEqual([0, 1, 2, 3], [r["attempt"] for r in records])
        self.assertEqual({("asyncio-1", "step-1", 7, "example")},
                         {(r["group_id"], r["policy_version"], r["seed"], r["metadata"]["trainer"]) for r in records})
        for record, result in zip(records, results):
            self.check_game(record)
            self.assertEqual(result["score"], round(record["final_score"], 3))


class OpenEnvServerTests(GuideTestCase):
    """The server's application, driven as an ASGI server drives it."""

    def setUp(self) -> None:
        super().setUp()
        with mock.patch.object(sys, "path", [EXAMPLES, *sys.path]):
            self.server = importlib.import_module("openenv_server")

    def test_bare_app_when_a_trainer_plays_records_its_context(self) -> None:
        self.play(self.server.ContextMiddleware(self.server.bare_app))

    def test_fastapi_app_when_a_trainer_plays_records_its_context(self) -> None:
        if self.server.FastAPI is None:
            self.skipTest("FastAPI is missing (apt-get install python3-fastapi): only the bare application was run")
        self.play(self.server.ContextMiddleware(self.server.fastapi_app()))

    def play(self, app: Any) -> None:
        import rollbook
        from rollbook.asgi import inject

        with rollbook.context(group_id="org/repo#1", attempt=3, policy_version="p, 1"):
            headers = inject({})
        frames: List[Dict[str, Any]] = [{"type": "reset", "data": {"seed": 7}}, {"type": "state"}]
        frames += [{"type": "step", "data": {"guess": guess}} for guess in range(10)]
        frames += [{"type": "step", "data": {"guess": "x"}}, {"type": "dance"}, {"type": "close"}]
        replies = asyncio.run(_converse(app, headers, [json.dumps(frame) for frame in frames] ))
        self.assertEqual(len(frames) - 1, len(replies))
        self.assertEqual("observation", replies[0]["type"])
        record = self.record(replies[1]["data"]["episode_id"])
        self.check_game(record)
        self.assertEqual(("org/repo#1", 3, "p, 1", 7), tuple(record[name] for name in ("group_id", "attempt", "policy_version", "seed")))
        played = [reply for reply in replies[2:12] if reply["type"] == "observation"]
        self.assertEqual([reply["data"]["observation"] for reply in played], [step["observation_snapshot"] for step in record["steps"]])
        self.assertEqual("UNKNOWN_TYPE", replies[-1]["data"]["code"])

        # A trainer that vanishes in the middle leaves an ended episode with a cause.
        replies = asyncio.run(_converse(app, {}, ["no json", json.dumps(frames[0]), json.dumps(frames[1])]))
        self.assertEqual("INVALID_JSON", replies[0]["data"]["code"])
        record = self.record(replies[2]["data"]["episode_id"])
        self.assertEqual(("completed", "disconnected", None, None),
                         (record["status"], record["end_cause"], record["final_score"], record["group_id"]))

    def test_bare_app_when_asked_for_its_health_answers(self) -> None:
        sent: List[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        for path, status in (("/health", 200), ("/other", 404)):
            asyncio.run(self.server.bare_app({"type": "http", "path": path, "headers": []}, None, send))
            self.assertEqual(status, sent[-2]["status"])


async def _converse(app: Any, headers: Dict[str, str], frames: List[str]) -> List[Any]:
    """One WebSocket connection: sends the frames one after the other's reply, then hangs up; the replies."""
    incoming: List[Dict[str, Any]] = [{"type": "websocket.connect"}]
    incoming += [{"type": "websocket.receive", "text": frame} for frame in frames]
    incoming += [{"type": "websocket.disconnect", "code": 1006}]
    replies: List[Any] = []

    async def receive() -> Dict[str, Any]:
        return incoming.pop(0)

    async def send(message: Dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            replies.append(json.loads(message["text"]))

    scope = {
        "type": "websocket", "asgi": {"version": "3.0"}, "scheme": "ws", "path": "/ws", "raw_path": b"/ws", "root_path": "",
        "query_string": b"", "subprotocols": [], "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    return replies


class PageTests(GuideTestCase):
    """Each `sh` block of a page, one after the other in one shell; a `text` block is what the block before it prints, `…` stands for anything."""

    def test_getting_started_when_followed_does_what_it_says(self) -> None:
        self.follow(os.path.join(ROOT, "docs", "getting-started.md"))

    def test_integration_pages_when_they_show_code_show_what_the_examples_hold(self) -> None:
        pages = os.path.join(ROOT, "docs", "integrations")
        sources = {name: _read(os.path.join(EXAMPLES, name)) for name in os.listdir(EXAMPLES) if name.endswith(".py")}
        shown = 0
        for page in sorted(os.listdir(pages)):
            text = _read(os.path.join(pages, page))
            for name in re.findall(r"\]\(\.\./\.\./examples/([\w.]+)\)", text):
                self.assertIn(name, sources, page)
            for block in _BLOCK.finditer(text):
                if block["kind"] == "python" and block["mark"] != "not from an example":
                    with self.subTest(f"{page}: {block['text'][:40]}"):
                        self.assertTrue(any(block["text"] in source for source in sources.values()), block["text"])
                        shown += 1
        self.assertGreaterEqual(shown, 4)

    def follow(self, page: str) -> None:
        blocks = [(block["mark"] or "", block["kind"], block["text"]) for block in _BLOCK.finditer(_read(page))]
        self.assertGreater(len([kind for _, kind, _ in blocks if kind == "sh"]), 3)
        script, expected = self._script(blocks)
        for needed in ("bash", "curl", "python3"):
            if shutil.which(needed) is None:
                self.skipTest(f"{needed} is missing: the page was not followed")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=300)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        outputs = done.stdout.split("\0")
        for number, text in expected.items():
            pattern = "".join(".*" if part == "…" else re.escape(part) for part in re.split("(…)", text.strip()))
            self.assertIsNotNone(re.fullmatch(pattern, outputs[number].strip(), re.DOTALL), f"{outputs[number]}\nis not\n{text}")

    def _script(self, blocks: List[Tuple[str, str, str]]) -> Tuple[str, Dict[int, str]]:
        routes = self._routes()
        parts: List[str] = []
        expected: Dict[int, str] = {}
        left_out = False
        for mark, kind, text in blocks:
            if kind == "sh":
                left_out = mark.startswith("not run") or (mark.startswith("needs ") and mark[6:] not in routes)
                if not left_out:
                    parts.append(text + "\nprintf '\\0'\n")
            elif kind == "text" and not left_out:
                expected[len(parts) - 1] = text
        return "".join(parts), expected

    def _routes(self) -> "set[str]":
        with urllib.request.urlopen(f"{self.silo.url}/openapi/v1.json", timeout=30) as answer:
            return set(json.loads(answer.read())["paths"])


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    unittest.main()
