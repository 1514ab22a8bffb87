"""A plain Gym loop that records: any environment with gymnasium's `reset` and `step`.

    PYTHONPATH=src/Client.Python python3 examples/gym_loop.py [EPISODES]
"""

from __future__ import annotations

import sys
import time
from typing import Any

from environment import GuessNumber, Halving
from rollbook import TrajectoryLogger


def record_episode(env: Any, policy: Any, log: TrajectoryLogger, *, task: str, variant_id: str, seed: int) -> str:
    """Plays and records one episode, and gives its id. An exception ends it too, with its name as the cause."""
    observation, info = env.reset(seed=seed)
    episode = log.start_episode(task, variant_id, seed=seed, environment=type(env).__name__, initial_observation=observation)
    total, number, done, cause = 0.0, 0, False, "exception"
    try:
        while not done:
            action = policy.act(observation)
            began = time.perf_counter()
            observation, reward, terminated, truncated, info = env.step(action)
            number, total, done = number + 1, total + float(reward), terminated or truncated
            cause = "terminated" if terminated else "truncated"
            log.record_step(
                step_number=number, action_type="step", action_path=None, action_query=None, action_content_length=None,
                reward=reward, cumulative_reward=total, done=done, error=None, file_diff=None, test_pass_rate=None,
                duration_ms=(time.perf_counter() - began) * 1000, observation_compact=observation,
                extra={"action": action, "info": info},   # arrays and scalars of numpy or torch may stand here as they are
            )
    except Exception as e:
        log.end_episode(end_cause=f"exception: {type(e).__name__}")
        raise
    log.end_episode(final_score=total, end_cause=cause)
    return episode


def main(episodes: int) -> None:
    with TrajectoryLogger() as log:
        for seed in range(episodes):
            print(record_episode(GuessNumber(), Halving(seed), log, task="guess-number", variant_id="v1", seed=seed))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
