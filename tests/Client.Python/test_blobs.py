"""Texts over 256 KiB: kept by their hashes, before the steps that name them, whatever happens to the server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import tempfile
import unittest
import urllib.request
from typing import Any, Dict, List, Tuple

from silo_process import Silo
from spool_case import AWAY, SpoolTestCase
from support import ClientTestCase, plain_step, step
from wire_double import DROP_AFTER, DROP_BEFORE, HALF_ANSWER

from rollbook import AsyncTrajectoryLogger, FileDiff, Refused, TooLarge, TrajectoryLogger
from rollbook.blobs import MAX_INLINE, MEDIA_TYPE, Line, detach
from rollbook.large import encode_large
from rollbook.lines import encode_line

DLL = os.environ.get("ROLLBOOK_SILO_DLL")


def text(seed: str, size: int = MAX_INLINE + 1) -> str:
    return (seed * (size // len(seed) + 1))[:size]


def sha256(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8")).hexdigest()


def reference(value: str) -> Dict[str, Any]:
    return {"$blob": sha256(value), "bytes": len(value.encode("utf-8")), "media_type": MEDIA_TYPE}


def arguments(observation: Any = None, diff: Any = None, content: Any = None, thought: Any = None, response: Any = None, extra: Any = None) -> Tuple[Any, ...]:
    return (1, "a", None, None, None, 0.5, 0.5, False, None, diff, None, 1.5, observation, None, content, thought, response, None, extra, 5.0)


class DetachTests(unittest.TestCase):
    def encoded(self, *given: Any, **named: Any) -> Tuple[Any, List[str]]:
        """What comes of the step in either way of encoding, which are the same."""
        line, large = encode_line(*arguments(*given, **named)), encode_large(arguments(*given, **named))
        self.assertEqual(line, large)
        blobs = [[(blob.sha256, blob.text) for blob in each.blobs] if isinstance(each, Line) else [] for each in (line, large)]
        self.assertEqual(blobs[0], blobs[1])
        for hash, value in blobs[0]:
            self.assertEqual(hash, sha256(value))
        return json.loads(line), [value for _, value in blobs[0]]

    def test_texts_when_just_over_the_limit_are_detached_and_when_at_it_are_not(self) -> None:
        for letter in ("x", "é", "😀"):
            at = letter * (MAX_INLINE // len(letter.encode()))
            over = at + "y"
            step, blobs = self.encoded({"at": at, "over": over})
            self.assertEqual({"at": at, "over": reference(over)}, step["observation_snapshot"])
            self.assertEqual([over], blobs)

    def test_texts_in_every_field_are_detached_however_deep(self) -> None:
        a, b, c, d, e, f, g = (text(seed) for seed in "abcdefg")
        given = {"pages": [{"t": ({"html": a, "n": 1},)}, b, None, 1.5]}
        step, blobs = self.encoded(given, FileDiff("p", c, d, 1), e, f, g, {"calls": [{"out": a}], "k": 1})
        self.assertEqual({"pages": [{"t": [{"html": reference(a), "n": 1}]}, reference(b), None, 1.5]}, step["observation_snapshot"])
        self.assertEqual({"path": "p", "before": reference(c), "after": reference(d), "chars_changed": 1}, step["file_diff"])
        self.assertEqual([reference(e), reference(f), reference(g)], [step["action_content"], step["thought"], step["response"]])
        self.assertEqual({"calls": [{"out": reference(a)}], "k": 1}, step["extra"])
        self.assertEqual(sorted([a, b, c, d, e, f, g]), sorted(blobs))
        # What the caller gave is as it was.
        self.assertIs(a, given["pages"][0]["t"][0]["html"])  # type: ignore[index]

    def test_observation_when_it_is_a_text_itself_is_detached(self) -> None:
        self.assertEqual(reference(text("x")), self.encoded(text("x"))[0]["observation_snapshot"])

    def test_steps_with_other_repairs_are_detached_all_the_same(self) -> None:
        step, blobs = self.encoded({"loss": float("nan"), "page": text("x"), "seen": {3}})
        self.assertEqual(reference(text("x")), step["observation_snapshot"]["page"])
        self.assertEqual(["/observation_snapshot/loss", "/observation_snapshot/seen"], sorted(entry["at"] for entry in step["extra"]["_repaired"]))
        step, blobs = self.encoded({"loss": float("nan")}, None, text("x"), text("y"), text("z"))
        self.assertEqual([reference(text("x")), reference(text("y")), reference(text("z"))], [step["action_content"], step["thought"], step["response"]])

    def test_steps_over_the_limit_of_a_step_are_taken_when_their_texts_are_not_in_them(self) -> None:
        step, blobs = self.encoded({"page": text("x", 40 << 20)})
        self.assertEqual(40 << 20, step["observation_snapshot"]["page"]["bytes"])
        with self.assertRaises(TooLarge):
            encode_line(*arguments({"page": text("x", (64 << 20) + 1)}))
        with self.assertRaises(TooLarge):
            encode_line(*arguments({"rows": ["x" * 200_000] * 100}))

    def test_what_is_no_such_text_stays_in_the_step(self) -> None:
        for given in (
            {"b": b"x" * 300_000}, {"lone": "\ud800" + text("x")}, {text("k"): 1}, {"rows": list(range(100_000))}, {"rows": ["x" * 1000] * 400}, None, [],
        ):  # fmt: skip
            self.assertEqual([], detach(arguments(given))[1])
            self.assertIs(type(encode_line(*arguments(given))), bytes)

    def test_cycles_and_shared_parts_come_to_an_end(self) -> None:
        ring: List[Any] = [text("x")]
        ring.append(ring)
        encode_line(*arguments(ring))
        shared: Any = [text("x")]
        for _ in range(100):
            shared = [shared]
        (blob,) = detach(arguments([shared] * 20))[1]
        self.assertEqual(sha256(text("x")), blob.sha256)


class RecordTests(ClientTestCase):
    def test_record_step_when_a_text_is_large_keeps_it_once_and_before_the_step(self) -> None:
        log = self.logger()
        id = log.start_episode("t", "v")
        for number in range(3):
            step(log, number, observation_compact={"page": text("x")}, action_content=text("y"))
        log.end_episode(1.0)
        self.assertEqual({sha256(text("x")): text("x").encode(), sha256(text("y")): text("y").encode()}, self.double.state.blobs)
        self.assertEqual([reference(text("x"))] * 3, [s["observation_snapshot"]["page"] for s in self.double.steps(id)])
        methods = [method for method, target in self.double.requests if "/blobs/" in target or "/steps" in target]
        self.assertEqual(["PUT", "PUT", "POST", "POST", "POST"], methods)

    def test_record_step_when_any_fault_hits_is_recorded_once_with_its_text(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        number = 0
        for place in range(2):
            for fault in (DROP_BEFORE, DROP_AFTER, HALF_ANSWER, (503, None), (429, 0.25)):
                self.double.faults = [None] * place + [fault]
                step(log, number, observation_compact={"page": text(f"{number} ")})
                self.double.faults = []
                number += 1
        self.assertEqual(list(range(number)), self.numbers(log))
        self.assertEqual({sha256(text(f"{n} ")) for n in range(number)}, set(self.double.state.blobs))

    def test_record_step_in_the_background_keeps_texts_before_their_steps(self) -> None:
        log = self.logger(background=True)
        id = log.start_episode("t", "v")
        for number in range(20):
            step(log, number, **({"observation_compact": {"page": text(f"{number} ")}} if number % 3 == 0 else {}))
        log.end_episode(1.0)
        self.assertEqual(list(range(20)), self.numbers(log))
        self.assertEqual(reference(text("18 ")), self.double.steps(id)[18]["observation_snapshot"]["page"])

    def test_record_step_of_many_tasks_keeps_texts_before_their_steps(self) -> None:
        async def session(worker: int) -> AsyncTrajectoryLogger:
            log = AsyncTrajectoryLogger(f"w{worker}", clock=self.clock)
            await log.start_episode("t", "v")
            for number in range(6):
                await log.record_step(**{**plain_step(number), "response": text(f"{number % 4} ")} if worker % 2 else plain_step(number))
            await log.end_episode(1.0)
            return log

        async def main() -> List[AsyncTrajectoryLogger]:
            return await asyncio.gather(*map(session, range(10)))

        for log in asyncio.run(main()):
            self.assertEqual(list(range(6)), self.numbers(log))  # type: ignore[arg-type]
        puts = [target for method, target in self.double.requests if method == "PUT"]
        self.assertEqual(4, len(puts), "a text was sent again")

    def test_record_step_when_the_recorder_lost_a_text_sends_it_again(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        step(log, 1, thought=text("x"))
        self.double.state.blobs.clear()
        step(log, 2, thought=text("x"))
        self.assertEqual([1, 2], self.numbers(log))
        self.assertEqual([sha256(text("x"))], list(self.double.state.blobs))

    def test_record_step_when_a_text_is_refused_raises_and_the_others_are_recorded(self) -> None:
        self.double.state.most_blob = 400_000
        log = self.logger()
        log.start_episode("t", "v")
        step(log, 1, thought=text("x"))
        with self.assertRaisesRegex(Refused, "at most 400000 bytes"):
            step(log, 2, thought=text("x", 500_000))
        step(log, 3, thought=text("y"))
        self.assertEqual([1, 3], self.numbers(log))

    def test_record_step_when_a_text_of_a_batch_is_refused_leaves_out_that_step_alone(self) -> None:
        self.double.state.most_blob = 400_000
        log = self.logger(background=True)
        log.start_episode("t", "v")
        with log._recording.sender._lead:  # nothing is sent yet
            for number in range(5):
                step(log, number, thought=text(f"{number}", 500_000 if number == 2 else 300_000))
        with self.assertRaises(Refused):
            log.end_episode(1.0)
        self.assertEqual([0, 1, 3, 4], self.numbers(log))

    def test_record_step_when_data_names_a_hash_that_nobody_kept_is_refused(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        with self.assertRaisesRegex(Refused, "there is no large value"):
            step(log, 1, observation_compact={"$blob": sha256("never"), "bytes": 5})
        step(log, 2)
        self.assertEqual([2], self.numbers(log))


class SpoolTests(SpoolTestCase):
    def test_records_when_the_server_is_away_have_each_text_once_before_its_first_step(self) -> None:
        log = self.logger(url=AWAY)
        log.start_episode("t", "v")
        for number in range(3):
            step(log, number, observation_compact={"page": text("é\n")}, thought=text(f"{number} "))
        kinds = [(record["do"], record.get("text")) for record in self.records()]
        self.assertEqual(
            ["start", "blob", "blob", "steps", "blob", "steps", "blob", "steps"],
            [do for do, _ in kinds],
        )
        self.assertEqual({text("é\n"), text("0 "), text("1 "), text("2 ")}, {value for do, value in kinds if do == "blob"})

    def test_episode_when_the_server_is_away_at_any_place_is_recorded_once(self) -> None:
        for place in range(9):
            for fault in ([(503, None)] * 9, [DROP_AFTER] + [(503, None)] * 9, [HALF_ANSWER, DROP_BEFORE, (429, 0.1)]):
                with self.subTest(place=place, fault=fault[0]):
                    log = self.logger(f"w{place}")
                    self.double.state.blobs.clear()
                    self.double.faults = [None] * place + fault
                    id = log.start_episode("t", "v")
                    for number in range(4):
                        step(log, number, observation_compact={"page": text(f"{number % 2} ")}, response=text("é\n"))
                    log.end_episode(0.5)
                    self.drained(log)
                    self.double.faults = []
                    self.assertEqual([0, 1, 2, 3], self.numbers(log))
                    self.assertEqual("completed", self.double.state.episodes[id].status)
                    self.assertEqual(text("é\n").encode(), self.double.state.blobs[sha256(text("é\n"))])
                    self.assertEqual([], os.listdir(self.directory))


@unittest.skipUnless(DLL, "ROLLBOOK_SILO_DLL does not name a Rollbook.Silo.dll to kill and restart")
class RoundTripTests(unittest.TestCase):
    def test_texts_when_the_recorder_is_killed_between_put_and_step_come_back_byte_for_byte(self) -> None:
        """With a small one beside, which stays in the step. A value that no step names is harmless."""
        with tempfile.TemporaryDirectory() as data:
            port = _free_port()
            values = [text("é\n\"\\ 😀\u2028"), text("x", 20 << 20), text("\x00\x1f")]
            with Silo(DLL or "", data, port) as silo:
                session = Session(silo.url)
                for value in values:
                    session.step({"page": [{"t": value}], "small": "s"})
                unused = put(silo.url, text("no step names this"))
                between = put(silo.url, text("between"))
            with Silo(DLL or "", data, port) as silo:
                self.assertEqual(text("no step names this").encode(), get(silo.url, unused))
                session.step({"page": [{"t": text("between")}]})
                session.log.end_episode(1.0)
                lines = urllib.request.urlopen(f"{silo.url}/v1/episodes/{session.id}/steps").read().splitlines()
                references = [json.loads(line)["observation_snapshot"]["page"][0]["t"] for line in lines]
                self.assertEqual([reference(value) for value in [*values, text("between")]], references)
                self.assertEqual(between, references[-1]["$blob"])
                for value, named in zip(values, references):
                    self.assertEqual(value.encode("utf-8"), get(silo.url, named["$blob"]))
                session.log.close()


class Session:
    """A logger and how far it is."""

    def __init__(self, url: str) -> None:
        self.log = TrajectoryLogger("blobs", url)
        self.id = self.log.start_episode("t", "v")
        self.number = 0

    def step(self, observation: Any) -> None:
        step(self.log, self.number, observation_compact=observation)
        self.number += 1


def put(url: str, value: str) -> str:
    request = urllib.request.Request(f"{url}/v1/blobs/{sha256(value)}", value.encode("utf-8"), method="PUT")
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["sha256"])


def get(url: str, hash: str) -> bytes:
    with urllib.request.urlopen(f"{url}/v1/blobs/{hash}") as answer:
        return bytes(answer.read())


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


if __name__ == "__main__":
    unittest.main()
