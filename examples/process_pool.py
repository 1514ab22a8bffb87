"""A pool of processes: a logger in each, siblings of a group spread over them.

    PYTHONPATH=src/Client.Python python3 examples/process_pool.py
"""

from __future__ import annotations

import multiprocessing
from typing import List, Optional, Tuple

import rollbook
from environment import GuessNumber, Halving
from gym_loop import record_episode

GROUP_SIZE = 4

_log: Optional[rollbook.TrajectoryLogger] = None


def begin() -> None:
    """In each process, once: without a name each logger takes a worker of its own, `{host}.{slot}`."""
    global _log
    _log = rollbook.TrajectoryLogger()


def rollout(job: Tuple[str, int, int]) -> str:
    """One job. What the trainer knows goes into the context, so that the loop need not pass it on."""
    group, attempt, seed = job
    assert _log is not None
    with rollbook.context(group_id=group, attempt=attempt, policy_version="step-0"):
        return record_episode(GuessNumber(), Halving(attempt), _log, task="guess-number", variant_id="v1", seed=seed)


def main() -> None:
    jobs: List[Tuple[str, int, int]] = [
        (f"pool-{seed}", attempt, seed) for seed in range(2) for attempt in range(GROUP_SIZE)
    ]
    # fork and spawn both do: a forked child drops what it got of its parent's logger and takes a slot of its own.
    with multiprocessing.get_context("spawn").Pool(2, initializer=begin) as pool:
        for episode in pool.imap_unordered(rollout, jobs):
            print(episode)
        pool.close()   # lets the processes end by themselves
        pool.join()


if __name__ == "__main__":
    main()
