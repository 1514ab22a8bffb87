"""AsyncTrajectoryLogger: durable, in order, cancelled or not, and the event loop never waits."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import unittest
from typing import Any, Dict, List
from unittest import mock

from loop_turns import run_timed
from support import ClientTestCase, plain_step
from wire_double import DROP_AFTER, DROP_BEFORE, HALF_ANSWER

from rollbook import AsyncTrajectoryLogger, EpisodeEnded, FileDiff, NoEpisode, Refused, Unavailable, WriterFenced, large
from rollbook.large import encode_large
from rollbook.lines import encode_line

BLOCKAGE_MS = 20.0
DOUBLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wire_double.py")


class AsyncTests(ClientTestCase):
    def make(self, worker: str = "w", **more: Any) -> AsyncTrajectoryLogger:
        return AsyncTrajectoryLogger(worker, clock=self.clock, **more)

    def test_sessions_when_many_record_at_once_are_complete_and_batched(self) -> None:
        async def session(number: int) -> AsyncTrajectoryLogger:
            log = self.make(f"w{number}")
            await log.start_episode("t", "v")
            for step in range(1, 21):
                await log.record_step(**plain_step(step))
            await log.end_episode(0.5)
            return log

        async def main() -> List[AsyncTrajectoryLogger]:
            return list(await asyncio.gather(*(session(n) for n in range(30))))

        for log in asyncio.run(main()):
            self.assertEqual(list(range(1, 21)), self.numbers(log))  # type: ignore[arg-type]
        self.assertEqual(0, self.double.state.duplicates)
        self.assertLess(len(self.double.posts("/steps")), 400, "600 steps went almost one by one")

    def test_record_step_when_any_fault_hits_is_recorded_once(self) -> None:
        async def main() -> None:
            log = self.make()
            await log.start_episode("t", "v")
            for number, fault in enumerate((DROP_BEFORE, DROP_AFTER, HALF_ANSWER, (503, None), (429, 0.25))):
                self.double.faults = [fault]
                await log.record_step(**plain_step(number))
            self.assertEqual(list(range(5)), self.numbers(log))  # type: ignore[arg-type]

        asyncio.run(main())

    def test_record_step_when_cancelled_is_recorded_once_and_in_order(self) -> None:
        async def main() -> None:
            log = self.make()
            await log.start_episode("t", "v")
            sender = log._recording.sender
            with sender._lead:  # nothing is sent yet
                tasks = [asyncio.ensure_future(log.record_step(**plain_step(n))) for n in (1, 2, 3)]
                await asyncio.sleep(0)
                tasks[1].cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await tasks[1]
            sender._wake_thread()
            await asyncio.gather(tasks[0], tasks[2])
            await log.record_step(**plain_step(4))
            self.assertEqual([1, 2, 3, 4], self.numbers(log))  # type: ignore[arg-type]
            await log.close()

        asyncio.run(main())

    def test_start_episode_when_cancelled_is_one_start_and_the_next_call_waits_for_it(self) -> None:
        async def main() -> None:
            log = self.make()
            task = asyncio.ensure_future(log.start_episode("t", "v"))
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            await log.record_step(**plain_step(1))
            self.assertEqual([1], self.numbers(log))  # type: ignore[arg-type]
            self.assertEqual(1, len(self.double.state.episodes))

        asyncio.run(main())

    def test_record_step_when_the_server_stays_away_raises_and_the_next_call_sends_it_first(self) -> None:
        async def main() -> None:
            log = self.make(retry_seconds=1)
            await log.start_episode("t", "v")
            self.double.faults = [(503, None)] * 10_000
            with self.assertRaisesRegex(Unavailable, "Step 1"):
                await log.record_step(**plain_step(1))
            self.double.faults = []
            await log.record_step(**plain_step(2))
            self.assertEqual([1, 2], self.numbers(log))  # type: ignore[arg-type]

        asyncio.run(main())

    def test_record_step_when_refused_raises(self) -> None:
        async def main() -> None:
            log, other = self.make(), self.make()
            with self.assertRaises(NoEpisode):
                await log.record_step(**plain_step(1))
            id = await log.start_episode("t", "v")
            with self.assertRaises(TypeError):
                await log.record_step(**{**plain_step(1), "reward": "much"})
            await other.resume(id, takeover=True)
            with self.assertRaises(WriterFenced):
                await log.record_step(**plain_step(1))
            await other.end_episode(1.0)
            with self.assertRaises(EpisodeEnded):
                await other.record_step(**plain_step(1))

        asyncio.run(main())

    def test_large_step_when_encoded_beside_the_loop_keeps_its_place(self) -> None:
        async def main() -> None:
            log = self.make()
            await log.start_episode("t", "v")
            seen: Dict[str, Any] = {"rows": [{"n": n, "text": "é" * 20} for n in range(20_000)]}
            calls = [log.record_step(**{**plain_step(1), "observation_compact": seen}), log.record_step(**plain_step(2))]
            await asyncio.gather(*calls)
            with self.assertRaises(TypeError):
                await log.record_step(**{**plain_step(3), "observation_compact": seen, "reward": "much"})
            with self.assertRaises(Refused):
                await log.record_step(**{**plain_step(3), "observation_compact": {"x": ["y" * 200_000] * 90}})
            await log.record_step(**plain_step(3))
            self.assertEqual([1, 2, 3], self.numbers(log))  # type: ignore[arg-type]
            self.assertEqual(seen, self.double.steps(log.episode_id or "")[0]["observation_snapshot"])

        asyncio.run(main())

    def test_large_step_when_cut_in_pieces_is_encoded_as_a_small_one(self) -> None:
        """The same bytes, whatever is large, wherever it lies; pieces as small as one value."""
        rows: List[Any] = [{"n": n, "text": "é\"" * (n % 7), "more": [n, {"deep": [1.5, None, True]}, "x" * 40]} for n in range(60)]
        text = "line\n\u2028\"quoted\" é😀" * 30
        for seen in (
            {"rows": rows}, rows, {str(n): rows[n % 60] for n in range(180)}, [rows, [text], {"t": text, "": {}}, [], ()], text,
            {"one": {"two": {"three": [rows, rows]}}}, [text, 1, text], {"nan": [float("nan")] * 90}, {"key": {1: rows}}, {"lone": "\ud800" + text},
        ):  # fmt: skip
            for nodes, characters in ((60, 400), (2, 30), (2, 1)):
                arguments = (
                    1, "a", None, None, None, 0.0, 0.0, False, text, FileDiff("a", text, text, 1), None, 1.0, seen, None, text, text, text, None,
                    {"k": 1, "logprobs": [0.25] * 90}, 5.0,
                )  # fmt: skip
                with mock.patch.multiple(large, _NODES=nodes, _CHARACTERS=characters, _BREATH_SECONDS=0):
                    encoded = encode_large(arguments)
                self.assertTrue(encode_line(*arguments) == encoded, f"{str(seen)[:60]} {nodes} {characters}")

    def test_large_step_when_odd_is_encoded_as_a_small_one(self) -> None:
        deep: Any = []
        for _ in range(230):
            deep = [deep]
        for seen in ({"x": float("nan")}, {"s": {1}}, {"deep": deep}, {"lone": "\ud800"}, {1: 2, None: 3}, "text", None, [[], {}]):
            arguments = (1, "a", None, None, None, 0.0, 0.0, False, None, None, None, 1.0, seen, None, None, None, None, None, {"k": 1}, 5.0)
            self.assertEqual(encode_line(*arguments), encode_large(arguments))

    def test_loop_when_500_sessions_record_is_never_blocked_for_long(self) -> None:
        rows: Dict[str, Any] = {"rows": [{"n": n} for n in range(50_000)]}
        text = {"text": "é" * 2_000_000}
        reads: List[Any] = []

        async def session(number: int) -> None:
            log = AsyncTrajectoryLogger(f"w{number}", url)
            await log.start_episode("t", "v")
            for step in range(10):
                await log.record_step(**plain_step(step))
            if number % 100 == 0:
                await log.record_step(**{**plain_step(10), "observation_compact": rows})
                await log.record_step(**{**plain_step(11), "observation_compact": text})
                reads.append(await log.get_trajectory())
            await log.end_episode(0.5)

        async def main() -> None:
            await asyncio.gather(*(session(n) for n in range(500)))

        # A recorder in this process would hold the interpreter that the loop needs; and the garbage of a test suite takes the loop's time too.
        gc.collect()
        gc.freeze()
        self.addCleanup(gc.unfreeze)
        with subprocess.Popen([sys.executable, DOUBLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as double:
            assert double.stdout is not None and double.stdin is not None
            url = double.stdout.readline().strip()
            turns = run_timed(main())
            double.stdin.close()
        line = (
            f"asyncio client, 500 sessions: the event loop worked for {turns.busy * 1000:.1f} ms of a turn at most, and stood still for "
            f"{turns.wall * 1000:.1f} ms by the clock of a shared machine (aim: {BLOCKAGE_MS:.0f} ms; {turns.turns:,} turns)"
        )
        print(line)
        if os.environ.get("ROLLBOOK_FIGURES"):
            with open(os.environ["ROLLBOOK_FIGURES"], "a", encoding="utf-8") as figures:
                figures.write(line + "\n")
        self.assertEqual([12] * 5, [len(read["steps"]) for read in reads])
        # Where the machine is shared, the loop also stands still when its processor is another's: that is shown, and judged mildly.
        self.assertLess(turns.busy * 1000, 10 * BLOCKAGE_MS)
        self.assertLess(turns.wall * 1000, 100 * BLOCKAGE_MS)

    def test_loop_when_a_step_is_large_encodes_no_piece_of_it_itself(self) -> None:
        """Whichever field it lies in: on the loop's thread only its place is kept."""
        text, rows = "x" * 500_000, [0] * 50_000
        fields: Dict[str, Any] = {
            "observation_compact": {"rows": rows}, "thought": text, "response": text, "action_content": text, "error": text,
            "extra": {"logprobs": rows}, "file_diff": FileDiff("a", text, text, 1),
        }  # fmt: skip
        on_loop: List[int] = []

        def watched(*arguments: Any) -> bytes:
            on_loop.append(threading.get_ident())
            return encode_line(*arguments)

        async def main() -> None:
            log = self.make()
            await log.start_episode("t", "v")
            with mock.patch("rollbook.async_logger.encode_line", watched), mock.patch("rollbook.large.encode_line", watched):
                for number, (name, value) in enumerate(fields.items()):
                    await log.record_step(**{**plain_step(number), name: value})
            self.assertEqual(list(range(len(fields))), self.numbers(log))  # type: ignore[arg-type]

        asyncio.run(main())
        self.assertEqual(len(fields), len(on_loop))
        self.assertNotIn(threading.get_ident(), on_loop)


if __name__ == "__main__":
    unittest.main()
