"""Large JSON in pieces is what json.loads makes of it, and is refused where it is."""

import json
import random
import unittest
from typing import Any
from unittest import mock

import support  # noqa: F401 - makes rollbook importable
from rollbook import parse
from rollbook.parse import parse_json


def drawn(draw: random.Random, levels: int) -> Any:
    kind = draw.randrange(8 if levels else 5)
    if kind > 5:
        return {draw.choice("abcé\n\"{"): drawn(draw, levels - 1) for _ in range(draw.randrange(4))}
    if kind == 5:
        return [drawn(draw, levels - 1) for _ in range(draw.randrange(4))]
    return draw.choice((None, True, False, 0, -1.5e300, 12345678901234567890, "", "te,xt]}", "\\\"é😀", float("inf")))


class ParseTests(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch.object(parse, "_AT_ONCE", 0)  # nothing is small
        patch.start()
        self.addCleanup(patch.stop)

    def test_parse_when_drawn_equals_the_library(self) -> None:
        for seed in range(2000):
            draw = random.Random(seed)
            value = drawn(draw, 5)
            text = json.dumps(value, indent=draw.choice((None, 1)), ensure_ascii=draw.random() < 0.5)
            for body in (text.encode(), b" " + text.encode() + b"\r\n\t"):
                self.assertEqual(json.loads(body), parse_json(body), f"seed {seed}")

    def test_parse_when_damaged_anywhere_is_refused_or_accepted_as_the_library_does(self) -> None:
        text = b'{"a": [1, {"b": null}, [], {}], "c" : "d\\u00e9", "e":[[1,2],3]}'
        for at in range(len(text)):
            for body in (text[:at], text[:at] + text[at + 1 :], text[:at] + b"," + text[at:], text[:at] + b"]" + text[at:]):
                try:
                    expected = json.loads(body)
                except ValueError:
                    with self.assertRaises(ValueError, msg=repr(body)):
                        parse_json(body)
                else:
                    self.assertEqual(expected, parse_json(body), repr(body))

    def test_parse_when_a_name_comes_twice_keeps_the_last(self) -> None:
        self.assertEqual({"a": 2}, parse_json(b'{"a":1,"a":2}'))


if __name__ == "__main__":
    unittest.main()
