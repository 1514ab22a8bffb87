"""What an event loop is told, and that it is told a little at a time."""

import asyncio
import threading
import unittest
from typing import List

import support  # noqa: F401 - makes rollbook importable
from rollbook.errors import Refused
from rollbook.tasks import TOLD_A_TURN, TaskWaiter, wake
from rollbook.waiters import Woken

WAITERS = 10 * TOLD_A_TURN


class WakeTests(unittest.TestCase):
    def test_wake_when_many_wait_tells_a_few_a_turn_in_order(self) -> None:
        went_on: List[int] = []
        turns: List[int] = []

        async def one(waiter: TaskWaiter, number: int) -> None:
            await waiter.future
            went_on.append(number)

        async def main() -> None:
            loop = asyncio.get_running_loop()
            waiters = [TaskWaiter(0.0, 1.0, loop, self.fail) for _ in range(WAITERS)]
            tasks = [asyncio.ensure_future(one(waiter, number)) for number, waiter in enumerate(waiters)]
            await asyncio.sleep(0)
            for third in (waiters[: WAITERS // 3], waiters[WAITERS // 3 : WAITERS // 2], waiters[WAITERS // 2 :]):
                woken: Woken = {}
                for waiter in third:
                    waiter.settle(None, woken, self.fail)
                wake(woken)
                self.assertEqual({}, woken)
            while len(went_on) < WAITERS:
                before = len(went_on)
                await asyncio.sleep(0)  # a turn of the loop
                turns.append(len(went_on) - before)
            await asyncio.gather(*tasks)

        asyncio.run(main())
        self.assertEqual(list(range(WAITERS)), went_on)
        self.assertEqual(TOLD_A_TURN, max(turns), "a turn told more tasks than it may, or never as many")

    def test_wake_when_threads_race_tells_everyone(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            waiters = [TaskWaiter(0.0, 1.0, loop, self.fail) for _ in range(2000)]

            def tell(some: List[TaskWaiter]) -> None:
                for waiter in some:
                    woken: Woken = {}
                    waiter.settle(None, woken, self.fail)
                    wake(woken)

            threads = [threading.Thread(target=tell, args=(waiters[i::4],)) for i in range(4)]
            for thread in threads:
                thread.start()
            await asyncio.wait_for(asyncio.gather(*(waiter.future for waiter in waiters)), 60)  # all of them were told
            for thread in threads:
                thread.join()

        asyncio.run(main())

    def test_wake_when_the_loop_was_closed_keeps_errors_for_the_next_call(self) -> None:
        unheard: List[Exception] = []
        loop = asyncio.new_event_loop()
        waiters = [TaskWaiter(0.0, 1.0, loop, unheard.append) for _ in range(2)]
        loop.close()
        woken: Woken = {}
        error = Refused("no", code="writer_fenced")
        waiters[0].settle(error, woken, self.fail)
        waiters[1].settle(None, woken, self.fail)
        wake(woken)
        self.assertEqual([error], unheard)


if __name__ == "__main__":
    unittest.main()
