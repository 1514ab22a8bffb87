"""A silo of one's own, which may be killed."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
from typing import Any, List, Optional, Sequence

_READY = re.compile(r"Rollbook is ready at (http://\S+)")
_READY_SECONDS = 60.0


class Silo:
    """`with Silo(dll, directory) as silo: silo.url`; killed at the end, always."""

    def __init__(self, dll: str, directory: str, port: int = 0, options: Sequence[str] = ()) -> None:
        self._output: List[str] = []
        self._lines: "queue.Queue[Optional[str]]" = queue.Queue()
        self._process = subprocess.Popen(
            ["dotnet", dll, "--urls", f"http://127.0.0.1:{port}", "--data", directory, "--silo-port", "0", "--gateway-port", "0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
            env={**os.environ, "DOTNET_NOLOGO": "1"},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.url = self.wait_for(_READY).rstrip("/.,")
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL, and waits until the process is gone."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> "Silo":
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._output.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, pattern: "re.Pattern[str]") -> str:
        """The first group of the first line to come in which the pattern is found."""
        while True:
            try:
                line = self._lines.get(timeout=_READY_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"The silo never said {pattern.pattern}; it said:\n" + "".join(self._output[-40:]))
            found = pattern.search(line)
            if found:
                return found.group(1)
