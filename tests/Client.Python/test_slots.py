"""Default workers: one slot for each living logger of this host; forks, crashes and squatters."""

import copy
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

from support import SOURCE, ClientTestCase, in_child, step

import rollbook
from rollbook import ConfigurationError, LoggerClosed, NoEpisode, TrajectoryLogger, WorkerBusy
from rollbook.slots import Slot, lock_directory

_HOLDER = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from rollbook import TrajectoryLogger\n"
    "log = TrajectoryLogger(); log.start_episode('t', 'v'); print(log.worker, flush=True)\n"
    "sys.stdin.read()\n"
)


class SlotTests(ClientTestCase):
    def test_worker_when_not_given_is_the_hosts_lowest_free_slot(self) -> None:
        with mock.patch("socket.gethostname", return_value="my host"):
            first, second = self.logger(None), self.logger(None)
            self.assertEqual(("my-host.0", "my-host.1"), (first.worker, second.worker))
            first.close()
            self.assertEqual("my-host.0", self.logger(None).worker)

    def test_worker_when_environment_names_it_has_slots_of_its_own(self) -> None:
        self.logger(None).worker
        with mock.patch.dict(os.environ, {"ROLLBOOK_WORKER": "env:gpu"}):
            self.assertEqual("env:gpu.0", self.logger(None).worker)

    def test_constructor_when_called_opens_nothing(self) -> None:
        for _ in range(20):
            TrajectoryLogger()
        self.assertEqual(([], 0), (os.listdir(self.locks), self.double.connections))

    def test_slot_when_logger_is_dropped_is_free(self) -> None:
        name = TrajectoryLogger().worker
        self.assertEqual(name, TrajectoryLogger().worker)

    def test_slot_when_another_process_holds_it_is_skipped_and_after_kill_is_taken_over(self) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", _HOLDER, SOURCE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdout is not None
            held = holder.stdout.readline().strip()
            other = self.logger(None)
            self.assertNotEqual(held, other.worker)
            holder.send_signal(signal.SIGKILL)
        successor = self.logger(None)
        self.assertEqual(held, successor.worker)
        successor.start_episode("t", "v")  # the crashed writer still counts as live: the slot proves it is not
        self.assertEqual(1, len(successor.get_history_summary()))

    def test_start_when_worker_is_given_does_not_take_over(self) -> None:
        first, second = self.logger("shared"), self.logger("shared")
        first.start_episode("t", "v")
        with self.assertRaisesRegex(WorkerBusy, "own worker.*takeover=True") as raised:
            second.start_episode("t", "v")
        self.assertEqual(30, raised.exception.retry_after)
        self.assertEqual([], self.clock.sleeps)
        step(first, 1)
        second.start_episode("t", "v", takeover=True)

    def test_start_when_the_same_logger_starts_again_supersedes(self) -> None:
        log = self.logger("mine")
        log.start_episode("t", "v")
        step(log, 1)
        log.start_episode("t", "v")
        self.assertEqual([1], [entry["total_steps"] for entry in log.get_history_summary()])

    def test_closed_logger_when_written_raises_and_when_read_reads(self) -> None:
        log = self.logger(None)
        log.start_episode("t", "v")
        step(log, 1)
        log.close()
        log.close()
        with self.assertRaises(LoggerClosed):
            step(log, 2)
        self.assertEqual(1, len(log.get_step_timeline()))
        self.assertIsNone(log._recording._sender)
        self.assertEqual("running", self.double.state.episodes[log.episode_id or ""].status, "closing ends nothing")

    def test_close_when_never_used_takes_no_slot(self) -> None:
        log = self.logger(None)
        log.close()
        with self.assertRaises(LoggerClosed):
            log.get_trajectory()
        self.assertEqual([], os.listdir(self.locks))

    def test_many_slots_when_taken_are_all_different(self) -> None:
        slots = [Slot.take("many") for _ in range(200)]
        self.assertEqual(200, len({slot.worker for slot in slots}))
        for slot in slots:
            slot.release()


class CopyTests(ClientTestCase):
    def test_copy_when_made_has_a_slot_of_its_own_and_no_episode(self) -> None:
        log = self.logger(None)
        log.start_episode("t", "v")
        for other in (copy.deepcopy(log), copy.copy(log), pickle.loads(pickle.dumps(log))):
            with self.subTest(), self.assertRaisesRegex(NoEpisode, "copied from"):
                step(other, 1)
            self.assertNotEqual(log.worker, other.worker)
            other.start_episode("t", "v")
            step(other, 1)
            other.close()
        step(log, 1)
        self.assertEqual([1], self.numbers(log))


