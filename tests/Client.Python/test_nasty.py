"""No content makes recording fail: each of the nasty values, in every place that takes content, against the double and a silo."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import threading
import unittest
import urllib.request
from typing import Any, Dict, List
from unittest import mock

from nasty_values import NASTY, SAME, Like, MuteBool, MuteRepr, nested
from silo_process import Silo
from support import ClientTestCase, plain_step

import rollbook
from rollbook import repair
from rollbook.content import encode_json, plain_json, to_json

DLL = os.environ.get("ROLLBOOK_SILO_DLL")


def strict(text: "bytes | str") -> Any:
    """Strict JSON, number texts kept: what JSON isn't raises."""

    def refuse(token: str) -> Any:
        raise AssertionError(f"{token} is not JSON")

    if isinstance(text, bytes):
        text = text.decode("utf-8")
    return json.loads(text, parse_constant=refuse, parse_int=str, parse_float=str)


def matches(expected: Any, got: Any) -> bool:
    if isinstance(expected, Like):
        text = got if isinstance(got, str) else json.dumps(got, separators=(",", ":"))
        return re.fullmatch(expected.pattern, text, re.DOTALL) is not None
    if isinstance(expected, dict):
        return isinstance(got, dict) and list(expected) == list(got) and all(matches(expected[key], got[key]) for key in got)
    if isinstance(expected, list):
        return isinstance(got, list) and len(expected) == len(got) and all(map(matches, expected, got))
    return type(expected) is type(got) and expected == got


def depth(value: Any) -> int:
    levels, layer = 0, [value]
    while layer:
        levels += 1
        layer = [
            child
            for item in layer
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(child, (dict, list))
        ]
    return levels


class NastyToJsonTests(unittest.TestCase):
    def test_nasty_values_when_counted_are_two_hundred(self) -> None:
        self.assertGreaterEqual(len(NASTY), 200)
        self.assertEqual(len(NASTY), len({name for name, _, _ in NASTY}), "a name stands twice")

    def test_to_json_when_the_value_is_nasty_gives_the_expected_json(self) -> None:
        for name, make, expected in NASTY:
            with self.subTest(name):
                repairs: List[Dict[str, str]] = []
                value = make()
                encoded = to_json(value, "", repairs)
                strict(encoded)
                got = json.loads(encoded)
                if expected is SAME:
                    self.assertEqual([], repairs)
                    expected = json.loads(json.dumps(value))
                self.assertTrue(matches(expected, got), f"{encoded[:200]!r} is not {str(expected)[:200]}")
                self.assertLessEqual(depth(got), 241)

    def test_to_json_when_the_result_is_encoded_again_changes_nothing(self) -> None:
        for name, make, _ in NASTY:
            with self.subTest(name):
                encoded = to_json(make(), "", [])
                self.assertEqual(encoded, plain_json(json.loads(encoded)))

    def test_to_json_when_something_was_changed_lists_it(self) -> None:
        for name, make, expected in NASTY:
            with self.subTest(name):
                repairs: List[Dict[str, str]] = []
                value = make()
                plain = plain_json(value)
                encoded = to_json(value, "", repairs)
                strict(encode_json(repairs))
                if plain is not None:
                    self.assertEqual((plain, []), (encoded, repairs))

    def test_to_json_when_another_thread_changes_the_value_gives_json_all_the_same(self) -> None:
        value: Dict[str, Any] = {"list": [], "seen": set(), "inner": {}}
        stop = threading.Event()

        def change() -> None:
            number = 0
            while not stop.is_set():
                number = (number + 1) % 50
                value["list"][:] = range(number)
                value["seen"] ^= {number}
                value["inner"].pop(number, None) or value["inner"].update({number: {number}})

        thread = threading.Thread(target=change)
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        thread.start()
        try:
            for _ in range(300):
                strict(to_json(value, "", []))
        finally:
            stop.set()
            thread.join()
            sys.setswitchinterval(interval)

    def test_to_json_when_the_stack_is_nearly_full_still_gives_json(self) -> None:
        def at(frames: int) -> bytes:
            return at(frames - 1) if frames else to_json({"deep": nested(200, inner=float("nan"))}, "", [])

        room = sys.getrecursionlimit() - len(_frames())
        for left in (400, 200, 120, 60):
            strict(at(room - left))

    def test_to_json_when_a_sequence_has_no_end_gives_its_repr(self) -> None:
        class Endless(repair.SequenceType):  # type: ignore[type-arg]
            def __getitem__(self, index: Any) -> Any:
                return index

            def __len__(self) -> int:
                return 5

            def __repr__(self) -> str:
                return "Endless()"

        with mock.patch.object(repair, "_MOST_VALUES", 1000):
            repairs: List[Dict[str, str]] = []
            self.assertEqual(b'{"a":"Endless()"}', to_json({"a": Endless()}, "", repairs))
            self.assertEqual(["/a"], [entry["at"] for entry in repairs])

    def test_to_json_when_there_are_more_values_than_a_step_has_room_for_raises(self) -> None:
        with mock.patch.object(repair, "_MOST_VALUES", 1000):
            with self.assertRaisesRegex(rollbook.TooLarge, "16 MiB"):
                to_json([{1}] * 600, "", [])

    def test_to_json_when_encoding_failed_before_starts_anew(self) -> None:
        shared = [1]
        for bad in ([shared, {1}], [shared, float("nan")], nested(5000, inner=shared)):
            self.assertIsNone(plain_json(bad))
            self.assertEqual(b"[[1],[1]]", plain_json([shared, shared]))

    def test_to_json_when_interrupted_passes_it_on(self) -> None:
        class Interrupting:
            def __repr__(self) -> str:
                raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            to_json([Interrupting()], "", [])


