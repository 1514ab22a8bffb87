"""on_unavailable="spool": no call fails while the server is away, and nothing of it is lost, doubled or reordered."""

import base64
import glob
import os
import re
import threading
import unittest
from typing import List
from unittest import mock

from spool_case import AWAY, STEP, SpoolTestCase
from support import in_child, step
from wire_double import DROP_AFTER, DROP_BEFORE, HALF_ANSWER

from rollbook import TrajectoryLogger, Unavailable, WriterFenced
from rollbook.spool_file import SpoolFile, frame, leftovers, step_lines, steps_record


class OutageTests(SpoolTestCase):
    def test_episode_when_the_server_is_away_at_any_place_is_recorded_once(self) -> None:
        for place in range(6):
            for fault in ([(503, None)] * 9, [DROP_AFTER] + [(503, None)] * 9, [HALF_ANSWER, DROP_BEFORE, (429, 0.1)]):
                with self.subTest(place=place, fault=fault[0]):
                    log = self.logger(f"w{place}")
                    self.double.faults = [None] * place + fault
                    id = self.episode(log, 4)
                    self.drained(log)
                    self.double.faults = []
                    self.assertEqual([1, 2, 3, 4], self.numbers(log))
                    self.assertEqual("completed", self.double.state.episodes[id].status)
                    self.assertEqual([], os.listdir(self.directory))

    def test_records_when_the_server_is_away_are_as_documented(self) -> None:
        log = self.logger("w", url=AWAY)
        id = self.episode(log, 2)
        start, first, second, end = self.records()
        self.assertEqual(("start", "w"), (start["do"], start["worker"]))
        self.assertEqual((id, "t", "v"), tuple(start["body"][name] for name in ("episode_id", "task", "variant_id")))
        self.assertIsInstance(start["body"]["start_time"], float)
        self.assertRegex(start["key"], "^[0-9a-f]{32}$")
        self.assertEqual(("steps", id, 0, 1), tuple(first[name] for name in ("do", "episode_id", "from", "writer_epoch")))
        self.assertEqual((1, [2]), (second["from"], [s["step_number"] for s in second["steps"]]))
        self.assertEqual(("end", id, 2, 1), (end["do"], end["episode_id"], end["body"]["next_ordinal"], end["body"]["writer_epoch"]))

    def test_loggers_when_the_server_comes_back_go_on_directly(self) -> None:
        log = self.logger("w")
        log.start_episode("t", "v")
        step(log, 1)
        self.outage()
        step(log, 2)
        step(log, 3)
        self.double.faults = []
        self.drained(log)
        step(log, 4)
        log.end_episode(0.5)
        self.assertEqual([1, 2, 3, 4], self.numbers(log))
        self.assertEqual([], self.records())

    def test_threads_when_the_server_goes_and_comes_notice_nothing(self) -> None:
        logs = [self.logger(f"w{i}") for i in range(8)]
        errors: List[BaseException] = []

        def work(log: TrajectoryLogger) -> None:
            try:
                for _ in range(3):
                    log.start_episode("t", "v")
                    for number in range(1, 21):
                        step(log, number)
                    log.end_episode(1.0)
            except BaseException as e:
                errors.append(e)

        self.double.faults = ([None] * 15 + [(503, None)] * 15 + [DROP_AFTER, DROP_BEFORE]) * 8
        threads = [threading.Thread(target=work, args=(log,)) for log in logs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.double.faults = []
        self.assertEqual([], errors)
        self.drained(logs[0])
        self.assertEqual(24, len(self.double.state.episodes))
        for id, episode in self.double.state.episodes.items():
            self.assertEqual(list(range(1, 21)), [s["step_number"] for s in self.double.steps(id)])
            self.assertEqual("completed", episode.status)

    def test_spool_when_full_raises_and_takes_nothing(self) -> None:
        with mock.patch.dict(os.environ, {"ROLLBOOK_SPOOL_BYTES": "2000"}):
            log = self.logger("w", url=AWAY, retry_seconds=1)
            log.start_episode("t", "v")
            with self.assertRaisesRegex(Unavailable, "ROLLBOOK_SPOOL_BYTES"):
                for number in range(1, 100):
                    step(log, number)
            self.assertLessEqual(sum(os.path.getsize(path) for path in leftovers(self.directory)), 2000)


class RefusedTests(SpoolTestCase):
    def test_records_when_a_later_writer_has_the_episode_are_kept_as_refused_and_told(self) -> None:
        log, other = self.logger("w"), self.logger("w", on_unavailable="block")
        id = log.start_episode("t", "v")
        step(log, 1)
        other.resume(id, takeover=True)
        step(other, 2)
        self.outage()
        step(log, 3)
        self.double.faults = []
        self.drained(log)
        self.assertEqual([1, 2], self.numbers(log))
        (entry,) = self.refused()
        self.assertEqual("writer_fenced", entry["refused"]["code"])
        self.assertEqual(("steps", id, 1, 3), (entry["do"], entry["episode_id"], entry["writer_epoch"], entry["steps"][0]["step_number"]))
        (kept,) = glob.glob(os.path.join(self.directory, "*.refused"))
        with self.assertRaisesRegex(WriterFenced, re.escape(kept) + ".*rollbook import --spool"):
            log.flush()

    def test_start_when_refused_takes_its_steps_with_it_and_no_others(self) -> None:
        bad, good = self.logger("bad"), self.logger("good")
        self.outage()
        bad.start_episode("", "v")  # a task has a character at least
        step(bad, 1)
        good.start_episode("t", "v")
        step(good, 1)
        self.double.faults = []
        self.drained(good)
        self.assertEqual([1], self.numbers(good))
        self.assertEqual(["start", "steps"], [entry["do"] for entry in self.refused()])


    def test_records_when_the_episode_was_lost_meanwhile_re_open_it(self) -> None:
        for place in ("steps", "end"):
            with self.subTest(place):
                log = self.logger(place)
                id = log.start_episode("t", "v")
                step(log, 1)
                self.outage()
                if place == "steps":
                    step(log, 2)
                else:
                    log.end_episode(0.5)
                self.double.state.episodes[id].status = "lost"
                self.double.faults = []
                self.drained(log)
                if place == "steps":
                    step(log, 3)
                    log.end_episode(0.5)
                    self.assertEqual([1, 2, 3], self.numbers(log))
                self.assertEqual("completed", self.double.state.episodes[id].status)
                self.assertEqual([], self.refused())


class LeftoverTests(SpoolTestCase):
    def test_next_process_when_it_starts_sends_what_was_left_before_its_own(self) -> None:
        self.leave(f"log = TrajectoryLogger('w'); log.start_episode('left', 'v')\nfor n in (1, 2, 3): {STEP}")
        log = self.logger("w")
        log.start_episode("own", "v", takeover=True)
        step(log, 1)
        self.drained(log)
        left, own = self.double.state.episodes.values()
        self.assertEqual(("left", "superseded", 3), (left.body["task"], left.status, len(left.lines)))
        self.assertEqual(("own", "running", 1), (own.body["task"], own.status, len(own.lines)))
        self.assertEqual([], os.listdir(self.directory))

    def test_next_process_when_the_file_is_torn_or_damaged_sends_all_the_rest(self) -> None:
        self.leave(f"log = TrajectoryLogger('w'); log.start_episode('t', 'v')\nfor n in (1, 2): {STEP}\nlog.end_episode(1.0)")
        (path,) = leftovers(self.directory)
        with open(path, "rb") as file:
            lines = file.read().splitlines(keepends=True)
        with open(path, "wb") as file:
            file.write(b"".join([*lines[:2], b"00000000 {}\n", *lines[2:], lines[1][:20]]))
        log = self.logger("other")
        log.start_episode("t", "v")
        self.drained(log)
        first = next(iter(self.double.state.episodes.values()))
        self.assertEqual(("completed", 2), (first.status, len(first.lines)))
        (entry,) = self.refused()
        self.assertEqual(("damaged", "damaged"), (entry["do"], entry["refused"]["code"]))
        self.assertEqual(b"00000000 {}", base64.b64decode(entry["base64"]))

    def test_file_when_a_living_process_holds_it_is_left_alone(self) -> None:
        held = SpoolFile.create(self.directory)
        held.append([b'{"do":"end","episode_id":"01K","body":{"next_ordinal":0}}'])
        log = self.logger("w")
        log.start_episode("t", "v")
        step(log, 1)
        self.assertEqual([held.path], leftovers(self.directory))
        self.assertEqual([], self.refused())
        held.close()

    @unittest.skipUnless(hasattr(os, "fork"), "this system does not fork")
    def test_child_when_forked_leaves_the_spool_to_the_parent(self) -> None:
        log = self.logger("w", url=AWAY)
        log.start_episode("t", "v")
        step(log, 1)
        before = self.records()
        child = in_child(lambda: (log.episode_id, log.flush()))
        self.assertEqual(b"(None, None)", child)
        self.assertEqual(before, self.records())


class FormatTests(SpoolTestCase):
    def test_frame_when_read_back_gives_the_bytes_that_went_in(self) -> None:
        self.assertEqual(b"352441c2 abc\n", frame(b"abc"))  # CRC-32 of "abc", as in the published tables
        lines = [b'{"a":1.50,"text":"\xc3\xa9 ] } , \\" "}', b"{}", b'{"n":[1e5,-0.0]}']
        self.assertEqual(lines, step_lines(steps_record("01K", None, 3, lines)))

    def test_append_when_the_sync_fails_acknowledges_nothing_more(self) -> None:
        file = SpoolFile.create(self.directory)
        file.append([b'{"do":"end"}'])
        with mock.patch("os.fsync", side_effect=OSError(5, "I/O error")), self.assertRaises(OSError):
            file.append([b'{"do":"end"}'])
        with self.assertRaises(OSError):
            file.append([b'{"do":"end"}'])
        self.assertEqual(1, len(list(file.records(0))))
        file.close()

    def test_append_when_the_disk_is_full_leaves_no_half_record(self) -> None:
        file = SpoolFile.create(self.directory)
        file.append([b'{"do":"end"}'])
        write = os.pwrite
        pieces = iter((lambda fd, data, at: write(fd, data[:5], at), mock.Mock(side_effect=OSError(28, "no space"))))
        with mock.patch("os.pwrite", side_effect=lambda *a: next(pieces)(*a)), self.assertRaises(OSError):
            file.append([b'{"do":"end"}'])
        file.append([b'{"do":"start"}'])
        self.assertEqual(["end", "start"], [record.value["do"] for record in file.records(0) if record.value])
        file.close()


if __name__ == "__main__":
    unittest.main()
