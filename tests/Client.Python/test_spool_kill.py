"""kill -9 while a process spools, and while another sends what it left: every step that was acknowledged arrives, once and in order."""

import os
import random
import signal
import subprocess
import threading
import unittest

from spool_case import AWAY, STEP, Outage, SpoolTestCase
from wire_double import DROP_AFTER

from rollbook.senders import close_all

KILLS = int(os.environ.get("ROLLBOOK_SPOOL_KILLS", "4"))

# Records for ever, three loggers in turn, and says which step of which was acknowledged.
_RECORDER = f"""
logs = [TrajectoryLogger(f'w{{sys.argv[2]}}.{{i}}') for i in range(3)]
ids = [log.start_episode('t', 'v') for log in logs]
n = 0
while True:
    for log, id in zip(logs, ids):
        {STEP}
        print(id, n, flush=True)
    n += 1
"""

# Sends what was left, until it is killed.
_SENDER = """
log = TrajectoryLogger('sender' + sys.argv[2])
log.start_episode('t', 'v', takeover=True)
sys.stdin.read()
"""


@unittest.skipUnless(hasattr(signal, "SIGKILL"), "there is no kill -9 here")
class SpoolKillTests(SpoolTestCase):
    def test_steps_when_the_process_is_killed_while_it_spools_arrive_once_and_in_order(self) -> None:
        for seed in range(KILLS):
            with self.subTest(seed=seed):
                acknowledged = self.spool_until_killed(seed, random.Random(seed).randint(1, 120))
                log = self.logger(f"next{seed}")
                log.start_episode("own", "v")
                self.drained(log)
                self.check(acknowledged)
                self.assertEqual([], os.listdir(self.directory))
                close_all()  # a process looks for what others left once

    def test_steps_when_the_sender_is_killed_too_arrive_once_and_in_order(self) -> None:
        for seed in range(KILLS):
            with self.subTest(seed=seed):
                draw = random.Random(1000 + seed)
                acknowledged = self.spool_until_killed(seed, draw.randint(20, 120))
                # So many requests come through, then none: the sender is killed in the middle of its file.
                stuck = threading.Event()
                self.double.faults = Outage([draw.choice((None, DROP_AFTER)) for _ in range(draw.randint(1, 5))], stuck)
                with self.process(_SENDER, self.double.url, str(seed)) as sender:
                    self.assertTrue(stuck.wait(60), "the sender sent nothing within 60 s")
                    self.kill(sender)
                self.double.faults = []
                log = self.logger(f"last{seed}")
                log.start_episode("own", "v")
                self.drained(log)
                self.check(acknowledged)
                self.assertEqual([], os.listdir(self.directory))
                close_all()  # a process looks for what others left once

    def spool_until_killed(self, seed: int, steps: int) -> "dict[str, int]":
        """A process records while no server answers, and is killed after so many steps; how many of each episode it was told are safe."""
        acknowledged: "dict[str, int]" = {}
        with self.process(_RECORDER, AWAY, str(seed)) as process:
            assert process.stdout is not None
            for _ in range(steps):
                line = process.stdout.readline()
                self.assertTrue(line, f"the process that should spool for ever ended by itself, with {process.poll()}")
                id, number = line.split()
                acknowledged[id] = int(number) + 1
            self.kill(process)
            for line in process.stdout.read().splitlines():
                id, number = line.split()
                acknowledged[id] = int(number) + 1
        return acknowledged

    def kill(self, process: "subprocess.Popen[str]") -> None:
        process.send_signal(signal.SIGKILL)
        self.assertEqual(-signal.SIGKILL, process.wait(timeout=60))

    def check(self, acknowledged: "dict[str, int]") -> None:
        self.assertTrue(acknowledged)
        for id, count in acknowledged.items():
            numbers = [step["step_number"] for step in self.double.steps(id)]
            self.assertEqual(list(range(len(numbers))), numbers, f"episode {id}: not once and in order")
            self.assertGreaterEqual(len(numbers), count, f"episode {id}: an acknowledged step is missing")
        self.assertEqual([], self.refused())


if __name__ == "__main__":
    unittest.main()
