"""64 default loggers of one process, however it makes them, are 64 workers: nothing is superseded."""

import asyncio
import multiprocessing
import os
import threading
import unittest
from typing import Any, List

from support import ClientTestCase, step

from rollbook import AsyncTrajectoryLogger, TrajectoryLogger

MANY = 64


def _in_process(barrier: Any, ids: Any) -> None:
    """Holds its slot until all others have theirs."""
    log = TrajectoryLogger()
    ids.put(log.start_episode("t", "v"))
    barrier.wait(60)
    log.end_episode(1.0)


class DefaultWorkerTests(ClientTestCase):
    def check(self, ids: List[str]) -> None:
        self.assertEqual(MANY, len(set(ids)))
        episodes = [self.double.state.episodes[id] for id in ids]
        self.assertEqual(MANY, len({episode.worker.name for episode in episodes}))
        self.assertNotIn("superseded", {episode.status for episode in episodes})

    def test_threads_when_each_has_a_logger_get_a_worker_each(self) -> None:
        logs = [self.logger(None) for _ in range(MANY)]
        ids: List[str] = []

        def work(log: TrajectoryLogger) -> None:
            ids.append(log.start_episode("t", "v"))
            step(log, 1)

        threads = [threading.Thread(target=work, args=(log,)) for log in logs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.check(ids)

    def test_tasks_when_each_has_a_logger_get_a_worker_each(self) -> None:
        async def main() -> List[str]:
            logs = [AsyncTrajectoryLogger() for _ in range(MANY)]
            ids = list(await asyncio.gather(*(log.start_episode("t", "v") for log in logs)))
            await asyncio.gather(*(log.close() for log in logs))
            return ids

        self.check(asyncio.run(main()))

    @unittest.skipUnless(hasattr(os, "fork"), "this system does not fork")
    def test_forked_children_when_each_has_a_logger_get_a_worker_each(self) -> None:
        self.check(self.processes("fork", MANY))

    def test_spawned_children_when_each_has_a_logger_get_a_worker_each(self) -> None:
        # Eight processes stand for the spawn; the other workers are this process's own, which hold their slots meanwhile.
        logs = [self.logger(None) for _ in range(MANY - 8)]
        self.check([log.start_episode("t", "v") for log in logs] + self.processes("spawn", 8))

    def processes(self, method: str, count: int) -> List[str]:
        context = multiprocessing.get_context(method)
        barrier, queue = context.Barrier(count), context.Queue()
        children = [context.Process(target=_in_process, args=(barrier, queue)) for _ in range(count)]
        for child in children:
            child.start()
        ids = [queue.get(timeout=60) for _ in children]
        for child in children:
            child.join(60)
            self.assertEqual(0, child.exitcode)
        return ids


if __name__ == "__main__":
    unittest.main()