def _frames() -> List[Any]:
    frame, frames = sys._getframe(), []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames


class NastyFieldsTests(ClientTestCase):
    """The fields beside the observation."""

    def setUp(self) -> None:
        super().setUp()
        self.log = self.logger()
        self.id = self.log.start_episode("t", "v")

    def sent(self, **more: Any) -> Dict[str, Any]:
        self.log.record_step(**{**plain_step(1), **more})
        step = self.double.steps(self.id)[-1]
        assert isinstance(step, dict)
        return step

    def test_texts_when_of_any_kind_are_texts(self) -> None:
        for name in ("action_type", "action_path", "action_query", "action_content", "error", "thought", "response", "agent_id"):
            for kind, make, _ in NASTY:
                with self.subTest(f"{name}: {kind}"):
                    value = make()
                    text = self.sent(**{name: value}).get(name)
                    self.assertTrue(isinstance(text, str) or (value is None and text is None), text)
                if name != "thought":
                    if kind == "high surrogate":
                        break

    def test_flags_when_of_any_kind_are_a_list_of_texts(self) -> None:
        for value, expected in (
            ("one", ["one"]), (("a", "b"), ["a", "b"]), (5, ["5"]), ([1, None, "\ud800"], ["1", "None", "\ufffd"]),
            ((flag for flag in ["a"]), ["a"]), ({"a": 1}, ["a"]), (MuteRepr(), ["<nasty_values.MuteRepr>"]), (b"x", ["b'x'"]),
            ([], []), ((), []), (None, []),
        ):
            with self.subTest(str(type(value))):
                self.assertEqual(expected, self.sent(security_flags=value).get("security_flags", []))

    def test_file_diff_when_of_any_kind_is_an_object_or_null(self) -> None:
        for name, make, _ in NASTY:
            with self.subTest(name):
                self.assertIsInstance(self.sent(file_diff=make()).get("file_diff"), (dict, type(None)))

    def test_file_diff_when_no_diff_keeps_what_it_was(self) -> None:
        self.assertEqual({"value": "--- a\n+++ b"}, self.sent(file_diff="--- a\n+++ b")["file_diff"])
        self.assertIsNone(self.sent(file_diff={}).get("file_diff"))
        odd = self.sent(file_diff=rollbook.FileDiff(MuteBool(), 1, None, float("nan")))  # type: ignore[arg-type]
        self.assertEqual({"path": "MuteBool()", "before": 1, "after": None, "chars_changed": "NaN"}, odd["file_diff"])
        self.assertEqual(["/file_diff/path", "/file_diff/chars_changed"], [entry["at"] for entry in odd["extra"]["_repaired"]])

    def test_extra_when_of_any_kind_is_an_object(self) -> None:
        for name, make, expected in NASTY:
            with self.subTest(name):
                value = make()
                extra = self.sent(extra=value).get("extra")
                self.assertTrue(isinstance(extra, dict) or value is None, extra)

    def test_extra_when_no_object_stands_under_value(self) -> None:
        step = self.sent(extra=[{1}])
        self.assertEqual([[1]], step["extra"]["value"])
        self.assertEqual(
            [{"at": "/extra", "was": "list"}, {"at": "/extra/value/0", "was": "set"}], step["extra"]["_repaired"]
        )

    def test_numbers_when_huge_are_infinite_and_listed(self) -> None:
        step = self.sent(reward=10**400, cumulative_reward=-(10**400), duration_ms=10**300, timestamp=10**400)
        self.assertEqual(["Infinity", "-Infinity", 10**300], [step[name] for name in ("reward", "cumulative_reward", "duration_ms")])
        self.assertEqual({"huge integer"}, {entry["was"] for entry in step["extra"]["_repaired"]})
        self.assertEqual(3, len(step["extra"]["_repaired"]))

    def test_numbers_when_no_numbers_raise_and_name_the_field(self) -> None:
        from nasty_values import Array, MuteAttributes, MuteEverything

        class ManyElements:
            def __float__(self) -> float:
                raise ValueError("only one element tensors can be converted")

            __bool__ = __index__ = __float__  # type: ignore[assignment]

        for value in (ManyElements(), MuteAttributes(), MuteEverything(), Array(1), [], "1", b"1", 1j):
            for name in ("step_number", "reward", "duration_ms", "action_content_length", "test_pass_rate", "timestamp"):
                with self.assertRaisesRegex(TypeError, name):
                    self.sent(**{name: value})
        with self.assertRaisesRegex(TypeError, "done"):
            self.sent(done=ManyElements())
        for number in (2**63, -(2**63), 10**5000):
            with self.assertRaisesRegex(TypeError, "step_number .*64 bits"):
                self.sent(step_number=number)
        self.assertEqual([], self.double.steps(self.id))


