"""What stands beside a spool: records that the recorder refused, and the epochs of episodes that were re-opened for the rest."""

from __future__ import annotations

import base64
import os
from typing import Any, Dict, Iterator

from .content import encode_json
from .spool_file import frame, parse_line, sync_directory


def refused_path(path: str) -> str:
    """The file that keeps what is refused of a spool.

    Example:
        >>> from rollbook.spool_beside import refused_path
        >>> refused_path("/var/spool/01K.spool")
        '/var/spool/01K.refused'
    """
    return path[: -len(".spool")] + ".refused"


def refuse(path: str, raw: bytes, reason: Dict[str, Any]) -> None:
    """Keeps a line that the recorder will not take, durably: the record as it was with `"refused": reason` in it, so that it can be
    sent again; of a damaged line its bytes.

    Args:
        path: the spool.
        raw: the line, without its end.

    Example:
        >>> import os, tempfile
        >>> from rollbook.spool_beside import refuse
        >>> from rollbook.spool_file import frame
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     refuse(os.path.join(directory, "01K.spool"), frame(b'{"do":"end"}')[:-1], {"code": "writer_fenced"})
        ...     open(os.path.join(directory, "01K.refused")).read()[9:]
        '{"do":"end","refused":{"code":"writer_fenced"}}\\n'
    """
    if parse_line(raw) is not None:
        text = raw[9:].rstrip()[:-1] + b',"refused":' + encode_json(reason) + b"}"
    else:
        text = encode_json({"do": "damaged", "base64": base64.b64encode(raw).decode("ascii"), "refused": reason})
    _append(refused_path(path), text)


def note_reopened(path: str, episode_id: str, epoch: int) -> None:
    """Keeps the epoch under which a spool's records of an episode go from here on, durably: whoever sends the file anew would be fenced
    under the old one, as if another had taken the episode over.

    Example:
        >>> import os, tempfile
        >>> from rollbook.spool_beside import note_reopened, read_reopened
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     path = os.path.join(directory, "01K.spool")
        ...     note_reopened(path, "01E", 2)
        ...     read_reopened(path)
        {'01E': 2}
    """
    _append(_reopened_path(path), encode_json({"episode_id": episode_id, "writer_epoch": epoch}))


def read_reopened(path: str) -> Dict[str, int]:
    """The epochs that `note_reopened` kept, by episode.

    Example:
        >>> from rollbook.spool_beside import read_reopened
        >>> read_reopened("/nowhere/01K.spool")
        {}
    """
    epochs: Dict[str, int] = {}
    for value in _read(_reopened_path(path)):
        id, epoch = value.get("episode_id"), value.get("writer_epoch")
        if isinstance(id, str) and isinstance(epoch, int):
            epochs[id] = max(epoch, epochs.get(id, 0))
    return epochs


def forget_reopened(path: str) -> None:
    """The spool was sent whole.

    Example:
        >>> from rollbook.spool_beside import forget_reopened
        >>> forget_reopened("/nowhere/01K.spool")
    """
    try:
        os.unlink(_reopened_path(path))
    except OSError:
        pass


def _reopened_path(path: str) -> str:
    return path[: -len(".spool")] + ".reopened"


def _append(path: str, text: bytes) -> None:
    with open(path, "ab") as file:
        file.write(frame(text))
        file.flush()
        os.fsync(file.fileno())
    sync_directory(os.path.dirname(path))


def _read(path: str) -> Iterator[Dict[str, Any]]:
    try:
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        return
    for line in lines[:-1]:
        value = parse_line(line)
        if value is not None:
            yield value
