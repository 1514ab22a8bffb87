"""A spool that comes late writes into no episode that another writer has taken over meanwhile; and one that is sent anew is not fenced by itself."""

import glob
import os
import threading
import unittest
from typing import Any
from unittest import mock

from spool_case import STEP, Outage, SpoolTestCase
from support import step

from rollbook.answers import Request
from rollbook.retry import Clock
from rollbook.senders import close_all
from rollbook.settings import read_settings
from rollbook.spool_delivery import SpoolDelivery
from rollbook.starts import encode_start
from rollbook.transport import Transport


class FenceTests(SpoolTestCase):
    def test_episode_begun_without_a_server_when_taken_over_before_its_steps_come_gets_none_of_them(self) -> None:
        """Its start had arrived, the answer was lost, and another writer went on with it: the late start's answer tells that writer's epoch."""
        self.leave(f"log = TrajectoryLogger('w'); log.start_episode('left', 'v')\nfor n in (1, 2): {STEP}\nlog.end_episode(1.0)")
        start = self.records()[0]
        transport = Transport(read_settings(), Clock())
        self.addCleanup(transport.close)
        answer = transport.once(
            Request("POST", f"/v1/workers/{start['worker']}/episodes", encode_start(start["body"], None, None), key=start["key"]), bool
        )
        id = answer.value["episode_id"]
        other = self.logger("w", on_unavailable="block")
        other.resume(id, takeover=True)
        step(other, 7)

        log = self.logger("third")
        log.start_episode("own", "v")
        self.drained(log)

        self.assertEqual(["7"], [str(s["step_number"]) for s in self.double.steps(id)])
        self.assertEqual("running", self.double.state.episodes[id].status)
        self.assertEqual([("steps", "writer_fenced")] * 2 + [("end", "writer_fenced")], [(r["do"], r["refused"]["code"]) for r in self.refused()])
        self.assertEqual([], self.records(), "what was refused is not tried again for ever")
        step(other, 8)
        self.assertEqual([7, 8], self.numbers(other))

    def test_records_when_the_episode_was_taken_over_and_lost_again_do_not_re_open_it(self) -> None:
        log, other = self.logger("w"), self.logger("w", on_unavailable="block")
        id = log.start_episode("t", "v")
        step(log, 1)
        self.outage()
        step(log, 2)
        log.end_episode(0.5)
        episode = self.double.state.episodes[id]
        episode.epoch, episode.status = 2, "lost"  # another's
        self.double.faults = []
        self.drained(log)
        self.assertEqual(("lost", 2, 1), (episode.status, episode.epoch, len(episode.lines)))
        self.assertEqual(["steps", "end"], [record["do"] for record in self.refused()])
        other.close()

    def test_records_when_another_resumes_the_lost_episode_at_the_same_moment_are_refused(self) -> None:
        log = self.logger("w")
        id = log.start_episode("t", "v")
        step(log, 1)
        self.outage()
        step(log, 2)
        episode = self.double.state.episodes[id]
        episode.status = "lost"
        ask = SpoolDelivery._ask

        def late(delivery: SpoolDelivery, request: Request) -> Any:
            if request.method == "POST":
                episode.epoch += 1  # another came between the look and our own resumption, and was lost in its turn
            return ask(delivery, request)

        with mock.patch.object(SpoolDelivery, "_ask", late):
            self.double.faults = []
            self.drained(log)
        self.assertEqual(1, len(episode.lines))
        self.assertEqual(["episode_ended"], [record["refused"]["code"] for record in self.refused()])


class ReopenedTests(SpoolTestCase):
    def test_spool_when_its_sender_dies_after_re_opening_a_lost_episode_is_sent_by_the_next(self) -> None:
        """Under the first epoch the second sender would be fenced by the first one's re-opening."""
        log = self.logger("w")
        id = log.start_episode("t", "v")
        step(log, 1)
        self.outage()
        step(log, 2)
        log.end_episode(0.5)
        episode = self.double.state.episodes[id]
        episode.status = "lost"
        stuck = threading.Event()
        self.double.faults = Outage([None, None], stuck)  # the steps, the resumption; then nothing gets through
        self.assertTrue(stuck.wait(30), "the sender did not get as far as to send the steps again within 30 s")
        self.assertEqual(2, episode.epoch)
        close_all()  # what a death leaves, and no more: the file and what stands beside it
        self.assertEqual(1, len(glob.glob(os.path.join(self.directory, "*.reopened"))))

        self.double.faults = []
        following = self.logger("w2")
        following.start_episode("own", "v")
        self.drained(following)

        self.assertEqual(("completed", 2), (episode.status, len(episode.lines)))
        self.assertEqual([], os.listdir(self.directory))


if __name__ == "__main__":
    unittest.main()
