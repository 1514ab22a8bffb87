"""Many episodes in one request: batches, answers in pieces, heartbeats, the background queue."""

import threading
import unittest
from typing import Any, List
from unittest import mock

from support import ClientTestCase, plain_step, step
from wire_double import DROP_AFTER, DROP_BEFORE, HALF_ANSWER, NOT_OURS

from rollbook import EpisodeEnded, OutboxFull, Refused, TrajectoryLogger, Unavailable, WriterFenced
from rollbook import sender as sender_module
from rollbook.budget import Budget


class BatchTestCase(ClientTestCase):
    def background(self, worker: str, **more: Any) -> TrajectoryLogger:
        return self.logger(worker, background=True, **more)

    def held(self, log: TrajectoryLogger) -> Any:
        """Keeps the sender from sending, so that what is recorded meanwhile goes in one request."""
        return log._recording.sender._lead

    def loggers(self, count: int, **more: Any) -> List[TrajectoryLogger]:
        logs = [self.logger(f"w{i}", background=True, **more) for i in range(count)]
        for log in logs:
            log.start_episode("t", "v", takeover=True)
        return logs

    def flush_all(self, logs: List[TrajectoryLogger]) -> None:
        for log in logs:
            log.flush()


class BatchTests(BatchTestCase):
    def test_steps_of_many_loggers_when_they_wait_go_in_one_request(self) -> None:
        logs = self.loggers(20)
        with self.held(logs[0]):
            for number in (1, 2, 3):
                for log in logs:
                    step(log, number)
        self.flush_all(logs)
        for log in logs:
            self.assertEqual([1, 2, 3], self.numbers(log))
        self.assertEqual(["/v1/steps"], self.double.posts("/steps"))

    def test_steps_when_any_fault_hits_the_batch_are_recorded_once(self) -> None:
        for fault in (DROP_BEFORE, DROP_AFTER, HALF_ANSWER, NOT_OURS, (500, None), (503, 0.25), (429, 0.25), (408, None)):
            with self.subTest(fault=fault):
                logs = self.loggers(5)
                with self.held(logs[0]):
                    for number in (1, 2):
                        for log in logs:
                            step(log, number)
                    self.double.faults = [fault]
                self.flush_all(logs)
                self.assertEqual([], self.double.faults)
                for log in logs:
                    self.assertEqual([1, 2], self.numbers(log))

    def test_batch_when_refused_as_a_whole_is_sent_episode_by_episode(self) -> None:
        logs = self.loggers(3)
        with self.held(logs[0]):
            for log in logs:
                step(log, 1)
            self.double.faults = [(400, None)]
        self.flush_all(logs)
        for log in logs:
            self.assertEqual([1], self.numbers(log))

    def test_batch_when_one_episode_is_refused_fails_no_other_and_flush_names_it(self) -> None:
        logs = self.loggers(3)
        other = self.logger("other")
        other.resume(logs[1].episode_id or "", takeover=True)
        with self.held(logs[0]):
            for log in logs:
                step(log, 1)
        with self.assertRaises(WriterFenced) as raised:
            logs[1].flush()
        self.assertEqual(1, raised.exception.step_number)
        self.flush_all(logs)
        self.assertEqual([[1], [], [1]], [self.numbers(log) for log in logs])
        with self.assertRaisesRegex(WriterFenced, "Step 2 was not recorded"):
            step(logs[1], 2)

    def test_batch_when_one_step_is_bad_records_all_others(self) -> None:
        logs = self.loggers(2)
        with self.held(logs[0]):
            for number in (1, 2, 3, 4):
                step(logs[0], number)
                step(logs[1], number)
            bad = logs[0]._recording.episode._outbox[1]  # type: ignore[union-attr]
            bad.line = bad.line.replace(b'"action_type"', b'"action_kind"')
        with self.assertRaises(Refused) as raised:
            logs[0].flush()
        self.assertEqual((2, "/action_type"), (raised.exception.step_number, raised.exception.pointer))
        self.flush_all(logs)
        self.assertEqual([[1, 3, 4], [1, 2, 3, 4]], [self.numbers(log) for log in logs])

    def test_batch_when_one_episode_is_unavailable_sends_that_one_again(self) -> None:
        logs = self.loggers(3)
        self.double.state.unavailable[logs[2].episode_id or ""] = 2
        with self.held(logs[0]):
            for log in logs:
                step(log, 1)
        self.flush_all(logs)
        self.assertEqual([[1]] * 3, [self.numbers(log) for log in logs])

    def test_batches_when_much_waits_keep_to_the_limits(self) -> None:
        logs = self.loggers(4)
        with mock.patch.object(sender_module, "MAX_EPISODES", 3), mock.patch.object(sender_module, "MAX_STEPS", 7), \
                mock.patch.object(sender_module, "MAX_BYTES", 2000):
            with self.held(logs[0]):
                for number in range(1, 12):
                    for log in logs:
                        step(log, number)
            self.flush_all(logs)
        for log in logs:
            self.assertEqual(list(range(1, 12)), self.numbers(log))
        for (_, target), body in zip(self.double.requests, self.double.bodies):
            if "/steps" in target:
                self.assertLess(len(body), 2500)
                self.assertLessEqual(body.count(b'"action_type"'), 7)

    def test_threads_when_each_has_a_logger_record_every_step_once(self) -> None:
        logs = [self.logger(f"w{i}") for i in range(12)]

        def work(log: TrajectoryLogger) -> None:
            log.start_episode("t", "v")
            for number in range(1, 31):
                step(log, number)
            log.end_episode(1.0)

        threads = [threading.Thread(target=work, args=(log,)) for log in logs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for log in logs:
            self.assertEqual(list(range(1, 31)), self.numbers(log))
        self.assertEqual(0, self.double.state.duplicates)


class BackgroundTests(BatchTestCase):
    def test_record_step_when_the_server_is_away_returns_and_flush_raises(self) -> None:
        log = self.background("w", retry_seconds=1)
        log.start_episode("t", "v")
        with self.held(log):
            step(log, 1)
            self.double.faults = [(503, None)] * 10_000
        with self.assertRaisesRegex(Unavailable, "Step 1"):
            log.flush()
        self.double.faults = []
        log.flush()
        self.assertEqual([1], self.numbers(log))

    def test_end_episode_when_steps_wait_sends_them_first(self) -> None:
        log = self.background("w")
        id = log.start_episode("t", "v")
        for number in range(1, 200):
            step(log, number)
        log.end_episode(0.5)
        self.assertEqual(list(range(1, 200)), self.numbers(log))
        self.assertEqual("completed", self.double.state.episodes[id].status)
        with self.assertRaises(EpisodeEnded):
            step(log, 200)

    def test_record_step_when_the_queue_is_full_waits_and_then_says_so(self) -> None:
        log = self.background("w", retry_seconds=0)
        log.start_episode("t", "v")
        sender = log._recording.sender
        sender.budget = Budget(2, 1 << 20)
        with self.held(log):
            step(log, 1)
            step(log, 2)
            with self.assertRaisesRegex(OutboxFull, "step 3 was not taken"):
                step(log, 3)
        log.flush()
        step(log, 3)
        log.flush()
        self.assertEqual([1, 2, 3], self.numbers(log))

    def test_record_step_when_the_queue_is_full_goes_on_when_there_is_room(self) -> None:
        log = self.background("w")
        log.start_episode("t", "v")
        log._recording.sender.budget = Budget(2, 1 << 20)
        for number in range(1, 50):
            step(log, number)
        log.flush()
        self.assertEqual(list(range(1, 50)), self.numbers(log))

    def test_logger_when_dropped_without_close_still_sends_what_waits(self) -> None:
        log = self.background("w")
        id = log.start_episode("t", "v")
        sender = log._recording.sender
        with sender._lead:
            step(log, 1)
            del log
        (episode,) = sender.waiting() or [None]
        if episode is not None:
            sender.flush(episode, 1.0)
        self.assertEqual(1, len(self.double.steps(id)))


class RaiseTests(BatchTestCase):
    def test_record_step_when_no_server_answers_raises_after_one_round_and_keeps_the_step(self) -> None:
        log = self.logger("w", on_unavailable="raise")
        log.start_episode("t", "v")
        self.double.faults = [(503, None)]
        with self.assertRaises(Unavailable):
            step(log, 1)
        self.assertEqual([], self.clock.sleeps)
        step(log, 2)
        self.assertEqual([1, 2], self.numbers(log))


class HeartbeatTests(BatchTestCase):
    def test_heartbeat_when_an_episode_was_silent_names_it_and_no_other(self) -> None:
        silent, busy, ended = (self.logger(name) for name in ("silent", "busy", "ended"))
        for log in (silent, busy, ended):
            log.start_episode("t", "v")
        ended.end_episode(1.0)
        self.clock.time += 9.9
        step(busy, 1)
        self.clock.time += 0.2
        sender = silent._recording.sender
        self.assertAlmostEqual(9.8, sender.beat(), 3)
        self.assertEqual([silent.episode_id], self.double.state.beats)
        sender.beat()
        self.assertEqual([silent.episode_id], self.double.state.beats, "it is kept alive for another ten seconds")

    def test_heartbeat_when_it_is_lost_goes_again_soon_and_disturbs_nobody(self) -> None:
        log = self.logger("w")
        log.start_episode("t", "v")
        sender = log._recording.sender
        self.clock.time += 10
        self.double.faults = [(503, None)]
        self.assertAlmostEqual(3.0, sender.beat(), 3)
        self.clock.time += 3
        sender.beat()
        self.assertEqual([log.episode_id], self.double.state.beats)

    def test_heartbeat_when_the_episode_is_anothers_stops(self) -> None:
        log, other = self.logger("w"), self.logger("w")
        id = log.start_episode("t", "v")
        sender = log._recording.sender
        other.resume(id, takeover=True)
        other._recording.sender.closed(other._recording.episode)  # type: ignore[arg-type]
        for _ in range(3):
            self.clock.time += 10
            sender.beat()
        self.assertEqual([id], self.double.state.beats)

    def test_thread_when_an_episode_is_silent_sends_heartbeats_by_itself(self) -> None:
        log = self.logger("w")
        log.start_episode("t", "v")
        beaten = threading.Event()
        sender = log._recording.sender
        with mock.patch.object(sender, "beat", side_effect=lambda: beaten.set() or 1.0):
            sender._wake_thread()
            self.assertTrue(beaten.wait(30), "the thread sent no heartbeat within 30 s")


if __name__ == "__main__":
    unittest.main()
