"""Seeded random sequences of the calls that an environment server makes."""

from __future__ import annotations

import math
import random
from typing import Any, Dict, List, Optional, Tuple

import support  # noqa: F401  (finds rollbook)
from reference_model import READS
from rollbook import FileDiff

Call = Tuple[str, Any]

_TEXTS = ("", "a.py", "src/é ü/файл.py", "line\nbreak\ttab", 'quote " and \\ back', "\u2028\u0000\u007f", "😀" * 3, "NaN", "null", "<script>alert(1)</script>")
_SCORES = (0.0, 1.0, 0.5, 0.1 + 0.2, -3, 1, 1e-300, 1.7976931348623157e308, math.nan, math.inf, -math.inf)


def sequence(seed: int, length: int = 60) -> List[Call]:
    """`(method, argument)` for `length` calls; every fourth sequence has many short episodes, so that the history overflows."""
    rng = random.Random(seed)
    weights = (6, 3, 6, 4) if seed % 4 == 0 else (1, 12, 1, 5)  # start, record, end, read
    calls: List[Call] = []
    number, score = 0, 0.0
    for _ in range(length):
        kind = rng.choices(("start", "record", "end", "read"), weights)[0]
        if kind == "start":
            number = 0
            calls.append(("start", (f"task-{rng.randrange(3)} é#{rng.randrange(9)}", f"variant {rng.randrange(3)}")))
        elif kind == "record":
            number = number + 1 if rng.random() < 0.9 else rng.randrange(-5, 2**40)
            calls.append(("record", _step(rng, number)))
        elif kind == "end":
            score = score if rng.random() < 0.3 else rng.choice(_SCORES)
            calls.append(("end", score))
            if rng.random() < 0.3:
                calls.append(("end", score))
        else:
            calls.append(("read", rng.choice(READS)))
    return calls + [("read", name) for name in READS]


def _step(rng: random.Random, number: int) -> Dict[str, Any]:
    content = rng.choice((None, None, "x = 1\n", "é" * 5))
    step: Dict[str, Any] = {
        "step_number": number,
        "action_type": rng.choice(("read_file", "write_file", "run_tests", "ünï")),
        "action_path": _maybe(rng, rng.choice(_TEXTS)),
        "action_query": _maybe(rng, rng.choice(_TEXTS)),
        "action_content_length": _maybe(rng, rng.randrange(10**6)),
        "reward": rng.choice(_SCORES),
        "cumulative_reward": rng.choice(_SCORES),
        "done": rng.random() < 0.1,
        "error": _maybe(rng, rng.choice(_TEXTS)),
        "file_diff": _maybe(rng, FileDiff(rng.choice(_TEXTS), _maybe(rng, rng.choice(_TEXTS)), rng.choice(_TEXTS), rng.randrange(99))),
        "test_pass_rate": _maybe(rng, rng.choice((0, 0.0, 0.25, 1.0, math.nan))),
        "duration_ms": rng.choice((0, 0.125, 12.5, 3, 1e9)),
        "observation_compact": {rng.choice(_TEXTS): _json(rng, 3) for _ in range(rng.randrange(4))},
        "security_flags": rng.choice((None, [], ["reads_tests"], ["é", ""])),
    }
    if content is not None:
        step["action_content"] = content
    return step


def _maybe(rng: random.Random, value: Any) -> Optional[Any]:
    return value if rng.random() < 0.5 else None


def _json(rng: random.Random, depth: int) -> Any:
    kind = rng.randrange(8 if depth else 6)
    if kind == 6:
        return [_json(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind == 7:
        return {rng.choice(_TEXTS + ("__proto__", "$type")): _json(rng, depth - 1) for _ in range(rng.randrange(4))}
    return (None, True, rng.randrange(-(10**30), 10**30), rng.uniform(-1e6, 1e6), rng.choice(_TEXTS), rng.choice((1e-300, -0.0, 1e300, 0)))[kind]
