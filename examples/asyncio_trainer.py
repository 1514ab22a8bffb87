"""An asyncio trainer: the rollouts of a group at once, their scores compared.

    PYTHONPATH=src/Client.Python python3 examples/asyncio_trainer.py
"""

from __future__ import annotations

import asyncio
import json
from typing import List, Tuple

import rollbook
from environment import GuessNumber, Halving
from gym_loop import record_episode

GROUP_SIZE = 4


async def rollout(attempt: int, seed: int) -> Tuple[str, float]:
    """One episode of the group. Each call that records waits for a disk, so it runs in a thread, which inherits the context."""
    with rollbook.context(attempt=attempt):
        return await asyncio.to_thread(_rollout, attempt, seed)


def _rollout(attempt: int, seed: int) -> Tuple[str, float]:
    with rollbook.TrajectoryLogger() as log:   # a worker of its own for each rollout that runs at the same time
        episode = record_episode(GuessNumber(), Halving(attempt), log, task="guess-number", variant_id="v1", seed=seed)
        return episode, log.get_history_summary()[-1]["final_score"]


async def main() -> None:
    with rollbook.context(group_id="asyncio-1", policy_version="step-1", metadata={"trainer": "example"}):
        results: List[Tuple[str, float]] = await asyncio.gather(*(rollout(attempt, seed=7) for attempt in range(GROUP_SIZE)))
    mean = sum(score for _, score in results) / len(results)
    for episode, score in results:
        print(json.dumps({"episode_id": episode, "score": round(score, 3), "advantage": round(score - mean, 3)}))


if __name__ == "__main__":
    asyncio.run(main())
