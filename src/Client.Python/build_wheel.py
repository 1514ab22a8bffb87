"""Builds `rollbook-{version}-py3-none-any.whl`, without a build back end and with the standard library alone.

    python3 src/Client.Python/build_wheel.py [--out DIRECTORY]

The same sources give the same bytes on any machine: entries in the order of their names, the dist-info last and RECORD at its end; nothing
compressed, since compressors differ; every time 1980-01-01 00:00:00, every mode 0644 (-rw-r--r--), made by "Unix". RECORD has the SHA-256 of each file
in URL-safe base64 without padding, its size, and itself without either, lines ended by LF. A builder in another language that keeps to this gives the same wheel.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import os
import re
import stat
import sys
import zipfile
from typing import Dict, List, Optional

HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = "rollbook"
_TIME = (1980, 1, 1, 0, 0, 0)

_METADATA = """\
Metadata-Version: 2.1
Name: rollbook
Version: {version}
Summary: The flight recorder of reinforcement-learning rollouts: the Python client
License: MIT
Requires-Python: >=3.9
"""

_WHEEL = """\
Wheel-Version: 1.0
Generator: rollbook
Root-Is-Purelib: true
Tag: py3-none-any
"""


def main(arguments: Optional[List[str]] = None) -> int:
    """The command line; prints the wheel's path."""
    parser = argparse.ArgumentParser(prog="build_wheel.py", description="Builds the wheel of the Python client.")
    parser.add_argument("--out", default=".", metavar="DIRECTORY", help="where the wheel goes (default: here); made if it is missing")
    chosen = parser.parse_args(arguments)
    print(build(chosen.out))
    return 0


def build(out: str, source: str = HERE) -> str:
    """Writes the wheel of the package in `source` into the directory `out`, and gives its path.

    Raises:
        ValueError: version.py has no version.
    """
    files = package_files(source)
    version = _version(files)
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, f"{_PACKAGE}-{version}-py3-none-any.whl")
    content = wheel_bytes(files, version)
    # Whole or not at all: a server may be handing the file out.
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        file.write(content)
    os.replace(temporary, path)
    return path


def package_files(source: str = HERE) -> Dict[str, bytes]:
    """What belongs into the wheel: the sources and `py.typed`, by their names in it."""
    files: Dict[str, bytes] = {}
    root = os.path.join(source, _PACKAGE)
    for directory, folders, names in os.walk(root):
        folders[:] = [folder for folder in folders if folder != "__pycache__"]
        for name in names:
            if name.endswith(".py") or name == "py.typed":
                path = os.path.join(directory, name)
                with open(path, "rb") as file:
                    files[os.path.relpath(path, source).replace(os.sep, "/")] = file.read()
    return files


def wheel_bytes(files: Dict[str, bytes], version: str) -> bytes:
    """The wheel: a zip archive of the files and its dist-info."""
    info = f"{_PACKAGE}-{version}.dist-info"
    entries = {name: files[name] for name in sorted(files)}
    entries[f"{info}/METADATA"] = _METADATA.format(version=version).encode()
    entries[f"{info}/WHEEL"] = _WHEEL.encode()
    entries[f"{info}/top_level.txt"] = f"{_PACKAGE}\n".encode()
    record = f"{info}/RECORD"
    lines = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in entries.items()]
    entries[record] = "".join(f"{line}\n" for line in [*lines, f"{record},,"]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _version(files: Dict[str, bytes]) -> str:
    found = re.search(rb'^__version__ = "([0-9A-Za-z.+!]+)"$', files[f"{_PACKAGE}/version.py"], re.MULTILINE)
    if found is None:
        raise ValueError(f'{_PACKAGE}/version.py has no line __version__ = "…".')
    return found.group(1).decode()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    sys.exit(main())