@unittest.skipUnless(DLL, "ROLLBOOK_SILO_DLL does not name a Rollbook.Silo.dll")
class NastySiloTests(unittest.TestCase):
    """What the silo gives back is what was sent, number texts included."""

    def test_nasty_values_when_recorded_read_back_as_sent(self) -> None:
        with tempfile.TemporaryDirectory() as directory, Silo(DLL or "", directory) as silo:
            with rollbook.TrajectoryLogger("nasty", silo.url) as log:
                for name, make, _ in NASTY:
                    with self.subTest(name):
                        episode = log.start_episode("t", "v", metadata={"value": make()}, initial_observation=make())
                        log.record_step(**{**plain_step(1), **_everywhere(make)})
                        log.end_episode(0.5)
                        record = _get(silo.url, f"/v1/episodes/{episode}")
                        self.assertEqual("completed", record["status"])
                        step = record["steps"][0]
                        for place, got, key in (
                            ("/observation_snapshot", step["observation_snapshot"], None),
                            ("/extra", step["extra"], "value"),
                            ("/file_diff", step["file_diff"], "value"),
                            ("/metadata", record["metadata"], "value"),
                            ("/initial_observation", record["initial_observation"], None),
                        ):
                            value = make() if key is None else {key: make()}
                            if value is None and place == "/initial_observation":
                                continue  # as if it were not given
                            sent = strict(to_json(value, place, []))
                            if key is not None:
                                sent, got = sent[key], got[key]
                            self.assertEqual(_masked(sent), _masked(got), place)
                        self.assertTrue(isinstance(step.get("thought"), str) or make() is None)


def _everywhere(make: Any) -> Dict[str, Any]:
    return {
        "observation_compact": make(), "extra": {"value": make()}, "file_diff": {"value": make()},
        "thought": make(), "error": make(), "action_path": make(), "security_flags": [make()],
    }


def _get(url: str, path: str) -> Any:
    with urllib.request.urlopen(url + path, timeout=30) as answer:
        return strict(answer.read())


def _masked(value: Any) -> Any:
    """Without the address that an object has in its repr: each of ours is another object."""
    return re.sub(r"(0x|id='|MagicMock/\w+/)[0-9a-f]+", r"\1", json.dumps(value))


if __name__ == "__main__":
    unittest.main()
