"""Lost answers, refusals and outages: every step once, in order."""

import socket
import threading
import unittest

from support import ClientTestCase, plain_step, step
from wire_double import CLOSE_IDLE, DROP_AFTER, DROP_BEFORE, HALF_ANSWER, NOT_OURS, WireDouble

from rollbook import (
    EndConflict, EpisodeEnded, NoEpisode, OutboxFull, OutOfStep, Refused, TooLarge, TrajectoryLogger, Unavailable, WriterFenced,
)
from rollbook import episode as episode_module
from unittest import mock

FAULTS = (DROP_BEFORE, DROP_AFTER, HALF_ANSWER, NOT_OURS, (500, None), (502, None), (503, 0.25), (429, 0.25), (408, None))


class OneFaultTests(ClientTestCase):
    def test_episode_when_any_fault_hits_any_request_is_recorded_once(self) -> None:
        for fault in FAULTS:
            for place in range(5):  # start, three steps, end
                with self.subTest(fault=fault, place=place):
                    log = self.logger(f"w{place}")
                    self.double.faults = [None] * place + [fault]
                    log.start_episode("t", "v")
                    for number in (1, 2, 3):
                        step(log, number)
                    log.end_episode(0.5)
                    self.assertEqual([], self.double.faults, "the fault did not come to pass")
                    self.assertEqual([1, 2, 3], self.numbers(log))
                    history = log.get_history_summary()
                    self.assertEqual((0.5, 3), (history[-1]["final_score"], history[-1]["total_steps"]))
        for place in range(5):
            history = self.logger(f"w{place}").get_history_summary()
            self.assertEqual(len(FAULTS), len(history), "a repeated start made a second episode")

    def test_record_step_when_answer_lost_sends_the_same_bytes_at_the_same_ordinal(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        step(log, 1)
        self.double.faults = [DROP_AFTER]
        step(log, 2)
        targets = self.double.posts("/steps")
        self.assertEqual(3, len(targets))
        self.assertEqual(targets[1], targets[2])
        self.assertEqual(self.double.bodies[-2], self.double.bodies[-1])
        self.assertEqual(1, self.double.state.duplicates)

    def test_start_when_answer_lost_repeats_the_idempotency_key(self) -> None:
        log = self.logger()
        self.double.faults = [DROP_AFTER, (503, None)]
        log.start_episode("t", "v")
        log.start_episode("t", "v")
        keys = [headers["idempotency-key"] for headers in self.double.headers]
        self.assertEqual(1, len(set(keys[:3])))
        self.assertEqual(4, len(keys))
        self.assertNotEqual(keys[2], keys[3], "another start is not a repeat")

    def test_request_when_idle_connection_was_closed_reconnects_without_waiting(self) -> None:
        log = self.logger()
        self.double.faults = [CLOSE_IDLE, CLOSE_IDLE]
        log.start_episode("t", "v")
        step(log, 1)
        step(log, 2)
        self.assertEqual([1, 2], self.numbers(log))
        self.assertEqual([], self.clock.sleeps)
        self.assertEqual(3, self.double.connections)

    def test_requests_when_all_is_well_share_a_connection_without_delay(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        for number in range(1, 20):
            step(log, number)
        self.assertEqual(1, self.double.connections)
        connection = log._recording.sender.transport._idle[0][0]
        self.assertNotEqual(0, connection._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def test_wait_when_server_names_one_is_at_least_that(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        self.double.faults = [(429, 7), (503, 3)]
        step(log, 1)
        self.assertEqual([7, 3], self.clock.sleeps)

    def test_read_when_answer_lost_is_repeated(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        step(log, 1)
        self.double.read_faults = [DROP_AFTER, HALF_ANSWER, NOT_OURS, (503, None)]
        self.assertEqual([1], [entry["step"] for entry in log.get_step_timeline()])


class OutageTests(ClientTestCase):
    def outage(self) -> None:
        self.double.faults = [(503, None)] * 10_000

    def test_record_step_when_server_stays_away_raises_after_the_budget(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        self.outage()
        with self.assertRaisesRegex(Unavailable, r"Step 1 .*not known to be stored.*503.*gave up after 120 s") as raised:
            step(log, 1)
        self.assertAlmostEqual(120, sum(self.clock.sleeps))
        self.assertAlmostEqual(120, raised.exception.waited)
        self.assertLessEqual(max(self.clock.sleeps), 5)

    def test_record_step_when_earlier_ones_are_unknown_sends_them_first(self) -> None:
        log = self.logger(retry_seconds=1)
        log.start_episode("t", "v")
        self.double.faults = [DROP_AFTER] + [(503, None)] * 10_000  # the first is stored, its answer lost
        for number in (1, 2, 3):
            with self.assertRaises(Unavailable):
                step(log, number)
        self.double.faults = []
        step(log, 4)
        self.assertEqual([1, 2, 3, 4], self.numbers(log))
        self.assertEqual(1, self.double.state.duplicates)

    def test_end_episode_when_steps_wait_sends_them_first(self) -> None:
        log = self.logger(retry_seconds=1)
        log.start_episode("t", "v")
        self.outage()
        with self.assertRaises(Unavailable):
            step(log, 1)
        self.double.faults = []
        log.end_episode(1.0)
        self.assertEqual(1, log.get_history_summary()[0]["total_steps"])

    def test_start_episode_when_step_and_end_wait_sends_them_first(self) -> None:
        log = self.logger(retry_seconds=1)
        first = log.start_episode("t", "v")
        self.outage()
        with self.assertRaises(Unavailable):
            step(log, 1)
        with self.assertRaises(Unavailable):
            log.end_episode(0.75)
        with self.assertRaises(Unavailable):
            log.end_episode(0.75)  # the same end, not a second one
        self.double.faults = []
        log.start_episode("t", "v")
        self.assertEqual("completed", self.double.state.episodes[first].status)
        self.assertEqual([0.75], [entry["final_score"] for entry in log.get_history_summary()])

    def test_start_episode_when_unavailable_and_called_again_is_one_start(self) -> None:
        log = self.logger(retry_seconds=1)
        self.double.faults = [DROP_AFTER] + [(503, None)] * 10_000
        with self.assertRaises(Unavailable):
            log.start_episode("t", "v")
        self.double.faults = []
        id = log.start_episode("t", "v")
        self.assertEqual([id], list(self.double.state.episodes))

    def test_start_episode_when_refused_and_called_again_is_another_start(self) -> None:
        log = self.logger()
        self.double.faults = [(409, None)]
        with self.assertRaises(Refused):
            log.start_episode("t", "v")
        log.start_episode("t", "v")
        self.assertEqual(2, len({headers["idempotency-key"] for headers in self.double.headers}))

    def test_record_step_when_an_end_waits_raises_episode_ended(self) -> None:
        log = self.logger(retry_seconds=1)
        log.start_episode("t", "v")
        self.outage()
        with self.assertRaises(Unavailable):
            log.end_episode(0.5)
        self.double.faults = []
        with self.assertRaises(EpisodeEnded):
            step(log, 1)
        self.assertEqual([], self.double.posts("/steps"))
        log.flush()
        self.assertEqual([0.5], [entry["final_score"] for entry in log.get_history_summary()])

    def test_calls_when_the_start_failed_do_not_touch_the_old_episode(self) -> None:
        log = self.logger(retry_seconds=1)
        old = log.start_episode("t", "v")
        step(log, 1)
        self.outage()
        with self.assertRaises(Unavailable):
            log.start_episode("t2", "v")
        self.double.faults = []
        with self.assertRaisesRegex(NoEpisode, "did not succeed"):
            step(log, 1)
        with self.assertRaises(NoEpisode):
            log.end_episode(1.0)
        self.assertEqual(1, len(self.double.steps(old)))
        self.assertEqual("running", self.double.state.episodes[old].status)
        log.start_episode("t2", "v")
        step(log, 1)
        self.assertEqual([1], self.numbers(log))

    def test_flush_when_server_is_back_sends_what_waits(self) -> None:
        log = self.logger(retry_seconds=1)
        log.start_episode("t", "v")
        self.outage()
        with self.assertRaises(Unavailable):
            step(log, 1)
        with self.assertRaises(Unavailable):
            log.flush()
        self.double.faults = []
        log.flush()
        self.assertEqual([1], self.numbers(log))

    def test_close_when_a_step_waits_sends_it_or_raises_and_frees_the_slot_in_any_case(self) -> None:
        log = self.logger(None, retry_seconds=1)
        log.start_episode("t", "v")
        worker = log.worker
        self.outage()
        with self.assertRaises(Unavailable):
            step(log, 1)
        with self.assertRaises(Unavailable):
            log.close()
        self.assertEqual(worker, self.logger(None).worker)

    def test_with_when_body_raises_keeps_the_bodys_exception(self) -> None:
        with self.assertWarnsRegex(RuntimeWarning, "Closing the logger: Step 1"), self.assertRaises(KeyError):
            with self.logger(retry_seconds=1) as log:
                log.start_episode("t", "v")
                self.outage()
                try:
                    step(log, 1)
                except Unavailable:
                    raise KeyError("x") from None

    def test_outbox_when_full_takes_no_more(self) -> None:
        log = self.logger(retry_seconds=1)
        log.start_episode("t", "v")
        self.outage()
        with mock.patch.object(episode_module, "OUTBOX_BYTES", 1000):
            with self.assertRaises(Unavailable):
                step(log, 1)
            with self.assertRaises(OutboxFull):
                for number in range(2, 10):
                    try:
                        step(log, number)
                    except Unavailable:
                        taken = number
        self.double.faults = []
        log.flush()
        self.assertEqual(list(range(1, taken + 1)), self.numbers(log))
        self.assertEqual(0, log._recording.episode.bytes)  # type: ignore[union-attr]

    def test_interrupt_when_it_comes_in_mid_request_keeps_the_step(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        with mock.patch("rollbook.wire.Connection.head", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            step(log, 1)
        step(log, 2)
        self.assertEqual([1, 2], self.numbers(log))

    def test_addresses_when_one_is_dead_are_tried_in_turn_and_the_good_one_kept(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
            dead = f"http://127.0.0.1:{unused.getsockname()[1]}"
            log = self.logger(url=f"{dead}, {self.double.url}")
            log.start_episode("t", "v")
            for number in (1, 2, 3):
                step(log, number)
        self.assertEqual([1, 2, 3], self.numbers(log))
        self.assertEqual([], self.clock.sleeps)
        self.assertEqual(1, self.double.connections)

    def test_addresses_when_the_budget_is_nothing_are_tried_once_each(self) -> None:
        with WireDouble() as other:
            log = self.logger(url=f"{other.url},{self.double.url}", retry_seconds=0)
            other.faults = [(503, None)] * 2
            log.start_episode("t", "v")
            self.double.faults = [(503, None)]
            with self.assertRaisesRegex(Unavailable, "2 address"):
                step(log, 1)
            self.assertEqual((2, 2), (len(other.requests), len(self.double.requests)))

    def test_addresses_when_the_first_is_unavailable_go_on_to_the_next(self) -> None:
        with WireDouble() as other:
            log = self.logger(url=f"{other.url},{self.double.url}")
            other.faults = [(503, None)]
            log.start_episode("t", "v")
            step(log, 1)
        self.assertEqual([1], self.numbers(log))


class FinalAnswerTests(ClientTestCase):
    def test_record_step_when_refused_raises_at_once_and_poisons_nothing(self) -> None:
        log = self.logger()
        id = log.start_episode("t", "v")
        step(log, 1)
        for status in (400, 404, 409, 413, 401):
            self.double.faults = [(status, None)]
            with self.assertRaises(Refused) as raised:
                step(log, 99)
            self.assertEqual((status, 99), (raised.exception.status, raised.exception.step_number))
        step(log, 2)
        log.end_episode(1.0)
        self.assertEqual([1, 2], [s["step_number"] for s in self.double.steps(id)])
        self.assertEqual([], self.clock.sleeps)

    def test_record_step_when_an_earlier_one_is_refused_later_says_so_and_records_its_own(self) -> None:
        log = self.logger(retry_seconds=1)
        log.start_episode("t", "v")
        self.double.faults = [(503, None)] * 10_000
        with self.assertRaises(Unavailable):
            step(log, 1)
        self.double.faults = [(400, None)] * 2  # both steps at once, then the first alone
        with self.assertRaisesRegex(Refused, "An earlier call's item.*this call's was.*Step 1") as raised:
            step(log, 2)
        self.assertEqual(1, raised.exception.step_number)
        step(log, 3)
        self.assertEqual([2, 3], self.numbers(log))

    def test_record_step_when_fenced_raises_writer_fenced(self) -> None:
        old, new = self.logger(), self.logger()
        id = old.start_episode("t", "v")
        step(old, 1)
        self.assertEqual("t", new.resume(id, takeover=True)["task"])
        with self.assertRaises(WriterFenced):
            step(old, 2)
        step(new, 2)
        self.assertEqual([1, 2], self.numbers(new))

    def test_record_step_when_superseded_elsewhere_raises_episode_ended(self) -> None:
        old, new = self.logger(), self.logger()
        old.start_episode("t", "v")
        new.start_episode("t", "v", takeover=True)
        with self.assertRaises(EpisodeEnded) as raised:
            step(old, 1)
        self.assertEqual(409, raised.exception.status)

    def test_record_step_when_recorder_holds_another_step_raises_out_of_step(self) -> None:
        log = self.logger()
        id = log.start_episode("t", "v")
        self.double.state.episodes[id].lines.append(b'{"action_type":"other"}')
        with self.assertRaises(OutOfStep) as raised:
            step(log, 1)
        self.assertEqual(0, raised.exception.expected)

    def test_record_step_when_over_the_limit_is_refused_here(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        with self.assertRaisesRegex(TooLarge, "16 MiB"):
            # Each text by itself is too small to be sent by its hash.
            step(log, 1, observation_compact={"x": ["y" * 200_000] * 90})
        step(log, 2)
        self.assertEqual([2], self.numbers(log))

    def test_end_episode_when_repeated_is_idempotent_and_another_score_conflicts(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        log.end_episode(0.5, end_cause="submitted")
        log.end_episode(0.5)
        with self.assertRaises(EndConflict):
            log.end_episode(0.75)
        log.end_episode(0.5)
        self.assertEqual([0.5], [entry["final_score"] for entry in log.get_history_summary()])

    def test_large_body_when_server_answers_and_closes_early_gives_the_answer(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def refuse() -> None:
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 413 X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()

        thread = threading.Thread(target=refuse)
        thread.start()
        log = self.logger(url=f"http://127.0.0.1:{listener.getsockname()[1]}", retry_seconds=0)
        with self.assertRaises(TooLarge):
            log.start_episode("t", "v", metadata={"x": "y" * (8 << 20)})
        thread.join()

    def test_record_step_when_nothing_answers_at_all_times_out(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            log = TrajectoryLogger("w", url, retry_seconds=0, request_timeout=0.05)
            with self.assertRaisesRegex(Unavailable, "time-out"):
                log.start_episode("t", "v")


class StateTests(ClientTestCase):
    def test_record_step_when_nothing_was_started_raises(self) -> None:
        with self.assertRaisesRegex(NoEpisode, "Call start_episode"):
            step(self.logger(), 1)
        self.assertEqual([], self.double.requests)

    def test_record_step_when_ended_raises_without_asking(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        log.end_episode(0.5)
        with self.assertRaises(EpisodeEnded):
            step(log, 1)
        self.assertEqual([], self.double.posts("/steps"))

    def test_end_episode_when_nothing_was_started_does_nothing(self) -> None:
        self.logger().end_episode(0.5)
        self.assertEqual([], self.double.requests)

    def test_record_step_when_called_by_position_takes_the_references_order(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        values = list(plain_step(3).values())
        log.record_step(*values, ["flag"])
        sent = self.double.steps(log.episode_id or "")[0]
        self.assertEqual((3, ["flag"], {"n": 3}), (sent["step_number"], sent["security_flags"], sent["observation_snapshot"]))

    def test_signal_handler_when_it_calls_in_the_middle_of_a_call_raises_instead_of_hanging(self) -> None:
        log = self.logger()
        log.start_episode("t", "v")
        met = []

        def handler(*_: object) -> None:
            for call in (lambda: step(log, 2), lambda: log.end_episode(0.0), log.close):
                try:
                    call()
                except Exception as e:
                    met.append(str(e))

        transport = log._recording.sender.transport
        original = transport.attempt

        def attempt(*args: object, **more: object) -> object:
            handler()
            return original(*args, **more)  # type: ignore[arg-type]

        with mock.patch.object(transport, "attempt", attempt):
            step(log, 1)
        self.assertEqual(3, len(met))
        for message in met:
            self.assertIn("in the middle of a call", message)
        step(log, 2)  # it was not closed either
        self.assertEqual([1, 2], self.numbers(log))

    def test_threads_when_they_share_a_logger_get_consecutive_ordinals(self) -> None:
        log = self.logger()
        id = log.start_episode("t", "v")
        threads = [threading.Thread(target=lambda base=base: [step(log, base + i) for i in range(50)]) for base in (1000, 2000, 3000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        numbers = [s["step_number"] for s in self.double.steps(id)]
        self.assertEqual(150, len(set(numbers)))
        for base in (1000, 2000, 3000):
            mine = [n for n in numbers if base <= n < base + 1000]
            self.assertEqual(sorted(mine), mine)
        self.assertEqual(0, self.double.state.duplicates)


if __name__ == "__main__":
    unittest.main()
