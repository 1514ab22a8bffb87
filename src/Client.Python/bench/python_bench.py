"""How many durable steps a second one Python process records: `python_bench.py URL [--seconds 10] [--sessions 256]`.

Three ways: one thread in lockstep, sessions in the background, and asyncio sessions in lockstep. The steps a second are those of the machine
that it runs on, which a recorder on the same machine shares; the processor time of this process for each step is the client's alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from typing import Any, Callable, Dict, List

sys.path.insert(0, os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")))

from rollbook import AsyncTrajectoryLogger, TrajectoryLogger  # noqa: E402

_SEEN: Dict[str, Any] = {"lines": 40, "text": "All tests passed; 3 files changed, 12 insertions(+), 4 deletions(-)."}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="a running recorder, for example http://127.0.0.1:5080")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each way records (10)")
    parser.add_argument("--sessions", type=int, default=256, help="background and asyncio sessions (256)")
    parser.add_argument("--only", choices=("lockstep", "background", "asyncio"), help="one of the three ways")
    options = parser.parse_args()
    ways: Dict[str, Callable[[str, float, int], str]] = {"lockstep": lockstep, "background": background, "asyncio": tasks}
    for name, way in ways.items():
        if options.only in (None, name):
            print(way(options.url, options.seconds, options.sessions), flush=True)


def per_step(cpu: float, steps: int) -> str:
    return f"{(time.process_time() - cpu) / max(steps, 1) * 1e6:.1f} µs of the client's processor time a step"


def lockstep(url: str, seconds: float, _: int) -> str:
    with TrajectoryLogger(f"bench-lockstep-{os.getpid()}", url) as log:
        log.start_episode("bench", "lockstep")
        times: List[float] = []
        end, cpu = time.perf_counter() + seconds, time.process_time()
        while (before := time.perf_counter()) < end:
            log.record_step(len(times), "run_tests", "src/a.py", None, None, 0.5, 1.5, False, None, None, 1.0, 2.5, _SEEN)
            times.append(time.perf_counter() - before)
        cost = per_step(cpu, len(times))
        log.end_episode(1.0)
    times.sort()
    p50, p99 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.99))
    return f"1 thread in lockstep: {len(times) / seconds:,.0f} durable steps/s, p50 {p50:.2f} ms, p99 {p99:.2f} ms, {cost}"


def background(url: str, seconds: float, sessions: int) -> str:
    logs = [TrajectoryLogger(f"bench-background-{os.getpid()}-{i}", url, background=True) for i in range(sessions)]
    for log in logs:
        log.start_episode("bench", "background")
    began, cpu = time.perf_counter(), time.process_time()
    number = 0
    while time.perf_counter() - began < seconds:
        for log in logs:
            log.record_step(number, "run_tests", "src/a.py", None, None, 0.5, 1.5, False, None, None, 1.0, 2.5, _SEEN)
        number += 1
    for log in logs:
        log.flush()
    took, cost = time.perf_counter() - began, per_step(cpu, number * sessions)
    for log in logs:
        log.close()
    return f"{sessions} background sessions: {number * sessions / took:,.0f} durable steps/s, {cost}"


def tasks(url: str, seconds: float, sessions: int) -> str:
    async def session(number: int, started: "asyncio.Event", counts: List[Any]) -> None:
        log = AsyncTrajectoryLogger(f"bench-asyncio-{os.getpid()}-{number}", url)
        await log.start_episode("bench", "asyncio")
        counts[0] += 1
        if counts[0] == sessions:
            counts[2] = time.process_time()
            started.set()
        await started.wait()
        end = time.perf_counter() + seconds
        step = 0
        while time.perf_counter() < end:
            await log.record_step(step, "run_tests", "src/a.py", None, None, 0.5, 1.5, False, None, None, 1.0, 2.5, _SEEN)
            step += 1
        counts[1] += step
        costs.append(per_step(counts[2], counts[1]))
        await log.close()

    async def run() -> int:
        started = asyncio.Event()
        counts: List[Any] = [0, 0, 0.0]
        await asyncio.gather(*(session(number, started, counts) for number in range(sessions)))
        return int(counts[1])

    costs: List[str] = []
    return f"{sessions} asyncio sessions: {asyncio.run(run()) / seconds:,.0f} durable steps/s, {costs[-1]}"


if __name__ == "__main__":
    main()
