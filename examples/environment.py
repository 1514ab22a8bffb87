"""The environment of the examples: guess a number between 0 and 9. It has gymnasium's interface and needs no package."""

from __future__ import annotations

import random
from typing import Any, Dict, Optional, Tuple

MAX_STEPS = 8


class GuessNumber:
    """`reset(seed=…)` gives `(observation, info)`, `step(action)` gives `(observation, reward, terminated, truncated, info)`."""

    def reset(self, *, seed: Optional[int] = None) -> Tuple[Dict[str, Any], Dict[str, Any]]:
        self._wanted = random.Random(seed).randrange(10)
        self._steps = 0
        return {"low": 0, "high": 9, "hint": None}, {}

    def step(self, action: int) -> Tuple[Dict[str, Any], float, bool, bool, Dict[str, Any]]:
        self._steps += 1
        found = action == self._wanted
        hint = "found" if found else "higher" if action < self._wanted else "lower"
        truncated = not found and self._steps >= MAX_STEPS
        return {"guess": action, "hint": hint}, 1.0 if found else -0.1, found, truncated, {"steps": self._steps}


class Halving:
    """A policy that halves what is left, a little careless: siblings of a group should differ."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._low, self._high = 0, 9

    def act(self, observation: Dict[str, Any]) -> int:
        if observation.get("hint") == "higher":
            self._low = observation["guess"] + 1
        elif observation.get("hint") == "lower":
            self._high = observation["guess"] - 1
        return self._random.randint(self._low, self._high)
