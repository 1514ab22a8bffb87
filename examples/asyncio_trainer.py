"""An asyncio trainer: the rollouts of a group at once, their scores compared.

    PYTHONPATH=src/Client.Python python3 examples/asyncio_trainer.py
"""

from __future__ import annotations

import asyncio
import json
from typing import List, Tuple

import rollbook
from environment import GuessNumber, Halving

GROUP_SIZE = 4


async def rollout(attempt: int, seed: int) -> Tuple[str, float]:
    """One episode of the group; while a step is on its way to the disk, the other rollouts go on."""
    env, policy = GuessNumber(), Halving(attempt)
    observation, _ = env.reset(seed=seed)
    total, number, done = 0.0, 0, False
    with rollbook.context(attempt=attempt):
        async with rollbook.AsyncTrajectoryLogger() as log:   # a worker of its own for each rollout that runs at the same time
            episode = await log.start_episode("guess-number", "v1", seed=seed, initial_observation=observation)
            while not done:
                action = policy.act(observation)   # await your model here
                observation, reward, terminated, truncated, _ = env.step(action)
                number, total, done = number + 1, total + reward, terminated or truncated
                await log.record_step(
                    step_number=number, action_type="guess", action_path=None, action_query=str(action), action_content_length=None,
                    reward=reward, cumulative_reward=total, done=done, error=None, file_diff=None, test_pass_rate=None,
                    duration_ms=0.0, observation_compact=observation,
                )
            await log.end_episode(final_score=total, end_cause="terminated" if terminated else "truncated")
            return episode, total


async def main() -> None:
    with rollbook.context(group_id="asyncio-1", policy_version="step-1", metadata={"trainer": "example"}):
        results: List[Tuple[str, float]] = await asyncio.gather(*(rollout(attempt, seed=7) for attempt in range(GROUP_SIZE)))
    mean = sum(score for _, score in results) / len(results)
    for episode, score in results:
        print(json.dumps({"episode_id": episode, "score": round(score, 3), "advantage": round(score - mean, 3)}))


if __name__ == "__main__":
    asyncio.run(main())
