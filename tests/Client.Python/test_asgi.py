"""The context through HTTP: the trainer's header, the server's middleware."""

from __future__ import annotations

import asyncio
import os
import unittest
from typing import Any, Dict, List, Tuple
from unittest import mock

from support import ClientTestCase, step

import rollbook
from rollbook.asgi import MAX_BYTES, ContextMiddleware, baggage, inject, read_headers
from rollbook.context import current

FULL: Dict[str, Any] = {
    "group_id": "org/repo#12, a=b; ü", "policy_version": "100%", "environment": "e", "parent_episode_id": "01K00000000000000000000000",
    "attempt": 2, "seed": -(2**63), "metadata": {"node": "b", "gpu.0": "A 100"},
}


def seen_by(type: str, *values: bytes) -> Any:
    """The context inside an app that gets these baggage headers."""
    seen: List[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(current())

    headers: List[Tuple[bytes, bytes]] = [(b"host", b"a")] + [(b"Baggage", value) for value in values]
    asyncio.run(ContextMiddleware(app)({"type": type, "headers": headers}, None, None))  # type: ignore[arg-type]
    return seen[0]


class BaggageTests(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch.dict(os.environ, {n: v for n, v in os.environ.items() if not n.startswith("ROLLBOOK_")}, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def test_middleware_when_header_is_what_the_trainer_wrote_gives_the_trainers_context(self) -> None:
        with rollbook.context(**FULL):
            header = baggage()
        self.assertTrue(header.isascii() and "\\" not in header and '"' not in header and " " not in header, header)
        for type in ("http", "websocket"):
            self.assertEqual(FULL, seen_by(type, header.encode()))
        self.assertEqual({}, current())

    def test_middleware_when_scope_is_lifespan_reads_nothing(self) -> None:
        self.assertEqual({}, seen_by("lifespan", b"rollbook.seed=1"))

    def test_middleware_when_there_are_several_headers_merges_them(self) -> None:
        self.assertEqual({"seed": 1, "attempt": 0, "group_id": "g"},
                         seen_by("http", b"rollbook.seed=1,x=2", b" rollbook.attempt = 0 ;p=1 , rollbook.group_id=g"))

    def test_middleware_when_entries_are_bad_skips_them_alone(self) -> None:
        for bad in (
            b"", b",,,", b"=", b"rollbook.=1", b"rollbook.seed", b"rollbook.seed=", b"rollbook.seed=1.5", b"rollbook.seed=\xc2\xb2",
            b"rollbook.seed=--1", b"rollbook.seed=9223372036854775808", b"rollbook.seed=" + b"1" * 5000, b"rollbook.attempt=-1",
            b"rollbook.attempt=2147483648", b"rollbook.group_id=", b"rollbook.group_id=%ff", b"rollbook.group_id=a%00b",
            b"rollbook.group_id=a%0Ab", b"rollbook.group_id=" + b"a" * 257, b"rollbook.unknown=1", b"rollbook.takeover=true",
            b"\xff\xfe=1", b"group_id=g", b"rollbook.seed=%F3%A0",
        ):
            with self.subTest(bad[:40]):
                self.assertEqual({"policy_version": "p"}, seen_by("http", bad + b",rollbook.policy_version=p"))

    def test_middleware_when_there_is_more_than_the_standard_allows_stops_reading(self) -> None:
        self.assertEqual({}, seen_by("http", b"rollbook.seed=1," + b"a" * MAX_BYTES))
        self.assertEqual({"attempt": 1}, seen_by("http", b"rollbook.attempt=1", b"rollbook.seed=1," + b"a" * MAX_BYTES))
        self.assertEqual({}, seen_by("http", b"a=1," * 180 + b"rollbook.seed=1"))
        self.assertEqual({"seed": 1}, seen_by("http", b"a=1," * 179 + b"rollbook.seed=1"))

    def test_baggage_when_there_is_too_much_leaves_metadata_out(self) -> None:
        header = baggage({"seed": 1, "metadata": {"a": "é" * 3000, "b": "x", "c": {"no": "text"}, "d e": "no name"}})
        self.assertEqual("rollbook.seed=1,rollbook.metadata.b=x", header)
        many = baggage({"seed": 1, "metadata": {f"k{i}": 1 for i in range(500)}})
        self.assertEqual(180, many.count("="))
        self.assertEqual(1, read_headers([(b"baggage", many.encode())])["seed"])

    def test_baggage_when_a_text_has_a_lone_surrogate_is_written_all_the_same(self) -> None:
        self.assertEqual({"group_id": "a?"}, read_headers([(b"baggage", baggage({"group_id": "a\ud800"}).encode())]))

    def test_inject_when_headers_have_baggage_keeps_that_of_others(self) -> None:
        headers = {"Baggage": "userId=alice,rollbook.seed=1"}
        with rollbook.context(seed=2):
            self.assertEqual({"Baggage": "userId=alice,rollbook.seed=2"}, inject(headers))
        self.assertEqual({"a": "b"}, inject({"a": "b"}))

    def test_middleware_when_requests_interleave_gives_each_its_own(self) -> None:
        async def main() -> List[Any]:
            inside = 0
            both = asyncio.Event()
            seen: Dict[str, Any] = {}

            async def app(scope: Any, receive: Any, send: Any) -> None:
                nonlocal inside
                inside += 1
                if inside == 2:
                    both.set()
                await both.wait()
                seen[scope["path"]] = current()

            middleware = ContextMiddleware(app)
            await asyncio.gather(*(
                middleware({"type": "http", "path": str(n), "headers": [(b"baggage", b"rollbook.seed=%d" % n)]}, None, None)  # type: ignore[arg-type]
                for n in range(2)
            ))
            return [seen["0"], seen["1"]]

        self.assertEqual([{"seed": 0}, {"seed": 1}], asyncio.run(main()))


class StartTests(ClientTestCase):
    """What `start_episode` takes from the context, in the body that it sends."""

    def test_start_when_the_context_has_more_takes_what_was_not_given(self) -> None:
        log = self.logger()
        with rollbook.context(**{**FULL, "parent_episode_id": None}), mock.patch.dict(os.environ, {"ROLLBOOK_ENVIRONMENT": "other"}):
            id = log.start_episode("t", "v", seed=5, metadata={"mine": 1, "node": "c"})
        body = self.double.state.episodes[id].body
        self.assertEqual(("org/repo#12, a=b; ü", 2, 5, "100%", "e"),
                         tuple(body[name] for name in ("group_id", "attempt", "seed", "policy_version", "environment")))
        self.assertEqual({"node": "c", "gpu.0": "A 100", "mine": 1}, body["metadata"])
        step(log, 1)
        log.end_episode()
        self.assertNotIn("seed", self.double.state.episodes[log.start_episode("t", "v")].body)


if __name__ == "__main__":
    unittest.main()
