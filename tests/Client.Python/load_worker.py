"""A process under load for the tests that kill the recorder: `load_worker.py SOURCE URL WORKER POLICY STOP_FILE`.

Records episodes until the file appears; prints a line for each step that was acknowledged: `{episode} {ordinal}`, and `failed …` for
each exception that a call raised.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, sys.argv[1])

from rollbook import RollbookError, TrajectoryLogger, Unavailable  # noqa: E402


def main(url: str, worker: str, policy: str, stop: str) -> None:
    log = TrajectoryLogger(worker, url, on_unavailable=policy)
    while not os.path.exists(stop):
        try:
            id = log.start_episode("kill", policy)
        except RollbookError as e:
            print(f"failed {type(e).__name__}", flush=True)
            continue
        unknown = 0
        for number in range(40):
            try:
                log.record_step(number, "run", None, None, None, 0.0, 0.0, False, None, None, None, 1.0, {"n": number})
                # What went first, because it was not known to be recorded, is recorded now too.
                for ordinal in range(number - unknown, number + 1):
                    print(f"{id} {ordinal}", flush=True)
                unknown = 0
            except Unavailable as e:
                unknown += 1
                print(f"failed {type(e).__name__}", flush=True)
        try:
            log.end_episode(1.0)
        except RollbookError as e:
            print(f"failed {type(e).__name__}", flush=True)
    while True:
        try:
            log.close()
            break
        except Unavailable:
            pass
    print("closed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[2:])
