"""What the four reads must show after any sequence of calls: a model of the single-process recorder, its faults mended.

Written from what the recorder does, as plain data. Mended, as the comparison of the two says: the history holds ten, always;
ending twice with one score is ending once, with another score a conflict; a step without a running episode is an error;
the content of a write is kept for replay. Ids and times are compared by kind alone (see `masked`).
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
from typing import Any, Dict, List, Optional

READS = ("get_trajectory", "get_replay_actions", "get_step_timeline", "get_history_summary")

# The recorder's own names of the arguments, and ours that it does not have.
OURS_ALONE = ("action_content",)


class Model:
    """The mended recorder. Calls that must fail return the name of the exception."""

    def __init__(self) -> None:
        self.episodes: List[Dict[str, Any]] = []

    def start(self, task: str, variant_id: str) -> Any:
        if self.episodes and self.episodes[-1]["open"]:
            self.episodes[-1]["open"] = False
        self.episodes.append({"number": len(self.episodes), "task": task, "variant": variant_id, "open": True, "score": None, "calls": []})
        return None

    def record(self, call: Dict[str, Any]) -> Any:
        if not self.episodes:
            return "NoEpisode"
        if not self.episodes[-1]["open"]:
            return "EpisodeEnded"
        diff = call["file_diff"]
        self.episodes[-1]["calls"].append({**call, "file_diff": dataclasses.asdict(diff) if diff else None})
        return None

    def end(self, final_score: float) -> Any:
        if not self.episodes:
            return None
        last = self.episodes[-1]
        if not last["open"]:
            return None if same(last["score"], final_score) else "EndConflict"
        last["open"], last["score"] = False, final_score
        return None

    def get_trajectory(self) -> Optional[Dict[str, Any]]:
        if not self.episodes:
            return None
        episode = self.episodes[-1]
        over = None if episode["open"] else "over"
        return {**self._summary(episode), "start_time": "time", "end_time": over and "time", "duration_seconds": over and "seconds",
                "metadata": {}, "steps": [self._step(call) for call in episode["calls"]]}

    def get_replay_actions(self) -> List[Dict[str, Any]]:
        actions = []
        for call in self._calls():
            named = {"path": call["action_path"] or None, "query": call["action_query"] or None, "content": call.get("action_content")}
            actions.append({"action_type": call["action_type"], **{name: value for name, value in named.items() if value is not None}})
        return actions

    def get_step_timeline(self) -> List[Dict[str, Any]]:
        return [
            {"step": call["step_number"], "action": call["action_type"], "path": call["action_path"], "reward": call["reward"],
             "error": call["error"], "duration_ms": call["duration_ms"], "pass_rate": call["test_pass_rate"],
             "security_flags": call["security_flags"] or []}
            for call in self._calls()
        ]

    def get_history_summary(self) -> List[Dict[str, Any]]:
        return [{**self._summary(episode), "duration_seconds": "seconds"} for episode in self.episodes if not episode["open"]][-10:]

    def _calls(self) -> List[Dict[str, Any]]:
        return self.episodes[-1]["calls"] if self.episodes else []

    @staticmethod
    def _summary(episode: Dict[str, Any]) -> Dict[str, Any]:
        calls = episode["calls"]
        return {"episode_id": f"episode {episode['number']}", "task": episode["task"], "variant_id": episode["variant"],
                "final_score": 0.0 if episode["score"] is None else episode["score"],
                "total_steps": calls[-1]["step_number"] if calls else 0}

    @staticmethod
    def _step(call: Dict[str, Any]) -> Dict[str, Any]:
        renamed = {"observation_compact": "observation_snapshot"}
        shown = {renamed.get(name, name): value for name, value in call.items() if name not in OURS_ALONE}
        return {**shown, "security_flags": call["security_flags"] or [], "timestamp": "time"}


class ReferenceFile:
    """The class of a given trajectory.py, kept from doing what is mended."""

    def __init__(self, path: str) -> None:
        import sys

        spec = importlib.util.spec_from_file_location("reference_trajectory", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["reference_trajectory"] = module  # its dataclasses look themselves up
        spec.loader.exec_module(module)
        self._diff = module.FileDiff
        self._logger = module.TrajectoryLogger()
        self._running = False
        self._score: Optional[float] = None
        self.ids: List[str] = []

    def start(self, task: str, variant_id: str) -> Any:
        # Its id hangs on the clock; the mask needs the episode itself.
        self._logger.start_episode(task, variant_id)
        self._logger._current.episode_id = f"reference {len(self.ids)}"
        self.ids.append(self._logger._current.episode_id)
        self._running, self._score = True, None
        return None

    def record(self, call: Dict[str, Any]) -> Any:
        if not self._running:
            return "EpisodeEnded" if self.ids else "NoEpisode"
        known = {name: value for name, value in call.items() if name not in OURS_ALONE}
        if known["file_diff"] is not None:
            known["file_diff"] = self._diff(**dataclasses.asdict(known["file_diff"]))
        self._logger.record_step(**known)
        return None

    def end(self, final_score: float) -> Any:
        if not self.ids:
            return self._logger.end_episode(final_score)
        if not self._running:
            return None if same(self._score, final_score) else "EndConflict"
        self._running, self._score = False, final_score
        return self._logger.end_episode(final_score)

    def read(self, name: str) -> Any:
        value = masked(getattr(self._logger, name)(), self.ids)
        return value[-10:] if name == "get_history_summary" else value


def masked(value: Any, ids: List[str]) -> Any:
    """The value as JSON has it: each id as "episode n", each time as "time", each duration as "seconds"."""
    value = json.loads(json.dumps(value))
    records = value if isinstance(value, list) else [] if value is None else [value, *value["steps"]]
    for record in records:
        if "episode_id" in record:
            record["episode_id"] = f"episode {ids.index(record['episode_id'])}"
        for name, kind in (("start_time", "time"), ("end_time", "time"), ("timestamp", "time"), ("duration_seconds", "seconds")):
            if record.get(name) is not None:
                assert isinstance(record[name], (int, float)), f"{name} is {record[name]!r}"
                record[name] = kind
    return value


def text(value: Any) -> str:
    """JSON for comparing: key order does not count, NaN equals NaN, 1 equals 1.0."""
    return json.dumps(_plain(value), sort_keys=True, indent=1)


def same(a: Optional[float], b: float) -> bool:
    """Whether two scores are one."""
    return a is not None and (a == b or (a != a and b != b))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return float(value) if type(value) is int and abs(value) < 2**53 else value
