"""Default worker names: the lowest free slot of this host, held by an advisory file lock.

The lock, not the file, is the slot: the kernel frees it when the process dies however it dies, so a slot is reused after a crash,
and the episode that crashed is superseded when the slot's next holder starts one. The files stay; unlinking a locked file would let two
holders each lock another file of the same name.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import threading
from typing import Optional, Set

from .errors import ConfigurationError

if os.name == "nt":  # pragma: no cover - exercised on Windows alone
    import msvcrt
else:
    import fcntl

# Far above what one host runs; a bound only so that a broken lock directory can't loop for ever.
_MAX_SLOTS = 65536

# Slots that this process holds, so that its next logger need not open the files of all the others.
_held: Set[str] = set()
# Re-entrant: the garbage collector may release one slot while this thread takes another.
_held_lock = threading.RLock()


class Slot:
    """One default worker name, held until `release`, garbage collection or the end of the process.

    Attributes:
        worker: the name, `{base}.{number}`.

    Example:
        >>> from rollbook.slots import Slot
        >>> first, second = Slot.take("doc-host"), Slot.take("doc-host")
        >>> first.worker, second.worker
        ('doc-host.0', 'doc-host.1')
        >>> first.release(); second.release()
    """

    def __init__(self, worker: str, path: str, descriptor: int) -> None:
        self.worker = worker
        self._path = path
        self._descriptor: Optional[int] = descriptor
        self._pid = os.getpid()

    @staticmethod
    def take(base: str) -> "Slot":
        """The lowest slot of `base` that nobody on this host holds.

        Raises:
            ConfigurationError: the lock directory can't be used.

        Example:
            >>> from rollbook.slots import Slot
            >>> slot = Slot.take("doc-host-2")
            >>> slot.worker
            'doc-host-2.0'
            >>> slot.release()
        """
        directory = lock_directory()
        name = base.replace(":", "%3A")  # not a file name character on Windows
        for number in range(_MAX_SLOTS):
            path = os.path.join(directory, f"{name}.{number}.lock")
            with _held_lock:
                if path in _held:
                    continue
                descriptor = _try_lock(path)
                if descriptor is None:
                    continue
                _held.add(path)
            return Slot(f"{base}.{number}", path, descriptor)
        raise ConfigurationError(f"All {_MAX_SLOTS} slots in {directory} are taken. Pass worker=… instead.")

    def release(self) -> None:
        """Frees the slot for the next logger. Doing it twice does nothing.

        Example:
            >>> from rollbook.slots import Slot
            >>> slot = Slot.take("doc-host-3")
            >>> slot.release()
            >>> slot.release()
        """
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if self._pid == os.getpid():
            # The lock first, the mark after it: between the two nobody else in this process may think the file free.
            os.close(descriptor)
            with _held_lock:
                _held.discard(self._path)
        else:
            # A forked child shares the lock with its parent: closing its copy lets go of nothing; unlocking would.
            os.close(descriptor)

    def __del__(self) -> None:
        try:
            self.release()
        except Exception:  # the interpreter may be half gone; the kernel frees the lock
            pass


def lock_directory() -> str:
    """The directory of the slot locks: `ROLLBOOK_LOCK_DIR`, else one of this user's own under the temporary directory.

    Raises:
        ConfigurationError: it can't be made, or it is not this user's alone.

    Example:
        >>> import os
        >>> from rollbook.slots import lock_directory
        >>> os.path.isdir(lock_directory())
        True
    """
    chosen = os.environ.get("ROLLBOOK_LOCK_DIR")
    cure = "Set ROLLBOOK_LOCK_DIR to a directory of your own, or pass worker=…"
    user = str(os.getuid()) if hasattr(os, "getuid") else ""
    path = chosen or os.path.join(tempfile.gettempdir(), f"rollbook-{user}" if user else "rollbook")
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        # The temporary directory is everyone's: someone else may have put a link or a directory there first.
        info = os.stat(path) if chosen else os.lstat(path)
    except OSError as e:
        raise ConfigurationError(f"The slot directory {path} can't be used: {e}. {cure}") from e
    if not stat.S_ISDIR(info.st_mode):
        raise ConfigurationError(f"The slot directory {path} is not a directory. {cure}")
    if hasattr(os, "getuid") and not chosen:
        if info.st_uid != os.getuid() or info.st_mode & 0o022:
            raise ConfigurationError(f"The slot directory {path} belongs to, or can be written by, someone else. {cure}")
    return path


def _after_fork() -> None:
    """A child holds no slots: what the parent holds it finds locked."""
    global _held_lock
    _held_lock = threading.RLock()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _try_lock(path: str) -> Optional[int]:
    """The descriptor that holds the lock, or None if somebody else holds it."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor: Optional[int] = None
    try:
        descriptor = os.open(path, flags, 0o600)
        if os.name == "nt":  # pragma: no cover
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        if descriptor is not None:
            os.close(descriptor)
            if e.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                return None
        raise ConfigurationError(
            f"The slot file {path} can't be locked: {e}. Set ROLLBOOK_LOCK_DIR to a directory of your own on a local disk, "
            "or pass worker=…"
        ) from e
    return descriptor
