"""Content: strict JSON of whatever an environment hands over, and what had to be changed."""

import dataclasses
import datetime
import decimal
import enum
import json
import math
import pathlib
import unittest
import uuid
from collections import OrderedDict, deque
from types import MappingProxyType

from support import ClientTestCase, step

from rollbook import FileDiff
from rollbook.content import to_json

NAN = float("nan")


class Color(enum.Enum):
    RED = 1


class Text(str, enum.Enum):
    A = "a"


@dataclasses.dataclass
class Point:
    x: int
    y: object


class Array:
    """What numpy and torch look like from outside."""

    def __init__(self, value: object) -> None:
        self.value = value

    def tolist(self) -> object:
        return self.value


class Model:
    """What Pydantic looks like from outside."""

    def model_dump(self) -> dict:
        return {"name": "m", "when": datetime.date(2026, 1, 2)}


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def converted(value: object) -> object:
    repairs: list = []
    result = json.loads(to_json(value, "", repairs), parse_constant=lambda token: self_fail(token))
    return result, [entry["at"] for entry in repairs]


def self_fail(token: str) -> None:
    raise AssertionError(f"{token} is not JSON")


class ToJsonTests(unittest.TestCase):
    def test_to_json_when_value_needs_no_repair_lists_none(self) -> None:
        for value in (None, 1, 1.5, "é\u2028\0😀", [1, [2]], {"a": {"b": [None, True]}}, (1, 2), {1: 2, None: 3}, 10**300, Text.A):
            with self.subTest(value=value):
                result, repairs = converted(value)
                self.assertEqual(json.loads(json.dumps(value)), result)
                self.assertEqual([], repairs)

    def test_to_json_when_value_needs_repair_gives_the_documented_form(self) -> None:
        cases = [
            ({"a": NAN, "b": math.inf, "c": [-math.inf]}, {"a": "NaN", "b": "Infinity", "c": ["-Infinity"]}, ["/a", "/b", "/c/0"]),
            ({"p": pathlib.PurePosixPath("a/b")}, {"p": "a/b"}, ["/p"]),
            (datetime.datetime(2026, 1, 2, 3, 4), "2026-01-02T03:04:00", [""]),
            (Color.RED, "Color.RED", [""]),
            ([b"ab"], [{"$base64": "YWI="}], ["/0"]),
            ({3, 1, 2}, [1, 2, 3], [""]),
            (Point(1, {2}), {"x": 1, "y": [2]}, ["", "/y"]),
            (Array([[1.0, NAN]]), [[1.0, "NaN"]], ["", "/0/1"]),
            (Array(7), 7, [""]),
            (Model(), {"name": "m", "when": "2026-01-02"}, ["", "/when"]),
            ({("a", 1): 1}, {"('a', 1)": 1}, [""]),
            ({1: "int", "1": "text", "n": {0}}, {"1": "int", "1'": "text", "n": [0]}, ["/1", "/n"]),
            (MappingProxyType({"a": 1}), {"a": 1}, [""]),
            (deque([1, 2]), [1, 2], [""]),
            (decimal.Decimal("1.50"), "1.50", [""]),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001", [""]),
            ("x\ud800y", "x\ufffdy", [""]),
            ({"k\udfff": 1}, {"k\ufffd": 1}, [""]),
            ({"a/b~c": NAN}, {"a/b~c": "NaN"}, ["/a~1b~0c"]),
            (3 + 4j, "(3+4j)", [""]),
            (Point, repr(Point), [""]),
            (Hostile(), f"<{__name__}.Hostile>", [""]),
            (10**5000, hex(10**5000), [""]),
            (OrderedDict(a=NAN), {"a": "NaN"}, ["/a"]),
        ]
        for value, expected, pointers in cases:
            with self.subTest(expected=str(expected)[:40]):
                result, repairs = converted(value)
                self.assertEqual(expected, result)
                self.assertEqual(pointers, repairs)

    def test_to_json_when_surrogates_form_a_pair_joins_them(self) -> None:
        self.assertEqual("😀", converted("\ud83d\ude00")[0])

    def test_to_json_when_value_holds_itself_ends(self) -> None:
        value: dict = {"n": 1}
        value["self"] = value
        result, repairs = converted(value)
        self.assertEqual(1, result["n"])  # type: ignore[index]
        self.assertEqual(["/self"], repairs)

    def test_to_json_when_one_value_stands_twice_is_no_cycle(self) -> None:
        shared = [NAN]
        self.assertEqual({"a": ["NaN"], "b": ["NaN"]}, converted({"a": shared, "b": shared})[0])

    def test_to_json_when_too_deep_for_the_server_is_cut_to_text(self) -> None:
        for levels in (300, 5000):
            value: object = 1
            for _ in range(levels):
                value = [value]
            repairs: list = []
            encoded = to_json(value, "", repairs)
            self.assertLess(encoded.count(b"["), 6000)
            depth = len(encoded) - len(encoded.lstrip(b"["))
            self.assertLessEqual(depth, 245)
            self.assertEqual("deeper than 240", repairs[0]["was"])
        flat = [[] for _ in range(1000)]  # type: ignore[var-annotated]
        self.assertEqual((flat, []), converted(flat))

    def test_to_json_when_there_are_many_repairs_lists_a_hundred(self) -> None:
        result, repairs = converted([NAN] * 1000)
        self.assertEqual(["NaN"] * 1000, result)
        self.assertEqual(101, len(repairs))


