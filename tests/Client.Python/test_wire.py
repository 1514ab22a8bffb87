"""Answers in chunks, however the network cuts them."""

import os
import random
import socket
import threading
import unittest
from typing import List

import support  # noqa: F401 - makes rollbook importable
from rollbook.settings import Server
from rollbook.wire import BadAnswer, Connection

SEEDS = int(os.environ.get("ROLLBOOK_WIRE_SEEDS", "60"))
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class ChunkTests(unittest.TestCase):
    def read(self, pieces: List[bytes]) -> "tuple[List[bytes], Connection]":
        """The lines of an answer that arrives in these pieces, each read before the next is sent."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            connection = Connection(Server("http", "127.0.0.1", server.getsockname()[1], ""), 30.0)
            other, _ = server.accept()
        waits = threading.Semaphore(1)
        fill = connection._fill

        def filled() -> bool:
            waits.release()  # all that came has been read: the next piece may come
            return fill()

        connection._fill = filled  # type: ignore[method-assign]

        def send() -> None:
            with other:
                for piece in pieces:
                    waits.acquire()
                    other.sendall(piece)

        thread = threading.Thread(target=send)
        thread.start()
        self.addCleanup(connection.close)
        self.addCleanup(thread.join)
        self.addCleanup(lambda: [waits.release() for _ in pieces])
        connection.head()
        return [line for lines in connection.lines() for line in lines], connection

    def test_lines_when_cut_anywhere_are_the_same(self) -> None:
        for seed in range(SEEDS):
            with self.subTest(seed=seed):
                draw = random.Random(seed)
                lines = [bytes(draw.choice(b"ab\r0") for _ in range(draw.choice((0, 1, 60, 700)))) for _ in range(draw.randint(1, 80))]
                text = b"".join(line + b"\n" for line in lines)
                body, at = b"", 0
                while at < len(text):
                    size = draw.choice((1, 3, 70, 5000))
                    chunk = text[at : at + size]
                    body += b"%x%b\r\n%b\r\n" % (len(chunk), draw.choice((b"", b";a=b", b" ")), chunk)
                    at += size
                answer = HEAD + body + b"0\r\n" + draw.choice((b"", b"Trailer: x\r\n")) + b"\r\n"
                cuts = sorted(draw.randrange(len(answer)) for _ in range(draw.randint(0, 12)))
                found, connection = self.read([answer[a:b] for a, b in zip([0, *cuts], [*cuts, len(answer)]) if a < b])
                self.assertEqual(lines, found)
                self.assertTrue(connection.reusable)

    def test_lines_when_a_chunk_is_bad_are_given_up_to_there(self) -> None:
        for bad in (b"2\r\nxxx\r\n", b"-1\r\nx\r\n", b"zz\r\nx\r\n", b"\r\n"):
            with self.subTest(bad=bad):
                found: List[bytes] = []
                with socket.create_server(("127.0.0.1", 0)) as server:
                    connection = Connection(Server("http", "127.0.0.1", server.getsockname()[1], ""), 30.0)
                    other, _ = server.accept()
                with other:
                    other.sendall(HEAD + b"2\r\na\n\r\n2\r\nb\n\r\n" + bad)
                    connection.head()
                    with self.assertRaises(BadAnswer):
                        for lines in connection.lines():
                            found += lines
                connection.close()
                self.assertEqual([b"a", b"b"], found)
                self.assertFalse(connection.reusable)


if __name__ == "__main__":
    unittest.main()
