"""What was recorded is there after `kill -9` and restart, for a process that knows the worker's name alone."""

from __future__ import annotations

import os
import tempfile
import unittest

from call_sequences import sequence
from reference_model import READS
from silo_process import Silo
from support import redirect
from test_parity import Recorded

DLL = os.environ.get("ROLLBOOK_SILO_DLL")


@unittest.skipUnless(DLL, "ROLLBOOK_SILO_DLL does not name a Rollbook.Silo.dll to kill and restart")
class ParityAfterKillTests(unittest.TestCase):
    def test_reads_when_the_silo_was_killed_and_restarted_show_what_they_showed(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            played = []
            with Silo(DLL or "", directory) as silo:
                for seed in range(8):
                    recorded = Recorded(self, silo.url)
                    played.append(recorded)
                    calls = sequence(seed)
                    if seed % 2:  # half of them are in the middle of an episode when the silo dies
                        calls += [("start", ("t", "v"))] + [call for call in calls if call[0] == "record"][:5]
                    recorded.play(calls)
                silo.kill()
            with Silo(DLL or "", directory) as silo:
                for recorded in played:
                    recorded.url = silo.url
                    recorded.compare_from_another_process()

    def test_record_step_when_the_silo_is_killed_in_between_goes_on_after_the_restart(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            first = Silo(DLL or "", directory)
            self.addCleanup(first.kill)
            recorded = Recorded(self, first.url)
            calls = [("start", ("t", "v"))] + [call for call in sequence(1) if call[0] == "record"][:10]
            recorded.play(calls)
            first.kill()
            with Silo(DLL or "", directory) as second:
                # The port is another, as it would not be in a real restart; writer token, epoch and ordinals stay.
                for log in (recorded.log, recorded.second):
                    redirect(log, second.url)
                recorded.play(calls[1:] + [("end", 0.5)] + [("read", name) for name in READS])
                recorded.close()


if __name__ == "__main__":
    unittest.main()
