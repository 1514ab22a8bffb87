"""The context that fills what `start_episode` calls leave out."""

import asyncio
import contextvars
import os
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from typing import Any, AsyncIterator, Dict, List
from unittest import mock

import support  # noqa: F401  (finds rollbook)
import rollbook
from rollbook.context import INTEGERS, TEXTS, current, variable


class ContextTests(unittest.TestCase):
    def setUp(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ROLLBOOK_")}
        patch = mock.patch.dict(os.environ, clean, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def test_current_when_nothing_is_set_is_empty(self) -> None:
        self.assertEqual({}, current())
        with rollbook.context():
            self.assertEqual({}, current())

    def test_context_when_nested_merges_and_restores(self) -> None:
        with rollbook.context(group_id="g", seed=1, metadata={"a": 1, "b": 1}):
            with rollbook.context(seed=2, attempt=0, metadata={"b": 2}):
                self.assertEqual({"group_id": "g", "seed": 2, "attempt": 0, "metadata": {"a": 1, "b": 2}}, current())
            self.assertEqual({"group_id": "g", "seed": 1, "metadata": {"a": 1, "b": 1}}, current())
        self.assertEqual({}, current())

    def test_context_when_an_exception_leaves_it_restores(self) -> None:
        with self.assertRaises(KeyError):
            with rollbook.context(group_id="g"):
                raise KeyError
        self.assertEqual({}, current())

    def test_context_when_metadata_is_changed_afterwards_keeps_what_was_given(self) -> None:
        metadata: Dict[str, Any] = {"a": 1}
        with rollbook.context(metadata=metadata):
            metadata["a"] = 2
            current()["metadata"]["a"] = 3
            self.assertEqual({"metadata": {"a": 1}}, current())

    def test_context_when_given_another_name_raises(self) -> None:
        with self.assertRaises(TypeError):
            rollbook.context(group="g")  # type: ignore[call-arg]

    def test_current_when_variables_are_set_reads_each_in_its_kind(self) -> None:
        for name in TEXTS:
            with mock.patch.dict(os.environ, {variable(name): "text"}):
                self.assertEqual({name: "text"}, current())
        for name in INTEGERS:
            with mock.patch.dict(os.environ, {variable(name): "17"}):
                self.assertEqual({name: 17}, current())
        with mock.patch.dict(os.environ, {"ROLLBOOK_METADATA": '{"node": "b"}'}):
            self.assertEqual({"metadata": {"node": "b"}}, current())
        with mock.patch.dict(os.environ, {"ROLLBOOK_GROUP_ID": "", "ROLLBOOK_SEED": " "}):
            self.assertEqual({}, current())

    def test_current_when_context_and_variables_name_a_field_the_context_wins(self) -> None:
        with mock.patch.dict(os.environ, {"ROLLBOOK_SEED": "1", "ROLLBOOK_METADATA": '{"a": 1, "b": 1}'}):
            with rollbook.context(seed=0, metadata={"b": 2}):
                self.assertEqual({"seed": 0, "metadata": {"a": 1, "b": 2}}, current())

    def test_current_when_a_variable_is_of_the_wrong_kind_raises_and_names_it(self) -> None:
        for name, text in (("ROLLBOOK_SEED", "x"), ("ROLLBOOK_ATTEMPT", "1.5"), ("ROLLBOOK_METADATA", "[1]"), ("ROLLBOOK_METADATA", "{")):
            with mock.patch.dict(os.environ, {name: text}):
                with self.assertRaisesRegex(rollbook.ConfigurationError, name):
                    current()

    def test_context_when_tasks_interleave_is_each_tasks_own(self) -> None:
        async def episode(number: int, turn: Any) -> Any:
            with rollbook.context(attempt=number):
                await turn()
                inside = current()["attempt"], (await asyncio.to_thread(current))["attempt"]
                await turn()
            return inside, current()

        async def main() -> List[Any]:
            waiting = 0
            released = asyncio.Event()

            async def turn() -> None:  # each waits until all three are inside
                nonlocal waiting, released
                waiting += 1
                if waiting % 3 == 0:
                    released.set()
                    released = asyncio.Event()
                else:
                    await released.wait()

            with rollbook.context(group_id="g"):
                return await asyncio.gather(*(episode(n, turn) for n in range(3)))

        self.assertEqual([((n, n), {"group_id": "g"}) for n in range(3)], asyncio.run(main()))

    def test_context_when_in_a_thread_starts_without_unless_handed_over(self) -> None:
        with ThreadPoolExecutor(1) as pool, rollbook.context(seed=1):
            handed = contextvars.copy_context()
            self.assertEqual({}, pool.submit(current).result())
            self.assertEqual({"seed": 1}, pool.submit(handed.run, current).result())

    def test_context_when_threads_interleave_is_each_threads_own(self) -> None:
        both = threading.Barrier(2, timeout=30)
        seen: Dict[int, Any] = {}

        def work(number: int) -> None:
            with rollbook.context(attempt=number):
                both.wait()
                seen[number] = current()
                both.wait()

        threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({0: {"attempt": 0}, 1: {"attempt": 1}}, seen)

    def test_context_when_an_async_generator_is_closed_by_another_task_does_not_raise(self) -> None:
        async def steps() -> AsyncIterator[int]:
            with rollbook.context(seed=1):
                yield 1

        async def main() -> Dict[str, Any]:
            generator = steps()
            await asyncio.create_task(generator.__anext__())  # type: ignore[arg-type]
            await generator.aclose()  # type: ignore[attr-defined]
            return current()

        self.assertEqual({}, asyncio.run(main()))


if __name__ == "__main__":
    unittest.main()