class StepContentTests(ClientTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.logger()
        self.id = self.log.start_episode("t", "v")

    def sent(self) -> dict:
        return self.double.steps(self.id)[-1]

    def test_numbers_when_not_finite_come_back_as_floats(self) -> None:
        step(self.log, 1, reward=NAN, cumulative_reward=math.inf, duration_ms=-math.inf, test_pass_rate=NAN)
        self.assertEqual(("NaN", "Infinity"), (self.sent()["reward"], self.sent()["cumulative_reward"]))
        self.assertNotIn("extra", self.sent(), "a number that is not finite is no repair")
        self.log.end_episode(NAN)
        trajectory = self.log.get_trajectory() or {}
        got = trajectory["steps"][0]
        self.assertTrue(math.isnan(got["reward"]) and math.isnan(got["test_pass_rate"]) and math.isnan(trajectory["final_score"]))
        self.assertEqual((math.inf, -math.inf), (got["cumulative_reward"], got["duration_ms"]))
        self.assertTrue(math.isnan(self.log.get_step_timeline()[0]["pass_rate"]))
        self.assertTrue(math.isnan(self.log.get_history_summary()[0]["final_score"]))
        self.log.end_episode(NAN)  # the same score

    def test_texts_when_they_say_nan_stay_texts(self) -> None:
        step(self.log, 1, action_path="NaN", error="Infinity", observation_compact={"reward": "NaN"})
        got = (self.log.get_trajectory() or {})["steps"][0]
        self.assertEqual(("NaN", "Infinity", {"reward": "NaN"}), (got["action_path"], got["error"], got["observation_snapshot"]))

    def test_repairs_when_made_are_listed_in_extra(self) -> None:
        step(self.log, 1, observation_compact={"loss": NAN}, extra={"ids": {5}, "_repaired": "mine"}, error=ValueError("bad"))
        self.assertEqual([5], self.sent()["extra"]["ids"])
        self.assertEqual("mine", self.sent()["extra"]["_repaired'"], "what the caller sent is kept")
        self.assertEqual(1, self.double.bodies[-1].count(b'"_repaired"'), "a key must not stand there twice")
        self.assertEqual(
            [{"at": "/error", "was": "ValueError"}, {"at": "/observation_snapshot/loss", "was": "NaN"},
             {"at": "/extra/_repaired", "was": "same key twice"}, {"at": "/extra/ids", "was": "set"}],
            self.sent()["extra"]["_repaired"],
        )
        self.assertEqual({"loss": "NaN"}, self.sent()["observation_snapshot"])

    def test_numbers_when_of_another_kind_are_numbers(self) -> None:
        class Scalar:
            def __float__(self) -> float:
                return 0.25

        step(self.log, 1, reward=Scalar(), cumulative_reward=True, test_pass_rate=decimal.Decimal("0.5"), done=1)
        self.assertEqual((0.25, 1, 0.5, True), tuple(self.sent()[n] for n in ("reward", "cumulative_reward", "test_pass_rate", "done")))

    def test_numbers_when_none_are_left_to_the_default_and_listed(self) -> None:
        step(self.log, 1, reward=None)
        self.assertEqual([{"at": "/reward", "was": "None"}], self.sent()["extra"]["_repaired"])
        self.assertNotIn("reward", self.sent())

    def test_numbers_when_not_numbers_raise_and_take_nothing(self) -> None:
        for name in ("reward", "step_number", "duration_ms", "action_content_length"):
            with self.assertRaisesRegex(TypeError, name):
                step(self.log, 1, **{name: "0.5"})
        step(self.log, 1)
        self.assertEqual([1], self.numbers(self.log))

    def test_file_diff_when_of_any_kind_has_the_four_fields(self) -> None:
        @dataclasses.dataclass
        class Theirs:
            path: str
            before: object
            after: str
            chars_changed: int

        expected = {"path": "a", "before": None, "after": "b", "chars_changed": 1}
        for diff in (FileDiff("a", None, "b", 1), Theirs("a", None, "b", 1), dict(expected)):
            step(self.log, 1, file_diff=diff)
            self.assertEqual(expected, self.sent()["file_diff"])

    def test_optional_fields_when_given_are_sent(self) -> None:
        more = {"action_content": "c", "thought": "t", "response": "r", "agent_id": "a", "extra": {"x": 1}, "timestamp": 5.5}
        step(self.log, 1, **more)
        self.assertEqual(more, {name: self.sent()[name] for name in more})

    def test_observation_when_changed_after_the_call_stays_as_it_was(self) -> None:
        observation = {"n": 1}
        self.double.faults = [(503, None)]
        step(self.log, 1, observation_compact=observation)
        observation["n"] = 2
        self.assertEqual({"n": 1}, (self.log.get_trajectory() or {})["steps"][0]["observation_snapshot"])

    def test_start_when_content_needs_repair_lists_it_in_the_metadata(self) -> None:
        id = self.log.start_episode("t", "v", metadata={"seen": {1}}, initial_observation={"x": NAN}, seed=4, group_id="g")
        body = self.double.state.episodes[id].body
        self.assertEqual({"x": "NaN"}, body["initial_observation"])
        self.assertEqual([1], body["metadata"]["seen"])
        self.assertEqual(2, len(body["metadata"]["_repaired"]))
        self.assertEqual((4, "g"), (body["seed"], body["group_id"]))
        self.assertNotIn("attempt", body)


if __name__ == "__main__":
    unittest.main()
