"""Has the recorder keep the large texts that steps name, before these are sent."""

from __future__ import annotations

from typing import List

from .batch import BatchAnswer, Part, Refusal
from .blobs import Line, Uploaded, blobs_of, read_put
from .transport import Transport


class Uploads:
    """What one recorder is known to keep, and how it gets what it does not.

    Args:
        transport: its connections.

    Example:
        >>> from rollbook.retry import Clock
        >>> from rollbook.settings import read_settings
        >>> from rollbook.transport import Transport
        >>> from rollbook.uploads import Uploads
        >>> Uploads(Transport(read_settings(), Clock())).put([], None)     # nothing is named
        False
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._uploaded = Uploaded()

    def put(self, parts: List[Part], answer: BatchAnswer) -> bool:
        """Has the recorder keep the large texts that the steps name, before these are sent.

        Returns:
            Whether one was refused, which its part has been told: the others go in another request.

        Raises:
            NoAnswer: it is not known whether it keeps one.
        """
        refused = False
        for part in parts:
            for blob in [blob for line in part.lines if type(line) is Line for blob in line.blobs]:
                if blob.sha256 in self._uploaded:
                    continue
                put = self._transport.attempt(blob.request, read_put)
                if not put.accepted:
                    answer.close(part, Refusal(put.status, put.problem(), put.retry_after))
                    refused = True
                    break
                self._uploaded.add(blob.sha256)
        return refused

    def lost(self, part: Part) -> bool:
        """Whether the recorder lost large texts that it had, so that they must go again; once for each step."""
        lines = [line for line in part.lines if isinstance(line, Line) and not line.again]
        for line in lines:
            line.again = True
            for blob in blobs_of(line):
                self._uploaded.discard(blob.sha256)
        return bool(lines)