class LockDirectoryTests(ClientTestCase):
    def test_directory_when_made_is_this_users_alone(self) -> None:
        with tempfile.TemporaryDirectory() as temporary, mock.patch("tempfile.gettempdir", return_value=temporary):
            os.environ.pop("ROLLBOOK_LOCK_DIR")
            path = lock_directory()
            self.assertEqual(os.path.join(temporary, f"rollbook-{os.getuid()}"), path)
            self.assertEqual(0o700, os.stat(path).st_mode & 0o777)

    def test_directory_when_somebody_else_could_write_or_linked_it_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as temporary, mock.patch("tempfile.gettempdir", return_value=temporary):
            os.environ.pop("ROLLBOOK_LOCK_DIR")
            path = os.path.join(temporary, f"rollbook-{os.getuid()}")
            os.mkdir(path)
            os.chmod(path, 0o777)
            with self.assertRaisesRegex(ConfigurationError, "ROLLBOOK_LOCK_DIR"):
                lock_directory()
            os.rmdir(path)
            os.symlink(self.locks, path)
            with self.assertRaises(ConfigurationError):
                lock_directory()

    def test_lock_file_when_it_is_a_link_is_refused(self) -> None:
        os.symlink("/dev/null", os.path.join(self.locks, "linked.0.lock"))
        with self.assertRaisesRegex(ConfigurationError, "worker="):
            Slot.take("linked")


@unittest.skipUnless(hasattr(os, "fork"), "this system does not fork")
class ForkTests(ClientTestCase):
    def test_child_when_forked_has_its_own_slot_and_no_episode(self) -> None:
        log = self.logger(None)
        log.start_episode("t", "v")
        parents = log.worker
        self.assertIn(b"NoEpisode: Can't record a step: the episode belongs to the process that forked", in_child(lambda: step(log, 1)))
        self.assertIn(b"NoEpisode", in_child(lambda: log.end_episode(1.0)))
        child = in_child(lambda: (log.worker, log.episode_id))
        self.assertEqual(repr((f"{socket.gethostname()}.1", None)).encode(), child)
        step(log, 1)
        log.end_episode(0.5)
        self.assertEqual(parents, log.worker)
        self.assertEqual(0.5, log.get_history_summary()[0]["final_score"])

    def test_child_when_forked_uses_its_own_connection_and_token(self) -> None:
        log = self.logger(None)
        log.start_episode("t", "v")
        step(log, 1)
        before = self.double.connections

        def work() -> list:
            log.start_episode("child", "v")
            step(log, 1)
            log.end_episode(1.0)
            return [entry["task"] for entry in log.get_history_summary()]

        self.assertEqual(b"['child']", in_child(work))
        self.assertEqual(before + 1, self.double.connections, "one for all that it does")
        step(log, 2)
        self.assertEqual(before + 1, self.double.connections, "the parent's connection lives")
        self.assertEqual([1, 2], self.numbers(log))

    def test_child_when_the_parent_frees_its_slot_can_take_it(self) -> None:
        log = self.logger(None)
        worker = log.worker
        # The child asks only after the parent's end of the pipe is closed, which is after the slot was freed.
        reader, writer = os.pipe()
        answer, reply = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(writer)
                os.read(reader, 1)
                os.write(reply, log.worker.encode())
            finally:
                os._exit(0)
        log.close()
        os.close(writer)
        os.close(reply)
        with os.fdopen(answer, "rb") as pipe:
            self.assertEqual(worker, pipe.read().decode())
        os.close(reader)
        os.waitpid(pid, 0)

    def test_child_when_worker_is_given_does_not_write_under_the_parents_name(self) -> None:
        log = self.logger("explicit")
        log.start_episode("t", "v")
        self.assertIn(b"WorkerBusy", in_child(lambda: log.start_episode("t", "v")))

    def test_child_when_forked_drops_what_the_parent_has_not_sent(self) -> None:
        log = self.logger(retry_seconds=1)
        log.start_episode("t", "v")
        self.double.faults = [(503, None)] * 10_000
        with self.assertRaises(rollbook.Unavailable):
            step(log, 1)
        self.double.faults = []
        self.assertEqual(b"None", in_child(log.flush))
        self.assertEqual([], self.numbers(log))
        log.flush()
        self.assertEqual([1], self.numbers(log))

    def test_parents_slot_when_the_parent_dies_is_free_though_its_child_lives(self) -> None:
        code = (
            "import os, sys; sys.path.insert(0, sys.argv[1])\n"
            "from rollbook import TrajectoryLogger\n"
            "log = TrajectoryLogger(); name = log.worker\n"
            "if os.fork():\n    print(name, flush=True); os._exit(0)\n"
            "sys.stdin.read()\n"
        )
        with subprocess.Popen([sys.executable, "-c", code, SOURCE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout is not None and parent.stdin is not None
            name = parent.stdout.readline().strip()
            # The descriptor in the child is closed by the fork handler, which may be a moment behind the parent's line.
            deadline = time.monotonic() + 10
            while (slot := Slot.take(socket.gethostname())).worker != name and time.monotonic() < deadline:
                slot.release()
            self.assertEqual(name, slot.worker, "the slot was not freed within 10 s")
            slot.release()
            parent.stdin.close()

    def test_child_when_forked_while_another_thread_is_in_a_call_does_not_hang(self) -> None:
        log = self.logger(None)
        log.start_episode("t", "v")
        with log._recording._lock:  # as if another thread held them; a child has only this thread
            results = []
            thread = threading.Thread(target=lambda: results.append(in_child(lambda: [log.start_episode("child", "v"), log.get_replay_actions()])))
            thread.start()
            thread.join(30)
        self.assertEqual(1, len(results), "the child did not return within 30 s")
        self.assertRegex(results[0].decode(), r"^\['.{26}', \[\]\]$")


if __name__ == "__main__":
    unittest.main()
